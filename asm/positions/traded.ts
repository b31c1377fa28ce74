// What the order role keeps of each instrument: its book or last quote, mark, switches and the
// street's side of every fill.
//
// The market role's state is another section (and in the sharded topology another memory), so the
// last top of book and trade are kept here from the derived records. An internal instrument writes
// the same fields from its own book: prices have one reader's side whatever their source.
//
// tidy: tested by test/asm/trading.test.ts
import { markMoved } from "../accounts/day";
import { arenaAlloc, arenaHas } from "../arena";
import { l3Bytes, l3Init } from "../books/ladder";
import { nowNanos } from "../clock";
import {
  BOOK_WINDOW_TICKS,
  BOOK_WINDOW_TICKS_MAX,
  INSTRUMENTS_MAX,
  INSTRUMENT_MINOR_DEN,
  INSTRUMENT_MINOR_NUM,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
} from "../layout";
import { mulDiv64, mulDivFits } from "../math/wide";
import { instrumentAt } from "../reference/instrument";
import {
  Execution,
  InstrumentKind,
  InstrumentPhase,
  MarkSource,
  MARK_PRICE_TICKS,
  REC_INSTRUMENT,
  Role,
  SPEC_BAND_BPS,
  SPEC_EXECUTION,
  SPEC_FLAGS,
  SpecFlag,
  SPEC_LADDER_TICKS,
  SPEC_MARK_SOURCE,
  SPEC_NOTIONAL_MIN_MINOR,
  SPEC_PHASE,
  SPEC_PRICE_MAX_TICKS,
  SPEC_PRICE_MIN_TICKS,
  SPEC_PRICE_STEP_TICKS,
  SPEC_QTY_MAX_LOTS,
  SPEC_QTY_MIN_LOTS,
  SPEC_QTY_STEP_LOTS,
  SPEC_QUEUE_MODEL,
  SPEC_QUEUE_POWER,
  SPEC_REFERENCE_TICKS,
  SPEC_SETTLEMENT,
  SPEC_STALE_MILLIS,
  SPEC_TENANT,
} from "../vocab";
import { interestAt, INT_MARK_NANOS, INT_MARK_TICKS } from "./beside";
import { INVERSE_PARTS, isInverse, kindOpen } from "./kind";
import { NOTIONAL_MINOR_MAX } from "./notional";
import { NO_MARK, rangeQuoted } from "./range";

export const TRD_ID: i32 = 0; // u32, 0 = the instrument is unknown
export const TRD_KIND: i32 = 4; // u8, enum InstrumentKind by which it is booked (kindOpen)
export const TRD_EXECUTION: i32 = 5; // u8, enum Execution
export const TRD_PHASE: i32 = 6; // u8, enum InstrumentPhase
export const TRD_KILLED: i32 = 7; // u8
export const TRD_MODE: i32 = 8; // u8, enum TradingMode
export const TRD_UNTRUSTED: i32 = 9; // u8, the external book cannot be trusted
export const TRD_MARK_SOURCE: i32 = 10; // u8, enum MarkSource
export const TRD_TOP_CHANGED: i32 = 11; // u8, on this input's list of books to publish
export const TRD_LIMITS: i32 = 12; // u32, limits slot
export const TRD_BUYS: i32 = 16; // u32, address of the resting buys, 0 = no memory was left
export const TRD_SELLS: i32 = 20; // u32
export const TRD_LAST_TICKS: i32 = 24; // i64, 0 = none yet
export const TRD_LAST_NANOS: i32 = 32; // i64
export const TRD_BID_TICKS: i32 = 40; // i64; paper: last quote, internal: last published top
export const TRD_BID_LOTS: i32 = 48; // i64, 0 = no bid
export const TRD_ASK_TICKS: i32 = 56; // i64
export const TRD_ASK_LOTS: i32 = 64; // i64
export const TRD_QUOTE_NANOS: i32 = 72; // i64
export const TRD_BID_TAKEN: i32 = 80; // i64, lots we sold into the bid since it changed
export const TRD_ASK_TAKEN: i32 = 88; // i64
export const TRD_LOW: i32 = 96; // i64, a mark below changes what positions/range.ts keeps
export const TRD_HIGH: i32 = 104; // i64
export const TRD_NUM: i32 = 112; // i64, minor units per tick x lot
export const TRD_DEN: i32 = 120; // i64
export const TRD_STREET_LOTS: i32 = 128; // i64, minus the sum of our positions
export const TRD_STREET_FLOW: i32 = 136; // 16 bytes, sum of signed ticks x lots we bought
export const TRD_SETTLEMENT: i32 = 152; // u16
export const TRD_TENANT: i32 = 154; // u16, 0 = all
export const TRD_TOP_NEXT: i32 = 156; // u32
export const TRD_STALE_MILLIS: i32 = 160; // u32
export const TRD_BAND_BPS: i32 = 164; // u32
export const TRD_REFERENCE_TICKS: i32 = 168; // i64
export const TRD_QTY_MIN: i32 = 176; // i64
export const TRD_QTY_MAX: i32 = 184; // i64, 0 = none
export const TRD_PRICE_MIN: i32 = 192; // i64
export const TRD_PRICE_MAX: i32 = 200; // i64, 0 = none
export const TRD_NOTIONAL_MIN: i32 = 208; // i64
export const TRD_QUOTE_ID: i32 = 216; // u64, number of the last published top
export const TRD_PRODUCT_MAX: i32 = 224; // i64, largest ticks x lots whose money is in range
export const TRD_RISES: i32 = 232; // u32, root of the orders a trade at or above triggers
export const TRD_FALLS: i32 = 236; // u32, root of the orders a trade at or below triggers
export const TRD_STOP_POLICY: i32 = 240; // u8, 1 = a stop through the market is refused
/** u8, bits GUARD_*: why an order of this instrument may not simply be matched; mostly 0. */
export const TRD_GUARD: i32 = 243;
export const GUARD_CALL: i32 = 1;
export const GUARD_BAND: i32 = 2;
export const GUARD_VOLATILITY: i32 = 4;
export const GUARD_STATIC: i32 = 8;
export const GUARD_STEP: i32 = 16;
export const TRD_QUEUE_MODEL: i32 = 241; // u8, enum QueueModel, 0 unless the execution is paper
export const TRD_QUEUE_POWER: i32 = 242; // u8
export const TRD_FUNDED: i32 = 244; // u8, 1 = funding was paid in it
export const TRD_PRICE_STEP: i32 = 248; // u32, 0 = 1
export const TRD_QTY_STEP: i32 = 252; // u32, 0 = 1

/** Address of an instrument's row by id, 0 when the order role does not know it. */
// @ts-ignore: decorator
@inline
export function tradedAt(instrument: u32): usize {
  if (instrument >= <u32>INSTRUMENTS_MAX) return 0;
  const row = <usize>TRADED_ROWS + <usize>instrument * TRADED_ROW_BYTES;
  return load<u32>(row, TRD_ID) == 0 ? 0 : row;
}

/** True when the core can book fills of this kind exactly in settlement money. */
// @ts-ignore: decorator
@inline
export function kindIsSupported(kind: i32): bool {
  return kind != InstrumentKind.Option;
}

/** What an accepted InstrumentSpec did. */
export const SPEC_OPENED: i32 = 1;
/** The static reference, which stands in for a mark, is another. */
export const SPEC_MOVED: i32 = 2;

/**
 * Sets up an instrument whose InstrumentSpec was accepted, or gives a known one its new rules;
 * returns SPEC_OPENED, SPEC_MOVED or 0. Orders of unsupported kinds and of routed instruments get
 * no book and are refused one by one; a book that finds no memory likewise.
 */
export function tradedOpen(rec: usize): i32 {
  const id = load<u32>(rec, REC_INSTRUMENT);
  const spec = instrumentAt(id);
  const row = <usize>TRADED_ROWS + <usize>id * TRADED_ROW_BYTES;
  if (spec == 0) return 0;
  const isKnown = load<u32>(row, TRD_ID) != 0;
  if (!isKnown) create(row, id, spec);
  const was = load<i64>(row, TRD_REFERENCE_TICKS);
  rulesCopy(row, spec);
  if (!isKnown) return SPEC_OPENED;
  if (was == load<i64>(row, TRD_REFERENCE_TICKS)) return 0;
  markMoved(row);
  return SPEC_MOVED;
}

/** What a spec says for good. */
function create(row: usize, id: u32, spec: usize): void {
  store<u32>(row, id, TRD_ID);
  store<u8>(row, <u8>kindOpen(spec), TRD_KIND);
  store<u8>(row, load<u8>(spec, SPEC_EXECUTION), TRD_EXECUTION);
  // A spec that leaves the phase open means an instrument without sessions.
  const phase = load<u8>(spec, SPEC_PHASE);
  store<u8>(row, phase == InstrumentPhase.Unknown ? InstrumentPhase.Continuous : phase, TRD_PHASE);
  store<u8>(row, load<u8>(spec, SPEC_MARK_SOURCE), TRD_MARK_SOURCE);
  store<i64>(row, load<i64>(spec, INSTRUMENT_MINOR_NUM), TRD_NUM);
  store<i64>(row, load<i64>(spec, INSTRUMENT_MINOR_DEN), TRD_DEN);
  store<u16>(row, load<u16>(spec, SPEC_SETTLEMENT), TRD_SETTLEMENT);
  store<u16>(row, load<u16>(spec, SPEC_TENANT), TRD_TENANT);
  if (isInverse(row)) {
    store<i64>(row, 1, TRD_NUM);
    store<i64>(row, INVERSE_PARTS, TRD_DEN);
  }
  const productTicks = productMax(load<i64>(row, TRD_NUM), load<i64>(row, TRD_DEN));
  // Of inverse contracts no product of ticks and lots says anything: each order is multiplied out.
  store<i64>(row, isInverse(row) ? -1 : productTicks, TRD_PRODUCT_MAX);
  store<i64>(row, -NO_MARK, TRD_LOW);
  store<i64>(row, NO_MARK, TRD_HIGH);
  const isCall = phase == InstrumentPhase.Call;
  const isInternal = load<u8>(spec, SPEC_EXECUTION) == Execution.Internal;
  store<u8>(row, isCall && isInternal ? <u8>GUARD_CALL : 0, TRD_GUARD);
  store<u8>(row, load<u8>(spec, SPEC_QUEUE_MODEL), TRD_QUEUE_MODEL);
  store<u8>(row, load<u8>(spec, SPEC_QUEUE_POWER), TRD_QUEUE_POWER);
  if (load<u8>(spec, SPEC_EXECUTION) == Execution.Routed) return;
  if (kindIsSupported(load<u8>(row, TRD_KIND))) openBook(row, load<u16>(spec, SPEC_LADDER_TICKS));
}

/** Rules that bind what is asked for from now on; what rests is left as it is. */
function rulesCopy(row: usize, spec: usize): void {
  store<u32>(row, load<u32>(spec, SPEC_STALE_MILLIS), TRD_STALE_MILLIS);
  store<u32>(row, load<u32>(spec, SPEC_BAND_BPS), TRD_BAND_BPS);
  store<u32>(row, load<u32>(spec, SPEC_PRICE_STEP_TICKS), TRD_PRICE_STEP);
  store<u32>(row, load<u32>(spec, SPEC_QTY_STEP_LOTS), TRD_QTY_STEP);
  copyBounds(row, spec);
  const isStrict = (load<u32>(spec, SPEC_FLAGS) & SpecFlag.StopStrict) != 0;
  store<u8>(row, isStrict ? 1 : 0, TRD_STOP_POLICY);
  const call = <i32>load<u8>(row, TRD_GUARD) & GUARD_CALL;
  store<u8>(row, <u8>(call | guardOf(spec)), TRD_GUARD);
}

/** The band's bits, and the one of steps. */
function guardOf(spec: usize): i32 {
  const isStepped = load<u32>(spec, SPEC_PRICE_STEP_TICKS) | load<u32>(spec, SPEC_QTY_STEP_LOTS);
  let guard = isStepped > 1 ? GUARD_STEP : 0;
  if (load<u8>(spec, SPEC_EXECUTION) != Execution.Internal) return guard;
  const flags = load<u32>(spec, SPEC_FLAGS);
  if (load<u32>(spec, SPEC_BAND_BPS) == 0) return guard;
  if ((flags & SpecFlag.VolatilityHalt) != 0) guard |= GUARD_VOLATILITY;
  if ((flags & SpecFlag.BandStatic) != 0) guard |= GUARD_STATIC;
  return guard | GUARD_BAND;
}

/** ceil(product x num / den) <= NOTIONAL_MINOR_MAX holds exactly up to this product. */
function productMax(num: i64, den: i64): i64 {
  if (num <= 0) return 0;
  if (!mulDivFits(NOTIONAL_MINOR_MAX, den, num)) return i64.MAX_VALUE;
  return mulDiv64(NOTIONAL_MINOR_MAX, den, num);
}

function copyBounds(row: usize, spec: usize): void {
  const qtyMin = load<i64>(spec, SPEC_QTY_MIN_LOTS);
  store<i64>(row, qtyMin > 0 ? qtyMin : 1, TRD_QTY_MIN);
  store<i64>(row, load<i64>(spec, SPEC_QTY_MAX_LOTS), TRD_QTY_MAX);
  store<i64>(row, load<i64>(spec, SPEC_PRICE_MIN_TICKS), TRD_PRICE_MIN);
  store<i64>(row, load<i64>(spec, SPEC_PRICE_MAX_TICKS), TRD_PRICE_MAX);
  store<i64>(row, load<i64>(spec, SPEC_REFERENCE_TICKS), TRD_REFERENCE_TICKS);
  store<i64>(row, load<i64>(spec, SPEC_NOTIONAL_MIN_MINOR), TRD_NOTIONAL_MIN);
}

/** Two sides with the window the spec asks for, at most BOOK_WINDOW_TICKS_MAX. */
function openBook(row: usize, wantedTicks: i32): void {
  const ticks = wantedTicks == 0 ? BOOK_WINDOW_TICKS : min(wantedTicks, BOOK_WINDOW_TICKS_MAX);
  const bytes = (l3Bytes(ticks) + 63) & ~63;
  if (!arenaHas(Role.Order, bytes * 2)) return;
  const at = arenaAlloc(Role.Order, bytes * 2);
  l3Init(at, ticks, 1);
  l3Init(at + bytes, ticks, -1);
  store<u32>(row, <u32>at, TRD_BUYS);
  store<u32>(row, <u32>at + bytes, TRD_SELLS);
}

// Mark -----------------------------------------------------------------------------------------

/** Takes a MarkChange record: the venue's own mark price. */
export function markApply(rec: usize): void {
  const row = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  const ticks = load<i64>(rec, MARK_PRICE_TICKS);
  if (row == 0 || ticks <= 0) return;
  const interest = interestAt(load<u32>(row, TRD_ID));
  store<i64>(interest, ticks, INT_MARK_TICKS);
  store<i64>(interest, nowNanos(), INT_MARK_NANOS);
  rangeQuoted(row, MarkSource.Mark);
  markMoved(row);
}

/** Mark in ticks by the spec's source, else the static reference price; 0 = unknown. */
// @ts-ignore: decorator
@inline
export function markTicks(row: usize): i64 {
  const ticks = sourceTicks(row);
  return ticks > 0 ? ticks : load<i64>(row, TRD_REFERENCE_TICKS);
}

/** Mark in ticks by the spec's source alone, 0 = unknown. */
// @ts-ignore: decorator
@inline
export function sourceTicks(row: usize): i64 {
  const source = load<u8>(row, TRD_MARK_SOURCE);
  if (source == MarkSource.Last) return load<i64>(row, TRD_LAST_TICKS);
  if (source == MarkSource.Mark) {
    return load<i64>(interestAt(load<u32>(row, TRD_ID)), INT_MARK_TICKS);
  }
  if (load<i64>(row, TRD_BID_LOTS) == 0 || load<i64>(row, TRD_ASK_LOTS) == 0) return 0;
  return (load<i64>(row, TRD_BID_TICKS) + load<i64>(row, TRD_ASK_TICKS)) >> 1;
}

/** True when the mark is older than the spec allows; the static reference never ages. */
// @ts-ignore: decorator
@inline
export function markIsStale(row: usize): bool {
  const staleMillis = load<u32>(row, TRD_STALE_MILLIS);
  return staleMillis != 0 && markIsOlder(row, staleMillis);
}

/** True when the mark is older than `staleMillis`. */
export function markIsOlder(row: usize, staleMillis: u32): bool {
  if (sourceTicks(row) <= 0) return false;
  const source = load<u8>(row, TRD_MARK_SOURCE);
  let at = row + TRD_QUOTE_NANOS;
  if (source == MarkSource.Last) at = row + TRD_LAST_NANOS;
  if (source == MarkSource.Mark) at = interestAt(load<u32>(row, TRD_ID)) + INT_MARK_NANOS;
  const nanos = load<i64>(at);
  return nowNanos() - nanos > <i64>staleMillis * 1000000;
}
