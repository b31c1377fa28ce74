// Moving average convergence and divergence: fast EMA minus slow EMA, its own EMA, the difference.
//
// TA-Lib's seeds: both averages have their first value with candle number `slow`; the fast one is
// seeded with the mean of the last `fast` closes up to there, the signal with the mean of the first
// `signal` MACD values. All three lines begin together, with candle slow + signal - 1.
import { C_CLOSE } from "../candles/candle";
import { emaNext } from "./ema";
import {
  closeSlot,
  countWith,
  I_PERIOD,
  I_PERIOD_2,
  I_PERIOD_3,
  I_STATE,
  I_VALUES,
  putValue,
} from "./slot";

const M_FAST: i32 = I_STATE; // f64, sum then average
const M_SLOW: i32 = I_STATE + 8; // f64
const M_SIGNAL: i32 = I_STATE + 16; // f64
/** Bytes of a slot. */
export const MACD_BYTES: i32 = I_STATE + 24;

// @ts-ignore: decorator
@inline
function slowNext(at: usize, close: f64): f64 {
  return emaNext(load<f64>(at, M_SLOW), close, countWith(at), load<i32>(at, I_PERIOD_2));
}

/** The fast average counts only the last `fast` candles of the slow one's warm-up. */
// @ts-ignore: decorator
@inline
function fastNext(at: usize, close: f64): f64 {
  const fast = load<i32>(at, I_PERIOD);
  const count = countWith(at) - (load<i32>(at, I_PERIOD_2) - fast);
  return count < 1 ? 0 : emaNext(load<f64>(at, M_FAST), close, count, fast);
}

// @ts-ignore: decorator
@inline
function signalNext(at: usize, macd: f64): f64 {
  const count = countWith(at) - load<i32>(at, I_PERIOD_2) + 1;
  return count < 1 ? 0 : emaNext(load<f64>(at, M_SIGNAL), macd, count, load<i32>(at, I_PERIOD_3));
}

/** Values 1 to 3, in ticks: MACD, signal, histogram. False while it warms up. */
export function macdPeek(at: usize, candle: usize, out: usize): bool {
  if (countWith(at) < load<i32>(at, I_PERIOD_2) + load<i32>(at, I_PERIOD_3) - 1) return false;
  const close = <f64>load<i64>(candle, C_CLOSE);
  const macd = fastNext(at, close) - slowNext(at, close);
  const signal = signalNext(at, macd);
  putValue(out, 0, macd);
  putValue(out, 1, signal);
  putValue(out, 2, macd - signal);
  return true;
}

/** Closes a candle. */
export function macdPush(at: usize, candle: usize): void {
  const isWarm = macdPeek(at, candle, at + I_VALUES);
  const close = <f64>load<i64>(candle, C_CLOSE);
  const fast = fastNext(at, close);
  const slow = slowNext(at, close);
  store<f64>(at, signalNext(at, fast - slow), M_SIGNAL);
  store<f64>(at, fast, M_FAST);
  store<f64>(at, slow, M_SLOW);
  closeSlot(at, isWarm);
}
