// What volume says.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { SPREAD_BASE_BYTES } from "./momentum/spread";
import { ANCHOR, each1, each2, factors, flags, lines, periods, PRICE, state } from "./row";
import { SUM_BASE_BYTES } from "./stages/window";
import {
  accumulation,
  ACCUMULATION_BYTES,
  chaikin,
  CHAIKIN_BYTES,
  chaikinFlow,
  FLOW_BASE_BYTES,
  moneyIndex,
  obv,
  OBV_BYTES,
  smoothedObv,
  volumeIndex,
  VOLUME_INDEX_BYTES,
} from "./volume/balance";
import { BANDS_BYTES, vwapBands } from "./volume/bands";
import { relativeVolume, RELATIVE_BASE_BYTES } from "./volume/relative";
import {
  easeOfMovement,
  EASE_BASE_BYTES,
  facilitation,
  forceIndex,
  FORCE_BYTES,
  klinger,
  KLINGER_BYTES,
  volumeOscillator,
  williamsBalance,
  WILLIAMS_BYTES,
} from "./volume/force";

/** Rows of the family. */
export function volumeRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Obv:
      return lines(1) | flags(1) | state(OBV_BYTES);
    case IndicatorKind.SmoothedObv:
      return lines(1) | periods(1) | flags(1) | state(OBV_BYTES + SUM_BASE_BYTES) | each1(1);
    case IndicatorKind.Ad:
      return lines(1) | state(ACCUMULATION_BYTES);
    case IndicatorKind.AdOsc:
      return lines(1) | periods(2) | state(CHAIKIN_BYTES);
    case IndicatorKind.Cmf:
    case IndicatorKind.Mfi:
      return lines(1) | periods(1) | state(FLOW_BASE_BYTES) | each1(2);
    case IndicatorKind.Nvi:
    case IndicatorKind.Pvi:
      return lines(1) | state(VOLUME_INDEX_BYTES);
    case IndicatorKind.Emv:
      return lines(1) | periods(1) | state(EASE_BASE_BYTES) | each1(1);
    case IndicatorKind.Kvo:
      return lines(2) | periods(3) | flags(3) | state(KLINGER_BYTES);
    case IndicatorKind.Vosc:
      return lines(1) | periods(2) | state(SPREAD_BASE_BYTES) | each1(1) | each2(1);
    case IndicatorKind.Wad:
      return lines(1) | state(WILLIAMS_BYTES);
    case IndicatorKind.MarketFi:
      return lines(1);
    case IndicatorKind.ForceIndex:
      return lines(1) | periods(1) | flags(1) | state(FORCE_BYTES);
    case IndicatorKind.RelativeVolume:
      return lines(1) | periods(2) | state(RELATIVE_BASE_BYTES) | each2(2);
    case IndicatorKind.VwapBands:
      return lines(7) | PRICE | factors(3) | flags(1) | ANCHOR | state(BANDS_BYTES);
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
    case IndicatorKind.Obv:
      return obv(at, s, candle, out, keep);
    case IndicatorKind.SmoothedObv:
      return smoothedObv(at, s, candle, out, keep);
    case IndicatorKind.Ad:
      return accumulation(s, candle, out, keep);
    case IndicatorKind.AdOsc:
      return chaikin(at, s, candle, out, keep);
    case IndicatorKind.Cmf:
      return chaikinFlow(at, s, candle, out, keep);
    case IndicatorKind.Mfi:
      return moneyIndex(at, s, candle, out, keep);
    case IndicatorKind.Nvi:
      return volumeIndex(at, s, candle, out, keep, -1);
    case IndicatorKind.Pvi:
      return volumeIndex(at, s, candle, out, keep, 1);
    case IndicatorKind.Emv:
      return easeOfMovement(at, s, candle, out, keep);
    case IndicatorKind.Kvo:
      return klinger(at, s, candle, out, keep);
    case IndicatorKind.Vosc:
      return volumeOscillator(at, s, candle, out, keep);
    case IndicatorKind.Wad:
      return williamsBalance(at, s, candle, out, keep);
    case IndicatorKind.MarketFi:
      return facilitation(candle, out);
    case IndicatorKind.ForceIndex:
      return forceIndex(at, s, candle, out, keep);
    case IndicatorKind.RelativeVolume:
      return relativeVolume(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.VwapBands, "a slot has a kernel");
      return vwapBands(at, s, candle, out, keep);
  }
}
