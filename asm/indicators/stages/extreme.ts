// Greatest or smallest of the last `period` inputs, and how long ago it was: O(1) a candle.
//
// Kept are the inputs that may still become the extreme, best first (a monotonic queue). Of equal
// ones the latest stays: Aroon counts it, and a maximum does not care.
// tidy: tested by test/asm/indicators/families.test.ts

const FIRST: i32 = 0; // u32, place of the best in the ring
const LENGTH: i32 = 4; // u32
const COUNT: i32 = 8; // u32, inputs kept so far, wraps
const VALUES: i32 = 16; // f64 value, u32 number, u32 unused; x period
const STEP: usize = 16;

/** Bytes of a stage beside 16 for each input. */
export const EXTREME_BASE_BYTES: i32 = 16;

// @ts-ignore: decorator
@inline
function entry(s: usize, i: u32, period: u32): usize {
  let place = load<u32>(s, FIRST) + i;
  if (place >= period) place -= period;
  return s + <usize>place * STEP + VALUES;
}

/** Drops what this input makes too old: at most one. */
// @ts-ignore: decorator
@inline
function isStale(s: usize, period: u32): bool {
  if (load<u32>(s, LENGTH) == 0) return false;
  return load<u32>(s, COUNT) - load<u32>(entry(s, 0, period), 8) >= period;
}

/** Where the best of the inputs before this one lies that is still in the window, 0 = none. */
// @ts-ignore: decorator
@inline
function bestAt(s: usize, period: u32): usize {
  const skip = <u32>isStale(s, period);
  return load<u32>(s, LENGTH) > skip ? entry(s, skip, period) : 0;
}

function put(s: usize, value: f64, period: u32, sign: f64): void {
  if (isStale(s, period)) {
    const next = load<u32>(s, FIRST) + 1;
    store<u32>(s, next == period ? 0 : next, FIRST);
    store<u32>(s, load<u32>(s, LENGTH) - 1, LENGTH);
  }
  let length = load<u32>(s, LENGTH);
  while (length > 0 && load<f64>(entry(s, length - 1, period)) * sign <= value * sign) length--;
  const at = entry(s, length, period);
  store<f64>(at, value);
  store<u32>(at, load<u32>(s, COUNT), 8);
  store<u32>(s, length + 1, LENGTH);
  store<u32>(s, load<u32>(s, COUNT) + 1, COUNT);
}

/** The greatest (`sign` 1) or smallest (-1) of the last `period` inputs. */
// @ts-ignore: decorator
@inline
export function extremeStage(s: usize, value: f64, period: i32, sign: f64, keep: bool): f64 {
  const best = bestAt(s, <u32>period);
  const other = best == 0 ? value : load<f64>(best);
  const result = other * sign > value * sign ? other : value;
  if (keep) put(s, value, <u32>period, sign);
  return result;
}

/** As `extremeStage`: how many inputs ago the latest extreme was, 0 = this one. */
// @ts-ignore: decorator
@inline
export function extremeAgeStage(s: usize, value: f64, period: i32, sign: f64, keep: bool): i32 {
  const best = bestAt(s, <u32>period);
  let age = 0;
  if (best != 0 && load<f64>(best) * sign > value * sign) {
    age = <i32>(load<u32>(s, COUNT) - load<u32>(best, 8));
  }
  if (keep) put(s, value, <u32>period, sign);
  return age;
}
