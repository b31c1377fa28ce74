// Parents on inverse contracts: costs are values of the base, as the contracts' own fills are.
import { beforeEach, expect, test } from "vitest";
import {
  Algorithm,
  ChildStyle,
  Execution,
  InstrumentKind,
  Kind,
  ParentState,
  Refusal,
  Side,
} from "../../../asm/vocab.ts";
import { BASE_NANOS, only, OrderCore, type Fields, type Out } from "../order-core.ts";

const SECOND = 1_000_000_000;
const [OWN, MARKET] = [1, 2];
const [BOOK, PAPER] = [1, 2];
/** Lots whose value fits at one tick: 2^62 / (10^10 x 1024). */
const LOTS_MAX = Number(2n ** 62n / (10n ** 10n * 1024n));

let core: OrderCore;
let next = 1;
beforeEach(() => {
  core = OrderCore.create();
  core.send(Kind.Currency, { id: 2, minorExponent: -8, code: "BTC" });
  // A lot is one dollar, a tick a cent: 10^10 satoshi x ticks a lot.
  const spec = { specKind: InstrumentKind.InversePerpetual, base: 2, settlement: 2 };
  core.instrument(BOOK, spec);
  core.instrument(PAPER, { ...spec, execution: Execution.Paper });
  for (const id of [OWN, MARKET]) core.account(id);
  next = 1000;
});

/** Value of lots at a price in half ticks, 1/1024 satoshi, rounded down. */
const value = (halfTicks: number, lots: number): bigint =>
  (BigInt(lots) * 2n * 10n ** 10n * 1024n) / BigInt(halfTicks);
/** Whole satoshi of a cost, rounded up. */
const money = (parts: bigint): number => Number(-(-parts >> 10n));

function quote(bidTicks: number, askTicks: number, lots = 1_000_000): Out[] {
  const sides = { bidTicks, bidLots: lots, askTicks, askLots: lots };
  return core.send(Kind.TopOfBook, { instrument: PAPER, ...sides });
}

function parent(fields: Fields = {}): Out[] {
  return core.send(Kind.ParentNew, {
    ...{ instrument: PAPER, account: OWN, clientId: 7, algorithm: Algorithm.Twap },
    ...{ style: ChildStyle.Aggressive, side: Side.Buy, qtyLots: 1000, intervalNanos: SECOND },
    endNanos: BASE_NANOS + BigInt(core.nowNanos + 2 * SECOND),
    ...fields,
  });
}

function until(seconds: number): Out[] {
  core.nowNanos = seconds * SECOND;
  return core.send(Kind.CashAdjust, { account: MARKET, currency: 1, amountMinor: 1 });
}

const done = (outs: Out[]): Out => only(outs, Kind.ParentDone)[0]!;

test.each([
  ["a buy pays in value what it does not get", Side.Buy, 51_000, 1n],
  ["a sale pays in value what it gives", Side.Sell, 49_000, -1n],
])("%s, against the middle at its start", (_, side, ticks, sign) => {
  quote(49_000, 51_000);
  const outs = [...parent({ side }), ...until(1), ...until(1.5)];
  const cost = 2n * value(2 * ticks, 500);
  const shortfall = sign * (value(100_000, 1000) - cost);
  expect(shortfall > 0n, "it crossed the spread").toBe(true);
  expect(done(outs)).toMatchObject({
    ...{ state: ParentState.Filled, filledLots: 1000, cost, shortfall, opportunityMinor: 0 },
    shortfallMinor: money(shortfall),
  });
  expect(core.money(2)).toBe(0n);
});

test("costs are satoshi: of 1000 dollars bought at 510 and not at 500 a fiftieth is gone", () => {
  quote(49_000, 51_000);
  // 2 BTC at 500.00 are 1.96078431... at 510.00.
  expect(done([...parent(), ...until(1)])).toMatchObject({ shortfallMinor: 3_921_569 });
});

test.each([
  ["a buy that waits while the price rises", Side.Buy, 1n],
  ["a sale that waits while the price rises", Side.Sell, -1n],
])("%s: what is open has a cost of its own", (_, side, sign) => {
  quote(49_000, 51_000);
  parent({ side, limitTicks: side === Side.Buy ? 48_000 : 70_000 });
  quote(59_000, 61_000);
  const outs = until(2);
  const waited = sign * (value(100_000, 1000) - value(120_000, 1000));
  expect(done(outs)).toMatchObject({
    ...{ state: ParentState.Expired, filledLots: 0, opportunityMinor: money(waited) },
    nowHalfTicks: 120_000,
  });
});

test("who trades alone has no slippage; beside dearer trades a buy has gained", () => {
  const rest = (priceTicks: number, qtyLots: number): Out[] =>
    core.order({
      ...{ instrument: BOOK, account: MARKET, clientId: next++, side: Side.Sell },
      ...{ priceTicks, qtyLots },
    });
  rest(50_000, 500);
  rest(52_000, 500);
  const alone = done([...parent({ instrument: BOOK, endNanos: end(1) }), ...until(1)]);
  expect(alone).toMatchObject({ filledLots: 1000, slippage: 0n, slippageMinor: 0 });
  expect(alone["turnover"]).toBe(value(100_000, 500) + value(104_000, 500));
  quote(49_999, 50_000);
  parent({ clientId: 8, endNanos: end(2), intervalNanos: SECOND / 2, style: ChildStyle.Passive });
  core.send(Kind.TradePrint, { instrument: PAPER, priceTicks: 60_000, qtyLots: 700 });
  quote(49_998, 49_999);
  const beside = done(until(2));
  const filled = Number(beside["filledLots"]);
  expect(filled).toBeGreaterThan(0);
  const fair = (value(120_000, 700) * BigInt(filled)) / 700n;
  expect(beside["slippage"]).toBe(fair - beside["cost"]);
  expect(beside["slippageMinor"]).toBe(money(fair - beside["cost"]));
  expect(beside["slippageMinor"]).toBeLessThan(0);
});

/** So many seconds after the clock base. */
function end(seconds: number): bigint {
  return BASE_NANOS + BigInt(seconds * SECOND);
}

test("public trades beyond every range count as the most a value can have", () => {
  quote(49_000, 51_000);
  parent();
  core.send(Kind.TradePrint, { instrument: PAPER, priceTicks: 1, qtyLots: 2 ** 50 });
  expect(done(until(2))).toMatchObject({ turnover: value(2, LOTS_MAX), marketLots: 2 ** 50 });
});

test("a quantity whose value does not fit at half a tick is refused", () => {
  quote(49_000, 51_000);
  const most = Math.floor(LOTS_MAX / 2);
  const [denied] = only(parent({ qtyLots: most + 1 }), Kind.OrderDenied);
  expect(denied!["reason"]).toBe(Refusal.QtyAboveMax);
  expect(only(parent({ qtyLots: most }), Kind.ParentProgress)).not.toEqual([]);
  expect(core.money(2)).toBe(0n);
});
