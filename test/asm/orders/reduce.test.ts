// Reduce-only orders at rest and on stops, and positions adjusted from outside.
import { beforeEach, describe, expect, test } from "vitest";
import { REDUCERS_MAX } from "../../../asm/layout.ts";
import {
  AmendField,
  CancelReason,
  Contingency,
  Execution,
  InstrumentKind,
  Kind,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  SelfTrade,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const PAPER = 2;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.instrument(PAPER, { execution: Execution.Paper });
  for (const id of [1, 2]) core.account(id);
  next = 1;
});

function order(fields: Fields): Out[] {
  return core.order({ clientId: next++, priceTicks: 100, ...fields });
}

function adjust(lots: number, fields: Fields = {}): Out[] {
  const what = { instrument: 1, account: 1, lots, priceTicks: 100 };
  return core.send(Kind.PositionAdjust, { ...what, ...fields });
}

function reducing(fields: Fields): Out {
  return order({
    side: Side.Sell,
    priceTicks: 105,
    orderFlags: OrderFlag.ReduceOnly,
    ...fields,
  })[0]!;
}

/** Account 1 sells `qtyLots` to account 2. */
function sellAway(qtyLots: number): Out[] {
  order({ account: 2, qtyLots });
  return order({ side: Side.Sell, qtyLots });
}

function story(outs: Out[]): unknown[] {
  const kinds = [Kind.OrderReduced, Kind.OrderCanceled];
  return outs
    .filter((out) => kinds.includes(out["kind"] as Kind))
    .map((out) => [Kind[out["kind"] as Kind], Number(out["clientId"]), out["leavesLots"]]);
}

function reason(out: Out): string | undefined {
  return Refusal[out["reason"] as Refusal];
}

test("flat or in the position's direction it is refused; more than the position is capped", () => {
  expect(reason(reducing({}))).toBe("ReduceOnlyWouldIncrease");
  adjust(5);
  expect(reason(reducing({ side: Side.Buy, priceTicks: 95 }))).toBe("ReduceOnlyWouldIncrease");
  expect(reducing({ qtyLots: 8 })).toMatchObject({ kind: Kind.OrderAccepted, leavesLots: 5 });
});

test("a stop and a target may both cover the position; what one fills the other gives up", () => {
  adjust(5);
  reducing({ qtyLots: 5 });
  const stop = { type: OrderType.Stop, stopTicks: 90, priceTicks: 0 };
  expect(reducing({ ...stop, qtyLots: 9 })).toMatchObject({
    state: OrderState.Armed,
    leavesLots: 5,
  });
  expect(story(order({ account: 2, priceTicks: 105, qtyLots: 3 }))).toEqual([
    ["OrderReduced", 2, 2],
  ]);
  expect(story(order({ account: 2, priceTicks: 105, qtyLots: 2 }))).toEqual([
    ["OrderCanceled", 2, 2],
  ]);
  expect(core.money()).toBe(0n);
});

test("it shrinks in its place and says by how much, and is canceled with the position", () => {
  adjust(5);
  reducing({ qtyLots: 5 });
  order({ account: 2, side: Side.Sell, priceTicks: 105 });
  const [shrunk] = only(sellAway(3), Kind.OrderReduced);
  expect([shrunk!["leavesLots"], shrunk!["limit"], shrunk!["state"]]).toEqual([
    2,
    3,
    OrderState.Live,
  ]);
  const fills = only(order({ account: 2, priceTicks: 105 }), Kind.Fill);
  expect(Number(fills[0]!["clientId"]), "it was there before the other").toBe(1);
  const [died] = only(sellAway(1), Kind.OrderCanceled);
  expect(died!["reason"]).toBe(CancelReason.ReduceOnly);
  expect(core.send(Kind.StateQuery, { account: 1 }).at(-1)["done"]).toBe(2);
});

test("a position that turns around leaves none of them", () => {
  adjust(2);
  reducing({ qtyLots: 2 });
  reducing({ qtyLots: 1, type: OrderType.StopLimit, stopTicks: 90, priceTicks: 90 });
  expect(story(sellAway(4))).toEqual([
    ["OrderCanceled", 2, 1],
    ["OrderCanceled", 1, 2],
  ]);
});

test("orders of one sweep that reduce the same position never take more than it holds", () => {
  adjust(5);
  reducing({ qtyLots: 5 });
  reducing({ qtyLots: 5 });
  reducing({ qtyLots: 4, priceTicks: 106 });
  const outs = order({ account: 2, priceTicks: 110, qtyLots: 20 });
  const sold = only(outs, Kind.Fill).filter((out) => out["account"] === 1);
  expect(sold.map((out) => out["qtyLots"])).toEqual([5]);
  expect(sold.at(-1)["positionLots"]).toBe(0);
  expect(core.money()).toBe(0n);
});

test("an iceberg gives up what is hidden first, then what it shows", () => {
  adjust(10);
  reducing({ qtyLots: 10, displayLots: 4 });
  const shown = (outs: Out[]): unknown => only(outs, Kind.BookTop).at(-1)?.["askLots"];
  expect(story(sellAway(3))).toEqual([["OrderReduced", 1, 7]]);
  expect(shown(sellAway(5))).toBe(2);
  const [fill] = only(order({ account: 2, priceTicks: 105, qtyLots: 9 }), Kind.Fill);
  expect([fill!["qtyLots"], fill!["leavesLots"]]).toEqual([2, 0]);
});

test("paper: fills by quotes and prints shrink what else reduces", () => {
  adjust(5, { instrument: PAPER });
  reducing({ instrument: PAPER, qtyLots: 5 });
  reducing({ instrument: PAPER, qtyLots: 5, priceTicks: 106 });
  const quote = { instrument: PAPER, bidTicks: 105, bidLots: 3, askTicks: 107, askLots: 1 };
  expect(story(core.send(Kind.TopOfBook, quote))).toEqual([["OrderReduced", 2, 2]]);
  const print = { instrument: PAPER, priceTicks: 110, qtyLots: 50 };
  expect(story(core.send(Kind.TradePrint, print))).toEqual([["OrderCanceled", 2, 2]]);
  expect(core.money()).toBe(0n);
});

test("a self-trade that leaves the position where it was shrinks what it went below", () => {
  adjust(5);
  reducing({ qtyLots: 5, selfTrade: SelfTrade.Allow });
  reducing({ qtyLots: 5, priceTicks: 120 });
  const outs = order({ priceTicks: 105, qtyLots: 3, selfTrade: SelfTrade.Allow });
  expect(story(outs)).toEqual([["OrderReduced", 2, 2]]);
  expect(only(outs, Kind.PositionChanged).at(-1)["lots"]).toBe(5);
});

test("an amend may not take it beyond the position, at rest or armed", () => {
  adjust(5);
  reducing({ qtyLots: 3 });
  reducing({ qtyLots: 3, type: OrderType.Stop, stopTicks: 90 });
  for (const clientId of [1, 2]) {
    const amend = (qtyLots: number): Out =>
      core.send(Kind.OrderAmend, { account: 1, clientId, fields: AmendField.Qty, qtyLots })[0]!;
    expect(reason(amend(6))).toBe("ReduceOnlyWouldIncrease");
    expect(amend(5)["kind"]).toBe(Kind.OrderAmended);
  }
});

test(`a position has at most ${REDUCERS_MAX} of them`, () => {
  adjust(1_000);
  for (let count = 0; count < REDUCERS_MAX; count++) reducing({ qtyLots: 1_000 });
  const denied = reducing({});
  expect([reason(denied), denied["limit"]]).toEqual(["OpenOrdersLimit", REDUCERS_MAX]);
  expect(story(sellAway(1)).length).toBe(REDUCERS_MAX);
  core.send(Kind.OrderCancel, { account: 1, clientId: 7 });
  expect(reducing({ tif: TimeInForce.Day })["kind"]).toBe(Kind.OrderAccepted);
});

describe("PositionAdjust", () => {
  test("books lots at their price against the street: no fee, not traded, money conserved", () => {
    core.send(Kind.FeeSchedule, { makerPerBillion: 1_000_000, takerPerBillion: 1_000_000 });
    const [answer, opened] = adjust(10);
    expect(answer).toMatchObject({ kind: Kind.ConfigAccepted, configKind: Kind.PositionAdjust });
    expect(opened).toMatchObject({ lots: 10, cost: 1_000n, feesMinor: 0, tradedLots: 0 });
    const outs = adjust(-4, { priceTicks: 150 });
    expect(only(outs, Kind.PositionChanged)[0]).toMatchObject({ lots: 6, realizedMinor: 200 });
    expect(only(outs, Kind.BalanceChanged)[0]).toMatchObject({ cashMinor: 200 });
    expect(core.money()).toBe(0n);
    adjust(-9, { instrument: PAPER });
    expect(core.money()).toBe(0n);
  });

  test("that lowers a position shrinks what reduces it", () => {
    adjust(5);
    reducing({ qtyLots: 5 });
    expect(story(adjust(-2))).toEqual([["OrderReduced", 1, 3]]);
    expect(story(adjust(-4))).toEqual([["OrderCanceled", 1, 3]]);
  });

  test.each([
    ["an unknown account", { account: 9 }, "UnknownAccount"],
    ["an unknown instrument", { instrument: 9 }, "UnknownInstrument"],
    ["an instrument of another tenant", { instrument: 3 }, "UnknownInstrument"],
    ["an instrument nobody can trade here", { instrument: 4 }, "ExecutionUnsupported"],
    ["no lots", { lots: 0 }, "ParameterInvalid"],
    ["no price", { priceTicks: 0 }, "PriceNotPositive"],
    ["more money than fits", { lots: 2 ** 50, priceTicks: 2 ** 50 }, "NotionalOverflow"],
    ["more lots than fit", { lots: 2 ** 53 - 1 + 0, priceTicks: 2 ** 20 }, "NotionalOverflow"],
  ])("is refused with %s", (_what, fields, refusal) => {
    core.instrument(3, { tenant: 7 });
    core.instrument(4, { specKind: InstrumentKind.Option });
    const outs = adjust(1, fields);
    expect([outs.length, outs[0]!["kind"]]).toEqual([1, Kind.ConfigDenied]);
    expect(reason(outs[0]!)).toBe(refusal);
    expect(core.money()).toBe(0n);
  });
});

describe("a stop and a target that both only reduce, as a pair", () => {
  /** Account 1 is long 10; order 1 is the target, order 2 the stop. */
  const exits = (contingency: Contingency): void => {
    adjust(10);
    reducing({ qtyLots: 10 });
    const stop = { type: OrderType.Stop, stopTicks: 90, priceTicks: 0 };
    const out = reducing({ ...stop, qtyLots: 10, contingency, linkedClientId: 1 });
    expect(out["linkedClientId"]).toBe(1n);
  };

  test("shrink with the position, each for itself", () => {
    exits(Contingency.Oco);
    expect(story(sellAway(4))).toEqual([
      ["OrderReduced", 2, 6],
      ["OrderReduced", 1, 6],
    ]);
  });

  test("end with it, the second as the other leg of the first", () => {
    for (const kind of [Contingency.Oco, Contingency.Ouo]) {
      core = OrderCore.create();
      core.instrument(1);
      for (const id of [1, 2]) core.account(id);
      next = 1;
      exits(kind);
      const outs = only(adjust(-10), Kind.OrderCanceled);
      expect(outs.map((out) => [Number(out["clientId"]), out["reason"]])).toEqual([
        [2, CancelReason.ReduceOnly],
        [1, kind === Contingency.Oco ? CancelReason.Oco : CancelReason.Ouo],
      ]);
      const rows = core.send(Kind.StateQuery, { account: 1 });
      expect(only(rows, Kind.OrderStateRow)).toEqual([]);
      expect(only(rows, Kind.PositionState)[0]!["openSellLots"]).toBe(0);
    }
  });

  test("others of the position are asked too when the pair is gone", () => {
    exits(Contingency.Oco);
    reducing({ qtyLots: 3, priceTicks: 106 });
    expect(story(adjust(-10)).map((one) => (one as unknown[])[1])).toEqual([3, 2, 1]);
  });

  test("a fill of the target in part leaves the stop of an OUO pair what is left", () => {
    exits(Contingency.Ouo);
    const outs = order({ account: 2, priceTicks: 105, qtyLots: 4 });
    expect(story(outs), "the position took it first").toEqual([["OrderReduced", 2, 6]]);
    const last = order({ account: 2, priceTicks: 105, qtyLots: 6 });
    expect(story(last)).toEqual([["OrderCanceled", 2, 6]]);
    expect(core.money()).toBe(0n);
  });

  test.each([1, PAPER])(
    "an order whose fill ends its own pair trades no more, %i",
    (instrument) => {
      adjust(1, { instrument });
      reducing({ instrument, qtyLots: 1 });
      const quote = { instrument, bidTicks: 100, bidLots: 1, askTicks: 110, askLots: 1 };
      if (instrument === PAPER) core.send(Kind.TopOfBook, quote);
      else for (const priceTicks of [100, 99]) order({ account: 2, priceTicks });
      next = 11;
      const pair = { contingency: Contingency.Oco, linkedClientId: 1 };
      const outs = order({ instrument, ...pair, side: Side.Sell, priceTicks: 95, qtyLots: 42 });
      expect(only(outs, Kind.Fill).filter((out) => out["account"] === 1)).toHaveLength(1);
      expect(only(outs, Kind.OrderCanceled).map((out) => [out["clientId"], out["reason"]])).toEqual(
        [
          [1n, CancelReason.ReduceOnly],
          [11n, CancelReason.Oco],
        ],
      );
      const later = core.send(Kind.TopOfBook, { ...quote, bidLots: 50 });
      expect(only(later, Kind.Fill)).toEqual([]);
      expect(only(core.send(Kind.StateQuery, { account: 1 }), Kind.OrderStateRow)).toEqual([]);
      expect(core.money()).toBe(0n);
    },
  );

  test("legs of two sides or with a hidden part are refused, and children", () => {
    adjust(10);
    reducing({ qtyLots: 10 });
    const pair = { contingency: Contingency.Oco, linkedClientId: 1 };
    const why = (fields: Fields): string => reason(order({ ...pair, ...fields })[0]!)!;
    expect(why({ side: Side.Buy, priceTicks: 90 })).toBe("ContingencyInvalid");
    const sell = { side: Side.Sell, priceTicks: 106, qtyLots: 5 };
    expect(why({ ...sell, displayLots: 2 })).toBe("ContingencyInvalid");
    expect(why({ ...sell, contingency: Contingency.Oto })).toBe("ContingencyInvalid");
    expect(order({ ...pair, ...sell })[0]!["kind"]).toBe(Kind.OrderAccepted);
  });
});
