import { IndicatorKind, PriceSource } from "../../../asm/vocab.ts";
import {
  ema,
  emaFirst,
  emaLate,
  type Line,
  mean,
  ratio,
  rows,
  sum,
  wilder,
  windowed,
  zip,
} from "./series-math.ts";
import type { Candle } from "./series.ts";
import { read, type Twins } from "./twin.ts";

/** Variance of the population, divided by the number of values. */
export function variance(window: readonly number[]): number {
  const middle = mean(window);
  return mean(window.map((value) => (value - middle) ** 2));
}

/** True ranges; of candle 1 none, or its high - low. */
export function trueRanges(bars: readonly Candle[], isFirst: boolean): Line {
  return bars.map(({ high, low }, i) => {
    if (i === 0) return isFirst ? high - low : undefined;
    const before = bars[i - 1]!.close;
    return Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
  });
}

const spans = (bars: readonly Candle[]): number[] => bars.map(({ high, low }) => high - low);
/** Exponential average with the seed a flag chooses. */
const smooth = (line: Line | number[], period: number, isFirst: boolean): Line =>
  isFirst ? emaFirst(line, 2 / (period + 1)) : ema(line, period);
/** Exponential averages of a chain, by their seed. */
const chain = (line: Line | number[], period: number, flags: number): Line =>
  flags === 2 ? emaLate(line, period) : smooth(line, period, flags === 1);
const since = (line: Line, from: number): Line =>
  line.map((v, i) => (i + 1 < from ? undefined : v));
const isFlat = (window: readonly number[]): boolean => window.every((v) => v === window[0]);

export const VOLATILITY_TWINS: Twins = {
  [IndicatorKind.StdDev]: (bars, { period, factor, source }) =>
    rows(windowed(read(bars, source), period, (window) => factor * Math.sqrt(variance(window)))),
  [IndicatorKind.Variance]: (bars, { period, source }) =>
    rows(windowed(read(bars, source), period, variance)),
  [IndicatorKind.TrueRange]: (bars, { indicatorFlags }) =>
    rows(trueRanges(bars, indicatorFlags === 1)),
  [IndicatorKind.Natr]: (bars, { period, indicatorFlags }) => {
    const average = wilder(trueRanges(bars, indicatorFlags === 1), period);
    return rows(zip((range, close) => (100 * range) / close, average, read(bars, 0)));
  },
  [IndicatorKind.MeanDeviation]: (bars, { period, source }) =>
    rows(
      windowed(read(bars, source), period, (window) => {
        const middle = mean(window);
        return mean(window.map((value) => Math.abs(value - middle)));
      }),
    ),
  [IndicatorKind.StdError]: (bars, { period, source }) =>
    rows(windowed(read(bars, source), period, (w) => Math.sqrt(variance(w)) / Math.sqrt(period))),
  [IndicatorKind.Volatility]: (bars, { period, factor, source }) => {
    const inputs = read(bars, source);
    const changes = inputs.map((value, i) =>
      i === 0 ? undefined : ratio(value - inputs[i - 1]!, inputs[i - 1]!),
    );
    return rows(windowed(changes, period, (w) => Math.sqrt(factor) * Math.sqrt(variance(w))));
  },
  [IndicatorKind.Cvi]: (bars, { period, period2, indicatorFlags }) => {
    const line = smooth(spans(bars), period, indicatorFlags === 1);
    const change = line.map((now, i) => {
      const before = line[i - period2];
      if (now === undefined || before === undefined) return undefined;
      return 100 * ratio(now - before, before);
    });
    return rows(since(change, period + period2));
  },
  [IndicatorKind.Keltner]: (bars, { period, period2, factor, source, indicatorFlags }) => {
    const inputs = read(bars, source);
    const isFirst = (indicatorFlags & 1) !== 0;
    const simple = (indicatorFlags & 4) !== 0;
    const center = simple ? windowed(inputs, period, mean) : smooth(inputs, period, isFirst);
    const range = wilder(trueRanges(bars, (indicatorFlags & 2) !== 0), period2);
    const middle = since(center, period);
    const upper = zip((c, r) => c + factor * r, middle, range);
    return rows(
      middle,
      upper,
      zip((c, r) => c - factor * r, middle, range),
    );
  },
  [IndicatorKind.Donchian]: (bars, { period }) =>
    bars.map((_, i) => {
      if (i + 1 < period) return undefined;
      const window = bars.slice(i + 1 - period, i + 1);
      const top = Math.max(...window.map(({ high }) => high));
      const bottom = Math.min(...window.map(({ low }) => low));
      return [(top + bottom) / 2, top, bottom];
    }),
  [IndicatorKind.AccBands]: (bars, { period, factor }) => {
    const share = bars.map(({ high, low }) => (factor * (high - low)) / (high + low));
    const line = (of: (bar: Candle, i: number) => number): Line =>
      windowed(bars.map(of), period, mean);
    return rows(
      line(({ close }) => close),
      line(({ high }, i) => high + high * share[i]!),
      line(({ low }, i) => low - low * share[i]!),
    );
  },
  [IndicatorKind.PercentB]: (bars, { period, factor, source }) =>
    rows(
      windowed(read(bars, source), period, (window) => {
        const half = factor * Math.sqrt(variance(window));
        const lower = mean(window) - half;
        return isFlat(window) ? 0 : ratio(window.at(-1) - lower, 2 * half);
      }),
    ),
  [IndicatorKind.Bandwidth]: (bars, { period, factor, source }) =>
    rows(
      windowed(read(bars, source), period, (window) => {
        const half = factor * Math.sqrt(variance(window));
        return isFlat(window) ? 0 : 100 * ratio(2 * half, mean(window));
      }),
    ),
  [IndicatorKind.AverageRange]: (bars, { period, indicatorFlags }) => {
    const line = indicatorFlags === 1 ? trueRanges(bars, false) : spans(bars);
    return rows(windowed(line, period, mean));
  },
  [IndicatorKind.Mass]: (bars, { period, period2, indicatorFlags }) => {
    const once = chain(spans(bars), period2, indicatorFlags);
    const twice = chain(once, period2, indicatorFlags);
    const share = since(zip(ratio, once, twice), 2 * period2 - 1);
    return rows(windowed(share, period, sum));
  },
  [IndicatorKind.Choppiness]: (bars, { period }) => {
    const ranges = trueRanges(bars, true) as number[];
    return bars.map((_, i) => {
      if (i + 1 < period) return undefined;
      const window = bars.slice(i + 1 - period, i + 1);
      const top = Math.max(...window.map(({ high }) => high));
      const bottom = Math.min(...window.map(({ low }) => low));
      if (top === bottom) return [0];
      const way = sum(ranges.slice(i + 1 - period, i + 1));
      return [(100 * Math.log10(way / (top - bottom))) / Math.log10(period)];
    });
  },
  [IndicatorKind.Ulcer]: (bars, { period, source }) => {
    const inputs = read(bars, source);
    const peaks = windowed(inputs, period, (w) => Math.max(...w));
    const squares = zip((value, peak) => (100 * ratio(value - peak, peak)) ** 2, inputs, peaks);
    return rows(windowed(squares, period, (w) => Math.sqrt(mean(w))));
  },
  [IndicatorKind.RelativeVolatility]: (bars, { period, period2, source }) => {
    const inputs = read(bars, source);
    const deviation = windowed(inputs, period, (w) => (isFlat(w) ? 0 : Math.sqrt(variance(w))));
    const side = (sign: number): Line =>
      deviation.map((value, i) => {
        if (value === undefined || i === 0) return undefined;
        return Math.sign(inputs[i]! - inputs[i - 1]!) === sign ? value : 0;
      });
    const [up, down] = [wilder(side(1), period2), wilder(side(-1), period2)];
    return rows(zip((a, b) => 100 * ratio(a, a + b), up, down));
  },
  [IndicatorKind.ChandeKroll]: (bars, { period, period2, factor }) => {
    const range = wilder(trueRanges(bars, true), period);
    const tops = windowed(read(bars, PriceSource.High), period, (w) => Math.max(...w));
    const bottoms = windowed(read(bars, PriceSource.Low), period, (w) => Math.min(...w));
    const shorts = zip((top, r) => top - factor * r, tops, range);
    const longs = zip((bottom, r) => bottom + factor * r, bottoms, range);
    return rows(
      windowed(shorts, period2, (w) => Math.max(...w)),
      windowed(longs, period2, (w) => Math.min(...w)),
    );
  },
};
