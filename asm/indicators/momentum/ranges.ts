// Where a price lies in the range of a window, plain and smoothed.
// tidy: tested by test/asm/indicators/families.test.ts
import { exponential, logarithm } from "../../math/exponential";
import {
  countWith,
  I_PERIOD,
  I_PERIOD_2,
  I_PERIOD_3,
  I_PERIOD_4,
  I_SOURCE,
  putValue,
} from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { closeOf, highOf, lowOf, medianOf, ratio, sourceOf } from "../stages/input";
import { emaStage, previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { STRENGTH_BYTES, strengthStage } from "../stages/strength";
import { SUM_BASE_BYTES, sumStage } from "../stages/window";

/** Bytes of the two extremes of a window beside 32 for each candle of it. */
export const RANGE_BASE_BYTES: i32 = 2 * EXTREME_BASE_BYTES;

// @ts-ignore: decorator
@inline
function rangeBytes(period: i32): usize {
  return RANGE_BASE_BYTES + (<usize>period << 5);
}

/** Greatest of the last `period` highs. */
// @ts-ignore: decorator
@inline
function highest(s: usize, value: f64, period: i32, keep: bool): f64 {
  return extremeStage(s, value, period, 1, keep);
}

/** Smallest of the last `period` lows; its stage lies behind that of the highest. */
// @ts-ignore: decorator
@inline
function lowest(s: usize, value: f64, period: i32, keep: bool): f64 {
  return extremeStage(s + EXTREME_BASE_BYTES + (<usize>period << 4), value, period, -1, keep);
}

/** Where `value` lies in its own last `period`, 0 to 1; 0 while they are all the same. */
function placeStage(s: usize, value: f64, period: i32, keep: bool): f64 {
  const low = lowest(s, value, period, keep);
  return ratio(value - low, highest(s, value, period, keep) - low);
}

/** Williams %R: 0 at the window's highest price, -100 at its lowest. */
export function williams(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const high = highest(s, highOf(candle), period, keep);
  const low = lowest(s, lowOf(candle), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, 100 * ratio(closeOf(candle) - high, high - low));
  return true;
}

/** Bytes of a stochastic RSI beside those of its periods. */
export const STOCH_RSI_BASE_BYTES: i32 = STRENGTH_BYTES + RANGE_BASE_BYTES + 2 * SUM_BASE_BYTES;

/** Stochastic of the RSI, 0 to 100: %K its mean over period 3, %D the mean of %K over period 4. */
export function stochRsi(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const window = load<i32>(at, I_PERIOD_2);
  const slow = load<i32>(at, I_PERIOD_3);
  const signal = load<i32>(at, I_PERIOD_4);
  const n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const strength = strengthStage(s, value, n, period, keep);
  if (n <= period) return false;
  const rangeAt = s + STRENGTH_BYTES;
  const raw = 100 * placeStage(rangeAt, strength, window, keep);
  if (n < period + window) return false;
  const slowAt = rangeAt + rangeBytes(window);
  const k = sumStage(slowAt, raw, slow, keep) / <f64>slow;
  if (n < period + window + slow - 1) return false;
  const signalAt = slowAt + SUM_BASE_BYTES + (<usize>slow << 3);
  const d = sumStage(signalAt, k, signal, keep) / <f64>signal;
  if (n < period + window + slow + signal - 2) return false;
  putValue(out, 0, k);
  putValue(out, 1, d);
  return true;
}

/** Bytes of a premier stochastic beside those of its period. */
export const PREMIER_BASE_BYTES: i32 = RANGE_BASE_BYTES + 2 * SMOOTH_BYTES;

/**
 * Premier stochastic, -1 to 1: raw %K over period 1, as (%K - 50) / 10, averaged twice over period
 * 2 (exponential), and x turned into (e^x - 1) / (e^x + 1).
 */
export function premier(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const smooth = load<i32>(at, I_PERIOD_2);
  const n = countWith(at);
  const high = highest(s, highOf(candle), period, keep);
  const low = lowest(s, lowOf(candle), period, keep);
  if (n < period) return false;
  const raw = 10 * ratio(closeOf(candle) - low, high - low) - 5;
  const smoothAt = s + rangeBytes(period);
  const e1 = emaStage(smoothAt, raw, n - period + 1, smooth, keep);
  if (n < period + smooth - 1) return false;
  const e2 = emaStage(smoothAt + SMOOTH_BYTES, e1, n - period - smooth + 2, smooth, keep);
  if (n < period + 2 * smooth - 2) return false;
  const power = exponential(e2);
  putValue(out, 0, (power - 1) / (power + 1));
  return true;
}

/** Bytes of a stochastic momentum index beside those of its period. */
export const SMI_BASE_BYTES: i32 = RANGE_BASE_BYTES + 5 * SMOOTH_BYTES;

/**
 * Stochastic momentum index, -100 to 100: the close's distance from the middle of the range over
 * period 1, averaged over period 2 and again over 3 (exponential), over half the range averaged
 * alike; its exponential average over period 4.
 */
export function stochMomentum(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const first = load<i32>(at, I_PERIOD_2);
  const second = load<i32>(at, I_PERIOD_3);
  const signal = load<i32>(at, I_PERIOD_4);
  const high = highest(s, highOf(candle), period, keep);
  const low = lowest(s, lowOf(candle), period, keep);
  let n = countWith(at) - period + 1;
  if (n < 1) return false;
  const e = s + rangeBytes(period);
  const off1 = emaStage(e, closeOf(candle) - (high + low) / 2, n, first, keep);
  const half1 = emaStage(e + SMOOTH_BYTES, (high - low) / 2, n, first, keep);
  n -= first - 1;
  if (n < 1) return false;
  const off2 = emaStage(e + 2 * SMOOTH_BYTES, off1, n, second, keep);
  const half2 = emaStage(e + 3 * SMOOTH_BYTES, half1, n, second, keep);
  n -= second - 1;
  if (n < 1) return false;
  const index = 100 * ratio(off2, half2);
  const average = emaStage(e + 4 * SMOOTH_BYTES, index, n, signal, keep);
  if (n < signal) return false;
  putValue(out, 0, index);
  putValue(out, 1, average);
  return true;
}

/** Bytes of a Fisher transform beside those of its period. */
export const FISHER_BASE_BYTES: i32 = RANGE_BASE_BYTES + 2 * SMOOTH_BYTES;
/** What the smoothed place is held at: its transform would have no end. */
const PLACE_MAX: f64 = 0.999;
const PLACE_LIMIT: f64 = 0.99;

/**
 * Fisher transform of the place of the median price in its window, smoothed (Ehlers); line 2 is
 * line 1 of the candle before, 0 for the first.
 */
export function fisher(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const place = placeStage(s, medianOf(candle), period, keep);
  if (countWith(at) < period) return false;
  const rest = s + rangeBytes(period);
  let smooth = 0.66 * (place - 0.5) + 0.67 * load<f64>(rest);
  if (smooth > PLACE_LIMIT) smooth = PLACE_MAX;
  if (smooth < -PLACE_LIMIT) smooth = -PLACE_MAX;
  const before = load<f64>(rest, SMOOTH_BYTES);
  const value = 0.5 * logarithm((1 + smooth) / (1 - smooth)) + 0.5 * before;
  previousStage(rest, smooth, keep);
  previousStage(rest + SMOOTH_BYTES, value, keep);
  putValue(out, 0, value);
  putValue(out, 1, before);
  return true;
}

/** Bytes of a Schaff trend cycle beside those of its period. */
export const SCHAFF_BASE_BYTES: i32 = 2 * RANGE_BASE_BYTES + 4 * SMOOTH_BYTES;
/** Period of the two averages in it. */
const SCHAFF_SMOOTH: i32 = 3;

/**
 * Schaff trend cycle, 0 to 100: a stochastic over period 1 of the difference of two exponential
 * averages (periods 2 and 3), averaged over three, and the same once more of that.
 */
export function schaff(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const cycle = load<i32>(at, I_PERIOD);
  const fast = min(load<i32>(at, I_PERIOD_2), load<i32>(at, I_PERIOD_3));
  const slow = max(load<i32>(at, I_PERIOD_2), load<i32>(at, I_PERIOD_3));
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  let n = countWith(at);
  const again = s + rangeBytes(cycle);
  const e = again + rangeBytes(cycle);
  const quick = emaStage(e, value, n, fast, keep);
  const calm = emaStage(e + SMOOTH_BYTES, value, n, slow, keep);
  n -= slow - 1;
  if (n < 1) return false;
  const k = 100 * placeStage(s, quick - calm, cycle, keep);
  n -= cycle - 1;
  if (n < 1) return false;
  const d = emaStage(e + 2 * SMOOTH_BYTES, k, n, SCHAFF_SMOOTH, keep);
  n -= SCHAFF_SMOOTH - 1;
  if (n < 1) return false;
  const k2 = 100 * placeStage(again, d, cycle, keep);
  n -= cycle - 1;
  if (n < 1) return false;
  const d2 = emaStage(e + 3 * SMOOTH_BYTES, k2, n, SCHAFF_SMOOTH, keep);
  if (n < SCHAFF_SMOOTH) return false;
  putValue(out, 0, d2);
  return true;
}
