// Cycles: waves in prices and their phase.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD } from "./entry.ts";

export const CYCLES: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.SineWave, name: "msw", title: "MESA sine wave", pane: "own" },
    lines: linesOf("none", "sine", "lead"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
];
