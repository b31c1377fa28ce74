// The market role: one record of market data in, what follows from it out.
//
// Trades go to candles, candles to indicators, indicators to signal rules; quotes and book updates
// to the top of the book. State is one slot an instrument and what configuration handed out behind
// it. The order of outputs of one input is fixed: candles the trade ends (shortest first, each with
// its indicators), the trade, signals, candles the trade completes.
import { arenaHas } from "./arena";
import { bookChecksum, bookHasChecksum } from "./books/checksum";
import { levelsWrite } from "./books/peek";
import {
  bookClear,
  bookDelta,
  bookExpected,
  bookHasOrders,
  bookIsTrusted,
  bookIsWhole,
  bookLose,
  bookOpen,
  bookReason,
  bookReceived,
  bookSnapshot,
  BookChange,
  BOOK_SIDE_MAX,
} from "./books/l2";
import { topBook, topForget, topQuote } from "./books/l2-top";
import { bookOrder, bookOrderIsWhole, bookOrderTrade } from "./books/l3";
import { markEcho, markRefusal } from "./books/mark";
import { BOOK_ORDERS_MAX } from "./books/orders";
import {
  timeframeAdd,
  timeframeBytes,
  timeframeConflict,
  timeframeIsSame,
  timeframeRefusal,
} from "./candles/configure";
import { deadlineCount, deadlineFirst, deadlineInstrument } from "./candles/deadline";
import { drivenFold } from "./candles/driven";
import { timeframeForming } from "./candles/forming";
import {
  drivenIsOwed,
  timeframeAt,
  timeframesFold,
  timeframesMark,
  timeframesRefresh,
  timeframeWrite,
  T_INDEX,
} from "./candles/timeframe";
import { closeComplete } from "./indicators/completing";
import { closeDue, valueWrite } from "./indicators/closing";
import { candleImport } from "./indicators/importing";
import {
  indicatorAdd,
  indicatorAt,
  indicatorBytes,
  indicatorConflict,
  indicatorIsPrice,
  indicatorLines,
  indicatorPeekAt,
  indicatorRefusal,
} from "./indicators/indicator";
import { instrumentPeekAt } from "./indicators/peeking";
import { I_KIND, LINES_MAX } from "./indicators/slot";
import {
  INDICATORS_MAX,
  INSTRUMENTS_MAX,
  MARKET_ARENA_FLOOR,
  MARKET_INDICATORS,
  MARKET_INSTRUMENTS,
  MARKET_INSTRUMENT_BYTES,
  MARKET_MODELS,
  MARKET_STRUCTURES,
  MARKET_TABLES_END,
  MARKET_TIMEFRAMES,
  MI_BOOK,
  MI_DRIVEN,
  MI_END,
  MI_KNOWN,
  MI_MODELS,
  MI_STRUCTURES,
  MI_TOP_IS_BOOK,
  MI_UNTRUSTED,
  MODELS_MAX,
  PEEK,
  R_INSTRUMENTS,
  TIMEFRAMES_MAX,
  TIMER_INSTRUMENTS_MAX,
} from "./layout";
import { modelsTrade } from "./models/cross-forming";
import { modelConflict, modelRefusal, modelSet, MODEL_BYTES } from "./models/model";
import { nowNanos } from "./clock";
import { outBegin, outEnd, outFlag } from "./output";
import { instrumentAt } from "./reference/instrument";
import {
  structureAdd,
  structureBytes,
  structureConflict,
  structureRefusal,
} from "./structure/config";
import { sessionRefusal, sessionSet } from "./structure/session";
import { structuresTrade } from "./structure/structure";
import {
  BOOK_CHECKSUM_VENUE,
  BOOK_CHECKSUM_VENUE_OFFSET_MICROS,
  BOOK_FIRST_ID,
  BOOK_ORDER_VENUE,
  BOOK_ORDER_VENUE_OFFSET_MICROS,
  BOOK_VENUE,
  BOOK_VENUE_OFFSET_MICROS,
  CandleQuality,
  CandleType,
  CANDLE_CELLS,
  CANDLE_OPEN_NANOS,
  CONFIG_CELLS,
  CONFIG_KIND,
  CONFIG_REASON,
  Flag,
  INDICATOR_KIND,
  INDICATOR_SLOT,
  INDICATOR_TIMEFRAME,
  Kind,
  MARK_PRICE_TICKS,
  MODEL_ID,
  MODEL_INDICATOR,
  MODEL_TIMEFRAME,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_PAYLOAD,
  REC_TS_ENGINE,
  Refusal,
  Role,
  Side,
  SMC_TIMEFRAME,
  SPEC_BOOK_LEVELS,
  SPEC_BOOK_ORDERS,
  SPEC_BOOK_RULE,
  SPEC_KIND,
  TIMEFRAME_SLOT,
  TIMEFRAME_SOURCE,
  TIMEFRAME_TYPE,
  TIMER_DEADLINE_NANOS,
  TRADE_AGGRESSOR,
  TRADE_CELLS,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_VENUE_OFFSET_MICROS,
  TRUST_CELLS,
  TRUST_EXPECTED,
  TRUST_REASON,
  TRUST_RECEIVED,
  TRUST_STATE,
  VALUE_CELLS,
} from "./vocab";

/** Largest price magnitude taken: 1024 of them fit an i64, and f64 holds each exactly. */
const PRICE_TICKS_MAX: i64 = 4503599627370496;
/** Largest quantity of one trade taken. */
const QTY_LOTS_MAX: i64 = 4503599627370496;
/** MI_UNTRUSTED of a book that has not been spoken of yet. */
const UNTRUSTED_SILENT: u8 = 2;

/** Applies one sequenced record; kinds that are not the market's are left alone. */
export function marketApply(rec: usize): void {
  assert(MARKET_TABLES_END <= MARKET_ARENA_FLOOR, "market tables end below the arena");
  const id = load<u32>(rec, REC_INSTRUMENT);
  switch (<i32>load<u16>(rec, REC_KIND)) {
    case Kind.Trade:
      return trade(rec, id);
    case Kind.Quote:
      return quote(rec, id);
    case Kind.BookDelta:
    case Kind.BookSnapshot:
    case Kind.BookClear:
      return book(rec, id);
    case Kind.BookChecksum:
      return checksum(rec, id);
    case Kind.BookOrderAdd:
    case Kind.BookOrderModify:
    case Kind.BookOrderDelete:
    case Kind.BookOrderExecute:
      return order(rec, id);
    case Kind.CandleImport:
      return history(rec, id);
    case Kind.MarkPrice:
    case Kind.FundingRate:
      return mark(rec, id);
    case Kind.Timer:
      return timer(load<i64>(rec, TIMER_DEADLINE_NANOS));
    case Kind.FeedGap:
      return feedGap(id);
    case Kind.InstrumentSpec:
      return specify(rec, id);
    case Kind.Timeframe:
    case Kind.Indicator:
    case Kind.StructureConfig:
    case Kind.ModelConfig:
      return answer(rec, id == 0 ? configureAll(rec) : configureOne(rec, id));
    case Kind.SessionCalendar:
      return answer(rec, sessionTake(rec, id));
  }
}

// @ts-ignore: decorator
@inline
function slotOf(id: u32): usize {
  return <usize>MARKET_INSTRUMENTS + <usize>id * MARKET_INSTRUMENT_BYTES;
}

/** Address of the instrument's slot, 0 when it was not specified. */
// @ts-ignore: decorator
@inline
function instrumentSlot(id: u32): usize {
  if (id >= <u32>INSTRUMENTS_MAX) return 0;
  const at = slotOf(id);
  return load<u8>(at, MI_KNOWN) != 0 ? at : 0;
}

function refuse(id: u32, reason: Refusal, value: i64): void {
  const rec = outBegin(Kind.MarketRefusal, TRUST_CELLS, id);
  store<u16>(rec, <u16>reason, TRUST_REASON);
  store<i64>(rec, value, TRUST_RECEIVED);
  outEnd(rec);
}

// --------------------------------------------------------------------------------- trades

function trade(rec: usize, id: u32): void {
  const at = instrumentSlot(id);
  if (at == 0) return refuse(id, Refusal.UnknownInstrument, id);
  const price = load<i64>(rec, TRADE_PRICE_TICKS);
  const qty = load<i64>(rec, TRADE_QTY_LOTS);
  if (qty <= 0) return refuse(id, Refusal.QtyNotPositive, qty);
  if (qty > QTY_LOTS_MAX) return refuse(id, Refusal.NumberOverflow, qty);
  if (price > PRICE_TICKS_MAX || price < -PRICE_TICKS_MAX) {
    return refuse(id, Refusal.NumberOverflow, price);
  }
  const tsNanos =
    load<i64>(rec, REC_TS_ENGINE) + <i64>load<i32>(rec, TRADE_VENUE_OFFSET_MICROS) * 1000;
  if (tsNanos >= load<i64>(at, MI_END)) closeDue(at, id, tsNanos);
  const isBuy = load<u8>(rec, TRADE_AGGRESSOR) == Side.Buy;
  let isLate = timeframesFold(at, id, tsNanos, price, qty, isBuy);
  const isDriven = load<u8>(at, MI_DRIVEN) != 0;
  if (isDriven) {
    isLate = drivenFold(at, tsNanos, price, qty, load<u8>(rec, TRADE_AGGRESSOR)) || isLate;
  }
  const print = outBegin(Kind.TradePrint, TRADE_CELLS, id);
  v128.store(print + REC_PAYLOAD, v128.load(rec + REC_PAYLOAD));
  v128.store(print + REC_PAYLOAD, v128.load(rec + REC_PAYLOAD, 16), 16);
  if (isLate) outFlag(print, Flag.Late);
  outEnd(print);
  // A late trade is not the last price.
  if (!isLate && load<u8>(at, MI_STRUCTURES) != 0) structuresTrade(at, tsNanos, price);
  if (!isLate && load<u8>(at, MI_MODELS) != 0) modelsTrade(at, id, price);
  if (isDriven) complete(at, id);
}

/** Closes what the trade completed; a long row of bricks goes on with Timers. */
function complete(at: usize, id: u32): void {
  closeComplete(at, id);
  if (drivenIsOwed(at)) timeframesRefresh(at, id);
}

/** A candle that closed before: it counts as if it had closed here, or is refused. */
function history(rec: usize, id: u32): void {
  const at = instrumentSlot(id);
  if (at == 0) return refuse(id, Refusal.UnknownInstrument, id);
  const refusal = candleImport(at, id, rec);
  if (refusal != Refusal.None) refuse(id, refusal, load<i64>(rec, CANDLE_OPEN_NANOS));
}

/** Closes what ended at the deadline, in a bounded number of instruments. */
function timer(deadlineNanos: i64): void {
  for (let i = 0; i < TIMER_INSTRUMENTS_MAX; i++) {
    if (deadlineCount() == 0 || deadlineFirst() > deadlineNanos) return;
    const id = deadlineInstrument();
    const at = slotOf(id);
    const isOwed = drivenIsOwed(at);
    if (isOwed) closeComplete(at, id);
    closeDue(at, id, deadlineNanos);
    // One row of bricks an input: beside it the outputs of all others have room.
    if (isOwed) return;
  }
}

// ------------------------------------------------------------------------- quotes and books

function quote(rec: usize, id: u32): void {
  const at = instrumentSlot(id);
  if (at == 0) return refuse(id, Refusal.UnknownInstrument, id);
  topQuote(at, id, rec);
}

function book(rec: usize, id: u32): void {
  const at = instrumentSlot(id);
  if (at == 0) return refuse(id, Refusal.UnknownInstrument, id);
  const l2 = <usize>load<u32>(at, MI_BOOK);
  // No levels were configured: the instrument has no book, and its quotes are enough.
  if (l2 == 0) return;
  const kind = load<u16>(rec, REC_KIND);
  if (kind == Kind.BookClear) {
    bookClear(l2);
    return bookGone(at, id, l2, rec);
  }
  if (!bookIsWhole(rec)) return refuse(id, Refusal.MalformedFrame, load<u16>(rec, REC_FLAGS));
  const change = kind == Kind.BookDelta ? bookDelta(l2, rec) : bookSnapshot(l2, rec);
  if (settle(at, id, l2, change, load<u64>(rec, BOOK_FIRST_ID))) topOf(at, id, rec);
}

/** Says what became of the book's trust; true when its top may have changed. */
function settle(at: usize, id: u32, l2: usize, change: BookChange, firstId: u64): bool {
  if (change == BookChange.Lost) trustLost(at, id, l2);
  else if (change == BookChange.Landed) trustWon(at, id);
  else if (load<u8>(at, MI_UNTRUSTED) == UNTRUSTED_SILENT) trustMissing(at, id, firstId);
  return change == BookChange.Applied || change == BookChange.Landed;
}

/** What the venue says its best levels sum to. */
function checksum(rec: usize, id: u32): void {
  const at = instrumentSlot(id);
  if (at == 0) return refuse(id, Refusal.UnknownInstrument, id);
  const l2 = <usize>load<u32>(at, MI_BOOK);
  if (l2 == 0) return;
  if (!bookHasChecksum(l2)) return refuse(id, Refusal.KindNotAllowed, load<u16>(rec, REC_KIND));
  if (!settle(at, id, l2, bookChecksum(l2, rec, instrumentAt(id)), 0)) return;
  const offset = load<i32>(rec, BOOK_CHECKSUM_VENUE_OFFSET_MICROS);
  topBook(at, id, offset, load<u16>(rec, BOOK_CHECKSUM_VENUE));
}

/** One record of a book that comes order by order; an execution may be a trade too. */
function order(rec: usize, id: u32): void {
  const at = instrumentSlot(id);
  if (at == 0) return refuse(id, Refusal.UnknownInstrument, id);
  if (!bookOrderIsWhole(rec)) return refuse(id, Refusal.MalformedFrame, load<u16>(rec, REC_FLAGS));
  const l3 = <usize>load<u32>(at, MI_BOOK);
  if (bookOrderTrade(l3, rec, WORK_TRADE)) trade(WORK_TRADE, id);
  if (l3 == 0) return;
  if (!bookHasOrders(l3)) return refuse(id, Refusal.KindNotAllowed, load<u16>(rec, REC_KIND));
  if (!settle(at, id, l3, bookOrder(l3, rec), 0)) return;
  const offset = load<i32>(rec, BOOK_ORDER_VENUE_OFFSET_MICROS);
  topBook(at, id, offset, load<u16>(rec, BOOK_ORDER_VENUE));
}

function topOf(at: usize, id: u32, rec: usize): void {
  topBook(at, id, load<i32>(rec, BOOK_VENUE_OFFSET_MICROS), load<u16>(rec, BOOK_VENUE));
}

/** The venue emptied the book: the top it gave is gone too. */
function bookGone(at: usize, id: u32, l2: usize, rec: usize): void {
  trustLost(at, id, l2);
  topForget(at);
  if (load<u8>(at, MI_TOP_IS_BOOK) != 0) topOf(at, id, rec);
}

function trustLost(at: usize, id: u32, l2: usize): void {
  timeframesMark(at, CandleQuality.Gap);
  if (load<u8>(at, MI_UNTRUSTED) == 1) return;
  trust(at, id, 1, bookReason(l2), bookExpected(l2), bookReceived(l2));
}

function trustWon(at: usize, id: u32): void {
  if (load<u8>(at, MI_UNTRUSTED) != 0) trust(at, id, 0, Refusal.None, 0, 0);
}

/** The first update of a book whose snapshot has not come. */
function trustMissing(at: usize, id: u32, firstId: u64): void {
  trust(at, id, 1, Refusal.SequenceGap, 0, firstId);
}

function trust(at: usize, id: u32, untrusted: u8, reason: i32, expected: u64, got: u64): void {
  store<u8>(at, untrusted, MI_UNTRUSTED);
  const rec = outBegin(Kind.BookTrust, TRUST_CELLS, id);
  store<u8>(rec, 1 - untrusted, TRUST_STATE);
  store<u16>(rec, <u16>reason, TRUST_REASON);
  store<u64>(rec, expected, TRUST_EXPECTED);
  store<u64>(rec, got, TRUST_RECEIVED);
  outEnd(rec);
}

function mark(rec: usize, id: u32): void {
  if (instrumentSlot(id) == 0) return refuse(id, Refusal.UnknownInstrument, id);
  const refusal = markRefusal(rec, load<u8>(instrumentAt(id), SPEC_KIND));
  if (refusal != Refusal.None) return refuse(id, refusal, load<i64>(rec, MARK_PRICE_TICKS));
  markEcho(rec);
}

/** Something of the feed was not seen: of one instrument, or of all (0). */
function feedGap(id: u32): void {
  if (id != 0) {
    const at = instrumentSlot(id);
    return at == 0 ? refuse(id, Refusal.UnknownInstrument, id) : gapOf(at, id);
  }
  for (let other: u32 = 1, n = load<u32>(R_INSTRUMENTS); other < n; other++) {
    const at = instrumentSlot(other);
    if (at != 0) gapOf(at, other);
  }
}

function gapOf(at: usize, id: u32): void {
  topForget(at);
  const l2 = <usize>load<u32>(at, MI_BOOK);
  if (l2 == 0) return timeframesMark(at, CandleQuality.Gap);
  if (bookIsTrusted(l2)) bookLose(l2, Refusal.SequenceGap, 0, 0);
  trustLost(at, id, l2);
}

// --------------------------------------------------------------------------- configuration

/** Answers the configuration kinds above; other kinds are answered elsewhere. */
function answer(rec: usize, refusal: Refusal): void {
  const isTaken = refusal == Refusal.None || refusal == Refusal.AlreadyConfigured;
  const kind = isTaken ? Kind.ConfigAccepted : Kind.ConfigDenied;
  const out = outBegin(kind, CONFIG_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u16>(out, load<u16>(rec, REC_KIND), CONFIG_KIND);
  store<u16>(out, isTaken ? 0 : <u16>refusal, CONFIG_REASON);
  outEnd(out);
}

/** Sessions are the same for every instrument. */
function sessionTake(rec: usize, id: u32): Refusal {
  const refusal = id == 0 ? sessionRefusal(rec) : Refusal.ParameterInvalid;
  if (refusal == Refusal.None) sessionSet(rec);
  return refusal;
}

/** Opens the slot of a new instrument: its book, then what was configured for all. */
function specify(rec: usize, id: u32): void {
  assert(id > 0 && id < <u32>INSTRUMENTS_MAX, "only accepted instruments reach the roles");
  const at = slotOf(id);
  if (load<u8>(at, MI_KNOWN) != 0) return;
  store<u8>(at, 1, MI_KNOWN);
  timeframesRefresh(at, id);
  const levels = min(<i32>load<u16>(rec, SPEC_BOOK_LEVELS), BOOK_SIDE_MAX);
  if (levels > 0) {
    const orders = <i32>min(load<u32>(rec, SPEC_BOOK_ORDERS), <u32>BOOK_ORDERS_MAX);
    const l2 = bookOpen(levels, load<u8>(rec, SPEC_BOOK_RULE), orders);
    if (l2 == 0) refuse(id, Refusal.ArenaFull, levels);
    store<u32>(at, <u32>l2, MI_BOOK);
    store<u8>(at, l2 == 0 ? 0 : UNTRUSTED_SILENT, MI_UNTRUSTED);
  }
  for (let i = 0; i < TIMEFRAMES_MAX; i++) inherit(MARKET_TIMEFRAMES + i * 64, at, id);
  for (let i = 0; i < TIMEFRAMES_MAX * INDICATORS_MAX; i++) {
    inherit(MARKET_INDICATORS + i * 128, at, id);
  }
  for (let i = 0; i < TIMEFRAMES_MAX; i++) inherit(MARKET_STRUCTURES + i * 128, at, id);
  for (let i = 0; i < MODELS_MAX; i++) inherit(MARKET_MODELS + i * 128, at, id);
}

/** Applies a kept record of instrument 0; the spec is accepted already, so a lack is reported. */
function inherit(kept: usize, at: usize, id: u32): void {
  if (load<u16>(kept, REC_KIND) == 0) return;
  const refusal = conflict(at, kept);
  const result = refusal == Refusal.None ? add(at, id, kept) : refusal;
  if (result != Refusal.None) refuse(id, result, load<u16>(kept, REC_KIND));
}

/** What is wrong with a configuration record by itself. */
function shapeRefusal(rec: usize): Refusal {
  switch (<i32>load<u16>(rec, REC_KIND)) {
    case Kind.Timeframe:
      return timeframeRefusal(rec);
    case Kind.Indicator:
      if (load<u8>(rec, INDICATOR_TIMEFRAME) >= <u8>TIMEFRAMES_MAX) return Refusal.UnknownTimeframe;
      return indicatorRefusal(rec);
    case Kind.StructureConfig:
      return structureRefusal(rec);
    default:
      return modelRefusal(rec);
  }
}

/** What keeps it from one instrument; AlreadyConfigured when there is nothing to do. */
function conflict(at: usize, rec: usize): Refusal {
  switch (<i32>load<u16>(rec, REC_KIND)) {
    case Kind.Timeframe:
      return timeframeConflict(at, rec);
    case Kind.Indicator: {
      const timeframe = timeframeAt(at, load<u8>(rec, INDICATOR_TIMEFRAME));
      return timeframe == 0 ? Refusal.UnknownTimeframe : indicatorConflict(timeframe, rec);
    }
    case Kind.StructureConfig:
      return structureConflict(at, rec);
    default:
      return modelConflict(at, rec);
  }
}

function add(at: usize, id: u32, rec: usize): Refusal {
  switch (<i32>load<u16>(rec, REC_KIND)) {
    case Kind.Timeframe:
      return timeframeAdd(at, id, rec);
    case Kind.Indicator:
      return indicatorAdd(timeframeAt(at, load<u8>(rec, INDICATOR_TIMEFRAME)), rec);
    case Kind.StructureConfig:
      return structureAdd(at, id, rec);
    default:
      return modelSet(at, rec);
  }
}

function configureOne(rec: usize, id: u32): Refusal {
  const at = instrumentSlot(id);
  if (at == 0) return Refusal.UnknownInstrument;
  const refusal = shapeRefusal(rec);
  if (refusal != Refusal.None) return refusal;
  const taken = conflict(at, rec);
  return taken == Refusal.None ? add(at, id, rec) : taken;
}

/**
 * Configures every instrument, now and later. Instruments whose own setting stands in the way keep
 * it; nothing is done when the arena has not room for all the others.
 */
function configureAll(rec: usize): Refusal {
  const refusal = shapeRefusal(rec);
  if (refusal != Refusal.None) return refusal;
  const kept = keptAt(rec);
  if (kept == 0) return Refusal.ConfigConflict;
  const taken = keptConflict(rec, kept);
  if (taken != Refusal.None) return taken;
  if (!arenaHas(Role.Market, roomForAll(rec))) return Refusal.ArenaFull;
  memory.copy(kept, rec, cellsBytes(rec));
  for (let id: u32 = 1, n = load<u32>(R_INSTRUMENTS); id < n; id++) {
    const at = instrumentSlot(id);
    if (at == 0 || conflict(at, rec) != Refusal.None) continue;
    assert(add(at, id, rec) == Refusal.None, "room for all instruments was there");
  }
  return Refusal.None;
}

function roomForAll(rec: usize): i32 {
  let count = 0;
  for (let id: u32 = 1, n = load<u32>(R_INSTRUMENTS); id < n; id++) {
    const at = instrumentSlot(id);
    if (at != 0 && conflict(at, rec) == Refusal.None) count++;
  }
  return count * ((bytesOf(rec) + 63) & ~63);
}

function bytesOf(rec: usize): i32 {
  switch (<i32>load<u16>(rec, REC_KIND)) {
    case Kind.Timeframe:
      return timeframeBytes(rec);
    case Kind.Indicator:
      return indicatorBytes(rec);
    case Kind.StructureConfig:
      return structureBytes(rec);
    default:
      return MODEL_BYTES;
  }
}

function cellsBytes(rec: usize): usize {
  return (1 + (load<u16>(rec, REC_FLAGS) & Flag.CellsMask)) << 6;
}

/** Where a record for all instruments is kept; 0 when the models are full. */
function keptAt(rec: usize): usize {
  switch (<i32>load<u16>(rec, REC_KIND)) {
    case Kind.Timeframe:
      return keptTimeframe(load<u8>(rec, TIMEFRAME_SLOT));
    case Kind.Indicator: {
      const row = <usize>load<u8>(rec, INDICATOR_TIMEFRAME) * INDICATORS_MAX;
      return <usize>MARKET_INDICATORS + (row + load<u8>(rec, INDICATOR_SLOT)) * 128;
    }
  }
  if (load<u16>(rec, REC_KIND) == Kind.StructureConfig) return keptStructure(rec);
  for (let i: usize = 0; i < <usize>MODELS_MAX; i++) {
    const at = <usize>MARKET_MODELS + i * 128;
    const id = load<u16>(at, MODEL_ID);
    if (id == 0 || id == load<u16>(rec, MODEL_ID)) return at;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function keptTimeframe(slot: u8): usize {
  return <usize>MARKET_TIMEFRAMES + <usize>slot * 64;
}

// @ts-ignore: decorator
@inline
function keptStructure(rec: usize): usize {
  return <usize>MARKET_STRUCTURES + (<usize>load<u8>(rec, SMC_TIMEFRAME) << 7);
}

/** What kept records say against this one. A model may be set again, its settings change. */
function keptConflict(rec: usize, kept: usize): Refusal {
  const kind = load<u16>(rec, REC_KIND);
  if (load<u16>(kept, REC_KIND) != 0 && kind != Kind.ModelConfig) {
    const bytes = cellsBytes(rec) - REC_PAYLOAD;
    const isSame = memory.compare(kept + REC_PAYLOAD, rec + REC_PAYLOAD, bytes) == 0;
    return isSame ? Refusal.AlreadyConfigured : Refusal.ConfigConflict;
  }
  if (kind == Kind.Timeframe) return keptPeriodConflict(rec);
  if (kind == Kind.Indicator) {
    const timeframe = keptTimeframe(load<u8>(rec, INDICATOR_TIMEFRAME));
    return load<u16>(timeframe, REC_KIND) == 0 ? Refusal.UnknownTimeframe : Refusal.None;
  }
  if (kind == Kind.StructureConfig) {
    const timeframe = keptTimeframe(load<u8>(rec, SMC_TIMEFRAME));
    return load<u16>(timeframe, REC_KIND) == 0 ? Refusal.UnknownTimeframe : Refusal.None;
  }
  return keptModelConflict(rec);
}

function keptPeriodConflict(rec: usize): Refusal {
  for (let slot: u8 = 0; slot < <u8>TIMEFRAMES_MAX; slot++) {
    const kept = keptTimeframe(slot);
    if (load<u16>(kept, REC_KIND) == 0) continue;
    if (timeframeIsSame(kept, rec)) return Refusal.ConfigConflict;
  }
  if (load<u8>(rec, TIMEFRAME_TYPE) != CandleType.HeikinAshi) return Refusal.None;
  const source = keptTimeframe(load<u8>(rec, TIMEFRAME_SOURCE));
  return load<u16>(source, REC_KIND) == 0 ? Refusal.UnknownTimeframe : Refusal.None;
}

/** The line a rule for all looks at must be configured for all. */
function keptModelConflict(rec: usize): Refusal {
  const timeframe = <usize>load<u8>(rec, MODEL_TIMEFRAME);
  const slot = <usize>load<u8>(rec, MODEL_INDICATOR);
  if (timeframe >= <usize>TIMEFRAMES_MAX) return Refusal.UnknownTimeframe;
  if (slot >= <usize>INDICATORS_MAX) return Refusal.UnknownIndicator;
  const kept = <usize>MARKET_INDICATORS + (timeframe * INDICATORS_MAX + slot) * 128;
  if (load<u16>(kept, REC_KIND) == 0) return Refusal.UnknownIndicator;
  const isPrice = indicatorIsPrice(load<u16>(kept, INDICATOR_KIND));
  return isPrice ? Refusal.None : Refusal.ParameterInvalid;
}

// ---------------------------------------------------------------------------------- peeks

// Bytes in flight behind the answer.
const WORK_CANDLE: usize = PEEK + 512;
const WORK_VALUES: usize = PEEK + 640;
/** The trade that an execution of a book's order tells of. */
const WORK_TRADE: usize = PEEK + 768;

/** Writes a CandleForming record to PEEK; 0 when there is no forming candle. State untouched. */
export function candlePeek(id: u32, timeframe: u32): i32 {
  const at = instrumentSlot(id);
  const slot = at == 0 ? <usize>0 : timeframeAt(at, timeframe);
  if (slot == 0 || !timeframeForming(at, slot, WORK_CANDLE)) return 0;
  peekBegin(Kind.CandleForming, CANDLE_CELLS, id);
  timeframeWrite(PEEK, slot, WORK_CANDLE, load<u64>(slot, T_INDEX));
  return 1;
}

/**
 * Writes an IndicatorValue record to PEEK as if the forming candle closed now, its lines from
 * number `first` on; 0 without a forming candle, such an indicator or line. State untouched.
 */
export function indicatorPeek(id: u32, timeframe: u32, slot: u32, first: u32): i32 {
  const at = instrumentSlot(id);
  const frame = at == 0 ? <usize>0 : timeframeAt(at, timeframe);
  const indicator = frame == 0 ? <usize>0 : indicatorAt(frame, slot);
  if (indicator == 0 || !timeframeForming(at, frame, WORK_CANDLE)) return 0;
  memory.fill(WORK_VALUES, 0, LINES_MAX << 3);
  const isWarm = indicatorPeekAt(indicator, WORK_CANDLE, WORK_VALUES);
  const lines = indicatorLines(load<u16>(indicator, I_KIND));
  if (first >= <u32>lines) return 0;
  peekBegin(Kind.IndicatorValue, VALUE_CELLS, id);
  valueWrite(PEEK, <u8>timeframe, indicator, WORK_VALUES, isWarm, lines, first);
  return 1;
}

/**
 * Writes every forming candle of the instrument, each with its indicators behind it, to PEEK, and
 * returns the bytes of these records. State untouched.
 */
export function instrumentPeek(id: u32): i32 {
  const at = instrumentSlot(id);
  return at == 0 ? 0 : instrumentPeekAt(at, id);
}

/**
 * Writes up to `levelsMax` levels a side of the instrument's book to PEEK as BookSnapshot records,
 * RECORD_BYTES_MAX apart; returns how many, 0 when there is no book. State untouched.
 */
export function levelsPeek(id: u32, levelsMax: u32): i32 {
  const at = instrumentSlot(id);
  const book = at == 0 ? <usize>0 : <usize>load<u32>(at, MI_BOOK);
  return book == 0 ? 0 : levelsWrite(book, PEEK, id, nowNanos(), levelsMax);
}

function peekBegin(kind: i32, cells: i32, id: u32): void {
  memory.fill(PEEK, 0, cells << 6);
  store<u16>(PEEK, <u16>kind, REC_KIND);
  store<u16>(PEEK, <u16>(cells - 1), REC_FLAGS);
  store<u32>(PEEK, id, REC_INSTRUMENT);
  store<i64>(PEEK, nowNanos(), REC_TS_ENGINE);
}
