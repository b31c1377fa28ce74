// One message of Binance (spot, USD-M or COIN-M) from bytes to records: trade, aggTrade,
// bookTicker, depthUpdate and the REST snapshot of a book, bare or inside {"stream":..,"data":..}.
//
// Scanning (fields.ts) and decoding are two steps because the venue promises no order of fields.
// A message is taken whole or refused whole, and what is taken here is exactly what JSON.parse
// would have read: the twin in src/feeds/binance-json.ts is compared on a million broken messages.
import { PARSE_BYTES_MAX, SCRATCH } from "../layout";
import { Kind, Refusal } from "../vocab";
import { lotsAt, ticksAt } from "./decimal";
import { emitBegin, emitBook, emitEnd, emitQuote, emitTradeOnce } from "./emit";
import { OFFSET_FAR, offsetMicros } from "./emit";
import { F_DEFAULT, F_INSTRUMENT, F_VENUE, SEEN_AGGREGATES, SEEN_TRADES } from "./frame";
import { FALLBACK, fieldsScan, has, instrumentFrom, levelsOf, SLOT_A, SLOT_ASKS } from "./fields";
import { SLOT_B, SLOT_BIDS, SLOT_INSTRUMENT, SLOT_LAST_ID, SLOT_NAME, SLOT_PU } from "./fields";
import { Tag, tagOf, valueOf } from "./fields";
import { quickMessage } from "./quick";
import { tickerFind } from "./ticker";

const S_E: i32 = 0x25; // e
const S_EVENT_MILLIS: i32 = 0x5; // E
const S_TRADE_MILLIS: i32 = 0x14; // T
const S_PRICE: i32 = 0x30; // p
const S_QTY: i32 = 0x31; // q
const S_MAKER: i32 = 0x2d; // m
const S_TRADE_ID: i32 = 0x34; // t
const S_ASK_QTY: i32 = 0x1; // A
const S_BID_QTY: i32 = 0x2; // B
const S_LAST: i32 = 0x35; // u
const S_FIRST: i32 = 0x15; // U

/**
 * Parses the `length` bytes at the start of scratch and puts the records into `ring`.
 *
 * `recvNanos` is the receive time since ClockBase; `timed` != 0 (recorded data) makes it the
 * records' tsEngine. Returns the number of records (>= 1), or minus a Refusal (JsonMalformed,
 * MessageUnknown, SymbolUnknown, MessageTooLong, NumberMalformed, NumberOverflow, PriceNotOnTick,
 * QtyNotOnLot, PriceNotPositive, QtyNotPositive, TimeFarAhead, RingFull; live also
 * DuplicateUpdate), or minus FALLBACK when only a full JSON parser can tell. Cost: bench parse.
 */
export function parseBinance(
  length: i32,
  venue: i32,
  recvNanos: f64,
  timed: i32,
  ring: usize,
): i32 {
  if (length < 0 || length > PARSE_BYTES_MAX) return -Refusal.MessageTooLong;
  emitBegin(recvNanos, timed, venue, ring);
  const count = binanceMessage(<usize>SCRATCH, <usize>SCRATCH + length);
  if (count > 0) emitEnd();
  return count;
}

/** The message between two addresses, after `emitBegin`; records are committed, not published. */
export function binanceMessage(from: usize, end: usize): i32 {
  const quick = quickMessage(from, end, false);
  if (quick != 0) return quick;
  const code = fieldsScan(from, end);
  if (code != 0) return -code;
  const tag = tagOf(S_E);
  if (tag == Tag.String) return decodeEvent(end);
  if (tag == Tag.Slow) return -FALLBACK;
  if (tag != Tag.None) return -Refusal.MessageUnknown;
  if (has(SLOT_LAST_ID)) return decodeSnapshot(end);
  // Spot's bookTicker says no event name.
  const isQuote = has(S_LAST) && has(SLOT_B) && has(S_BID_QTY) && has(SLOT_A) && has(S_ASK_QTY);
  return isQuote ? decodeQuote(end) : -Refusal.MessageUnknown;
}

/** By the event's name, compared as little-endian words. */
function decodeEvent(end: usize): i32 {
  const value = valueOf(S_E);
  const name = <usize>(value & 0xffffffff);
  const bytes = <u32>(value >> 32);
  if (bytes == 5 && load<u32>(name) == 0x64617274 && load<u8>(name, 4) == 0x65) {
    return decodeTrade(S_TRADE_ID, end);
  }
  if (bytes == 8 && load<u64>(name) == 0x6564617254676761) return decodeTrade(SLOT_A, end);
  if (bytes == 10 && load<u64>(name) == 0x6b6369546b6f6f62 && load<u16>(name, 8) == 0x7265) {
    return decodeQuote(end);
  }
  if (bytes == 11 && load<u64>(name) == 0x6470556874706564) {
    if (load<u16>(name, 8) == 0x7461 && load<u8>(name, 10) == 0x65) return decodeDelta(end);
  }
  return -Refusal.MessageUnknown;
}

/** 0 when the field is an integer; otherwise minus the reason. */
// @ts-ignore: decorator
@inline
function needInteger(slot: i32): i32 {
  const tag = tagOf(slot);
  return tag == Tag.Integer ? 0 : reasonOf(tag);
}

function reasonOf(tag: Tag): i32 {
  if (tag == Tag.None) return -Refusal.MessageUnknown;
  if (tag == Tag.Overflow) return -Refusal.NumberOverflow;
  return tag == Tag.Slow ? -FALLBACK : -Refusal.NumberMalformed;
}

/** 0 when the message names an instrument we know. */
// @ts-ignore: decorator
@inline
function needInstrument(): i32 {
  if (load<u32>(F_INSTRUMENT) != 0) return 0;
  const tag = tagOf(SLOT_INSTRUMENT);
  if (tag == Tag.Slow) return -FALLBACK;
  return tag == Tag.String ? -Refusal.SymbolUnknown : -Refusal.MessageUnknown;
}

/** Steps of a decimal field; minus a reason. */
// @ts-ignore: decorator
@inline
function fieldTicks(slot: i32, end: usize): i64 {
  const tag = tagOf(slot);
  if (tag != Tag.String) return reasonOf(tag);
  return ticksAt(<usize>(valueOf(slot) & 0xffffffff), end, 0x22);
}

// @ts-ignore: decorator
@inline
function fieldLots(slot: i32, end: usize): i64 {
  const tag = tagOf(slot);
  if (tag != Tag.String) return reasonOf(tag);
  return lotsAt(<usize>(valueOf(slot) & 0xffffffff), end, 0x22);
}

/** Minus the reason why the message's time is of no use, 0 when it is or there is none. */
// @ts-ignore: decorator
@inline
function needTime(): i32 {
  const slot = timeSlot();
  return has(slot) ? needInteger(slot) : 0;
}

/** T is the venue's match time, E when the message was made; spot quotes have neither. */
// @ts-ignore: decorator
@inline
function timeSlot(): i32 {
  return has(S_TRADE_MILLIS) ? S_TRADE_MILLIS : S_EVENT_MILLIS;
}

// @ts-ignore: decorator
@inline
function timeOffset(): i32 {
  const slot = timeSlot();
  return has(slot) ? offsetMicros(<i64>valueOf(slot)) : 0;
}

function decodeTrade(idSlot: i32, end: usize): i32 {
  let code = needInstrument() || needInteger(idSlot) || needTime();
  if (code != 0) return code;
  const maker = tagOf(S_MAKER);
  if (maker != Tag.True && maker != Tag.False) return -Refusal.MessageUnknown;
  const ticks = fieldTicks(S_PRICE, end);
  if (ticks < 0) return <i32>ticks;
  const lots = fieldLots(S_QTY, end);
  if (lots < 0) return <i32>lots;
  if (ticks == 0) return -Refusal.PriceNotPositive;
  if (lots == 0) return -Refusal.QtyNotPositive;
  const offset = timeOffset();
  if (offset == OFFSET_FAR) return -Refusal.TimeFarAhead;
  const seen = idSlot == SLOT_A ? SEEN_AGGREGATES : SEEN_TRADES;
  return emitTradeOnce(ticks, lots, valueOf(idSlot), offset, maker == Tag.True, seen);
}

function decodeQuote(end: usize): i32 {
  const code = needInstrument() || needInteger(S_LAST) || needTime();
  if (code != 0) return code;
  const bidTicks = fieldTicks(SLOT_B, end);
  if (bidTicks < 0) return <i32>bidTicks;
  const bidLots = fieldLots(S_BID_QTY, end);
  if (bidLots < 0) return <i32>bidLots;
  const askTicks = fieldTicks(SLOT_A, end);
  if (askTicks < 0) return <i32>askTicks;
  const askLots = fieldLots(S_ASK_QTY, end);
  if (askLots < 0) return <i32>askLots;
  const offset = timeOffset();
  if (offset == OFFSET_FAR) return -Refusal.TimeFarAhead;
  return emitQuote(bidTicks, bidLots, askTicks, askLots, valueOf(S_LAST), offset);
}

function decodeDelta(end: usize): i32 {
  let code = needInstrument() || needInteger(S_FIRST) || needInteger(S_LAST) || needTime();
  if (code == 0 && has(SLOT_PU)) code = needInteger(SLOT_PU);
  if (code != 0) return code;
  const bids = levelsOf(SLOT_B, end);
  if (bids < 0) return bids;
  const asks = levelsOf(SLOT_A, end);
  if (asks < 0) return asks;
  const offset = timeOffset();
  if (offset == OFFSET_FAR) return -Refusal.TimeFarAhead;
  const prevId = has(SLOT_PU) ? valueOf(SLOT_PU) : 0;
  return emitBook(Kind.BookDelta, bids, asks, valueOf(S_FIRST), valueOf(S_LAST), prevId, offset);
}

/** The REST answer. Only COIN-M names its instrument in it; the others take the default. */
function decodeSnapshot(end: usize): i32 {
  const code = needInteger(SLOT_LAST_ID) || needTime();
  if (code != 0) return code;
  const tag = tagOf(SLOT_NAME);
  if (tag == Tag.Slow) return -FALLBACK;
  let id = load<u32>(F_DEFAULT);
  if (tag == Tag.String) {
    const value = valueOf(SLOT_NAME);
    const name = <usize>(value & 0xffffffff);
    id = tickerFind(load<u32>(F_VENUE), name, <u32>(value >> 32));
  } else if (tag != Tag.None) return -Refusal.MessageUnknown;
  store<u32>(F_INSTRUMENT, 0);
  instrumentFrom(id);
  if (load<u32>(F_INSTRUMENT) == 0) return -Refusal.SymbolUnknown;
  const bids = levelsOf(SLOT_BIDS, end);
  if (bids < 0) return bids;
  const asks = levelsOf(SLOT_ASKS, end);
  if (asks < 0) return asks;
  const offset = timeOffset();
  if (offset == OFFSET_FAR) return -Refusal.TimeFarAhead;
  const lastId = valueOf(SLOT_LAST_ID);
  return emitBook(Kind.BookSnapshot, bids, asks, lastId, lastId, 0, offset);
}
