// Moves weighed with volume, or with the lack of it.
// tidy: tested by test/asm/indicators/families.test.ts
import { spread } from "../momentum/spread";
import { countWith, I_FLAGS, I_PERIOD, I_PERIOD_2, I_PERIOD_3, putValue } from "../slot";
import { AVERAGE_SMA } from "../stages/average";
import { closeOf, highOf, lowOf, medianOf, ratio, volumeOf } from "../stages/input";
import { emaFirstStage, emaStage, previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { SUM_BASE_BYTES, sumStage } from "../stages/window";

/** Bit of I_FLAGS: exponential averages begin with the first value, not the first mean. */
const FIRST_SEED: u32 = 1;
/** Bit of I_FLAGS of the Klinger oscillator: force is 2 |d / c - 1| instead of |2 d / c - 1|. */
const DOUBLED: u32 = 2;

// @ts-ignore: decorator
@inline
function averaged(at: usize, s: usize, value: f64, n: i32, period: i32, keep: bool): f64 {
  if ((load<u32>(at, I_FLAGS) & FIRST_SEED) == 0) return emaStage(s, value, n, period, keep);
  return emaFirstStage(s, value, n, 2 / <f64>(period + 1), keep);
}

/** Bytes of a force index. */
export const FORCE_BYTES: i32 = 2 * SMOOTH_BYTES;

/** Force index: exponential average of the close's change times volume, ticks x lots. */
export function forceIndex(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const before = previousStage(s, closeOf(candle), keep);
  const n = countWith(at);
  if (n == 1) return false;
  const force = (closeOf(candle) - before) * volumeOf(candle);
  const average = averaged(at, s + SMOOTH_BYTES, force, n - 1, period, keep);
  if (n <= period) return false;
  putValue(out, 0, average);
  return true;
}

/** What Arms divides volume by. */
const EASE_SCALE: f64 = 10000;
/** Bytes of an ease of movement beside 8 for each candle. */
export const EASE_BASE_BYTES: i32 = SUM_BASE_BYTES + SMOOTH_BYTES;

/**
 * Ease of movement: the median price's change times the range over a ten-thousandth of the volume,
 * mean over the period; a candle without volume counts 0.
 */
export function easeOfMovement(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const before = previousStage(s, medianOf(candle), keep);
  const n = countWith(at);
  if (n == 1) return false;
  const moved = (medianOf(candle) - before) * (highOf(candle) - lowOf(candle));
  const ease = EASE_SCALE * ratio(moved, volumeOf(candle));
  const sum = sumStage(s + SMOOTH_BYTES, ease, period, keep);
  if (n <= period) return false;
  putValue(out, 0, sum / <f64>period);
  return true;
}

const K_PRICE: i32 = 0; // f64, high + low + close of the candle before
const K_RANGE: i32 = 8; // f64, its range
const K_TREND: i32 = 16; // f64, 1 up, -1 down, 0 before the first change
const K_MOVED: i32 = 24; // f64, ranges of the trend so far, from the candle before it on
const K_FAST: i32 = 32;
const K_SLOW: i32 = 40;
const K_SIGNAL: i32 = 48;
/** Bytes of a Klinger oscillator. */
export const KLINGER_BYTES: i32 = 56;

/** Volume with the trend's sign, by how much of the trend's movement this candle's range is. */
function volumeForce(at: usize, s: usize, candle: usize, keep: bool): f64 {
  const price3 = highOf(candle) + lowOf(candle) + closeOf(candle);
  const range = highOf(candle) - lowOf(candle);
  const before = previousStage(s + K_PRICE, price3, keep);
  const rangeBefore = previousStage(s + K_RANGE, range, keep);
  if (countWith(at) == 1) return 0;
  const last = load<f64>(s, K_TREND);
  const trend = price3 > before ? 1.0 : price3 < before ? -1.0 : last;
  const moved = range + (trend == last ? load<f64>(s, K_MOVED) : rangeBefore);
  if (keep) {
    store<f64>(s, trend, K_TREND);
    store<f64>(s, moved, K_MOVED);
  }
  if (moved == 0) return 0;
  const isDoubled = (load<u32>(at, I_FLAGS) & DOUBLED) != 0;
  const share = isDoubled ? 2 * (range / moved - 1) : 2 * (range / moved) - 1;
  return (trend < 0 ? -100 : 100) * abs<f64>(share) * volumeOf(candle);
}

/** Klinger oscillator: two exponential averages of the volume force, and their own average. */
export function klinger(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const fast = load<i32>(at, I_PERIOD);
  const slow = load<i32>(at, I_PERIOD_2);
  const signal = load<i32>(at, I_PERIOD_3);
  const force = volumeForce(at, s, candle, keep);
  let n = countWith(at) - 1;
  if (n < 1) return false;
  const quick = averaged(at, s + K_FAST, force, n, fast, keep);
  const calm = averaged(at, s + K_SLOW, force, n, slow, keep);
  n -= max(fast, slow) - 1;
  if (n < 1) return false;
  const average = averaged(at, s + K_SIGNAL, quick - calm, n, signal, keep);
  if (n < signal) return false;
  putValue(out, 0, quick - calm);
  putValue(out, 1, average);
  return true;
}

/** Volume oscillator: fast mean of volume against the slow one, in percent of that. */
export function volumeOscillator(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  return spread(at, s, volumeOf(candle), out, keep, AVERAGE_SMA, true);
}

/** Bytes of Williams' accumulation: its sum in ticks (whole), the close before. */
export const WILLIAMS_BYTES: i32 = 2 * SMOOTH_BYTES;

/** Williams' accumulation and distribution, in ticks: how far closes lie from the true extremes. */
export function williamsBalance(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const close = closeOf(candle);
  const before = previousStage(s + SMOOTH_BYTES, close, keep);
  if (countWith(at) == 1) return false;
  let moved: f64 = 0;
  if (close > before) moved = close - min(before, lowOf(candle));
  if (close < before) moved = close - max(before, highOf(candle));
  const total = load<f64>(s) + moved;
  if (keep) store<f64>(s, total);
  putValue(out, 0, total);
  return true;
}

/** Market facilitation index: range over volume. */
export function facilitation(candle: usize, out: usize): bool {
  putValue(out, 0, ratio(highOf(candle) - lowOf(candle), volumeOf(candle)));
  return true;
}
