// The host's side of a ring in shared memory: one producer, one consumer, 64-byte cells.
//
// Same control block as asm/rings/ring.ts; indexes that only one side uses live in that side's
// line, so host and core may take turns on one side of a ring. Nothing here allocates: a record is
// a byte offset into `u8`, `i32` and `view`. Waiting happens here and never in wasm (a compiler of
// Node 20 breaks atomic.wait).
import {
  BELL_COUNT,
  BELL_PARKED,
  CELL_SHIFT,
  Flag,
  Kind,
  RING_BELL,
  RING_BELL_AT,
  RING_CAPACITY,
  RING_DATA,
  RING_HEAD,
  RING_HEAD_SEEN,
  RING_NEXT,
  RING_OVERRUN,
  RING_PENDING,
  RING_READ,
  RING_TAIL,
  RING_TAIL_SEEN,
  RECORD_CELLS_MAX,
} from "../../asm/vocab.ts";

const CELL_WORDS = 1 << (CELL_SHIFT - 2);

/**
 * Cells whose cache lines a producer takes over together. A publish waits until the stores before
 * it are visible, so with one publish a record every line's change of owner is waited for alone:
 * between two cores that share no cache 5 M records/s, with 16 lines asked for at once 11 to 13.
 */
const CLAIM_CELLS = 16;

/**
 * Copies `cells` cells of 16 words. Written out: with a loop over the words `push` took 60 ns
 * instead of 33, and `TypedArray.set` needs a view object per record. Words are signed everywhere
 * on the host: V8 carries an unsigned word as a double, which took 28 ns instead of 8.
 */
function copyCells(
  target: Int32Array,
  to: number,
  source: Int32Array,
  from: number,
  cells: number,
): void {
  for (let left = cells; left > 0; left--) {
    target[to] = source[from]!;
    target[to + 1] = source[from + 1]!;
    target[to + 2] = source[from + 2]!;
    target[to + 3] = source[from + 3]!;
    target[to + 4] = source[from + 4]!;
    target[to + 5] = source[from + 5]!;
    target[to + 6] = source[from + 6]!;
    target[to + 7] = source[from + 7]!;
    target[to + 8] = source[from + 8]!;
    target[to + 9] = source[from + 9]!;
    target[to + 10] = source[from + 10]!;
    target[to + 11] = source[from + 11]!;
    target[to + 12] = source[from + 12]!;
    target[to + 13] = source[from + 13]!;
    target[to + 14] = source[from + 14]!;
    target[to + 15] = source[from + 15]!;
    to += CELL_WORDS;
    from += CELL_WORDS;
  }
}

/** Bytes a ring of `cells` cells takes, control block included. */
export function ringBytes(cells: number): number {
  return RING_DATA + (cells << CELL_SHIFT);
}

/**
 * The word a consumer sleeps on. One bell may serve all rings of a consumer. The consumer announces
 * that it parks, looks once more, then sleeps; a producer publishes, then looks whether someone
 * parked: one of the two always sees the other.
 */
export class Bell {
  private readonly i32: Int32Array;
  private readonly count: number;
  private readonly parked: number;

  constructor(buffer: SharedArrayBuffer, at: number) {
    this.i32 = new Int32Array(buffer);
    this.count = (at + BELL_COUNT) >> 2;
    this.parked = (at + BELL_PARKED) >> 2;
  }

  /** Wakes the consumer if it sleeps; a plain atomic load when it does not. */
  ring(): void {
    if (Atomics.load(this.i32, this.parked) === 0) return;
    Atomics.add(this.i32, this.count, 1);
    Atomics.notify(this.i32, this.count);
  }

  /** Blocks this thread until the bell rings, unless `isBusy` says there is work, or time is up. */
  wait(isBusy: () => boolean, timeoutMillis: number): void {
    const seen = Atomics.load(this.i32, this.count);
    Atomics.store(this.i32, this.parked, 1);
    if (!isBusy()) Atomics.wait(this.i32, this.count, seen, timeoutMillis);
    Atomics.store(this.i32, this.parked, 0);
  }

  /** As `wait` for the thread that owns sockets, which must not block. */
  async waitAsync(isBusy: () => boolean, timeoutMillis: number): Promise<void> {
    const seen = Atomics.load(this.i32, this.count);
    Atomics.store(this.i32, this.parked, 1);
    if (!isBusy()) {
      const wait = Atomics.waitAsync(this.i32, this.count, seen, timeoutMillis);
      if (wait.async) await wait.value;
    }
    Atomics.store(this.i32, this.parked, 0);
  }
}

/** A view of one ring; cheap to make, holds no state of its own. */
export class Ring {
  readonly view: DataView;
  readonly u8: Uint8Array;
  readonly at: number;
  readonly capacityCells: number;
  readonly bell: Bell;
  /** The whole memory as words: `push` of another ring takes it as its source. */
  readonly i32: Int32Array;
  private readonly u16: Uint16Array;
  private readonly control: number;
  private readonly data: number;
  private readonly mask: number;
  /** First cell whose line was not asked for; a hint, so the other party may move on without it. */
  private claimed: number;

  /** Looks at the ring at byte offset `at` of `buffer`; it must have been initialized. */
  constructor(buffer: SharedArrayBuffer, at: number) {
    this.at = at;
    this.view = new DataView(buffer);
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.control = at >> 2;
    this.data = at + RING_DATA;
    this.capacityCells = this.view.getUint32(at + RING_CAPACITY, true);
    this.mask = this.capacityCells - 1;
    if (this.capacityCells === 0 || (this.capacityCells & this.mask) !== 0) {
      throw new RangeError(`no ring at byte ${at}: capacity ${this.capacityCells} cells`);
    }
    this.bell = new Bell(buffer, this.view.getUint32(at + RING_BELL_AT, true));
    this.claimed = this.i32[this.control + (RING_NEXT >> 2)]!;
  }

  /**
   * Makes an empty ring of `cells` cells and looks at it. A power of two from 8 on: behind a Pad of
   * three cells the longest record must still find room in an empty ring. Throws RangeError.
   */
  static create(buffer: SharedArrayBuffer, at: number, cells: number): Ring {
    if (cells < RECORD_CELLS_MAX * 2) throw new RangeError(`a ring of ${cells} cells is too small`);
    new Uint8Array(buffer, at, RING_DATA).fill(0);
    const view = new DataView(buffer);
    view.setUint32(at + RING_CAPACITY, cells, true);
    view.setUint32(at + RING_BELL_AT, at + RING_BELL, true);
    return new Ring(buffer, at);
  }

  // --------------------------------------------------------------------------- producer

  /**
   * Byte offset of room for a record of `cells` cells, zeroed; -1 when the ring is full, which is
   * counted. `commit` puts the record into the queue, `publish` shows it.
   */
  reserve(cells: number): number {
    const at = this.reserveRaw(cells);
    if (at >= 0) this.i32.fill(0, at >> 2, (at >> 2) + (cells << 4));
    return at;
  }

  /** As `reserve`, with the old bytes left in place: for producers that copy whole cells. */
  reserveRaw(cells: number): number {
    const c = this.control;
    const next = this.i32[c + (RING_NEXT >> 2)]!;
    const position = next & this.mask;
    const pad = position + cells > this.capacityCells ? this.capacityCells - position : 0;
    const need = pad + cells;
    if (!this.hasRoom(next, need)) {
      this.i32[c + (RING_OVERRUN >> 2)]!++;
      return -1;
    }
    this.i32[c + (RING_PENDING >> 2)] = need;
    if (pad !== 0) this.writePad(this.data + (position << CELL_SHIFT), pad);
    return this.data + (pad === 0 ? position << CELL_SHIFT : 0);
  }

  private writePad(at: number, cells: number): void {
    this.i32.fill(0, at >> 2, (at >> 2) + (cells << 4));
    this.u16[at >> 1] = Kind.Pad;
    this.u16[(at >> 1) + 1] = cells - 1;
  }

  /** Puts the reserved record into the queue. */
  commit(): void {
    const c = this.control;
    this.i32[c + (RING_NEXT >> 2)]! += this.i32[c + (RING_PENDING >> 2)]!;
  }

  /** Shows all committed records to the consumer: one atomic store a batch. */
  publish(): void {
    const c = this.control;
    Atomics.store(this.i32, c + (RING_HEAD >> 2), this.i32[c + (RING_NEXT >> 2)]!);
  }

  /** Wakes a consumer that sleeps; call after `publish`. */
  wake(): void {
    this.bell.ring();
  }

  /**
   * Copies one record of `cells` cells from byte `from` of `source` (words of any memory) into the
   * ring and commits it; false when the ring is full.
   */
  push(source: Int32Array, from: number, cells: number): boolean {
    const i32 = this.i32;
    const c = this.control;
    const next = i32[c + (RING_NEXT >> 2)]!;
    const position = next & this.mask;
    const isClear =
      position + cells <= this.capacityCells &&
      (next + cells - i32[c + (RING_TAIL_SEEN >> 2)]!) >>> 0 <= this.capacityCells;
    if (!isClear) return this.pushAround(source, from, cells);
    if (((this.claimed - next) | 0) <= 0) this.claim(next, position);
    copyCells(i32, (this.data >> 2) + (position << 4), source, from >> 2, cells);
    i32[c + (RING_NEXT >> 2)] = next + cells;
    return true;
  }

  /** Writes into the free cells from `next` on, so that their lines come over side by side. */
  private claim(next: number, position: number): void {
    const used = (next - this.i32[this.control + (RING_TAIL_SEEN >> 2)]!) >>> 0;
    const toEnd = this.capacityCells - position;
    const cells = Math.min(CLAIM_CELLS, this.capacityCells - used, toEnd);
    const first = (this.data >> 2) + (position << 4);
    for (let cell = 0; cell < cells; cell++) this.i32[first + (cell << 4)] = 0;
    this.claimed = (next + cells) | 0;
  }

  /** As `push` where the record meets the end of the ring or the consumer. */
  private pushAround(source: Int32Array, from: number, cells: number): boolean {
    const at = this.reserveRaw(cells);
    if (at < 0) return false;
    copyCells(this.i32, at >> 2, source, from >> 2, cells);
    this.commit();
    return true;
  }

  /**
   * Copies the whole records in bytes [from, to) of `source` and commits them: one block copy where
   * they fit without wrapping; none of them may be a Pad (a run of `skipRun` can end with one).
   * Returns the byte behind the last record taken; less than `to` when the ring is full.
   */
  pushRun(source: Int32Array, from: number, to: number): number {
    const c = this.control;
    const cells = (to - from) >> CELL_SHIFT;
    const next = this.i32[c + (RING_NEXT >> 2)]!;
    const position = next & this.mask;
    if (cells <= this.capacityCells - position && this.hasRoom(next, cells)) {
      const isWhole = from === 0 && to === source.length << 2;
      const run = isWhole ? source : source.subarray(from >> 2, to >> 2);
      this.i32.set(run, (this.data >> 2) + (position << 4));
      this.i32[c + (RING_NEXT >> 2)] = next + cells;
      return to;
    }
    let at = from;
    while (at < to) {
      const record = 1 + ((source[at >> 2]! >>> 16) & Flag.CellsMask);
      if (!this.push(source, at, record)) break;
      at += record << CELL_SHIFT;
    }
    return at;
  }

  /** Asks for the consumer's tail only when the one seen last says that `cells` do not fit. */
  private hasRoom(next: number, cells: number): boolean {
    const seen = this.control + (RING_TAIL_SEEN >> 2);
    if ((next + cells - this.i32[seen]!) >>> 0 <= this.capacityCells) return true;
    const tail = Atomics.load(this.i32, this.control + (RING_TAIL >> 2));
    this.i32[seen] = tail;
    return (next + cells - tail) >>> 0 <= this.capacityCells;
  }

  /** Records the producer could not place, since the start. */
  get overrun(): number {
    return this.i32[this.control + (RING_OVERRUN >> 2)]! >>> 0;
  }

  /** Cells the producer may still write. */
  room(): number {
    const c = this.control;
    const tail = Atomics.load(this.i32, c + (RING_TAIL >> 2));
    return this.capacityCells - ((this.i32[c + (RING_NEXT >> 2)]! - tail) >>> 0);
  }

  // --------------------------------------------------------------------------- consumer

  /** Byte offset of the next unread record, -1 when there is none. `skip` passes it. */
  next(): number {
    const c = this.control;
    let read = this.i32[c + (RING_READ >> 2)]!;
    if (read === this.i32[c + (RING_HEAD_SEEN >> 2)]!) {
      const head = Atomics.load(this.i32, c + (RING_HEAD >> 2));
      this.i32[c + (RING_HEAD_SEEN >> 2)] = head;
      if (read === head) return -1;
    }
    let at = this.data + ((read & this.mask) << CELL_SHIFT);
    if (this.u16[at >> 1] === Kind.Pad) {
      read = (read + this.cellsAt(at)) | 0;
      this.i32[c + (RING_READ >> 2)] = read;
      at = this.data + ((read & this.mask) << CELL_SHIFT);
    }
    return at;
  }

  /** Cells of the record at byte `at`, 1 to 4. */
  cellsAt(at: number): number {
    return 1 + (this.u16[(at >> 1) + 1]! & Flag.CellsMask);
  }

  /** Passes the record of `cells` cells that `next` returned. */
  skip(cells: number): void {
    const c = this.control;
    this.i32[c + (RING_READ >> 2)] = (this.i32[c + (RING_READ >> 2)]! + cells) | 0;
  }

  /**
   * Byte behind the unread records that lie together from `next` on; passes them all. For consumers
   * that take runs: the last record of a run may be a Pad.
   */
  skipRun(): number {
    const c = this.control;
    const read = this.i32[c + (RING_READ >> 2)]!;
    const position = read & this.mask;
    const waiting = (this.i32[c + (RING_HEAD_SEEN >> 2)]! - read) >>> 0;
    const cells = Math.min(waiting, this.capacityCells - position);
    this.i32[c + (RING_READ >> 2)] = (read + cells) | 0;
    return this.data + ((position + cells) << CELL_SHIFT);
  }

  /** Gives the cells passed so far back to the producer: one atomic store a batch. */
  release(): void {
    const c = this.control;
    Atomics.store(this.i32, c + (RING_TAIL >> 2), this.i32[c + (RING_READ >> 2)]!);
  }

  /** Cells that wait to be read. */
  waiting(): number {
    const c = this.control;
    const head = Atomics.load(this.i32, c + (RING_HEAD >> 2));
    return (head - this.i32[c + (RING_READ >> 2)]!) >>> 0;
  }

  /** True when a record waits; bound, so that it can be handed to `bell.wait`. */
  readonly isBusy = (): boolean => this.waiting() !== 0;
}

/**
 * The producer's side of a ring whose consumer is the calling thread: it cannot sleep while we run,
 * and ringing its bell would cost a wake-up of the event loop.
 */
export class OwnThreadRing {
  private readonly ring: Ring;

  constructor(ring: Ring) {
    this.ring = ring;
  }

  push(source: Int32Array, from: number, cells: number): boolean {
    return this.ring.push(source, from, cells);
  }

  publish(): void {
    this.ring.publish();
  }

  /** Nobody sleeps: the caller schedules the turn. */
  wake(): void {}

  room(): number {
    return this.ring.room();
  }
}
