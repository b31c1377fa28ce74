// Exponential and logarithm in plain f64 steps: the same bits on every machine, no table, no host.
//
// A library's versions differ in their last bits from one engine to the next; a schedule made from
// them would differ too. Both are series on a reduced argument, good to about one unit in the last
// place, which is far more than a schedule rounded to lots needs.

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LN2_INVERSE: f64 = 1.4426950408889634;
/** Beyond these e^x is 0 or infinite. */
const EXP_MIN: f64 = -708.0;
const EXP_MAX: f64 = 709.0;
/** The series of e^x - 1 is used as it is below this, half of ln 2 and a little. */
const SERIES_MAX: f64 = 0.35;

/** e^x - 1 for |x| <= SERIES_MAX: fourteen terms, the next is below 2^-57 of the first. */
// @ts-ignore: decorator
@inline
function expMinusOneSeries(x: f64): f64 {
  let sum: f64 = 1.0;
  for (let n: f64 = 14.0; n > 1.0; n -= 1.0) sum = 1.0 + (x / n) * sum;
  return x * sum;
}

/** e^x. */
export function exponential(x: f64): f64 {
  if (x < EXP_MIN) return 0.0;
  if (x > EXP_MAX) return Infinity;
  const twos = nearest<f64>(x * LN2_INVERSE);
  const rest = x - twos * LN2_HIGH - twos * LN2_LOW;
  const scale = reinterpret<f64>((<i64>twos + 1023) << 52);
  return scale * (1.0 + expMinusOneSeries(rest));
}

/** e^x - 1, without losing digits near 0. */
export function exponentialMinusOne(x: f64): f64 {
  return abs<f64>(x) <= SERIES_MAX ? expMinusOneSeries(x) : exponential(x) - 1.0;
}

/** ln(1 + x) for x >= 0, without losing digits near 0. */
export function logarithmPlusOne(x: f64): f64 {
  if (x <= SERIES_MAX) return twiceArtanh(x / (2.0 + x));
  return logarithm(1.0 + x);
}

/** ln x for x > 0, not below the smallest normal number; within two units in the last place. */
export function logarithm(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let twos = (bits >> 52) - 1023;
  let part = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (part > 1.4142135623730951) {
    part *= 0.5;
    twos++;
  }
  const rest = twiceArtanh((part - 1.0) / (part + 1.0));
  return <f64>twos * LN2_HIGH + (rest + <f64>twos * LN2_LOW);
}

/** 2 artanh(z) = ln((1 + z) / (1 - z)) for |z| < 0.172. */
// @ts-ignore: decorator
@inline
function twiceArtanh(z: f64): f64 {
  const square = z * z;
  let sum: f64 = 0.0;
  for (let n: f64 = 23.0; n > 0.0; n -= 2.0) sum = 1.0 / n + square * sum;
  return 2.0 * z * sum;
}
