// Oscillators of momentum.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { balanceOfPower, closeStrength, change, crossing } from "./momentum/change";
import { cci, stoch, STOCH_BASE_BYTES } from "./momentum/oscillators";
import {
  fisher,
  FISHER_BASE_BYTES,
  premier,
  PREMIER_BASE_BYTES,
  RANGE_BASE_BYTES,
  schaff,
  SCHAFF_BASE_BYTES,
  SMI_BASE_BYTES,
  stochMomentum,
  stochRsi,
  STOCH_RSI_BASE_BYTES,
  williams,
} from "./momentum/ranges";
import {
  connors,
  CONNORS_BASE_BYTES,
  coppock,
  COPPOCK_BASE_BYTES,
  knowSure,
  KST_BASE_BYTES,
  priceSpike,
  SPIKE_BASE_BYTES,
} from "./momentum/rates";
import {
  awesome,
  detrended,
  priceOscillator,
  qstick,
  SPREAD_BASE_BYTES,
  trix,
  TRIX_BYTES,
} from "./momentum/spread";
import {
  chande,
  CHANDE_BASE_BYTES,
  deMarker,
  DEMARKER_BASE_BYTES,
  derivative,
  DERIVATIVE_BASE_BYTES,
  trueStrength,
  TRUE_STRENGTH_BYTES,
  ultimate,
  ULTIMATE_BASE_BYTES,
  vigor,
  VIGOR_BASE_BYTES,
} from "./momentum/strength";
import { each1, each2, each3, each4, flags, lines, ONE, periods, state, TWO } from "./row";
import { RING_BASE_BYTES, SUM_BASE_BYTES } from "./stages/window";

/** Rows of the family. */
export function momentumRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Mom:
    case IndicatorKind.Roc:
    case IndicatorKind.Rocp:
    case IndicatorKind.Rocr:
    case IndicatorKind.Rocr100:
      return lines(1) | ONE | periods(1) | state(RING_BASE_BYTES) | each1(1);
    case IndicatorKind.Apo:
    case IndicatorKind.Ppo: {
      const windows = each1(1) | each2(1);
      return lines(1) | ONE | periods(2) | flags(3) | state(SPREAD_BASE_BYTES) | windows;
    }
    case IndicatorKind.Ao:
      return lines(1) | periods(2) | state(SPREAD_BASE_BYTES) | each1(1) | each2(1);
    case IndicatorKind.Trix:
      return lines(1) | ONE | periods(1) | flags(3) | state(TRIX_BYTES);
    case IndicatorKind.Dpo:
      return lines(1) | ONE | periods(1) | state(SUM_BASE_BYTES) | each1(1);
    case IndicatorKind.Qstick:
      return lines(1) | periods(1) | state(SUM_BASE_BYTES) | each1(1);
    case IndicatorKind.Bop:
    case IndicatorKind.CloseStrength:
      return lines(1);
    case IndicatorKind.CrossAny:
    case IndicatorKind.CrossOver:
      return lines(1) | TWO | state(16);
    default:
      return rangeRow(kind);
  }
}

/** Rows of what places a price in a range. */
function rangeRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Stoch:
      return lines(2) | periods(3) | state(STOCH_BASE_BYTES) | each1(4) | each2(1) | each3(1);
    case IndicatorKind.Cci:
      return lines(1) | ONE | periods(1) | state(SUM_BASE_BYTES) | each1(1);
    case IndicatorKind.StochRsi: {
      const sums = each3(1) | each4(1);
      return lines(2) | ONE | periods(4) | state(STOCH_RSI_BASE_BYTES) | each2(4) | sums;
    }
    case IndicatorKind.Willr:
      return lines(1) | periods(1) | state(RANGE_BASE_BYTES) | each1(4);
    case IndicatorKind.Fisher:
      return lines(2) | periods(1) | state(FISHER_BASE_BYTES) | each1(4);
    case IndicatorKind.Stc:
      return lines(1) | ONE | periods(3) | state(SCHAFF_BASE_BYTES) | each1(8);
    case IndicatorKind.PremierStoch:
      return lines(1) | periods(2) | state(PREMIER_BASE_BYTES) | each1(4);
    case IndicatorKind.Smi:
      return lines(2) | periods(4) | state(SMI_BASE_BYTES) | each1(4);
    default:
      return strengthRow(kind);
  }
}

/** Rows of what sets ups against downs, or rates of change against each other. */
function strengthRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Cmo:
      return lines(1) | ONE | periods(1) | flags(1) | state(CHANDE_BASE_BYTES) | each1(2);
    case IndicatorKind.UltOsc:
      return lines(1) | periods(3) | state(ULTIMATE_BASE_BYTES) | each1(2) | each2(2) | each3(2);
    case IndicatorKind.Tsi:
      return lines(2) | ONE | periods(3) | state(TRUE_STRENGTH_BYTES);
    case IndicatorKind.ConnorsRsi:
      return lines(1) | ONE | periods(3) | flags(1) | state(CONNORS_BASE_BYTES) | each3(1);
    case IndicatorKind.Coppock: {
      const windows = each1(1) | each2(1) | each3(1);
      return lines(1) | ONE | periods(3) | state(COPPOCK_BASE_BYTES) | windows;
    }
    case IndicatorKind.Kst: {
      const windows = each1(1) | each2(1) | each3(1) | each4(1);
      return lines(2) | ONE | periods(4) | state(KST_BASE_BYTES) | windows;
    }
    case IndicatorKind.DerivativeOsc:
      return lines(1) | ONE | periods(4) | state(DERIVATIVE_BASE_BYTES) | each4(1);
    case IndicatorKind.RelativeVigor:
      return lines(2) | periods(1) | state(VIGOR_BASE_BYTES) | each1(2);
    case IndicatorKind.PriceSpike:
      return lines(1) | ONE | periods(1) | state(SPIKE_BASE_BYTES) | each1(1);
    case IndicatorKind.DeMarker:
      return lines(1) | periods(1) | state(DEMARKER_BASE_BYTES) | each1(2);
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
    case IndicatorKind.Mom:
    case IndicatorKind.Roc:
    case IndicatorKind.Rocp:
    case IndicatorKind.Rocr:
    case IndicatorKind.Rocr100:
      return change(kind, at, s, candle, out, keep);
    case IndicatorKind.Apo:
      return priceOscillator(at, s, candle, out, keep, false);
    case IndicatorKind.Ppo:
      return priceOscillator(at, s, candle, out, keep, true);
    case IndicatorKind.Ao:
      return awesome(at, s, candle, out, keep);
    case IndicatorKind.Trix:
      return trix(at, s, candle, out, keep);
    case IndicatorKind.Dpo:
      return detrended(at, s, candle, out, keep);
    case IndicatorKind.Qstick:
      return qstick(at, s, candle, out, keep);
    case IndicatorKind.Bop:
      return balanceOfPower(candle, out);
    case IndicatorKind.CloseStrength:
      return closeStrength(candle, out);
    case IndicatorKind.CrossAny:
      return crossing(at, s, candle, out, keep, true);
    case IndicatorKind.CrossOver:
      return crossing(at, s, candle, out, keep, false);
    default:
      return rangeRun(kind, at, s, candle, out, keep);
  }
}

function rangeRun(
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
    case IndicatorKind.Cci:
      return cci(at, s, candle, out, keep);
    case IndicatorKind.StochRsi:
      return stochRsi(at, s, candle, out, keep);
    case IndicatorKind.Willr:
      return williams(at, s, candle, out, keep);
    case IndicatorKind.Fisher:
      return fisher(at, s, candle, out, keep);
    case IndicatorKind.Stc:
      return schaff(at, s, candle, out, keep);
    case IndicatorKind.PremierStoch:
      return premier(at, s, candle, out, keep);
    case IndicatorKind.Smi:
      return stochMomentum(at, s, candle, out, keep);
    default:
      return strengthRun(kind, at, s, candle, out, keep);
  }
}

function strengthRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Cmo:
      return chande(at, s, candle, out, keep);
    case IndicatorKind.UltOsc:
      return ultimate(at, s, candle, out, keep);
    case IndicatorKind.Tsi:
      return trueStrength(at, s, candle, out, keep);
    case IndicatorKind.ConnorsRsi:
      return connors(at, s, candle, out, keep);
    case IndicatorKind.Coppock:
      return coppock(at, s, candle, out, keep);
    case IndicatorKind.Kst:
      return knowSure(at, s, candle, out, keep);
    case IndicatorKind.DerivativeOsc:
      return derivative(at, s, candle, out, keep);
    case IndicatorKind.RelativeVigor:
      return vigor(at, s, candle, out, keep);
    case IndicatorKind.PriceSpike:
      return priceSpike(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.DeMarker, "a slot has a kernel");
      return deMarker(at, s, candle, out, keep);
  }
}
