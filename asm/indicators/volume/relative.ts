// Relative volume of a day: what traded so far against what had traded by this time on days before.
//
// The last candles are kept, each with the volume of its UTC day up to it; a day without candles is
// none. Two searches by time a day, so a candle costs O(days x log candles kept).
// tidy: tested by test/asm/indicators/relative-volume.test.ts
import { C_END } from "../../candles/candle";
import { DAY_NANOS } from "../../clock";
import { I_COUNT, I_PERIOD, I_PERIOD_2, putValue } from "../slot";
import { ratio, volumeOf } from "../stages/input";

const HEAD: i32 = 0; // u32, place of the oldest candle once all places are taken
const ENTRIES: i32 = 8; // i64 end, f64 volume of its day up to it; x candles kept
/** Bytes beside 16 for each candle kept. */
export const RELATIVE_BASE_BYTES: i32 = 8;

/** Candle `age` before this one, 1 = the last. */
// @ts-ignore: decorator
@inline
function entryAt(s: usize, age: i32, places: i32): usize {
  const place = load<i32>(s, HEAD) - age;
  return s + (<usize>(place < 0 ? place + places : place) << 4) + ENTRIES;
}

/** The UTC day of a candle that ends so: that of its last nanosecond. */
// @ts-ignore: decorator
@inline
function dayOf(end: i64): i64 {
  return (end - 1) / DAY_NANOS;
}

/** Age of the last of `kept` candles that ended at `until` or before, kept + 1 when none did. */
function ageAt(s: usize, until: i64, kept: i32, places: i32): i32 {
  let low = 1;
  let high = kept + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i64>(entryAt(s, middle, places)) <= until) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Mean volume of up to `days` earlier days by the time of `end`, 0 when none is known. */
function usual(s: usize, end: i64, days: i32, kept: i32, places: i32): f64 {
  const time = end - dayOf(end) * DAY_NANOS;
  let day = dayOf(end);
  let total: f64 = 0;
  let known = 0;
  while (known < days) {
    const last = ageAt(s, day * DAY_NANOS, kept, places);
    if (last > kept) break;
    day = dayOf(load<i64>(entryAt(s, last, places)));
    const age = ageAt(s, day * DAY_NANOS + time, kept, places);
    // The day's first candles may be forgotten already.
    if (age > kept && kept == places) break;
    const isOfDay = age <= kept && dayOf(load<i64>(entryAt(s, age, places))) == day;
    if (isOfDay) total += load<f64>(entryAt(s, age, places), 8);
    known++;
  }
  return known == 0 ? 0 : total / <f64>known;
}

/** Relative volume over `period` days of the last period-2 candles; 0 while no day is known. */
export function relativeVolume(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const places = load<i32>(at, I_PERIOD_2);
  const kept = min(load<i32>(at, I_COUNT), places);
  const end = load<i64>(candle, C_END);
  let volume = volumeOf(candle);
  if (kept > 0 && dayOf(load<i64>(entryAt(s, 1, places))) == dayOf(end)) {
    volume += load<f64>(entryAt(s, 1, places), 8);
  }
  putValue(out, 0, ratio(volume, usual(s, end, load<i32>(at, I_PERIOD), kept, places)));
  if (!keep) return true;
  const head = load<i32>(s, HEAD);
  store<i64>(s + (<usize>head << 4), end, ENTRIES);
  store<f64>(s + (<usize>head << 4), volume, ENTRIES + 8);
  store<i32>(s, head + 1 == places ? 0 : head + 1, HEAD);
  return true;
}
