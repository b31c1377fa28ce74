// Divergence of price swings from an oscillator at them: RSI, or the MACD line.
//
// Each new swing of the highs is compared with the swing of the highs before it, lows likewise. A
// divergence is said by the candle that confirms its second swing, and never taken back.
// tidy: tested by test/asm/indicators/families.test.ts
import { emaNext } from "../ema";
import { wilderNext } from "../rsi";
import { countWith, I_PERIOD, I_PERIOD_2, I_PERIOD_3, I_PERIOD_4, putValue } from "../slot";
import { closeOf, highOf, lowOf } from "../stages/input";
import {
  SWING_AGE,
  SWING_BASE_BYTES,
  SWING_VALUE,
  swingCandidate,
  swingIsNew,
  swingKeep,
} from "../stages/swing";
import { RING_BASE_BYTES, ringAt, ringPush } from "../stages/window";

// Oscillator at the last swing high and low, then its ring, the swings, its own state.
const AT_HIGH: i32 = 0; // f64
const AT_LOW: i32 = 8; // f64
const RING: i32 = 16;
/** Bytes beside 24 for each candle on either side of a swing. */
export const DIVERGENCE_BASE_BYTES: i32 = RING + RING_BASE_BYTES + 8 + 2 * SWING_BASE_BYTES;
/** Gain, loss, the close before. */
export const RSI_STATE_BYTES: i32 = 24;
/** Fast and slow average. */
export const MACD_STATE_BYTES: i32 = 16;

/** Below this sum of gain and loss RSI is 0, as in rsi.ts. */
const NO_CHANGE: f64 = 1e-14;
/** Oscillators nearer than this share of their scale are equal: no divergence from rounding. */
const EQUAL: f64 = 1e-9;

const REGULAR: f64 = 1;
const HIDDEN: f64 = 2;

/**
 * Bullish and bearish divergence that this candle confirms: 0 none, 1 regular (price goes beyond
 * its last swing, the oscillator does not), 2 hidden (the other way round).
 */
export function rsiDivergence(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const left = load<i32>(at, I_PERIOD_2);
  const right = load<i32>(at, I_PERIOD_3);
  const own = ownAt(s, left + right);
  const n = countWith(at);
  const close = closeOf(candle);
  const move = n == 1 ? 0 : close - load<f64>(own, 16);
  const gain = n == 1 ? 0 : wilderNext(load<f64>(own), max<f64>(move, 0), n - 1, period);
  const loss = n == 1 ? 0 : wilderNext(load<f64>(own, 8), max<f64>(-move, 0), n - 1, period);
  if (keep) {
    store<f64>(own, gain);
    store<f64>(own, loss, 8);
    store<f64>(own, close, 16);
  }
  const sum = gain + loss;
  const index = sum < NO_CHANGE ? 0 : 100 * (gain / sum);
  return diverge(at, s, candle, out, keep, index, period + 1, left, right, 100);
}

/** As `rsiDivergence`, of the difference of two exponential averages, as MACD has it. */
export function macdDivergence(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const one = load<i32>(at, I_PERIOD);
  const other = load<i32>(at, I_PERIOD_2);
  const fast = min(one, other);
  const slow = max(one, other);
  const left = load<i32>(at, I_PERIOD_3);
  const right = load<i32>(at, I_PERIOD_4);
  const own = ownAt(s, left + right);
  const n = countWith(at);
  const close = closeOf(candle);
  // Both averages have their first value with the same candle: the fast one begins later.
  const late = n - (slow - fast);
  const quick = late > 0 ? emaNext(load<f64>(own), close, late, fast) : 0;
  const calm = emaNext(load<f64>(own, 8), close, n, slow);
  if (keep) {
    store<f64>(own, quick);
    store<f64>(own, calm, 8);
  }
  return diverge(at, s, candle, out, keep, quick - calm, slow, left, right, abs<f64>(close));
}

// @ts-ignore: decorator
@inline
function swingsAt(s: usize, wings: i32): usize {
  return s + RING + RING_BASE_BYTES + 8 + (<usize>wings << 3);
}

// @ts-ignore: decorator
@inline
function ownAt(s: usize, wings: i32): usize {
  return swingsAt(s, wings) + 2 * (SWING_BASE_BYTES + (<usize>wings << 3));
}

/** `first` is the candle of the oscillator's first value. */
function diverge(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  oscillator: f64,
  first: i32,
  left: i32,
  right: i32,
  scale: f64,
): bool {
  const n = countWith(at);
  const window = left + right + 1;
  const highs = swingsAt(s, left + right);
  const lows = highs + SWING_BASE_BYTES + (<usize>(left + right) << 3);
  const isHigh = n - right >= first && swingIsNew(highs, highOf(candle), n, left, right, 1);
  const isLow = n - right >= first && swingIsNew(lows, lowOf(candle), n, left, right, -1);
  const then = ringAt(s + RING, right, window);
  const margin = EQUAL * scale;
  const bearish = isHigh ? compare(highs, left, right, then, load<f64>(s, AT_HIGH), margin, 1) : 0;
  const bullish = isLow ? compare(lows, left, right, then, load<f64>(s, AT_LOW), margin, -1) : 0;
  if (keep) {
    if (isHigh) store<f64>(s, then, AT_HIGH);
    if (isLow) store<f64>(s, then, AT_LOW);
    swingKeep(highs, highOf(candle), left, right, isHigh);
    swingKeep(lows, lowOf(candle), left, right, isLow);
    ringPush(s + RING, n < first ? 0 : oscillator, window);
  }
  if (n < first || n < window) return false;
  putValue(out, 0, bullish);
  putValue(out, 1, bearish);
  return true;
}

/** The new swing at `swings` against the one before it. */
function compare(
  swings: usize,
  left: i32,
  right: i32,
  then: f64,
  before: f64,
  margin: f64,
  sign: f64,
): f64 {
  if (load<i32>(swings, SWING_AGE) == 0) return 0;
  const beyond = (swingCandidate(swings, left, right) - load<f64>(swings, SWING_VALUE)) * sign;
  const moved = (then - before) * sign;
  if (beyond > 0 && moved < -margin) return REGULAR;
  return beyond < 0 && moved > margin ? HIDDEN : 0;
}
