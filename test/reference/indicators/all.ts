// The twins of all indicators, by kind.
import { IndicatorKind } from "../../../asm/vocab.ts";
import {
  atrTwin,
  bollingerTwin,
  emaTwin,
  macdTwin,
  rsiTwin,
  smaTwin,
  vwapTwin,
} from "../indicators.ts";
import { AVERAGES_TWINS } from "./averages.ts";
import { CYCLES_TWINS } from "./cycles.ts";
import { LEVELS_TWINS } from "./levels.ts";
import { MOMENTUM_TWINS } from "./momentum.ts";
import { rows, wilder } from "./series-math.ts";
import { STATISTICS_TWINS } from "./statistics.ts";
import { TREND_TWINS } from "./trend.ts";
import type { Twins } from "./twin.ts";
import { trueRanges, VOLATILITY_TWINS } from "./volatility.ts";
import { VOLUME_TWINS } from "./volume.ts";

export const TWINS: Twins = {
  [IndicatorKind.Sma]: (bars, { period }) => smaTwin([...bars], period),
  [IndicatorKind.Ema]: (bars, { period }) => emaTwin([...bars], period),
  [IndicatorKind.Rsi]: (bars, { period }) => rsiTwin([...bars], period),
  [IndicatorKind.Macd]: (bars, { period, period2, period3 }) =>
    macdTwin([...bars], Math.min(period, period2), Math.max(period, period2), period3),
  [IndicatorKind.Bollinger]: (bars, { period, factor, factor2 }) =>
    bollingerTwin([...bars], period, factor, factor2 === 0 ? factor : factor2),
  [IndicatorKind.Atr]: (bars, { period, indicatorFlags }) =>
    indicatorFlags === 0
      ? atrTwin([...bars], period)
      : rows(wilder(trueRanges(bars, true), period)),
  [IndicatorKind.Vwap]: (bars, { indicatorFlags }) => vwapTwin([...bars], indicatorFlags === 1),
  ...AVERAGES_TWINS,
  ...MOMENTUM_TWINS,
  ...TREND_TWINS,
  ...VOLATILITY_TWINS,
  ...VOLUME_TWINS,
  ...STATISTICS_TWINS,
  ...CYCLES_TWINS,
  ...LEVELS_TWINS,
};
