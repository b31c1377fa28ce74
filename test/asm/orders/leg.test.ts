// Hedging accounts: two legs side by side, neither of which ever crosses zero.
import { beforeEach, describe, expect, test } from "vitest";
import { REDUCERS_MAX } from "../../../asm/layout.ts";
import {
  Algorithm,
  CancelReason,
  Execution,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  OrderFlag,
  OrderType,
  PositionMode,
  PositionSide,
  Refusal,
  Scope,
  Side,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const [LONG, SHORT] = [PositionSide.Long, PositionSide.Short];
const HEDGING = PositionMode.Hedging;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.account(1, { positionMode: HEDGING });
  core.account(2);
  next = 1;
});

function order(fields: Fields): Out[] {
  return core.order({ clientId: next++, priceTicks: 100, ...fields });
}

/** Account 1 trades `lots` with account 2 at a price. */
function trade(side: Side, positionSide: number, qtyLots: number, priceTicks = 100): Out[] {
  order({ account: 2, side: side === Side.Buy ? Side.Sell : Side.Buy, qtyLots, priceTicks });
  return order({ side, positionSide, qtyLots, priceTicks });
}

function reason(outs: Out[]): string | undefined {
  return Refusal[outs[0]!["reason"] as Refusal];
}

/** Leg, lots and realized money of account 1's positions. */
function legs(): unknown[] {
  const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState);
  return rows.map((row) => [row["side"], row["lots"], row["realizedMinor"]]).reverse();
}

function adjust(lots: number, positionSide: number, account = 1): Out[] {
  const what = { instrument: 1, account, positionSide, lots, priceTicks: 100 };
  return core.send(Kind.PositionAdjust, what);
}

test("a long and a short position lie side by side, each with its own cost", () => {
  trade(Side.Buy, LONG, 5, 100);
  trade(Side.Sell, SHORT, 3, 110);
  expect(legs()).toEqual([
    [LONG, 5, 0],
    [SHORT, -3, 0],
  ]);
  const fill = only(trade(Side.Sell, LONG, 2, 130), Kind.Fill)[1]!;
  expect([fill["positionSide"], fill["positionLots"], fill["realizedMinor"]]).toEqual([
    LONG,
    3,
    60,
  ]);
  trade(Side.Buy, SHORT, 3, 90);
  expect(legs()).toEqual([
    [LONG, 3, 60],
    [SHORT, 0, 60],
  ]);
  expect(core.money()).toBe(0n);
});

test("records of an order tell its leg, and so does the refusal of one", () => {
  const [accepted] = order({ side: Side.Sell, positionSide: SHORT });
  expect([accepted!["positionSide"], accepted!["orderFlags"]]).toEqual([SHORT, 0]);
  const [denied] = order({ side: Side.Buy, positionSide: SHORT });
  expect([denied!["positionSide"], denied!["kind"]]).toEqual([SHORT, Kind.OrderDenied]);
  const [row] = only(core.send(Kind.StateQuery, { account: 1 }), Kind.AccountState);
  expect(row!["positionMode"]).toBe(HEDGING);
});

describe("closing a leg", () => {
  test("is refused while it is flat, and capped at what it holds", () => {
    expect(reason(order({ side: Side.Sell, positionSide: LONG }))).toBe("ReduceOnlyWouldIncrease");
    trade(Side.Buy, LONG, 5);
    const [exit] = order({ side: Side.Sell, positionSide: LONG, qtyLots: 9, priceTicks: 120 });
    expect([exit!["leavesLots"], exit!["orderFlags"]]).toEqual([5, OrderFlag.ReduceOnly]);
    expect(reason(order({ side: Side.Buy, positionSide: SHORT }))).toBe("ReduceOnlyWouldIncrease");
  });

  test("never crosses zero, however many orders close it", () => {
    trade(Side.Buy, LONG, 5);
    for (const priceTicks of [105, 106, 107]) {
      order({ side: Side.Sell, positionSide: LONG, qtyLots: 5, priceTicks });
    }
    const outs = order({ account: 2, side: Side.Buy, qtyLots: 12, priceTicks: 107 });
    const fills = only(outs, Kind.Fill).filter((fill) => fill["account"] === 1);
    expect(fills.map((fill) => [fill["qtyLots"], fill["positionLots"]])).toEqual([[5, 0]]);
    const ends = only(outs, Kind.OrderCanceled).map((out) => CancelReason[out["reason"]]);
    expect(ends).toEqual(["ReduceOnly", "ReduceOnly"]);
    expect(core.money()).toBe(0n);
  });

  test("has at most as many orders as a position has reduce-only ones", () => {
    trade(Side.Buy, LONG, 5);
    const exit = { side: Side.Sell, positionSide: LONG, priceTicks: 150 };
    for (let count = 0; count < REDUCERS_MAX; count++) {
      expect(order(exit)[0]!["kind"]).toBe(Kind.OrderAccepted);
    }
    expect(reason(order(exit))).toBe("OpenOrdersLimit");
  });

  test("at market does not wait for an auction", () => {
    adjust(5, LONG);
    core.send(Kind.InstrumentState, { instrument: 1, state: InstrumentPhase.Call });
    const market = { type: OrderType.Market, priceTicks: 0, side: Side.Sell, positionSide: LONG };
    expect(reason(order(market))).toBe("FlagUnsupported");
    const [limit] = order({ side: Side.Sell, positionSide: LONG, qtyLots: 9 });
    expect(limit!["leavesLots"]).toBe(5);
  });

  test("goes on under a replace, which keeps the leg", () => {
    trade(Side.Buy, LONG, 5);
    order({ side: Side.Sell, positionSide: LONG, qtyLots: 5, priceTicks: 120, clientId: 70 });
    const outs = core.send(Kind.OrderReplace, {
      ...{ instrument: 1, account: 1, clientId: 70, newClientId: 71, fields: 3 },
      ...{ priceTicks: 125, qtyLots: 8 },
    });
    const [made] = only(outs, Kind.OrderAccepted);
    expect([made!["positionSide"], made!["leavesLots"]]).toEqual([LONG, 5]);
  });
});

describe("who names a leg", () => {
  test("a hedging account must, a netting account must not", () => {
    expect(reason(order({}))).toBe("PositionSideMissing");
    expect(reason(order({ positionSide: 3 }))).toBe("PositionSideInvalid");
    expect(reason(order({ account: 2, positionSide: LONG }))).toBe("PositionSideInvalid");
    expect(reason(adjust(5, 0))).toBe("PositionSideMissing");
    expect(reason(adjust(5, LONG, 2))).toBe("PositionSideInvalid");
  });

  test("cash instruments have no legs, and legs are not kept at venues", () => {
    core.send(Kind.Currency, { id: 2, minorExponent: 0, code: "BTC" });
    core.instrument(2, { specKind: InstrumentKind.Spot, base: 2 });
    core.instrument(3, { execution: Execution.Routed });
    core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 1_000 });
    expect(order({ instrument: 2 })[0]!["kind"]).toBe(Kind.OrderAccepted);
    expect(reason(order({ instrument: 2, positionSide: LONG }))).toBe("PositionSideInvalid");
    expect(reason(order({ instrument: 3, positionSide: LONG }))).toBe("ExecutionUnsupported");
  });

  test("parents do, and their children have it", () => {
    const parent = {
      ...{ instrument: 1, account: 1, clientId: 900, algorithm: Algorithm.Iceberg },
      ...{ side: Side.Sell, qtyLots: 10, limitTicks: 100, childMaxLots: 4 },
    };
    expect(reason(core.send(Kind.ParentNew, parent))).toBe("PositionSideMissing");
    const outs = core.send(Kind.ParentNew, { ...parent, positionSide: SHORT });
    expect(only(outs, Kind.ParentProgress)[0]!["positionSide"]).toBe(SHORT);
    const [child] = only(outs, Kind.OrderAccepted);
    expect([child!["positionSide"], child!["leavesLots"]]).toEqual([SHORT, 4]);
  });
});

describe("the position mode", () => {
  const modeTo = (positionMode: number, id = 1): Out[] => core.account(id, { positionMode });

  test("changes while the account is flat and has nothing open", () => {
    expect(modeTo(PositionMode.Netting)[0]!["kind"]).toBe(Kind.ConfigAccepted);
    expect(order({})[0]!["kind"]).toBe(Kind.OrderAccepted);
    expect(reason(modeTo(HEDGING)), "an open order").toBe("ConfigConflict");
    core.send(Kind.OrderCancel, { account: 1, clientId: next - 1 });
    expect(modeTo(HEDGING)[0]!["kind"]).toBe(Kind.ConfigAccepted);
    trade(Side.Buy, LONG, 1);
    expect(reason(modeTo(PositionMode.Netting)), "a position").toBe("ConfigConflict");
    trade(Side.Sell, LONG, 1);
    expect(modeTo(PositionMode.Netting)[0]!["kind"]).toBe(Kind.ConfigAccepted);
    expect(reason(modeTo(2))).toBe("ParameterInvalid");
  });

  test("does not change under a parent that waits", () => {
    const parent = {
      ...{ instrument: 1, account: 1, clientId: 900, algorithm: Algorithm.Twap, qtyLots: 10 },
      ...{ side: Side.Sell, positionSide: SHORT, intervalNanos: 1e9 },
      ...{ startNanos: BASE_NANOS + 10_000_000_000n, endNanos: BASE_NANOS + 20_000_000_000n },
    };
    core.send(Kind.ParentNew, parent);
    expect(reason(modeTo(PositionMode.Netting))).toBe("ConfigConflict");
    core.send(Kind.ParentCancel, { account: 1, clientId: 900 });
    expect(modeTo(PositionMode.Netting)[0]!["kind"]).toBe(Kind.ConfigAccepted);
  });
});

describe("limits", () => {
  const limit = (fields: Fields): Out[] =>
    core.send(Kind.RiskLimits, {
      ...{ scope: Scope.AccountInstrument, account: 1, instrument: 1, ...fields },
    });

  test("of a pair hold for each leg by itself, made before or after them", () => {
    trade(Side.Buy, LONG, 1);
    limit({ positionLotsMax: 4 });
    expect(reason(order({ positionSide: LONG, qtyLots: 4 }))).toBe("PositionLimit");
    expect(order({ positionSide: LONG, qtyLots: 3 })[0]!["kind"]).toBe(Kind.OrderAccepted);
    const short = { side: Side.Sell, positionSide: SHORT, priceTicks: 200 };
    expect(reason(order({ ...short, qtyLots: 5 }))).toBe("PositionLimit");
    expect(order({ ...short, qtyLots: 4 })[0]!["kind"]).toBe(Kind.OrderAccepted);
  });

  test("of the position never stand in the way of closing", () => {
    trade(Side.Buy, LONG, 5);
    limit({ positionLotsMax: 1 });
    const exit = { side: Side.Sell, positionSide: LONG, qtyLots: 5, priceTicks: 150 };
    for (let count = 0; count < 4; count++) {
      expect(order(exit)[0]!["kind"]).toBe(Kind.OrderAccepted);
    }
  });

  test("on gross exposure count both legs, on net their difference", () => {
    trade(Side.Buy, LONG, 5);
    trade(Side.Sell, SHORT, 5);
    limit({ grossMinorMax: 1_100 });
    expect(reason(order({ positionSide: LONG, qtyLots: 2 }))).toBe("GrossExposureLimit");
    limit({ netMinorMax: 200 });
    expect(reason(order({ positionSide: LONG, qtyLots: 3 }))).toBe("NetExposureLimit");
    expect(order({ positionSide: LONG, qtyLots: 2 })[0]!["kind"]).toBe(Kind.OrderAccepted);
    const exit = { side: Side.Sell, positionSide: LONG, priceTicks: 150 };
    expect(reason(order({ ...exit, qtyLots: 3 })), "bares the short").toBe("NetExposureLimit");
    expect(order({ ...exit, qtyLots: 2 })[0]!["kind"]).toBe(Kind.OrderAccepted);
  });
});

describe("from outside", () => {
  test("a leg is adjusted on its own side, and back to flat at most", () => {
    expect(adjust(5, LONG)[0]!["kind"]).toBe(Kind.ConfigAccepted);
    expect(adjust(-5, SHORT)[0]!["kind"]).toBe(Kind.ConfigAccepted);
    expect(reason(adjust(-6, LONG))).toBe("ReduceOnlyWouldIncrease");
    expect(reason(adjust(6, SHORT))).toBe("ReduceOnlyWouldIncrease");
    adjust(-5, LONG);
    adjust(2, SHORT);
    expect(legs()).toEqual([
      [LONG, 0, 0],
      [SHORT, -3, 0],
    ]);
    expect(core.money()).toBe(0n);
  });

  test("a future settles both legs at its expiry", () => {
    const expiryNanos = BASE_NANOS + 1_000n;
    core.instrument(4, { specKind: InstrumentKind.Future, expiryNanos });
    const adjusted = { instrument: 4, account: 1, priceTicks: 100 };
    core.send(Kind.PositionAdjust, { ...adjusted, positionSide: LONG, lots: 5 });
    core.send(Kind.PositionAdjust, { ...adjusted, positionSide: SHORT, lots: -2 });
    order({ account: 2, instrument: 4, side: Side.Sell, priceTicks: 120 });
    core.account(3);
    order({ account: 3, instrument: 4, priceTicks: 120 });
    core.nowNanos = 2_000;
    const settled = only(core.send(Kind.StateQuery, { account: 3 }), Kind.PositionChanged);
    const own = settled.filter((row) => row["account"] === 1);
    expect(own.map((row) => [row["side"], row["lots"], row["realizedMinor"]])).toEqual([
      [LONG, 0, 100],
      [SHORT, 0, -40],
    ]);
    expect(core.money()).toBe(0n);
  });
});
