// Rates of change, taken together: of several lengths, by rank, by their own deviation.
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
import { ratio, sourceOf } from "../stages/input";
import { previousStage, SMOOTH_BYTES } from "../stages/smooth";
import { STRENGTH_BYTES, strengthStage } from "../stages/strength";
import {
  lagStage,
  ringAt,
  RING_BASE_BYTES,
  ringPush,
  SUM_BASE_BYTES,
  sumStage,
  VARIANCE_BASE_BYTES,
  varianceRing,
  varianceStage,
  WEIGHTED_BASE_BYTES,
  weightedStage,
} from "../stages/window";
import { logReturn } from "./change";

/** Change over `period` candles in percent; ring of that many. */
// @ts-ignore: decorator
@inline
function rate(s: usize, value: f64, period: i32, keep: bool): f64 {
  const before = lagStage(s, value, period, keep);
  return 100 * ratio(value - before, before);
}

/** Bytes of a Coppock curve beside those of its periods. */
export const COPPOCK_BASE_BYTES: i32 = 2 * RING_BASE_BYTES + WEIGHTED_BASE_BYTES;

/** Coppock curve: rates of change over periods 1 and 2, added, weighted mean over period 3. */
export function coppock(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const long = load<i32>(at, I_PERIOD);
  const short = load<i32>(at, I_PERIOD_2);
  const period = load<i32>(at, I_PERIOD_3);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const shortAt = s + RING_BASE_BYTES + (<usize>long << 3);
  const weightedAt = shortAt + RING_BASE_BYTES + (<usize>short << 3);
  const rates = rate(s, value, long, keep) + rate(shortAt, value, short, keep);
  const n = countWith(at) - max(long, short);
  if (n < 1) return false;
  const sum = weightedStage(weightedAt, rates, n, period, keep);
  if (n < period) return false;
  putValue(out, 0, (2 * sum) / (<f64>period * <f64>(period + 1)));
  return true;
}

/** Means in a KST: Pring's lengths for short terms. */
const KST_MEAN: i32 = 10;
const KST_MEAN_4: i32 = 15;
const KST_SIGNAL: i32 = 9;
const KST_SUMS_BYTES: i32 = 4 * SUM_BASE_BYTES + 8 * (3 * KST_MEAN + KST_MEAN_4);
/** Bytes of a KST beside those of its periods. */
export const KST_BASE_BYTES: i32 =
  4 * RING_BASE_BYTES + KST_SUMS_BYTES + SUM_BASE_BYTES + 8 * KST_SIGNAL;

/** Mean over `length` of the rate of change over `period`; the mean's stage lies at `sumAt`. */
function meanRate(
  s: usize,
  sumAt: usize,
  value: f64,
  n: i32,
  period: i32,
  length: i32,
  keep: bool,
): f64 {
  const now = rate(s, value, period, keep);
  return n <= period ? 0 : sumStage(sumAt, now, length, keep) / <f64>length;
}

/**
 * KST ("know sure thing"): means of rates of change over periods 1 to 4, weighted 1 to 4, in
 * percent; line 2 its mean over nine. The means are over 10, 10, 10 and 15 candles.
 */
export function knowSure(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const n = countWith(at);
  let ring = s + KST_SUMS_BYTES + SUM_BASE_BYTES + 8 * KST_SIGNAL;
  let sums = s;
  let total: f64 = 0;
  let longest = 0;
  for (let i = 0; i < 4; i++) {
    // Periods 1 to 3 lie side by side in a slot.
    const p = i == 3 ? load<i32>(at, I_PERIOD_4) : load<i32>(at + (<usize>i << 2), I_PERIOD);
    const length = i == 3 ? KST_MEAN_4 : KST_MEAN;
    total += <f64>(i + 1) * meanRate(ring, sums, value, n, p, length, keep);
    ring += RING_BASE_BYTES + (<usize>p << 3);
    sums += SUM_BASE_BYTES + (<usize>length << 3);
    longest = max(longest, p + length);
  }
  if (n < longest) return false;
  const signal = sumStage(s + KST_SUMS_BYTES, total, KST_SIGNAL, keep) / <f64>KST_SIGNAL;
  if (n < longest + KST_SIGNAL - 1) return false;
  putValue(out, 0, total);
  putValue(out, 1, signal);
  return true;
}

/** Bytes of a Connors RSI beside 8 for each candle of the rank. */
export const CONNORS_BASE_BYTES: i32 = 2 * STRENGTH_BYTES + 2 * SMOOTH_BYTES + RING_BASE_BYTES;

/** Bit of I_FLAGS: a candle that stands still leaves a streak as it is. */
const IS_KEPT: u32 = 1;

/** Candles in a row that rose (above 0) or fell (below), counting this one. */
// @ts-ignore: decorator
@inline
function streakNext(streak: f64, moved: f64, isKept: bool): f64 {
  if (moved == 0) return isKept ? streak : 0;
  return moved > 0 ? max(streak, 0) + 1 : min(streak, 0) - 1;
}

/**
 * Connors RSI, 0 to 100: mean of the RSI over period 1, the RSI of the streak over period 2, and
 * how many of the last period-3 changes, in percent, were smaller than this one's. O(period 3).
 */
export function connors(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const rank = load<i32>(at, I_PERIOD_3);
  const n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const streakAt = s + 2 * STRENGTH_BYTES;
  const before = previousStage(streakAt + SMOOTH_BYTES, value, keep);
  const isKept = (load<u32>(at, I_FLAGS) & IS_KEPT) != 0;
  const streak = n == 1 ? 0 : streakNext(load<f64>(streakAt), value - before, isKept);
  if (keep) store<f64>(streakAt, streak);
  const price = strengthStage(s, value, n, load<i32>(at, I_PERIOD), keep);
  const runs = strengthStage(s + STRENGTH_BYTES, streak, n, load<i32>(at, I_PERIOD_2), keep);
  if (n == 1) return false;
  const changes = streakAt + 2 * SMOOTH_BYTES;
  const changed = ratio(value - before, before);
  let smaller = 0;
  for (let age = 1; age <= rank; age++) {
    if (ringAt(changes, age, rank) < changed) smaller++;
  }
  if (keep) ringPush(changes, changed, rank);
  if (n <= max(rank + 1, max(load<i32>(at, I_PERIOD), load<i32>(at, I_PERIOD_2)))) return false;
  putValue(out, 0, (price + runs + (100 * <f64>smaller) / <f64>rank) / 3);
  return true;
}

const SPIKE_RUN: i32 = 2 * SMOOTH_BYTES; // i32, returns in a row that were the same
/** Bytes of a price spike beside 8 for each candle. */
export const SPIKE_BASE_BYTES: i32 = 3 * SMOOTH_BYTES + VARIANCE_BASE_BYTES;

/**
 * Price spike (Augen): this change over what one standard deviation of the `period` logarithmic
 * returns before it is worth at the close before. 0 where they were all the same.
 */
export function priceSpike(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const before = previousStage(s, value, keep);
  const beforeThat = previousStage(s + SMOOTH_BYTES, before, keep);
  const n = countWith(at) - 2;
  if (n < 1) return false;
  const returned = logReturn(before, beforeThat);
  const window = s + 3 * SMOOTH_BYTES;
  // A variance may be rounded away from returns that are all the same: those are counted.
  const isSame = n > 1 && returned == ringAt(varianceRing(window), 1, period);
  const run = isSame ? min(load<i32>(s, SPIKE_RUN) + 1, period) : 1;
  const variance = varianceStage(window, returned, period, keep);
  if (keep) store<i32>(s, run, SPIKE_RUN);
  if (n < period) return false;
  putValue(out, 0, run == period ? 0 : ratio(value - before, sqrt<f64>(variance) * before));
  return true;
}
