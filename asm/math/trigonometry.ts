// Sine and cosine in plain f64 steps: the same bits on every machine, as exponential.ts.
//
// Series on a reduced argument, good to about two units in the last place for arguments up to 1e6,
// which is far beyond the angles indicators turn by.

/** Half of pi in three parts: multiples up to 2^20 of the first two are exact. */
const HALF_PI_HIGH: f64 = 1.5707963267341256;
const HALF_PI_MIDDLE: f64 = 6.077100506303966e-11;
const HALF_PI_LOW: f64 = 2.0222662487959506e-21;
const HALF_PI_INVERSE: f64 = 0.6366197723675814;

/** sin x for |x| <= pi / 4: the next term is below 2^-57 of the first. */
// @ts-ignore: decorator
@inline
function sineSeries(x: f64): f64 {
  const square = x * x;
  let sum: f64 = 1.0;
  for (let n: f64 = 16.0; n > 0.0; n -= 2.0) sum = 1.0 - (square / (n * (n + 1.0))) * sum;
  return x * sum;
}

/** cos x for |x| <= pi / 4. */
// @ts-ignore: decorator
@inline
function cosineSeries(x: f64): f64 {
  const square = x * x;
  let sum: f64 = 1.0;
  for (let n: f64 = 17.0; n > 0.0; n -= 2.0) sum = 1.0 - (square / (n * (n + 1.0))) * sum;
  return sum;
}

/** sin(x + quarters of a turn), |x| up to 1e6. */
function turned(x: f64, quarters: i32): f64 {
  const halves = nearest<f64>(x * HALF_PI_INVERSE);
  const rest = x - halves * HALF_PI_HIGH - halves * HALF_PI_MIDDLE - halves * HALF_PI_LOW;
  const quadrant = (<i32>halves + quarters) & 3;
  const value = (quadrant & 1) == 0 ? sineSeries(rest) : cosineSeries(rest);
  return quadrant > 1 ? -value : value;
}

/** sin x, x in radians, |x| up to 1e6. */
export function sine(x: f64): f64 {
  return turned(x, 0);
}

/** cos x, x in radians, |x| up to 1e6. */
export function cosine(x: f64): f64 {
  return turned(x, 1);
}
