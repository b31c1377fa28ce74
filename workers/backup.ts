// Thread of the scheduled backup: copies what the journal has gained, sleeps, again.
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

import type { BackupMessage, BackupWorkerData } from "../src/cli/backup-link.ts";
import { loadBuild } from "../src/core/build.ts";
import { createHasher } from "../src/core/hasher.ts";
import { AlphaError } from "../src/errors.ts";
import { backupJournal } from "../src/journal/backup.ts";
import { NODE_DISK } from "../src/journal/node-disk.ts";

/** Nice value of this thread alone. */
const NICE = 15;

const { from, to, everyMillis } = workerData as BackupWorkerData;
const port = parentPort!;

function post(message: BackupMessage): void {
  port.postMessage(message);
}

function faultOf(error: unknown): { code: string; what: string; remedy: string } {
  if (error instanceof AlphaError) {
    return { code: error.code, what: error.message, remedy: error.remedy };
  }
  const what = error instanceof Error ? error.message : String(error);
  return { code: "BACKUP_FAILED", what, remedy: "orders go on; the next backup tries again" };
}

try {
  // 0 is the calling thread on Linux, the process elsewhere: there it stays as it is.
  if (process.platform === "linux") setPriority(0, NICE);
} catch {
  // Not permitted: it shares the processor like everybody else.
}
const hash = createHasher(loadBuild());
for (;;) {
  const began = performance.now();
  try {
    post({ type: "backup", report: backupJournal({ disk: NODE_DISK, from, to, hash }) });
  } catch (error) {
    post({ type: "fault", fault: faultOf(error) });
  }
  await sleep(Math.max(1000, everyMillis - (performance.now() - began)));
}
