import { describe, expect, test } from "vitest";

import { runBacktest } from "../../../src/research/backtest.ts";
import { DEMO_PARAMETERS, strategy } from "../../../src/strategies/breakout.ts";
import { parseParameters } from "../../../src/strategies/parameters.ts";
import { Side } from "../../../src/strategies/strategy.ts";
import { quoteLine, seeded, START_MILLIS, tradeLine, writeLines } from "../research/capture.ts";
import { breakoutTwin } from "./breakout-twin.ts";
import type { Tick } from "./breakout-twin.ts";

/** A walk with bursts; every quote has more lots than one position takes. */
function walk(seed: number, ticks: number): { ticks: Tick[]; file: string } {
  const random = seeded(seed);
  const list: Tick[] = [];
  const lines: string[] = [];
  let mid = 2_000_000;
  let drift = 0;
  let millis = START_MILLIS;
  for (let index = 0; index < ticks; index++) {
    if (random() < 0.01) drift = Math.round((random() - 0.5) * 300);
    mid += Math.round((random() - 0.5) * 400) + drift;
    millis += 1 + Math.floor(random() * 90);
    if (random() < 0.5) {
      const [bid, ask] = [mid - 1 - Math.floor(random() * 30), mid + 1 + Math.floor(random() * 30)];
      list.push({ millis, bid, ask });
      lines.push(quoteLine(millis, bid, 5_000_000, ask, 5_000_000));
    } else {
      list.push({ millis, price: mid });
      lines.push(tradeLine(millis, mid, 1 + Math.floor(random() * 900), random() < 0.5));
    }
  }
  return { ticks: list, file: writeLines("testusdt.txt", lines) };
}

const WINDOWS = { timeframeSeconds: 1, channelCandles: 6, atrCandles: 4, cooldownCandles: 2 };

describe("against the plain twin", () => {
  test.each([1, 2, 3, 4])("every fill is where the twin says, seed %i", async (seed) => {
    const { ticks, file } = walk(seed, 4000);
    const stopAtr = 1.5 + seed / 2;
    const result = await runBacktest({
      factory: strategy,
      // Notional is what limits the quantity: 200 USDT at about 20,000 is about 0.01 BTC.
      parameters: { ...WINDOWS, stopAtr, riskQuote: 1_000_000, notionalQuoteMax: 200 },
      files: [file],
    });
    const twin = breakoutTwin(ticks, { ...WINDOWS, stopAtr, lots: 1 });
    const fills = result.trades.flatMap((trip) => {
      const isLong = trip.side === Side.Buy;
      const [entry, exit] = isLong ? (["buy", "sell"] as const) : (["sell", "buy"] as const);
      return [
        { millis: trip.entryMillis, side: entry, price: trip.entryTicks },
        { millis: trip.exitMillis, side: exit, price: trip.exitTicks },
      ];
    });
    expect(result.fault).toBeUndefined();
    expect(fills.length).toBeGreaterThan(8);
    expect(fills).toEqual(twin.slice(0, fills.length));
    expect(twin.length - fills.length, "at most one trade is still open").toBeLessThan(2);
  });
});

describe("sizes", () => {
  test("a position loses no more than riskQuote at its first stop", async () => {
    const { file } = walk(9, 3000);
    const parameters = { ...WINDOWS, stopAtr: 2, riskQuote: 5, notionalQuoteMax: 1e9 };
    const result = await runBacktest({ factory: strategy, parameters, files: [file] });
    const bigger = await runBacktest({
      ...{ factory: strategy, files: [file] },
      parameters: { ...parameters, riskQuote: 10 },
    });
    expect(result.trades.length).toBeGreaterThan(3);
    for (const [index, trip] of result.trades.entries()) {
      const twice = bigger.trades[index]!.qtyLots;
      expect(Math.abs(twice - 2 * trip.qtyLots), "twice the risk, twice the lots").toBeLessThan(2);
    }
  });

  test("an order below one lot is not sent", async () => {
    const { file } = walk(9, 1500);
    const parameters = { ...WINDOWS, riskQuote: 0.01, notionalQuoteMax: 0.01 };
    const result = await runBacktest({ factory: strategy, parameters, files: [file] });
    expect(result.counts.ordersAccepted + result.counts.ordersDenied).toBe(0);
  });

  test("a long-only breakout never opens a short", async () => {
    const { file } = walk(2, 3000);
    const parameters = { ...WINDOWS, direction: "long" };
    const result = await runBacktest({ factory: strategy, parameters, files: [file] });
    expect(result.trades.length).toBeGreaterThan(2);
    expect(new Set(result.trades.map((trip) => trip.side))).toEqual(new Set([Side.Buy]));
  });
});

describe("parameters", () => {
  test("the demonstration's values are inside their ranges and warm within a minute", () => {
    const values = parseParameters(strategy.name, strategy.parameters, DEMO_PARAMETERS);
    const needs = strategy.needs(values);
    expect(needs.timeframes).toEqual([1000]);
    const windows = Math.max(DEMO_PARAMETERS.channelCandles, DEMO_PARAMETERS.atrCandles + 1);
    expect(windows * DEMO_PARAMETERS.timeframeSeconds).toBeLessThan(30);
  });
});
