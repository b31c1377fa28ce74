// Fees in the base of what is traded, or in a third currency; and when they stay in the first one.
import { beforeEach, expect, test } from "vitest";
import { InstrumentKind, Kind, Refusal, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const [USD, COIN, TOKEN] = [1, 2, 3];
let core: OrderCore;
let clientId = 0;
beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: COIN, minorExponent: -4, code: "COIN" });
  core.send(Kind.Currency, { id: TOKEN, minorExponent: -1, code: "TOKEN" });
  // A lot is one COIN, a tick a cent.
  core.instrument(1, { specKind: InstrumentKind.Spot, base: COIN });
  core.instrument(2);
  for (const account of [1, 2]) {
    core.account(account);
    core.send(Kind.CashAdjust, { account, currency: USD, amountMinor: 1_000_000 });
    core.send(Kind.CashAdjust, { account, currency: COIN, amountMinor: 1_000_000 });
  }
  clientId = 0;
});

function schedule(fields: Fields): string {
  const rates = { makerPerBillion: 3_000_000, takerPerBillion: 3_000_000 };
  const outs = core.send(Kind.FeeSchedule, { ...rates, ...fields });
  return Refusal[outs[0]!["reason"] as Refusal];
}

const state = (account: number, currency: number): Out =>
  only(core.send(Kind.StateQuery, { account }), Kind.AccountState).find(
    (out) => out["currency"] === currency,
  )!;

/** Account 1 buys 7 lots at 10.01 from account 2; fee and its currency of both, buyer first. */
function trade(instrument = 1, priceTicks = 1_001): [number, number][] {
  const order = { instrument, priceTicks, qtyLots: 7 };
  core.order({ ...order, account: 2, side: Side.Sell, clientId: ++clientId });
  const fills = only(core.order({ ...order, account: 1, clientId: ++clientId }), Kind.Fill);
  for (const currency of [USD, COIN, TOKEN]) expect(core.money(currency), "conserved").toBe(0n);
  return fills.reverse().map((out) => [out["feeMinor"], out["feeCurrency"]]);
}

test("a buyer's fee in the base comes out of what is received, a seller's needs a mark", () => {
  schedule({ currency: COIN });
  // 0.3 % of 7 COIN; of 70.07 USD it would be 22 cents.
  expect(trade()).toEqual([
    [210, COIN],
    [22, USD],
  ]);
  expect(state(1, COIN)["cashMinor"]).toBe(1_000_000 + 70_000 - 210);
  expect(state(1, USD)["cashMinor"]).toBe(1_000_000 - 7_007);
  expect([state(1, COIN)["feesMinor"], state(1, USD)["feesMinor"]]).toEqual([210, 0]);
  const position = only(core.send(Kind.StateQuery, { account: 1 }), Kind.PositionState)[0]!;
  expect(position["feesMinor"], "told in the settlement currency").toBe(22);
});

test("with a mark a seller pays in the base too, up to the next unit", () => {
  schedule({ currency: COIN });
  core.send(Kind.ConversionMark, { from: COIN, to: USD, num: 10, den: 1 });
  // 22 cents at 10.00 are 0.022 COIN.
  expect(trade()[1]).toEqual([220, COIN]);
  expect(state(2, COIN)["cashMinor"]).toBe(1_000_000 - 70_000 - 220);
  expect(state(2, USD)["cashMinor"]).toBe(1_000_000 + 7_007);
});

test("a third currency pays for contracts, where there is enough of it", () => {
  schedule({ account: 1, currency: TOKEN });
  core.send(Kind.ConversionMark, { from: USD, to: TOKEN, num: 1, den: 3 });
  expect(trade(2)[0], "none of it yet").toEqual([22, USD]);
  core.send(Kind.CashAdjust, { account: 1, currency: TOKEN, amountMinor: 1 });
  // 22 cents are 7.33 cents of TOKEN, whose unit is ten of them.
  expect(trade(2)[0]).toEqual([1, TOKEN]);
  expect(trade(2)[0], "all of it is gone").toEqual([22, USD]);
  expect(state(1, TOKEN)["cashMinor"]).toBe(0);
});

test("what an open order holds back pays no fee", () => {
  schedule({ account: 1, currency: COIN });
  core.send(Kind.ConversionMark, { from: COIN, to: USD, num: 10, den: 1 });
  const rest = { instrument: 1, account: 1, side: Side.Sell, priceTicks: 9_000 };
  core.order({ ...rest, clientId: 90, qtyLots: 100 });
  expect(trade(2)[0]).toEqual([22, USD]);
  core.send(Kind.OrderCancel, { instrument: 1, account: 1, clientId: 90 });
  expect(trade(2)[0]).toEqual([220, COIN]);
});

test("a rebate in a third currency needs no balance before, and is rounded down", () => {
  schedule({ account: 1, currency: TOKEN, makerPerBillion: 0, takerPerBillion: -3_000_000 });
  core.send(Kind.ConversionMark, { from: USD, to: TOKEN, num: 3, den: 1 });
  // 21 cents are 63 of TOKEN's, whole units of ten.
  expect(trade(2)[0]).toEqual([-6, TOKEN]);
  expect(state(1, TOKEN)["cashMinor"]).toBe(6);
});

test("a stale mark converts no fee", () => {
  schedule({ currency: COIN });
  core.send(Kind.ConversionMark, { from: COIN, to: USD, num: 10, den: 1, staleMillis: 1 });
  core.nowNanos = 2e6;
  expect(trade()[1]).toEqual([22, USD]);
});

test("an unknown currency is refused; the settlement currency's own number is none other", () => {
  expect(schedule({ currency: 9 })).toBe("UnknownCurrency");
  expect(schedule({ currency: USD })).toBe("None");
  expect(trade()[0]).toEqual([22, USD]);
});

test("a rate raised while an order rests takes no more than it held back", () => {
  core.send(Kind.CashAdjust, { account: 1, currency: USD, amountMinor: 1_001 * 100 - 1_000_000 });
  const order = { instrument: 1, priceTicks: 1_001 };
  core.order({ ...order, account: 1, qtyLots: 100, clientId: ++clientId });
  schedule({ makerPerBillion: 100_000_000 });
  const sell = { ...order, account: 2, side: Side.Sell };
  for (const qtyLots of [1, 9, 90]) {
    const outs = core.order({ ...sell, qtyLots, clientId: ++clientId });
    const fill = only(outs, Kind.Fill).find((out) => out["account"] === 1)!;
    expect([fill["feeMinor"], state(1, USD)["lockedMinor"]], "the house waives it").toEqual([
      0,
      fill["leavesLots"] * 1_001,
    ]);
  }
  expect(state(1, USD)["cashMinor"]).toBe(0);
  expect(state(2, USD)["cashMinor"]).toBe(1_000_000 + 100_100 - 303);
});
