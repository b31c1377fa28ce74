// Averages: lines over the candles.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { CHAIN_SEED, type IndicatorEntry, linesOf, PERIOD, SEED } from "./entry.ts";

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
    choices: [CHAIN_SEED],
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
    choices: [CHAIN_SEED],
    sources: [PriceSource.Close],
    first: ({ period }) => 3 * period - 2,
  },
  {
    ...{ kind: IndicatorKind.Ma, name: "ma", title: "Moving average", pane: "price" },
    lines: linesOf("price", "ma"),
    periods: [PERIOD(20)],
    choices: [
      { name: "type", shift: 0, values: ["sma", "ema", "rma", "wma"] },
      { ...SEED, shift: 2 },
    ],
    sources: [PriceSource.Close],
    // Only the exponential and Wilder's average begin with a seed.
    first: ({ period, indicatorFlags }) =>
      indicatorFlags === 5 || indicatorFlags === 6 ? 1 : period,
  },
  {
    ...{ kind: IndicatorKind.Trima, name: "trima", title: "Triangular moving average" },
    pane: "price",
    lines: linesOf("price", "trima"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Kama, name: "kama", title: "Kaufman adaptive moving average" },
    pane: "price",
    lines: linesOf("price", "kama"),
    periods: [PERIOD(10), { name: "fast", initial: 2 }, { name: "slow", initial: 30 }],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Hma, name: "hma", title: "Hull moving average", pane: "price" },
    lines: linesOf("price", "hma"),
    periods: [PERIOD(16)],
    sources: [PriceSource.Close],
    first: ({ period }) => period + Math.floor(Math.sqrt(period)) - 1,
  },
  {
    ...{ kind: IndicatorKind.Zlema, name: "zlema", title: "Zero lag exponential moving average" },
    pane: "price",
    lines: linesOf("price", "zlema"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => Math.max(1, Math.floor((period - 1) / 2)),
  },
  {
    ...{ kind: IndicatorKind.Vidya, name: "vidya", title: "Variable index dynamic average" },
    pane: "price",
    lines: linesOf("price", "vidya"),
    periods: [
      { name: "short", initial: 9 },
      { name: "long", initial: 30 },
    ],
    factors: [{ name: "alpha", initial: 0.2, greatest: 1 }],
    sources: [PriceSource.Close],
    first: ({ period, period2 }) => Math.max(1, period - 1, period2 - 1),
  },
  {
    ...{ kind: IndicatorKind.Vwma, name: "vwma", title: "Volume weighted moving average" },
    pane: "price",
    lines: linesOf("price", "vwma"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.T3, name: "t3", title: "T3 moving average", pane: "price" },
    lines: linesOf("price", "t3"),
    periods: [PERIOD(5)],
    factors: [{ name: "factor", initial: 0.7, greatest: 1 }],
    choices: [CHAIN_SEED],
    sources: [PriceSource.Close],
    first: ({ period }) => 6 * (period - 1) + 1,
  },
  {
    ...{ kind: IndicatorKind.Midpoint, name: "midpoint", title: "Midpoint", pane: "price" },
    lines: linesOf("price", "midpoint"),
    periods: [PERIOD(14)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Midprice, name: "midprice", title: "Midprice", pane: "price" },
    lines: linesOf("price", "midprice"),
    periods: [PERIOD(14)],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Price, name: "price", title: "Price", pane: "price" },
    lines: linesOf("price", "price"),
    sources: [PriceSource.Close],
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.Alma, name: "alma", title: "Arnaud Legoux moving average" },
    pane: "price",
    lines: linesOf("price", "alma"),
    periods: [PERIOD(9)],
    factors: [
      { name: "offset", initial: 0.85, greatest: 1 },
      { name: "sigma", initial: 6, greatest: 8 },
    ],
    choices: [{ name: "center", shift: 0, values: ["exact", "floor"] }],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Frama, name: "frama", title: "Fractal adaptive moving average" },
    pane: "price",
    lines: linesOf("price", "frama"),
    periods: [PERIOD(16), { name: "slow", initial: 198 }],
    sources: [PriceSource.Median],
    first: ({ period }) => 2 * Math.max(1, Math.floor(period / 2)),
  },
  {
    ...{ kind: IndicatorKind.Relma, name: "relma", title: "Relative moving average" },
    pane: "price",
    lines: linesOf("price", "relma"),
    periods: [PERIOD(10)],
    sources: [PriceSource.Close],
    first: ({ period }) => 3 * period,
  },
];
