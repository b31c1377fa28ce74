// Thresholds that follow the market: the expected imbalance or run of Lopez de Prado (2018, 2.3.2).
//
// A candle is complete when its imbalance reaches E[T] x |E[b v]|, its run when it reaches
// E[T] x max(E[b v | buys], E[b v | sells]): the expected number of trades in a candle times the
// expected measure a trade brings. Expectations are exponential averages over the last candles
// (alpha = 2 / (window + 1)), begun with the first one, which the configured threshold completes.
// Left alone the pair explodes or collapses, as its users report: a longer candle makes the next
// one longer. So the threshold stays within a sixteenth and sixteen times the configured one.
// tidy: tested by test/asm/candles/driven.test.ts
import { CandleType } from "../vocab";
import { C_TRADES } from "./candle";
import {
  D_BASE,
  D_MEAN,
  D_MEAN_2,
  D_SUM,
  D_SUM_2,
  D_THRESHOLD,
  D_TRADES,
  D_WINDOW,
} from "./driven-slot";
import { T_TYPE } from "./timeframe";

/** Largest threshold of any candle: measures of single trades may be twice as large, and fit. */
export const THRESHOLD_MAX: i64 = 1 << 60;
const BAND_SHIFT: i64 = 4;

/** Takes the closed candle into the expectations and sets the threshold of the next one. */
export function adaptiveStep(at: usize): void {
  const trades = <f64>load<u32>(at, C_TRADES);
  const isFirst = load<f64>(at, D_TRADES) == 0;
  const alpha = isFirst ? 1.0 : 2.0 / (<f64>load<u32>(at, D_WINDOW) + 1.0);
  step(at + D_TRADES, trades, alpha);
  step(at + D_MEAN, <f64>load<i64>(at, D_SUM) / trades, alpha);
  step(at + D_MEAN_2, <f64>load<i64>(at, D_SUM_2) / trades, alpha);
  const isRun = load<u8>(at, T_TYPE) == CandleType.Run;
  const mean = load<f64>(at, D_MEAN);
  const perTrade = isRun ? max(mean, load<f64>(at, D_MEAN_2)) : abs(mean);
  store<i64>(at, bounded(load<i64>(at, D_BASE), load<f64>(at, D_TRADES) * perTrade), D_THRESHOLD);
}

function step(at: usize, value: f64, alpha: f64): void {
  const before = load<f64>(at);
  store<f64>(at, before + alpha * (value - before));
}

/** The threshold rounded up, within the band around the configured one. */
function bounded(base: i64, expected: f64): i64 {
  const low = max(base >> BAND_SHIFT, 1);
  const high = base > THRESHOLD_MAX >> BAND_SHIFT ? THRESHOLD_MAX : base << BAND_SHIFT;
  if (expected >= <f64>high) return high;
  return expected <= <f64>low ? low : <i64>ceil(expected);
}
