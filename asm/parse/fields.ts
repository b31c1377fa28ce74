// First pass over a message of Binance: every field's place and kind, in any order.
//
// Names are one letter nearly always, so a letter is its own index into 64 slots; five longer names
// have slots of their own. What this pass does not do itself (escapes, fractions where an integer
// belongs, a name twice) it reports as FALLBACK, and the host reads that message with JSON.parse.
// tidy: tested by test/asm/parse/binance.test.ts
import { LEVEL_BYTES, LEVEL_PRICE_TICKS, LEVEL_QTY_LOTS, Refusal } from "../vocab";
import { instrumentAt } from "../reference/instrument";
import { decimalPrepare, lotsAt, ticksAt } from "./decimal";
import {
  F_CODE,
  F_CURSOR,
  F_DATA,
  F_INSTRUMENT,
  F_MASK,
  F_TAGS,
  F_VALUES,
  F_VENUE,
  LEVELS_STAGED_MAX,
  STAGE_ASKS,
  STAGE_BIDS,
} from "./frame";
import { digitCount, eightDigits, firstDigits, isDigit, skipNumber, skipSpace } from "./json";
import { skipLiteral, skipString, skipValue, stringEnd } from "./json";
import { tickerFind } from "./ticker";
import { quickLevel } from "./usual";

/** "The text may be right, this parser does not read it": not a refusal, never leaves the edge. */
export const FALLBACK: i32 = 1000;

/** Slots of names longer than a letter; letters take (c & 31) and, lower case, + 32. */
export const SLOT_NONE: i32 = -1;
export const SLOT_PU: i32 = 0;
export const SLOT_BIDS: i32 = 27;
export const SLOT_ASKS: i32 = 28;
export const SLOT_LAST_ID: i32 = 29;
export const SLOT_NAME: i32 = 30;
const SLOT_DATA: i32 = 31;
/** Letters as constants: a call here would make the module start with code of its own. */
export const SLOT_INSTRUMENT: i32 = 0x33; // s
export const SLOT_A: i32 = 0x21;
export const SLOT_B: i32 = 0x22;

/** What a value is. A string's value is start | bytes << 32; a book side's is level count. */
export enum Tag {
  None = 0,
  Integer = 1,
  String = 2,
  True = 3,
  False = 4,
  /** Levels read into the stage. */
  Levels = 5,
  /** Levels not read yet: the instrument was not known. */
  LevelsAt = 6,
  /** Levels refused; the value is the code. */
  LevelsBad = 7,
  /** Above 2^53 - 1, the venues' own promise. */
  Overflow = 8,
  /** Legal JSON that only the slow path reads. */
  Slow = 9,
  Other = 10,
}

/** Slot of a one-letter name. */
// @ts-ignore: decorator
@inline
export function slotOf(letter: u32): i32 {
  return (letter & 31) | (letter & 32);
}

// @ts-ignore: decorator
@inline
export function has(slot: i32): bool {
  return ((load<u64>(F_MASK) >> <u64>slot) & 1) != 0;
}

/** Kind of the field's value, Tag.None when the message has no such field. */
// @ts-ignore: decorator
@inline
export function tagOf(slot: i32): Tag {
  return has(slot) ? <Tag>load<u8>(F_TAGS + slot) : Tag.None;
}

// @ts-ignore: decorator
@inline
export function valueOf(slot: i32): u64 {
  return load<u64>(F_VALUES + (<usize>slot << 3));
}

// @ts-ignore: decorator
@inline
function put(slot: i32, tag: Tag, value: u64): void {
  store<u8>(F_TAGS + slot, <u8>tag);
  store<u64>(F_VALUES + (<usize>slot << 3), value);
}

/** Forgets the message before. */
export function fieldsReset(): void {
  store<u64>(F_MASK, 0);
  store<i32>(F_CODE, 0);
  store<u32>(F_INSTRUMENT, 0);
  store<u32>(F_DATA, 0);
}

/**
 * Reads one whole message: an object with white space around it, nothing else. Returns 0, or
 * JsonMalformed or FALLBACK.
 */
export function fieldsScan(p: usize, end: usize): i32 {
  fieldsReset();
  p = skipSpace(p, end);
  if (p >= end || load<u8>(p) != 0x7b) return Refusal.JsonMalformed;
  p = scanObject(p + 1, end, false);
  if (p != 0 && skipSpace(p, end) == end) return 0;
  const code = load<i32>(F_CODE);
  return code != 0 ? code : Refusal.JsonMalformed;
}

/** Reads names and values up to the closing brace; 0 on failure, reason in F_CODE if not JSON's. */
function scanObject(p: usize, end: usize, isData: bool): usize {
  p = skipSpace(p, end);
  if (p < end && load<u8>(p) == 0x7d) return p + 1;
  while (true) {
    if (p + 4 >= end || load<u8>(p) != 0x22) return 0;
    const letter = <u32>load<u8>(p + 1);
    // `"x":` in two loads; any other name, or a blank before the colon, goes the long way.
    if (load<u16>(p, 2) == 0x3a22 && (letter | 0x20) - 0x61 <= 25) {
      p = scanValue(slotOf(letter), p + 4, end, isData);
    } else p = scanLong(p + 1, end, isData);
    if (p == 0) return 0;
    if (load<u16>(p) != 0x222c || p + 1 >= end) {
      p = skipSpace(p, end);
      if (p >= end) return 0;
      const c = load<u8>(p);
      if (c == 0x7d) return p + 1;
      if (c != 0x2c) return 0;
      p = skipSpace(p + 1, end);
    } else p++;
  }
}

/** A name of any length at `p`, its colon and its value. */
function scanLong(p: usize, end: usize, isData: bool): usize {
  const name = p;
  p = stringEnd(name, end);
  if (p >= end) return 0;
  if (load<u8>(p) != 0x22) return fallback();
  const bytes = p - name;
  const letter = <u32>load<u8>(name);
  const isLetter = bytes == 1 && (letter | 0x20) - 0x61 <= 25;
  const slot = isLetter ? slotOf(letter) : longSlot(name, bytes);
  p = skipSpace(p + 1, end);
  if (p >= end || load<u8>(p) != 0x3a) return 0;
  p = skipSpace(p + 1, end);
  if (p >= end) return 0;
  if (slot == SLOT_NONE) return skipValue(p, end, isData ? 2 : 1);
  return slot == SLOT_DATA ? scanData(p, end, isData) : scanValue(slot, p, end, isData);
}

function fallback(): usize {
  store<i32>(F_CODE, FALLBACK);
  return 0;
}

/** Slot of a name that is not one letter; the names are compared as little-endian words. */
function longSlot(name: usize, bytes: usize): i32 {
  if (bytes == 2) return load<u16>(name) == 0x7570 ? SLOT_PU : SLOT_NONE;
  if (bytes == 4) {
    const word = load<u32>(name);
    if (word == 0x61746164) return SLOT_DATA;
    if (word == 0x73646962) return SLOT_BIDS;
    return word == 0x736b7361 ? SLOT_ASKS : SLOT_NONE;
  }
  if (bytes == 6) {
    const isName = load<u32>(name) == 0x626d7973 && load<u16>(name, 4) == 0x6c6f;
    return isName ? SLOT_NAME : SLOT_NONE;
  }
  if (bytes != 12 || load<u64>(name) != 0x616470557473616c) return SLOT_NONE;
  return load<u32>(name, 8) == 0x64496574 ? SLOT_LAST_ID : SLOT_NONE;
}

function scanData(p: usize, end: usize, isData: bool): usize {
  if (isData) return skipValue(p, end, 2);
  // Fields beside "data", "data" twice or not an object: the slow path has the say.
  if (load<u8>(p) != 0x7b || load<u32>(F_DATA) != 0 || load<u64>(F_MASK) != 0) return fallback();
  store<u32>(F_DATA, 1);
  return scanObject(p + 1, end, true);
}

/** The value at `p` (white space may come first) into the field's slot. */
// @ts-ignore: decorator
@inline
function scanValue(slot: i32, p: usize, end: usize, isData: bool): usize {
  const mask = load<u64>(F_MASK);
  const bit = <u64>1 << <u64>slot;
  if ((mask & bit) != 0 || (!isData && load<u32>(F_DATA) != 0)) return fallback();
  store<u64>(F_MASK, mask | bit);
  p = skipSpace(p, end);
  if (p >= end) return 0;
  const c = <u32>load<u8>(p);
  if (c == 0x22) return scanString(slot, p + 1, end);
  if (isDigit(c)) return scanInteger(slot, p, end);
  return scanOther(slot, p, end, isData ? 2 : 1);
}

function scanOther(slot: i32, p: usize, end: usize, depth: i32): usize {
  const c = load<u8>(p);
  if (c == 0x5b && sideOf(slot) >= 0) return scanLevels(slot, p, end, depth);
  if (c == 0x74 && p + 4 <= end && load<u32>(p) == 0x65757274) {
    put(slot, Tag.True, 0);
    return p + 4;
  }
  const next = c == 0x66 ? skipLiteral(p, end) : skipValue(p, end, depth);
  if (c == 0x66) put(slot, Tag.False, 0);
  else put(slot, c == 0x2d ? Tag.Slow : Tag.Other, 0);
  return next;
}

// @ts-ignore: decorator
@inline
function scanString(slot: i32, p: usize, end: usize): usize {
  const close = stringEnd(p, end);
  if (close >= end) return 0;
  if (load<u8>(close) != 0x22) {
    put(slot, Tag.Slow, 0);
    return skipString(close, end);
  }
  const bytes = close - p;
  put(slot, Tag.String, <u64>p | (<u64>bytes << 32));
  if (slot == SLOT_INSTRUMENT) instrumentFrom(tickerFind(load<u32>(F_VENUE), p, <u32>bytes));
  return close + 1;
}

/** Makes `id` the message's instrument, with its steps at hand; an unknown id leaves 0. */
export function instrumentFrom(id: u32): void {
  const spec = instrumentAt(id);
  if (id == 0 || spec == 0) return;
  store<u32>(F_INSTRUMENT, id);
  decimalPrepare(spec);
}

// @ts-ignore: decorator
@inline
function scanInteger(slot: i32, p: usize, end: usize): usize {
  const first = p;
  let value: u64;
  const word = load<u64>(p);
  const count = digitCount(word);
  if (count < 8) {
    value = firstDigits(word, count);
    p += count;
  } else {
    // Nine to fifteen digits: the last eight are one word, what is before them another.
    const more = digitCount(load<u64>(p, 8));
    value = eightDigits(load<u64>(p + more));
    if (more > 0) value += firstDigits(word, more) * 100000000;
    p += 8 + more;
    while (more == 8 && p < end && isDigit(load<u8>(p))) {
      value = value * 10 + (load<u8>(p) - 0x30);
      p++;
    }
  }
  const c = p < end ? load<u8>(p) : 0;
  if (c == 0x2e || (c | 0x20) == 0x65) {
    put(slot, Tag.Slow, 0);
    return skipNumber(first, end);
  }
  const digits = p - first;
  if (digits > 1 && load<u8>(first) == 0x30) return 0;
  const isWide = digits > 16 || value > 9007199254740991;
  put(slot, isWide ? Tag.Overflow : Tag.Integer, value);
  return p;
}

// ------------------------------------------------------------------------------- book levels

/** 0 for a field of bids, 1 for asks, -1 for another. */
function sideOf(slot: i32): i32 {
  if (slot == SLOT_B || slot == SLOT_BIDS) return 0;
  return slot == SLOT_A || slot == SLOT_ASKS ? 1 : -1;
}

/** Reads the levels at once when the instrument is known; the name comes first in practice. */
function scanLevels(slot: i32, p: usize, end: usize, depth: i32): usize {
  if (load<u32>(F_INSTRUMENT) != 0 && slot != SLOT_BIDS && slot != SLOT_ASKS) {
    const count = stageLevels(p, end, sideOf(slot));
    if (count >= 0) {
      put(slot, Tag.Levels, count);
      return load<usize>(F_CURSOR);
    }
    put(slot, Tag.LevelsBad, -count);
  } else put(slot, Tag.LevelsAt, p);
  return skipValue(p, end, depth);
}

/** Levels of the field, staged now if they were not; minus a refusal or FALLBACK. */
export function levelsOf(slot: i32, end: usize): i32 {
  const tag = tagOf(slot);
  if (tag == Tag.Levels) return <i32>valueOf(slot);
  if (tag == Tag.LevelsAt) return stageLevels(<usize>valueOf(slot), end, sideOf(slot));
  if (tag == Tag.LevelsBad) return -(<i32>valueOf(slot));
  return -Refusal.MessageUnknown;
}

/** Reads `[["price","qty"],...]` at `p` into the side's stage; ends in F_CURSOR. */
function stageLevels(p: usize, end: usize, side: i32): i32 {
  const stage = side == 0 ? STAGE_BIDS : STAGE_ASKS;
  let count = 0;
  p = skipSpace(p + 1, end);
  if (p < end && load<u8>(p) == 0x5d) {
    store<usize>(F_CURSOR, p + 1);
    return 0;
  }
  while (true) {
    if (count == LEVELS_STAGED_MAX) return -Refusal.MessageTooLong;
    const code = stageLevel(p, end, stage + <usize>(count * LEVEL_BYTES));
    if (code != 0) return code;
    count++;
    p = skipSpace(load<usize>(F_CURSOR), end);
    if (p >= end) return -FALLBACK;
    const c = load<u8>(p);
    p++;
    if (c == 0x5d) {
      store<usize>(F_CURSOR, p);
      return count;
    }
    if (c != 0x2c) return -FALLBACK;
    p = skipSpace(p, end);
  }
}

// @ts-ignore: decorator
@inline
function stageLevel(p: usize, end: usize, to: usize): i32 {
  const next = quickLevel(p, end, to);
  if (next != 0) {
    store<usize>(F_CURSOR, next);
    return 0;
  }
  if (p >= end || load<u8>(p) != 0x5b) return -FALLBACK;
  p = skipSpace(p + 1, end);
  if (p >= end || load<u8>(p) != 0x22) return -FALLBACK;
  const ticks = ticksAt(p + 1, end, 0x22);
  if (ticks < 0) return slowIfEscaped(<i32>ticks, p + 1, end);
  if (ticks == 0) return -Refusal.PriceNotPositive;
  p = skipSpace(load<usize>(F_CURSOR) + 1, end);
  if (p >= end || load<u8>(p) != 0x2c) return -FALLBACK;
  p = skipSpace(p + 1, end);
  if (p >= end || load<u8>(p) != 0x22) return -FALLBACK;
  const lots = lotsAt(p + 1, end, 0x22);
  if (lots < 0) return slowIfEscaped(<i32>lots, p + 1, end);
  p = skipSpace(load<usize>(F_CURSOR) + 1, end);
  if (p >= end || load<u8>(p) != 0x5d) return -FALLBACK;
  store<i64>(to, ticks, LEVEL_PRICE_TICKS);
  store<i64>(to, lots, LEVEL_QTY_LOTS);
  store<usize>(F_CURSOR, p + 1);
  return 0;
}

/** A number text with an escape may still be one: "\u0031" is "1". */
function slowIfEscaped(code: i32, p: usize, end: usize): i32 {
  const close = stringEnd(p, end);
  return close < end && load<u8>(close) == 0x5c ? -FALLBACK : code;
}
