// Self-trade prevention by decrement: lots leave both orders, and nothing is traded.
import { beforeEach, expect, test } from "vitest";
import { CancelReason, Kind, SelfTrade, Side, TimeInForce } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
let next = 1;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  core.account(1);
  core.account(2);
  next = 1;
});

function sell(qtyLots: number, fields: Fields = {}): Out[] {
  const order = { clientId: next++, side: Side.Sell, priceTicks: 100 };
  return core.order({ ...order, qtyLots, ...fields });
}

function buy(qtyLots: number, fields: Fields = {}): Out[] {
  const order = { clientId: next++, selfTrade: SelfTrade.Decrement, priceTicks: 100 };
  return core.order({ ...order, qtyLots, ...fields });
}

/** Client id and canceled lots. */
function canceled(outs: Out[]): number[][] {
  const all = only(outs, Kind.OrderCanceled);
  expect(all.every((out) => out["reason"] === CancelReason.SelfTrade)).toBe(true);
  return all.map((out) => [Number(out["clientId"]), Number(out["leavesLots"])]);
}

function openLots(): number[] {
  const [position] = only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState);
  return [Number(position!["openBuyLots"]), Number(position!["openSellLots"])];
}

test.each([
  ["the resting one is smaller", 2, 6, [[1, 0]], [4, 0]],
  ["the incoming one is smaller", 6, 2, [[2, 0]], [0, 4]],
  [
    "both are equal",
    5,
    5,
    [
      [1, 0],
      [2, 0],
    ],
    [0, 0],
  ],
])("%s: it is canceled at zero, the other keeps the rest", (_what, rests, comes, gone, open) => {
  sell(rests);
  const outs = buy(comes);
  const lots = Math.min(rests, comes);
  const sides = only(outs, Kind.OrderDecremented).map((out) => [out["detail"], out["limit"]]);
  expect(sides).toEqual([
    [1, lots],
    [2, lots],
  ]);
  expect(canceled(outs)).toEqual(gone);
  expect(only(outs, Kind.Fill)).toEqual([]);
  expect(only(outs, Kind.BookPrint)).toEqual([]);
  expect(openLots()).toEqual(open);
});

test("the resting order keeps its place, and its slice while there is something hidden", () => {
  sell(10, { displayLots: 4 });
  sell(3, { account: 2 });
  expect(only(buy(5), Kind.BookTop), "nothing seen has changed").toEqual([]);
  const outs = core.order({ clientId: 9, account: 2, priceTicks: 100, qtyLots: 1 });
  expect(Number(only(outs, Kind.Fill)[0]!["clientId"])).toBe(1);
  expect(openLots()).toEqual([0, 4]);
  expect(core.money()).toBe(0n);
});

test("a fill-or-kill that meets an own order is killed before anything changes", () => {
  sell(2);
  sell(9, { account: 2 });
  const outs = buy(6, { tif: TimeInForce.Fok });
  expect(only(outs, Kind.OrderDecremented)).toEqual([]);
  expect(only(outs, Kind.OrderCanceled)[0]!["reason"]).toBe(CancelReason.FillOrKill);
});
