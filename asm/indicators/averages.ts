// Averages: lines over the candles.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { dema, tema, wma } from "./averages/chains";
import { each1, flags, lines, ONE, periods, PRICE, state } from "./row";
import { SMOOTH_BYTES } from "./stages/smooth";
import { WEIGHTED_BASE_BYTES } from "./stages/window";

/** Rows of the family. */
export function averagesRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Wma:
      return lines(1) | ONE | PRICE | periods(1) | state(WEIGHTED_BASE_BYTES) | each1(1);
    case IndicatorKind.Dema:
      return lines(1) | ONE | PRICE | periods(1) | flags(1) | state(2 * SMOOTH_BYTES);
    case IndicatorKind.Tema:
      return lines(1) | ONE | PRICE | periods(1) | flags(1) | state(3 * SMOOTH_BYTES);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function averagesRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Wma:
      return wma(at, s, candle, out, keep);
    case IndicatorKind.Dema:
      return dema(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.Tema, "a slot has a kernel");
      return tema(at, s, candle, out, keep);
  }
}
