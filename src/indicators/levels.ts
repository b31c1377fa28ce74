// Prices to watch: pivots, Fibonacci levels, the volume profile, swings and what they diverge from.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import { type IndicatorEntry, linesOf, PERIOD, type Setting } from "./entry.ts";

/** Candles before a swing that are beyond none of it, and candles after it. */
const WINGS: readonly Setting[] = [
  { name: "left", initial: 5 },
  { name: "right", initial: 5 },
];

export const LEVELS: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Pivots, name: "pivots", title: "Pivot points", pane: "price" },
    lines: linesOf("price", "p", "r1", "s1", "r2", "s2", "r3", "s3", "r4", "s4"),
    choices: [
      { name: "of", shift: 0, values: ["candle", "day"] },
      {
        ...{ name: "rule", shift: 1 },
        values: ["classic", "fibonacci", "camarilla", "woodie", "demark"],
      },
    ],
    first: () => 2,
  },
  {
    ...{ kind: IndicatorKind.Fibonacci, name: "fibonacci", title: "Fibonacci levels" },
    pane: "price",
    lines: [
      ...linesOf("price", "level0", "level236", "level382", "level500", "level618", "level786"),
      ...linesOf("price", "level1000", "extension1272", "extension1618", "extension2618"),
      ...linesOf("none", "direction"),
    ],
    periods: [PERIOD(50)],
    choices: [{ name: "of", shift: 0, values: ["window", "swing"] }],
    first: ({ period, indicatorFlags }) => (indicatorFlags === 0 ? period : 2 * period + 1),
  },
  {
    ...{ kind: IndicatorKind.VolumeProfile, name: "volumeprofile", title: "Volume profile" },
    pane: "price",
    lines: [...linesOf("price", "poc", "vah", "val"), ...linesOf("volume", "volume")],
    periods: [PERIOD(50), { name: "buckets", initial: 24 }],
    factors: [{ name: "share", initial: 0.7, greatest: 1 }],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.SwingHigh, name: "swinghigh", title: "Swing high", pane: "price" },
    lines: [...linesOf("price", "high"), ...linesOf("none", "age")],
    periods: WINGS,
    sources: [PriceSource.High],
    first: ({ period, period2 }) => period + period2 + 1,
  },
  {
    ...{ kind: IndicatorKind.SwingLow, name: "swinglow", title: "Swing low", pane: "price" },
    lines: [...linesOf("price", "low"), ...linesOf("none", "age")],
    periods: WINGS,
    sources: [PriceSource.Low],
    first: ({ period, period2 }) => period + period2 + 1,
  },
  {
    ...{ kind: IndicatorKind.RsiDivergence, name: "rsidivergence", title: "RSI divergence" },
    pane: "own",
    lines: linesOf("none", "bullish", "bearish"),
    periods: [PERIOD(14), ...WINGS],
    first: ({ period, period2, period3 }) => Math.max(period + 1, period2 + period3 + 1),
  },
  {
    ...{ kind: IndicatorKind.MacdDivergence, name: "macddivergence", title: "MACD divergence" },
    pane: "own",
    lines: linesOf("none", "bullish", "bearish"),
    periods: [{ name: "fast", initial: 12 }, { name: "slow", initial: 26 }, ...WINGS],
    first: ({ period, period2, period3, period4 }) =>
      Math.max(period, period2, period3 + period4 + 1),
  },
];
