// The straight line of least squares through the last `period` inputs, and what it says.
// tidy: tested by test/asm/indicators/families.test.ts
import { arctangent } from "../../math/arctangent";
import { IndicatorKind } from "../../vocab";
import { countWith, I_FACTOR, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { sourceOf } from "../stages/input";
import { momentRing, momentStage, momentSum, MOMENT_BASE_BYTES } from "../stages/pair";
import { ringAt } from "../stages/window";

const DEGREES: f64 = 57.29577951308232;
/** Bytes of a line beside 8 for each input: the moment, then the last forecast. */
export const LINE_BASE_BYTES: i32 = MOMENT_BASE_BYTES + 8;

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** Rise of the line over a candle, of a window with this moment. */
// @ts-ignore: decorator
@inline
function slopeOf(moment: f64, period: i32): f64 {
  const p = <f64>period;
  return (12 * moment) / (p * (p * p - 1));
}

/**
 * The line's value at the last input, its slope, its value at the window's first input, its angle
 * in degrees, or its value one candle ahead, whichever `kind` is. The angle needs a scale: how many
 * units of the other axis a tick is.
 */
export function line(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  kind: i32,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const mean = momentSum(s, value, period) / <f64>period;
  const slope = slopeOf(momentStage(s, value, n, period, keep), period);
  if (n < period) return false;
  const half = slope * (<f64>(period - 1) / 2);
  let result = mean + half;
  if (kind == IndicatorKind.LinRegSlope) result = slope;
  else if (kind == IndicatorKind.LinRegIntercept) result = mean - half;
  else if (kind == IndicatorKind.Tsf) result = mean + half + slope;
  else if (kind == IndicatorKind.LinRegAngle) {
    result = DEGREES * arctangent(slope * load<f64>(at, I_FACTOR));
  }
  putValue(out, 0, result);
  return true;
}

/** How far the input is from what the line before it foretold, in percent of the input. */
export function forecastOscillator(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const mean = momentSum(s, value, period) / <f64>period;
  const slope = slopeOf(momentStage(s, value, n, period, keep), period);
  const stored = s + MOMENT_BASE_BYTES + (<usize>period << 3);
  const foretold = load<f64>(stored);
  if (keep && n >= period) store<f64>(stored, mean + slope * (<f64>(period + 1) / 2));
  if (n <= period) return false;
  putValue(out, 0, value == 0 ? 0 : (100 * (value - foretold)) / value);
  return true;
}

/**
 * Standard error of the regression, sqrt(squares around the line / (period - 2)), or the share of
 * the variance that the line explains, 0 in a flat window.
 *
 * O(period): the squares around a line that fits are what all digits of the sums would cancel to.
 */
export function lineFit(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  kind: i32,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const value = inputOf(at, candle);
  const slope = slopeOf(momentStage(s, value, n, period, false), period);
  let sum: f64 = 0;
  let squares: f64 = 0;
  // Distances from the newest input, so that a flat window is exactly flat.
  for (let age = 1; age < period; age++) {
    const distance = ringAt(momentRing(s), age, period) - value;
    sum += distance;
    squares += distance * distance;
  }
  const mean = sum / <f64>period;
  const middle = <f64>(period - 1) / 2;
  let rest = (mean + slope * middle) * (mean + slope * middle);
  for (let age = 1; age < period; age++) {
    const distance = ringAt(momentRing(s), age, period) - value;
    const off = distance - mean - slope * (middle - <f64>age);
    rest += off * off;
  }
  if (keep) momentStage(s, value, n, period, true);
  if (n < period) return false;
  if (kind == IndicatorKind.LinRegError) {
    putValue(out, 0, sqrt<f64>(rest / <f64>(period - 2)));
  } else {
    const all = squares - sum * mean;
    putValue(out, 0, squares == 0 ? 0 : min<f64>(1, max<f64>(0, 1 - rest / all)));
  }
  return true;
}
