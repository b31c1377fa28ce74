// Closing candles: publishes them, shortest first, and lets their indicators take one step.
//
// This is the only place where indicator state changes, so between two closes a tick never touches
// an indicator's memory.
// tidy: tested by test/asm/market.test.ts
import { candleQuality, CANDLE_STATE_BYTES, C_END, C_QUALITY } from "../candles/candle";
import { heikinAshiStep, heikinAshiWrite } from "../candles/heikin-ashi";
import {
  T_HEIKIN_ASHI,
  T_IMPORTED,
  T_INDEX,
  T_INDICATORS,
  T_NONE,
  T_ROOT,
  T_SLOT,
  timeframeAt,
  timeframeRoll,
  timeframeShut,
  timeframeSorted,
  timeframesLive,
  timeframesLiveFrom,
  timeframesRefresh,
  timeframeWrite,
} from "../candles/timeframe";
import { INDICATORS_MAX, MI_END, MI_IMPORTED, MI_STRUCTURES, MI_TIMEFRAMES } from "../layout";
import { outBegin, outEnd } from "../output";
import { structureClose } from "../structure/structure";
import {
  CANDLE_CELLS,
  Kind,
  VALUE_1,
  VALUE_CELLS,
  VALUE_COUNT,
  VALUE_FIRST,
  VALUE_KIND,
  VALUE_SLOT,
  VALUE_TIMEFRAME,
  VALUE_WARM,
} from "../vocab";
import { indicatorLines, indicatorPush, indicatorValues } from "./indicator";
import { I_KIND, I_SLOT, I_WARM, LINES_PER_RECORD } from "./slot";

/** Closes every candle of the instrument whose bucket ends at or before `untilNanos`. */
export function closeDue(instrument: usize, id: u32, untilNanos: i64): void {
  const isLive = load<i64>(instrument, MI_END) <= untilNanos;
  // What history began is older than what trades began, and must not take a part of that.
  if (load<u8>(instrument, MI_IMPORTED) != 0) closeImported(instrument, id, T_NONE, untilNanos);
  if (isLive) {
    closeUntil(instrument, id, untilNanos);
    if (load<u8>(instrument, MI_IMPORTED) != 0) timeframesLive(instrument);
  }
  timeframesRefresh(instrument, id);
}

function closeUntil(instrument: usize, id: u32, untilNanos: i64): void {
  // Shortest first: a candle joins the longer ones before they are looked at.
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const at = timeframeSorted(instrument, i);
    const end = load<i64>(at, C_END);
    if (end != 0 && end <= untilNanos) close(instrument, id, at);
  }
}

/** As `closeDue`, only what history was joined into last, of one root or of all (T_NONE). */
export function closeImported(instrument: usize, id: u32, root: u8, untilNanos: i64): void {
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const at = timeframeSorted(instrument, i);
    const end = load<i64>(at, C_END);
    if (load<u8>(at, T_IMPORTED) == 0 || end > untilNanos) continue;
    const own = load<u8>(at, T_ROOT);
    if (root != T_NONE && root != own) continue;
    // Candles of trades that are due in its bucket are joined into it first; it closes with them.
    if (root == T_NONE && end > timeframesLiveFrom(instrument, own)) continue;
    close(instrument, id, at);
  }
}

function close(instrument: usize, id: u32, at: usize): void {
  closeCandle(instrument, id, at, at, load<u8>(at, T_IMPORTED) != 0);
  timeframeShut(instrument, at);
}

/** Publishes a candle of the timeframe, lets its indicators step, and hands it to longer ones. */
export function closeCandle(
  instrument: usize,
  id: u32,
  at: usize,
  candle: usize,
  isImported: bool,
): void {
  store<u32>(candle, candleQuality(candle), C_QUALITY);
  const index = load<u64>(at, T_INDEX) + 1;
  store<u64>(at, index, T_INDEX);
  const rec = outBegin(Kind.CandleClosed, CANDLE_CELLS, id);
  timeframeWrite(rec, at, candle, index);
  outEnd(rec);
  for (let i: usize = 0; i < <usize>INDICATORS_MAX << 2; i += 4) {
    const indicator = <usize>load<u32>(at + i, T_INDICATORS);
    if (indicator == 0) continue;
    indicatorPush(indicator, candle);
    publish(id, load<u8>(at, T_SLOT), indicator);
  }
  if (load<u8>(instrument, MI_STRUCTURES) != 0) {
    structureClose(instrument, rec, load<i64>(candle, C_END));
  }
  timeframeRoll(instrument, at, candle, isImported);
  const smooth: u32 = load<u8>(at, T_HEIKIN_ASHI);
  if (smooth != 0) closeSmooth(instrument, id, timeframeAt(instrument, smooth - 1), candle);
}

/** Closes the Heikin-Ashi candle of a candle that closed. */
function closeSmooth(instrument: usize, id: u32, at: usize, source: usize): void {
  heikinAshiWrite(at, source, at);
  heikinAshiStep(at, source);
  closeCandle(instrument, id, at, at, false);
  memory.fill(at, 0, CANDLE_STATE_BYTES);
}

/** The values of the last close: a record for each three lines. */
function publish(id: u32, timeframe: u8, indicator: usize): void {
  const isWarm = load<u8>(indicator, I_WARM) != 0;
  const values = indicatorValues(indicator);
  const lines = indicatorLines(load<u16>(indicator, I_KIND));
  for (let first = 0; first < lines; first += LINES_PER_RECORD) {
    const value = outBegin(Kind.IndicatorValue, VALUE_CELLS, id);
    valueWrite(value, timeframe, indicator, values, isWarm, lines, first);
    outEnd(value);
  }
}

/** Fills an IndicatorValue record with the lines from number `first` on of those at `values`. */
export function valueWrite(
  rec: usize,
  timeframe: u8,
  indicator: usize,
  values: usize,
  isWarm: bool,
  lines: i32,
  first: i32,
): void {
  store<u8>(rec, timeframe, VALUE_TIMEFRAME);
  store<u8>(rec, load<u8>(indicator, I_SLOT), VALUE_SLOT);
  store<u16>(rec, load<u16>(indicator, I_KIND), VALUE_KIND);
  store<u8>(rec, <u8>isWarm, VALUE_WARM);
  store<u8>(rec, <u8>lines, VALUE_COUNT);
  store<u8>(rec, <u8>first, VALUE_FIRST);
  const count = min(LINES_PER_RECORD, lines - first);
  memory.copy(rec + VALUE_1, values + (<usize>first << 3), <usize>count << 3);
}
