// The journal of one stream: sealed blocks in, one plain write each, and everything back on start.
//
// The core seals a block in its own memory (header, hash, chain), so a turn of the engine costs one
// write of a view and no copy. This file knows where the next byte goes and nothing of records. A
// failed write is final: a journal that lost a block must not take the next.

import {
  BLOCK_FIRST_SEQUENCE,
  BLOCK_HASH,
  BLOCK_INDEX,
  BLOCK_PREV_HASH,
  BLOCK_RECORDS,
  SCHEMA_VERSION,
} from "../../asm/vocab.ts";
import { wallEpochNanos } from "../clock.ts";
import { AlphaError } from "../errors.ts";
import { codeOf, NODE_DISK, writeAll, type Disk } from "./disk.ts";
import {
  encodeSegmentHeader,
  SEGMENT_BYTES_DEFAULT,
  SEGMENT_BYTES_MAX,
  SEGMENT_BYTES_MIN,
  SEGMENT_HEADER_BYTES,
  segmentName,
  streamFolder,
  type HashBytes,
} from "./format.ts";
import { lockFolder } from "./lock.ts";
import { scanBlocks, segmentPaths } from "./scan.ts";
import type { Block, Chain, ScanEnd, ScanStart } from "./scan.ts";
import { Syncer, type Committer, type CommitterStart } from "./syncer.ts";

/** How a journal is opened. */
export interface JournalOptions {
  /** The journal's folder; the stream gets `<dir>/<stream>/`. */
  dir: string;
  stream: number;
  /** Identity of the core that writes: first 8 bytes of the sha256 of core.wasm. */
  build: bigint;
  hash: HashBytes;
  /** Size of a segment file, 8 KiB to 2 GiB; default 256 MiB. */
  segmentBytes?: number;
  /** The last block that is in a snapshot: nothing before it is read at open. */
  start?: ScanStart | undefined;
  /** Told each block read at open; its bytes are valid during the call. */
  onBlock?: (block: Block) => void;
  /** Built workers/journal.ts, or what does its work here; without it no durable level. */
  worker?: URL | ((start: CommitterStart) => Committer);
  wake?: "wait-async" | "message";
  /** Called with the last durable sequence whenever it moved. */
  onSynced?: (sequence: number) => void;
  /** Called once, when no further durable acknowledgement can be given. */
  onFault?: (fault: AlphaError) => void;
  disk?: Disk;
}

/** What lay on the disk at open. */
export interface JournalTail {
  /** Last whole record's sequence; 0 in an empty journal. */
  sequence: number;
  /** Index of the next block. */
  blockIndex: number;
  /** Hash of the last block; 0 in an empty journal. */
  prevHash: bigint;
  /** Blocks read at open. */
  blocks: number;
  /** Bytes cut from the end because a crash left them incomplete; 0 after a clean stop. */
  tornBytes: number;
  /** Where they were cut: "file at byte N"; "" when nothing was. */
  tornAt: string;
  /** Builds other than ours among the blocks read, in hex: allowed, and worth a line of log. */
  otherBuilds: string[];
}

const SPARE = "spare.apj";

/** An open journal; one per stream and folder. */
export class Journal {
  readonly folder: string;
  readonly #options: JournalOptions;
  readonly #disk: Disk;
  readonly #segmentBytes: number;
  readonly #unlock: () => void;
  /** Bytes of BLOCK_HASH of the last block, so that a new segment names it without a bigint. */
  readonly #lastHash = new Uint8Array(8);
  #fd = -1;
  #path = "";
  #position = 0;
  #index = 0;
  #sequence = 0;
  #isSpareAsked = false;
  #syncer: Committer | undefined;
  #fault: AlphaError | undefined;

  private constructor(options: JournalOptions) {
    const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES_DEFAULT;
    const isFit = Number.isInteger(segmentBytes) && segmentBytes % 64 === 0;
    if (!isFit || segmentBytes < SEGMENT_BYTES_MIN || segmentBytes > SEGMENT_BYTES_MAX) {
      const range = `${SEGMENT_BYTES_MIN} to ${SEGMENT_BYTES_MAX}`;
      const what = `segmentBytes ${segmentBytes} is no multiple of 64 from ${range}`;
      throw new AlphaError("JOURNAL_OPTION", what, "use a multiple of 64 in that range");
    }
    this.#options = options;
    this.#segmentBytes = segmentBytes;
    this.#disk = options.disk ?? NODE_DISK;
    this.folder = streamFolder(options.dir, options.stream);
    this.#disk.makeFolder(this.folder);
    this.#unlock = lockFolder(this.folder, this.#disk);
  }

  /**
   * Locks the folder, verifies what is there, cuts a torn tail, and stands behind the last block.
   * Throws JOURNAL_LOCKED, JOURNAL_CORRUPT, JOURNAL_SCHEMA, JOURNAL_WRITE or JOURNAL_OPTION.
   */
  static open(options: JournalOptions): { journal: Journal; tail: JournalTail } {
    const journal = new Journal(options);
    try {
      const tail = journal.#recover();
      journal.#startSyncer();
      return { journal, tail };
    } catch (error) {
      journal.#release();
      throw error;
    }
  }

  /** Sequence of the last record written. */
  get writtenSequence(): number {
    return this.#sequence;
  }

  /** Sequence of the last record that survives a loss of power; 0 without a worker. */
  get syncedSequence(): number {
    return this.#syncer?.syncedSequence ?? 0;
  }

  /** The error that ended this journal, if one did. */
  get fault(): AlphaError | undefined {
    return this.#fault;
  }

  /**
   * Writes one sealed block: `bytes` of `u8` from `at`, holding `records` records from
   * `firstSequence` on. Returns when the operating system has it. Throws JOURNAL_DISK_FULL or
   * JOURNAL_WRITE, and from then on only that: the caller stops acknowledging.
   */
  append(u8: Uint8Array, at: number, bytes: number, firstSequence: number, records: number): void {
    if (this.#fault !== undefined) throw this.#fault;
    this.#checkNext(u8, at, firstSequence, records);
    try {
      if (this.#position + bytes > this.#segmentBytes) this.#rotate(bytes);
      writeAll(this.#disk, this.#fd, u8, at, bytes, this.#position);
    } catch (error) {
      throw this.#fail(error);
    }
    this.#position += bytes;
    this.#index += 1;
    this.#sequence += records;
    for (let i = 0; i < 8; i += 1) this.#lastHash[i] = u8[at + BLOCK_HASH + i] as number;
    if (this.#position * 2 > this.#segmentBytes && !this.#isSpareAsked) this.#askSpare();
  }

  /** Asks the worker to make everything written durable; the answer is `onSynced`. */
  requestSync(): void {
    this.#syncer?.request(this.#sequence);
  }

  /** Whole blocks, all or from `start` on, for recovery; views are valid until the next step. */
  *blocks(start?: ScanStart): Generator<Block, void> {
    const { stream, hash } = this.#options;
    yield* scanBlocks({ disk: this.#disk, folder: this.folder, stream, hash, start });
  }

  /** Ends the worker after what was requested is durable, cuts the unused space, unlocks. */
  async close(): Promise<void> {
    const syncer = this.#syncer;
    this.#syncer = undefined;
    await syncer?.close();
    this.#release();
  }

  #recover(): JournalTail {
    const { stream, hash, build, start, onBlock } = this.#options;
    const builds = new Set<bigint>();
    let blocks = 0;
    const scan = scanBlocks({ disk: this.#disk, folder: this.folder, stream, hash, start });
    let step = scan.next();
    while (step.done !== true) {
      blocks += 1;
      builds.add(step.value.header.build);
      onBlock?.(step.value);
      step = scan.next();
    }
    const end = step.value;
    this.#standAt(end.chain);
    this.#openTail(end);
    builds.delete(build);
    return {
      sequence: end.chain.sequence - 1,
      blockIndex: end.chain.index,
      prevHash: end.chain.prevHash,
      blocks,
      tornBytes: end.tornBytes,
      tornAt: end.tornBytes === 0 ? "" : tornPlace(end),
      otherBuilds: [...builds].map((one) => one.toString(16).padStart(16, "0")),
    };
  }

  #standAt(chain: Chain): void {
    this.#index = chain.index;
    this.#sequence = chain.sequence - 1;
    new DataView(this.#lastHash.buffer).setBigUint64(0, chain.prevHash, true);
  }

  #openTail(end: ScanEnd): void {
    const disk = this.#disk;
    try {
      for (const name of disk.list(this.folder)) {
        if (name.endsWith(".part")) disk.remove(`${this.folder}/${name}`);
      }
      for (const path of end.dropped) disk.remove(path);
      if (end.path === "") return this.#createSegment();
      this.#path = end.path;
      this.#fd = disk.open(end.path, "r+");
      this.#position = end.offset;
      if (end.tornBytes > 0) {
        // Cut and grown again, so that no byte of the torn block can be read as a later one.
        disk.truncate(this.#fd, end.offset);
        disk.sync(this.#fd);
      }
      disk.truncate(this.#fd, Math.max(end.offset, this.#segmentBytes));
      disk.syncFolder(this.folder);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #startSyncer(): void {
    const { worker, wake, onSynced, onFault } = this.#options;
    if (worker === undefined) return;
    this.#syncAll();
    const start: CommitterStart = {
      folder: this.folder,
      path: this.#path,
      sequence: this.#sequence,
      onSynced: (sequence) => onSynced?.(sequence),
      onFault: (fault) => {
        this.#fault ??= fault;
        onFault?.(fault);
      },
    };
    this.#syncer =
      typeof worker === "function"
        ? worker(start)
        : new Syncer({ ...start, worker, ...(wake === undefined ? {} : { wake }) });
  }

  /** A killed engine leaves blocks that only the kernel has; what we found becomes durable here. */
  #syncAll(): void {
    for (const path of segmentPaths(this.#disk, this.folder, 0)) {
      const fd = this.#disk.open(path, "r+");
      try {
        this.#disk.sync(fd);
      } catch (error) {
        throw this.#fail(error);
      } finally {
        this.#disk.close(fd);
      }
    }
  }

  /** A defect of the caller, not of the world: blocks come in the order of their seals. */
  #checkNext(u8: Uint8Array, at: number, firstSequence: number, records: number): void {
    const index = u64At(u8, at + BLOCK_INDEX);
    const isClaim = u64At(u8, at + BLOCK_FIRST_SEQUENCE) === firstSequence;
    const isNext = index === this.#index && firstSequence === this.#sequence + 1;
    if (!isClaim || !isNext || u32At(u8, at + BLOCK_RECORDS) !== records) {
      const found = `block ${index}, sequence ${firstSequence}, ${records} records`;
      const expected = `block ${this.#index}, sequence ${this.#sequence + 1}`;
      throw new Error(`journal expects ${expected}, got ${found}`);
    }
    for (let i = 0; i < 8; i += 1) {
      if (u8[at + BLOCK_PREV_HASH + i] === this.#lastHash[i]) continue;
      throw new Error(`block ${index} does not continue the hash chain of this journal`);
    }
  }

  #rotate(bytes: number): void {
    if (SEGMENT_HEADER_BYTES + bytes > this.#segmentBytes) {
      const what = `a block of ${bytes} bytes does not fit a segment of ${this.#segmentBytes}`;
      throw new AlphaError("JOURNAL_BLOCK_SIZE", what, "raise journal segmentBytes and restart");
    }
    this.#disk.truncate(this.#fd, this.#position);
    this.#disk.close(this.#fd);
    this.#fd = -1;
    this.#createSegment();
    this.#syncer?.rotate(this.#path);
  }

  #createSegment(): void {
    const disk = this.#disk;
    const path = `${this.folder}/${segmentName(this.#index)}`;
    this.#fd = this.#takeSpare(path) ?? disk.open(path, "wx+");
    this.#path = path;
    this.#position = SEGMENT_HEADER_BYTES;
    this.#isSpareAsked = false;
    disk.truncate(this.#fd, this.#segmentBytes);
    const header = encodeSegmentHeader(
      {
        schema: SCHEMA_VERSION,
        stream: this.#options.stream,
        firstBlockIndex: this.#index,
        firstSequence: this.#sequence + 1,
        prevHash: new DataView(this.#lastHash.buffer).getBigUint64(0, true),
        createdEpochNanos: wallEpochNanos(),
        build: this.#options.build,
      },
      this.#options.hash,
    );
    writeAll(disk, this.#fd, header, 0, header.length, 0);
  }

  /** The prepared segment under its final name; undefined when there is none. */
  #takeSpare(path: string): number | undefined {
    try {
      this.#disk.rename(`${this.folder}/${SPARE}`, path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
    return this.#disk.open(path, "r+");
  }

  #askSpare(): void {
    this.#isSpareAsked = true;
    this.#syncer?.prepare(`${this.folder}/${SPARE}`, this.#segmentBytes);
  }

  #fail(error: unknown): AlphaError {
    if (error instanceof AlphaError) this.#fault = error;
    else {
      const code = codeOf(error);
      const isFull = code === "ENOSPC" || code === "EDQUOT";
      this.#fault = new AlphaError(
        isFull ? "JOURNAL_DISK_FULL" : "JOURNAL_WRITE",
        `${this.#path}: ${error instanceof Error ? error.message : String(error)}; ` +
          `written up to sequence ${this.#sequence}`,
        isFull
          ? "orders are no longer taken: free space on this disk, then restart"
          : "orders are no longer taken: check the disk (dmesg), then restart",
        error,
      );
    }
    return this.#fault;
  }

  /** Idempotent; leaves the segment at its used length, so that the next open reads no zeros. */
  #release(): void {
    const fd = this.#fd;
    this.#fd = -1;
    this.#fault ??= new AlphaError("JOURNAL_CLOSED", `${this.folder} is closed`, "open it again");
    try {
      if (fd >= 0) {
        if (this.#position > 0) this.#disk.truncate(fd, this.#position);
        this.#disk.close(fd);
      }
    } finally {
      this.#unlock();
    }
  }
}

function tornPlace(end: ScanEnd): string {
  return end.path === "" ? (end.dropped[0] ?? "") : `${end.path} at byte ${end.offset}`;
}

function u64At(u8: Uint8Array, at: number): number {
  return u32At(u8, at) + u32At(u8, at + 4) * 2 ** 32;
}

function u32At(u8: Uint8Array, at: number): number {
  const low = (u8[at] as number) | ((u8[at + 1] as number) << 8);
  return (low | ((u8[at + 2] as number) << 16) | ((u8[at + 3] as number) << 24)) >>> 0;
}
