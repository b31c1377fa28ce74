// Averages by the names that other libraries have for them.
//
// tidy: tested by test/golden/averages.test.ts
import { type ForeignName, namesOf } from "./names.ts";

const TALIB = { timePeriod: "period" };
const PERIOD = { period: "period" };
const INTERVAL = { interval: "period" };

export const AVERAGES_NAMES: readonly ForeignName[] = [
  ...namesOf("talib", TALIB, {
    SMA: "sma",
    EMA: "ema",
    WMA: "wma",
    DEMA: "dema",
    TEMA: "tema",
    TRIMA: "trima",
    T3: "t3",
    MIDPOINT: "midpoint",
    MIDPRICE: "midprice",
  }),
  {
    ...{ library: "talib", fn: "KAMA", name: "kama" },
    settings: { timePeriod: "period", fast: "fast", slow: "slow" },
  },
  ...namesOf("talib", undefined, {
    AVGPRICE: "price:source=average",
    MEDPRICE: "price:source=median",
    TYPPRICE: "price:source=typical",
    WCLPRICE: "price:source=weighted",
  }),
  ...namesOf("tulip", PERIOD, {
    sma: "sma",
    ema: "ma:type=ema,seed=first",
    wma: "wma",
    trima: "trima",
    hma: "hma",
    vwma: "vwma",
    wilders: "ma:type=rma",
    zlema: "zlema",
    dema: "dema:seed=late",
    tema: "tema:seed=late",
  }),
  { library: "tulip", fn: "kama", name: "kama", settings: PERIOD, since: "earlier" },
  {
    ...{ library: "tulip", fn: "vidya", name: "vidya" },
    settings: { "short period": "short", "long period": "long", alpha: "alpha" },
  },
  ...namesOf("tulip", undefined, {
    avgprice: "price:source=average",
    medprice: "price:source=median",
    typprice: "price:source=typical",
    wcprice: "price:source=weighted",
  }),
  ...namesOf("trading-signals", INTERVAL, {
    SMA: "sma",
    EMA: "ma:type=ema,seed=first",
    WMA: "wma",
    DEMA: "dema:seed=first",
    WSMA: "ma:type=rma",
    RMA: "ma:type=rma",
    HMA: "hma",
  }),
  {
    ...{ library: "trading-signals", fn: "KAMA", name: "kama" },
    settings: INTERVAL,
    since: "earlier",
  },
  ...namesOf("technicalindicators", PERIOD, {
    sma: "sma",
    ema: "ema",
    wma: "wma",
    wema: "ma:type=rma",
  }),
  ...namesOf("lean", PERIOD, {
    SimpleMovingAverage: "sma",
    ExponentialMovingAverage: "ema",
    WilderMovingAverage: "ma:type=rma",
    LinearWeightedMovingAverage: "wma",
    DoubleExponentialMovingAverage: "dema",
    TripleExponentialMovingAverage: "tema",
    TriangularMovingAverage: "trima",
    HullMovingAverage: "hma",
    MidPoint: "midpoint",
    MidPrice: "midprice",
    VolumeWeightedAveragePriceIndicator: "vwma:source=average",
  }),
  {
    ...{ library: "lean", fn: "KaufmanAdaptiveMovingAverage", name: "kama" },
    settings: { period: "period", fast: "fast", slow: "slow" },
  },
  {
    ...{ library: "lean", fn: "T3MovingAverage", name: "t3" },
    settings: { period: "period", volumeFactor: "factor" },
  },
  { library: "lean", fn: "RelativeMovingAverage", name: "relma", settings: PERIOD },
  {
    ...{ library: "lean", fn: "FractalAdaptiveMovingAverage", name: "frama" },
    settings: { period: "period", longPeriod: "slow" },
  },
  {
    ...{ library: "lean", fn: "ArnaudLegouxMovingAverage", name: "alma:center=floor" },
    settings: { period: "period", sigma: "sigma", offset: "offset" },
  },
  {
    ...{ library: "lean", fn: "VariableIndexDynamicAverage", name: "vidya" },
    unsupported: "its weight comes from a momentum oscillator, not from deviations",
  },
];
