import { expect, test } from "vitest";

import { Side } from "../../../asm/vocab.ts";
import { dailyReturns, performanceOf, sharpeRatio } from "../../../src/research/performance.ts";
import { Recorder } from "../../../src/research/recorder.ts";
import { instrument } from "../strategies/records.ts";

function recorderWith(nets: readonly number[]): Recorder {
  const recorder = new Recorder(1, 1000, [instrument(1)]);
  for (const net of nets) {
    recorder.trips.push({
      ...{ instrument: 1, side: Side.Buy, qtyLots: 1, entryMillis: 0, exitMillis: 1 },
      ...{ entryTicks: 1, exitTicks: 1, grossMinor: net + 3, feesMinor: 3, fills: 2 },
    });
  }
  return recorder;
}

test("win rate, gain to loss and expectancy count trades after fees", () => {
  const figures = performanceOf(recorderWith([100, -40, 0, 20]));
  expect(figures).toMatchObject({ trades: 4, wins: 2, winRate: 0.5, expectancyMinor: 20 });
  expect(figures.gainLossRatio).toBe(3);
  expect([figures.bestMinor, figures.worstMinor]).toEqual([100, -40]);
});

test("what no trade can tell is undefined and not zero", () => {
  const none = performanceOf(recorderWith([]));
  const { winRate, gainLossRatio, expectancyMinor, bestMinor, sharpe } = none;
  expect([winRate, gainLossRatio, expectancyMinor, bestMinor, sharpe]).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
  expect(performanceOf(recorderWith([5])).gainLossRatio, "no losers").toBeUndefined();
});

test("daily returns go from day to day and begin at the deposit", () => {
  const daily = [{ equityMinor: 1100 }, { equityMinor: 990 }];
  const [first = 0, second = 0] = dailyReturns(1000, daily);
  expect(first).toBeCloseTo(0.1, 12);
  expect(second).toBeCloseTo(-0.1, 12);
});

test("a Sharpe ratio needs thirty returns that are not all alike", () => {
  const returns = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? 0.02 : -0.01));
  expect(sharpeRatio(returns.slice(1))).toBeUndefined();
  expect(sharpeRatio(returns.map(() => 0.25))).toBeUndefined();
  // Mean 0.005; sample deviation 0.015 x sqrt(30/29).
  const expected = (0.005 / (0.015 * Math.sqrt(30 / 29))) * Math.sqrt(365);
  expect(sharpeRatio(returns)).toBeCloseTo(expected, 10);
});
