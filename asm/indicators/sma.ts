// Simple moving average of closes: mean of the last `period`, first with candle number `period`.
//
// Its sum is exact (see window.ts), so the only rounding is the division.
import { C_CLOSE } from "../candles/candle";
import { closeSlot, countWith, I_PERIOD, I_VALUES, putValue } from "./slot";
import { windowBytes, windowPush, windowSumWith } from "./window";

/** Bytes of a slot. */
export function smaBytes(period: i32): i32 {
  return windowBytes(period);
}

/** Mean close in ticks with `closeTicks` as the newest; the caller asks for warmth. O(1). */
// @ts-ignore: decorator
@inline
export function smaMean(at: usize, closeTicks: i64): f64 {
  return <f64>windowSumWith(at, closeTicks) / <f64>load<i32>(at, I_PERIOD);
}

/** Value 1: the average in ticks. False while it warms up. */
export function smaPeek(at: usize, candle: usize, out: usize): bool {
  if (countWith(at) < load<i32>(at, I_PERIOD)) return false;
  putValue(out, 0, smaMean(at, load<i64>(candle, C_CLOSE)));
  return true;
}

/** Closes a candle. */
export function smaPush(at: usize, candle: usize): void {
  const isWarm = smaPeek(at, candle, at + I_VALUES);
  windowPush(at, load<i64>(candle, C_CLOSE));
  closeSlot(at, isWarm);
}
