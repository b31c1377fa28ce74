// What volume says.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf } from "./entry.ts";

export const VOLUME: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Obv, name: "obv", title: "On-balance volume", pane: "own" },
    lines: linesOf("volume", "obv"),
    first: () => 1,
  },
];
