import { expect, test } from "vitest";
import { Kind, MarkSource } from "../../../asm/vocab.ts";
import type { MarketRow } from "../../../src/dashboard/market.ts";
import { Market } from "../../../src/dashboard/market.ts";
import { sumAccount, valuePosition } from "../../../src/dashboard/valuation.ts";
import { record } from "./records.ts";

const USDT = { id: 1, code: "USDT", minorExponent: -8 };
const market = new Market();
market.setInstruments([
  {
    ...{ id: 7, symbol: "B", kind: 1, execution: 2, venue: 1, base: 2, quote: 1, settlement: 1 },
    ...{ tickMantissa: "1", tickExponent: -2, lotMantissa: "1", lotExponent: -4 },
    simulated: false,
  },
]);
const row: MarketRow = {
  ...(market.rows.get(7) as MarketRow),
  ...{ lastTicks: 6_500_000, bidTicks: 6_499_999, bidLots: 1, askTicks: 6_500_002, askLots: 1 },
};

// 0.5 at 64,000.00: a tick of 0.01 times a lot of 0.0001 is 100 units of 10^-8.
const LOTS = 5000;
const COST = 5000n * 6_400_000n;
const at = (fields: object) =>
  record(Kind.PositionChanged, {
    ...{ instrument: 7, account: 1, lots: LOTS, cost: COST, settlement: 1, realizedMinor: 40 },
    ...{ markTicks: 6_400_100, unrealizedMinor: 5000 * 100 * 100, markSource: MarkSource.Last },
    ...fields,
  });

test("a position is valued at the present last price where that is its mark", () => {
  const value = valuePosition(at({}), row, USDT);
  expect(value).toEqual({ unrealizedMinor: 50_000_000_000, markTicks: 6_500_000, isLive: true });
});

test("a mid mark may lie between two ticks and loses nothing", () => {
  const value = valuePosition(at({ markSource: MarkSource.Mid }), row, USDT);
  expect(value.markTicks).toBe(6_500_000.5);
  expect(value.unrealizedMinor).toBe(5000 * 100_000.5 * 100);
});

test("a short position gains when the mark falls, and a loss is rounded down", () => {
  const short = { lots: -LOTS, cost: -COST, unrealizedMinor: -5000 * 100 * 100 };
  const fallen = { ...row, lastTicks: 6_399_000 };
  expect(valuePosition(at(short), fallen, USDT).unrealizedMinor).toBe(5000 * 1000 * 100);
  const coarse = { ...USDT, minorExponent: -2 };
  const one = { lots: 1, cost: 6_400_000n, unrealizedMinor: 0, markTicks: 6_400_001 };
  const below = { ...row, lastTicks: 6_399_999 };
  expect(valuePosition(at(one), below, coarse).unrealizedMinor, "never rounded to nothing").toBe(
    -1,
  );
});

test("the core's own figure stays where our formula does not give it", () => {
  const inverse = at({ unrealizedMinor: 777 });
  expect(valuePosition(inverse, row, USDT)).toEqual({
    ...{ unrealizedMinor: 777, markTicks: 6_400_100, isLive: false },
  });
  expect(valuePosition(at({ markSource: MarkSource.Mark }), row, USDT).isLive).toBe(false);
  expect(valuePosition(at({}), undefined, USDT).isLive, "no row").toBe(false);
  expect(valuePosition(at({}), { ...row, lastTicks: 0 }, USDT).isLive, "no price").toBe(false);
});

test("equity is cash and what is unrealized in the same account and currency", () => {
  const balance = record(Kind.AccountState, { account: 1, currency: 1, cashMinor: 1000 });
  const positions = [at({}), at({ account: 2 }), at({ settlement: 3 })];
  const sum = sumAccount(balance, positions, () => {
    return { unrealizedMinor: -300, markTicks: 1, isLive: true };
  });
  expect(sum).toEqual({ realizedMinor: 40, unrealizedMinor: -300, equityMinor: 700 });
});
