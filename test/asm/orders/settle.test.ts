// Futures: no trade at or after the expiry, orders expire, positions are paid out at the mark.
import { beforeEach, expect, test } from "vitest";
import { SETTLED_PER_TIMER_MAX } from "../../../asm/layout.ts";
import { Execution, InstrumentKind, Kind, MarkSource, Refusal, Side } from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Out } from "../order-core.ts";

const EXPIRY = 1_000_000_000;
let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  const expiryNanos = BASE_NANOS + BigInt(EXPIRY);
  core.instrument(1, { specKind: InstrumentKind.Future, expiryNanos });
  for (const id of [1, 2, 3]) core.account(id);
});

const at = (nowNanos: number, account: number, side: Side, clientId: number): Out[] => {
  core.nowNanos = nowNanos;
  return core.order({ account, side, clientId, priceTicks: account === 3 ? 130 : 100 });
};
const lots = (account: number): unknown =>
  only(core.send(Kind.StateQuery, { account }), Kind.PositionState)[0]?.["lots"] ?? 0;

test("at the expiry orders expire, positions are settled, and nothing trades any more", () => {
  at(0, 1, Side.Buy, 1);
  at(0, 2, Side.Sell, 1);
  at(1, 2, Side.Sell, 2);
  at(2, 3, Side.Buy, 1);
  at(3, 1, Side.Buy, 3);
  const outs = at(EXPIRY, 1, Side.Buy, 9);
  expect(only(outs, Kind.OrderExpired).map((out) => out["clientId"])).toEqual([3n]);
  const positions = only(outs, Kind.PositionChanged);
  expect(positions.map((out) => [out["account"], out["lots"], out["realizedMinor"]])).toEqual([
    [1, 0, 0],
    [2, 0, 0],
    [3, 0, 0],
  ]);
  expect(Refusal[only(outs, Kind.OrderDenied)[0]!["reason"] as Refusal]).toBe("InstrumentClosed");
  expect(core.money()).toBe(0n);
});

test("the gain up to the settlement price is realized", () => {
  at(0, 1, Side.Buy, 1);
  at(0, 2, Side.Sell, 1);
  core.nowNanos = 5;
  core.order({ account: 2, side: Side.Sell, clientId: 2, priceTicks: 130 });
  at(6, 3, Side.Buy, 1);
  const outs = at(EXPIRY + 1, 1, Side.Buy, 9);
  const realized = only(outs, Kind.BalanceChanged).map((out) => [out["account"], out["cashMinor"]]);
  expect(realized).toEqual([
    [1, 30],
    [2, -30],
    [3, 0],
  ]);
  expect([lots(1), lots(2), lots(3)]).toEqual([0, 0, 0]);
  expect(core.money()).toBe(0n);
});

test("without a mark it waits, and is asked again every minute", () => {
  const paper = { specKind: InstrumentKind.Future, execution: Execution.Paper };
  core.instrument(2, { ...paper, expiryNanos: BASE_NANOS + 5n });
  core.send(Kind.TopOfBook, { instrument: 2, askTicks: 9, askLots: 4 });
  core.order({ instrument: 2, account: 1, clientId: 1, priceTicks: 9 });
  core.nowNanos = 6;
  const print = core.send(Kind.TradePrint, { instrument: 2, priceTicks: 12, qtyLots: 1 });
  expect(print, "not yet, though there is a price now").toEqual([]);
  core.nowNanos = 60e9 + 5;
  const settled = only(core.send(Kind.StateQuery, { account: 3 }), Kind.PositionChanged);
  expect(settled.map((out) => [out["lots"], out["realizedMinor"]])).toEqual([[0, 3]]);
  expect(core.money()).toBe(0n);
});

test("the middle of our own orders is the mark, read before they expire", () => {
  const future = { specKind: InstrumentKind.Future, markSource: MarkSource.Mid };
  core.instrument(2, { ...future, expiryNanos: BASE_NANOS + 5n });
  const order = (account: number, side: Side, priceTicks: number, clientId: number): Out[] =>
    core.order({ instrument: 2, account, side, priceTicks, clientId, qtyLots: 4 });
  order(1, Side.Buy, 100, 1);
  order(2, Side.Sell, 100, 1);
  order(3, Side.Buy, 106, 1);
  order(3, Side.Sell, 110, 2);
  core.nowNanos = 5;
  const outs = core.send(Kind.StateQuery, { account: 3 });
  expect(only(outs, Kind.OrderExpired)).toHaveLength(2);
  const settled = only(outs, Kind.PositionChanged);
  expect(settled.map((out) => [out["account"], out["lots"], out["realizedMinor"]])).toEqual([
    [1, 0, 32],
    [2, 0, -32],
  ]);
  expect(core.money()).toBe(0n);
});

test("more positions than one Timer settles are settled at the same time", () => {
  const count = SETTLED_PER_TIMER_MAX + 10;
  for (let id = 10; id < 10 + count; id++) core.account(id);
  core.order({ account: 1, side: Side.Sell, clientId: 1, priceTicks: 100, qtyLots: count });
  for (let id = 10; id < 10 + count; id++) {
    core.order({ account: id, clientId: 1, priceTicks: 100, qtyLots: 1 });
  }
  core.nowNanos = EXPIRY;
  const outs = core.send(Kind.StateQuery, { account: 1 });
  expect(only(outs, Kind.PositionChanged)).toHaveLength(count + 1);
  const times = new Set(outs.map((out) => out["tsEngineNanos"]));
  expect(times.size, "all at the expiry").toBe(1);
  expect(core.money()).toBe(0n);
});
