// How rough the way was: choppiness, drawdowns, and which side the deviation was on.
// tidy: tested by test/asm/indicators/families.test.ts
import { logarithmPlusOne } from "../../math/exponential";
import { countWith, I_PERIOD, I_PERIOD_2, I_SOURCE, putValue } from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { highOf, lowOf, ratio, sourceOf } from "../stages/input";
import { RANGE_BYTES, rangeStage } from "../stages/range";
import { previousStage, SMOOTH_BYTES, wilderStage } from "../stages/smooth";
import { SUM_BASE_BYTES, sumStage, VARIANCE_BASE_BYTES, varianceStage } from "../stages/window";

/** Bytes of a choppiness index beside 40 for each step of the period. */
export const CHOPPINESS_BASE_BYTES: i32 = RANGE_BYTES + SUM_BASE_BYTES + 2 * EXTREME_BASE_BYTES;

/**
 * Choppiness, 0 to 100: the logarithm of the sum of true ranges over the range of the window, to
 * the base of the period. Candle 1 has its high - low; 0 in a window without any range.
 */
export function choppiness(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const sums = s + RANGE_BYTES;
  const highs = sums + SUM_BASE_BYTES + (<usize>period << 3);
  const lows = highs + EXTREME_BASE_BYTES + (<usize>period << 4);
  const range = rangeStage(s, candle, n, keep);
  // Whole ticks: the sum is exact.
  const way = sumStage(sums, range, period, keep);
  const top = extremeStage(highs, highOf(candle), period, 1, keep);
  const bottom = extremeStage(lows, lowOf(candle), period, -1, keep);
  if (n < period) return false;
  const share = top == bottom ? 1 : max(1.0, ratio(way, top - bottom));
  putValue(out, 0, (100 * logarithmPlusOne(share - 1)) / logarithmPlusOne(<f64>(period - 1)));
  return true;
}

/** Bytes of an ulcer index beside 24 for each step of the period. */
export const ULCER_BASE_BYTES: i32 = EXTREME_BASE_BYTES + SUM_BASE_BYTES;

/** Ulcer index: root of the mean square of the drawdowns from the period's peak, in percent. */
export function ulcer(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const input = sourceOf(candle, load<u8>(at, I_SOURCE));
  const peak = extremeStage(s, input, period, 1, keep);
  if (n < period) return false;
  const squares = s + EXTREME_BASE_BYTES + (<usize>period << 4);
  const drawdown = 100 * ratio(input - peak, peak);
  const sum = sumStage(squares, drawdown * drawdown, period, keep);
  if (n < 2 * period - 1) return false;
  putValue(out, 0, sqrt<f64>(max(0.0, sum) / <f64>period));
  return true;
}

// Relative volatility: the input before, both averages, then the variance.
const RVI_UP: i32 = SMOOTH_BYTES;
const RVI_DOWN: i32 = RVI_UP + SMOOTH_BYTES;
const RVI_WINDOW: i32 = RVI_DOWN + SMOOTH_BYTES;
/** Bytes beside 8 for each step of the period. */
export const RVI_BASE_BYTES: i32 = RVI_WINDOW + VARIANCE_BASE_BYTES;

/**
 * Relative volatility (Dorsey), 0 to 100: as RSI, of the deviation over the period instead of the
 * change, on the side the input moved to; Wilder's averages over period 2.
 */
export function relativeVolatility(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const smooth = load<i32>(at, I_PERIOD_2);
  const n = countWith(at);
  const input = sourceOf(candle, load<u8>(at, I_SOURCE));
  const before = previousStage(s, input, keep);
  const deviation = sqrt<f64>(varianceStage(s + RVI_WINDOW, input, period, keep));
  const k = n - max(2, period) + 1;
  if (k < 1) return false;
  const up = wilderStage(s + RVI_UP, input > before ? deviation : 0, k, smooth, keep);
  const down = wilderStage(s + RVI_DOWN, input < before ? deviation : 0, k, smooth, keep);
  if (k < smooth) return false;
  putValue(out, 0, 100 * ratio(up, up + down));
  return true;
}
