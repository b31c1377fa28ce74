// The candle of a timeframe as it stands, whatever its type; what closes next is what this shows.
// tidy: tested by test/asm/candles/timeframe.test.ts
import { CandleQuality, CandleType } from "../vocab";
import { candleIsBegun, candleJoin, CANDLE_STATE_BYTES, C_END, C_FIRST, C_QUALITY } from "./candle";
import { heikinAshiWrite } from "./heikin-ashi";
import { renkoForming } from "./renko";
import {
  bucketStartOf,
  endOver,
  takes,
  timeframeAt,
  T_INDEX,
  T_NONE,
  T_PERIOD,
  T_SOURCE,
  T_TYPE,
} from "./timeframe";

/**
 * Writes the forming candle of a timeframe to `out` (CANDLE_STATE_BYTES); false when it has no
 * trade yet. State untouched.
 */
export function timeframeForming(instrument: usize, at: usize, out: usize): bool {
  const type = <i32>load<u8>(at, T_TYPE);
  if (type == CandleType.Time) return timeForming(instrument, at, out);
  if (type == CandleType.HeikinAshi) {
    const source = timeframeAt(instrument, load<u8>(at, T_SOURCE));
    if (!timeframeForming(instrument, source, out)) return false;
    heikinAshiWrite(at, out, out);
    return true;
  }
  memory.copy(out, at, CANDLE_STATE_BYTES);
  if (!candleIsBegun(out)) return false;
  if (type == CandleType.Renko) renkoForming(at, out);
  return true;
}

/** A time candle's own part, then those of the shorter ones it grows from. */
function timeForming(instrument: usize, at: usize, out: usize): bool {
  memory.copy(out, at, CANDLE_STATE_BYTES);
  const isOwn = candleIsBegun(out);
  for (let below = at; load<u8>(below, T_SOURCE) != T_NONE; ) {
    below = timeframeAt(instrument, load<u8>(below, T_SOURCE));
    if (!candleIsBegun(below)) continue;
    const start = bucketStartOf(below);
    if (takes(at, out, start)) candleJoin(out, below, endOver(at, start));
  }
  if (!candleIsBegun(out)) return false;
  if (!isOwn) markForming(out, at);
  return true;
}

/**
 * As `timeframeForming` for a time candle whose source's forming candle is at `source` already (0
 * for a root; empty where the source has none).
 */
export function timeFormingOver(at: usize, source: usize, out: usize): bool {
  memory.copy(out, at, CANDLE_STATE_BYTES);
  const isOwn = candleIsBegun(out);
  if (source != 0 && candleIsBegun(source)) {
    const start = load<i64>(source, C_END) - load<i64>(source, CANDLE_STATE_BYTES);
    if (takes(at, out, start)) candleJoin(out, source, endOver(at, start));
  }
  // Behind the candle its period, for the longer one that is made of it.
  store<i64>(out, load<i64>(at, T_PERIOD), CANDLE_STATE_BYTES);
  if (!candleIsBegun(out)) return false;
  if (!isOwn) markForming(out, at);
  return true;
}

/** The Partial bit of a forming candle that nothing has been joined into yet. */
function markForming(out: usize, at: usize): void {
  const start = load<i64>(out, C_END) - load<i64>(at, T_PERIOD);
  if (load<u64>(at, T_INDEX) == 0 && load<i64>(out, C_FIRST) > start) {
    store<u32>(out, load<u32>(out, C_QUALITY) | CandleQuality.Partial, C_QUALITY);
  }
}
