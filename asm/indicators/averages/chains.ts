// Averages composed of stages; SMA and EMA have kernels of their own.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FLAGS, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { sourceOf } from "../stages/input";
import { emaFirstStage, emaStage, SMOOTH_BYTES } from "../stages/smooth";
import { weightedStage } from "../stages/window";

/** Bit of I_FLAGS: exponential averages begin with the first value, not the first mean. */
const FIRST_SEED: u32 = 1;

// @ts-ignore: decorator
@inline
function inputOf(at: usize, candle: usize): f64 {
  return sourceOf(candle, load<u8>(at, I_SOURCE));
}

/** WMA: weights 1 to period, the newest the heaviest. */
export function wma(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const n = countWith(at);
  const sum = weightedStage(s, inputOf(at, candle), n, period, keep);
  if (n < period) return false;
  putValue(out, 0, (2 * sum) / (<f64>period * <f64>(period + 1)));
  return true;
}

/** One exponential average of a chain: `n` its input's number, from 1. */
// @ts-ignore: decorator
@inline
function chained(s: usize, value: f64, n: i32, period: i32, isFirst: bool, keep: bool): f64 {
  if (isFirst) return emaFirstStage(s, value, n, 2 / <f64>(period + 1), keep);
  return emaStage(s, value, n, period, keep);
}

/** DEMA: 2 e1 - e2, each average seeded on its own first inputs. */
export function dema(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const isFirst = (load<u32>(at, I_FLAGS) & FIRST_SEED) != 0;
  const lag = isFirst ? 0 : period - 1;
  const n = countWith(at);
  const e1 = chained(s, inputOf(at, candle), n, period, isFirst, keep);
  if (n <= lag) return false;
  const e2 = chained(s + SMOOTH_BYTES, e1, n - lag, period, isFirst, keep);
  if (n < 2 * period - 1) return false;
  putValue(out, 0, 2 * e1 - e2);
  return true;
}

/** TEMA: 3 e1 - 3 e2 + e3. */
export function tema(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const isFirst = (load<u32>(at, I_FLAGS) & FIRST_SEED) != 0;
  const lag = isFirst ? 0 : period - 1;
  const n = countWith(at);
  const e1 = chained(s, inputOf(at, candle), n, period, isFirst, keep);
  if (n <= lag) return false;
  const e2 = chained(s + SMOOTH_BYTES, e1, n - lag, period, isFirst, keep);
  if (n <= 2 * lag) return false;
  const e3 = chained(s + 2 * SMOOTH_BYTES, e2, n - 2 * lag, period, isFirst, keep);
  if (n < 3 * period - 2) return false;
  putValue(out, 0, 3 * e1 - 3 * e2 + e3);
  return true;
}
