// Pairs: what the fill, the trigger or the end of one order does to the other.
import { beforeEach, describe, expect, test } from "vitest";
import { O_WALK, O_WORKING, ORDERS_CLOSED_MAX } from "../../../asm/layout.ts";
import {
  Contingency,
  Execution,
  Kind,
  ORDER_CLIENT_ID,
  OrderType,
  Refusal,
  Scope,
  SelfTrade,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, type Fields, type Out } from "../order-core.ts";
import { Family, said } from "./family.ts";

let all: Family;
beforeEach(() => {
  all = new Family();
});

const oco = (linkedClientId: number): Fields => ({ contingency: Contingency.Oco, linkedClientId });
const ouo = (linkedClientId: number): Fields => ({ contingency: Contingency.Ouo, linkedClientId });

function refusal(outs: Out[]): string {
  return Refusal[Number(only(outs, Kind.OrderDenied)[0]!["reason"])]!;
}

describe("one cancels the other", () => {
  beforeEach(() => {
    all.order(1);
    expect(said(all.stop(2, oco(1)))).toEqual(["accepted 2 Armed"]);
  });

  test("the first fill cancels, even a partial one", () => {
    expect(said(all.take(Side.Buy, 2, 110))).toEqual(["filled 1 2", "canceled 2 5 Oco"]);
    expect(all.open(), "the filled leg works on alone").toEqual({ 1: ["PartlyFilled", 3] });
    expect(all.openLots()).toEqual([0, 3]);
    expect(said(all.cancel(1)), "and is no leg any more").toEqual(["canceled 1 3 User"]);
  });

  test("the trigger cancels before the triggered order trades", () => {
    all.core.order({ account: 2, clientId: 9, priceTicks: 80, qtyLots: 5 });
    const expected = ["triggered 2", "canceled 1 5 Oco", "filled 2 5"];
    expect(said(all.trade(90))).toEqual(expected);
    expect(all.open()).toEqual({});
  });

  test.each([1, 2])("canceling leg %i cancels both", (leg) => {
    expect(said(all.cancel(leg))).toEqual([`canceled ${leg} 5 User`, `canceled ${3 - leg} 5 Oco`]);
    expect(all.openLots()).toEqual([0, 0]);
  });
});

test("a leg that expires takes the other with it", () => {
  all.order(1);
  const expiresNanos = BASE_NANOS + 1_000n;
  all.stop(2, { ...oco(1), tif: TimeInForce.Gtd, expiresNanos });
  all.core.nowNanos = 2_000;
  const outs = all.core.send(Kind.StateQuery, { account: 1 });
  expect(said(outs)).toEqual(["expired 2", "canceled 1 5 Oco"]);
});

test("no sweep fills both legs: the second is gone when the first has traded", () => {
  all.order(1, { priceTicks: 105 });
  all.order(2, { priceTicks: 106, ...oco(1) });
  expect(said(all.take(Side.Buy, 20, 110))).toEqual(["filled 1 5", "canceled 2 5 Oco"]);
});

test("a new leg that trades at once cancels the one that rests", () => {
  all.order(1);
  all.core.order({ account: 2, clientId: 9, priceTicks: 100, qtyLots: 1 });
  const expected = ["accepted 2 Live", "filled 2 1", "canceled 1 5 Oco"];
  expect(said(all.order(2, { priceTicks: 100, ...oco(1) }))).toEqual(expected);
});

describe("one updates the other", () => {
  test("a fill shrinks an armed leg to the leaves, the last one cancels it", () => {
    all.order(1);
    all.stop(2, ouo(1));
    expect(said(all.take(Side.Buy, 2, 110))).toEqual(["filled 1 2", "reduced 2 by 2 to 3"]);
    expect(all.openLots()).toEqual([0, 6]);
    expect(said(all.take(Side.Buy, 3, 110))).toEqual(["filled 1 3", "canceled 2 3 Ouo"]);
  });

  test("a leg with fewer lots keeps them", () => {
    all.order(1);
    all.stop(2, { qtyLots: 2, ...ouo(1) });
    expect(said(all.take(Side.Buy, 3, 110))).toEqual(["filled 1 3"]);
    expect(said(all.take(Side.Buy, 1, 110))).toEqual(["filled 1 1", "reduced 2 by 1 to 1"]);
  });

  test("a resting leg keeps its place, an iceberg loses what is hidden first", () => {
    all.order(1, { priceTicks: 105 });
    all.order(2, { priceTicks: 120, displayLots: 2, ...ouo(1) });
    all.core.order({ account: 3, clientId: 1, side: Side.Sell, priceTicks: 120 });
    expect(said(all.take(Side.Buy, 2, 105))).toEqual(["filled 1 2", "reduced 2 by 2 to 3"]);
    const outs = all.core.order({ account: 2, clientId: 9, priceTicks: 120, qtyLots: 5 });
    expect(said(outs).slice(0, 2)).toEqual(["filled 1 3", "canceled 2 3 Ouo"]);
  });

  test.each([1, 2])("canceling leg %i cancels the other", (leg) => {
    all.order(1);
    all.stop(2, ouo(1));
    expect(said(all.cancel(leg))).toEqual([`canceled ${leg} 5 User`, `canceled ${3 - leg} 5 Ouo`]);
  });

  test("an amend or a decrement is no fill: the other leg keeps its lots", () => {
    all.order(1);
    all.stop(2, ouo(1));
    all.core.send(Kind.OrderAmend, { account: 1, clientId: 1, fields: 2, qtyLots: 4 });
    const cross = { selfTrade: SelfTrade.Decrement, side: Side.Buy, qtyLots: 1 };
    expect(said(all.order(3, cross))).toContain("decremented 1 by 1");
    expect(all.open()).toEqual({ 1: ["Live", 3], 2: ["Armed", 5] });
    const outs = all.order(4, { ...cross, qtyLots: 3 });
    expect(said(outs).slice(-3)).toEqual([
      "canceled 1 0 SelfTrade",
      "canceled 2 5 Ouo",
      "canceled 4 0 SelfTrade",
    ]);
  });
});

describe("legs of both sides that meet each other", () => {
  const meet = (rule: SelfTrade, qtyLots: number, contingency: Contingency): Out[] => {
    all.order(1);
    const leg = { side: Side.Buy, selfTrade: rule, qtyLots, contingency, linkedClientId: 1 };
    return all.order(2, leg);
  };

  test.each([
    [SelfTrade.Allow, 3, ["filled 1 3", "filled 2 3", "canceled 1 2 Oco"]],
    [SelfTrade.Allow, 7, ["filled 1 5", "filled 2 5", "canceled 2 2 Oco"]],
    [SelfTrade.CancelNewest, 7, ["canceled 2 7 SelfTrade", "canceled 1 5 Oco"]],
    [SelfTrade.CancelOldest, 7, ["canceled 1 5 SelfTrade", "canceled 2 7 Oco"]],
    [SelfTrade.CancelBoth, 7, ["canceled 1 5 SelfTrade", "canceled 2 7 Oco"]],
    [
      SelfTrade.Decrement,
      5,
      ["decremented 1 by 5", "decremented 2 by 5", "canceled 1 0 SelfTrade", "canceled 2 0 Oco"],
    ],
  ] as [SelfTrade, number, string[]][])("OCO, rule %i, %i lots", (rule, lots, expected) => {
    expect(said(meet(rule, lots, Contingency.Oco)).slice(1)).toEqual(expected);
    expect(all.open()).toEqual({});
    expect(all.core.core.view.getUint32(O_WORKING, true), "nobody works between inputs").toBe(0);
    expect(all.core.money()).toBe(0n);
  });

  test("OUO: the leg with more left is canceled when the other is filled", () => {
    const expected = ["filled 1 5", "filled 2 5", "canceled 2 2 Ouo"];
    expect(said(meet(SelfTrade.Allow, 7, Contingency.Ouo)).slice(1)).toEqual(expected);
  });
});

test("a mass cancel counts what ends with an order, and goes on behind it", () => {
  all.order(1);
  all.order(2, { priceTicks: 120, side: Side.Sell, ...oco(1) });
  all.order(3, { side: Side.Buy, priceTicks: 50 });
  all.stop(4, oco(3));
  all.order(5, { side: Side.Buy, priceTicks: 40 });
  const outs = all.core.send(Kind.MassCancel, { account: 1, scope: Scope.Account });
  expect(said(outs)).toEqual([
    "canceled 5 5 Mass",
    "canceled 4 5 Mass",
    "canceled 3 5 Oco",
    "canceled 2 5 Mass",
    "canceled 1 5 Oco",
  ]);
  expect(only(outs, Kind.MassCanceled)[0]).toMatchObject({ done: 5, left: 0 });
  expect(all.core.core.view.getUint32(O_WALK, true)).toBe(0);
});

test("a kill switch cancels a pair of two strategies whole", () => {
  all.core.send(Kind.Strategy, { id: 7, account: 1 });
  all.order(1, { strategy: 7 });
  all.stop(2, oco(1));
  const outs = all.core.send(Kind.KillSwitch, { scope: 3, strategy: 7, state: 1, cancelOpen: 1 });
  expect(said(outs)).toEqual(["canceled 1 5 KillSwitch", "canceled 2 5 Oco"]);
  expect(only(outs, Kind.MassCanceled)[0]).toMatchObject({ done: 2, left: 0 });
});

test("on paper the public quote fills one leg and the other goes", () => {
  const paper = new Family({ execution: Execution.Paper });
  paper.order(1);
  paper.order(2, { priceTicks: 112, ...oco(1) });
  paper.order(3, { priceTicks: 112 });
  paper.stop(4, ouo(3));
  const quote = { instrument: 1, bidTicks: 115, bidLots: 7, askTicks: 120, askLots: 1 };
  expect(said(paper.core.send(Kind.TopOfBook, quote))).toEqual([
    "filled 1 5",
    "canceled 2 5 Oco",
    "filled 3 2",
    "reduced 4 by 2 to 3",
  ]);
});

test("fill-or-kill counts one leg of a pair, because the other goes with its first fill", () => {
  all.order(1, { priceTicks: 105 });
  all.order(2, { priceTicks: 105, ...oco(1) });
  all.core.order({ account: 3, clientId: 1, side: Side.Sell, priceTicks: 106, qtyLots: 3 });
  const fok = { account: 2, priceTicks: 110, tif: TimeInForce.Fok };
  const killed = all.core.order({ ...fok, clientId: 1, qtyLots: 9 });
  expect(only(killed, Kind.Fill)).toEqual([]);
  const filled = all.core.order({ ...fok, clientId: 2, qtyLots: 8 });
  expect(only(filled, Kind.Fill).length).toBe(4);
  expect(only(filled, Kind.OrderCanceled).length, "leg 2").toBe(1);
});

test.each([
  ["itself unknown", oco(77), "LinkedOrderUnknown"],
  ["nothing", { contingency: Contingency.Ouo }, "LinkedOrderUnknown"],
  ["a link without a kind", { linkedClientId: 1 }, "LinkedOrderUnknown"],
  ["a kind nobody knows", { contingency: 6, linkedClientId: 1 }, "ContingencyInvalid"],
  ["an order of another account", { account: 2, ...oco(1) }, "LinkedOrderUnknown"],
  ["an order that has a leg", oco(2), "ContingencyInvalid"],
  ["an order of another instrument", { instrument: 2, ...oco(1) }, "ContingencyInvalid"],
  ["a closed order", ouo(4), "LinkedOrderUnknown"],
] as [string, Fields, string][])("a leg is refused that names %s", (_what, fields, expected) => {
  all.core.instrument(2);
  all.order(1, { priceTicks: 111 });
  all.order(2);
  all.order(3, ouo(2));
  all.order(4);
  all.cancel(4);
  expect(refusal(all.order(9, fields))).toBe(expected);
  expect(Object.keys(all.open())).toEqual(["1", "2", "3"]);
});

test("an OCO leg is refused when the other has traded: it would be canceled already", () => {
  all.order(1);
  all.take(Side.Buy, 1, 110);
  expect(refusal(all.order(2, oco(1)))).toBe("ContingencyInvalid");
  expect(said(all.order(3, ouo(1)))).toEqual(["accepted 3 Live"]);
});

test("events name the other order, and a slot that is used again is no leg", () => {
  all.order(1);
  const [accepted] = all.order(2, { type: OrderType.Limit, ...oco(1) });
  expect(Number(accepted!["linkedClientId"])).toBe(1);
  all.cancel(1);
  const order = { instrument: 1, account: 3, type: OrderType.Limit, side: Side.Buy, qtyLots: 1 };
  const count = ORDERS_CLOSED_MAX + 4;
  const ioc = { ...order, tif: TimeInForce.Ioc, priceTicks: 1 };
  all.core.sendMany(Kind.OrderNew, ioc, count, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(10 + index), true);
  });
  const rows = only(all.core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow);
  expect(rows).toEqual([]);
  const [again] = all.order(1);
  expect(Number(again!["linkedClientId"])).toBe(0);
});
