// Relative strength index of closes, Wilder's smoothing, 0 to 100.
//
// The averages of gains and losses start as the mean of the first `period` changes, so the first
// value comes with candle number period + 1. On a series without any change it is 0, as in TA-Lib;
// a rising one gives 100.
import { C_CLOSE } from "../candles/candle";
import { closeSlot, countWith, I_COUNT, I_PERIOD, I_STATE, I_VALUES, putValue } from "./slot";

const R_GAIN: i32 = I_STATE; // f64, sum then average, ticks
const R_LOSS: i32 = I_STATE + 8; // f64
const R_CLOSE: i32 = I_STATE + 16; // i64, previous close
/** Bytes of a slot. */
export const RSI_BYTES: i32 = I_STATE + 24;
/** Below this many ticks the averages count as no change (TA-Lib's epsilon). */
const NO_CHANGE: f64 = 1e-14;

/**
 * Wilder's average after `value` as number `count`: a sum before `period`, its mean at it, then
 * (average x (period - 1) + value) / period. The ATR uses it too.
 */
// @ts-ignore: decorator
@inline
export function wilderNext(stored: f64, value: f64, count: i32, period: i32): f64 {
  if (count > period) return (stored * <f64>(period - 1) + value) / <f64>period;
  const sum = stored + value;
  return count == period ? sum / <f64>period : sum;
}

// @ts-ignore: decorator
@inline
function change(at: usize, candle: usize): f64 {
  return <f64>(load<i64>(candle, C_CLOSE) - load<i64>(at, R_CLOSE));
}

// @ts-ignore: decorator
@inline
function gainNext(at: usize, moved: f64): f64 {
  return wilderNext(
    load<f64>(at, R_GAIN),
    max(moved, 0),
    load<i32>(at, I_COUNT),
    load<i32>(at, I_PERIOD),
  );
}

// @ts-ignore: decorator
@inline
function lossNext(at: usize, moved: f64): f64 {
  return wilderNext(
    load<f64>(at, R_LOSS),
    max(-moved, 0),
    load<i32>(at, I_COUNT),
    load<i32>(at, I_PERIOD),
  );
}

/** Value 1: the index. False while it warms up. */
export function rsiPeek(at: usize, candle: usize, out: usize): bool {
  if (countWith(at) <= load<i32>(at, I_PERIOD)) return false;
  const moved = change(at, candle);
  const gain = gainNext(at, moved);
  const sum = gain + lossNext(at, moved);
  putValue(out, 0, sum < NO_CHANGE ? 0 : 100 * (gain / sum));
  return true;
}

/** Closes a candle. */
export function rsiPush(at: usize, candle: usize): void {
  const isWarm = rsiPeek(at, candle, at + I_VALUES);
  if (load<i32>(at, I_COUNT) > 0) {
    const moved = change(at, candle);
    const gain = gainNext(at, moved);
    store<f64>(at, lossNext(at, moved), R_LOSS);
    store<f64>(at, gain, R_GAIN);
  }
  store<i64>(at, load<i64>(candle, C_CLOSE), R_CLOSE);
  closeSlot(at, isWarm);
}
