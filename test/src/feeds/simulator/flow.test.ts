import { describe, expect, test } from "vitest";
import { Side } from "../../../../asm/vocab.ts";
import { simulatorConfig, STEP_SECONDS } from "../../../../src/feeds/simulator/config.ts";
import { autocorrelation } from "../../../../src/feeds/simulator/facts.ts";
import { Flow, TAKERS_PER_SECOND, TAKERS_STEP_MAX } from "../../../../src/feeds/simulator/flow.ts";
import { SIMULATED_INSTRUMENTS } from "../../../../src/feeds/simulator/instruments.ts";

const INSTRUMENTS = SIMULATED_INSTRUMENTS.slice(0, 4).map((one) => ({ ...one, activity: 1 }));

/** Arrivals per second of the first instrument, and the signs of its takers. */
function run(seconds: number): { perSecond: number[]; signs: number[]; stepMax: number } {
  const flow = new Flow(simulatorConfig({ seed: 4, instruments: INSTRUMENTS }));
  const perSecond: number[] = [];
  const signs: number[] = [];
  let stepMax = 0;
  for (let second = 0; second < seconds; second++) {
    let count = 0;
    for (let step = 0; step < 1 / STEP_SECONDS; step++) {
      flow.step();
      for (let index = 0; index < INSTRUMENTS.length; index++) {
        const arrivals = flow.arrivals(index, 1);
        stepMax = Math.max(stepMax, arrivals);
        if (index !== 0) continue;
        count += arrivals;
        for (let i = 0; i < arrivals; i++) signs.push(flow.side(0, 0.5) === Side.Buy ? 1 : -1);
      }
    }
    perSecond.push(count);
  }
  return { perSecond, signs, stepMax };
}

describe("the flow of takers", () => {
  const { perSecond, signs, stepMax } = run(4000);
  const mean = perSecond.reduce((sum, count) => sum + count, 0) / perSecond.length;

  test("has the stated rate", () => {
    expect(mean / TAKERS_PER_SECOND).toBeGreaterThan(0.85);
    expect(mean / TAKERS_PER_SECOND).toBeLessThan(1.15);
  });

  test("excites itself: counts vary more than those of independent arrivals", () => {
    const variance = perSecond.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 4000;
    expect(variance / mean, "1 for a Poisson process").toBeGreaterThan(1.5);
    expect(autocorrelation(perSecond, 1)).toBeGreaterThan(0.15);
    expect(stepMax).toBeLessThanOrEqual(TAKERS_STEP_MAX);
  });

  test("remembers its side over many takers, and has none in the long run", () => {
    for (const lag of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      expect(autocorrelation(signs, lag), `lag ${lag}`).toBeGreaterThan(0.02);
    }
    expect(autocorrelation(signs, 1)).toBeLessThan(0.5);
    const sum = signs.reduce((total, sign) => total + sign, 0);
    expect(Math.abs(sum) / signs.length).toBeLessThan(0.1);
  });
});
