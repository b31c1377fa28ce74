// Statistics of a window of inputs.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import {
  above,
  each1,
  each2,
  factors,
  flags,
  lines,
  ONE,
  periods,
  PRICE,
  state,
  TWO,
} from "./row";
import { EXTREME_BASE_BYTES } from "./stages/extreme";
import { MOMENT_BASE_BYTES } from "./stages/pair";
import { SORTED_BASE_BYTES } from "./stages/sorted";
import { RING_BASE_BYTES, SUM_BASE_BYTES, VARIANCE_BASE_BYTES } from "./stages/window";
import {
  autocorrelation,
  AUTOCORRELATION_BASE_BYTES,
  beta,
  BETA_BASE_BYTES,
  correl,
  CORREL_BASE_BYTES,
  halfLife,
} from "./statistics/pairs";
import { forecastOscillator, line, LINE_BASE_BYTES, lineFit } from "./statistics/regression";
import {
  RETURNS_BASE_BYTES,
  sharpe,
  sortino,
  SORTINO_BASE_BYTES,
  valueAtRisk,
} from "./statistics/risk";
import {
  efficiency,
  EFFICIENCY_BASE_BYTES,
  hurst,
  HURST_BASE_BYTES,
  logReturn,
  RATIO_BASE_BYTES,
  varianceRatio,
} from "./statistics/scaling";
import {
  decay,
  exponentialDecay,
  extremeAge,
  median,
  percentRank,
  standardError,
  zScore,
  ZSCORE_BASE_BYTES,
} from "./statistics/spread";
import { extreme, lag, sum } from "./statistics/windows";

/** One line, one source, one period: most kinds. */
const PLAIN: u64 = 1 | (1 << 4) | (1 << 7);

/** Rows of the family. */
export function statisticsRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Max:
    case IndicatorKind.Min:
      return PLAIN | PRICE | state(EXTREME_BASE_BYTES) | each1(2);
    case IndicatorKind.MaxIndex:
    case IndicatorKind.MinIndex:
      return PLAIN | state(EXTREME_BASE_BYTES) | each1(2);
    case IndicatorKind.Sum:
      return PLAIN | state(SUM_BASE_BYTES) | each1(1);
    case IndicatorKind.Lag:
      return PLAIN | PRICE | state(RING_BASE_BYTES) | each1(1);
    case IndicatorKind.LogReturn:
      return PLAIN | state(RING_BASE_BYTES) | each1(1);
    case IndicatorKind.StdErr:
      return PLAIN | state(VARIANCE_BASE_BYTES) | each1(1);
    case IndicatorKind.ZScore:
      return PLAIN | state(ZSCORE_BASE_BYTES) | each1(1);
    case IndicatorKind.Median:
      return PLAIN | PRICE | state(SORTED_BASE_BYTES) | each1(2);
    case IndicatorKind.PercentRank:
      return PLAIN | flags(1) | state(SORTED_BASE_BYTES) | each1(2);
    case IndicatorKind.Decay:
      return PLAIN | PRICE | factors(1) | state(8);
    case IndicatorKind.EDecay:
      return PLAIN | PRICE | state(8);
    case IndicatorKind.Efficiency:
      return PLAIN | state(EFFICIENCY_BASE_BYTES) | each1(2);
    case IndicatorKind.HalfLife:
      return PLAIN | above(1) | state(8 + CORREL_BASE_BYTES) | each1(2);
    case IndicatorKind.Hurst:
      return PLAIN | above(3) | state(HURST_BASE_BYTES) | each1(1);
    default:
      return wideRow(kind);
  }
}

/** Rows of lines, of pairs and of returns. */
function wideRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.LinReg:
    case IndicatorKind.LinRegIntercept:
    case IndicatorKind.Tsf:
      return PLAIN | PRICE | above(1) | state(MOMENT_BASE_BYTES) | each1(1);
    case IndicatorKind.LinRegSlope:
      return PLAIN | above(1) | state(MOMENT_BASE_BYTES) | each1(1);
    case IndicatorKind.LinRegAngle:
      return PLAIN | above(1) | factors(1) | state(MOMENT_BASE_BYTES) | each1(1);
    case IndicatorKind.Fosc:
      return PLAIN | above(1) | state(LINE_BASE_BYTES) | each1(1);
    case IndicatorKind.LinRegError:
    case IndicatorKind.RSquared:
      return PLAIN | above(2) | state(MOMENT_BASE_BYTES) | each1(1);
    case IndicatorKind.Correl:
      return lines(1) | TWO | periods(1) | above(1) | state(CORREL_BASE_BYTES) | each1(2);
    case IndicatorKind.Beta:
      return lines(1) | TWO | periods(1) | above(1) | state(BETA_BASE_BYTES) | each1(2);
    case IndicatorKind.Autocorrelation: {
      const base = lines(1) | ONE | periods(2) | above(1) | flags(1);
      return base | state(AUTOCORRELATION_BASE_BYTES) | each1(2) | each2(1);
    }
    case IndicatorKind.VarianceRatio: {
      const base = lines(1) | ONE | periods(2) | above(1);
      return base | state(RATIO_BASE_BYTES) | each1(2) | each2(1);
    }
    case IndicatorKind.Sharpe:
      return PLAIN | above(1) | factors(1) | state(RETURNS_BASE_BYTES) | each1(1);
    case IndicatorKind.Sortino:
      return PLAIN | factors(1) | state(SORTINO_BASE_BYTES) | each1(2);
    case IndicatorKind.ValueAtRisk:
      return PLAIN | above(1) | flags(2) | state(RETURNS_BASE_BYTES) | each1(1);
    default:
      return 0;
  }
}

/** Runs a kernel of the family; see composed.ts. */
export function statisticsRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.Max:
      return extreme(at, s, candle, out, keep, 1);
    case IndicatorKind.Min:
      return extreme(at, s, candle, out, keep, -1);
    case IndicatorKind.MaxIndex:
      return extremeAge(at, s, candle, out, keep, 1);
    case IndicatorKind.MinIndex:
      return extremeAge(at, s, candle, out, keep, -1);
    case IndicatorKind.Sum:
      return sum(at, s, candle, out, keep);
    case IndicatorKind.Lag:
      return lag(at, s, candle, out, keep);
    case IndicatorKind.LogReturn:
      return logReturn(at, s, candle, out, keep);
    case IndicatorKind.StdErr:
      return standardError(at, s, candle, out, keep);
    case IndicatorKind.ZScore:
      return zScore(at, s, candle, out, keep);
    case IndicatorKind.Median:
      return median(at, s, candle, out, keep);
    case IndicatorKind.PercentRank:
      return percentRank(at, s, candle, out, keep);
    case IndicatorKind.Decay:
      return decay(at, s, candle, out, keep);
    case IndicatorKind.EDecay:
      return exponentialDecay(at, s, candle, out, keep);
    case IndicatorKind.Efficiency:
      return efficiency(at, s, candle, out, keep);
    default:
      return wideRun(kind, at, s, candle, out, keep);
  }
}

function wideRun(
  kind: i32,
  at: usize,
  s: usize,
  candle: usize,
  out: usize,
  keep: bool,
): bool {
  switch (kind) {
    case IndicatorKind.LinReg:
    case IndicatorKind.LinRegSlope:
    case IndicatorKind.LinRegIntercept:
    case IndicatorKind.LinRegAngle:
    case IndicatorKind.Tsf:
      return line(at, s, candle, out, keep, kind);
    case IndicatorKind.Fosc:
      return forecastOscillator(at, s, candle, out, keep);
    case IndicatorKind.LinRegError:
    case IndicatorKind.RSquared:
      return lineFit(at, s, candle, out, keep, kind);
    case IndicatorKind.Correl:
      return correl(at, s, candle, out, keep);
    case IndicatorKind.Beta:
      return beta(at, s, candle, out, keep);
    case IndicatorKind.Autocorrelation:
      return autocorrelation(at, s, candle, out, keep);
    case IndicatorKind.HalfLife:
      return halfLife(at, s, candle, out, keep);
    case IndicatorKind.Hurst:
      return hurst(at, s, candle, out, keep);
    case IndicatorKind.VarianceRatio:
      return varianceRatio(at, s, candle, out, keep);
    case IndicatorKind.Sharpe:
      return sharpe(at, s, candle, out, keep);
    case IndicatorKind.Sortino:
      return sortino(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.ValueAtRisk, "a slot has a kernel");
      return valueAtRisk(at, s, candle, out, keep);
  }
}
