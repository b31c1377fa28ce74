// What a timeframe that trades complete has behind the fields of all timeframes.
// tidy: tested by test/asm/candles/driven.test.ts
import { TIMEFRAME_BYTES } from "./timeframe";

export const D_THRESHOLD: i32 = TIMEFRAME_BYTES; // i64, of the candle that forms
export const D_BASE: i32 = TIMEFRAME_BYTES + 8; // i64, as it was configured
export const D_SUM: i32 = TIMEFRAME_BYTES + 16; // i64, measured so far; of buyers in a run
export const D_SUM_2: i32 = TIMEFRAME_BYTES + 24; // i64, of sellers in a run
export const D_LAST: i32 = TIMEFRAME_BYTES + 32; // i64 ticks, of the last trade
export const D_TIME: i32 = TIMEFRAME_BYTES + 40; // i64 nanoseconds, latest venue time folded
// Expectations over the last candles: trades of one, measure of a trade (of buyers, of sellers).
export const D_TRADES: i32 = TIMEFRAME_BYTES + 48; // f64, 0 = no candle yet
export const D_MEAN: i32 = TIMEFRAME_BYTES + 56; // f64
export const D_MEAN_2: i32 = TIMEFRAME_BYTES + 64; // f64
export const D_LOW: i32 = TIMEFRAME_BYTES + 72; // i64 ticks, lower edge of the last brick
export const D_WINDOW: i32 = TIMEFRAME_BYTES + 80; // u32 candles of the expectations, 0 = fixed
export const D_MEASURE: i32 = TIMEFRAME_BYTES + 84; // u8, enum CandleMeasure
export const D_SIGN: i32 = TIMEFRAME_BYTES + 85; // i8, last change of price, 2 = no trade yet
export const D_ANCHORED: i32 = TIMEFRAME_BYTES + 86; // u8, 1 = there is a last brick
/** Bytes of such a timeframe. */
export const DRIVEN_BYTES: i32 = TIMEFRAME_BYTES + 88;
