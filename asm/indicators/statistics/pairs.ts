// How two inputs go together, and an input with its own past.
// tidy: tested by test/asm/indicators/families.test.ts
import {
  countWith,
  I_FLAGS,
  I_PERIOD,
  I_PERIOD_2,
  I_SOURCE,
  I_SOURCE_2,
  putValue,
} from "../slot";
import { ratio, sourceOf } from "../stages/input";
import {
  covarianceStage,
  firstVarianceStage,
  PAIR_BASE_BYTES,
  RUN_BYTES,
  runStage,
  secondVarianceStage,
} from "../stages/pair";
import { logReturnOf, returnOf } from "../stages/returns";
import { lagStage, RING_BASE_BYTES } from "../stages/window";

/** Bytes of a correlation beside 16 for each input: two runs, then the pair. */
export const CORREL_BASE_BYTES: i32 = 2 * RUN_BYTES + PAIR_BASE_BYTES;
/** The inputs before, then a correlation. */
export const BETA_BASE_BYTES: i32 = 16 + CORREL_BASE_BYTES;
/** The input before, then a correlation, then the ring of the lag. */
export const AUTOCORRELATION_BASE_BYTES: i32 = 8 + CORREL_BASE_BYTES + RING_BASE_BYTES;
/** Persistence below this counts as none. */
const PERSISTENCE_MIN: f64 = 1e-9;
/** A half-life beyond so many candles counts as none. */
const HALF_LIFE_MAX: f64 = 1e6;
const LN2: f64 = 0.6931471805599453;

/** Correlation of the last `period` pairs, -1 to 1; 0 where either side is flat. */
function correlationStage(s: usize, x: f64, y: f64, n: i32, period: i32, keep: bool): f64 {
  const pair = s + 2 * RUN_BYTES;
  const likeX = runStage(s, x, n, keep);
  const likeY = runStage(s + RUN_BYTES, y, n, keep);
  const covariance = covarianceStage(pair, x, y, period, keep);
  const first = firstVarianceStage(pair, x, period, keep);
  const second = secondVarianceStage(pair, y, period, keep);
  if (likeX >= period || likeY >= period) return 0;
  return max<f64>(-1, min<f64>(1, ratio(covariance, sqrt<f64>(first) * sqrt<f64>(second))));
}

/** Covariance of the last `period` pairs over the variance of the first inputs, 0 when flat. */
function slopeStage(s: usize, x: f64, y: f64, n: i32, period: i32, keep: bool): f64 {
  const pair = s + 2 * RUN_BYTES;
  const like = runStage(s, x, n, keep);
  const covariance = covarianceStage(pair, x, y, period, keep);
  const variance = firstVarianceStage(pair, x, period, keep);
  secondVarianceStage(pair, y, period, keep);
  return like >= period ? 0 : ratio(covariance, variance);
}

/** Correlation of two sources of the candle. */
export function correl(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const x = sourceOf(candle, load<u8>(at, I_SOURCE));
  const y = sourceOf(candle, load<u8>(at, I_SOURCE_2));
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const result = correlationStage(s, x, y, n, period, keep);
  if (n < period) return false;
  putValue(out, 0, result);
  return true;
}

/** Slope of source 2's returns on those of source 1. */
export function beta(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const x = sourceOf(candle, load<u8>(at, I_SOURCE));
  const y = sourceOf(candle, load<u8>(at, I_SOURCE_2));
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const moveX = returnOf(x, load<f64>(s));
  const moveY = returnOf(y, load<f64>(s, 8));
  if (keep) {
    store<f64>(s, x);
    store<f64>(s, y, 8);
  }
  if (n == 1) return false;
  const result = slopeStage(s + 16, moveX, moveY, n - 1, period, keep);
  if (n <= period) return false;
  putValue(out, 0, result);
  return true;
}

/** Correlation of the input's returns, or (flag 1) of the input itself, with its past. */
export function autocorrelation(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const lag = load<i32>(at, I_PERIOD_2);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const isValue = load<u32>(at, I_FLAGS) != 0;
  const input = isValue ? value : returnOf(value, load<f64>(s));
  if (keep) store<f64>(s, value);
  const n = countWith(at) - (isValue ? 0 : 1);
  if (n == 0) return false;
  const past = s + 8 + CORREL_BASE_BYTES + (<usize>period << 4);
  const before = lagStage(past, input, lag, keep);
  if (n <= lag) return false;
  const result = correlationStage(s + 8, before, input, n - lag, period, keep);
  if (n < period + lag) return false;
  putValue(out, 0, result);
  return true;
}

/**
 * Candles in which half of a distance from the mean is gone: -ln 2 / ln(persistence), where the
 * persistence is the slope of the input on the one before, over the last `period` such pairs. 0
 * where it is not in (0, 1), so the input does not return, and beyond a million candles.
 */
export function halfLife(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const before = load<f64>(s);
  if (keep) store<f64>(s, value);
  if (n == 1) return false;
  const persistence = slopeStage(s + 8, before, value, n - 1, period, keep);
  if (n <= period) return false;
  let result: f64 = 0;
  if (persistence > PERSISTENCE_MIN && persistence < 1) {
    const candles = LN2 / logReturnOf(1, persistence);
    if (candles <= HALF_LIFE_MAX) result = candles;
  }
  putValue(out, 0, result);
  return true;
}
