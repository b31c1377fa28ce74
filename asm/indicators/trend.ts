// Direction and strength of a trend.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { each1, lines, periods, state } from "./row";
import { DIRECTION_BYTES } from "./stages/direction";
import { EXTREME_BASE_BYTES } from "./stages/extreme";
import { SMOOTH_BYTES } from "./stages/smooth";
import { adx, aroon } from "./trend/direction";

/** Rows of the family. */
export function trendRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Adx:
      return lines(3) | periods(1) | state(DIRECTION_BYTES + SMOOTH_BYTES);
    case IndicatorKind.Aroon:
      return lines(3) | periods(1) | state(2 * (EXTREME_BASE_BYTES + 16)) | each1(4);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function trendRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Adx:
      return adx(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.Aroon, "a slot has a kernel");
      return aroon(at, s, candle, out, keep);
  }
}
