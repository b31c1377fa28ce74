// The state of one structure machine: settings, what every part of it shares, the last candles.
//
// One machine an (instrument, timeframe) that asked for it, in one block of the market arena: this
// head, a ring of the last candles, then the tables of its objects. What looks upward and what
// looks downward is the same code: `way` is 1 or -1, and prices are compared multiplied by it.
// tidy: tested by test/asm/structure/structure.test.ts
import {
  CANDLE_CLOSE_TICKS,
  CANDLE_HIGH_TICKS,
  CANDLE_INDEX,
  CANDLE_LOW_TICKS,
  CANDLE_OPEN_NANOS,
  CANDLE_OPEN_TICKS,
  Side,
  StructureOption,
} from "../vocab";

export const M_ABOVE: i32 = 0; // i64, nearest price at or above which a trade changes something
export const M_BELOW: i32 = 8; // i64, the same below
export const M_KNOWN_NANOS: i32 = 16; // i64, venue time of what is being looked at
export const M_KNOWN_NUMBER: i32 = 24; // u32, candle of what is being looked at
export const M_LAST_ID: i32 = 28; // u32, id given last
export const M_FIRST: i32 = 32; // u32, number of the first candle seen, 0 = none yet
export const M_NUMBER: i32 = 36; // u32, number of the last candle closed
export const M_ATR: i32 = 40; // f64 ticks; the sum of true ranges until there are 14
export const M_RANGES: i32 = 48; // u32, true ranges seen, at most 14
export const M_TIMEFRAME: i32 = 52; // u8 slot
export const M_FLAGS: i32 = 53; // u8, bits of StructureOption
export const M_FAMILIES: i32 = 54; // u16, bits of StructureFamily
export const M_SWEEP: i32 = 56; // u32 candles
export const M_RING_MASK: i32 = 60; // u32, entries of the ring - 1
export const M_GAP_TICKS: i32 = 64; // i64
export const M_GAP_FACTOR: i32 = 72; // f64
export const M_BODY_FACTOR: i32 = 80; // f64
export const M_POOL_FACTOR: i32 = 88; // f64
export const M_TURN_FACTOR: i32 = 96; // f64
export const M_RING: i32 = 104; // u32, addresses of the ring and the tables, 0 = not looked for
export const M_BLOCKS: i32 = 108; // u32
export const M_GAPS: i32 = 112; // u32
export const M_POOLS: i32 = 116; // u32
export const M_LEVELS: i32 = 120; // u32
export const M_BULLISH: i32 = 124; // u32, bits of the patterns of the last candle; then bearish
export const M_BEARISH: i32 = 128; // u32
export const M_INSTRUMENT: i32 = 132; // u32
export const M_SETTINGS: i32 = 136; // 48 bytes, the payload of the record that made it
export const M_SCALES: i32 = 192; // internal, then external (swing.ts)
export const M_RANGE: i32 = 1088; // the dealing range (range.ts)
export const M_TURN: i32 = 1152; // the turn swing looked for (turn.ts)
export const M_SPANS: i32 = 1216; // sessions, day, week (session.ts)
export const M_HEAD_BYTES: i32 = 2048;

// A candle of the ring.
export const K_OPEN: i32 = 0; // i64 ticks
export const K_HIGH: i32 = 8; // i64 ticks
export const K_LOW: i32 = 16; // i64 ticks
export const K_CLOSE: i32 = 24; // i64 ticks
export const K_OPEN_NANOS: i32 = 32; // i64
export const K_BODIES: i32 = 40; // u64, sum of all bodies so far, modulo 2^64
export const K_HEIGHTS: i32 = 48; // u64, sum of all ranges so far, modulo 2^64
export const K_MARKS: i32 = 56; // u8, bits below
export const K_SINCE_UP: i32 = 57; // u8, candles since the last that rose, 0 = this one, 255 = more
export const K_SINCE_DOWN: i32 = 58; // u8
export const CANDLE_ENTRY_BYTES: i32 = 64;

/** A body of at least the body factor x ATR, upward and downward. */
export const MARK_BODY_UP: u32 = 1;
export const MARK_BODY_DOWN: u32 = 2;
/** The third candle of a gap upward and downward. */
export const MARK_GAP_UP: u32 = 4;
export const MARK_GAP_DOWN: u32 = 8;

/** An order block lies at most so many candles before the extreme its leg started from. */
export const BLOCK_BEFORE_MAX: u32 = 16;
/** Largest k of a swing. */
export const SWING_CANDLES_MAX: i32 = 100;
const ATR_PERIOD: u32 = 14;

/** Entry of candle `number`, which must be one of the last (ring size) ones. */
// @ts-ignore: decorator
@inline
export function candleEntry(m: usize, number: u32): usize {
  return load<u32>(m, M_RING) + (<usize>(number & load<u32>(m, M_RING_MASK)) << 6);
}

/** High of a candle as `way` sees it: the higher the further along it. */
// @ts-ignore: decorator
@inline
export function topOf(entry: usize, way: i64): i64 {
  return way > 0 ? load<i64>(entry, K_HIGH) : -load<i64>(entry, K_LOW);
}

/** Low of a candle as `way` sees it. */
// @ts-ignore: decorator
@inline
export function bottomOf(entry: usize, way: i64): i64 {
  return way > 0 ? load<i64>(entry, K_LOW) : -load<i64>(entry, K_HIGH);
}

/** Side of what points along `way`. */
// @ts-ignore: decorator
@inline
export function sideOf(way: i64): u8 {
  return <u8>(way > 0 ? Side.Buy : Side.Sell);
}

/** True when the family (a bit of StructureFamily) was asked for. */
// @ts-ignore: decorator
@inline
export function hasFamily(m: usize, family: u32): bool {
  return (load<u16>(m, M_FAMILIES) & family) != 0;
}

/** True when a wick breaks a level, false when it takes a close. */
// @ts-ignore: decorator
@inline
export function breaksByWick(m: usize): bool {
  return (load<u8>(m, M_FLAGS) & StructureOption.BreakByWick) != 0;
}

/** Wilder's average true range in ticks, 0 until fourteen true ranges were seen. */
// @ts-ignore: decorator
@inline
export function averageRange(m: usize): f64 {
  return load<u32>(m, M_RANGES) < ATR_PERIOD ? 0 : load<f64>(m, M_ATR);
}

/** Takes a CandleClosed record into the ring and the average. */
export function candleTake(m: usize, rec: usize): void {
  const number = <u32>load<u64>(rec, CANDLE_INDEX);
  const isFirst = load<u32>(m, M_FIRST) == 0;
  if (isFirst) store<u32>(m, number, M_FIRST);
  const before = candleEntry(m, number - 1);
  const at = candleEntry(m, number);
  store<u32>(m, number, M_NUMBER);
  store<u32>(m, number, M_KNOWN_NUMBER);
  store<i64>(at, load<i64>(rec, CANDLE_OPEN_TICKS), K_OPEN);
  store<i64>(at, load<i64>(rec, CANDLE_HIGH_TICKS), K_HIGH);
  store<i64>(at, load<i64>(rec, CANDLE_LOW_TICKS), K_LOW);
  store<i64>(at, load<i64>(rec, CANDLE_CLOSE_TICKS), K_CLOSE);
  store<i64>(at, load<i64>(rec, CANDLE_OPEN_NANOS), K_OPEN_NANOS);
  const body = load<i64>(at, K_CLOSE) - load<i64>(at, K_OPEN);
  const height = load<i64>(at, K_HIGH) - load<i64>(at, K_LOW);
  store<u64>(at, load<u64>(before, K_BODIES) + <u64>abs(body), K_BODIES);
  store<u64>(at, load<u64>(before, K_HEIGHTS) + <u64>height, K_HEIGHTS);
  store<u8>(at, isFirst ? 255 : since(load<u8>(before, K_SINCE_UP)), K_SINCE_UP);
  store<u8>(at, isFirst ? 255 : since(load<u8>(before, K_SINCE_DOWN)), K_SINCE_DOWN);
  if (body > 0) store<u8>(at, 0, K_SINCE_UP);
  if (body < 0) store<u8>(at, 0, K_SINCE_DOWN);
  if (!isFirst) averageFold(m, at, load<i64>(before, K_CLOSE));
  store<u8>(at, bodyMarks(m, body), K_MARKS);
}

// @ts-ignore: decorator
@inline
function since(candles: u8): u8 {
  return candles == 255 ? 255 : candles + 1;
}

/** TA-Lib's: the mean of the first fourteen true ranges, then (13 x average + range) / 14. */
function averageFold(m: usize, at: usize, closeBefore: i64): void {
  const high = max(load<i64>(at, K_HIGH), closeBefore);
  const range = <f64>(high - min(load<i64>(at, K_LOW), closeBefore));
  const seen = load<u32>(m, M_RANGES);
  const average = load<f64>(m, M_ATR);
  if (seen == ATR_PERIOD) {
    store<f64>(m, (average * <f64>(ATR_PERIOD - 1) + range) / <f64>ATR_PERIOD, M_ATR);
    return;
  }
  const sum = average + range;
  store<f64>(m, seen + 1 == ATR_PERIOD ? sum / <f64>ATR_PERIOD : sum, M_ATR);
  store<u32>(m, seen + 1, M_RANGES);
}

function bodyMarks(m: usize, body: i64): u8 {
  const average = averageRange(m);
  if (average == 0) return 0;
  if (<f64>abs(body) < load<f64>(m, M_BODY_FACTOR) * average) return 0;
  return <u8>(body > 0 ? MARK_BODY_UP : MARK_BODY_DOWN);
}
