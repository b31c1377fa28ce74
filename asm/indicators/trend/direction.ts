// Direction and strength of a trend, composed of stages.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_PERIOD, putValue } from "../slot";
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
import { wilderStage } from "../stages/smooth";

/** ADX with +DI and -DI, 0 to 100: Wilder's average of the directional index. */
export function adx(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const plus = plusNext(s, candle, n, period);
  const minus = minusNext(s, candle, n, period);
  const range = rangeNext(s, candle, n, period);
  if (keep) directionKeep(s, candle, plus, minus, range);
  if (n <= period) return false;
  const index = directionIndex(plus, minus);
  const average = wilderStage(s + DIRECTION_BYTES, index, n - period, period, keep);
  if (n < 2 * period) return false;
  putValue(out, 0, average);
  putValue(out, 1, 100 * ratio(plus, range));
  putValue(out, 2, 100 * ratio(minus, range));
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
