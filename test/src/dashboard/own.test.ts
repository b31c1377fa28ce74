import { beforeEach, expect, test } from "vitest";
import { Kind, OrderState, ParentState, QueryPart, Side } from "../../../asm/vocab.ts";
import {
  FILLS_MAX,
  ORDERS_MAX,
  Own,
  PARENTS_DONE_MAX,
  PARENTS_MAX,
  PARTS_MAX,
} from "../../../src/dashboard/own.ts";
import { decoded } from "./records.ts";

let own: Own;
beforeEach(() => {
  own = new Own();
});

const order = (clientId: bigint, state: OrderState, leavesLots = 10) =>
  decoded(Kind.OrderAccepted, { account: 1, clientId, orderId: clientId, state, leavesLots });
const fill = (id: bigint, clientId: bigint, state: OrderState, leavesLots = 0) =>
  decoded(Kind.Fill, {
    ...{ instrument: 7, account: 1, clientId, orderId: clientId, id, state, leavesLots },
    ...{ filledLots: 10 - leavesLots, side: Side.Buy },
  });

test("an order is open from its acceptance until its state is final", () => {
  own.apply(order(1n, OrderState.Live));
  own.apply(order(2n, OrderState.Armed));
  expect(own.orders.size).toBe(2);
  own.apply(
    decoded(Kind.OrderCanceled, {
      account: 1,
      clientId: 1n,
      orderId: 1n,
      state: OrderState.Canceled,
    }),
  );
  expect([...own.orders.values()].map(({ clientId }) => clientId)).toEqual([2n]);
  own.apply(order(3n, OrderState.Denied));
  expect(own.orders.size, "a denied order was never open").toBe(1);
});

test("a fill moves its order's leaves and closes it when nothing is left", () => {
  own.apply(order(1n, OrderState.Live));
  own.apply(fill(1n, 1n, OrderState.PartlyFilled, 4));
  expect([...own.orders.values()][0]).toMatchObject({ leavesLots: 4, filledLots: 6 });
  own.apply(fill(2n, 1n, OrderState.Filled));
  expect(own.orders.size).toBe(0);
  expect(
    own.fills.map(({ id }) => id),
    "newest first",
  ).toEqual([2n, 1n]);
});

test("a fill that is sent again after a reconnect is shown once", () => {
  expect(own.apply(fill(5n, 1n, OrderState.Filled))).toBe(true);
  expect(own.apply(fill(5n, 1n, OrderState.Filled))).toBe(false);
  expect(own.fills.length).toBe(1);
});

test("fills and orders are bounded", () => {
  for (let id = 1n; id <= FILLS_MAX * 2; id += 1n) own.apply(fill(id, id, OrderState.Filled));
  expect(own.fills.length).toBe(FILLS_MAX);
  expect(own.fills[0]?.id).toBe(BigInt(FILLS_MAX * 2));
  for (let id = 1n; id <= ORDERS_MAX + 9; id += 1n) own.apply(order(id, OrderState.Live));
  expect(own.orders.size).toBe(ORDERS_MAX);
});

test("a snapshot replaces orders, positions and cash, and keeps the fills", () => {
  own.apply(order(1n, OrderState.Live));
  own.apply(fill(1n, 9n, OrderState.Filled));
  own.apply(decoded(Kind.PositionChanged, { instrument: 7, account: 1, lots: 5 }));
  own.apply(decoded(Kind.BalanceChanged, { account: 1, currency: 1, cashMinor: 100 }));
  own.beginSnapshot();
  own.apply(decoded(Kind.PositionState, { instrument: 8, account: 1, lots: -2 }));
  own.apply(decoded(Kind.AccountState, { account: 1, currency: 1, cashMinor: 90 }));
  expect(own.orders.size).toBe(0);
  expect([...own.positions.values()].map(({ instrument }) => instrument)).toEqual([8]);
  expect([...own.balances.values()].map(({ cashMinor }) => cashMinor)).toEqual([90]);
  expect(own.fills.length).toBe(1);
});

test("an order worked over time is open until it is done, and then the newest few are kept", () => {
  const parent = (kind: Kind.ParentProgress | Kind.ParentDone, clientId: bigint, filledLots = 0) =>
    decoded(kind, {
      ...{ account: 1, clientId, qtyLots: 10, filledLots },
      state: kind === Kind.ParentDone ? ParentState.Filled : ParentState.Working,
    });
  own.apply(parent(Kind.ParentProgress, 1n));
  own.apply(parent(Kind.ParentProgress, 1n, 4));
  expect([...own.parents.values()].map(({ filledLots }) => filledLots)).toEqual([4]);
  for (let id = 1n; id <= PARENTS_DONE_MAX + 2; id += 1n) own.apply(parent(Kind.ParentDone, id));
  expect(own.parents.size).toBe(0);
  expect(own.parentsDone.map(({ clientId }) => clientId)).toEqual([5n, 4n, 3n]);
  for (let id = 1n; id <= PARENTS_MAX + 2; id += 1n) own.apply(parent(Kind.ParentProgress, id));
  expect(own.parents.size).toBe(PARENTS_MAX);
  own.beginSnapshot();
  expect(own.parents.size, "the snapshot names what is open").toBe(0);
});

test("parts of strategies are replaced when an answer is whole, not by one for limits", () => {
  const part = (strategy: number) => decoded(Kind.StrategyState, { account: 1, strategy, lots: 5 });
  const end = (asked: QueryPart) => decoded(Kind.StateQueryEnd, { account: 1, part: asked });
  const known = () => own.parts.map(({ strategy }) => strategy);
  expect(own.apply(part(7)), "one row is no news").toBe(false);
  expect([own.apply(end(QueryPart.State)), known()]).toEqual([true, [7]]);
  own.apply(part(8));
  own.apply(part(9));
  expect(known()).toEqual([7]);
  own.apply(end(QueryPart.Limits));
  expect(known()).toEqual([7]);
  own.apply(end(QueryPart.Strategies));
  expect(known()).toEqual([8, 9]);
  for (let id = 0; id <= PARTS_MAX; id++) own.apply(part(1));
  own.apply(end(QueryPart.Strategies));
  expect(own.parts.length).toBe(PARTS_MAX);
});

test("what is not an own event changes nothing", () => {
  expect(own.apply(decoded(Kind.TradePrint, { priceTicks: 1 }))).toBe(false);
});
