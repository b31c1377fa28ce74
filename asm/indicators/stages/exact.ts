// Sums of f64 that do not drift: a sum is two numbers, the rounded one and what rounding took away.
//
// A window's running sum gains and loses a term a candle. In plain f64 each step leaves its
// rounding behind; here its error is about 2^-100 of the sum, so after 10^8 candles the sum
// still is that of its window. Knuth's two-sum, Dekker's two-product; wasm has no fused
// multiply-add and no excess precision, so they are exact.
// tidy: tested by test/asm/indicators/families.test.ts

/** What rounding took from s = a + b. */
// @ts-ignore: decorator
@inline
export function sumError(a: f64, b: f64, s: f64): f64 {
  const part = s - a;
  return a - (s - part) + (b - part);
}

/** Upper half of the 53 bits of a; |a| below 2^996. */
// @ts-ignore: decorator
@inline
function upper(a: f64): f64 {
  const shifted = a * 134217729.0;
  return shifted - (shifted - a);
}

/** What rounding took from p = a * b. */
// @ts-ignore: decorator
@inline
export function productError(a: f64, b: f64, p: f64): f64 {
  const a1 = upper(a);
  const a2 = a - a1;
  const b1 = upper(b);
  const b2 = b - b1;
  return a2 * b2 - (p - a1 * b1 - a2 * b1 - a1 * b2);
}

/** left * a - right * b, where a and b are sums of two numbers each, rounded once. */
export function weighedDifference(
  left: f64,
  a: f64,
  aLow: f64,
  right: f64,
  b: f64,
  bLow: f64,
): f64 {
  const one = left * a;
  const other = right * b;
  const difference = one - other;
  const error =
    sumError(one, -other, difference) +
    (productError(left, a, one) - productError(right, b, other)) +
    (left * aLow - right * bLow);
  return difference + error;
}

/** Adds `coming` to the sum of two numbers at `s` and takes `leaving` away; the new sum. */
export function exactStage(s: usize, coming: f64, leaving: f64, keep: bool): f64 {
  const high = load<f64>(s);
  const without = high - leaving;
  const total = without + coming;
  const error = sumError(high, -leaving, without) + sumError(without, coming, total);
  const rest = load<f64>(s, 8) + error;
  const sum = total + rest;
  if (keep) {
    store<f64>(s, sum);
    store<f64>(s, rest - (sum - total), 8);
  }
  return sum;
}
/** Bytes of such a sum. */
export const EXACT_BYTES: i32 = 16;
