// Cash instruments at venues: what is held back in every state, what fills, fees and corrections
// move, and that everything that was held is let go exactly once.
import { beforeEach, expect, test } from "vitest";
import {
  AmendField,
  Execution,
  InstrumentKind,
  Kind,
  OrderState,
  OrderType,
  Refusal,
  ReportFlag,
  Side,
  TimeInForce,
  VenueFault,
} from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const VENUE = 7;
const [USD, BTC, BNB] = [1, 2, 3];
let core: OrderCore;
let clientId = 0;
let order: bigint;
let last: Out[];

beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: BTC, minorExponent: -8, code: "BTC" });
  core.send(Kind.Currency, { id: BNB, minorExponent: -8, code: "BNB" });
  // A tick is a cent, a lot 0.001 BTC: 100 000 satoshi, and 1/1000 cent a tick x lot.
  const rest = { base: BTC, lotExponent: -3, execution: Execution.Routed, venue: VENUE };
  core.instrument(1, { ...rest, specKind: InstrumentKind.Spot });
  core.account(1);
  deposit(USD, 100_000);
  deposit(BTC, 1_000_000);
  link();
  clientId = 0;
});

function deposit(currency: number, amountMinor: number): void {
  core.send(Kind.CashAdjust, { account: 1, currency, amountMinor });
}

/** The link comes up and lists nothing. */
function link(): Out[] {
  const asked = core.send(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis: 100 });
  const listing = only(asked, Kind.VenueQuery)[0]!["number"];
  core.send(Kind.ReconcileBegin, { venue: VENUE, listing });
  return core.send(Kind.ReconcileEnd, { venue: VENUE, listing });
}

/** Sends an order and keeps its id. */
function send(side: Side, fields: Fields): Out[] {
  last = core.order({ side, clientId: ++clientId, ...fields });
  order = last[0]!["orderId"] ?? 0n;
  return last;
}

const say = (kind: Kind, fields: Fields = {}): Out[] =>
  (last = core.send(kind, { orderId: order, venue: VENUE, filledLots: -1, ...fields }));
const accept = (): Out[] => say(Kind.VenueAccepted, { filledLots: 0 });
const fill = (fillId: number, qtyLots: number, priceTicks: number, more: Fields = {}): Out[] =>
  say(Kind.VenueFill, { fillId, qtyLots, priceTicks, ...more });
const reason = (outs: Out[]): string => Refusal[outs[0]!["reason"] as Refusal];
const cancel = (): Out[] => core.send(Kind.OrderCancel, { account: 1, clientId });
const wait = (millis: number): Out[] => {
  core.nowNanos += millis * 1e6;
  return (last = core.send(Kind.TopOfBook, { instrument: 99 }));
};
const query = (outs: Out[]): bigint => only(outs, Kind.VenueQuery).at(-1)["number"];

/** Cash and what is held back, as "cash/held", money being conserved. */
function balance(currency: number): string {
  const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.AccountState);
  const row = rows.find((one) => one["currency"] === currency);
  expect([USD, BTC, BNB].map((one) => core.money(one))).toEqual([0n, 0n, 0n]);
  return `${row?.["cashMinor"] ?? 0}/${row?.["lockedMinor"] ?? 0}`;
}

test("a buy holds back price and dearest fee while it is at its venue, a sell its base", () => {
  core.send(Kind.FeeSchedule, { makerPerBillion: -1, takerPerBillion: 10_000_000 });
  expect(send(Side.Buy, { priceTicks: 1_000_001, qtyLots: 3 })[0]!["state"]).toBe(
    OrderState.Pending,
  );
  expect(balance(USD), "3000.003 cents, up; 1 % of that, up").toBe("100000/3032");
  accept();
  expect(balance(USD)).toBe("100000/3032");
  send(Side.Sell, { priceTicks: 2_000_000, qtyLots: 4 });
  expect(balance(BTC)).toBe("1000000/400000");
});

test("what the free balance does not cover is never sent", () => {
  expect(reason(send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 101 }))).toBe(
    "BalanceInsufficient",
  );
  expect(last[0]!["limit"]).toBe(100_000);
  expect(only(last, Kind.VenueOrderNew)).toEqual([]);
  expect(reason(send(Side.Sell, { priceTicks: 1, qtyLots: 11 }))).toBe("BalanceInsufficient");
  expect([balance(USD), balance(BTC)]).toEqual(["100000/0", "1000000/0"]);
});

const ENDS: [string, () => unknown][] = [
  ["rejected", (): unknown => say(Kind.VenueRejected, { filledLots: 0 })],
  ["canceled by the venue", (): unknown => say(Kind.VenueCanceled, { filledLots: 0 })],
  ["expired", (): unknown => say(Kind.VenueExpired, { filledLots: 0 })],
  [
    "unknown to its venue twice",
    (): unknown => {
      for (const millis of [101, 201]) {
        const request = query(wait(millis));
        expect(balance(USD), "nobody knows: it is still held").toBe("100000/3000");
        say(Kind.VenueUnknown, { request });
      }
      return expect(last[0]!["state"]).toBe(OrderState.Rejected);
    },
  ],
  [
    "canceled while the link was down",
    (): unknown => {
      accept();
      core.send(Kind.VenueStatus, { venue: VENUE, state: 0 });
      expect(balance(USD), "in doubt").toBe("100000/3000");
      const request = query(link());
      return say(Kind.VenueCanceled, { request, filledLots: 0 });
    },
  ],
];

test.each(ENDS)("an order that is %s lets go of all it held, once", (_, end) => {
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 3 });
  expect(balance(USD)).toBe("100000/3000");
  end();
  expect(balance(USD)).toBe("100000/0");
  for (const kind of [Kind.VenueCanceled, Kind.VenueRejected, Kind.VenueExpired]) say(kind);
  expect(balance(USD), "said again").toBe("100000/0");
});

test("a cancel that is out lets go of nothing before its answer", () => {
  send(Side.Sell, { priceTicks: 1_000_000, qtyLots: 3 });
  accept();
  cancel();
  expect(balance(BTC)).toBe("1000000/300000");
  fill(1, 1, 1_000_000);
  expect(balance(BTC)).toBe("900000/200000");
  say(Kind.VenueCanceled, { filledLots: 1 });
  expect([balance(BTC), balance(USD)]).toEqual(["900000/0", "101000/0"]);
});

test("an end with fills missing holds back for those until they come", () => {
  send(Side.Sell, { priceTicks: 1_000_000, qtyLots: 5 });
  say(Kind.VenueCanceled, { filledLots: 2 });
  expect(balance(BTC)).toBe("1000000/200000");
  fill(1, 2, 1_000_000);
  expect([balance(BTC), balance(USD)]).toEqual(["800000/0", "102000/0"]);
});

test("fills move base and quote; buyers pay up, sellers get down, fill by fill", () => {
  send(Side.Buy, { priceTicks: 1_000_500, qtyLots: 3 });
  expect(balance(USD)).toBe("100000/3002");
  fill(1, 1, 1_000_500);
  expect(balance(USD), "1000.5 up; two lots are left").toBe("98999/2001");
  fill(2, 2, 1_000_100);
  expect([balance(USD), balance(BTC)]).toEqual(["96998/0", "1300000/0"]);
  send(Side.Sell, { priceTicks: 1_000_500, qtyLots: 3 });
  fill(3, 3, 1_000_500);
  expect([balance(USD), balance(BTC)]).toEqual(["99999/0", "1000000/0"]);
});

test("a venue that fills dearer than was held back is right: the balance pays", () => {
  send(Side.Buy, { priceTicks: 25_000_000, qtyLots: 4 });
  expect(balance(USD)).toBe("100000/100000");
  fill(1, 2, 26_000_000);
  expect(balance(USD), "52 000 for what held 50 000; 2 000 less than is held").toBe("48000/50000");
  expect(reason(send(Side.Buy, { priceTicks: 1, qtyLots: 1 }))).toBe("BalanceInsufficient");
});

test("a late fill and one beyond the order are paid for, and hold nothing back", () => {
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 2 });
  say(Kind.VenueCanceled, { filledLots: 0 });
  fill(1, 2, 1_000_000);
  expect(only(last, Kind.VenueFault)[0]!["fault"]).toBe(VenueFault.LateFill);
  expect([balance(USD), balance(BTC)]).toEqual(["98000/0", "1200000/0"]);
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 2 });
  fill(2, 3, 1_000_000);
  expect(only(last, Kind.VenueFault)[0]!["fault"]).toBe(VenueFault.Overfill);
  expect([balance(USD), balance(BTC)]).toEqual(["95000/0", "1500000/0"]);
});

test("an amend holds back the dearer of both until its answer", () => {
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 3 });
  accept();
  const amend = (priceTicks: number, qtyLots: number): Out[] =>
    (last = core.send(Kind.OrderAmend, {
      ...{ account: 1, clientId, fields: AmendField.Price | AmendField.Qty, priceTicks, qtyLots },
    }));
  const request = (): bigint => only(last, Kind.VenueOrderAmend)[0]!["number"];
  amend(900_000, 4);
  expect(balance(USD), "4 lots at the price it has").toBe("100000/4000");
  say(Kind.VenueAmendRejected, { request: request() });
  expect(balance(USD)).toBe("100000/3000");
  amend(1_200_000, 2);
  expect(balance(USD), "3 lots at the price it may have").toBe("100000/3600");
  say(Kind.VenueAmended, { request: request(), priceTicks: 1_200_000, qtyLots: 2 });
  expect(balance(USD)).toBe("100000/2400");
  expect(reason(amend(1_200_000, 84))).toBe("BalanceInsufficient");
  expect(reason(amend(50_000_001, 2))).toBe("BalanceInsufficient");
  expect(balance(USD)).toBe("100000/2400");
  amend(1_000_000, 2);
  say(Kind.VenueAmended, { request: request(), priceTicks: 1_000_000, qtyLots: 2 });
  expect(balance(USD)).toBe("100000/2000");
});

test("a market buy is held at the public ask, and refused while there is none", () => {
  const atMarket = { type: OrderType.Market, tif: TimeInForce.Ioc, qtyLots: 2 };
  expect(reason(send(Side.Buy, atMarket))).toBe("PriceUnknown");
  const quote = { bidTicks: 990_000, bidLots: 1, askTicks: 1_000_000, askLots: 1 };
  core.send(Kind.TopOfBook, { instrument: 1, ...quote });
  send(Side.Buy, atMarket);
  expect(balance(USD)).toBe("100000/2000");
  fill(1, 1, 1_001_000);
  expect(balance(USD)).toBe("98999/1000");
  say(Kind.VenueCanceled, { filledLots: 1 });
  expect(balance(USD)).toBe("98999/0");
  send(Side.Sell, atMarket);
  expect(balance(BTC)).toBe("1100000/200000");
});

test.each([
  ["quote", 0, "97997/0", "1200000/0", "0/0"],
  ["base", BTC, "98000/0", "1199997/0", "0/0"],
  ["third asset", BNB, "98000/0", "1200000/0", "-3/0"],
])("the venue's fee in the %s is taken there", (_, feeCurrency, usd, btc, bnb) => {
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 2 });
  fill(1, 2, 1_000_000, { reportFlags: ReportFlag.FeeGiven, feeMinor: 3, feeCurrency });
  expect(last[0]).toMatchObject({
    feeMinor: 3,
    feeCurrency: feeCurrency === 0 ? USD : feeCurrency,
  });
  expect([balance(USD), balance(BTC), balance(BNB)]).toEqual([usd, btc, bnb]);
});

test("a fee the venue does not give is the schedule's, in the asset the schedule says", () => {
  core.send(Kind.FeeSchedule, { takerPerBillion: 10_000_000, currency: BTC });
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 2 });
  fill(1, 2, 1_000_000);
  expect(last[0], "1 % of the base received").toMatchObject({ feeMinor: 2_000, feeCurrency: BTC });
  expect([balance(USD), balance(BTC)]).toEqual(["98000/0", "1198000/0"]);
  core.send(Kind.FeeSchedule, { takerPerBillion: 10_000_000 });
  send(Side.Sell, { priceTicks: 1_000_000, qtyLots: 2 });
  fill(2, 2, 1_000_000);
  expect(balance(USD), "1 % of 2000").toBe("99980/0");
});

test("a fee in a currency nobody knows is reported and not taken", () => {
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 2 });
  fill(1, 2, 1_000_000, { reportFlags: ReportFlag.FeeGiven, feeMinor: 3, feeCurrency: 99 });
  expect(only(last, Kind.VenueFault)[0]!["fault"]).toBe(VenueFault.FeeCurrencyUnknown);
  expect([balance(USD), balance(BTC)]).toEqual(["98000/0", "1200000/0"]);
});

test.each([
  ["a buy", Side.Buy, ["95997/5003", "1400000/0"], ["98999/5003", "1100000/0"]],
  ["a sell", Side.Sell, ["104001/0", "600000/500000"], ["101000/0", "900000/500000"]],
])("a busted fill of %s puts both balances back", (_, side, before, after) => {
  send(side, { priceTicks: 1_000_500, qtyLots: 9 });
  fill(1, 3, 1_000_500);
  fill(2, 1, 1_000_700);
  expect([balance(USD), balance(BTC)]).toEqual(before);
  const bust = { fillId: 9, reference: 1, wasQtyLots: 3, wasPriceTicks: 1_000_500, qtyLots: 0 };
  say(Kind.VenueFillCorrected, bust);
  expect([balance(USD), balance(BTC)], "as if it had never been").toEqual(after);
  say(Kind.VenueFillCorrected, bust);
  expect([balance(USD), balance(BTC)], "said again").toEqual(after);
});

test("a corrected fill moves what it is now, and the busted lots are held again when asked", () => {
  send(Side.Sell, { priceTicks: 1_000_000, qtyLots: 9 });
  fill(1, 4, 1_000_000);
  say(Kind.VenueFillCorrected, {
    ...{ fillId: 9, reference: 1, wasQtyLots: 4, wasPriceTicks: 1_000_000 },
    ...{ qtyLots: 2, priceTicks: 1_100_000 },
  });
  expect([balance(USD), balance(BTC)]).toEqual(["102200/0", "800000/500000"]);
  const answer = { request: query(last), qtyLots: 9, filledLots: 2, priceTicks: 1_000_000 };
  say(Kind.VenueAccepted, answer);
  expect(balance(BTC), "seven lots may still trade there").toBe("800000/700000");
});

test("terms whose money does not fit change nothing that is held", () => {
  send(Side.Buy, { priceTicks: 1_000_000, qtyLots: 3 });
  accept();
  core.send(Kind.VenueStatus, { venue: VENUE, state: 0 });
  const request = query(link());
  const absurd = { qtyLots: 2 ** 47, priceTicks: 2 ** 38, filledLots: 0 };
  say(Kind.VenueAccepted, { request, ...absurd });
  expect(balance(USD)).toBe("100000/3000");
  say(Kind.VenueCanceled, { filledLots: 0 });
  expect(balance(USD)).toBe("100000/0");
});

test("a fill whose base or quote has no room for it is reported and not booked", () => {
  send(Side.Sell, { priceTicks: 1_000_000, qtyLots: 3 });
  // 2^44 lots are 2^44 x 10^5 satoshi: beyond 2^60.
  fill(1, 2 ** 44, 1);
  expect(only(last, Kind.VenueFault)[0]!["fault"]).toBe(VenueFault.FillOutOfRange);
  // Answers about so much money are no doubles: they are not looked at.
  const amountMinor = 2n ** 61n - 200_000n;
  core.applyAll([[Kind.CashAdjust, { account: 1, currency: USD, amountMinor }]]);
  fill(3, 1, 200_000_000);
  expect(only(last, Kind.VenueFault)[0]!["fault"]).toBe(VenueFault.FillOutOfRange);
  expect(core.money(USD)).toBe(0n);
  expect(only(last, Kind.Fill)).toEqual([]);
});

test.each([InstrumentKind.Fx, InstrumentKind.Equity])("kind %i is held and paid so too", (kind) => {
  const rest = { base: BTC, lotExponent: -3, execution: Execution.Routed, venue: VENUE };
  core.instrument(2, { ...rest, specKind: kind });
  send(Side.Buy, { instrument: 2, priceTicks: 1_000_000, qtyLots: 2 });
  expect(balance(USD)).toBe("100000/2000");
  fill(1, 2, 1_000_000);
  expect([balance(USD), balance(BTC)]).toEqual(["98000/0", "1200000/0"]);
});
