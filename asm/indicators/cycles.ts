// Cycles: waves in prices and their phase.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { hilbert, HILBERT_BASE_BYTES } from "./cycles/hilbert";
import { sineWave } from "./cycles/wave";
import { each1, factors, lines, ONE, periods, state } from "./row";
import { RING_BASE_BYTES } from "./stages/window";

/** Rows of the family. */
export function cyclesRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.SineWave:
      return lines(2) | ONE | periods(1) | state(RING_BASE_BYTES) | each1(1);
    case IndicatorKind.Hilbert:
      return lines(2) | ONE | periods(1) | factors(2) | state(HILBERT_BASE_BYTES) | each1(1);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function cyclesRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Hilbert:
      return hilbert(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.SineWave, "a slot has a kernel");
      return sineWave(at, s, candle, out, keep);
  }
}
