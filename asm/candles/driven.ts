// Candles that trades complete: by count, volume, notional, range, imbalance, run, and Renko.
//
// One rule for all: a trade is folded whole, then the candle is measured, and the trade that brings
// the measure to the threshold is its last one. What it brought beyond the threshold stays in that
// candle: a print is one fact, and a part of it would be a trade nobody made. The next trade begins
// the next candle, so there are no empty ones. Only Renko makes prices of its own.
// tidy: tested by test/asm/candles/driven.test.ts
import { MI_DRIVEN, MI_TIMEFRAMES, MI_UNTRUSTED } from "../layout";
import { productFits } from "../math/wide";
import { CandleMeasure, CandleQuality, CandleType, Side } from "../vocab";
import {
  candleBegin,
  candleFold,
  candleIsBegun,
  C_END,
  C_HIGH,
  C_LATE,
  C_LOW,
  C_QUALITY,
  C_TRADES,
  C_VOLUME,
} from "./candle";
import { adaptiveStep } from "./adaptive";
import { renkoFold, renkoIsOwed } from "./renko";
import {
  D_LAST,
  D_MEASURE,
  D_SIGN,
  D_SUM,
  D_SUM_2,
  D_THRESHOLD,
  D_TIME,
  D_WINDOW,
} from "./driven-slot";
import { timeframeSorted, T_FLOOR, T_PENDING, T_REACHED, T_TYPE } from "./timeframe";

/** Largest measure of one trade; beyond every threshold, so that no sum can overflow. */
const MEASURE_MAX: i64 = 1 << 61;

/** Number `i` of the instrument's timeframes that trades complete. */
// @ts-ignore: decorator
@inline
export function drivenAt(instrument: usize, i: u32): usize {
  return timeframeSorted(instrument, <u32>load<u8>(instrument, MI_TIMEFRAMES) + i);
}

/** Folds a trade into every such timeframe; true when it was late for one, as it is of roots. */
export function drivenFold(
  instrument: usize,
  tsNanos: i64,
  priceTicks: i64,
  qtyLots: i64,
  aggressor: u8,
): bool {
  let isLate = false;
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_DRIVEN); i < n; i++) {
    const at = drivenAt(instrument, i);
    // Older than the newest trade of the candle before: counted with this one, folded nowhere.
    if (tsNanos < load<i64>(at, T_FLOOR)) {
      store<u32>(at, load<u32>(at, C_LATE) + 1, C_LATE);
      isLate = true;
      continue;
    }
    if (!candleIsBegun(at)) begin(instrument, at, tsNanos, priceTicks);
    candleFold(at, priceTicks, qtyLots, aggressor == Side.Buy);
    const newest = max(load<i64>(at, D_TIME), tsNanos);
    store<i64>(at, newest, D_TIME);
    // Its end is not known before; so far it is the instant behind its newest trade.
    store<i64>(at, newest + 1, C_END);
    measure(at, priceTicks, qtyLots, aggressor);
  }
  return isLate;
}

function begin(instrument: usize, at: usize, tsNanos: i64, priceTicks: i64): void {
  candleBegin(at, 1, tsNanos, priceTicks);
  let quality: u32 = load<u8>(at, T_PENDING);
  store<u8>(at, 0, T_PENDING);
  if (load<u8>(instrument, MI_UNTRUSTED) != 0) quality |= CandleQuality.Gap;
  store<u32>(at, load<u32>(at, C_QUALITY) | quality, C_QUALITY);
}

/** Measures the candle with the trade in it, and notes whether that completes it. */
function measure(at: usize, priceTicks: i64, qtyLots: i64, aggressor: u8): void {
  const threshold = load<i64>(at, D_THRESHOLD);
  switch (<i32>load<u8>(at, T_TYPE)) {
    case CandleType.Trades:
      return reach(at, load<u32>(at, C_TRADES), threshold);
    case CandleType.Volume:
      return reach(at, load<i64>(at, C_VOLUME), threshold);
    case CandleType.Notional:
      store<i64>(at, load<i64>(at, D_SUM) + notional(priceTicks, qtyLots), D_SUM);
      return reach(at, load<i64>(at, D_SUM), threshold);
    case CandleType.Range:
      return reach(at, load<i64>(at, C_HIGH) - load<i64>(at, C_LOW), threshold);
    case CandleType.Renko:
      renkoFold(at, priceTicks);
      return store<u8>(at, <u8>renkoIsOwed(at), T_REACHED);
    default:
      return signed(at, priceTicks, qtyLots, aggressor, threshold);
  }
}

// @ts-ignore: decorator
@inline
function reach(at: usize, measured: i64, threshold: i64): void {
  store<u8>(at, <u8>(measured >= threshold), T_REACHED);
}

/** Imbalance: what buyers brought less what sellers brought. Run: the larger of both. */
function signed(
  at: usize,
  priceTicks: i64,
  qtyLots: i64,
  aggressor: u8,
  threshold: i64,
): void {
  const sign = signOf(at, priceTicks, aggressor);
  const x = measureOf(load<u8>(at, D_MEASURE), priceTicks, qtyLots);
  if (load<u8>(at, T_TYPE) == CandleType.Imbalance) {
    const sum = load<i64>(at, D_SUM) + <i64>sign * x;
    store<i64>(at, sum, D_SUM);
    return reach(at, sum < 0 ? -sum : sum, threshold);
  }
  if (sign > 0) store<i64>(at, load<i64>(at, D_SUM) + x, D_SUM);
  if (sign < 0) store<i64>(at, load<i64>(at, D_SUM_2) + x, D_SUM_2);
  reach(at, max(load<i64>(at, D_SUM), load<i64>(at, D_SUM_2)), threshold);
}

/**
 * 1 for a buyer, -1 for a seller; where the venue does not say, by the tick rule: the sign of the
 * last change of price, 0 before the first.
 */
function signOf(at: usize, priceTicks: i64, aggressor: u8): i32 {
  const last = load<i64>(at, D_LAST);
  let rule = <i32>load<i8>(at, D_SIGN);
  // Sign 2 stands for no trade yet: then there is no price to compare with.
  if (rule == 2) rule = 0;
  else if (priceTicks != last) rule = priceTicks > last ? 1 : -1;
  store<i64>(at, priceTicks, D_LAST);
  store<i8>(at, <i8>rule, D_SIGN);
  if (aggressor == Side.Buy) return 1;
  return aggressor == Side.Sell ? -1 : rule;
}

function measureOf(kind: u8, priceTicks: i64, qtyLots: i64): i64 {
  if (kind == CandleMeasure.Trades) return 1;
  return kind == CandleMeasure.Volume ? qtyLots : notional(priceTicks, qtyLots);
}

/** Price x lots without its sign, in ticks x lots; at most MEASURE_MAX. */
function notional(priceTicks: i64, qtyLots: i64): i64 {
  const price = priceTicks < 0 ? -priceTicks : priceTicks;
  return productFits(price, qtyLots) ? min(price * qtyLots, MEASURE_MAX) : MEASURE_MAX;
}

/** After its candle was published: the next one begins at nothing, behind the newest trade. */
export function drivenClear(at: usize): void {
  if (load<u32>(at, D_WINDOW) != 0) adaptiveStep(at);
  store<i64>(at, load<i64>(at, D_TIME), T_FLOOR);
  store<u8>(at, 0, T_REACHED);
  store<i64>(at, 0, D_SUM);
  store<i64>(at, 0, D_SUM_2);
}
