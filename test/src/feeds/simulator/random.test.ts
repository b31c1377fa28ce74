import { describe, expect, test } from "vitest";
import { Random } from "../../../../src/feeds/simulator/random.ts";

const COUNT = 200_000;

function draws(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

function moments(values: readonly number[]): { mean: number; deviation: number; kurtosis: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / values.length;
  return { mean, deviation: Math.sqrt(square), kurtosis: fourth / (square * square) };
}

describe("the generator", () => {
  test("gives the published sequence of xoshiro128** from state 1, 2, 3, 4", () => {
    // Blackman and Vigna, xoshiro128starstar.c 1.1; the vector that rand_xoshiro checks too.
    const random = Random.ofState(1, 2, 3, 4);
    expect(draws(10, () => random.u32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  test("repeats itself for a seed and a stream, and differs in either", () => {
    const first = draws(8, new Random(7, 3).u32.bind(new Random(7, 3)));
    const again = new Random(7, 3);
    expect(draws(8, () => again.u32())).toEqual(first);
    const otherStream = new Random(7, 4);
    expect(draws(8, () => otherStream.u32())).not.toEqual(first);
    const otherSeed = new Random(8, 3);
    expect(draws(8, () => otherSeed.u32())).not.toEqual(first);
  });

  test("streams of neighboring numbers are uncorrelated", () => {
    const a = new Random(1, 1000);
    const b = new Random(1, 1001);
    let product = 0;
    for (let i = 0; i < COUNT; i++) product += a.normal() * b.normal();
    expect(Math.abs(product / Math.sqrt(COUNT)), "in standard errors").toBeLessThan(4);
  });
});

describe("the distributions", () => {
  test("chance and open are uniform, and open is never 0 or 1", () => {
    const random = new Random(11, 0);
    const chance = moments(draws(COUNT, () => random.chance()));
    expect(chance.mean).toBeCloseTo(0.5, 2);
    expect(chance.deviation).toBeCloseTo(Math.sqrt(1 / 12), 2);
    const open = draws(COUNT, () => random.open());
    expect(Math.min(...open.slice(0, 50_000))).toBeGreaterThan(0);
    expect(Math.max(...open.slice(0, 50_000))).toBeLessThan(1);
    expect(moments(open).mean).toBeCloseTo(0.5, 2);
  });

  test("normal has mean 0, deviation 1 and kurtosis 3", () => {
    const random = new Random(12, 0);
    const { mean, deviation, kurtosis } = moments(draws(COUNT, () => random.normal()));
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(deviation).toBeCloseTo(1, 2);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.06);
  });

  test("exponential has the asked mean, as mean and as deviation", () => {
    const random = new Random(13, 0);
    const { mean, deviation } = moments(draws(COUNT, () => random.exponential(5)));
    expect(mean / 5).toBeCloseTo(1, 1);
    expect(deviation / 5).toBeCloseTo(1, 1);
  });

  test("pareto has the asked tail and stays within its bounds", () => {
    const random = new Random(14, 0);
    const values = draws(COUNT, () => random.pareto(1.5, 2, 300));
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(2);
    expect(Math.max(...values.slice(0, 50_000))).toBeLessThanOrEqual(300);
    // P(X > 20) = (20 / 2)^-1.5
    const share = values.filter((value) => value > 20).length / COUNT;
    expect(share / 10 ** -1.5).toBeCloseTo(1, 1);
  });

  test("below reaches every number and no other", () => {
    const random = new Random(15, 0);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 50_000; i++) counts[random.below(5)]! += 1;
    expect(counts).toHaveLength(5);
    for (const count of counts) expect(count / 10_000).toBeCloseTo(1, 1);
  });
});
