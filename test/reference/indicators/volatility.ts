import { IndicatorKind } from "../../../asm/vocab.ts";
import { mean, rows, windowed } from "./series-math.ts";
import { read, type Twins } from "./twin.ts";

/** Variance of the population, divided by the number of values. */
export function variance(window: readonly number[]): number {
  const middle = mean(window);
  return mean(window.map((value) => (value - middle) ** 2));
}

export const VOLATILITY_TWINS: Twins = {
  [IndicatorKind.StdDev]: (bars, { period, factor, source }) =>
    rows(windowed(read(bars, source), period, (window) => factor * Math.sqrt(variance(window)))),
};
