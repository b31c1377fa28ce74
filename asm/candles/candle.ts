// One candle under construction: 96 bytes, exact integers, folded trade by trade.
//
// The eight fields a trade changes fill exactly one cache line, because with a thousand instruments
// the cost of a tick is the number of lines it touches. What is written once a candle lies behind.
// A sum of ticks x lots is kept whole in 128 bits; averages are for whoever prints them.
// tidy: tested by test/asm/candles/timeframe.test.ts
import { add128, addProduct128 } from "../math/wide";
import {
  CANDLE_BUY_LOTS,
  CANDLE_CLOSE_TICKS,
  CANDLE_HIGH_TICKS,
  CANDLE_LATE_TRADES,
  CANDLE_LOW_TICKS,
  CANDLE_OPEN_TICKS,
  CANDLE_QUALITY,
  CANDLE_TRADES,
  CANDLE_TURNOVER_HIGH,
  CANDLE_TURNOVER_LOW,
  CANDLE_VOLUME_LOTS,
  CandleQuality,
} from "../vocab";

export const C_HIGH: i32 = 0; // i64 ticks
export const C_LOW: i32 = 8; // i64 ticks
export const C_CLOSE: i32 = 16; // i64 ticks
export const C_VOLUME: i32 = 24; // i64 lots
export const C_BUY: i32 = 32; // i64 lots of aggressive buyers
export const C_TURNOVER: i32 = 40; // i128, sum of ticks x lots
export const C_TRADES: i32 = 56; // u32
export const C_LATE: i32 = 60; // u32, counted also while no candle is begun
export const C_OPEN: i32 = 64; // i64 ticks
export const C_FIRST: i32 = 72; // i64 nanoseconds, venue time of the first trade
export const C_END: i32 = 80; // i64 nanoseconds, end of the bucket, 0 = not begun
export const C_QUALITY: i32 = 88; // u32, bits of CandleQuality
/** Bytes of a candle. */
export const CANDLE_STATE_BYTES: i32 = 96;

/** True when the candle has a trade. */
// @ts-ignore: decorator
@inline
export function candleIsBegun(at: usize): bool {
  return load<i64>(at, C_END) != 0;
}

/**
 * Puts the first trade into an empty candle whose bucket ends at `endNanos`; keeps the late count.
 */
export function candleBegin(at: usize, endNanos: i64, tsNanos: i64, priceTicks: i64): void {
  assert(load<i64>(at, C_END) == 0, "a candle begins once");
  store<i64>(at, priceTicks, C_OPEN);
  store<i64>(at, priceTicks, C_HIGH);
  store<i64>(at, priceTicks, C_LOW);
  store<i64>(at, tsNanos, C_FIRST);
  store<i64>(at, endNanos, C_END);
}

/** Folds one trade into a begun candle. Touches one cache line. */
// @ts-ignore: decorator
@inline
export function candleFold(at: usize, priceTicks: i64, qtyLots: i64, isBuy: bool): void {
  if (priceTicks > load<i64>(at, C_HIGH)) store<i64>(at, priceTicks, C_HIGH);
  if (priceTicks < load<i64>(at, C_LOW)) store<i64>(at, priceTicks, C_LOW);
  store<i64>(at, priceTicks, C_CLOSE);
  store<i64>(at, load<i64>(at, C_VOLUME) + qtyLots, C_VOLUME);
  if (isBuy) store<i64>(at, load<i64>(at, C_BUY) + qtyLots, C_BUY);
  if ((<u64>priceTicks | <u64>qtyLots) >> 31 == 0) {
    // Both below 2^31: the product fits, and 128-bit arithmetic costs more than the whole rest.
    add128(at + C_TURNOVER, <u64>(priceTicks * qtyLots), 0);
  } else {
    addProduct128(at + C_TURNOVER, priceTicks, qtyLots);
  }
  store<u32>(at, load<u32>(at, C_TRADES) + 1, C_TRADES);
}

/**
 * Appends the later candle `from` to `to`: the candle of both. An empty `to` starts with it, in the
 * bucket that ends at `endNanos`.
 */
export function candleJoin(to: usize, from: usize, endNanos: i64): void {
  assert(candleIsBegun(from), "only a candle with trades is joined");
  if (!candleIsBegun(to)) {
    candleBegin(to, endNanos, load<i64>(from, C_FIRST), load<i64>(from, C_OPEN));
  }
  assert(load<i64>(to, C_END) == endNanos, "candles are joined inside one bucket");
  store<i64>(to, max(load<i64>(to, C_HIGH), load<i64>(from, C_HIGH)), C_HIGH);
  store<i64>(to, min(load<i64>(to, C_LOW), load<i64>(from, C_LOW)), C_LOW);
  store<i64>(to, load<i64>(from, C_CLOSE), C_CLOSE);
  store<i64>(to, load<i64>(to, C_VOLUME) + load<i64>(from, C_VOLUME), C_VOLUME);
  store<i64>(to, load<i64>(to, C_BUY) + load<i64>(from, C_BUY), C_BUY);
  add128(to + C_TURNOVER, load<u64>(from, C_TURNOVER), load<i64>(from, C_TURNOVER + 8));
  store<u32>(to, load<u32>(to, C_TRADES) + load<u32>(from, C_TRADES), C_TRADES);
  store<u32>(to, load<u32>(to, C_LATE) + load<u32>(from, C_LATE), C_LATE);
  const carried: u32 = CandleQuality.Gap | CandleQuality.Imported;
  const quality = load<u32>(to, C_QUALITY) | (load<u32>(from, C_QUALITY) & carried);
  store<u32>(to, quality, C_QUALITY);
}

/** The candle's quality bits with what follows from its counts. */
export function candleQuality(at: usize): u32 {
  const late: u32 = load<u32>(at, C_LATE) > 0 ? CandleQuality.LateTrades : 0;
  return load<u32>(at, C_QUALITY) | late;
}

/** Empties the candle. */
export function candleClear(at: usize): void {
  memory.fill(at, 0, CANDLE_STATE_BYTES);
}

/** Copies prices and sums into a CandleClosed or CandleForming record. */
export function candleWrite(rec: usize, at: usize): void {
  store<u16>(rec, <u16>candleQuality(at), CANDLE_QUALITY);
  store<i64>(rec, load<i64>(at, C_OPEN), CANDLE_OPEN_TICKS);
  store<i64>(rec, load<i64>(at, C_HIGH), CANDLE_HIGH_TICKS);
  store<i64>(rec, load<i64>(at, C_LOW), CANDLE_LOW_TICKS);
  store<i64>(rec, load<i64>(at, C_CLOSE), CANDLE_CLOSE_TICKS);
  store<i64>(rec, load<i64>(at, C_VOLUME), CANDLE_VOLUME_LOTS);
  store<i64>(rec, load<i64>(at, C_BUY), CANDLE_BUY_LOTS);
  store<u64>(rec, load<u64>(at, C_TURNOVER), CANDLE_TURNOVER_LOW);
  store<i64>(rec, load<i64>(at, C_TURNOVER + 8), CANDLE_TURNOVER_HIGH);
  store<u32>(rec, load<u32>(at, C_TRADES), CANDLE_TRADES);
  store<u32>(rec, load<u32>(at, C_LATE), CANDLE_LATE_TRADES);
}
