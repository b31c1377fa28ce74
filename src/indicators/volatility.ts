// How far prices stray: deviations, ranges, bands and channels.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { CHAIN_SEED, FIRST_RANGE, type IndicatorEntry, linesOf, PERIOD, SEED } from "./entry.ts";

export const VOLATILITY: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.StdDev, name: "stddev", title: "Standard deviation", pane: "own" },
    lines: linesOf("price", "stddev"),
    periods: [PERIOD(20)],
    factors: [{ name: "factor", initial: 1 }],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Variance, name: "var", title: "Variance", pane: "own" },
    lines: linesOf("price^2", "var"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.TrueRange, name: "trange", title: "True range", pane: "own" },
    lines: linesOf("price", "trange"),
    choices: [FIRST_RANGE],
    first: ({ indicatorFlags }) => (indicatorFlags === 1 ? 1 : 2),
  },
  {
    ...{ kind: IndicatorKind.Natr, name: "natr", title: "Normalized average true range" },
    pane: "own",
    lines: linesOf("none", "natr"),
    periods: [PERIOD(14)],
    choices: [FIRST_RANGE],
    first: ({ period, indicatorFlags }) => period + 1 - indicatorFlags,
  },
  {
    ...{ kind: IndicatorKind.MeanDeviation, name: "md", title: "Mean deviation", pane: "own" },
    lines: linesOf("price", "md"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.StdError, name: "stderr", title: "Standard error", pane: "own" },
    lines: linesOf("price", "stderr"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Volatility, name: "volatility", title: "Annualized volatility" },
    pane: "own",
    lines: linesOf("none", "volatility"),
    periods: [PERIOD(20)],
    // Candles of a year: trading days unless chosen.
    factors: [{ name: "year", initial: 252, greatest: 365 }],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Cvi, name: "cvi", title: "Chaikin volatility", pane: "own" },
    lines: linesOf("none", "cvi"),
    periods: [PERIOD(10), { name: "change", initial: 10 }],
    choices: [SEED],
    first: ({ period, period2 }) => period + period2,
  },
  {
    ...{ kind: IndicatorKind.Keltner, name: "keltner", title: "Keltner channel", pane: "price" },
    lines: linesOf("price", "middle", "upper", "lower"),
    periods: [PERIOD(20), { name: "atr", initial: 10 }],
    factors: [{ name: "factor", initial: 2 }],
    choices: [
      SEED,
      { ...FIRST_RANGE, shift: 1 },
      { name: "type", shift: 2, values: ["ema", "sma"] },
    ],
    sources: [PriceSource.Close],
    first: ({ period, period2, indicatorFlags }) =>
      Math.max(period, period2 + 1 - ((indicatorFlags >> 1) & 1)),
  },
  {
    ...{ kind: IndicatorKind.Donchian, name: "donchian", title: "Donchian channel" },
    pane: "price",
    lines: linesOf("price", "middle", "upper", "lower"),
    periods: [PERIOD(20)],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.AccBands, name: "accbands", title: "Acceleration bands" },
    pane: "price",
    lines: linesOf("price", "middle", "upper", "lower"),
    periods: [PERIOD(20)],
    factors: [{ name: "factor", initial: 4 }],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.PercentB, name: "percentb", title: "%B of Bollinger bands" },
    pane: "own",
    lines: linesOf("none", "percentb"),
    periods: [PERIOD(20)],
    factors: [{ name: "factor", initial: 2 }],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Bandwidth, name: "bandwidth", title: "Width of Bollinger bands" },
    pane: "own",
    lines: linesOf("none", "bandwidth"),
    periods: [PERIOD(20)],
    factors: [{ name: "factor", initial: 2 }],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.AverageRange, name: "adr", title: "Average range", pane: "own" },
    lines: linesOf("price", "adr"),
    periods: [PERIOD(20)],
    choices: [{ name: "range", shift: 0, values: ["candle", "true"] }],
    first: ({ period, indicatorFlags }) => period + indicatorFlags,
  },
  {
    ...{ kind: IndicatorKind.Mass, name: "mass", title: "Mass index", pane: "own" },
    lines: linesOf("none", "mass"),
    periods: [PERIOD(25), { name: "smooth", initial: 9 }],
    choices: [CHAIN_SEED],
    first: ({ period, period2 }) => period + 2 * period2 - 2,
  },
];
