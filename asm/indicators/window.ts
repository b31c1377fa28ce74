// The last `period` closes and their sum, for indicators over a window.
//
// Closes are whole ticks, so the sum is an i64 and exact: adding the new close and taking the
// oldest one out never drifts, after any number of candles. Prices are limited so that 1024 of them
// cannot overflow (PRICE_TICKS_MAX).
// tidy: tested by test/asm/indicators/sma.test.ts
import { I_COUNT, I_PERIOD, I_STATE } from "./slot";

const W_SUM: i32 = I_STATE; // i64, of the closes in the window
const W_HEAD: i32 = I_STATE + 8; // u32, place of the oldest close once the window is full
const W_CLOSES: i32 = I_STATE + 16; // i64 x period

/** Candles an indicator may look back. */
export const PERIOD_MAX: i32 = 1024;

/** Bytes of a slot with a window of `period` closes. */
export function windowBytes(period: i32): i32 {
  return W_CLOSES + period * 8;
}

// @ts-ignore: decorator
@inline
function placeAt(at: usize, place: u32): usize {
  return at + (<usize>place << 3) + W_CLOSES;
}

/** The close that leaves when another one comes, 0 while the window fills. */
export function windowOldest(at: usize): i64 {
  if (load<i32>(at, I_COUNT) < load<i32>(at, I_PERIOD)) return 0;
  return load<i64>(placeAt(at, load<u32>(at, W_HEAD)));
}

/** Sum in ticks of the last `period` closes, `closeTicks` being the newest. */
// @ts-ignore: decorator
@inline
export function windowSumWith(at: usize, closeTicks: i64): i64 {
  return load<i64>(at, W_SUM) - windowOldest(at) + closeTicks;
}

/** Sum of squared distances from `mean` of the last `period` closes, `closeTicks` the newest. */
export function windowSquaresWith(at: usize, closeTicks: i64, mean: f64): f64 {
  const newest = <f64>closeTicks - mean;
  let sum = newest * newest;
  const period = load<u32>(at, I_PERIOD);
  const head = load<u32>(at, W_HEAD);
  // The place that the new close will take holds the oldest one, or nothing yet.
  sum = squares(placeAt(at, head + 1), placeAt(at, period), mean, sum);
  return squares(placeAt(at, 0), placeAt(at, head), mean, sum);
}

function squares(from: usize, to: usize, mean: f64, start: f64): f64 {
  let sum = start;
  for (let place = from; place < to; place += 8) {
    const distance = <f64>load<i64>(place) - mean;
    sum += distance * distance;
  }
  return sum;
}

/** Takes a close into the window. */
export function windowPush(at: usize, closeTicks: i64): void {
  store<i64>(at, windowSumWith(at, closeTicks), W_SUM);
  const head = load<u32>(at, W_HEAD);
  store<i64>(placeAt(at, head), closeTicks);
  store<u32>(at, head + 1 == load<u32>(at, I_PERIOD) ? 0 : head + 1, W_HEAD);
}
