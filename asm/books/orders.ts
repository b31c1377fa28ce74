// The orders of a public book that comes order by order (L3), behind its levels.
//
// A row is half a cache line, so that a message touches one line of the pool, one entry of the
// index and its level. Ids are found by open addressing at most half full; an entry carries the top
// of the id's product beside the row, so a stranger costs no look at its row, and a removal shifts
// back what follows, so no tombstones pile up. A level's orders are a list in order of arrival.
//
// Lots of a price that nobody's id is known for (a snapshot by price, orders that rested before the
// stream began) are one row without an id at the front of the list: they came first.
//
// Every function checks first and changes after: what is refused has changed nothing.
//
// tidy: tested by test/asm/books/l3.test.ts
import { arenaAlloc } from "../arena";
import { LEVEL_BYTES, LEVEL_PRICE_TICKS, LEVEL_QTY_LOTS, Refusal, Role } from "../vocab";
import {
  B_LEVELS_MAX,
  B_ORDERS,
  bookCount,
  insertLevel,
  levelAt,
  placeOf,
  removeLevel,
  shiftDown,
  shiftUp,
  sideAt,
} from "./levels";

const O_ORDERS_MAX: i32 = 0; // u32, rows, those of lots without an id included
const O_COUNT: i32 = 4; // u32, rows in use
const O_HIGH: i32 = 8; // u32, highest row ever used
const O_FREE: i32 = 12; // u32, first row given back, linked by ROW_NEXT
const O_SHIFT: i32 = 16; // u32, 32 - log2 of the index entries
const O_ROWS: i32 = 20; // u32, address of row 0, which is none
const O_INDEX: i32 = 24; // u32, address of the index: u64, top of the id's product, row
const O_QUEUES: i32 = 64; // bids, then asks, as the levels lie

const QUEUE_SHIFT: i32 = 4;
const QUEUE_FIRST: i32 = 0; // u32, row
const QUEUE_LAST: i32 = 4; // u32
const QUEUE_COUNT: i32 = 8; // u32

const ROW_SHIFT: i32 = 5;
const ROW_ID: i32 = 0; // u64, 0 = lots of nobody known
const ROW_PRICE: i32 = 8; // i64, ticks
const ROW_LOTS: i32 = 16; // i64, > 0 a bid, < 0 an ask
const ROW_NEXT: i32 = 24; // u32
const ROW_PREV: i32 = 28; // u32

/** Orders of one book at most: rows and index take 48 MiB then. */
export const BOOK_ORDERS_MAX: i32 = 1048576;
/** Largest price magnitude, and most lots of one price: f64 holds each exactly. */
const NUMBER_MAX: i64 = 4503599627370496;
const PRODUCT: u64 = 0x9e3779b97f4a7c15;

/** Gives a new book room for `ordersMax` orders; false when the arena is full. */
export function ordersOpen(at: usize, ordersMax: i32): bool {
  assert(ordersMax > 0 && ordersMax <= BOOK_ORDERS_MAX, "a book by order has orders");
  const bits = 33 - clz<i32>(ordersMax - 1);
  const queueBytes = <i32>load<u32>(at, B_LEVELS_MAX) << (QUEUE_SHIFT + 1);
  const indexBytes = 8 << bits;
  const rowBytes = (ordersMax + 2) << ROW_SHIFT;
  const orders = arenaAlloc(Role.Market, O_QUEUES + queueBytes + indexBytes + rowBytes);
  if (orders == 0) return false;
  const index = orders + O_QUEUES + <usize>queueBytes;
  store<u32>(orders, ordersMax, O_ORDERS_MAX);
  store<u32>(orders, 32 - bits, O_SHIFT);
  store<u32>(orders, <u32>index, O_INDEX);
  // On a boundary of their own size, so that no row lies on two lines.
  store<u32>(orders, (<u32>index + indexBytes + 31) & ~31, O_ROWS);
  store<u32>(at, <u32>orders, B_ORDERS);
  return true;
}

// @ts-ignore: decorator
@inline
export function ordersOf(at: usize): usize {
  return <usize>load<u32>(at, B_ORDERS);
}

/** Forgets all orders; writes what they have ever used. The levels are emptied by levels.ts. */
export function ordersEmpty(at: usize): void {
  const orders = ordersOf(at);
  const queueBytes = <usize>load<u32>(at, B_LEVELS_MAX) << (QUEUE_SHIFT + 1);
  memory.fill(orders + O_QUEUES, 0, queueBytes);
  memory.fill(<usize>load<u32>(orders, O_INDEX), 0, <usize>8 << (32 - load<u32>(orders, O_SHIFT)));
  const rows = <usize>load<u32>(orders, O_ROWS);
  memory.fill(rows, 0, <usize>(load<u32>(orders, O_HIGH) + 1) << ROW_SHIFT);
  store<u32>(orders, 0, O_COUNT);
  store<u32>(orders, 0, O_HIGH);
  store<u32>(orders, 0, O_FREE);
}

// ------------------------------------------------------------------------------------- index

// @ts-ignore: decorator
@inline
function tagOf(id: u64): u32 {
  return <u32>((id * PRODUCT) >> 32);
}

/** Place of an id in the index, -1 when it is not there. */
function placeOfId(orders: usize, id: u64): i32 {
  const tag = tagOf(id);
  const index = <usize>load<u32>(orders, O_INDEX);
  const shift = load<u32>(orders, O_SHIFT);
  const mask = ~(<u32>0) >> shift;
  let place = tag >> shift;
  while (true) {
    const entry = load<u64>(index + (<usize>place << 3));
    if (entry == 0) return -1;
    const isLike = <u32>(entry >> 32) == tag;
    if (isLike && load<u64>(rowAt(orders, <u32>entry), ROW_ID) == id) return <i32>place;
    place = (place + 1) & mask;
  }
}

/** Row of an order, 0 when its id is not known. */
export function orderRow(at: usize, id: u64): usize {
  const orders = ordersOf(at);
  const place = placeOfId(orders, id);
  return place < 0 ? 0 : rowOfPlace(orders, place);
}

// @ts-ignore: decorator
@inline
function rowOfPlace(orders: usize, place: i32): usize {
  return rowAt(orders, load<u32>(<usize>load<u32>(orders, O_INDEX) + (<usize>place << 3)));
}

function indexPut(orders: usize, id: u64, row: u32): void {
  const tag = tagOf(id);
  const index = <usize>load<u32>(orders, O_INDEX);
  const shift = load<u32>(orders, O_SHIFT);
  const mask = ~(<u32>0) >> shift;
  let place = tag >> shift;
  while (load<u64>(index + (<usize>place << 3)) != 0) place = (place + 1) & mask;
  store<u64>(index + (<usize>place << 3), (<u64>tag << 32) | row);
}

/** Empties a place and moves back what had to pass it. */
function indexRemove(orders: usize, place: u32): void {
  const index = <usize>load<u32>(orders, O_INDEX);
  const shift = load<u32>(orders, O_SHIFT);
  const mask = ~(<u32>0) >> shift;
  let hole = place;
  let next = place;
  while (true) {
    next = (next + 1) & mask;
    const entry = load<u64>(index + (<usize>next << 3));
    if (entry == 0) break;
    const home = <u32>(entry >> 32) >> shift;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    store<u64>(index + (<usize>hole << 3), entry);
    hole = next;
  }
  store<u64>(index + (<usize>hole << 3), 0);
}

// -------------------------------------------------------------------------------------- rows

// @ts-ignore: decorator
@inline
function rowAt(orders: usize, row: u32): usize {
  return <usize>load<u32>(orders, O_ROWS) + (<usize>row << ROW_SHIFT);
}

// @ts-ignore: decorator
@inline
function hasRow(orders: usize): bool {
  return load<u32>(orders, O_COUNT) < load<u32>(orders, O_ORDERS_MAX);
}

function takeRow(orders: usize): u32 {
  store<u32>(orders, load<u32>(orders, O_COUNT) + 1, O_COUNT);
  const free = load<u32>(orders, O_FREE);
  if (free != 0) {
    store<u32>(orders, load<u32>(rowAt(orders, free), ROW_NEXT), O_FREE);
    return free;
  }
  const row = load<u32>(orders, O_HIGH) + 1;
  store<u32>(orders, row, O_HIGH);
  return row;
}

function giveRow(orders: usize, row: u32): void {
  const at = rowAt(orders, row);
  v128.store(at, i64x2.splat(0));
  v128.store(at, i64x2.splat(0), 16);
  store<u32>(at, load<u32>(orders, O_FREE), ROW_NEXT);
  store<u32>(orders, row, O_FREE);
  store<u32>(orders, load<u32>(orders, O_COUNT) - 1, O_COUNT);
}

/** The order's price in ticks. */
// @ts-ignore: decorator
@inline
export function rowPrice(row: usize): i64 {
  return load<i64>(row, ROW_PRICE);
}

/** Lots of the order, > 0. */
// @ts-ignore: decorator
@inline
export function rowLots(row: usize): i64 {
  const lots = load<i64>(row, ROW_LOTS);
  return lots < 0 ? -lots : lots;
}

// @ts-ignore: decorator
@inline
export function rowIsAsk(row: usize): u32 {
  return load<i64>(row, ROW_LOTS) < 0 ? 1 : 0;
}

// @ts-ignore: decorator
@inline
export function rowId(row: usize): u64 {
  return load<u64>(row, ROW_ID);
}

// ------------------------------------------------------------------------------------ queues

// @ts-ignore: decorator
@inline
function queueAt(at: usize, orders: usize, isAsk: u32, place: u32): usize {
  const lane = isAsk * load<u32>(at, B_LEVELS_MAX) + place;
  return orders + O_QUEUES + (<usize>lane << QUEUE_SHIFT);
}

/** First row of level `rank` of a side, 0 = best; the oldest order, or lots of nobody known. */
export function queueFirst(at: usize, isAsk: u32, rank: u32): usize {
  const count = bookCount(at, isAsk);
  assert(rank < count, "the level is there");
  const orders = ordersOf(at);
  return rowAt(orders, load<u32>(queueAt(at, orders, isAsk, count - 1 - rank), QUEUE_FIRST));
}

/** The row behind one in its level, 0 behind the last. */
export function queueNext(at: usize, row: usize): usize {
  const next = load<u32>(row, ROW_NEXT);
  return next == 0 ? 0 : rowAt(ordersOf(at), next);
}

/** True when `place` of a side is the level of this price. */
// @ts-ignore: decorator
@inline
function isPrice(side: usize, count: u32, place: u32, priceTicks: i64): bool {
  return place < count && load<i64>(levelAt(side, place), LEVEL_PRICE_TICKS) == priceTicks;
}

/** What keeps new lots from a price that belongs at `place`. */
function roomRefusal(at: usize, isAsk: u32, place: u32, priceTicks: i64, lots: i64): Refusal {
  if (lots <= 0) return Refusal.QtyNotPositive;
  if (lots > NUMBER_MAX || priceTicks > NUMBER_MAX || priceTicks < -NUMBER_MAX) {
    return Refusal.NumberOverflow;
  }
  const side = sideAt(at, isAsk);
  const count = bookCount(at, isAsk);
  if (!isPrice(side, count, place, priceTicks)) {
    return count == load<u32>(at, B_LEVELS_MAX) ? Refusal.LevelsFull : Refusal.None;
  }
  const there = load<i64>(levelAt(side, place), LEVEL_QTY_LOTS);
  return there > NUMBER_MAX - lots ? Refusal.NumberOverflow : Refusal.None;
}

/** Where a price is, or belongs, on a side. */
// @ts-ignore: decorator
@inline
function placeOfPrice(at: usize, isAsk: u32, priceTicks: i64): u32 {
  return placeOf(sideAt(at, isAsk), bookCount(at, isAsk), isAsk, priceTicks);
}

/** Puts a row behind all others of its price, which belongs at `place`; there is room. */
function enter(at: usize, row: u32, isAsk: u32, place: u32, priceTicks: i64, lots: i64): void {
  const orders = ordersOf(at);
  const side = sideAt(at, isAsk);
  const count = bookCount(at, isAsk);
  const queue = queueAt(at, orders, isAsk, place);
  const level = levelAt(side, place);
  if (isPrice(side, count, place, priceTicks)) {
    store<i64>(level, load<i64>(level, LEVEL_QTY_LOTS) + lots, LEVEL_QTY_LOTS);
  } else {
    shiftUp(queue, count - place);
    v128.store(queue, i64x2.splat(0));
    insertLevel(at, isAsk, side, count, place, priceTicks, lots);
  }
  const entry = rowAt(orders, row);
  store<i64>(entry, priceTicks, ROW_PRICE);
  store<i64>(entry, isAsk != 0 ? -lots : lots, ROW_LOTS);
  const last = load<u32>(queue, QUEUE_LAST);
  store<u32>(entry, 0, ROW_NEXT);
  store<u32>(entry, last, ROW_PREV);
  if (last == 0) store<u32>(queue, row, QUEUE_FIRST);
  else store<u32>(rowAt(orders, last), row, ROW_NEXT);
  store<u32>(queue, row, QUEUE_LAST);
  store<u32>(queue, load<u32>(queue, QUEUE_COUNT) + 1, QUEUE_COUNT);
}

/** Takes a row out of its level, and the level out of the book when it was the last. */
function leave(at: usize, row: usize): void {
  const orders = ordersOf(at);
  const isAsk = rowIsAsk(row);
  const side = sideAt(at, isAsk);
  const count = bookCount(at, isAsk);
  const place = placeOf(side, count, isAsk, rowPrice(row));
  const queue = queueAt(at, orders, isAsk, place);
  const left = load<u32>(queue, QUEUE_COUNT) - 1;
  if (left == 0) {
    shiftDown(queue, count - 1 - place);
    return removeLevel(at, isAsk, side, count, place);
  }
  store<u32>(queue, left, QUEUE_COUNT);
  const level = levelAt(side, place);
  store<i64>(level, load<i64>(level, LEVEL_QTY_LOTS) - rowLots(row), LEVEL_QTY_LOTS);
  const next = load<u32>(row, ROW_NEXT);
  const prev = load<u32>(row, ROW_PREV);
  if (prev == 0) store<u32>(queue, next, QUEUE_FIRST);
  else store<u32>(rowAt(orders, prev), next, ROW_NEXT);
  if (next == 0) store<u32>(queue, prev, QUEUE_LAST);
  else store<u32>(rowAt(orders, next), prev, ROW_PREV);
}

/** Takes lots from a row that keeps some, at its place. */
function shrink(at: usize, row: usize, lots: i64): void {
  const isAsk = rowIsAsk(row);
  const side = sideAt(at, isAsk);
  const level = levelAt(side, placeOf(side, bookCount(at, isAsk), isAsk, rowPrice(row)));
  store<i64>(level, load<i64>(level, LEVEL_QTY_LOTS) - lots, LEVEL_QTY_LOTS);
  const left = rowLots(row) - lots;
  store<i64>(row, isAsk != 0 ? -left : left, ROW_LOTS);
}

// ------------------------------------------------------------------------------------ orders

/** A new order behind all others of its price. */
export function orderAdd(at: usize, id: u64, isAsk: u32, priceTicks: i64, lots: i64): Refusal {
  const orders = ordersOf(at);
  if (id == 0) return Refusal.UnknownOrder;
  if (placeOfId(orders, id) >= 0) return Refusal.DuplicateUpdate;
  if (!hasRow(orders)) return Refusal.OrdersFull;
  const place = placeOfPrice(at, isAsk, priceTicks);
  const refusal = roomRefusal(at, isAsk, place, priceTicks, lots);
  if (refusal != Refusal.None) return refusal;
  const row = takeRow(orders);
  store<u64>(rowAt(orders, row), id, ROW_ID);
  enter(at, row, isAsk, place, priceTicks, lots);
  indexPut(orders, id, row);
  return Refusal.None;
}

/**
 * Price and lots of an order as they are now, under `newId` unless that is 0. Fewer lots at the
 * same price and id keep its place; anything else goes behind all others of its price.
 */
export function orderModify(at: usize, id: u64, newId: u64, priceTicks: i64, lots: i64): Refusal {
  const orders = ordersOf(at);
  const place = placeOfId(orders, id);
  if (place < 0) return Refusal.UnknownOrder;
  const row = rowOfPlace(orders, place);
  const had = rowLots(row);
  if (newId == 0) newId = id;
  if (newId == id && priceTicks == rowPrice(row) && lots <= had) {
    if (lots <= 0) return Refusal.QtyNotPositive;
    if (lots < had) shrink(at, row, had - lots);
    return Refusal.None;
  }
  if (newId != id && placeOfId(orders, newId) >= 0) return Refusal.DuplicateUpdate;
  const isAsk = rowIsAsk(row);
  // As if the order were still there: what it frees is not counted on.
  const to = placeOfPrice(at, isAsk, priceTicks);
  const refusal = roomRefusal(at, isAsk, to, priceTicks, lots);
  if (refusal != Refusal.None) return refusal;
  leave(at, row);
  const number = <u32>((row - <usize>load<u32>(orders, O_ROWS)) >> ROW_SHIFT);
  enter(at, number, isAsk, placeOfPrice(at, isAsk, priceTicks), priceTicks, lots);
  if (newId == id) return Refusal.None;
  indexRemove(orders, place);
  store<u64>(row, newId, ROW_ID);
  indexPut(orders, newId, number);
  return Refusal.None;
}

/** Takes lots from an order, all of them when `lots` is 0 or all it has; it keeps its place. */
export function orderTake(at: usize, id: u64, lots: i64): Refusal {
  const orders = ordersOf(at);
  const place = placeOfId(orders, id);
  if (place < 0) return Refusal.UnknownOrder;
  const row = rowOfPlace(orders, place);
  const had = rowLots(row);
  if (lots < 0) return Refusal.QtyNegative;
  if (lots > had) return Refusal.FillExceedsLeaves;
  if (lots != 0 && lots < had) {
    shrink(at, row, lots);
    return Refusal.None;
  }
  leave(at, row);
  indexRemove(orders, place);
  giveRow(orders, <u32>((row - <usize>load<u32>(orders, O_ROWS)) >> ROW_SHIFT));
  return Refusal.None;
}

// --------------------------------------------------------------------------------- by price

/** The row of lots of nobody known at a price, 0 when there is none. */
export function unseenRow(at: usize, isAsk: u32, priceTicks: i64): usize {
  const side = sideAt(at, isAsk);
  const count = bookCount(at, isAsk);
  const place = placeOf(side, count, isAsk, priceTicks);
  if (!isPrice(side, count, place, priceTicks)) return 0;
  const orders = ordersOf(at);
  const row = rowAt(orders, load<u32>(queueAt(at, orders, isAsk, place), QUEUE_FIRST));
  return rowId(row) == 0 ? row : 0;
}

/** Takes lots from those of nobody known at a price; where there are none, nothing is done. */
export function unseenTake(at: usize, isAsk: u32, priceTicks: i64, lots: i64): Refusal {
  const row = unseenRow(at, isAsk, priceTicks);
  if (lots < 0) return Refusal.QtyNegative;
  // An order that left without saying how much: its lots stay until the price is told anew.
  if (row == 0 || lots == 0) return Refusal.None;
  const had = rowLots(row);
  if (lots > had) return Refusal.FillExceedsLeaves;
  if (lots < had) {
    shrink(at, row, lots);
    return Refusal.None;
  }
  leave(at, row);
  const orders = ordersOf(at);
  giveRow(orders, <u32>((row - <usize>load<u32>(orders, O_ROWS)) >> ROW_SHIFT));
  return Refusal.None;
}

/** All lots of a price, told without ids: its orders are forgotten. 0 empties it. */
export function unseenSet(at: usize, isAsk: u32, priceTicks: i64, lots: i64): Refusal {
  const orders = ordersOf(at);
  const side = sideAt(at, isAsk);
  while (true) {
    const count = bookCount(at, isAsk);
    const place = placeOf(side, count, isAsk, priceTicks);
    if (!isPrice(side, count, place, priceTicks)) break;
    const number = load<u32>(queueAt(at, orders, isAsk, place), QUEUE_FIRST);
    const row = rowAt(orders, number);
    const id = rowId(row);
    leave(at, row);
    if (id != 0) indexRemove(orders, placeOfId(orders, id));
    giveRow(orders, number);
  }
  if (lots <= 0) return Refusal.None;
  if (!hasRow(orders)) return Refusal.OrdersFull;
  const place = placeOfPrice(at, isAsk, priceTicks);
  const refusal = roomRefusal(at, isAsk, place, priceTicks, lots);
  if (refusal == Refusal.None) enter(at, takeRow(orders), isAsk, place, priceTicks, lots);
  return refusal;
}
