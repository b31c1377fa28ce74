import { describe, expect, test } from "vitest";
import {
  autocorrelation,
  correlation,
  factsTable,
  hillIndex,
  midsOf,
  returnsBps,
  stylizedFacts,
} from "../../../../src/feeds/simulator/facts.ts";
import { Random } from "../../../../src/feeds/simulator/random.ts";

describe("the measures", () => {
  test("the Hill estimate finds the tail index of a Pareto sample", () => {
    const random = new Random(1, 0);
    const values = Array.from({ length: 50_000 }, () => random.pareto(3, 1, Infinity));
    // Standard error 3 / sqrt(2500).
    expect(Math.abs(hillIndex(values, 2500) - 3)).toBeLessThan(0.2);
  });

  test("autocorrelation is that of the process", () => {
    const random = new Random(2, 0);
    const values: number[] = [0];
    for (let i = 1; i < 50_000; i++) values.push(0.6 * values[i - 1]! + random.normal());
    expect(Math.abs(autocorrelation(values, 1) - 0.6)).toBeLessThan(0.02);
    expect(Math.abs(autocorrelation(values, 3) - 0.216)).toBeLessThan(0.03);
    expect(autocorrelation(values, 0)).toBeCloseTo(1, 12);
  });

  test("correlation is 1, -1 and 0 where it must be", () => {
    expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
    expect(correlation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(correlation([1, 2, 3, 4], [1, -1, -1, 1])).toBeCloseTo(0, 12);
  });
});

describe("the tape", () => {
  const quotes = {
    timeMillis: [0, 500, 1200, 2600],
    bidTicks: [99, 100, 0, 103],
    bidLots: [1, 1, 0, 1],
    askTicks: [101, 102, 102, 105],
    askLots: [1, 1, 1, 1],
  };

  test("mids are sampled from the last two-sided quote", () => {
    expect(midsOf(quotes, 1000)).toEqual([100, 101, 101]);
    expect(returnsBps([100, 101, 101])).toEqual([expect.closeTo(100, 9), 0]);
  });

  test("a fair coin has no facts but its rates, and the table prints them", () => {
    const random = new Random(3, 0);
    const trades = { timeMillis: [], priceTicks: [], qtyLots: [], sign: [] } as Record<
      "timeMillis" | "priceTicks" | "qtyLots" | "sign",
      number[]
    >;
    const tape = { timeMillis: [], bidTicks: [], bidLots: [], askTicks: [], askLots: [] } as Record<
      "timeMillis" | "bidTicks" | "bidLots" | "askTicks" | "askLots",
      number[]
    >;
    let mid = 1e6;
    for (let second = 0; second < 20_000; second++) {
      mid += Math.round(100 * random.normal());
      tape.timeMillis.push(second * 1000);
      tape.bidTicks.push(mid - 5);
      tape.askTicks.push(mid + 5);
      tape.bidLots.push(1);
      tape.askLots.push(1);
      trades.timeMillis.push(second * 1000);
      trades.priceTicks.push(mid);
      trades.qtyLots.push(1);
      trades.sign.push(random.chance() < 0.5 ? 1 : -1);
    }
    const facts = stylizedFacts(trades, tape);
    expect(facts.tradesPerSecond).toBeCloseTo(1, 2);
    expect(facts.spreadMedianTicks).toBe(10);
    expect(facts.deviationBps).toBeCloseTo(1, 1);
    expect(Math.abs(facts.kurtosis - 3)).toBeLessThan(0.2);
    expect(facts.tailIndex, "a normal tail is thinner than any power").toBeGreaterThan(5);
    expect(Math.abs(facts.signAcf10)).toBeLessThan(0.01);
    expect(Math.abs(facts.absReturnAcf10)).toBeLessThan(0.01);
    expect(Math.abs(facts.returnAcf1)).toBeLessThan(0.03);
    expect(factsTable(new Map([["SIM-COIN", facts]])).split("\n")).toHaveLength(2);
  });
});
