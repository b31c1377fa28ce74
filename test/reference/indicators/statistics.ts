import { IndicatorKind } from "../../../asm/vocab.ts";
import { rows, sum, windowed } from "./series-math.ts";
import { read, type Twins } from "./twin.ts";

export const STATISTICS_TWINS: Twins = {
  [IndicatorKind.Max]: (bars, { period, source }) =>
    rows(windowed(read(bars, source), period, (window) => Math.max(...window))),
  [IndicatorKind.Min]: (bars, { period, source }) =>
    rows(windowed(read(bars, source), period, (window) => Math.min(...window))),
  [IndicatorKind.Sum]: (bars, { period, source }) =>
    rows(windowed(read(bars, source), period, sum)),
  [IndicatorKind.Lag]: (bars, { period, source }) =>
    rows(read(bars, source).map((_, i, all) => all[i - period])),
};
