// One segment file through a window that moves forward: what lies where, and whether it is whole.
//
// tidy: tested by test/src/journal/scan.test.ts

import { BLOCK_HEADER_BYTES, BLOCK_MAGIC_VALUE, REC_FLAGS, REC_KIND } from "../../asm/vocab.ts";
import { isZero } from "../bytes.ts";
import type { Disk } from "./disk.ts";
import {
  BLOCK_ALIGN,
  blockBytes,
  decodeBlockHeader,
  decodeSegmentHeader,
  isIntact,
  SEGMENT_HEADER_BYTES,
  type BlockHeader,
  type HashBytes,
  type SegmentHeader,
} from "./format.ts";

/** Bytes read at once; a larger block is read whole. */
const WINDOW_BYTES = 1 << 20;

/** A difference in words. */
export function differ(what: string, expected: string | number, actual: string | number): string {
  return `${what}: expected ${expected}, found ${actual}`;
}

/** See the top of the file. Offsets are bytes of the file. */
export class SegmentReader {
  readonly bytes: number;
  buffer: Uint8Array;
  view: DataView;
  readonly #disk: Disk;
  readonly #fd: number;
  #start = 0;
  #filled = 0;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#fd = disk.open(path, "r");
    this.bytes = disk.size(this.#fd);
    this.buffer = new Uint8Array(Math.min(this.bytes, WINDOW_BYTES));
    this.view = new DataView(this.buffer.buffer);
  }

  close(): void {
    this.#disk.close(this.#fd);
  }

  /** Position in the buffer of a file offset that was loaded. */
  at(offset: number): number {
    return offset - this.#start;
  }

  header(hash: HashBytes): SegmentHeader | undefined {
    if (!this.#load(0, SEGMENT_HEADER_BYTES)) return undefined;
    const at = this.at(0);
    return decodeSegmentHeader(this.buffer.subarray(at, at + SEGMENT_HEADER_BYTES), hash);
  }

  /** What a header at `offset` says of itself, if one is there: only its magic was looked at. */
  claimAt(offset: number): { header: BlockHeader; bytes: number } | undefined {
    if (!this.#load(offset, BLOCK_HEADER_BYTES)) return undefined;
    const at = this.at(offset);
    if (this.view.getUint32(at, true) !== BLOCK_MAGIC_VALUE) return undefined;
    return { header: decodeBlockHeader(this.view, at), bytes: blockBytes(this.view, at) };
  }

  /** Kind of the first record of the block at `offset`, as its bytes say; 0 where there is none. */
  firstKindAt(offset: number): number {
    const from = offset + BLOCK_HEADER_BYTES;
    return this.#load(from, REC_FLAGS) ? this.view.getUint16(this.at(from) + REC_KIND, true) : 0;
  }

  /** "" when an intact block lies at `offset`, else what is wrong; loads the block. */
  blockProblem(offset: number, hash: HashBytes): string {
    if (!this.#load(offset, BLOCK_HEADER_BYTES)) return "block header: the file ends inside it";
    const magic = this.view.getUint32(this.at(offset), true);
    if (magic !== BLOCK_MAGIC_VALUE) {
      return differ(
        "block magic",
        `0x${BLOCK_MAGIC_VALUE.toString(16)}`,
        `0x${magic.toString(16)}`,
      );
    }
    const bytes = blockBytes(this.view, this.at(offset));
    if (!this.#load(offset, bytes)) {
      return differ("block bytes", `at most ${this.bytes - offset}`, bytes);
    }
    const isWhole = isIntact(this.view, this.at(offset), bytes, hash);
    return isWhole ? "" : "block hash: does not match its bytes";
  }

  /** Whether the block at `offset` is intact in the file as it is now. */
  isWholeNow(offset: number, hash: HashBytes): boolean {
    this.#filled = 0;
    return this.blockProblem(offset, hash) === "";
  }

  /** Whether an intact block begins anywhere at or after `offset`. */
  hasIntactBlock(offset: number, hash: HashBytes): boolean {
    const from = Math.max(SEGMENT_HEADER_BYTES, offset);
    for (let next = from; next + BLOCK_HEADER_BYTES <= this.bytes; next += BLOCK_ALIGN) {
      if (!this.#load(next, BLOCK_HEADER_BYTES)) return false;
      if (this.at(next) === 0) next += this.#zeroBytes(BLOCK_ALIGN);
      if (!this.#load(next, BLOCK_HEADER_BYTES)) return false;
      if (this.view.getUint32(this.at(next), true) !== BLOCK_MAGIC_VALUE) continue;
      if (this.blockProblem(next, hash) === "") return true;
    }
    return false;
  }

  /** Distance from `offset` to behind the last byte that is not zero. */
  writtenBytesFrom(offset: number): number {
    let end = offset;
    for (let next = offset; next < this.bytes; next += WINDOW_BYTES) {
      const bytes = Math.min(WINDOW_BYTES, this.bytes - next);
      this.#load(next, bytes);
      const from = this.at(next);
      const window = this.buffer.subarray(from, from + bytes);
      if (isZero(window)) continue;
      let last = bytes - 1;
      while (window[last] === 0) last -= 1;
      end = next + last + 1;
    }
    return end - offset;
  }

  /** Length of the window when it is all zero, less one step, so that the loop reaches its end. */
  #zeroBytes(align: number): number {
    const window = this.buffer.subarray(0, this.#filled);
    if (!isZero(window)) return 0;
    return Math.max(0, Math.floor(window.length / align) * align - align);
  }

  /** Brings [offset, offset + bytes) into the buffer; false when the file is shorter. */
  #load(offset: number, bytes: number): boolean {
    if (offset + bytes > this.bytes) return false;
    if (offset >= this.#start && offset + bytes <= this.#start + this.#filled) return true;
    if (bytes > this.buffer.length) {
      this.buffer = new Uint8Array(bytes);
      this.view = new DataView(this.buffer.buffer);
    }
    const wanted = Math.min(this.buffer.length, this.bytes - offset);
    this.#start = offset;
    this.#filled = 0;
    while (this.#filled < wanted) {
      const rest = wanted - this.#filled;
      const got = this.#disk.read(this.#fd, this.buffer, this.#filled, rest, offset + this.#filled);
      if (got === 0) break;
      this.#filled += got;
    }
    return bytes <= this.#filled;
  }
}
