// Windows over the last `period` inputs of a stage: the value that lies so far back, their sum,
// their weighted sum and their variance.
//
// Every stage here is a function (state, input, number of the input from 1, settings, keep). It
// answers for the window that ends with this input; `keep` stores it, else nothing changes, so a
// forming candle is answered by the same code as a closed one. A number beyond every period may
// stand still: only "first", "filling" and "full" are asked of it.
// tidy: tested by test/asm/indicators/families.test.ts
import { productError, sumError } from "./exact";

const HEAD: i32 = 0; // u32, place of the oldest value once the ring is full
const RING: i32 = 8; // f64 x period

/** Bytes of a ring beside 8 for each value. */
export const RING_BASE_BYTES: i32 = 8;

/** The value `period` inputs back, 0 while there is none. */
// @ts-ignore: decorator
@inline
export function ringOldest(s: usize, period: i32): f64 {
  assert(load<u32>(s, HEAD) < <u32>period, "a ring's head lies in it");
  return load<f64>(s + (<usize>load<u32>(s, HEAD) << 3), RING);
}

/** Puts a value in the place of the oldest. */
// @ts-ignore: decorator
@inline
export function ringPush(s: usize, value: f64, period: i32): void {
  const head = load<u32>(s, HEAD);
  store<f64>(s + (<usize>head << 3), value, RING);
  store<u32>(s, head + 1 == <u32>period ? 0 : head + 1, HEAD);
}

/** Value `age` inputs before the next one, 1 = the last kept. */
// @ts-ignore: decorator
@inline
export function ringAt(s: usize, age: i32, period: i32): f64 {
  const place = <i32>load<u32>(s, HEAD) - age;
  return load<f64>(s + (<usize>(place < 0 ? place + period : place) << 3), RING);
}

/** Lag: the input `period` before this one, 0 for the first `period`. */
// @ts-ignore: decorator
@inline
export function lagStage(s: usize, value: f64, period: i32, keep: bool): f64 {
  const oldest = ringOldest(s, period);
  if (keep) ringPush(s, value, period);
  return oldest;
}

// Sum: EXACT_BYTES, then the ring.
const SUM_RING: i32 = 16;
/** Bytes of a sum beside 8 for each value. */
export const SUM_BASE_BYTES: i32 = SUM_RING + RING_BASE_BYTES;

/** Sum of the last `period` inputs, of as many as there are. */
export function sumStage(s: usize, value: f64, period: i32, keep: bool): f64 {
  const oldest = ringOldest(s + SUM_RING, period);
  const high = load<f64>(s);
  const without = high - oldest;
  const total = without + value;
  const error = sumError(high, -oldest, without) + sumError(without, value, total);
  const rest = load<f64>(s, 8) + error;
  const sum = total + rest;
  if (keep) {
    store<f64>(s, sum);
    store<f64>(s, rest - (sum - total), 8);
    ringPush(s + SUM_RING, value, period);
  }
  return sum;
}

// Weighted sum: the weighted sum, then a sum stage.
const WEIGHTED_SUM: i32 = 16;
/** Bytes of a weighted sum beside 8 for each value. */
export const WEIGHTED_BASE_BYTES: i32 = WEIGHTED_SUM + SUM_BASE_BYTES;

/**
 * Sum of the last `period` inputs, the newest times `period`, the one before times period - 1, ...
 * Means something from input number `period` on.
 */
export function weightedStage(s: usize, value: f64, n: i32, period: i32, keep: bool): f64 {
  const window = s + WEIGHTED_SUM;
  // A full window loses its sum: each weight falls by one, and the oldest leaves.
  const high = n > period ? load<f64>(window) : 0;
  const low = n > period ? load<f64>(window, 8) : 0;
  const weight = <f64>min(n, period);
  const product = weight * value;
  const before = load<f64>(s);
  const without = before - high;
  const total = without + product;
  const error = sumError(before, -high, without) + sumError(without, product, total);
  const rest = load<f64>(s, 8) - low + (error + productError(weight, value, product));
  const sum = total + rest;
  if (keep) {
    store<f64>(s, sum);
    store<f64>(s, rest - (sum - total), 8);
    sumStage(window, value, period, true);
  }
  return sum;
}

/** Sum of the window a weighted stage answers for. */
// @ts-ignore: decorator
@inline
export function weightedPlainSum(s: usize, value: f64, period: i32): f64 {
  return sumStage(s + WEIGHTED_SUM, value, period, false);
}

// Squares: the sum of squares, then a sum stage.
const SQUARES_SUM: i32 = 16;
/** Bytes of a variance stage beside 8 for each value. */
export const VARIANCE_BASE_BYTES: i32 = SQUARES_SUM + SUM_BASE_BYTES;

/**
 * Population variance of the last `period` inputs, from input number `period` on; never negative.
 * From exact sums: p * sum(x^2) - sum(x)^2 keeps its digits at prices of twelve of them.
 */
export function varianceStage(s: usize, value: f64, period: i32, keep: bool): f64 {
  const window = s + SQUARES_SUM;
  const oldest = ringOldest(window + SUM_RING, period);
  const leaving = oldest * oldest;
  const coming = value * value;
  const high = load<f64>(s);
  const without = high - leaving;
  const total = without + coming;
  const gone = sumError(high, -leaving, without) - productError(oldest, oldest, leaving);
  const came = sumError(without, coming, total) + productError(value, value, coming);
  const rest = load<f64>(s, 8) + (gone + came);
  const squares = total + rest;
  const squaresLow = rest - (squares - total);
  const sumHigh = sumStage(window, value, period, false);
  const sumLow = sumRest(window, value, oldest, sumHigh);
  if (keep) {
    store<f64>(s, squares);
    store<f64>(s, squaresLow, 8);
    sumStage(window, value, period, true);
  }
  return varianceOf(squares, squaresLow, sumHigh, sumLow, <f64>period);
}

/** What the sum stage's answer leaves out; `oldest` is the input that leaves. */
// @ts-ignore: decorator
@inline
export function sumRest(s: usize, value: f64, oldest: f64, sum: f64): f64 {
  const high = load<f64>(s);
  const without = high - oldest;
  const total = without + value;
  const error = sumError(high, -oldest, without) + sumError(without, value, total);
  return load<f64>(s, 8) + error - (sum - total);
}

/** (p * squares - sum^2) / p^2 with both halves of each. */
function varianceOf(squares: f64, squaresLow: f64, sum: f64, sumLow: f64, period: f64): f64 {
  const left = period * squares;
  const right = sum * sum;
  const difference = left - right;
  const error =
    sumError(left, -right, difference) +
    (productError(period, squares, left) - productError(sum, sum, right)) +
    (period * squaresLow - 2 * sum * sumLow);
  return max(0.0, (difference + error) / (period * period));
}

/** The ring of a variance stage's window, for those who walk it; newest kept value is age 1. */
// @ts-ignore: decorator
@inline
export function varianceRing(s: usize): usize {
  return s + SQUARES_SUM + SUM_RING;
}

/** The sum stage of a variance stage's window; ask it before the variance is kept. */
// @ts-ignore: decorator
@inline
export function varianceWindow(s: usize): usize {
  return s + SQUARES_SUM;
}

/** The ring of a sum stage. */
// @ts-ignore: decorator
@inline
export function sumRing(s: usize): usize {
  return s + SUM_RING;
}
