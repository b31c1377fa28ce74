// The true range of candles and Wilder's average of it.
//
// A true range needs the close before. Of candle 1 there is none, so it counts only where the flag
// says that its high - low stands in for it (Tulip), else averages begin with candle 2 (TA-Lib).
// tidy: tested by test/asm/indicators/families.test.ts
import { closeOf, highOf, lowOf, trueRangeOf } from "./input";
import { previousStage, SMOOTH_BYTES, wilderStage } from "./smooth";

/** Bytes of a true range: the close before. */
export const RANGE_BYTES: i32 = SMOOTH_BYTES;
/** Bytes of an average: the close before, the average. */
export const ATR_STAGE_BYTES: i32 = RANGE_BYTES + SMOOTH_BYTES;

/** True range of candle number n, from 1, in ticks; high - low of the first. */
// @ts-ignore: decorator
@inline
export function rangeStage(s: usize, candle: usize, n: i32, keep: bool): f64 {
  const before = previousStage(s, closeOf(candle), keep);
  return n == 1 ? highOf(candle) - lowOf(candle) : trueRangeOf(candle, before);
}

/** Candle number that completes an average over `period`. */
// @ts-ignore: decorator
@inline
export function atrFirst(period: i32, isEarly: bool): i32 {
  return isEarly ? period : period + 1;
}

/** Wilder's average of true ranges; a value from candle `atrFirst` on. */
// @ts-ignore: decorator
@inline
export function atrStage(
  s: usize,
  candle: usize,
  n: i32,
  period: i32,
  isEarly: bool,
  keep: bool,
): f64 {
  const range = rangeStage(s, candle, n, keep);
  if (isEarly) return wilderStage(s + RANGE_BYTES, range, n, period, keep);
  return n == 1 ? 0 : wilderStage(s + RANGE_BYTES, range, n - 1, period, keep);
}
