// What the market of an instrument trades: its usual curve over a day, and the sums of now.
//
// The curve is configuration: weights of equal bins of the UTC day, the same every day; within a
// bin volume is even. The sums grow only while a parent works in the instrument, so a market
// without parents pays one test a trade; a parent takes the difference to what it found.
//
// tidy: tested by test/asm/orders/parent.test.ts
import { DAY_NANOS } from "../clock";
import {
  CURVE_ROWS,
  CURVE_ROW_BYTES,
  CURVE_ROW_WEIGHTS,
  VOLUME_ROWS,
  VOLUME_ROW_BYTES,
} from "../layout";
import { tradedAt } from "../positions/traded";
import {
  CURVE_BINS,
  CURVE_BINS_MAX,
  CURVE_WEIGHT_MAX,
  CURVE_WEIGHTS,
  REC_INSTRUMENT,
  Refusal,
} from "../vocab";
import { costAdd } from "./parent-cost";

export const VOL_LOTS: i32 = 0; // i64
export const VOL_PARENTS: i32 = 8; // u32, open parents
export const VOL_TURNOVER: i32 = 16; // 16 bytes, sum as parent-cost.ts adds it

const DAY_MINUTES: i32 = 1440;
const DAY_MILLIS: i64 = 86400000;
const MILLI_NANOS: i64 = 1000000;

/** Address of an instrument's sums; the order role must know the instrument. */
// @ts-ignore: decorator
@inline
export function volumeAt(instrument: u32): usize {
  return <usize>VOLUME_ROWS + <usize>instrument * VOLUME_ROW_BYTES;
}

/** Counts a public trade where a parent works. */
export function volumeAdd(instrument: u32, priceTicks: i64, qtyLots: i64): void {
  const row = volumeAt(instrument);
  if (load<u32>(row, VOL_PARENTS) == 0) return;
  store<i64>(row, load<i64>(row, VOL_LOTS) + qtyLots, VOL_LOTS);
  costAdd(row + VOL_TURNOVER, instrument, priceTicks, qtyLots, 1);
}

/** Counts a parent in (1) or out (-1). */
export function volumeWatch(instrument: u32, by: i32): void {
  const row = volumeAt(instrument);
  store<u32>(row, load<u32>(row, VOL_PARENTS) + by, VOL_PARENTS);
}

// @ts-ignore: decorator
@inline
function curveAt(instrument: u32): usize {
  return <usize>CURVE_ROWS + <usize>instrument * CURVE_ROW_BYTES;
}

/** Takes a VolumeCurve record; it replaces the one before, also for parents at work. */
export function curveApply(rec: usize): Refusal {
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  if (tradedAt(instrument) == 0) return Refusal.UnknownInstrument;
  const bins = <i32>load<u8>(rec, CURVE_BINS);
  if (bins > CURVE_BINS_MAX) return Refusal.ParameterInvalid;
  if (bins != 0 && DAY_MINUTES % bins != 0) return Refusal.ParameterInvalid;
  for (let bin = 0; bin < CURVE_BINS_MAX; bin++) {
    const weight = load<u32>(rec + (bin << 2), CURVE_WEIGHTS);
    const most: u32 = bin < bins ? CURVE_WEIGHT_MAX : 0;
    if (weight > most) return Refusal.ParameterInvalid;
  }
  const row = curveAt(instrument);
  store<u32>(row, bins);
  memory.copy(row + CURVE_ROW_WEIGHTS, rec + CURVE_WEIGHTS, CURVE_BINS_MAX << 2);
  return Refusal.None;
}

/**
 * Usual volume between two times in the curve's own unit (weight x milliseconds), 0 without a
 * curve. Both times are cut to whole milliseconds; two weeks stay below 2^51.
 */
export function curveBetween(instrument: u32, fromNanos: i64, toNanos: i64): i64 {
  if (load<u32>(curveAt(instrument)) == 0) return 0;
  const day = fromNanos / DAY_NANOS;
  return curveUntil(instrument, toNanos, day) - curveUntil(instrument, fromNanos, day);
}

/** Usual volume from 00:00 of `day` on. */
function curveUntil(instrument: u32, nanos: i64, day: i64): i64 {
  const row = curveAt(instrument);
  const bins = load<u32>(row);
  const binMillis = DAY_MILLIS / bins;
  const millis = (nanos % DAY_NANOS) / MILLI_NANOS;
  const whole = millis / binMillis;
  let before: i64 = 0;
  let all: i64 = 0;
  for (let bin: u32 = 0; bin < bins; bin++) {
    const weight = <i64>load<u32>(row + (<usize>bin << 2), CURVE_ROW_WEIGHTS);
    all += weight;
    if (bin < <u32>whole) before += weight;
  }
  const weight = <i64>load<u32>(row + (<usize>whole << 2), CURVE_ROW_WEIGHTS);
  const days = nanos / DAY_NANOS - day;
  return (days * all + before) * binMillis + weight * (millis - whole * binMillis);
}
