// What volume says.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind } from "../../asm/vocab.ts";
import { type Choice, type IndicatorEntry, linesOf, PERIOD, SEED } from "./entry.ts";

/** What an OBV begins with: its first candle's volume, or nothing. */
const START: Choice = { name: "start", shift: 0, values: ["volume", "zero"] };

const TOTALS: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Obv, name: "obv", title: "On-balance volume", pane: "own" },
    lines: linesOf("volume", "obv"),
    choices: [START],
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.SmoothedObv, name: "sobv", title: "Smoothed on-balance volume" },
    pane: "own",
    lines: linesOf("volume", "sobv"),
    periods: [PERIOD(20)],
    choices: [START],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Ad, name: "ad", title: "Accumulation and distribution", pane: "own" },
    lines: linesOf("volume", "ad"),
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.AdOsc, name: "adosc", title: "Chaikin oscillator", pane: "own" },
    lines: linesOf("volume", "adosc"),
    periods: [
      { name: "fast", initial: 3 },
      { name: "slow", initial: 10 },
    ],
    first: ({ period, period2 }) => Math.max(period, period2),
  },
  {
    ...{ kind: IndicatorKind.Nvi, name: "nvi", title: "Negative volume index", pane: "own" },
    lines: linesOf("none", "nvi"),
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.Pvi, name: "pvi", title: "Positive volume index", pane: "own" },
    lines: linesOf("none", "pvi"),
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.Wad, name: "wad", title: "Williams' accumulation", pane: "own" },
    lines: linesOf("price", "wad"),
    first: () => 2,
  },
];

const FORCES: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Cmf, name: "cmf", title: "Chaikin money flow", pane: "own" },
    lines: linesOf("none", "cmf"),
    periods: [PERIOD(20)],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Mfi, name: "mfi", title: "Money flow index", pane: "own" },
    lines: linesOf("none", "mfi"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Emv, name: "emv", title: "Ease of movement", pane: "own" },
    lines: linesOf("price^2/volume", "emv"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Kvo, name: "kvo", title: "Klinger oscillator", pane: "own" },
    lines: linesOf("volume", "kvo", "signal"),
    periods: [
      { name: "fast", initial: 34 },
      { name: "slow", initial: 55 },
      { name: "signal", initial: 13 },
    ],
    choices: [SEED, { name: "force", shift: 1, values: ["share", "doubled"] }],
    first: ({ period, period2, period3 }) => Math.max(period, period2) + period3,
  },
  {
    ...{ kind: IndicatorKind.Vosc, name: "vosc", title: "Volume oscillator", pane: "own" },
    lines: linesOf("none", "vosc"),
    periods: [
      { name: "fast", initial: 5 },
      { name: "slow", initial: 10 },
    ],
    first: ({ period, period2 }) => Math.max(period, period2),
  },
  {
    ...{ kind: IndicatorKind.MarketFi, name: "marketfi", title: "Market facilitation index" },
    pane: "own",
    lines: linesOf("price/volume", "marketfi"),
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.ForceIndex, name: "force", title: "Force index", pane: "own" },
    lines: linesOf("price*volume", "force"),
    periods: [PERIOD(13)],
    choices: [SEED],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.RelativeVolume, name: "rdv", title: "Relative volume of the day" },
    pane: "own",
    lines: linesOf("none", "rdv"),
    periods: [
      { name: "days", initial: 5 },
      { name: "candles", initial: 1024 },
    ],
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.VwapBands, name: "vwapbands", title: "VWAP bands", pane: "price" },
    lines: linesOf("price", "vwap", "upper1", "upper2", "upper3", "lower1", "lower2", "lower3"),
    factors: [1, 2, 3].map((initial) => ({ name: `factor${initial}`, initial })),
    choices: [{ name: "session", shift: 0, values: ["day", "none"] }],
    isAnchored: true,
    first: () => 1,
  },
];

export const VOLUME: readonly IndicatorEntry[] = [TOTALS, FORCES].flat();
