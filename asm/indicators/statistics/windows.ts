// Statistics of a window of inputs, composed of stages.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { extremeStage } from "../stages/extreme";
import { sourceOf } from "../stages/input";
import { lagStage, sumStage } from "../stages/window";

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** The greatest (`sign` 1) or smallest (-1) input of the window. */
export function extreme(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  sign: f64,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = extremeStage(s, inputOf(at, candle), period, sign, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, value);
  return true;
}

/** Sum of the window's inputs. */
export function sum(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = sumStage(s, inputOf(at, candle), period, keep);
  if (countWith(at) < period) return false;
  putValue(out, 0, value);
  return true;
}

/** The input `period` candles back. */
export function lag(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = lagStage(s, inputOf(at, candle), period, keep);
  if (countWith(at) <= period) return false;
  putValue(out, 0, value);
  return true;
}
