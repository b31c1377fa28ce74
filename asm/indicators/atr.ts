// Average true range: Wilder's average of how far price went since the previous close.
//
// A true range needs a previous close, so the first one belongs to candle 2 and the first average,
// the mean of `period` of them, to candle number period + 1 (TA-Lib). With ATR_FIRST_RANGE the
// high - low of candle 1 counts as one (Tulip), and all begins a candle earlier.
import { C_CLOSE, C_HIGH, C_LOW } from "../candles/candle";
import { wilderNext } from "./rsi";
import {
  closeSlot,
  countWith,
  I_COUNT,
  I_FLAGS,
  I_PERIOD,
  I_STATE,
  I_VALUES,
  putValue,
} from "./slot";

/** Bit of I_FLAGS: candle 1 has a true range, its high - low. */
export const ATR_FIRST_RANGE: u32 = 1;

const A_AVERAGE: i32 = I_STATE; // f64, sum then average, ticks
const A_CLOSE: i32 = I_STATE + 8; // i64, previous close
/** Bytes of a slot. */
export const ATR_BYTES: i32 = I_STATE + 16;

/** Greatest of high - low, |high - previous close|, |low - previous close|, in ticks. */
// @ts-ignore: decorator
@inline
function trueRange(at: usize, candle: usize): i64 {
  if (load<i32>(at, I_COUNT) == 0) return load<i64>(candle, C_HIGH) - load<i64>(candle, C_LOW);
  const close = load<i64>(at, A_CLOSE);
  return max(load<i64>(candle, C_HIGH), close) - min(load<i64>(candle, C_LOW), close);
}

/** True ranges so far, with the one of this candle. */
// @ts-ignore: decorator
@inline
function ranges(at: usize): i32 {
  return (load<u32>(at, I_FLAGS) & ATR_FIRST_RANGE) != 0 ? countWith(at) : load<i32>(at, I_COUNT);
}

// @ts-ignore: decorator
@inline
function next(at: usize, candle: usize): f64 {
  const range = <f64>trueRange(at, candle);
  return wilderNext(load<f64>(at, A_AVERAGE), range, ranges(at), load<i32>(at, I_PERIOD));
}

/** Value 1: the average range in ticks. False while it warms up. */
export function atrPeek(at: usize, candle: usize, out: usize): bool {
  if (ranges(at) < load<i32>(at, I_PERIOD)) return false;
  putValue(out, 0, next(at, candle));
  return true;
}

/** Closes a candle. */
export function atrPush(at: usize, candle: usize): void {
  const isWarm = atrPeek(at, candle, at + I_VALUES);
  if (ranges(at) > 0) store<f64>(at, next(at, candle), A_AVERAGE);
  store<i64>(at, load<i64>(candle, C_CLOSE), A_CLOSE);
  closeSlot(at, isWarm);
}
