// What other libraries call our statistics, and where their rules are not ours.
//
// tidy: tested by test/golden/statistics.test.ts

/** One function of another library, by our text name and settings. */
export interface LibraryName {
  library: "talib" | "tulip" | "trading-signals" | "technicalindicators" | "lean";
  fn: string;
  /** Our name, with the settings that make their convention. */
  name: string;
  /** Their options, each with our setting. */
  settings?: Readonly<Record<string, string>>;
  /** Their line to ours; without it their only line is our first. */
  lines?: Readonly<Record<string, string>>;
  /** Our factor that must be the price of a tick. */
  priceOfTick?: string;
  /** Our factor that must be how many ticks a price of 1 is. */
  ticksOfOne?: string;
  /** Their first value comes before or after ours; from the later one on they are equal. */
  since?: "earlier" | "later";
  /** Why we do not offer what they do. */
  unsupported?: string;
}

const TALIB_PERIOD = { timePeriod: "period" };
const PERIOD = { period: "period" };
const AGE = "theirs is a place in the array given; ours is how many candles ago that was";

const TALIB: readonly LibraryName[] = [
  { library: "talib", fn: "MAX", name: "max", settings: TALIB_PERIOD },
  { library: "talib", fn: "MIN", name: "min", settings: TALIB_PERIOD },
  { library: "talib", fn: "SUM", name: "sum", settings: TALIB_PERIOD },
  { library: "talib", fn: "LINEARREG", name: "linreg", settings: TALIB_PERIOD },
  { library: "talib", fn: "LINEARREG_SLOPE", name: "linregslope", settings: TALIB_PERIOD },
  { library: "talib", fn: "LINEARREG_INTERCEPT", name: "linregintercept", settings: TALIB_PERIOD },
  {
    ...{ library: "talib", fn: "LINEARREG_ANGLE", name: "linregangle", settings: TALIB_PERIOD },
    priceOfTick: "scale",
  },
  { library: "talib", fn: "TSF", name: "tsf", settings: TALIB_PERIOD },
  {
    ...{ library: "talib", fn: "CORREL", name: "correl" },
    settings: { ...TALIB_PERIOD, x: "source", y: "source2" },
  },
  {
    ...{ library: "talib", fn: "BETA", name: "beta" },
    settings: { ...TALIB_PERIOD, x: "source", y: "source2" },
  },
  { library: "talib", fn: "MAXINDEX", name: "maxindex", unsupported: AGE },
  { library: "talib", fn: "MININDEX", name: "minindex", unsupported: AGE },
  { library: "talib", fn: "MINMAXINDEX", name: "minindex", unsupported: AGE },
];

const TULIP: readonly LibraryName[] = [
  ...["max", "min", "sum", "lag", "linreg", "linregslope", "linregintercept", "tsf", "fosc"],
  ...["stderr", "edecay"],
]
  .map((fn): LibraryName => ({ library: "tulip", fn, name: fn, settings: PERIOD }))
  .concat([
    {
      ...{ library: "tulip", fn: "decay", name: "decay", settings: PERIOD },
      ticksOfOne: "step",
    },
  ]);

const LEAN: readonly LibraryName[] = [
  { library: "lean", fn: "Maximum", name: "max", settings: PERIOD },
  { library: "lean", fn: "Minimum", name: "min", settings: PERIOD },
  { library: "lean", fn: "Sum", name: "sum", settings: PERIOD },
  { library: "lean", fn: "Delay", name: "lag", settings: PERIOD },
  { library: "lean", fn: "LogReturn", name: "logreturn", settings: PERIOD },
  { library: "lean", fn: "SharpeRatio", name: "sharpe", settings: PERIOD },
  { library: "lean", fn: "SortinoRatio", name: "sortino", settings: PERIOD },
  {
    ...{ library: "lean", fn: "ValueAtRisk", name: "valueatrisk", settings: PERIOD },
    since: "earlier",
  },
  {
    ...{ library: "lean", fn: "KaufmanEfficiencyRatio", name: "efficiency", settings: PERIOD },
    since: "earlier",
  },
  { library: "lean", fn: "TimeSeriesForecast", name: "tsf", settings: PERIOD },
  {
    ...{ library: "lean", fn: "AutoRegressiveIntegratedMovingAverage", name: "" },
    unsupported: "a model fitted by an optimizer; its result depends on where the search stops",
  },
];

export const STATISTICS_NAMES: readonly LibraryName[] = [...TALIB, ...TULIP, ...LEAN];
