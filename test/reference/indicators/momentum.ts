import { IndicatorKind } from "../../../asm/vocab.ts";
import {
  ema,
  emaFirst,
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
import { read, type Twin, type Twins } from "./twin.ts";
import { variance } from "./volatility.ts";

const highest = (values: Line, period: number): Line =>
  windowed(values, period, (window) => Math.max(...window));
const lowest = (values: Line, period: number): Line =>
  windowed(values, period, (window) => Math.min(...window));
const highs = (bars: readonly Candle[]): number[] => bars.map(({ high }) => high);
const lows = (bars: readonly Candle[]): number[] => bars.map(({ low }) => low);
const closes = (bars: readonly Candle[]): number[] => bars.map(({ close }) => close);
const medians = (bars: readonly Candle[]): number[] => bars.map((bar) => (bar.high + bar.low) / 2);
const weighted = (values: Line, period: number): Line =>
  windowed(
    values,
    period,
    (window) => sum(window.map((value, i) => value * (i + 1))) / sum(window.map((_, i) => i + 1)),
  );
const simple = (values: Line, period: number): Line => windowed(values, period, mean);
const first = (values: Line, period: number): Line => emaFirst(values, 2 / (period + 1));
/** The value some candles before, undefined where there was none. */
const back = (values: Line, candles: number): Line => values.map((_, i) => values[i - candles]);
/** Each value minus the one before it. */
const moves = (values: Line): Line => zip((now, before) => now - before, values, back(values, 1));
/** Where a value lies in its own last `period`, 0 to 1. */
const place = (values: Line, period: number): Line =>
  zip((v, h, l) => ratio(v - l, h - l), values, highest(values, period), lowest(values, period));

/** Raw %K, 0 to 100. */
function rawK(bars: readonly Candle[], period: number): Line {
  const [high, low] = [highest(highs(bars), period), lowest(lows(bars), period)];
  return zip((c, h, l) => 100 * ratio(c - l, h - l), closes(bars), high, low);
}

/** Wilder's relative strength; an input that stands still leaves it where it was. */
function strength(values: number[], period: number): Line {
  const moved = moves(values);
  const up = wilder(
    moved.map((move) => (move === undefined ? move : Math.max(move, 0))),
    period,
  );
  const down = wilder(
    moved.map((move) => (move === undefined ? move : Math.max(-move, 0))),
    period,
  );
  const line = zip((u, d) => 100 * ratio(u, u + d), up, down);
  if (period === 1) return line;
  for (let i = period + 1; i < line.length; i++) if (moved[i] === 0) line[i] = line[i - 1];
  return line;
}

/** Change over `period` candles. */
function change(compute: (now: number, before: number) => number): Twin {
  return (bars, { period, source }) => {
    const values = read(bars, source);
    return rows(zip(compute, values, back(values, period)));
  };
}

const logReturn = (now: number, before: number): number =>
  now > 0 && before > 0 ? Math.log(now / before) : 0;

/** Averages of the choice: exponential, simple, weighted, exponential from the first value. */
function spread(values: number[], fast: number, slow: number, sort: number): [Line, Line] {
  const [quick, calm] = [Math.min(fast, slow), Math.max(fast, slow)];
  const average = [ema, simple, weighted, first][sort]!;
  const since = (line: Line): Line => line.map((v, i) => (i + 1 < calm ? undefined : v));
  return [since(average(values, quick)), since(average(values, calm))];
}

/** 1 where the first input went over the second, and if `isAny` where it went under. */
function crossing(isAny: boolean): Twin {
  return (bars, { source, source2 }) => {
    const [left, right] = [read(bars, source), read(bars, source2)];
    const sides = bars.map((_, i) => Math.sign(left[i]! - right[i]!));
    return rows(
      sides.map((side, i) => {
        if (i === 0) return undefined;
        const isOver = side > 0 && sides[i - 1]! <= 0;
        const isUnder = side < 0 && sides[i - 1]! >= 0;
        return isOver || (isAny && isUnder) ? 1 : 0;
      }),
    );
  };
}

const CHANGES: Twins = {
  [IndicatorKind.Mom]: change((now, before) => now - before),
  [IndicatorKind.Roc]: change((now, before) => ratio(now - before, before) * 100),
  [IndicatorKind.Rocp]: change((now, before) => ratio(now - before, before)),
  [IndicatorKind.Rocr]: change(ratio),
  [IndicatorKind.Rocr100]: change((now, before) => ratio(now, before) * 100),
  [IndicatorKind.Bop]: (bars) =>
    bars.map(({ open, high, low, close }) => [ratio(close - open, high - low)]),
  [IndicatorKind.CloseStrength]: (bars) =>
    bars.map(({ high, low, close }) => [ratio(close - low, high - low)]),
  [IndicatorKind.CrossAny]: crossing(true),
  [IndicatorKind.CrossOver]: crossing(false),
};

const SPREADS: Twins = {
  [IndicatorKind.Apo]: (bars, { period, period2, source, indicatorFlags }) => {
    const lines = spread(read(bars, source), period, period2, indicatorFlags);
    return rows(zip((fast, slow) => fast - slow, ...lines));
  },
  [IndicatorKind.Ppo]: (bars, { period, period2, source, indicatorFlags }) => {
    const lines = spread(read(bars, source), period, period2, indicatorFlags);
    return rows(zip((fast, slow) => 100 * ratio(fast - slow, slow), ...lines));
  },
  [IndicatorKind.Ao]: (bars, { period, period2 }) =>
    rows(zip((fast, slow) => fast - slow, ...spread(medians(bars), period, period2, 1))),
  [IndicatorKind.Trix]: (bars, { period, source, indicatorFlags }) => {
    // An average has its first value with its period's last, whatever it began with.
    const late = (line: Line, p: number): Line => {
      const from = line.findIndex((value) => value !== undefined) + p - 1;
      return first(line, p).map((value, i) => (i < from ? undefined : value));
    };
    const smooth = (indicatorFlags & 1) === 1 ? late : ema;
    const isOfNow = (indicatorFlags & 2) !== 0;
    const triple = smooth(smooth(smooth(read(bars, source), period), period), period);
    return rows(
      zip(
        (now, before) => 100 * ratio(now - before, isOfNow ? now : before),
        triple,
        back(triple, 1),
      ),
    );
  },
  [IndicatorKind.Dpo]: (bars, { period, source }) => {
    const values = read(bars, source);
    const shifted = back(values, Math.floor(period / 2) + 1);
    return rows(zip((value, average) => value - average, shifted, simple(values, period)));
  },
  [IndicatorKind.Qstick]: (bars, { period }) =>
    rows(
      simple(
        bars.map(({ open, close }) => close - open),
        period,
      ),
    ),
};

const RANGES: Twins = {
  [IndicatorKind.Stoch]: (bars, { period, period2, period3 }) => {
    const k = simple(rawK(bars, period), period2);
    return rows(k, simple(k, period3));
  },
  [IndicatorKind.Cci]: (bars, { period, source }) =>
    rows(
      windowed(read(bars, source), period, (window) => {
        const middle = mean(window);
        const deviation = mean(window.map((value) => Math.abs(value - middle)));
        if (window.every((value) => value === window[0])) return 0;
        return (window.at(-1) - middle) / (0.015 * deviation);
      }),
    ),
  [IndicatorKind.StochRsi]: (bars, { period, period2, period3, period4, source }) => {
    const raw = place(strength(read(bars, source), period), period2);
    const k = simple(
      zip((value) => 100 * value, raw),
      period3,
    );
    return rows(k, simple(k, period4));
  },
  [IndicatorKind.Willr]: (bars, { period }) => {
    const [high, low] = [highest(highs(bars), period), lowest(lows(bars), period)];
    return rows(zip((c, h, l) => -100 * ratio(h - c, h - l), closes(bars), high, low));
  },
  [IndicatorKind.Fisher]: (bars, { period }) => {
    const places = place(medians(bars), period);
    let [smooth, fisher] = [0, 0];
    return places.map((where) => {
      if (where === undefined) return undefined;
      smooth = 0.33 * 2 * (where - 0.5) + 0.67 * smooth;
      if (Math.abs(smooth) > 0.99) smooth = 0.999 * Math.sign(smooth);
      const before = fisher;
      fisher = 0.5 * Math.log((1 + smooth) / (1 - smooth)) + 0.5 * before;
      return [fisher, before];
    });
  },
  [IndicatorKind.Stc]: (bars, { period, period2, period3, source }) => {
    const values = read(bars, source);
    const [fast, slow] = [Math.min(period2, period3), Math.max(period2, period3)];
    const macd = zip((a, b) => a - b, ema(values, fast), ema(values, slow));
    const percent = (line: Line): Line => zip((value) => 100 * value, place(line, period));
    return rows(ema(percent(ema(percent(macd), 3)), 3));
  },
  [IndicatorKind.PremierStoch]: (bars, { period, period2 }) => {
    const raw = zip((k) => 0.1 * (k - 50), rawK(bars, period));
    return rows(zip((x) => (Math.exp(x) - 1) / (Math.exp(x) + 1), ema(ema(raw, period2), period2)));
  },
  [IndicatorKind.Smi]: (bars, { period, period2, period3, period4 }) => {
    const [high, low] = [highest(highs(bars), period), lowest(lows(bars), period)];
    const twice = (line: Line): Line => ema(ema(line, period2), period3);
    const off = twice(zip((c, h, l) => c - (h + l) / 2, closes(bars), high, low));
    const range = twice(zip((h, l) => h - l, high, low));
    const index = zip((a, b) => 100 * ratio(a, b / 2), off, range);
    return rows(index, ema(index, period4));
  },
};

const STRENGTHS: Twins = {
  [IndicatorKind.Cmo]: (bars, { period, source, indicatorFlags }) => {
    const moved = moves(read(bars, source));
    const total = (line: Line): Line =>
      indicatorFlags === 1 ? windowed(line, period, sum) : wilder(line, period);
    const up = total(zip((move) => Math.max(move, 0), moved));
    const down = total(zip((move) => Math.max(-move, 0), moved));
    return rows(zip((u, d) => 100 * ratio(u - d, u + d), up, down));
  },
  [IndicatorKind.UltOsc]: (bars, { period, period2, period3 }) => {
    const before = back(closes(bars), 1);
    const won = zip((c, l, b) => c - Math.min(l, b), closes(bars), lows(bars), before);
    const range = zip(
      (h, l, b) => Math.max(h, b) - Math.min(l, b),
      highs(bars),
      lows(bars),
      before,
    );
    const average = (p: number): Line => zip(ratio, windowed(won, p, sum), windowed(range, p, sum));
    const lines = [period, period2, period3].map(average);
    return rows(zip((a, b, c) => (100 * (4 * a + 2 * b + c)) / 7, ...lines));
  },
  [IndicatorKind.Tsi]: (bars, { period, period2, period3, source }) => {
    const moved = moves(read(bars, source));
    const twice = (line: Line): Line => ema(ema(line, period), period2);
    const index = zip(
      (a, b) => 100 * ratio(a, b),
      twice(moved),
      twice(zip((move) => Math.abs(move), moved)),
    );
    return rows(index, ema(index, period3));
  },
  [IndicatorKind.ConnorsRsi]: (bars, { period, period2, period3, source, indicatorFlags }) => {
    const values = read(bars, source);
    // What stands still ends a streak, or is left out of it.
    const isKept = indicatorFlags === 1;
    const ways = values.map((value, i) => Math.sign(value - (values[i - 1] ?? value)));
    const streaks = ways.map((_, i) => {
      const last = ways.slice(0, i + 1).filter((way) => !isKept || way !== 0);
      const turn = last.findLastIndex((way) => way !== last.at(-1));
      return (last.at(-1) ?? 0) * (last.length - 1 - turn);
    });
    const changes = zip((now, before) => ratio(now - before, before), values, back(values, 1));
    const rank = windowed(
      changes,
      period3 + 1,
      (window) => (100 * window.filter((value) => value < window.at(-1)).length) / period3,
    );
    const lines = [strength(values, period), strength(streaks, period2), rank];
    return rows(zip((a, b, c) => (a + b + c) / 3, ...lines));
  },
  [IndicatorKind.Coppock]: (bars, { period, period2, period3, source }) => {
    const values = read(bars, source);
    const rate = (p: number): Line =>
      zip((now, before) => 100 * ratio(now - before, before), values, back(values, p));
    return rows(
      weighted(
        zip((a, b) => a + b, rate(period), rate(period2)),
        period3,
      ),
    );
  },
  [IndicatorKind.Kst]: (bars, { period, period2, period3, period4, source }) => {
    const values = read(bars, source);
    const parts = [period, period2, period3, period4].map((p, i) => {
      const rate = zip((now, b) => 100 * ratio(now - b, b), values, back(values, p));
      return simple(rate, [10, 10, 10, 15][i]!);
    });
    const line = zip((a, b, c, d) => a + 2 * b + 3 * c + 4 * d, ...parts);
    return rows(line, simple(line, 9));
  },
  [IndicatorKind.DerivativeOsc]: (bars, { period, period2, period3, period4, source }) => {
    const twice = ema(ema(strength(read(bars, source), period), period2), period3);
    return rows(zip((value, average) => value - average, twice, simple(twice, period4)));
  },
  [IndicatorKind.RelativeVigor]: (bars, { period }) => {
    const symmetric = (line: Line): Line =>
      windowed(line, 4, ([a, b, c, d]) => (a! + 2 * b! + 2 * c! + d!) / 6);
    const body = symmetric(bars.map(({ open, close }) => close - open));
    const range = symmetric(bars.map(({ high, low }) => high - low));
    const index = zip(ratio, windowed(body, period, sum), windowed(range, period, sum));
    return rows(index, symmetric(index));
  },
  [IndicatorKind.PriceSpike]: (bars, { period, source }) => {
    const values = read(bars, source);
    const returns = zip(logReturn, back(values, 1), back(values, 2));
    const deviation = windowed(returns, period, (window) =>
      window.every((value) => value === window[0]) ? 0 : Math.sqrt(variance(window)),
    );
    return rows(
      zip(
        (now, before, dev) => ratio(now - before, dev * before),
        values,
        back(values, 1),
        deviation,
      ),
    );
  },
  [IndicatorKind.DeMarker]: (bars, { period }) => {
    const up = zip((move) => Math.max(move, 0), moves(highs(bars)));
    const down = zip((move) => Math.max(-move, 0), moves(lows(bars)));
    const lines = [up, down].map((line) => windowed(line, period, sum));
    return rows(zip((u, d) => ratio(u, u + d), ...lines));
  },
};

export const MOMENTUM_TWINS: Twins = { ...CHANGES, ...SPREADS, ...RANGES, ...STRENGTHS };
