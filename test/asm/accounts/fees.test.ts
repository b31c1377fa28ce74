// Fees: parts per billion of the notional, rounded against the trader, against bigints.
import { beforeEach, expect, test } from "vitest";
import { Kind, Liquidity, Refusal, Role, Side } from "../../../asm/vocab.ts";
import { ceilDiv, floorDiv } from "../../reference/order-money.ts";
import { only, OrderCore, type Fields } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1, { multiplierNum: 3, multiplierDen: 7 });
  for (const id of [1, 2]) core.account(id);
  clientId = 0;
});

function schedule(fields: Fields): string {
  const out = core.send(Kind.FeeSchedule, fields)[0]!;
  return Refusal[out["reason"] as Refusal];
}

/** A trade in which account 1 makes and account 2 takes; their fees. */
function trade(priceTicks: number, qtyLots: number): [number, number] {
  core.order({ account: 1, clientId: ++clientId, priceTicks, qtyLots });
  const order = { account: 2, side: Side.Sell, priceTicks, qtyLots };
  const fills = only(core.order({ ...order, clientId: ++clientId }), Kind.Fill);
  expect(fills.map((out) => out["liquidity"] as Liquidity)).toEqual([
    Liquidity.Maker,
    Liquidity.Taker,
  ]);
  expect(core.money(), "the fee ledger took what was paid").toBe(0n);
  return [fills[0]!["feeMinor"], fills[1]!["feeMinor"]];
}

/** The rule: the notional up for a fee and down for a rebate, then up again. */
function rule(price: number, qty: number, rate: number): number {
  const product = BigInt(price) * BigInt(qty) * 3n;
  const notional = rate > 0 ? ceilDiv(product, 7n) : floorDiv(product, 7n);
  return Number(ceilDiv(notional * BigInt(rate), 1_000_000_000n));
}

test.each([
  [0, 0],
  [1, 1],
  [-1, 1],
  [-250_000, 700_000],
  [333_333_333, 999_999_999],
  [1_000_000_000, -1_000_000_000],
])("maker %i and taker %i parts per billion", (maker, taker) => {
  expect(schedule({ makerPerBillion: maker, takerPerBillion: taker })).toBe("None");
  for (const [price, qty] of [
    [1, 1],
    [7, 1],
    [9_999, 13],
    [2 ** 31 + 1, 2 ** 20 + 3],
  ] as const) {
    expect(trade(price, qty), `${price} x ${qty}`).toEqual([
      rule(price, qty, maker),
      rule(price, qty, taker),
    ]);
  }
});

test("a fee is never below the exact one, a rebate never above it", () => {
  schedule({ makerPerBillion: -1, takerPerBillion: 1 });
  expect(trade(1, 1), "less than a billionth of a unit").toEqual([0, 1]);
});

test("an account's own rates go before everyone's, also when they are zero", () => {
  schedule({ makerPerBillion: 1_000_000, takerPerBillion: 2_000_000 });
  schedule({ account: 2, makerPerBillion: 0, takerPerBillion: 0 });
  expect(trade(7_000, 100)).toEqual([rule(7_000, 100, 1_000_000), 0]);
  schedule({ account: 2, makerPerBillion: 0, takerPerBillion: 5_000_000 });
  expect(trade(7_000, 100)[1]).toBe(rule(7_000, 100, 5_000_000));
  schedule({ makerPerBillion: 3_000_000, takerPerBillion: 9 });
  expect(trade(7_000, 100)).toEqual([rule(7_000, 100, 3_000_000), rule(7_000, 100, 5_000_000)]);
});

test("fees add up in the position and the balance", () => {
  schedule({ makerPerBillion: 1_000_000, takerPerBillion: 2_000_000 });
  const paid = [trade(7_000, 100), trade(7_001, 99)].reduce((sum, [, fee]) => sum + fee, 0);
  const rows = core.send(Kind.StateQuery, { account: 2 });
  expect(only(rows, Kind.PositionState)[0]!["feesMinor"]).toBe(paid);
  const state = only(rows, Kind.AccountState)[0]!;
  expect([state["feesMinor"], state["cashMinor"]]).toEqual([paid, -paid]);
});

test.each([
  ["a maker rate above one", { makerPerBillion: 1_000_000_001 }, Refusal.ParameterInvalid],
  ["a maker rebate above one", { makerPerBillion: -1_000_000_001 }, Refusal.ParameterInvalid],
  ["a taker rate above one", { takerPerBillion: 1_000_000_001 }, Refusal.ParameterInvalid],
  ["a taker rebate above one", { takerPerBillion: -1_000_000_001 }, Refusal.ParameterInvalid],
  ["an unknown currency", { currency: 9 }, Refusal.UnknownCurrency],
  ["a tier of its own", { account: 1, tier: 1 }, Refusal.ParameterInvalid],
  ["a volume", { volumeFromMinor: 1 }, Refusal.ParameterInvalid],
  ["an unknown account", { account: 99 }, Refusal.UnknownAccount],
] as [string, Fields, Refusal][])("a schedule with %s is refused", (_what, fields, refusal) => {
  const before = core.core.stateHash(Role.Order);
  expect(schedule({ makerPerBillion: 5, takerPerBillion: 5, ...fields })).toBe(Refusal[refusal]);
  expect(core.core.stateHash(Role.Order), "state").toBe(before);
  expect(trade(7_000, 100)).toEqual([0, 0]);
});
