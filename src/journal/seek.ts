// Finds the block of a sequence or of a time, and the blocks of a range, without reading the rest.
//
// The headers are the index: the first block of each segment says where the segment begins, and the
// blocks of one segment are walked header by header (measured: see README). Headers are claims
// until a block's hash was checked, so this file judges nothing: where they stop making sense it
// stops too, and the scan that begins there says what is wrong. Sequences and times only grow.

import { AlphaError } from "../errors.ts";
import type { Disk } from "./disk.ts";
import {
  blockBytes,
  SEGMENT_HEADER_BYTES,
  segmentIndexOf,
  type BlockHeader,
  type HashBytes,
} from "./format.ts";
import { scanBlocks, segmentPaths, type Block, type ScanStart } from "./scan.ts";
import { SegmentReader } from "./segment-reader.ts";

/** The stream to look into. */
export interface SeekPlace {
  disk: Disk;
  folder: string;
  stream: number;
  hash: HashBytes;
}

/** A record by its number, or the newest one at a time (nanoseconds since the epoch). */
export type JournalPoint = { sequence: number } | { tsNanos: bigint };

/** Where a journal begins and ends; sequences of its first and last record. */
export interface JournalRange {
  firstSequence: number;
  lastSequence: number;
  tsFirstNanos: bigint;
  tsLastNanos: bigint;
}

/** The last block that begins at or before the point; undefined when all begin later. */
export function seekBlock({ disk, folder }: SeekPlace, point: JournalPoint): ScanStart | undefined {
  const path = segmentPaths(disk, folder, 0).findLast((one) => {
    const first = firstHeader(disk, one);
    return first !== undefined && beginsBy(first, point);
  });
  if (path === undefined) return undefined;
  const reader = new SegmentReader(disk, path);
  try {
    let found: ScanStart | undefined;
    const segment = segmentIndexOf(path.slice(path.lastIndexOf("/") + 1));
    for (const { header, offset } of claims(reader)) {
      if (!beginsBy(header, point)) break;
      const { index, firstSequence: sequence, prevHash } = header;
      found = { segment, offset, chain: { index, sequence, prevHash } };
    }
    return found;
  } finally {
    reader.close();
  }
}

function firstHeader(disk: Disk, path: string): BlockHeader | undefined {
  const reader = new SegmentReader(disk, path);
  try {
    return reader.claimAt(SEGMENT_HEADER_BYTES)?.header;
  } finally {
    reader.close();
  }
}

function beginsBy(header: BlockHeader, point: JournalPoint): boolean {
  if ("sequence" in point) return header.firstSequence <= point.sequence;
  return header.tsFirstNanos <= point.tsNanos;
}

/** Headers of a segment that continue each other, from its first block on. */
function* claims(reader: SegmentReader): Generator<{ header: BlockHeader; offset: number }, void> {
  let before: BlockHeader | undefined;
  for (let offset = SEGMENT_HEADER_BYTES; ;) {
    const claim = reader.claimAt(offset);
    if (claim === undefined) return;
    const { header, bytes } = claim;
    const next =
      before === undefined ? header.firstSequence : before.firstSequence + before.records;
    if (header.firstSequence !== next) return;
    yield { header, offset };
    before = header;
    offset += bytes;
  }
}

/**
 * Whole blocks that hold records from `fromSequence` to `toSequence`, in order; the first may begin
 * earlier, the last may end later. Throws what the scan throws.
 */
export function* blocksBetween(
  place: SeekPlace,
  fromSequence: number,
  toSequence: number,
): Generator<Block, void> {
  const start = seekBlock(place, { sequence: fromSequence });
  for (const block of scanBlocks({ ...place, start })) {
    const { firstSequence, records } = block.header;
    if (firstSequence > toSequence) return;
    if (firstSequence + records > fromSequence) yield block;
  }
}

/**
 * Whole blocks that hold one record only, of this kind, in order. They are found by the headers: of
 * other blocks nothing else is looked at.
 */
export function* loneBlocks(
  { disk, folder, hash }: SeekPlace,
  kind: number,
): Generator<Block, void> {
  for (const path of segmentPaths(disk, folder, 0)) {
    const reader = new SegmentReader(disk, path);
    try {
      for (const { header, offset } of claims(reader)) {
        const isOne = header.records === 1 && reader.firstKindAt(offset) === kind;
        if (!isOne || reader.blockProblem(offset, hash) !== "") continue;
        const at = reader.at(offset);
        const bytes = reader.buffer.subarray(at, at + blockBytes(reader.view, at));
        yield { header, bytes, path, offset };
      }
    } finally {
      reader.close();
    }
  }
}

/** First and last record of a journal, from its headers; throws JOURNAL_EMPTY. */
export function journalRange(place: SeekPlace): JournalRange {
  const { disk, folder } = place;
  const [firstPath] = segmentPaths(disk, folder, 0);
  const first = firstPath === undefined ? undefined : firstHeader(disk, firstPath);
  const start = seekBlock(place, { sequence: Infinity });
  const last = start === undefined ? undefined : lastOf(place, start);
  if (first === undefined || last === undefined) {
    const what = `the journal in ${folder} has no record yet`;
    throw new AlphaError("JOURNAL_EMPTY", what, "let an engine run first, or name another folder");
  }
  return {
    firstSequence: first.firstSequence,
    lastSequence: last.firstSequence + last.records - 1,
    tsFirstNanos: first.tsFirstNanos,
    tsLastNanos: last.tsLastNanos,
  };
}

/** The last whole block from `start` on; a newest one that is half written does not count. */
function lastOf(place: SeekPlace, start: ScanStart): BlockHeader | undefined {
  let last: BlockHeader | undefined;
  for (const { header } of scanBlocks({ ...place, start })) last = header;
  if (last !== undefined || start.chain.sequence <= 1) return last;
  const before = seekBlock(place, { sequence: start.chain.sequence - 1 });
  return before === undefined ? undefined : lastOf(place, before);
}
