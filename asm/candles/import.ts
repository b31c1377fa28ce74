// Candles that closed elsewhere: what a CandleImport record may bring, and the candle it brings.
//
// The record is a CandleClosed under another number, so that what one engine published another can
// take. The rules are in the README; the closing itself is in indicators/importing.ts.
// tidy: tested by test/asm/candles/import.test.ts
import { nowNanos } from "../clock";
import {
  CandleQuality,
  CandleType,
  CANDLE_BUY_LOTS,
  CANDLE_CLOSE_TICKS,
  CANDLE_HIGH_TICKS,
  CANDLE_LATE_TRADES,
  CANDLE_LOW_TICKS,
  CANDLE_OPEN_NANOS,
  CANDLE_OPEN_TICKS,
  CANDLE_PERIOD_MILLIS,
  CANDLE_QUALITY,
  CANDLE_TRADES,
  CANDLE_TURNOVER_HIGH,
  CANDLE_TURNOVER_LOW,
  CANDLE_TYPE,
  CANDLE_VOLUME_LOTS,
  Refusal,
} from "../vocab";
import {
  candleIsBegun,
  C_BUY,
  C_CLOSE,
  C_END,
  C_FIRST,
  C_HIGH,
  C_LATE,
  C_LOW,
  C_OPEN,
  C_QUALITY,
  C_TRADES,
  C_TURNOVER,
  C_VOLUME,
} from "./candle";
import {
  bucketStart,
  bucketStartOf,
  NANOS_PER_MILLI,
  T_FLOOR,
  T_PERIOD,
  T_TYPE,
} from "./timeframe";

/** Largest price magnitude and volume taken, as of trades: 1024 of them fit an i64. */
const NUMBER_MAX: i64 = 4503599627370496;
const QUALITY_BITS: u32 =
  CandleQuality.Gap | CandleQuality.LateTrades | CandleQuality.Partial | CandleQuality.Imported;

/** What keeps the candle of a CandleImport record out of the timeframe `at`. */
export function importRefusal(at: usize, rec: usize): Refusal {
  const type = load<u8>(at, T_TYPE);
  // A smoothed candle follows its source.
  if (load<u8>(rec, CANDLE_TYPE) != type || type == CandleType.HeikinAshi) {
    return Refusal.ParameterInvalid;
  }
  const period = load<i64>(at, T_PERIOD);
  const millis = <i64>load<u32>(rec, CANDLE_PERIOD_MILLIS);
  if (millis != 0 && millis * NANOS_PER_MILLI != period) return Refusal.PeriodInvalid;
  const start = load<i64>(rec, CANDLE_OPEN_NANOS);
  // Nothing is taken from before the epoch: floors begin there.
  if (start < load<i64>(at, T_FLOOR)) return Refusal.TimeBackwards;
  if (start > nowNanos() - period) return Refusal.TimeFarAhead;
  const isBegun = candleIsBegun(at);
  if (period == 0) {
    if (isBegun && start >= load<i64>(at, C_FIRST)) return Refusal.DuplicateUpdate;
    return numbersRefusal(rec);
  }
  if (bucketStart(start, period) != start) return Refusal.PeriodInvalid;
  if (isBegun && start == bucketStartOf(at)) return Refusal.DuplicateUpdate;
  return numbersRefusal(rec);
}

function numbersRefusal(rec: usize): Refusal {
  const high = load<i64>(rec, CANDLE_HIGH_TICKS);
  const low = load<i64>(rec, CANDLE_LOW_TICKS);
  const open = load<i64>(rec, CANDLE_OPEN_TICKS);
  const close = load<i64>(rec, CANDLE_CLOSE_TICKS);
  const volume = load<i64>(rec, CANDLE_VOLUME_LOTS);
  const buy = load<i64>(rec, CANDLE_BUY_LOTS);
  if (high > NUMBER_MAX || low < -NUMBER_MAX) return Refusal.NumberOverflow;
  if (volume > NUMBER_MAX) return Refusal.NumberOverflow;
  if (volume < 0 || buy < 0) return Refusal.QtyNegative;
  const isInside = low <= min(open, close) && max(open, close) <= high && buy <= volume;
  const isKnown = (load<u16>(rec, CANDLE_QUALITY) & ~QUALITY_BITS) == 0;
  return isInside && isKnown ? Refusal.None : Refusal.ParameterInvalid;
}

/** Writes the candle of a record that `importRefusal` lets pass to `out` (CANDLE_STATE_BYTES). */
export function importWrite(out: usize, at: usize, rec: usize): void {
  const start = load<i64>(rec, CANDLE_OPEN_NANOS);
  store<i64>(out, load<i64>(rec, CANDLE_OPEN_TICKS), C_OPEN);
  store<i64>(out, load<i64>(rec, CANDLE_HIGH_TICKS), C_HIGH);
  store<i64>(out, load<i64>(rec, CANDLE_LOW_TICKS), C_LOW);
  store<i64>(out, load<i64>(rec, CANDLE_CLOSE_TICKS), C_CLOSE);
  store<i64>(out, load<i64>(rec, CANDLE_VOLUME_LOTS), C_VOLUME);
  store<i64>(out, load<i64>(rec, CANDLE_BUY_LOTS), C_BUY);
  store<u64>(out, load<u64>(rec, CANDLE_TURNOVER_LOW), C_TURNOVER);
  store<i64>(out, load<i64>(rec, CANDLE_TURNOVER_HIGH), C_TURNOVER + 8);
  store<u32>(out, load<u32>(rec, CANDLE_TRADES), C_TRADES);
  store<u32>(out, load<u32>(rec, CANDLE_LATE_TRADES), C_LATE);
  store<i64>(out, start, C_FIRST);
  // A candle that trades complete has no end; as of those that form here, the instant behind.
  store<i64>(out, start + max(load<i64>(at, T_PERIOD), 1), C_END);
  store<u32>(out, load<u16>(rec, CANDLE_QUALITY) | CandleQuality.Imported, C_QUALITY);
}
