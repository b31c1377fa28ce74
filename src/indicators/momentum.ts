// Oscillators of momentum.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import {
  AVERAGE,
  type IndicatorEntry,
  type IndicatorSettings,
  linesOf,
  PERIOD,
  SEED,
  type Setting,
  type Unit,
} from "./entry.ts";

type First = (settings: Required<IndicatorSettings>) => number;
const FAST = (initial: number): Setting => ({ name: "fast", initial });
const SLOW = (initial: number): Setting => ({ name: "slow", initial });
const SIGNAL = (initial: number): Setting => ({ name: "signal", initial });
const slowest: First = ({ period, period2 }) => Math.max(period, period2);

/** A change over some candles: they differ in how it is put. */
function changeEntry(kind: IndicatorKind, name: string, title: string, unit: Unit): IndicatorEntry {
  return {
    ...{ kind, name, title, pane: "own", lines: linesOf(unit, name), periods: [PERIOD(10)] },
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  };
}

const CHANGES: readonly IndicatorEntry[] = [
  changeEntry(IndicatorKind.Mom, "mom", "Momentum", "price"),
  changeEntry(IndicatorKind.Roc, "roc", "Rate of change, percent", "none"),
  changeEntry(IndicatorKind.Rocp, "rocp", "Rate of change", "none"),
  changeEntry(IndicatorKind.Rocr, "rocr", "Rate of change, ratio", "none"),
  changeEntry(IndicatorKind.Rocr100, "rocr100", "Rate of change, ratio in percent", "none"),
  {
    ...{ kind: IndicatorKind.Bop, name: "bop", title: "Balance of power", pane: "own" },
    lines: linesOf("none", "bop"),
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.CloseStrength, name: "ibs", title: "Internal bar strength" },
    pane: "own",
    lines: linesOf("none", "ibs"),
    first: () => 1,
  },
  {
    ...{ kind: IndicatorKind.CrossAny, name: "crossany", title: "Crossing of two inputs" },
    pane: "own",
    lines: linesOf("none", "cross"),
    sources: [PriceSource.Close, PriceSource.Open],
    first: () => 2,
  },
  {
    ...{ kind: IndicatorKind.CrossOver, name: "crossover", title: "Crossing upward" },
    pane: "own",
    lines: linesOf("none", "cross"),
    sources: [PriceSource.Close, PriceSource.Open],
    first: () => 2,
  },
];

const SPREADS: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Apo, name: "apo", title: "Absolute price oscillator", pane: "own" },
    lines: linesOf("price", "apo"),
    periods: [FAST(12), SLOW(26)],
    choices: [AVERAGE],
    sources: [PriceSource.Close],
    first: slowest,
  },
  {
    ...{ kind: IndicatorKind.Ppo, name: "ppo", title: "Percentage price oscillator" },
    pane: "own",
    lines: linesOf("none", "ppo"),
    periods: [FAST(12), SLOW(26)],
    choices: [AVERAGE],
    sources: [PriceSource.Close],
    first: slowest,
  },
  {
    ...{ kind: IndicatorKind.Ao, name: "ao", title: "Awesome oscillator", pane: "own" },
    lines: linesOf("price", "ao"),
    periods: [FAST(5), SLOW(34)],
    first: slowest,
  },
  {
    ...{ kind: IndicatorKind.Trix, name: "trix", title: "TRIX", pane: "own" },
    lines: linesOf("none", "trix"),
    periods: [PERIOD(15)],
    choices: [SEED, { name: "base", shift: 1, values: ["before", "now"] }],
    sources: [PriceSource.Close],
    first: ({ period }) => 3 * period - 1,
  },
  {
    ...{ kind: IndicatorKind.Dpo, name: "dpo", title: "Detrended price oscillator", pane: "own" },
    lines: linesOf("price", "dpo"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => Math.max(period, Math.floor(period / 2) + 2),
  },
  {
    ...{ kind: IndicatorKind.Qstick, name: "qstick", title: "Qstick", pane: "own" },
    lines: linesOf("price", "qstick"),
    periods: [PERIOD(8)],
    first: ({ period }) => period,
  },
];

const RANGES: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Stoch, name: "stoch", title: "Stochastic", pane: "own" },
    lines: linesOf("none", "k", "d"),
    periods: [PERIOD(14), SLOW(3), SIGNAL(3)],
    first: ({ period, period2, period3 }) => period + period2 + period3 - 2,
  },
  {
    ...{ kind: IndicatorKind.Cci, name: "cci", title: "Commodity channel index", pane: "own" },
    lines: linesOf("none", "cci"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Typical],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.StochRsi, name: "stochrsi", title: "Stochastic RSI", pane: "own" },
    lines: linesOf("none", "k", "d"),
    periods: [PERIOD(14), { name: "window", initial: 14 }, SLOW(1), SIGNAL(3)],
    sources: [PriceSource.Close],
    first: ({ period, period2, period3, period4 }) => period + period2 + period3 + period4 - 2,
  },
  {
    ...{ kind: IndicatorKind.Willr, name: "willr", title: "Williams %R", pane: "own" },
    lines: linesOf("none", "willr"),
    periods: [PERIOD(14)],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Fisher, name: "fisher", title: "Fisher transform", pane: "own" },
    lines: linesOf("none", "fisher", "signal"),
    periods: [PERIOD(10)],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Stc, name: "stc", title: "Schaff trend cycle", pane: "own" },
    lines: linesOf("none", "stc"),
    periods: [PERIOD(10), FAST(23), SLOW(50)],
    sources: [PriceSource.Close],
    first: ({ period, period2, period3 }) => Math.max(period2, period3) + 2 * (period - 1) + 4,
  },
  {
    ...{ kind: IndicatorKind.PremierStoch, name: "pso", title: "Premier stochastic", pane: "own" },
    lines: linesOf("none", "pso"),
    periods: [PERIOD(8), { name: "smooth", initial: 5 }],
    first: ({ period, period2 }) => period + 2 * (period2 - 1),
  },
  {
    ...{ kind: IndicatorKind.Smi, name: "smi", title: "Stochastic momentum index", pane: "own" },
    lines: linesOf("none", "smi", "signal"),
    periods: [
      PERIOD(10),
      { name: "first", initial: 3 },
      { name: "second", initial: 3 },
      SIGNAL(10),
    ],
    first: ({ period, period2, period3, period4 }) => period + period2 + period3 + period4 - 3,
  },
];

const STRENGTHS: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Cmo, name: "cmo", title: "Chande momentum oscillator", pane: "own" },
    lines: linesOf("none", "cmo"),
    periods: [PERIOD(14)],
    choices: [{ name: "average", shift: 0, values: ["wilder", "sum"] }],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.UltOsc, name: "ultosc", title: "Ultimate oscillator", pane: "own" },
    lines: linesOf("none", "ultosc"),
    periods: [
      { name: "short", initial: 7 },
      { name: "medium", initial: 14 },
      { name: "long", initial: 28 },
    ],
    first: ({ period, period2, period3 }) => Math.max(period, period2, period3) + 1,
  },
  {
    ...{ kind: IndicatorKind.Tsi, name: "tsi", title: "True strength index", pane: "own" },
    lines: linesOf("none", "tsi", "signal"),
    periods: [{ name: "long", initial: 25 }, { name: "short", initial: 13 }, SIGNAL(7)],
    sources: [PriceSource.Close],
    first: ({ period, period2, period3 }) => period + period2 + period3 - 1,
  },
  {
    ...{ kind: IndicatorKind.ConnorsRsi, name: "crsi", title: "Connors RSI", pane: "own" },
    lines: linesOf("none", "crsi"),
    periods: [PERIOD(3), { name: "streak", initial: 2 }, { name: "rank", initial: 100 }],
    choices: [{ name: "still", shift: 0, values: ["ends", "keeps"] }],
    sources: [PriceSource.Close],
    first: ({ period, period2, period3 }) => Math.max(period, period2, period3 + 1) + 1,
  },
  {
    ...{ kind: IndicatorKind.Coppock, name: "coppock", title: "Coppock curve", pane: "own" },
    lines: linesOf("none", "coppock"),
    periods: [{ name: "long", initial: 14 }, { name: "short", initial: 11 }, PERIOD(10)],
    sources: [PriceSource.Close],
    first: ({ period, period2, period3 }) => Math.max(period, period2) + period3,
  },
  {
    ...{ kind: IndicatorKind.Kst, name: "kst", title: "Know sure thing", pane: "own" },
    lines: linesOf("none", "kst", "signal"),
    periods: [10, 15, 20, 30].map((initial, i) => ({ name: `roc${i + 1}`, initial })),
    sources: [PriceSource.Close],
    first: ({ period, period2, period3, period4 }) =>
      Math.max(period + 10, period2 + 10, period3 + 10, period4 + 15) + 8,
  },
  {
    ...{ kind: IndicatorKind.DerivativeOsc, name: "do", title: "Derivative oscillator" },
    pane: "own",
    lines: linesOf("none", "do"),
    periods: [PERIOD(14), { name: "first", initial: 5 }, { name: "second", initial: 3 }, SIGNAL(9)],
    sources: [PriceSource.Close],
    first: ({ period, period2, period3, period4 }) => period + period2 + period3 + period4 - 2,
  },
  {
    ...{ kind: IndicatorKind.RelativeVigor, name: "rvi", title: "Relative vigor index" },
    pane: "own",
    lines: linesOf("none", "rvi", "signal"),
    periods: [PERIOD(10)],
    first: ({ period }) => period + 6,
  },
  {
    ...{ kind: IndicatorKind.PriceSpike, name: "spike", title: "Price spike", pane: "own" },
    lines: linesOf("none", "spike"),
    periods: [PERIOD(20)],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 2,
  },
  {
    ...{ kind: IndicatorKind.DeMarker, name: "demarker", title: "DeMarker", pane: "own" },
    lines: linesOf("none", "demarker"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
];

export const MOMENTUM: readonly IndicatorEntry[] = [CHANGES, SPREADS, RANGES, STRENGTHS].flat();
