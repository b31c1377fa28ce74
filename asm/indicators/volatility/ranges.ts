// How far candles reach: true ranges, their averages, and ratios of ranges.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FLAGS, I_PERIOD, I_PERIOD_2, putValue } from "../slot";
import { closeOf, highOf, lowOf, ratio } from "../stages/input";
import { atrFirst, atrStage, RANGE_BYTES, rangeStage } from "../stages/range";
import { emaFirstStage, emaStage, SMOOTH_BYTES } from "../stages/smooth";
import { lagStage, RING_BASE_BYTES, SUM_BASE_BYTES, sumStage } from "../stages/window";

/** Bit of I_FLAGS: candle 1 has a true range, its high - low. */
const FIRST_RANGE: u32 = 1;
/** I_FLAGS: every average begins with its first value at candle 1, not with the first mean. */
const FIRST_SEED: u32 = 1;

/** True range of the candle. */
export function trueRange(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const n = countWith(at);
  const range = rangeStage(s, candle, n, keep);
  if (n == 1 && (load<u32>(at, I_FLAGS) & FIRST_RANGE) == 0) return false;
  putValue(out, 0, range);
  return true;
}

/** NATR: the average true range in percent of the close. */
export function natr(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const isEarly = (load<u32>(at, I_FLAGS) & FIRST_RANGE) != 0;
  const n = countWith(at);
  const average = atrStage(s, candle, n, period, isEarly, keep);
  if (n < atrFirst(period, isEarly)) return false;
  putValue(out, 0, 100 * ratio(average, closeOf(candle)));
  return true;
}

/** Bit of I_FLAGS: mean of true ranges, not of high - low. */
const TRUE_RANGE: u32 = 1;
/** Bytes of an average range beside 8 for each step of the period. */
export const AVERAGE_RANGE_BASE_BYTES: i32 = RANGE_BYTES + SUM_BASE_BYTES;

/** Mean of high - low, or of the true range, which candle 1 has not. */
export function averageRange(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const isTrue = (load<u32>(at, I_FLAGS) & TRUE_RANGE) != 0;
  const n = countWith(at);
  const range = rangeStage(s, candle, n, keep);
  if (isTrue && n == 1) return false;
  const value = isTrue ? range : highOf(candle) - lowOf(candle);
  const sum = sumStage(s + RANGE_BYTES, value, period, keep);
  if (n < atrFirst(period, !isTrue)) return false;
  putValue(out, 0, sum / <f64>period);
  return true;
}

// @ts-ignore: decorator
@inline
function average(s: usize, value: f64, n: i32, period: i32, isFirst: bool, keep: bool): f64 {
  if (isFirst) return emaFirstStage(s, value, n, 2 / <f64>(period + 1), keep);
  return emaStage(s, value, n, period, keep);
}

/** Bytes of a CVI beside 8 for each step of period 2. */
export const CVI_BASE_BYTES: i32 = SMOOTH_BYTES + RING_BASE_BYTES;

/** Chaikin's volatility: change of the average high - low over period 2 candles, in percent. */
export function cvi(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const back = load<i32>(at, I_PERIOD_2);
  const isFirst = (load<u32>(at, I_FLAGS) & FIRST_SEED) != 0;
  const n = countWith(at);
  const now = average(s, highOf(candle) - lowOf(candle), n, period, isFirst, keep);
  if (n < period) return false;
  const before = lagStage(s + SMOOTH_BYTES, now, back, keep);
  if (n < period + back) return false;
  putValue(out, 0, 100 * ratio(now - before, before));
  return true;
}

/** Bytes of a mass index beside 8 for each step of the period. */
export const MASS_BASE_BYTES: i32 = 2 * SMOOTH_BYTES + SUM_BASE_BYTES;

/** Mass index: sum over the period of the average high - low over the average of that average. */
export function mass(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const smooth = load<i32>(at, I_PERIOD_2);
  const isFirst = load<u32>(at, I_FLAGS) != 0;
  const lag = load<u32>(at, I_FLAGS) == FIRST_SEED ? 0 : smooth - 1;
  const n = countWith(at);
  const once = average(s, highOf(candle) - lowOf(candle), n, smooth, isFirst, keep);
  if (n <= lag) return false;
  const twice = average(s + SMOOTH_BYTES, once, n - lag, smooth, isFirst, keep);
  if (n < 2 * smooth - 1) return false;
  const sum = sumStage(s + 2 * SMOOTH_BYTES, ratio(once, twice), period, keep);
  if (n < 2 * smooth + period - 2) return false;
  putValue(out, 0, sum);
  return true;
}
