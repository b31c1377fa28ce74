// TD sequential (DeMark): a setup of nine closes, then a countdown of thirteen.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, putValue } from "../slot";
import { closeOf, highOf, lowOf } from "../stages/input";
import { lagStage, RING_BASE_BYTES, ringAt } from "../stages/window";

/** Closes of a setup are compared with the one so far back, those of a countdown with extremes. */
const SETUP_BACK: i32 = 4;
const EXTREMES_BACK: i32 = 3;
const SETUP_COUNT: i32 = 9;
const COUNTDOWN_COUNT: i32 = 13;

// Phases, value 1: buying follows falling closes. A setup is perfect when its last two candles
// went beyond the two before them.
const PHASE_NONE: f64 = 0;
const PHASE_BUY_SETUP: f64 = 1;
const PHASE_SELL_SETUP: f64 = 2;
const PHASE_BUY_COUNTDOWN: f64 = 3;
const PHASE_SELL_COUNTDOWN: f64 = 4;
const PHASE_BUY_PERFECT: f64 = 5;
const PHASE_SELL_PERFECT: f64 = 6;

const Q_PHASE: i32 = 0; // f64, the running one
const Q_COUNT: i32 = 8; // i32, candles of it
const Q_HIGH: i32 = 16; // f64, of the setup
const Q_LOW: i32 = 24; // f64
const Q_CLOSES: i32 = 32;
const Q_HIGHS: i32 = Q_CLOSES + RING_BASE_BYTES + 8 * SETUP_BACK;
const Q_LOWS: i32 = Q_HIGHS + RING_BASE_BYTES + 8 * EXTREMES_BACK;
/** Bytes of the kernel. */
export const SEQUENTIAL_BYTES: i32 = Q_LOWS + RING_BASE_BYTES + 8 * EXTREMES_BACK;

/**
 * Lines: the phase this candle belongs to (0 to 6, above), how many candles it has. A setup counts
 * closes beyond the one four candles before, in a row; a countdown closes at or beyond the extreme
 * two candles before, not in a row, until a close leaves the setup's range on the other side.
 */
export function tdSequential(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const n = countWith(at);
  const isDone = n > SETUP_BACK;
  if (isDone) step(s, candle, out, keep);
  if (keep) {
    lagStage(s + Q_CLOSES, closeOf(candle), SETUP_BACK, true);
    lagStage(s + Q_HIGHS, highOf(candle), EXTREMES_BACK, true);
    lagStage(s + Q_LOWS, lowOf(candle), EXTREMES_BACK, true);
  }
  return isDone;
}

function step(s: usize, candle: usize, out: usize, keep: bool): void {
  const phase = load<f64>(s, Q_PHASE);
  if (phase >= PHASE_BUY_COUNTDOWN) return countdown(s, candle, out, keep, phase);
  const close = closeOf(candle);
  const before = ringAt(s + Q_CLOSES, SETUP_BACK, SETUP_BACK);
  const next = close < before ? PHASE_BUY_SETUP : close > before ? PHASE_SELL_SETUP : PHASE_NONE;
  const isFirst = phase == PHASE_NONE;
  // A setup that breaks off leaves its candle without a phase.
  if (next == PHASE_NONE || (!isFirst && next != phase)) {
    return answer(s, out, keep, PHASE_NONE, 0, PHASE_NONE);
  }
  const count = isFirst ? 1 : load<i32>(s, Q_COUNT) + 1;
  if (keep) {
    const high = highOf(candle);
    const low = lowOf(candle);
    store<f64>(s, isFirst ? high : max(load<f64>(s, Q_HIGH), high), Q_HIGH);
    store<f64>(s, isFirst ? low : min(load<f64>(s, Q_LOW), low), Q_LOW);
  }
  if (count < SETUP_COUNT) return answer(s, out, keep, next, count, next);
  if (next == PHASE_BUY_SETUP) {
    const isPerfect = isBeyond(s + Q_LOWS, lowOf(candle), -1);
    const told = isPerfect ? PHASE_BUY_PERFECT : PHASE_BUY_SETUP;
    return answer(s, out, keep, told, count, PHASE_BUY_COUNTDOWN);
  }
  const isPerfect = isBeyond(s + Q_HIGHS, highOf(candle), 1);
  const told = isPerfect ? PHASE_SELL_PERFECT : PHASE_SELL_SETUP;
  answer(s, out, keep, told, count, PHASE_SELL_COUNTDOWN);
}

/** True when candle 8 or 9 of a setup went beyond candles 6 and 7. */
function isBeyond(ring: usize, last: f64, sign: f64): bool {
  const sixth = ringAt(ring, 3, EXTREMES_BACK) * sign;
  const seventh = ringAt(ring, 2, EXTREMES_BACK) * sign;
  const eighth = ringAt(ring, 1, EXTREMES_BACK) * sign;
  return max(eighth, last * sign) > max(sixth, seventh);
}

function countdown(s: usize, candle: usize, out: usize, keep: bool, phase: f64): void {
  const close = closeOf(candle);
  const isBuy = phase == PHASE_BUY_COUNTDOWN;
  const extreme = ringAt(s + (isBuy ? Q_LOWS : Q_HIGHS), 2, EXTREMES_BACK);
  const count = load<i32>(s, Q_COUNT) + 1;
  if (isBuy ? close <= extreme : close >= extreme) {
    return answer(s, out, keep, phase, count, count == COUNTDOWN_COUNT ? PHASE_NONE : phase);
  }
  const isOver = isBuy ? close > load<f64>(s, Q_HIGH) : close < load<f64>(s, Q_LOW);
  putValue(out, 0, PHASE_NONE);
  putValue(out, 1, 0);
  if (isOver && keep) {
    store<f64>(s, PHASE_NONE, Q_PHASE);
    store<i32>(s, 0, Q_COUNT);
  }
}

/** Tells phase and count of this candle, and the phase that runs from the next one on. */
function answer(s: usize, out: usize, keep: bool, told: f64, count: i32, next: f64): void {
  putValue(out, 0, told);
  putValue(out, 1, <f64>count);
  if (!keep) return;
  // A countdown begins at 0.
  const isSame = told == next;
  store<f64>(s, next, Q_PHASE);
  store<i32>(s, isSame ? count : 0, Q_COUNT);
}
