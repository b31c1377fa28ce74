// What volume says.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { lines, state } from "./row";
import { obv } from "./volume/balance";

/** Rows of the family. */
export function volumeRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Obv:
      return lines(1) | state(16);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function volumeRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    default:
      assert(kind == IndicatorKind.Obv, "a slot has a kernel");
      return obv(at, s, candle, out, keep);
  }
}
