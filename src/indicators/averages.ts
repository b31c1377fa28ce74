// Averages: lines over the candles.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD, SEED } from "./entry.ts";

export const AVERAGES: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Wma, name: "wma", title: "Weighted moving average", pane: "price" },
    lines: linesOf("price", "wma"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.Dema,
      name: "dema",
      title: "Double exponential moving average",
      pane: "price",
    },
    lines: linesOf("price", "dema"),
    periods: [PERIOD(20)],
    choices: [SEED],
    sources: [PriceSource.Close],
    first: ({ period }) => 2 * period - 1,
  },
  {
    ...{
      kind: IndicatorKind.Tema,
      name: "tema",
      title: "Triple exponential moving average",
      pane: "price",
    },
    lines: linesOf("price", "tema"),
    periods: [PERIOD(20)],
    choices: [SEED],
    sources: [PriceSource.Close],
    first: ({ period }) => 3 * period - 2,
  },
];
