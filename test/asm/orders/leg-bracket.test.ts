// Brackets on the legs of a hedging account: exits that close what their parent opened, no more.
import { beforeEach, describe, expect, test } from "vitest";
import { REDUCERS_MAX } from "../../../asm/layout.ts";
import {
  Contingency,
  Kind,
  OrderFlag,
  PositionMode,
  PositionSide,
  Refusal,
  Scope,
  Side,
  TradingMode,
} from "../../../asm/vocab.ts";
import { only, type Fields, type Out } from "../order-core.ts";
import { Family, said } from "./family.ts";

const [LONG, SHORT] = [PositionSide.Long, PositionSide.Short];
const [ENTRY, STOP, TARGET, OTHER] = [1, 2, 3, 4];
let family: Family;

beforeEach(() => {
  family = new Family();
  family.core.account(1, { positionMode: PositionMode.Hedging });
});

/** An entry of account 1 that opens its long leg with 10 at 100. */
function entry(fields: Fields = {}): Out[] {
  return family.order(ENTRY, {
    ...{ side: Side.Buy, positionSide: LONG, priceTicks: 100, qtyLots: 10 },
    ...fields,
  });
}

/** A child of the entry that closes the long leg: 10 at 110, or at 90 when it is a stop. */
const child = { positionSide: LONG, linkedClientId: ENTRY, qtyLots: 10 };

function stop(fields: Fields = {}): Out[] {
  return family.stop(STOP, { ...child, contingency: Contingency.BracketStop, ...fields });
}

function target(fields: Fields = {}): Out[] {
  return family.order(TARGET, { ...child, contingency: Contingency.BracketTarget, ...fields });
}

function bracket(): void {
  entry();
  stop();
  target();
}

/** Lots the long leg gets, or loses, from outside. */
function adjust(lots: number, positionSide = LONG): Out[] {
  const what = { instrument: 1, account: 1, positionSide, lots, priceTicks: 100 };
  return family.core.send(Kind.PositionAdjust, what);
}

/** Lots of the long and the short leg. */
function legs(): number[] {
  const rows = only(family.core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState);
  return [LONG, SHORT].map((leg) => {
    return Number(rows.find((row) => row["side"] === leg)?.["lots"] ?? 0);
  });
}

const reason = (outs: Out[]): string | undefined => Refusal[outs[0]!["reason"] as Refusal];

describe("a bracket on a leg", () => {
  test("waits for its entry, although there is nothing to close yet", () => {
    entry();
    const [accepted] = stop();
    expect([accepted!["positionSide"], accepted!["orderFlags"]]).toEqual([
      LONG,
      OrderFlag.ReduceOnly,
    ]);
    expect(said(target({ orderFlags: OrderFlag.ReduceOnly }))).toEqual(["accepted 3 Held"]);
    expect(family.openLots()).toEqual([10, 0]);
  });

  test("has the lots its entry filled, and more with each further fill", () => {
    bracket();
    expect(said(family.take(Side.Sell, 4, 100))).toEqual([
      "filled 1 4",
      "released 2 by 4 to 4",
      "released 3 by 4 to 4",
    ]);
    expect(said(family.take(Side.Sell, 6, 100))).toEqual([
      "filled 1 6",
      "grew 2 by 6 to 10",
      "grew 3 by 6 to 10",
    ]);
    expect(family.openLots()).toEqual([0, 20]);
  });

  test("shrinks on both sides with what one of them closes, and ends with the leg", () => {
    bracket();
    family.take(Side.Sell, 10, 100);
    expect(said(family.take(Side.Buy, 3, 110))).toEqual(["filled 3 3", "reduced 2 by 3 to 7"]);
    expect(said(family.take(Side.Buy, 7, 110))).toEqual(["filled 3 7", "canceled 2 7 ReduceOnly"]);
    expect(legs()).toEqual([0, 0]);
    expect(family.core.money()).toBe(0n);
  });

  test("shrinks with its own lots only while the leg holds more", () => {
    adjust(50);
    bracket();
    family.take(Side.Sell, 10, 100);
    expect(said(family.take(Side.Buy, 3, 110))).toEqual(["filled 3 3", "reduced 2 by 3 to 7"]);
    expect(said(family.take(Side.Buy, 7, 110))).toEqual(["filled 3 7", "canceled 2 7 Ouo"]);
    expect(legs()).toEqual([50, 0]);
  });

  test("stops the leg out and never turns it", () => {
    bracket();
    family.take(Side.Sell, 10, 100);
    adjust(-4);
    expect(family.open()).toEqual({ [STOP]: ["Armed", 6], [TARGET]: ["Live", 6] });
    family.core.order({ account: 2, clientId: 900, side: Side.Buy, qtyLots: 20, priceTicks: 85 });
    expect(said(family.trade(90))).toEqual([
      "triggered 2",
      "filled 2 6",
      "canceled 3 6 ReduceOnly",
    ]);
    expect(legs()).toEqual([0, 0]);
  });

  test("ends when the leg is closed by hand, and what fills later has no exit", () => {
    bracket();
    family.take(Side.Sell, 4, 100);
    expect(said(adjust(-4))).toEqual(["canceled 3 4 ReduceOnly", "canceled 2 4 Ouo"]);
    expect(said(family.take(Side.Sell, 6, 100))).toEqual(["filled 1 6"]);
    expect(legs()).toEqual([6, 0]);
  });

  test("dies with an entry that never filled", () => {
    bracket();
    expect(said(family.cancel(ENTRY))).toEqual([
      "canceled 1 10 User",
      "canceled 2 10 Parent",
      "canceled 3 10 Parent",
    ]);
  });

  test("mirrors on the short leg", () => {
    entry({ side: Side.Sell, positionSide: SHORT });
    stop({ side: Side.Buy, positionSide: SHORT, stopTicks: 120 });
    target({ side: Side.Buy, positionSide: SHORT, priceTicks: 95 });
    family.take(Side.Buy, 10, 100);
    expect(said(family.take(Side.Sell, 10, 95))).toEqual([
      "filled 3 10",
      "canceled 2 10 ReduceOnly",
    ]);
    expect(legs()).toEqual([0, 0]);
  });
});

describe("a release", () => {
  const oto = { ...child, contingency: Contingency.Oto };

  test("gets no more than the leg holds by now; the rest is given up", () => {
    adjust(-5, SHORT);
    entry();
    family.order(OTHER, { ...oto, side: Side.Buy, positionSide: SHORT, priceTicks: 80 });
    expect(said(family.take(Side.Sell, 8, 100))).toEqual(["filled 1 8", "released 4 by 5 to 5"]);
    expect(said(family.take(Side.Sell, 1, 100)), "growth neither").toEqual(["filled 1 1"]);
    adjust(-5, SHORT);
    expect(said(family.take(Side.Sell, 1, 100))).toEqual(["filled 1 1", "grew 4 by 1 to 6"]);
  });

  test("never makes up for what the leg did not hold, once the child has been given all", () => {
    adjust(-5, SHORT);
    entry();
    const all = { ...oto, side: Side.Buy, positionSide: SHORT, priceTicks: 80, qtyLots: 6 };
    family.order(OTHER, all);
    expect(said(family.take(Side.Sell, 6, 100))).toEqual(["filled 1 6", "released 4 by 5 to 5"]);
    adjust(-5, SHORT);
    expect(said(family.take(Side.Sell, 4, 100))).toEqual(["filled 1 4"]);
  });

  test("that never came leaves the leg's other exits held to it", () => {
    adjust(5);
    family.order(OTHER, { positionSide: LONG, qtyLots: 5 });
    bracket();
    family.cancel(ENTRY);
    expect(said(adjust(-3))).toEqual(["reduced 4 by 3 to 2"]);
  });

  test("on a flat leg is none", () => {
    entry();
    family.order(OTHER, { ...oto, side: Side.Buy, positionSide: SHORT });
    const outs = family.take(Side.Sell, 8, 100);
    expect(said(outs)).toEqual(["filled 1 8", "canceled 4 10 ReduceOnly"]);
    expect(family.open()).toEqual({ [ENTRY]: ["PartlyFilled", 2] });
  });

  test("finds no place among as many exits as a leg may have", () => {
    bracket();
    adjust(5);
    for (let count = 0; count < REDUCERS_MAX - 1; count++) {
      family.order(100 + count, { positionSide: LONG, priceTicks: 150 });
    }
    const outs = family.take(Side.Sell, 10, 100);
    expect(said(outs)).toEqual([
      "filled 1 10",
      "released 2 by 10 to 10",
      "canceled 3 10 Limit",
      "canceled 2 10 Ouo",
    ]);
  });

  test("is allowed while the account may only reduce", () => {
    bracket();
    family.core.send(Kind.TradingState, {
      ...{ scope: Scope.Account, account: 1, state: TradingMode.ReduceOnly },
    });
    expect(said(family.take(Side.Sell, 10, 100))).toEqual([
      "filled 1 10",
      "released 2 by 10 to 10",
      "released 3 by 10 to 10",
    ]);
  });
});

describe("ContingencyInvalid hears", () => {
  const refused = (outs: Out[]): void => expect(reason(outs)).toBe("ContingencyInvalid");

  test("a bracket of an order that closes a leg: it opens nothing to protect", () => {
    adjust(10);
    entry({ side: Side.Sell, priceTicks: 120 });
    refused(target({ side: Side.Buy }));
    refused(stop({ side: Side.Buy, positionSide: SHORT, stopTicks: 130 }));
    refused(family.order(OTHER, { ...child, contingency: Contingency.Oto, side: Side.Buy }));
  });

  test("a bracket that opens the other leg, which a plain child may", () => {
    entry();
    refused(stop({ positionSide: SHORT }));
    refused(target({ positionSide: SHORT }));
    const plain = { contingency: Contingency.Oto, positionSide: SHORT };
    expect(said(target(plain))).toEqual(["accepted 3 Held"]);
  });

  test("a bracket that hides a part, and a second exit that does", () => {
    entry();
    refused(target({ displayLots: 2 }));
    target();
    const second = { contingency: Contingency.Oco, linkedClientId: TARGET };
    refused(family.order(OTHER, { ...child, ...second, displayLots: 2 }));
    refused(family.order(OTHER, { ...child, ...second, side: Side.Buy }));
    expect(said(family.order(OTHER, { ...child, ...second }))).toEqual(["accepted 4 Held"]);
  });
});

test("a bracket takes no instruction but the one its leg implies", () => {
  entry();
  expect(reason(target({ orderFlags: OrderFlag.PostOnly }))).toBe("FlagUnsupported");
  expect(reason(target({ orderFlags: OrderFlag.PostOnly | OrderFlag.ReduceOnly }))).toBe(
    "FlagUnsupported",
  );
});
