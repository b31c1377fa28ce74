// The engine's end of a follower: starts its thread, hears of snapshots, stops it.
//
// tidy: tested by test/src/oms/follower.test.ts
import { Worker } from "node:worker_threads";

import type { Role } from "../../asm/vocab.ts";
import { buildPath } from "../core/paths.ts";
import { AlphaError } from "../errors.ts";
import type { SnapshotReport } from "./follower.ts";

/** What workers/follower.ts is started with. */
export interface FollowerWorkerData {
  /** Folder of the journals. */
  dir: string;
  stream: number;
  roles: Role;
  /** Snapshots kept. */
  keep: number;
  /** Inputs after which the next snapshot is due. */
  everyRecords: number;
  reserveBytes?: number | undefined;
  tickSegmentsMaxBytes?: number | undefined;
}

/** What the thread says. */
export type FollowerMessage =
  | { type: "snapshot"; report: SnapshotReport }
  | { type: "fault"; fault: { code: string; what: string; remedy: string } };

/** One follower's thread. */
export class FollowerLink {
  /** The newest snapshot this thread took. */
  newest: SnapshotReport | undefined;
  private readonly worker: Worker;
  private hasExited = false;

  /** Without a follower the engine is as safe as with it: a fault ends the snapshots only. */
  constructor(
    data: FollowerWorkerData,
    onSnapshot: (report: SnapshotReport) => void,
    onFault: (fault: AlphaError) => void,
  ) {
    this.worker = new Worker(buildPath("workers", "follower.js"), { workerData: data });
    this.worker.on("message", (message: FollowerMessage) => {
      if (message.type === "fault") {
        const { code, what, remedy } = message.fault;
        return onFault(new AlphaError(code, what, remedy));
      }
      this.newest = message.report;
      onSnapshot(message.report);
    });
    this.worker.on("error", (error) => {
      onFault(new AlphaError("SNAPSHOT_FAULT", error.message, "restart to take snapshots again"));
    });
    this.worker.once("exit", () => (this.hasExited = true));
    // It never keeps a process alive that has nothing else to do.
    this.worker.unref();
  }

  /** Ends the thread after what it is doing. */
  async stop(): Promise<void> {
    if (this.hasExited) return;
    this.worker.ref();
    const exited = new Promise<void>((done) => this.worker.once("exit", () => done()));
    this.worker.postMessage("stop");
    await exited;
  }
}
