import { IndicatorKind } from "../../../asm/vocab.ts";
import { ema, emaFirst, type Line, rows, sum, windowed, zip } from "./series-math.ts";
import { read, type Twins } from "./twin.ts";

const first = (line: Line, period: number): Line => emaFirst(line, 2 / (period + 1));
/** The chain of exponential averages a flag chooses. */
const chain = (flags: number): typeof ema => (flags === 1 ? (first as typeof ema) : ema);
/** No value before candle number `from`. */
const since = (line: Line, from: number): Line =>
  line.map((v, i) => (i + 1 < from ? undefined : v));

export const AVERAGES_TWINS: Twins = {
  [IndicatorKind.Wma]: (bars, { period, source }) =>
    rows(
      windowed(read(bars, source), period, (window) => {
        const weights = window.map((_, i) => i + 1);
        return sum(window.map((value, i) => value * weights[i]!)) / sum(weights);
      }),
    ),
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
};
