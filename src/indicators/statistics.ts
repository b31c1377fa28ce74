// Statistics of a window of inputs.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD } from "./entry.ts";

export const STATISTICS: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Max, name: "max", title: "Highest value", pane: "price" },
    lines: linesOf("price", "max"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Min, name: "min", title: "Lowest value", pane: "price" },
    lines: linesOf("price", "min"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Sum, name: "sum", title: "Sum", pane: "own" },
    lines: linesOf("price", "sum"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Lag, name: "lag", title: "Lagged value", pane: "price" },
    lines: linesOf("price", "lag"),
    periods: [PERIOD(1)],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
];
