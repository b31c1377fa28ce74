// DeMark's sequential as a story: find a setup, tell its candles, then look for its countdown.
import type { Row } from "../indicators.ts";
import type { Candle } from "./series.ts";

/** Phase and count of each candle from the fifth on. */
export function sequentialTwin(bars: readonly Candle[]): Row[] {
  const rows: Row[] = bars.map((_, i) => (i < 4 ? undefined : [0, 0]));
  const way = (i: number): number => Math.sign(bars[i]!.close - bars[i - 4]!.close);
  let i = 4;
  while (i < bars.length) {
    const sign = way(i);
    if (sign === 0) {
      i += 1;
      continue;
    }
    let end = i;
    while (end < bars.length && end < i + 9 && way(end) === sign) end++;
    for (let k = i; k < end; k++) rows[k] = [sign < 0 ? 1 : 2, k - i + 1];
    if (end - i < 9) {
      // The candle that breaks a setup off belongs to none.
      i = end + 1;
      continue;
    }
    const setup = bars.slice(i, end);
    if (isPerfect(setup, sign)) rows[end - 1] = [sign < 0 ? 5 : 6, 9];
    i = countdown(bars, rows, end, setup, sign);
  }
  return rows;
}

function isPerfect(setup: readonly Candle[], sign: number): boolean {
  const far = setup.map(({ high, low }) => (sign < 0 ? -low : high));
  return [far[7]!, far[8]!].some((value) => value > far[5]! && value > far[6]!);
}

/** Tells the countdown that begins at candle `from`; returns the candle after it. */
function countdown(
  bars: readonly Candle[],
  rows: Row[],
  from: number,
  setup: readonly Candle[],
  sign: number,
): number {
  const edge =
    sign < 0
      ? Math.max(...setup.map(({ high }) => high))
      : Math.min(...setup.map(({ low }) => low));
  let count = 0;
  for (let i = from; i < bars.length; i++) {
    const close = bars[i]!.close;
    const before = bars[i - 2]!;
    if (sign < 0 ? close <= before.low : close >= before.high) {
      count += 1;
      rows[i] = [sign < 0 ? 3 : 4, count];
      if (count === 13) return i + 1;
    } else if (sign < 0 ? close > edge : close < edge) {
      return i + 1;
    }
  }
  return bars.length;
}
