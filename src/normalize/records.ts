// Normalized records written by the host: what the slow path parsed, and what only the host knows
// (a feed's status, a gap). Same bytes as asm/parse writes; the tests compare them.
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
  CELL_BYTES,
  Flag,
  Kind,
  LEVEL_BYTES,
  LEVEL_PRICE_TICKS,
  LEVEL_QTY_LOTS,
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
  RECORD_CELLS_MAX,
  TRADE_AGGRESSOR,
  TRADE_CELLS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_VENUE,
  TRADE_VENUE_OFFSET_MICROS,
  type Side,
} from "../../asm/vocab.ts";
import type { Ring } from "../rings/ring.ts";

/** The producer's side of a ring: what a feed needs of it. */
export type RecordRing = Pick<Ring, "reserve" | "commit" | "publish" | "wake" | "room" | "view">;

/** What all records of one message share. */
export interface MessageHead {
  instrument: number;
  venue: number;
  /** Receive time, kept as tsEngine when `timed` (recorded data). */
  recvNanos: bigint;
  timed: boolean;
  /** Venue time minus receive time. */
  offsetMicros: number;
}

export interface LevelSteps {
  ticks: bigint;
  lots: bigint;
}

export interface BookUpdate {
  kind: Kind.BookDelta | Kind.BookSnapshot;
  firstId: bigint;
  lastId: bigint;
  prevId: bigint;
  bids: readonly LevelSteps[];
  asks: readonly LevelSteps[];
}

/** Byte offset of a zeroed record with its header; -1 when the ring is full. */
function begin(ring: RecordRing, head: MessageHead, kind: Kind, cells: number, flags = 0): number {
  const at = ring.reserve(cells);
  if (at < 0) return -1;
  const view = ring.view;
  view.setUint16(at + REC_KIND, kind, true);
  view.setUint16(at + REC_FLAGS, (cells - 1) | flags | (head.timed ? Flag.Timed : 0), true);
  view.setUint32(at + REC_INSTRUMENT, head.instrument, true);
  if (head.timed) view.setBigInt64(at + REC_TS_ENGINE, head.recvNanos, true);
  return at;
}

/** One trade; returns the records written, 0 when the ring is full. Not published. */
export function writeTrade(
  ring: RecordRing,
  head: MessageHead,
  trade: { ticks: bigint; lots: bigint; id: bigint; aggressor: Side },
): number {
  const at = begin(ring, head, Kind.Trade, TRADE_CELLS);
  if (at < 0) return 0;
  const view = ring.view;
  view.setBigInt64(at + TRADE_PRICE_TICKS, trade.ticks, true);
  view.setBigInt64(at + TRADE_QTY_LOTS, trade.lots, true);
  view.setBigUint64(at + TRADE_ID, trade.id, true);
  view.setInt32(at + TRADE_VENUE_OFFSET_MICROS, head.offsetMicros, true);
  view.setUint8(at + TRADE_AGGRESSOR, trade.aggressor);
  view.setUint16(at + TRADE_VENUE, head.venue, true);
  ring.commit();
  return 1;
}

/** One quote; a side with 0 lots is missing. Returns the records written, 0 when full. */
export function writeQuote(
  ring: RecordRing,
  head: MessageHead,
  quote: { bid: LevelSteps; ask: LevelSteps; updateId: bigint },
): number {
  const at = begin(ring, head, Kind.Quote, QUOTE_CELLS);
  if (at < 0) return 0;
  const view = ring.view;
  view.setBigInt64(at + QUOTE_BID_TICKS, quote.bid.ticks, true);
  view.setBigInt64(at + QUOTE_BID_LOTS, quote.bid.lots, true);
  view.setBigInt64(at + QUOTE_ASK_TICKS, quote.ask.ticks, true);
  view.setBigInt64(at + QUOTE_ASK_LOTS, quote.ask.lots, true);
  view.setBigUint64(at + QUOTE_UPDATE_ID, quote.updateId, true);
  view.setInt32(at + QUOTE_VENUE_OFFSET_MICROS, head.offsetMicros, true);
  view.setUint16(at + QUOTE_VENUE, head.venue, true);
  ring.commit();
  return 1;
}

/** One group of book records, bids before asks; all or, when the ring is too full, none (0). */
export function writeBook(ring: RecordRing, head: MessageHead, book: BookUpdate): number {
  const levels = [...book.bids, ...book.asks];
  const count = Math.max(1, Math.ceil(levels.length / BOOK_LEVELS_MAX));
  // One pad of at most three cells, because the ring's end is passed at most once.
  if (ring.room() < count * RECORD_CELLS_MAX + RECORD_CELLS_MAX) return 0;
  for (let index = 0; index < count; index++) {
    const from = index * BOOK_LEVELS_MAX;
    const part = levels.slice(from, from + BOOK_LEVELS_MAX);
    const bids = Math.max(0, Math.min(book.bids.length - from, part.length));
    const flags = (index === 0 ? Flag.First : 0) | (index === count - 1 ? Flag.Last : 0);
    const cells = Math.ceil((BOOK_LEVELS + part.length * LEVEL_BYTES) / CELL_BYTES);
    const at = begin(ring, head, book.kind, cells, flags);
    const view = ring.view;
    view.setBigUint64(at + BOOK_FIRST_ID, book.firstId, true);
    view.setBigUint64(at + BOOK_LAST_ID, book.lastId, true);
    view.setBigUint64(at + BOOK_PREV_ID, book.prevId, true);
    view.setInt32(at + BOOK_VENUE_OFFSET_MICROS, head.offsetMicros, true);
    view.setUint8(at + BOOK_BIDS, bids);
    view.setUint8(at + BOOK_ASKS, part.length - bids);
    view.setUint16(at + BOOK_VENUE, head.venue, true);
    part.forEach((level, slot) => {
      const to = at + BOOK_LEVELS + slot * LEVEL_BYTES;
      view.setBigInt64(to + LEVEL_PRICE_TICKS, level.ticks, true);
      view.setBigInt64(to + LEVEL_QTY_LOTS, level.lots, true);
    });
    ring.commit();
  }
  return count;
}

/** A mark without fields: FeedStatus or FeedGap of an instrument. False when the ring is full. */
export function writeMark(
  ring: RecordRing,
  kind: Kind.FeedStatus | Kind.FeedGap,
  instrument: number,
): boolean {
  const at = ring.reserve(1);
  if (at < 0) return false;
  ring.view.setUint16(at + REC_KIND, kind, true);
  ring.view.setUint32(at + REC_INSTRUMENT, instrument, true);
  ring.commit();
  return true;
}
