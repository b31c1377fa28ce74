// Trailing stops: where they begin, what moves them, how an amend changes them, and how many one
// input may move.
import { beforeEach, describe, expect, test } from "vitest";
import { H_TIMERS, O_ARMED, TRIGGER_STEPS_MAX } from "../../../asm/layout.ts";
import {
  AmendField,
  Execution,
  Kind,
  ORDER_CLIENT_ID,
  OrderState,
  OrderType,
  Refusal,
  Side,
  SpecFlag,
  TimeInForce,
  TrailUnit,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const PAPER = 3;
const BOUNDED = 4;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.instrument(PAPER, { execution: Execution.Paper });
  core.instrument(BOUNDED, { specFlags: SpecFlag.StopStrict, priceMaxTicks: 110 });
  for (const id of [1, 2, 3]) core.account(id);
  next = 1;
});

function order(fields: Fields): Out[] {
  return core.order({ clientId: next++, priceTicks: 100, ...fields });
}

/** Makes `priceTicks` the last trade. */
function trade(priceTicks: number, fields: Fields = {}): Out[] {
  const bought = order({ account: 1, side: Side.Buy, priceTicks, ...fields });
  return [...bought, ...order({ account: 2, side: Side.Sell, priceTicks, ...fields })];
}

function trailing(fields: Fields): Out {
  const what = { account: 3, side: Side.Sell, type: OrderType.TrailingStop, priceTicks: 0 };
  return order({ ...what, trailUnit: TrailUnit.Ticks, trailOffset: 5, ...fields })[0]!;
}

function amend(clientId: number, fields: Fields): Out[] {
  return core.send(Kind.OrderAmend, { account: 3, clientId, ...fields });
}

function stops(outs: Out[]): unknown[] {
  return only(outs, Kind.OrderTrailed).map((out) => out["stopTicks"]);
}

function reason(out: Out): string | undefined {
  return Refusal[out["reason"] as Refusal];
}

test("a sell follows higher trades and no lower ones, and triggers on the pull-back", () => {
  trade(100);
  const at = next;
  expect(trailing({}), "the first stop is said").toMatchObject({
    state: OrderState.Armed,
    stopTicks: 95,
  });
  expect(stops(trade(110))).toEqual([105]);
  expect(stops(trade(106))).toEqual([]);
  expect(stops(trade(110)), "the best trade again is no better one").toEqual([]);
  const triggered = only(trade(105), Kind.OrderTriggered);
  expect(triggered.map((out) => Number(out["clientId"]))).toEqual([at]);
  expect(core.core.view.getUint32(O_ARMED, true)).toBe(0);
});

test("a buy follows lower trades", () => {
  trade(100);
  expect(trailing({ side: Side.Buy })["stopTicks"]).toBe(105);
  expect([...stops(trade(104)), ...stops(trade(90)), ...stops(trade(94))]).toEqual([95]);
  expect(only(trade(95), Kind.OrderTriggered).length).toBe(1);
});

test("the best trade of a sweep counts, not its last", () => {
  trade(100);
  trailing({ trailOffset: 4 });
  for (const priceTicks of [108, 106, 105]) order({ priceTicks, side: Side.Buy });
  const outs = order({ account: 2, side: Side.Sell, priceTicks: 105, qtyLots: 3 });
  expect(stops(outs)).toEqual([104]);
  expect(only(outs, Kind.OrderTriggered), "105 is above 104").toEqual([]);
});

test("basis points are rounded up to whole ticks, and a better tick that counts moves it", () => {
  trade(1000);
  const bps = { trailUnit: TrailUnit.Bps };
  expect(trailing({ ...bps, trailOffset: 1 })["stopTicks"], "0.1 ticks are 1").toBe(999);
  expect(trailing({ ...bps, trailOffset: 150 })["stopTicks"]).toBe(985);
  expect(trailing({ ...bps, trailOffset: 151, side: Side.Buy })["stopTicks"]).toBe(1016);
  core = OrderCore.create();
  core.instrument(1);
  for (const id of [1, 2, 3]) core.account(id);
  trade(1000);
  trailing({ ...bps, trailOffset: 5_000 });
  // Half of the price: every second tick gives another stop.
  const moves = [1001, 1002, 1003, 1004].map((price) => stops(trade(price)));
  expect(moves).toEqual([[], [501], [], [502]]);
});

test("prices near 2^53 are scaled without overflow", () => {
  const big = 2 ** 53 - 10_001;
  trade(big);
  const stop = trailing({ trailUnit: TrailUnit.Bps, trailOffset: 1 })["stopTicks"];
  expect(stop).toBe(Number((BigInt(big) * 9_999n) / 10_000n));
  const buy = { trailUnit: TrailUnit.Bps, trailOffset: 9_999, side: Side.Buy };
  expect(reason(trailing(buy)), "the stop would be beyond the core's prices").toBe("TrailInvalid");
});

test.each([
  ["no unit", { trailUnit: 0 }, "TrailInvalid"],
  ["an unknown unit", { trailUnit: 3 }, "TrailInvalid"],
  ["no distance", { trailOffset: 0 }, "TrailInvalid"],
  ["all of the price", { trailUnit: TrailUnit.Bps, trailOffset: 10_000 }, "TrailInvalid"],
  ["a stop at nothing", { trailOffset: 100 }, "TrailInvalid"],
  ["a stop of its own", { stopTicks: 90 }, "StopPriceInvalid"],
  ["another trigger", { trigger: 2 }, "FlagUnsupported"],
  ["a limit without a price", { type: 6, priceTicks: -95 }, "PriceNotPositive"],
  [
    "a limit outside the spec",
    { type: 6, priceTicks: 20, instrument: BOUNDED },
    "PriceOutsideSpec",
  ],
  ["a limit beyond all prices", { type: 6, priceTicks: -(2 ** 53 - 1) }, "PriceNotPositive"],
])("is refused with %s", (_what, fields, refusal) => {
  trade(100);
  trade(100, { instrument: BOUNDED });
  expect(reason(trailing(fields))).toBe(refusal);
});

test("without a last trade there is nothing to follow; other orders do not trail", () => {
  expect(reason(trailing({}))).toBe("PriceUnknown");
  trade(100);
  expect(reason(order({ trailOffset: 5 })[0]!)).toBe("TrailInvalid");
  expect(reason(trailing({ type: OrderType.Stop, stopTicks: 90 }))).toBe("TrailInvalid");
});

test("the limit of a trailing stop-limit keeps its distance, within the spec's prices", () => {
  trade(100, { instrument: BOUNDED });
  const limit = { instrument: BOUNDED, type: OrderType.TrailingStopLimit, priceTicks: 3 };
  expect(trailing(limit)).toMatchObject({ stopTicks: 95, priceTicks: 98 });
  const outs = trade(109, { instrument: BOUNDED });
  const [moved] = only(outs, Kind.OrderTrailed);
  expect([moved!["stopTicks"], moved!["priceTicks"]]).toEqual([104, 107]);
  trailing({ ...limit, trailOffset: 1, priceTicks: 1 });
  const [capped] = only(trade(110, { instrument: BOUNDED }), Kind.OrderTrailed).slice(-1);
  expect([capped!["stopTicks"], capped!["priceTicks"]]).toEqual([109, 110]);
  const [triggered] = only(trade(104, { instrument: BOUNDED }), Kind.OrderTriggered);
  expect([triggered!["type"], triggered!["priceTicks"]]).toEqual([OrderType.Limit, 110]);
});

test("paper: the trades of the public market move it", () => {
  const print = (priceTicks: number): Out[] =>
    core.send(Kind.TradePrint, { instrument: PAPER, priceTicks, qtyLots: 1 });
  print(100);
  trailing({ instrument: PAPER });
  expect(stops(print(103))).toEqual([98]);
  expect(only(print(98), Kind.OrderTriggered).length).toBe(1);
});

test("a new order does not follow trades from before it", () => {
  trade(100);
  trailing({});
  trade(120);
  trade(116);
  expect(trailing({})["stopTicks"]).toBe(111);
});

test("moved stops stand behind those that waited there, and keep their own order", () => {
  trade(100);
  const first = next;
  trailing({ trailOffset: 15 });
  trailing({ trailOffset: 15 });
  order({ account: 3, side: Side.Sell, type: OrderType.Stop, stopTicks: 95 });
  expect(stops(trade(110))).toEqual([95, 95]);
  const released = only(trade(95), Kind.OrderTriggered).map((out) => Number(out["clientId"]));
  expect(released).toEqual([first + 2, first, first + 1]);
});

describe("an amend of a trailing order", () => {
  test("to another distance counts from its best trade, either way", () => {
    trade(100);
    const at = next;
    trailing({});
    trade(110);
    const [wider] = amend(at, { fields: AmendField.Trail, trailOffset: 8 });
    expect([wider!["kind"], wider!["stopTicks"]]).toEqual([Kind.OrderAmended, 102]);
    expect(stops(trade(111))).toEqual([103]);
    trade(108);
    const outs = amend(at, { fields: AmendField.Trail, trailOffset: 2 });
    expect(only(outs, Kind.OrderTriggered).length, "109 is above the last trade").toBe(1);
  });

  test("with less quantity keeps its place", () => {
    trade(100);
    const at = next;
    trailing({ qtyLots: 5 });
    const [less] = amend(at, { fields: AmendField.Qty, qtyLots: 4 });
    expect([less!["detail"], less!["leavesLots"], less!["stopTicks"]]).toEqual([1, 4, 95]);
  });

  test.each([
    ["a stop", { fields: AmendField.Stop, stopTicks: 99 }, "FlagUnsupported"],
    ["a limit it has not", { fields: AmendField.Price, priceTicks: 2 }, "FlagUnsupported"],
    ["no distance", { fields: AmendField.Trail, trailOffset: 0 }, "TrailInvalid"],
    ["too far", { fields: AmendField.Trail, trailOffset: 100 }, "TrailInvalid"],
    ["the same", { fields: AmendField.Trail, trailOffset: 5 }, "AmendNothing"],
    ["nothing", { fields: 0 }, "AmendNothing"],
    ["no lots", { fields: AmendField.Qty, qtyLots: 0 }, "QtyNotPositive"],
    ["another id", { fields: AmendField.Qty, qtyLots: 2, newClientId: 9n }, "FlagUnsupported"],
  ])("is refused with %s", (_what, fields, refusal) => {
    trade(100);
    const at = next;
    trailing({});
    expect(reason(amend(at, fields)[0]!)).toBe(refusal);
  });

  test("past the market is refused where the spec is strict", () => {
    trade(100, { instrument: BOUNDED });
    const at = next;
    trailing({ instrument: BOUNDED });
    trade(98, { instrument: BOUNDED });
    const [denied] = amend(at, { fields: AmendField.Trail, trailOffset: 2 });
    expect(reason(denied!)).toBe("StopThroughMarket");
  });
});

test("a canceled or expired one is followed by nobody", () => {
  trade(100);
  const at = next;
  trailing({});
  const expiresNanos = BigInt(core.nowNanos) + 1_704_067_200_000_000_010n;
  trailing({ tif: TimeInForce.Gtd, expiresNanos });
  core.send(Kind.OrderCancel, { account: 3, clientId: at });
  core.nowNanos += 20;
  expect(stops(trade(110))).toEqual([]);
  expect(core.core.view.getUint32(O_ARMED, true)).toBe(0);
});

test(`one input moves while it has done less than ${TRIGGER_STEPS_MAX} steps; Timers go on`, () => {
  const COUNT = TRIGGER_STEPS_MAX * 2 + 10;
  trade(100);
  const fields = {
    instrument: 1,
    account: 3,
    type: OrderType.TrailingStop,
    side: Side.Sell,
    tif: TimeInForce.Gtc,
    trailUnit: TrailUnit.Ticks,
    trailOffset: 5,
    qtyLots: 1,
  };
  core.sendMany(Kind.OrderNew, fields, COUNT, (view, at, index) => {
    view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(1000 + index), true);
  });
  const moved = only(trade(110), Kind.OrderTrailed);
  const ids = moved.map((out) => Number(out["clientId"]));
  expect(ids, "each once, by arrival").toEqual(Array.from({ length: COUNT }, (_, at) => 1000 + at));
  expect(new Set(moved.map((out) => out["stopTicks"]))).toEqual(new Set([105]));
  expect(new Set(moved.map((out) => out["cause"])).size, "the command and two timers").toBe(3);
  expect(core.core.view.getBigUint64(H_TIMERS, true)).toBe(2n);
});
