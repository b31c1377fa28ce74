// Days, weeks and sessions: their extremes become pools when they are over.
//
// A session (or killzone) is a window of UTC nanoseconds that the host computed and sent, so that
// no time zone is known here. A candle belongs to the window its open lies in. Days and weeks are
// those of UTC.
// tidy: tested by test/asm/structure/session.test.ts
import { MARKET_SESSIONS, SESSIONS_MAX } from "../layout";
import { outEnd } from "../output";
import {
  CALENDAR_CLOSE_NANOS,
  CALENDAR_OPEN_NANOS,
  CALENDAR_SLOT,
  Refusal,
  StructureFamily,
  StructureFlag,
  StructureKind,
  StructureState,
} from "../vocab";
import { eventAt, eventBegin, nextId } from "./event";
import {
  candleEntry,
  hasFamily,
  K_CLOSE,
  K_HIGH,
  K_LOW,
  K_OPEN_NANOS,
  M_NUMBER,
  M_POOLS,
  M_SPANS,
} from "./machine";
import { poolForm, poolsReplace } from "./pool";

const DAY_NANOS: i64 = 86400000000000;
const WEEK_NANOS: i64 = 604800000000000;
/** 1970-01-05 was the first Monday. */
const MONDAY_NANOS: i64 = 345600000000000;

// A span of time under way: the sessions by slot, then the day, then the week.
const X_BEGUN: i32 = 0; // u32, 1 = under way
const X_ID: i32 = 4; // u32, of a session
const X_FROM: i32 = 8; // i64, open of a session's window, number of a day or week
const X_TO: i32 = 16; // i64, end of a session's window
const X_HIGH: i32 = 24; // i64 ticks
const X_LOW: i32 = 32; // i64 ticks
const X_HIGH_NUMBER: i32 = 40; // u32, candle of the high; of a session's pools the same
const X_LOW_NUMBER: i32 = 44; // u32
const X_HIGH_NANOS: i32 = 48; // i64
const X_LOW_NANOS: i32 = 56; // i64
const X_IS_WHOLE: i32 = 64; // u32, 1 = a day or week that was seen from its start
const X_NUMBER: i32 = 68; // u32, first candle of a session
const X_NANOS: i32 = 72; // i64, its open
const SPAN_BYTES: usize = 80;
/** Bytes of all spans in the machine's head. */
export const SPANS_BYTES: i32 = 80 * 10;

// A session's row: this window and the one after it, i64 open, i64 close each.
const ROW_BYTES: usize = 32;

/** Refusal of a SessionCalendar record; windows of a slot come in order, without overlap. */
export function sessionRefusal(rec: usize): Refusal {
  const slot = load<u8>(rec, CALENDAR_SLOT);
  if (slot >= <u8>SESSIONS_MAX) return Refusal.ParameterInvalid;
  const from = load<i64>(rec, CALENDAR_OPEN_NANOS);
  const last = load<i64>(<usize>MARKET_SESSIONS + <usize>slot * ROW_BYTES, 24);
  if (from < last || from <= 0) return Refusal.ParameterInvalid;
  return load<i64>(rec, CALENDAR_CLOSE_NANOS) > from ? Refusal.None : Refusal.ParameterInvalid;
}

/** Takes the next window of a session; the one before the last is forgotten. */
export function sessionSet(rec: usize): void {
  const row = <usize>MARKET_SESSIONS + <usize>load<u8>(rec, CALENDAR_SLOT) * ROW_BYTES;
  v128.store(row, v128.load(row, 16));
  store<i64>(row, load<i64>(rec, CALENDAR_OPEN_NANOS), 16);
  store<i64>(row, load<i64>(rec, CALENDAR_CLOSE_NANOS), 24);
}

/** Takes the candle that closed into its day, week and sessions. */
export function spansClose(m: usize): void {
  const entry = candleEntry(m, load<u32>(m, M_NUMBER));
  const nanos = load<i64>(entry, K_OPEN_NANOS);
  if (hasFamily(m, StructureFamily.Sessions)) {
    for (let slot: usize = 0; slot < <usize>SESSIONS_MAX; slot++) {
      sessionClose(m, slot, entry, nanos);
    }
  }
  if (load<u32>(m, M_POOLS) == 0) return;
  const day = m + M_SPANS + <usize>SESSIONS_MAX * SPAN_BYTES;
  periodClose(m, day, entry, nanos / DAY_NANOS, StructureFlag.PreviousDay);
  const week = (nanos - MONDAY_NANOS + WEEK_NANOS) / WEEK_NANOS;
  periodClose(m, day + SPAN_BYTES, entry, week, StructureFlag.PreviousWeek);
}

/** Starts a span with a candle. */
function begin(m: usize, at: usize, entry: usize): void {
  store<u32>(at, 1, X_BEGUN);
  store<i64>(at, load<i64>(entry, K_HIGH), X_HIGH);
  store<i64>(at, load<i64>(entry, K_LOW), X_LOW);
  store<u32>(at, load<u32>(m, M_NUMBER), X_HIGH_NUMBER);
  store<u32>(at, load<u32>(m, M_NUMBER), X_LOW_NUMBER);
  store<i64>(at, load<i64>(entry, K_OPEN_NANOS), X_HIGH_NANOS);
  store<i64>(at, load<i64>(entry, K_OPEN_NANOS), X_LOW_NANOS);
}

/** Widens a span with one more candle; the first of equal extremes counts. */
function widen(m: usize, at: usize, entry: usize): void {
  if (load<i64>(entry, K_HIGH) > load<i64>(at, X_HIGH)) {
    store<i64>(at, load<i64>(entry, K_HIGH), X_HIGH);
    store<u32>(at, load<u32>(m, M_NUMBER), X_HIGH_NUMBER);
    store<i64>(at, load<i64>(entry, K_OPEN_NANOS), X_HIGH_NANOS);
  }
  if (load<i64>(entry, K_LOW) < load<i64>(at, X_LOW)) {
    store<i64>(at, load<i64>(entry, K_LOW), X_LOW);
    store<u32>(at, load<u32>(m, M_NUMBER), X_LOW_NUMBER);
    store<i64>(at, load<i64>(entry, K_OPEN_NANOS), X_LOW_NANOS);
  }
}

/** Makes pools of a span's extremes. */
function leave(m: usize, at: usize, flag: u32, parent: u32): void {
  const high = load<i64>(at, X_HIGH);
  const low = load<i64>(at, X_LOW);
  const highNumber = load<u32>(at, X_HIGH_NUMBER);
  const lowNumber = load<u32>(at, X_LOW_NUMBER);
  poolForm(m, 1, flag, 0, parent, high, high, load<i64>(at, X_HIGH_NANOS), highNumber);
  poolForm(m, -1, flag, 0, parent, low, low, load<i64>(at, X_LOW_NANOS), lowNumber);
}

/** A day or a week; the first one seen may be a part and leaves nothing. */
function periodClose(m: usize, at: usize, entry: usize, period: i64, flag: u32): void {
  if (load<u32>(at, X_BEGUN) != 0 && load<i64>(at, X_FROM) == period) return widen(m, at, entry);
  const isFirst = load<u32>(at, X_BEGUN) == 0;
  if (load<u32>(at, X_IS_WHOLE) != 0) {
    poolsReplace(m, flag);
    leave(m, at, flag, 0);
  }
  begin(m, at, entry);
  store<i64>(at, period, X_FROM);
  store<u32>(at, isFirst ? 0 : 1, X_IS_WHOLE);
}

function sessionClose(m: usize, slot: usize, entry: usize, nanos: i64): void {
  const at = m + M_SPANS + slot * SPAN_BYTES;
  if (load<u32>(at, X_BEGUN) != 0) {
    if (nanos < load<i64>(at, X_TO)) return widen(m, at, entry);
    tell(m, at, StructureState.Closed, entry);
    leave(m, at, StructureFlag.SessionExtreme, load<u32>(at, X_ID));
    memory.fill(at, 0, SPAN_BYTES);
  }
  const row = <usize>MARKET_SESSIONS + slot * ROW_BYTES;
  for (let window = row; window < row + ROW_BYTES; window += 16) {
    if (nanos < load<i64>(window) || nanos >= load<i64>(window, 8)) continue;
    begin(m, at, entry);
    store<i64>(at, load<i64>(window), X_FROM);
    store<i64>(at, load<i64>(window, 8), X_TO);
    store<u32>(at, nextId(m), X_ID);
    store<u32>(at, load<u32>(m, M_NUMBER), X_NUMBER);
    store<i64>(at, nanos, X_NANOS);
    return tell(m, at, StructureState.Formed, entry);
  }
}

function tell(m: usize, at: usize, state: i32, entry: usize): void {
  const rec = eventBegin(m, StructureKind.Session, state, 0, 0, load<u32>(at, X_ID));
  const low = load<i64>(at, X_LOW);
  const high = load<i64>(at, X_HIGH);
  const close = load<i64>(entry, K_CLOSE);
  eventAt(rec, 0, low, high, load<i64>(at, X_NANOS), load<u32>(at, X_NUMBER), close);
  outEnd(rec);
}
