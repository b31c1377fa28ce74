// The bytes of an incident file: a header, then chunks that are chained by hash. FORMAT.md is the
// table.
//
// A chunk carries bytes of one named file at an offset, so a segment of a gigabyte of which ten
// kilobytes are wanted costs ten kilobytes and still has its blocks where a snapshot says they are.
// The first file is core.wasm: its own XXH64 checks the chain, so a reader brings nothing along.
//
// tidy: tested by test/src/incident/format.test.ts
import { AlphaError } from "../errors.ts";
import type { HashBytes } from "../journal/format.ts";

export const INCIDENT_FORMAT = 1;
export const INCIDENT_HEADER_BYTES = 64;
export const INCIDENT_CHUNK_HEADER_BYTES = 128;
/** Content of one chunk at most; stored it may be a little more. */
export const INCIDENT_CHUNK_BYTES_MAX = 1 << 20;
const STORED_BYTES_MAX = INCIDENT_CHUNK_BYTES_MAX + 4096;
/** Content of all chunks a reader takes: a page holds it in memory. */
export const INCIDENT_BYTES_MAX = 1 << 30;
/** Characters of a name. */
export const INCIDENT_NAME_MAX = 64;
/** The file that must come first. */
export const CORE_NAME = "core.wasm";

const HEADER_MAGIC_VALUE = 0x4e495041; // "APIN"
const CHUNK_MAGIC_VALUE = 0x43495041; // "APIC"

// Header.
const H_MAGIC = 0; // u32
const H_FORMAT = 4; // u16
const H_LENGTH = 6; // u16
const H_CREATED = 16; // i64, nanoseconds since the epoch
const H_HASH = 56; // u64

// Chunk.
const C_MAGIC = 0; // u32
const C_STORED_BYTES = 4; // u32
const C_PREV_HASH = 8; // u64
const C_HASH = 16; // u64
const C_INDEX = 24; // u64
const C_OFFSET = 32; // u64
const C_CONTENT_BYTES = 40; // u32
const C_FLAGS = 44; // u32
const C_NAME = 48; // 64 bytes

const F_DEFLATED = 1;
const F_LAST = 2;

/** What the header of a chunk says. */
export interface ChunkHead {
  name: string;
  offset: number;
  contentBytes: number;
  storedBytes: number;
  index: number;
  isDeflated: boolean;
  /** Nothing follows; it has no content. */
  isLast: boolean;
}

/** Where bytes of an incident file go. */
export interface IncidentSink {
  write(bytes: Uint8Array): void;
  hash: HashBytes;
  /** zlib's format. */
  deflate(bytes: Uint8Array): Uint8Array;
}

/** Writes an incident file from its first byte to its last. */
export class IncidentWriter {
  /** Bytes of the file, and of all content before it was packed. */
  bytes = 0;
  contentBytes = 0;
  readonly #sink: IncidentSink;
  readonly #contentBytesMax: number;
  #index = 0;
  #prevHash: bigint;

  constructor(sink: IncidentSink, createdEpochNanos: bigint, contentBytesMax: number) {
    this.#sink = sink;
    this.#contentBytesMax = Math.min(contentBytesMax, INCIDENT_BYTES_MAX);
    const header = new Uint8Array(INCIDENT_HEADER_BYTES);
    const view = viewOf(header);
    view.setUint32(H_MAGIC, HEADER_MAGIC_VALUE, true);
    view.setUint16(H_FORMAT, INCIDENT_FORMAT, true);
    view.setUint16(H_LENGTH, INCIDENT_HEADER_BYTES, true);
    view.setBigInt64(H_CREATED, createdEpochNanos, true);
    this.#prevHash = sink.hash(header);
    view.setBigUint64(H_HASH, this.#prevHash, true);
    this.#write(header);
  }

  /** Puts bytes at an offset of a named file; throws INCIDENT_OVERSIZE. */
  add(name: string, offset: number, content: Uint8Array): void {
    this.contentBytes += content.length;
    if (this.contentBytes > this.#contentBytesMax) {
      const most = Math.floor(this.#contentBytesMax / 1e6);
      throw new AlphaError(
        "INCIDENT_OVERSIZE",
        `the incident has more than ${most} MB of content (${name} goes on)`,
        "ask for less (--seconds or --records), allow more (--max-mb, at most 1073), or take " +
          "snapshots more often (snapshotRecords), so that less journal leads up to the range",
      );
    }
    for (let at = 0; at < content.length; at += INCIDENT_CHUNK_BYTES_MAX) {
      const piece = content.subarray(at, at + INCIDENT_CHUNK_BYTES_MAX);
      const packed = this.#sink.deflate(piece);
      const isDeflated = packed.length < piece.length;
      const flags = isDeflated ? F_DEFLATED : 0;
      this.#chunk(name, offset + at, piece.length, isDeflated ? packed : piece, flags);
    }
  }

  /** A text as a file. */
  addText(name: string, text: string): void {
    this.add(name, 0, new TextEncoder().encode(text));
  }

  /** Writes the chunk that says that nothing follows. */
  end(): void {
    this.#chunk("", 0, 0, new Uint8Array(0), F_LAST);
  }

  #chunk(name: string, offset: number, bytes: number, stored: Uint8Array, flags: number): void {
    const chunk = new Uint8Array(INCIDENT_CHUNK_HEADER_BYTES + stored.length);
    const view = viewOf(chunk);
    view.setUint32(C_MAGIC, CHUNK_MAGIC_VALUE, true);
    view.setUint32(C_STORED_BYTES, stored.length, true);
    view.setBigUint64(C_PREV_HASH, this.#prevHash, true);
    view.setBigUint64(C_INDEX, BigInt(this.#index), true);
    view.setBigUint64(C_OFFSET, BigInt(offset), true);
    view.setUint32(C_CONTENT_BYTES, bytes, true);
    view.setUint32(C_FLAGS, flags, true);
    chunk.set(new TextEncoder().encode(name).subarray(0, INCIDENT_NAME_MAX), C_NAME);
    chunk.set(stored, INCIDENT_CHUNK_HEADER_BYTES);
    this.#prevHash = this.#sink.hash(chunk);
    view.setBigUint64(C_HASH, this.#prevHash, true);
    this.#index += 1;
    this.#write(chunk);
  }

  #write(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#sink.write(bytes);
  }
}

/** Throws INCIDENT_FORMAT when these are not the first 64 bytes of an incident file. */
export function checkHeader(header: Uint8Array): void {
  const isShort = header.length < INCIDENT_HEADER_BYTES;
  if (isShort || viewOf(header).getUint32(H_MAGIC, true) !== HEADER_MAGIC_VALUE) {
    throw new AlphaError(
      "INCIDENT_FORMAT",
      "this is no incident file: it does not begin with APIN",
      "give a file that `alphapulse incident export` wrote",
    );
  }
  const format = viewOf(header).getUint16(H_FORMAT, true);
  if (format === INCIDENT_FORMAT) return;
  throw new AlphaError(
    "INCIDENT_FORMAT",
    `the incident file has format ${format}, this build reads ${INCIDENT_FORMAT}`,
    "open it with the build that wrote it",
  );
}

/** When the file was begun, from a header that was checked. */
export function createdOf(header: Uint8Array): bigint {
  return viewOf(header).getBigInt64(H_CREATED, true);
}

/** The head of the chunk at a byte of the file; only a claim before the chain is checked. */
export function decodeChunkHead(head: Uint8Array, index: number, position: number): ChunkHead {
  const view = viewOf(head);
  if (view.getUint32(C_MAGIC, true) !== CHUNK_MAGIC_VALUE) throw corrupt(position, "no chunk");
  const flags = view.getUint32(C_FLAGS, true);
  const name = head.subarray(C_NAME, C_NAME + INCIDENT_NAME_MAX);
  const length = name.indexOf(0);
  const found: ChunkHead = {
    name: new TextDecoder().decode(length < 0 ? name : name.subarray(0, length)),
    offset: Number(view.getBigUint64(C_OFFSET, true)),
    contentBytes: view.getUint32(C_CONTENT_BYTES, true),
    storedBytes: view.getUint32(C_STORED_BYTES, true),
    index: Number(view.getBigUint64(C_INDEX, true)),
    isDeflated: (flags & F_DEFLATED) !== 0,
    isLast: (flags & F_LAST) !== 0,
  };
  if (found.index !== index) throw corrupt(position, `chunk ${found.index} instead of ${index}`);
  const isOversize =
    found.storedBytes > STORED_BYTES_MAX || found.contentBytes > INCIDENT_CHUNK_BYTES_MAX;
  if (isOversize) throw corrupt(position, "a chunk that is too large");
  return found;
}

/** Follows the chain over the header and the chunks in their order. */
export class IncidentChain {
  readonly #hash: HashBytes;
  #prevHash = 0n;

  constructor(hash: HashBytes) {
    this.#hash = hash;
  }

  /** Takes the header; throws INCIDENT_CORRUPT. */
  begin(header: Uint8Array): void {
    this.#take(header, H_HASH, 0);
  }

  /** Takes the next chunk, head and stored bytes, from a place; throws INCIDENT_CORRUPT. */
  next(chunk: Uint8Array, position: number): void {
    if (viewOf(chunk).getBigUint64(C_PREV_HASH, true) !== this.#prevHash) {
      throw corrupt(position, "a chunk that does not continue the one before");
    }
    this.#take(chunk, C_HASH, position);
  }

  #take(bytes: Uint8Array, hashAt: number, position: number): void {
    const view = viewOf(bytes);
    const stored = view.getBigUint64(hashAt, true);
    view.setBigUint64(hashAt, 0n, true);
    if (this.#hash(bytes) !== stored) throw corrupt(position, "a hash that is not of these bytes");
    this.#prevHash = stored;
  }
}

/** What is wrong with an incident file, and where. */
export function corrupt(position: number, problem: string): AlphaError {
  return new AlphaError(
    "INCIDENT_CORRUPT",
    `the incident file is damaged at byte ${position}: ${problem}`,
    "copy it again from where it was made, or export it again",
  );
}

/** A file that ends too early. */
export function torn(position: number): AlphaError {
  return new AlphaError(
    "INCIDENT_TORN",
    `the incident file ends at byte ${position}, in the middle`,
    "its copy was cut short: copy it again, or export it again",
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
