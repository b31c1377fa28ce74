// Configuring timeframes: what a Timeframe record may ask for, and which one grows out of which.
// tidy: tested by test/asm/candles/timeframe.test.ts
import { arenaAlloc } from "../arena";
import {
  MI_DRIVEN,
  MI_ROOT,
  MI_ROOTS,
  MI_SORTED,
  MI_TIMEFRAME,
  MI_TIMEFRAMES,
  TIMEFRAMES_MAX,
} from "../layout";
import {
  CandleMeasure,
  CandleType,
  CELL_BYTES,
  Refusal,
  Role,
  TIMEFRAME_MEASURE,
  TIMEFRAME_PERIOD_MILLIS,
  TIMEFRAME_SLOT,
  TIMEFRAME_SOURCE,
  TIMEFRAME_THRESHOLD,
  TIMEFRAME_TYPE,
  TIMEFRAME_WINDOW_CANDLES,
} from "../vocab";
import { THRESHOLD_MAX } from "./adaptive";
import { candleIsBegun, C_END } from "./candle";
import { DRIVEN_BYTES, D_BASE, D_MEASURE, D_SIGN, D_THRESHOLD, D_WINDOW } from "./driven-slot";
import { HEIKIN_ASHI_BYTES } from "./heikin-ashi";
import {
  NANOS_PER_MILLI,
  originOf,
  raiseFloor,
  timeframeAt,
  timeframeSorted,
  timeframesRefresh,
  TIMEFRAME_BYTES,
  T_FLOOR,
  T_HEIKIN_ASHI,
  T_NONE,
  T_PERIOD,
  T_ROOT,
  T_SLOT,
  T_SOURCE,
  T_TYPE,
} from "./timeframe";

/** Largest range and brick, in ticks: as large as a price. */
const PRICE_STEP_MAX: i64 = 4503599627370496;
/** Candles the expectations of a threshold look back at most. */
const WINDOW_CANDLES_MAX: i32 = 1024;
const PERIOD_STEP_MILLIS: u32 = 1000;
const PERIOD_MILLIS_MAX: u32 = 604800000;

/** True when every bucket of `long` is a row of whole buckets of `short`. */
function nests(long: i64, short: i64): bool {
  return long % short == 0 && originOf(long) % short == 0;
}

/** What is wrong with a Timeframe record by itself. */
export function timeframeRefusal(rec: usize): Refusal {
  if (load<u8>(rec, TIMEFRAME_SLOT) >= <u8>TIMEFRAMES_MAX) return Refusal.TimeframesFull;
  const type = <i32>load<u8>(rec, TIMEFRAME_TYPE);
  if (type > CandleType.Run) return Refusal.ParameterInvalid;
  const isSigned = type == CandleType.Imbalance || type == CandleType.Run;
  const measure = <i32>load<u8>(rec, TIMEFRAME_MEASURE);
  const window = load<u32>(rec, TIMEFRAME_WINDOW_CANDLES);
  if (!isSigned && (measure != 0 || window != 0)) return Refusal.ParameterInvalid;
  if (measure > CandleMeasure.Notional || window > <u32>WINDOW_CANDLES_MAX) {
    return Refusal.ParameterInvalid;
  }
  const source = load<u8>(rec, TIMEFRAME_SOURCE);
  if (type != CandleType.HeikinAshi && source != 0) return Refusal.ParameterInvalid;
  const period = load<u32>(rec, TIMEFRAME_PERIOD_MILLIS);
  if (type == CandleType.Time) {
    if (period == 0 || period > PERIOD_MILLIS_MAX) return Refusal.PeriodInvalid;
    return period % PERIOD_STEP_MILLIS == 0 ? Refusal.None : Refusal.PeriodInvalid;
  }
  if (period != 0) return Refusal.PeriodInvalid;
  const threshold = load<i64>(rec, TIMEFRAME_THRESHOLD);
  if (type != CandleType.HeikinAshi) return thresholdRefusal(type, threshold);
  // The source comes first also where records for all instruments are applied slot by slot.
  const isLower = source < load<u8>(rec, TIMEFRAME_SLOT);
  return isLower && threshold == 0 ? Refusal.None : Refusal.ParameterInvalid;
}

function thresholdRefusal(type: i32, threshold: i64): Refusal {
  let most = THRESHOLD_MAX;
  if (type == CandleType.Trades) most = <i64>u32.MAX_VALUE;
  if (type == CandleType.Range || type == CandleType.Renko) most = PRICE_STEP_MAX;
  return threshold > 0 && threshold <= most ? Refusal.None : Refusal.ParameterInvalid;
}

/** True when two Timeframe records ask for the same candles; their slots may differ. */
export function timeframeIsSame(one: usize, other: usize): bool {
  const type = load<u8>(one, TIMEFRAME_TYPE);
  if (type != load<u8>(other, TIMEFRAME_TYPE)) return false;
  if (type == CandleType.Time) {
    return load<u32>(one, TIMEFRAME_PERIOD_MILLIS) == load<u32>(other, TIMEFRAME_PERIOD_MILLIS);
  }
  const bytes = CELL_BYTES - TIMEFRAME_SOURCE;
  return memory.compare(one + TIMEFRAME_SOURCE, other + TIMEFRAME_SOURCE, bytes) == 0;
}

/**
 * What keeps a valid Timeframe record from this instrument: AlreadyConfigured when its slot holds
 * exactly this already, ConfigConflict when the slot is taken or another one holds this,
 * UnknownTimeframe and ParameterInvalid when there is nothing to smooth.
 */
export function timeframeConflict(instrument: usize, rec: usize): Refusal {
  const there = timeframeAt(instrument, load<u8>(rec, TIMEFRAME_SLOT));
  if (there != 0) return holds(there, rec) ? Refusal.AlreadyConfigured : Refusal.ConfigConflict;
  for (let slot: u32 = 0; slot < <u32>TIMEFRAMES_MAX; slot++) {
    const other = timeframeAt(instrument, slot);
    if (other != 0 && holds(other, rec)) return Refusal.ConfigConflict;
  }
  if (load<u8>(rec, TIMEFRAME_TYPE) != CandleType.HeikinAshi) return Refusal.None;
  const source = timeframeAt(instrument, load<u8>(rec, TIMEFRAME_SOURCE));
  if (source == 0) return Refusal.UnknownTimeframe;
  const isSmooth = load<u8>(source, T_TYPE) == CandleType.HeikinAshi;
  return isSmooth ? Refusal.ParameterInvalid : Refusal.None;
}

/** True when the timeframe makes the candles the record asks for. */
function holds(at: usize, rec: usize): bool {
  const type = load<u8>(at, T_TYPE);
  if (type != load<u8>(rec, TIMEFRAME_TYPE)) return false;
  if (type == CandleType.Time) {
    const period = <i64>load<u32>(rec, TIMEFRAME_PERIOD_MILLIS) * NANOS_PER_MILLI;
    return load<i64>(at, T_PERIOD) == period;
  }
  if (type == CandleType.HeikinAshi) {
    return load<u8>(at, T_SOURCE) == load<u8>(rec, TIMEFRAME_SOURCE);
  }
  return (
    load<i64>(at, D_BASE) == load<i64>(rec, TIMEFRAME_THRESHOLD) &&
    load<u8>(at, D_MEASURE) == load<u8>(rec, TIMEFRAME_MEASURE) &&
    load<u32>(at, D_WINDOW) == load<u32>(rec, TIMEFRAME_WINDOW_CANDLES)
  );
}

/** Bytes of the timeframe that a valid record asks for. */
export function timeframeBytes(rec: usize): i32 {
  const type = load<u8>(rec, TIMEFRAME_TYPE);
  if (type == CandleType.Time) return TIMEFRAME_BYTES;
  return type == CandleType.HeikinAshi ? HEIKIN_ASHI_BYTES : DRIVEN_BYTES;
}

/** Adds the timeframe of a record that `timeframeRefusal` and `timeframeConflict` let pass. */
export function timeframeAdd(instrument: usize, id: u32, rec: usize): Refusal {
  const at = arenaAlloc(Role.Market, timeframeBytes(rec));
  if (at == 0) return Refusal.ArenaFull;
  const slot = load<u8>(rec, TIMEFRAME_SLOT);
  const type = load<u8>(rec, TIMEFRAME_TYPE);
  store<u8>(at, type, T_TYPE);
  store<u8>(at, slot, T_SLOT);
  store<u32>(instrument + (<usize>slot << 2), <u32>at, MI_TIMEFRAME);
  if (type == CandleType.HeikinAshi) {
    addSmooth(instrument, at, load<u8>(rec, TIMEFRAME_SOURCE));
    return Refusal.None;
  }
  if (type == CandleType.Time) {
    store<i64>(at, <i64>load<u32>(rec, TIMEFRAME_PERIOD_MILLIS) * NANOS_PER_MILLI, T_PERIOD);
    insertSorted(instrument, at);
    store<u8>(instrument, load<u8>(instrument, MI_TIMEFRAMES) + 1, MI_TIMEFRAMES);
    rebuild(instrument);
    timeframesRefresh(instrument, id);
  } else {
    initDriven(at, rec);
    insertSorted(instrument, at);
    store<u8>(instrument, load<u8>(instrument, MI_DRIVEN) + 1, MI_DRIVEN);
  }
  return Refusal.None;
}

function addSmooth(instrument: usize, at: usize, source: u8): void {
  const from = timeframeAt(instrument, source);
  store<u8>(at, source, T_SOURCE);
  store<u8>(at, load<u8>(at, T_SLOT), T_ROOT);
  store<i64>(at, load<i64>(from, T_PERIOD), T_PERIOD);
  store<u8>(from, load<u8>(at, T_SLOT) + 1, T_HEIKIN_ASHI);
}

function initDriven(at: usize, rec: usize): void {
  store<u8>(at, T_NONE, T_SOURCE);
  store<u8>(at, load<u8>(at, T_SLOT), T_ROOT);
  store<i64>(at, load<i64>(rec, TIMEFRAME_THRESHOLD), D_BASE);
  store<i64>(at, load<i64>(rec, TIMEFRAME_THRESHOLD), D_THRESHOLD);
  store<u32>(at, load<u32>(rec, TIMEFRAME_WINDOW_CANDLES), D_WINDOW);
  store<u8>(at, load<u8>(rec, TIMEFRAME_MEASURE), D_MEASURE);
  store<i8>(at, 2, D_SIGN);
}

/** Puts the timeframe behind all that come before it; the caller counts it. */
function insertSorted(instrument: usize, at: usize): void {
  let place = <u32>load<u8>(instrument, MI_TIMEFRAMES) + load<u8>(instrument, MI_DRIVEN);
  while (place > 0) {
    const before = timeframeSorted(instrument, place - 1);
    if (order(before) < order(at)) break;
    store<u32>(instrument + (<usize>place << 2), <u32>before, MI_SORTED);
    place--;
  }
  store<u32>(instrument + (<usize>place << 2), <u32>at, MI_SORTED);
}

/** Time candles by period, then those that trades complete by slot. */
function order(at: usize): i64 {
  const isTime = load<u8>(at, T_TYPE) == CandleType.Time;
  return isTime ? load<i64>(at, T_PERIOD) : i64.MAX_VALUE - 255 + load<u8>(at, T_SLOT);
}

/** Finds every timeframe's source anew; a candle that had begun keeps what it has. */
function rebuild(instrument: usize): void {
  const count = <u32>load<u8>(instrument, MI_TIMEFRAMES);
  let roots: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const at = timeframeSorted(instrument, i);
    const source = sourceFor(instrument, i);
    if (source == 0) {
      store<u8>(at, T_NONE, T_SOURCE);
      store<u8>(at, load<u8>(at, T_SLOT), T_ROOT);
      store<u32>(instrument + (<usize>roots << 2), <u32>at, MI_ROOT);
      roots++;
      continue;
    }
    store<u8>(at, load<u8>(source, T_SLOT), T_SOURCE);
    store<u8>(at, load<u8>(source, T_ROOT), T_ROOT);
    // The root may be younger than this candle: it must not go back behind its start.
    const begun = candleIsBegun(at) ? load<i64>(at, C_END) - load<i64>(at, T_PERIOD) : 0;
    raiseFloor(timeframeAt(instrument, load<u8>(at, T_ROOT)), max(begun, load<i64>(at, T_FLOOR)));
  }
  const unusedBytes = <usize>(<u32>TIMEFRAMES_MAX - roots) << 2;
  memory.fill(instrument + MI_ROOT + (<usize>roots << 2), 0, unusedBytes);
  store<u8>(instrument, <u8>roots, MI_ROOTS);
}

/** The longest shorter period that divides number `i` of the sorted ones, 0 for a root. */
function sourceFor(instrument: usize, i: u32): usize {
  const period = load<i64>(timeframeSorted(instrument, i), T_PERIOD);
  for (let j = i; j > 0; j--) {
    const at = timeframeSorted(instrument, j - 1);
    if (nests(period, load<i64>(at, T_PERIOD))) return at;
  }
  return 0;
}
