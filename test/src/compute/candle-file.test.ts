import { expect, test } from "vitest";
import { readCandles } from "../../../src/compute/candle-file.ts";

test("a table of daily candles: ticks and lots of the finest decimal", () => {
  const text =
    "Date,Open,High,Low,Close,Volume\n2024-01-02,1.5,2.25,1,2,10.5\n2024-01-03,2,2,2,2,0\n";
  const file = readCandles("a.csv", text);
  expect(file).toMatchObject({ tick: 0.01, lot: 0.1, periodMillis: 86_400_000, isTimed: true });
  expect(file.candles[0]).toEqual({
    ...{ time: "2024-01-02", openNanos: BigInt(Date.parse("2024-01-02")) * 1_000_000n },
    ...{ openTicks: 150n, highTicks: 225n, lowTicks: 100n, closeTicks: 200n, volumeLots: 105n },
  });
});

test.each([
  ["seconds", "1704067200", "1704067260"],
  ["milliseconds", "1704067200000", "1704067260000"],
  ["microseconds", "1704067200000000", "1704067260000000"],
  ["nanoseconds", "1704067200000000000", "1704067260000000000"],
  ["ISO without a zone", "2024-01-01 00:00:00", "2024-01-01T00:01:00"],
  ["ISO with a zone", "2024-01-01T01:00:00+01:00", "2024-01-01T00:01:00Z"],
])("times in %s are UTC", (_, first, second) => {
  const file = readCandles("a.csv", `time;close\n${first};1\n${second};2\n`);
  expect(file.periodMillis).toBe(60_000);
  expect(file.candles[0]!.openNanos).toBe(1_704_067_200_000_000_000n);
});

test("only closes: the other prices are the close, volume 1, candles numbered", () => {
  const file = readCandles("a.csv", "close\n1\n-2.5\n");
  expect(file).toMatchObject({ isTimed: false, periodMillis: 1000, tick: 0.1 });
  expect(file.candles.map(({ lowTicks, volumeLots }) => [lowTicks, volumeLots])).toEqual([
    [10n, 1n],
    [-25n, 1n],
  ]);
});

test("times off the period are numbered; the week begins on Monday", () => {
  const off = readCandles("a.csv", "time,close\n2024-01-02T14:30:00Z,1\n2024-01-02T15:30:00Z,1\n");
  expect(off.isTimed).toBe(false);
  const weeks = readCandles("a.csv", "time,close\n2024-01-01,1\n2024-01-08,1\n");
  expect(weeks).toMatchObject({ isTimed: true, periodMillis: 604_800_000 });
});

test("JSON rows, numbers with exponents", () => {
  const file = readCandles("a.json", '[{"t":1,"c":1e-3},{"c":"2.5E1"}]');
  expect(file.candles.map(({ closeTicks }) => closeTicks)).toEqual([1n, 25_000n]);
});

test.each([
  ["no close", "time,open\n1,2\n", 'line 1: no column "close"'],
  ["no rows", "close\n", "it has no candles"],
  ["a word", "close\n1\nx\n", 'line 3: "x" is no number'],
  ["a high below the close", "high,close\n1,2\n", "line 2: open 2, high 1"],
  ["too many digits", "close\n0.000000000001\n99999\n", 'line 3: "99999" has too many digits'],
  ["no JSON", "[1,", "a.csv is no JSON"],
])("%s is refused with the place", (_, text, what) => {
  expect(() => readCandles("a.csv", text)).toThrow(what);
});
