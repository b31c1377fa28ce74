// Oscillators of momentum.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { cci, stoch, STOCH_BASE_BYTES } from "./momentum/oscillators";
import { each1, each2, each3, lines, ONE, periods, state } from "./row";
import { SUM_BASE_BYTES } from "./stages/window";

/** Rows of the family. */
export function momentumRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Stoch:
      return lines(2) | periods(3) | state(STOCH_BASE_BYTES) | each1(4) | each2(1) | each3(1);
    case IndicatorKind.Cci:
      return lines(1) | ONE | periods(1) | state(SUM_BASE_BYTES) | each1(1);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function momentumRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Stoch:
      return stoch(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.Cci, "a slot has a kernel");
      return cci(at, s, candle, out, keep);
  }
}
