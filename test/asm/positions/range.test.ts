// Excursions: exact against every mark since the opening, for many positions, and bounded.
import { beforeEach, expect, test } from "vitest";
import { RANGE_MARKS_MAX } from "../../../asm/layout.ts";
import { Execution, InstrumentKind, Kind, MarkSource, Side } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { only, OrderCore, type Out } from "../order-core.ts";

const HOUSE = 999;
let core: OrderCore;
let clientId = 0;
beforeEach(() => {
  core = OrderCore.create();
  core.instrument(1);
  for (const id of [1, 2, HOUSE]) core.account(id);
  clientId = 0;
});

/** Account `account` trades with the house; its PositionChanged. */
function trade(account: number, side: Side, priceTicks: number, qtyLots = 1): Out {
  const order = { priceTicks, qtyLots };
  core.order({ ...order, account: HOUSE, side: 3 - side, clientId: ++clientId });
  const outs = core.order({ ...order, account, side, clientId: ++clientId });
  return only(outs, Kind.PositionChanged).find((out) => out["account"] === account)!;
}

/** A trade of others at a price. */
const mark = (priceTicks: number): unknown => trade(2, Side.Buy, priceTicks);

function excursions(account: number, instrument = 1): [number, number] {
  const rows = only(core.send(Kind.StateQuery, { account }), Kind.PositionState);
  const row = rows.find((out) => out["instrument"] === instrument)!;
  return [row["maeTicks"], row["mfeTicks"]];
}

test("a long position's worst is the lowest mark, a short one's the highest", () => {
  trade(1, Side.Buy, 100);
  for (const price of [103, 96, 99]) mark(price);
  expect(excursions(1)).toEqual([4, 3]);
  trade(1, Side.Sell, 99, 2);
  for (const price of [110, 50]) mark(price);
  expect(excursions(1), "turned: from 99 on").toEqual([11, 49]);
});

test("they begin with the opening, not before, and end with the last lot", () => {
  mark(10);
  mark(1_000);
  trade(1, Side.Buy, 100, 3);
  mark(90);
  const part = trade(1, Side.Sell, 95, 2);
  expect([part["lots"], part["maeTicks"], part["mfeTicks"]], "still open").toEqual([1, 0, 0]);
  mark(104);
  const end = trade(1, Side.Sell, 101);
  expect([end["lots"], end["maeTicks"], end["mfeTicks"]]).toEqual([0, 10, 4]);
  mark(500);
  expect(excursions(1), "of the position before").toEqual([10, 4]);
  trade(1, Side.Buy, 200);
  expect(excursions(1)).toEqual([0, 0]);
});

test("the average entry is that of now, rounded against the position", () => {
  trade(1, Side.Buy, 100);
  trade(1, Side.Buy, 101);
  mark(90);
  mark(110);
  expect(excursions(1), "100.5 counts as 101").toEqual([11, 9]);
  trade(1, Side.Sell, 100, 4);
  trade(1, Side.Sell, 101);
  mark(90);
  mark(110);
  expect(excursions(1), "100.33 counts as 100").toEqual([10, 10]);
});

test("an inverse position's average is the harmonic one of its contracts", () => {
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  const specKind = InstrumentKind.InversePerpetual;
  core.instrument(2, { specKind, base: 2, settlement: 2, tickMantissa: 5, tickExponent: -1 });
  for (const priceTicks of [100_000, 50_000]) {
    const order = { instrument: 2, priceTicks, qtyLots: 1_000 };
    core.order({ ...order, account: HOUSE, side: Side.Sell, clientId: ++clientId });
    core.order({ ...order, account: 1, clientId: ++clientId });
  }
  // 2 / (1 / 100 000 + 1 / 50 000) = 66 666.67
  expect(excursions(1, 2)).toEqual([16_667, 33_333]);
});

test.each([
  [MarkSource.Mid, Kind.TopOfBook, { bidTicks: 94, bidLots: 1, askTicks: 97, askLots: 1 }, 5],
  [MarkSource.Mark, Kind.MarkChange, { priceTicks: 93 }, 7],
])("marks of source %i count, trades do not then", (markSource, kind, row, worst) => {
  core.instrument(2, { execution: Execution.Paper, markSource });
  const quote = { instrument: 2, bidTicks: 99, bidLots: 9, askTicks: 100, askLots: 9 };
  core.send(Kind.TopOfBook, quote);
  core.send(Kind.MarkChange, { instrument: 2, priceTicks: 100 });
  core.order({ instrument: 2, account: 1, clientId: 1, priceTicks: 100 });
  core.send(Kind.TradePrint, { instrument: 2, priceTicks: 7, qtyLots: 1 });
  core.send(kind, { instrument: 2, ...row });
  expect(excursions(1, 2)).toEqual([worst, 0]);
});

test("without a mark there are none; the static reference is none", () => {
  core.instrument(2, { execution: Execution.Paper, referenceTicks: 50 });
  core.send(Kind.TopOfBook, { instrument: 2, askTicks: 100, askLots: 9 });
  core.order({ instrument: 2, account: 1, clientId: 1, priceTicks: 100 });
  expect(excursions(1, 2)).toEqual([0, 0]);
  core.send(Kind.TradePrint, { instrument: 2, priceTicks: 98, qtyLots: 1 });
  expect(excursions(1, 2)).toEqual([2, 0]);
});

/** Opens a position at each price by another account; asks all of them now and then. */
function walk(prices: number[], accounts: number): void {
  const open = new Map<number, { entry: number; low: number; high: number }>();
  prices.forEach((price, step) => {
    const account = 1_000 + (step % accounts);
    for (const one of open.values()) {
      one.low = Math.min(one.low, price);
      one.high = Math.max(one.high, price);
    }
    const known = open.get(account);
    if (step < accounts) core.account(account);
    trade(account, known === undefined ? Side.Buy : Side.Sell, price);
    if (known !== undefined) open.delete(account);
    else open.set(account, { entry: price, low: price, high: price });
    if (step % 97 !== 96 && step !== prices.length - 1) return;
    for (const [id, { entry, low, high }] of open) {
      expect(excursions(id), `account ${id}, step ${step}`).toEqual([entry - low, high - entry]);
    }
  });
}

test("a rise with an opening at each tick fills the stack of lows and loses nothing", () => {
  const rise = Array.from({ length: 3 * RANGE_MARKS_MAX + 5 }, (_, at) => 1_000 + at);
  walk([...rise, 1_020, 1_100], 5 * RANGE_MARKS_MAX);
});

test("a fall fills the stack of highs and loses nothing", () => {
  const fall = Array.from({ length: 3 * RANGE_MARKS_MAX + 5 }, (_, at) => 1_000 - at);
  walk([...fall, 980, 900], 5 * RANGE_MARKS_MAX);
});

test.each([1, 2, 3])("a random walk is exact for each of 60 accounts, seed %i", (seed) => {
  const random = seeded(seed);
  let price = 5_000;
  const prices = Array.from({ length: 1_500 }, () => {
    price += Math.floor(random() * 41) - 20;
    return price;
  });
  walk(prices, 60);
});
