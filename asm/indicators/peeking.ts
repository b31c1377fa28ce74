// All forming candles of an instrument with all their indicators, in one look.
//
// A longer forming candle is its own part and the forming candle of its source, so each timeframe
// is made of the one before it instead of the whole chain below it, and its candle serves all of
// its indicators.
// tidy: tested by test/asm/candles/peek.test.ts
import { nowNanos } from "../clock";
import { timeframeForming, timeFormingOver } from "../candles/forming";
import {
  timeframeAt,
  timeframeWrite,
  T_INDEX,
  T_INDICATORS,
  T_NONE,
  T_SLOT,
  T_SOURCE,
  T_TYPE,
} from "../candles/timeframe";
import {
  INDICATORS_MAX,
  MI_IMPORTED,
  MI_SORTED,
  MI_TIMEFRAMES,
  PEEK,
  TIMEFRAMES_MAX,
} from "../layout";
import {
  CandleType,
  CANDLE_CELLS,
  CELL_BYTES,
  CELL_SHIFT,
  Kind,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_TS_ENGINE,
  VALUE_1,
  VALUE_CELLS,
  VALUE_COUNT,
  VALUE_KIND,
  VALUE_SLOT,
  VALUE_TIMEFRAME,
  VALUE_WARM,
} from "../vocab";
import { valueWrite } from "./closing";
import { indicatorLines, indicatorPeekAt } from "./indicator";
import { I_KIND, I_SLOT, LINES_MAX, LINES_PER_RECORD } from "./slot";

// Bytes in flight behind the answer: candles by slot, values of one indicator.
const WORK_CANDLES: usize = PEEK + 65536;
const WORK_CANDLE_SHIFT: usize = 7;
const WORK_VALUES: usize = PEEK + 69632;

/**
 * Writes to PEEK, time candles first and shortest first, each forming candle's record and behind it
 * those of its indicators, as if it closed now. Returns the records' bytes; state untouched.
 */
export function instrumentPeekAt(instrument: usize, id: u32): i32 {
  let to: usize = PEEK;
  const times: u32 = load<u8>(instrument, MI_TIMEFRAMES);
  // Around history a candle of trades may lie in the bucket of a long timeframe alone.
  const isHistory = load<u8>(instrument, MI_IMPORTED) != 0;
  for (let i: u32 = 0; i < times; i++) {
    const at = <usize>load<u32>(instrument + (<usize>i << 2), MI_SORTED);
    const out = workOf(load<u8>(at, T_SLOT));
    const source = load<u8>(at, T_SOURCE);
    const isThere = isHistory
      ? timeframeForming(instrument, at, out)
      : timeFormingOver(at, source == T_NONE ? 0 : workOf(source), out);
    if (isThere) to = tell(to, id, at, out);
  }
  for (let slot: u32 = 0; slot < <u32>TIMEFRAMES_MAX; slot++) {
    const at = timeframeAt(instrument, slot);
    if (at == 0 || load<u8>(at, T_TYPE) == CandleType.Time) continue;
    if (timeframeForming(instrument, at, workOf(slot))) to = tell(to, id, at, workOf(slot));
  }
  return <i32>(to - PEEK);
}

// @ts-ignore: decorator
@inline
function workOf(slot: u32): usize {
  return WORK_CANDLES + (<usize>slot << WORK_CANDLE_SHIFT);
}

function tell(to: usize, id: u32, at: usize, candle: usize): usize {
  begin(to, Kind.CandleForming, CANDLE_CELLS, id);
  zeroCell(to + CELL_BYTES);
  timeframeWrite(to, at, candle, load<u64>(at, T_INDEX));
  to += CANDLE_CELLS << CELL_SHIFT;
  for (let i: usize = 0; i < <usize>INDICATORS_MAX << 2; i += 4) {
    const indicator = <usize>load<u32>(at + i, T_INDICATORS);
    if (indicator == 0) continue;
    to = tellValue(to, id, load<u8>(at, T_SLOT), indicator, candle);
  }
  return to;
}

/** A record for each three lines of one indicator. */
function tellValue(to: usize, id: u32, timeframe: u8, indicator: usize, candle: usize): usize {
  const lines = indicatorLines(load<u16>(indicator, I_KIND));
  if (lines <= LINES_PER_RECORD) {
    begin(to, Kind.IndicatorValue, VALUE_CELLS, id);
    // Made where they are read: a copy of three words costs a call.
    const isWarm = indicatorPeekAt(indicator, candle, to + VALUE_1);
    store<u8>(to, timeframe, VALUE_TIMEFRAME);
    store<u8>(to, load<u8>(indicator, I_SLOT), VALUE_SLOT);
    store<u16>(to, load<u16>(indicator, I_KIND), VALUE_KIND);
    store<u8>(to, <u8>isWarm, VALUE_WARM);
    store<u8>(to, <u8>lines, VALUE_COUNT);
    return to + (VALUE_CELLS << CELL_SHIFT);
  }
  memory.fill(WORK_VALUES, 0, <usize>LINES_MAX << 3);
  const isWarm = indicatorPeekAt(indicator, candle, WORK_VALUES);
  for (let first = 0; first < lines; first += LINES_PER_RECORD) {
    begin(to, Kind.IndicatorValue, VALUE_CELLS, id);
    valueWrite(to, timeframe, indicator, WORK_VALUES, isWarm, lines, first);
    to += VALUE_CELLS << CELL_SHIFT;
  }
  return to;
}

// @ts-ignore: decorator
@inline
function begin(at: usize, kind: i32, cells: i32, id: u32): void {
  zeroCell(at);
  store<u16>(at, <u16>kind, REC_KIND);
  store<u16>(at, <u16>(cells - 1), REC_FLAGS);
  store<u32>(at, id, REC_INSTRUMENT);
  store<i64>(at, nowNanos(), REC_TS_ENGINE);
}

// @ts-ignore: decorator
@inline
function zeroCell(at: usize): void {
  const zero = v128.splat<i64>(0);
  v128.store(at, zero);
  v128.store(at, zero, 16);
  v128.store(at, zero, 32);
  v128.store(at, zero, 48);
}
