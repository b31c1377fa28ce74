// Configuring timeframes: what a Timeframe record may ask for, and which one grows out of which.
// tidy: tested by test/asm/candles/timeframe.test.ts
import { arenaAlloc } from "../arena";
import {
  MI_ROOT,
  MI_ROOTS,
  MI_SORTED,
  MI_TIMEFRAME,
  MI_TIMEFRAMES,
  TIMEFRAMES_MAX,
} from "../layout";
import {
  CandleType,
  Refusal,
  Role,
  TIMEFRAME_PERIOD_MILLIS,
  TIMEFRAME_SLOT,
  TIMEFRAME_TYPE,
} from "../vocab";
import { candleIsBegun, C_END } from "./candle";
import {
  NANOS_PER_MILLI,
  originOf,
  raiseFloor,
  timeframeAt,
  timeframeSorted,
  timeframesRefresh,
  TIMEFRAME_BYTES,
  T_FLOOR,
  T_NONE,
  T_PERIOD,
  T_ROOT,
  T_SLOT,
  T_SOURCE,
} from "./timeframe";

const PERIOD_STEP_MILLIS: u32 = 1000;
const PERIOD_MILLIS_MAX: u32 = 604800000;

/** True when every bucket of `long` is a row of whole buckets of `short`. */
function nests(long: i64, short: i64): bool {
  return long % short == 0 && originOf(long) % short == 0;
}

/** What is wrong with a Timeframe record by itself. */
export function timeframeRefusal(rec: usize): Refusal {
  if (load<u8>(rec, TIMEFRAME_SLOT) >= <u8>TIMEFRAMES_MAX) return Refusal.TimeframesFull;
  if (load<u8>(rec, TIMEFRAME_TYPE) != CandleType.Time) return Refusal.ParameterInvalid;
  const period = load<u32>(rec, TIMEFRAME_PERIOD_MILLIS);
  if (period == 0 || period > PERIOD_MILLIS_MAX) return Refusal.PeriodInvalid;
  return period % PERIOD_STEP_MILLIS == 0 ? Refusal.None : Refusal.PeriodInvalid;
}

/**
 * What keeps a valid Timeframe record from this instrument: AlreadyConfigured when its slot holds
 * exactly this already, ConfigConflict when the slot or the period is taken.
 */
export function timeframeConflict(instrument: usize, rec: usize): Refusal {
  const period = <i64>load<u32>(rec, TIMEFRAME_PERIOD_MILLIS) * NANOS_PER_MILLI;
  const there = timeframeAt(instrument, load<u8>(rec, TIMEFRAME_SLOT));
  if (there != 0) {
    return load<i64>(there, T_PERIOD) == period
      ? Refusal.AlreadyConfigured
      : Refusal.ConfigConflict;
  }
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_TIMEFRAMES); i < n; i++) {
    const other = timeframeSorted(instrument, i);
    if (load<i64>(other, T_PERIOD) == period) return Refusal.ConfigConflict;
  }
  return Refusal.None;
}

/** Adds the timeframe of a record that `timeframeRefusal` and `timeframeConflict` let pass. */
export function timeframeAdd(instrument: usize, id: u32, rec: usize): Refusal {
  const at = arenaAlloc(Role.Market, TIMEFRAME_BYTES);
  if (at == 0) return Refusal.ArenaFull;
  const slot = load<u8>(rec, TIMEFRAME_SLOT);
  store<i64>(at, <i64>load<u32>(rec, TIMEFRAME_PERIOD_MILLIS) * NANOS_PER_MILLI, T_PERIOD);
  store<u8>(at, slot, T_SLOT);
  store<u32>(instrument + (<usize>slot << 2), <u32>at, MI_TIMEFRAME);
  insertSorted(instrument, at);
  rebuild(instrument);
  timeframesRefresh(instrument, id);
  return Refusal.None;
}

function insertSorted(instrument: usize, at: usize): void {
  const count = <u32>load<u8>(instrument, MI_TIMEFRAMES);
  let place = count;
  while (place > 0) {
    const before = timeframeSorted(instrument, place - 1);
    if (load<i64>(before, T_PERIOD) < load<i64>(at, T_PERIOD)) break;
    store<u32>(instrument + (<usize>place << 2), <u32>before, MI_SORTED);
    place--;
  }
  store<u32>(instrument + (<usize>place << 2), <u32>at, MI_SORTED);
  store<u8>(instrument, <u8>(count + 1), MI_TIMEFRAMES);
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
