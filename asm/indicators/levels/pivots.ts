// Pivot points of the candle before, or of the UTC day before.
// tidy: tested by test/asm/indicators/families.test.ts
import { C_END } from "../../candles/candle";
import { DAY_NANOS } from "../../clock";
import { countWith, I_FLAGS, putValue } from "../slot";
import { closeOf, highOf, lowOf, openOf } from "../stages/input";

// Two candles, 32 bytes each: open, high, low, close as f64.
const SESSION: i32 = 0; // i64, day or number of the current candle
const HAS_PREVIOUS: i32 = 8; // u32
const CURRENT: i32 = 16;
const PREVIOUS: i32 = 48;
/** Bytes of state. */
export const PIVOTS_BYTES: i32 = 80;

/** Bit of I_FLAGS: of the day before. The kind, in the order of the cases below, lies above it. */
const OF_DAY: u32 = 1;

/**
 * The pivot, then resistance and support 1 to 4; a level that the kind does not have is 0. No value
 * before a whole candle, or the end of a day of which we saw a part, lies behind.
 */
export function pivots(at: usize, s: usize, candle: usize, out: usize, keep: bool): bool {
  const choice = load<u32>(at, I_FLAGS);
  const n = countWith(at);
  const isOfDay = (choice & OF_DAY) != 0;
  const session = isOfDay ? (load<i64>(candle, C_END) - 1) / DAY_NANOS : <i64>n;
  const isNext = n > 1 && session != load<i64>(s, SESSION);
  const isWarm = isNext || load<u32>(s, HAS_PREVIOUS) != 0;
  if (isWarm) putLevels(out, <i32>(choice >> 1), s + (isNext ? CURRENT : PREVIOUS));
  if (keep) keepCandle(s, candle, session, isNext || n == 1, isNext);
  return isWarm;
}

function keepCandle(s: usize, candle: usize, session: i64, isFirst: bool, isNext: bool): void {
  if (isNext) {
    memory.copy(s + PREVIOUS, s + CURRENT, 32);
    store<u32>(s, 1, HAS_PREVIOUS);
  }
  store<i64>(s, session, SESSION);
  const current = s + CURRENT;
  if (isFirst) {
    store<f64>(current, openOf(candle));
    store<f64>(current, highOf(candle), 8);
    store<f64>(current, lowOf(candle), 16);
  } else {
    store<f64>(current, max<f64>(load<f64>(current, 8), highOf(candle)), 8);
    store<f64>(current, min<f64>(load<f64>(current, 16), lowOf(candle)), 16);
  }
  store<f64>(current, closeOf(candle), 24);
}

// @ts-ignore: decorator
@inline
function put(out: usize, number: usize, resistance: f64, support: f64): void {
  putValue(out, 2 * number - 1, resistance);
  putValue(out, 2 * number, support);
}

function putLevels(out: usize, kind: i32, from: usize): void {
  const open = load<f64>(from);
  const high = load<f64>(from, 8);
  const low = load<f64>(from, 16);
  const close = load<f64>(from, 24);
  const range = high - low;
  const typical = (high + low + close) / 3;
  switch (kind) {
    case 0:
      return putClassic(out, typical, high, low);
    case 1:
      putValue(out, 0, typical);
      put(out, 1, typical + 0.382 * range, typical - 0.382 * range);
      put(out, 2, typical + 0.618 * range, typical - 0.618 * range);
      return put(out, 3, typical + range, typical - range);
    case 2:
      return putCamarilla(out, typical, close, range);
    case 3: {
      const pivot = (high + low + 2 * close) / 4;
      putValue(out, 0, pivot);
      put(out, 1, 2 * pivot - low, 2 * pivot - high);
      return put(out, 2, pivot + range, pivot - range);
    }
    default: {
      let heavy = close;
      if (close < open) heavy = low;
      else if (close > open) heavy = high;
      const sum = high + low + close + heavy;
      putValue(out, 0, sum / 4);
      put(out, 1, sum / 2 - low, sum / 2 - high);
    }
  }
}

function putClassic(out: usize, pivot: f64, high: f64, low: f64): void {
  putValue(out, 0, pivot);
  put(out, 1, 2 * pivot - low, 2 * pivot - high);
  put(out, 2, pivot + (high - low), pivot - (high - low));
  put(out, 3, high + 2 * (pivot - low), low - 2 * (high - pivot));
}

function putCamarilla(out: usize, pivot: f64, close: f64, range: f64): void {
  putValue(out, 0, pivot);
  put(out, 1, close + (1.1 * range) / 12, close - (1.1 * range) / 12);
  put(out, 2, close + (1.1 * range) / 6, close - (1.1 * range) / 6);
  put(out, 3, close + (1.1 * range) / 4, close - (1.1 * range) / 4);
  put(out, 4, close + (1.1 * range) / 2, close - (1.1 * range) / 2);
}
