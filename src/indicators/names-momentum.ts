// Oscillators of momentum by the names that other libraries have for them.
//
// tidy: tested by test/golden/momentum.test.ts
import { type ForeignName, namesOf } from "./names.ts";

const TALIB = { timePeriod: "period" };
const PERIOD = { period: "period" };
const INTERVAL = { interval: "period" };
const TALIB_SPREAD = {
  "fastPeriod|fast": "fast",
  "slowPeriod|slow": "slow",
  "MAType|ma": "average",
};
const TULIP_SPREAD = { "short period": "fast", "long period": "slow" };
const ROUNDED = "its RSI is rounded to two decimals";

const TALIB_NAMES: readonly ForeignName[] = [
  ...namesOf("talib", TALIB, {
    MOM: "mom",
    ROC: "roc",
    ROCP: "rocp",
    ROCR: "rocr",
    ROCR100: "rocr100",
    RSI: "rsi",
    CMO: "cmo",
    WILLR: "willr",
    CCI: "cci",
    TRIX: "trix",
  }),
  ...namesOf("talib", undefined, { BOP: "bop" }),
  ...namesOf("talib", TALIB_SPREAD, { APO: "apo:average=sma", PPO: "ppo:average=sma" }),
  {
    ...{ library: "talib", fn: "MACD", name: "macd" },
    settings: { fastPeriod: "fast", slowPeriod: "slow", signalPeriod: "signal" },
    lines: { MACD: "macd", MACDSignal: "signal", MACDHist: "histogram" },
  },
  {
    ...{ library: "talib", fn: "STOCH", name: "stoch" },
    settings: { fastK_Period: "period", slowK_Period: "slow", slowD_Period: "signal" },
    lines: { slowK: "k", slowD: "d" },
  },
  {
    ...{ library: "talib", fn: "STOCHF", name: "stoch:slow=1" },
    settings: { fastK_Period: "period", fastD_Period: "signal" },
    lines: { fastK: "k", fastD: "d" },
  },
  {
    ...{ library: "talib", fn: "STOCHRSI", name: "stochrsi" },
    settings: {
      timePeriod: "period",
      "fastK_Period|fastK": "window",
      "fastD_Period|fastD": "signal",
    },
    lines: { fastK: "k", fastD: "d" },
  },
  {
    ...{ library: "talib", fn: "ULTOSC", name: "ultosc" },
    settings: { "timePeriod1|p1": "short", "timePeriod2|p2": "medium", "timePeriod3|p3": "long" },
  },
];

const TULIP_NAMES: readonly ForeignName[] = [
  ...namesOf("tulip", PERIOD, {
    mom: "mom",
    roc: "rocp",
    rocr: "rocr",
    rsi: "rsi",
    cmo: "cmo:average=sum",
    willr: "willr",
    trix: "trix:seed=first,base=now",
    qstick: "qstick",
    dpo: "dpo",
  }),
  ...namesOf("tulip", undefined, {
    ao: "ao",
    bop: "bop",
    crossany: "crossany:source=close,source2=open",
    crossover: "crossover:source=close,source2=open",
  }),
  { library: "tulip", fn: "cci", name: "cci", settings: PERIOD, since: "later" },
  ...namesOf("tulip", TULIP_SPREAD, {
    apo: "apo:average=ema-first",
    ppo: "ppo:average=ema-first",
  }).map((row): ForeignName => ({ ...row, since: "earlier" })),
  {
    ...{ library: "tulip", fn: "stoch", name: "stoch" },
    settings: {
      "%k period|kPeriod": "period",
      "%k slowing period|kSlow": "slow",
      "%d period|dPeriod": "signal",
    },
    lines: { stoch_k: "k", stoch_d: "d" },
  },
  {
    ...{ library: "tulip", fn: "stochrsi", name: "stochrsi:signal=1", scale: 0.01 },
    settings: { period: "period+window" },
    lines: { stochrsi: "k" },
  },
  {
    ...{ library: "tulip", fn: "ultosc", name: "ultosc" },
    settings: { "short period|a": "short", "medium period|b": "medium", "long period|c": "long" },
  },
  {
    ...{ library: "tulip", fn: "fisher", name: "fisher", settings: PERIOD },
    lines: { fisher: "fisher", fisher_signal: "signal" },
  },
  {
    ...{ library: "tulip", fn: "msw", name: "msw", settings: PERIOD, since: "later" },
    lines: { msw_sine: "sine", msw_lead: "lead" },
  },
  {
    ...{ library: "tulip", fn: "macd", name: "macd" },
    unsupported: "weighs 12 and 26 periods with 0.15 and 0.075 instead of 2 / 13 and 2 / 27",
  },
];

const OTHER_NAMES: readonly ForeignName[] = [
  ...namesOf("trading-signals", INTERVAL, { RSI: "rsi", CCI: "cci" }),
  ...namesOf("technicalindicators", PERIOD, { cci: "cci" }),
  {
    ...{ library: "technicalindicators", fn: "stochastic", name: "stoch:slow=1" },
    settings: { period: "period", signal: "signal" },
    lines: { k: "k", d: "d" },
    since: "earlier",
  },
  { library: "technicalindicators", fn: "rsi", name: "rsi", unsupported: ROUNDED },
  { library: "technicalindicators", fn: "stochasticrsi", name: "stochrsi", unsupported: ROUNDED },
  {
    ...{ library: "technicalindicators", fn: "macd", name: "macd" },
    unsupported: "begins the fast average with its own first prices, not with the slow one",
  },
];

const LEAN_NAMES: readonly ForeignName[] = [
  ...namesOf("lean", PERIOD, {
    AugenPriceSpike: "spike",
    ChandeMomentumOscillator: "cmo",
    DeMarkerIndicator: "demarker",
    Momentum: "mom",
    MomentumPercent: "roc",
    RateOfChange: "rocp",
    RateOfChangePercent: "roc",
    RateOfChangeRatio: "rocr",
    RelativeStrengthIndex: "rsi",
  }),
  { library: "lean", fn: "InternalBarStrength", name: "ibs" },
  {
    ...{ library: "lean", fn: "AwesomeOscillator", name: "ao" },
    settings: { fastPeriod: "fast", slowPeriod: "slow" },
  },
  {
    ...{ library: "lean", fn: "ConnorsRelativeStrengthIndex", name: "crsi:still=keeps" },
    settings: { rsiPeriod: "period", rsiPeriodStreak: "streak", lookBackPeriod: "rank" },
  },
  {
    ...{ library: "lean", fn: "DerivativeOscillator", name: "do" },
    settings: {
      ...{ rsiPeriod: "period", smoothingRsiPeriod: "first" },
      ...{ doubleSmoothingRsiPeriod: "second", signalLinePeriod: "signal" },
    },
  },
  {
    ...{ library: "lean", fn: "PremierStochasticOscillator", name: "pso" },
    settings: { period: "period", emaPeriod: "smooth" },
  },
  {
    ...{ library: "lean", fn: "RelativeVigorIndex", name: "rvi", settings: PERIOD },
    lines: { RVI: "rvi", RVI_S: "signal" },
  },
  {
    ...{ library: "lean", fn: "SchaffTrendCycle", name: "stc" },
    settings: { cyclePeriod: "period", fastPeriod: "fast", slowPeriod: "slow" },
    from: [200, "its averages of place begin before the MACD has a value, and die out slowly"],
  },
  {
    ...{ library: "lean", fn: "HilbertTransform", name: "hilbert" },
    settings: { length: "period" },
    lines: { InPhase: "inphase", Quadrature: "quadrature" },
  },
  {
    ...{ library: "lean", fn: "TrueStrengthIndex", name: "tsi" },
    settings: { longTermPeriod: "long", shortTermPeriod: "short", signalPeriod: "signal" },
    lines: { TSI_25_13: "tsi", Signal_7: "signal" },
  },
];

export const MOMENTUM_NAMES: readonly ForeignName[] = [
  ...[TALIB_NAMES, TULIP_NAMES, OTHER_NAMES, LEAN_NAMES].flat(),
];
