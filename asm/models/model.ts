// Signal rules of an instrument: up to MODELS_MAX slots of settings and what each one remembers.
//
// A rule answers with Signal records and nothing else; what becomes of one is decided in the order
// role.
// tidy: tested by test/asm/market.test.ts
import { arenaAlloc, arenaHas } from "../arena";
import { timeframeAt } from "../candles/timeframe";
import { indicatorAt, indicatorIsPrice } from "../indicators/indicator";
import { I_KIND } from "../indicators/slot";
import { MI_MODEL, MI_MODELS, MODELS_MAX } from "../layout";
import {
  ModelRule,
  MODEL_FLAGS,
  MODEL_ID,
  MODEL_INDICATOR,
  MODEL_RULE,
  MODEL_THRESHOLD,
  MODEL_TIMEFRAME,
  Refusal,
  Role,
} from "../vocab";

export const MO_ID: i32 = 0; // u16
export const MO_RULE: i32 = 2; // u16, enum ModelRule
export const MO_ON: i32 = 4; // u8
export const MO_TIMEFRAME: i32 = 5; // u8 slot
export const MO_INDICATOR: i32 = 6; // u8 slot
export const MO_SIDE: i32 = 7; // u8, enum Side: where price stood last, None = not seen yet
export const MO_SIGNALS: i32 = 8; // u32, signals given so far
export const MO_THRESHOLD: i32 = 16; // f64 ticks
/** Bytes of a model slot. */
export const MODEL_BYTES: i32 = 64;

/** Address of number `i` of the instrument's models. */
// @ts-ignore: decorator
@inline
export function modelAt(instrument: usize, i: u32): usize {
  return load<u32>(instrument + (<usize>i << 2), MI_MODEL);
}

/** What is wrong with a ModelConfig record by itself. */
export function modelRefusal(rec: usize): Refusal {
  if (load<u16>(rec, MODEL_ID) == 0) return Refusal.ConfigInvalid;
  if (load<u16>(rec, MODEL_RULE) != ModelRule.CrossForming) return Refusal.ParameterInvalid;
  if (load<u16>(rec, MODEL_FLAGS) > 1) return Refusal.ParameterInvalid;
  const threshold = load<f64>(rec, MODEL_THRESHOLD);
  // Written so that NaN fails.
  return threshold >= 0 && threshold <= 1e15 ? Refusal.None : Refusal.ParameterInvalid;
}

/** What keeps a valid record from this instrument. */
export function modelConflict(instrument: usize, rec: usize): Refusal {
  const timeframe = timeframeAt(instrument, load<u8>(rec, MODEL_TIMEFRAME));
  if (timeframe == 0) return Refusal.UnknownTimeframe;
  const indicator = indicatorAt(timeframe, load<u8>(rec, MODEL_INDICATOR));
  if (indicator == 0) return Refusal.UnknownIndicator;
  if (!indicatorIsPrice(load<u16>(indicator, I_KIND))) return Refusal.ParameterInvalid;
  if (modelFind(instrument, load<u16>(rec, MODEL_ID)) != 0) return Refusal.None;
  if (load<u8>(instrument, MI_MODELS) >= <u8>MODELS_MAX) return Refusal.ConfigConflict;
  return arenaHas(Role.Market, MODEL_BYTES) ? Refusal.None : Refusal.ArenaFull;
}

/** Address of the model of this id, 0 when the instrument has none. */
export function modelFind(instrument: usize, id: u16): usize {
  for (let i: u32 = 0, n: u32 = load<u8>(instrument, MI_MODELS); i < n; i++) {
    if (load<u16>(modelAt(instrument, i), MO_ID) == id) return modelAt(instrument, i);
  }
  return 0;
}

/**
 * Adds the model or changes the settings it has. What it remembers of the price's side stays while
 * it looks at the same line; switched off it forgets, so that it does not signal a crossing it has
 * not seen.
 */
export function modelSet(instrument: usize, rec: usize): Refusal {
  let at = modelFind(instrument, load<u16>(rec, MODEL_ID));
  if (at == 0) {
    at = arenaAlloc(Role.Market, MODEL_BYTES);
    if (at == 0) return Refusal.ArenaFull;
    const count = <usize>load<u8>(instrument, MI_MODELS);
    store<u32>(instrument + (count << 2), <u32>at, MI_MODEL);
    store<u8>(instrument, <u8>(count + 1), MI_MODELS);
    store<u16>(at, load<u16>(rec, MODEL_ID), MO_ID);
  }
  const timeframe = load<u8>(rec, MODEL_TIMEFRAME);
  const indicator = load<u8>(rec, MODEL_INDICATOR);
  const isOn = <u8>(load<u16>(rec, MODEL_FLAGS) & 1);
  const isSame = load<u8>(at, MO_TIMEFRAME) == timeframe && load<u8>(at, MO_INDICATOR) == indicator;
  if (!isSame || isOn == 0) store<u8>(at, 0, MO_SIDE);
  store<u16>(at, load<u16>(rec, MODEL_RULE), MO_RULE);
  store<u8>(at, isOn, MO_ON);
  store<u8>(at, timeframe, MO_TIMEFRAME);
  store<u8>(at, indicator, MO_INDICATOR);
  store<f64>(at, load<f64>(rec, MODEL_THRESHOLD), MO_THRESHOLD);
  return Refusal.None;
}
