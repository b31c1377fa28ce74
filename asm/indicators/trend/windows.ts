// Trends read from the extremes and moves of windows.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_PERIOD, I_PERIOD_2, I_PERIOD_3, I_SOURCE, putValue } from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { closeOf, highOf, lowOf, ratio, sourceOf, trueRangeOf } from "../stages/input";
import { previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { STILL_BYTES, stillStage } from "../stages/still";
import { SUM_BASE_BYTES, sumStage } from "../stages/window";

/** Bytes of a middle of extremes. */
// @ts-ignore: decorator
@inline
function middleBytes(period: i32): usize {
  return 2 * (EXTREME_BASE_BYTES + (<usize>period << 4));
}

function middleStage(s: usize, candle: usize, period: i32, keep: bool): f64 {
  const lows = s + EXTREME_BASE_BYTES + (<usize>period << 4);
  const top = extremeStage(s, highOf(candle), period, 1, keep);
  return (top + extremeStage(lows, lowOf(candle), period, -1, keep)) / 2;
}

/**
 * Ichimoku: conversion, base, span A, span B of this candle. Charts draw the spans ahead and the
 * close behind; nothing is displaced here.
 */
export function ichimoku(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const slow = load<i32>(at, I_PERIOD_2);
  const long = load<i32>(at, I_PERIOD_3);
  const slows = s + middleBytes(period);
  const conversion = middleStage(s, candle, period, keep);
  const base = middleStage(slows, candle, slow, keep);
  const spanB = middleStage(slows + middleBytes(slow), candle, long, keep);
  if (countWith(at) < max(period, max(slow, long))) return false;
  putValue(out, 0, conversion);
  putValue(out, 1, base);
  putValue(out, 2, (conversion + base) / 2);
  putValue(out, 3, spanB);
  return true;
}

// VHF: extremes, then moves.
const VHF_BEFORE: i32 = STILL_BYTES;
const VHF_WINDOWS: i32 = VHF_BEFORE + SMOOTH_BYTES;
/** Bytes beside 40 for each step of the period. */
export const VHF_BASE_BYTES: i32 = VHF_WINDOWS + 2 * EXTREME_BASE_BYTES + SUM_BASE_BYTES;

/**
 * VHF (vertical horizontal filter): the distance between the extremes of the last `period` inputs
 * over the way they went, 0 where nothing moved.
 */
export function vhf(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const input = sourceOf(candle, load<u8>(at, I_SOURCE));
  const lows = s + VHF_WINDOWS + EXTREME_BASE_BYTES + (<usize>period << 4);
  const moves = lows + EXTREME_BASE_BYTES + (<usize>period << 4);
  const still = stillStage(s, input, n, keep);
  const before = previousStage(s + VHF_BEFORE, input, keep);
  const top = extremeStage(s + VHF_WINDOWS, input, period, 1, keep);
  const bottom = extremeStage(lows, input, period, -1, keep);
  if (n == 1) return false;
  const way = sumStage(moves, abs<f64>(input - before), period, keep);
  if (n <= period) return false;
  putValue(out, 0, still > period ? 0 : ratio(top - bottom, way));
  return true;
}

// Vortex: high, low and close of the candle before, then the sums.
const VORTEX_LOW: i32 = 8;
const VORTEX_CLOSE: i32 = 16;
const VORTEX_SUMS: i32 = 24;
/** Bytes beside 24 for each step of the period. */
export const VORTEX_BASE_BYTES: i32 = VORTEX_SUMS + 3 * SUM_BASE_BYTES;

/** Vortex: how far highs lie above the low before, and lows below the high before, over ranges. */
export function vortex(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const high = previousStage(s, highOf(candle), keep);
  const low = previousStage(s + VORTEX_LOW, lowOf(candle), keep);
  const close = previousStage(s + VORTEX_CLOSE, closeOf(candle), keep);
  if (n == 1) return false;
  const window = SUM_BASE_BYTES + (<usize>period << 3);
  const sums = s + VORTEX_SUMS;
  const up = sumStage(sums, abs<f64>(highOf(candle) - low), period, keep);
  const down = sumStage(sums + window, abs<f64>(lowOf(candle) - high), period, keep);
  // Whole ticks: the sum of ranges is exact, and 0 only if all of them are.
  const range = sumStage(sums + 2 * window, trueRangeOf(candle, close), period, keep);
  if (n <= period) return false;
  putValue(out, 0, ratio(up, range));
  putValue(out, 1, ratio(down, range));
  return true;
}
