// Averages whose weights have a shape of their own: a bell, or the fractal dimension of the way.
// tidy: tested by test/asm/indicators/families.test.ts
import { exponential, logarithmPlusOne } from "../../math/exponential";
import {
  countWith,
  I_FACTOR,
  I_FACTOR_2,
  I_FLAGS,
  I_PERIOD,
  I_PERIOD_2,
  I_SOURCE,
  putValue,
} from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { highOf, lowOf, sourceOf } from "../stages/input";
import { SMOOTH_BYTES } from "../stages/smooth";
import {
  lagStage,
  ringAt,
  RING_BASE_BYTES,
  ringPush,
  SUM_BASE_BYTES,
  sumStage,
} from "../stages/window";

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** Bit of I_FLAGS: the bell's middle is rounded down to a whole candle (Lean). */
const FLOOR_MIDDLE: u32 = 1;
/** Bytes of an ALMA beside 16 for each step of the period: the ring, then the weights. */
export const ALMA_BASE_BYTES: i32 = RING_BASE_BYTES;

/** Weights of the window, oldest first, so that the greatest is 1: none can vanish altogether. */
function almaWeights(at: usize, weights: usize, period: i32): void {
  const width = <f64>period / load<f64>(at, I_FACTOR_2);
  let middle = load<f64>(at, I_FACTOR) * <f64>(period - 1);
  if ((load<u32>(at, I_FLAGS) & FLOOR_MIDDLE) != 0) middle = floor<f64>(middle);
  const nearest = middle - min(floor<f64>(middle + 0.5), <f64>(period - 1));
  for (let i = 0; i < period; i++) {
    const off = <f64>i - middle;
    const power = (nearest * nearest - off * off) / (2 * width * width);
    store<f64>(weights + (<usize>i << 3), exponential(power));
  }
}

/**
 * ALMA (Arnaud Legoux): weights of a bell whose middle lies at the factor of the window, newest
 * end 1, and whose width is the period over factor 2. O(period): every weight meets another input.
 */
export function alma(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const input = inputOf(at, candle);
  const weights = s + RING_BASE_BYTES + (<usize>period << 3);
  if (n == 1 && keep) almaWeights(at, weights, period);
  let sum: f64 = 0;
  let whole: f64 = 0;
  if (n >= period && period > 1) {
    for (let age = 0; age < period; age++) {
      const weight = load<f64>(weights + (<usize>(period - 1 - age) << 3));
      sum += weight * (age == 0 ? input : ringAt(s, age, period));
      whole += weight;
    }
  }
  if (keep) ringPush(s, input, period);
  if (n < period) return false;
  putValue(out, 0, period == 1 ? input : sum / whole);
  return true;
}

// FRAMA: the average, the extremes of its two halves, then highs and lows of half the period.
const FRAMA_WINDOWS: i32 = SMOOTH_BYTES;
/** Bytes of a FRAMA beside 40 for each step of the period; one of 1 has the windows of 2. */
export const FRAMA_BASE_BYTES: i32 =
  FRAMA_WINDOWS + 4 * EXTREME_BASE_BYTES + 2 * RING_BASE_BYTES + 40;
/** An average never stands still (Ehlers). */
const FRAMA_WEIGHT_MIN: f64 = 0.01;

/** ln x, x above 0. */
function logarithm(x: f64): f64 {
  return x >= 1 ? logarithmPlusOne(x - 1) : -logarithmPlusOne(1 / x - 1);
}

/**
 * FRAMA (Ehlers): the weight follows the fractal dimension of the last `period` candles, read from
 * the extremes of both halves and of the whole; a dimension of 2 has the weight of an average over
 * period 2. Begins with its input. An odd period counts as the even one below, 1 as 2.
 */
export function frama(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const half = max(1, load<i32>(at, I_PERIOD) / 2);
  const n = countWith(at);
  const input = inputOf(at, candle);
  const windows = s + FRAMA_WINDOWS;
  const window = EXTREME_BASE_BYTES + (<usize>half << 4);
  const highs = windows + 4 * window;
  const lows = highs + RING_BASE_BYTES + (<usize>half << 3);
  const top = extremeStage(windows, highOf(candle), half, 1, keep);
  const bottom = extremeStage(windows + window, lowOf(candle), half, -1, keep);
  const high = lagStage(highs, highOf(candle), half, keep);
  const low = lagStage(lows, lowOf(candle), half, keep);
  if (n <= half) return false;
  const topBefore = extremeStage(windows + 2 * window, high, half, 1, keep);
  const bottomBefore = extremeStage(windows + 3 * window, low, half, -1, keep);
  if (n < 2 * half) return false;
  let next = input;
  if (n > 2 * half) {
    const all = max(top, topBefore) - min(bottom, bottomBefore);
    const average = load<f64>(s);
    const weight = framaWeight(at, top - bottom, topBefore - bottomBefore, all);
    next = average + weight * (input - average);
  }
  if (keep) store<f64>(s, next);
  putValue(out, 0, next);
  return true;
}

/** Ranges of the halves and of the whole; a half that does not move makes the weight 1. */
function framaWeight(at: usize, near: f64, far: f64, all: f64): f64 {
  if (near <= 0 || far <= 0) return 1;
  const slowest = logarithm(2 / <f64>(load<i32>(at, I_PERIOD_2) + 1));
  const dimension = logarithm((2 * (near + far)) / all) / logarithm(2);
  return max(FRAMA_WEIGHT_MIN, min(1.0, exponential(slowest * (dimension - 1))));
}

/** Relative moving average: the means over one and three periods less the one over two. */
export function relma(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const input = inputOf(at, candle);
  const step = <usize>period << 3;
  const twos = s + SUM_BASE_BYTES + step;
  const threes = twos + SUM_BASE_BYTES + 2 * step;
  const one = sumStage(s, input, period, keep) / <f64>period;
  const two = sumStage(twos, input, 2 * period, keep) / <f64>(2 * period);
  const three = sumStage(threes, input, 3 * period, keep) / <f64>(3 * period);
  if (countWith(at) < 3 * period) return false;
  putValue(out, 0, one - two + three);
  return true;
}
