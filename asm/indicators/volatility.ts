// How far prices stray: deviations, ranges, bands and channels.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { each1, factors, lines, ONE, periods, state } from "./row";
import { VARIANCE_BASE_BYTES } from "./stages/window";
import { stdDev } from "./volatility/deviation";

/** Rows of the family. */
export function volatilityRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.StdDev:
      return lines(1) | ONE | periods(1) | factors(1) | state(VARIANCE_BASE_BYTES) | each1(1);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function volatilityRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    default:
      assert(kind == IndicatorKind.StdDev, "a slot has a kernel");
      return stdDev(at, s, candle, out, keep);
  }
}
