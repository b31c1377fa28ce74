// The state of a core at any point of its journal: the newest snapshot before it, then the records
// up to it, in a memory of its own.
//
// The journal is read without its lock and never written, so a running engine is not disturbed.
//
// tidy: tested by test/src/oms/timeline.test.ts
import { existsSync, readdirSync } from "node:fs";

import {
  BLOCK_HEADER_BYTES,
  BLOCK_RECORDS,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  Role,
} from "../../asm/vocab.ts";
import { Core, hex, type CoreBuild } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import { AlphaError } from "../errors.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import { streamFolder } from "../journal/format.ts";
import { scanBlocks, type Block } from "../journal/scan.ts";
import { blocksBetween, journalRange, seekBlock } from "../journal/seek.ts";
import type { JournalPoint, JournalRange, SeekPlace } from "../journal/seek.ts";
import { formatNanos } from "../journal/stat.ts";
import type { SnapshotFacts } from "../journal/snapshot-file.ts";
import { recordBytes } from "../protocol.ts";
import { decisionsOf, type Decisions } from "./decisions.ts";
import { configuredBefore } from "./midway.ts";
import { Recollection } from "./recollection.ts";
import {
  Configured,
  emptyRecovery,
  noteConfiguration,
  recoverBlock,
  requireFirst,
  type Recovery,
} from "./recovery.ts";
import {
  loadNewest,
  readSnapshot,
  split,
  usableSnapshots,
  type SnapshotPlace,
} from "./snapshot.ts";

/** Which journal, and the core that replays it. */
export interface TimelineOptions {
  /** Folder that holds the streams. */
  dir: string;
  stream: number;
  build: CoreBuild;
}

/** A core that stands behind one record, and what was met on the way. */
export interface StateAt {
  core: Core;
  recovery: Recovery;
  recollection: Recollection;
  /** True when another build wrote a part: what it answered then may differ from this replay. */
  isOtherBuild: boolean;
}

/** How a state is reached, and who hears of it. */
export interface Walk {
  /** Snapshot to begin from: the newest one that serves (default), the oldest, or none. */
  begin?: "newest" | "oldest" | "none";
  /** Stops at every multiple of so many records. */
  every?: number;
  /** Told at each of these stops. */
  onStop?: (core: Core) => void;
  /** Told after each block: the last sequence applied. */
  onBlock?: (sequence: number, block: Block, core: Core) => void;
}

/** Numbers of the streams below a journal folder; throws JOURNAL_NOT_FOUND. */
export function streamsOf(dir: string): number[] {
  const names = existsSync(dir) ? readdirSync(dir) : [];
  const streams = names.filter((name) => /^\d+$/.test(name)).map(Number);
  if (streams.length > 0) return streams.sort((a, b) => a - b);
  const remedy = "name its folder, or start an engine first";
  throw new AlphaError("JOURNAL_NOT_FOUND", `no journal in ${dir}`, remedy);
}

/** Roles of the core that wrote a stream: market workers have streams of their own. */
export function rolesOf(streams: readonly number[], stream: number): Role {
  if (stream > 0) return Role.Market;
  return streams.length > 1 ? Role.Order : Role.Both;
}

/** One stream of a journal, and its states. */
export class Timeline {
  readonly roles: Role;
  readonly stream: number;
  readonly build: CoreBuild;
  readonly range: JournalRange;
  readonly place: SeekPlace & SnapshotPlace;
  /** Read when they are first asked for. */
  private decided: Decisions | undefined;

  /** Reads the ends of the journal; throws JOURNAL_NOT_FOUND, JOURNAL_EMPTY, JOURNAL_CORRUPT. */
  constructor({ dir, stream, build }: TimelineOptions) {
    const streams = streamsOf(dir);
    const folder = streamFolder(dir, stream);
    if (!streams.includes(stream)) {
      const what = `the journal in ${dir} has no stream ${stream}`;
      throw new AlphaError("JOURNAL_NOT_FOUND", what, `it has: ${streams.join(", ")}`);
    }
    this.roles = rolesOf(streams, stream);
    this.stream = stream;
    this.build = build;
    this.place = { disk: NODE_DISK, folder, stream, hash: createHasher(build) };
    this.range = journalRange(this.place);
  }

  /**
   * The sequence of a point: itself, or that of the last record at or before a time; a time behind
   * the end is the end. Throws JOURNAL_POINT for a point the journal does not have.
   */
  sequenceOf(point: JournalPoint | "end"): number {
    const { firstSequence, lastSequence, tsFirstNanos } = this.range;
    if (point === "end") return lastSequence;
    if ("sequence" in point) {
      if (point.sequence >= firstSequence && point.sequence <= lastSequence) return point.sequence;
      throw this.noPoint(`sequence ${point.sequence}`);
    }
    if (point.tsNanos < tsFirstNanos) throw this.noPoint(`engine time ${point.tsNanos} ns`);
    let sequence = firstSequence;
    for (const { header, bytes } of scanBlocks({
      ...this.place,
      start: seekBlock(this.place, point),
    })) {
      if (header.tsFirstNanos > point.tsNanos) break;
      sequence = lastBy(bytes, point.tsNanos);
    }
    return sequence;
  }

  /** Whole blocks that hold records of the range. */
  blocks(fromSequence: number, toSequence: number): Generator<Block, void> {
    return blocksBetween(this.place, fromSequence, toSequence);
  }

  /** As `blocks`, marked for a replay: what a person decided to pass by has Flag.Skipped. */
  *replayBlocks(fromSequence: number, toSequence: number): Generator<Block, void> {
    for (const block of this.blocks(fromSequence, toSequence)) {
      this.decisions.mark(block.bytes);
      yield block;
    }
  }

  private get decisions(): Decisions {
    return (this.decided ??= decisionsOf(this.place));
  }

  /** Configuration the journal holds up to a sequence; reads headers and kinds only. */
  configuredAt(sequence: number): Configured {
    const { build, roles, place } = this;
    const configured = new Configured();
    const { usable } = usableSnapshots(place, { build, roles });
    const early = usable.find(({ facts }) => facts.sequence <= sequence);
    if (early !== undefined) {
      const { config } = readSnapshot(place.disk, early.path, place.hash);
      for (const record of split(config)) configured.note(record);
    }
    let isFirst = early === undefined;
    for (const block of scanBlocks({ ...place, start: early?.facts.last })) {
      if (isFirst && block.header.index > 0) {
        for (const record of configuredBefore(place, block.header)) configured.note(record);
      }
      isFirst = false;
      if (block.header.firstSequence > sequence) break;
      noteConfiguration(upTo(block, sequence), configured);
    }
    return configured;
  }

  /**
   * The state behind the record with this sequence; throws RECOVERY_GAP, RECOVERY_HASH,
   * RECOVERY_POISON.
   */
  stateAt(sequence: number, walk: Walk = {}): StateAt {
    const { build, roles, stream, place } = this;
    const core = Core.create(build, { roles, stream });
    const [recovery, recollection] = [emptyRecovery(), new Recollection()];
    recovery.decisions = this.decisions;
    const state: StateAt = { core, recovery, recollection, isOtherBuild: false };
    const from = this.load(state, sequence, walk.begin ?? "newest");
    const onOutputs = (start: number, end: number): void =>
      recollection.collect(core.u8, core.view, start, end);
    let isFirst = from === undefined;
    for (const block of scanBlocks({ ...place, start: from?.last })) {
      const { index, firstSequence } = block.header;
      if (from !== undefined && index < from.blockIndex) continue;
      if (firstSequence > sequence) break;
      if (isFirst) requireFirst(index, block.path);
      isFirst = false;
      state.isOtherBuild ||= block.header.build !== build.id;
      const every = walk.every ?? Infinity;
      for (const piece of pieces(block, sequence, every)) {
        recoverBlock(core, piece, recovery, onOutputs);
        if (core.sequence % every === 0) walk.onStop?.(core);
      }
      walk.onBlock?.(core.sequence, block, core);
    }
    return state;
  }

  /** Loads a whole snapshot at or before the sequence; undefined when there is none. */
  private load(
    { core, recovery, recollection }: StateAt,
    sequence: number,
    begin: "newest" | "oldest" | "none",
  ): SnapshotFacts | undefined {
    if (begin === "none") return undefined;
    const { build, roles, place } = this;
    const { usable, refused } = usableSnapshots(place, { build, roles });
    recovery.refused.push(...refused);
    const early = usable.filter(({ facts }) => facts.sequence <= sequence);
    if (begin === "oldest") early.reverse();
    const restored = loadNewest(core, early, place, recovery.configured, recovery.refused);
    if (restored === undefined) return undefined;
    recovery.snapshot = { path: restored.path, sequence: restored.facts.sequence };
    for (const record of split(restored.records)) {
      const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
      recollection.collect(record, view, 0, record.length);
    }
    recollection.pasts.load(restored.pasts);
    return restored.facts;
  }

  private noPoint(asked: string): AlphaError {
    const { firstSequence, lastSequence, tsFirstNanos, tsLastNanos } = this.range;
    const ends = `it holds sequence ${firstSequence} to ${lastSequence}`;
    const times = `times ${timeText(tsFirstNanos)} to ${timeText(tsLastNanos)}`;
    const what = `the journal does not hold ${asked}`;
    return new AlphaError("JOURNAL_POINT", what, `${ends}, ${times}`);
  }
}

/** Both state hashes of the roles a core plays; "-" for a role it does not play. */
export function hashesOf(core: Core): { market: string; order: string } {
  const one = (role: Role.Market | Role.Order): string =>
    (core.roles & role) === 0 ? "-" : hex(core.stateHash(role));
  return { market: one(Role.Market), order: one(Role.Order) };
}

/** Sequence of the last record of a block at or before a time. */
function lastBy(bytes: Uint8Array, tsNanos: bigint): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let last = 0;
  for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
    if (view.getBigInt64(at + REC_TS_ENGINE, true) > tsNanos) break;
    last = Number(view.getBigUint64(at + REC_SEQUENCE, true));
  }
  return last;
}

/** The block's bytes as far as the sequence; a copy with fewer records when that is not all. */
export function upTo(block: Block, sequence: number): Uint8Array {
  const [piece] = pieces(block, sequence, Infinity);
  return piece ?? block.bytes.subarray(0, BLOCK_HEADER_BYTES);
}

/**
 * The block as far as the sequence, cut behind every multiple of `every`: itself when it is whole,
 * else copies with fewer records and the same header.
 */
export function* pieces(
  { header, bytes }: Block,
  sequence: number,
  every: number,
): Generator<Uint8Array, void> {
  const end = Math.min(header.firstSequence + header.records - 1, sequence);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at: number = BLOCK_HEADER_BYTES;
  for (let first = header.firstSequence; first <= end;) {
    const last = every === Infinity ? end : Math.min(end, Math.ceil(first / every) * every);
    const from = at;
    for (let one = first; one <= last; one++) at += recordBytes(view, at);
    if (last - first + 1 === header.records) yield bytes;
    else yield withRecords(bytes, from, at, last - first + 1);
    first = last + 1;
  }
}

function withRecords(bytes: Uint8Array, from: number, to: number, records: number): Uint8Array {
  const piece = new Uint8Array(BLOCK_HEADER_BYTES + to - from);
  piece.set(bytes.subarray(0, BLOCK_HEADER_BYTES));
  piece.set(bytes.subarray(from, to), BLOCK_HEADER_BYTES);
  new DataView(piece.buffer).setUint32(BLOCK_RECORDS, records, true);
  return piece;
}

/** Engine time as ISO text with all nine digits. */
export function timeText(tsNanos: bigint): string {
  return formatNanos(String(tsNanos));
}
