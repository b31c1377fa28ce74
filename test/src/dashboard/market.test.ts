import { beforeEach, describe, expect, test } from "vitest";
import { Flag, Kind, Side } from "../../../asm/vocab.ts";
import {
  changePercent,
  imbalance,
  Market,
  spreadTicks,
  TRADES_MAX,
} from "../../../src/dashboard/market.ts";
import type { MarketRow } from "../../../src/dashboard/market.ts";
import { record } from "./records.ts";

const INFO = {
  ...{ id: 7, symbol: "BTC", kind: 1, execution: 2, venue: 1, base: 2, quote: 1, settlement: 1 },
  ...{ tickMantissa: "5", tickExponent: -1, lotMantissa: "1", lotExponent: -4, simulated: false },
};

let market: Market;
const row = (): MarketRow => market.rows.get(7) as MarketRow;
const trade = (priceTicks: number, flags = 0) =>
  record(Kind.TradePrint, { instrument: 7, priceTicks, qtyLots: 3, aggressor: Side.Buy, flags });

beforeEach(() => {
  market = new Market();
  market.setInstruments([INFO]);
});

describe("a row", () => {
  test("shows the last trade, its direction, and the change since the day's open", () => {
    market.applyTrade(trade(1000));
    expect(row()).toMatchObject({ lastTicks: 1000, direction: 0, openTicks: 1000 });
    market.applyTrade(trade(1010));
    expect(row().direction).toBe(1);
    market.applyTrade(trade(1010));
    expect(row().direction, "an equal price keeps it").toBe(1);
    market.applyTrade(trade(990));
    expect(row().direction).toBe(-1);
    expect(changePercent(row()), "since the first trade").toBe(-1);
    market.applyDay(record(Kind.CandleForming, { instrument: 7, openTicks: 900 }));
    expect(changePercent(row()), "since the day's open").toBe(10);
    expect(row().openIsDay).toBe(true);
    const ended = { instrument: 7, openTicks: 900, closeTicks: 1100 };
    market.applyDay(record(Kind.CandleClosed, ended));
    expect(changePercent(row()), "since the close of the day that ended").toBe(-10);
  });

  test("has no change and no spread before there are prices", () => {
    expect(changePercent(row())).toBeUndefined();
    expect(spreadTicks(row())).toBeUndefined();
    expect(imbalance(row()), "an empty book leans to neither side").toBe(0.5);
  });

  test("shows spread and imbalance of the best level, and no spread with a side missing", () => {
    const quote = { instrument: 7, bidTicks: 99, bidLots: 30, askTicks: 102, askLots: 10 };
    market.applyQuote(record(Kind.TopOfBook, quote));
    expect(spreadTicks(row())).toBe(3);
    expect(imbalance(row())).toBe(0.75);
    market.applyQuote(record(Kind.TopOfBook, { ...quote, askLots: 0 }));
    expect(spreadTicks(row())).toBeUndefined();
  });

  test("keeps its values when the reference data come again", () => {
    market.applyTrade(trade(1000));
    market.setInstruments([{ ...INFO, symbol: "BTC2" }]);
    expect(row()).toMatchObject({ symbol: "BTC2", lastTicks: 1000 });
    expect(row().price).toEqual({ mantissa: 5n, exponent: -1 });
  });
});

test("an unknown instrument is left out and makes no row", () => {
  market.applyTrade(record(Kind.TradePrint, { instrument: 8, priceTicks: 1 }));
  expect(market.rows.size).toBe(1);
});

test("one simulated record, or one simulated instrument, marks the page", () => {
  market.applyTrade(trade(1));
  expect(market.simulated).toBe(false);
  market.applyTrade(trade(1, Flag.Simulated));
  expect(market.simulated).toBe(true);
  const other = new Market();
  other.setInstruments([{ ...INFO, simulated: true }]);
  expect(other.simulated).toBe(true);
});

test("the list of trades is bounded, newest first, with keys that never repeat", () => {
  for (let at = 1; at <= TRADES_MAX * 2; at += 1) market.pushTrade(trade(at));
  expect(market.trades.length).toBe(TRADES_MAX);
  expect(market.trades[0]?.priceTicks).toBe(TRADES_MAX * 2);
  expect(new Set(market.trades.map(({ key }) => key)).size).toBe(TRADES_MAX);
});
