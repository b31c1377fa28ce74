// Stops and if-touched orders: what arms, releases, amends and cancels them, and how much one input
// may release.
import { beforeEach, describe, expect, test } from "vitest";
import { H_DEADLINE_ORDER, H_TIMERS, O_ARMED, TRIGGER_STEPS_MAX } from "../../../asm/layout.ts";
import {
  AmendField,
  CancelReason,
  Execution,
  Kind,
  OrderState,
  OrderType,
  ORDER_CLIENT_ID,
  Refusal,
  Scope,
  Side,
  SpecFlag,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const STRICT = 2;
const PAPER = 3;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.instrument(STRICT, { specFlags: SpecFlag.StopStrict });
  core.instrument(PAPER, { execution: Execution.Paper });
  for (const id of [1, 2, 3]) core.account(id);
  next = 1;
});

function order(fields: Fields): Out[] {
  return core.order({ clientId: next++, priceTicks: 100, ...fields });
}

/** Makes `priceTicks` the last trade. */
function trade(priceTicks: number, fields: Fields = {}): Out[] {
  order({ account: 1, side: Side.Buy, priceTicks, ...fields });
  return order({ account: 2, side: Side.Sell, priceTicks, ...fields });
}

function stop(fields: Fields): Out[] {
  const what = { account: 3, side: Side.Sell, type: OrderType.Stop, priceTicks: 0 };
  return order({ ...what, stopTicks: 95, ...fields });
}

function armed(): number {
  return core.core.view.getUint32(O_ARMED, true);
}

function story(outs: Out[]): string[] {
  const kinds = [Kind.OrderAccepted, Kind.OrderTriggered, Kind.Fill, Kind.OrderCanceled];
  return outs
    .filter((out) => kinds.includes(out["kind"] as Kind))
    .map((out) => `${Kind[out["kind"] as Kind]} ${out["clientId"]}`);
}

test("an armed order counts as open lots and says its trigger", () => {
  const [accepted] = stop({ qtyLots: 7 });
  expect(accepted!["state"]).toBe(OrderState.Armed);
  expect(accepted!["stopTicks"]).toBe(95);
  const rows = core.send(Kind.StateQuery, { account: 3 });
  expect(only(rows, Kind.PositionState)[0]!["openSellLots"]).toBe(7);
  expect(only(rows, Kind.OrderStateRow)[0]!["stopTicks"]).toBe(95);
});

test("the worst case of a stop is held against the position limit", () => {
  core.send(Kind.RiskLimits, { scope: Scope.Account, account: 3, positionLotsMax: 10 });
  stop({ qtyLots: 8 });
  expect(stop({ qtyLots: 3 })[0]!["reason"]).toBe(Refusal.PositionLimit);
});

test.each([
  ["sell stop", OrderType.Stop, Side.Sell, 95, 96, 95],
  ["buy stop", OrderType.Stop, Side.Buy, 105, 104, 105],
  ["sell limit if touched", OrderType.LimitIfTouched, Side.Sell, 105, 104, 105],
  ["buy limit if touched", OrderType.LimitIfTouched, Side.Buy, 95, 96, 95],
  ["sell market if touched", OrderType.MarketIfTouched, Side.Sell, 105, 104, 106],
  ["buy market if touched", OrderType.MarketIfTouched, Side.Buy, 95, 96, 94],
])("a %s waits for its price and no nearer one", (_what, type, side, stopTicks, near, at) => {
  trade(100);
  const priceTicks = type === OrderType.LimitIfTouched ? 100 : 0;
  stop({ type, side, stopTicks, priceTicks });
  expect(only(trade(near), Kind.OrderTriggered)).toEqual([]);
  expect(only(trade(at), Kind.OrderTriggered).length).toBe(1);
  expect(armed()).toBe(0);
});

test("without a last trade a stop waits, wherever it lies", () => {
  expect(story(stop({ stopTicks: 1_000_000 }))).toEqual(["OrderAccepted 1"]);
});

test("a stop through the market is released at once, or refused where the spec is strict", () => {
  trade(100);
  const at = next;
  expect(story(stop({ stopTicks: 100 }))).toEqual([
    `OrderAccepted ${at}`,
    `OrderTriggered ${at}`,
    `OrderCanceled ${at}`,
  ]);
  trade(100, { instrument: STRICT });
  const refused = stop({ stopTicks: 100, instrument: STRICT })[0]!;
  expect(Refusal[refused["reason"] as Refusal]).toBe("StopThroughMarket");
  expect(stop({ stopTicks: 99, instrument: STRICT })[0]!["state"]).toBe(OrderState.Armed);
});

test("a triggered stop-limit is a limit order from there on", () => {
  trade(100);
  stop({ type: OrderType.StopLimit, priceTicks: 97, stopTicks: 95 });
  const [triggered] = only(trade(95), Kind.OrderTriggered);
  expect(triggered!["type"]).toBe(OrderType.Limit);
  const rows = only(core.send(Kind.StateQuery, { account: 3 }), Kind.OrderStateRow);
  expect(rows.map((row) => [row["state"], row["priceTicks"]])).toEqual([[OrderState.Live, 97]]);
});

test("a FOK or IOC stop keeps its time in force when it is released", () => {
  trade(100);
  stop({ type: OrderType.StopLimit, tif: TimeInForce.Fok, priceTicks: 90 });
  stop({ type: OrderType.StopLimit, tif: TimeInForce.Ioc, priceTicks: 90 });
  const canceled = only(trade(95), Kind.OrderCanceled).map((out) => out["reason"]);
  expect(canceled).toEqual([CancelReason.FillOrKill, CancelReason.ImmediateOrCancel]);
});

test("a kill switch that came after lets no stop trade", () => {
  trade(100);
  stop({});
  core.send(Kind.KillSwitch, { scope: Scope.Account, account: 3, state: 1 });
  const outs = trade(95);
  expect(only(outs, Kind.OrderTriggered)).toEqual([]);
  expect(only(outs, Kind.OrderCanceled)[0]!["reason"]).toBe(CancelReason.KillSwitch);
});

test("paper: a trade of the public market triggers, the quote fills", () => {
  const quote = { instrument: PAPER, bidTicks: 94, bidLots: 5, askTicks: 96, askLots: 5 };
  core.send(Kind.TopOfBook, quote);
  stop({ instrument: PAPER });
  const outs = core.send(Kind.TradePrint, { instrument: PAPER, priceTicks: 95, qtyLots: 1 });
  expect(story(outs)).toEqual(["OrderTriggered 1", "Fill 1"]);
  expect(only(outs, Kind.Fill)[0]!["priceTicks"]).toBe(94);
});

describe("an amend of an armed order", () => {
  const amend = (clientId: number, fields: Fields): Out => {
    return core.send(Kind.OrderAmend, { account: 3, clientId, ...fields })[0]!;
  };

  test("with less quantity keeps its place; with another stop it goes behind its equals", () => {
    trade(100);
    const first = next;
    stop({ qtyLots: 5 });
    stop({ qtyLots: 5, account: 2 });
    const less = amend(first, { fields: AmendField.Qty, qtyLots: 4 });
    expect([Kind[less["kind"] as Kind], less["detail"]]).toEqual(["OrderAmended", 1]);
    amend(first, { fields: AmendField.Stop, stopTicks: 94 });
    amend(first, { fields: AmendField.Stop, stopTicks: 95 });
    const released = only(trade(95), Kind.OrderTriggered).map((out) => out["clientId"]);
    expect(released.map(Number)).toEqual([first + 1, first]);
  });

  test("to a stop the market has reached releases it; a strict spec refuses it", () => {
    for (const instrument of [1, STRICT]) {
      trade(100, { instrument });
      const at = next;
      stop({ instrument });
      const outs = core.send(Kind.OrderAmend, {
        account: 3,
        clientId: at,
        fields: AmendField.Stop,
        stopTicks: 101,
      });
      if (instrument === 1) expect(only(outs, Kind.OrderTriggered).length).toBe(1);
      else expect(outs[0]!["reason"]).toBe(Refusal.StopThroughMarket);
    }
  });

  test.each([
    ["a price a market order has not", { fields: 1, priceTicks: 90 }, Refusal.FlagUnsupported],
    ["no stop", { fields: AmendField.Stop, stopTicks: 0 }, Refusal.StopPriceInvalid],
    ["nothing", { fields: AmendField.Stop, stopTicks: 95 }, Refusal.AmendNothing],
    ["a display", { fields: AmendField.Display, displayLots: 1 }, Refusal.FlagUnsupported],
    ["another id", { fields: 2, qtyLots: 2, newClientId: 9n }, Refusal.FlagUnsupported],
  ])("is refused with %s", (_what, fields, refusal) => {
    stop({});
    expect(Refusal[amend(1, fields)["reason"] as Refusal]).toBe(Refusal[refusal]);
  });
});

describe(`one input releases while it has done fewer than ${TRIGGER_STEPS_MAX} steps`, () => {
  const COUNT = TRIGGER_STEPS_MAX * 2 + 10;

  test("the rest follows by Timer records of the same time, in order, and none is lost", () => {
    trade(100);
    const model = { instrument: 1, account: 3, type: OrderType.Stop, side: Side.Sell };
    const fields = { ...model, tif: TimeInForce.Gtc, stopTicks: 95, qtyLots: 1 };
    core.sendMany(Kind.OrderNew, fields, COUNT, (view, at, index) => {
      view.setBigUint64(at + ORDER_CLIENT_ID, BigInt(1000 + index), true);
    });
    expect(armed()).toBe(COUNT);
    const outs = trade(95);
    const released = only(outs, Kind.OrderTriggered).map((out) => Number(out["clientId"]));
    expect(released).toEqual(Array.from({ length: COUNT }, (_, index) => 1000 + index));
    const causes = new Set(only(outs, Kind.OrderTriggered).map((out) => out["cause"]));
    expect(causes.size, "the command and two timers").toBe(3);
    expect(core.core.view.getBigUint64(H_TIMERS, true)).toBe(2n);
    expect(core.core.view.getBigInt64(H_DEADLINE_ORDER, true)).toBe(0x7fffffffffffffffn);
    expect(armed()).toBe(0);
    expect(core.money()).toBe(0n);
  });
});

test("cancel, mass cancel and a kill switch find an armed order where it waits", () => {
  stop({});
  stop({});
  stop({});
  expect(core.send(Kind.OrderCancel, { account: 3, clientId: 1 })[0]!["kind"]).toBe(
    Kind.OrderCanceled,
  );
  expect(armed()).toBe(2);
  core.send(Kind.MassCancel, { account: 3, scope: Scope.Account });
  expect(armed()).toBe(0);
  const rows = core.send(Kind.StateQuery, { account: 3 });
  expect(only(rows, Kind.PositionState)[0]!["openSellLots"]).toBe(0);
});
