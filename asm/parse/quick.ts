// The usual trade and spot quote in one pass: fields in the order in which Binance has always sent
// them.
//
// The general way (fields.ts, binance.ts) takes any order and stores every field before it decodes
// one; here names are compared as whole words and unused numbers are only stepped over. Anything
// unusual, and whatever must be refused for its contents, returns 0 with nothing done, and the
// general way reads the message from its start: so both ways agree by construction. What an earlier
// message left behind the end does no harm: only a message whose last brace is at the end counts.
// tidy: tested by test/asm/parse/quick.test.ts
import { instrumentAt } from "../reference/instrument";
import { SPEC_LOT_EXPONENT, SPEC_LOT_MANTISSA } from "../vocab";
import { SPEC_TICK_EXPONENT, SPEC_TICK_MANTISSA } from "../vocab";
import { emitQuote, emitTradeOnce, OFFSET_FAR, offsetMicros } from "./emit";
import { F_CURSOR, F_INSTRUMENT, F_VENUE, SEEN_AGGREGATES, SEEN_TRADES } from "./frame";
import { tickerFind, tickerFindShort } from "./ticker";
import { boolBytes, BYTES_3, BYTES_5, BYTES_6, BYTES_7, closeOf } from "./usual";
import { integerDigits, integerOf, isMillis, nonDigits } from "./usual";
import { passEnd, passOpening, quickSteps, textStops } from "./usual";

/** Passes the event's name and the name of its time; 0 when it is no trade. */
// @ts-ignore: decorator
@inline
function passEvent(p: usize, isAggregate: bool): usize {
  if (!isAggregate) return load<u64>(p, 8) == 0x3a2245222c226564 ? p + 16 : 0;
  const isTime = (load<u32>(p, 16) & BYTES_3) == 0x3a2245;
  return load<u64>(p, 8) == 0x222c226564617254 && isTime ? p + 19 : 0;
}

/** Passes `,"f":digits,"l":digits`, which nobody uses, from the quote before it; 0 when unusual. */
// @ts-ignore: decorator
@inline
function passRange(p: usize): usize {
  if ((load<u64>(p) & BYTES_6) != 0x3a2266222c22) return 0;
  p += 6;
  const first = integerDigits(p);
  p += first;
  if (first == 0 || (load<u64>(p) & BYTES_5) != 0x3a226c222c) return 0;
  p += 5;
  const last = integerDigits(p);
  return last == 0 ? 0 : p + last;
}

/** Instrument of the name at `p`, which is `length` bytes long; 0 when unknown. */
// @ts-ignore: decorator
@inline
function quickInstrument(p: usize, length: u32): u32 {
  const venue = load<u32>(F_VENUE);
  return length <= 8 ? tickerFindShort(venue, p, length) : tickerFind(venue, p, length);
}

// @ts-ignore: decorator
@inline
function quickTicks(p: usize, marks: u32, spec: usize): i64 {
  const mantissa = load<i64>(spec, SPEC_TICK_MANTISSA);
  return quickSteps(p, ctz(marks), closeOf(marks), load<i8>(spec, SPEC_TICK_EXPONENT), mantissa);
}

// @ts-ignore: decorator
@inline
function quickLots(p: usize, marks: u32, spec: usize): i64 {
  const mantissa = load<i64>(spec, SPEC_LOT_MANTISSA);
  return quickSteps(p, ctz(marks), closeOf(marks), load<i8>(spec, SPEC_LOT_EXPONENT), mantissa);
}

/**
 * Takes a trade, an aggTrade or a spot quote at `p` after `emitBegin`, if it is of the usual form.
 * It must end at `end`, or, when `isLine`, before a line feed inside; its end is left in F_CURSOR.
 * Returns 1 for a record committed and not published, 0 for "not read here, nothing done", or minus
 * RingFull or DuplicateUpdate.
 */
// @ts-ignore: decorator
@inline
export function quickMessage(p: usize, end: usize, isLine: bool): i32 {
  const begin = p;
  p = passOpening(p, end);
  if (p == 0) return 0;
  const isInside = p != begin + 1;
  const name = load<u64>(p);
  if (<u32>name == 0x3a227522) return quickQuote(p + 4, end, isInside, isLine);
  const isAggregate = name == 0x676761223a226522;
  if (!isAggregate && name != 0x617274223a226522) return 0;
  p = passEvent(p, isAggregate);
  if (p == 0 || !isMillis(p) || (load<u64>(p, 13) & BYTES_6) != 0x223a2273222c) return 0;
  return quickTrade(p + 19, end, isAggregate, isInside, isLine);
}

/** A trade from its instrument's name on: id, price, quantity, time, maker, end. */
function quickTrade(
  p: usize,
  end: usize,
  isAggregate: bool,
  isInside: bool,
  isLine: bool,
): i32 {
  const length = ctz(textStops(p) | 0x10000);
  const instrument = quickInstrument(p, length);
  const spec = instrumentAt(instrument);
  if (instrument == 0 || spec == 0) return 0;
  p += length;
  const idName: u64 = isAggregate ? 0x3a2261222c22 : 0x3a2274222c22;
  const idDigits = integerDigits(p + 6);
  if (idDigits == 0 || (load<u64>(p) & BYTES_6) != idName) return 0;
  const id = integerOf(p + 6, idDigits);
  p += 6 + idDigits;
  if ((load<u64>(p) & BYTES_6) != 0x223a2270222c) return 0;
  p += 6;
  let marks = nonDigits(p);
  const ticks = quickTicks(p, marks, spec);
  p += closeOf(marks);
  if (ticks <= 0 || (load<u64>(p) & BYTES_7) != 0x223a2271222c22) return 0;
  p += 7;
  marks = nonDigits(p);
  const lots = quickLots(p, marks, spec);
  p += closeOf(marks);
  if (lots <= 0) return 0;
  p = isAggregate ? passRange(p) : p + 1;
  if (p == 0 || (load<u64>(p) & BYTES_5) != 0x3a2254222c || !isMillis(p + 5)) return 0;
  const offset = offsetMicros(<i64>integerOf(p + 5, 13));
  if (offset == OFFSET_FAR || (load<u64>(p, 18) & BYTES_5) != 0x3a226d222c) return 0;
  p += 23;
  // No branch by the value: makers and takers alternate as they like.
  const isMaker = load<u32>(p) == 0x65757274;
  if (!(isMaker | ((load<u32>(p) == 0x736c6166) & (load<u8>(p, 4) == 0x65)))) return 0;
  p = passUnused(p + 5 - u32(isMaker));
  if (p != 0) p = passEnd(p, end, isInside, isLine);
  if (p == 0) return 0;
  store<usize>(F_CURSOR, p);
  store<u32>(F_INSTRUMENT, instrument);
  const seen = isAggregate ? SEEN_AGGREGATES : SEEN_TRADES;
  return emitTradeOnce(ticks, lots, id, offset, isMaker, seen);
}

/** Passes `,"M":true` or `false`, which spot sends and nobody uses, if it is there; 0 when bad. */
// @ts-ignore: decorator
@inline
function passUnused(p: usize): usize {
  if ((load<u64>(p) & BYTES_5) != 0x3a224d222c) return p;
  const bytes = boolBytes(p + 5);
  return bytes == 0 ? 0 : p + 5 + bytes;
}

/** A quote from its update id on: instrument, bid and its quantity, ask and its quantity, end. */
function quickQuote(p: usize, end: usize, isInside: bool, isLine: bool): i32 {
  const idDigits = integerDigits(p);
  if (idDigits == 0 || (load<u64>(p + idDigits) & BYTES_6) != 0x223a2273222c) return 0;
  const updateId = integerOf(p, idDigits);
  p += idDigits + 6;
  const length = ctz(textStops(p) | 0x10000);
  const instrument = quickInstrument(p, length);
  const spec = instrumentAt(instrument);
  if (instrument == 0 || spec == 0) return 0;
  p += length;
  if ((load<u64>(p) & BYTES_7) != 0x223a2262222c22) return 0;
  p += 7;
  let marks = nonDigits(p);
  const bidTicks = quickTicks(p, marks, spec);
  p += closeOf(marks);
  if (bidTicks < 0 || (load<u64>(p) & BYTES_7) != 0x223a2242222c22) return 0;
  p += 7;
  marks = nonDigits(p);
  const bidLots = quickLots(p, marks, spec);
  p += closeOf(marks);
  if (bidLots < 0 || (load<u64>(p) & BYTES_7) != 0x223a2261222c22) return 0;
  p += 7;
  marks = nonDigits(p);
  const askTicks = quickTicks(p, marks, spec);
  p += closeOf(marks);
  if (askTicks < 0 || (load<u64>(p) & BYTES_7) != 0x223a2241222c22) return 0;
  p += 7;
  marks = nonDigits(p);
  const askLots = quickLots(p, marks, spec);
  p = passEnd(p + closeOf(marks) + 1, end, isInside, isLine);
  if (askLots < 0 || p == 0) return 0;
  store<usize>(F_CURSOR, p);
  store<u32>(F_INSTRUMENT, instrument);
  return emitQuote(bidTicks, bidLots, askTicks, askLots, updateId, 0);
}
