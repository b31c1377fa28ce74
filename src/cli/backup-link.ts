// The engine's end of the scheduled backup: a thread of its own, so that a slow folder delays
// neither the engine nor its snapshots.
//
// tidy: tested by test/src/cli/backup-link.test.ts
import { Worker } from "node:worker_threads";

import { buildPath } from "../core/paths.ts";
import { AlphaError } from "../errors.ts";
import type { BackupReport } from "../journal/backup.ts";
import type { MetricsRegistry } from "../metrics.ts";

/** What workers/backup.ts is started with. */
export interface BackupWorkerData {
  /** Folder of the journal, and of the backup. */
  from: string;
  to: string;
  everyMillis: number;
}

/** What the thread says. */
export type BackupMessage =
  | { type: "backup"; report: BackupReport }
  | { type: "fault"; fault: { code: string; what: string; remedy: string } };

/** Backups until `stop`; a failed one is told and tried again, and nothing else. */
export class BackupLink {
  /** The newest good backup of this run. */
  newest: BackupReport | undefined;
  failures = 0;
  copiedBytes = 0;
  private goodMillis = performance.now();
  private readonly worker: Worker;

  constructor(
    data: BackupWorkerData,
    onBackup: (report: BackupReport) => void,
    onFault: (fault: AlphaError) => void,
  ) {
    this.worker = new Worker(buildPath("workers", "backup.js"), { workerData: data });
    this.worker.on("message", (message: BackupMessage) => {
      if (message.type === "fault") {
        this.failures += 1;
        const { code, what, remedy } = message.fault;
        return onFault(new AlphaError(code, what, remedy));
      }
      this.newest = message.report;
      this.copiedBytes += message.report.copiedBytes;
      this.goodMillis = performance.now();
      onBackup(message.report);
    });
    this.worker.on("error", (error) => {
      this.failures += 1;
      onFault(new AlphaError("BACKUP_FAULT", error.message, "restart to make backups again"));
    });
    this.worker.unref();
  }

  /** Seconds since the last good backup; before the first, since the start. */
  get ageSeconds(): number {
    return (performance.now() - this.goodMillis) / 1000;
  }

  /** Ends the thread where it is: what it has not finished has no name yet. */
  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}

/** What tells an operator that backups are made. */
export function registerBackupMetrics(metrics: MetricsRegistry, link: BackupLink): void {
  metrics.read(
    "gauge",
    "alphapulse_backups_age_seconds",
    "Time since the last good backup; before the first of a run, since its start.",
    {},
    () => link.ageSeconds,
  );
  metrics.read(
    "gauge",
    "alphapulse_backups_size_bytes",
    "All that the backup folder holds; 0 before the first backup of a run.",
    {},
    () => link.newest?.bytes ?? 0,
  );
  metrics.read(
    "counter",
    "alphapulse_backups_copied_bytes_total",
    "Bytes copied to the backup folder.",
    {},
    () => link.copiedBytes,
  );
  metrics.read(
    "counter",
    "alphapulse_backups_failed_runs_total",
    "Backups that failed.",
    {},
    () => link.failures,
  );
}
