// The checksum of a venue's book: its best levels written as the venue writes them, and CRC-32.
//
// The text is made of ticks and lots: no venue's number is kept as text. So an instrument whose
// venue sums digits has the tick and lot of the wire (its orders may be limited to wider steps by
// SPEC_PRICE_STEP_TICKS and SPEC_QTY_STEP_LOTS).
//
// tidy: tested by test/asm/books/checksum.test.ts
import { PEEK } from "../layout";
import { crc32 } from "../math/crc32";
import {
  BOOK_CHECKSUM_VALUE,
  BookRule,
  Flag,
  LEVEL_PRICE_TICKS,
  LEVEL_QTY_LOTS,
  REC_FLAGS,
  Refusal,
  SPEC_LOT_EXPONENT,
  SPEC_LOT_MANTISSA,
  SPEC_TICK_EXPONENT,
  SPEC_TICK_MANTISSA,
} from "../vocab";
import { BookChange, bookEnd, bookIsTaking, bookLose } from "./l2";
import { bookCount, bookLevel, B_RULE } from "./levels";

/** Levels a side that Kraken sums. */
const KRAKEN_LEVELS: u32 = 10;
/** Levels a side that OKX sums. */
const OKX_LEVELS: u32 = 25;
/** The text: at most 2 x 25 levels of two numbers and two colons. */
const TEXT: usize = PEEK + 4096;
/** Of a u64; ten times the last limit would not fit. */
const DIGITS_MAX: i32 = 20;
const COLON: u8 = 0x3a;
const POINT: u8 = 0x2e;
const MINUS: u8 = 0x2d;
const ZERO: u8 = 0x30;

/** True when the venue of the book sends checksums. */
export function bookHasChecksum(at: usize): bool {
  const rule = load<u8>(at, B_RULE);
  return rule == BookRule.Checksum || rule == BookRule.Okx;
}

/**
 * Compares the book with a BookChecksum record; `spec` is the instrument's. A record with Flag.Last
 * ends the group that is open, so that a wrong book is never said to be right.
 */
export function bookChecksum(at: usize, rec: usize, spec: usize): BookChange {
  if (!bookIsTaking(at)) return BookChange.None;
  const crc = bookCrc(at, spec);
  const told = load<u32>(rec, BOOK_CHECKSUM_VALUE);
  if (crc != told) {
    bookLose(at, Refusal.ChecksumMismatch, told, crc);
    return BookChange.Lost;
  }
  return load<u16>(rec, REC_FLAGS) & Flag.Last ? bookEnd(at) : BookChange.None;
}

function bookCrc(at: usize, spec: usize): u32 {
  const isOkx = load<u8>(at, B_RULE) == BookRule.Okx;
  const end = isOkx ? okxText(at, spec, TEXT) : krakenText(at, spec, TEXT);
  return crc32(TEXT, end - TEXT);
}

/** Asks, then bids, from the best: price and quantity without point and leading zeros. */
function krakenText(at: usize, spec: usize, to: usize): usize {
  for (let side: u32 = 0; side < 2; side++) {
    const isAsk = 1 - side;
    const count = min(bookCount(at, isAsk), KRAKEN_LEVELS);
    for (let rank: u32 = 0; rank < count; rank++) {
      const level = bookLevel(at, isAsk, rank);
      const price = load<i64>(level, LEVEL_PRICE_TICKS) * load<i64>(spec, SPEC_TICK_MANTISSA);
      to = writeWhole(to, <u64>price, load<i8>(spec, SPEC_TICK_EXPONENT));
      const qty = load<i64>(level, LEVEL_QTY_LOTS) * load<i64>(spec, SPEC_LOT_MANTISSA);
      to = writeWhole(to, <u64>qty, load<i8>(spec, SPEC_LOT_EXPONENT));
    }
  }
  return to;
}

/** Bid and ask in turn, from the best, the longer side alone at the end: price:quantity:... */
function okxText(at: usize, spec: usize, to: usize): usize {
  const from = to;
  for (let rank: u32 = 0; rank < OKX_LEVELS; rank++) {
    for (let isAsk: u32 = 0; isAsk < 2; isAsk++) {
      if (rank >= bookCount(at, isAsk)) continue;
      const level = bookLevel(at, isAsk, rank);
      if (to != from) store<u8>(to++, COLON);
      const price = load<i64>(level, LEVEL_PRICE_TICKS) * load<i64>(spec, SPEC_TICK_MANTISSA);
      to = writeDecimal(to, price, load<i8>(spec, SPEC_TICK_EXPONENT));
      store<u8>(to++, COLON);
      const qty = load<i64>(level, LEVEL_QTY_LOTS) * load<i64>(spec, SPEC_LOT_MANTISSA);
      to = writeDecimal(to, qty, load<i8>(spec, SPEC_LOT_EXPONENT));
    }
  }
  return to;
}

/** `value` x 10^`exponent` without a zero that says nothing; returns the end of the text. */
function writeDecimal(to: usize, value: i64, exponent: i32): usize {
  if (value < 0) {
    store<u8>(to++, MINUS);
    value = -value;
  }
  while (exponent < 0 && value % 10 == 0) {
    value /= 10;
    exponent++;
  }
  if (exponent < 0) return writeFraction(to, <u64>value, -exponent);
  return writeWhole(to, <u64>value, exponent);
}

/** Digits of `value` and as many zeros as a positive exponent says. */
function writeWhole(to: usize, value: u64, exponent: i32): usize {
  to = writeInteger(to, value);
  for (; exponent > 0; exponent--) store<u8>(to++, ZERO);
  return to;
}

function writeFraction(to: usize, value: u64, decimals: i32): usize {
  const digits = digitsOf(value);
  const whole = digits - decimals;
  // "0." and the zeros before the first digit, or the digits with a gap for the point.
  if (whole <= 0) {
    store<u8>(to++, ZERO);
    store<u8>(to++, POINT);
    for (let zeros = whole; zeros < 0; zeros++) store<u8>(to++, ZERO);
    return writeInteger(to, value);
  }
  const end = writeInteger(to, value);
  memory.copy(to + whole + 1, to + whole, decimals);
  store<u8>(to + whole, POINT);
  return end + 1;
}

/** Digits of a number without leading zeros, "0" for nothing; returns their end. */
function writeInteger(to: usize, value: u64): usize {
  const end = to + digitsOf(value);
  let at = end;
  do {
    const rest = value / 10;
    store<u8>(--at, ZERO + <u8>(value - rest * 10));
    value = rest;
  } while (value != 0);
  return end;
}

function digitsOf(value: u64): i32 {
  let digits = 1;
  for (let limit: u64 = 10; value >= limit; limit *= 10) {
    digits++;
    if (digits == DIGITS_MAX) break;
  }
  return digits;
}
