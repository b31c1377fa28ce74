// Fibonacci levels of the last leg: retracements back into it, extensions beyond it.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FLAGS, I_PERIOD, putValue } from "../slot";
import { EXTREME_BASE_BYTES, extremeAgeStage, extremeStage } from "../stages/extreme";
import { closeOf, highOf, lowOf, openOf } from "../stages/input";
import {
  SWING_BASE_BYTES,
  SWING_VALUE,
  swingAge,
  swingCandidate,
  swingIsNew,
  swingKeep,
} from "../stages/swing";

// Two extremes or two swings, whichever is chosen: 16 bytes for each step of the period either way.
/** Bytes of state beside 32 for each step of the period. */
export const FIBONACCI_BASE_BYTES: i32 =
  2 * (SWING_BASE_BYTES > EXTREME_BASE_BYTES ? SWING_BASE_BYTES : EXTREME_BASE_BYTES);
/** Bit of I_FLAGS: the leg is between the last confirmed swings, wings of `period` candles. */
const OF_SWING: u32 = 1;

/** Eleven values: seven retracements from the leg's end, three extensions, the direction. */
function putLevels(out: usize, high: f64, low: f64, isUp: bool): void {
  const end = isUp ? high : low;
  const start = isUp ? low : high;
  const leg = end - start;
  putValue(out, 0, end);
  putValue(out, 1, end - 0.236 * leg);
  putValue(out, 2, end - 0.382 * leg);
  putValue(out, 3, end - 0.5 * leg);
  putValue(out, 4, end - 0.618 * leg);
  putValue(out, 5, end - 0.786 * leg);
  putValue(out, 6, start);
  putValue(out, 7, start + 1.272 * leg);
  putValue(out, 8, start + 1.618 * leg);
  putValue(out, 9, start + 2.618 * leg);
  putValue(out, 10, isUp ? 1 : -1);
}

/**
 * Levels of the leg between the greatest high and the smallest low of the last `period` candles, or
 * between the last swings. It leads to the later of the two; in one candle, where the candle goes.
 */
export function fibonacci(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  if ((load<u32>(at, I_FLAGS) & OF_SWING) != 0) return ofSwing(at, s, candle, out, keep);
  const period = load<i32>(at, I_PERIOD);
  const lows = s + FIBONACCI_BASE_BYTES / 2 + (<usize>period << 4);
  const high = extremeStage(s, highOf(candle), period, 1, false);
  const low = extremeStage(lows, lowOf(candle), period, -1, false);
  const sinceHigh = extremeAgeStage(s, highOf(candle), period, 1, keep);
  const sinceLow = extremeAgeStage(lows, lowOf(candle), period, -1, keep);
  if (countWith(at) < period) return false;
  const isTie = sinceHigh == sinceLow && sinceHigh == 0;
  const isUp = isTie ? closeOf(candle) >= openOf(candle) : sinceHigh <= sinceLow;
  putLevels(out, high, low, isUp);
  return true;
}

function ofSwing(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const wing = load<i32>(at, I_PERIOD);
  const lows = s + FIBONACCI_BASE_BYTES / 2 + (<usize>wing << 4);
  const n = countWith(at);
  const high = highOf(candle);
  const low = lowOf(candle);
  const isHigh = swingIsNew(s, high, n, wing, wing, 1);
  const isLow = swingIsNew(lows, low, n, wing, wing, -1);
  const top = isHigh ? swingCandidate(s, wing, wing) : load<f64>(s, SWING_VALUE);
  const bottom = isLow ? swingCandidate(lows, wing, wing) : load<f64>(lows, SWING_VALUE);
  const sinceHigh = swingAge(s, wing, isHigh);
  const sinceLow = swingAge(lows, wing, isLow);
  if (keep) {
    swingKeep(s, high, wing, wing, isHigh);
    swingKeep(lows, low, wing, wing, isLow);
  }
  if (sinceHigh == 0 || sinceLow == 0) return false;
  putLevels(out, top, bottom, sinceHigh <= sinceLow);
  return true;
}
