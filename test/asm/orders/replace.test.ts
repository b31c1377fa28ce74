// OrderReplace: the old order ends and the new one is at the back, or nothing has changed.
import { beforeEach, describe, expect, test } from "vitest";
import {
  AmendField,
  CancelReason,
  Contingency,
  Execution,
  Kind,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  Scope,
  Side,
  TimeInForce,
  TrailUnit,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const PAPER = 2;
let core: OrderCore;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.instrument(PAPER, { execution: Execution.Paper });
  for (const id of [1, 2, 3]) core.account(id);
});

function order(clientId: number, fields: Fields = {}): Out[] {
  return core.order({ clientId, priceTicks: 100, qtyLots: 5, ...fields });
}

function replace(clientId: number, newClientId: number | bigint, fields: Fields = {}): Out[] {
  return core.send(Kind.OrderReplace, { account: 1, clientId, newClientId, ...fields });
}

function story(outs: Out[]): unknown[] {
  return outs
    .filter((out) => ![Kind.BookTop, Kind.BookPrint].includes(out["kind"] as Kind))
    .map((out) => [Kind[out["kind"] as Kind], Number(out["clientId"] ?? 0)]);
}

function openRows(account = 1): Out[] {
  return only(core.send(Kind.StateQuery, { account }), Kind.OrderStateRow);
}

function denied(outs: Out[]): string | undefined {
  expect(outs.map((out) => out["kind"])).toEqual([Kind.AmendDenied]);
  return Refusal[outs[0]!["reason"] as Refusal];
}

test("the old order is canceled and the new one stands behind its equals", () => {
  order(1, { tag: 77n });
  order(1, { account: 2 });
  const outs = replace(1, 2, { session: 9 });
  expect(story(outs)).toEqual([
    ["OrderCanceled", 1],
    ["OrderAccepted", 2],
  ]);
  expect(outs[0]!["reason"]).toBe(CancelReason.Replaced);
  expect(outs[1]).toMatchObject({ priceTicks: 100, leavesLots: 5, tag: 77n, session: 9 });
  const fills = only(order(1, { account: 3, side: Side.Sell, qtyLots: 6 }), Kind.Fill);
  const makers = fills.filter((fill) => fill["account"] !== 3);
  expect(makers.map((fill) => [fill["account"], fill["qtyLots"]])).toEqual([
    [2, 5],
    [1, 1],
  ]);
  expect(core.money()).toBe(0n);
});

test("the quantity is the total with what is filled; the new order has what is left", () => {
  order(1);
  order(1, { account: 2, side: Side.Sell, qtyLots: 2 });
  expect(denied(replace(1, 2, { fields: AmendField.Qty, qtyLots: 2 }))).toBe("AmendBelowFilled");
  const [, accepted] = replace(1, 2, { fields: AmendField.Qty, qtyLots: 9 });
  expect([accepted!["leavesLots"], accepted!["filledLots"]]).toEqual([7, 0]);
  const [, again] = replace(2, 3);
  expect(again!["leavesLots"]).toBe(7);
});

test("a new order that would be denied leaves the old one as it was", () => {
  order(1, { orderFlags: OrderFlag.PostOnly });
  order(2, { priceTicks: 90 });
  order(1, { account: 2, side: Side.Sell, priceTicks: 105 });
  const before = openRows();
  const price = { fields: AmendField.Price, priceTicks: 105 };
  expect(denied(replace(1, 3, price))).toBe("PostOnlyWouldTrade");
  expect(denied(replace(1, 2))).toBe("ClientOrderIdDuplicate");
  expect(denied(replace(1, 1))).toBe("ClientOrderIdDuplicate");
  expect(denied(replace(1, 0))).toBe("ClientOrderIdMissing");
  expect(denied(replace(1, 1n << 63n))).toBe("ClientOrderIdMissing");
  expect(denied(replace(7, 8))).toBe("UnknownOrder");
  expect(denied(replace(1, 3, { fields: 64 }))).toBe("FlagUnsupported");
  expect(denied(replace(1, 3, { fields: AmendField.Stop, stopTicks: 9 }))).toBe("StopPriceInvalid");
  expect(denied(replace(1, 3, { fields: AmendField.Trail, trailOffset: 9 }))).toBe("TrailInvalid");
  const stripped = (rows: Out[]): unknown => rows.map(({ sequence: _s, cause: _c, ...row }) => row);
  expect(stripped(openRows())).toEqual(stripped(before));
  const [fill] = only(order(2, { account: 2, side: Side.Sell, qtyLots: 1 }), Kind.Fill);
  expect(fill!["clientId"], "its place too").toBe(1n);
});

test("limits are asked as if the old order were gone", () => {
  const limits = { scope: Scope.Account, account: 1, positionLotsMax: 5, ordersOpenMax: 1 };
  core.send(Kind.RiskLimits, limits);
  order(1);
  expect(story(replace(1, 2))).toEqual([
    ["OrderCanceled", 1],
    ["OrderAccepted", 2],
  ]);
  expect(denied(replace(2, 3, { fields: AmendField.Qty, qtyLots: 6 }))).toBe("PositionLimit");
  const rows = core.send(Kind.StateQuery, { account: 1 });
  expect(only(rows, Kind.PositionState)[0]!["openBuyLots"]).toBe(5);
  expect(only(rows, Kind.AccountState)[0]!["ordersOpen"]).toBe(1);
});

test("a better price trades at once; a message counts once", () => {
  const limits = { scope: Scope.Account, account: 1, rateMax: 3, rateWindowMillis: 1_000 };
  core.send(Kind.RiskLimits, limits);
  order(1);
  order(1, { account: 2, side: Side.Sell, priceTicks: 103 });
  const outs = replace(1, 2, { fields: AmendField.Price, priceTicks: 103 });
  expect(only(outs, Kind.Fill).length).toBe(2);
  expect(order(3)[0]!["kind"]).toBe(Kind.OrderAccepted);
  expect(Refusal[order(4)[0]!["reason"] as Refusal]).toBe("RateLimit");
});

test("stops, icebergs, expiries and trails go on with the new order", () => {
  order(1, { account: 2, qtyLots: 1 });
  order(1, { account: 3, side: Side.Sell, qtyLots: 1 });
  const sell = { side: Side.Sell, priceTicks: 0 };
  order(1, { ...sell, type: OrderType.Stop, stopTicks: 95 });
  const trail = { trailUnit: TrailUnit.Ticks, trailOffset: 4 };
  order(2, { ...sell, ...trail, type: OrderType.TrailingStopLimit, priceTicks: -1 });
  const expiresNanos = BASE_NANOS + 1_000n;
  order(3, { priceTicks: 90, displayLots: 4, tif: TimeInForce.Gtd, expiresNanos });
  const at = (id: number, fields: Fields = {}): Out => replace(id, id + 10, fields)[1]!;
  expect(at(1, { fields: AmendField.Stop, stopTicks: 94 })["stopTicks"]).toBe(94);
  expect(at(2)).toMatchObject({ stopTicks: 96, priceTicks: 95 });
  const [, iceberg, top] = replace(3, 13, { fields: AmendField.Qty, qtyLots: 3 });
  expect([iceberg!["leavesLots"], top]).toEqual([3, top]);
  core.nowNanos = 2_000;
  const outs = order(4, { priceTicks: 80 });
  expect(only(outs, Kind.OrderExpired).map((out) => out["clientId"])).toEqual([13n]);
});

test("a paper order is replaced where it rests", () => {
  core.send(Kind.TopOfBook, {
    instrument: PAPER,
    bidTicks: 99,
    bidLots: 5,
    askTicks: 101,
    askLots: 5,
  });
  order(1, { instrument: PAPER });
  const outs = replace(1, 2, { fields: AmendField.Price, priceTicks: 101 });
  expect(only(outs, Kind.Fill).map((fill) => fill["clientId"])).toEqual([2n]);
  expect(core.money()).toBe(0n);
});

describe("a leg of a pair", () => {
  const pair = (kind: Contingency, fields: Fields = {}): void => {
    order(1, { qtyLots: 6 });
    order(2, { priceTicks: 90, qtyLots: 6, contingency: kind, linkedClientId: 1, ...fields });
  };
  const sell = (id: number, priceTicks: number, qtyLots: number): Out[] =>
    order(id, { account: 2, side: Side.Sell, priceTicks, qtyLots });

  test("hands its place in the pair to the new order", () => {
    pair(Contingency.Oco);
    const outs = replace(1, 3, { fields: AmendField.Price, priceTicks: 95 });
    expect(story(outs).slice(0, 2)).toEqual([
      ["OrderCanceled", 1],
      ["OrderAccepted", 3],
    ]);
    expect(outs[1]!["linkedClientId"]).toBe(2n);
    expect(openRows().map((row) => Number(row["clientId"]))).toEqual([3, 2]);
    const filled = sell(1, 95, 1);
    expect(only(filled, Kind.OrderCanceled).map((out) => Number(out["clientId"]))).toEqual([2]);
  });

  test("shrinks the other leg with what the new order fills, at once too", () => {
    pair(Contingency.Ouo);
    sell(1, 101, 2);
    const outs = replace(2, 3, { fields: AmendField.Price, priceTicks: 101 });
    const reduced = only(outs, Kind.OrderReduced);
    expect(reduced.map((out) => [Number(out["clientId"]), out["leavesLots"]])).toEqual([[1, 4]]);
  });

  test("may be an armed stop, and stays one", () => {
    pair(Contingency.Oco, { type: OrderType.Stop, priceTicks: 0, stopTicks: 120 });
    expect(replace(2, 3, { fields: AmendField.Stop, stopTicks: 130 })[1]).toMatchObject({
      state: OrderState.Armed,
      linkedClientId: 1n,
      stopTicks: 130,
    });
    const canceled = only(
      core.send(Kind.OrderCancel, { account: 1, clientId: 3 }),
      Kind.OrderCanceled,
    );
    expect(canceled.map((out) => Number(out["clientId"]))).toEqual([3, 1]);
  });

  test("stays in its pair when the new order is refused", () => {
    pair(Contingency.Oco);
    expect(denied(replace(1, 3, { fields: AmendField.Price, priceTicks: 0 }))).toBe(
      "PriceNotPositive",
    );
    expect(denied(replace(1, 2))).toBe("ClientOrderIdDuplicate");
    const filled = sell(1, 100, 1);
    expect(only(filled, Kind.OrderCanceled).map((out) => Number(out["clientId"]))).toEqual([2]);
  });

  test("of a family is not replaced: children go by their parent's fills", () => {
    order(1);
    order(2, { priceTicks: 90, contingency: Contingency.Oto, linkedClientId: 1 });
    expect(denied(replace(1, 3))).toBe("ContingencyInvalid");
    expect(denied(replace(2, 3))).toBe("FlagUnsupported");
  });
});
