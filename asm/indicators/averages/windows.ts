// Averages of a window of inputs, composed of stages.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { highOf, lowOf, ratio, sourceOf, volumeOf } from "../stages/input";
import {
  SUM_BASE_BYTES,
  sumStage,
  WEIGHTED_BASE_BYTES,
  weightedStage,
} from "../stages/window";

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** TRIMA: the mean of means over about half the period, so that the middle weighs most. */
export function trima(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const inner = (period + 1) / 2;
  const outer = period + 1 - inner;
  const n = countWith(at);
  const mean = sumStage(s, inputOf(at, candle), inner, keep) / <f64>inner;
  if (n < inner) return false;
  const means = s + SUM_BASE_BYTES + (<usize>inner << 3);
  const value = sumStage(means, mean, outer, keep) / <f64>outer;
  if (n < period) return false;
  putValue(out, 0, value);
  return true;
}

// @ts-ignore: decorator
@inline
function weighted(s: usize, value: f64, n: i32, period: i32, keep: bool): f64 {
  return (2 * weightedStage(s, value, n, period, keep)) / (<f64>period * <f64>(period + 1));
}

/**
 * HMA (Hull): the weighted average over half the period, doubled, minus the one over all of it,
 * smoothed by one over the root of the period. Halves and roots are rounded down, at least 1.
 */
export function hma(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const half = max(1, period / 2);
  const root = <i32>sqrt<f64>(<f64>period);
  const n = countWith(at);
  const input = inputOf(at, candle);
  const wholes = s + WEIGHTED_BASE_BYTES + (<usize>half << 3);
  const fast = weighted(s, input, n, half, keep);
  const slow = weighted(wholes, input, n, period, keep);
  if (n < period) return false;
  const roots = wholes + WEIGHTED_BASE_BYTES + (<usize>period << 3);
  const value = weighted(roots, 2 * fast - slow, n - period + 1, root, keep);
  if (n < period + root - 1) return false;
  putValue(out, 0, value);
  return true;
}

/** VWMA: mean weighted by volume; where none was traded in the window, the input itself. */
export function vwma(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const input = inputOf(at, candle);
  const volume = volumeOf(candle);
  const volumes = s + SUM_BASE_BYTES + (<usize>period << 3);
  const turnover = sumStage(s, input * volume, period, keep);
  // Volumes are whole lots: their sum is exact, and 0 only if all of them are.
  const traded = sumStage(volumes, volume, period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, traded == 0 ? input : ratio(turnover, traded));
  return true;
}

/** The middle between the greatest of one input and the smallest of another over the period. */
function middle(
  at: usize,
  s: usize,
  high: f64,
  low: f64,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const lows = s + EXTREME_BASE_BYTES + (<usize>period << 4);
  const top = extremeStage(s, high, period, 1, keep);
  const bottom = extremeStage(lows, low, period, -1, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, (top + bottom) / 2);
  return true;
}

/** Midpoint of one input. */
export function midpoint(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const input = inputOf(at, candle);
  return middle(at, s, input, input, out, keep);
}

/** Midprice: between the greatest high and the smallest low. */
export function midprice(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  return middle(at, s, highOf(candle), lowOf(candle), out, keep);
}

/** The source itself. */
export function price(at: usize, candle: usize, out: usize): bool {
  putValue(out, 0, inputOf(at, candle));
  return true;
}
