// Volume by price over the last candles: where most was traded, and the prices around it.
//
// A candle's lots go into the bucket of its typical price. The window's range moves with every
// candle, so the buckets are filled anew: O(period + buckets), forced by the definition.
// tidy: tested by test/asm/indicators/families.test.ts
import { C_CLOSE, C_HIGH, C_LOW, C_VOLUME } from "../../candles/candle";
import { countWith, I_FACTOR, I_PERIOD, I_PERIOD_2, putValue } from "../slot";
import { EXTREME_BASE_BYTES, extremeStage } from "../stages/extreme";
import { highOf, lowOf } from "../stages/input";

const HEAD: i32 = 0; // u32, place of the oldest row
const ROWS: i32 = 8; // i64 sum of high, low and close, i64 lots; x period
/** Bytes of state beside 48 for each candle and 8 for each bucket. */
export const PROFILE_BASE_BYTES: i32 = ROWS + 2 * EXTREME_BASE_BYTES;

/** Bucket of a sum of three prices; the arithmetic is of whole numbers, so no edge is rounded. */
// @ts-ignore: decorator
@inline
function bucketOf(price3: i64, low: i64, high: i64, buckets: i32): i32 {
  if (high == low) return 0;
  // Prices below 2^52: 3 x 2^52 x 1024 is below 2^64.
  const place = (<u64>(price3 - 3 * low) * <u64>buckets) / <u64>(3 * (high - low));
  return min(<i32>place, buckets - 1);
}

// @ts-ignore: decorator
@inline
function addTo(buckets: usize, place: i32, lots: i64): void {
  const at = buckets + (<usize>place << 3);
  store<i64>(at, load<i64>(at) + lots);
}

// @ts-ignore: decorator
@inline
function lotsAt(buckets: usize, place: i32): f64 {
  return <f64>load<i64>(buckets + (<usize>place << 3));
}

/**
 * Point of control (middle of the bucket with most lots, the lowest of equal ones), upper and lower
 * edge of the value area, lots of the point of control. The area grows from the point of control to
 * the neighbor with more lots, upward when equal, until it has the share (factor 1) of all lots. No
 * value while the window has no lots.
 */
export function volumeProfile(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const count = load<i32>(at, I_PERIOD_2);
  const highs = s + ROWS + (<usize>period << 4);
  const lows = highs + EXTREME_BASE_BYTES + (<usize>period << 4);
  const buckets = lows + EXTREME_BASE_BYTES + (<usize>period << 4);
  const high = extremeStage(highs, highOf(candle), period, 1, keep);
  const low = extremeStage(lows, lowOf(candle), period, -1, keep);
  const price3 = load<i64>(candle, C_HIGH) + load<i64>(candle, C_LOW) + load<i64>(candle, C_CLOSE);
  const lots = load<i64>(candle, C_VOLUME);
  let isWarm = false;
  if (countWith(at) >= period) {
    addTo(buckets, bucketOf(price3, <i64>low, <i64>high, count), lots);
    const total = lots + fill(s, buckets, period, count, <i64>low, <i64>high);
    isWarm = total > 0;
    if (isWarm) putArea(out, buckets, count, low, high, load<f64>(at, I_FACTOR) * <f64>total);
    // Buckets are no state: they are zeros between calls.
    memory.fill(buckets, 0, <usize>count << 3);
  }
  // A window that lost its last lots has no value any more, and leaves none behind.
  if (!isWarm) memory.fill(out, 0, 32);
  if (keep) keepRow(s, price3, lots, period);
  return isWarm;
}

/** Puts the kept candles but the oldest into the buckets; their lots. */
function fill(s: usize, buckets: usize, period: i32, count: i32, low: i64, high: i64): i64 {
  const head = load<i32>(s, HEAD);
  let total: i64 = 0;
  for (let place = 0; place < period; place++) {
    if (place == head) continue;
    const row = s + ROWS + (<usize>place << 4);
    const lots = load<i64>(row, 8);
    addTo(buckets, bucketOf(load<i64>(row), low, high, count), lots);
    total += lots;
  }
  return total;
}

function putArea(out: usize, buckets: usize, count: i32, low: f64, high: f64, wanted: f64): void {
  let point = 0;
  for (let place = 1; place < count; place++) {
    if (lotsAt(buckets, place) > lotsAt(buckets, point)) point = place;
  }
  let bottom = point;
  let top = point;
  let sum = lotsAt(buckets, point);
  while (sum < wanted && (bottom > 0 || top < count - 1)) {
    const above = top < count - 1 ? lotsAt(buckets, top + 1) : -1;
    const below = bottom > 0 ? lotsAt(buckets, bottom - 1) : -1;
    sum += max<f64>(above, below);
    if (above >= below) top++;
    else bottom--;
  }
  const width = (high - low) / <f64>count;
  putValue(out, 0, low + (<f64>point + 0.5) * width);
  putValue(out, 1, low + <f64>(top + 1) * width);
  putValue(out, 2, low + <f64>bottom * width);
  putValue(out, 3, lotsAt(buckets, point));
}

function keepRow(s: usize, price3: i64, lots: i64, period: i32): void {
  const head = load<u32>(s, HEAD);
  const row = s + ROWS + (<usize>head << 4);
  store<i64>(row, price3);
  store<i64>(row, lots, 8);
  store<u32>(s, head + 1 == <u32>period ? 0 : head + 1, HEAD);
}
