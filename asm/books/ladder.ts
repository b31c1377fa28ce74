// One side of an internal book: price levels in a window around the touch, orders in each by time.
//
// The best price moves little, so a window of levels (16 bytes each, slot = rank modulo window)
// with a two-level bitmap answers every question in a few loads; a tree would add two to four
// dependent loads. Prices are kept as ranks (buy: price, sell: -price), so that higher is better on
// both sides and the code exists once. Orders worse than the window wait in one sorted list:
// correct at any price, slow only far from the touch. The window moves when the touch leaves it, or
// comes so near its lower edge that new orders would miss it.
import {
  BOOK_WINDOW_TICKS_MAX,
  ORDER_ROWS,
  ORDER_ROW_LEAVES,
  ORDER_ROW_NEXT,
  ORDER_ROW_PREV,
  ORDER_ROW_PRICE,
  ORDER_ROW_SHIFT,
} from "../layout";

// The side's header; then the bitmap words, then the levels.
const SIDE_BASE: i32 = 0; // i64, lowest rank of the window
const SIDE_BEST: i32 = 8; // i64, NO_RANK when empty
const SIDE_MASK: i32 = 16; // u32, window ticks - 1
const SIDE_LEVELS: i32 = 20; // u32, levels in the window that hold orders
const SIDE_OVERFLOW_FIRST: i32 = 24; // u32, best order worse than the window
const SIDE_OVERFLOW_LAST: i32 = 28; // u32
const SIDE_SUMMARY: i32 = 32; // u64, bit w: word w of the bitmap is not zero
const SIDE_SIGN: i32 = 40; // i64, +1 buy, -1 sell
const SIDE_LEVELS_AT: i32 = 48; // u32, address of the first level
const SIDE_HEADER_BYTES: i32 = 64;

const LEVEL_FIRST: i32 = 0; // u32
const LEVEL_LAST: i32 = 4; // u32
const LEVEL_LOTS: i32 = 8; // i64

/** The rank of an empty side: worse than any price. */
export const NO_RANK: i64 = i64.MIN_VALUE;

/** Bytes one side needs for a window of `ticks` (a power of two, 64 to 4096). */
export function l3Bytes(ticks: i32): i32 {
  return SIDE_HEADER_BYTES + (ticks >> 3) + (ticks << 4);
}

/** Makes an empty side in zeroed memory; `sign` is +1 for buys, -1 for sells. */
export function l3Init(side: usize, ticks: i32, sign: i64): void {
  assert(ticks >= 64 && ticks <= BOOK_WINDOW_TICKS_MAX, "a window has 64 to 4096 ticks");
  assert((ticks & (ticks - 1)) == 0, "a window is a power of two");
  store<i64>(side, NO_RANK, SIDE_BEST);
  store<u32>(side, ticks - 1, SIDE_MASK);
  store<i64>(side, sign, SIDE_SIGN);
  store<u32>(side, <u32>(side + SIDE_HEADER_BYTES + (ticks >> 3)), SIDE_LEVELS_AT);
}

// @ts-ignore: decorator
@inline
function row(slot: u32): usize {
  return <usize>ORDER_ROWS + (<usize>slot << ORDER_ROW_SHIFT);
}

// @ts-ignore: decorator
@inline
function rankOf(side: usize, slot: u32): i64 {
  return load<i64>(row(slot), ORDER_ROW_PRICE) * load<i64>(side, SIDE_SIGN);
}

// @ts-ignore: decorator
@inline
function levelAt(side: usize, rank: i64): usize {
  const index = <usize>(<u32>rank & load<u32>(side, SIDE_MASK));
  return <usize>load<u32>(side, SIDE_LEVELS_AT) + (index << 4);
}

// @ts-ignore: decorator
@inline
function inWindow(side: usize, rank: i64): bool {
  return <u64>(rank - load<i64>(side, SIDE_BASE)) <= <u64>load<u32>(side, SIDE_MASK);
}

/** Rank of the best order, NO_RANK when the side is empty. */
// @ts-ignore: decorator
@inline
export function l3Best(side: usize): i64 {
  return load<i64>(side, SIDE_BEST);
}

/** Best price in ticks; 0 when the side is empty. */
// @ts-ignore: decorator
@inline
export function l3BestTicks(side: usize): i64 {
  const best = load<i64>(side, SIDE_BEST);
  return best == NO_RANK ? 0 : best * load<i64>(side, SIDE_SIGN);
}

/** Lots at the best price; 0 when the side is empty. */
// @ts-ignore: decorator
@inline
export function l3BestLots(side: usize): i64 {
  const best = load<i64>(side, SIDE_BEST);
  return best == NO_RANK ? 0 : load<i64>(levelAt(side, best), LEVEL_LOTS);
}

/** The order that trades next, 0 when the side is empty. */
// @ts-ignore: decorator
@inline
export function l3First(side: usize): u32 {
  const best = load<i64>(side, SIDE_BEST);
  return best == NO_RANK ? 0 : load<u32>(levelAt(side, best), LEVEL_FIRST);
}

/** The order that trades after `slot`, 0 after the last. */
export function l3After(side: usize, slot: u32): u32 {
  const next = load<u32>(row(slot), ORDER_ROW_NEXT);
  if (next != 0) return next;
  const rank = rankOf(side, slot);
  if (!inWindow(side, rank)) return 0;
  const below = nextRank(side, rank);
  if (below != NO_RANK) return load<u32>(levelAt(side, below), LEVEL_FIRST);
  return load<u32>(side, SIDE_OVERFLOW_FIRST);
}

/** Rank of an order that rests on this side. */
// @ts-ignore: decorator
@inline
export function l3Rank(side: usize, slot: u32): i64 {
  return rankOf(side, slot);
}

/** Lots of the level whose first order is `slot`; -1 when it must be added up order by order. */
export function l3LevelLots(side: usize, slot: u32): i64 {
  const rank = rankOf(side, slot);
  return inWindow(side, rank) ? load<i64>(levelAt(side, rank), LEVEL_LOTS) : -1;
}

/** First order of the next worse level or of the overflow; the level of `slot` is in the window. */
export function l3NextLevel(side: usize, slot: u32): u32 {
  const below = nextRank(side, rankOf(side, slot));
  if (below != NO_RANK) return load<u32>(levelAt(side, below), LEVEL_FIRST);
  return load<u32>(side, SIDE_OVERFLOW_FIRST);
}

/** Puts a resting order behind all others of its price. */
export function l3Add(side: usize, slot: u32): void {
  const rank = rankOf(side, slot);
  if (!inWindow(side, rank)) moveFor(side, rank);
  if (inWindow(side, rank)) levelAppend(side, rank, slot);
  else overflowInsert(side, rank, slot);
}

/** Takes an order out; its price and leaves must be what they were when it was added or reduced. */
export function l3Remove(side: usize, slot: u32): void {
  const rank = rankOf(side, slot);
  if (!inWindow(side, rank)) return overflowRemove(side, slot);
  const order = row(slot);
  const level = levelAt(side, rank);
  const next = load<u32>(order, ORDER_ROW_NEXT);
  const prev = load<u32>(order, ORDER_ROW_PREV);
  // Selected addresses: levels are short, so whether there is a neighbor cannot be predicted.
  const nextOfPrev = select<usize>(row(prev) + ORDER_ROW_NEXT, level + LEVEL_FIRST, prev != 0);
  const prevOfNext = select<usize>(row(next) + ORDER_ROW_PREV, level + LEVEL_LAST, next != 0);
  store<u32>(nextOfPrev, next);
  store<u32>(prevOfNext, prev);
  store<u64>(order, 0, ORDER_ROW_NEXT);
  const lots = load<i64>(level, LEVEL_LOTS) - load<i64>(order, ORDER_ROW_LEAVES);
  store<i64>(level, lots, LEVEL_LOTS);
  if ((next | prev) == 0) {
    assert(lots == 0, "an empty level has no lots");
    levelEmptied(side, rank);
  }
}

/**
 * Gives a resting order another price, behind all others there: as `l3Remove` and `l3Add`, with the
 * side's constants read once. True when the best price or its lots may have changed.
 */
// @ts-ignore: decorator
@inline
export function l3Move(side: usize, slot: u32, priceTicks: i64): bool {
  const order = row(slot);
  const sign = load<i64>(side, SIDE_SIGN);
  const from = load<i64>(order, ORDER_ROW_PRICE) * sign;
  const to = priceTicks * sign;
  const best = load<i64>(side, SIDE_BEST);
  if (!inWindow(side, from) || !inWindow(side, to)) {
    l3Remove(side, slot);
    store<i64>(order, priceTicks, ORDER_ROW_PRICE);
    l3Add(side, slot);
    return true;
  }
  const mask = load<u32>(side, SIDE_MASK);
  const levels = <usize>load<u32>(side, SIDE_LEVELS_AT);
  const leaves = load<i64>(order, ORDER_ROW_LEAVES);
  const level = levels + (<usize>(<u32>from & mask) << 4);
  const links = load<u64>(order, ORDER_ROW_NEXT);
  const next = <u32>links;
  const prev = <u32>(links >> 32);
  // As in l3Remove: whether there is a neighbor cannot be predicted.
  const nextOfPrev = select<usize>(row(prev) + ORDER_ROW_NEXT, level + LEVEL_FIRST, prev != 0);
  const prevOfNext = select<usize>(row(next) + ORDER_ROW_PREV, level + LEVEL_LAST, next != 0);
  store<u32>(nextOfPrev, next);
  store<u32>(prevOfNext, prev);
  const lots = load<i64>(level, LEVEL_LOTS) - leaves;
  store<i64>(level, lots, LEVEL_LOTS);
  store<i64>(order, priceTicks, ORDER_ROW_PRICE);
  if (links == 0) {
    assert(lots == 0, "an empty level has no lots");
    levelEmptied(side, from);
    // A window that was emptied may have gone elsewhere.
    if (!inWindow(side, to)) {
      l3Add(side, slot);
      return true;
    }
  }
  const target = levels + (<usize>(<u32>to & mask) << 4);
  const last = load<u32>(target, LEVEL_LAST);
  store<u64>(order, <u64>last << 32, ORDER_ROW_NEXT);
  store<u32>(target, slot, LEVEL_LAST);
  store<i64>(target, load<i64>(target, LEVEL_LOTS) + leaves, LEVEL_LOTS);
  const isFirst = last == 0;
  store<u32>(select<usize>(target + LEVEL_FIRST, row(last) + ORDER_ROW_NEXT, isFirst), slot);
  if (isFirst) {
    setBit(side, to);
    store<u32>(side, load<u32>(side, SIDE_LEVELS) + 1, SIDE_LEVELS);
    if (to > load<i64>(side, SIDE_BEST)) store<i64>(side, to, SIDE_BEST);
  }
  return max(from, to) >= best;
}

/** Takes `lots` off an order's level after its leaves fell by as much; its place stays. */
// @ts-ignore: decorator
@inline
export function l3Reduce(side: usize, slot: u32, lots: i64): void {
  const rank = rankOf(side, slot);
  if (!inWindow(side, rank)) return;
  const level = levelAt(side, rank);
  store<i64>(level, load<i64>(level, LEVEL_LOTS) - lots, LEVEL_LOTS);
}

/** First order at a price, of whatever level has its place; for orders/ahead.ts. */
// @ts-ignore: decorator
@inline
export function l3GuessFirst(side: usize, priceTicks: i64): u32 {
  return load<u32>(levelAt(side, priceTicks * load<i64>(side, SIDE_SIGN)), LEVEL_FIRST);
}

/** The word of the bitmap that a price is in. */
// @ts-ignore: decorator
@inline
export function l3GuessBits(side: usize, priceTicks: i64): u64 {
  const rank = <u32>(priceTicks * load<i64>(side, SIDE_SIGN));
  return load<u64>(wordAt(side, (rank & load<u32>(side, SIDE_MASK)) >> 6));
}

/** As `l3GuessFirst`, the last order. */
// @ts-ignore: decorator
@inline
export function l3GuessLast(side: usize, priceTicks: i64): u32 {
  return load<u32>(levelAt(side, priceTicks * load<i64>(side, SIDE_SIGN)), LEVEL_LAST);
}

// Levels ---------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function levelAppend(side: usize, rank: i64, slot: u32): void {
  const order = row(slot);
  const level = levelAt(side, rank);
  const last = load<u32>(level, LEVEL_LAST);
  store<u32>(order, 0, ORDER_ROW_NEXT);
  store<u32>(order, last, ORDER_ROW_PREV);
  store<u32>(level, slot, LEVEL_LAST);
  store<i64>(level, load<i64>(level, LEVEL_LOTS) + load<i64>(order, ORDER_ROW_LEAVES), LEVEL_LOTS);
  // As in l3Remove; for a level that was there the rest changes nothing.
  const isFirst = last == 0;
  store<u32>(select<usize>(level + LEVEL_FIRST, row(last) + ORDER_ROW_NEXT, isFirst), slot);
  setBit(side, rank);
  store<u32>(side, load<u32>(side, SIDE_LEVELS) + <u32>isFirst, SIDE_LEVELS);
  if (rank > load<i64>(side, SIDE_BEST)) store<i64>(side, rank, SIDE_BEST);
}

// @ts-ignore: decorator
@inline
function levelEmptied(side: usize, rank: i64): void {
  clearBit(side, rank);
  const levels = load<u32>(side, SIDE_LEVELS) - 1;
  store<u32>(side, levels, SIDE_LEVELS);
  if (levels == 0) return windowEmptied(side);
  if (rank == load<i64>(side, SIDE_BEST)) store<i64>(side, nextRank(side, rank), SIDE_BEST);
}

function windowEmptied(side: usize): void {
  store<i64>(side, NO_RANK, SIDE_BEST);
  const first = load<u32>(side, SIDE_OVERFLOW_FIRST);
  if (first == 0) return;
  const ticks = <i64>load<u32>(side, SIDE_MASK) + 1;
  store<i64>(side, rankOf(side, first) - ticks + (ticks >> 2), SIDE_BASE);
  pullOverflow(side);
}

// Bitmap ---------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function wordAt(side: usize, word: u32): usize {
  return side + SIDE_HEADER_BYTES + (<usize>word << 3);
}

// @ts-ignore: decorator
@inline
function setBit(side: usize, rank: i64): void {
  const index = <u32>rank & load<u32>(side, SIDE_MASK);
  const word = wordAt(side, index >> 6);
  store<u64>(word, load<u64>(word) | (<u64>1 << (index & 63)));
  store<u64>(side, load<u64>(side, SIDE_SUMMARY) | (<u64>1 << (index >> 6)), SIDE_SUMMARY);
}

// @ts-ignore: decorator
@inline
function clearBit(side: usize, rank: i64): void {
  const index = <u32>rank & load<u32>(side, SIDE_MASK);
  const word = wordAt(side, index >> 6);
  const bits = load<u64>(word) & ~(<u64>1 << (index & 63));
  store<u64>(word, bits);
  if (bits != 0) return;
  store<u64>(side, load<u64>(side, SIDE_SUMMARY) & ~(<u64>1 << (index >> 6)), SIDE_SUMMARY);
}

/**
 * Rank of the best level worse than `rank` in the window, NO_RANK if there is none. The window is a
 * circle: search down from the slot below, then from the top down to where it began.
 */
function nextRank(side: usize, rank: i64): i64 {
  if (rank - 1 < load<i64>(side, SIDE_BASE)) return NO_RANK;
  const mask = load<u32>(side, SIDE_MASK);
  const from = <u32>(rank - 1) & mask;
  const word = from >> 6;
  const low = ~(<u64>0) >> (63 - (from & 63));
  const summary = load<u64>(side, SIDE_SUMMARY);
  let at = word;
  let bits = load<u64>(wordAt(side, word)) & low;
  if (bits == 0) {
    const below = summary & ((<u64>1 << word) - 1);
    const above = summary & ~((<u64>1 << word) - 1);
    const words = below != 0 ? below : above;
    if (words == 0) return NO_RANK;
    at = 63 - <u32>clz(words);
    bits = load<u64>(wordAt(side, at));
    if (at == word) bits &= ~low;
    if (bits == 0) return NO_RANK;
  }
  const found = (at << 6) + 63 - <u32>clz(bits);
  const below = rank - 1 - <i64>((from - found) & mask);
  // A set bit above the start belongs to a better level of the same window.
  return below < load<i64>(side, SIDE_BASE) ? NO_RANK : below;
}

// Window and overflow --------------------------------------------------------------------------

/** Moves the window so that it holds `rank`, when that is worth it. */
function moveFor(side: usize, rank: i64): void {
  const base = load<i64>(side, SIDE_BASE);
  const best = load<i64>(side, SIDE_BEST);
  const ticks = <i64>load<u32>(side, SIDE_MASK) + 1;
  if (best == NO_RANK) return store<i64>(side, rank - (ticks >> 1), SIDE_BASE);
  if (rank > base) return raiseBase(side, rank - ticks + (ticks >> 2));
  const lower = best - ticks + (ticks >> 2);
  if (rank < lower || best - base >= ticks >> 2) return;
  store<i64>(side, lower, SIDE_BASE);
  pullOverflow(side);
}

/** Levels that fall out below become the front of the overflow; each keeps its order of time. */
function raiseBase(side: usize, base: i64): void {
  const old = load<i64>(side, SIDE_BASE);
  const ticks = <i64>load<u32>(side, SIDE_MASK) + 1;
  const end = base - old < ticks ? base : old + ticks;
  for (let rank = old; rank < end; rank++) {
    const level = levelAt(side, rank);
    const first = load<u32>(level, LEVEL_FIRST);
    if (first == 0) continue;
    overflowPrepend(side, first, load<u32>(level, LEVEL_LAST));
    store<u64>(level, 0);
    store<i64>(level, 0, LEVEL_LOTS);
    clearBit(side, rank);
    store<u32>(side, load<u32>(side, SIDE_LEVELS) - 1, SIDE_LEVELS);
  }
  store<i64>(side, base, SIDE_BASE);
  if (load<u32>(side, SIDE_LEVELS) == 0) store<i64>(side, NO_RANK, SIDE_BEST);
}

function overflowPrepend(side: usize, first: u32, last: u32): void {
  const head = load<u32>(side, SIDE_OVERFLOW_FIRST);
  store<u32>(row(last), head, ORDER_ROW_NEXT);
  if (head != 0) store<u32>(row(head), last, ORDER_ROW_PREV);
  else store<u32>(side, last, SIDE_OVERFLOW_LAST);
  store<u32>(side, first, SIDE_OVERFLOW_FIRST);
}

/** Moves the orders the window now holds from the overflow into their levels. */
function pullOverflow(side: usize): void {
  while (true) {
    const slot = load<u32>(side, SIDE_OVERFLOW_FIRST);
    if (slot == 0) return;
    const rank = rankOf(side, slot);
    if (!inWindow(side, rank)) return;
    overflowRemove(side, slot);
    levelAppend(side, rank, slot);
  }
}

function overflowInsert(side: usize, rank: i64, slot: u32): void {
  let after = load<u32>(side, SIDE_OVERFLOW_LAST);
  while (after != 0 && rankOf(side, after) < rank) after = load<u32>(row(after), ORDER_ROW_PREV);
  const before = after != 0
    ? load<u32>(row(after), ORDER_ROW_NEXT)
    : load<u32>(side, SIDE_OVERFLOW_FIRST);
  store<u32>(row(slot), before, ORDER_ROW_NEXT);
  store<u32>(row(slot), after, ORDER_ROW_PREV);
  if (after != 0) store<u32>(row(after), slot, ORDER_ROW_NEXT);
  else store<u32>(side, slot, SIDE_OVERFLOW_FIRST);
  if (before != 0) store<u32>(row(before), slot, ORDER_ROW_PREV);
  else store<u32>(side, slot, SIDE_OVERFLOW_LAST);
}

function overflowRemove(side: usize, slot: u32): void {
  const next = load<u32>(row(slot), ORDER_ROW_NEXT);
  const prev = load<u32>(row(slot), ORDER_ROW_PREV);
  if (prev != 0) store<u32>(row(prev), next, ORDER_ROW_NEXT);
  else store<u32>(side, next, SIDE_OVERFLOW_FIRST);
  if (next != 0) store<u32>(row(next), prev, ORDER_ROW_PREV);
  else store<u32>(side, prev, SIDE_OVERFLOW_LAST);
  store<u64>(row(slot), 0, ORDER_ROW_NEXT);
}
