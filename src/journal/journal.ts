// The journal of one stream: sealed blocks in, one plain write each, and everything back on start.
//
// The core seals a block in its own memory (header, hash, chain), so a turn of the engine costs one
// write of a view and no copy. This file knows where the next byte goes and nothing of records. A
// failed write is final: a journal that lost a block must not take the next.

import { BLOCK_HASH, SCHEMA_VERSION } from "../../asm/vocab.ts";
import { wallEpochNanos } from "../clock.ts";
import { AlphaError } from "../errors.ts";
import { cutsOf, keepSegment, keepTail } from "./cut.ts";
import { codeOf, writeAll, writeFault, type Disk } from "./disk.ts";
import { doubtedSegment, endDoubt, syncSegment, writeAgain } from "./doubt.ts";
import { NODE_DISK } from "./node-disk.ts";
import {
  checkedSegmentBytes,
  encodeSegmentHeader,
  requireNext,
  SEGMENT_HEADER_BYTES,
  segmentName,
  streamFolder,
  type HashBytes,
} from "./format.ts";
import { lockFolder } from "./lock.ts";
import { Reserve, RESERVE_NAME } from "./reserve.ts";
import { scanBlocks, segmentPaths } from "./scan.ts";
import type { Block, Chain, ScanEnd, ScanStart } from "./scan.ts";
import { SegmentReader } from "./segment-reader.ts";
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
  /** Space kept back for a full disk (reserve.ts); left out or 0: a full disk is the end. */
  reserveBytes?: number;
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
  /** Files that keep what this start and earlier ones have cut (cut.ts). */
  cuts: string[];
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
  readonly #reserve: Reserve;
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
    this.#options = options;
    this.#segmentBytes = checkedSegmentBytes(options.segmentBytes);
    this.#disk = options.disk ?? NODE_DISK;
    this.folder = streamFolder(options.dir, options.stream);
    this.#reserve = new Reserve(this.#disk, this.folder, options.reserveBytes ?? 0);
    try {
      this.#disk.makeFolder(this.folder);
      this.#unlock = this.#reserve.spend(() => lockFolder(this.folder, this.#disk));
    } catch (error) {
      throw this.#fail(error);
    }
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

  /**
   * True while the disk has no room for the reserve: what can wait must not be written. Undefined
   * until the worker has looked, and without a reserve.
   */
  get isFull(): boolean | undefined {
    return this.#reserve.isFull;
  }

  /** The error that ended this journal, if one did. */
  get fault(): AlphaError | undefined {
    return this.#fault;
  }

  /**
   * Writes one sealed block: `bytes` of `u8` from `at`, holding `records` records from
   * `firstSequence` on. Returns when the operating system has it. Throws JOURNAL_DISK_FULL or
   * JOURNAL_WRITE, and from then on only that: the caller stops acknowledging. A disk without room
   * costs the reserve first (`isFull`).
   */
  append(u8: Uint8Array, at: number, bytes: number, firstSequence: number, records: number): void {
    if (this.#fault !== undefined) throw this.#fault;
    requireNext(u8, at, firstSequence, records, this.#index, this.#sequence, this.#lastHash);
    try {
      this.#put(u8, at, bytes);
    } catch (error) {
      this.#putAgain(error, u8, at, bytes);
    }
    this.#position += bytes;
    this.#index += 1;
    this.#sequence += records;
    for (let i = 0; i < 8; i += 1) this.#lastHash[i] = u8[at + BLOCK_HASH + i] as number;
    if (this.#position * 2 > this.#segmentBytes && !this.#isSpareAsked) this.#askSpare();
  }

  #put(u8: Uint8Array, at: number, bytes: number): void {
    if (this.#position + bytes > this.#segmentBytes) this.#rotate(bytes);
    writeAll(this.#disk, this.#fd, u8, at, bytes, this.#position);
  }

  #putAgain(error: unknown, u8: Uint8Array, at: number, bytes: number): void {
    try {
      if (!this.#reserve.release(error)) throw error;
      this.#put(u8, at, bytes);
    } catch (last) {
      throw this.#fail(last);
    }
    this.#askReserve();
  }

  /** Asks the worker to make everything written durable; the answer is `onSynced`. */
  requestSync(): void {
    this.#syncer?.request(this.#sequence);
  }

  /**
   * Whole blocks, all or from `start` on, for recovery; views are valid until the next step. Ends
   * with the last one that was written: behind it a segment is zeros, a quarter of a GiB of them.
   */
  *blocks(start?: ScanStart): Generator<Block, void> {
    if (this.#index === 0) return;
    const { stream, hash } = this.#options;
    const last = this.#index - 1;
    for (const block of scanBlocks({
      disk: this.#disk,
      folder: this.folder,
      stream,
      hash,
      start,
    })) {
      yield block;
      if (block.header.index >= last) return;
    }
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
      cuts: cutsOf(this.#disk, this.folder),
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
        const isUnwanted = name === RESERVE_NAME && this.#reserve.bytes === 0;
        if (name.endsWith(".part") || isUnwanted) disk.remove(`${this.folder}/${name}`);
      }
      this.#reserve.spend(() => this.#keepCut(end));
      if (end.path === "") return this.#reserve.spend(() => this.#createSegment());
      this.#path = end.path;
      this.#fd = disk.open(end.path, "r+");
      this.#position = end.offset;
      if (end.tornBytes > 0) {
        // Cut and grown again, so that no byte of the torn block can be read as a later one.
        disk.truncate(this.#fd, end.offset);
        syncSegment(disk, this.#fd, end.path);
      }
      disk.truncate(this.#fd, Math.max(end.offset, this.#segmentBytes));
      disk.syncFolder(this.folder);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** What is about to be cut stays beside the journal, durable before it is gone from there. */
  #keepCut({ path, offset, dropped, tornBytes }: ScanEnd): void {
    const disk = this.#disk;
    const written = (one: string, from: number): number => {
      const reader = new SegmentReader(disk, one);
      const bytes = reader.writtenBytesFrom(from);
      reader.close();
      return bytes;
    };
    if (tornBytes > 0 && path !== "") {
      const bytes = written(path, offset);
      if (bytes > 0) keepTail(disk, this.folder, path, offset, bytes);
    }
    for (const one of dropped) {
      if (written(one, 0) > 0) keepSegment(disk, this.folder, one);
      else disk.remove(one);
    }
    if (tornBytes > 0) disk.syncFolder(this.folder);
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
      onReserve: (isThere) => (this.#reserve.isFull = !isThere),
    };
    this.#syncer =
      typeof worker === "function"
        ? worker(start)
        : new Syncer({ ...start, worker, ...(wake === undefined ? {} : { wake }) });
    this.#askReserve();
  }

  #askReserve(): void {
    const { path, bytes } = this.#reserve;
    if (bytes > 0) this.#syncer?.reserve(path, bytes);
  }

  /** A killed engine leaves blocks that only the kernel has; what we found becomes durable here. */
  #syncAll(): void {
    const disk = this.#disk;
    try {
      const doubted = doubtedSegment(disk, this.folder);
      for (const path of segmentPaths(disk, this.folder, 0)) {
        this.#syncOne(path, doubted !== "" && path >= `${this.folder}/${doubted}`);
      }
      endDoubt(disk, this.folder);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #syncOne(path: string, isDoubted: boolean): void {
    const disk = this.#disk;
    const fd = disk.open(path, "r+");
    try {
      const bytes = path === this.#path ? this.#position : disk.size(fd);
      if (isDoubted) writeAgain(disk, fd, bytes);
      syncSegment(disk, fd, path);
    } finally {
      disk.close(fd);
    }
  }

  #rotate(bytes: number): void {
    if (SEGMENT_HEADER_BYTES + bytes > this.#segmentBytes) {
      const what = `a block of ${bytes} bytes does not fit a segment of ${this.#segmentBytes}`;
      throw new AlphaError("JOURNAL_BLOCK_SIZE", what, "raise journal segmentBytes and restart");
    }
    // Closed already when this is the second try, after the reserve was spent.
    if (this.#fd >= 0) {
      this.#disk.truncate(this.#fd, this.#position);
      this.#disk.close(this.#fd);
      this.#fd = -1;
    }
    this.#createSegment();
    this.#syncer?.rotate(this.#path);
  }

  #createSegment(): void {
    const disk = this.#disk;
    const path = `${this.folder}/${segmentName(this.#index)}`;
    const fd = this.#takeSpare(path) ?? disk.open(path, "wx+");
    try {
      disk.truncate(fd, this.#segmentBytes);
      const header = this.#encodeHeader();
      writeAll(disk, fd, header, 0, header.length, 0);
    } catch (error) {
      disk.close(fd);
      disk.remove(path);
      throw error;
    }
    this.#fd = fd;
    this.#path = path;
    this.#position = SEGMENT_HEADER_BYTES;
    this.#isSpareAsked = false;
  }

  #encodeHeader(): Uint8Array {
    return encodeSegmentHeader(
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
    this.#fault =
      error instanceof AlphaError
        ? error
        : writeFault(error, this.#path || this.folder, this.#sequence);
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
