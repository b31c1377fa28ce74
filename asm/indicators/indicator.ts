// All indicators behind one door: configuration, push at close, peek in between.
//
// A timeframe holds addresses of slots; which kernel a slot belongs to stands in its first bytes.
// Seven that charts show most have kernels of their own here; the others are composed of stages.
// tidy: tested by test/asm/market.test.ts
import { arenaAlloc } from "../arena";
import { C_CLOSE } from "../candles/candle";
import { T_INDICATORS } from "../candles/timeframe";
import { INDICATORS_MAX } from "../layout";
import {
  IndicatorKind,
  INDICATOR_ANCHOR_SECONDS,
  INDICATOR_FACTOR,
  INDICATOR_FACTOR_2,
  INDICATOR_FACTOR_3,
  INDICATOR_FLAGS,
  INDICATOR_KIND,
  INDICATOR_PERIOD,
  INDICATOR_PERIOD_2,
  INDICATOR_PERIOD_3,
  INDICATOR_PERIOD_4,
  INDICATOR_SLOT,
  INDICATOR_SOURCE,
  INDICATOR_SOURCE_2,
  Refusal,
  Role,
} from "../vocab";
import { atrPeek, atrPush, ATR_BYTES, ATR_FIRST_RANGE } from "./atr";
import { bollingerBytes, bollingerPeek, bollingerPush } from "./bollinger";
import { composedInit, composedIsSame, composedPeek, composedPush } from "./composed";
import { emaPeek, emaPush, EMA_BYTES } from "./ema";
import { macdPeek, macdPush, MACD_BYTES } from "./macd";
import { rsiPeek, rsiPush, RSI_BYTES } from "./rsi";
import { shapeBytes, shapeIsPrice, shapeLines, shapeRefusal } from "./shape";
import {
  COMPOSED_FIRST,
  countWith,
  FACTOR_MAX,
  I_FACTOR,
  I_FACTOR_2,
  I_FLAGS,
  I_KIND,
  I_PERIOD,
  I_PERIOD_2,
  I_PERIOD_3,
  I_SLOT,
  I_VALUES,
  I_WIDE,
} from "./slot";
import { smaBytes, smaMean, smaPeek, smaPush } from "./sma";
import { vwapPeek, vwapPush, VWAP_BYTES, VWAP_CUMULATIVE } from "./vwap";
import { PERIOD_MAX } from "./window";

/** Address of a timeframe's indicator, 0 when the slot is empty. */
// @ts-ignore: decorator
@inline
export function indicatorAt(timeframe: usize, slot: u32): usize {
  if (slot >= <u32>INDICATORS_MAX) return 0;
  return load<u32>(timeframe + (<usize>slot << 2), T_INDICATORS);
}

/** Values an indicator of this kind has. */
export function indicatorLines(kind: i32): i32 {
  if (kind >= COMPOSED_FIRST) return shapeLines(kind);
  return kind == IndicatorKind.Macd || kind == IndicatorKind.Bollinger ? 3 : 1;
}

/** True when value 1 is a price that a trade can cross. */
export function indicatorIsPrice(kind: i32): bool {
  if (kind >= COMPOSED_FIRST) return shapeIsPrice(kind);
  return (
    kind == IndicatorKind.Sma ||
    kind == IndicatorKind.Ema ||
    kind == IndicatorKind.Bollinger ||
    kind == IndicatorKind.Vwap
  );
}

/** What is wrong with an Indicator record by itself. */
export function indicatorRefusal(rec: usize): Refusal {
  const kind = <i32>load<u16>(rec, INDICATOR_KIND);
  if (load<u8>(rec, INDICATOR_SLOT) >= <u8>INDICATORS_MAX) return Refusal.IndicatorsFull;
  if (kind >= COMPOSED_FIRST) return shapeRefusal(rec);
  if (kind < IndicatorKind.Sma || kind > IndicatorKind.Vwap) return Refusal.UnknownIndicator;
  if (hasComposedSettings(rec)) return Refusal.ParameterInvalid;
  if (kind == IndicatorKind.Vwap) {
    return load<u32>(rec, INDICATOR_FLAGS) <= VWAP_CUMULATIVE
      ? Refusal.None
      : Refusal.ParameterInvalid;
  }
  const flags = kind == IndicatorKind.Atr ? ATR_FIRST_RANGE : 0;
  if (load<u32>(rec, INDICATOR_FLAGS) > flags) return Refusal.ParameterInvalid;
  if (!isPeriod(load<i32>(rec, INDICATOR_PERIOD))) return Refusal.PeriodInvalid;
  if (kind == IndicatorKind.Macd) {
    if (!isPeriod(load<i32>(rec, INDICATOR_PERIOD_2))) return Refusal.PeriodInvalid;
    if (!isPeriod(load<i32>(rec, INDICATOR_PERIOD_3))) return Refusal.PeriodInvalid;
  }
  if (kind != IndicatorKind.Bollinger) return Refusal.None;
  const isUpper = isFactor(load<f64>(rec, INDICATOR_FACTOR));
  const lower = load<f64>(rec, INDICATOR_FACTOR_2);
  return isUpper && (lower == 0 || isFactor(lower)) ? Refusal.None : Refusal.ParameterInvalid;
}

/** Settings that only composed kinds know must be 0 elsewhere. */
function hasComposedSettings(rec: usize): bool {
  return (
    load<u8>(rec, INDICATOR_SOURCE) != 0 ||
    load<u8>(rec, INDICATOR_SOURCE_2) != 0 ||
    load<i32>(rec, INDICATOR_PERIOD_4) != 0 ||
    load<f64>(rec, INDICATOR_FACTOR_3) != 0 ||
    load<u32>(rec, INDICATOR_ANCHOR_SECONDS) != 0
  );
}

function isPeriod(period: i32): bool {
  return period >= 1 && period <= PERIOD_MAX;
}

/** False for NaN too. */
function isFactor(factor: f64): bool {
  return factor > 0 && factor <= FACTOR_MAX;
}

/** Bytes of the slot that a valid record asks for. */
export function indicatorBytes(rec: usize): i32 {
  if (<i32>load<u16>(rec, INDICATOR_KIND) >= COMPOSED_FIRST) return shapeBytes(rec);
  switch (<i32>load<u16>(rec, INDICATOR_KIND)) {
    case IndicatorKind.Sma:
      return smaBytes(load<i32>(rec, INDICATOR_PERIOD));
    case IndicatorKind.Ema:
      return EMA_BYTES;
    case IndicatorKind.Rsi:
      return RSI_BYTES;
    case IndicatorKind.Macd:
      return MACD_BYTES;
    case IndicatorKind.Bollinger:
      return bollingerBytes(load<i32>(rec, INDICATOR_PERIOD));
    case IndicatorKind.Atr:
      return ATR_BYTES;
    default:
      return VWAP_BYTES;
  }
}

/** AlreadyConfigured when the slot holds exactly this, ConfigConflict when it holds another. */
export function indicatorConflict(timeframe: usize, rec: usize): Refusal {
  const at = indicatorAt(timeframe, load<u8>(rec, INDICATOR_SLOT));
  if (at == 0) return Refusal.None;
  const isSame =
    load<u16>(at, I_KIND) == load<u16>(rec, INDICATOR_KIND) &&
    load<i32>(at, I_PERIOD) == fast(rec) &&
    load<i32>(at, I_PERIOD_2) == slow(rec) &&
    load<i32>(at, I_PERIOD_3) == load<i32>(rec, INDICATOR_PERIOD_3) &&
    load<u32>(at, I_FLAGS) == load<u32>(rec, INDICATOR_FLAGS) &&
    load<f64>(at, I_FACTOR) == load<f64>(rec, INDICATOR_FACTOR) &&
    load<f64>(at, I_FACTOR_2) == lowerFactor(rec) &&
    (<i32>load<u16>(at, I_KIND) < COMPOSED_FIRST || composedIsSame(at, rec));
  return isSame ? Refusal.AlreadyConfigured : Refusal.ConfigConflict;
}

/** Adds the indicator of a record that `indicatorRefusal` and `indicatorConflict` let pass. */
export function indicatorAdd(timeframe: usize, rec: usize): Refusal {
  const at = arenaAlloc(Role.Market, indicatorBytes(rec));
  if (at == 0) return Refusal.ArenaFull;
  indicatorInit(at, rec);
  const slot = load<u8>(rec, INDICATOR_SLOT);
  store<u32>(timeframe + (<usize>slot << 2), <u32>at, T_INDICATORS);
  return Refusal.None;
}

/** Writes the settings of a valid record into a zeroed slot of `indicatorBytes`. */
export function indicatorInit(at: usize, rec: usize): void {
  store<u16>(at, load<u16>(rec, INDICATOR_KIND), I_KIND);
  store<u8>(at, load<u8>(rec, INDICATOR_SLOT), I_SLOT);
  store<i32>(at, fast(rec), I_PERIOD);
  store<i32>(at, slow(rec), I_PERIOD_2);
  store<i32>(at, load<i32>(rec, INDICATOR_PERIOD_3), I_PERIOD_3);
  store<u32>(at, load<u32>(rec, INDICATOR_FLAGS), I_FLAGS);
  store<f64>(at, load<f64>(rec, INDICATOR_FACTOR), I_FACTOR);
  store<f64>(at, lowerFactor(rec), I_FACTOR_2);
  const kind = <i32>load<u16>(rec, INDICATOR_KIND);
  if (kind >= COMPOSED_FIRST) composedInit(at, rec, kind);
}

/** MACD periods come in any order, as in TA-Lib: the shorter one is the fast one. */
function fast(rec: usize): i32 {
  const first = load<i32>(rec, INDICATOR_PERIOD);
  if (load<u16>(rec, INDICATOR_KIND) != IndicatorKind.Macd) return first;
  return min(first, load<i32>(rec, INDICATOR_PERIOD_2));
}

function slow(rec: usize): i32 {
  const second = load<i32>(rec, INDICATOR_PERIOD_2);
  if (load<u16>(rec, INDICATOR_KIND) != IndicatorKind.Macd) return second;
  return max(load<i32>(rec, INDICATOR_PERIOD), second);
}

/** A lower factor of 0 means: the same as the upper one. */
function lowerFactor(rec: usize): f64 {
  const lower = load<f64>(rec, INDICATOR_FACTOR_2);
  if (<i32>load<u16>(rec, INDICATOR_KIND) >= COMPOSED_FIRST) return lower;
  return lower == 0 ? load<f64>(rec, INDICATOR_FACTOR) : lower;
}

/** Closes a candle in the indicator: its values and warmth are then in the slot. */
export function indicatorPush(at: usize, candle: usize): void {
  if (<i32>load<u16>(at, I_KIND) >= COMPOSED_FIRST) return composedPush(at, candle);
  switch (<i32>load<u16>(at, I_KIND)) {
    case IndicatorKind.Sma:
      return smaPush(at, candle);
    case IndicatorKind.Ema:
      return emaPush(at, candle);
    case IndicatorKind.Rsi:
      return rsiPush(at, candle);
    case IndicatorKind.Macd:
      return macdPush(at, candle);
    case IndicatorKind.Bollinger:
      return bollingerPush(at, candle);
    case IndicatorKind.Atr:
      return atrPush(at, candle);
    default:
      assert(load<u16>(at, I_KIND) == IndicatorKind.Vwap, "a slot has a kind");
      return vwapPush(at, candle);
  }
}

/**
 * Writes the values the candle would have if it closed now to `out` (LINES_MAX f64, zeroed by the
 * caller); false while the indicator warms up. State untouched.
 */
export function indicatorPeekAt(at: usize, candle: usize, out: usize): bool {
  if (<i32>load<u16>(at, I_KIND) >= COMPOSED_FIRST) return composedPeek(at, candle, out);
  switch (<i32>load<u16>(at, I_KIND)) {
    case IndicatorKind.Sma:
      return smaPeek(at, candle, out);
    case IndicatorKind.Ema:
      return emaPeek(at, candle, out);
    case IndicatorKind.Rsi:
      return rsiPeek(at, candle, out);
    case IndicatorKind.Macd:
      return macdPeek(at, candle, out);
    case IndicatorKind.Bollinger:
      return bollingerPeek(at, candle, out);
    case IndicatorKind.Atr:
      return atrPeek(at, candle, out);
    default:
      assert(load<u16>(at, I_KIND) == IndicatorKind.Vwap, "a slot has a kind");
      return vwapPeek(at, candle, out);
  }
}

/** Where the values of the last closed candle lie. */
// @ts-ignore: decorator
@inline
export function indicatorValues(at: usize): usize {
  return at + (<i32>load<u16>(at, I_KIND) >= COMPOSED_FIRST ? I_WIDE : I_VALUES);
}

/** As `indicatorPeekAt`, value 1 only and O(1) for every kind that `indicatorIsPrice`. */
export function indicatorLinePeek(at: usize, candle: usize, out: usize): bool {
  if (load<u16>(at, I_KIND) != IndicatorKind.Bollinger) return indicatorPeekAt(at, candle, out);
  if (countWith(at) < load<i32>(at, I_PERIOD)) return false;
  store<f64>(out, smaMean(at, load<i64>(candle, C_CLOSE)));
  return true;
}
