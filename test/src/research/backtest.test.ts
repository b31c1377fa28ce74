import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { sharedPath } from "../../../src/core/paths.ts";
import { runBacktest } from "../../../src/research/backtest.ts";
import { DEMO_PARAMETERS, strategy as breakout } from "../../../src/strategies/breakout.ts";
import { defineStrategy, OrderState, Side } from "../../../src/strategies/strategy.ts";
import type { StrategyFactory } from "../../../src/strategies/strategy.ts";
import { quoteLine, seeded, START_MILLIS, tradeLine, writeLines } from "./capture.ts";

/** Sends the given orders at the given quotes (counted from 1). */
function scripted(orders: Record<number, { side: Side; qtyLots: number }>): StrategyFactory {
  return defineStrategy({
    name: "scripted",
    about: "sends orders at fixed quotes",
    parameters: {},
    needs: () => ({ timeframes: [], indicators: [] }),
    create(context) {
      let quotes = 0;
      return {
        onQuote(instrument) {
          const order = orders[++quotes];
          if (order !== undefined) context.order({ instrument, ...order });
        },
      };
    },
  });
}

function quietFile(): string {
  const at = START_MILLIS;
  return writeLines("testusdt.txt", [
    tradeLine(at, 2_000_000, 10, false),
    quoteLine(at + 10, 1_999_900, 100_000, 2_000_000, 100_000),
    quoteLine(at + 2000, 2_010_000, 100_000, 2_010_100, 100_000),
    quoteLine(at + 4000, 2_005_000, 100_000, 2_005_100, 100_000),
    quoteLine(at + 6000, 2_003_000, 100_000, 2_003_100, 100_000),
  ]);
}

describe("a run with a known outcome", () => {
  test("a long trade earns price difference less both fees, to the last unit", async () => {
    const result = await runBacktest({
      factory: scripted({
        1: { side: Side.Buy, qtyLots: 50_000 },
        2: { side: Side.Sell, qtyLots: 50_000 },
      }),
      files: [quietFile()],
      cash: "100000",
      takerFeeBps: 10,
      makerFeeBps: 10,
    });
    // 0.5 BTC bought at 20,000.00 and sold at 20,100.00: +50; fees 10.00 and 10.05.
    expect(result.fault).toBeUndefined();
    expect(result.trades).toHaveLength(1);
    expect(result.trades[0]).toMatchObject({
      ...{ side: Side.Buy, qtyLots: 50_000, entryTicks: 2_000_000, exitTicks: 2_010_000 },
      ...{ grossMinor: 5_000_000_000, feesMinor: 2_005_000_000, fills: 2 },
      ...{ entryMillis: START_MILLIS + 10, exitMillis: START_MILLIS + 2000 },
    });
    expect(result.performance.totalMinor, "29.95 USDT").toBe(2_995_000_000);
    expect(result.cashEndMinor).toBe(10_002_995_000_000);
    expect(result.equityEndMinor).toBe(result.cashEndMinor);
    expect(result.performance).toMatchObject({ trades: 1, wins: 1, winRate: 1 });
    expect(result.performance.sharpe, "one day is not thirty").toBeUndefined();
    expect(result.performance.exposure).toBeCloseTo(1990 / 6000, 9);
  });

  test("a fill that turns the position closes one trade and opens the next", async () => {
    const result = await runBacktest({
      factory: scripted({
        1: { side: Side.Buy, qtyLots: 10_000 },
        2: { side: Side.Sell, qtyLots: 30_000 },
        4: { side: Side.Buy, qtyLots: 20_000 },
      }),
      files: [quietFile()],
      ...{ takerFeeBps: 0, makerFeeBps: 0 },
    });
    expect(result.trades.map((trip) => [trip.side, trip.qtyLots, trip.grossMinor])).toEqual([
      [Side.Buy, 10_000, 1_000_000_000],
      // 0.2 BTC sold at 20,100.00, bought back at 20,031.00.
      [Side.Sell, 20_000, 1_380_000_000],
    ]);
    expect(result.performance.totalMinor).toBe(2_380_000_000);
  });

  test("an open position counts at the middle of the quote and is told", async () => {
    const result = await runBacktest({
      factory: scripted({ 1: { side: Side.Buy, qtyLots: 10_000 } }),
      files: [quietFile()],
      ...{ takerFeeBps: 0, makerFeeBps: 0 },
    });
    // 0.1 BTC bought at 20,000.00, mid 20,030.50 at the end.
    expect(result.equityEndMinor - result.cashStartMinor).toBe(305_000_000);
    expect(result.instruments[0]).toMatchObject({ lots: 10_000, unrealizedMinor: 305_000_000 });
    expect(result.trades).toEqual([]);
    // The peak is at 20,100.50, 70.00 above the end, on 0.1 BTC.
    expect(result.performance.drawdownMinorMax).toBe(700_000_000);
  });

  test("a market order takes no more than the quote shows and has its rest canceled", async () => {
    const at = START_MILLIS;
    const lines = [
      tradeLine(at, 2_000_000, 10, false),
      quoteLine(at + 10, 1_999_900, 700, 2_000_000, 300),
      quoteLine(at + 20, 1_999_900, 700, 2_000_000, 300),
    ];
    const result = await runBacktest({
      factory: scripted({ 1: { side: Side.Buy, qtyLots: 1000 } }),
      files: [writeLines("testusdt.txt", lines)],
    });
    expect(result.instruments[0]?.lots).toBe(300);
    expect(result.counts).toMatchObject({ fills: 1, ordersCanceled: 1 });
  });

  test("trades alone fill resting limits when a print goes through them", async () => {
    const at = START_MILLIS;
    const csv = [
      `${at},20050.00,0.10000,buy`,
      `${at + 1000},20000.00,0.10000,sell`,
      `${at + 2000},19999.99,0.10000,sell`,
      `${at + 3000},20100.00,0.10000,buy`,
      `${at + 4000},20100.01,0.10000,buy`,
    ];
    const limits = defineStrategy({
      name: "limits",
      about: "one resting buy, then one resting sell",
      parameters: {},
      needs: () => ({ timeframes: [], indicators: [] }),
      create(context) {
        let hasBought = false;
        return {
          onTrade(instrument) {
            if (hasBought) return;
            hasBought = true;
            context.buy({ instrument, qtyLots: 1000, priceTicks: 2_000_000 });
          },
          onFill(instrument, fill) {
            if (fill.side !== Side.Buy || fill.state !== OrderState.Filled) return;
            context.sell({ instrument, qtyLots: 1000, priceTicks: 2_010_000 });
          },
        };
      },
    });
    const files = [writeLines("TESTUSDT-trades.csv", csv)];
    const result = await runBacktest({ factory: limits, files, makerFeeBps: 2, takerFeeBps: 5 });
    expect(result.trades).toHaveLength(1);
    // 0.01 BTC from 20,000 to 20,100: +1.00; maker fees 0.04 and 0.0402.
    expect(result.trades[0]).toMatchObject({ grossMinor: 100_000_000, feesMinor: 8_020_000 });
    expect(result.counts).toMatchObject({ quotes: 0, fillsMaker: 2 });
    expect(result.inferredInstruments).toEqual(["TESTUSDT"]);
  });
});

describe("what ends or refuses a run", () => {
  test("a strategy that throws ends the run and is named", async () => {
    const throwing = defineStrategy({
      name: "throwing",
      about: "throws at its second quote",
      parameters: {},
      needs: () => ({ timeframes: [], indicators: [] }),
      create() {
        let quotes = 0;
        return {
          onQuote() {
            if (++quotes === 2) throw new Error("a planned fault");
          },
        };
      },
    });
    const result = await runBacktest({ factory: throwing, files: [quietFile()] });
    expect(result.fault?.what).toContain("a planned fault");
    expect(result.counts.quotes, "nothing is played behind the fault").toBe(2);
  });

  test("a parameter out of its range is refused before a file is opened", async () => {
    const run = runBacktest({
      factory: breakout,
      parameters: { channelCandles: 1 },
      files: ["missing.txt"],
    });
    await expect(run).rejects.toMatchObject({
      code: "PARAMETER_RANGE",
      remedy: expect.stringContaining("2 to 500 candles"),
    });
  });

  test("fees beyond every venue's are refused", async () => {
    const run = runBacktest({ factory: breakout, files: ["x"], takerFeeBps: 5000 });
    await expect(run).rejects.toMatchObject({ code: "BACKTEST_FEE" });
  });

  test("a file without one good line is refused with the reason", async () => {
    const files = [writeLines("TESTUSDT.csv", [`${START_MILLIS},20050.00,0.10000`])];
    const run = runBacktest({ factory: breakout, files });
    await expect(run).rejects.toMatchObject({
      code: "BACKTEST_EMPTY",
      message: expect.stringContaining("NumberMalformed"),
    });
  });

  test("a missing file is named", async () => {
    const run = runBacktest({ factory: breakout, files: ["missing.txt"] });
    await expect(run).rejects.toMatchObject({ code: "FEED_FILE_MISSING" });
  });
});

function walkFile(seed: number): string {
  const random = seeded(seed);
  const lines: string[] = [];
  let mid = 2_000_000;
  for (let step = 0; step < 3000; step++) {
    mid += Math.round((random() - 0.5) * 900 + Math.sin(step / 200) * 60);
    const at = START_MILLIS + step * 40;
    const spread = 1 + Math.floor(random() * 20);
    lines.push(quoteLine(at, mid - spread, 400_000, mid + spread, 400_000));
    if (random() < 0.5)
      lines.push(tradeLine(at + 7, mid, 1 + Math.floor(random() * 5000), random() < 0.5));
  }
  return writeLines("testusdt.txt", lines);
}

describe("determinism", () => {
  test("the same file and parameters give the same hash and trades, others another", async () => {
    const files = [walkFile(7)];
    const run = (stopAtr: number) =>
      runBacktest({ factory: breakout, parameters: { ...DEMO_PARAMETERS, stopAtr }, files });
    const first = await run(3);
    const again = await run(3);
    const other = await run(1.5);
    expect(first.trades.length).toBeGreaterThan(2);
    expect(again.stateHash).toBe(first.stateHash);
    expect(again.trades).toEqual(first.trades);
    expect(again.curve).toEqual(first.curve);
    expect(other.stateHash, "other orders leave another state").not.toBe(first.stateHash);
  });

  const capture = sharedPath("data/binance-raw-collector/usdm-btcusdt_20240808.gz");
  if (!existsSync(capture)) console.warn(`skipped, backtest of a capture: ${capture} is absent`);
  test.skipIf(!existsSync(capture))(
    "a recorded capture plays to the same hash twice and trades within its first minute " +
      `(${existsSync(capture) ? "present" : "skipped: shared data is absent"})`,
    async () => {
      const run = () =>
        runBacktest({ factory: breakout, parameters: DEMO_PARAMETERS, files: [capture] });
      const first = await run();
      const again = await run();
      expect(first.fault).toBeUndefined();
      expect(again.stateHash).toBe(first.stateHash);
      expect(first.trades.length).toBeGreaterThan(10);
      expect(first.trades[0]!.entryMillis - first.fromMillis).toBeLessThan(60_000);
      const fees = first.trades.reduce((sum, trip) => sum + trip.feesMinor, 0);
      expect(fees, "every fee belongs to a trade when nothing is open").toBe(
        first.instruments[0]?.lots === 0 ? first.performance.feesMinor : fees,
      );
    },
  );
});
