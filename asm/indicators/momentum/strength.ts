// Ups against downs, summed or smoothed.
// tidy: tested by test/asm/indicators/families.test.ts
import {
  countWith,
  I_FLAGS,
  I_PERIOD,
  I_PERIOD_2,
  I_PERIOD_3,
  I_PERIOD_4,
  I_SOURCE,
  putValue,
} from "../slot";
import {
  closeOf,
  highOf,
  lowOf,
  openOf,
  ratio,
  sourceOf,
  trueRangeOf,
} from "../stages/input";
import { emaStage, previousStage, SMOOTH_BYTES, wilderStage } from "../stages/smooth";
import { STRENGTH_BYTES, strengthStage } from "../stages/strength";
import { ringAt, RING_BASE_BYTES, ringPush, SUM_BASE_BYTES, sumStage } from "../stages/window";

/** Bit of I_FLAGS: ups and downs are summed over the window instead of smoothed. */
const IS_SUM: u32 = 1;
/** Bytes of a CMO beside 16 for each candle: two sums or averages, the value before. */
export const CHANDE_BASE_BYTES: i32 = 2 * SUM_BASE_BYTES + SMOOTH_BYTES;

/** CMO, -100 to 100: (ups - downs) / (ups + downs), Wilder-smoothed (TA-Lib) or summed (Chande). */
export function chande(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const moved = value - previousStage(s, value, keep);
  if (n == 1) return false;
  const upAt = s + SMOOTH_BYTES;
  const downAt = upAt + SUM_BASE_BYTES + (<usize>period << 3);
  let up: f64 = max(moved, 0);
  let down: f64 = max(-moved, 0);
  if ((load<u32>(at, I_FLAGS) & IS_SUM) != 0) {
    up = sumStage(upAt, up, period, keep);
    down = sumStage(downAt, down, period, keep);
  } else {
    up = wilderStage(upAt, up, n - 1, period, keep);
    down = wilderStage(downAt, down, n - 1, period, keep);
  }
  if (n <= period) return false;
  putValue(out, 0, 100 * ratio(up - down, up + down));
  return true;
}

/** Bytes of an ultimate oscillator beside 16 for each candle of each period. */
export const ULTIMATE_BASE_BYTES: i32 = 6 * SUM_BASE_BYTES + SMOOTH_BYTES;

/** Sum of what buyers won over the sum of true ranges; two sums over `period`. */
function pressure(s: usize, won: f64, range: f64, period: i32, keep: bool): f64 {
  const wonSum = sumStage(s, won, period, keep);
  const rangeAt = s + SUM_BASE_BYTES + (<usize>period << 3);
  return ratio(wonSum, sumStage(rangeAt, range, period, keep));
}

// @ts-ignore: decorator
@inline
function pressureBytes(period: i32): usize {
  return 2 * SUM_BASE_BYTES + (<usize>period << 4);
}

/** Ultimate oscillator, 0 to 100: buying pressure over periods 1 to 3, weighted 4, 2, 1. */
export function ultimate(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const p1 = load<i32>(at, I_PERIOD);
  const p2 = load<i32>(at, I_PERIOD_2);
  const p3 = load<i32>(at, I_PERIOD_3);
  const n = countWith(at);
  const before = previousStage(s, closeOf(candle), keep);
  if (n == 1) return false;
  const won = closeOf(candle) - min(lowOf(candle), before);
  const range = trueRangeOf(candle, before);
  const s1 = s + SMOOTH_BYTES;
  const s2 = s1 + pressureBytes(p1);
  const short = pressure(s1, won, range, p1, keep);
  const middle = pressure(s2, won, range, p2, keep);
  const long = pressure(s2 + pressureBytes(p2), won, range, p3, keep);
  if (n <= max(p1, max(p2, p3))) return false;
  putValue(out, 0, (100 * (4 * short + 2 * middle + long)) / 7);
  return true;
}

/** Bytes of a DeMarker beside 16 for each candle. */
export const DEMARKER_BASE_BYTES: i32 = 2 * SUM_BASE_BYTES + 2 * SMOOTH_BYTES;

/** DeMarker, 0 to 1: how far highs rose, over that and how far lows fell. */
export function deMarker(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const up = max(highOf(candle) - previousStage(s, highOf(candle), keep), 0);
  const down = max(previousStage(s + SMOOTH_BYTES, lowOf(candle), keep) - lowOf(candle), 0);
  const n = countWith(at);
  if (n == 1) return false;
  const upAt = s + 2 * SMOOTH_BYTES;
  const ups = sumStage(upAt, up, period, keep);
  const downs = sumStage(upAt + SUM_BASE_BYTES + (<usize>period << 3), down, period, keep);
  if (n <= period) return false;
  putValue(out, 0, ratio(ups, ups + downs));
  return true;
}

/** Inputs before this one that a symmetric weighting takes in. */
const WEIGHTED_BACK: i32 = 3;
const WEIGHTED_BYTES: i32 = RING_BASE_BYTES + WEIGHTED_BACK * 8;
/** Bytes of a relative vigor index beside 16 for each candle. */
export const VIGOR_BASE_BYTES: i32 = 3 * WEIGHTED_BYTES + 2 * SUM_BASE_BYTES;

/** The last four inputs, weighted 1, 2, 2, 1. */
function symmetric(s: usize, value: f64, keep: bool): f64 {
  const b1 = ringAt(s, 1, WEIGHTED_BACK);
  const b2 = ringAt(s, 2, WEIGHTED_BACK);
  const b3 = ringAt(s, 3, WEIGHTED_BACK);
  if (keep) ringPush(s, value, WEIGHTED_BACK);
  return value + 2 * b1 + 2 * b2 + b3;
}

/**
 * Relative vigor index: bodies over ranges, each weighted 1, 2, 2, 1 over four candles and summed;
 * line 2 weights line 1 alike, over 6.
 */
export function vigor(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const body = symmetric(s, closeOf(candle) - openOf(candle), keep);
  const range = symmetric(s + WEIGHTED_BYTES, highOf(candle) - lowOf(candle), keep);
  const n = countWith(at) - WEIGHTED_BACK;
  if (n < 1) return false;
  const bodies = s + 3 * WEIGHTED_BYTES;
  const bodySum = sumStage(bodies, body, period, keep);
  const rangeSum = sumStage(bodies + SUM_BASE_BYTES + (<usize>period << 3), range, period, keep);
  if (n < period) return false;
  const index = ratio(bodySum, rangeSum);
  const signal = symmetric(s + 2 * WEIGHTED_BYTES, index, keep) / 6;
  if (n < period + WEIGHTED_BACK) return false;
  putValue(out, 0, index);
  putValue(out, 1, signal);
  return true;
}

/** Bytes of a true strength index. */
export const TRUE_STRENGTH_BYTES: i32 = 6 * SMOOTH_BYTES;

/**
 * True strength index, -100 to 100: changes over absolute changes, each averaged over period 1 and
 * again over period 2 (exponential); line 2 its exponential average over period 3.
 */
export function trueStrength(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const long = load<i32>(at, I_PERIOD);
  const short = load<i32>(at, I_PERIOD_2);
  const signal = load<i32>(at, I_PERIOD_3);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const moved = value - previousStage(s, value, keep);
  let n = countWith(at) - 1;
  if (n < 1) return false;
  const e = s + SMOOTH_BYTES;
  const move1 = emaStage(e, moved, n, long, keep);
  const size1 = emaStage(e + SMOOTH_BYTES, abs<f64>(moved), n, long, keep);
  n -= long - 1;
  if (n < 1) return false;
  const move2 = emaStage(e + 2 * SMOOTH_BYTES, move1, n, short, keep);
  const size2 = emaStage(e + 3 * SMOOTH_BYTES, size1, n, short, keep);
  n -= short - 1;
  if (n < 1) return false;
  const index = 100 * ratio(move2, size2);
  const average = emaStage(e + 4 * SMOOTH_BYTES, index, n, signal, keep);
  if (n < signal) return false;
  putValue(out, 0, index);
  putValue(out, 1, average);
  return true;
}

/** Bytes of a derivative oscillator beside those of its period 4. */
export const DERIVATIVE_BASE_BYTES: i32 = STRENGTH_BYTES + 2 * SMOOTH_BYTES + SUM_BASE_BYTES;

/** Derivative oscillator: RSI averaged twice (exponential), minus the mean of that. */
export function derivative(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const first = load<i32>(at, I_PERIOD_2);
  const second = load<i32>(at, I_PERIOD_3);
  const signal = load<i32>(at, I_PERIOD_4);
  let n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const strength = strengthStage(s, value, n, period, keep);
  n -= period;
  if (n < 1) return false;
  const e = s + STRENGTH_BYTES;
  const e1 = emaStage(e, strength, n, first, keep);
  n -= first - 1;
  if (n < 1) return false;
  const e2 = emaStage(e + SMOOTH_BYTES, e1, n, second, keep);
  n -= second - 1;
  if (n < 1) return false;
  const mean = sumStage(e + 2 * SMOOTH_BYTES, e2, signal, keep) / <f64>signal;
  if (n < signal) return false;
  putValue(out, 0, e2 - mean);
  return true;
}
