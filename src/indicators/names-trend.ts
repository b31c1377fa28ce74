// Measures of trend by the names that other libraries have for them.
//
// tidy: tested by test/golden/trend.test.ts
import { type ForeignName, namesOf } from "./names.ts";

const TALIB = { timePeriod: "period" };
const PERIOD = { period: "period" };
const INTERVAL = { interval: "period" };
const CLOUD = { conversion: "conversion", base: "base", spanA: "spana", spanB: "spanb" };
/** Of one candle there is no average: TA-Lib then gives a share of 1, not of 100. */
const SHARE = { when: { timePeriod: 1 }, scale: 0.01 } as const;

export const TREND_NAMES: readonly ForeignName[] = [
  ...namesOf("talib", TALIB, { ADX: "adx", ADXR: "adxr", DX: "dx" }),
  { library: "talib", fn: "PLUS_DI", name: "di", settings: TALIB, ...SHARE },
  { library: "talib", fn: "PLUS_DI", name: "di", settings: TALIB },
  {
    ...{ library: "talib", fn: "MINUS_DI", name: "di", settings: TALIB, ...SHARE },
    lines: { output: "minus" },
  },
  {
    ...{ library: "talib", fn: "MINUS_DI", name: "di", settings: TALIB },
    lines: { output: "minus" },
  },
  { library: "talib", fn: "PLUS_DM", name: "dm", settings: TALIB },
  {
    ...{ library: "talib", fn: "MINUS_DM", name: "dm", settings: TALIB },
    lines: { output: "minus" },
  },
  {
    ...{ library: "talib", fn: "SAR", name: "sar" },
    settings: { acceleration: "step", maximum: "most" },
  },
  {
    ...{ library: "talib", fn: "AROON", name: "aroon", settings: TALIB },
    lines: { aroonDown: "down", aroonUp: "up" },
  },
  {
    ...{ library: "talib", fn: "AROONOSC", name: "aroon", settings: TALIB },
    lines: { output: "oscillator" },
  },
  ...namesOf("tulip", PERIOD, { adx: "adx:start=with", adxr: "adxr:start=with", vhf: "vhf" }),
  { library: "tulip", fn: "dx", name: "dx:start=with", settings: PERIOD },
  {
    ...{ library: "tulip", fn: "di", name: "di:start=with", settings: PERIOD },
    lines: { plus_di: "plus", minus_di: "minus" },
  },
  {
    ...{ library: "tulip", fn: "dm", name: "dm", settings: PERIOD },
    lines: { plus_dm: "plus", minus_dm: "minus" },
  },
  {
    ...{ library: "tulip", fn: "psar", name: "sar:start=middle,touch=holds" },
    settings: {
      "acceleration factor step|step": "step",
      "acceleration factor maximum|max": "most",
    },
  },
  {
    ...{ library: "tulip", fn: "aroon", name: "aroon", settings: PERIOD },
    lines: { aroon_down: "down", aroon_up: "up" },
  },
  {
    ...{ library: "tulip", fn: "aroonosc", name: "aroon", settings: PERIOD },
    lines: { aroonosc: "oscillator" },
  },
  { library: "trading-signals", fn: "ADX", name: "adx:start=with", settings: INTERVAL },
  {
    ...{ library: "trading-signals", fn: "Aroon", name: "aroon", settings: INTERVAL },
    lines: { aroonDown: "down", aroonUp: "up" },
  },
  {
    ...{ library: "trading-signals", fn: "SuperTrend", name: "supertrend" },
    settings: { interval: "period", multiplier: "factor" },
    lines: { supertrend: "supertrend", trend: "trend" },
  },
  {
    ...{ library: "trading-signals", fn: "IchimokuCloud", name: "ichimoku", lines: CLOUD },
    settings: { conversion: "conversion", base: "base", spanB: "spanb" },
  },
  {
    ...{ library: "technicalindicators", fn: "ichimokucloud", name: "ichimoku", lines: CLOUD },
    settings: { conversion: "conversion", base: "base", span: "spanb" },
  },
  {
    ...{ library: "trading-signals", fn: "PSAR", name: "sar:start=middle" },
    unsupported: "its stop moves one candle ahead of Wilder's and never meets his again",
  },
  {
    ...{ library: "lean", fn: "SuperTrend", name: "supertrend" },
    settings: { period: "period", multiplier: "factor" },
  },
  {
    ...{ library: "lean", fn: "ParabolicStopAndReverse", name: "sar" },
    settings: {},
  },
  {
    ...{ library: "lean", fn: "IchimokuKinkoHyo", name: "ichimoku" },
    settings: {},
    lines: { Tenkan: "conversion", Kijun: "base" },
  },
  {
    ...{ library: "lean", fn: "AverageDirectionalIndex", name: "adx", settings: PERIOD },
  },
  { library: "lean", fn: "Vortex", name: "vortex", settings: PERIOD },
  { library: "lean", fn: "TomDemarkSequential", name: "tdsequential" },
  // As they begin; of their eight numbers ours are the step and the most of both sides at once.
  { library: "talib", fn: "SAREXT", name: "sar", lines: { output: "signed" } },
  {
    ...{ library: "lean", fn: "ParabolicStopAndReverseExtended", name: "sar" },
    lines: { SAREXT: "signed" },
  },
];
