import { IndicatorKind } from "../../../asm/vocab.ts";
import {
  ema,
  emaFirst,
  emaLate,
  type Line,
  mean,
  rows,
  sum,
  wilder,
  windowed,
  zip,
} from "./series-math.ts";
import { read, type Twins } from "./twin.ts";
import { variance } from "./volatility.ts";

const first = (line: Line, period: number): Line => emaFirst(line, 2 / (period + 1));
/** The chain of exponential averages a flag chooses. */
const chain = (flags: number): typeof ema => [ema, first as typeof ema, emaLate][flags]!;
/** No value before candle number `from`. */
const since = (line: Line, from: number): Line =>
  line.map((v, i) => (i + 1 < from ? undefined : v));

const sma = (line: Line | number[], period: number): Line => windowed(line, period, mean);
/** Weights 1 to period, the newest the heaviest. */
function wma(line: Line | number[], period: number): Line {
  return windowed(line, period, (window) => {
    const weights = window.map((_, i) => i + 1);
    return sum(window.map((value, i) => value * weights[i]!)) / sum(weights);
  });
}
const isFlat = (window: readonly number[]): boolean => window.every((v) => v === window[0]);
/** How much each input differs from the one before it. */
const changes = (line: readonly number[]): number[] =>
  line.slice(1).map((value, i) => value - line[i]!);

/** A line that begins with input number `seed` and follows the inputs by a weight of each. */
function following(
  inputs: readonly number[],
  seed: number,
  step: (before: number, i: number) => number,
): Line {
  let value: number | undefined;
  return inputs.map((input, i) => {
    if (i + 1 < seed) return undefined;
    value = value === undefined ? input : step(value, i);
    return value;
  });
}

export const AVERAGES_TWINS: Twins = {
  [IndicatorKind.Wma]: (bars, { period, source }) => rows(wma(read(bars, source), period)),
  [IndicatorKind.Ma]: (bars, { period, source, indicatorFlags }) => {
    const inputs = read(bars, source);
    const isFirst = indicatorFlags >= 4;
    if (indicatorFlags % 4 === 1)
      return rows(isFirst ? first(inputs, period) : ema(inputs, period));
    if (indicatorFlags % 4 === 2) {
      return rows(isFirst ? emaFirst(inputs, 1 / period) : wilder(inputs, period));
    }
    return rows(indicatorFlags % 4 === 0 ? sma(inputs, period) : wma(inputs, period));
  },
  [IndicatorKind.Trima]: (bars, { period, source }) =>
    rows(
      windowed(read(bars, source), period, (window) => {
        const weights = window.map((_, i) => Math.min(i + 1, period - i));
        return sum(window.map((value, i) => value * weights[i]!)) / sum(weights);
      }),
    ),
  [IndicatorKind.Kama]: (bars, { period, period2, period3, source }) => {
    const inputs = read(bars, source);
    const [fast, slow] = [2 / (period2 + 1), 2 / (period3 + 1)];
    const line = following(inputs, period, (before, i) => {
      const window = inputs.slice(i - period, i + 1);
      const way = sum(changes(window).map(Math.abs));
      const share = isFlat(window) ? 1 : Math.abs(window.at(-1) - window[0]!) / way;
      return before + (share * (fast - slow) + slow) ** 2 * (inputs[i]! - before);
    });
    return rows(since(line, period + 1));
  },
  [IndicatorKind.Hma]: (bars, { period, source }) => {
    const inputs = read(bars, source);
    const half = Math.max(1, Math.floor(period / 2));
    const raw = zip((a, b) => 2 * a - b, wma(inputs, half), wma(inputs, period));
    return rows(wma(raw, Math.floor(Math.sqrt(period))));
  },
  [IndicatorKind.Zlema]: (bars, { period, source }) => {
    const inputs = read(bars, source);
    const lag = Math.floor((period - 1) / 2);
    return rows(
      following(inputs, Math.max(1, lag), (before, i) => {
        const ahead = 2 * inputs[i]! - inputs[i - lag]!;
        return before + (2 / (period + 1)) * (ahead - before);
      }),
    );
  },
  [IndicatorKind.Vidya]: (bars, { period, period2, factor, source }) => {
    const inputs = read(bars, source);
    const window = (i: number, count: number): number[] => inputs.slice(i + 1 - count, i + 1);
    return rows(
      following(inputs, Math.max(1, period - 1, period2 - 1), (before, i) => {
        const long = window(i, period2);
        const [near, far] = [variance(window(i, period)), variance(long)];
        const share = isFlat(long) ? 0 : Math.sqrt(near / far);
        return before + Math.min(1, factor * share) * (inputs[i]! - before);
      }),
    );
  },
  [IndicatorKind.Vwma]: (bars, { period, source }) => {
    const inputs = read(bars, source);
    const volumes = bars.map(({ volume }) => volume);
    return bars.map((_, i) => {
      if (i + 1 < period) return undefined;
      const weights = volumes.slice(i + 1 - period, i + 1);
      const values = inputs.slice(i + 1 - period, i + 1);
      const total = sum(weights);
      return [total === 0 ? inputs[i]! : sum(values.map((v, j) => v * weights[j]!)) / total];
    });
  },
  [IndicatorKind.T3]: (bars, { period, factor, source, indicatorFlags }) => {
    const smooth = chain(indicatorFlags);
    // Tillson: a generalized DEMA, three times in a row.
    const e: Line[] = [read(bars, source)];
    for (let i = 0; i < 6; i++) e.push(smooth(e[i]!, period));
    const parts = [factor ** 3, factor ** 2 * (1 + factor), factor * (1 + factor) ** 2];
    const line = zip(
      (e3, e4, e5, e6) =>
        (1 + factor) ** 3 * e3 - 3 * parts[2]! * e4 + 3 * parts[1]! * e5 - parts[0]! * e6,
      ...e.slice(3),
    );
    return rows(since(line, 6 * (period - 1) + 1));
  },
  [IndicatorKind.Midpoint]: (bars, { period, source }) =>
    rows(windowed(read(bars, source), period, (w) => (Math.max(...w) + Math.min(...w)) / 2)),
  [IndicatorKind.Midprice]: (bars, { period }) => {
    const highs = windowed(
      bars.map(({ high }) => high),
      period,
      (w) => Math.max(...w),
    );
    const lows = windowed(
      bars.map(({ low }) => low),
      period,
      (w) => Math.min(...w),
    );
    return rows(zip((h, l) => (h + l) / 2, highs, lows));
  },
  [IndicatorKind.Price]: (bars, { source }) => rows(read(bars, source)),
  [IndicatorKind.Dema]: (bars, { period, source, indicatorFlags }) => {
    const smooth = chain(indicatorFlags);
    const e1 = smooth(read(bars, source), period);
    return rows(
      since(
        zip((a, b) => 2 * a - b, e1, smooth(e1, period)),
        2 * period - 1,
      ),
    );
  },
  [IndicatorKind.Tema]: (bars, { period, source, indicatorFlags }) => {
    const smooth = chain(indicatorFlags);
    const e1 = smooth(read(bars, source), period);
    const e2 = smooth(e1, period);
    const line = zip((a, b, c) => 3 * a - 3 * b + c, e1, e2, smooth(e2, period));
    return rows(since(line, 3 * period - 2));
  },
  [IndicatorKind.Alma]: (bars, { period, factor, factor2, source, indicatorFlags }) => {
    const exact = factor * (period - 1);
    const middle = indicatorFlags === 1 ? Math.floor(exact) : exact;
    const powers = Array.from(
      { length: period },
      (_, i) => -(((i - middle) * factor2) ** 2) / (2 * period ** 2),
    );
    // Only the ratio of weights counts, and a narrow bell far away would be all zeros.
    const weights = powers.map((power) => Math.exp(power - Math.max(...powers)));
    return rows(
      windowed(read(bars, source), period, (window) => {
        return sum(window.map((value, i) => value * weights[i]!)) / sum(weights);
      }),
    );
  },
  [IndicatorKind.Frama]: (bars, { period, period2, source }) => {
    const inputs = read(bars, source);
    const half = Math.max(1, Math.floor(period / 2));
    const range = (from: number, to: number): number => {
      const window = bars.slice(from, to);
      const highs = window.map(({ high }) => high);
      return Math.max(...highs) - Math.min(...window.map(({ low }) => low));
    };
    return rows(
      following(inputs, 2 * half, (before, i) => {
        const near = range(i + 1 - half, i + 1) / half;
        const far = range(i + 1 - 2 * half, i + 1 - half) / half;
        const all = range(i + 1 - 2 * half, i + 1) / (2 * half);
        if (near === 0 || far === 0) return inputs[i]!;
        const dimension = Math.log2((near + far) / all);
        const weight = Math.exp(Math.log(2 / (period2 + 1)) * (dimension - 1));
        return before + Math.min(1, Math.max(0.01, weight)) * (inputs[i]! - before);
      }),
    );
  },
  [IndicatorKind.Relma]: (bars, { period, source }) => {
    const of = (count: number): Line => sma(read(bars, source), count * period);
    return rows(zip((a, b, c) => a - b + c, of(1), of(2), of(3)));
  },
};
