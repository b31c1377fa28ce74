// Flip rule: the last price crosses an indicator's line of the forming candle.
//
// The line is the value the indicator would have if the candle closed at this trade, so the rule
// does not wait for a close. Inside the threshold the last side holds: price that rests on the line
// does not signal again and again. The first side seen is remembered silently: nothing was crossed.
// tidy: tested by test/asm/market.test.ts
import { C_CLOSE } from "../candles/candle";
import { timeframeForming } from "../candles/forming";
import { timeframeAt } from "../candles/timeframe";
import { indicatorAt, indicatorLinePeek } from "../indicators/indicator";
import { I_KIND } from "../indicators/slot";
import { MI_MODELS, PEEK } from "../layout";
import { outBegin, outEnd } from "../output";
import {
  IndicatorKind,
  Kind,
  Side,
  SignalKind,
  SIGNAL_CELLS,
  SIGNAL_ID,
  SIGNAL_KIND,
  SIGNAL_MODEL,
  SIGNAL_PRICE_TICKS,
  SIGNAL_SIDE,
  SIGNAL_TIMEFRAME,
} from "../vocab";
import {
  modelAt,
  MO_ID,
  MO_INDICATOR,
  MO_ON,
  MO_SIDE,
  MO_SIGNALS,
  MO_THRESHOLD,
  MO_TIMEFRAME,
} from "./model";

// Bytes in flight behind the answers of peeks.
const WORK_CANDLE: usize = PEEK + 1024;
const WORK_VALUES: usize = PEEK + 1280;

/** Lets the instrument's models look at a trade that was folded. O(1) each, allocates nothing. */
export function modelsTrade(instrument: usize, id: u32, priceTicks: i64): void {
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_MODELS); i < n; i++) {
    const at = modelAt(instrument, i);
    if (load<u8>(at, MO_ON) != 0) crossForming(at, instrument, id, priceTicks);
  }
}

function crossForming(at: usize, instrument: usize, id: u32, priceTicks: i64): void {
  const timeframe = timeframeAt(instrument, load<u8>(at, MO_TIMEFRAME));
  const indicator = indicatorAt(timeframe, load<u8>(at, MO_INDICATOR));
  // Only the volume-weighted average looks at more of the forming candle than its close.
  if (load<u16>(indicator, I_KIND) == IndicatorKind.Vwap) {
    if (!timeframeForming(instrument, timeframe, WORK_CANDLE)) return;
  } else {
    store<i64>(WORK_CANDLE, priceTicks, C_CLOSE);
  }
  if (!indicatorLinePeek(indicator, WORK_CANDLE, WORK_VALUES)) return;
  const distance = <f64>priceTicks - load<f64>(WORK_VALUES);
  const threshold = load<f64>(at, MO_THRESHOLD);
  let side: i32 = Side.None;
  if (distance > threshold) side = Side.Buy;
  else if (distance < -threshold) side = Side.Sell;
  const before: i32 = load<u8>(at, MO_SIDE);
  if (side == Side.None || side == before) return;
  store<u8>(at, <u8>side, MO_SIDE);
  if (before != Side.None) signal(at, id, side, priceTicks);
}

function signal(at: usize, id: u32, side: i32, priceTicks: i64): void {
  const count = load<u32>(at, MO_SIGNALS) + 1;
  store<u32>(at, count, MO_SIGNALS);
  const model = load<u16>(at, MO_ID);
  const rec = outBegin(Kind.Signal, SIGNAL_CELLS, id);
  store<u16>(rec, model, SIGNAL_MODEL);
  store<u16>(rec, SignalKind.Flip, SIGNAL_KIND);
  store<u8>(rec, <u8>side, SIGNAL_SIDE);
  store<u8>(rec, load<u8>(at, MO_TIMEFRAME), SIGNAL_TIMEFRAME);
  store<i64>(rec, priceTicks, SIGNAL_PRICE_TICKS);
  // Unique in a run: model, instrument (below 2^12), number.
  store<u64>(rec, (<u64>model << 48) | (<u64>id << 32) | <u64>count, SIGNAL_ID);
  outEnd(rec);
}
