// Liquidation: orders first, then positions, one at a time, until the margin is covered.
import { beforeEach, expect, test } from "vitest";
import {
  CancelReason,
  InstrumentPhase,
  Kind,
  OrderFlag,
  PositionMode,
  PositionSide,
  Scope,
  Side,
  TradingMode,
} from "../../../asm/vocab.ts";
import { only, type Out } from "../order-core.ts";
import { MAKER, MarginCore, reason } from "./margin-core.ts";

let margin: MarginCore;

beforeEach(() => {
  margin = new MarginCore();
  margin.schedule({ callBps: 1_500, maintenanceBps: 1_000 });
});

function kinds(outs: Out[]): string[] {
  return outs.map((out) => Kind[out.kind]!);
}

function modes(outs: Out[]): string[] {
  return only(outs, Kind.TradingStateChanged).map((out) => TradingMode[Number(out["state"])]!);
}

/** Account 1 buys 50 lots, others bid for `lots` at 8,800, and the mark falls to 8,880. */
function fall(lots: number): Out[] {
  margin.trade(1, 50);
  if (lots > 0) margin.order({ account: MAKER, qtyLots: lots, priceTicks: 8_800 });
  return margin.mark(8_880);
}

test("an account below maintenance loses orders, then positions, then may only reduce", () => {
  margin.trade(1, 50);
  margin.order({ account: MAKER, qtyLots: 60, priceTicks: 8_800 });
  const clientId = Number(margin.order({ account: 1, priceTicks: 8_000 })[0]!["clientId"]);
  expect(only(margin.mark(9_112), Kind.LiquidationStarted)).toEqual([]);
  // Equity 100,000 - 50 x 889 = 55,550; 10 % of 455,550 is 45,555; at 8,889 they meet.
  expect(only(margin.mark(8_889), Kind.LiquidationStarted)).toEqual([]);
  const outs = margin.mark(8_888);
  const [started] = only(outs, Kind.LiquidationStarted);
  expect([started!["account"], started!["equityMinor"], started!["maintenanceMinor"]]).toEqual([
    ...[1, 44_400, 44_440],
  ]);
  const canceled = only(outs, Kind.OrderCanceled).find((out) => Number(out.clientId) === clientId);
  expect(canceled!["reason"]).toBe(CancelReason.Liquidation);
  const fill = only(outs, Kind.Fill).find((out) => out["account"] === 1)!;
  expect([fill["side"], fill["qtyLots"], fill["priceTicks"]]).toEqual([Side.Sell, 50, 8_800]);
  expect(BigInt(fill["clientId"]) >> 61n, "a house sequence").toBe(5n);
  expect(modes(outs)).toEqual(["Liquidating", "ReduceOnly"]);
  expect(kinds(outs).indexOf("OrderCanceled")).toBeLessThan(kinds(outs).lastIndexOf("Fill"));
  expect(reason(margin.order({ account: 1 }))).toBe("ReduceOnlyMode");
  expect(margin.core.money(), "money is conserved").toBe(0n);
});

test("closing stops when what is left covers the call margin", () => {
  margin.schedule({ instrument: 2, callBps: 1_500, maintenanceBps: 1_000 });
  margin.trade(1, 30);
  margin.trade(1, 20, 2);
  for (const instrument of [1, 2]) {
    margin.order({ account: MAKER, qtyLots: 60, priceTicks: 8_000, instrument });
  }
  expect(modes(margin.mark(8_300, 1)), "49,000 of 44,900").toEqual([]);
  const outs = margin.mark(9_700, 2);
  // 43,000 of 44,300. The dearer one goes, 30 lots at 8,000; 34,000 cover 20 lots of 9,700.
  const closed = only(outs, Kind.Fill).filter((out) => out["account"] === 1);
  expect(closed.map((out) => [out["instrument"], out["qtyLots"]])).toEqual([[1, 30]]);
  expect(modes(outs)).toEqual(["Liquidating", "ReduceOnly"]);
});

test("what finds no liquidity is tried again after a second, then two", () => {
  const outs = fall(10);
  expect(only(outs, Kind.Fill).filter((out) => out["account"] === 1).length).toBe(1);
  expect(modes(outs)).toEqual(["Liquidating"]);
  const tries = (millis: number): number => {
    margin.core.nowNanos += millis * 1_000_000;
    const query = margin.core.send(Kind.StateQuery, { account: 2 });
    const mine = only(query, Kind.OrderAccepted);
    for (const out of mine) {
      expect(out["orderFlags"]).toBe(OrderFlag.Engine | OrderFlag.ReduceOnly);
    }
    return mine.length;
  };
  expect(tries(999)).toBe(0);
  expect(tries(1), "a second after nobody was there").toBe(1);
  expect(tries(1_999)).toBe(0);
  expect(tries(1)).toBe(1);
  expect(tries(600_000), "at most every 64 seconds").toBeLessThan(16);
  margin.order({ account: MAKER, qtyLots: 40, priceTicks: 8_800 });
  margin.core.nowNanos += 64_000_000_000;
  const last = margin.core.send(Kind.StateQuery, { account: 1 });
  expect(modes(last)).toEqual(["ReduceOnly"]);
});

test.each([
  ["a kill switch", Kind.KillSwitch, { scope: Scope.Account, account: 1 }, true],
  ["a global halt", Kind.TradingState, { scope: Scope.Global, state: 2 }, true],
  ["a halted instrument", Kind.InstrumentState, { state: InstrumentPhase.Halted }, true],
  ["the account's own halt", Kind.TradingState, { scope: Scope.Account, state: 2 }, false],
])("%s holds positions back or not, never the cancels", (_name, kind, fields, holds) => {
  margin.trade(1, 50);
  margin.order({ account: MAKER, qtyLots: 60, priceTicks: 8_800 });
  margin.order({ account: 1, priceTicks: 8_000 });
  margin.mark(8_950);
  margin.core.send(kind, { instrument: 1, account: 1, state: 1, ...fields });
  const outs = margin.cash(1, -10_000);
  expect(only(outs, Kind.OrderCanceled).length).toBeGreaterThan(0);
  expect(only(outs, Kind.Fill).length > 0).toBe(!holds);
  const after = kind === Kind.TradingState && !holds ? "Halted" : "ReduceOnly";
  expect(modes(outs)).toEqual(holds ? ["Liquidating"] : ["Liquidating", after]);
});

test("a mode that is set meanwhile holds afterwards, and no other is told", () => {
  expect(modes(fall(0))).toEqual(["Liquidating"]);
  const active = { scope: Scope.Account, account: 1, state: TradingMode.Active };
  expect(modes(margin.core.send(Kind.TradingState, active))).toEqual([]);
  expect(reason(margin.order({ account: 1 })), "not yet").toBe("ReduceOnlyMode");
  expect(modes(margin.cash(1, 100_000)), "paid in").toEqual([]);
  margin.core.nowNanos += 1_000_000_000;
  expect(modes(margin.core.send(Kind.StateQuery, { account: 1 }))).toEqual(["Active"]);
  expect(reason(margin.order({ account: 1, priceTicks: 8_000 }))).toBe("None");
});

test("limits do not hold a closing order back", () => {
  const none = { scope: Scope.Account, account: 1, qtyLotsMax: 1, notionalMinorMax: 1 };
  margin.trade(1, 50);
  margin.order({ account: MAKER, qtyLots: 60, priceTicks: 8_800 });
  margin.core.send(Kind.RiskLimits, none);
  expect(modes(margin.mark(8_888))).toEqual(["Liquidating", "ReduceOnly"]);
});

test("several accounts are closed in the order in which they were found", () => {
  for (const id of [1, 2, 3]) margin.trade(id, 50);
  margin.order({ account: MAKER, qtyLots: 500, priceTicks: 8_800 });
  const outs = margin.mark(8_888);
  const fills = only(outs, Kind.Fill).filter((out) => Number(out["account"]) < MAKER);
  expect(fills.map((out) => out["account"])).toEqual([1, 2, 3]);
  expect(modes(outs).filter((mode) => mode === "ReduceOnly").length).toBe(3);
});

test("an account under liquidation still is after a restart, and it goes on at its time", () => {
  margin = new MarginCore();
  margin.schedule({ callBps: 1_500, maintenanceBps: 1_000 });
  expect(modes(fall(10)), "10 of 50 lots found somebody").toEqual(["Liquidating"]);
  const restored = new MarginCore();
  copyPages(margin.core.core.u8, restored.core.core.u8);
  restored.core.nowNanos = margin.core.nowNanos;
  expect(restored.core.core.stateHash(2), "the snapshot").toBe(margin.core.core.stateHash(2));
  const tail = (one: MarginCore): unknown[] => {
    const outs: Out[] = [];
    const take = (some: Out[]): void => void outs.push(...some);
    take(one.core.send(Kind.StateQuery, { account: 1 }));
    // A second after the last try, with somebody there; before, no order but the engine's.
    take(one.core.order({ account: 1, clientId: 901, priceTicks: 8_000 }));
    take(one.core.order({ account: MAKER, clientId: 902, priceTicks: 8_800, qtyLots: 40 }));
    one.core.nowNanos += 1_000_000_000;
    take(one.core.send(Kind.StateQuery, { account: 1 }));
    return outs;
  };
  const after = tail(restored) as Out[];
  const states = only(after, Kind.AccountState).filter((out) => out["currency"] === 1);
  expect(states.map((out) => TradingMode[Number(out["mode"])])).toEqual([
    "Liquidating",
    "ReduceOnly",
  ]);
  expect(only(after, Kind.Fill).filter((out) => out["account"] === 1)).toHaveLength(1);
  expect(modes(after)).toEqual(["ReduceOnly"]);
  expect(after, "the tail after the snapshot").toEqual(tail(margin));
  expect(restored.core.core.stateHash(2)).toBe(margin.core.core.stateHash(2));
});

/** Copies what is not empty: most of a core's memory is. */
function copyPages(from: Uint8Array, to: Uint8Array): void {
  const empty = Buffer.alloc(65_536);
  for (let at = 0; at < from.length; at += empty.length) {
    const page = from.subarray(at, at + empty.length);
    if (!empty.equals(page)) to.set(page, at);
  }
}

test("legs are closed one at a time, each by its own side, the dearer one first", () => {
  margin.core.account(1, { positionMode: PositionMode.Hedging });
  const leg = (positionSide: PositionSide, side: Side, qtyLots: number): void => {
    const other = side === Side.Buy ? Side.Sell : Side.Buy;
    margin.order({ account: MAKER, side: other, qtyLots });
    margin.order({ account: 1, side, positionSide, qtyLots });
  };
  leg(PositionSide.Long, Side.Buy, 60);
  leg(PositionSide.Short, Side.Sell, 10);
  margin.order({ account: MAKER, qtyLots: 60, priceTicks: 8_800 });
  // Each leg has its own margin: 100,000 - 50 x 1,163 = 41,850 of 70 x 883.7 = 61,859.
  const outs = margin.mark(8_837);
  const [started] = only(outs, Kind.LiquidationStarted);
  expect([started!["equityMinor"], started!["maintenanceMinor"]]).toEqual([41_850, 61_859]);
  const closed = only(outs, Kind.Fill).filter((out) => out["account"] === 1);
  // The long leg at 8,800 leaves 100,000 - 72,000 + 10 x 1,163 = 39,630, enough for the short one.
  expect(closed.map((out) => [out["positionSide"], out["side"], out["qtyLots"]])).toEqual([
    [PositionSide.Long, Side.Sell, 60],
  ]);
  expect(modes(outs)).toEqual(["Liquidating", "ReduceOnly"]);
  // What is left is closed too when its own margin is gone.
  margin.order({ account: MAKER, side: Side.Sell, qtyLots: 10, priceTicks: 9_950 });
  margin.cash(1, -20_000);
  // 8,000 + 10 x 100 of 9,900.
  const last = margin.mark(9_900);
  const rest = only(last, Kind.Fill).filter((out) => out["account"] === 1);
  expect(rest.map((out) => [out["positionSide"], out["side"], out["qtyLots"]])).toEqual([
    [PositionSide.Short, Side.Buy, 10],
  ]);
  expect(margin.core.money(), "money is conserved").toBe(0n);
});
