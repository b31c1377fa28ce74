// Channels: a middle line with one above and one below. Value 1 is the middle.
// tidy: tested by test/asm/indicators/families.test.ts
import {
  countWith,
  I_FACTOR,
  I_FLAGS,
  I_PERIOD,
  I_PERIOD_2,
  I_SOURCE,
  putValue,
} from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { closeOf, highOf, lowOf, ratio, sourceOf } from "../stages/input";
import { atrFirst, atrStage, ATR_STAGE_BYTES } from "../stages/range";
import { emaFirstStage, emaStage } from "../stages/smooth";
import { SUM_BASE_BYTES, sumStage } from "../stages/window";

// Bits of a Keltner channel's flags.
const KELTNER_FIRST_SEED: u32 = 1;
const KELTNER_FIRST_RANGE: u32 = 2;
const KELTNER_SIMPLE: u32 = 4;

/** Bytes of a Keltner channel beside 8 for each step of the period. */
export const KELTNER_BASE_BYTES: i32 = ATR_STAGE_BYTES + SUM_BASE_BYTES;

// @ts-ignore: decorator
@inline
function putChannel(out: usize, middle: f64, upper: f64, lower: f64): void {
  putValue(out, 0, middle);
  putValue(out, 1, upper);
  putValue(out, 2, lower);
}

function centerOf(s: usize, value: f64, n: i32, period: i32, flags: u32, keep: bool): f64 {
  if ((flags & KELTNER_SIMPLE) != 0) return sumStage(s, value, period, keep) / <f64>period;
  const isFirst = (flags & KELTNER_FIRST_SEED) != 0;
  if (isFirst) return emaFirstStage(s, value, n, 2 / <f64>(period + 1), keep);
  return emaStage(s, value, n, period, keep);
}

/** Keltner: an average, and the factor times the average true range over period 2 around it. */
export function keltner(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const ranges = load<i32>(at, I_PERIOD_2);
  const flags = load<u32>(at, I_FLAGS);
  const isEarly = (flags & KELTNER_FIRST_RANGE) != 0;
  const n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const range = atrStage(s, candle, n, ranges, isEarly, keep);
  const center = centerOf(s + ATR_STAGE_BYTES, value, n, period, flags, keep);
  if (n < max(period, atrFirst(ranges, isEarly))) return false;
  const half = load<f64>(at, I_FACTOR) * range;
  putChannel(out, center, center + half, center - half);
  return true;
}

/** Donchian: greatest high and smallest low of the period, this candle included. */
export function donchian(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const lows = s + EXTREME_BASE_BYTES + (<usize>period << 4);
  const top = extremeStage(s, highOf(candle), period, 1, keep);
  const bottom = extremeStage(lows, lowOf(candle), period, -1, keep);
  if (countWith(at) < period) return false;
  putChannel(out, (top + bottom) / 2, top, bottom);
  return true;
}

/**
 * Acceleration bands (Headley): means of highs and lows that are moved away by the factor times
 * the candle's share of range in its price.
 */
export function accBands(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const window = SUM_BASE_BYTES + (<usize>period << 3);
  const high = highOf(candle);
  const low = lowOf(candle);
  const share = load<f64>(at, I_FACTOR) * ratio(high - low, high + low);
  const middle = sumStage(s, closeOf(candle), period, keep) / <f64>period;
  const upper = sumStage(s + window, high * (1 + share), period, keep) / <f64>period;
  const lower = sumStage(s + 2 * window, low * (1 - share), period, keep) / <f64>period;
  if (countWith(at) < period) return false;
  putChannel(out, middle, upper, lower);
  return true;
}

/** Bytes of a Chande Kroll stop beside 32 for each step of both periods. */
export const CHANDE_KROLL_BASE_BYTES: i32 = ATR_STAGE_BYTES + 4 * EXTREME_BASE_BYTES;

/**
 * Chande Kroll stop: the extremes of the period moved inward by the factor times the average true
 * range (candle 1 with its high - low), then their extremes over period 2. Lines: the stop of a
 * short position from the highs, that of a long one from the lows.
 */
export function chandeKroll(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const hold = load<i32>(at, I_PERIOD_2);
  const n = countWith(at);
  const window = EXTREME_BASE_BYTES + (<usize>period << 4);
  const highs = s + ATR_STAGE_BYTES;
  const stops = highs + 2 * window;
  const move = load<f64>(at, I_FACTOR) * atrStage(s, candle, n, period, true, keep);
  const top = extremeStage(highs, highOf(candle), period, 1, keep);
  const bottom = extremeStage(highs + window, lowOf(candle), period, -1, keep);
  if (n < period) return false;
  const short = extremeStage(stops, top - move, hold, 1, keep);
  const longs = stops + EXTREME_BASE_BYTES + (<usize>hold << 4);
  const long = extremeStage(longs, bottom + move, hold, -1, keep);
  if (n < period + hold - 1) return false;
  putValue(out, 0, short);
  putValue(out, 1, long);
  return true;
}
