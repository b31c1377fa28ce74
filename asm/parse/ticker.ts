// Text names of instruments as venues write them, to instrument ids: one open-addressed table.
//
// The name is read once per message, as words of eight bytes. BTCUSDT is traded on two venues of
// one company, so the venue is part of the key. Letters match in either case, as stream names are
// lower case and messages upper case.
// tidy: tested by test/asm/parse/binance.test.ts
import { Refusal } from "../vocab";
import { F_DEFAULT, TICKER_BYTES, TICKER_SLOTS, TICKER_TEXT, TICKER_TEXT_MAX } from "./frame";
import { PARSE_TAIL, TICKERS } from "./frame";
import { SCRATCH } from "../layout";

/**
 * Gives the name of `length` bytes at scratch offset `at` the instrument id on `venue`; again for
 * the same name replaces it. Refusals: WrongLength (1 to 32 bytes), InstrumentsFull.
 */
export function tickerRegister(venue: i32, at: i32, length: i32, instrument: i32): i32 {
  if (at < 0 || length <= 0 || length > <i32>TICKER_TEXT_MAX) return Refusal.WrongLength;
  const text = <usize>SCRATCH + at;
  if (text + length > PARSE_TAIL) return Refusal.WrongLength;
  if (instrument <= 0) return Refusal.UnknownInstrument;
  const slot = tickerSlot(venue, text, length);
  if (slot == 0) return Refusal.InstrumentsFull;
  store<u32>(slot, instrument);
  store<u16>(slot, <u16>venue, 4);
  store<u16>(slot, <u16>length, 6);
  for (let i: usize = 0; i < <usize>length; i++) {
    store<u8>(slot + i, upper(load<u8>(text + i)), TICKER_TEXT);
  }
  return Refusal.None;
}

/** Instrument of messages that name none (REST snapshots); 0 refuses them. */
export function tickerDefault(instrument: i32): void {
  store<u32>(F_DEFAULT, instrument);
}

/** Instrument id of the name at `text`; 0 when the venue has none of that name. */
export function tickerFind(venue: i32, text: usize, length: u32): u32 {
  if (length == 0 || length > TICKER_TEXT_MAX) return 0;
  const slot = tickerSlot(venue, text, length);
  return slot == 0 ? 0 : load<u32>(slot);
}

/** As `tickerFind` for up to 8 bytes: one word at the first slot, anything else the general way. */
// @ts-ignore: decorator
@inline
export function tickerFindShort(venue: i32, text: usize, length: u32): u32 {
  const unused = <u64>(64 - (length << 3));
  const word = length == 0 ? 0 : (load<u64>(text) << unused) >> unused;
  let hash = ((<u64>venue << 32) | length) ^ (word & 0xdfdfdfdfdfdfdfdf);
  hash *= 0x9e3779b97f4a7c15;
  hash ^= hash >> 29;
  const slot = TICKERS + <usize>(<u32>(hash >> 20) & (TICKER_SLOTS - 1)) * TICKER_BYTES;
  const isHere = load<u16>(slot, 6) == length && load<u16>(slot, 4) == <u16>venue;
  const stored = (load<u64>(slot, TICKER_TEXT) << unused) >> unused;
  if (isHere && load<u32>(slot) != 0 && stored == word) return load<u32>(slot);
  return tickerFind(venue, text, length);
}

/** The name's slot, or the empty one where it belongs; 0 when the table is full. */
function tickerSlot(venue: i32, text: usize, length: u32): usize {
  const first = hashOf(venue, text, length);
  for (let i: u32 = 0; i < TICKER_SLOTS; i++) {
    const slot = TICKERS + <usize>((first + i) & (TICKER_SLOTS - 1)) * TICKER_BYTES;
    if (load<u32>(slot) == 0) return slot;
    if (load<u16>(slot, 6) != length || load<u16>(slot, 4) != <u16>venue) continue;
    if (isSame(slot + TICKER_TEXT, text, length)) return slot;
  }
  return 0;
}

function hashOf(venue: i32, text: usize, length: u32): u32 {
  let hash: u64 = (<u64>venue << 32) | length;
  let p = text;
  // Bit 5 is masked away: it is the case of a letter.
  for (let left: i32 = length; left > 0; left -= 8) {
    let word = load<u64>(p) & 0xdfdfdfdfdfdfdfdf;
    if (left < 8) word &= (<u64>1 << (<u64>left << 3)) - 1;
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
    p += 8;
  }
  return <u32>(hash >> 20);
}

/** Messages come in upper case, so whole words are compared before letters are changed. */
function isSame(stored: usize, text: usize, length: u32): bool {
  let i: u32 = 0;
  for (; i < length; i += 8) {
    const left = length - i;
    const mask: u64 = left >= 8 ? u64.MAX_VALUE : ((<u64>1 << (<u64>left << 3)) - 1);
    if (((load<u64>(stored + i) ^ load<u64>(text + i)) & mask) != 0) break;
  }
  return i >= length || isSameLetters(stored, text, length);
}

function isSameLetters(stored: usize, text: usize, length: u32): bool {
  for (let i: usize = 0; i < <usize>length; i++) {
    if (load<u8>(stored + i) != upper(load<u8>(text + i))) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function upper(c: u8): u8 {
  return <u32>c - 0x61 <= 25 ? c - 0x20 : c;
}
