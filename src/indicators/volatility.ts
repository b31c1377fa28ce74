// How far prices stray: deviations, ranges, bands and channels.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD } from "./entry.ts";

export const VOLATILITY: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.StdDev, name: "stddev", title: "Standard deviation", pane: "own" },
    lines: linesOf("price", "stddev"),
    periods: [PERIOD(20)],
    factors: [{ name: "factor", initial: 1 }],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
];
