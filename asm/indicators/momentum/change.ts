// How far a price went: from some candles ago, from one of its own prices to another.
// tidy: tested by test/asm/indicators/families.test.ts
import { logarithm } from "../../math/exponential";
import { IndicatorKind } from "../../vocab";
import { countWith, I_PERIOD, I_SOURCE, I_SOURCE_2, putValue } from "../slot";
import { closeOf, highOf, lowOf, openOf, ratio, sourceOf } from "../stages/input";
import { previousStage } from "../stages/smooth";
import { lagStage } from "../stages/window";

/** The change from `before` to `value` as `kind` puts it. */
function changeOf(kind: i32, value: f64, before: f64): f64 {
  switch (kind) {
    case IndicatorKind.Mom:
      return value - before;
    case IndicatorKind.Roc:
      return 100 * ratio(value - before, before);
    case IndicatorKind.Rocp:
      return ratio(value - before, before);
    case IndicatorKind.Rocr:
      return ratio(value, before);
    default:
      assert(kind == IndicatorKind.Rocr100, "a change has a kind");
      return 100 * ratio(value, before);
  }
}

/** ln(value / before); 0 where one of them is not above 0. */
// @ts-ignore: decorator
@inline
export function logReturn(value: f64, before: f64): f64 {
  return value > 0 && before > 0 ? logarithm(value / before) : 0;
}

/** Momentum and rates of change over `period` candles. */
export function change(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  const period = load<i32>(at, I_PERIOD);
  const value = sourceOf(candle, load<u8>(at, I_SOURCE));
  const before = lagStage(s, value, period, keep);
  if (countWith(at) <= period) return false;
  putValue(out, 0, changeOf(kind, value, before));
  return true;
}

/**
 * 1 on the candle on which source 1 goes above source 2, else 0; `isAny`: also on which it goes
 * below. Touching is not crossing: the one before may be equal.
 */
export function crossing(
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
  isAny: bool,
): bool {
  const left = sourceOf(candle, load<u8>(at, I_SOURCE));
  const right = sourceOf(candle, load<u8>(at, I_SOURCE_2));
  const leftBefore = previousStage(s, left, keep);
  const rightBefore = previousStage(s + 8, right, keep);
  if (countWith(at) == 1) return false;
  const isOver = left > right && leftBefore <= rightBefore;
  const isUnder = left < right && leftBefore >= rightBefore;
  putValue(out, 0, isOver || (isAny && isUnder) ? 1 : 0);
  return true;
}

/** BOP: (close - open) / (high - low), -1 to 1. */
export function balanceOfPower(candle: usize, out: usize): bool {
  putValue(out, 0, ratio(closeOf(candle) - openOf(candle), highOf(candle) - lowOf(candle)));
  return true;
}

/** Internal bar strength: where in its range a candle closed, 0 to 1. */
export function closeStrength(candle: usize, out: usize): bool {
  putValue(out, 0, ratio(closeOf(candle) - lowOf(candle), highOf(candle) - lowOf(candle)));
  return true;
}
