// Funding of strategies: what their own lots pay, adding up to the account's to the minor unit.
import { beforeEach, expect, test } from "vitest";
import { InstrumentKind, Kind, PositionMode, PositionSide, Side } from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const HOUR = 3_600e9;
let core: OrderCore;
let next = 1;

beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  for (const id of [1, 2]) core.account(id);
  for (const id of [7, 8]) core.send(Kind.Strategy, { id, account: 1 });
  next = 1;
});

function order(fields: Fields): Out[] {
  return core.order({ clientId: next++, priceTicks: 1_000, ...fields });
}

/** Account 1 trades with account 2 under a strategy. */
function trade(strategy: number, side: Side, qtyLots: number, fields: Fields = {}): void {
  order({ account: 2, side: side === Side.Buy ? Side.Sell : Side.Buy, qtyLots, ...fields });
  order({ strategy, side, qtyLots, ...fields });
}

/** Funding at a rate, an hour from now; what the next query says. */
function fund(value: number, instrument = 1): Out[] {
  const nextNanos = BASE_NANOS + BigInt(core.nowNanos + HOUR);
  core.send(Kind.FundingChange, { instrument, value, nextNanos });
  core.nowNanos += HOUR;
  return core.send(Kind.StateQuery, { account: 1 });
}

const paid = (outs: Out[]): unknown[] =>
  only(outs, Kind.StrategyState).map((row) => [row["strategy"], row["fundingMinor"]]);

/** Every position's parts have paid what it has. */
function expectSums(outs: Out[]): void {
  for (const position of only(outs, Kind.PositionState)) {
    const own = only(outs, Kind.StrategyState).filter((part) => part["side"] === position["side"]);
    if (own.length === 0) continue;
    const sum = own.reduce((all, part) => all + Number(part["fundingMinor"]), 0);
    expect(sum).toBe(position["fundingMinor"]);
  }
  expect(core.money()).toBe(0n);
}

test("each strategy pays for its own lots, orders without one for theirs", () => {
  trade(7, Side.Buy, 70);
  trade(8, Side.Sell, 20);
  trade(0, Side.Buy, 50);
  const outs = fund(0.01);
  expect(paid(outs)).toEqual([
    [0, 500],
    [8, -200],
    [7, 700],
  ]);
  expect(only(outs, Kind.FundingPaid).find((row) => row["account"] === 1)!["paidMinor"]).toBe(
    1_000,
  );
  expectSums(outs);
});

test("the only strategy of an account pays what the account does", () => {
  trade(7, Side.Buy, 33);
  const outs = fund(0.000_123);
  expect(paid(outs)).toEqual([
    [0, 0],
    [7, 5],
  ]);
  expectSums(outs);
});

test("what rounding leaves between the strategies is strategy 0's", () => {
  trade(7, Side.Buy, 1);
  trade(8, Side.Buy, 1);
  const outs = fund(0.000_1);
  // 0.1 each: up for each strategy, once for the account.
  expect(paid(outs)).toEqual([
    [0, -1],
    [8, 1],
    [7, 1],
  ]);
  expectSums(outs);
  expect(paid(fund(-0.000_1)), "0.1 got, down for everyone").toEqual([
    [0, -1],
    [8, 1],
    [7, 1],
  ]);
});

test("strategies that cover each other pay each other; the account pays and says nothing", () => {
  trade(7, Side.Buy, 70);
  trade(8, Side.Sell, 70);
  const outs = fund(0.000_31);
  expect(only(outs, Kind.FundingPaid).filter((row) => row["account"] === 1)).toEqual([]);
  expect(paid(outs)).toEqual([
    [0, -1],
    [8, -21],
    [7, 22],
  ]);
  expectSums(outs);
});

test("each leg has its own, and a strategy that left pays no more", () => {
  core.account(3, { positionMode: PositionMode.Hedging });
  core.send(Kind.Strategy, { id: 9, account: 3 });
  const [long, short] = [PositionSide.Long, PositionSide.Short];
  const at = { account: 3 };
  const deal = (side: Side, positionSide: PositionSide, qtyLots: number): void => {
    order({ account: 2, side: side === Side.Buy ? Side.Sell : Side.Buy, qtyLots });
    order({ ...at, strategy: 9, side, positionSide, qtyLots });
  };
  deal(Side.Buy, long, 30);
  deal(Side.Sell, short, 10);
  const legs = (): unknown[] =>
    only(core.send(Kind.StateQuery, at), Kind.StrategyState)
      .filter((row) => row["strategy"] === 9)
      .map((row) => [row["side"], row["fundingMinor"]]);
  fund(0.01);
  expect(legs()).toEqual([
    [short, -100],
    [long, 300],
  ]);
  deal(Side.Sell, long, 30);
  fund(0.01);
  expect(legs()).toEqual([
    [short, -200],
    [long, 300],
  ]);
  expectSums(core.send(Kind.StateQuery, at));
});

test("sums hold over many fundings of an inverse perpetual, rates of both signs", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  const specKind = InstrumentKind.InversePerpetual;
  core.instrument(2, { specKind, base: 2, settlement: 2, tickMantissa: 5, tickExponent: -1 });
  let dice = 7;
  const pick = (most: number): number => {
    dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((dice / 2_147_483_648) * most);
  };
  for (let step = 0; step < 60; step++) {
    const priceTicks = 900 + pick(200);
    trade([0, 7, 8][pick(3)]!, 1 + pick(2), 1 + pick(9), { instrument: 2, priceTicks });
    expectSums(fund((pick(2_000) - 1_000) / 1e6, 2));
  }
  const rows = only(core.send(Kind.StateQuery, { account: 1 }), Kind.StrategyState);
  expect(rows.length, "all took part").toBe(3);
  for (const row of rows) expect(row["fundingMinor"]).not.toBe(0);
});
