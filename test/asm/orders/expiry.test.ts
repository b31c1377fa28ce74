// GTD and DAY orders: when they go, in what order, and how many one Timer takes.
import { beforeEach, expect, test } from "vitest";
import { EXPIRIES_PER_TIMER_MAX, H_DEADLINE_ORDER, H_TIMERS } from "../../../asm/layout.ts";
import {
  Kind,
  ORDER_CLIENT_ID,
  OrderState,
  OrderType,
  Refusal,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const SECOND = 1_000_000_000;
const NEVER = 0x7fffffffffffffffn;
const GTD = { tif: TimeInForce.Gtd, priceTicks: 100, qtyLots: 5 };

let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.account(1);
  core.account(2);
});

function at(seconds: number): bigint {
  return BASE_NANOS + BigInt(seconds * SECOND);
}

function deadline(): bigint {
  return core.core.view.getBigInt64(H_DEADLINE_ORDER, true);
}

/** Lets time pass; the answers of the timers. */
function until(seconds: number): Out[] {
  core.nowNanos = seconds * SECOND;
  return core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 1 });
}

function expired(outs: Out[]): number[] {
  return only(outs, Kind.OrderExpired).map((out) => Number(out["clientId"]));
}

test("the deadline is the earliest expiry of the open orders, and none without them", () => {
  expect(deadline()).toBe(NEVER);
  core.order({ ...GTD, clientId: 1, expiresNanos: at(50) });
  core.order({ ...GTD, clientId: 2, expiresNanos: at(40) });
  expect(deadline()).toBe(at(40));
  core.send(Kind.OrderCancel, { account: 1, clientId: 2 });
  expect(deadline()).toBe(at(50));
  core.order({ account: 2, clientId: 3, side: Side.Sell, priceTicks: 100, qtyLots: 5 });
  expect(deadline(), "a filled order does not expire").toBe(NEVER);
});

test("orders go by time, then by arrival, each at its own time", () => {
  core.order({ ...GTD, clientId: 1, expiresNanos: at(50) });
  core.order({ ...GTD, clientId: 2, expiresNanos: at(40) });
  core.order({ ...GTD, clientId: 3, expiresNanos: at(50) });
  const outs = until(60);
  expect(expired(outs)).toEqual([2, 1, 3]);
  const times = only(outs, Kind.OrderExpired).map((out) => out["tsEngineNanos"]);
  expect(times).toEqual([at(40), at(50), at(50)]);
  expect(only(outs, Kind.OrderExpired)[0]).toMatchObject({ state: OrderState.Expired });
});

test("an order is gone when its time is reached, before an input of that very time", () => {
  core.order({ ...GTD, clientId: 1, expiresNanos: at(50) });
  core.nowNanos = 50 * SECOND - 1;
  const early = { account: 2, side: Side.Sell, priceTicks: 100 };
  expect(only(core.order({ ...early, clientId: 2 }), Kind.Fill).length).toBe(2);
  core.nowNanos = 50 * SECOND;
  const outs = core.order({ ...early, clientId: 3 });
  expect(expired(outs)).toEqual([1]);
  expect(only(outs, Kind.Fill)).toEqual([]);
  expect(only(outs, Kind.OrderExpired)[0]).toMatchObject({ leavesLots: 4, filledLots: 1 });
});

test("a DAY order goes at 00:00 UTC and gives its open lots back", () => {
  core.nowNanos = 3 * 86_400 * SECOND;
  core.order({ clientId: 1, tif: TimeInForce.Day, priceTicks: 100, qtyLots: 5 });
  expect(deadline()).toBe(at(4 * 86_400));
  expect(expired(until(4 * 86_400))).toEqual([1]);
  const [position] = only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState);
  expect(Number(position!["openBuyLots"])).toBe(0);
});

test("a stop expires where it waits, and after it was triggered", () => {
  const stop = { side: Side.Sell, type: OrderType.StopLimit, stopTicks: 95, priceTicks: 99 };
  core.order({ ...GTD, ...stop, clientId: 1, expiresNanos: at(40) });
  core.order({ ...GTD, ...stop, clientId: 2, expiresNanos: at(50), stopTicks: 96 });
  core.order({ account: 2, clientId: 3, priceTicks: 96 });
  const sell = { account: 1, clientId: 4, side: Side.Sell, priceTicks: 96 };
  expect(only(core.order(sell), Kind.OrderTriggered).length).toBe(1);
  expect(expired(until(60))).toEqual([1, 2]);
});

test.each([
  ["now", { tif: TimeInForce.Gtd, expiresNanos: at(0) }],
  ["in the past", { tif: TimeInForce.Gtd, expiresNanos: 1n }],
  ["of a GTC order", { tif: TimeInForce.Gtc, expiresNanos: at(9) }],
  ["of a DAY order", { tif: TimeInForce.Day, expiresNanos: at(9) }],
])("an expiry %s is refused", (_what, fields: Fields) => {
  const [out] = core.order({ ...GTD, clientId: 1, ...fields });
  expect(Refusal[out!["reason"] as Refusal]).toBe("ExpiryInvalid");
});

test(`a Timer expires at most ${EXPIRIES_PER_TIMER_MAX} orders; the next one goes on`, () => {
  const model = { instrument: 1, account: 1, side: Side.Buy, type: OrderType.Limit };
  const count = EXPIRIES_PER_TIMER_MAX * 2 + 5;
  const fields = { ...model, ...GTD, expiresNanos: at(50) };
  core.sendMany(Kind.OrderNew, fields, count, (view, place, index) => {
    view.setBigUint64(place + ORDER_CLIENT_ID, BigInt(1 + index), true);
  });
  const outs = until(60);
  expect(expired(outs)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(core.core.view.getBigUint64(H_TIMERS, true)).toBe(3n);
  expect(deadline()).toBe(NEVER);
});
