// Best bid and ask of an instrument, from whichever source knows the newest: its book or its
// quotes.
//
// The rule: an update with an id below the last one taken is old and ignored; without an id (0) the
// last to arrive wins. A quote never edits the book. An instrument that has a book is flagged
// Untrusted while that book is, also when the top came from a quote, because orders rely on both.
import {
  MI_BOOK,
  MI_TOP,
  MI_TOP_ID,
  MI_TOP_IS_BOOK,
  MI_UNTRUSTED,
} from "../layout";
import { outBegin, outEnd, outFlag } from "../output";
import {
  Flag,
  Kind,
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
} from "../vocab";
import { bookLastId } from "./l2";
import { bookCount, bookLevel } from "./levels";

/** Takes a Quote record. */
export function topQuote(instrument: usize, id: u32, rec: usize): void {
  const updateId = load<u64>(rec, QUOTE_UPDATE_ID);
  const bid = load<i64>(rec, QUOTE_BID_TICKS);
  const bidLots = load<i64>(rec, QUOTE_BID_LOTS);
  const ask = load<i64>(rec, QUOTE_ASK_TICKS);
  const askLots = load<i64>(rec, QUOTE_ASK_LOTS);
  if (!take(instrument, updateId, bid, bidLots, ask, askLots)) return;
  store<u8>(instrument, 0, MI_TOP_IS_BOOK);
  emit(instrument, id, load<i32>(rec, QUOTE_VENUE_OFFSET_MICROS), load<u16>(rec, QUOTE_VENUE));
}

/** Takes the best levels of the instrument's book after a group was applied. */
export function topBook(instrument: usize, id: u32, venueOffsetMicros: i32, venue: u16): void {
  const book = <usize>load<u32>(instrument, MI_BOOK);
  let bid: i64 = 0;
  let bidLots: i64 = 0;
  let ask: i64 = 0;
  let askLots: i64 = 0;
  if (bookCount(book, 0) > 0) {
    const level = bookLevel(book, 0, 0);
    bid = load<i64>(level, LEVEL_PRICE_TICKS);
    bidLots = load<i64>(level, LEVEL_QTY_LOTS);
  }
  if (bookCount(book, 1) > 0) {
    const level = bookLevel(book, 1, 0);
    ask = load<i64>(level, LEVEL_PRICE_TICKS);
    askLots = load<i64>(level, LEVEL_QTY_LOTS);
  }
  if (!take(instrument, bookLastId(book), bid, bidLots, ask, askLots)) return;
  store<u8>(instrument, 1, MI_TOP_IS_BOOK);
  emit(instrument, id, venueOffsetMicros, venue);
}

/** After a gap ids may start anew: whatever comes next is the newest. */
export function topForget(instrument: usize): void {
  store<u64>(instrument, 0, MI_TOP_ID);
}

/** Stores a newer top; true when price or quantity differ. */
function take(
  instrument: usize,
  updateId: u64,
  bid: i64,
  bidLots: i64,
  ask: i64,
  askLots: i64,
): bool {
  if (updateId != 0) {
    if (updateId < load<u64>(instrument, MI_TOP_ID)) return false;
    store<u64>(instrument, updateId, MI_TOP_ID);
  }
  const at = instrument + MI_TOP;
  const isSame =
    load<i64>(at) == bid &&
    load<i64>(at, 8) == bidLots &&
    load<i64>(at, 16) == ask &&
    load<i64>(at, 24) == askLots;
  if (isSame) return false;
  store<i64>(at, bid);
  store<i64>(at, bidLots, 8);
  store<i64>(at, ask, 16);
  store<i64>(at, askLots, 24);
  return true;
}

function emit(instrument: usize, id: u32, venueOffsetMicros: i32, venue: u16): void {
  const rec = outBegin(Kind.TopOfBook, QUOTE_CELLS, id);
  const at = instrument + MI_TOP;
  store<i64>(rec, load<i64>(at), QUOTE_BID_TICKS);
  store<i64>(rec, load<i64>(at, 8), QUOTE_BID_LOTS);
  store<i64>(rec, load<i64>(at, 16), QUOTE_ASK_TICKS);
  store<i64>(rec, load<i64>(at, 24), QUOTE_ASK_LOTS);
  store<u64>(rec, load<u64>(instrument, MI_TOP_ID), QUOTE_UPDATE_ID);
  store<i32>(rec, venueOffsetMicros, QUOTE_VENUE_OFFSET_MICROS);
  store<u16>(rec, venue, QUOTE_VENUE);
  if (load<u8>(instrument, MI_UNTRUSTED) != 0) outFlag(rec, Flag.Untrusted);
  outEnd(rec);
}
