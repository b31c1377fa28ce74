// Timeframes of an instrument: which candles trades feed, and which grow out of smaller ones.
//
// Only a root (its period is no multiple of another configured one) is folded per trade. Every
// other timeframe joins the closed candles of its source, the longest configured period that
// divides it; its forming candle is its joined part plus the forming candles below it: exact, and a
// trade touches one candle however many timeframes there are.
//
// A trade belongs to the bucket of its venue time. It is late when its root has closed that bucket
// or has begun a later one: then it is counted and folded nowhere, so a 5-minute candle always is
// the sum of its 1-minute candles. There are no empty candles.
import { nowNanos } from "../clock";
import {
  MI_DRIVEN,
  MI_END,
  MI_IMPORTED,
  MI_ROOT,
  MI_ROOTS,
  MI_SORTED,
  MI_START,
  MI_TIMEFRAME,
  MI_TIMEFRAMES,
  MI_UNTRUSTED,
  TIMEFRAMES_MAX,
} from "../layout";
import {
  CandleQuality,
  CANDLE_INDEX,
  CANDLE_OPEN_NANOS,
  CANDLE_PERIOD_MILLIS,
  CANDLE_TIMEFRAME,
  CANDLE_TYPE,
} from "../vocab";
import {
  candleBegin,
  candleFold,
  candleIsBegun,
  candleJoin,
  candleWrite,
  CANDLE_STATE_BYTES,
  C_END,
  C_FIRST,
  C_LATE,
  C_QUALITY,
} from "./candle";
import { deadlineSet } from "./deadline";

// A timeframe begins with its candle (a root's forming one, else what has been joined so far).
export const T_PERIOD: i32 = 96; // i64 nanoseconds
export const T_FLOOR: i32 = 104; // i64, a root takes no trade before this venue time
export const T_INDEX: i32 = 112; // u64, candles closed so far
export const T_SLOT: i32 = 120; // u8
export const T_SOURCE: i32 = 121; // u8 slot of the source, T_NONE for a root
export const T_ROOT: i32 = 122; // u8 slot of the root it grows from
export const T_PENDING: i32 = 123; // u8, quality bits the next candle starts with
export const T_IMPORTED: i32 = 124; // u8, 1 = the last candle joined into it was history
export const T_TYPE: i32 = 125; // u8, enum CandleType
export const T_HEIKIN_ASHI: i32 = 126; // u8, slot + 1 of what smooths this one, 0 = none
export const T_REACHED: i32 = 127; // u8, 1 = complete, to be closed before the next input
export const T_INDICATORS: i32 = 128; // u32 x INDICATORS_MAX, addresses by slot
/** Bytes of a timeframe. */
export const TIMEFRAME_BYTES: i32 = 192;
export const T_NONE: u8 = 255;

export const NANOS_PER_MILLI: i64 = 1000000;
const WEEK_NANOS: i64 = 604800000000000;
/** 1970-01-05 was the first Monday; weeks begin there, other periods at the epoch. */
const MONDAY_NANOS: i64 = 345600000000000;

/** Start of the bucket of length `periodNanos` that holds `tsNanos`. */
export function bucketStart(tsNanos: i64, periodNanos: i64): i64 {
  const rest = (tsNanos - originOf(periodNanos)) % periodNanos;
  return tsNanos - (rest < 0 ? rest + periodNanos : rest);
}

/** Where the buckets of a period are counted from. */
// @ts-ignore: decorator
@inline
export function originOf(periodNanos: i64): i64 {
  return periodNanos == WEEK_NANOS ? MONDAY_NANOS : 0;
}

/** Address of the timeframe in `slot`, 0 when there is none. */
// @ts-ignore: decorator
@inline
export function timeframeAt(instrument: usize, slot: u32): usize {
  if (slot >= <u32>TIMEFRAMES_MAX) return 0;
  return load<u32>(instrument + (<usize>slot << 2), MI_TIMEFRAME);
}

/** Number `i` of the instrument's timeframes: of time, shortest first; then driven ones by slot. */
// @ts-ignore: decorator
@inline
export function timeframeSorted(instrument: usize, i: u32): usize {
  return load<u32>(instrument + (<usize>i << 2), MI_SORTED);
}

/** From `floor` on the root takes trades, if it did before. */
export function raiseFloor(root: usize, floor: i64): void {
  if (floor > load<i64>(root, T_FLOOR)) store<i64>(root, floor, T_FLOOR);
}

/** True when a candle is complete and not closed yet. */
// @ts-ignore: decorator
@inline
export function drivenIsOwed(instrument: usize): bool {
  const first: u32 = load<u8>(instrument, MI_TIMEFRAMES);
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_DRIVEN); i < n; i++) {
    if (load<u8>(timeframeSorted(instrument, first + i), T_REACHED) != 0) return true;
  }
  return false;
}

/** Recomputes what the trade path asks first, and the instrument's deadline. */
export function timeframesRefresh(instrument: usize, id: u32): void {
  let end = i64.MAX_VALUE;
  let isImported: u8 = 0;
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const at = timeframeSorted(instrument, i);
    if (!candleIsBegun(at)) continue;
    if (load<u8>(at, T_IMPORTED) != 0) isImported = 1;
    else end = min(end, load<i64>(at, C_END));
  }
  store<u8>(instrument, isImported, MI_IMPORTED);
  // Bricks that are owed follow with a Timer of this time, before any other input.
  if (drivenIsOwed(instrument)) end = nowNanos();
  let start = i64.MIN_VALUE;
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_ROOTS); i < n; i++) {
    const at = <usize>load<u32>(instrument + (<usize>i << 2), MI_ROOT);
    const from = candleIsBegun(at) ? load<i64>(at, C_END) - load<i64>(at, T_PERIOD) : i64.MAX_VALUE;
    start = max(start, from);
  }
  store<i64>(instrument, end, MI_END);
  store<i64>(instrument, start, MI_START);
  deadlineSet(id, end);
}

/**
 * Folds a trade of venue time `tsNanos` into every root; what ended before it must be closed. True
 * when it was late for a root, where it is counted and left out. Touches two cache lines a root.
 */
// @ts-ignore: decorator
@inline
export function timeframesFold(
  instrument: usize,
  id: u32,
  tsNanos: i64,
  priceTicks: i64,
  qtyLots: i64,
  isBuy: bool,
): bool {
  if (tsNanos < load<i64>(instrument, MI_START)) {
    return foldSlowly(instrument, id, tsNanos, priceTicks, qtyLots, isBuy);
  }
  const roots = <usize>load<u8>(instrument, MI_ROOTS) << 2;
  for (let i: usize = 0; i < roots; i += 4) {
    candleFold(<usize>load<u32>(instrument + i, MI_ROOT), priceTicks, qtyLots, isBuy);
  }
  return false;
}

/** Some root has no candle yet, or the trade is older than one. */
function foldSlowly(
  instrument: usize,
  id: u32,
  tsNanos: i64,
  priceTicks: i64,
  qtyLots: i64,
  isBuy: bool,
): bool {
  let isLate = false;
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_ROOTS); i < n; i++) {
    const at = <usize>load<u32>(instrument + (<usize>i << 2), MI_ROOT);
    if (tsNanos < openFrom(instrument, at)) {
      store<u32>(at, load<u32>(at, C_LATE) + 1, C_LATE);
      isLate = true;
      continue;
    }
    if (!candleIsBegun(at)) begin(instrument, at, tsNanos, priceTicks);
    candleFold(at, priceTicks, qtyLots, isBuy);
  }
  timeframesRefresh(instrument, id);
  return isLate;
}

/** Venue time from which a root still takes trades. */
function openFrom(instrument: usize, root: usize): i64 {
  if (candleIsBegun(root)) return bucketStartOf(root);
  // Imported candles shut their buckets for the longer timeframes only, not for the root.
  let floor = load<i64>(root, T_FLOOR);
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const at = timeframeSorted(instrument, i);
    if (load<u8>(at, T_ROOT) != load<u8>(root, T_SLOT)) continue;
    floor = max(floor, candleIsBegun(at) ? bucketStartOf(at) : load<i64>(at, T_FLOOR));
  }
  return floor;
}

/** Start of the bucket of a timeframe's begun candle. */
// @ts-ignore: decorator
@inline
export function bucketStartOf(at: usize): i64 {
  return load<i64>(at, C_END) - load<i64>(at, T_PERIOD);
}

function begin(instrument: usize, at: usize, tsNanos: i64, priceTicks: i64): void {
  const period = load<i64>(at, T_PERIOD);
  candleBegin(at, bucketStart(tsNanos, period) + period, tsNanos, priceTicks);
  markBegun(at);
  if (load<u8>(instrument, MI_UNTRUSTED) != 0) addQuality(at, CandleQuality.Gap);
}

/** Quality bits a candle has from its first trade on. */
function markBegun(at: usize): void {
  const pending: u32 = load<u8>(at, T_PENDING);
  const isFirst = load<u64>(at, T_INDEX) == 0 || (pending & CandleQuality.Partial) != 0;
  addQuality(at, pending & ~CandleQuality.Partial);
  store<u8>(at, 0, T_PENDING);
  if (isFirst && load<i64>(at, C_FIRST) > bucketStartOf(at)) addQuality(at, CandleQuality.Partial);
}

// @ts-ignore: decorator
@inline
function addQuality(at: usize, bits: u32): void {
  store<u32>(at, load<u32>(at, C_QUALITY) | bits, C_QUALITY);
}

/** Marks all begun candles, and the next one of a root that has none: something was not seen. */
export function timeframesMark(instrument: usize, bits: u32): void {
  const count = <u32>load<u8>(instrument, MI_TIMEFRAMES) + load<u8>(instrument, MI_DRIVEN);
  for (let i: u32 = 0; i < count; i++) {
    const at = timeframeSorted(instrument, i);
    if (candleIsBegun(at)) addQuality(at, bits);
    else if (load<u8>(at, T_SOURCE) == T_NONE) {
      store<u8>(at, load<u8>(at, T_PENDING) | <u8>bits, T_PENDING);
    }
  }
}

/** Hands a closed candle of `at` to the timeframes that grow out of it; `isImported`: history. */
export function timeframeRoll(
  instrument: usize,
  at: usize,
  candle: usize,
  isImported: bool,
): void {
  const slot = load<u8>(at, T_SLOT);
  const start = load<i64>(candle, C_END) - load<i64>(at, T_PERIOD);
  for (let i: u32 = 1, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const to = timeframeSorted(instrument, i);
    if (load<u8>(to, T_SOURCE) != slot || !takes(to, to, start)) continue;
    const isFirst = !candleIsBegun(to);
    candleJoin(to, candle, endOver(to, start));
    store<u8>(to, <u8>isImported, T_IMPORTED);
    if (isFirst) markBegun(to);
  }
}

/**
 * True when a shorter candle that begins at `start` belongs to `candle` of the timeframe `to`, if
 * begun. False only around history: that one was imported, or is of another bucket still.
 */
export function takes(to: usize, candle: usize, start: i64): bool {
  return candleIsBegun(candle)
    ? load<i64>(candle, C_END) == endOver(to, start)
    : start >= load<i64>(to, T_FLOOR);
}

/** End of the bucket of `to` that holds `start`. */
export function endOver(to: usize, start: i64): i64 {
  const period = load<i64>(to, T_PERIOD);
  return bucketStart(start, period) + period;
}

/** After the candle of `at` was published: shuts its bucket, unless history for its root too. */
export function timeframeShut(instrument: usize, at: usize): void {
  const end = load<i64>(at, C_END);
  store<i64>(at, end, T_FLOOR);
  if (load<u8>(at, T_IMPORTED) == 0) {
    raiseFloor(timeframeAt(instrument, load<u8>(at, T_ROOT)), end);
  }
  store<u8>(at, 0, T_IMPORTED);
  memory.fill(at, 0, CANDLE_STATE_BYTES);
}

/**
 * After an imported candle of `at`: the first candle of trades behind it may lack its beginning,
 * which is not known yet when none has begun.
 */
export function timeframeHistory(instrument: usize, at: usize): void {
  const root = timeframeAt(instrument, load<u8>(at, T_ROOT));
  if (candleIsBegun(root) || load<i64>(at, T_PERIOD) == 0) return;
  store<u8>(root, load<u8>(root, T_PENDING) | <u8>CandleQuality.Partial, T_PENDING);
}

/** Start of the earliest begun candle of trades that grows from `root`, i64.MAX_VALUE = none. */
export function timeframesLiveFrom(instrument: usize, root: u8): i64 {
  let from = i64.MAX_VALUE;
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const at = timeframeSorted(instrument, i);
    if (load<u8>(at, T_ROOT) != root || load<u8>(at, T_IMPORTED) != 0) continue;
    if (candleIsBegun(at)) from = min(from, bucketStartOf(at));
  }
  return from;
}

/** A candle of trades closed: what history had begun ends in time like all others from now on. */
export function timeframesLive(instrument: usize): void {
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    store<u8>(timeframeSorted(instrument, i), 0, T_IMPORTED);
  }
}

/** Fills a CandleClosed or CandleForming record from a candle of this timeframe. */
export function timeframeWrite(rec: usize, at: usize, candle: usize, index: u64): void {
  const period = load<i64>(at, T_PERIOD);
  const openNanos = period == 0 ? load<i64>(candle, C_FIRST) : load<i64>(candle, C_END) - period;
  candleWrite(rec, candle);
  store<i64>(rec, openNanos, CANDLE_OPEN_NANOS);
  store<u32>(rec, <u32>(period / NANOS_PER_MILLI), CANDLE_PERIOD_MILLIS);
  store<u8>(rec, load<u8>(at, T_SLOT), CANDLE_TIMEFRAME);
  store<u8>(rec, load<u8>(at, T_TYPE), CANDLE_TYPE);
  store<u64>(rec, index, CANDLE_INDEX);
}
