import { IndicatorKind } from "../../../asm/vocab.ts";
import { ratio, rows, sum, wilder, type Line } from "./series-math.ts";
import type { Candle } from "./series.ts";
import type { Twins } from "./twin.ts";

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

export const TREND_TWINS: Twins = {
  [IndicatorKind.Adx]: (bars, { period }) => {
    const { plus, minus, range } = movements(bars);
    const lines = [plus, minus, range].map((values) => wilderSum(values, period));
    const later = lines.map((line) => line.map((value, i) => (i < period ? undefined : value)));
    const [up, down, all] = later as [Line, Line, Line];
    const index = up.map((value, i) =>
      value === undefined ? undefined : 100 * ratio(Math.abs(value - down[i]!), value + down[i]!),
    );
    const share = (line: Line): Line =>
      line.map((value, i) => (value === undefined ? value : 100 * ratio(value, all[i]!)));
    return rows(wilder(index, period), share(up), share(down));
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
};
