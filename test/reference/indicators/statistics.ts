import { IndicatorKind } from "../../../asm/vocab.ts";
import { type Line, mean, ratio, rows, sum, windowed } from "./series-math.ts";
import { read, type Twin, type Twins } from "./twin.ts";

/** Distances of the values from their mean; exactly 0 where all are equal. */
function distances(values: readonly number[]): number[] {
  const moved = values.map((value) => value - values[0]!);
  const middle = mean(moved);
  return moved.map((value) => value - middle);
}

/** Population covariance. */
function covariance(left: readonly number[], right: readonly number[]): number {
  const other = distances(right);
  return mean(distances(left).map((value, i) => value * other[i]!));
}

const deviation = (values: readonly number[]): number => Math.sqrt(covariance(values, values));
const isFlat = (values: readonly number[]): boolean => values.every((v) => v === values[0]);

function correlation(left: readonly number[], right: readonly number[]): number {
  if (isFlat(left) || isFlat(right)) return 0;
  return ratio(covariance(left, right), deviation(left) * deviation(right));
}

const slopeOn = (x: readonly number[], y: readonly number[]): number =>
  isFlat(x) ? 0 : covariance(x, y) / covariance(x, x);

/** Least squares of a window on 0, 1, 2, ... */
function fit(window: readonly number[]): { from: number; slope: number; left: number[] } {
  const places = window.map((_, i) => i);
  const slope = slopeOn(places, window);
  const from = window[0]! + mean(window.map((value) => value - window[0]!)) - slope * mean(places);
  const moved = distances(window);
  const middle = mean(places);
  return { from, slope, left: moved.map((value, i) => value - slope * (i - middle)) };
}

/** A twin of one source over its last `period` inputs. */
function over(
  compute: (window: number[], settings: Parameters<Twin>[1]) => number,
  extra: (settings: Parameters<Twin>[1]) => number = () => 0,
): Twin {
  return (bars, settings) =>
    rows(
      windowed(read(bars, settings.source), settings.period + extra(settings), (window) =>
        compute(window, settings),
      ),
    );
}

const onePlus = (): number => 1;
const returnsOf = (values: readonly number[]): number[] =>
  values.slice(1).map((value, i) => (values[i] === 0 ? 0 : value / values[i]! - 1));
const logReturn = (value: number, before: number): number =>
  value > 0 && before > 0 ? Math.log(value / before) : 0;
const movesOf = (values: readonly number[], lag: number): number[] =>
  values.slice(lag).map((value, i) => value - values[i]!);

/** A value that falls by `fall` until an input is above it. */
function decaying(inputs: readonly number[], fall: (value: number) => number): Line {
  let value = inputs[0]!;
  return inputs.map((input, i) => (value = i === 0 ? input : Math.max(input, fall(value))));
}

function hurst(window: readonly number[]): number {
  const lags: number[] = [];
  for (let lag = 1; 2 * lag <= window.length; lag *= 2) lags.push(lag);
  const spreads = lags.map((lag) =>
    mean(window.slice(lag).map((value, i) => (value - window[i]!) ** 2)),
  );
  if (spreads.includes(0)) return 0;
  return slopeOn(lags.map(Math.log), spreads.map(Math.log)) / 2;
}

function halfLife(window: readonly number[]): number {
  const persistence = slopeOn(window.slice(0, -1), window.slice(1));
  if (persistence <= 1e-9 || persistence >= 1) return 0;
  const candles = -Math.LN2 / Math.log(persistence);
  return candles <= 1e6 ? candles : 0;
}

const LINES: Twins = {
  [IndicatorKind.LinReg]: over((window, { period }) => {
    const { from, slope } = fit(window);
    return from + slope * (period - 1);
  }),
  [IndicatorKind.LinRegSlope]: over((window) => fit(window).slope),
  [IndicatorKind.LinRegIntercept]: over((window) => fit(window).from),
  [IndicatorKind.LinRegAngle]: over(
    (window, { factor }) => (Math.atan(fit(window).slope * factor) * 180) / Math.PI,
  ),
  [IndicatorKind.Tsf]: over((window, { period }) => {
    const { from, slope } = fit(window);
    return from + slope * period;
  }),
  [IndicatorKind.Fosc]: over((window, { period }) => {
    const { from, slope } = fit(window.slice(0, -1));
    const value = window.at(-1);
    return value === 0 ? 0 : (100 * (value - (from + slope * period))) / value;
  }, onePlus),
  [IndicatorKind.StdErr]: over((window, { period }) => deviation(window) / Math.sqrt(period)),
  [IndicatorKind.LinRegError]: over((window, { period }) =>
    Math.sqrt(sum(fit(window).left.map((value) => value ** 2)) / (period - 2)),
  ),
  [IndicatorKind.RSquared]: over((window) => {
    const rest = mean(fit(window).left.map((value) => value ** 2));
    return isFlat(window) ? 0 : 1 - rest / covariance(window, window);
  }),
};

const PAIRS: Twins = {
  [IndicatorKind.Correl]: (bars, { period, source, source2 }) => {
    const other = read(bars, source2);
    let i = period - 1;
    return rows(
      windowed(read(bars, source), period, (window) => {
        i += 1;
        return correlation(window, other.slice(i - period, i));
      }),
    );
  },
  [IndicatorKind.Beta]: (bars, { period, source, source2 }) => {
    const other = read(bars, source2);
    let i = period;
    return rows(
      windowed(read(bars, source), period + 1, (window) => {
        i += 1;
        return slopeOn(returnsOf(window), returnsOf(other.slice(i - period - 1, i)));
      }),
    );
  },
  [IndicatorKind.Autocorrelation]: over(
    (window, { period2, indicatorFlags }) => {
      const inputs = indicatorFlags === 0 ? returnsOf(window) : window;
      return correlation(inputs.slice(0, -period2), inputs.slice(period2));
    },
    ({ period2, indicatorFlags }) => period2 + (indicatorFlags === 0 ? 1 : 0),
  ),
  [IndicatorKind.HalfLife]: over(halfLife, onePlus),
  [IndicatorKind.Hurst]: over(hurst),
  [IndicatorKind.VarianceRatio]: over(
    (window, { period, period2 }) => {
      const short = movesOf(window, 1).slice(-period);
      const long = movesOf(window, period2).slice(-period);
      return isFlat(short) ? 0 : covariance(long, long) / (period2 * covariance(short, short));
    },
    ({ period2 }) => period2,
  ),
};

const RETURNS: Twins = {
  [IndicatorKind.LogReturn]: over((window) => logReturn(window.at(-1), window[0]!), onePlus),
  [IndicatorKind.Sharpe]: over((window, { factor }) => {
    const moves = returnsOf(window);
    return ratio(mean(moves) - (factor - 1), deviation(moves));
  }, onePlus),
  [IndicatorKind.Sortino]: over((window, { factor }) => {
    const moves = returnsOf(window).map((move) => move - (factor - 1));
    return ratio(mean(moves), Math.sqrt(mean(moves.map((move) => Math.min(move, 0) ** 2))));
  }, onePlus),
  [IndicatorKind.ValueAtRisk]: over((window, { period, indicatorFlags }) => {
    // Standard normal quantiles of 0.99, 0.95, 0.9, from a table.
    const quantile = [2.326347874040841, 1.644853626951473, 1.281551565544601][indicatorFlags]!;
    const moves = returnsOf(window);
    return mean(moves) - quantile * deviation(moves) * Math.sqrt(period / (period - 1));
  }, onePlus),
};

export const STATISTICS_TWINS: Twins = {
  ...LINES,
  ...PAIRS,
  ...RETURNS,
  [IndicatorKind.Max]: over((window) => Math.max(...window)),
  [IndicatorKind.Min]: over((window) => Math.min(...window)),
  [IndicatorKind.Sum]: over(sum),
  [IndicatorKind.Lag]: over((window) => window[0]!, onePlus),
  [IndicatorKind.MaxIndex]: over(
    (window) => window.length - 1 - window.lastIndexOf(Math.max(...window)),
  ),
  [IndicatorKind.MinIndex]: over(
    (window) => window.length - 1 - window.lastIndexOf(Math.min(...window)),
  ),
  [IndicatorKind.ZScore]: over((window) => ratio(distances(window).at(-1), deviation(window))),
  [IndicatorKind.Median]: over((window) => {
    const sorted = [...window].sort((a, b) => a - b);
    const half = sorted.length / 2;
    return mean(sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1));
  }),
  [IndicatorKind.PercentRank]: over((window, { period, indicatorFlags }) => {
    const value = window.at(-1);
    const below = window
      .slice(0, -1)
      .filter((v) => v < value || (v === value && indicatorFlags === 0));
    return (100 * below.length) / period;
  }, onePlus),
  [IndicatorKind.Decay]: (bars, { period, source, factor }) =>
    rows(decaying(read(bars, source), (value) => value - factor / period)),
  [IndicatorKind.EDecay]: (bars, { period, source }) =>
    rows(decaying(read(bars, source), (value) => value * (1 - 1 / period))),
  [IndicatorKind.Efficiency]: over((window) => {
    const gone = sum(window.slice(1).map((value, i) => Math.abs(value - window[i]!)));
    return ratio(Math.abs(window.at(-1) - window[0]!), gone);
  }, onePlus),
};
