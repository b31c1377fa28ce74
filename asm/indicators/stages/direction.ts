// Wilder's directional movement: how far a candle went beyond the one before, smoothed.
//
// Sums of the first period - 1 moves come first; from then on each loses its period-th part and
// gains the new move (TA-Lib). The true range goes the same way.
// tidy: tested by test/asm/indicators/families.test.ts
import { closeOf, highOf, lowOf, ratio, trueRangeOf } from "./input";

export const D_PLUS: i32 = 0; // f64, smoothed upward movement
export const D_MINUS: i32 = 8; // f64
export const D_RANGE: i32 = 16; // f64, smoothed true range
const D_HIGH: i32 = 24; // f64, of the candle before
const D_LOW: i32 = 32; // f64
const D_CLOSE: i32 = 40; // f64
/** Bytes of a stage. */
export const DIRECTION_BYTES: i32 = 48;

// @ts-ignore: decorator
@inline
function smoothed(stored: f64, value: f64, n: i32, period: i32): f64 {
  // Moves begin with candle 2; candle `period` completes the sum.
  return n <= period ? stored + value : stored - stored / <f64>period + value;
}

/** Upward movement of the candle beyond the one before, in ticks. */
// @ts-ignore: decorator
@inline
export function plusMove(s: usize, candle: usize): f64 {
  const up = highOf(candle) - load<f64>(s, D_HIGH);
  const down = load<f64>(s, D_LOW) - lowOf(candle);
  return up > 0 && up > down ? up : 0;
}

/** Downward movement. */
// @ts-ignore: decorator
@inline
export function minusMove(s: usize, candle: usize): f64 {
  const up = highOf(candle) - load<f64>(s, D_HIGH);
  const down = load<f64>(s, D_LOW) - lowOf(candle);
  return down > 0 && down > up ? down : 0;
}

/** The smoothed upward movement after this candle, number n from 1. */
// @ts-ignore: decorator
@inline
export function plusNext(s: usize, candle: usize, n: i32, period: i32): f64 {
  return n == 1 ? 0 : smoothed(load<f64>(s, D_PLUS), plusMove(s, candle), n, period);
}

// @ts-ignore: decorator
@inline
export function minusNext(s: usize, candle: usize, n: i32, period: i32): f64 {
  return n == 1 ? 0 : smoothed(load<f64>(s, D_MINUS), minusMove(s, candle), n, period);
}

// @ts-ignore: decorator
@inline
export function rangeNext(s: usize, candle: usize, n: i32, period: i32): f64 {
  if (n == 1) return 0;
  return smoothed(load<f64>(s, D_RANGE), trueRangeOf(candle, load<f64>(s, D_CLOSE)), n, period);
}

/** Takes a candle and what the three functions above gave for it. */
// @ts-ignore: decorator
@inline
export function directionKeep(s: usize, candle: usize, plus: f64, minus: f64, range: f64): void {
  store<f64>(s, plus, D_PLUS);
  store<f64>(s, minus, D_MINUS);
  store<f64>(s, range, D_RANGE);
  store<f64>(s, highOf(candle), D_HIGH);
  store<f64>(s, lowOf(candle), D_LOW);
  store<f64>(s, closeOf(candle), D_CLOSE);
}

/** 100 |plus - minus| / (plus + minus): the directional index, 0 in a flat market. */
// @ts-ignore: decorator
@inline
export function directionIndex(plus: f64, minus: f64): f64 {
  return 100 * ratio(abs<f64>(plus - minus), plus + minus);
}
