// Icebergs: what is seen, whose turn it is, and that no lot is lost or counted twice.
import { beforeEach, expect, test } from "vitest";
import { FILLS_PER_COMMAND_MAX } from "../../../asm/layout.ts";
import {
  AmendField,
  CancelReason,
  Execution,
  Kind,
  OrderType,
  Refusal,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
let next = 1;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.account(1);
  core.account(2);
  next = 1;
});

function sell(qtyLots: number, displayLots: number, fields: Fields = {}): Out[] {
  const order = { clientId: next++, side: Side.Sell, priceTicks: 100, ...fields };
  return core.order({ ...order, qtyLots, displayLots });
}

function buy(qtyLots: number, fields: Fields = {}): Out[] {
  return core.order({ clientId: next++, account: 2, priceTicks: 100, qtyLots, ...fields });
}

function askLots(outs: Out[]): number | undefined {
  const top = only(outs, Kind.BookTop).at(-1);
  return top === undefined ? undefined : Number(top["askLots"]);
}

function openLots(): number {
  const [position] = only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState);
  return Number(position!["openSellLots"]);
}

test("the public book shows the slice, the account all of it", () => {
  const outs = sell(10, 3);
  expect(askLots(outs)).toBe(3);
  expect(only(outs, Kind.OrderAccepted)[0]!["leavesLots"]).toBe(10);
  expect(openLots()).toBe(10);
});

test("fills and refreshes add up, slice by slice, and the last slice is what is left", () => {
  sell(10, 4);
  const outs = buy(9);
  const fills = only(outs, Kind.Fill).filter((out) => out["account"] === 1);
  expect(fills.map((out) => [out["qtyLots"], out["leavesLots"]])).toEqual([
    [4, 6],
    [4, 2],
    [1, 1],
  ]);
  const refreshed = only(outs, Kind.OrderRefreshed);
  expect(refreshed.map((out) => [out["limit"], out["leavesLots"]])).toEqual([
    [4, 6],
    [2, 2],
  ]);
  expect([askLots(outs), openLots()]).toEqual([1, 1]);
  expect(core.money()).toBe(0n);
});

test("a cancel gives back what is hidden too, and an expiry as well", () => {
  sell(10, 3);
  const [canceled] = core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
  expect([canceled!["leavesLots"], openLots()]).toEqual([10, 0]);
  sell(8, 3, { tif: TimeInForce.Gtd, expiresNanos: BASE_NANOS + 5n });
  core.nowNanos = 5;
  expect(openLots()).toBe(0);
});

test("less quantity is taken from what is hidden and keeps the place; the slice goes last", () => {
  sell(10, 3);
  sell(5, 0);
  const amend = (qtyLots: number): Out[] =>
    core.send(Kind.OrderAmend, { account: 1, clientId: 1, fields: AmendField.Qty, qtyLots });
  expect(amend(4)[0]).toMatchObject({ detail: 1, leavesLots: 4 });
  const outs = amend(2);
  expect([askLots(outs), openLots()]).toEqual([7, 7]);
  expect(only(buy(1), Kind.Fill)[0]!["clientId"], "its place").toBe(1n);
});

test("more quantity or another price loses the place and shows a whole slice again", () => {
  sell(10, 3);
  sell(5, 0);
  buy(1);
  const fields = AmendField.Qty | AmendField.Price;
  const change = { account: 1, clientId: 1, fields, priceTicks: 100, qtyLots: 12 };
  const outs = core.send(Kind.OrderAmend, change);
  expect(only(outs, Kind.OrderAmended)[0]).toMatchObject({ detail: 0, leavesLots: 11 });
  expect([askLots(outs), openLots()]).toEqual([8, 16]);
  expect(only(buy(1), Kind.Fill)[0]!["clientId"]).toBe(2n);
});

test("fill-or-kill counts what is hidden", () => {
  sell(10, 3);
  expect(only(buy(11, { tif: TimeInForce.Fok }), Kind.Fill)).toEqual([]);
  expect(only(buy(10, { tif: TimeInForce.Fok }), Kind.OrderCanceled)).toEqual([]);
  expect(openLots()).toBe(0);
});

test(`each slice is a step: fill-or-kill and a sweep end at ${FILLS_PER_COMMAND_MAX}`, () => {
  sell(FILLS_PER_COMMAND_MAX + 5, 1);
  const killed = buy(FILLS_PER_COMMAND_MAX, { tif: TimeInForce.Fok });
  expect(only(killed, Kind.OrderCanceled)[0]!["reason"]).toBe(CancelReason.FillOrKill);
  const swept = buy(FILLS_PER_COMMAND_MAX + 5);
  expect(only(swept, Kind.Fill).length).toBe(FILLS_PER_COMMAND_MAX * 2);
  expect(only(swept, Kind.OrderCanceled)[0]!["reason"]).toBe(CancelReason.SweepLimit);
  expect(openLots()).toBe(5);
  expect(core.money()).toBe(0n);
});

test.each([
  ["at market", { type: OrderType.Market }],
  ["on paper", { instrument: 2 }],
])("a display is refused %s", (_what, fields) => {
  core.instrument(2, { execution: Execution.Paper });
  expect(Refusal[sell(5, 2, fields)[0]!["reason"] as Refusal]).toBe("DisplayInvalid");
});
