// The core and its clients are told the same facts.
import { expect, test } from "vitest";
import { Execution, IndicatorKind, InstrumentKind, Kind } from "../../../asm/vocab.ts";
import { Catalog, INDICATORS, MINOR_EXPONENT } from "../../../src/core/catalog.ts";
import { decode } from "../../../src/protocol.ts";

const decoded = (catalog: Catalog): ReturnType<typeof decode>[] =>
  catalog.records.map((bytes) => decode(new DataView(bytes.buffer), 0));

test("timeframes are sorted by period, each with every indicator, for all instruments", () => {
  const catalog = new Catalog();
  catalog.market(["1m", "1s"], INDICATORS);
  const records = decoded(catalog);
  expect(records).toHaveLength(2 * (1 + INDICATORS.length));
  const timeframes = records.filter((one) => one.kind === (Kind.Timeframe as number));
  expect(timeframes.map((one) => [one["slot"], one["periodMillis"]])).toEqual([
    [0, 1000],
    [1, 60_000],
  ]);
  expect(catalog.reference.indicators).toHaveLength(2 * INDICATORS.length);
  const macd = records.find((one) => one["indicatorKind"] === IndicatorKind.Macd)!;
  expect([macd["period"], macd["period2"], macd["period3"]]).toEqual([12, 26, 9]);
  expect(catalog.indicatorFields).toHaveLength(2 * INDICATORS.length);
});

test("a currency is configured at its first mention and keeps its id", () => {
  const catalog = new Catalog();
  expect([catalog.currency("BTC"), catalog.currency("USDT"), catalog.currency("BTC")]).toEqual([
    1, 2, 1,
  ]);
  expect(decoded(catalog).map((one) => [one["id"], one["code"], one["minorExponent"]])).toEqual([
    [1, "BTC", MINOR_EXPONENT],
    [2, "USDT", MINOR_EXPONENT],
  ]);
});

test("an instrument's record and its reference entry say the same", () => {
  const catalog = new Catalog();
  const base = catalog.currency("BTC");
  catalog.instrument({
    instrument: 3,
    version: 1,
    symbol: "BTCUSDT",
    specKind: InstrumentKind.Spot,
    execution: Execution.Paper,
    base,
    quote: base,
    settlement: base,
    tickMantissa: 1,
    tickExponent: -2,
    lotMantissa: 1,
    lotExponent: -5,
    multiplierNum: 1,
    multiplierDen: 1,
    specFlags: 1,
  });
  const [entry] = catalog.reference.instruments;
  const record = decoded(catalog).at(-1);
  expect(entry).toMatchObject({
    id: 3,
    symbol: record["symbol"],
    tickExponent: record["tickExponent"],
    lotExponent: record["lotExponent"],
    simulated: true,
  });
});
