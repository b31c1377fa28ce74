// Pairs, brackets, reduce-only, auctions and adjustments of cash instruments: what they hold back.
import { beforeEach, describe, expect, test } from "vitest";
import {
  AmendField,
  CancelReason,
  Contingency,
  InstrumentKind,
  Kind,
  OrderFlag,
  OrderType,
  Refusal,
  Side,
  TimeInForce,
} from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const MILLION = 1_000_000;
let core: OrderCore;
let clientId = 0;

function fresh(fees: Fields = {}): void {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  // A tick is a cent, a lot 0.001 BTC: 100 000 satoshi, and 1/1000 cent a tick x lot.
  core.instrument(1, { specKind: InstrumentKind.Spot, base: 2, lotExponent: -3 });
  core.send(Kind.FeeSchedule, fees);
  for (const id of [1, 2, 3]) core.account(id);
  clientId = 0;
}
beforeEach(() => fresh());

const order = (account: number, side: Side, fields: Fields): Out[] =>
  core.order({ account, side, clientId: ++clientId, ...fields });
/** The second leg of a pair with the order sent last. */
const leg = (side: Side, contingency: Contingency, fields: Fields): Out[] =>
  order(1, side, { contingency, linkedClientId: clientId, ...fields });
const deposit = (account: number, currency: number, amountMinor: number): Out[] =>
  core.send(Kind.CashAdjust, { account, currency, amountMinor });
const reason = (outs: Out[]): string => Refusal[outs[0]!["reason"] as Refusal];
const canceled = (outs: Out[]): string[] =>
  only(outs, Kind.OrderCanceled).map((out) => CancelReason[Number(out["reason"])]!);

/** Cash and what is held back, as "cash/held". */
function balance(account: number, currency: number): string {
  const rows = only(core.send(Kind.StateQuery, { account }), Kind.AccountState);
  const row = rows.find((one) => one["currency"] === currency);
  expect([core.money(1), core.money(2)], "money is conserved").toEqual([0n, 0n]);
  return `${row?.["cashMinor"] ?? 0}/${row?.["lockedMinor"] ?? 0}`;
}

const TARGET = { priceTicks: 2 * MILLION, qtyLots: 10 };
const STOP = { type: OrderType.Stop, stopTicks: MILLION, priceTicks: 0, qtyLots: 10 };

describe("a target and a stop of what is held", () => {
  test("hold it back once, and after a fill of one what is left", () => {
    for (const kind of [Contingency.Oco, Contingency.Ouo]) {
      fresh();
      deposit(1, 2, MILLION);
      order(1, Side.Sell, TARGET);
      expect(reason(leg(Side.Sell, kind, STOP))).toBe("None");
      expect(balance(1, 2)).toBe("1000000/1000000");
      deposit(2, 1, 1e6);
      const outs = order(2, Side.Buy, { priceTicks: 2 * MILLION, qtyLots: 4 });
      expect(canceled(outs)).toEqual(kind === Contingency.Oco ? ["Oco"] : []);
      expect(balance(1, 2)).toBe("600000/600000");
      core.send(Kind.OrderCancel, { account: 1, clientId: 1 });
      expect(balance(1, 2)).toBe("600000/0");
    }
  });

  test("of an OCO pair that is triggered the other leg's share is its own", () => {
    deposit(1, 1, 20_000);
    order(1, Side.Buy, { priceTicks: MILLION, qtyLots: 10 });
    const stop = { type: OrderType.Stop, stopTicks: 2 * MILLION, priceTicks: 0, qtyLots: 10 };
    expect(reason(leg(Side.Buy, Contingency.Oco, stop))).toBe("None");
    expect(balance(1, 1), "the dearer of the two").toBe("20000/20000");
    deposit(2, 2, 2 * MILLION);
    deposit(3, 1, 5_000);
    order(2, Side.Sell, { priceTicks: 2 * MILLION, qtyLots: 11 });
    const outs = order(3, Side.Buy, { priceTicks: 2 * MILLION, qtyLots: 1 });
    expect(canceled(outs)).toEqual(["Oco"]);
    expect([balance(1, 1), balance(1, 2)]).toEqual(["0/0", "1000000/0"]);
  });

  test("of two sides hold back each for itself", () => {
    deposit(1, 1, 10_000);
    deposit(1, 2, MILLION);
    order(1, Side.Sell, TARGET);
    expect(reason(leg(Side.Buy, Contingency.Oco, { priceTicks: MILLION, qtyLots: 10 }))).toBe(
      "None",
    );
    expect([balance(1, 1), balance(1, 2)]).toEqual(["10000/10000", "1000000/1000000"]);
  });

  test("are amended and replaced within what both may cost", () => {
    deposit(1, 2, MILLION);
    order(1, Side.Sell, TARGET);
    leg(Side.Sell, Contingency.Ouo, { ...STOP, qtyLots: 4 });
    const change = (kind: Kind, fields: Fields): string =>
      reason(core.send(kind, { account: 1, fields: AmendField.Qty, ...fields }));
    expect(change(Kind.OrderAmend, { clientId: 2, qtyLots: 11 })).toBe("BalanceInsufficient");
    expect(change(Kind.OrderAmend, { clientId: 2, qtyLots: 10 })).toBe("None");
    const replaced = { clientId: 2, newClientId: 9, qtyLots: 11 };
    expect(change(Kind.OrderReplace, replaced)).toBe("BalanceInsufficient");
    expect(balance(1, 2), "as before").toBe("1000000/1000000");
    const outs = core.send(Kind.OrderReplace, {
      account: 1,
      ...replaced,
      newClientId: 8,
      fields: 0,
    });
    expect(canceled(outs)).toEqual(["Replaced"]);
    expect(balance(1, 2)).toBe("1000000/1000000");
    core.send(Kind.OrderCancel, { account: 1, clientId: 8 });
    expect(balance(1, 2), "the end of one is that of the other").toBe("1000000/0");
  });
});

test("what a pair of buys holds back covers every order of its fills, to the last fraction", () => {
  const random = seeded(5);
  const pick = (most: number): number => 1 + Math.floor(random() * most);
  for (let round = 0; round < 150; round++) {
    fresh({ makerPerBillion: pick(9) * 1e6, takerPerBillion: pick(9) * 1e6 });
    const kind = round % 3 === 0 ? Contingency.Oco : Contingency.Ouo;
    const legs = [1, 2].map(() => ({
      priceTicks: 99 * MILLION + pick(MILLION),
      qtyLots: pick(40),
    }));
    deposit(1, 1, 1e9);
    deposit(2, 2, 1e8);
    order(1, Side.Buy, legs[0]!);
    expect(reason(leg(Side.Buy, kind, legs[1]!))).toBe("None");
    const held = Number(balance(1, 1).split("/")[1]);
    deposit(1, 1, held - 1e9);
    let lots = 0;
    for (let step = 0; step < 12; step++) {
      const outs = order(2, Side.Sell, { priceTicks: MILLION, qtyLots: pick(9), tif: 2 });
      for (const fill of only(outs, Kind.Fill)) {
        if (fill["account"] !== 1) continue;
        lots += Number(fill["qtyLots"]);
        const value = Math.ceil((Number(fill["priceTicks"]) * Number(fill["qtyLots"])) / 1000);
        expect(Number(fill["feeMinor"]), "a fraction is waived at most").toBeGreaterThan(
          Math.floor(value / 1000) - 4,
        );
      }
      const [cash, left] = balance(1, 1).split("/").map(Number);
      expect(cash! - left!, JSON.stringify({ kind, legs, lots })).toBeGreaterThanOrEqual(0);
    }
    const most = Math.max(...legs.map((one) => one.qtyLots));
    expect(lots).toBeLessThanOrEqual(most);
  }
});

describe("a bracket", () => {
  const parent = { priceTicks: MILLION, qtyLots: 10 };
  const bracket = (): void => {
    deposit(1, 1, 10_100);
    deposit(2, 2, 2 * MILLION);
    order(1, Side.Buy, parent);
    const child = { linkedClientId: 1, qtyLots: 10 };
    order(1, Side.Sell, {
      ...STOP,
      ...child,
      stopTicks: 900,
      contingency: Contingency.BracketStop,
    });
    const target = { priceTicks: 2 * MILLION, contingency: Contingency.BracketTarget };
    order(1, Side.Sell, { ...child, ...target });
  };

  test("holds back what it bought, once, as it is bought", () => {
    bracket();
    expect(balance(1, 2), "held, nothing yet").toBe("0/0");
    for (const [lots, cash] of [
      [4, 400_000],
      [6, 1_000_000],
    ]) {
      const outs = order(2, Side.Sell, { priceTicks: MILLION, qtyLots: lots! });
      expect(only(outs, Kind.OrderReleased).map((out) => out["limit"])).toEqual([lots, lots]);
      expect(balance(1, 2)).toBe(`${cash}/${cash}`);
    }
    deposit(3, 1, 1e6);
    order(3, Side.Buy, { priceTicks: 2 * MILLION, qtyLots: 10 });
    expect([balance(1, 1), balance(1, 2)]).toEqual(["20100/0", "0/0"]);
  });

  test("that its fee leaves too little to sell is canceled by name", () => {
    fresh({ makerPerBillion: 1e6, takerPerBillion: 1e6, currency: 2 });
    bracket();
    const outs = order(2, Side.Sell, { priceTicks: MILLION, qtyLots: 10 });
    expect(canceled(outs)).toEqual(["BalanceInsufficient", "Ouo"]);
    expect(balance(1, 2)).toBe("999000/0");
  });
});

describe("reduce-only", () => {
  const reducing = { orderFlags: OrderFlag.ReduceOnly };
  const adjust = (lots: number): Out[] =>
    core.send(Kind.PositionAdjust, { account: 1, instrument: 1, lots, priceTicks: MILLION });

  test("sells no more than the position, shrinks with it and holds back as much", () => {
    deposit(1, 2, 5 * MILLION);
    expect(reason(order(1, Side.Sell, { ...TARGET, ...reducing })), "a deposit is none").toBe(
      "ReduceOnlyWouldIncrease",
    );
    expect(reason(adjust(6))).toBe("None");
    const outs = order(1, Side.Sell, { ...TARGET, ...reducing });
    expect(outs[0]!["leavesLots"]).toBe(6);
    expect(balance(1, 2)).toBe("5600000/600000");
    const less = adjust(-2);
    expect(only(less, Kind.OrderReduced)[0]!["leavesLots"]).toBe(4);
    expect(balance(1, 2)).toBe("5400000/400000");
    expect(canceled(adjust(-4))).toEqual(["ReduceOnly"]);
    expect(balance(1, 2)).toBe("5000000/0");
  });

  test("of a buy has nothing to reduce", () => {
    deposit(1, 1, 1e6);
    adjust(6);
    const buy = { priceTicks: MILLION, qtyLots: 1, ...reducing };
    expect(reason(order(1, Side.Buy, buy))).toBe("ReduceOnlyWouldIncrease");
  });

  test("an asset goes out as far as it is free, at nobody's cost", () => {
    adjust(6);
    expect([balance(1, 1), balance(1, 2)]).toEqual(["0/0", "600000/0"]);
    order(1, Side.Sell, { ...TARGET, qtyLots: 4 });
    const denied = adjust(-3);
    expect(denied.map((out) => out.kind)).toEqual([Kind.ConfigDenied]);
    expect(reason(denied)).toBe("BalanceInsufficient");
    expect(reason(adjust(-2))).toBe("None");
    expect(balance(1, 2)).toBe("400000/400000");
  });
});

describe("an auction of a cash instrument", () => {
  test("trades within what is held back, and gives back the rest", () => {
    core.send(Kind.AuctionCall, { instrument: 1 });
    deposit(1, 1, 30_000);
    deposit(2, 2, MILLION);
    order(1, Side.Buy, { priceTicks: 3 * MILLION, qtyLots: 10 });
    order(2, Side.Sell, { priceTicks: MILLION, qtyLots: 6 });
    order(2, Side.Sell, { type: OrderType.Market, priceTicks: 0, qtyLots: 4 });
    expect([balance(1, 1), balance(2, 2)]).toEqual(["30000/30000", "1000000/1000000"]);
    core.send(Kind.AuctionUncross, { instrument: 1, referenceTicks: MILLION });
    expect([balance(1, 1), balance(1, 2)]).toEqual(["20000/0", "1000000/0"]);
    expect([balance(2, 1), balance(2, 2)]).toEqual(["10000/0", "0/0"]);
  });

  test("takes no buy at market, whose cost nobody knows", () => {
    core.send(Kind.AuctionCall, { instrument: 1 });
    deposit(1, 1, 30_000);
    for (const tif of [TimeInForce.Gtc, TimeInForce.AtOpen]) {
      const buy = { type: OrderType.Market, priceTicks: 0, qtyLots: 1, tif };
      expect(reason(order(1, Side.Buy, buy))).toBe("OrderTypeUnsupported");
    }
    expect(balance(1, 1)).toBe("30000/0");
  });
});
