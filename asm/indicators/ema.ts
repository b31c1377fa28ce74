// Exponential moving average of closes, weight 2 / (period + 1).
//
// Seeded with the simple average of the first period, as TA-Lib does, so that our line lies on the
// user's other charts from its first value; until then the slot keeps a sum, so no window is
// needed.
import { C_CLOSE } from "../candles/candle";
import { closeSlot, countWith, I_PERIOD, I_STATE, I_VALUES, putValue } from "./slot";

const E_AVERAGE: i32 = I_STATE; // f64, sum of closes while it warms up, then the average
/** Bytes of a slot. */
export const EMA_BYTES: i32 = I_STATE + 8;

/**
 * The stored number after `value` as candle number `count`: a sum up to the period, an average on.
 */
// @ts-ignore: decorator
@inline
export function emaNext(stored: f64, value: f64, count: i32, period: i32): f64 {
  if (count > period) return (value - stored) * (2 / <f64>(period + 1)) + stored;
  const sum = stored + value;
  return count == period ? sum / <f64>period : sum;
}

/** Value 1: the average in ticks. False while it warms up. */
export function emaPeek(at: usize, candle: usize, out: usize): bool {
  const period = load<i32>(at, I_PERIOD);
  if (countWith(at) < period) return false;
  putValue(out, 0, next(at, candle, period));
  return true;
}

// @ts-ignore: decorator
@inline
function next(at: usize, candle: usize, period: i32): f64 {
  return emaNext(load<f64>(at, E_AVERAGE), <f64>load<i64>(candle, C_CLOSE), countWith(at), period);
}

/** Closes a candle. */
export function emaPush(at: usize, candle: usize): void {
  const isWarm = emaPeek(at, candle, at + I_VALUES);
  store<f64>(at, next(at, candle, load<i32>(at, I_PERIOD)), E_AVERAGE);
  closeSlot(at, isWarm);
}
