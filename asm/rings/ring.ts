// One producer, one consumer, 64-byte cells; the core's side of every shared queue.
//
// Head and tail lie 128 bytes apart so that the two threads do not fight over a cache line; each
// side keeps the other's index as last seen and asks for it again only when it would stop. Records
// never wrap: the producer fills the end with a Pad. What a side has done but not published lies in
// its own line too, so the host and the core may take turns on one side of the same ring.
import {
  CELL_BYTES,
  CELL_SHIFT,
  Flag,
  Kind,
  REC_FLAGS,
  REC_KIND,
  RECORD_CELLS_MAX,
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
} from "../vocab";

/**
 * Makes an empty ring of `cells` cells at `ring`, rung by the bell at `bell`. A power of two from 8
 * on: behind a Pad of three cells the longest record must still find room in an empty ring.
 */
export function ringInit(ring: usize, cells: i32, bell: usize): void {
  assert(cells >= RECORD_CELLS_MAX * 2, "a ring holds the longest record behind its pad");
  assert((cells & (cells - 1)) == 0, "ring capacity is a power of two");
  memory.fill(ring, 0, RING_DATA);
  store<u32>(ring, cells, RING_CAPACITY);
  store<u32>(ring, <u32>bell, RING_BELL_AT);
}

/** Zeroes `cells` cells; a cell is four 16-byte stores. */
// @ts-ignore: decorator
@inline
export function zeroCells(at: usize, cells: i32): void {
  const zero = v128.splat<i64>(0);
  for (const end = at + (<usize>cells << CELL_SHIFT); at < end; at += CELL_BYTES) {
    v128.store(at, zero);
    v128.store(at, zero, 16);
    v128.store(at, zero, 32);
    v128.store(at, zero, 48);
  }
}

/** Copies `cells` cells, one to four. */
// @ts-ignore: decorator
@inline
export function copyCells(to: usize, from: usize, cells: i32): void {
  copyCell(to, from);
  if (cells == 1) return;
  copyCell(to + 64, from + 64);
  if (cells == 2) return;
  copyCell(to + 128, from + 128);
  if (cells == 4) copyCell(to + 192, from + 192);
}

// @ts-ignore: decorator
@inline
function copyCell(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** Cells of the record at `at`, 1 to 4. */
// @ts-ignore: decorator
@inline
export function recordCells(at: usize): i32 {
  return 1 + (load<u16>(at, REC_FLAGS) & Flag.CellsMask);
}

/**
 * Room for a record of `cells` cells, zeroed; 0 when the ring is full, which is counted. The record
 * becomes part of the queue with `ringCommit` and visible with `ringPublish`.
 */
export function ringReserve(ring: usize, cells: i32): usize {
  const at = ringReserveRaw(ring, cells);
  if (at != 0) zeroCells(at, cells);
  return at;
}

/** As `ringReserve`, with the old bytes left in place. */
// @ts-ignore: decorator
@inline
export function ringReserveRaw(ring: usize, cells: i32): usize {
  const capacity = load<u32>(ring, RING_CAPACITY);
  const next = load<u32>(ring, RING_NEXT);
  const position = next & (capacity - 1);
  const pad = position + cells > capacity ? capacity - position : 0;
  const need = pad + cells;
  if (next + need - load<u32>(ring, RING_TAIL_SEEN) > capacity) {
    store<u32>(ring, atomic.load<u32>(ring, RING_TAIL), RING_TAIL_SEEN);
    if (next + need - load<u32>(ring, RING_TAIL_SEEN) > capacity) {
      store<u32>(ring, load<u32>(ring, RING_OVERRUN) + 1, RING_OVERRUN);
      return 0;
    }
  }
  const data = ring + RING_DATA;
  store<u32>(ring, need, RING_PENDING);
  if (pad == 0) return data + (<usize>position << CELL_SHIFT);
  const hole = data + (<usize>position << CELL_SHIFT);
  zeroCells(hole, pad);
  store<u16>(hole, Kind.Pad, REC_KIND);
  store<u16>(hole, <u16>(pad - 1), REC_FLAGS);
  return data;
}

/** Puts the reserved record into the queue. */
// @ts-ignore: decorator
@inline
export function ringCommit(ring: usize): void {
  store<u32>(ring, load<u32>(ring, RING_NEXT) + load<u32>(ring, RING_PENDING), RING_NEXT);
}

/** Where the producer stands; `ringRewind` takes back what was committed since, unpublished. */
// @ts-ignore: decorator
@inline
export function ringMark(ring: usize): u32 {
  return load<u32>(ring, RING_NEXT);
}

/** Takes back commits since `mark`; only before they are published. */
// @ts-ignore: decorator
@inline
export function ringRewind(ring: usize, mark: u32): void {
  store<u32>(ring, mark, RING_NEXT);
}

/** Shows all committed records to the consumer: one atomic store a batch. */
// @ts-ignore: decorator
@inline
export function ringPublish(ring: usize): void {
  atomic.store<u32>(ring, load<u32>(ring, RING_NEXT), RING_HEAD);
}

/** Cells the producer may still write, as seen now. */
export function ringRoom(ring: usize): u32 {
  const tail = atomic.load<u32>(ring, RING_TAIL);
  store<u32>(ring, tail, RING_TAIL_SEEN);
  return load<u32>(ring, RING_CAPACITY) - (load<u32>(ring, RING_NEXT) - tail);
}

/** True when the producer may write `cells` more; the tail is read only when it seems not. */
// @ts-ignore: decorator
@inline
export function ringHasRoom(ring: usize, cells: u32): bool {
  const wanted = load<u32>(ring, RING_NEXT) + cells;
  const capacity = load<u32>(ring, RING_CAPACITY);
  if (wanted - load<u32>(ring, RING_TAIL_SEEN) <= capacity) return true;
  const tail = atomic.load<u32>(ring, RING_TAIL);
  store<u32>(ring, tail, RING_TAIL_SEEN);
  return wanted - tail <= capacity;
}

/** Address of the next unread record, 0 when there is none. `ringSkip` passes it. */
// @ts-ignore: decorator
@inline
export function ringNext(ring: usize): usize {
  const read = load<u32>(ring, RING_READ);
  if (read == load<u32>(ring, RING_HEAD_SEEN)) {
    const head = atomic.load<u32>(ring, RING_HEAD);
    store<u32>(ring, head, RING_HEAD_SEEN);
    if (read == head) return 0;
  }
  const at = ringAddress(ring, read);
  if (load<u16>(at, REC_KIND) != Kind.Pad) return at;
  return nextAfterPad(ring, read + recordCells(at));
}

// @ts-ignore: decorator
@inline
function ringAddress(ring: usize, index: u32): usize {
  const position = index & (load<u32>(ring, RING_CAPACITY) - 1);
  return ring + RING_DATA + (<usize>position << CELL_SHIFT);
}

/** A pad and the record behind it are published together, so the record is there. */
function nextAfterPad(ring: usize, read: u32): usize {
  store<u32>(ring, read, RING_READ);
  assert(read != load<u32>(ring, RING_HEAD_SEEN), "a record follows its pad");
  return ringAddress(ring, read);
}

/** Passes the record of `cells` cells that `ringNext` returned. */
// @ts-ignore: decorator
@inline
export function ringSkip(ring: usize, cells: i32): void {
  store<u32>(ring, load<u32>(ring, RING_READ) + cells, RING_READ);
}

/**
 * Gives the cells passed so far back to the producer: one atomic store a batch, and none for a ring
 * that had nothing, because such a store waits until all before it are done.
 */
// @ts-ignore: decorator
@inline
export function ringRelease(ring: usize): void {
  const read = load<u32>(ring, RING_READ);
  if (read != load<u32>(ring, RING_TAIL)) atomic.store<u32>(ring, read, RING_TAIL);
}

/**
 * Begins again at the first cell when everything was read: keeps a ring whose two sides share one
 * thread inside the processor's cache. Only for such rings.
 */
export function ringRestart(ring: usize): void {
  const next = load<u32>(ring, RING_NEXT);
  if (load<u32>(ring, RING_TAIL) != next || load<u32>(ring, RING_HEAD) != next) return;
  store<u32>(ring, 0, RING_NEXT);
  store<u32>(ring, 0, RING_HEAD);
  store<u32>(ring, 0, RING_TAIL);
  store<u32>(ring, 0, RING_TAIL_SEEN);
  store<u32>(ring, 0, RING_READ);
  store<u32>(ring, 0, RING_HEAD_SEEN);
}
