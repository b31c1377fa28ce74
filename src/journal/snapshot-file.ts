// The bytes of a snapshot: what the state was behind one block, in one file that is whole or not.
//
// A header with facts, then chunks that are chained by hash, so that a lost, doubled or exchanged
// chunk is found like a changed byte. The file is written under another name, made durable and then
// renamed: a name that ends in .aps is complete. What the bytes mean is the caller's.

import { SCHEMA_VERSION } from "../../asm/vocab.ts";
import { hexBytes, hexText } from "../bytes.ts";
import { AlphaError } from "../errors.ts";
import { isNoRoom, writeAll, type Disk } from "./disk.ts";
import type { HashBytes } from "./format.ts";
import type { ScanStart } from "./scan.ts";

export const SNAPSHOT_HEADER_BYTES = 4096;
/** Bytes of content in a chunk, the last one's excepted. */
export const CHUNK_BYTES_MAX = 1 << 20;
export const CHUNK_HEADER_BYTES = 32;

const SNAPSHOT_MAGIC_VALUE = 0x4e535041; // "APSN"
const CHUNK_MAGIC_VALUE = 0x43535041; // "APSC"

// Header.
const S_MAGIC = 0; // u32
const S_SCHEMA = 4; // u16
const S_HEADER_LENGTH = 6; // u16
const S_STREAM = 8; // u32
const S_ROLES = 12; // u32
const S_BLOCK_INDEX = 16; // u64
const S_SEQUENCE = 24; // u64
const S_PREV_HASH = 32; // u64
const S_TS_ENGINE = 40; // i64
const S_CREATED = 48; // i64
const S_LAYOUT = 56; // u32
const S_BEHAVIOR = 60; // u32
const S_CORE = 64; // 32 bytes
const S_MARKET_HASH = 96; // u64
const S_ORDER_HASH = 104; // u64
const S_MARKET_OUT_SEQUENCE = 112; // u64
const S_PAGES = 120; // u32
const S_CONFIG_BYTES = 124; // u32
const S_RECORD_BYTES = 128; // u32
const S_TEXT_BYTES = 132; // u32
const S_CONTENT_BYTES = 136; // u64
const S_LAST_SEGMENT = 144; // u64
const S_LAST_OFFSET = 152; // u64
const S_LAST_SEQUENCE = 160; // u64, first of the last block
const S_LAST_PREV_HASH = 168; // u64
const S_HASH = 176; // u64, XXH64 of the header with this field 0
const S_MARKET_SEQUENCE = 184; // u64
const S_MARKET_RECORDS = 192; // u32

// Chunk.
const C_MAGIC = 0; // u32
const C_BYTES = 4; // u32
const C_PREV_HASH = 8; // u64, of the chunk before; of the header for the first
const C_HASH = 16; // u64, XXH64 of the chunk with this field 0
const C_INDEX = 24; // u64

/** What a snapshot says of itself. */
export interface SnapshotFacts {
  stream: number;
  roles: number;
  /** Index of the block that follows; all before it are in the state. */
  blockIndex: number;
  /** Last input in the state. */
  sequence: number;
  /** Hash of the last block in the state, and where it lies: a journal must have it there. */
  prevHash: bigint;
  last: ScanStart;
  tsEngineNanos: bigint;
  createdEpochNanos: bigint;
  layout: number;
  behavior: number;
  /** sha256 of core.wasm, hexadecimal. */
  core: string;
  /** State hashes of the roles the core plays, else 0. */
  marketHash: bigint;
  orderHash: bigint;
  /** Market records written until then. */
  marketOutSequence: number;
  /** The last input that market records came of, and how many: an order loop must have seen it. */
  market: { sequence: number; records: number };
  /** Parts of the content, in this order: page numbers and pages, records, records, text. */
  pages: number;
  configBytes: number;
  recordBytes: number;
  textBytes: number;
  /** All content. */
  contentBytes: number;
}

/**
 * Writes a snapshot and returns the bytes of its file; throws what the disk throws, and
 * SNAPSHOT_NO_ROOM before less than `roomBytes` would be left. Nothing of it is left behind then.
 */
export function writeSnapshot(
  disk: Disk,
  path: string,
  facts: SnapshotFacts,
  content: Iterable<Uint8Array>,
  hash: HashBytes,
  roomBytes = 0,
): number {
  const part = `${path}.part`;
  removeIfThere(disk, part);
  const fd = disk.open(part, "wx+");
  let bytes = 0;
  try {
    const header = encodeFacts(facts, hash);
    writeAll(disk, fd, header, 0, header.length, 0);
    const guarded = roomBytes === 0 ? content : withRoom(disk, path, content, roomBytes);
    bytes = writeChunks(disk, fd, viewOf(header).getBigUint64(S_HASH, true), guarded, hash);
    disk.sync(fd);
    disk.rename(part, path);
  } catch (error) {
    removeIfThere(disk, part);
    throw isNoRoom(error) ? noRoom(path, "no space left on the disk") : error;
  } finally {
    disk.close(fd);
  }
  disk.syncFolder(folderOf(path));
  return bytes;
}

/** A snapshot must not take the room that the journal needs while the disk is nearly full. */
function* withRoom(
  disk: Disk,
  path: string,
  content: Iterable<Uint8Array>,
  roomBytes: number,
): Generator<Uint8Array, void> {
  let unasked = Infinity;
  for (const piece of content) {
    unasked += piece.length;
    if (unasked >= CHUNK_BYTES_MAX) {
      unasked = 0;
      const free = disk.free(folderOf(path));
      if (free < roomBytes + 2 * CHUNK_BYTES_MAX) {
        throw noRoom(path, `${free} bytes are free, the journal wants ${roomBytes} of them`);
      }
    }
    yield piece;
  }
}

function noRoom(path: string, why: string): AlphaError {
  const remedy = "free space; orders go on, the next start replays more of the journal";
  return new AlphaError("SNAPSHOT_NO_ROOM", `${path}: ${why}`, remedy);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function removeIfThere(disk: Disk, path: string): void {
  const folder = folderOf(path);
  if (disk.list(folder).includes(path.slice(folder.length + 1))) disk.remove(path);
}

/** Returns where the file ends. */
function writeChunks(
  disk: Disk,
  fd: number,
  headerHash: bigint,
  content: Iterable<Uint8Array>,
  hash: HashBytes,
): number {
  const chunk = new Uint8Array(CHUNK_HEADER_BYTES + CHUNK_BYTES_MAX);
  const view = viewOf(chunk);
  let [position, index, prevHash, filled] = [SNAPSHOT_HEADER_BYTES, 0, headerHash, 0];
  const end = (): void => {
    view.setUint32(C_MAGIC, CHUNK_MAGIC_VALUE, true);
    view.setUint32(C_BYTES, filled, true);
    view.setBigUint64(C_PREV_HASH, prevHash, true);
    view.setBigUint64(C_HASH, 0n, true);
    view.setBigUint64(C_INDEX, BigInt(index), true);
    const bytes = CHUNK_HEADER_BYTES + filled;
    prevHash = hash(chunk.subarray(0, bytes));
    view.setBigUint64(C_HASH, prevHash, true);
    writeAll(disk, fd, chunk, 0, bytes, position);
    position += bytes;
    index += 1;
    filled = 0;
  };
  for (const piece of content) {
    for (let at = 0; at < piece.length;) {
      const bytes = Math.min(piece.length - at, CHUNK_BYTES_MAX - filled);
      chunk.set(piece.subarray(at, at + bytes), CHUNK_HEADER_BYTES + filled);
      at += bytes;
      filled += bytes;
      if (filled === CHUNK_BYTES_MAX) end();
    }
  }
  if (filled > 0) end();
  return position;
}

/** A snapshot that is read from its first byte on. */
export class SnapshotReader {
  readonly facts: SnapshotFacts;
  readonly path: string;
  readonly #disk: Disk;
  readonly #fd: number;
  readonly #hash: HashBytes;
  readonly #bytes: number;
  readonly #chunk = new Uint8Array(CHUNK_HEADER_BYTES + CHUNK_BYTES_MAX);
  readonly #view = viewOf(this.#chunk);
  #position = SNAPSHOT_HEADER_BYTES;
  #index = 0;
  #prevHash: bigint;
  #from = 0;
  #filled = 0;
  /** Content not given out, and content not loaded. */
  #left: number;
  #unloaded: number;

  /** Reads and checks the header; throws SNAPSHOT_CORRUPT or SNAPSHOT_SCHEMA. */
  constructor(disk: Disk, path: string, hash: HashBytes) {
    this.path = path;
    this.#disk = disk;
    this.#hash = hash;
    this.#fd = disk.open(path, "r");
    try {
      this.#bytes = disk.size(this.#fd);
      const header = new Uint8Array(SNAPSHOT_HEADER_BYTES);
      this.#load(header, SNAPSHOT_HEADER_BYTES, 0);
      this.facts = decodeFacts(header, path, hash);
      this.#prevHash = viewOf(header).getBigUint64(S_HASH, true);
      this.#left = this.facts.contentBytes;
      this.#unloaded = this.#left;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Fills `into` with the next bytes of the content; throws SNAPSHOT_CORRUPT. */
  read(into: Uint8Array): void {
    if (into.length > this.#left) {
      throw this.#corrupt(`${into.length} bytes wanted, ${this.#left} are left`);
    }
    for (let at = 0; at < into.length;) {
      if (this.#from === this.#filled) this.#nextChunk();
      const bytes = Math.min(into.length - at, this.#filled - this.#from);
      const from = CHUNK_HEADER_BYTES + this.#from;
      into.set(this.#chunk.subarray(from, from + bytes), at);
      at += bytes;
      this.#from += bytes;
    }
    this.#left -= into.length;
  }

  /** Throws SNAPSHOT_CORRUPT when anything follows the content, or some of it was not read. */
  end(): void {
    if (this.#left > 0) throw this.#corrupt(`${this.#left} bytes of content were not asked for`);
    if (this.#position !== this.#bytes) {
      throw this.#corrupt(`${this.#bytes - this.#position} bytes behind the end`);
    }
  }

  close(): void {
    this.#disk.close(this.#fd);
  }

  #nextChunk(): void {
    const wanted = Math.min(CHUNK_BYTES_MAX, this.#unloaded);
    const bytes = CHUNK_HEADER_BYTES + wanted;
    this.#load(this.#chunk, bytes, this.#position);
    const view = this.#view;
    const stored = view.getBigUint64(C_HASH, true);
    view.setBigUint64(C_HASH, 0n, true);
    const isNext =
      view.getUint32(C_MAGIC, true) === CHUNK_MAGIC_VALUE &&
      view.getUint32(C_BYTES, true) === wanted &&
      view.getBigUint64(C_PREV_HASH, true) === this.#prevHash &&
      view.getBigUint64(C_INDEX, true) === BigInt(this.#index);
    if (!isNext) throw this.#corrupt("a chunk that does not continue the one before");
    if (this.#hash(this.#chunk.subarray(0, bytes)) !== stored) {
      throw this.#corrupt("a chunk whose hash does not match its bytes");
    }
    this.#prevHash = stored;
    this.#position += bytes;
    this.#index += 1;
    this.#unloaded -= wanted;
    this.#from = 0;
    this.#filled = wanted;
  }

  #load(into: Uint8Array, bytes: number, position: number): void {
    for (let done = 0; done < bytes;) {
      const got = this.#disk.read(this.#fd, into, done, bytes - done, position + done);
      if (got === 0) throw this.#corrupt(`the file ends at byte ${position + done}`);
      done += got;
    }
  }

  #corrupt(problem: string): AlphaError {
    return corrupt(this.path, this.#position, problem);
  }
}

function corrupt(path: string, position: number, problem: string): AlphaError {
  const what = `${path} at byte ${position}: ${problem}`;
  return new AlphaError("SNAPSHOT_CORRUPT", what, "remove it: an older one or the journal is used");
}

function encodeFacts(facts: SnapshotFacts, hash: HashBytes): Uint8Array {
  const bytes = new Uint8Array(SNAPSHOT_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(S_MAGIC, SNAPSHOT_MAGIC_VALUE, true);
  view.setUint16(S_SCHEMA, SCHEMA_VERSION, true);
  view.setUint16(S_HEADER_LENGTH, SNAPSHOT_HEADER_BYTES, true);
  view.setUint32(S_STREAM, facts.stream, true);
  view.setUint32(S_ROLES, facts.roles, true);
  view.setBigUint64(S_BLOCK_INDEX, BigInt(facts.blockIndex), true);
  view.setBigUint64(S_SEQUENCE, BigInt(facts.sequence), true);
  view.setBigUint64(S_PREV_HASH, facts.prevHash, true);
  view.setBigInt64(S_TS_ENGINE, facts.tsEngineNanos, true);
  view.setBigInt64(S_CREATED, facts.createdEpochNanos, true);
  view.setUint32(S_LAYOUT, facts.layout, true);
  view.setUint32(S_BEHAVIOR, facts.behavior, true);
  bytes.set(hexBytes(facts.core), S_CORE);
  view.setBigUint64(S_MARKET_HASH, facts.marketHash, true);
  view.setBigUint64(S_ORDER_HASH, facts.orderHash, true);
  view.setBigUint64(S_MARKET_OUT_SEQUENCE, BigInt(facts.marketOutSequence), true);
  view.setBigUint64(S_MARKET_SEQUENCE, BigInt(facts.market.sequence), true);
  view.setUint32(S_MARKET_RECORDS, facts.market.records, true);
  view.setUint32(S_PAGES, facts.pages, true);
  view.setUint32(S_CONFIG_BYTES, facts.configBytes, true);
  view.setUint32(S_RECORD_BYTES, facts.recordBytes, true);
  view.setUint32(S_TEXT_BYTES, facts.textBytes, true);
  view.setBigUint64(S_CONTENT_BYTES, BigInt(facts.contentBytes), true);
  const { segment, offset, chain } = facts.last;
  view.setBigUint64(S_LAST_SEGMENT, BigInt(segment), true);
  view.setBigUint64(S_LAST_OFFSET, BigInt(offset), true);
  view.setBigUint64(S_LAST_SEQUENCE, BigInt(chain.sequence), true);
  view.setBigUint64(S_LAST_PREV_HASH, chain.prevHash, true);
  view.setBigUint64(S_HASH, hash(bytes), true);
  return bytes;
}

function decodeFacts(bytes: Uint8Array, path: string, hash: HashBytes): SnapshotFacts {
  const view = viewOf(bytes);
  const stored = view.getBigUint64(S_HASH, true);
  view.setBigUint64(S_HASH, 0n, true);
  const isWhole =
    view.getUint32(S_MAGIC, true) === SNAPSHOT_MAGIC_VALUE &&
    view.getUint16(S_HEADER_LENGTH, true) === SNAPSHOT_HEADER_BYTES &&
    hash(bytes) === stored;
  view.setBigUint64(S_HASH, stored, true);
  if (!isWhole) throw corrupt(path, 0, "magic, length or hash of the header is wrong");
  const schema = view.getUint16(S_SCHEMA, true);
  if (schema !== SCHEMA_VERSION) {
    const what = `${path} has schema ${schema}, this engine reads ${SCHEMA_VERSION}`;
    throw new AlphaError("SNAPSHOT_SCHEMA", what, "the journal is replayed instead");
  }
  const blockIndex = Number(view.getBigUint64(S_BLOCK_INDEX, true));
  return {
    stream: view.getUint32(S_STREAM, true),
    roles: view.getUint32(S_ROLES, true),
    blockIndex,
    sequence: Number(view.getBigUint64(S_SEQUENCE, true)),
    prevHash: view.getBigUint64(S_PREV_HASH, true),
    last: {
      segment: Number(view.getBigUint64(S_LAST_SEGMENT, true)),
      offset: Number(view.getBigUint64(S_LAST_OFFSET, true)),
      chain: {
        index: blockIndex - 1,
        sequence: Number(view.getBigUint64(S_LAST_SEQUENCE, true)),
        prevHash: view.getBigUint64(S_LAST_PREV_HASH, true),
      },
    },
    tsEngineNanos: view.getBigInt64(S_TS_ENGINE, true),
    createdEpochNanos: view.getBigInt64(S_CREATED, true),
    layout: view.getUint32(S_LAYOUT, true),
    behavior: view.getUint32(S_BEHAVIOR, true),
    core: hexText(bytes.subarray(S_CORE, S_CORE + 32)),
    marketHash: view.getBigUint64(S_MARKET_HASH, true),
    orderHash: view.getBigUint64(S_ORDER_HASH, true),
    ...marketOf(view),
    pages: view.getUint32(S_PAGES, true),
    configBytes: view.getUint32(S_CONFIG_BYTES, true),
    recordBytes: view.getUint32(S_RECORD_BYTES, true),
    textBytes: view.getUint32(S_TEXT_BYTES, true),
    contentBytes: Number(view.getBigUint64(S_CONTENT_BYTES, true)),
  };
}

/** A snapshot from before the mark was kept is taken to end in the middle of its last input. */
function marketOf(view: DataView): Pick<SnapshotFacts, "marketOutSequence" | "market"> {
  const marketOutSequence = Number(view.getBigUint64(S_MARKET_OUT_SEQUENCE, true));
  const records = view.getUint32(S_MARKET_RECORDS, true);
  const isOld = records === 0 && marketOutSequence > 0;
  const sequence = Number(view.getBigUint64(isOld ? S_SEQUENCE : S_MARKET_SEQUENCE, true));
  return { marketOutSequence, market: { sequence, records: isOld ? Infinity : records } };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Names ----------------------------------------------------------------------------------------

/** `snapshot-<index of the next block, 20 digits>.aps` beside the segments. */
export function snapshotName(blockIndex: number): string {
  return `snapshot-${String(blockIndex).padStart(20, "0")}.aps`;
}

/** Block index in a snapshot's file name; -1 for any other file. */
export function snapshotIndexOf(name: string): number {
  const found = /^snapshot-(\d{20})\.aps$/.exec(name);
  return found === null ? -1 : Number(found[1]);
}

/** Paths of the snapshots in a stream's folder, newest first. */
export function snapshotPaths(disk: Disk, folder: string): string[] {
  const names = disk.list(folder).filter((name) => snapshotIndexOf(name) >= 0);
  return names
    .sort()
    .reverse()
    .map((name) => `${folder}/${name}`);
}
