// The journal as it grows, read by another thread than the one that writes it.
//
// What the hot thread wrote is in the kernel's cache at once, so a reader needs no message from it:
// it looks again where the next block would begin. A block that is only half there does not match
// its hash and is read again later; when the writer has gone on to the next segment, so does the
// reader. Nothing is written or locked.

import { BLOCK_HEADER_BYTES, BLOCK_MAGIC_VALUE } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { codeOf, type Disk } from "./disk.ts";
import { syncSegment } from "./doubt.ts";
import {
  blockBytes,
  decodeBlockHeader,
  decodeSegmentHeader,
  isIntact,
  SEGMENT_HEADER_BYTES,
  segmentName,
  type HashBytes,
} from "./format.ts";
import { segmentPaths, type Block } from "./scan.ts";

/** Bytes read at once; holds the largest block of the core. */
const WINDOW_BYTES = 2 << 20;

/** Where the journal is. */
export interface TailOptions {
  disk: Disk;
  folder: string;
  hash: HashBytes;
}

/** Reads blocks in order, from `fromIndex` on, as long as there are any. */
export class JournalTailReader {
  /** Segments read since `takeSegments`: what a snapshot's durability hangs on. */
  readonly #touched = new Set<string>();
  readonly #options: TailOptions;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  readonly #view = new DataView(this.#window.buffer);
  readonly #fromIndex: number;
  #fd = -1;
  #path = "";
  #position = 0;
  /** Index, first sequence and previous hash that the next block must have. */
  #index = 0;
  #sequence = 1;
  #prevHash = 0n;

  constructor(options: TailOptions, fromIndex = 0) {
    this.#options = options;
    this.#fromIndex = fromIndex;
  }

  /** Index of the next block, and the hash of the one before. */
  get index(): number {
    return this.#index;
  }

  get prevHash(): bigint {
    return this.#prevHash;
  }

  /**
   * Yields the blocks that are there now, at most `blocksMax`; their bytes are valid until the next
   * step. Throws JOURNAL_CORRUPT when a whole block does not continue the one before.
   */
  *take(blocksMax: number): Generator<Block, void> {
    if (this.#fd < 0 && !this.#openFirst()) return;
    let taken = 0;
    while (taken < blocksMax) {
      let found = 0;
      for (const block of this.#blocksHere()) {
        found += 1;
        if (block.header.index < this.#fromIndex) continue;
        taken += 1;
        yield block;
        if (taken === blocksMax) return;
      }
      if (found === 0 && !this.#openNext()) return;
    }
  }

  /** Makes what was read durable: the blocks a snapshot stands on must not be younger than it. */
  sync(): void {
    const { disk } = this.#options;
    for (const path of this.#touched) {
      const fd = disk.open(path, "r+");
      try {
        syncSegment(disk, fd, path);
      } finally {
        disk.close(fd);
      }
    }
    this.#touched.clear();
    if (this.#path !== "") this.#touched.add(this.#path);
  }

  close(): void {
    if (this.#fd >= 0) this.#options.disk.close(this.#fd);
    this.#fd = -1;
  }

  /** Whole blocks of one window from the position on. */
  *#blocksHere(): Generator<Block, void> {
    const { disk, hash } = this.#options;
    const filled = this.#fill(disk);
    const start = this.#position;
    for (let at = 0; at + BLOCK_HEADER_BYTES <= filled;) {
      if (this.#view.getUint32(at, true) !== BLOCK_MAGIC_VALUE) return;
      const bytes = blockBytes(this.#view, at);
      if (at + bytes > filled || !isIntact(this.#view, at, bytes, hash)) return;
      const header = decodeBlockHeader(this.#view, at);
      const isNext =
        header.index === this.#index &&
        header.firstSequence === this.#sequence &&
        header.prevHash === this.#prevHash;
      if (!isNext) throw this.#corrupt(start + at, header.index);
      this.#index += 1;
      this.#sequence += header.records;
      this.#prevHash = header.hash;
      this.#position = start + at + bytes;
      yield {
        header,
        bytes: this.#window.subarray(at, at + bytes),
        path: this.#path,
        offset: start + at,
      };
      at += bytes;
    }
  }

  #fill(disk: Disk): number {
    let filled = 0;
    while (filled < WINDOW_BYTES) {
      const position = this.#position + filled;
      const got = disk.read(this.#fd, this.#window, filled, WINDOW_BYTES - filled, position);
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }

  #openFirst(): boolean {
    const { disk, folder } = this.#options;
    const path = segmentPaths(disk, folder, this.#fromIndex)[0];
    return path !== undefined && this.#open(path);
  }

  /** The writer names a new segment by the block that begins it. */
  #openNext(): boolean {
    const path = `${this.#options.folder}/${segmentName(this.#index)}`;
    return path !== this.#path && this.#open(path);
  }

  #open(path: string): boolean {
    const { disk, hash } = this.#options;
    let fd: number;
    try {
      fd = disk.open(path, "r");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    const isThere = disk.read(fd, bytes, 0, bytes.length, 0) === bytes.length;
    const header = isThere ? decodeSegmentHeader(bytes, hash) : undefined;
    if (header === undefined) {
      // Not written yet: the name comes before the header.
      disk.close(fd);
      return false;
    }
    if (this.#fd < 0) {
      this.#index = header.firstBlockIndex;
      this.#sequence = header.firstSequence;
      this.#prevHash = header.prevHash;
    } else disk.close(this.#fd);
    this.#fd = fd;
    this.#path = path;
    this.#position = SEGMENT_HEADER_BYTES;
    this.#touched.add(path);
    return true;
  }

  #corrupt(position: number, index: number): AlphaError {
    const what = `${this.#path} at byte ${position}: block ${index} where ${this.#index} follows`;
    return new AlphaError("JOURNAL_CORRUPT", what, "run: npx alphapulse journal verify");
  }
}
