// What a slow twin of an indicator is, and what it reads.
import { PriceSource } from "../../../asm/vocab.ts";
import type { IndicatorSettings } from "../../../src/indicators/entry.ts";
import type { Row } from "../indicators.ts";
import type { Candle } from "./series.ts";

/** A whole series in, a row for each candle out; written from the definition, without state. */
export type Twin = (bars: readonly Candle[], settings: Required<IndicatorSettings>) => Row[];
export type Twins = Readonly<Record<number, Twin>>;

/** Prices near the greatest add up beyond 2^53, where a sum of numbers would be rounded twice. */
function total(...prices: number[]): number {
  return Number(prices.reduce((sum, price) => sum + BigInt(price), 0n));
}

const READ: Record<PriceSource, (bar: Candle) => number> = {
  [PriceSource.Close]: ({ close }) => close,
  [PriceSource.Open]: ({ open }) => open,
  [PriceSource.High]: ({ high }) => high,
  [PriceSource.Low]: ({ low }) => low,
  [PriceSource.Median]: ({ high, low }) => (high + low) / 2,
  [PriceSource.Typical]: ({ high, low, close }) => total(high, low, close) / 3,
  [PriceSource.Weighted]: ({ high, low, close }) => total(high, low, close, close) / 4,
  [PriceSource.Average]: ({ open, high, low, close }) => total(open, high, low, close) / 4,
  [PriceSource.Volume]: ({ volume }) => volume,
};

/** The series a source names. */
export function read(bars: readonly Candle[], source: PriceSource): number[] {
  return bars.map(READ[source]);
}
