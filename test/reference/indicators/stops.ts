// Stops that change sides, told as their inventors tell them.
import type { IndicatorSettings } from "../../../src/indicators/entry.ts";
import type { Row } from "../indicators.ts";
import type { Candle } from "./series.ts";
import { wilder } from "./series-math.ts";
import { trueRanges } from "./volatility.ts";

type Settings = Required<IndicatorSettings>;

/** Wilder's parabolic: every trend is told anew from the candle that began it. */
export function sarTwin(
  bars: readonly Candle[],
  { factor, factor2, indicatorFlags }: Settings,
): Row[] {
  const rows: Row[] = [undefined];
  if (bars.length < 2) return rows.slice(0, bars.length);
  const [a, b] = [bars[0]!, bars[1]!];
  const isMiddle = indicatorFlags % 2 === 1;
  const holds = indicatorFlags >= 2;
  const fell = a.low - b.low;
  let isUp = isMiddle ? b.high + b.low >= a.high + a.low : !(fell > 0 && fell > b.high - a.high);
  const origin = isMiddle ? a : b;
  let extreme = isUp ? origin.high : origin.low;
  let stop = isUp ? a.low : a.high;
  let step = Math.min(factor, factor2);
  for (let i = 1; i < bars.length; i++) {
    const bar = bars[i]!;
    // TA-Lib forgets candle 1 once it has its first stop.
    const before = i === 1 && !isMiddle ? bar : bars[i - 1]!;
    const top = Math.max(before.high, bar.high);
    const bottom = Math.min(before.low, bar.low);
    const isBeyond = isUp ? bar.low < stop : bar.high > stop;
    const isAt = isUp ? bar.low === stop : bar.high === stop;
    if (isBeyond || (isAt && !holds)) {
      stop = isUp ? Math.max(extreme, top) : Math.min(extreme, bottom);
      isUp = !isUp;
      step = Math.min(factor, factor2);
      extreme = isUp ? bar.high : bar.low;
    } else {
      const next = isUp ? Math.max(extreme, bar.high) : Math.min(extreme, bar.low);
      if (next !== extreme) step = Math.min(factor2, step + factor);
      extreme = next;
    }
    rows.push([stop, isUp ? 1 : -1, isUp ? stop : -stop]);
    const moved = stop + step * (extreme - stop);
    stop = isUp ? Math.min(moved, bottom) : Math.max(moved, top);
  }
  return rows;
}

/** SuperTrend with Wilder's average true range, whose first range is high - low. */
export function superTrendTwin(bars: readonly Candle[], { period, factor }: Settings): Row[] {
  const range = wilder(trueRanges(bars, true), period);
  let upper = Infinity;
  let lower = -Infinity;
  let isUp: boolean | undefined;
  return bars.map(({ high, low, close }, i) => {
    if (range[i] === undefined) return undefined;
    const before = bars[i - 1]?.close ?? close;
    const [top, bottom] = [
      (high + low) / 2 + factor * range[i],
      (high + low) / 2 - factor * range[i],
    ];
    upper = top < upper || before > upper ? top : upper;
    lower = bottom > lower || before < lower ? bottom : lower;
    isUp = isUp === true ? close >= lower : close > upper;
    return isUp ? [lower, 1] : [upper, -1];
  });
}
