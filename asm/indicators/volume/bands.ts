// VWAP of a session with bands around it: typical price by volume, and its deviation.
//
// A session is a day that begins at the anchor's time of day, or everything since the anchor. The
// deviation is that of the population, weighted with volume, gathered around the running mean
// (West), so it keeps its digits at prices of twelve of them. Sums of price x volume are two
// numbers each, as the plain VWAP's are 128 bits: a session of any length does not drift.
// tidy: tested by test/asm/indicators/families.test.ts
import { C_END } from "../../candles/candle";
import { DAY_NANOS } from "../../clock";
import {
  countWith,
  I_ANCHOR,
  I_FACTOR,
  I_FACTOR_2,
  I_FACTOR_3,
  I_FLAGS,
  putValue,
} from "../slot";
import { productError, sumError } from "../stages/exact";
import { typicalOf, volumeOf } from "../stages/input";

const B_SESSION: i32 = 0; // i64, number of the session of the last candle
const B_LOTS: i32 = 8; // f64
const B_SUM: i32 = 16; // f64 x 2, sum of price x lots
const B_SQUARES: i32 = 32; // f64, sum of lots x (price - mean)^2
/** Bytes of the stage. */
export const BANDS_BYTES: i32 = 40;
const LINES: usize = 7;
/** Bit of I_FLAGS: one session from the anchor on. */
const IS_ENDLESS: u32 = 1;
const SECOND_NANOS: i64 = 1000000000;

/** The session of a candle: that of its last nanosecond; -1 before an endless one begins. */
function sessionOf(at: usize, candle: usize): i64 {
  const anchor = <i64>load<u32>(at, I_ANCHOR) * SECOND_NANOS;
  const last = load<i64>(candle, C_END) - 1;
  if ((load<u32>(at, I_FLAGS) & IS_ENDLESS) != 0) return last < anchor ? -1 : 0;
  return (last + DAY_NANOS - (anchor % DAY_NANOS)) / DAY_NANOS;
}

/** Lines: VWAP, upper and lower band of factors 1 to 3. None while the session has no volume. */
export function vwapBands(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const session = sessionOf(at, candle);
  const goesOn = countWith(at) > 1 && session == load<i64>(s, B_SESSION);
  const lotsBefore = goesOn ? load<f64>(s, B_LOTS) : 0;
  const sumBefore = goesOn ? load<f64>(s, B_SUM) : 0;
  const restBefore = goesOn ? load<f64>(s, B_SUM + 8) : 0;
  const price = typicalOf(candle);
  // What came before an anchor is not counted.
  const volume = session < 0 ? 0 : volumeOf(candle);
  const product = price * volume;
  const rough = sumBefore + product;
  const error = sumError(sumBefore, product, rough) + productError(price, volume, product);
  const rest = restBefore + error;
  const sum = rough + rest;
  const lots = lotsBefore + volume;
  const mean = lots == 0 ? 0 : sum / lots;
  let squares = goesOn ? load<f64>(s, B_SQUARES) : 0;
  if (lotsBefore > 0) squares += volume * (price - sumBefore / lotsBefore) * (price - mean);
  if (keep) {
    store<i64>(s, session, B_SESSION);
    store<f64>(s, lots, B_LOTS);
    store<f64>(s, sum, B_SUM);
    store<f64>(s, rest - (sum - rough), B_SUM + 8);
    store<f64>(s, squares, B_SQUARES);
  }
  if (lots == 0) {
    // What is not known is 0, also where the session before had values.
    memory.fill(out, 0, LINES << 3);
    return false;
  }
  putBands(at, out, mean, sqrt<f64>(max(squares, 0) / lots));
  return true;
}

function putBands(at: usize, out: usize, mean: f64, deviation: f64): void {
  putValue(out, 0, mean);
  putBand(out, 1, mean, load<f64>(at, I_FACTOR) * deviation);
  putBand(out, 2, mean, load<f64>(at, I_FACTOR_2) * deviation);
  putBand(out, 3, mean, load<f64>(at, I_FACTOR_3) * deviation);
}

/** Lines 1 to 3 are the upper bands, 4 to 6 the lower ones. */
// @ts-ignore: decorator
@inline
function putBand(out: usize, line: usize, mean: f64, width: f64): void {
  putValue(out, line, mean + width);
  putValue(out, line + 3, mean - width);
}
