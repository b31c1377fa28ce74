// Averages composed of stages; SMA and EMA have kernels of their own.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_FACTOR, I_FLAGS, I_PERIOD, I_SOURCE, putValue } from "../slot";
import { sourceOf } from "../stages/input";
import { emaFirstStage, emaStage, SMOOTH_BYTES, wilderStage } from "../stages/smooth";
import { sumStage, weightedStage } from "../stages/window";

/** I_FLAGS: every average begins with its first value at candle 1, not with the first mean. */
const FIRST_SEED: u32 = 1;

/** Inputs that an average of a chain waits for the one before it; see SEED of the catalog. */
// @ts-ignore: decorator
@inline
function lagOf(at: usize): i32 {
  return load<u32>(at, I_FLAGS) == FIRST_SEED ? 0 : load<i32>(at, I_PERIOD) - 1;
}

/** Averages of `ma`, the lower bits of its flags. */
const MA_SIMPLE: u32 = 0;
const MA_EXPONENTIAL: u32 = 1;
const MA_WILDER: u32 = 2;
const MA_TYPES: u32 = 3;
/** Bit of its flags: as FIRST_SEED. */
const MA_FIRST_SEED: u32 = 4;

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
  const isFirst = load<u32>(at, I_FLAGS) != 0;
  const lag = lagOf(at);
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
  const isFirst = load<u32>(at, I_FLAGS) != 0;
  const lag = lagOf(at);
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

/** MA: the simple, exponential, Wilder's or weighted average of any source. */
export function ma(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const flags = load<u32>(at, I_FLAGS);
  const isFirst = (flags & MA_FIRST_SEED) != 0;
  const n = countWith(at);
  const average = maNext(s, inputOf(at, candle), n, period, flags & MA_TYPES, isFirst, keep);
  // Averages that remember one number have a value as soon as they have a seed.
  const type = flags & MA_TYPES;
  const isEarly = isFirst && (type == MA_EXPONENTIAL || type == MA_WILDER);
  if (n < period && !isEarly) return false;
  putValue(out, 0, average);
  return true;
}

function maNext(
  s: usize,
  value: f64,
  n: i32,
  period: i32,
  type: u32,
  isFirst: bool,
  keep: bool,
): f64 {
  if (type == MA_SIMPLE) return sumStage(s, value, period, keep) / <f64>period;
  if (type == MA_EXPONENTIAL) return chained(s, value, n, period, isFirst, keep);
  if (type == MA_WILDER) {
    if (isFirst) return emaFirstStage(s, value, n, 1 / <f64>period, keep);
    return wilderStage(s, value, n, period, keep);
  }
  return (2 * weightedStage(s, value, n, period, keep)) / (<f64>period * <f64>(period + 1));
}

/**
 * T3 (Tillson): six exponential averages, each of the one before, mixed so that with a factor of 0
 * they are the third and with 1 a triple DEMA.
 */
export function t3(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const period = load<i32>(at, I_PERIOD);
  const isFirst = load<u32>(at, I_FLAGS) != 0;
  const lag = lagOf(at);
  const v = load<f64>(at, I_FACTOR);
  const n = countWith(at);
  const cube = v * v * v;
  let value = inputOf(at, candle);
  let result: f64 = 0;
  for (let i = 0; i < 6; i++) {
    value = chained(s + i * SMOOTH_BYTES, value, n - i * lag, period, isFirst, keep);
    // Averages further down the chain have no input yet.
    if (n <= (i + 1) * lag) return false;
    if (i == 2) result += (1 + 3 * v + 3 * v * v + cube) * value;
    if (i == 3) result -= (3 * v + 6 * v * v + 3 * cube) * value;
    if (i == 4) result += (3 * v * v + 3 * cube) * value;
    if (i == 5) result -= cube * value;
  }
  if (n < 6 * (period - 1) + 1) return false;
  putValue(out, 0, result);
  return true;
}
