// The thread that makes a journal durable; src/journal/sync-loop.ts holds the rules.

import { workerData } from "node:worker_threads";
import { runSyncLoop, type SyncStart } from "../src/journal/sync-loop.ts";

runSyncLoop(workerData as SyncStart);
