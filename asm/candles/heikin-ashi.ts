// Heikin-Ashi: the candles of another timeframe, smoothed.
//
// close = (open + high + low + close) / 4, open = middle of the last smoothed body, in the first
// candle of its own; high and low reach at least to both. The recursion runs in f64, unrounded;
// what is published, and what indicators see, is rounded to whole ticks (half to even).
// tidy: tested by test/asm/candles/heikin-ashi.test.ts
import { CANDLE_STATE_BYTES, C_CLOSE, C_HIGH, C_LOW, C_OPEN } from "./candle";
import { T_INDEX, TIMEFRAME_BYTES } from "./timeframe";

const H_OPEN: i32 = TIMEFRAME_BYTES; // f64 ticks, of the last smoothed candle
const H_CLOSE: i32 = TIMEFRAME_BYTES + 8; // f64
/** Bytes of a timeframe of this type. */
export const HEIKIN_ASHI_BYTES: i32 = TIMEFRAME_BYTES + 16;

function smoothOpen(at: usize, source: usize): f64 {
  if (load<u64>(at, T_INDEX) != 0) return (load<f64>(at, H_OPEN) + load<f64>(at, H_CLOSE)) / 2;
  return <f64>(load<i64>(source, C_OPEN) + load<i64>(source, C_CLOSE)) / 2;
}

function smoothClose(source: usize): f64 {
  const outer = load<i64>(source, C_HIGH) + load<i64>(source, C_LOW);
  return <f64>(load<i64>(source, C_OPEN) + load<i64>(source, C_CLOSE) + outer) / 4;
}

/** Writes the smoothed candle of `source` to `out`; the state of `at` stays as it is. */
export function heikinAshiWrite(at: usize, source: usize, out: usize): void {
  const open = <i64>nearest(smoothOpen(at, source));
  const close = <i64>nearest(smoothClose(source));
  memory.copy(out, source, CANDLE_STATE_BYTES);
  store<i64>(out, open, C_OPEN);
  store<i64>(out, max(load<i64>(source, C_HIGH), max(open, close)), C_HIGH);
  store<i64>(out, min(load<i64>(source, C_LOW), min(open, close)), C_LOW);
  store<i64>(out, close, C_CLOSE);
}

/** Takes the closed candle of the source; before `T_INDEX` counts it. */
export function heikinAshiStep(at: usize, source: usize): void {
  const open = smoothOpen(at, source);
  store<f64>(at, smoothClose(source), H_CLOSE);
  store<f64>(at, open, H_OPEN);
}
