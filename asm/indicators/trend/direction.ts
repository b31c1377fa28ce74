// Direction and strength of a trend, composed of stages.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FLAGS, I_PERIOD, putValue } from "../slot";
import {
  directionIndex,
  directionKeep,
  DIRECTION_BYTES,
  minusNext,
  plusNext,
  rangeNext,
} from "../stages/direction";
import { EXTREME_BASE_BYTES, extremeAgeStage } from "../stages/extreme";
import { highOf, lowOf, ratio } from "../stages/input";
import { SMOOTH_BYTES, wilderStage } from "../stages/smooth";
import { lagStage, RING_BASE_BYTES } from "../stages/window";

/** Bit of I_FLAGS: shares count from the candle that completes the sums, not the one after. */
const EARLY: u32 = 1;

/** Candle that brings the first shares of movement: none has moved before candle 2. */
// @ts-ignore: decorator
@inline
function sharesFrom(at: usize): i32 {
  const isEarly = (load<u32>(at, I_FLAGS) & EARLY) != 0;
  return max(2, load<i32>(at, I_PERIOD) + (isEarly ? 0 : 1));
}

/** ADX with +DI and -DI, 0 to 100: Wilder's average of the directional index. */
export function adx(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const plus = plusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  const minus = minusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  const range = rangeNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  if (keep) directionKeep(s, candle, plus, minus, range);
  const k = countWith(at) - sharesFrom(at) + 1;
  if (k < 1) return false;
  const average = strength(at, s, plus, minus, k, keep);
  if (k < load<i32>(at, I_PERIOD)) return false;
  putValue(out, 0, average);
  putValue(out, 1, 100 * ratio(plus, range));
  putValue(out, 2, 100 * ratio(minus, range));
  return true;
}

/** Average of the directional index; the k-th. */
// @ts-ignore: decorator
@inline
function strength(at: usize, s: usize, plus: f64, minus: f64, k: i32, keep: bool): f64 {
  const index = directionIndex(plus, minus);
  return wilderStage(s + DIRECTION_BYTES, index, k, load<i32>(at, I_PERIOD), keep);
}

/** Bytes of an ADXR beside 8 for each step of the period. */
export const ADXR_BASE_BYTES: i32 = DIRECTION_BYTES + SMOOTH_BYTES + RING_BASE_BYTES;

/** ADXR: the mean of ADX now and period - 1 candles before. */
export function adxr(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const plus = plusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  const minus = minusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  if (keep) directionKeep(s, candle, plus, minus, 0);
  const k = countWith(at) - sharesFrom(at) + 1;
  if (k < 1) return false;
  const average = strength(at, s, plus, minus, k, keep);
  if (k < period) return false;
  const ring = s + DIRECTION_BYTES + SMOOTH_BYTES;
  const before = period == 1 ? average : lagStage(ring, average, period - 1, keep);
  if (k < 2 * period - 1) return false;
  putValue(out, 0, (average + before) / 2);
  return true;
}

/** DX: the difference of the two movements in percent of their sum. */
export function dx(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const plus = plusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  const minus = minusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  if (keep) directionKeep(s, candle, plus, minus, 0);
  if (countWith(at) < sharesFrom(at)) return false;
  putValue(out, 0, directionIndex(plus, minus));
  return true;
}

/** +DI and -DI: the smoothed movements in percent of the smoothed true range. */
export function di(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const plus = plusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  const minus = minusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  const range = rangeNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  if (keep) directionKeep(s, candle, plus, minus, range);
  if (countWith(at) < sharesFrom(at)) return false;
  putValue(out, 0, 100 * ratio(plus, range));
  putValue(out, 1, 100 * ratio(minus, range));
  return true;
}

/** +DM and -DM: the smoothed movements, in ticks. */
export function dm(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const plus = plusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  const minus = minusNext(s, candle, countWith(at), load<i32>(at, I_PERIOD));
  if (keep) directionKeep(s, candle, plus, minus, 0);
  if (countWith(at) < max(2, load<i32>(at, I_PERIOD))) return false;
  putValue(out, 0, plus);
  putValue(out, 1, minus);
  return true;
}

/**
 * Aroon up, down and their difference, -100 to 100: how long ago the extremes of the last
 * period + 1 candles were. Of equal extremes the latest counts.
 */
export function aroon(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const window = period + 1;
  const lows = s + EXTREME_BASE_BYTES + (<usize>window << 4);
  const sinceHigh = extremeAgeStage(s, highOf(candle), window, 1, keep);
  const sinceLow = extremeAgeStage(lows, lowOf(candle), window, -1, keep);
  if (countWith(at) <= period) return false;
  const up = (100 * <f64>(period - sinceHigh)) / <f64>period;
  const down = (100 * <f64>(period - sinceLow)) / <f64>period;
  putValue(out, 0, up);
  putValue(out, 1, down);
  putValue(out, 2, up - down);
  return true;
}
