// Own events of one account: a bounded, numbered buffer that every session of the account reads.
//
// Records are kept once per account and not per session; a session is a position in the buffer, so
// resume after a reconnect is setting that position. A record leaves when the level its session
// waits for covers it: three watermarks move, nothing is queued twice.
import { AckLevel, CELL_SHIFT } from "../../asm/vocab.ts";

/** Records kept for resume, per account. */
export const OWN_RECORDS_MAX = 16384;
const WORDS_PER_CELL = 16;

/** Numbered own events of one account, oldest dropped first. */
export class OwnStream {
  readonly account: number;
  /** Number of the oldest record kept, from 1. */
  first = 1;
  /** Number the next record gets. */
  next = 1;
  /** Per level: records below this number have reached it. */
  private readonly ready = [1, 1, 1];
  private readonly recordsMax: number;
  private readonly cellsMax: number;
  private readonly words: Int32Array;
  private readonly starts: Int32Array;
  private readonly spans: Uint8Array;
  private readonly causes: Float64Array;
  private head = 0;
  private used = 0;

  constructor(account: number, recordsMax = OWN_RECORDS_MAX) {
    this.account = account;
    this.recordsMax = recordsMax;
    // A fill has 3 cells, most events 2; the rest is room for pads.
    this.cellsMax = recordsMax * 3 + 4;
    this.words = new Int32Array(this.cellsMax * WORDS_PER_CELL);
    this.starts = new Int32Array(recordsMax);
    this.spans = new Uint8Array(recordsMax);
    this.causes = new Float64Array(recordsMax);
  }

  /** Copies one record in; `from` is its byte in `source`, `cause` its input's number. */
  append(source: Int32Array, from: number, cells: number, cause: number): void {
    const wraps = this.head + cells > this.cellsMax;
    const pad = wraps ? this.cellsMax - this.head : 0;
    while (this.used + pad + cells > this.cellsMax || this.next - this.first >= this.recordsMax) {
      this.used -= this.spans[(this.first - 1) % this.recordsMax] ?? 0;
      this.first += 1;
    }
    if (wraps) this.head = 0;
    const slot = (this.next - 1) % this.recordsMax;
    this.starts[slot] = this.head;
    this.spans[slot] = pad + cells;
    this.causes[slot] = cause;
    let to = this.head * WORDS_PER_CELL;
    let word = from >> 2;
    for (const end = word + cells * WORDS_PER_CELL; word < end; word += 1) {
      this.words[to] = source[word] ?? 0;
      to += 1;
    }
    this.head += cells;
    this.used += pad + cells;
    this.next += 1;
  }

  /** Number below which records have reached the level. */
  readyAt(level: AckLevel): number {
    return this.ready[level] ?? 1;
  }

  /** Everything collected so far has reached the level. */
  reachAll(level: AckLevel.Memory | AckLevel.Written): void {
    this.ready[level] = this.next;
  }

  /** Records caused by inputs up to `sequence` are durable. */
  reachDurable(sequence: number): void {
    // Causes never fall, so the border is found by halving.
    let low = Math.max(this.readyAt(AckLevel.Durable), this.first);
    for (let high = this.next; low < high;) {
      const middle = (low + high) >>> 1;
      if ((this.causes[(middle - 1) % this.recordsMax] ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    this.ready[AckLevel.Durable] = low;
  }

  /**
   * Copies records from number `from` on, while below `end` and while they fit `bytesMax`, to byte
   * `to` of `target`. Returns their count; `copiedBytes` has their bytes.
   */
  copy(target: Int32Array, to: number, bytesMax: number, from: number, end: number): number {
    let number = from;
    let bytes = 0;
    while (number < end) {
      const slot = (number - 1) % this.recordsMax;
      const start = this.starts[slot] ?? 0;
      const cells = this.cellsAt(start);
      if (bytes + (cells << CELL_SHIFT) > bytesMax) break;
      let word = (to + bytes) >> 2;
      let source = start * WORDS_PER_CELL;
      for (const stop = source + cells * WORDS_PER_CELL; source < stop; source += 1) {
        target[word] = this.words[source] ?? 0;
        word += 1;
      }
      bytes += cells << CELL_SHIFT;
      number += 1;
    }
    this.copiedBytes = bytes;
    return number - from;
  }

  /** Bytes the last `copy` wrote. */
  copiedBytes = 0;

  private cellsAt(start: number): number {
    // Kind and flags share the first word; the low bits of the flags are the cells minus one.
    return 1 + (((this.words[start * WORDS_PER_CELL] ?? 0) >>> 16) & 0x3);
  }
}
