// The best levels of a book as BookSnapshot records, for whoever asks: pages, files, tests.
//
// Asked for and not sent: a change costs the hot path nothing but the level itself.
//
// tidy: tested by test/asm/books/peek.test.ts
import {
  BOOK_ASKS,
  BOOK_BIDS,
  BOOK_FIRST_ID,
  BOOK_LAST_ID,
  BOOK_LEVELS,
  BOOK_LEVELS_MAX,
  CELL_BYTES,
  CELL_SHIFT,
  Flag,
  Kind,
  LEVEL_BYTES,
  RECORD_BYTES_MAX,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_TS_ENGINE,
} from "../vocab";
import { bookIsTrusted, bookLastId } from "./l2";
import { bookCount, bookLevel } from "./levels";

/**
 * Writes up to `levelsMax` levels a side of the book to `out`, bids first and best first, as one
 * group of BookSnapshot records, each RECORD_BYTES_MAX behind the one before; returns how many
 * records. One without levels when the book is empty. Flagged Untrusted while the book is.
 */
export function levelsWrite(at: usize, out: usize, id: u32, tsNanos: i64, levelsMax: u32): i32 {
  const bids = min(bookCount(at, 0), levelsMax);
  const levels = bids + min(bookCount(at, 1), levelsMax);
  const untrusted = bookIsTrusted(at) ? 0 : Flag.Untrusted;
  let records = 0;
  let from: u32 = 0;
  do {
    const rec = out + <usize>records * RECORD_BYTES_MAX;
    const to = min(from + BOOK_LEVELS_MAX, levels);
    memory.fill(rec, 0, RECORD_BYTES_MAX);
    for (let i = from; i < to; i++) {
      const level = i < bids ? bookLevel(at, 0, i) : bookLevel(at, 1, i - bids);
      v128.store(rec + BOOK_LEVELS + <usize>(i - from) * LEVEL_BYTES, v128.load(level));
    }
    const bidsHere = from < bids ? min(to, bids) - from : 0;
    const cells = (<i32>(to - from) * LEVEL_BYTES + CELL_BYTES - 1) >> CELL_SHIFT;
    const place = (from == 0 ? Flag.First : 0) | (to == levels ? Flag.Last : 0);
    store<u16>(rec, <u16>Kind.BookSnapshot, REC_KIND);
    store<u16>(rec, <u16>(cells | place | untrusted), REC_FLAGS);
    store<u32>(rec, id, REC_INSTRUMENT);
    store<i64>(rec, tsNanos, REC_TS_ENGINE);
    store<u64>(rec, bookLastId(at), BOOK_FIRST_ID);
    store<u64>(rec, bookLastId(at), BOOK_LAST_ID);
    store<u8>(rec, <u8>bidsHere, BOOK_BIDS);
    store<u8>(rec, <u8>(to - from - bidsHere), BOOK_ASKS);
    records++;
    from = to;
  } while (from < levels);
  return records;
}
