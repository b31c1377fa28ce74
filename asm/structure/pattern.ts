// Candlestick patterns: TA-Lib's names, definitions and settings, two bit sets a closed candle.
//
// An average of TA-Lib is a factor times a sum of the last five or ten candles. Here the sum is
// kept and the other side multiplied, in whole ticks: a tie is a tie, whatever the price.
// tidy: tested by test/asm/structure/pattern.test.ts
import { outBegin, outEnd } from "../output";
import {
  CandlePattern,
  Kind,
  PATTERN_BEARISH,
  PATTERN_BULLISH,
  PATTERN_CELLS,
  PATTERN_INDEX,
  PATTERN_KNOWN_NANOS,
  PATTERN_TIMEFRAME,
} from "../vocab";
import {
  candleEntry,
  K_BODIES,
  K_CLOSE,
  K_HEIGHTS,
  K_HIGH,
  K_LOW,
  K_OPEN,
  M_BEARISH,
  M_BULLISH,
  M_FIRST,
  M_INSTRUMENT,
  M_KNOWN_NANOS,
  M_NUMBER,
  M_TIMEFRAME,
} from "./machine";

/** Candles before the first one looked at: ten for the averages of the third last. */
const PATTERN_CANDLES: u32 = 13;

// @ts-ignore: decorator
@inline
function openOf(at: usize): i64 {
  return load<i64>(at, K_OPEN);
}
// @ts-ignore: decorator
@inline
function closeOf(at: usize): i64 {
  return load<i64>(at, K_CLOSE);
}
// @ts-ignore: decorator
@inline
function isWhite(at: usize): bool {
  return closeOf(at) >= openOf(at);
}
// @ts-ignore: decorator
@inline
function upOf(at: usize): i64 {
  return max(openOf(at), closeOf(at));
}
// @ts-ignore: decorator
@inline
function downOf(at: usize): i64 {
  return min(openOf(at), closeOf(at));
}
// @ts-ignore: decorator
@inline
function bodyOf(at: usize): i64 {
  return upOf(at) - downOf(at);
}
// @ts-ignore: decorator
@inline
function upperOf(at: usize): i64 {
  return load<i64>(at, K_HIGH) - upOf(at);
}
// @ts-ignore: decorator
@inline
function lowerOf(at: usize): i64 {
  return downOf(at) - load<i64>(at, K_LOW);
}

/** Sum of the bodies of the ten candles before `number`. */
function bodies(m: usize, number: u32): i64 {
  const last = load<u64>(candleEntry(m, number - 1), K_BODIES);
  return <i64>(last - load<u64>(candleEntry(m, number - 11), K_BODIES));
}

/** Sum of the ranges of the `count` candles before `number`. */
function heights(m: usize, number: u32, count: u32): i64 {
  const last = load<u64>(candleEntry(m, number - 1), K_HEIGHTS);
  return <i64>(last - load<u64>(candleEntry(m, number - 1 - count), K_HEIGHTS));
}

/** BodyLong: a body above the average body. */
function isLong(m: usize, number: u32): bool {
  return bodyOf(candleEntry(m, number)) * 10 > bodies(m, number);
}

/** BodyDoji: a body of at most a tenth of the average range. */
function isDoji(m: usize, number: u32): bool {
  return bodyOf(candleEntry(m, number)) * 100 <= heights(m, number, 10);
}

/** Near: at most a fifth of the average range of five candles. */
function isNear(m: usize, number: u32, ticks: i64): bool {
  return ticks * 25 <= heights(m, number, 5);
}

/** Far: more than three fifths of it. */
function isFar(m: usize, number: u32, ticks: i64): bool {
  return ticks * 25 >= heights(m, number, 5) * 3;
}

/** ShadowVeryShort: less than a tenth of the average range. */
function isBare(m: usize, number: u32, shadow: i64): bool {
  return shadow * 100 < heights(m, number, 10);
}

// @ts-ignore: decorator
@inline
function bull(m: usize, pattern: u32): void {
  store<u32>(m, load<u32>(m, M_BULLISH) | (<u32>1 << pattern), M_BULLISH);
}
// @ts-ignore: decorator
@inline
function bear(m: usize, pattern: u32): void {
  store<u32>(m, load<u32>(m, M_BEARISH) | (<u32>1 << pattern), M_BEARISH);
}
// @ts-ignore: decorator
@inline
function either(m: usize, isBull: bool, pattern: u32): void {
  if (isBull) bull(m, pattern);
  else bear(m, pattern);
}

/** Looks for patterns that the candle which closed completes; tells them when there are any. */
export function patternClose(m: usize): void {
  const number = load<u32>(m, M_NUMBER);
  if (number - load<u32>(m, M_FIRST) < PATTERN_CANDLES) return;
  store<u32>(m, 0, M_BULLISH);
  store<u32>(m, 0, M_BEARISH);
  dojis(m, number);
  shorts(m, number);
  longs(m, number);
  pairs(m, number);
  stars(m, number);
  threes(m, number);
  soldiers(m, number);
  if ((load<u32>(m, M_BULLISH) | load<u32>(m, M_BEARISH)) == 0) return;
  const rec = outBegin(Kind.PatternEvent, PATTERN_CELLS, load<u32>(m, M_INSTRUMENT));
  store<u8>(rec, load<u8>(m, M_TIMEFRAME), PATTERN_TIMEFRAME);
  store<u32>(rec, load<u32>(m, M_BULLISH), PATTERN_BULLISH);
  store<u32>(rec, load<u32>(m, M_BEARISH), PATTERN_BEARISH);
  store<u64>(rec, number, PATTERN_INDEX);
  store<i64>(rec, load<i64>(m, M_KNOWN_NANOS), PATTERN_KNOWN_NANOS);
  outEnd(rec);
}

/** One candle with hardly a body. */
function dojis(m: usize, number: u32): void {
  if (!isDoji(m, number)) return;
  const at = candleEntry(m, number);
  const body = bodyOf(at);
  const upper = upperOf(at);
  const lower = lowerOf(at);
  const isTopBare = isBare(m, number, upper);
  const isBottomBare = isBare(m, number, lower);
  // Very short is strict on both sides in TA-Lib: a shadow of exactly the average is neither.
  const tenth = heights(m, number, 10);
  bull(m, CandlePattern.Doji);
  if (isTopBare && lower * 100 > tenth) bull(m, CandlePattern.DragonflyDoji);
  if (isBottomBare && upper * 100 > tenth) bull(m, CandlePattern.GravestoneDoji);
  if (lower > body || upper > body) bull(m, CandlePattern.LongLeggedDoji);
  if (isTopBare && lower > 2 * body) bull(m, CandlePattern.Takuri);
  if (lower <= body || upper <= body) return;
  // The body lies near the middle of the range; the middle may be half a tick.
  const middle = load<i64>(at, K_HIGH) + load<i64>(at, K_LOW);
  const isLow = (2 * downOf(at) - middle) * 25 <= heights(m, number, 5) * 2;
  const isHigh = (middle - 2 * upOf(at)) * 25 <= heights(m, number, 5) * 2;
  if (isLow && isHigh) bull(m, CandlePattern.RickshawMan);
}

/** One candle with a short body. */
function shorts(m: usize, number: u32): void {
  const at = candleEntry(m, number);
  const body = bodyOf(at);
  if (body * 10 >= bodies(m, number)) return;
  const before = candleEntry(m, number - 1);
  const upper = upperOf(at);
  const lower = lowerOf(at);
  const white = isWhite(at);
  if (lower > body && isBare(m, number, upper)) {
    const overLow = downOf(at) - load<i64>(before, K_LOW);
    const underHigh = load<i64>(before, K_HIGH) - downOf(at);
    if (isNear(m, number - 1, overLow)) bull(m, CandlePattern.Hammer);
    if (isNear(m, number - 1, underHigh)) bear(m, CandlePattern.HangingMan);
  }
  if (upper > body && isBare(m, number, lower)) {
    if (upOf(at) < downOf(before)) bull(m, CandlePattern.InvertedHammer);
    if (downOf(at) > upOf(before)) bear(m, CandlePattern.ShootingStar);
  }
  if (upper > body && lower > body) either(m, white, CandlePattern.SpinningTop);
  if (upper > 2 * body && lower > 2 * body) either(m, white, CandlePattern.HighWave);
  const shadows = heights(m, number, 10) - bodies(m, number);
  if (upper * 20 < shadows && lower * 20 < shadows) either(m, white, CandlePattern.ShortLine);
}

/** One candle with a long body. */
function longs(m: usize, number: u32): void {
  if (!isLong(m, number)) return;
  const at = candleEntry(m, number);
  const upper = upperOf(at);
  const lower = lowerOf(at);
  const white = isWhite(at);
  const isTopBare = isBare(m, number, upper);
  const isBottomBare = isBare(m, number, lower);
  if (isTopBare && isBottomBare) either(m, white, CandlePattern.Marubozu);
  if (white ? isTopBare : isBottomBare) either(m, white, CandlePattern.ClosingMarubozu);
  if (white ? isBottomBare : isTopBare) either(m, white, CandlePattern.BeltHold);
  const shadows = heights(m, number, 10) - bodies(m, number);
  if (upper * 20 < shadows && lower * 20 < shadows) either(m, white, CandlePattern.LongLine);
}

/** True when the body of `inner` lies inside that of `outer`. */
// @ts-ignore: decorator
@inline
function isInside(inner: usize, outer: usize): bool {
  return upOf(inner) < upOf(outer) && downOf(inner) > downOf(outer);
}

/** True when `at` has the other color and a body around that of `before`. */
// @ts-ignore: decorator
@inline
function engulfs(at: usize, before: usize): bool {
  return isWhite(at) != isWhite(before) && isInside(before, at);
}

/** Two candles. */
function pairs(m: usize, number: u32): void {
  const at = candleEntry(m, number);
  const before = candleEntry(m, number - 1);
  const white = isWhite(at);
  const wasWhite = isWhite(before);
  if (engulfs(at, before)) either(m, white, CandlePattern.Engulfing);
  if (!isLong(m, number - 1)) return;
  const doji = isDoji(m, number);
  if (isInside(at, before)) {
    if (bodyOf(at) * 10 <= bodies(m, number)) either(m, !wasWhite, CandlePattern.Harami);
    if (doji) either(m, !wasWhite, CandlePattern.HaramiCross);
  }
  const isAway = wasWhite ? downOf(at) > upOf(before) : upOf(at) < downOf(before);
  if (doji && isAway) either(m, !wasWhite, CandlePattern.DojiStar);
  // Twice the middle of the body before: it may lie on half a tick.
  const middle = openOf(before) + closeOf(before);
  if (!wasWhite && white && isLong(m, number)) {
    const isPast = closeOf(at) < openOf(before) && 2 * closeOf(at) > middle;
    if (openOf(at) < load<i64>(before, K_LOW) && isPast) bull(m, CandlePattern.Piercing);
  }
  if (wasWhite && !white) {
    const isPast = closeOf(at) > openOf(before) && 2 * closeOf(at) < middle;
    if (openOf(at) > load<i64>(before, K_HIGH) && isPast) bear(m, CandlePattern.DarkCloudCover);
  }
}

/** A long candle, a small one away from it, one that comes back by three tenths of the first. */
function stars(m: usize, number: u32): void {
  const at = candleEntry(m, number);
  const star = candleEntry(m, number - 1);
  const first = candleEntry(m, number - 2);
  const isEvening = isWhite(first);
  if (!isLong(m, number - 2) || !isLong(m, number) || isWhite(at) == isEvening) return;
  const back = isEvening ? closeOf(first) - closeOf(at) : closeOf(at) - closeOf(first);
  if (back * 10 <= bodyOf(first) * 3) return;
  const doji = isDoji(m, number - 1);
  const isAway = isEvening ? downOf(star) > upOf(first) : upOf(star) < downOf(first);
  if (isAway && bodyOf(star) * 10 <= bodies(m, number - 1)) {
    either(m, !isEvening, isEvening ? CandlePattern.EveningStar : CandlePattern.MorningStar);
  }
  if (isAway && doji) {
    const pattern = isEvening ? CandlePattern.EveningDojiStar : CandlePattern.MorningDojiStar;
    either(m, !isEvening, pattern);
  }
  const over = load<i64>(star, K_LOW) > max(load<i64>(first, K_HIGH), load<i64>(at, K_HIGH));
  const under = load<i64>(star, K_HIGH) < min(load<i64>(first, K_LOW), load<i64>(at, K_LOW));
  if (doji && (isEvening ? over : under)) either(m, !isEvening, CandlePattern.AbandonedBaby);
}

/** Three candles: inside or outside, then confirmed. */
function threes(m: usize, number: u32): void {
  const at = candleEntry(m, number);
  const middle = candleEntry(m, number - 1);
  const first = candleEntry(m, number - 2);
  const wasWhite = isWhite(first);
  const white = isWhite(at);
  if (isLong(m, number - 2) && isInside(middle, first) && white != wasWhite) {
    const isSmall = bodyOf(middle) * 10 <= bodies(m, number - 1);
    const isOut = white ? closeOf(at) > openOf(first) : closeOf(at) < openOf(first);
    if (isSmall && isOut) either(m, white, CandlePattern.ThreeInside);
  }
  if (!engulfs(middle, first)) return;
  const isOn = wasWhite ? closeOf(at) < closeOf(middle) : closeOf(at) > closeOf(middle);
  if (isOn) either(m, !wasWhite, CandlePattern.ThreeOutside);
}

/** Three candles of one color, each beginning in the body before it. */
function soldiers(m: usize, number: u32): void {
  const at = candleEntry(m, number);
  const middle = candleEntry(m, number - 1);
  const first = candleEntry(m, number - 2);
  if (isWhite(at) != isWhite(middle) || isWhite(at) != isWhite(first)) return;
  if (isWhite(at)) {
    if (!isSoldier(m, number - 1) || !isSoldier(m, number)) return;
    const isTopBare = isBare(m, number - 2, upperOf(first));
    if (isTopBare && isLong(m, number)) bull(m, CandlePattern.ThreeWhiteSoldiers);
    return;
  }
  const before = candleEntry(m, number - 3);
  if (!isWhite(before) || load<i64>(before, K_HIGH) <= closeOf(first)) return;
  if (!isBare(m, number - 2, lowerOf(first))) return;
  if (isCrow(m, number - 1) && isCrow(m, number)) bear(m, CandlePattern.ThreeBlackCrows);
}

function isSoldier(m: usize, number: u32): bool {
  const at = candleEntry(m, number);
  const before = candleEntry(m, number - 1);
  if (!isBare(m, number, upperOf(at)) || closeOf(at) <= closeOf(before)) return false;
  if (openOf(at) <= openOf(before)) return false;
  if (!isNear(m, number - 1, openOf(at) - closeOf(before))) return false;
  return !isFar(m, number - 1, bodyOf(before) - bodyOf(at));
}

function isCrow(m: usize, number: u32): bool {
  const at = candleEntry(m, number);
  const before = candleEntry(m, number - 1);
  if (!isBare(m, number, lowerOf(at)) || closeOf(at) >= closeOf(before)) return false;
  return openOf(at) < openOf(before) && openOf(at) > closeOf(before);
}
