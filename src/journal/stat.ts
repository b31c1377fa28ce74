// What a journal holds, counted block by block: for `alphapulse journal stat` and `verify`.
//
// Both read without the lock and change nothing, so they also run beside a live engine, where the
// newest block may still be half written and counts as torn.

import {
  Kind,
  REC_KIND,
  REC_FLAGS,
  Flag,
  BLOCK_HEADER_BYTES,
  CELL_BYTES,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { cutsOf } from "./cut.ts";
import { codeOf, type Disk } from "./disk.ts";
import { NODE_DISK } from "./node-disk.ts";
import { streamFolder, type HashBytes, type SegmentHeader } from "./format.ts";
import { scanBlocks, segmentPaths, type Block } from "./scan.ts";

/** What to read. */
export interface StatOptions {
  dir: string;
  stream: number;
  hash: HashBytes;
  disk?: Disk;
  /** Told after each block: bytes done over all segments, and the segment. */
  onProgress?: (doneBytes: number, path: string) => void;
}

/** Plain data: also the shape of `--json`; 64-bit values are decimal text. */
export interface JournalStat {
  dir: string;
  stream: number;
  segments: { path: string; bytes: number; firstBlockIndex: number }[];
  blocks: number;
  records: number;
  /** Counts by name of enum Kind, in the order of first appearance. */
  recordsByKind: Record<string, number>;
  firstSequence: number;
  lastSequence: number;
  tsFirstNanos: string;
  tsLastNanos: string;
  /** Block bytes, without segment headers and unused space. */
  bytes: number;
  bytesPerRecord: number;
  /** Builds that wrote it, in hex, oldest first. */
  builds: string[];
  isChainWhole: boolean;
  /** Bytes behind the last whole block; cut by the next start of an engine. */
  tornBytes: number;
  /** Files beside it that keep what starts have cut (cut.ts). */
  cuts: string[];
  /** Code, place and remedy of the first bad place; "" when there is none. */
  problem: string;
}

/**
 * Reads, hashes and counts everything. Throws JOURNAL_NOT_FOUND when there is no such stream;
 * damage is part of the answer.
 */
export function journalStat(options: StatOptions): JournalStat {
  const stat = emptyStat(options);
  try {
    countAll(stat, options);
  } catch (error) {
    if (!(error instanceof AlphaError)) throw error;
    stat.isChainWhole = false;
    stat.problem = error.line();
  }
  return stat;
}

/** As `journalStat`, but throws JOURNAL_CORRUPT or JOURNAL_SCHEMA at the first bad place. */
export function journalVerify(options: StatOptions): JournalStat {
  const stat = emptyStat(options);
  countAll(stat, options);
  return stat;
}

function emptyStat({ dir, stream, disk = NODE_DISK }: StatOptions): JournalStat {
  const folder = streamFolder(dir, stream);
  if (!existsIn(disk, folder)) {
    const what = `${folder} is no journal: it has no segment file`;
    throw new AlphaError("JOURNAL_NOT_FOUND", what, "name the data folder of an engine");
  }
  return {
    ...{ dir, stream, segments: [], blocks: 0, records: 0, recordsByKind: {} },
    ...{ firstSequence: 0, lastSequence: 0, tsFirstNanos: "0", tsLastNanos: "0" },
    ...{ bytes: 0, bytesPerRecord: 0, builds: [], isChainWhole: true, tornBytes: 0, problem: "" },
    cuts: cutsOf(disk, folder),
  };
}

function existsIn(disk: Disk, folder: string): boolean {
  try {
    return segmentPaths(disk, folder, 0).length > 0;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return false;
    throw error;
  }
}

function countAll(stat: JournalStat, options: StatOptions): void {
  const { dir, stream, hash, disk = NODE_DISK } = options;
  const folder = streamFolder(dir, stream);
  let beforeBytes = 0;
  const onSegment = (path: string, bytes: number, header: SegmentHeader | undefined): void => {
    beforeBytes = stat.segments.reduce((sum, one) => sum + one.bytes, 0);
    stat.segments.push({ path, bytes, firstBlockIndex: header?.firstBlockIndex ?? -1 });
  };
  const counts = new Map<number, number>();
  try {
    const scan = scanBlocks({ disk, folder, stream, hash, onSegment });
    let step = scan.next();
    while (step.done !== true) {
      countBlock(stat, counts, step.value);
      options.onProgress?.(
        beforeBytes + step.value.offset + step.value.bytes.length,
        step.value.path,
      );
      step = scan.next();
    }
    stat.tornBytes = step.value.tornBytes;
  } finally {
    for (const [kind, count] of counts) stat.recordsByKind[Kind[kind] ?? `kind ${kind}`] = count;
    stat.bytesPerRecord = stat.records === 0 ? 0 : stat.bytes / stat.records;
  }
}

function countBlock(
  stat: JournalStat,
  counts: Map<number, number>,
  { header, bytes }: Block,
): void {
  if (stat.blocks === 0) {
    stat.firstSequence = header.firstSequence;
    stat.tsFirstNanos = String(header.tsFirstNanos);
  }
  stat.blocks += 1;
  stat.records += header.records;
  stat.lastSequence = header.firstSequence + header.records - 1;
  stat.tsLastNanos = String(header.tsLastNanos);
  stat.bytes += bytes.length;
  const build = header.build.toString(16).padStart(16, "0");
  if (stat.builds.at(-1) !== build) stat.builds.push(build);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at: number = BLOCK_HEADER_BYTES;
  while (at < bytes.length) {
    const kind = view.getUint16(at + REC_KIND, true);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    at += ((view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask) + 1) * CELL_BYTES;
  }
}

/** The answer for a person: one fact per line, kinds by count. */
export function formatStat(stat: JournalStat): string {
  const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
  const kinds = Object.entries(stat.recordsByKind).sort((a, b) => b[1] - a[1]);
  const width = Math.max(0, ...kinds.map(([name]) => name.length));
  const state = stat.isChainWhole ? "whole" : "BROKEN";
  const torn = stat.tornBytes === 0 ? "" : `, ${whole(stat.tornBytes)} torn bytes behind it`;
  return [
    `journal    ${stat.dir}, stream ${stat.stream}`,
    `segments   ${whole(stat.segments.length)}`,
    ...beginningGone(stat),
    `blocks     ${whole(stat.blocks)}`,
    `records    ${whole(stat.records)}, sequence ${stat.firstSequence} to ${stat.lastSequence}`,
    `time       ${formatNanos(stat.tsFirstNanos)} to ${formatNanos(stat.tsLastNanos)}`,
    `bytes      ${whole(stat.bytes)}, ${stat.bytesPerRecord.toFixed(1)} per record`,
    `builds     ${stat.builds.join(", ") || "none"}`,
    `chain      ${state}${torn}`,
    ...(stat.cuts.length === 0 ? [] : [`cut        kept in ${stat.cuts.join(", ")}`]),
    ...(stat.problem === "" ? [] : [`problem    ${stat.problem}`]),
    ...kinds.map(([name, count]) => `  ${name.padEnd(width)}  ${whole(count).padStart(12)}`),
  ].join("\n");
}

/** A journal that was capped, or a part that was exported, begins later. */
function beginningGone({ segments, firstSequence }: JournalStat): string[] {
  const first = segments[0]?.firstBlockIndex ?? 0;
  if (first <= 0) return [];
  return [`beginning  gone: the first ${first} blocks, up to sequence ${firstSequence - 1}`];
}

/** Engine time, decimal nanoseconds since the epoch, as ISO time with all nine digits. */
export function formatNanos(text: string): string {
  const nanos = BigInt(text);
  const seconds = nanos / 1_000_000_000n;
  const rest = String(nanos % 1_000_000_000n).padStart(9, "0");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}
