// Funding: who pays whom, when, at which mark, to the last minor unit.
import { beforeEach, expect, test } from "vitest";
import { FUNDED_PER_TIMER_MAX } from "../../../asm/layout.ts";
import { Execution, InstrumentKind, Kind, MarkSource, Refusal, Side } from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const DUE = 8 * 3_600e9;
const AFTER = DUE + 1;
let core: OrderCore;
let clientId = 0;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  for (const id of [1, 2, 3]) core.account(id);
  clientId = 0;
});

/** Account 1 buys from account 2. */
function trade(priceTicks: number, qtyLots: number, instrument = 1): void {
  const order = { instrument, priceTicks, qtyLots };
  core.order({ ...order, account: 2, side: Side.Sell, clientId: ++clientId });
  core.order({ ...order, account: 1, clientId: ++clientId });
}

function plan(value: number, at = DUE, instrument = 1): Out[] {
  return core.send(Kind.FundingChange, { instrument, value, nextNanos: BASE_NANOS + BigInt(at) });
}

/** What the passing of time up to `nowNanos` says. */
function pass(nowNanos: number): Out[] {
  core.nowNanos = nowNanos;
  return core.send(Kind.StateQuery, { account: 99 });
}

const paid = (outs: Out[]): unknown[] =>
  only(outs, Kind.FundingPaid).map((out) => [out["account"], out["lots"], out["paidMinor"]]);

test("longs pay shorts when the rate is positive, at its time and not before", () => {
  trade(1_000, 100);
  plan(0.01);
  expect(paid(pass(DUE - 1))).toEqual([]);
  const outs = pass(DUE);
  expect(paid(outs)).toEqual([
    [2, -100, -1_000],
    [1, 100, 1_000],
  ]);
  const first = only(outs, Kind.FundingPaid)[0]!;
  expect([first["rate"], first["valueMinor"], first["markTicks"]]).toEqual([
    10_000_000_000, 100_000, 1_000,
  ]);
  expect([first["dueNanos"], first["tsEngineNanos"]]).toEqual([
    BASE_NANOS + BigInt(DUE),
    BASE_NANOS + BigInt(DUE),
  ]);
  const balances = only(outs, Kind.BalanceChanged);
  expect(balances.map((out) => [out["cashMinor"], out["realizedDayMinor"]])).toEqual([
    [1_000, 1_000],
    [-1_000, -1_000],
  ]);
  const positions = only(outs, Kind.PositionChanged);
  expect(positions.map((out) => [out["fundingMinor"], out["realizedMinor"]])).toEqual([
    [-1_000, 0],
    [1_000, 0],
  ]);
  expect(core.money()).toBe(0n);
  expect(paid(pass(3 * DUE)), "once").toEqual([]);
});

test("shorts pay longs when it is negative, and flat accounts nothing", () => {
  trade(1_000, 100);
  core.order({ account: 1, side: Side.Sell, clientId: ++clientId, priceTicks: 1_000, qtyLots: 30 });
  core.order({ account: 3, clientId: ++clientId, priceTicks: 1_000, qtyLots: 30 });
  core.order({ account: 3, side: Side.Sell, clientId: ++clientId, priceTicks: 990, qtyLots: 30 });
  core.order({ account: 2, clientId: ++clientId, priceTicks: 990, qtyLots: 30 });
  plan(-0.000_1);
  expect(paid(pass(DUE))).toEqual([
    [2, -70, 7],
    [1, 70, -6],
  ]);
  expect(core.money(), "the unit between 6.93 up and 6.93 down is the ledger's").toBe(0n);
});

test.each([
  [3, 7, 1_001, 13, 0.000_123_456],
  [1, 1, 7, 1, 1e-12],
  [5, 3, 2 ** 31 + 1, 2 ** 20 + 3, 0.999_999_999],
])("%i/%i a tick x lot, %i ticks, %i lots at %f: up for who pays, down for who gets", (...row) => {
  const [multiplierNum, multiplierDen, price, qty, rate] = row;
  core.instrument(2, { multiplierNum, multiplierDen });
  trade(price, qty, 2);
  plan(rate, DUE, 2);
  const [short, long] = only(pass(AFTER), Kind.FundingPaid).map((out) => BigInt(out["paidMinor"]));
  const parts = BigInt(Math.round(rate * 1e12));
  const scaled = BigInt(price) * BigInt(qty) * BigInt(multiplierNum);
  const den = BigInt(multiplierDen);
  const up = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
  const trillion = 1_000_000_000_000n;
  expect(long).toBe(up(up(scaled, den) * parts, trillion));
  expect(short).toBe(-(((scaled / den) * parts) / trillion));
  expect(core.money()).toBe(0n);
});

test("inverse contracts pay in their base, of what the contracts are worth at the mark", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  const specKind = InstrumentKind.InversePerpetual;
  const inverse = { specKind, base: 2, settlement: 2, tickMantissa: 5, tickExponent: -1 };
  core.instrument(2, { ...inverse, markSource: MarkSource.Mark });
  trade(100_000, 7_000, 2);
  core.send(Kind.MarkChange, { instrument: 2, priceTicks: 125_000 });
  plan(0.000_1, DUE, 2);
  // 7000 USD at 62 500 are 0.112 of the base, of which a ten thousandth is 1120 satoshi.
  expect(paid(pass(AFTER))).toEqual([
    [2, -7_000, -1_120],
    [1, 7_000, 1_120],
  ]);
  expect([core.money(1), core.money(2)]).toEqual([0n, 0n]);
});

test("who closed before the time pays nothing, who opened before it pays whole", () => {
  plan(0.01);
  core.nowNanos = DUE - 1;
  trade(1_000, 100);
  core.nowNanos = DUE;
  const order = { priceTicks: 1_000, qtyLots: 100 };
  const outs = core.order({ ...order, account: 1, side: Side.Sell, clientId: ++clientId });
  expect(Kind[outs[0]!["kind"] as Kind], "before the order of the same time").toBe("FundingPaid");
  expect(paid(outs)).toHaveLength(2);
  core.order({ ...order, account: 2, clientId: ++clientId });
  plan(0.01, 2 * DUE);
  expect(paid(pass(2 * DUE))).toEqual([]);
});

test("the newest rate and time count; a time that has come does not", () => {
  trade(1_000, 100);
  plan(0.01);
  plan(0.02, 2 * DUE);
  plan(0.03, 2 * DUE);
  expect(paid(pass(DUE)), "put off").toEqual([]);
  plan(0.5, DUE);
  plan(0.5, DUE - 5);
  expect(paid(pass(2 * DUE)).at(-1)).toEqual([1, 100, 3_000]);
});

test("without a mark nobody pays, and a record says so", () => {
  core.instrument(2, { execution: Execution.Paper, markSource: MarkSource.Mark });
  core.send(Kind.TopOfBook, { instrument: 2, askTicks: 9, askLots: 4 });
  core.order({ instrument: 2, account: 1, clientId: 1, priceTicks: 9 });
  plan(0.01, DUE, 2);
  const outs = only(pass(AFTER), Kind.FundingPaid);
  expect(outs.map((out) => [out["account"], Refusal[out["reason"] as Refusal]])).toEqual([
    [0, "PriceUnknown"],
  ]);
  core.send(Kind.MarkChange, { instrument: 2, priceTicks: 10 });
  expect(paid(pass(3 * DUE)), "not later either").toEqual([]);
});

test("a stale mark is paid at, and named", () => {
  core.instrument(2, { staleMillis: 1 });
  trade(1_000, 100, 2);
  plan(0.01, DUE, 2);
  const outs = only(pass(DUE), Kind.FundingPaid);
  expect(outs.map((out) => [out["markTicks"], out["markStale"]])).toEqual([
    [1_000, 1],
    [1_000, 1],
  ]);
});

test.each([
  ["spot", { specKind: InstrumentKind.Spot, base: 2 }],
  ["a future", { specKind: InstrumentKind.Future, expiryNanos: BASE_NANOS + BigInt(9 * DUE) }],
] as [string, Fields][])("%s pays none", (_name, fields) => {
  core.send(Kind.Currency, { id: 2, minorExponent: 0, code: "COIN" });
  core.instrument(2, fields);
  plan(0.01, DUE, 2);
  expect(only(pass(AFTER), Kind.FundingPaid)).toEqual([]);
});

test("several instruments of one time are paid one after the other, by number", () => {
  core.instrument(2);
  trade(1_000, 1, 2);
  trade(1_000, 1, 1);
  plan(0.01, DUE, 2);
  plan(0.01, DUE, 1);
  const outs = only(pass(AFTER), Kind.FundingPaid);
  expect(outs.map((out) => out["instrument"])).toEqual([1, 1, 2, 2]);
});

test("more positions than one Timer pays for are paid at the same time and mark", () => {
  const count = FUNDED_PER_TIMER_MAX + 10;
  for (let id = 10; id < 10 + count; id++) core.account(id);
  core.order({ account: 1, side: Side.Sell, clientId: 1, priceTicks: 100, qtyLots: count });
  for (let id = 10; id < 10 + count; id++)
    core.order({ account: id, clientId: 1, priceTicks: 100 });
  plan(0.5);
  core.nowNanos = AFTER;
  // The trade that follows has another price: it comes after all of them.
  core.order({ account: 2, side: Side.Sell, clientId: 1, priceTicks: 50 });
  const outs = core.order({ account: 3, clientId: 1, priceTicks: 50 });
  expect(only(outs, Kind.FundingPaid)).toEqual([]);
  const rows = [10, 9 + count, 1].map((account) => {
    const state = core.send(Kind.StateQuery, { account });
    return only(state, Kind.PositionState)[0]!["fundingMinor"];
  });
  expect(rows).toEqual([50, 50, -50 * count]);
  expect(core.money()).toBe(0n);
});

test("a snapshot's worth of state: the plan and what was paid are in the hash", () => {
  const hashes = [core.core.stateHash(2)];
  plan(0.01);
  hashes.push(core.core.stateHash(2));
  plan(0.02);
  hashes.push(core.core.stateHash(2));
  expect(new Set(hashes).size).toBe(3);
});
