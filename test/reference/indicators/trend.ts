import { IndicatorKind } from "../../../asm/vocab.ts";
import { type Line, ratio, rows, sum, wilder, windowed, zip } from "./series-math.ts";
import type { Candle } from "./series.ts";
import { read, type Twins } from "./twin.ts";
import { trueRanges } from "./volatility.ts";
import { sequentialTwin } from "./sequential.ts";
import { sarTwin, superTrendTwin } from "./stops.ts";

/** Wilder's running sum: period - 1 values first, then each step loses its period-th part. */
export function wilderSum(values: readonly number[], period: number): Line {
  let total: number | undefined;
  return values.map((value, i) => {
    if (i < period - 1) return undefined;
    if (total === undefined) total = sum(values.slice(1, period));
    else total += value - total / period;
    return total;
  });
}

/** Movements and true ranges, candle 1 without any. */
export function movements(bars: readonly Candle[]): Record<"plus" | "minus" | "range", number[]> {
  const plus = [0];
  const minus = [0];
  const range = [0];
  for (let i = 1; i < bars.length; i++) {
    const [bar, before] = [bars[i]!, bars[i - 1]!];
    const up = bar.high - before.high;
    const down = before.low - bar.low;
    plus.push(up > down && up > 0 ? up : 0);
    minus.push(down > up && down > 0 ? down : 0);
    range.push(Math.max(bar.high, before.close) - Math.min(bar.low, before.close));
  }
  return { plus, minus, range };
}

/** Sums of movement, and from the candle of the first shares on the indicators made of them. */
function shares(
  bars: readonly Candle[],
  period: number,
  flags: number,
): Record<"plus" | "minus" | "index", Line> {
  const moves = movements(bars);
  const from = Math.max(2, period + 1 - flags);
  const sums = [moves.plus, moves.minus, moves.range].map((values) =>
    wilderSum(values, period).map((value, i) => (i + 1 < from ? undefined : value)),
  );
  const [plus, minus, range] = sums as [Line, Line, Line];
  const percent = (a: number, b: number): number => 100 * ratio(a, b);
  return {
    plus: zip(percent, plus, range),
    minus: zip(percent, minus, range),
    index: zip((a, b) => percent(Math.abs(a - b), a + b), plus, minus),
  };
}

const highest = (bars: readonly Candle[]): number => Math.max(...bars.map(({ high }) => high));
const lowest = (bars: readonly Candle[]): number => Math.min(...bars.map(({ low }) => low));

export const TREND_TWINS: Twins = {
  [IndicatorKind.Adx]: (bars, { period, indicatorFlags }) => {
    const { plus, minus, index } = shares(bars, period, indicatorFlags);
    return rows(wilder(index, period), plus, minus);
  },
  [IndicatorKind.Adxr]: (bars, { period, indicatorFlags }) => {
    const line = wilder(shares(bars, period, indicatorFlags).index, period);
    const before = line.map((_, i) => line[i - (period - 1)]);
    return rows(zip((now, then) => (now + then) / 2, line, before));
  },
  [IndicatorKind.Dx]: (bars, { period, indicatorFlags }) =>
    rows(shares(bars, period, indicatorFlags).index),
  [IndicatorKind.Di]: (bars, { period, indicatorFlags }) => {
    const { plus, minus } = shares(bars, period, indicatorFlags);
    return rows(plus, minus);
  },
  [IndicatorKind.Dm]: (bars, { period }) => {
    const { plus, minus } = movements(bars);
    return rows(wilderSum(plus, period), wilderSum(minus, period));
  },
  [IndicatorKind.Sar]: sarTwin,
  [IndicatorKind.SuperTrend]: superTrendTwin,
  [IndicatorKind.Ichimoku]: (bars, { period, period2, period3 }) => {
    const middle = (i: number, count: number): number => {
      const window = bars.slice(i + 1 - count, i + 1);
      return (highest(window) + lowest(window)) / 2;
    };
    return bars.map((_, i) => {
      if (i + 1 < Math.max(period, period2, period3)) return undefined;
      const [conversion, base] = [middle(i, period), middle(i, period2)];
      return [conversion, base, (conversion + base) / 2, middle(i, period3)];
    });
  },
  [IndicatorKind.Vhf]: (bars, { period, source }) => {
    const inputs = read(bars, source);
    return bars.map((_, i) => {
      if (i < period) return undefined;
      const window = inputs.slice(i + 1 - period, i + 1);
      const moves = window.map((value, j) => Math.abs(value - inputs[i - period + j]!));
      return [ratio(Math.max(...window) - Math.min(...window), sum(moves))];
    });
  },
  [IndicatorKind.Vortex]: (bars, { period }) => {
    const up = bars.map(({ high }, i) => (i > 0 ? Math.abs(high - bars[i - 1]!.low) : undefined));
    const down = bars.map(({ low }, i) => (i > 0 ? Math.abs(low - bars[i - 1]!.high) : undefined));
    const range = windowed(trueRanges(bars, false), period, sum);
    const over = (line: Line): Line => zip(ratio, windowed(line, period, sum), range);
    return rows(over(up), over(down));
  },
  [IndicatorKind.Aroon]: (bars, { period }) =>
    bars.map((_, i) => {
      if (i < period) return undefined;
      const window = bars.slice(i - period, i + 1);
      const highs = window.map(({ high }) => high);
      const lows = window.map(({ low }) => low);
      const up = (100 * highs.lastIndexOf(Math.max(...highs))) / period;
      const down = (100 * lows.lastIndexOf(Math.min(...lows))) / period;
      return [up, down, up - down];
    }),
  [IndicatorKind.TdSequential]: sequentialTwin,
};
