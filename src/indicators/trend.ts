// Direction and strength of a trend.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import { IndicatorKind, PriceSource } from "../../asm/vocab.ts";
import {
  type Choice,
  type IndicatorEntry,
  type IndicatorSettings,
  linesOf,
  PERIOD,
} from "./entry.ts";

/**
 * Shares of movement count from the candle after the one that completes the sums, or from that
 * one, as Tulip has it.
 */
const START: Choice = { name: "start", shift: 0, values: ["after", "with"] };
/** Candle of the first share. */
function sharesFrom({ period, indicatorFlags }: Required<IndicatorSettings>): number {
  return Math.max(2, period + 1 - indicatorFlags);
}

export const TREND: readonly IndicatorEntry[] = [
  {
    ...{ kind: IndicatorKind.Adx, name: "adx", title: "Average directional index", pane: "own" },
    lines: linesOf("none", "adx", "plusdi", "minusdi"),
    periods: [PERIOD(14)],
    choices: [START],
    first: (settings) => sharesFrom(settings) + settings.period - 1,
  },
  {
    ...{ kind: IndicatorKind.Aroon, name: "aroon", title: "Aroon", pane: "own" },
    lines: linesOf("none", "up", "down", "oscillator"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Adxr, name: "adxr", title: "Average directional index rating" },
    pane: "own",
    lines: linesOf("none", "adxr"),
    periods: [PERIOD(14)],
    choices: [START],
    first: (settings) => sharesFrom(settings) + 2 * settings.period - 2,
  },
  {
    ...{ kind: IndicatorKind.Dx, name: "dx", title: "Directional index", pane: "own" },
    lines: linesOf("none", "dx"),
    periods: [PERIOD(14)],
    choices: [START],
    first: sharesFrom,
  },
  {
    ...{ kind: IndicatorKind.Di, name: "di", title: "Directional indicators", pane: "own" },
    lines: linesOf("none", "plus", "minus"),
    periods: [PERIOD(14)],
    choices: [START],
    first: sharesFrom,
  },
  {
    ...{ kind: IndicatorKind.Dm, name: "dm", title: "Directional movement", pane: "own" },
    lines: linesOf("price", "plus", "minus"),
    periods: [PERIOD(14)],
    first: ({ period }) => Math.max(2, period),
  },
  {
    ...{ kind: IndicatorKind.Sar, name: "sar", title: "Parabolic stop and reverse" },
    pane: "price",
    lines: [...linesOf("price", "sar"), ...linesOf("none", "trend"), ...linesOf("price", "signed")],
    factors: [
      { name: "step", initial: 0.02, greatest: 0.2 },
      { name: "most", initial: 0.2, greatest: 1 },
    ],
    choices: [
      { name: "start", shift: 0, values: ["movement", "middle"] },
      { name: "touch", shift: 1, values: ["turns", "holds"] },
    ],
    first: () => 2,
  },
  {
    ...{ kind: IndicatorKind.SuperTrend, name: "supertrend", title: "SuperTrend", pane: "price" },
    lines: [...linesOf("price", "supertrend"), ...linesOf("none", "trend")],
    periods: [PERIOD(10)],
    factors: [{ name: "factor", initial: 3 }],
    first: ({ period }) => period,
  },
  {
    ...{ kind: IndicatorKind.Ichimoku, name: "ichimoku", title: "Ichimoku", pane: "price" },
    lines: linesOf("price", "conversion", "base", "spana", "spanb"),
    periods: [
      { name: "conversion", initial: 9 },
      { name: "base", initial: 26 },
      { name: "spanb", initial: 52 },
    ],
    first: ({ period, period2, period3 }) => Math.max(period, period2, period3),
  },
  {
    ...{ kind: IndicatorKind.Vhf, name: "vhf", title: "Vertical horizontal filter", pane: "own" },
    lines: linesOf("none", "vhf"),
    periods: [PERIOD(28)],
    sources: [PriceSource.Close],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.Vortex, name: "vortex", title: "Vortex", pane: "own" },
    lines: linesOf("none", "plus", "minus"),
    periods: [PERIOD(14)],
    first: ({ period }) => period + 1,
  },
  {
    ...{ kind: IndicatorKind.TdSequential, name: "tdsequential", title: "TD sequential" },
    pane: "own",
    lines: linesOf("none", "phase", "count"),
    first: () => 5,
  },
];
