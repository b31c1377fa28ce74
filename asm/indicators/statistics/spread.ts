// Where an input lies in its window: in deviations, in rank, in the middle.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FACTOR, I_FLAGS, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { extremeAgeStage } from "../stages/extreme";
import { ratio, sourceOf } from "../stages/input";
import { runStage, RUN_BYTES } from "../stages/pair";
import { sortedBelow, sortedPush, sortedWith } from "../stages/sorted";
import { sumStage, VARIANCE_BASE_BYTES, varianceStage, varianceWindow } from "../stages/window";

/** Bytes of a z-score beside 8 for each input. */
export const ZSCORE_BASE_BYTES: i32 = VARIANCE_BASE_BYTES + RUN_BYTES;

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** Standard error of the mean: the window's population deviation over the root of its length. */
export function standardError(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const variance = varianceStage(s, inputOf(at, candle), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, sqrt<f64>(variance / <f64>period));
  return true;
}

/** How many population deviations the input is off the window's mean, 0 in a flat window. */
export function zScore(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const like = runStage(s, value, n, keep);
  const squares = s + RUN_BYTES;
  const sum = sumStage(varianceWindow(squares), value, period, false);
  const variance = varianceStage(squares, value, period, keep);
  if (n < period) return false;
  const distance = value - sum / <f64>period;
  putValue(out, 0, like >= period ? 0 : ratio(distance, sqrt<f64>(variance)));
  return true;
}

/** The middle input by size, the mean of the two middle ones of an even window. */
export function median(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  let result: f64 = 0;
  if (n >= period) {
    const upper = sortedWith(s, period >> 1, value, n, period);
    const lower = sortedWith(s, (period - 1) >> 1, value, n, period);
    result = lower + (upper - lower) / 2;
  }
  if (keep) sortedPush(s, value, n, period);
  if (n < period) return false;
  putValue(out, 0, result);
  return true;
}

/** Percent of the `period` inputs before this one that are at most it, or (flag 1) below it. */
export function percentRank(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const count = sortedBelow(s, value, n, period, load<u32>(at, I_FLAGS) == 0);
  if (keep) sortedPush(s, value, n, period);
  if (n <= period) return false;
  putValue(out, 0, (100 * <f64>count) / <f64>period);
  return true;
}

/** How many candles ago the window's extreme was; of equal ones the latest counts. */
export function extremeAge(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  sign: f64,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const age = extremeAgeStage(s, inputOf(at, candle), period, sign, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, <f64>age);
  return true;
}

/** The input, or what is left of the line after a step down, whichever is higher. */
export function decay(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const value = inputOf(at, candle);
  const step = load<f64>(at, I_FACTOR) / <f64>load<i32>(at, I_PERIOD);
  return keepDecayed(at, s, value, load<f64>(s) - step, out, keep);
}

/** As `decay`: the line loses its period-th part. */
export function exponentialDecay(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const share = 1 - 1 / <f64>load<i32>(at, I_PERIOD);
  return keepDecayed(at, s, inputOf(at, candle), load<f64>(s) * share, out, keep);
}

// @ts-ignore: decorator
@inline
function keepDecayed(
  at: usize,
  s: usize,
  value: f64,
  left: f64,
  out: usize,
  keep: bool,
): bool {
  const result = countWith(at) == 1 ? value : max(value, left);
  if (keep) store<f64>(s, result);
  putValue(out, 0, result);
  return true;
}
