// Fee tiers: what a month's trading earns, from when on, and what counts.
import { beforeEach, expect, test } from "vitest";
import { FEE_TIERS_MAX } from "../../../asm/layout.ts";
import { Kind, Refusal, Side } from "../../../asm/vocab.ts";
import { only, OrderCore, type Fields } from "../order-core.ts";

const DAY = 86_400e9;
let core: OrderCore;
let clientId = 0;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  for (const id of [1, 2]) core.account(id);
  schedule({ makerPerBillion: 1_000_000, takerPerBillion: 5_000_000 });
  clientId = 0;
});

function schedule(fields: Fields): string {
  return Refusal[core.send(Kind.FeeSchedule, fields)[0]!["reason"] as Refusal];
}

function tier(number: number, volumeFromMinor: number, taker: number, fields: Fields = {}): string {
  return schedule({ tier: number, volumeFromMinor, takerPerBillion: taker, ...fields });
}

/** What account 2 pays for taking lots at 1000 on a day. */
function take(day: number, qtyLots = 100, instrument = 1): number {
  core.nowNanos = Math.max(core.nowNanos + 1, day * DAY);
  const order = { instrument, priceTicks: 1_000, qtyLots };
  core.order({ ...order, account: 1, clientId: ++clientId });
  const outs = core.order({ ...order, account: 2, side: Side.Sell, clientId: ++clientId });
  expect(core.money()).toBe(0n);
  return only(outs, Kind.Fill).find((out) => out["account"] === 2)!["feeMinor"];
}

test("a tier holds from the day after its volume on, for 30 days", () => {
  tier(1, 200_000, 2_000_000);
  expect([take(0), take(0), take(0)], "today counts from tomorrow on").toEqual([500, 500, 500]);
  expect([take(1, 1), take(30, 1)]).toEqual([2, 2]);
  expect(take(31, 1), "the first day is forgotten").toBe(5);
});

test("the tier with the highest volume that is reached counts, whatever its number", () => {
  tier(3, 50_000, 4_000_000);
  tier(1, 100_000, 1_000_000);
  tier(2, 100_001, 3_000_000);
  take(0);
  expect(take(1)).toBe(100);
  expect(take(2), "two days make more").toBe(300);
});

test("a new tier, or one taken off, counts at once", () => {
  tier(1, 100_000, 1_000_000);
  take(0);
  expect(take(1)).toBe(100);
  tier(2, 60_000, 9_000_000);
  expect(take(1), "lower than the first").toBe(100);
  tier(1, 0, 0);
  expect(take(1)).toBe(900);
  tier(2, 0, 0);
  expect(take(1)).toBe(500);
});

test("a tier that comes during a day counts what was traded before it, not that day's", () => {
  tier(1, 1_000_000, 9_000_000);
  take(0);
  tier(2, 50_000, 1_000_000);
  expect(take(0)).toBe(500);
  expect(take(1)).toBe(100);
});

test("a tier may pay: rebates come out of the fee ledger", () => {
  tier(1, 1, -1_000_000);
  take(0);
  expect(take(1)).toBe(-100);
});

test("an account with its own schedule has no tiers, and volume counts all the same", () => {
  tier(1, 100_000, 1_000_000);
  schedule({ account: 2, takerPerBillion: 7_000_000 });
  take(0);
  expect(take(1)).toBe(700);
  expect(only(core.order({ account: 1, clientId: ++clientId }), Kind.Fill)).toEqual([]);
});

test("volume is told in the reporting currency; without a mark it counts nothing", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -2, code: "EUR" });
  core.instrument(2, { settlement: 2, quote: 2 });
  tier(1, 150_000, 1_000_000);
  take(0, 100, 2);
  expect(take(1), "not converted").toBe(500);
  core.send(Kind.ConversionMark, { from: 2, to: 1, num: 3, den: 2 });
  take(1, 100, 2);
  expect(take(2), "100 000 twice at 1.5").toBe(100);
});

test("a gap of more days than are kept forgets all, one of fewer does not", () => {
  tier(1, 100_000, 1_000_000);
  take(0);
  expect(take(29)).toBe(100);
  expect(take(29 + 64), "the same place among the days kept").toBe(500);
});

test.each([
  ["of one account", { account: 1 }],
  ["in a currency", { currency: 1 }],
  ["from less than nothing", { volumeFromMinor: -1 }],
  ["beyond the last", { tier: FEE_TIERS_MAX }],
] as [string, Fields][])("a tier %s is refused", (_what, fields) => {
  expect(tier(1, 100, 0, fields)).toBe("ParameterInvalid");
});

test("all tiers there may be are told apart", () => {
  for (let at = 1; at < FEE_TIERS_MAX; at++) expect(tier(at, at * 10, at * 1_000)).toBe("None");
  take(0, 1);
  expect(take(1, 1_000_000)).toBe(15_000);
});
