// What the host knows of one indicator: its name, its settings by name, its lines and their units.
//
// tidy: tested by test/src/indicators/catalog.test.ts
import type { IndicatorKind, PriceSource } from "../../asm/vocab.ts";

/** Powers of the price tick and of the lot that a line's number must be multiplied with. */
export const UNITS = {
  none: [0, 0],
  price: [1, 0],
  "price^2": [2, 0],
  "1/price": [-1, 0],
  volume: [0, 1],
  "price*volume": [1, 1],
  "price/volume": [1, -1],
  "price^2/volume": [2, -1],
} as const;
export type Unit = keyof typeof UNITS;

/** One value of an indicator, as `VALUE_1` and on carry them. */
export interface Line {
  name: string;
  unit: Unit;
}

/** A number the user may choose. */
export interface Setting {
  name: string;
  initial: number;
  /** Of a period: the least one that means something, 1 unless said. */
  least?: number;
  /** Of a factor: from where on it means nothing new, for tests and sliders; 4 unless said. */
  greatest?: number;
}

/** A word the user may choose; its place in `values`, shifted, goes into the flags. */
export interface Choice {
  name: string;
  shift: number;
  values: readonly string[];
}

/** Settings of an Indicator record, without its slots. */
export interface IndicatorSettings {
  indicatorKind: IndicatorKind;
  period?: number;
  period2?: number;
  period3?: number;
  period4?: number;
  factor?: number;
  factor2?: number;
  factor3?: number;
  indicatorFlags?: number;
  source?: PriceSource;
  source2?: PriceSource;
  /** Seconds since the Unix epoch, where sums begin. */
  anchorSeconds?: number;
}

export interface IndicatorEntry {
  kind: IndicatorKind;
  /** As users type it: lower case letters and digits. */
  name: string;
  title: string;
  /** Drawn over the candles, or below them. */
  pane: "price" | "own";
  lines: readonly Line[];
  /** In the order of the record's periods. */
  periods?: readonly Setting[];
  factors?: readonly Setting[];
  choices?: readonly Choice[];
  /** Sources that are read unless others are chosen; none: what is read is fixed. */
  sources?: readonly PriceSource[];
  /** True when sums begin at an anchor that may be chosen. */
  isAnchored?: boolean;
  /** Number, from 1, of the candle that brings the first value. */
  first: (settings: Required<IndicatorSettings>) => number;
}

/** Lines of one unit. */
export function linesOf(unit: Unit, ...names: string[]): Line[] {
  return names.map((name) => ({ name, unit }));
}

export const PERIOD = (initial: number): Setting => ({ name: "period", initial });
/** Exponential averages begin with the mean of their first period, or with the first value. */
export const SEED: Choice = { name: "seed", shift: 0, values: ["mean", "first"] };
/**
 * Of a chain of exponential averages: as SEED, where "first" lets all of them begin with candle 1;
 * "late" lets each begin with what the one before it has after its own period (Tulip).
 */
export const CHAIN_SEED: Choice = { name: "seed", shift: 0, values: ["mean", "first", "late"] };
/** Candle 1 has no true range, or its high - low stands in for it. */
export const FIRST_RANGE: Choice = { name: "first", shift: 0, values: ["none", "range"] };
/** Sort of an average: exponential from the first mean, simple, weighted, from the first value. */
export const AVERAGE: Choice = {
  name: "average",
  shift: 0,
  values: ["ema", "sma", "wma", "ema-first"],
};
