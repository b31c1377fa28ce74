// Volume-weighted average price of a session: typical price (high + low + close) / 3 by volume.
//
// Both sums are whole numbers (128-bit and i64), so a session of any length has no drift. A session
// is a UTC day, taken from the candle's start; VWAP_CUMULATIVE makes it never end. With no volume
// yet there is no average: the slot is not warm.
import { DAY_NANOS } from "../clock";
import { C_CLOSE, C_END, C_HIGH, C_LOW, C_VOLUME } from "../candles/candle";
import { addProduct128, toFloat128 } from "../math/wide";
import { closeSlot, I_COUNT, I_FLAGS, I_STATE, I_VALUES, putValue, VALUES_BYTES } from "./slot";

const V_SUM: i32 = I_STATE; // i128, sum of (high + low + close) x lots
const V_LOTS: i32 = I_STATE + 16; // i64
const V_DAY: i32 = I_STATE + 24; // i64, days since the epoch
/** Bytes of a slot. */
export const VWAP_BYTES: i32 = I_STATE + 32;
/** Bit of I_FLAGS: one session for ever. */
export const VWAP_CUMULATIVE: u32 = 1;

/** The UTC day of a candle: that of its last nanosecond, which its start shares up to a day. */
// @ts-ignore: decorator
@inline
function dayOf(candle: usize): i64 {
  return (load<i64>(candle, C_END) - 1) / DAY_NANOS;
}

/** True when the candle goes on with the session of the one before. */
// @ts-ignore: decorator
@inline
function isSameSession(at: usize, candle: usize): bool {
  if ((load<u32>(at, I_FLAGS) & VWAP_CUMULATIVE) != 0) return true;
  return load<u32>(at, I_COUNT) == 0 || dayOf(candle) == load<i64>(at, V_DAY);
}

function addTo(sumAt: usize, candle: usize): void {
  const price3 = load<i64>(candle, C_HIGH) + load<i64>(candle, C_LOW) + load<i64>(candle, C_CLOSE);
  addProduct128(sumAt, price3, load<i64>(candle, C_VOLUME));
}

/** Value 1: the average in ticks. False while the session has no volume. */
export function vwapPeek(at: usize, candle: usize, out: usize): bool {
  const goesOn = isSameSession(at, candle);
  const lots = load<i64>(candle, C_VOLUME) + (goesOn ? load<i64>(at, V_LOTS) : 0);
  if (lots == 0) return false;
  // The 128-bit sum is made where values 2 and 3 of other kinds go, and taken away again.
  const work = out + 8;
  store<u64>(work, goesOn ? load<u64>(at, V_SUM) : 0);
  store<i64>(work, goesOn ? load<i64>(at, V_SUM + 8) : 0, 8);
  addTo(work, candle);
  putValue(out, 0, toFloat128(work) / (3 * <f64>lots));
  memory.fill(work, 0, 16);
  return true;
}

/** Closes a candle. */
export function vwapPush(at: usize, candle: usize): void {
  const isWarm = vwapPeek(at, candle, at + I_VALUES);
  if (!isWarm) memory.fill(at + I_VALUES, 0, VALUES_BYTES);
  if (!isSameSession(at, candle)) {
    memory.fill(at + V_SUM, 0, 16);
    store<i64>(at, 0, V_LOTS);
  }
  addTo(at + V_SUM, candle);
  store<i64>(at, load<i64>(at, V_LOTS) + load<i64>(candle, C_VOLUME), V_LOTS);
  store<i64>(at, dayOf(candle), V_DAY);
  closeSlot(at, isWarm);
}
