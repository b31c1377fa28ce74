// How a family writes down what a kernel asks for: words joined by |, kept in one number.
//
// So the table of kernels is constants in code and has no place in memory. `shape.ts` reads it.
// tidy: tested by test/asm/indicators/shape.test.ts

/** One input that may be chosen (close unless it is); kernels without read what they define. */
export const ONE: u64 = 1 << 4;
/** Two inputs. */
export const TWO: u64 = 2 << 4;
/** Value 1 is a price that a trade can cross. */
export const PRICE: u64 = 1 << 6;

/** Sums begin at an anchor that may be chosen. */
export const ANCHOR: u64 = 1 << 51;

/** Values, 1 to LINES_MAX. */
// @ts-ignore: decorator
@inline
export function lines(count: u64): u64 {
  return count;
}
/** Periods in use, 0 to 4. */
// @ts-ignore: decorator
@inline
export function periods(count: u64): u64 {
  return count << 7;
}
/** The least value of period 1 is 1 + this, 0 to 3. */
// @ts-ignore: decorator
@inline
export function above(least: u64): u64 {
  return least << 10;
}
/** Factors in use, 0 to 3; each above 0. */
// @ts-ignore: decorator
@inline
export function factors(count: u64): u64 {
  return count << 12;
}
/** Greatest flags word, 0 to 255. */
// @ts-ignore: decorator
@inline
export function flags(greatest: u64): u64 {
  return greatest << 14;
}
/** Bytes of state whatever the periods, up to 4088, in steps of 8. */
// @ts-ignore: decorator
@inline
export function state(bytes: u64): u64 {
  return (bytes >> 3) << 22;
}
/** Words of 8 bytes for each step of period 1, up to 31; likewise of the others. */
// @ts-ignore: decorator
@inline
export function each1(words: u64): u64 {
  return words << 31;
}
// @ts-ignore: decorator
@inline
export function each2(words: u64): u64 {
  return words << 36;
}
// @ts-ignore: decorator
@inline
export function each3(words: u64): u64 {
  return words << 41;
}
// @ts-ignore: decorator
@inline
export function each4(words: u64): u64 {
  return words << 46;
}
