// Cash instruments: balances move, open orders hold back what they may cost, nothing goes short.
import { beforeEach, expect, test } from "vitest";
import {
  AmendField,
  CancelReason,
  InstrumentKind,
  Kind,
  OrderType,
  Refusal,
  Side,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

let core: OrderCore;
let clientId = 0;
beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  // A tick is a cent, a lot 0.001 BTC: 100 000 satoshi, and 1/1000 cent a tick x lot.
  const spot = { specKind: InstrumentKind.Spot, base: 2, lotExponent: -3 };
  core.instrument(1, spot);
  for (const id of [1, 2, 3]) core.account(id);
  clientId = 0;
});

const order = (account: number, side: Side, fields: Fields): Out[] =>
  core.order({ account, side, clientId: ++clientId, ...fields });
const deposit = (account: number, currency: number, amountMinor: number): Out[] =>
  core.send(Kind.CashAdjust, { account, currency, amountMinor });
const reason = (outs: Out[]): string => Refusal[outs[0]!["reason"] as Refusal];

/** Cash and what is held back, as "cash/held". */
function balance(account: number, currency: number): string {
  const rows = only(core.send(Kind.StateQuery, { account }), Kind.AccountState);
  const row = rows.find((one) => one["currency"] === currency);
  expect([core.money(1), core.money(2)], "money is conserved").toEqual([0n, 0n]);
  return `${row?.["cashMinor"] ?? 0}/${row?.["lockedMinor"] ?? 0}`;
}

test("a buy holds back its price and the dearest fee, a sell its base, a cancel lets go", () => {
  core.send(Kind.FeeSchedule, { makerPerBillion: -1, takerPerBillion: 10_000_000 });
  deposit(1, 1, 100_000);
  deposit(1, 2, 500_000);
  order(1, Side.Buy, { priceTicks: 1_000_001, qtyLots: 3 });
  expect(balance(1, 1), "3000.003 cents, up; 1 % of that, up").toBe("100000/3032");
  order(1, Side.Sell, { priceTicks: 2_000_000, qtyLots: 4 });
  expect(balance(1, 2)).toBe("500000/400000");
  for (const id of [1, 2]) core.send(Kind.OrderCancel, { account: 1, clientId: id });
  expect([balance(1, 1), balance(1, 2)]).toEqual(["100000/0", "500000/0"]);
});

test("a trade moves base and quote, the buyer pays up, the seller gets down", () => {
  deposit(1, 1, 10_000);
  deposit(2, 2, 300_000);
  order(1, Side.Buy, { priceTicks: 1_000_500, qtyLots: 3 });
  order(2, Side.Sell, { priceTicks: 1_000_500, qtyLots: 3 });
  expect([balance(1, 1), balance(1, 2)]).toEqual([`${10_000 - 3_002}/0`, "300000/0"]);
  expect([balance(2, 1), balance(2, 2)]).toEqual(["3001/0", "0/0"]);
});

test("nobody sells what he has not, nor buys for more than is free", () => {
  deposit(1, 1, 3_000);
  expect(reason(order(1, Side.Sell, { priceTicks: 1, qtyLots: 1 }))).toBe("BalanceInsufficient");
  expect(reason(order(1, Side.Buy, { priceTicks: 1_000_000, qtyLots: 2 }))).toBe("None");
  const denied = order(1, Side.Buy, { priceTicks: 1_000_001, qtyLots: 1 });
  expect([reason(denied), denied[0]!["limit"]]).toEqual(["BalanceInsufficient", 1_000]);
  expect(reason(order(1, Side.Buy, { priceTicks: 1_000_000, qtyLots: 1 }))).toBe("None");
  expect(reason(deposit(1, 1, -1)), "held back is not withdrawn").toBe("BalanceInsufficient");
});

test("an amend holds back more or less, and is refused when that is not there", () => {
  deposit(1, 1, 2_000);
  order(1, Side.Buy, { priceTicks: 1_000_000, qtyLots: 1 });
  const amend = (fields: Fields): string =>
    reason(core.send(Kind.OrderAmend, { account: 1, clientId: 1, ...fields }));
  expect(amend({ fields: 1, priceTicks: 2_000_001 })).toBe("BalanceInsufficient");
  expect(amend({ fields: 1, priceTicks: 2_000_000 })).toBe("None");
  expect(balance(1, 1)).toBe("2000/2000");
  expect(amend({ fields: 1, priceTicks: 500_000 })).toBe("None");
  expect(balance(1, 1)).toBe("2000/500");
});

test("a market buy is asked at the deepest price it would reach", () => {
  deposit(1, 1, 5_999);
  deposit(2, 2, 900_000);
  order(2, Side.Sell, { priceTicks: 1_000_000, qtyLots: 1 });
  order(2, Side.Sell, { priceTicks: 2_000_000, qtyLots: 2 });
  const market = { type: OrderType.Market, tif: 2 };
  expect(reason(order(1, Side.Buy, { ...market, qtyLots: 3 }))).toBe("BalanceInsufficient");
  deposit(1, 1, 1);
  expect(only(order(1, Side.Buy, { ...market, qtyLots: 3 }), Kind.Fill)).toHaveLength(4);
  expect(balance(1, 1), "it paid 1000 + 4000").toBe("1000/0");
});

test("a released stop that the balance no longer covers is canceled", () => {
  deposit(1, 1, 1_000);
  deposit(2, 2, 900_000);
  deposit(3, 1, 9_000);
  order(1, Side.Buy, { type: OrderType.Stop, stopTicks: 1_000_000, qtyLots: 1 });
  expect(balance(1, 1)).toBe("1000/1000");
  order(2, Side.Sell, { priceTicks: 1_000_000, qtyLots: 1 });
  order(2, Side.Sell, { priceTicks: 1_500_000, qtyLots: 1 });
  const outs = order(3, Side.Buy, { priceTicks: 1_000_000, qtyLots: 1 });
  const canceled = only(outs, Kind.OrderCanceled);
  expect(canceled.map((out) => out["reason"])).toEqual([CancelReason.BalanceInsufficient]);
  expect(balance(1, 1)).toBe("1000/0");
});

test("many small fills never take more than was held back", () => {
  core.send(Kind.FeeSchedule, { makerPerBillion: 1_000_000, takerPerBillion: 1_000_000 });
  deposit(2, 2, 10_000_000);
  for (const lots of [1, 7, 50]) {
    const before = Number(balance(1, 1).split("/")[0]);
    const want = Math.ceil((1_000_001 * lots) / 1000);
    deposit(1, 1, want + Math.ceil(want / 1000) - before);
    expect(reason(order(1, Side.Buy, { priceTicks: 1_000_001, qtyLots: lots }))).toBe("None");
    for (let n = 0; n < lots; n++) order(2, Side.Sell, { priceTicks: 1_000_001, qtyLots: 1 });
    const [cash, held] = balance(1, 1).split("/").map(Number);
    expect(cash, `${lots} fills`).toBeGreaterThanOrEqual(0);
    expect(held).toBe(0);
  }
});

test("a replaced order is asked for what it holds back beyond the old one's, which goes", () => {
  deposit(1, 1, 3_000);
  order(1, Side.Buy, { priceTicks: 1_000_000, qtyLots: 2 });
  const id = clientId;
  const replace = (newClientId: number, qtyLots: number, of = id): Out[] => {
    const fields = AmendField.Qty;
    return core.send(Kind.OrderReplace, { account: 1, clientId: of, newClientId, fields, qtyLots });
  };
  expect(balance(1, 1)).toBe("3000/2000");
  const denied = replace(50, 4);
  expect(denied.map((out) => out["kind"])).toEqual([Kind.AmendDenied]);
  expect([reason(denied), denied[0]!["limit"]]).toEqual(["BalanceInsufficient", 3_000]);
  expect(balance(1, 1), "as before").toBe("3000/2000");
  const outs = replace(51, 3);
  expect(outs.map((out) => Kind[out["kind"]])).toEqual([
    "OrderCanceled",
    "OrderAccepted",
    "BookTop",
    "BalanceChanged",
  ]);
  expect(balance(1, 1), "one lock, not two").toBe("3000/3000");
  replace(52, 1, 51);
  expect(balance(1, 1)).toBe("3000/1000");
  deposit(2, 2, 100_000);
  order(2, Side.Sell, { priceTicks: 1_000_000, qtyLots: 1 });
  expect(balance(1, 1)).toBe("2000/0");
});
