import { IndicatorKind } from "../../../asm/vocab.ts";
import { mean, ratio, rows, windowed, zip } from "./series-math.ts";
import { read, type Twins } from "./twin.ts";

export const MOMENTUM_TWINS: Twins = {
  [IndicatorKind.Stoch]: (bars, { period, period2, period3 }) => {
    const highs = windowed(
      bars.map(({ high }) => high),
      period,
      (window) => Math.max(...window),
    );
    const lows = windowed(
      bars.map(({ low }) => low),
      period,
      (window) => Math.min(...window),
    );
    const closes = bars.map(({ close }) => close);
    const raw = zip((c, h, l) => 100 * ratio(c - l, h - l), closes, highs, lows);
    const k = windowed(raw, period2, mean);
    return rows(k, windowed(k, period3, mean));
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
};
