import { expect, test } from "vitest";
import { readCandles } from "../../../src/compute/candle-file.ts";
import { INDICATORS_ASKED_MAX, IndicatorRun } from "../../../src/compute/indicator-run.ts";
import { parseIndicator } from "../../../src/indicators/catalog.ts";

const TEXT = `close,volume\n${[1, 2, 4, 8, 16].map((one) => `${one}.5,${one}`).join("\n")}`;

test("values come in the file's units, one row a candle", () => {
  const file = readCandles("a.csv", TEXT);
  const run = new IndicatorRun(file, ["sma:period=2", "obv", "aroon:period=2"].map(parseIndicator));
  const rows = file.candles.map((candle) => run.push(candle));
  expect(rows[0]).toEqual([undefined, [1], undefined]);
  expect(rows[1]).toEqual([[2], [3], undefined]);
  expect(rows[2]).toEqual([[3.5], [7], [100, 0, 100]]);
  expect(rows[4]).toEqual([[12.5], [31], [100, 0, 100]]);
});

test("what the core refuses is told with its reason", () => {
  const file = readCandles("a.csv", TEXT);
  const run = (text: string): unknown => new IndicatorRun(file, [parseIndicator(text)]);
  expect(() => run("sma:period=0")).toThrow("sma does not take these settings: PeriodInvalid");
  expect(() => run("sma:period=1025")).toThrow("PeriodInvalid");
  const many = Array.from({ length: INDICATORS_ASKED_MAX + 1 }, (_, i) => `sma:period=${i + 1}`);
  expect(() => new IndicatorRun(file, many.map(parseIndicator))).toThrow("17 indicators");
});

test("a candle that does not follow is refused", () => {
  const text = "time,close\n2024-01-02,1\n2024-01-03,2\n";
  const file = readCandles("a.csv", text);
  const run = new IndicatorRun(file, [parseIndicator("obv")]);
  run.push(file.candles[1]!);
  expect(() => run.push(file.candles[0]!)).toThrow("the candle of 2024-01-02: TimeBackwards");
});
