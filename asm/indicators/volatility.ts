// How far prices stray: deviations, ranges, bands and channels.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import { above, each1, each2, factors, flags, lines, ONE, periods, PRICE, state } from "./row";
import { EXTREME_BASE_BYTES } from "./stages/extreme";
import { ATR_STAGE_BYTES, RANGE_BYTES } from "./stages/range";
import { SUM_BASE_BYTES, VARIANCE_BASE_BYTES } from "./stages/window";
import {
  accBands,
  chandeKroll,
  CHANDE_KROLL_BASE_BYTES,
  donchian,
  keltner,
  KELTNER_BASE_BYTES,
} from "./volatility/channels";
import {
  bandwidth,
  BAND_BASE_BYTES,
  meanDeviation,
  percentB,
  stdDev,
  stdError,
  variance,
  volatility,
  VOLATILITY_BASE_BYTES,
} from "./volatility/deviation";
import {
  averageRange,
  AVERAGE_RANGE_BASE_BYTES,
  cvi,
  CVI_BASE_BYTES,
  mass,
  MASS_BASE_BYTES,
  natr,
  trueRange,
} from "./volatility/ranges";
import {
  choppiness,
  CHOPPINESS_BASE_BYTES,
  relativeVolatility,
  RVI_BASE_BYTES,
  ulcer,
  ULCER_BASE_BYTES,
} from "./volatility/stress";

/** One line from one input over one period. */
const LINE: u64 = 1 | ONE | (1 << 7);
/** Three lines of prices. */
const CHANNEL: u64 = 3 | PRICE;

/** Rows of the family. */
export function volatilityRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.StdDev:
      return LINE | factors(1) | state(VARIANCE_BASE_BYTES) | each1(1);
    case IndicatorKind.Variance:
    case IndicatorKind.StdError:
      return LINE | state(VARIANCE_BASE_BYTES) | each1(1);
    case IndicatorKind.TrueRange:
      return lines(1) | flags(1) | state(RANGE_BYTES);
    case IndicatorKind.Natr:
      return lines(1) | periods(1) | flags(1) | state(ATR_STAGE_BYTES);
    case IndicatorKind.MeanDeviation:
      return LINE | state(SUM_BASE_BYTES) | each1(1);
    case IndicatorKind.Volatility:
      return LINE | factors(1) | state(VOLATILITY_BASE_BYTES) | each1(1);
    case IndicatorKind.Cvi:
      return lines(1) | periods(2) | flags(1) | state(CVI_BASE_BYTES) | each2(1);
    case IndicatorKind.Keltner: {
      const settings = periods(2) | factors(1) | flags(7);
      return CHANNEL | ONE | settings | state(KELTNER_BASE_BYTES) | each1(1);
    }
    case IndicatorKind.Donchian:
      return CHANNEL | periods(1) | state(2 * EXTREME_BASE_BYTES) | each1(4);
    case IndicatorKind.AccBands:
      return CHANNEL | periods(1) | factors(1) | state(3 * SUM_BASE_BYTES) | each1(3);
    case IndicatorKind.PercentB:
    case IndicatorKind.Bandwidth:
      return LINE | factors(1) | state(BAND_BASE_BYTES) | each1(1);
    case IndicatorKind.AverageRange:
      return lines(1) | periods(1) | flags(1) | state(AVERAGE_RANGE_BASE_BYTES) | each1(1);
    case IndicatorKind.Mass:
      return lines(1) | periods(2) | flags(2) | state(MASS_BASE_BYTES) | each1(1);
    case IndicatorKind.Choppiness:
      return lines(1) | periods(1) | above(1) | state(CHOPPINESS_BASE_BYTES) | each1(5);
    case IndicatorKind.Ulcer:
      return LINE | state(ULCER_BASE_BYTES) | each1(3);
    case IndicatorKind.RelativeVolatility:
      return lines(1) | ONE | periods(2) | state(RVI_BASE_BYTES) | each1(1);
    case IndicatorKind.ChandeKroll: {
      const settings = periods(2) | factors(1) | state(CHANDE_KROLL_BASE_BYTES);
      return lines(2) | PRICE | settings | each1(4) | each2(4);
    }
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
    case IndicatorKind.StdDev:
      return stdDev(at, s, candle, out, keep);
    case IndicatorKind.Variance:
      return variance(at, s, candle, out, keep);
    case IndicatorKind.TrueRange:
      return trueRange(at, s, candle, out, keep);
    case IndicatorKind.Natr:
      return natr(at, s, candle, out, keep);
    case IndicatorKind.MeanDeviation:
      return meanDeviation(at, s, candle, out, keep);
    case IndicatorKind.StdError:
      return stdError(at, s, candle, out, keep);
    case IndicatorKind.Volatility:
      return volatility(at, s, candle, out, keep);
    case IndicatorKind.Cvi:
      return cvi(at, s, candle, out, keep);
    case IndicatorKind.Keltner:
      return keltner(at, s, candle, out, keep);
    case IndicatorKind.Donchian:
      return donchian(at, s, candle, out, keep);
    case IndicatorKind.AccBands:
      return accBands(at, s, candle, out, keep);
    case IndicatorKind.PercentB:
      return percentB(at, s, candle, out, keep);
    case IndicatorKind.Bandwidth:
      return bandwidth(at, s, candle, out, keep);
    case IndicatorKind.AverageRange:
      return averageRange(at, s, candle, out, keep);
    case IndicatorKind.Mass:
      return mass(at, s, candle, out, keep);
    case IndicatorKind.Choppiness:
      return choppiness(at, s, candle, out, keep);
    case IndicatorKind.Ulcer:
      return ulcer(at, s, candle, out, keep);
    case IndicatorKind.RelativeVolatility:
      return relativeVolatility(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.ChandeKroll, "a slot has a kernel");
      return chandeKroll(at, s, candle, out, keep);
  }
}
