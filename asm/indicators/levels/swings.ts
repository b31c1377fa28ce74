// The last confirmed swing.
// tidy: tested by test/asm/indicators/families.test.ts
import { countWith, I_PERIOD, I_PERIOD_2, I_SOURCE, putValue } from "../slot";
import { sourceOf } from "../stages/input";
import { swingAge, swingCandidate, swingIsNew, swingKeep, SWING_VALUE } from "../stages/swing";

/**
 * Value of the last swing and how many candles ago it was; both 0 before the first one. A swing
 * needs `left` lower candles before it and `right` after it (higher ones for lows): where the age
 * is `right`, this candle confirmed it.
 */
export function swing(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  sign: f64,
): bool {
  const left = load<i32>(at, I_PERIOD);
  const right = load<i32>(at, I_PERIOD_2);
  const n = countWith(at);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const isNew = swingIsNew(s, value, n, left, right, sign);
  const price = isNew ? swingCandidate(s, left, right) : load<f64>(s, SWING_VALUE);
  const age = swingAge(s, right, isNew);
  if (keep) swingKeep(s, value, left, right, isNew);
  if (n < left + right + 1) return false;
  putValue(out, 0, price);
  putValue(out, 1, <f64>age);
  return true;
}
