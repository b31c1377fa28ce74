// The two sides of a public book: sorted arrays of price and lots, the best price at the end.
//
// Most changes happen near the top and move little there. What is before the levels is the book's
// head: its counts are of this module, its trust of l2.ts, its orders (a book that comes order by
// order has some) of orders.ts.
//
// tidy: tested by test/asm/books/l2.test.ts
import { LEVEL_BYTES, LEVEL_PRICE_TICKS, LEVEL_QTY_LOTS } from "../vocab";

export const B_LEVELS_MAX: i32 = 0; // u32
export const B_BIDS: i32 = 4; // u32, levels
export const B_ASKS: i32 = 8; // u32
export const B_RULE: i32 = 12; // u8
export const B_STATE: i32 = 13; // u8, bits of l2.ts
export const B_CUT: i32 = 14; // u8, bit 0: bids fell off the far end, bit 1: asks did
export const B_LAST_ID: i32 = 16; // u64, last id applied
export const B_GROUP_ID: i32 = 24; // u64, last id of the group being applied
export const B_PENDING: i32 = 32; // u32, records that wait
export const B_REASON: i32 = 36; // u16, enum Refusal: why trust ended
export const B_EXPECTED: i32 = 40; // u64
export const B_RECEIVED: i32 = 48; // u64
export const B_ORDERS: i32 = 56; // u32, address of the orders, 0 = the book comes by price
export const B_KEEP: i32 = 60; // u32, levels kept behind a group, 0 = as many as there is room for
export const B_LEVELS: i32 = 64; // bids, then asks, then waiting records

/** Levels of a side; `isAsk` 0 or 1. */
// @ts-ignore: decorator
@inline
export function bookCount(at: usize, isAsk: u32): u32 {
  return load<u32>(at + (<usize>isAsk << 2), B_BIDS);
}

/** Address of level `rank` of a side, 0 = best: LEVEL_PRICE_TICKS and LEVEL_QTY_LOTS. */
export function bookLevel(at: usize, isAsk: u32, rank: u32): usize {
  assert(rank < bookCount(at, isAsk), "the level is there");
  return levelAt(sideAt(at, isAsk), bookCount(at, isAsk) - 1 - rank);
}

// @ts-ignore: decorator
@inline
export function sideAt(at: usize, isAsk: u32): usize {
  return at + B_LEVELS + <usize>(isAsk * load<u32>(at, B_LEVELS_MAX)) * LEVEL_BYTES;
}

// @ts-ignore: decorator
@inline
export function levelAt(side: usize, place: u32): usize {
  return side + <usize>place * LEVEL_BYTES;
}

/** Forgets all levels. */
export function emptyLevels(at: usize): void {
  store<u32>(at, 0, B_BIDS);
  store<u32>(at, 0, B_ASKS);
  store<u8>(at, 0, B_CUT);
  const bytes = <usize>load<u32>(at, B_LEVELS_MAX) * 2 * LEVEL_BYTES;
  // Bytes behind the last level stay zero: equal books have equal bytes.
  memory.fill(at + B_LEVELS, 0, bytes);
}

/** Sets the quantity at a price; 0 removes it, and removing what is not there is normal. */
export function setLevel(at: usize, isAsk: u32, priceTicks: i64, lots: i64): void {
  const side = sideAt(at, isAsk);
  const count = bookCount(at, isAsk);
  const place = placeOf(side, count, isAsk, priceTicks);
  const isThere = place < count && load<i64>(levelAt(side, place), LEVEL_PRICE_TICKS) == priceTicks;
  if (lots <= 0) {
    if (isThere) removeLevel(at, isAsk, side, count, place);
  } else if (isThere) {
    store<i64>(levelAt(side, place), lots, LEVEL_QTY_LOTS);
  } else {
    insertLevel(at, isAsk, side, count, place, priceTicks, lots);
  }
}

/** Levels looked at one by one from the best before halving: most changes lie there. */
const NEAR_LEVELS: u32 = 8;
/** Ticks from the best within which a dense book is asked where the price would be. */
const NEAR_TICKS: u64 = 64;

/** Place of the first level that is not worse than the price. */
export function placeOf(side: usize, count: u32, isAsk: u32, priceTicks: i64): u32 {
  if (count == 0) return 0;
  const best = load<i64>(levelAt(side, count - 1), LEVEL_PRICE_TICKS);
  if (isAsk != 0 ? priceTicks < best : priceTicks > best) return count;
  const away = <u64>(isAsk != 0 ? priceTicks - best : best - priceTicks);
  // Each level is a tick or more behind the one before: with no gaps it lies here, else nearer.
  if (away < NEAR_TICKS && away < <u64>count) {
    let place = count - 1 - <u32>away;
    while (isWorse(side, place, isAsk, priceTicks)) place++;
    return place;
  }
  return search(side, count, isAsk, priceTicks);
}

function search(side: usize, count: u32, isAsk: u32, priceTicks: i64): u32 {
  let high = count;
  for (const near = count > NEAR_LEVELS ? count - NEAR_LEVELS : 0; high > near; high--) {
    if (isWorse(side, high - 1, isAsk, priceTicks)) return high;
  }
  let low: u32 = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isWorse(side, middle, isAsk, priceTicks)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// @ts-ignore: decorator
@inline
function isWorse(side: usize, place: u32, isAsk: u32, priceTicks: i64): bool {
  const there = load<i64>(levelAt(side, place), LEVEL_PRICE_TICKS);
  return isAsk != 0 ? there > priceTicks : there < priceTicks;
}

/** Entries moved one by one; beyond that the call of a bulk copy is worth its cost. */
const MOVED_SINGLY_MAX: u32 = 64;

/** Moves `count` entries of 16 bytes at `from` one place up. */
// @ts-ignore: decorator
@inline
export function shiftUp(from: usize, count: u32): void {
  const end = from + (<usize>count << 4);
  if (count > MOVED_SINGLY_MAX) memory.copy(from + 16, from, end - from);
  else for (let at = end; at > from; at -= 16) v128.store(at, v128.load(at - 16));
}

/** Moves the `count` entries of 16 bytes behind `to` one place down and clears the last place. */
// @ts-ignore: decorator
@inline
export function shiftDown(to: usize, count: u32): void {
  const end = to + (<usize>count << 4);
  if (count > MOVED_SINGLY_MAX) memory.copy(to, to + 16, end - to);
  else for (let at = to; at < end; at += 16) v128.store(at, v128.load(at, 16));
  v128.store(end, i64x2.splat(0));
}

/** Takes the level at `place` away. */
export function removeLevel(at: usize, isAsk: u32, side: usize, count: u32, place: u32): void {
  shiftDown(levelAt(side, place), count - 1 - place);
  store<u32>(at + (<usize>isAsk << 2), count - 1, B_BIDS);
}

/** Takes the worst `gone` levels of a side away. */
export function removeWorst(at: usize, isAsk: u32, gone: u32): void {
  const side = sideAt(at, isAsk);
  const left = bookCount(at, isAsk) - gone;
  memory.copy(side, levelAt(side, gone), <usize>left * LEVEL_BYTES);
  memory.fill(levelAt(side, left), 0, <usize>gone * LEVEL_BYTES);
  store<u32>(at + (<usize>isAsk << 2), left, B_BIDS);
  store<u8>(at, load<u8>(at, B_CUT) | <u8>((<u32>1) << isAsk), B_CUT);
}

/** Puts a level at `place`; when there is no room the worst leaves, which may be the new one. */
export function insertLevel(
  at: usize,
  isAsk: u32,
  side: usize,
  count: u32,
  place: u32,
  priceTicks: i64,
  lots: i64,
): void {
  let to = place;
  if (count == load<u32>(at, B_LEVELS_MAX)) {
    store<u8>(at, load<u8>(at, B_CUT) | <u8>((<u32>1) << isAsk), B_CUT);
    if (place == 0) return;
    // The worst level leaves; those between it and the new one move down.
    to = place - 1;
    memory.copy(side, side + LEVEL_BYTES, <usize>to * LEVEL_BYTES);
  } else {
    shiftUp(levelAt(side, place), count - place);
    store<u32>(at + (<usize>isAsk << 2), count + 1, B_BIDS);
  }
  store<i64>(levelAt(side, to), priceTicks, LEVEL_PRICE_TICKS);
  store<i64>(levelAt(side, to), lots, LEVEL_QTY_LOTS);
}
