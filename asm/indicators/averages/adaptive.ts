// Exponential averages whose weight or input follows the market.
// tidy: tested by test/asm/indicators/families.test.ts
import {
  countWith,
  I_FACTOR,
  I_PERIOD,
  I_PERIOD_2,
  I_PERIOD_3,
  I_SOURCE,
  putValue,
} from "../slot";
import { ratio, sourceOf } from "../stages/input";
import { previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { STILL_BYTES, stillStage } from "../stages/still";
import {
  lagStage,
  RING_BASE_BYTES,
  SUM_BASE_BYTES,
  sumStage,
  VARIANCE_BASE_BYTES,
  varianceStage,
} from "../stages/window";

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

// KAMA: the average, the input before, stillness, the ring of inputs, the sum of moves.
const KAMA_BEFORE: i32 = SMOOTH_BYTES;
const KAMA_STILL: i32 = KAMA_BEFORE + SMOOTH_BYTES;
const KAMA_RING: i32 = KAMA_STILL + STILL_BYTES;
/** Bytes beside 16 for each step of the period. */
export const KAMA_BASE_BYTES: i32 = KAMA_RING + RING_BASE_BYTES + SUM_BASE_BYTES;

/**
 * KAMA (Kaufman): the weight lies between those of two periods, squared, by the share of the way
 * that led somewhere. Begins with input number `period`; a market that stands still has the full
 * share, as in TA-Lib.
 */
export function kama(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const fast = 2 / <f64>(load<i32>(at, I_PERIOD_2) + 1);
  const slow = 2 / <f64>(load<i32>(at, I_PERIOD_3) + 1);
  const n = countWith(at);
  const input = inputOf(at, candle);
  const moves = s + KAMA_RING + RING_BASE_BYTES + (<usize>period << 3);
  const still = stillStage(s + KAMA_STILL, input, n, keep);
  const from = lagStage(s + KAMA_RING, input, period, keep);
  const before = previousStage(s + KAMA_BEFORE, input, keep);
  if (n == 1) {
    if (period == 1 && keep) store<f64>(s, input);
    return false;
  }
  const way = sumStage(moves, abs<f64>(input - before), period, keep);
  if (n <= period) {
    if (n == period && keep) store<f64>(s, input);
    return false;
  }
  const share = still > period ? 1 : min(1.0, ratio(abs<f64>(input - from), way));
  const root = share * (fast - slow) + slow;
  const average = load<f64>(s);
  const next = average + root * root * (input - average);
  if (keep) store<f64>(s, next);
  putValue(out, 0, next);
  return true;
}

/** Bytes of a ZLEMA beside 8 for each step of the period. */
export const ZLEMA_BASE_BYTES: i32 = SMOOTH_BYTES + RING_BASE_BYTES;

/**
 * ZLEMA: exponential average of the input plus what it moved in half the period, so that it lags
 * less. Begins with the last input that has none so far back.
 */
export function zlema(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const lag = (period - 1) / 2;
  const seed = max(1, lag);
  const n = countWith(at);
  const input = inputOf(at, candle);
  const from = lag == 0 ? input : lagStage(s + SMOOTH_BYTES, input, lag, keep);
  if (n < seed) return false;
  const average = load<f64>(s);
  const ahead = input + (input - from);
  const next = n == seed ? input : (ahead - average) * (2 / <f64>(period + 1)) + average;
  if (keep) store<f64>(s, next);
  putValue(out, 0, next);
  return true;
}

/** Bytes of a VIDYA beside 8 for each step of both periods. */
export const VIDYA_BASE_BYTES: i32 = SMOOTH_BYTES + STILL_BYTES + 2 * VARIANCE_BASE_BYTES;

/**
 * VIDYA (Chande): the weight is the factor times the ratio of a short to a long deviation, at most
 * 1, and 0 while the long window is flat. Begins with the input before both windows are full.
 */
export function vidya(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const short = load<i32>(at, I_PERIOD);
  const long = load<i32>(at, I_PERIOD_2);
  const full = max(short, long);
  const seed = max(1, full - 1);
  const n = countWith(at);
  const input = inputOf(at, candle);
  const shorts = s + SMOOTH_BYTES + STILL_BYTES;
  const longs = shorts + VARIANCE_BASE_BYTES + (<usize>short << 3);
  const still = stillStage(s + SMOOTH_BYTES, input, n, keep);
  const near = varianceStage(shorts, input, short, keep);
  const far = varianceStage(longs, input, long, keep);
  if (n < seed) return false;
  let next = input;
  if (n > seed) {
    const share = still >= long ? 0 : sqrt<f64>(ratio(near, far));
    const average = load<f64>(s);
    next = (input - average) * min(1.0, load<f64>(at, I_FACTOR) * share) + average;
  }
  if (keep) store<f64>(s, next);
  putValue(out, 0, next);
  return true;
}
