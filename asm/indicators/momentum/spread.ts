// Differences of averages, and averages of differences.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FLAGS, I_PERIOD, I_PERIOD_2, I_SOURCE, putValue } from "../slot";
import { AVERAGE_BASE_BYTES, AVERAGE_SMA, averageStage } from "../stages/average";
import { closeOf, medianOf, openOf, ratio, sourceOf } from "../stages/input";
import { emaFirstStage, emaStage, previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { ringAt, sumRing, sumStage } from "../stages/window";

/** Bytes of a spread beside those of its two periods. */
export const SPREAD_BASE_BYTES: i32 = 2 * AVERAGE_BASE_BYTES;
/** Bit of I_FLAGS: exponential averages begin with the first value, not the first mean. */
const FIRST_SEED: u32 = 1;
/** Bit of I_FLAGS: a change is in percent of what it led to, not of what it came from. */
const IS_OF_NOW: u32 = 2;

/**
 * Fast average minus slow average of `value`; `isPercent`: in percent of the slow one. Periods come
 * in any order, the shorter one is the fast one. Each average
 * begins with its own first values, as in TA-Lib (whose MACD alone lets the fast one wait).
 */
export function spread(
  at: usize,
  s: usize,
  value: f64,
  out: usize,
  keep: bool,
  sort: i32,
  isPercent: bool,
): bool {
  const fast = min(load<i32>(at, I_PERIOD), load<i32>(at, I_PERIOD_2));
  const slow = max(load<i32>(at, I_PERIOD), load<i32>(at, I_PERIOD_2));
  const n = countWith(at);
  const calmAt = s + AVERAGE_BASE_BYTES + (<usize>fast << 3);
  const calm = averageStage(calmAt, value, n, slow, sort, keep);
  const quick = averageStage(s, value, n, fast, sort, keep);
  if (n < slow) return false;
  putValue(out, 0, isPercent ? 100 * ratio(quick - calm, calm) : quick - calm);
  return true;
}

/** APO in ticks, PPO in percent: the average's sort is in the flags. */
export function priceOscillator(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  isPercent: bool,
): bool {
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  return spread(at, s, value, out, keep, load<i32>(at, I_FLAGS), isPercent);
}

/** Qstick: mean of close - open, in ticks. */
export function qstick(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const sum = sumStage(s, closeOf(candle) - openOf(candle), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, sum / <f64>period);
  return true;
}

/** DPO: the value period / 2 + 1 candles ago minus the mean that ends now. */
export function detrended(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const back = period / 2 + 1;
  // Never further back than the window's ring reaches.
  const before = ringAt(sumRing(s), back, period);
  const sum = sumStage(s, value, period, keep);
  if (countWith(at) < max(period, back + 1)) return false;
  putValue(out, 0, before - sum / <f64>period);
  return true;
}

/** Bytes of TRIX: three averages and the last of them before. */
export const TRIX_BYTES: i32 = 4 * SMOOTH_BYTES;

// @ts-ignore: decorator
@inline
function chained(s: usize, value: f64, n: i32, period: i32, isFirst: bool, keep: bool): f64 {
  if (isFirst) return emaFirstStage(s, value, n, 2 / <f64>(period + 1), keep);
  return emaStage(s, value, n, period, keep);
}

/**
 * TRIX: change of the triple exponential average over one candle, in percent. Each average begins
 * when the one before it has seen a period.
 */
export function trix(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const isFirst = (load<u32>(at, I_FLAGS) & FIRST_SEED) != 0;
  const lag = period - 1;
  const n = countWith(at);
  const e1 = chained(s, sourceOf(candle, load<u8>(at, I_SOURCE)), n, period, isFirst, keep);
  if (n <= lag) return false;
  const e2 = chained(s + SMOOTH_BYTES, e1, n - lag, period, isFirst, keep);
  if (n <= 2 * lag) return false;
  const e3 = chained(s + 2 * SMOOTH_BYTES, e2, n - 2 * lag, period, isFirst, keep);
  if (n <= 3 * lag) return false;
  const before = previousStage(s + 3 * SMOOTH_BYTES, e3, keep);
  if (n < 3 * period - 1) return false;
  const base = (load<u32>(at, I_FLAGS) & IS_OF_NOW) != 0 ? e3 : before;
  putValue(out, 0, 100 * ratio(e3 - before, base));
  return true;
}

/** Awesome oscillator: the same of the median price, plain means. */
export function awesome(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  return spread(at, s, medianOf(candle), out, keep, AVERAGE_SMA, false);
}
