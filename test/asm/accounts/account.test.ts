// Account records: what is accepted, what may change later, what a closed account may still do.
import { beforeEach, expect, test } from "vitest";
import { Kind, Refusal, Role, Scope, SelfTrade, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
});

function answer(outs: Out[]): [string, string] {
  return [Kind[outs[0]!["kind"] as Kind], Refusal[outs[0]!["reason"] as Refusal]];
}

test.each([
  ["id 0", { id: 0 }, Refusal.UnknownAccount],
  ["an unknown currency", { currency: 9 }, Refusal.UnknownCurrency],
  ["no currency", { currency: 0 }, Refusal.UnknownCurrency],
  ["a position mode nobody knows", { positionMode: 2 }, Refusal.ParameterInvalid],
  ["a self-trade rule nobody knows", { selfTrade: 6 }, Refusal.SelfTradeInvalid],
  ["a flag nobody knows", { accountFlags: 4 }, Refusal.FlagUnsupported],
] as [string, Fields, Refusal][])(
  "an account with %s is refused and not made",
  (_what, fields, why) => {
    const before = core.core.stateHash(Role.Order);
    expect(answer(core.account(5, fields))).toEqual(["ConfigDenied", Refusal[why]]);
    expect(core.core.stateHash(Role.Order), "state").toBe(before);
    expect(answer(core.order({ account: 5, clientId: 1, priceTicks: 9 }))[1]).toBe(
      "UnknownAccount",
    );
  },
);

test("ids that fall on one place of the index are different accounts", () => {
  // The index takes 15 bits of id x 0x9e3779b1 from bit 17: look for ids that share them.
  const home = (id: number): number => (Math.imul(id, 0x9e3779b1) >>> 17) & 32767;
  const ids: number[] = [];
  for (let id = 1; ids.length < 5; id++) if (home(id) === home(1)) ids.push(id);
  for (const [at, id] of ids.entries()) {
    core.account(id);
    core.send(Kind.CashAdjust, { account: id, currency: 1, amountMinor: at + 1 });
  }
  for (const [at, id] of ids.entries()) {
    const state = only(core.send(Kind.StateQuery, { account: id }), Kind.AccountState)[0]!;
    expect([state["account"], state["cashMinor"]]).toEqual([id, at + 1]);
  }
  expect(answer(core.order({ account: ids[0]! + 1, clientId: 1, priceTicks: 9 }))[1]).toBe(
    "UnknownAccount",
  );
});

test("the largest id is an account like any other", () => {
  core.account(0xffff_ffff);
  const out = core.order({ account: 0xffff_ffff, clientId: 1, priceTicks: 9 });
  expect([out[0]!["kind"], out[0]!["account"]]).toEqual([Kind.OrderAccepted, 0xffff_ffff]);
});

test("the same record again is fine; tenant and currency never change", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -2, code: "EUR" });
  expect(answer(core.account(5, { tenant: 3 }))[0]).toBe("ConfigAccepted");
  expect(answer(core.account(5, { tenant: 3 }))[0]).toBe("ConfigAccepted");
  expect(answer(core.account(5, { tenant: 4 }))).toEqual(["ConfigDenied", "ConfigConflict"]);
  const other = core.account(5, { tenant: 3, currency: 2 });
  expect(answer(other)).toEqual(["ConfigDenied", "ConfigConflict"]);
  const order = core.order({ account: 5, clientId: 1, priceTicks: 9 })[0]!;
  expect(order["tenant"]).toBe(3);
});

test("a closed account sends no order, may cancel, and trades again when opened", () => {
  core.account(5);
  core.account(6);
  for (const clientId of [1, 2]) core.order({ account: 5, clientId, priceTicks: 9, qtyLots: 2 });
  core.account(5, { accountFlags: 1 });
  expect(answer(core.order({ account: 5, clientId: 3, priceTicks: 9 }))[1]).toBe("AccountClosed");
  const canceled = core.send(Kind.OrderCancel, { account: 5, clientId: 1 });
  expect(answer(canceled)[0]).toBe("OrderCanceled");
  const sell = core.order({ account: 6, clientId: 1, side: Side.Sell, priceTicks: 9 });
  expect(only(sell, Kind.Fill).length, "what rests still trades").toBe(2);
  const mass = core.send(Kind.MassCancel, { account: 5, scope: Scope.Account });
  expect(only(mass, Kind.MassCanceled)[0]!["done"]).toBe(1);
  core.account(5);
  expect(answer(core.order({ account: 5, clientId: 4, priceTicks: 9 }))[0]).toBe("OrderAccepted");
});

test("an order that names no self-trade rule takes its account's", () => {
  core.account(5, { selfTrade: SelfTrade.CancelNewest });
  core.order({ account: 5, clientId: 1, priceTicks: 9 });
  const cross = { account: 5, side: Side.Sell, priceTicks: 9 };
  const ended = core.order({ ...cross, clientId: 2 });
  expect(only(ended, Kind.OrderCanceled).map((out) => out["clientId"])).toEqual([2n]);
  const allowed = core.order({ ...cross, clientId: 3, selfTrade: SelfTrade.Allow });
  expect(only(allowed, Kind.Fill).length, "its own rule goes before").toBe(2);
});

test("a query lists balances, positions and open orders, the newest first", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: 0, code: "JPY" });
  core.instrument(2, { quote: 2, settlement: 2, tickExponent: 0 });
  core.account(5);
  core.send(Kind.CashAdjust, { account: 5, currency: 1, amountMinor: 10 });
  core.send(Kind.CashAdjust, { account: 5, currency: 2, amountMinor: 20 });
  core.order({ account: 5, clientId: 1, priceTicks: 9 });
  core.order({ account: 5, clientId: 2, priceTicks: 8, instrument: 2 });
  const outs = core.send(Kind.StateQuery, { account: 5 });
  const rows = (kind: Kind, name: keyof Out): number[] =>
    only(outs, kind).map((out) => Number(out[name]));
  expect(rows(Kind.AccountState, "currency")).toEqual([2, 1]);
  expect(rows(Kind.AccountState, "minorExponent")).toEqual([0, -2]);
  expect(rows(Kind.AccountState, "ordersOpen")).toEqual([2, 2]);
  expect(rows(Kind.PositionState, "instrument")).toEqual([2, 1]);
  expect(rows(Kind.PositionState, "openBuyLots")).toEqual([1, 1]);
  expect(rows(Kind.OrderStateRow, "clientId")).toEqual([2, 1]);
  expect(rows(Kind.StateQueryEnd, "done")).toEqual([6]);
});
