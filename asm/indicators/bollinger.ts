// Bollinger bands: mean of the last `period` closes and two lines at a multiple of their deviation.
//
// The deviation is the population's (divided by period), as in every charting library. It is summed
// anew at each close, around an exact mean: a running sum of squares would drift and, for prices of
// many ticks, lose all its digits. That costs `period` multiplications a candle, not a tick.
import { C_CLOSE } from "../candles/candle";
import { closeSlot, countWith, I_FACTOR, I_FACTOR_2, I_PERIOD, I_VALUES, putValue } from "./slot";
import { smaMean } from "./sma";
import { windowBytes, windowPush, windowSquaresWith } from "./window";

/** Bytes of a slot. */
export function bollingerBytes(period: i32): i32 {
  return windowBytes(period);
}

/** Values 1 to 3, in ticks: middle, upper, lower. False while it warms up. */
export function bollingerPeek(at: usize, candle: usize, out: usize): bool {
  const period = load<i32>(at, I_PERIOD);
  if (countWith(at) < period) return false;
  const close = load<i64>(candle, C_CLOSE);
  const mean = smaMean(at, close);
  const deviation = sqrt<f64>(windowSquaresWith(at, close, mean) / <f64>period);
  putValue(out, 0, mean);
  putValue(out, 1, mean + load<f64>(at, I_FACTOR) * deviation);
  putValue(out, 2, mean - load<f64>(at, I_FACTOR_2) * deviation);
  return true;
}

/** Closes a candle. */
export function bollingerPush(at: usize, candle: usize): void {
  const isWarm = bollingerPeek(at, candle, at + I_VALUES);
  windowPush(at, load<i64>(candle, C_CLOSE));
  closeSlot(at, isWarm);
}
