// How an input's spread grows with time, and how straight its way is.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_PERIOD, I_PERIOD_2, I_SOURCE, putValue } from "../slot";
import { EXACT_BYTES, exactStage } from "../stages/exact";
import { ratio, sourceOf } from "../stages/input";
import { RUN_BYTES, runStage } from "../stages/pair";
import { logReturnOf } from "../stages/returns";
import {
  lagStage,
  RING_BASE_BYTES,
  ringAt,
  ringPush,
  SUM_BASE_BYTES,
  sumStage,
  VARIANCE_BASE_BYTES,
  varianceStage,
} from "../stages/window";

/** Lags of a Hurst exponent: 1, 2, 4, ... 512, half of the longest window. */
const LAGS_MAX: i32 = 10;
/** The sum of squares of each lag, the run, then the ring. */
export const HURST_BASE_BYTES: i32 = LAGS_MAX * EXACT_BYTES + RUN_BYTES + RING_BASE_BYTES;
/** The input before, the sum of moves, then the ring of inputs. */
export const EFFICIENCY_BASE_BYTES: i32 = 8 + SUM_BASE_BYTES + RING_BASE_BYTES;
/** The input before, the run and variance of short moves, the ring, the variance of long ones. */
export const RATIO_BASE_BYTES: i32 = 8 + RUN_BYTES + 2 * VARIANCE_BASE_BYTES + RING_BASE_BYTES;

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** Kaufman's efficiency ratio, 0 to 1: the way made over the way gone in `period` candles. */
export function efficiency(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const move = n == 1 ? 0 : abs<f64>(value - load<f64>(s));
  if (keep) store<f64>(s, value);
  const moves = sumStage(s + 8, move, period, keep);
  const ring = s + 8 + SUM_BASE_BYTES + (<usize>period << 3);
  const made = abs<f64>(value - lagStage(ring, value, period, keep));
  if (n <= period) return false;
  putValue(out, 0, made == 0 ? 0 : min<f64>(1, made / moves));
  return true;
}

/** ln of the input over the one `period` candles back, 0 unless both are above 0. */
export function logReturn(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = inputOf(at, candle);
  const before = lagStage(s, value, period, keep);
  if (countWith(at) <= period) return false;
  putValue(out, 0, logReturnOf(value, before));
  return true;
}

/**
 * Variance of the input's moves over `lag` candles, over `lag` times that of its moves over one; of
 * each kind the last `period`. 1 for a random walk, below where the input returns to its mean.
 */
export function varianceRatio(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const lag = load<i32>(at, I_PERIOD_2);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const short = value - load<f64>(s);
  if (keep) store<f64>(s, value);
  const shorts = s + 8 + RUN_BYTES;
  const ring = shorts + VARIANCE_BASE_BYTES + (<usize>period << 3);
  const long = value - lagStage(ring, value, lag, keep);
  if (n == 1) return false;
  const like = runStage(s + 8, short, n - 1, keep);
  const one = varianceStage(shorts, short, period, keep);
  if (n <= lag) return false;
  const longs = ring + RING_BASE_BYTES + (<usize>lag << 3);
  const many = varianceStage(longs, long, period, keep);
  if (n < period + lag) return false;
  putValue(out, 0, like >= period ? 0 : ratio(many, <f64>lag * one));
  return true;
}

/** Square of the input's move over `lag` candles, `age` of the later one; 0 = the newest. */
// @ts-ignore: decorator
@inline
function squareOf(ring: usize, value: f64, age: i32, lag: i32, period: i32): f64 {
  const later = age == 0 ? value : ringAt(ring, age, period);
  const move = later - ringAt(ring, age + lag, period);
  return move * move;
}

/**
 * Hurst exponent: half the slope, over ln of the lags 1, 2, 4, ... up to half the window, of ln of
 * the mean square of the input's moves over the lag, of all moves inside the window. 0.5 for a
 * random walk; 0 where some lag has no move at all. O(log period).
 */
export function hurst(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const run = s + LAGS_MAX * EXACT_BYTES;
  const ring = run + RUN_BYTES;
  const isFlat = runStage(run, value, n, keep) >= period;
  let count: f64 = 0;
  let sum: f64 = 0;
  let moment: f64 = 0;
  let isStill = false;
  for (let k = 0; 2 << k <= period; k++) {
    const lag = 1 << k;
    const coming = n > lag ? squareOf(ring, value, 0, lag, period) : 0;
    const leaving = n > period ? squareOf(ring, value, period - lag, lag, period) : 0;
    const squares = exactStage(s + k * EXACT_BYTES, coming, leaving, keep);
    if (squares <= 0) isStill = true;
    const spread = isStill ? 0 : logReturnOf(squares, <f64>(period - lag));
    count += 1;
    sum += spread;
    moment += <f64>k * spread;
  }
  if (keep) ringPush(ring, value, period);
  if (n < period) return false;
  // Lags are powers of 2: their logarithms are 0, 1, 2, ... times ln 2.
  const slope = (12 * (moment - ((count - 1) / 2) * sum)) / (count * (count * count - 1));
  putValue(out, 0, isFlat || isStill ? 0 : slope / (2 * 0.6931471805599453));
  return true;
}
