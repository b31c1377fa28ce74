// Prices to watch: pivots, Fibonacci levels, the volume profile, swings and what they diverge from.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import {
  DIVERGENCE_BASE_BYTES,
  macdDivergence,
  MACD_STATE_BYTES,
  rsiDivergence,
  RSI_STATE_BYTES,
} from "./levels/divergence";
import { fibonacci, FIBONACCI_BASE_BYTES } from "./levels/fibonacci";
import { pivots, PIVOTS_BYTES } from "./levels/pivots";
import { PROFILE_BASE_BYTES, volumeProfile } from "./levels/profile";
import { swing } from "./levels/swings";
import {
  each1,
  each2,
  each3,
  each4,
  factors,
  flags,
  lines,
  ONE,
  periods,
  PRICE,
  state,
} from "./row";
import { SWING_BASE_BYTES } from "./stages/swing";

/** Rows of the family. */
export function levelsRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Pivots:
      return lines(9) | PRICE | flags(9) | state(PIVOTS_BYTES);
    case IndicatorKind.Fibonacci:
      return lines(11) | PRICE | periods(1) | flags(1) | state(FIBONACCI_BASE_BYTES) | each1(4);
    case IndicatorKind.VolumeProfile: {
      const base = lines(4) | PRICE | periods(2) | factors(1);
      return base | state(PROFILE_BASE_BYTES) | each1(6) | each2(1);
    }
    case IndicatorKind.SwingHigh:
    case IndicatorKind.SwingLow:
      return lines(2) | ONE | periods(2) | state(SWING_BASE_BYTES) | each1(1) | each2(1);
    case IndicatorKind.RsiDivergence: {
      const base = lines(2) | periods(3);
      return base | state(DIVERGENCE_BASE_BYTES + RSI_STATE_BYTES) | each2(3) | each3(3);
    }
    case IndicatorKind.MacdDivergence: {
      const base = lines(2) | periods(4);
      return base | state(DIVERGENCE_BASE_BYTES + MACD_STATE_BYTES) | each3(3) | each4(3);
    }
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function levelsRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Pivots:
      return pivots(at, s, candle, out, keep);
    case IndicatorKind.Fibonacci:
      return fibonacci(at, s, candle, out, keep);
    case IndicatorKind.VolumeProfile:
      return volumeProfile(at, s, candle, out, keep);
    case IndicatorKind.SwingHigh:
      return swing(at, s, candle, out, keep, 1);
    case IndicatorKind.SwingLow:
      return swing(at, s, candle, out, keep, -1);
    case IndicatorKind.RsiDivergence:
      return rsiDivergence(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.MacdDivergence, "a slot has a kernel");
      return macdDivergence(at, s, candle, out, keep);
  }
}
