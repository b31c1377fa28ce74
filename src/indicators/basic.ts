// The seven indicators with kernels of their own.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD } from "./entry.ts";

export const BASIC: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Sma, name: "sma", title: "Simple moving average", pane: "price" },
    lines: linesOf("price", "sma"),
    periods: [PERIOD(20)],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Ema, name: "ema", title: "Exponential moving average" },
    pane: "price",
    lines: linesOf("price", "ema"),
    periods: [PERIOD(20)],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Rsi, name: "rsi", title: "Relative strength index", pane: "own" },
    lines: linesOf("none", "rsi"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Macd, name: "macd", title: "MACD", pane: "own" },
    lines: linesOf("price", "macd", "signal", "histogram"),
    periods: [
      { name: "fast", initial: 12 },
      { name: "slow", initial: 26 },
      { name: "signal", initial: 9 },
    ],
    first: ({ period, period2, period3 }) => Math.max(period, period2) + period3 - 1,
  },
  {
    ...{ kind: IndicatorKind.Bollinger, name: "bbands", title: "Bollinger bands", pane: "price" },
    lines: linesOf("price", "middle", "upper", "lower"),
    periods: [PERIOD(20)],
    factors: [
      { name: "factor", initial: 2 },
      { name: "lower", initial: 0 },
    ],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Atr, name: "atr", title: "Average true range", pane: "own" },
    lines: linesOf("price", "atr"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Vwap, name: "vwap", title: "VWAP", pane: "price" },
    lines: linesOf("price", "vwap"),
    choices: [{ name: "session", shift: 0, values: ["day", "none"] }],
    first: () => 1,
  },
];
