// The bytes of a journal on disk: segment header, block header, file names. FORMAT.md is the table.
//
// A block's words are in asm/vocab.ts, because the core writes them; the segment header is written
// here only, so its offsets live here. Sequences and indexes are read as numbers: a journal would
// need 285 years at a million records per second to leave 53 bits.

import {
  BLOCK_BEHAVIOR,
  BLOCK_BUILD,
  BLOCK_CELLS,
  BLOCK_EPOCH,
  BLOCK_FIRST_SEQUENCE,
  BLOCK_HASH,
  BLOCK_HEADER_BYTES,
  BLOCK_INDEX,
  BLOCK_KEY_ID,
  BLOCK_PREV_HASH,
  BLOCK_RECORDS,
  BLOCK_SCHEMA,
  BLOCK_STREAM,
  BLOCK_TS_FIRST,
  BLOCK_TS_LAST,
  CELL_BYTES,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";

/** XXH64 with seed 0; the core's own export, so that there is one implementation. */
export type HashBytes = (bytes: Uint8Array) => bigint;

export const SEGMENT_HEADER_BYTES = 4096;
export const SEGMENT_BYTES_DEFAULT = 256 * 1024 * 1024;
/** Holds the largest block of the core (1 MiB + header) and leaves positions in 32 bits. */
export const SEGMENT_BYTES_MIN = 8192;
export const SEGMENT_BYTES_MAX = 2 ** 31 - 4096;

/** The default when left out; throws JOURNAL_OPTION outside the range. */
export function checkedSegmentBytes(bytes = SEGMENT_BYTES_DEFAULT): number {
  const isFit = Number.isInteger(bytes) && bytes % 64 === 0;
  if (isFit && bytes >= SEGMENT_BYTES_MIN && bytes <= SEGMENT_BYTES_MAX) return bytes;
  const range = `${SEGMENT_BYTES_MIN} to ${SEGMENT_BYTES_MAX}`;
  const what = `segmentBytes ${bytes} is no multiple of 64 from ${range}`;
  throw new AlphaError("JOURNAL_OPTION", what, "use a multiple of 64 in that range");
}

/** Blocks begin on this boundary: both headers and all bodies are multiples of it. */
export const BLOCK_ALIGN = CELL_BYTES;

const SEGMENT_MAGIC_VALUE = 0x534a5041; // "APJS"
const SEGMENT_MAGIC = 0; // u32
const SEGMENT_SCHEMA = 4; // u16
const SEGMENT_HEADER_LENGTH = 6; // u16
const SEGMENT_STREAM = 8; // u32
const SEGMENT_FIRST_BLOCK_INDEX = 16; // u64
const SEGMENT_FIRST_SEQUENCE = 24; // u64
const SEGMENT_PREV_HASH = 32; // u64, of the block before the first
const SEGMENT_CREATED = 40; // i64, nanoseconds since the epoch
const SEGMENT_BUILD = 48; // u64
const SEGMENT_HASH = 56; // u64, XXH64 of the 4096 bytes with this field 0

/** What opens a segment file. */
export interface SegmentHeader {
  schema: number;
  stream: number;
  firstBlockIndex: number;
  firstSequence: number;
  prevHash: bigint;
  createdEpochNanos: bigint;
  build: bigint;
}

/** Header of a block, decoded; times are nanoseconds since the epoch. */
export interface BlockHeader {
  schema: number;
  firstSequence: number;
  records: number;
  cells: number;
  tsFirstNanos: bigint;
  tsLastNanos: bigint;
  prevHash: bigint;
  hash: bigint;
  epoch: bigint;
  behavior: number;
  keyId: number;
  stream: number;
  build: bigint;
  index: number;
}

/** `segment-<first block index, 20 digits>.apj`: names sort as blocks follow each other. */
export function segmentName(firstBlockIndex: number): string {
  return `segment-${String(firstBlockIndex).padStart(20, "0")}.apj`;
}

/** First block index in a segment's file name; -1 for any other file. */
export function segmentIndexOf(name: string): number {
  const found = /^segment-(\d{20})\.apj$/.exec(name);
  return found === null ? -1 : Number(found[1]);
}

/** The folder of one stream (core instance) below the journal's folder. */
export function streamFolder(dir: string, stream: number): string {
  return `${dir}/${stream}`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function safeU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** The 4096 bytes that open a segment, hash included. */
export function encodeSegmentHeader(header: SegmentHeader, hash: HashBytes): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(SEGMENT_MAGIC, SEGMENT_MAGIC_VALUE, true);
  view.setUint16(SEGMENT_SCHEMA, header.schema, true);
  view.setUint16(SEGMENT_HEADER_LENGTH, SEGMENT_HEADER_BYTES, true);
  view.setUint32(SEGMENT_STREAM, header.stream, true);
  view.setBigUint64(SEGMENT_FIRST_BLOCK_INDEX, BigInt(header.firstBlockIndex), true);
  view.setBigUint64(SEGMENT_FIRST_SEQUENCE, BigInt(header.firstSequence), true);
  view.setBigUint64(SEGMENT_PREV_HASH, header.prevHash, true);
  view.setBigInt64(SEGMENT_CREATED, header.createdEpochNanos, true);
  view.setBigUint64(SEGMENT_BUILD, header.build, true);
  view.setBigUint64(SEGMENT_HASH, hash(bytes), true);
  return bytes;
}

/** A segment's header, or undefined when its magic or hash is wrong (bytes are left as found). */
export function decodeSegmentHeader(bytes: Uint8Array, hash: HashBytes): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  const own = bytes.slice(0, SEGMENT_HEADER_BYTES);
  const view = viewOf(own);
  if (view.getUint32(SEGMENT_MAGIC, true) !== SEGMENT_MAGIC_VALUE) return undefined;
  const stored = view.getBigUint64(SEGMENT_HASH, true);
  view.setBigUint64(SEGMENT_HASH, 0n, true);
  if (hash(own) !== stored) return undefined;
  return {
    schema: view.getUint16(SEGMENT_SCHEMA, true),
    stream: view.getUint32(SEGMENT_STREAM, true),
    firstBlockIndex: safeU64(view, SEGMENT_FIRST_BLOCK_INDEX),
    firstSequence: safeU64(view, SEGMENT_FIRST_SEQUENCE),
    prevHash: view.getBigUint64(SEGMENT_PREV_HASH, true),
    createdEpochNanos: view.getBigInt64(SEGMENT_CREATED, true),
    build: view.getBigUint64(SEGMENT_BUILD, true),
  };
}

/** Bytes of the block whose header lies at `at`; only a claim before its hash was checked. */
export function blockBytes(view: DataView, at: number): number {
  return BLOCK_HEADER_BYTES + view.getUint32(at + BLOCK_CELLS, true) * CELL_BYTES;
}

/** Whether the hash in the header at `at` is that of the block. The bytes are as found after it. */
export function isIntact(view: DataView, at: number, bytes: number, hash: HashBytes): boolean {
  const low = view.getUint32(at + BLOCK_HASH, true);
  const high = view.getUint32(at + BLOCK_HASH + 4, true);
  view.setUint32(at + BLOCK_HASH, 0, true);
  view.setUint32(at + BLOCK_HASH + 4, 0, true);
  const actual = hash(new Uint8Array(view.buffer, view.byteOffset + at, bytes));
  view.setUint32(at + BLOCK_HASH, low, true);
  view.setUint32(at + BLOCK_HASH + 4, high, true);
  return actual === (BigInt(high) << 32n) + BigInt(low);
}

/** The header at `at`; check the block's hash before believing it. */
export function decodeBlockHeader(view: DataView, at: number): BlockHeader {
  return {
    schema: view.getUint16(at + BLOCK_SCHEMA, true),
    firstSequence: safeU64(view, at + BLOCK_FIRST_SEQUENCE),
    records: view.getUint32(at + BLOCK_RECORDS, true),
    cells: view.getUint32(at + BLOCK_CELLS, true),
    tsFirstNanos: view.getBigInt64(at + BLOCK_TS_FIRST, true),
    tsLastNanos: view.getBigInt64(at + BLOCK_TS_LAST, true),
    prevHash: view.getBigUint64(at + BLOCK_PREV_HASH, true),
    hash: view.getBigUint64(at + BLOCK_HASH, true),
    epoch: view.getBigUint64(at + BLOCK_EPOCH, true),
    behavior: view.getUint32(at + BLOCK_BEHAVIOR, true),
    keyId: view.getUint32(at + BLOCK_KEY_ID, true),
    stream: view.getUint32(at + BLOCK_STREAM, true),
    build: view.getBigUint64(at + BLOCK_BUILD, true),
    index: safeU64(view, at + BLOCK_INDEX),
  };
}

/**
 * Throws where a sealed block at `at` is not what follows block `index` - 1 and `sequence`, or not
 * what the caller says: a defect, not of the world. Without a bigint, for the hot path.
 */
export function requireNext(
  u8: Uint8Array,
  at: number,
  firstSequence: number,
  records: number,
  index: number,
  sequence: number,
  lastHash: Uint8Array,
): void {
  const found = u64At(u8, at + BLOCK_INDEX);
  const isClaim = u64At(u8, at + BLOCK_FIRST_SEQUENCE) === firstSequence;
  const isNext = found === index && firstSequence === sequence + 1;
  if (!isClaim || !isNext || u32At(u8, at + BLOCK_RECORDS) !== records) {
    const what = `block ${found}, sequence ${firstSequence}, ${records} records`;
    throw new Error(`journal expects block ${index}, sequence ${sequence + 1}, got ${what}`);
  }
  for (let i = 0; i < 8; i += 1) {
    if (u8[at + BLOCK_PREV_HASH + i] === lastHash[i]) continue;
    throw new Error(`block ${found} does not continue the hash chain of this journal`);
  }
}

function u64At(u8: Uint8Array, at: number): number {
  return u32At(u8, at) + u32At(u8, at + 4) * 2 ** 32;
}

function u32At(u8: Uint8Array, at: number): number {
  const low = (u8[at] as number) | ((u8[at + 1] as number) << 8);
  return (low | ((u8[at + 2] as number) << 16) | ((u8[at + 3] as number) << 24)) >>> 0;
}
