// What volume says of a move, summed from the first candle on; VWAP has a kernel of its own.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FLAGS, I_PERIOD, I_PERIOD_2, putValue } from "../slot";
import { sumError } from "../stages/exact";
import { closeOf, highOf, lowOf, ratio, volumeOf } from "../stages/input";
import { emaFirstStage, previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { SUM_BASE_BYTES, sumStage } from "../stages/window";

/** Bytes of a total: the rounded sum and what rounding took away, so it does not drift. */
const TOTAL_BYTES: i32 = 16;

/** Sum of all inputs. */
function totalStage(s: usize, value: f64, keep: bool): f64 {
  const before = load<f64>(s);
  const sum = before + value;
  const rest = load<f64>(s, 8) + sumError(before, value, sum);
  if (keep) {
    store<f64>(s, sum + rest);
    store<f64>(s, rest - (sum + rest - sum), 8);
  }
  return sum + rest;
}

/** Bit of I_FLAGS: an OBV begins with 0, not with the first candle's volume. */
const FROM_ZERO: u32 = 1;
/** Bytes of an OBV: its total, the close before. */
export const OBV_BYTES: i32 = TOTAL_BYTES + SMOOTH_BYTES;

/** OBV in lots: volume added when the close rises, taken away when it falls. */
// @ts-ignore: decorator
@inline
function balance(at: usize, s: usize, candle: usize, keep: bool): f64 {
  const close = closeOf(candle);
  const before = previousStage(s + TOTAL_BYTES, close, keep);
  let sign = close > before ? 1.0 : close < before ? -1.0 : 0.0;
  if (countWith(at) == 1) sign = (load<u32>(at, I_FLAGS) & FROM_ZERO) != 0 ? 0 : 1;
  return totalStage(s, sign * volumeOf(candle), keep);
}

/** OBV. */
export function obv(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  putValue(out, 0, balance(at, s, candle, keep));
  return true;
}

/** Smoothed OBV: its mean over the period. */
export function smoothedObv(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const sum = sumStage(s + OBV_BYTES, balance(at, s, candle, keep), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, sum / <f64>period);
  return true;
}

/** Volume times the close's place in the range, -1 at the low to 1 at the high, in lots. */
// @ts-ignore: decorator
@inline
function moneyFlow(candle: usize): f64 {
  const close = closeOf(candle);
  const place = close - lowOf(candle) - (highOf(candle) - close);
  return ratio(place, highOf(candle) - lowOf(candle)) * volumeOf(candle);
}

/** Bytes of an accumulation line. */
export const ACCUMULATION_BYTES: i32 = TOTAL_BYTES;

/** Accumulation and distribution: the money flow of all candles. */
export function accumulation(s: usize, candle: usize, out: usize, keep: bool): bool {
  putValue(out, 0, totalStage(s, moneyFlow(candle), keep));
  return true;
}

/** Bytes of an accumulation oscillator. */
export const CHAIKIN_BYTES: i32 = TOTAL_BYTES + 2 * SMOOTH_BYTES;

/** Chaikin oscillator: two exponential averages of the line, both begun with its first value. */
export function chaikin(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const fast = load<i32>(at, I_PERIOD);
  const slow = load<i32>(at, I_PERIOD_2);
  const n = countWith(at);
  const line = totalStage(s, moneyFlow(candle), keep);
  const quick = emaFirstStage(s + TOTAL_BYTES, line, n, 2 / <f64>(fast + 1), keep);
  const calmAt = s + TOTAL_BYTES + SMOOTH_BYTES;
  const calm = emaFirstStage(calmAt, line, n, 2 / <f64>(slow + 1), keep);
  if (n < max(fast, slow)) return false;
  putValue(out, 0, quick - calm);
  return true;
}

/** Bytes of a money flow over a window beside 16 for each candle. */
export const FLOW_BASE_BYTES: i32 = 2 * SUM_BASE_BYTES + SMOOTH_BYTES;

/** CMF, -1 to 1: money flow of the window over its volume. */
export function chaikinFlow(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const flow = sumStage(s, moneyFlow(candle), period, keep);
  const volumeAt = s + SUM_BASE_BYTES + (<usize>period << 3);
  const volume = sumStage(volumeAt, volumeOf(candle), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, ratio(flow, volume));
  return true;
}

/**
 * MFI, 0 to 100: turnover at typical prices that rose over that at prices that rose or fell, of
 * `period` changes.
 */
export function moneyIndex(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  // Three times the typical price is whole, so equal prices are equal.
  const price3 = highOf(candle) + lowOf(candle) + closeOf(candle);
  const before = previousStage(s, price3, keep);
  const n = countWith(at);
  if (n == 1) return false;
  const turnover = price3 * volumeOf(candle);
  const ups = sumStage(s + SMOOTH_BYTES, price3 > before ? turnover : 0, period, keep);
  const downAt = s + SMOOTH_BYTES + SUM_BASE_BYTES + (<usize>period << 3);
  const downs = sumStage(downAt, price3 < before ? turnover : 0, period, keep);
  if (n <= period) return false;
  putValue(out, 0, 100 * ratio(ups, ups + downs));
  return true;
}

/** Bytes of a volume index: itself, close and volume before. */
export const VOLUME_INDEX_BYTES: i32 = 3 * SMOOTH_BYTES;
/** Where a volume index begins, and where it stops: closes that double for ever have no end. */
const INDEX_START: f64 = 1000;
const INDEX_MAX: f64 = 1e100;

/**
 * NVI (`sign` -1) and PVI (1): a series from 1000 that takes the close's change along on candles
 * with less (more) volume than the one before.
 */
export function volumeIndex(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  sign: f64,
): bool {
  const close = closeOf(candle);
  const volume = volumeOf(candle);
  const closeBefore = previousStage(s + SMOOTH_BYTES, close, keep);
  const volumeBefore = previousStage(s + 2 * SMOOTH_BYTES, volume, keep);
  let index = INDEX_START;
  if (countWith(at) > 1) {
    index = load<f64>(s);
    // A close of nothing has no change to take along, and none may end the series.
    const isCounted = (volume - volumeBefore) * sign > 0 && close > 0 && closeBefore > 0;
    if (isCounted) index = min(INDEX_MAX, index + ratio(close - closeBefore, closeBefore) * index);
  }
  if (keep) store<f64>(s, index);
  putValue(out, 0, index);
  return true;
}
