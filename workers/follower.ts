// Thread of one follower: reads the journal behind the engine and takes a snapshot now and then.
//
// It sleeps most of the time and runs below the engine's priority: it may be late, but not in the
// way.
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

import { loadBuild } from "../src/core/build.ts";
import { AlphaError } from "../src/errors.ts";
import { Follower } from "../src/oms/follower.ts";
import type { FollowerMessage, FollowerWorkerData } from "../src/oms/follower-link.ts";

/** Time between looks at the journal when it had nothing new. */
const LOOK_MILLIS = 250;
/** Blocks between two chances to be stopped. */
const BLOCKS_PER_STEP = 256;
/** Time until a snapshot is tried again that found no room. */
const RETRY_MILLIS = 60_000;
/** Nice value of this thread alone. */
const NICE = 10;

const data = workerData as FollowerWorkerData;
const port = parentPort!;
let isRunning = true;
let notBeforeMillis = 0;

function post(message: FollowerMessage): void {
  port.postMessage(message);
}

function yieldToProcessor(): void {
  try {
    // 0 is the calling thread on Linux, the process elsewhere: there it stays as it is.
    if (process.platform === "linux") setPriority(0, NICE);
  } catch {
    // Not permitted: it shares the processor like everybody else.
  }
}

/** Without room there is none this time: what a full disk needs least is another file. */
function takeSnapshot(follower: Follower): void {
  try {
    const report = follower.snapshot();
    if (report !== undefined) post({ type: "snapshot", report });
  } catch (error) {
    if (!(error instanceof AlphaError && error.code === "SNAPSHOT_NO_ROOM")) throw error;
    notBeforeMillis = performance.now() + RETRY_MILLIS;
    post({ type: "fault", fault: faultOf(error) });
  }
}

function faultOf(error: unknown): { code: string; what: string; remedy: string } {
  const isOurs = error instanceof AlphaError;
  const what = error instanceof Error ? error.message : String(error);
  const remedy = isOurs ? error.remedy : "orders go on; the next start replays more of the journal";
  return { code: isOurs ? error.code : "SNAPSHOT_FAULT", what, remedy };
}

async function main(): Promise<void> {
  yieldToProcessor();
  const follower = new Follower({ build: loadBuild(), ...data });
  port.on("message", () => (isRunning = false));
  while (isRunning) {
    const blocks = follower.step(BLOCKS_PER_STEP);
    const isDue = follower.recordsSince >= data.everyRecords;
    if (isDue && performance.now() >= notBeforeMillis) takeSnapshot(follower);
    await sleep(blocks > 0 ? 0 : LOOK_MILLIS);
  }
  follower.close();
  port.close();
}

main().catch((error: unknown) => {
  post({ type: "fault", fault: faultOf(error) });
  port.close();
});
