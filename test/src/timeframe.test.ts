import { describe, expect, test } from "vitest";
import { CandleMeasure, CandleType, Kind } from "../../asm/vocab.ts";
import { TIMEFRAME_PATTERN, timeframeChoices } from "../../src/timeframe.ts";
import { MarketCore, marketModule } from "../asm/market-core.ts";

const module = await marketModule();

const LISTS = [
  [
    "heikinAshi:5m",
    "trades:4294967295",
    "5m",
    "1s",
    "volumeLots:1000",
    "heikinAshi:trades:4294967295",
  ],
  ["notionalTickLots:1152921504606846976", "rangeTicks:4503599627370496", "renkoTicks:5", "7d"],
  ["imbalanceTrades:50", "imbalanceLots:900", "imbalanceTickLots:8000", "runTrades:50"],
  ["runLots:900+windowCandles:1024", "runTickLots:8000", "imbalanceTrades:50+windowCandles:1"],
];

describe("the core takes every name as it is configured", () => {
  test.each(LISTS)("%s, %s, ...", (...names) => {
    const core = new MarketCore(module);
    core.spec(1);
    for (const name of names) expect(name).toMatch(TIMEFRAME_PATTERN);
    for (const { text, ...fields } of timeframeChoices(names)) {
      const [answer] = core.apply(Kind.Timeframe, { instrument: 1, ...fields }, 0n);
      expect([text, answer!.name, answer!.reason]).toEqual([text, "ConfigAccepted", 0]);
    }
  });
});

test("time candles come first by period, then driven ones, then what smooths them", () => {
  const made = timeframeChoices(LISTS[0]!);
  expect(made.map((one) => [one.slot, one.text, one.source])).toEqual([
    [0, "1s", 0],
    [1, "5m", 0],
    [2, "trades:4294967295", 0],
    [3, "volumeLots:1000", 0],
    [4, "heikinAshi:5m", 1],
    [5, "heikinAshi:trades:4294967295", 2],
  ]);
});

test("a name says type, threshold, measure and window", () => {
  const [one] = timeframeChoices(["runTickLots:8000+windowCandles:20"]);
  expect(one).toMatchObject({
    ...{ type: CandleType.Run, measure: CandleMeasure.Notional },
    ...{ threshold: 8000n, windowCandles: 20, periodMillis: 0 },
  });
});
