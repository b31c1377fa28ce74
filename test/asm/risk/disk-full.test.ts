// A full disk: nothing new and nothing larger, while all that exists goes on.
import { beforeEach, expect, test } from "vitest";
import {
  Algorithm,
  AmendField,
  Contingency,
  Kind,
  OrderType,
  Refusal,
  Side,
  SignalKind,
  StateChange,
  StrategyKind,
  TimeInForce,
  TradingMode,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const INSTRUMENT = 1;
const MODEL = 3;
const FOLLOWER = 7;

let core: OrderCore;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(INSTRUMENT, { referenceTicks: 10_000 });
  for (const id of [1, 2]) {
    core.account(id, {});
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 1_000_000_000 });
  }
  core.send(Kind.Strategy, {
    id: FOLLOWER,
    account: 2,
    strategyKind: StrategyKind.SignalFollower,
    strategyFlags: 1,
    model: MODEL,
    qtyLots: 5,
  });
});

const full = (isFull: boolean): Out[] => core.send(Kind.DiskSpace, { full: Number(isFull) });

function order(clientId: number, more: Fields = {}): Out[] {
  const what = { type: OrderType.Limit, tif: TimeInForce.Gtc, side: Side.Buy };
  const row = { ...what, account: 1, instrument: INSTRUMENT, clientId, qtyLots: 10 };
  return core.send(Kind.OrderNew, { ...row, priceTicks: 9_990, ...more });
}

function amend(clientId: number, more: Fields): Out[] {
  return core.send(Kind.OrderAmend, { account: 1, instrument: INSTRUMENT, clientId, ...more });
}

/** Lets time pass; the answers of the timers. */
function until(seconds: number): Out[] {
  core.nowNanos = seconds * 1e9;
  return core.send(Kind.CashAdjust, { account: 2, currency: 1, amountMinor: 1 });
}

/** The first answer, as words: what it is, and of a denial why. */
function said(outs: Out[]): string {
  const { kind, reason } = outs[0]!;
  const name = Kind[Number(kind)]!;
  return name.endsWith("Denied") ? `${name} ${Refusal[Number(reason)]}` : name;
}

test("is told once when it begins and once when it ends", () => {
  const told = (outs: Out[]): unknown[] =>
    outs.map(({ kind, scope, state, reason, change }) => [kind, scope, state, reason, change]);
  const kind = Kind.TradingStateChanged;
  expect(full(false), "it has room already").toEqual([]);
  expect(told(full(true))).toEqual([[kind, 0, 1, Refusal.DiskFull, StateChange.Disk]]);
  expect(full(true), "it is full already").toEqual([]);
  expect(told(full(false))).toEqual([[kind, 0, 0, 0, StateChange.Disk]]);
});

test("refuses new orders and replaces, and takes them again when there is room", () => {
  order(1);
  full(true);
  expect(said(order(2))).toBe("OrderDenied DiskFull");
  expect(said(order(3, { type: OrderType.Market, tif: TimeInForce.Ioc, priceTicks: 0 }))).toBe(
    "OrderDenied DiskFull",
  );
  const stop = { type: OrderType.Stop, priceTicks: 0, stopTicks: 10_100 };
  expect(said(order(4, stop))).toBe("OrderDenied DiskFull");
  const replace = { account: 1, instrument: INSTRUMENT, clientId: 1, newClientId: 5 };
  const price = { fields: AmendField.Price, priceTicks: 9_980 };
  expect(said(core.send(Kind.OrderReplace, { ...replace, ...price }))).toBe("AmendDenied DiskFull");
  full(false);
  // "Not now" is no answer for good: the same order under the same id is taken.
  expect(said(order(2))).toBe("OrderAccepted");
  expect(said(core.send(Kind.OrderReplace, { ...replace, ...price }))).toBe("OrderCanceled");
});

test("refuses more of a resting, an armed and a held order, and takes less", () => {
  order(1);
  order(2, { type: OrderType.Stop, priceTicks: 0, stopTicks: 10_100 });
  order(3, {
    side: Side.Sell,
    priceTicks: 10_050,
    contingency: Contingency.Oto,
    linkedClientId: 1,
  });
  full(true);
  for (const id of [1, 2, 3]) {
    const by = (qtyLots: number): string => said(amend(id, { fields: AmendField.Qty, qtyLots }));
    expect(by(11), `order ${id}, more`).toBe("AmendDenied DiskFull");
    expect(by(9), `order ${id}, less`).toBe("OrderAmended");
  }
  const price = { fields: AmendField.Price, priceTicks: 9_985 };
  expect(said(amend(1, price)), "another price is no more to keep").toBe("OrderAmended");
});

test("cancels, mass cancels, triggers and fills go on", () => {
  for (const id of [1, 2, 3]) order(id, { priceTicks: 9_990 - id });
  order(4, { type: OrderType.StopLimit, priceTicks: 9_950, stopTicks: 9_992, side: Side.Sell });
  order(5, { account: 2, side: Side.Sell, priceTicks: 9_991, qtyLots: 4 });
  full(true);
  const cancel = { account: 1, instrument: INSTRUMENT, clientId: 1 };
  expect(said(core.send(Kind.OrderCancel, cancel))).toBe("OrderCanceled");
  // It crosses the book, and the trade reaches the stop.
  const outs = amend(2, { fields: AmendField.Price, priceTicks: 9_991 });
  expect(only(outs, Kind.OrderTriggered).map((one) => one.clientId)).toEqual([4n]);
  expect(only(outs, Kind.Fill).length, "both sides of the trade").toBeGreaterThanOrEqual(2);
  const massed = core.send(Kind.MassCancel, { account: 1, scope: 2, instrument: 0 });
  expect(only(massed, Kind.OrderCanceled).length).toBeGreaterThan(0);
  expect(only(massed, Kind.MassCanceled)).toHaveLength(1);
});

test("a kill switch, a halt and a mode speak before it, as they do without it", () => {
  full(true);
  core.send(Kind.TradingState, { scope: 0, state: TradingMode.ReduceOnly });
  expect(said(order(1)), "a mode that lets some pass").toBe("OrderDenied DiskFull");
  core.send(Kind.TradingState, { scope: 0, state: TradingMode.Halted });
  expect(said(order(1))).toBe("OrderDenied TradingHalted");
  core.send(Kind.KillSwitch, { scope: 0, state: 1 });
  expect(said(order(2))).toBe("OrderDenied KillSwitchOn");
});

test("a parent is refused, and one that works waits without a child until there is room", () => {
  const parent = {
    account: 1,
    instrument: INSTRUMENT,
    side: Side.Buy,
    algorithm: Algorithm.Iceberg,
    qtyLots: 30,
    limitTicks: 9_990,
    childMaxLots: 10,
  };
  full(true);
  expect(said(core.send(Kind.ParentNew, { ...parent, clientId: 1 }))).toBe("OrderDenied DiskFull");
  full(false);
  core.send(Kind.ParentNew, { ...parent, clientId: 2, startNanos: BASE_NANOS + 1_000_000_000n });
  full(true);
  const waiting = until(2);
  expect(only(waiting, Kind.OrderAccepted)).toEqual([]);
  expect(only(waiting, Kind.ParentProgress).map((one) => one.reason)).toContain(Refusal.DiskFull);
  full(false);
  expect(only(until(4), Kind.OrderAccepted), "its child").toHaveLength(1);
});

test("a strategy of the core is refused too", () => {
  order(1, { side: Side.Sell, priceTicks: 10_010 });
  const signal = { instrument: INSTRUMENT, side: Side.Buy, signalKind: SignalKind.Entry };
  const send = (): Out[] => core.send(Kind.Signal, { ...signal, model: MODEL });
  full(true);
  expect(said(send())).toBe("OrderDenied DiskFull");
  full(false);
  expect(only(send(), Kind.Fill).length).toBeGreaterThan(0);
});
