// Windows over pairs of inputs: their covariance, and the covariance of one input with time.
//
// Sums are two numbers each (exact.ts), so a difference of sums keeps its digits; see window.ts for
// what a stage is.
// tidy: tested by test/asm/indicators/families.test.ts
import { EXACT_BYTES, productError, sumError, weighedDifference } from "./exact";
import {
  ringOldest,
  SUM_BASE_BYTES,
  sumRest,
  sumRing,
  sumStage,
  VARIANCE_BASE_BYTES,
  varianceRing,
  varianceStage,
  varianceWindow,
} from "./window";

// A pair: the sum of products, the variance stage of each input.
/** Bytes of a pair beside 16 for each of the window's inputs. */
export const PAIR_BASE_BYTES: i32 = EXACT_BYTES + 2 * VARIANCE_BASE_BYTES;

// @ts-ignore: decorator
@inline
function secondAt(s: usize, period: i32): usize {
  return s + EXACT_BYTES + VARIANCE_BASE_BYTES + (<usize>period << 3);
}

/**
 * Population covariance of the last `period` pairs. Ask it before the variances: they keep the
 * window, this one only its sum of products.
 */
export function covarianceStage(s: usize, x: f64, y: f64, period: i32, keep: bool): f64 {
  const first = s + EXACT_BYTES;
  const second = secondAt(s, period);
  const oldX = ringOldest(varianceRing(first), period);
  const oldY = ringOldest(varianceRing(second), period);
  const leaving = oldX * oldY;
  const coming = x * y;
  const high = load<f64>(s);
  const without = high - leaving;
  const total = without + coming;
  const gone = sumError(high, -leaving, without) - productError(oldX, oldY, leaving);
  const came = sumError(without, coming, total) + productError(x, y, coming);
  const rest = load<f64>(s, 8) + (gone + came);
  const products = total + rest;
  const productsLow = rest - (products - total);
  const sumX = sumStage(varianceWindow(first), x, period, false);
  const sumY = sumStage(varianceWindow(second), y, period, false);
  const lowX = sumRest(varianceWindow(first), x, oldX, sumX);
  const lowY = sumRest(varianceWindow(second), y, oldY, sumY);
  if (keep) {
    store<f64>(s, products);
    store<f64>(s, productsLow, 8);
  }
  const low = productsLow - (sumX * lowY) / <f64>period;
  const area = weighedDifference(<f64>period, products, low, sumX, sumY, 0) - sumY * lowX;
  return area / (<f64>period * <f64>period);
}

/** Population variance of the pairs' first inputs. */
// @ts-ignore: decorator
@inline
export function firstVarianceStage(s: usize, x: f64, period: i32, keep: bool): f64 {
  return varianceStage(s + EXACT_BYTES, x, period, keep);
}

/** Population variance of the pairs' second inputs. */
// @ts-ignore: decorator
@inline
export function secondVarianceStage(s: usize, y: f64, period: i32, keep: bool): f64 {
  return varianceStage(secondAt(s, period), y, period, keep);
}

// Moment: the weighted sum, then a sum stage.
/** Bytes of a moment beside 8 for each of the window's inputs. */
export const MOMENT_BASE_BYTES: i32 = EXACT_BYTES + SUM_BASE_BYTES;

/**
 * Sum over the last `period` inputs of (place - middle place) x input, the newest place the
 * greatest: the slope of their regression line is 12 / (p (p^2 - 1)) of it. From input `period` on.
 */
export function momentStage(s: usize, value: f64, n: i32, period: i32, keep: bool): f64 {
  const window = s + EXACT_BYTES;
  // A full window loses its sum: each weight falls by one, and the oldest leaves.
  const leaving = n > period ? load<f64>(window) : 0;
  const leavingLow = n > period ? load<f64>(window, 8) : 0;
  const weight = <f64>min(n, period);
  const product = weight * value;
  const before = load<f64>(s);
  const without = before - leaving;
  const total = without + product;
  const error = sumError(before, -leaving, without) + sumError(without, product, total);
  const rest = load<f64>(s, 8) - leavingLow + (error + productError(weight, value, product));
  const weighted = total + rest;
  const weightedLow = rest - (weighted - total);
  const plain = momentSum(s, value, period);
  const plainLow = sumRest(window, value, ringOldest(sumRing(window), period), plain);
  if (keep) {
    store<f64>(s, weighted);
    store<f64>(s, weightedLow, 8);
    sumStage(window, value, period, true);
  }
  const middle = <f64>(period + 1) / 2;
  return weighedDifference(1, weighted, weightedLow, middle, plain, plainLow);
}

/** Sum of the window a moment answers for; ask it before the moment is kept. */
// @ts-ignore: decorator
@inline
export function momentSum(s: usize, value: f64, period: i32): f64 {
  return sumStage(s + EXACT_BYTES, value, period, false);
}

/** The ring of a moment's window. */
// @ts-ignore: decorator
@inline
export function momentRing(s: usize): usize {
  return sumRing(s + EXACT_BYTES);
}

// Run: the input before, how many in a row were like it.
const RUN_LENGTH: i32 = 8;
/** Bytes of a run. */
export const RUN_BYTES: i32 = 16;

/**
 * How many inputs in a row, this one included, were equal. At `period` a window is flat: a variance
 * may be rounded away from 0, this may not.
 */
export function runStage(s: usize, value: f64, n: i32, keep: bool): i32 {
  const isLike = n > 1 && load<f64>(s) == value;
  const length = isLike ? min(load<i32>(s, RUN_LENGTH), i32.MAX_VALUE - 1) + 1 : 1;
  if (keep) {
    store<f64>(s, value);
    store<i32>(s, length, RUN_LENGTH);
  }
  return length;
}
