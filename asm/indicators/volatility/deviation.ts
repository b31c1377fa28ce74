// How far prices stray, composed of stages; ATR and Bollinger have kernels of their own.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FACTOR, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { sourceOf } from "../stages/input";
import { varianceStage } from "../stages/window";

/** Standard deviation of the population (divided by period), times the factor. */
export function stdDev(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const variance = varianceStage(s, value, period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, load<f64>(at, I_FACTOR) * sqrt<f64>(variance));
  return true;
}
