// Arctangent in plain f64 steps: the same bits on every machine, no table, no host.
// tidy: tested by test/asm/indicators/families.test.ts

/** Arguments above this are moved by a quarter turn or an eighth before the series: tan(pi / 8). */
const SERIES_MAX: f64 = 0.41421356237309503;
const HALF_PI: f64 = 1.5707963267948966;
const QUARTER_PI: f64 = 0.7853981633974483;
/** SERIES_MAX^2 to the 21st is below 2^-53. */
const LAST_TERM: f64 = 43.0;

/** Angle in radians, -pi/2 to pi/2, whose tangent is x; within two units of the last place. */
export function arctangent(x: f64): f64 {
  const size = abs<f64>(x);
  let angle: f64;
  if (size <= SERIES_MAX) angle = series(size);
  else if (size > 1.0 / SERIES_MAX) angle = HALF_PI - series(1.0 / size);
  else angle = QUARTER_PI + series((size - 1.0) / (size + 1.0));
  return x < 0 ? -angle : angle;
}

/** x - x^3 / 3 + x^5 / 5 - ... for |x| <= SERIES_MAX. */
function series(x: f64): f64 {
  const square = x * x;
  let sum: f64 = 0.0;
  for (let n: f64 = LAST_TERM; n > 0.0; n -= 2.0) sum = 1.0 / n - square * sum;
  return x * sum;
}
