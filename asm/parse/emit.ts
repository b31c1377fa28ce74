// Normalized records of one message, written into a ring: all of them or none.
//
// A message is published after its last record only, so a consumer never sees half a book update.
// Venue time is kept as the offset from the receive time, rounded up to the microsecond: receive
// time plus offset is then never before the venue's own time, and a trade stamped exactly at a
// candle's start stays in that candle.
// tidy: tested by test/asm/parse/binance.test.ts
import { H_CLOCK_BASE } from "../layout";
import { ringCommit, ringMark, ringPublish, ringReserve, ringRewind } from "../rings/ring";
import {
  BOOK_ASKS,
  BOOK_BIDS,
  BOOK_FIRST_ID,
  BOOK_LAST_ID,
  BOOK_LEVELS,
  BOOK_LEVELS_MAX,
  BOOK_PREV_ID,
  BOOK_VENUE,
  BOOK_VENUE_OFFSET_MICROS,
  Flag,
  Kind,
  LEVEL_BYTES,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  QUOTE_CELLS,
  QUOTE_UPDATE_ID,
  QUOTE_VENUE,
  QUOTE_VENUE_OFFSET_MICROS,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_TS_ENGINE,
  Refusal,
  Side,
  TRADE_AGGRESSOR,
  TRADE_CELLS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_VENUE,
  TRADE_VENUE_OFFSET_MICROS,
} from "../vocab";
import { CHUNK_SKIP, F_FLAGS, F_INSTRUMENT, F_RECV_NANOS, F_RING, F_VENUE } from "./frame";
import { STAGE_ASKS, STAGE_BIDS } from "./frame";

/** Venue time may differ from the receive time by this much; more is a broken clock. */
export const OFFSET_MICROS_MAX: i64 = 600000000;

/** Returned instead of an offset that is out of range. */
export const OFFSET_FAR: i32 = i32.MIN_VALUE;

/** Sets what all records of the coming message share. `recvNanos` counts from ClockBase. */
// @ts-ignore: decorator
@inline
export function emitBegin(recvNanos: f64, timed: i32, venue: i32, ring: usize): void {
  emitBeginAt(load<i64>(H_CLOCK_BASE) + <i64>recvNanos, timed, venue, ring);
}

/** As `emitBegin`, with the receive time since the Unix epoch. */
// @ts-ignore: decorator
@inline
export function emitBeginAt(recvNanos: i64, timed: i32, venue: i32, ring: usize): void {
  store<i64>(F_RECV_NANOS, recvNanos);
  store<u32>(F_FLAGS, timed != 0 ? Flag.Timed : 0);
  store<u32>(F_VENUE, venue);
  store<usize>(F_RING, ring);
}

/** Venue milliseconds as offset in microseconds, OFFSET_FAR when the clocks disagree. */
// @ts-ignore: decorator
@inline
export function offsetMicros(venueMillis: i64): i32 {
  if (venueMillis > 9000000000000) return OFFSET_FAR;
  const nanos = venueMillis * 1000000 - load<i64>(F_RECV_NANOS);
  // What rounds up to a microsecond out of range.
  if (nanos > OFFSET_MICROS_MAX * 1000) return OFFSET_FAR;
  if (nanos <= (OFFSET_MICROS_MAX + 1) * -1000) return OFFSET_FAR;
  // Fewer than 40 bits: the quotient is a whole number only if it is one exactly.
  return <i32>ceil<f64>(<f64>nanos / 1000);
}

/** A zeroed record with its header; 0 when the ring is full. Follow with `emitCommit`. */
// @ts-ignore: decorator
@inline
export function emitRecord(kind: i32, cells: i32, flags: i32): usize {
  const rec = ringReserve(load<usize>(F_RING), cells);
  if (rec == 0) return 0;
  const timed = load<u32>(F_FLAGS);
  store<u16>(rec, <u16>kind, REC_KIND);
  store<u16>(rec, <u16>((cells - 1) | flags | timed), REC_FLAGS);
  store<u32>(rec, load<u32>(F_INSTRUMENT), REC_INSTRUMENT);
  if (timed) store<i64>(rec, load<i64>(F_RECV_NANOS), REC_TS_ENGINE);
  return rec;
}

/**
 * Puts the record into the ring, or drops it while a resumed file still has records to skip: the
 * next reservation then takes the same place.
 */
// @ts-ignore: decorator
@inline
export function emitCommit(): void {
  const skip = load<f64>(CHUNK_SKIP);
  if (skip > 0) store<f64>(CHUNK_SKIP, skip - 1);
  else ringCommit(load<usize>(F_RING));
}

/** One public trade. Returns 1, or minus RingFull. */
// @ts-ignore: decorator
@inline
export function emitTrade(ticks: i64, lots: i64, id: u64, offset: i32, side: Side): i32 {
  const rec = emitRecord(Kind.Trade, TRADE_CELLS, 0);
  if (rec == 0) return -Refusal.RingFull;
  store<i64>(rec, ticks, TRADE_PRICE_TICKS);
  store<i64>(rec, lots, TRADE_QTY_LOTS);
  store<u64>(rec, id, TRADE_ID);
  store<i32>(rec, offset, TRADE_VENUE_OFFSET_MICROS);
  store<u8>(rec, <u8>side, TRADE_AGGRESSOR);
  store<u16>(rec, <u16>load<u32>(F_VENUE), TRADE_VENUE);
  emitCommit();
  return 1;
}

/**
 * As `emitTrade`, but a live trade that came before is refused as DuplicateUpdate: a new connection
 * may send the last ones again, and ids rise. `seen` is the table of highest ids. Recorded files
 * are taken as they are. `isMaker`: the buyer was the maker, so the seller took.
 */
// @ts-ignore: decorator
@inline
export function emitTradeOnce(
  ticks: i64,
  lots: i64,
  id: u64,
  offset: i32,
  isMaker: bool,
  seen: usize,
): i32 {
  if (load<u32>(F_FLAGS) == 0) {
    const at = seen + (<usize>load<u32>(F_INSTRUMENT) << 3);
    if (id <= load<u64>(at)) return -Refusal.DuplicateUpdate;
    store<u64>(at, id);
  }
  return emitTrade(ticks, lots, id, offset, isMaker ? Side.Sell : Side.Buy);
}

/** One quote. Returns 1, or minus RingFull. */
// @ts-ignore: decorator
@inline
export function emitQuote(
  bidTicks: i64,
  bidLots: i64,
  askTicks: i64,
  askLots: i64,
  updateId: u64,
  offset: i32,
): i32 {
  const rec = emitRecord(Kind.Quote, QUOTE_CELLS, 0);
  if (rec == 0) return -Refusal.RingFull;
  store<i64>(rec, bidTicks, QUOTE_BID_TICKS);
  store<i64>(rec, bidLots, QUOTE_BID_LOTS);
  store<i64>(rec, askTicks, QUOTE_ASK_TICKS);
  store<i64>(rec, askLots, QUOTE_ASK_LOTS);
  store<u64>(rec, updateId, QUOTE_UPDATE_ID);
  store<i32>(rec, offset, QUOTE_VENUE_OFFSET_MICROS);
  store<u16>(rec, <u16>load<u32>(F_VENUE), QUOTE_VENUE);
  emitCommit();
  return 1;
}

/**
 * The staged levels as one group of records: bids, then asks, up to 12 in each; one empty record
 * when there are none, because its ids continue the chain. Returns the count, or minus RingFull
 * with nothing written.
 */
export function emitBook(
  kind: i32,
  bids: i32,
  asks: i32,
  firstId: u64,
  lastId: u64,
  prevId: u64,
  offset: i32,
): i32 {
  const ring = load<usize>(F_RING);
  const mark = ringMark(ring);
  let bid = 0;
  let ask = 0;
  let count = 0;
  do {
    const bidsHere = min(bids - bid, BOOK_LEVELS_MAX);
    const asksHere = min(asks - ask, BOOK_LEVELS_MAX - bidsHere);
    const isLast = bid + bidsHere == bids && ask + asksHere == asks;
    const flags = (count == 0 ? Flag.First : 0) | (isLast ? Flag.Last : 0);
    const bytes = BOOK_LEVELS + (bidsHere + asksHere) * LEVEL_BYTES;
    const rec = emitRecord(kind, (bytes + 63) >> 6, flags);
    if (rec == 0) {
      ringRewind(ring, mark);
      return -Refusal.RingFull;
    }
    store<u64>(rec, firstId, BOOK_FIRST_ID);
    store<u64>(rec, lastId, BOOK_LAST_ID);
    store<u64>(rec, prevId, BOOK_PREV_ID);
    store<i32>(rec, offset, BOOK_VENUE_OFFSET_MICROS);
    store<u8>(rec, <u8>bidsHere, BOOK_BIDS);
    store<u8>(rec, <u8>asksHere, BOOK_ASKS);
    store<u16>(rec, <u16>load<u32>(F_VENUE), BOOK_VENUE);
    copyLevels(rec + BOOK_LEVELS, STAGE_BIDS, bid, bidsHere);
    copyLevels(rec + BOOK_LEVELS + bidsHere * LEVEL_BYTES, STAGE_ASKS, ask, asksHere);
    emitCommit();
    bid += bidsHere;
    ask += asksHere;
    count++;
  } while (bid < bids || ask < asks);
  return count;
}

// @ts-ignore: decorator
@inline
function copyLevels(to: usize, stage: usize, from: i32, count: i32): void {
  const at = stage + <usize>(from * LEVEL_BYTES);
  for (let i: usize = 0; i < <usize>(count * LEVEL_BYTES); i += 16) {
    v128.store(to + i, v128.load(at + i));
  }
}

/** Shows the message's records to the consumer. */
// @ts-ignore: decorator
@inline
export function emitEnd(): void {
  ringPublish(load<usize>(F_RING));
}
