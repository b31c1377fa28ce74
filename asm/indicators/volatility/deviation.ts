// How far prices stray from their mean; Bollinger bands have a kernel of their own.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FACTOR, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { ratio, sourceOf } from "../stages/input";
import { previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { STILL_BYTES, stillStage } from "../stages/still";
import {
  ringAt,
  sumRing,
  sumStage,
  VARIANCE_BASE_BYTES,
  variancePlainSum,
  varianceStage,
} from "../stages/window";

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** Standard deviation of the population (divided by period), times the factor. */
export function stdDev(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const deviation = sqrt<f64>(varianceStage(s, inputOf(at, candle), period, keep));
  if (countWith(at) < period) return false;
  putValue(out, 0, load<f64>(at, I_FACTOR) * deviation);
  return true;
}

/** Variance of the population. */
export function variance(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = varianceStage(s, inputOf(at, candle), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, value);
  return true;
}

/** Standard error of the mean: the deviation over the root of the period. */
export function stdError(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = varianceStage(s, inputOf(at, candle), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, sqrt<f64>(value / <f64>period));
  return true;
}

/**
 * Mean distance from the mean. O(period): the distances are from a mean that moves with every
 * candle.
 */
export function meanDeviation(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = inputOf(at, candle);
  const mean = sumStage(s, value, period, false) / <f64>period;
  let distance = abs<f64>(value - mean);
  for (let age = 1; age < period; age++) {
    distance += abs<f64>(ringAt(sumRing(s), age, period) - mean);
  }
  if (keep) sumStage(s, value, period, true);
  if (countWith(at) < period) return false;
  putValue(out, 0, distance / <f64>period);
  return true;
}

/** Bytes of a volatility beside 8 for each step of the period. */
export const VOLATILITY_BASE_BYTES: i32 = SMOOTH_BYTES + VARIANCE_BASE_BYTES;

/**
 * Deviation of the last `period` relative changes, times the root of the factor: with as many
 * candles as a year has, it is the volatility of a year.
 */
export function volatility(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const before = previousStage(s, value, keep);
  if (n == 1) return false;
  const change = ratio(value - before, before);
  const spread = varianceStage(s + SMOOTH_BYTES, change, period, keep);
  if (n <= period) return false;
  putValue(out, 0, sqrt<f64>(load<f64>(at, I_FACTOR) * spread));
  return true;
}

/** Bytes of what follows beside 8 for each step of the period. */
export const BAND_BASE_BYTES: i32 = STILL_BYTES + VARIANCE_BASE_BYTES;

/**
 * %B: where the input lies between Bollinger bands, 0 at the lower and 1 at the upper one; 0 in a
 * flat window.
 */
export function percentB(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const still = stillStage(s, value, n, keep);
  const mean = variancePlainSum(s + STILL_BYTES, value, period) / <f64>period;
  const spread = varianceStage(s + STILL_BYTES, value, period, keep);
  if (n < period) return false;
  const half = load<f64>(at, I_FACTOR) * sqrt<f64>(spread);
  putValue(out, 0, still >= period ? 0 : ratio(value - mean + half, 2 * half));
  return true;
}

/** Width of Bollinger bands in percent of their middle. */
export function bandwidth(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const still = stillStage(s, value, n, keep);
  const mean = variancePlainSum(s + STILL_BYTES, value, period) / <f64>period;
  const spread = varianceStage(s + STILL_BYTES, value, period, keep);
  if (n < period) return false;
  const width = 2 * load<f64>(at, I_FACTOR) * sqrt<f64>(spread);
  putValue(out, 0, still >= period ? 0 : 100 * ratio(width, mean));
  return true;
}
