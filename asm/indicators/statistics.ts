// Statistics of a window of inputs.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { each1, lines, ONE, periods, PRICE, state } from "./row";
import { EXTREME_BASE_BYTES } from "./stages/extreme";
import { RING_BASE_BYTES, SUM_BASE_BYTES } from "./stages/window";
import { extreme, lag, sum } from "./statistics/windows";

/** Rows of the family. */
export function statisticsRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Max:
    case IndicatorKind.Min:
      return lines(1) | ONE | PRICE | periods(1) | state(EXTREME_BASE_BYTES) | each1(2);
    case IndicatorKind.Sum:
      return lines(1) | ONE | periods(1) | state(SUM_BASE_BYTES) | each1(1);
    case IndicatorKind.Lag:
      return lines(1) | ONE | PRICE | periods(1) | state(RING_BASE_BYTES) | each1(1);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function statisticsRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Max:
      return extreme(at, s, candle, out, keep, 1);
    case IndicatorKind.Min:
      return extreme(at, s, candle, out, keep, -1);
    case IndicatorKind.Sum:
      return sum(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.Lag, "a slot has a kernel");
      return lag(at, s, candle, out, keep);
  }
}
