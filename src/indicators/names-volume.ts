// What volume says, by the names that other libraries have for it.
//
// tidy: tested by test/golden/volume.test.ts
import { type ForeignName, namesOf } from "./names.ts";

const PERIOD = { period: "period" };
const SPREAD = { "short period": "fast", "long period": "slow" };

export const VOLUME_NAMES: readonly ForeignName[] = [
  ...namesOf("talib", undefined, { AD: "ad", OBV: "obv" }),
  ...namesOf("talib", { "fastPeriod|fast": "fast", "slowPeriod|slow": "slow" }, { ADOSC: "adosc" }),
  ...namesOf("talib", { timePeriod: "period" }, { MFI: "mfi" }),
  ...namesOf("tulip", undefined, {
    ad: "ad",
    emv: "emv:period=1",
    marketfi: "marketfi",
    nvi: "nvi",
    obv: "obv:start=zero",
    pvi: "pvi",
    wad: "wad",
  }),
  ...namesOf("tulip", SPREAD, { adosc: "adosc", vosc: "vosc" }),
  ...namesOf("tulip", PERIOD, { mfi: "mfi" }),
  {
    ...{ library: "tulip", fn: "kvo", name: "kvo:seed=first,signal=1", settings: SPREAD },
    ...{ lines: { kvo: "kvo" }, since: "earlier" },
  },
  ...namesOf("trading-signals", { interval: "period" }, { CMF: "cmf", MFI: "mfi" }),
  ...namesOf("trading-signals", undefined, { VWAP: "vwap:session=none" }),
  ...namesOf("technicalindicators", undefined, { vwap: "vwap:session=none" }),
  {
    ...{ library: "technicalindicators", fn: "mfi", name: "mfi" },
    unsupported: "counts the flow of other candles and rounds to two decimals",
  },
  ...namesOf("lean", PERIOD, {
    EaseOfMovementValue: "emv",
    ForceIndex: "force",
    MoneyFlowIndex: "mfi",
    SmoothedOnBalanceVolume: "sobv",
  }),
  ...namesOf("lean", undefined, { OnBalanceVolume: "obv", AccumulationDistribution: "ad" }),
  { library: "lean", fn: "RelativeDailyVolume", name: "rdv", settings: { period: "days" } },
  {
    ...{ library: "lean", fn: "KlingerVolumeOscillator", name: "kvo:force=doubled,signal=1" },
    settings: { fastPeriod: "fast", slowPeriod: "slow" },
    from: [200, "its movement begins a candle later; averages remember that for a while"],
  },
];
