// Children: held until their parent fills, sized by its fills, ended with it.
import { beforeEach, describe, expect, test } from "vitest";
import {
  CHILDREN_MAX,
  H_TIMERS,
  O_HELD_FIRST,
  O_HELD_LAST,
  ORDERS_CLOSED_MAX,
  TRIGGER_STEPS_MAX,
} from "../../../asm/layout.ts";
import {
  Contingency,
  Execution,
  Kind,
  ORDER_CLIENT_ID,
  OrderFlag,
  OrderType,
  Refusal,
  Scope,
  Side,
  SpecFlag,
  TimeInForce,
  TradingMode,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, type Fields, type Out } from "../order-core.ts";
import { Family, said } from "./family.ts";

let all: Family;
beforeEach(() => {
  all = new Family();
  parent();
});

/** The parent, order 1: a buy of 5 at 99. */
function parent(fields: Fields = {}): void {
  all.order(1, { side: Side.Buy, priceTicks: 99, ...fields });
}
const of = (contingency: Contingency, linkedClientId = 1): Fields => ({
  contingency,
  linkedClientId,
});
const OTO = of(Contingency.Oto);
const STOP = of(Contingency.BracketStop);
const TARGET = of(Contingency.BracketTarget);

function bracket(): void {
  all.order(2, TARGET);
  all.stop(3, STOP);
}

function refusal(outs: Out[]): string {
  return Refusal[Number(only(outs, Kind.OrderDenied)[0]!["reason"])]!;
}

test("a child is accepted and held: in no book, its lots not open, its slot and id taken", () => {
  expect(said(all.order(2, OTO))).toEqual(["accepted 2 Held"]);
  expect(all.open()).toEqual({ 1: ["Live", 5], 2: ["Held", 5] });
  expect(all.openLots(), "of the parent only").toEqual([5, 0]);
  expect(said(all.take(Side.Buy, 5, 200))).toEqual([]);
  const rows = only(all.core.send(Kind.StateQuery, { account: 1 }), Kind.AccountState);
  expect(rows[0]).toMatchObject({ ordersOpen: 2 });
});

test("the parent's fill releases it after the aggressor, sized to the filled part", () => {
  all.order(2, { ...OTO, side: Side.Buy, priceTicks: 98 });
  all.stop(3, { ...OTO, qtyLots: 1 });
  const outs = all.core.order({
    account: 2,
    clientId: 9,
    side: Side.Sell,
    priceTicks: 98,
    qtyLots: 2,
  });
  expect(said(outs)).toEqual(["filled 1 2", "released 2 by 2 to 2", "released 3 by 1 to 1"]);
  expect(all.open()).toEqual({ 1: ["PartlyFilled", 3], 2: ["Live", 2], 3: ["Armed", 1] });
  expect(all.openLots()).toEqual([5, 1]);
});

test("later fills grow it, behind others of its price; it never has more than its own lots", () => {
  all.order(2, { ...OTO, qtyLots: 4 });
  all.take(Side.Sell, 2, 99);
  all.core.order({ account: 3, clientId: 1, side: Side.Sell, priceTicks: 110 });
  expect(said(all.take(Side.Sell, 1, 99))).toEqual(["filled 1 1", "grew 2 by 1 to 3"]);
  expect(said(all.take(Side.Sell, 2, 99))).toEqual(["filled 1 2", "grew 2 by 1 to 4"]);
  const fills = only(all.take(Side.Buy, 1, 110), Kind.Fill);
  expect(Number(fills[0]!["account"]), "account 3 came before the growth").toBe(3);
});

describe("a bracket", () => {
  beforeEach(bracket);

  test("has legs that update each other", () => {
    expect(said(all.take(Side.Sell, 2, 99)).slice(1)).toEqual([
      "released 2 by 2 to 2",
      "released 3 by 2 to 2",
    ]);
    expect(said(all.take(Side.Buy, 1, 110))).toEqual(["filled 2 1", "reduced 3 by 1 to 1"]);
    expect(said(all.take(Side.Sell, 3, 99)).slice(1)).toEqual([
      "grew 2 by 3 to 4",
      "grew 3 by 3 to 4",
    ]);
    all.core.order({ account: 2, clientId: 9, priceTicks: 80, qtyLots: 9 });
    expect(said(all.trade(90))).toEqual(["triggered 3", "filled 3 4", "canceled 2 4 Ouo"]);
    expect(all.open()).toEqual({});
    expect(all.openLots()).toEqual([0, 0]);
    expect(all.core.money()).toBe(0n);
  });

  test.each([
    ["canceled", () => all.cancel(1), "canceled 1 5 User"],
    [
      "canceled by a mass cancel of its side",
      () => all.core.send(Kind.MassCancel, { account: 1, scope: Scope.Account, side: Side.Buy }),
      "canceled 1 5 Mass",
    ],
  ])("dies with a parent that is %s unfilled", (_how, end, first) => {
    expect(said(end())).toEqual([first, "canceled 2 5 Parent", "canceled 3 5 Parent"]);
    expect(all.openLots()).toEqual([0, 0]);
  });

  test("stays as it is when the parent is canceled partly filled", () => {
    all.take(Side.Sell, 2, 99);
    expect(said(all.cancel(1))).toEqual(["canceled 1 3 User"]);
    expect(all.open()).toEqual({ 2: ["Live", 2], 3: ["Armed", 2] });
    expect(said(all.cancel(2)), "and is a pair still").toEqual([
      "canceled 2 2 User",
      "canceled 3 2 Ouo",
    ]);
  });

  test("is canceled whole with one leg, the parent stays", () => {
    expect(said(all.cancel(3))).toEqual(["canceled 3 5 User", "canceled 2 5 Ouo"]);
    expect(said(all.take(Side.Sell, 5, 99))).toEqual(["filled 1 5"]);
  });
});

test("a parent that expires or loses an OCO takes its children along", () => {
  const expiresNanos = BASE_NANOS + 1_000n;
  const gtd = { tif: TimeInForce.Gtd, expiresNanos };
  all.order(4, { side: Side.Buy, priceTicks: 98, ...gtd, ...of(Contingency.Oco) });
  all.order(2, OTO);
  all.stop(3, of(Contingency.Oto, 4));
  all.core.nowNanos = 2_000;
  expect(said(all.core.send(Kind.StateQuery, { account: 1 }))).toEqual([
    "expired 4",
    "canceled 3 5 Parent",
    "canceled 1 5 Oco",
    "canceled 2 5 Parent",
  ]);
});

test("a held child expires by itself and is in no book then", () => {
  all.order(2, { ...OTO, tif: TimeInForce.Gtd, expiresNanos: BASE_NANOS + 1_000n });
  all.core.nowNanos = 2_000;
  expect(said(all.core.send(Kind.StateQuery, { account: 1 }))).toEqual(["expired 2"]);
  expect(all.openLots()).toEqual([5, 0]);
  expect(said(all.take(Side.Sell, 5, 99))).toEqual(["filled 1 5"]);
});

test("a child of a filled parent is released at once, one of a dead parent is refused", () => {
  all.take(Side.Sell, 5, 99);
  expect(said(all.order(2, { ...TARGET, qtyLots: 9 }))).toEqual([
    "accepted 2 Held",
    "released 2 by 5 to 5",
  ]);
  all.take(Side.Buy, 2, 110);
  expect(said(all.stop(3, STOP)), "no more than the other leg has left").toEqual([
    "accepted 3 Held",
    "released 3 by 3 to 3",
  ]);
  all.order(4, { side: Side.Buy, priceTicks: 50 });
  all.cancel(4);
  expect(refusal(all.order(5, of(Contingency.Oto, 4)))).toBe("LinkedOrderUnknown");
});

test("a target that trades on its release reduces the stop that is still held", () => {
  all.order(2, { ...TARGET, priceTicks: 95 });
  all.stop(3, STOP);
  all.core.order({ account: 3, clientId: 1, priceTicks: 96, qtyLots: 2 });
  expect(said(all.take(Side.Sell, 5, 99))).toEqual([
    "filled 1 5",
    "released 2 by 5 to 5",
    "filled 2 2",
    "reduced 3 by 2 to 3",
    "released 3 by 3 to 3",
  ]);
});

test.each([0, SpecFlag.StopStrict])("a stop the market has passed triggers on release", (flags) => {
  all = new Family({ specFlags: flags });
  parent({ priceTicks: 85 });
  all.stop(2, STOP);
  all.core.order({ account: 3, clientId: 1, priceTicks: 80, qtyLots: 5 });
  const expected = ["filled 1 5", "released 2 by 5 to 5", "triggered 2", "filled 2 5"];
  expect(said(all.take(Side.Sell, 5, 85))).toEqual(expected);
});

describe("at its release", () => {
  test("a child that reduces is asked of no limit, one that adds of all", () => {
    all.order(2, TARGET);
    all.order(3, { ...OTO, side: Side.Buy, priceTicks: 90 });
    all.core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, positionLotsMax: 5 });
    all.core.send(Kind.RiskLimits, {
      scope: Scope.Account,
      account: 1,
      positionLotsMax: 5,
      qtyLotsMax: 4,
    });
    expect(said(all.take(Side.Sell, 5, 99))).toEqual([
      "filled 1 5",
      "released 2 by 5 to 5",
      "canceled 3 5 Limit",
    ]);
    expect(all.openLots()).toEqual([0, 5]);
  });

  test("the position limit counts the lots that are released, not those held", () => {
    all.core.send(Kind.RiskLimits, { scope: Scope.Account, account: 1, positionLotsMax: 8 });
    all.order(2, { ...OTO, side: Side.Buy, priceTicks: 90, qtyLots: 8 });
    expect(said(all.take(Side.Sell, 3, 99)), "5 and 3 more").toContain("released 2 by 3 to 3");
    expect(said(all.take(Side.Sell, 1, 99)), "what is refused is given up").toEqual(["filled 1 1"]);
    expect(all.open()[2]).toEqual(["Live", 3]);
  });

  test("a switch cancels it, and its pair with it", () => {
    bracket();
    all.core.send(Kind.KillSwitch, { scope: Scope.Account, account: 1, state: 1 });
    expect(said(all.take(Side.Sell, 5, 99))).toEqual([
      "filled 1 5",
      "canceled 2 5 KillSwitch",
      "canceled 3 5 Ouo",
    ]);
    expect(all.openLots()).toEqual([0, 0]);
    expect(all.core.core.view.getBigUint64(O_HELD_FIRST, true), "the queue is empty").toBe(0n);
  });

  test("reduce-only mode lets pass what reduces", () => {
    bracket();
    all.order(4, { ...OTO, side: Side.Buy, priceTicks: 90 });
    const state = TradingMode.ReduceOnly;
    all.core.send(Kind.TradingState, { scope: Scope.Account, account: 1, state });
    expect(said(all.take(Side.Sell, 5, 99)).slice(1)).toEqual([
      "released 2 by 5 to 5",
      "released 3 by 5 to 5",
      "canceled 4 5 ReduceOnly",
    ]);
  });
});

test("a held child is amended in quantity, price and stop; its release follows", () => {
  bracket();
  const amend = (clientId: number, fields: Fields): Out[] =>
    all.core.send(Kind.OrderAmend, { account: 1, clientId, ...fields });
  expect(amend(2, { fields: 3, priceTicks: 108, qtyLots: 3 })[0]).toMatchObject({
    kind: Kind.OrderAmended,
    leavesLots: 3,
    priceTicks: 108,
    linkedClientId: 1n,
  });
  amend(3, { fields: 6, stopTicks: 92, qtyLots: 7 });
  expect(amend(2, { fields: 4, stopTicks: 1 })[0]!["reason"]).toBe(Refusal.FlagUnsupported);
  expect(amend(3, { fields: 4, stopTicks: 92 })[0]!["reason"]).toBe(Refusal.AmendNothing);
  expect(amend(2, { fields: 2, qtyLots: 0 })[0]!["reason"]).toBe(Refusal.QtyNotPositive);
  amend(1, { fields: 2, qtyLots: 6 });
  expect(said(all.take(Side.Sell, 6, 99)).slice(1)).toEqual([
    "released 2 by 3 to 3",
    "released 3 by 6 to 6",
  ]);
  expect(said(all.trade(92)).slice(0, 1)).toEqual(["triggered 3"]);
});

test("an amended parent changes its children only by what it fills", () => {
  bracket();
  all.core.send(Kind.OrderAmend, { account: 1, clientId: 1, fields: 2, qtyLots: 2 });
  all.take(Side.Sell, 9, 99);
  expect(all.open()).toEqual({ 2: ["Live", 2], 3: ["Armed", 2] });
});

test("a pair's new leg that names a child waits with it", () => {
  all.order(2, OTO);
  expect(said(all.stop(3, of(Contingency.Oco, 2)))).toEqual(["accepted 3 Held"]);
  all.take(Side.Sell, 5, 99);
  expect(said(all.take(Side.Buy, 1, 110))).toEqual(["filled 2 1", "canceled 3 5 Oco"]);
});

test("an iceberg child shows its slice when it is released, and grows as one", () => {
  all.order(2, { ...OTO, displayLots: 2 });
  all.take(Side.Sell, 4, 99);
  const top = only(all.take(Side.Sell, 1, 99), Kind.BookTop).at(-1);
  expect([Number(top["askTicks"]), Number(top["askLots"])]).toEqual([110, 2]);
  expect(all.open()[2]).toEqual(["Live", 5]);
});

test("paper parents release too, and what a quote reaches trades", () => {
  all = new Family({ execution: Execution.Paper });
  parent();
  bracket();
  const quote = { instrument: 1, bidTicks: 112, bidLots: 3, askTicks: 99, askLots: 2 };
  expect(said(all.core.send(Kind.TopOfBook, quote))).toEqual([
    "filled 1 2",
    "released 2 by 2 to 2",
    "filled 2 2",
    "canceled 3 5 Ouo",
  ]);
  expect(all.core.money()).toBe(0n);
});

describe("bounds", () => {
  test(`a parent has at most ${CHILDREN_MAX} children`, () => {
    for (let id = 2; id < 2 + CHILDREN_MAX; id++) all.order(id, OTO);
    expect(refusal(all.order(20, OTO))).toBe("ContingencyInvalid");
    all.cancel(5);
    expect(said(all.order(21, OTO)), "a place is free again").toEqual(["accepted 21 Held"]);
    expect(said(all.take(Side.Sell, 5, 99)).length).toBe(1 + CHILDREN_MAX);
  });

  test.each([
    ["a child of a child", () => all.order(9, of(Contingency.Oto, 2))],
    ["a bracket on the parent's side", () => all.order(9, { ...TARGET, side: Side.Buy })],
    ["a target that is a stop", () => all.stop(9, TARGET)],
    ["a stop that is a limit", () => all.order(9, STOP)],
    ["a second stop", () => all.stop(9, STOP)],
    ["a child in another instrument", () => all.order(9, { ...OTO, instrument: 2 })],
  ])("%s is refused", (_what, send) => {
    all.core.instrument(2);
    bracket();
    expect(refusal(send())).toBe("ContingencyInvalid");
  });

  test.each([OrderFlag.PostOnly, OrderFlag.ReduceOnly])(
    "children take no instruction, %i",
    (flag) => {
      expect(refusal(all.order(2, { ...OTO, orderFlags: flag, type: OrderType.Limit }))).toBe(
        "FlagUnsupported",
      );
    },
  );

  test(`an input that has done ${TRIGGER_STEPS_MAX} steps leaves releases to Timers`, () => {
    const parents = TRIGGER_STEPS_MAX;
    const order = { instrument: 1, account: 1, type: OrderType.Limit, tif: TimeInForce.Gtc };
    const buy = { ...order, side: Side.Buy, priceTicks: 99, qtyLots: 1 };
    all.core.sendMany(Kind.OrderNew, buy, parents, (view, at, index) => {
      view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(10_000 + index), true);
    });
    const linked = 104;
    const sell = { ...buy, side: Side.Sell, priceTicks: 110, contingency: Contingency.Oto };
    all.core.sendMany(Kind.OrderNew, sell, parents, (view, at, index) => {
      view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(20_000 + index), true);
      view.setBigUint64(at + linked, BigInt(10_000 + index), true);
    });
    const outs = all.take(Side.Sell, parents + 5, 99);
    const released = only(outs, Kind.OrderReleased).map((out) => Number(out["clientId"]));
    expect(released).toEqual(Array.from({ length: parents }, (_, index) => 20_000 + index));
    expect(all.core.core.view.getBigUint64(H_TIMERS, true)).toBe(1n);
    expect(all.core.core.view.getUint32(O_HELD_LAST, true)).toBe(0);
    expect(all.core.money()).toBe(0n);
  });

  test("a parent that is forgotten leaves its children alone", () => {
    bracket();
    all.take(Side.Sell, 5, 99);
    const ioc = { instrument: 1, account: 3, type: OrderType.Limit, side: Side.Buy, qtyLots: 1 };
    const order = { ...ioc, tif: TimeInForce.Ioc, priceTicks: 1 };
    const linked = (): number[] =>
      only(all.core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow).map((row) =>
        Number(row["linkedClientId"]),
      );
    expect(linked()).toEqual([1, 1]);
    all.core.sendMany(Kind.OrderNew, order, ORDERS_CLOSED_MAX + 1, (view, at, index) => {
      view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(10 + index), true);
    });
    expect(linked(), "each other now").toEqual([2, 3]);
    expect(said(all.take(Side.Buy, 1, 110))).toEqual(["filled 2 1", "reduced 3 by 1 to 4"]);
    expect(said(all.cancel(2))).toEqual(["canceled 2 4 User", "canceled 3 4 Ouo"]);
  });
});
