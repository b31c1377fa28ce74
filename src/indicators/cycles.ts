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
  {
    ...{ kind: IndicatorKind.Hilbert, name: "hilbert", title: "Hilbert transform", pane: "own" },
    lines: linesOf("price", "inphase", "quadrature"),
    periods: [PERIOD(7)],
    factors: [
      { name: "inphase", initial: 0.635, greatest: 1 },
      { name: "quadrature", initial: 0.338, greatest: 1 },
    ],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 3,
  },
];
