// Direction and strength of a trend.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD } from "./entry.ts";

export const TREND: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Adx, name: "adx", title: "Average directional index", pane: "own" },
    lines: linesOf("none", "adx", "plusdi", "minusdi"),
    periods: [PERIOD(14)],
    first: ({ period }) => 2 * period,
  },
  {
    ...{ kind: IndicatorKind.Aroon, name: "aroon", title: "Aroon", pane: "own" },
    lines: linesOf("none", "up", "down", "oscillator"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
];
