// Averages: lines over the candles.
// tidy: tested by test/asm/indicators/shape.test.ts
import { IndicatorKind } from "../vocab";
import {
  kama,
  KAMA_BASE_BYTES,
  vidya,
  VIDYA_BASE_BYTES,
  zlema,
  ZLEMA_BASE_BYTES,
} from "./averages/adaptive";
import { dema, ma, t3, tema, wma } from "./averages/chains";
import {
  alma,
  ALMA_BASE_BYTES,
  frama,
  FRAMA_BASE_BYTES,
  relma,
} from "./averages/shaped";
import { hma, midpoint, midprice, price, trima, vwma } from "./averages/windows";
import { each1, each2, factors, flags, lines, ONE, periods, PRICE, state } from "./row";
import { EXTREME_BASE_BYTES } from "./stages/extreme";
import { SMOOTH_BYTES } from "./stages/smooth";
import { SUM_BASE_BYTES, WEIGHTED_BASE_BYTES } from "./stages/window";

/** What most averages are: one line of prices from one input over one period. */
const LINE: u64 = 1 | ONE | PRICE | (1 << 7);

/** Rows of the family. */
export function averagesRow(kind: i32): u64 {
  switch (kind) {
    case IndicatorKind.Wma:
      return LINE | state(WEIGHTED_BASE_BYTES) | each1(1);
    case IndicatorKind.Dema:
      return LINE | flags(2) | state(2 * SMOOTH_BYTES);
    case IndicatorKind.Tema:
      return LINE | flags(2) | state(3 * SMOOTH_BYTES);
    case IndicatorKind.Ma:
      return LINE | flags(7) | state(WEIGHTED_BASE_BYTES) | each1(1);
    case IndicatorKind.Trima:
      return LINE | state(2 * SUM_BASE_BYTES + 8) | each1(1);
    case IndicatorKind.Kama:
      return lines(1) | ONE | PRICE | periods(3) | state(KAMA_BASE_BYTES) | each1(2);
    case IndicatorKind.Hma:
      return LINE | state(3 * WEIGHTED_BASE_BYTES) | each1(3);
    case IndicatorKind.Zlema:
      return LINE | state(ZLEMA_BASE_BYTES) | each1(1);
    case IndicatorKind.Vidya: {
      const settings = periods(2) | factors(1) | state(VIDYA_BASE_BYTES);
      return lines(1) | ONE | PRICE | settings | each1(1) | each2(1);
    }
    case IndicatorKind.Vwma:
      return LINE | state(2 * SUM_BASE_BYTES) | each1(2);
    case IndicatorKind.T3:
      return LINE | factors(1) | flags(2) | state(6 * SMOOTH_BYTES);
    case IndicatorKind.Midpoint:
      return LINE | state(2 * EXTREME_BASE_BYTES) | each1(4);
    case IndicatorKind.Midprice:
      return lines(1) | PRICE | periods(1) | state(2 * EXTREME_BASE_BYTES) | each1(4);
    case IndicatorKind.Price:
      return lines(1) | ONE | PRICE;
    case IndicatorKind.Alma:
      return LINE | factors(2) | flags(1) | state(ALMA_BASE_BYTES) | each1(2);
    case IndicatorKind.Frama: {
      const settings = periods(2) | state(FRAMA_BASE_BYTES);
      return lines(1) | ONE | PRICE | settings | each1(5);
    }
    case IndicatorKind.Relma:
      return LINE | state(3 * SUM_BASE_BYTES) | each1(6);
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
    case IndicatorKind.Tema:
      return tema(at, s, candle, out, keep);
    case IndicatorKind.Ma:
      return ma(at, s, candle, out, keep);
    case IndicatorKind.Trima:
      return trima(at, s, candle, out, keep);
    case IndicatorKind.Kama:
      return kama(at, s, candle, out, keep);
    case IndicatorKind.Hma:
      return hma(at, s, candle, out, keep);
    case IndicatorKind.Zlema:
      return zlema(at, s, candle, out, keep);
    case IndicatorKind.Vidya:
      return vidya(at, s, candle, out, keep);
    case IndicatorKind.Vwma:
      return vwma(at, s, candle, out, keep);
    case IndicatorKind.T3:
      return t3(at, s, candle, out, keep);
    case IndicatorKind.Midpoint:
      return midpoint(at, s, candle, out, keep);
    case IndicatorKind.Midprice:
      return midprice(at, s, candle, out, keep);
    case IndicatorKind.Price:
      return price(at, candle, out);
    case IndicatorKind.Alma:
      return alma(at, s, candle, out, keep);
    case IndicatorKind.Frama:
      return frama(at, s, candle, out, keep);
    default:
      assert(kind == IndicatorKind.Relma, "a slot has a kernel");
      return relma(at, s, candle, out, keep);
  }
}
