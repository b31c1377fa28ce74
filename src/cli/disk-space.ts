// What an operator is told of the journal's disk: as it happens, and when asked.
//
// tidy: tested by test/acceptance/disk-full.test.ts
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { AlphaError } from "../errors.ts";
import type { CapReport } from "../journal/segment-cap.ts";
import { RESERVE_NAME, RESERVE_ROOM } from "../journal/reserve.ts";
import { formatNanos } from "../journal/stat.ts";
import type { Midway } from "../oms/midway.ts";

/** Line of the log when the disk becomes full or has room again. */
export function diskLine({ dataDir, journalReserveBytes }: Config, isFull: boolean): string {
  if (!isFull) return `the disk of ${dataDir} has room again: orders are taken`;
  const room = megabytes(RESERVE_ROOM * journalReserveBytes);
  return (
    `DISK FULL: the disk of ${dataDir} has no room; new orders are refused (DiskFull), ` +
    `cancels and smaller amends go on; free at least ${room} and ` +
    `orders are taken again by themselves`
  );
}

/** Line of the log when a snapshot was not taken: for want of room it is tried again. */
export function snapshotLine(fault: AlphaError): string {
  const isPutOff = fault.code === "SNAPSHOT_NO_ROOM";
  return `${isPutOff ? "a snapshot is put off" : "no more snapshots"}: ${fault.line()}`;
}

/** Line of the log for a market worker's state that does not hold its whole past. */
export function midwayLine({ path, sequence, tsNanos, configured, source }: Midway): string {
  return (
    "ALERT market worker 1 has no snapshot of this build and its first ticks are no longer kept: " +
    `its candles and indicators are built from ${formatNanos(String(tsNanos))} on (sequence ` +
    `${sequence}, ${path}), with ${configured} configuration records of ${source}; what needs ` +
    "more history warms up anew, orders and money are whole"
  );
}

/** Lines of the log for what the cap of a tick journal did: one a file, or one if it could not. */
export function capLines(
  stream: number,
  { removed, bytes, bytesMax, problem }: CapReport,
): string[] {
  const lines = removed.map(
    (one) => `removed ${one.path}, ${megabytes(one.bytes)}: ticks above tickSegmentsMaxBytes`,
  );
  if (problem === "" || lines.length > 0) return lines;
  const above = `${megabytes(bytes)} where tickSegmentsMaxBytes is ${megabytes(bytesMax)}`;
  return [`ticks of stream ${stream} stay at ${above}: ${problem}`];
}

/** Line of the log when a backup failed: it is tried again, and trading goes on. */
export function backupLine(fault: AlphaError): string {
  return `NO BACKUP this time: ${fault.line()}`;
}

/** True when a journal is there whose reserve is not: spent on a full disk, or not made yet. */
export function isReserveSpent({ dataDir, journalReserveBytes }: Config): boolean {
  const folder = join(dataDir, "journal", "0");
  if (journalReserveBytes === 0 || !existsSync(folder)) return false;
  return !existsSync(join(folder, RESERVE_NAME));
}

/** What helps then. */
export function reserveRemedy({ journalReserveBytes }: Config): string {
  const room = megabytes(RESERVE_ROOM * journalReserveBytes);
  return `a start makes it where ${room} are free; without it new orders are refused`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
