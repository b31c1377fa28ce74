import { expect, test } from "vitest";
import {
  Kind,
  LimitFlag,
  OrderState,
  QueryPart,
  Refusal,
  Scope,
  Side,
} from "../../../asm/vocab.ts";
import { Own } from "../../../src/dashboard/own.ts";
import { usesOf } from "../../../src/dashboard/usage.ts";
import { decoded } from "./records.ts";

const value = { unrealizedMinor: -30, markTicks: 100, isLive: true };
const valuer = {
  valueOf: () => value,
  notionalOf: ({ leavesLots }: { leavesLots: number }) => leavesLots * 100,
};

test("an account's use: position, worst case over open orders, result of the day", () => {
  const own = new Own();
  own.apply(decoded(Kind.AccountState, { account: 1, currency: 2, realizedDayMinor: -50 }));
  own.apply(decoded(Kind.PositionState, { account: 1, instrument: 4, lots: 5, settlement: 2 }));
  const order = { account: 1, instrument: 4, state: OrderState.Live };
  const sell = { side: Side.Sell, leavesLots: 9 };
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 1, side: Side.Buy, leavesLots: 2 }));
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 2, ...sell }));
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 3, ...sell, instrument: 5 }));
  const uses = usesOf(own, 4, valuer);
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
  const [position, worst] = usesOf(own, 4, valuer);
  expect([position!.value, worst!.value]).toEqual([-6, 9]);
});

test("each limit the core tells stands beside its use, replaced by the next answer", () => {
  const own = new Own();
  own.apply(decoded(Kind.AccountState, { account: 1, currency: 2, realizedDayMinor: -50 }));
  const order = { account: 1, instrument: 4, state: OrderState.Live, side: Side.Buy };
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 1, leavesLots: 2 }));
  own.apply(decoded(Kind.OrderStateRow, { ...order, clientId: 2, leavesLots: 7 }));
  const tell = (reason: Refusal, limit: number, used: number, more = {}): boolean =>
    own.apply(
      decoded(Kind.LimitState, { account: 1, instrument: 4, reason, limit, used, ...more }),
    );
  expect(tell(Refusal.PositionLimit, 20, 9), "nothing to redraw yet").toBe(false);
  tell(Refusal.QtyLimit, 10, 0, { limitFlags: LimitFlag.PerOrder });
  tell(Refusal.NotionalLimit, 1000, 0, { limitFlags: LimitFlag.PerOrder, currency: 2 });
  tell(Refusal.OpenOrdersLimit, 5, 2, { scope: Scope.Account });
  tell(Refusal.OpenOrdersLimit, 3, 2, { scope: Scope.AccountInstrument });
  tell(Refusal.LossLimit, 500, 50, { currency: 2 });
  tell(Refusal.RateLimit, 100, 4, { scope: Scope.Global });
  tell(Refusal.LeverageLimit, 300, 110);
  tell(Refusal.GrossExposureLimit, 9000, 0, { currency: 2, limitFlags: LimitFlag.Unknown });
  expect(usesOf(own, 4, valuer).length, "until the answer is whole").toBe(4);
  expect(own.apply(decoded(Kind.StateQueryEnd, { part: QueryPart.State }))).toBe(false);
  expect(own.apply(decoded(Kind.StateQueryEnd, { part: QueryPart.Limits }))).toBe(true);
  const shown = usesOf(own, 4, valuer).map((use) => [use.name, use.used, use.limit, use.isKnown]);
  expect(shown).toEqual([
    ["Position", 0, 0, true],
    ["If all fills", 9, 20, true],
    ["Open orders", 2, 5, true],
    ["Open orders here", 2, 3, true],
    ["Largest order", 7, 10, true],
    ["Order value", 700, 1000, true],
    ["Today", 50, 500, true],
    ["Messages (all)", 4, 100, true],
    ["Leverage", 110, 300, true],
    ["Gross exposure", 0, 9000, false],
  ]);
  own.apply(decoded(Kind.StateQueryEnd, { part: QueryPart.Limits }));
  expect(own.limits, "an answer without limits").toEqual([]);
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
