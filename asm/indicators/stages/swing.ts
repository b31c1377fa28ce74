// Swings: an input above (or below) all of so many before it and so many after it.
//
// A swing is known when the last of the inputs after it has come, and stands from then on. Equal
// inputs are no swing: neither is above the other.
// tidy: tested by test/asm/indicators/families.test.ts
import { RING_BASE_BYTES, ringAt, ringPush } from "./window";

export const SWING_VALUE: i32 = 0; // f64, of the last swing
export const SWING_AGE: i32 = 8; // i32, inputs since it, 0 = there was none
const SWING_RING: i32 = 16; // the last left + right + 1 inputs
/** Bytes of a stage beside 8 for each input on either side. */
export const SWING_BASE_BYTES: i32 = SWING_RING + RING_BASE_BYTES + 8;

/** The input that number `n` makes a swing, or not; asked before it is kept. */
// @ts-ignore: decorator
@inline
export function swingCandidate(s: usize, left: i32, right: i32): f64 {
  return ringAt(s + SWING_RING, right, left + right + 1);
}

/**
 * True when input number `n` confirms a swing `right` inputs ago; `sign` 1 for highs, -1 for lows.
 * Looks at no more than left + right inputs, and at few: it ends at the first that is not lower.
 */
export function swingIsNew(
  s: usize,
  value: f64,
  n: i32,
  left: i32,
  right: i32,
  sign: f64,
): bool {
  const window = left + right + 1;
  if (n < window) return false;
  const candidate = swingCandidate(s, left, right) * sign;
  if (value * sign >= candidate) return false;
  for (let age = 1; age < window; age++) {
    if (age != right && ringAt(s + SWING_RING, age, window) * sign >= candidate) return false;
  }
  return true;
}

/** Inputs since the last swing, 0 when there was none. */
// @ts-ignore: decorator
@inline
export function swingAge(s: usize, right: i32, isNew: bool): i32 {
  if (isNew) return right;
  const age = load<i32>(s, SWING_AGE);
  return age == 0 || age == i32.MAX_VALUE ? age : age + 1;
}

/** Takes an input, and the swing it confirms when `isNew`. */
export function swingKeep(s: usize, value: f64, left: i32, right: i32, isNew: bool): void {
  const age = swingAge(s, right, isNew);
  if (isNew) store<f64>(s, swingCandidate(s, left, right), SWING_VALUE);
  store<i32>(s, age, SWING_AGE);
  ringPush(s + SWING_RING, value, left + right + 1);
}
