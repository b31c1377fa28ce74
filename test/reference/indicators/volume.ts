import { IndicatorKind } from "../../../asm/vocab.ts";
import { ema, emaFirst, type Line, mean, ratio, rows, sum, windowed, zip } from "./series-math.ts";
import type { Candle } from "./series.ts";
import type { Twin, Twins } from "./twin.ts";

const DAY_SECONDS = 86_400;
const medians = (bars: readonly Candle[]): number[] => bars.map((bar) => (bar.high + bar.low) / 2);
const volumes = (bars: readonly Candle[]): number[] => bars.map(({ volume }) => volume);
const ranges = (bars: readonly Candle[]): number[] => bars.map(({ high, low }) => high - low);
/** What `compute` makes of each candle and the one before; undefined for the first. */
const steps = (bars: readonly Candle[], compute: (bar: Candle, before: Candle) => number): Line =>
  bars.map((bar, i) => (i === 0 ? undefined : compute(bar, bars[i - 1]!)));
/** Sums from the first value on. */
const running = (line: Line): Line => {
  let total = 0;
  return line.map((value) => (value === undefined ? undefined : (total += value)));
};
const since = (line: Line, from: number): Line =>
  line.map((v, i) => (i + 1 < from ? undefined : v));

function balance(bars: readonly Candle[], isFromZero: boolean): Line {
  const signed = steps(bars, (bar, before) => Math.sign(bar.close - before.close) * bar.volume);
  signed[0] = isFromZero ? 0 : bars[0]!.volume;
  return running(signed);
}

function flow({ high, low, close, volume }: Candle): number {
  return ratio(close - low - (high - close), high - low) * volume;
}

/** A series from 1000 that follows closes on candles whose volume went the way of `sign`. */
function volumeIndex(sign: number): Twin {
  return (bars) => {
    let index = 1000;
    return bars.map((bar, i) => {
      const before = bars[i - 1];
      const isCounted = before !== undefined && (bar.volume - before.volume) * sign > 0;
      if (isCounted) index *= bar.close / before.close;
      return [index];
    });
  };
}

/** Klinger's volume force: the trend's sign, and the candle's range as a part of its movement. */
function volumeForce(bars: readonly Candle[], isDoubled: boolean): Line {
  const typical = ({ high, low, close }: Candle): number => high + low + close;
  const range = ({ high, low }: Candle): number => high - low;
  let [trend, moved] = [0, 0];
  return steps(bars, (bar, before) => {
    const way = Math.sign(typical(bar) - typical(before)) || trend;
    moved = range(bar) + (way === trend ? moved : range(before));
    trend = way;
    const share = isDoubled ? 2 * (range(bar) / moved - 1) : (2 * range(bar)) / moved - 1;
    if (moved === 0) return 0;
    return 100 * (trend === -1 ? -1 : 1) * Math.abs(share) * bar.volume;
  });
}

/** VWAP and bands, summed anew over the session of each candle. */
const bands: Twin = (bars, { factor, factor2, factor3, indicatorFlags, anchorSeconds }) => {
  const sessions = bars.map(({ endMillis }) => {
    const last = endMillis / 1000 - 1e-9;
    if (indicatorFlags === 1) return last < anchorSeconds ? -1 : 0;
    return Math.floor((last - anchorSeconds) / DAY_SECONDS);
  });
  const typical = ({ high, low, close }: Candle): number => (high + low + close) / 3;
  return bars.map((_, i) => {
    if (sessions[i] === -1 && indicatorFlags === 1) return undefined;
    const session = bars.slice(0, i + 1).filter((__, j) => sessions[j] === sessions[i]);
    const lots = sum(volumes(session));
    if (lots === 0) return undefined;
    const average = sum(session.map((bar) => typical(bar) * bar.volume)) / lots;
    const squares = session.map((bar) => bar.volume * (typical(bar) - average) ** 2);
    const deviation = Math.sqrt(sum(squares) / lots);
    const widths = [factor, factor2, factor3].map((one) => one * deviation);
    return [
      average,
      ...widths.map((width) => average + width),
      ...widths.map((width) => average - width),
    ];
  });
};

/** Volume of the day so far over its mean by this time of the last days, of the candles kept. */
const relative: Twin = (bars, { period, period2 }) => {
  const dayOf = ({ endMillis }: Candle): number => Math.ceil(endMillis / 86_400_000) - 1;
  const timeOf = (bar: Candle): number => bar.endMillis - dayOf(bar) * 86_400_000;
  return bars.map((bar, i) => {
    const by = (day: number): number =>
      sum(
        volumes(bars.slice(0, i + 1).filter((b) => dayOf(b) === day && timeOf(b) <= timeOf(bar))),
      );
    const kept = bars.slice(Math.max(0, i - period2), i);
    const days = [...new Set(kept.map(dayOf))].filter((day) => day < dayOf(bar)).reverse();
    const isForgotten = (day: number): boolean =>
      kept.length === period2 && dayOf(kept[0]!) === day && timeOf(kept[0]!) > timeOf(bar);
    const known = days.slice(0, period).filter((day) => !isForgotten(day));
    return [known.length === 0 ? 0 : ratio(by(dayOf(bar)), mean(known.map(by)))];
  });
};

export const VOLUME_TWINS: Twins = {
  [IndicatorKind.RelativeVolume]: relative,
  [IndicatorKind.Obv]: (bars, { indicatorFlags }) => rows(balance(bars, indicatorFlags === 1)),
  [IndicatorKind.SmoothedObv]: (bars, { period, indicatorFlags }) =>
    rows(windowed(balance(bars, indicatorFlags === 1), period, mean)),
  [IndicatorKind.Ad]: (bars) => rows(running(bars.map(flow))),
  [IndicatorKind.AdOsc]: (bars, { period, period2 }) => {
    const line = running(bars.map(flow));
    const average = (p: number): Line => emaFirst(line, 2 / (p + 1));
    const both = zip((fast, slow) => fast - slow, average(period), average(period2));
    return rows(since(both, Math.max(period, period2)));
  },
  [IndicatorKind.Cmf]: (bars, { period }) =>
    rows(zip(ratio, windowed(bars.map(flow), period, sum), windowed(volumes(bars), period, sum))),
  [IndicatorKind.Mfi]: (bars, { period }) => {
    const typical3 = ({ high, low, close }: Candle): number => high + low + close;
    const turnover = (sign: number): Line =>
      steps(bars, (bar, before) =>
        Math.sign(typical3(bar) - typical3(before)) === sign ? typical3(bar) * bar.volume : 0,
      );
    const lines = [1, -1].map((sign) => windowed(turnover(sign), period, sum));
    return rows(zip((up, down) => 100 * ratio(up, up + down), ...lines));
  },
  [IndicatorKind.Nvi]: volumeIndex(-1),
  [IndicatorKind.Pvi]: volumeIndex(1),
  [IndicatorKind.Emv]: (bars, { period }) => {
    const middle = medians(bars);
    const ease = bars.map(({ volume }, i) =>
      i === 0
        ? undefined
        : 10_000 * ratio((middle[i]! - middle[i - 1]!) * ranges(bars)[i]!, volume),
    );
    return rows(windowed(ease, period, mean));
  },
  [IndicatorKind.Kvo]: (bars, { period, period2, period3, indicatorFlags }) => {
    const force = volumeForce(bars, (indicatorFlags & 2) !== 0);
    const average = (line: Line, p: number): Line =>
      (indicatorFlags & 1) === 1 ? emaFirst(line, 2 / (p + 1)) : ema(line, p);
    const both = zip((a, b) => a - b, average(force, period), average(force, period2));
    const line = since(both, Math.max(period, period2) + 1);
    return rows(line, since(average(line, period3), Math.max(period, period2) + period3));
  },
  [IndicatorKind.Vosc]: (bars, { period, period2 }) => {
    const average = (p: number): Line => windowed(volumes(bars), p, mean);
    const lines = [Math.min(period, period2), Math.max(period, period2)].map(average);
    return rows(zip((fast, slow) => 100 * ratio(fast - slow, slow), ...lines));
  },
  [IndicatorKind.Wad]: (bars) =>
    rows(
      running(
        steps(bars, ({ high, low, close }, before) => {
          if (close > before.close) return close - Math.min(low, before.close);
          return close < before.close ? close - Math.max(high, before.close) : 0;
        }),
      ),
    ),
  [IndicatorKind.MarketFi]: (bars) => bars.map((bar) => [ratio(bar.high - bar.low, bar.volume)]),
  [IndicatorKind.ForceIndex]: (bars, { period, indicatorFlags }) => {
    const force = steps(bars, (bar, before) => (bar.close - before.close) * bar.volume);
    const line = indicatorFlags === 1 ? emaFirst(force, 2 / (period + 1)) : ema(force, period);
    return rows(since(line, period + 1));
  },
  [IndicatorKind.VwapBands]: bands,
};
