// Book by price of one instrument, from a venue's snapshots and deltas, and whether to trust it.
//
// Each side is a sorted array with the best price at the end, because most changes happen near the
// top and move little there. A side keeps its best `levelsMax` prices; what falls off the far end
// is forgotten, and a side that runs empty after that is not trusted.
//
// Trust follows the venue's ids (enum BookRule). A snapshot fetched beside the stream is older than
// some deltas that came before it, so deltas wait (up to PENDING_MAX records) while there is no
// snapshot, and are joined to it when it lands. A gap ends trust until the next snapshot.
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

const B_LEVELS_MAX: i32 = 0; // u32
const B_BIDS: i32 = 4; // u32, levels
const B_ASKS: i32 = 8; // u32
const B_RULE: i32 = 12; // u8
const B_STATE: i32 = 13; // u8, bits below
const B_CUT: i32 = 14; // u8, bit 0: bids fell off the far end, bit 1: asks did
const B_LAST_ID: i32 = 16; // u64, last id applied
const B_GROUP_ID: i32 = 24; // u64, last id of the group being applied
const B_PENDING: i32 = 32; // u32, records that wait
const B_REASON: i32 = 36; // u16, enum Refusal: why trust ended
const B_EXPECTED: i32 = 40; // u64
const B_RECEIVED: i32 = 48; // u64
const B_LEVELS: i32 = 64; // bids, then asks, then waiting records

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

/** A new empty, untrusted book of `levelsMax` levels a side, 0 when the arena is full. */
export function bookOpen(levelsMax: i32, rule: u8): usize {
  assert(levelsMax > 0 && levelsMax <= BOOK_SIDE_MAX, "a book has levels");
  const waiting = waits(rule) ? PENDING_MAX * RECORD_BYTES_MAX : 0;
  const at = arenaAlloc(Role.Market, B_LEVELS + 2 * levelsMax * LEVEL_BYTES + waiting);
  if (at == 0) return 0;
  store<u32>(at, levelsMax, B_LEVELS_MAX);
  store<u8>(at, rule, B_RULE);
  return at;
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
function sideAt(at: usize, isAsk: u32): usize {
  return at + B_LEVELS + <usize>(isAsk * load<u32>(at, B_LEVELS_MAX)) * LEVEL_BYTES;
}

// @ts-ignore: decorator
@inline
function levelAt(side: usize, place: u32): usize {
  return side + <usize>place * LEVEL_BYTES;
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
  setLevels(at, rec);
  if ((flags & Flag.Last) == 0) return BookChange.None;
  store<u64>(at, id, B_LAST_ID);
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
  empty(at);
  put(at, S_IN_SNAPSHOT, S_SYNCED | S_IN_DELTA | S_DROPPING);
}

/** Empties the book and waits for a snapshot. */
export function bookClear(at: usize): void {
  empty(at);
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
  store<u16>(at, <u16>reason, B_REASON);
  store<u64>(at, expected, B_EXPECTED);
  store<u64>(at, received, B_RECEIVED);
  return BookChange.Lost;
}

function empty(at: usize): void {
  store<u32>(at, 0, B_BIDS);
  store<u32>(at, 0, B_ASKS);
  store<u8>(at, 0, B_CUT);
  const bytes = <usize>load<u32>(at, B_LEVELS_MAX) * 2 * LEVEL_BYTES;
  // Bytes behind the last level stay zero: equal books have equal bytes.
  memory.fill(at + B_LEVELS, 0, bytes);
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
  setLevels(at, rec);
  if ((flags & Flag.Last) == 0) return BookChange.None;
  store<u64>(at, id, B_LAST_ID);
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

/** A group has ended: the two sides must not meet, and a side cut short must not run out. */
function check(at: usize): BookChange {
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

function setLevels(at: usize, rec: usize): void {
  const bids = <u32>load<u8>(rec, BOOK_BIDS);
  const levels = bids + load<u8>(rec, BOOK_ASKS);
  for (let i: u32 = 0; i < levels; i++) {
    const level = rec + BOOK_LEVELS + <usize>i * LEVEL_BYTES;
    const lots = load<i64>(level, LEVEL_QTY_LOTS);
    setLevel(at, i < bids ? 0 : 1, load<i64>(level, LEVEL_PRICE_TICKS), lots);
  }
}

/** Sets the quantity at a price; 0 removes it, and removing what is not there is normal. */
function setLevel(at: usize, isAsk: u32, priceTicks: i64, lots: i64): void {
  const side = sideAt(at, isAsk);
  const count = bookCount(at, isAsk);
  const place = placeOf(side, count, isAsk, priceTicks);
  const isThere = place < count && load<i64>(levelAt(side, place), LEVEL_PRICE_TICKS) == priceTicks;
  if (lots <= 0) {
    if (isThere) remove(at, isAsk, side, count, place);
  } else if (isThere) {
    store<i64>(levelAt(side, place), lots, LEVEL_QTY_LOTS);
  } else {
    insert(at, isAsk, side, count, place, priceTicks, lots);
  }
}

/** Levels looked at one by one from the best before halving: most changes lie there. */
const NEAR_LEVELS: u32 = 8;

/** Place of the first level that is not worse than the price. */
function placeOf(side: usize, count: u32, isAsk: u32, priceTicks: i64): u32 {
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

function remove(at: usize, isAsk: u32, side: usize, count: u32, place: u32): void {
  const gone = levelAt(side, place);
  memory.copy(gone, gone + LEVEL_BYTES, <usize>(count - 1 - place) * LEVEL_BYTES);
  memory.fill(levelAt(side, count - 1), 0, LEVEL_BYTES);
  store<u32>(at + (<usize>isAsk << 2), count - 1, B_BIDS);
}

function insert(
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
    const from = levelAt(side, place);
    memory.copy(from + LEVEL_BYTES, from, <usize>(count - place) * LEVEL_BYTES);
    store<u32>(at + (<usize>isAsk << 2), count + 1, B_BIDS);
  }
  store<i64>(levelAt(side, to), priceTicks, LEVEL_PRICE_TICKS);
  store<i64>(levelAt(side, to), lots, LEVEL_QTY_LOTS);
}
