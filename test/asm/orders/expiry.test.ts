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

test("an order a nanosecond later goes a nanosecond later, and is in time until then", () => {
  core.order({ ...GTD, clientId: 1, expiresNanos: at(50) });
  core.order({ ...GTD, clientId: 2, expiresNanos: at(50) + 1n });
  expect(expired(until(50))).toEqual([1]);
  expect(deadline()).toBe(at(50) + 1n);
  core.nowNanos = 50 * SECOND + 1;
  expect(expired(core.send(Kind.StateQuery, { account: 1 }))).toEqual([2]);
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

const EXPIRES = 32;
const move = (clientId: number, seconds: number, fields: Fields = {}): Out[] =>
  core.send(Kind.OrderAmend, {
    account: 1,
    clientId,
    fields: EXPIRES,
    expiresNanos: at(seconds),
    ...fields,
  });
const why = (outs: Out[]): string => Refusal[Number(outs[0]!["reason"])]!;

test("an amend of the expiry moves it, keeps the place and asks no limit", () => {
  core.order({ ...GTD, clientId: 1, expiresNanos: at(50) });
  core.order({ ...GTD, clientId: 2, expiresNanos: at(60) });
  core.send(Kind.RiskLimits, { scope: 2, account: 1, qtyLotsMax: 1 });
  const outs = move(1, 70, { tag: 9n });
  expect(outs.length).toBe(1);
  expect(outs[0]).toMatchObject({ kind: Kind.OrderAmended, detail: 1, leavesLots: 5, tag: 9n });
  expect(deadline()).toBe(at(60));
  const sell = core.order({ account: 2, clientId: 1, side: Side.Sell, priceTicks: 100 });
  const filled = only(sell, Kind.Fill).map((out) => out["clientId"]);
  expect(filled[0], "it is still the first of its price").toBe(1n);
  expect(expired(until(60))).toEqual([2]);
  expect(deadline()).toBe(at(70));
  expect(expired(until(71))).toEqual([1]);
});

test("an order that comes to another's time by an amend goes behind it", () => {
  core.order({ ...GTD, clientId: 1, expiresNanos: at(50) });
  core.order({ ...GTD, clientId: 2, expiresNanos: at(60) });
  move(1, 60);
  expect(expired(until(61))).toEqual([2, 1]);
});

test("an expiry moves alone: what else is named must be as it is", () => {
  core.order({ ...GTD, clientId: 1, expiresNanos: at(50) });
  const as = { fields: EXPIRES | 3, priceTicks: 100, qtyLots: 5 };
  expect(why(move(1, 60, { ...as, priceTicks: 101 }))).toBe("FlagUnsupported");
  expect(why(move(1, 60, { ...as, qtyLots: 4 }))).toBe("FlagUnsupported");
  expect(why(move(1, 60, { fields: EXPIRES | 8 }))).toBe("FlagUnsupported");
  expect(why(move(1, 60, { newClientId: 5 }))).toBe("FlagUnsupported");
  expect(why(move(1, 50))).toBe("AmendNothing");
  expect(why(move(1, 0)), "that time has come").toBe("ExpiryInvalid");
  core.order({ clientId: 2, priceTicks: 100 });
  expect(why(move(2, 60)), "a GTC order has none").toBe("ExpiryInvalid");
  core.order({ ...GTD, tif: TimeInForce.Day, clientId: 3 });
  expect(why(move(3, 60))).toBe("ExpiryInvalid");
  core.send(Kind.KillSwitch, { scope: 2, account: 1, state: 1 });
  expect(why(move(1, 60, as))).toBe("KillSwitchOn");
  core.send(Kind.KillSwitch, { scope: 2, account: 1, state: 0 });
  expect(move(1, 60, as)[0]!.kind).toBe(Kind.OrderAmended);
});

test("stops, trailing stops and held children may live longer too", () => {
  const gtd = { tif: TimeInForce.Gtd, expiresNanos: at(50), qtyLots: 1 };
  core.order({ ...gtd, clientId: 1, type: OrderType.Stop, stopTicks: 120 });
  core.order({ account: 2, clientId: 1, priceTicks: 90 });
  core.order({ account: 1, clientId: 9, side: Side.Sell, priceTicks: 90 });
  const trail = { trailUnit: 1, trailOffset: 5 };
  core.order({ ...gtd, clientId: 2, type: OrderType.TrailingStop, ...trail });
  core.order({ clientId: 3, priceTicks: 80 });
  core.order({ ...gtd, clientId: 4, priceTicks: 95, contingency: 3, linkedClientId: 3 });
  const stop = { fields: EXPIRES | 4, stopTicks: 120 };
  const states = [move(1, 60, stop), move(2, 61), move(4, 62)].map(([out]) => out!["state"]);
  expect(states).toEqual([OrderState.Armed, OrderState.Armed, OrderState.Held]);
  expect(expired(until(59))).toEqual([]);
  expect(expired(until(63))).toEqual([1, 2, 4]);
});
