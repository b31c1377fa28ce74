// Reads a stream's segments in order and decides what is whole, what is torn and what is corrupt.
//
// Torn: the first damaged block has nothing intact after it, in its segment or a later one; that is
// what a crash leaves, and the caller may cut it. Corrupt: something intact lies behind the damage,
// or intact blocks do not continue each other; nothing may be applied past it, so it is an error
// with the exact place. The rule errs toward refusing: what was acknowledged is never cut silently.

import { SCHEMA_VERSION } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { Disk } from "./disk.ts";
import {
  blockBytes,
  decodeBlockHeader,
  SEGMENT_HEADER_BYTES,
  segmentIndexOf,
  segmentName,
  type BlockHeader,
  type HashBytes,
  type SegmentHeader,
} from "./format.ts";
import { differ, SegmentReader } from "./segment-reader.ts";

/** Where the next block must continue. */
export interface Chain {
  index: number;
  sequence: number;
  prevHash: bigint;
}

/** A block that is known to be whole, in the middle of a segment: where a scan may begin. */
export interface ScanStart {
  /** First block index of the segment it is in. */
  segment: number;
  /** Its first byte there. */
  offset: number;
  /** Its own index and first sequence, and the hash of the block before. */
  chain: Chain;
}

/** The chain of a journal that has no block. */
export const CHAIN_START: Chain = { index: 0, sequence: 1, prevHash: 0n };

/** An intact block; `bytes` (header and cells) is valid until the next one is asked for. */
export interface Block {
  header: BlockHeader;
  bytes: Uint8Array;
  path: string;
  offset: number;
}

/** What follows the last intact block. */
export interface ScanEnd {
  chain: Chain;
  /** Last segment to keep and the position behind its last block; "" without segments. */
  path: string;
  offset: number;
  /** Bytes written behind that position, here and in `dropped`; 0 at a clean end. */
  tornBytes: number;
  /** Later segments without any intact block. */
  dropped: string[];
}

/** What to scan. */
export interface ScanOptions {
  disk: Disk;
  folder: string;
  stream: number;
  hash: HashBytes;
  /** The block to begin with; the caller has seen that it is there and whole (`blockAt`). */
  start?: ScanStart | undefined;
  /** Told before each segment, for progress. */
  onSegment?: (path: string, bytes: number, header: SegmentHeader | undefined) => void;
}

/** Yields every intact block in order; throws JOURNAL_CORRUPT or JOURNAL_SCHEMA. */
export function* scanBlocks(options: ScanOptions): Generator<Block, ScanEnd> {
  const { disk, folder, hash, start } = options;
  const paths = segmentPaths(disk, folder, start?.segment ?? 0);
  let chain: Chain | undefined;
  const end: ScanEnd = { chain: CHAIN_START, path: "", offset: 0, tornBytes: 0, dropped: [] };
  for (const [at, path] of paths.entries()) {
    const reader = new SegmentReader(disk, path);
    try {
      const header = reader.header(hash);
      options.onSegment?.(path, reader.bytes, header);
      const problem = headerProblem(path, header, options.stream, chain);
      if (problem !== undefined) {
        const first = segmentIndexOf(nameOf(path));
        const isTorn = !reader.hasIntactBlock(0, hash) && !anyIntact(disk, paths, at + 1, hash);
        if (!isTorn) throw corrupt(path, 0, problem);
        // Only what came before it knows where the chain stands, and that is not here.
        if (chain === undefined && first > 0) throw corrupt(path, 0, problem);
        return dropFrom(end, chain ?? CHAIN_START, disk, paths, at);
      }
      const isStart = chain === undefined && start !== undefined;
      chain ??= start === undefined ? chainOf(header as SegmentHeader) : { ...start.chain };
      let from = isStart ? start.offset : SEGMENT_HEADER_BYTES;
      for (;;) {
        const stop = yield* scanSegment(reader, path, chain, from, options);
        end.path = path;
        end.offset = stop.offset;
        end.chain = chain;
        const writtenBytes = reader.writtenBytesFrom(stop.offset);
        if (writtenBytes === 0) break;
        const isMiddle = reader.hasIntactBlock(stop.offset, hash);
        if (!isMiddle && !anyIntact(disk, paths, at + 1, hash)) {
          end.tornBytes = writtenBytes;
          return dropFrom(end, chain, disk, paths, at + 1);
        }
        // A journal that is being written has grown between the two looks.
        if (!reader.isWholeNow(stop.offset, hash)) throw corrupt(path, stop.offset, stop.problem);
        from = stop.offset;
      }
    } finally {
      reader.close();
    }
  }
  return end;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Yields the segment's blocks and moves `chain` along; returns where and why it stopped. */
function* scanSegment(
  reader: SegmentReader,
  path: string,
  chain: Chain,
  from: number,
  { hash, stream }: ScanOptions,
): Generator<Block, { offset: number; problem: string }> {
  let offset = from;
  for (;;) {
    const problem = reader.blockProblem(offset, hash);
    if (problem !== "") return { offset, problem };
    const at = reader.at(offset);
    const header = decodeBlockHeader(reader.view, at);
    const broken = chainProblem(header, stream, chain);
    if (broken !== "") throw corrupt(path, offset, broken);
    const bytes = blockBytes(reader.view, at);
    chain.index += 1;
    chain.sequence += header.records;
    chain.prevHash = header.hash;
    yield { header, bytes: reader.buffer.subarray(at, at + bytes), path, offset };
    offset += bytes;
  }
}

function chainOf(header: SegmentHeader): Chain {
  const { firstBlockIndex, firstSequence, prevHash } = header;
  return { index: firstBlockIndex, sequence: firstSequence, prevHash };
}

function headerProblem(
  path: string,
  header: SegmentHeader | undefined,
  stream: number,
  chain: Chain | undefined,
): string | undefined {
  if (header === undefined) return "segment header: magic or hash is wrong";
  refuseSchema(path, header.schema);
  if (header.stream !== stream) return differ("stream", stream, header.stream);
  const named = segmentIndexOf(nameOf(path));
  if (header.firstBlockIndex !== named) {
    return differ("first block index", named, header.firstBlockIndex);
  }
  if (chain === undefined) return undefined;
  if (header.firstBlockIndex !== chain.index) {
    return differ("first block index", chain.index, header.firstBlockIndex);
  }
  if (header.firstSequence !== chain.sequence) {
    return differ("first sequence", chain.sequence, header.firstSequence);
  }
  if (header.prevHash === chain.prevHash) return undefined;
  return differ("hash of the block before", hex(chain.prevHash), hex(header.prevHash));
}

function chainProblem(header: BlockHeader, stream: number, chain: Chain): string {
  if (header.stream !== stream) return differ("stream", stream, header.stream);
  if (header.index !== chain.index) return differ("block index", chain.index, header.index);
  if (header.firstSequence !== chain.sequence) {
    return differ("first sequence", chain.sequence, header.firstSequence);
  }
  if (header.prevHash === chain.prevHash) return "";
  return differ("hash of the block before", hex(chain.prevHash), hex(header.prevHash));
}

function refuseSchema(path: string, schema: number): void {
  if (schema === SCHEMA_VERSION) return;
  const what = `${path} has schema ${schema}, this engine reads ${SCHEMA_VERSION}`;
  const remedy = "run the engine that wrote it, or point the configuration at another data folder";
  throw new AlphaError("JOURNAL_SCHEMA", what, remedy);
}

function hex(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}

function corrupt(path: string, offset: number, problem: string): AlphaError {
  const what = `${path} at byte ${offset}: ${problem}; intact data lies around it`;
  const remedy =
    "nothing was changed: put back a copy of this file, or, to give up all that follows, move " +
    `the later segments away and run: truncate -s ${offset} ${path}`;
  return new AlphaError("JOURNAL_CORRUPT", what, remedy);
}

/**
 * The block at `start`, whole and where the chain says, or undefined. Its bytes are of a buffer of
 * their own.
 */
export function blockAt(
  { disk, folder, stream, hash }: ScanOptions,
  start: ScanStart,
): BlockHeader | undefined {
  const path = `${folder}/${segmentName(start.segment)}`;
  if (!disk.list(folder).includes(segmentName(start.segment))) return undefined;
  const reader = new SegmentReader(disk, path);
  try {
    const isSegment = headerProblem(path, reader.header(hash), stream, undefined) === undefined;
    if (!isSegment || reader.blockProblem(start.offset, hash) !== "") return undefined;
    const header = decodeBlockHeader(reader.view, reader.at(start.offset));
    return chainProblem(header, stream, start.chain) === "" ? header : undefined;
  } finally {
    reader.close();
  }
}

/** Segments in order, from the one that holds block `fromIndex` on. */
export function segmentPaths(disk: Disk, folder: string, fromIndex: number): string[] {
  const names = disk.list(folder).filter((name) => segmentIndexOf(name) >= 0);
  names.sort();
  let first = 0;
  names.forEach((name, at) => {
    if (segmentIndexOf(name) <= fromIndex) first = at;
  });
  return names.slice(first).map((name) => `${folder}/${name}`);
}

function anyIntact(disk: Disk, paths: string[], from: number, hash: HashBytes): boolean {
  return paths.slice(from).some((path) => {
    const reader = new SegmentReader(disk, path);
    try {
      return reader.hasIntactBlock(0, hash);
    } finally {
      reader.close();
    }
  });
}

function dropFrom(end: ScanEnd, chain: Chain, disk: Disk, paths: string[], at: number): ScanEnd {
  for (const path of paths.slice(at)) {
    const reader = new SegmentReader(disk, path);
    end.tornBytes += reader.writtenBytesFrom(0);
    reader.close();
    end.dropped.push(path);
  }
  end.chain = chain;
  return end;
}
