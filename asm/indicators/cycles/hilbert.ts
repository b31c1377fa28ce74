// Hilbert transform of a price (Ehlers): its part in phase with the cycle and a quarter turn ahead.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FACTOR, I_FACTOR_2, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { sourceOf } from "../stages/input";
import { lagStage, ringAt, RING_BASE_BYTES, ringPush } from "../stages/window";

/** How far back moves and the parts themselves are read. */
const MOVES: i32 = 3;
const IN_PHASE: i32 = 3;
const QUADRATURE: i32 = 2;
const MOVES_BYTES: i32 = RING_BASE_BYTES + 8 * MOVES;
const IN_PHASE_BYTES: i32 = RING_BASE_BYTES + 8 * IN_PHASE;
const QUADRATURE_BYTES: i32 = RING_BASE_BYTES + 8 * QUADRATURE;
/** Bytes of a transform beside 8 for each candle. */
export const HILBERT_BASE_BYTES: i32 =
  RING_BASE_BYTES + MOVES_BYTES + IN_PHASE_BYTES + QUADRATURE_BYTES;
/** Gain of the part in phase. */
const GAIN: f64 = 1.25;

/**
 * Parts of the move over `period` candles, in ticks. Each feeds back itself, three and two candles
 * old, by factors 1 and 2; above 1 that would grow without end, so a factor counts as 1 at most.
 */
export function hilbert(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const before = lagStage(s + HILBERT_BASE_BYTES - RING_BASE_BYTES, value, period, keep);
  if (n <= period) return false;
  const inPhases = s + MOVES_BYTES;
  const quadratures = inPhases + IN_PHASE_BYTES;
  const move = value - before;
  const second = ringAt(s, 1, MOVES);
  const back = min(load<f64>(at, I_FACTOR), 1);
  const turnedBack = min(load<f64>(at, I_FACTOR_2), 1);
  const quadrature =
    second - move * turnedBack + ringAt(quadratures, QUADRATURE, QUADRATURE) * turnedBack;
  const isWarm = n > period + 2;
  let inPhase: f64 = 0;
  if (isWarm) {
    inPhase = GAIN * (ringAt(s, MOVES, MOVES) - second * back);
    inPhase += ringAt(inPhases, IN_PHASE, IN_PHASE) * back;
  }
  if (keep) {
    ringPush(s, move, MOVES);
    ringPush(inPhases, inPhase, IN_PHASE);
    ringPush(quadratures, quadrature, QUADRATURE);
  }
  if (!isWarm) return false;
  putValue(out, 0, inPhase);
  putValue(out, 1, quadrature);
  return true;
}
