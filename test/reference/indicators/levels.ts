import { IndicatorKind } from "../../../asm/vocab.ts";
import { macdTwin, type Row, rsiTwin } from "../indicators.ts";
import type { Candle } from "./series.ts";
import { read, type Twins } from "./twin.ts";

const DAY_MILLIS = 86_400_000;

/** The five rules of pivots, each as pivot and pairs of resistance and support. */
const PIVOT_RULES: readonly ((bar: Omit<Candle, "volume" | "endMillis">) => number[])[] = [
  ({ high, low, close }) => {
    const p = (high + low + close) / 3;
    const r1 = 2 * p - low;
    const s1 = 2 * p - high;
    return [p, r1, s1, p + (r1 - s1), p - (r1 - s1), high + 2 * (p - low), low - 2 * (high - p)];
  },
  ({ high, low, close }) => {
    const p = (high + low + close) / 3;
    return [p, ...[0.382, 0.618, 1].flatMap((k) => [p + k * (high - low), p - k * (high - low)])];
  },
  ({ high, low, close }) => [
    (high + low + close) / 3,
    ...[12, 6, 4, 2].flatMap((k) => {
      const distance = ((high - low) * 1.1) / k;
      return [close + distance, close - distance];
    }),
  ],
  ({ high, low, close }) => {
    const p = (high + low + 2 * close) / 4;
    return [p, 2 * p - low, 2 * p - high, p + high - low, p - (high - low)];
  },
  ({ open, high, low, close }) => {
    let x = high + low + 2 * close;
    if (close < open) x = high + 2 * low + close;
    if (close > open) x = 2 * high + low + close;
    return [x / 4, x / 2 - low, x / 2 - high];
  },
];

function merged(bars: readonly Candle[]): Omit<Candle, "volume" | "endMillis"> {
  return {
    open: bars[0]!.open,
    high: Math.max(...bars.map(({ high }) => high)),
    low: Math.min(...bars.map(({ low }) => low)),
    close: bars.at(-1)!.close,
  };
}

interface Swing {
  /** Candle of the swing, and the one that confirmed it. */
  at: number;
  known: number;
  value: number;
}

/** Strict extremes of `left` values before and `right` after, in the order they become known. */
export function swingsOf(
  values: readonly number[],
  left: number,
  right: number,
  sign: number,
): Swing[] {
  const found: Swing[] = [];
  for (let at = left; at + right < values.length; at++) {
    const others = [...values.slice(at - left, at), ...values.slice(at + 1, at + right + 1)];
    const value = values[at]!;
    if (others.every((other) => other * sign < value * sign)) {
      found.push({ at, known: at + right, value });
    }
  }
  return found;
}

function fibonacci(high: number, low: number, isUp: boolean): number[] {
  const [from, to] = isUp ? [low, high] : [high, low];
  const back = [0, 0.236, 0.382, 0.5, 0.618, 0.786, 1].map((k) => to - k * (to - from));
  const beyond = [1.272, 1.618, 2.618].map((k) => from + k * (to - from));
  return [...back, ...beyond, isUp ? 1 : -1];
}

function fibonacciOfWindow(window: readonly Candle[]): number[] {
  const highs = window.map(({ high }) => high);
  const lows = window.map(({ low }) => low);
  const [high, low] = [Math.max(...highs), Math.min(...lows)];
  const [highAt, lowAt] = [highs.lastIndexOf(high), lows.lastIndexOf(low)];
  const { open, close } = window.at(-1)!;
  const isBoth = highAt === window.length - 1 && lowAt === window.length - 1;
  return fibonacci(high, low, isBoth ? close >= open : highAt >= lowAt);
}

function profile(window: readonly Candle[], count: number, share: number): Row {
  const high = Math.max(...window.map((bar) => bar.high));
  const low = Math.min(...window.map((bar) => bar.low));
  const lots = Array.from({ length: count }, () => 0);
  for (const bar of window) {
    // Whole numbers: a price on an edge belongs to the bucket above it, whatever rounding thinks.
    const above = BigInt(bar.high) + BigInt(bar.low) + BigInt(bar.close) - 3n * BigInt(low);
    const place =
      high === low ? 0 : Number((above * BigInt(count)) / (3n * (BigInt(high) - BigInt(low))));
    lots[Math.min(place, count - 1)]! += bar.volume;
  }
  const total = lots.reduce((sum, one) => sum + one, 0);
  if (total === 0) return undefined;
  const point = lots.indexOf(Math.max(...lots));
  let [from, to] = [point, point];
  const inside = (): number => lots.slice(from, to + 1).reduce((sum, one) => sum + one, 0);
  while (inside() < share * total && to - from + 1 < count) {
    if ((lots[to + 1] ?? -1) >= (lots[from - 1] ?? -1)) to += 1;
    else from -= 1;
  }
  const width = (high - low) / count;
  const edges = [low + (to + 1) * width, low + from * width];
  return [low + (point + 0.5) * width, ...edges, lots[point]!];
}

/** 0 none, 1 regular, 2 hidden, by the candle that confirms the second swing. */
function divergences(
  swings: readonly Swing[],
  oscillator: readonly (number | undefined)[],
  scale: (known: number) => number,
  sign: number,
): Map<number, number> {
  const found = new Map<number, number>();
  const valued = swings.filter(({ at }) => oscillator[at] !== undefined);
  valued.slice(1).forEach((swing, i) => {
    const before = valued[i]!;
    const price = (swing.value - before.value) * sign;
    const moved = (oscillator[swing.at]! - oscillator[before.at]!) * sign;
    const least = 1e-9 * scale(swing.known);
    if (price > 0 && moved < -least) found.set(swing.known, 1);
    if (price < 0 && moved > least) found.set(swing.known, 2);
  });
  return found;
}

function divergenceRows(
  bars: readonly Candle[],
  oscillator: readonly (number | undefined)[],
  wings: readonly [number, number],
  scale: (known: number) => number,
): Row[] {
  const highs = swingsOf(
    bars.map(({ high }) => high),
    ...wings,
    1,
  );
  const lows = swingsOf(
    bars.map(({ low }) => low),
    ...wings,
    -1,
  );
  const bearish = divergences(highs, oscillator, scale, 1);
  const bullish = divergences(lows, oscillator, scale, -1);
  const first = oscillator.findIndex((value) => value !== undefined);
  return bars.map((_, i) => {
    if (first < 0 || i < first || i < wings[0] + wings[1]) return undefined;
    return [bullish.get(i) ?? 0, bearish.get(i) ?? 0];
  });
}

function swingRows(values: readonly number[], left: number, right: number, sign: number): Row[] {
  const swings = swingsOf(values, left, right, sign);
  return values.map((_, i) => {
    if (i < left + right) return undefined;
    const last = swings.findLast(({ known }) => known <= i);
    return last === undefined ? [0, 0] : [last.value, i - last.at];
  });
}

export const LEVELS_TWINS: Twins = {
  [IndicatorKind.Pivots]: (bars, { indicatorFlags }) => {
    const rule = PIVOT_RULES[indicatorFlags >> 1]!;
    const dayOf = ({ endMillis }: Candle): number => Math.ceil(endMillis / DAY_MILLIS);
    return bars.map((bar, i) => {
      const past = bars.slice(0, i).filter((one) => dayOf(one) < dayOf(bar));
      const base = (indicatorFlags & 1) === 0 ? bars.slice(Math.max(0, i - 1), i) : past;
      if (base.length === 0) return undefined;
      const last = dayOf(base.at(-1));
      const levels = rule(merged(base.filter((one) => dayOf(one) === last)));
      return [...levels, ...Array.from({ length: 9 - levels.length }, () => 0)];
    });
  },
  [IndicatorKind.Fibonacci]: (bars, { period, indicatorFlags }) => {
    if (indicatorFlags === 0) {
      return bars.map((_, i) =>
        i + 1 < period ? undefined : fibonacciOfWindow(bars.slice(i + 1 - period, i + 1)),
      );
    }
    const highs = swingsOf(
      bars.map(({ high }) => high),
      period,
      period,
      1,
    );
    const lows = swingsOf(
      bars.map(({ low }) => low),
      period,
      period,
      -1,
    );
    return bars.map((_, i) => {
      const high = highs.findLast(({ known }) => known <= i);
      const low = lows.findLast(({ known }) => known <= i);
      if (high === undefined || low === undefined) return undefined;
      return fibonacci(high.value, low.value, high.at >= low.at);
    });
  },
  [IndicatorKind.VolumeProfile]: (bars, { period, period2, factor }) =>
    bars.map((_, i) =>
      i + 1 < period ? undefined : profile(bars.slice(i + 1 - period, i + 1), period2, factor),
    ),
  [IndicatorKind.SwingHigh]: (bars, { period, period2, source }) =>
    swingRows(read(bars, source), period, period2, 1),
  [IndicatorKind.SwingLow]: (bars, { period, period2, source }) =>
    swingRows(read(bars, source), period, period2, -1),
  [IndicatorKind.RsiDivergence]: (bars, { period, period2, period3 }) => {
    const oscillator = rsiTwin([...bars], period).map((row) => row?.[0]);
    return divergenceRows(bars, oscillator, [period2, period3], () => 100);
  },
  [IndicatorKind.MacdDivergence]: (bars, { period, period2, period3, period4 }) => {
    const [fast, slow] = [Math.min(period, period2), Math.max(period, period2)];
    const oscillator = macdTwin([...bars], fast, slow, 1).map((row) => row?.[0]);
    return divergenceRows(bars, oscillator, [period3, period4], (known) => bars[known]!.close);
  },
};
