// Measures of volatility by the names that other libraries have for them.
//
// tidy: tested by test/golden/volatility.test.ts
import { type ForeignName, namesOf } from "./names.ts";

const TALIB = { timePeriod: "period" };
const PERIOD = { period: "period" };
const CHANNEL = { middle: "middle", upper: "upper", lower: "lower" };

export const VOLATILITY_NAMES: readonly ForeignName[] = [
  ...namesOf("talib", TALIB, { ATR: "atr", NATR: "natr" }),
  {
    ...{ library: "talib", fn: "STDDEV", name: "stddev" },
    settings: { timePeriod: "period", nbDev: "factor" },
  },
  { library: "talib", fn: "VAR", name: "var", settings: TALIB },
  { library: "talib", fn: "TRANGE", name: "trange" },
  {
    ...{ library: "talib", fn: "ACCBANDS", name: "accbands", settings: TALIB },
    lines: { upperBand: "upper", middleBand: "middle", lowerBand: "lower" },
  },
  ...namesOf("tulip", PERIOD, {
    atr: "atr:first=range",
    natr: "natr:first=range",
    stddev: "stddev",
    var: "var",
    md: "md",
    stderr: "stderr",
    volatility: "volatility",
    mass: "mass:seed=late,smooth=9",
  }),
  { library: "tulip", fn: "tr", name: "trange:first=range" },
  { library: "tulip", fn: "cvi", name: "cvi:seed=first", settings: { period: "period+change" } },
  {
    ...{ library: "trading-signals", fn: "ATR", name: "atr:first=range" },
    settings: { interval: "period" },
  },
  {
    ...{ library: "trading-signals", fn: "KeltnerChannels" },
    name: "keltner:seed=first,first=range",
    settings: { emaInterval: "period", atrInterval: "atr", multiplier: "factor" },
    lines: CHANNEL,
  },
  {
    ...{ library: "trading-signals", fn: "DonchianChannels", name: "donchian" },
    settings: { interval: "period" },
    lines: CHANNEL,
  },
  {
    ...{ library: "trading-signals", fn: "AccelerationBands", name: "accbands" },
    settings: { interval: "period", width: "factor" },
    lines: CHANNEL,
  },
  {
    ...{ library: "trading-signals", fn: "PercentB", name: "percentb" },
    settings: { interval: "period" },
  },
  {
    ...{ library: "trading-signals", fn: "BollingerBandsWidth", name: "bandwidth", scale: 0.01 },
    settings: { interval: "period" },
  },
  { library: "technicalindicators", fn: "atr", name: "atr", settings: PERIOD },
  { library: "technicalindicators", fn: "sd", name: "stddev", settings: PERIOD },
  { library: "technicalindicators", fn: "trueRange", name: "trange" },
  {
    ...{ library: "technicalindicators", fn: "keltnerchannels", name: "keltner" },
    settings: { maPeriod: "period", atrPeriod: "atr", multiplier: "factor" },
    lines: CHANNEL,
  },
  {
    ...{ library: "lean", fn: "AccelerationBands", name: "accbands" },
    settings: { period: "period", width: "factor" },
    lines: { MiddleBand: "middle", UpperBand: "upper", LowerBand: "lower" },
  },
  ...namesOf("lean", PERIOD, {
    AverageTrueRange: "adr:range=true",
    NormalizedAverageTrueRange: "natr",
    AverageRange: "adr",
    StandardDeviation: "stddev",
    Variance: "var",
    MeanAbsoluteDeviation: "md",
  }),
  {
    ...{ library: "lean", fn: "DonchianChannel", name: "donchian", settings: PERIOD },
    lines: { Mean: "middle", Top: "upper", Bottom: "lower" },
  },
  { library: "lean", fn: "TrueRange", name: "trange" },
  {
    ...{ library: "lean", fn: "MassIndex", name: "mass" },
    settings: { emaPeriod: "smooth", sumPeriod: "period" },
  },
  {
    ...{ library: "lean", fn: "KeltnerChannels", name: "keltner:type=sma,source=typical" },
    unsupported: "its range is a simple mean of true ranges, not Wilder's",
  },
  { library: "lean", fn: "ChoppinessIndex", name: "chop", settings: PERIOD },
  {
    ...{ library: "lean", fn: "ChandeKrollStop", name: "chandekroll" },
    settings: { atrPeriod: "period", atrMult: "factor", period: "hold" },
    lines: { short_stop: "short", long_stop: "long" },
  },
];
