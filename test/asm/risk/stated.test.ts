// Limits of money stated in another currency than the instrument's settlement.
import { beforeEach, describe, expect, test } from "vitest";
import { Kind, QueryPart, Refusal, Scope, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields, type Out } from "../order-core.ts";

const USD = 2;
let core: OrderCore;
let clientId = 0;

beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: USD, minorExponent: -2, code: "USD" });
  // Settles in currency 1, one minor unit a tick x lot.
  core.instrument(1);
  core.instrument(2, { settlement: USD, quote: USD });
  for (const id of [1, 2]) core.account(id);
  clientId = 0;
});

const order = (fields: Fields): Out[] =>
  core.order({ clientId: ++clientId, priceTicks: 100, qtyLots: 10, ...fields });
const asked = (fields: Fields = {}): [string, number] => {
  const [out] = order(fields);
  return [Refusal[Number(out!["reason"])]!, Number(out!["limit"])];
};
const mark = (num: number, den = 1, staleMillis = 0): Out[] =>
  core.send(Kind.ConversionMark, { from: USD, to: 1, num, den, staleMillis });
const limit = (fields: Fields): string => {
  const row = { scope: Scope.Account, account: 1, currency: USD, ...fields };
  return Refusal[Number(core.send(Kind.RiskLimits, row)[0]!["reason"])]!;
};

describe("a limit stated in another currency", () => {
  test("of notional is told at the newest mark, rounded down", () => {
    expect(limit({ notionalMinorMax: 667 })).toBe("None");
    mark(3, 2);
    expect(asked(), "1000 within 1000.5").toEqual(["None", 0]);
    expect(asked({ qtyLots: 11 })).toEqual(["NotionalLimit", 1000]);
    mark(2);
    expect(asked({ qtyLots: 13 })).toEqual(["None", 0]);
    mark(1);
    expect(asked()).toEqual(["NotionalLimit", 667]);
    expect(asked({ instrument: 2, qtyLots: 6 }), "its own currency needs no mark").toEqual([
      "None",
      0,
    ]);
    expect(asked({ instrument: 2, qtyLots: 7 })).toEqual(["NotionalLimit", 667]);
  });

  test("is refused without a mark, and with one that is too old", () => {
    limit({ notionalMinorMax: 1e9 });
    expect(asked()).toEqual(["PriceUnknown", 0]);
    expect(asked({ instrument: 2 })).toEqual(["None", 0]);
    mark(1, 1, 5);
    expect(asked()).toEqual(["None", 0]);
    core.nowNanos += 5e6;
    expect(asked(), "at its very end").toEqual(["None", 0]);
    core.nowNanos += 1;
    expect(asked()).toEqual(["PriceStale", 0]);
    const amend = { account: 1, clientId: 3, fields: 1, priceTicks: 101 };
    const denied = core.send(Kind.OrderAmend, amend);
    expect(denied[0]!["reason"], "the short way of amends too").toBe(Refusal.PriceStale);
    mark(1, 1, 5);
    expect(asked()).toEqual(["None", 0]);
  });

  test("of an inverse mark, of loss, and of exposure", () => {
    core.send(Kind.ConversionMark, { from: 1, to: USD, num: 1, den: 4 });
    limit({ grossMinorMax: 500, netMinorMax: 400, lossMinorMax: 20 });
    core.instrument(3, { referenceTicks: 100 });
    expect(asked({ instrument: 3, qtyLots: 16 })).toEqual(["None", 0]);
    expect(asked({ instrument: 3, qtyLots: 1 })).toEqual(["NetExposureLimit", 1600]);
    expect(asked({ instrument: 3, side: Side.Sell, qtyLots: 16, priceTicks: 120 })).toEqual([
      "None",
      0,
    ]);
    expect(asked({ instrument: 3, side: Side.Sell, qtyLots: 1 })[0]).toBe("NetExposureLimit");
    core.send(Kind.PositionAdjust, { account: 1, instrument: 1, lots: 1, priceTicks: 181 });
    core.send(Kind.PositionAdjust, { account: 1, instrument: 1, lots: -1, priceTicks: 101 });
    expect(asked({ instrument: 3, qtyLots: 1, priceTicks: 99 })[0], "80 lost").not.toBe(
      "LossLimit",
    );
    core.send(Kind.PositionAdjust, { account: 1, instrument: 1, lots: 1, priceTicks: 102 });
    core.send(Kind.PositionAdjust, { account: 1, instrument: 1, lots: -1, priceTicks: 101 });
    expect(asked({ instrument: 3, qtyLots: 1 })).toEqual(["LossLimit", 80]);
  });

  test("of gross exposure alone is told as the others are", () => {
    core.send(Kind.ConversionMark, { from: 1, to: USD, num: 1, den: 4 });
    limit({ grossMinorMax: 500 });
    core.instrument(3, { referenceTicks: 100 });
    expect(asked({ instrument: 3, qtyLots: 12 })).toEqual(["None", 0]);
    expect(asked({ instrument: 3, qtyLots: 9 })).toEqual(["GrossExposureLimit", 2000]);
    expect(asked({ instrument: 3, qtyLots: 8 })).toEqual(["None", 0]);
    expect(asked({ instrument: 3, qtyLots: 1 })).toEqual(["GrossExposureLimit", 2000]);
  });

  test("and of several the strictest counts, whatever they are stated in", () => {
    mark(10);
    limit({ notionalMinorMax: 500 });
    core.send(Kind.RiskLimits, { scope: Scope.Global, notionalMinorMax: 2_000 });
    expect(asked({ qtyLots: 21 })).toEqual(["NotionalLimit", 2_000]);
    limit({ notionalMinorMax: 50 });
    expect(asked({ qtyLots: 6 })).toEqual(["NotionalLimit", 500]);
    expect(limit({ currency: 9 })).toBe("UnknownCurrency");
    core.account(1, { accountFlags: 2 });
    expect(asked({ qtyLots: 90 }), "the house has none").toEqual(["None", 0]);
  });

  test("is never told as nothing, and is said in the settlement currency", () => {
    mark(1, 1_000_000);
    limit({ notionalMinorMax: 10, lossMinorMax: 10 });
    expect(asked({ qtyLots: 1, priceTicks: 1 })).toEqual(["None", 0]);
    expect(asked({ qtyLots: 1, priceTicks: 2 })).toEqual(["NotionalLimit", 1]);
    const rows = core.send(Kind.StateQuery, { account: 1, instrument: 1, part: QueryPart.Limits });
    const states = only(rows, Kind.LimitState).map((row) => [row["limit"], row["currency"]]);
    expect(states).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});
