// Candlestick patterns as TA-Lib defines them: its candle settings as a table, its conditions one
// by one. Averages are compared as fractions, so that a tie is a tie.
import { CandlePattern as P } from "../../asm/vocab.ts";
import type { Candle } from "./structure.ts";

type RangeType = "body" | "height" | "shadows";

/** TA-Lib's candle settings: factor (as a fraction) x average over so many candles before. */
const SETTINGS = {
  BodyLong: { type: "body", period: 10, num: 1, den: 1 },
  BodyShort: { type: "body", period: 10, num: 1, den: 1 },
  BodyDoji: { type: "height", period: 10, num: 1, den: 10 },
  ShadowLong: { type: "body", period: 0, num: 1, den: 1 },
  ShadowVeryLong: { type: "body", period: 0, num: 2, den: 1 },
  ShadowShort: { type: "shadows", period: 10, num: 1, den: 2 },
  ShadowVeryShort: { type: "height", period: 10, num: 1, den: 10 },
  Near: { type: "height", period: 5, num: 1, den: 5 },
  Far: { type: "height", period: 5, num: 3, den: 5 },
} as const satisfies Record<string, { type: RangeType; period: number; num: number; den: number }>;
type Setting = keyof typeof SETTINGS;

/** Candles TA-Lib needs before the first value of the pattern that needs most. */
export const PATTERN_CANDLES = 13;

const body = (c: Candle): number => Math.abs(c.close - c.open);
const height = (c: Candle): number => c.high - c.low;
const up = (c: Candle): number => Math.max(c.open, c.close);
const down = (c: Candle): number => Math.min(c.open, c.close);
const upper = (c: Candle): number => c.high - up(c);
const lower = (c: Candle): number => down(c) - c.low;
const color = (c: Candle): 1 | -1 => (c.close >= c.open ? 1 : -1);
const RANGES: Record<RangeType, (c: Candle) => number> = {
  body,
  height,
  shadows: (c) => height(c) - body(c),
};

/** Bull and bear bits of the patterns that candle `i` completes. */
export function patternsAt(all: readonly Candle[], i: number): { bull: number; bear: number } {
  let [bull, bear] = [0, 0];
  for (const [pattern, value] of Object.entries(valuesAt(all, i))) {
    if (value > 0) bull |= 1 << Number(pattern);
    if (value < 0) bear |= 1 << Number(pattern);
  }
  return { bull: bull >>> 0, bear: bear >>> 0 };
}

/** TA-Lib's value of every pattern: above 0 bullish, below 0 bearish. */
function valuesAt(all: readonly Candle[], i: number): Record<P, number> {
  /** Sign of `ticks` less the average of `setting` at candle `at`. */
  const against = (ticks: number, setting: Setting, at: number): number => {
    const { type, period, num, den } = SETTINGS[setting];
    const before = period === 0 ? [all[at]!] : all.slice(at - period, at);
    const sum = before.reduce((total, c) => total + RANGES[type](c), 0);
    return ticks * den * before.length - num * sum;
  };
  const [z, y, x, w] = [all[i - 3]!, all[i - 2]!, all[i - 1]!, all[i]!];
  const isLong = (c: Candle, at: number): boolean => against(body(c), "BodyLong", at) > 0;
  const isDoji = (c: Candle, at: number): boolean => against(body(c), "BodyDoji", at) <= 0;
  const bare = (shadow: number, at = i): boolean => against(shadow, "ShadowVeryShort", at) < 0;
  const gapUp = (b: Candle, a: Candle): boolean => down(b) > up(a);
  const gapDown = (b: Candle, a: Candle): boolean => up(b) < down(a);
  const inside = (b: Candle, a: Candle): boolean => up(b) < up(a) && down(b) > down(a);
  const yes = (...conditions: boolean[]): number => (conditions.every(Boolean) ? 1 : 0);
  const [white, was, first] = [color(w), color(x), color(y)];
  const doji = isDoji(w, i);
  const short = against(body(w), "BodyShort", i) < 0;
  const long = isLong(w, i);
  const longAbove = against(upper(w), "ShadowLong", i) > 0;
  const longBelow = against(lower(w), "ShadowLong", i) > 0;
  const veryLongAbove = against(upper(w), "ShadowVeryLong", i) > 0;
  const veryLongBelow = against(lower(w), "ShadowVeryLong", i) > 0;
  const shortBoth = [upper(w), lower(w)].every((s) => against(s, "ShadowShort", i) < 0);
  const middle = (w.high + w.low) / 2;
  const smallStar = against(body(x), "BodyShort", i - 1) <= 0;
  const dojiStar = isDoji(x, i - 1);
  const bigFirst = isLong(y, i - 2);
  const closesIn = (way: 1 | -1): boolean =>
    10 * way * (w.close - y.close) > 3 * body(y) && against(body(w), "BodyShort", i) > 0;
  const star = (way: 1 | -1, isStar: boolean): number =>
    way *
    yes(
      ...[bigFirst, first === -way, isStar, white === way, closesIn(way)],
      way > 0 ? gapDown(x, y) : gapUp(x, y),
    );
  const engulfs = (b: Candle, a: Candle): boolean => color(b) === -color(a) && inside(a, b);
  return {
    [P.Doji]: yes(doji),
    [P.DragonflyDoji]: yes(doji, bare(upper(w)), against(lower(w), "ShadowVeryShort", i) > 0),
    [P.GravestoneDoji]: yes(doji, bare(lower(w)), against(upper(w), "ShadowVeryShort", i) > 0),
    [P.LongLeggedDoji]: yes(doji, longBelow || longAbove),
    [P.RickshawMan]: yes(
      ...[doji, longBelow, longAbove],
      against(down(w) - middle, "Near", i) <= 0,
      against(middle - up(w), "Near", i) <= 0,
    ),
    [P.Takuri]: yes(doji, bare(upper(w)), veryLongBelow),
    [P.Hammer]: yes(
      ...[short, longBelow, bare(upper(w))],
      against(down(w) - x.low, "Near", i - 1) <= 0,
    ),
    [P.HangingMan]: -yes(
      ...[short, longBelow, bare(upper(w))],
      against(x.high - down(w), "Near", i - 1) <= 0,
    ),
    [P.InvertedHammer]: yes(short, longAbove, bare(lower(w)), gapDown(w, x)),
    [P.ShootingStar]: -yes(short, longAbove, bare(lower(w)), gapUp(w, x)),
    [P.SpinningTop]: white * yes(short, upper(w) > body(w), lower(w) > body(w)),
    [P.HighWave]: white * yes(short, veryLongAbove, veryLongBelow),
    [P.ShortLine]: white * yes(short, shortBoth),
    [P.LongLine]: white * yes(long, shortBoth),
    [P.Marubozu]: white * yes(long, bare(upper(w)), bare(lower(w))),
    [P.ClosingMarubozu]: white * yes(long, bare(white > 0 ? upper(w) : lower(w))),
    [P.BeltHold]: white * yes(long, bare(white > 0 ? lower(w) : upper(w))),
    [P.Engulfing]: white * yes(engulfs(w, x)),
    [P.Harami]: -was * yes(isLong(x, i - 1), against(body(w), "BodyShort", i) <= 0, inside(w, x)),
    [P.HaramiCross]: -was * yes(isLong(x, i - 1), doji, inside(w, x)),
    [P.Piercing]: yes(
      ...[was < 0, isLong(x, i - 1), white > 0, long, w.open < x.low],
      ...[w.close < x.open, 2 * (w.close - x.close) > body(x)],
    ),
    [P.DarkCloudCover]: -yes(
      ...[was > 0, isLong(x, i - 1), white < 0, w.open > x.high],
      ...[w.close > x.open, 2 * (x.close - w.close) > body(x)],
    ),
    [P.DojiStar]: -was * yes(isLong(x, i - 1), doji, was > 0 ? gapUp(w, x) : gapDown(w, x)),
    [P.MorningStar]: star(1, smallStar),
    [P.MorningDojiStar]: star(1, dojiStar),
    [P.EveningStar]: star(-1, smallStar),
    [P.EveningDojiStar]: star(-1, dojiStar),
    [P.AbandonedBaby]:
      white *
      yes(
        ...[bigFirst, dojiStar, white === -first, closesIn(white)],
        white > 0 ? x.high < y.low && w.low > x.high : x.low > y.high && w.high < x.low,
      ),
    [P.ThreeInside]:
      -first *
      yes(
        ...[bigFirst, smallStar, inside(x, y), white === -first],
        white > 0 ? w.close > y.open : w.close < y.open,
      ),
    [P.ThreeOutside]: was * yes(engulfs(x, y), was * (w.close - x.close) > 0),
    [P.ThreeWhiteSoldiers]: yes(
      ...[first > 0, was > 0, white > 0],
      ...[bare(upper(y), i - 2), bare(upper(x), i - 1), bare(upper(w))],
      ...[w.close > x.close, x.close > y.close, x.open > y.open, w.open > x.open],
      against(x.open - y.close, "Near", i - 2) <= 0,
      against(w.open - x.close, "Near", i - 1) <= 0,
      against(body(y) - body(x), "Far", i - 2) < 0,
      against(body(x) - body(w), "Far", i - 1) < 0,
      against(body(w), "BodyShort", i) > 0,
    ),
    [P.ThreeBlackCrows]: -yes(
      ...[color(z) > 0, first < 0, was < 0, white < 0],
      ...[bare(lower(y), i - 2), bare(lower(x), i - 1), bare(lower(w))],
      ...[x.open < y.open, x.open > y.close, w.open < x.open, w.open > x.close],
      ...[z.high > y.close, y.close > x.close, x.close > w.close],
    ),
  };
}
