// The wave of one period that fits a window best.
// tidy: tested by test/asm/indicators/families.test.ts
import { cosine, sine } from "../../math/trigonometry";
import { countWith, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { sourceOf } from "../stages/input";
import { ringAt, ringPush } from "../stages/window";

const TURN: f64 = 6.283185307179586;
const HALF_ROOT: f64 = 0.7071067811865476;
/** A wave below this part of the inputs is what rounding left: there is none. */
const NOTHING: f64 = 1e-9;

/**
 * MESA sine wave (Ehlers): sine of the phase of the window's wave of `period` candles, and of an
 * eighth of a turn further. Both 0 where there is no such wave. O(period): each candle turns all.
 */
export function sineWave(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const isWarm = countWith(at) >= period;
  if (isWarm) putWave(s, value, period, out);
  if (keep) ringPush(s, value, period);
  return isWarm;
}

function putWave(s: usize, value: f64, period: i32, out: usize): void {
  const stepCos = cosine(TURN / <f64>period);
  const stepSin = sine(TURN / <f64>period);
  let cos: f64 = 1;
  let sin: f64 = 0;
  let real = value;
  let imaginary: f64 = 0;
  let size = abs<f64>(value);
  for (let age = 1; age < period; age++) {
    const turned = cos * stepCos - sin * stepSin;
    sin = sin * stepCos + cos * stepSin;
    cos = turned;
    const other = ringAt(s, age, period);
    real += cos * other;
    imaginary += sin * other;
    size += abs<f64>(other);
  }
  const length = sqrt<f64>(real * real + imaginary * imaginary);
  const isWave = period > 1 && length > NOTHING * size;
  // sin(phase + a quarter turn) is the cosine of the phase.
  putValue(out, 0, isWave ? real / length : 0);
  putValue(out, 1, isWave ? (HALF_ROOT * (real - imaginary)) / length : 0);
}
