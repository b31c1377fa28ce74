// The check that money is conserved must see what it is there to see: one unit off in the memory.
import { beforeEach, expect, test } from "vitest";
import {
  BALANCE_ROW_BYTES,
  BALANCE_ROWS,
  BESIDE_ROW_BYTES,
  BESIDE_ROWS,
  INSTRUMENTS_MAX,
  LOCK_ROW_BYTES,
  LOCK_ROWS,
  POSITION_ROW_BYTES,
  POSITION_ROWS,
} from "../../../asm/layout.ts";
import { InstrumentKind, Kind, Side } from "../../../asm/vocab.ts";
import { BASE_NANOS, OrderCore } from "../order-core.ts";

const INSTRUMENT = 3;
const LOTS = 5n;
const DEPOSIT = 1_000n;
const REALIZED = 2n * 11n;
const BREACH = -(2n ** 63n) + BigInt(INSTRUMENT);

let core: OrderCore;
beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -2, code: "EUR" });
  core.instrument(INSTRUMENT);
  for (const id of [1, 2]) core.account(id);
  core.send(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: DEPOSIT });
  const buy = { instrument: INSTRUMENT, account: 1 };
  const sell = { instrument: INSTRUMENT, account: 2, side: Side.Sell };
  core.order({ ...buy, clientId: 1, priceTicks: 100, qtyLots: LOTS + 2n });
  core.order({ ...sell, clientId: 1, priceTicks: 100, qtyLots: LOTS + 2n });
  core.order({ ...buy, clientId: 2, priceTicks: 111, qtyLots: 2n, side: Side.Sell });
  core.order({ ...sell, clientId: 2, priceTicks: 111, qtyLots: 2n, side: Side.Buy });
  expect(core.money(), "conserved before anything is changed").toBe(0n);
});

/** Adds `by` to the one i64 of the first row of a table that holds `value`. */
function change(rows: number, rowBytes: number, value: bigint, by: bigint): void {
  const { view } = core.core;
  const found: number[] = [];
  for (let at = rows + rowBytes; at < rows + 2 * rowBytes; at += 8) {
    if (view.getBigInt64(at, true) === value) found.push(at);
  }
  expect(found.length, `one field holds ${value}`).toBe(1);
  view.setBigInt64(found[0]!, value + by, true);
}

test.each([1n, -1n])(
  "cash that is off by %i shows as that difference, in its currency only",
  (by) => {
    change(BALANCE_ROWS, BALANCE_ROW_BYTES, DEPOSIT + REALIZED, by);
    expect(core.money(1)).toBe(by);
    expect(core.money(2)).toBe(0n);
  },
);

test.each([
  ["lots", LOTS],
  ["realized money", REALIZED],
  ["cost", LOTS * 100n],
])("a position whose %s are off by one names its instrument", (_name, value) => {
  change(POSITION_ROWS, POSITION_ROW_BYTES, value, 1n);
  expect(core.money(1)).toBe(BREACH);
  expect(core.money(2), "not a matter of another currency").toBe(0n);
});

test.each([
  ["a buy holds back more than its balance says", Side.Buy, 1],
  ["a sell holds back more than its balance says", Side.Sell, 2],
])("%s", (_name, side, currency) => {
  core.instrument(4, { specKind: InstrumentKind.Spot, base: 2 });
  core.send(Kind.CashAdjust, { account: 1, currency: 2, amountMinor: 900 });
  core.order({ instrument: 4, account: 1, clientId: 9, side, priceTicks: 7, qtyLots: 3 });
  expect([core.money(1), core.money(2)]).toEqual([0n, 0n]);
  const { view } = core.core;
  for (let slot = 1; slot < 9; slot++) {
    const at = LOCK_ROWS + slot * LOCK_ROW_BYTES;
    const held = view.getBigInt64(at, true);
    if (held !== 0n) view.setBigInt64(at, held + 1n, true);
  }
  const first = -(2n ** 63n) + BigInt(INSTRUMENTS_MAX);
  expect(core.money(currency) - first, "the balance's slot").toBeGreaterThan(0n);
  expect(core.money(currency) - first).toBeLessThan(5n);
  expect(core.money(3 - currency), "not a matter of another currency").toBe(0n);
});

test("a position that paid another funding than its ledger got shows", () => {
  const value = { instrument: INSTRUMENT, value: 0.5, nextNanos: BASE_NANOS + 5n };
  core.send(Kind.FundingChange, value);
  core.nowNanos = 6;
  core.send(Kind.StateQuery, { account: 99 });
  expect(core.money(), "conserved").toBe(0n);
  change(BESIDE_ROWS, BESIDE_ROW_BYTES, (LOTS * 111n + 1n) / 2n, 1n);
  expect(core.money()).toBe(-(2n ** 63n));
  expect(core.money(2)).toBe(0n);
});
