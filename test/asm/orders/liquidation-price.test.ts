// The liquidation price of a position: bisection against every mark, one after the other.
import { expect, test } from "vitest";
import { InstrumentKind, Kind, PositionMode, PositionSide } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { only } from "../order-core.ts";
import { MAKER, MarginCore, MARK } from "./margin-core.ts";

function price(margin: MarginCore, account: number, instrument = 1): number {
  const rows = only(margin.core.send(Kind.StateQuery, { account }), Kind.PositionState);
  return Number(rows.find((out) => out["instrument"] === instrument)!["liquidationTicks"]);
}

test("a position without maintenance margin, or of a house account, has no price", () => {
  const margin = new MarginCore();
  margin.trade(1, 50);
  expect(price(margin, 1)).toBe(0);
  margin.schedule({ initialBps: 1_000 });
  expect(price(margin, 1)).toBe(0);
  margin.schedule({ maintenanceBps: 1_000 });
  // 100,000 + 50 (P - 10,000) = 5 P
  expect(price(margin, 1)).toBe(8_888);
  expect(price(margin, MAKER)).toBe(0);
  margin.trade(1, -50);
  expect(price(margin, 1)).toBe(0);
});

test("what would have to fall below nothing has none, what is below already has the mark", () => {
  const margin = new MarginCore();
  margin.schedule({ maintenanceBps: 1_000 });
  margin.trade(1, 5);
  expect(price(margin, 1)).toBe(0);
  margin.trade(2, -50);
  expect(price(margin, 2)).toBe(10_910);
  margin.mark(12_000);
  expect(price(margin, 2)).toBe(12_000);
});

/** Value of lots at a price in minor units: linear one a tick, inverse 10^7 a lot by price. */
const WORTH = {
  linear: (lots: number, ticks: number): number => lots * ticks,
  inverse: (lots: number, ticks: number): number => -(lots * 10_000_000) / ticks,
};

test.each(["linear", "inverse"] as const)("equals the first mark that fails, %s", (kind) => {
  const random = seeded(kind.length);
  const pick = (most: number): number => Math.floor(random() * most);
  for (let round = 0; round < 12; round++) {
    const margin = new MarginCore();
    const instrument = kind === "linear" ? 1 : 3;
    if (kind === "inverse") {
      const specKind = InstrumentKind.InversePerpetual;
      const rest = { tickExponent: 0, multiplierNum: 100_000, referenceTicks: MARK };
      margin.core.instrument(3, { ...rest, specKind, settlement: 1 });
    }
    const [rate, step] = [100 + pick(3_000), pick(3_000)];
    margin.schedule({ instrument, maintenanceBps: rate });
    const tier = { tier: 1, fromMinor: 20_000 };
    margin.schedule({ instrument, ...tier, maintenanceBps: rate + step });
    const lots = (15 + pick(20)) * (round % 2 === 0 ? 1 : -1) * (kind === "linear" ? 2 : 4);
    margin.trade(1, lots, instrument);
    const other = pick(20) - 10;
    if (other !== 0) margin.trade(1, other, 2);
    const isBelow = (ticks: number): boolean => {
      const worth = WORTH[kind];
      const equity = 100_000 + worth(lots, ticks) - worth(lots, MARK);
      const exposure = Math.abs(worth(lots, ticks));
      const above = Math.max(0, exposure - 20_000);
      return equity < ((exposure - above) * rate + above * (rate + step)) / 10_000;
    };
    const found = price(margin, 1, instrument);
    const direction = lots > 0 ? -1 : 1;
    let first = MARK;
    while (first > 0 && first < 200_000 && !isBelow(first)) first += direction;
    if (first <= 0 || first >= 200_000) first = 0;
    // Sums here are not rounded: the figures of the account are, by less than three units.
    const slack = kind === "linear" ? 1 : 3;
    if (first === 0) expect([0, found > 200_000 ? found : 0]).toContain(found);
    else
      expect(Math.abs(found - first), `${kind} ${lots} ${found} ${first}`).toBeLessThanOrEqual(
        slack,
      );
  }
});

test("legs move together, and one that the other covers has no price", () => {
  const margin = new MarginCore();
  margin.schedule({ maintenanceBps: 1_000 });
  margin.core.account(1, { positionMode: PositionMode.Hedging });
  const legs = (long: number, short: number): unknown[] => {
    for (const [positionSide, lots] of [
      [PositionSide.Long, long],
      [PositionSide.Short, -short],
    ]) {
      const what = { instrument: 1, account: 1, positionSide, lots, priceTicks: MARK };
      if (lots !== 0) margin.core.send(Kind.PositionAdjust, what);
    }
    const rows = only(margin.core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState);
    return rows.map((row) => [row["side"], row["liquidationTicks"]]).sort();
  };
  // 100,000 + 50 (P - 10,000) = 5 P
  expect(legs(50, 0)).toEqual([[PositionSide.Long, 8_888]]);
  // 100,000 + 20 (P - 10,000) = 8 P below; above, what is won is more than what is needed.
  expect(legs(0, 30)).toEqual([
    [PositionSide.Long, 8_333],
    [PositionSide.Short, 0],
  ]);
  // 100,000 - 10 (P - 10,000) = 11 P above: 9,523 is behind, so the mark is below already.
  expect(legs(0, 30)).toEqual([
    [PositionSide.Long, MARK],
    [PositionSide.Short, MARK],
  ]);
  margin.cash(1, 20_000);
  // 120,000 - 10 (P - 10,000) = 11 P above: 10,476. Falling marks free more than they cost.
  expect(legs(0, 0)).toEqual([
    [PositionSide.Long, 0],
    [PositionSide.Short, 10_477],
  ]);
});
