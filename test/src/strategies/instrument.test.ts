import { expect, test } from "vitest";

import { InstrumentKind } from "../../../asm/vocab.ts";
import { strategyInstrument } from "../../../src/strategies/instrument.ts";

const CURRENCIES = new Map([[1, { id: 1, code: "USDT", minorExponent: -8 }]]);
const SPEC = {
  ...{ symbol: "BTCUSDT", specKind: InstrumentKind.Spot, settlement: 1 },
  ...{ tickMantissa: 5n, tickExponent: -2, lotMantissa: 1n, lotExponent: -5 },
  ...{ multiplierNum: 1, multiplierDen: 1 },
};

test("steps, texts and the worth of a tick x lot follow from the spec", () => {
  const one = strategyInstrument(4, SPEC, CURRENCIES);
  expect([one.tickText, one.lotText]).toEqual(["0.05", "0.00001"]);
  expect(one.priceText(1_234_567)).toBe("61728.35");
  expect(one.qtyText(-150_000)).toBe("-1.50000");
  expect(one.moneyText(123_456_789)).toBe("1.23456789");
  // 0.05 x 0.00001 USDT = 50 minor units of 10^-8.
  expect(one.minorNum / one.minorDen).toBe(50n);
  expect(one.minorPerTickLot).toBe(50);
});

test("a value below one minor unit stays an exact fraction", () => {
  const one = strategyInstrument(4, { ...SPEC, lotExponent: -8 }, CURRENCIES);
  expect([one.minorNum, one.minorDen]).toEqual([5n, 100n]);
});

test("a multiplier counts, and quantity limits have neutral values when none is named", () => {
  const one = strategyInstrument(4, { ...SPEC, multiplierNum: 50 }, CURRENCIES);
  expect(one.minorNum).toBe(2500n);
  expect([one.qtyMinLots, one.qtyMaxLots]).toEqual([1, Infinity]);
});

test("contracts that settle in their base and unknown currencies are refused", () => {
  const inverse = { ...SPEC, specKind: InstrumentKind.InversePerpetual };
  expect(() => strategyInstrument(4, inverse, CURRENCIES)).toThrow(/settles in its base/);
  expect(() => strategyInstrument(4, { ...SPEC, settlement: 9 }, CURRENCIES)).toThrow(/currency 9/);
});
