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
import { arenaAlloc } from "../arena";
import {
  MI_END,
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
  CandleType,
  CANDLE_INDEX,
  CANDLE_OPEN_NANOS,
  CANDLE_PERIOD_MILLIS,
  CANDLE_TIMEFRAME,
  CANDLE_TYPE,
  Refusal,
  Role,
  TIMEFRAME_PERIOD_MILLIS,
  TIMEFRAME_SLOT,
  TIMEFRAME_TYPE,
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
export const T_INDICATORS: i32 = 128; // u32 x INDICATORS_MAX, addresses by slot
/** Bytes of a timeframe. */
export const TIMEFRAME_BYTES: i32 = 192;
export const T_NONE: u8 = 255;

const NANOS_PER_MILLI: i64 = 1000000;
const PERIOD_STEP_MILLIS: u32 = 1000;
const PERIOD_MILLIS_MAX: u32 = 604800000;
const WEEK_NANOS: i64 = 604800000000000;
/** 1970-01-05 was the first Monday; weeks begin there, other periods at the epoch. */
const MONDAY_NANOS: i64 = 345600000000000;

/** Start of the bucket of length `periodNanos` that holds `tsNanos`. */
export function bucketStart(tsNanos: i64, periodNanos: i64): i64 {
  const rest = (tsNanos - originOf(periodNanos)) % periodNanos;
  return tsNanos - (rest < 0 ? rest + periodNanos : rest);
}

// @ts-ignore: decorator
@inline
function originOf(periodNanos: i64): i64 {
  return periodNanos == WEEK_NANOS ? MONDAY_NANOS : 0;
}

/** True when every bucket of `long` is a row of whole buckets of `short`. */
function nests(long: i64, short: i64): bool {
  return long % short == 0 && originOf(long) % short == 0;
}

/** Address of the timeframe in `slot`, 0 when there is none. */
// @ts-ignore: decorator
@inline
export function timeframeAt(instrument: usize, slot: u32): usize {
  if (slot >= <u32>TIMEFRAMES_MAX) return 0;
  return load<u32>(instrument + (<usize>slot << 2), MI_TIMEFRAME);
}

/** What is wrong with a Timeframe record by itself. */
export function timeframeRefusal(rec: usize): Refusal {
  if (load<u8>(rec, TIMEFRAME_SLOT) >= <u8>TIMEFRAMES_MAX) return Refusal.TimeframesFull;
  if (load<u8>(rec, TIMEFRAME_TYPE) != CandleType.Time) return Refusal.ParameterInvalid;
  const period = load<u32>(rec, TIMEFRAME_PERIOD_MILLIS);
  if (period == 0 || period > PERIOD_MILLIS_MAX) return Refusal.PeriodInvalid;
  return period % PERIOD_STEP_MILLIS == 0 ? Refusal.None : Refusal.PeriodInvalid;
}

/**
 * What keeps a valid Timeframe record from this instrument: AlreadyConfigured when its slot holds
 * exactly this already, ConfigConflict when the slot or the period is taken.
 */
export function timeframeConflict(instrument: usize, rec: usize): Refusal {
  const period = <i64>load<u32>(rec, TIMEFRAME_PERIOD_MILLIS) * NANOS_PER_MILLI;
  const there = timeframeAt(instrument, load<u8>(rec, TIMEFRAME_SLOT));
  if (there != 0) {
    return load<i64>(there, T_PERIOD) == period
      ? Refusal.AlreadyConfigured
      : Refusal.ConfigConflict;
  }
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    if (load<i64>(sortedAt(instrument, i), T_PERIOD) == period) return Refusal.ConfigConflict;
  }
  return Refusal.None;
}

// @ts-ignore: decorator
@inline
function sortedAt(instrument: usize, i: u32): usize {
  return load<u32>(instrument + (<usize>i << 2), MI_SORTED);
}

/** Adds the timeframe of a record that `timeframeRefusal` and `timeframeConflict` let pass. */
export function timeframeAdd(instrument: usize, id: u32, rec: usize): Refusal {
  const at = arenaAlloc(Role.Market, TIMEFRAME_BYTES);
  if (at == 0) return Refusal.ArenaFull;
  const slot = load<u8>(rec, TIMEFRAME_SLOT);
  store<i64>(at, <i64>load<u32>(rec, TIMEFRAME_PERIOD_MILLIS) * NANOS_PER_MILLI, T_PERIOD);
  store<u8>(at, slot, T_SLOT);
  store<u32>(instrument + (<usize>slot << 2), <u32>at, MI_TIMEFRAME);
  insertSorted(instrument, at);
  rebuild(instrument);
  timeframesRefresh(instrument, id);
  return Refusal.None;
}

function insertSorted(instrument: usize, at: usize): void {
  const count = <u32>load<u8>(instrument, MI_TIMEFRAMES);
  let place = count;
  while (
    place > 0 &&
    load<i64>(sortedAt(instrument, place - 1), T_PERIOD) > load<i64>(at, T_PERIOD)
  ) {
    store<u32>(instrument + (<usize>place << 2), <u32>sortedAt(instrument, place - 1), MI_SORTED);
    place--;
  }
  store<u32>(instrument + (<usize>place << 2), <u32>at, MI_SORTED);
  store<u8>(instrument, <u8>(count + 1), MI_TIMEFRAMES);
}

/** Finds every timeframe's source anew; a candle that had begun keeps what it has. */
function rebuild(instrument: usize): void {
  const count = <u32>load<u8>(instrument, MI_TIMEFRAMES);
  let roots: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const at = sortedAt(instrument, i);
    const source = sourceFor(instrument, i);
    if (source == 0) {
      store<u8>(at, T_NONE, T_SOURCE);
      store<u8>(at, load<u8>(at, T_SLOT), T_ROOT);
      store<u32>(instrument + (<usize>roots << 2), <u32>at, MI_ROOT);
      roots++;
      continue;
    }
    store<u8>(at, load<u8>(source, T_SLOT), T_SOURCE);
    store<u8>(at, load<u8>(source, T_ROOT), T_ROOT);
    // The root may be younger than this candle: it must not go back behind its start.
    const begun = candleIsBegun(at) ? load<i64>(at, C_END) - load<i64>(at, T_PERIOD) : 0;
    raiseFloor(timeframeAt(instrument, load<u8>(at, T_ROOT)), max(begun, load<i64>(at, T_FLOOR)));
  }
  const unusedBytes = <usize>(<u32>TIMEFRAMES_MAX - roots) << 2;
  memory.fill(instrument + MI_ROOT + (<usize>roots << 2), 0, unusedBytes);
  store<u8>(instrument, <u8>roots, MI_ROOTS);
}

/** The longest shorter period that divides number `i` of the sorted ones, 0 for a root. */
function sourceFor(instrument: usize, i: u32): usize {
  const period = load<i64>(sortedAt(instrument, i), T_PERIOD);
  for (let j = i; j > 0; j--) {
    const at = sortedAt(instrument, j - 1);
    if (nests(period, load<i64>(at, T_PERIOD))) return at;
  }
  return 0;
}

function raiseFloor(root: usize, floor: i64): void {
  if (floor > load<i64>(root, T_FLOOR)) store<i64>(root, floor, T_FLOOR);
}

/** Recomputes what the trade path asks first, and the instrument's deadline. */
export function timeframesRefresh(instrument: usize, id: u32): void {
  let end = i64.MAX_VALUE;
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const at = sortedAt(instrument, i);
    if (candleIsBegun(at)) end = min(end, load<i64>(at, C_END));
  }
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
    if (tsNanos < openFrom(at)) {
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
function openFrom(at: usize): i64 {
  if (candleIsBegun(at)) return load<i64>(at, C_END) - load<i64>(at, T_PERIOD);
  return load<i64>(at, T_FLOOR);
}

function begin(instrument: usize, at: usize, tsNanos: i64, priceTicks: i64): void {
  const period = load<i64>(at, T_PERIOD);
  candleBegin(at, bucketStart(tsNanos, period) + period, tsNanos, priceTicks);
  markBegun(at);
  if (load<u8>(instrument, MI_UNTRUSTED) != 0) addQuality(at, CandleQuality.Gap);
}

/** Quality bits a candle has from its first trade on. */
function markBegun(at: usize): void {
  addQuality(at, load<u8>(at, T_PENDING));
  store<u8>(at, 0, T_PENDING);
  const start = load<i64>(at, C_END) - load<i64>(at, T_PERIOD);
  if (load<u64>(at, T_INDEX) == 0 && load<i64>(at, C_FIRST) > start) {
    addQuality(at, CandleQuality.Partial);
  }
}

// @ts-ignore: decorator
@inline
function addQuality(at: usize, bits: u32): void {
  store<u32>(at, load<u32>(at, C_QUALITY) | bits, C_QUALITY);
}

/** Marks all begun candles, and the next one of a root that has none: something was not seen. */
export function timeframesMark(instrument: usize, bits: u32): void {
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const at = sortedAt(instrument, i);
    if (candleIsBegun(at)) addQuality(at, bits);
    else if (load<u8>(at, T_SOURCE) == T_NONE) {
      store<u8>(at, load<u8>(at, T_PENDING) | <u8>bits, T_PENDING);
    }
  }
}

/** Hands the candle that `at` closes to the timeframes that grow out of it. */
export function timeframeRoll(instrument: usize, at: usize): void {
  const slot = load<u8>(at, T_SLOT);
  for (let i: u32 = 1, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const to = sortedAt(instrument, i);
    if (load<u8>(to, T_SOURCE) != slot) continue;
    const isFirst = !candleIsBegun(to);
    candleJoin(to, at, endOver(to, at));
    if (isFirst) markBegun(to);
  }
}

/** End of the bucket of `to` that holds the candle of the shorter timeframe `at`. */
function endOver(to: usize, at: usize): i64 {
  const start = load<i64>(at, C_END) - load<i64>(at, T_PERIOD);
  const period = load<i64>(to, T_PERIOD);
  return bucketStart(start, period) + period;
}

/** After the candle of `at` was published: counts it and shuts its bucket for its root. */
export function timeframeShut(instrument: usize, at: usize): void {
  const end = load<i64>(at, C_END);
  store<i64>(at, end, T_FLOOR);
  raiseFloor(timeframeAt(instrument, load<u8>(at, T_ROOT)), end);
  memory.fill(at, 0, CANDLE_STATE_BYTES);
}

/** Number `i` of the instrument's timeframes, shortest period first. */
// @ts-ignore: decorator
@inline
export function timeframeSorted(instrument: usize, i: u32): usize {
  return sortedAt(instrument, i);
}

/**
 * Writes the forming candle of a timeframe to `out` (CANDLE_STATE_BYTES): its own part, then those
 * of the shorter ones it grows from. False when no trade has come in this bucket. State untouched.
 */
export function timeframeForming(instrument: usize, at: usize, out: usize): bool {
  memory.copy(out, at, CANDLE_STATE_BYTES);
  const isOwn = candleIsBegun(out);
  for (let below = at; load<u8>(below, T_SOURCE) != T_NONE; ) {
    below = timeframeAt(instrument, load<u8>(below, T_SOURCE));
    if (candleIsBegun(below)) candleJoin(out, below, endOver(at, below));
  }
  if (!candleIsBegun(out)) return false;
  if (!isOwn) markForming(out, at);
  return true;
}

/** The Partial bit of a forming candle that nothing has been joined into yet. */
function markForming(out: usize, at: usize): void {
  const start = load<i64>(out, C_END) - load<i64>(at, T_PERIOD);
  if (load<u64>(at, T_INDEX) == 0 && load<i64>(out, C_FIRST) > start) {
    addQuality(out, CandleQuality.Partial);
  }
}

/** Fills a CandleClosed or CandleForming record from a candle of this timeframe. */
export function timeframeWrite(rec: usize, at: usize, candle: usize, index: u64): void {
  const period = load<i64>(at, T_PERIOD);
  candleWrite(rec, candle);
  store<i64>(rec, load<i64>(candle, C_END) - period, CANDLE_OPEN_NANOS);
  store<u32>(rec, <u32>(period / NANOS_PER_MILLI), CANDLE_PERIOD_MILLIS);
  store<u8>(rec, load<u8>(at, T_SLOT), CANDLE_TIMEFRAME);
  store<u8>(rec, CandleType.Time, CANDLE_TYPE);
  store<u64>(rec, index, CANDLE_INDEX);
}
