// Returns of an input over the one before it.
// tidy: tested by test/asm/indicators/families.test.ts
import { logarithmPlusOne } from "../../math/exponential";

/** value / before - 1, and 0 where there is nothing to divide by. */
// @ts-ignore: decorator
@inline
export function returnOf(value: f64, before: f64): f64 {
  return before == 0 ? 0 : value / before - 1;
}

/** ln(value / before), and 0 unless both are above 0. */
export function logReturnOf(value: f64, before: f64): f64 {
  if (!(value > 0 && before > 0)) return 0;
  if (value >= before) return logarithmPlusOne((value - before) / before);
  return -logarithmPlusOne((before - value) / value);
}
