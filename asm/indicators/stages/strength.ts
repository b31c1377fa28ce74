// Wilder's relative strength of any input, as the RSI has it for closes.
//
// A stage as in window.ts; it has a value from input number period + 1 on. While an input stands
// still both averages shrink alike, so the value is kept instead of computed again: a window over
// it (a stochastic of it) then knows a flat stretch from rounding.
// tidy: tested by test/asm/indicators/families.test.ts
import { wilderNext } from "../rsi";
import { ratio } from "./input";

const GAIN: i32 = 0; // f64, sum then average
const LOSS: i32 = 8; // f64
const BEFORE: i32 = 16; // f64, the input before
const VALUE: i32 = 24; // f64, the last value
/** Bytes of a stage. */
export const STRENGTH_BYTES: i32 = 32;

/** 0 to 100; 0 while nothing ever moved. */
export function strengthStage(s: usize, value: f64, n: i32, period: i32, keep: bool): f64 {
  const moved = n == 1 ? 0 : value - load<f64>(s, BEFORE);
  let gain: f64 = 0;
  let loss: f64 = 0;
  let strength: f64 = 0;
  if (n > 1) {
    gain = wilderNext(load<f64>(s, GAIN), max(moved, 0), n - 1, period);
    loss = wilderNext(load<f64>(s, LOSS), max(-moved, 0), n - 1, period);
    // Averages over one move forget at once.
    const isHeld = moved == 0 && n > period + 1 && period > 1;
    strength = isHeld ? load<f64>(s, VALUE) : 100 * ratio(gain, gain + loss);
  }
  if (keep) {
    store<f64>(s, gain, GAIN);
    store<f64>(s, loss, LOSS);
    store<f64>(s, value, BEFORE);
    store<f64>(s, strength, VALUE);
  }
  return strength;
}
