// Book by price of one instrument, from a venue's snapshots and deltas, and whether to trust it.
//
// A side keeps its best `levelsMax` prices (levels.ts); what falls off the far end is forgotten,
// and a side that runs empty after that is not trusted.
//
// Trust follows the venue's ids (enum BookRule). A snapshot fetched beside the stream is older than
// some deltas that came before it, so deltas wait (up to PENDING_MAX records) while there is no
// snapshot, and are joined to it when it lands. A gap ends trust until the next snapshot.
//
// A book that comes order by order has the same trust (l3.ts); levels told to it are lots without
// ids.
import { arenaAlloc } from "../arena";
import {
  BookRule,
  BOOK_ASKS,
  BOOK_BIDS,
  BOOK_FIRST_ID,
  BOOK_LAST_ID,
  BOOK_LEVELS,
  BOOK_PREV_ID,
  CELL_SHIFT,
  Flag,
  LEVEL_BYTES,
  LEVEL_PRICE_TICKS,
  LEVEL_QTY_LOTS,
  REC_FLAGS,
  RECORD_BYTES_MAX,
  Refusal,
  Role,
} from "../vocab";
import {
  bookCount,
  bookLevel,
  B_CUT,
  B_EXPECTED,
  B_GROUP_ID,
  B_KEEP,
  B_LAST_ID,
  B_LEVELS,
  B_LEVELS_MAX,
  B_ORDERS,
  B_PENDING,
  B_REASON,
  B_RECEIVED,
  B_RULE,
  B_STATE,
  emptyLevels,
  removeWorst,
  setLevel,
  sideAt,
} from "./levels";
import { ordersEmpty, ordersOpen, unseenSet } from "./orders";

const S_TRUSTED: u8 = 1;
/** A snapshot was applied and nothing is missing since. */
const S_SYNCED: u8 = 2;
/** No delta was applied since the snapshot: the first one must bridge to it. */
const S_BRIDGING: u8 = 4;
const S_IN_SNAPSHOT: u8 = 8;
const S_IN_DELTA: u8 = 16;
/** The rest of the current group is passed over. */
const S_DROPPING: u8 = 32;

/** Records that wait for a snapshot at most: some seconds of a busy stream; then the oldest go. */
export const PENDING_MAX: i32 = 128;
/** Levels a side at most. */
export const BOOK_SIDE_MAX: i32 = 20000;

/** Levels that one message of Kraken may add to a full side before it is cut. */
const CUT_LEVELS: i32 = 64;

/** What a record did to the book. */
export enum BookChange {
  None = 0,
  /** A group ended: the top may have changed. */
  Applied = 1,
  /** Trust ended; reason, expected and received are stored. */
  Lost = 2,
  /** A snapshot landed. */
  Landed = 3,
}

enum Link {
  Fits = 0,
  Old = 1,
  Gap = 2,
}

/**
 * A new empty, untrusted book of `levelsMax` levels a side, order by order when `ordersMax` is not
 * 0; 0 when the arena is full.
 */
export function bookOpen(levelsMax: i32, rule: u8, ordersMax: i32): usize {
  assert(levelsMax > 0 && levelsMax <= BOOK_SIDE_MAX, "a book has levels");
  const waiting = waits(rule) ? PENDING_MAX * RECORD_BYTES_MAX : 0;
  const keep = rule == BookRule.Checksum && ordersMax == 0 ? levelsMax : 0;
  if (keep != 0) levelsMax += CUT_LEVELS;
  const at = arenaAlloc(Role.Market, B_LEVELS + 2 * levelsMax * LEVEL_BYTES + waiting);
  if (at == 0) return 0;
  store<u32>(at, levelsMax, B_LEVELS_MAX);
  store<u32>(at, keep, B_KEEP);
  store<u8>(at, rule, B_RULE);
  return ordersMax == 0 || ordersOpen(at, ordersMax) ? at : 0;
}

/** Only where ids tell which deltas the snapshot already holds is there a use in keeping them. */
function waits(rule: u8): bool {
  return rule == BookRule.FirstIsNext || rule == BookRule.PrevIsLast || rule == BookRule.PlusOne;
}

// @ts-ignore: decorator
@inline
function has(at: usize, bit: u8): bool {
  return (load<u8>(at, B_STATE) & bit) != 0;
}

// @ts-ignore: decorator
@inline
function put(at: usize, set: u8, clear: u8): void {
  store<u8>(at, (load<u8>(at, B_STATE) & ~clear) | set, B_STATE);
}

/** True when orders may rely on the book. */
export function bookIsTrusted(at: usize): bool {
  return has(at, S_TRUSTED);
}

/** True when the book comes order by order. */
// @ts-ignore: decorator
@inline
export function bookHasOrders(at: usize): bool {
  return load<u32>(at, B_ORDERS) != 0;
}

/** Last update id applied. */
export function bookLastId(at: usize): u64 {
  return load<u64>(at, B_LAST_ID);
}

/** Why trust ended, enum Refusal. */
export function bookReason(at: usize): u16 {
  return load<u16>(at, B_REASON);
}

/** The id that was expected when trust ended. */
export function bookExpected(at: usize): u64 {
  return load<u64>(at, B_EXPECTED);
}

/** The id that came instead. */
export function bookReceived(at: usize): u64 {
  return load<u64>(at, B_RECEIVED);
}

// ---------------------------------------------------------------------------------- records

/** False when a BookDelta or BookSnapshot record is shorter than its levels say. */
export function bookIsWhole(rec: usize): bool {
  const levels = <i32>load<u8>(rec, BOOK_BIDS) + <i32>load<u8>(rec, BOOK_ASKS);
  const bytes = (1 + (load<u16>(rec, REC_FLAGS) & Flag.CellsMask)) << CELL_SHIFT;
  return BOOK_LEVELS + levels * LEVEL_BYTES <= bytes;
}

/** Applies one BookDelta record. */
export function bookDelta(at: usize, rec: usize): BookChange {
  if (!has(at, S_SYNCED)) {
    // A delta amid the parts of a snapshot: its end was lost.
    const isTorn = has(at, S_IN_SNAPSHOT);
    if (isTorn) gap(at, load<u64>(at, B_GROUP_ID), load<u64>(rec, BOOK_LAST_ID));
    wait(at, rec);
    return isTorn ? BookChange.Lost : BookChange.None;
  }
  const change = step(at, rec);
  if (change == BookChange.Lost) wait(at, rec);
  return change;
}

/** Applies one BookSnapshot record; the whole book is replaced when its group ends. */
export function bookSnapshot(at: usize, rec: usize): BookChange {
  const flags = load<u16>(rec, REC_FLAGS);
  const id = load<u64>(rec, BOOK_LAST_ID);
  if (flags & Flag.First) beginSnapshot(at, id);
  else if (!has(at, S_IN_SNAPSHOT) || load<u64>(at, B_GROUP_ID) != id) {
    // Its beginning is missing, or it is one that is passed over.
    put(at, 0, S_IN_SNAPSHOT | (flags & Flag.Last ? S_DROPPING : 0));
    return BookChange.None;
  }
  if (has(at, S_DROPPING)) {
    if (flags & Flag.Last) put(at, 0, S_DROPPING | S_IN_SNAPSHOT);
    return BookChange.None;
  }
  const refusal = setLevels(at, rec);
  if (refusal != Refusal.None) return lose(at, refusal, 0, 0);
  return flags & Flag.Last ? endSnapshot(at) : BookChange.None;
}

function endSnapshot(at: usize): BookChange {
  store<u64>(at, load<u64>(at, B_GROUP_ID), B_LAST_ID);
  put(at, S_SYNCED | S_BRIDGING, S_IN_SNAPSHOT);
  if (!joinWaiting(at)) return BookChange.Lost;
  if (check(at) == BookChange.Lost) return BookChange.Lost;
  put(at, S_TRUSTED, 0);
  return BookChange.Landed;
}

/** A snapshot older than a book that is in step would only turn time back. */
function beginSnapshot(at: usize, id: u64): void {
  store<u64>(at, id, B_GROUP_ID);
  if (has(at, S_SYNCED) && id != 0 && id < load<u64>(at, B_LAST_ID)) {
    return put(at, S_DROPPING | S_IN_SNAPSHOT, 0);
  }
  emptyBook(at);
  put(at, S_IN_SNAPSHOT, S_SYNCED | S_IN_DELTA | S_DROPPING);
}

/** Empties the book and waits for a snapshot. */
export function bookClear(at: usize): void {
  emptyBook(at);
  store<u64>(at, 0, B_LAST_ID);
  bookLose(at, Refusal.None, 0, 0);
}

/** Ends trust until the next snapshot. */
export function bookLose(at: usize, reason: Refusal, expected: u64, received: u64): void {
  store<u32>(at, 0, B_PENDING);
  lose(at, reason, expected, received);
}

function lose(at: usize, reason: Refusal, expected: u64, received: u64): BookChange {
  put(at, 0, S_TRUSTED | S_SYNCED | S_BRIDGING | S_IN_DELTA | S_IN_SNAPSHOT | S_DROPPING);
  return blame(at, reason, expected, received);
}

function blame(at: usize, reason: Refusal, expected: u64, received: u64): BookChange {
  store<u16>(at, <u16>reason, B_REASON);
  store<u64>(at, expected, B_EXPECTED);
  store<u64>(at, received, B_RECEIVED);
  return BookChange.Lost;
}

function emptyBook(at: usize): void {
  emptyLevels(at);
  if (bookHasOrders(at)) ordersEmpty(at);
}

// ------------------------------------------------------------------------------- sequencing

/** One delta record on a book that is in step. */
function step(at: usize, rec: usize): BookChange {
  const flags = load<u16>(rec, REC_FLAGS);
  const id = load<u64>(rec, BOOK_LAST_ID);
  if (flags & Flag.First) {
    if (has(at, S_IN_DELTA)) return gap(at, load<u64>(at, B_GROUP_ID), id);
    const link = linkOf(at, rec);
    if (link == Link.Gap) return gapOf(at, rec);
    store<u64>(at, id, B_GROUP_ID);
    put(at, link == Link.Old ? S_DROPPING : S_IN_DELTA, S_DROPPING);
  } else if (load<u64>(at, B_GROUP_ID) != id || !has(at, S_IN_DELTA | S_DROPPING)) {
    return gap(at, load<u64>(at, B_GROUP_ID), id);
  }
  if (has(at, S_DROPPING)) {
    if (flags & Flag.Last) put(at, 0, S_DROPPING);
    return BookChange.None;
  }
  const refusal = setLevels(at, rec);
  if (refusal != Refusal.None) return lose(at, refusal, 0, 0);
  return flags & Flag.Last ? endDelta(at) : BookChange.None;
}

function endDelta(at: usize): BookChange {
  store<u64>(at, load<u64>(at, B_GROUP_ID), B_LAST_ID);
  put(at, 0, S_IN_DELTA | S_BRIDGING);
  // While a snapshot is being joined the book is looked at once, at the end.
  return has(at, S_TRUSTED) ? check(at) : BookChange.Applied;
}

/** How the group that begins with this record follows the last one. */
function linkOf(at: usize, rec: usize): Link {
  const last = load<u64>(at, B_LAST_ID);
  const first = load<u64>(rec, BOOK_FIRST_ID);
  const id = load<u64>(rec, BOOK_LAST_ID);
  switch (<i32>load<u8>(at, B_RULE)) {
    case BookRule.FirstIsNext:
    case BookRule.PlusOne:
      // An overlap is fine: quantities are absolute.
      if (id <= last) return Link.Old;
      return first <= last + 1 ? Link.Fits : Link.Gap;
    case BookRule.PrevIsLast:
      return prevLink(at, rec, last, first, id);
    case BookRule.Okx:
      // Before 2022 it sent none; after maintenance ids begin anew, linked by the previous one.
      if (id == 0 || load<u64>(rec, BOOK_PREV_ID) == last) return Link.Fits;
      return id <= last ? Link.Old : Link.Gap;
    default:
      return Link.Fits;
  }
}

function prevLink(at: usize, rec: usize, last: u64, first: u64, id: u64): Link {
  const isPrev = load<u64>(rec, BOOK_PREV_ID) == last;
  if (!has(at, S_BRIDGING)) {
    if (id <= last) return Link.Old;
    return isPrev ? Link.Fits : Link.Gap;
  }
  if (id < last) return Link.Old;
  return first <= last || isPrev ? Link.Fits : Link.Gap;
}

function gapOf(at: usize, rec: usize): BookChange {
  const last = load<u64>(at, B_LAST_ID);
  if (load<u8>(at, B_RULE) == BookRule.PrevIsLast) {
    return gap(at, last, load<u64>(rec, BOOK_PREV_ID));
  }
  return gap(at, last + 1, load<u64>(rec, BOOK_FIRST_ID));
}

function gap(at: usize, expected: u64, received: u64): BookChange {
  return lose(at, Refusal.SequenceGap, expected, received);
}

/** Ends the group that is open, if one is: its checksum came behind its levels. */
export function bookEnd(at: usize): BookChange {
  if (has(at, S_IN_SNAPSHOT)) return endSnapshot(at);
  return has(at, S_IN_DELTA) ? endDelta(at) : BookChange.None;
}

/** True while records edit the book: it is in step, or a snapshot is landing. */
// @ts-ignore: decorator
@inline
export function bookIsTaking(at: usize): bool {
  return has(at, S_SYNCED | S_IN_SNAPSHOT);
}

/** True between the first and the last record of a snapshot. */
// @ts-ignore: decorator
@inline
export function bookIsLanding(at: usize): bool {
  return has(at, S_IN_SNAPSHOT);
}

/**
 * A group of an order-by-order book has ended. Where orders rested unseen, a taker is told as one
 * that rests before it trades: the book is not trusted while the sides meet, and again after.
 */
export function bookSettle(at: usize): BookChange {
  if (load<u8>(at, B_RULE) != BookRule.Unseen) return check(at);
  const bids = bookCount(at, 0);
  const asks = bookCount(at, 1);
  const bid = bids == 0 ? i64.MIN_VALUE : load<i64>(bookLevel(at, 0, 0), LEVEL_PRICE_TICKS);
  const ask = asks == 0 ? i64.MAX_VALUE : load<i64>(bookLevel(at, 1, 0), LEVEL_PRICE_TICKS);
  const isTrusted = has(at, S_TRUSTED);
  if (bid < ask) {
    put(at, S_TRUSTED, 0);
    return isTrusted ? BookChange.Applied : BookChange.Landed;
  }
  if (!isTrusted) return BookChange.None;
  put(at, 0, S_TRUSTED);
  return blame(at, Refusal.BookCrossed, <u64>ask, <u64>bid);
}

/** Kraken's books hold as many levels as were subscribed to, counted behind each message. */
function cut(at: usize): void {
  const keep = load<u32>(at, B_KEEP);
  if (keep == 0) return;
  for (let isAsk: u32 = 0; isAsk < 2; isAsk++) {
    const count = bookCount(at, isAsk);
    if (count > keep) removeWorst(at, isAsk, count - keep);
  }
}

/** A group has ended: the two sides must not meet, and a side cut short must not run out. */
function check(at: usize): BookChange {
  cut(at);
  const bids = bookCount(at, 0);
  const asks = bookCount(at, 1);
  const cut = load<u8>(at, B_CUT);
  if ((bids == 0 && (cut & 1) != 0) || (asks == 0 && (cut & 2) != 0)) {
    return lose(at, Refusal.LevelsFull, 0, 0);
  }
  if (bids == 0 || asks == 0) return BookChange.Applied;
  const bid = load<i64>(bookLevel(at, 0, 0), LEVEL_PRICE_TICKS);
  const ask = load<i64>(bookLevel(at, 1, 0), LEVEL_PRICE_TICKS);
  return bid < ask ? BookChange.Applied : lose(at, Refusal.BookCrossed, <u64>ask, <u64>bid);
}

// ---------------------------------------------------------------------------------- waiting

// @ts-ignore: decorator
@inline
function waitingAt(at: usize, i: u32): usize {
  return sideAt(at, 2) + <usize>i * RECORD_BYTES_MAX;
}

/** Keeps a delta until a snapshot lands; when there is no room the older half goes. */
function wait(at: usize, rec: usize): void {
  if (!waits(load<u8>(at, B_RULE))) return;
  let count = load<u32>(at, B_PENDING);
  if (count == <u32>PENDING_MAX) {
    const half = <u32>PENDING_MAX >> 1;
    memory.copy(waitingAt(at, 0), waitingAt(at, half), <usize>half * RECORD_BYTES_MAX);
    memory.fill(waitingAt(at, half), 0, <usize>half * RECORD_BYTES_MAX);
    count = half;
  }
  const bytes = (1 + (load<u16>(rec, REC_FLAGS) & Flag.CellsMask)) << CELL_SHIFT;
  memory.copy(waitingAt(at, count), rec, bytes);
  store<u32>(at, count + 1, B_PENDING);
}

/** Applies what waited on top of the snapshot; false when there is a gap between or within. */
function joinWaiting(at: usize): bool {
  const count = load<u32>(at, B_PENDING);
  if (count == 0) return true;
  store<u32>(at, 0, B_PENDING);
  let isBegun = false;
  let fits = true;
  for (let i: u32 = 0; i < count && fits; i++) {
    const rec = waitingAt(at, i);
    // The head of the oldest group may have gone for lack of room.
    isBegun = isBegun || (load<u16>(rec, REC_FLAGS) & Flag.First) != 0;
    if (isBegun) fits = step(at, rec) != BookChange.Lost;
  }
  memory.fill(waitingAt(at, 0), 0, <usize>count * RECORD_BYTES_MAX);
  return fits;
}

// ----------------------------------------------------------------------------------- levels

/** Levels of a record; of a book by order, what keeps one from being taken. */
function setLevels(at: usize, rec: usize): Refusal {
  const isByOrder = bookHasOrders(at);
  const bids = <u32>load<u8>(rec, BOOK_BIDS);
  const levels = bids + load<u8>(rec, BOOK_ASKS);
  for (let i: u32 = 0; i < levels; i++) {
    const level = rec + BOOK_LEVELS + <usize>i * LEVEL_BYTES;
    const lots = load<i64>(level, LEVEL_QTY_LOTS);
    const priceTicks = load<i64>(level, LEVEL_PRICE_TICKS);
    const isAsk: u32 = i < bids ? 0 : 1;
    if (isByOrder) {
      const refusal = unseenSet(at, isAsk, priceTicks, lots);
      if (refusal != Refusal.None) return refusal;
    } else setLevel(at, isAsk, priceTicks, lots);
  }
  return Refusal.None;
}
