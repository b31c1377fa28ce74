// Statistics of a window of inputs.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD, type Setting } from "./entry.ts";

/** What the input must grow by in a candle to be worth anything: 1.01 is one percent. */
const GROWTH: Setting = { name: "growth", initial: 1 };

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
  {
    ...{ kind: IndicatorKind.LinReg, name: "linreg", title: "Linear regression", pane: "price" },
    lines: linesOf("price", "linreg"),
    periods: [{ ...PERIOD(14), least: 2 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.LinRegSlope,
      name: "linregslope",
      title: "Linear regression slope",
      pane: "own",
    },
    lines: linesOf("price", "linregslope"),
    periods: [{ ...PERIOD(14), least: 2 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.LinRegIntercept,
      name: "linregintercept",
      title: "Linear regression intercept",
      pane: "price",
    },
    lines: linesOf("price", "linregintercept"),
    periods: [{ ...PERIOD(14), least: 2 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.LinRegAngle,
      name: "linregangle",
      title: "Linear regression angle",
      pane: "own",
    },
    lines: linesOf("none", "linregangle"),
    periods: [{ ...PERIOD(14), least: 2 }],
    // What one tick is on the other axis; the price of a tick for an angle of the price itself.
    factors: [{ name: "scale", initial: 1 }],
    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Tsf, name: "tsf", title: "Time series forecast", pane: "price" },
    lines: linesOf("price", "tsf"),
    periods: [{ ...PERIOD(14), least: 2 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Fosc, name: "fosc", title: "Forecast oscillator", pane: "own" },
    lines: linesOf("none", "fosc"),
    periods: [{ ...PERIOD(14), least: 2 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{
      kind: IndicatorKind.StdErr,
      name: "stderr",
      title: "Standard error of the mean",
      pane: "own",
    },
    lines: linesOf("price", "stderr"),
    periods: [PERIOD(14)],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.LinRegError,
      name: "linregerror",
      title: "Standard error of the regression",
      pane: "own",
    },
    lines: linesOf("price", "linregerror"),
    periods: [{ ...PERIOD(14), least: 3 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.RSquared,
      name: "rsquared",
      title: "R squared of the regression",
      pane: "own",
    },
    lines: linesOf("none", "rsquared"),
    periods: [{ ...PERIOD(14), least: 3 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.Correl,
      name: "correl",
      title: "Correlation of two sources",
      pane: "own",
    },
    lines: linesOf("none", "correl"),
    periods: [{ ...PERIOD(30), least: 2 }],

    sources: [PriceSource.High, PriceSource.Low],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Beta, name: "beta", title: "Beta of two sources", pane: "own" },
    lines: linesOf("none", "beta"),
    periods: [{ ...PERIOD(5), least: 2 }],

    sources: [PriceSource.High, PriceSource.Low],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.ZScore, name: "zscore", title: "Z-score", pane: "own" },
    lines: linesOf("none", "zscore"),
    periods: [PERIOD(20)],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Median, name: "median", title: "Median of the window", pane: "price" },
    lines: linesOf("price", "median"),
    periods: [PERIOD(20)],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.PercentRank,
      name: "percentrank",
      title: "Percentile rank",
      pane: "own",
    },
    lines: linesOf("none", "percentrank"),
    periods: [PERIOD(100)],
    choices: [{ name: "ties", shift: 0, values: ["count", "skip"] }],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{
      kind: IndicatorKind.MaxIndex,
      name: "maxindex",
      title: "Candles since the highest",
      pane: "own",
    },
    lines: linesOf("none", "maxindex"),
    periods: [PERIOD(30)],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.MinIndex,
      name: "minindex",
      title: "Candles since the lowest",
      pane: "own",
    },
    lines: linesOf("none", "minindex"),
    periods: [PERIOD(30)],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Decay, name: "decay", title: "Linear decay", pane: "price" },
    lines: linesOf("price", "decay"),
    periods: [PERIOD(5)],
    // Ticks the line loses in a period.
    factors: [{ name: "step", initial: 1 }],
    sources: [PriceSource.Close],
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.EDecay, name: "edecay", title: "Exponential decay", pane: "price" },
    lines: linesOf("price", "edecay"),
    periods: [PERIOD(5)],

    sources: [PriceSource.Close],
    first: () => 1,
  },
  {
    ...{
      kind: IndicatorKind.Efficiency,
      name: "efficiency",
      title: "Kaufman efficiency ratio",
      pane: "own",
    },
    lines: linesOf("none", "efficiency"),
    periods: [PERIOD(10)],

    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.LogReturn, name: "logreturn", title: "Log return", pane: "own" },
    lines: linesOf("none", "logreturn"),
    periods: [PERIOD(14)],

    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{
      kind: IndicatorKind.Autocorrelation,
      name: "autocorrelation",
      title: "Autocorrelation",
      pane: "own",
    },
    lines: linesOf("none", "autocorrelation"),
    periods: [
      { ...PERIOD(20), least: 2 },
      { name: "lag", initial: 1 },
    ],
    choices: [{ name: "of", shift: 0, values: ["returns", "values"] }],
    sources: [PriceSource.Close],
    first: ({ period, period2, indicatorFlags }) =>
      period + period2 + (indicatorFlags === 0 ? 1 : 0),
  },
  {
    ...{
      kind: IndicatorKind.HalfLife,
      name: "halflife",
      title: "Half-life of mean reversion",
      pane: "own",
    },
    lines: linesOf("none", "halflife"),
    periods: [{ ...PERIOD(50), least: 2 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Hurst, name: "hurst", title: "Hurst exponent", pane: "own" },
    lines: linesOf("none", "hurst"),
    periods: [{ ...PERIOD(128), least: 4 }],

    sources: [PriceSource.Close],
    first: ({ period }) => period,
  },
  {
    ...{
      kind: IndicatorKind.VarianceRatio,
      name: "varianceratio",
      title: "Variance ratio",
      pane: "own",
    },
    lines: linesOf("none", "varianceratio"),
    periods: [
      { ...PERIOD(50), least: 2 },
      { name: "lag", initial: 2 },
    ],

    sources: [PriceSource.Close],
    first: ({ period, period2 }) => period + period2,
  },
  {
    ...{
      kind: IndicatorKind.Sharpe,
      name: "sharpe",
      title: "Sharpe ratio of a candle",
      pane: "own",
    },
    lines: linesOf("none", "sharpe"),
    periods: [{ ...PERIOD(20), least: 2 }],
    factors: [GROWTH],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{
      kind: IndicatorKind.Sortino,
      name: "sortino",
      title: "Sortino ratio of a candle",
      pane: "own",
    },
    lines: linesOf("none", "sortino"),
    periods: [PERIOD(20)],
    factors: [GROWTH],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{
      kind: IndicatorKind.ValueAtRisk,
      name: "valueatrisk",
      title: "Value at risk of a candle",
      pane: "own",
    },
    lines: linesOf("none", "valueatrisk"),
    periods: [{ ...PERIOD(252), least: 2 }],
    choices: [{ name: "confidence", shift: 0, values: ["99", "95", "90"] }],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
];
