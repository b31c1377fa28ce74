// 128-bit integers: exact products of prices and quantities.
//
// A day of one liquid instrument overflows 64 bits in tick x lot units, so sums of products are
// kept as signed 128-bit numbers at an address: low u64 at +0, high i64 at +8.

/** High 64 bits of the unsigned 128-bit product a x b. */
// @ts-ignore: decorator
@inline
export function highUnsigned(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const cross = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (cross >> 32);
}

/** High 64 bits of the signed 128-bit product a x b. */
// @ts-ignore: decorator
@inline
export function productHigh(a: i64, b: i64): i64 {
  return <i64>highUnsigned(<u64>a, <u64>b) - ((a >> 63) & b) - ((b >> 63) & a);
}

/** True when a x b fits a signed 64-bit integer. */
// @ts-ignore: decorator
@inline
export function productFits(a: i64, b: i64): bool {
  return productHigh(a, b) == (a * b) >> 63;
}

/** Adds the signed 128-bit number (low, high) to the one at `at`. Wraps at 2^127, far off. */
// @ts-ignore: decorator
@inline
export function add128(at: usize, low: u64, high: i64): void {
  const before = load<u64>(at);
  const after = before + low;
  store<u64>(at, after);
  store<i64>(at, load<i64>(at, 8) + high + <i64>(after < before), 8);
}

/** Subtracts the signed 128-bit number (low, high) from the one at `at`. */
// @ts-ignore: decorator
@inline
export function sub128(at: usize, low: u64, high: i64): void {
  const before = load<u64>(at);
  store<u64>(at, before - low);
  store<i64>(at, load<i64>(at, 8) - high - <i64>(before < low), 8);
}

/** Negates the signed 128-bit number at `at`. */
// @ts-ignore: decorator
@inline
export function negate128(at: usize): void {
  const low = load<u64>(at);
  store<i64>(at, ~load<i64>(at, 8) + <i64>(low == 0), 8);
  store<u64>(at, 0 - low);
}

/** Adds a x b, exact, to the signed 128-bit number at `at`. */
// @ts-ignore: decorator
@inline
export function addProduct128(at: usize, a: i64, b: i64): void {
  add128(at, <u64>(a * b), productHigh(a, b));
}

/** The 128-bit number at `at` as f64, rounded; for statistics only. */
export function toFloat128(at: usize): f64 {
  const high = load<i64>(at, 8);
  const low = load<u64>(at);
  if (high == <i64>low >> 63) return <f64>(<i64>low);
  return <f64>high * 18446744073709551616.0 + <f64>low;
}

/** Quotient of the unsigned 128-bit (high, low) by den; asserts that it fits 64 bits. */
export function divideUnsigned128(high: u64, low: u64, den: u64): u64 {
  assert(den > 0, "division by zero");
  if (high == 0) return low / den;
  assert(high < den, "128-bit quotient fits 64 bits");
  // Knuth's algorithm D with 32-bit digits, on a normalized divisor.
  const shift = clz(den);
  const divisor = den << shift;
  const divisorHigh = divisor >> 32;
  const divisorLow = divisor & 0xffffffff;
  const carry = shift == 0 ? 0 : low >> (64 - shift);
  const top = (high << shift) | carry;
  const rest = low << shift;
  const first = digit(top, divisorHigh, divisorLow, rest >> 32);
  const remainder = (top << 32) + (rest >> 32) - first * divisor;
  const second = digit(remainder, divisorHigh, divisorLow, rest & 0xffffffff);
  return (first << 32) + second;
}

/** One 32-bit quotient digit of (top, next) by the two-digit divisor. */
function digit(top: u64, divisorHigh: u64, divisorLow: u64, next: u64): u64 {
  let quotient = top / divisorHigh;
  let remainder = top - quotient * divisorHigh;
  while (quotient > 0xffffffff || quotient * divisorLow > ((remainder << 32) | next)) {
    quotient--;
    remainder += divisorHigh;
    if (remainder > 0xffffffff) break;
  }
  return quotient;
}

/**
 * floor(a x num / den), exact through 128 bits; den > 0, num >= 0. Asserts that the result fits;
 * ask `mulDivFits` first where the input comes from outside.
 */
export function mulDiv64(a: i64, num: i64, den: i64): i64 {
  assert(den > 0 && num >= 0, "a scale is not negative");
  if (productFits(a, num)) {
    const product = a * num;
    const quotient = product / den;
    return product < 0 && quotient * den != product ? quotient - 1 : quotient;
  }
  const magnitude: u64 = a < 0 ? <u64>0 - <u64>a : <u64>a;
  const high = highUnsigned(magnitude, <u64>num);
  const low = magnitude * <u64>num;
  const quotient = divideUnsigned128(high, low, <u64>den);
  assert(quotient <= <u64>i64.MAX_VALUE, "scaled amount fits 64 bits");
  if (a >= 0) return <i64>quotient;
  return quotient * <u64>den == low ? -(<i64>quotient) : -(<i64>quotient) - 1;
}

/**
 * True when `mulDiv64` takes these operands: its result lies in +-(2^63 - 1). den > 0, num >= 0.
 */
export function mulDivFits(a: i64, num: i64, den: i64): bool {
  if (productFits(a, num)) return true;
  const magnitude: u64 = a < 0 ? <u64>0 - <u64>a : <u64>a;
  const high = highUnsigned(magnitude, <u64>num);
  if (high >= <u64>den) return false;
  return divideUnsigned128(high, magnitude * <u64>num, <u64>den) <= <u64>i64.MAX_VALUE;
}

/** Greatest common divisor of two positive numbers. */
export function gcd64(a: i64, b: i64): i64 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
