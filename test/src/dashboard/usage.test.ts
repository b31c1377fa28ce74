import { expect, test } from "vitest";
import { Kind, OrderState, Side } from "../../../asm/vocab.ts";
import { Own } from "../../../src/dashboard/own.ts";
import { usesOf } from "../../../src/dashboard/usage.ts";
import { decoded } from "./records.ts";

const value = { unrealizedMinor: -30, markTicks: 100, isLive: true };

test("an account's use: position, worst case over open orders, result of the day", () => {
  const own = new Own();
  own.apply(decoded(Kind.AccountState, { account: 1, currency: 2, realizedDayMinor: -50 }));
  own.apply(decoded(Kind.PositionState, { account: 1, instrument: 4, lots: 5, settlement: 2 }));
  const order = { account: 1, instrument: 4, state: OrderState.Live };
  const sell = { side: Side.Sell, leavesLots: 9 };
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 1, side: Side.Buy, leavesLots: 2 }));
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 2, ...sell }));
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 3, ...sell, instrument: 5 }));
  const uses = usesOf(own, 4, () => value);
  expect(uses.map(({ name, value: shown, used }) => [name, shown, used])).toEqual([
    ["Position", 5, 5],
    ["If all fills", 7, 7],
    ["Open orders", 3, 3],
    ["Today", -80, 80],
  ]);
});

test("of a hedging account the leg used the most; what closes it adds nothing", () => {
  const own = new Own();
  const here = { account: 1, instrument: 4 };
  own.apply(decoded(Kind.PositionState, { ...here, side: 1, lots: 5, settlement: 2 }));
  own.apply(decoded(Kind.PositionState, { ...here, side: 2, lots: -6, settlement: 2 }));
  const order = { ...here, state: OrderState.Live, side: Side.Sell };
  own.apply(
    decoded(Kind.OrderStateRow, { ...order, clientId: 1, positionSide: 1, leavesLots: 40 }),
  );
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 2, positionSide: 2, leavesLots: 3 }));
  const [position, worst] = usesOf(own, 4, () => value);
  expect([position!.value, worst!.value]).toEqual([-6, 9]);
});

test("refusals are kept, newest first, and bounded", () => {
  const own = new Own();
  for (let clientId = 1; clientId <= 25; clientId++) {
    const denied = { account: 1, clientId, reason: 405, state: OrderState.Denied };
    expect(own.apply(decoded(Kind.OrderDenied, denied))).toBe(true);
  }
  expect(own.refused.length).toBe(20);
  expect(own.refused[0]?.clientId).toBe(25n);
  expect(own.orders.size).toBe(0);
});
