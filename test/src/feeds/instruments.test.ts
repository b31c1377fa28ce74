import { expect, test } from "vitest";
import { InstrumentKind } from "../../../asm/vocab.ts";
import {
  currenciesOf,
  inferredInstrument,
  knownInstrument,
  specFields,
  splitName,
  Venue,
} from "../../../src/feeds/instruments.ts";

test("BTCUSDT is a spot pair on one venue and a perpetual on the other", () => {
  const spot = knownInstrument(Venue.BinanceSpot, "btcusdt", 1);
  const usdm = knownInstrument(Venue.BinanceUsdm, "BTCUSDT", 2);
  expect(spot).toMatchObject({ kind: InstrumentKind.Spot, tickExponent: -2, isInferred: false });
  expect(usdm).toMatchObject({ kind: InstrumentKind.LinearPerpetual, tickExponent: -1, id: 2 });
  expect(knownInstrument(Venue.BinanceCoinm, "BTCUSDT", 1)).toBeUndefined();
});

test("the coin-margined contract is 100 USD, settled in BTC", () => {
  const info = knownInstrument(Venue.BinanceCoinm, "BTCUSD_PERP", 3)!;
  const ids: Record<string, number> = { BTC: 1, USD: 2 };
  const fields = specFields(info, (code) => ids[code] ?? 0);
  expect(fields).toMatchObject({ multiplierNum: 100, base: 1, quote: 2, settlement: 1 });
  expect(currenciesOf([info])).toEqual(["BTC", "USD"]);
});

test("an unknown instrument takes the file's decimals and says that it was inferred", () => {
  const info = inferredInstrument(Venue.BinanceCoinm, "ETHUSD_PERP", 9, 2, 0);
  expect(info).toMatchObject({ tickExponent: -2, lotExponent: 0, isInferred: true });
  expect(info).toMatchObject({ kind: InstrumentKind.InversePerpetual, settlement: "ETH" });
  expect(inferredInstrument(Venue.File, "X", 1, 40, 40).tickExponent).toBe(-18);
});

test.each([
  ["ETHBTC", "ETH", "BTC"],
  ["BTCUSD_240927", "BTC", "USD"],
  ["USDCUSDT", "USDC", "USDT"],
  ["eur-usd", "EUR", "USD"],
  ["AAPL", "AAPL", "USD"],
  ["???", "UNIT", "USD"],
])("%s is %s priced in %s", (name, base, quote) => {
  expect(splitName(name)).toEqual({ base, quote });
});
