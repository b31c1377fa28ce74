// Oscillators of momentum composed of stages; RSI and MACD have kernels of their own.
// tidy: tested by test/asm/indicators/families.test.ts
import {
  countWith,
  I_PERIOD,
  I_PERIOD_2,
  I_PERIOD_3,
  I_SOURCE,
  putValue,
} from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { closeOf, highOf, lowOf, ratio, sourceOf } from "../stages/input";
import { ringAt, sumRing, sumStage, SUM_BASE_BYTES } from "../stages/window";

/** Bytes of a stochastic beside those of its periods. */
export const STOCH_BASE_BYTES: i32 = 2 * EXTREME_BASE_BYTES + 2 * SUM_BASE_BYTES;

/**
 * Slow stochastic, 0 to 100: raw %K over period 1, %K its mean over period 2, %D the mean of %K
 * over period 3. A period 2 of 1 is the fast form. Raw %K of a flat window is 0.
 */
export function stoch(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const slow = load<i32>(at, I_PERIOD_2);
  const signal = load<i32>(at, I_PERIOD_3);
  const n = countWith(at);
  const lows = s + EXTREME_BASE_BYTES + (<usize>period << 4);
  const slows = lows + EXTREME_BASE_BYTES + (<usize>period << 4);
  const high = extremeStage(s, highOf(candle), period, 1, keep);
  const low = extremeStage(lows, lowOf(candle), period, -1, keep);
  if (n < period) return false;
  const raw = 100 * ratio(closeOf(candle) - low, high - low);
  const k = sumStage(slows, raw, slow, keep) / <f64>slow;
  if (n < period + slow - 1) return false;
  const signals = slows + SUM_BASE_BYTES + (<usize>slow << 3);
  const d = sumStage(signals, k, signal, keep) / <f64>signal;
  if (n < period + slow + signal - 2) return false;
  putValue(out, 0, k);
  putValue(out, 1, d);
  return true;
}

/**
 * CCI: how many mean deviations the price (usually the typical one) is off its mean, over 0.015.
 * O(period): the deviations are from a mean that moves with every candle. 0 in a flat market.
 */
export function cci(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const mean = sumStage(s, value, period, false) / <f64>period;
  let deviation = abs<f64>(value - mean);
  // A mean may be rounded away from values that are all the same: those are asked themselves.
  let isFlat = true;
  for (let age = 1; age < period; age++) {
    const other = ringAt(sumRing(s), age, period);
    deviation += abs<f64>(other - mean);
    if (other != value) isFlat = false;
  }
  if (keep) sumStage(s, value, period, true);
  if (countWith(at) < period) return false;
  putValue(out, 0, isFlat ? 0 : (value - mean) / ((0.015 * deviation) / <f64>period));
  return true;
}
