// Oscillators of momentum.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD } from "./entry.ts";

export const MOMENTUM: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Stoch, name: "stoch", title: "Stochastic", pane: "own" },
    lines: linesOf("none", "k", "d"),
    periods: [PERIOD(14), { name: "slow", initial: 3 }, { name: "signal", initial: 3 }],
    first: ({ period, period2, period3 }) => period + period2 + period3 - 2,
  },
  {
    ...{ kind: IndicatorKind.Cci, name: "cci", title: "Commodity channel index", pane: "own" },
    lines: linesOf("none", "cci"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Typical],
    first: ({ period }) => period,
  },
];
