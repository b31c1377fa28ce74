// Lines that stay on one side of price until it crosses them, then change sides.
// tidy: tested by test/asm/indicators/families.test.ts
import {
  countWith,
  I_FACTOR,
  I_FACTOR_2,
  I_FLAGS,
  I_PERIOD,
  putValue,
} from "../slot";
import { closeOf, highOf, lowOf, medianOf } from "../stages/input";
import { atrStage, ATR_STAGE_BYTES } from "../stages/range";

// Parabolic SAR.
const P_STOP: i32 = 0; // f64, of the next candle
const P_EXTREME: i32 = 8; // f64, of the running trend
const P_STEP: i32 = 16; // f64, acceleration
const P_TREND: i32 = 24; // f64, 1 up, -1 down
const P_HIGH: i32 = 32; // f64, of the candle before
const P_LOW: i32 = 40; // f64
/** Bytes of a SAR. */
export const SAR_BYTES: i32 = 48;
/** Bit of I_FLAGS: the first trend is that of the middles of candles 1 and 2 (Tulip). */
const START_MIDDLE: u32 = 1;
/** Bit of I_FLAGS: price at the stop does not turn the trend, beyond it does (Tulip). */
const TOUCH_HOLDS: u32 = 2;

/**
 * Parabolic stop and reverse (Wilder): the stop moves toward the extreme of the trend, each new
 * extreme makes it faster by the factor, up to factor 2; price at the stop turns the trend. Lines:
 * the stop, the trend after the candle (1 up, -1 down), and their product, as SAREXT has it. The
 * first trend is that of directional movement, up unless candle 2 moved downward.
 */
export function sar(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const n = countWith(at);
  const high = highOf(candle);
  const low = lowOf(candle);
  if (n == 1) {
    if (keep) keepCandle(s, high, low);
    return false;
  }
  const isMiddle = (load<u32>(at, I_FLAGS) & START_MIDDLE) != 0;
  let highBefore = load<f64>(s, P_HIGH);
  let lowBefore = load<f64>(s, P_LOW);
  let trend = load<f64>(s, P_TREND);
  let stop = load<f64>(s, P_STOP);
  let extreme = load<f64>(s, P_EXTREME);
  const most = load<f64>(at, I_FACTOR_2);
  let step = load<f64>(s, P_STEP);
  if (n == 2) {
    trend = firstTrend(high, low, highBefore, lowBefore, isMiddle);
    stop = trend > 0 ? lowBefore : highBefore;
    step = min(load<f64>(at, I_FACTOR), most);
    if (isMiddle) {
      extreme = trend > 0 ? highBefore : lowBefore;
    } else {
      // Wilder's candle 1 bounds nothing: TA-Lib begins as if it were candle 2.
      extreme = trend > 0 ? high : low;
      highBefore = high;
      lowBefore = low;
    }
  }
  const isUp = trend > 0;
  const beyond = isUp ? stop - low : high - stop;
  const isTurn = beyond > 0 || (beyond == 0 && (load<u32>(at, I_FLAGS) & TOUCH_HOLDS) == 0);
  if (isTurn) {
    trend = -trend;
    stop = isUp ? max(extreme, max(highBefore, high)) : min(extreme, min(lowBefore, low));
    step = min(load<f64>(at, I_FACTOR), most);
    extreme = isUp ? low : high;
  } else if (isUp ? high > extreme : low < extreme) {
    extreme = isUp ? high : low;
    step = min(step + load<f64>(at, I_FACTOR), most);
  }
  putValue(out, 0, stop);
  putValue(out, 1, trend);
  putValue(out, 2, stop * trend);
  if (!keep) return true;
  const next = stop + step * (extreme - stop);
  const bounded = trend > 0 ? min(next, min(lowBefore, low)) : max(next, max(highBefore, high));
  store<f64>(s, bounded, P_STOP);
  store<f64>(s, extreme, P_EXTREME);
  store<f64>(s, step, P_STEP);
  store<f64>(s, trend, P_TREND);
  keepCandle(s, high, low);
  return true;
}

// @ts-ignore: decorator
@inline
function keepCandle(s: usize, high: f64, low: f64): void {
  store<f64>(s, high, P_HIGH);
  store<f64>(s, low, P_LOW);
}

function firstTrend(high: f64, low: f64, highBefore: f64, lowBefore: f64, isMiddle: bool): f64 {
  if (isMiddle) return high + low >= highBefore + lowBefore ? 1 : -1;
  const up = high - highBefore;
  const down = lowBefore - low;
  return down > 0 && down > up ? -1 : 1;
}

// SuperTrend, behind its average true range.
const S_UPPER: i32 = ATR_STAGE_BYTES; // f64
const S_LOWER: i32 = S_UPPER + 8; // f64
const S_TREND: i32 = S_LOWER + 8; // f64, 1 up, -1 down, 0 before the first value
const S_CLOSE: i32 = S_TREND + 8; // f64, of the candle before
/** Bytes of a SuperTrend. */
export const SUPER_TREND_BYTES: i32 = S_CLOSE + 8;

/**
 * SuperTrend: bands of the factor times the average true range around the candle's middle, which
 * only move toward price while it stays inside; the trend turns when a close leaves them. Lines:
 * the band behind price, the trend (1 up, -1 down; up at first only above the upper band).
 */
export function superTrend(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const close = closeOf(candle);
  const before = load<f64>(s, S_CLOSE);
  const half = load<f64>(at, I_FACTOR) * atrStage(s, candle, n, period, true, keep);
  if (keep) store<f64>(s, close, S_CLOSE);
  if (n < period) return false;
  let upper = medianOf(candle) + half;
  let lower = medianOf(candle) - half;
  let trend = load<f64>(s, S_TREND);
  if (trend != 0) {
    const upperBefore = load<f64>(s, S_UPPER);
    const lowerBefore = load<f64>(s, S_LOWER);
    if (before <= upperBefore) upper = min(upper, upperBefore);
    if (before >= lowerBefore) lower = max(lower, lowerBefore);
  }
  if (trend > 0) trend = close >= lower ? 1 : -1;
  else trend = close > upper ? 1 : -1;
  putValue(out, 0, trend > 0 ? lower : upper);
  putValue(out, 1, trend);
  if (!keep) return true;
  store<f64>(s, upper, S_UPPER);
  store<f64>(s, lower, S_LOWER);
  store<f64>(s, trend, S_TREND);
  return true;
}
