// Direction and strength of a trend.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { each1, each2, each3, factors, flags, lines, ONE, periods, PRICE, state } from "./row";
import { DIRECTION_BYTES } from "./stages/direction";
import { EXTREME_BASE_BYTES } from "./stages/extreme";
import { SMOOTH_BYTES } from "./stages/smooth";
import { adx, adxr, ADXR_BASE_BYTES, aroon, di, dm, dx } from "./trend/direction";
import { SEQUENTIAL_BYTES, tdSequential } from "./trend/sequential";
import { sar, SAR_BYTES, superTrend, SUPER_TREND_BYTES } from "./trend/stops";
import {
  ichimoku,
  vhf,
  VHF_BASE_BYTES,
  vortex,
  VORTEX_BASE_BYTES,
} from "./trend/windows";

/** Rows of the family. */
export function trendRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Adx:
      return lines(3) | periods(1) | flags(1) | state(DIRECTION_BYTES + SMOOTH_BYTES);
    case IndicatorKind.Aroon:
      return lines(3) | periods(1) | state(2 * (EXTREME_BASE_BYTES + 16)) | each1(4);
    case IndicatorKind.Adxr:
      return lines(1) | periods(1) | flags(1) | state(ADXR_BASE_BYTES) | each1(1);
    case IndicatorKind.Dx:
      return lines(1) | periods(1) | flags(1) | state(DIRECTION_BYTES);
    case IndicatorKind.Di:
      return lines(2) | periods(1) | flags(1) | state(DIRECTION_BYTES);
    case IndicatorKind.Dm:
      return lines(2) | periods(1) | state(DIRECTION_BYTES);
    case IndicatorKind.Sar:
      return lines(3) | PRICE | factors(2) | flags(3) | state(SAR_BYTES);
    case IndicatorKind.SuperTrend:
      return lines(2) | PRICE | periods(1) | factors(1) | state(SUPER_TREND_BYTES);
    case IndicatorKind.Ichimoku: {
      const windows = each1(4) | each2(4) | each3(4);
      return lines(4) | PRICE | periods(3) | state(6 * EXTREME_BASE_BYTES) | windows;
    }
    case IndicatorKind.Vhf:
      return lines(1) | ONE | periods(1) | state(VHF_BASE_BYTES) | each1(5);
    case IndicatorKind.Vortex:
      return lines(2) | periods(1) | state(VORTEX_BASE_BYTES) | each1(3);
    case IndicatorKind.TdSequential:
      return lines(2) | state(SEQUENTIAL_BYTES);
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
    case IndicatorKind.Aroon:
      return aroon(at, s, candle, out, keep);
    case IndicatorKind.Adxr:
      return adxr(at, s, candle, out, keep);
    case IndicatorKind.Dx:
      return dx(at, s, candle, out, keep);
    case IndicatorKind.Di:
      return di(at, s, candle, out, keep);
    case IndicatorKind.Dm:
      return dm(at, s, candle, out, keep);
    case IndicatorKind.Sar:
      return sar(at, s, candle, out, keep);
    case IndicatorKind.SuperTrend:
      return superTrend(at, s, candle, out, keep);
    case IndicatorKind.Ichimoku:
      return ichimoku(at, s, candle, out, keep);
    case IndicatorKind.Vhf:
      return vhf(at, s, candle, out, keep);
    case IndicatorKind.Vortex:
      return vortex(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.TdSequential, "a slot has a kernel");
      return tdSequential(at, s, candle, out, keep);
  }
}
