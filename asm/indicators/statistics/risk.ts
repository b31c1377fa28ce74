// What an input's returns over one candle are worth: mean against deviation, and what may be lost.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FACTOR, I_FLAGS, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { ratio, sourceOf } from "../stages/input";
import { RUN_BYTES, runStage } from "../stages/pair";
import { returnOf } from "../stages/returns";
import {
  SUM_BASE_BYTES,
  sumStage,
  VARIANCE_BASE_BYTES,
  varianceStage,
  varianceWindow,
} from "../stages/window";

/** The input before, a run, a variance; 8 more for each input. */
export const RETURNS_BASE_BYTES: i32 = 8 + RUN_BYTES + VARIANCE_BASE_BYTES;
/** The input before, a run, two sums; 16 more for each input. */
export const SORTINO_BASE_BYTES: i32 = 8 + RUN_BYTES + 2 * SUM_BASE_BYTES;

/** Quantiles of the normal distribution that 99, 95 and 90 percent lie below. */
// @ts-ignore: decorator
@inline
function quantileOf(choice: u32): f64 {
  if (choice == 0) return 2.3263478740408408;
  return choice == 1 ? 1.6448536269514722 : 1.2815515655446004;
}

/** The return of this candle; keeps the input. */
// @ts-ignore: decorator
@inline
function moveStage(at: usize, s: usize, candle: usize, keep: bool): f64 {
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const move = returnOf(value, load<f64>(s));
  if (keep) store<f64>(s, value);
  return move;
}

/** Sharpe ratio of a candle: (mean return - target) / population deviation; all equal: 0. */
export function sharpe(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const move = moveStage(at, s, candle, keep);
  if (n == 1) return false;
  const like = runStage(s + 8, move, n - 1, keep);
  const squares = s + 8 + RUN_BYTES;
  const mean = sumStage(varianceWindow(squares), move, period, false) / <f64>period;
  const variance = varianceStage(squares, move, period, keep);
  if (n <= period) return false;
  const target = load<f64>(at, I_FACTOR) - 1;
  putValue(out, 0, like >= period ? 0 : ratio(mean - target, sqrt<f64>(variance)));
  return true;
}

/** As `sharpe`, over the root of the mean square of what returns fall short of the target. */
export function sortino(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const move = moveStage(at, s, candle, keep) - (load<f64>(at, I_FACTOR) - 1);
  if (n == 1) return false;
  const short = min<f64>(move, 0);
  const square = short * short;
  const like = runStage(s + 8, square, n - 1, keep);
  const sums = s + 8 + RUN_BYTES;
  const shorts = sums + SUM_BASE_BYTES + (<usize>period << 3);
  const mean = sumStage(sums, move, period, keep) / <f64>period;
  const squares = sumStage(shorts, square, period, keep) / <f64>period;
  if (n <= period) return false;
  // A sum may be rounded away from squares that are all 0.
  const isNone = square == 0 && like >= period;
  putValue(out, 0, isNone ? 0 : ratio(mean, sqrt<f64>(squares)));
  return true;
}

/**
 * Value at risk of a candle as a return: the normal quantile of the last `period` returns, their
 * mean less 2.33, 1.64 or 1.28 sample deviations. Negative = a loss.
 */
export function valueAtRisk(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const move = moveStage(at, s, candle, keep);
  if (n == 1) return false;
  const like = runStage(s + 8, move, n - 1, keep);
  const squares = s + 8 + RUN_BYTES;
  const mean = sumStage(varianceWindow(squares), move, period, false) / <f64>period;
  const variance = varianceStage(squares, move, period, keep);
  if (n <= period) return false;
  const sample = like >= period ? 0 : (variance * <f64>period) / <f64>(period - 1);
  putValue(out, 0, mean - quantileOf(load<u32>(at, I_FLAGS)) * sqrt<f64>(sample));
  return true;
}
