// Averages that remember one number: exponential and Wilder's.
//
// As every stage: (state, input, number of the input from 1, period, keep); see window.ts. A stage
// has a value from input number `period` on; before, what it answers is its sum so far.
// tidy: tested by test/asm/indicators/families.test.ts
import { emaNext } from "../ema";
import { wilderNext } from "../rsi";

/** Bytes of a stage. */
export const SMOOTH_BYTES: i32 = 8;

/** Exponential average, weight 2 / (period + 1), seeded with the mean of the first `period`. */
// @ts-ignore: decorator
@inline
export function emaStage(s: usize, value: f64, n: i32, period: i32, keep: bool): f64 {
  const next = emaNext(load<f64>(s), value, n, period);
  if (keep) store<f64>(s, next);
  return next;
}

/** Exponential average seeded with its first input, so it has a value from the first on. */
// @ts-ignore: decorator
@inline
export function emaFirstStage(s: usize, value: f64, n: i32, weight: f64, keep: bool): f64 {
  const before = load<f64>(s);
  const next = n == 1 ? value : (value - before) * weight + before;
  if (keep) store<f64>(s, next);
  return next;
}

/** Wilder's average, weight 1 / period, seeded with the mean of the first `period`. */
// @ts-ignore: decorator
@inline
export function wilderStage(s: usize, value: f64, n: i32, period: i32, keep: bool): f64 {
  const next = wilderNext(load<f64>(s), value, n, period);
  if (keep) store<f64>(s, next);
  return next;
}

/** The input before this one, 0 for the first. */
// @ts-ignore: decorator
@inline
export function previousStage(s: usize, value: f64, keep: bool): f64 {
  const before = load<f64>(s);
  if (keep) store<f64>(s, value);
  return before;
}
