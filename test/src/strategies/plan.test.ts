import { expect, test } from "vitest";

import { INDICATORS_MAX, TIMEFRAMES_MAX } from "../../../asm/layout.ts";
import { IndicatorKind, Kind } from "../../../asm/vocab.ts";
import { decode } from "../../../src/protocol.ts";
import { MarketPlan } from "../../../src/strategies/plan.ts";

const ATR = { name: "atr", kind: IndicatorKind.Atr, periodMillis: 1000, period: 14 };

function decoded(record: Uint8Array): Record<string, unknown> {
  return decode(new DataView(record.buffer), 0);
}

test("equal needs share a slot, different ones do not", () => {
  const plan = new MarketPlan();
  expect(plan.indicator(ATR)).toEqual({ timeframe: 0, slot: 0 });
  expect(plan.indicator({ ...ATR, name: "other" })).toEqual({ timeframe: 0, slot: 0 });
  expect(plan.indicator({ ...ATR, period: 15 })).toEqual({ timeframe: 0, slot: 1 });
  expect(plan.indicator({ ...ATR, periodMillis: 5000 })).toEqual({ timeframe: 1, slot: 0 });
  expect(plan.timeframe(5000)).toBe(1);
});

test("what the engine has configured keeps its slots", () => {
  const plan = new MarketPlan();
  plan.takeTimeframe(0, 60_000);
  plan.takeIndicator({ timeframe: 0, slot: 0, indicatorKind: IndicatorKind.Ema, period: 20 });
  plan.takeIndicator({ timeframe: 0, slot: 5, indicatorKind: IndicatorKind.Atr, period: 14 });
  expect(plan.indicator({ ...ATR, periodMillis: 60_000 })).toEqual({ timeframe: 0, slot: 5 });
  expect(plan.indicator({ ...ATR, periodMillis: 60_000, period: 3 }).slot).toBe(1);
  expect(plan.timeframe(1000)).toBe(1);
});

test("records name each timeframe once, then the indicators on it", () => {
  const records = new MarketPlan().records(7, { timeframes: [1000], indicators: [ATR] });
  expect(records.map(decoded)).toMatchObject([
    { kind: Kind.Timeframe, instrument: 7, slot: 0, periodMillis: 1000 },
    { kind: Kind.Indicator, instrument: 7, timeframe: 0, slot: 0, indicatorKind: 6, period: 14 },
  ]);
});

test("impossible periods and full tables are refused with their limit", () => {
  const plan = new MarketPlan();
  for (const period of [0, -1000, 1500, 604_801_000, Number.NaN]) {
    expect(() => plan.timeframe(period)).toThrow(/not possible/);
  }
  for (let index = 1; index <= TIMEFRAMES_MAX; index++) plan.timeframe(index * 1000);
  expect(() => plan.timeframe(3_600_000)).toThrow(`more than ${TIMEFRAMES_MAX} timeframes`);
  for (let period = 1; period <= INDICATORS_MAX; period++) plan.indicator({ ...ATR, period });
  expect(() => plan.indicator({ ...ATR, period: 99 })).toThrow(`more than ${INDICATORS_MAX}`);
});
