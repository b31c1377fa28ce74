import { describe, expect, test } from "vitest";
import type { Candle } from "../../../src/dashboard/candle-series.ts";
import {
  CandleSeries,
  REDRAW_ALL,
  REDRAW_NONE,
  SERIES_CANDLES_MAX,
} from "../../../src/dashboard/candle-series.ts";

const MINUTE = 60_000;

function candle(minute: number, closeTicks: number, closed = true): Candle {
  return {
    openMillis: minute * MINUTE,
    openTicks: 100,
    highTicks: Math.max(100, closeTicks),
    lowTicks: Math.min(100, closeTicks),
    closeTicks,
    volumeLots: 7,
    closed,
    quality: 0,
  };
}

const minutes = (series: CandleSeries): number[] =>
  series.candles.map(({ openMillis }) => openMillis / MINUTE);

describe("merging", () => {
  test("history that arrives after live candles goes before them, once each", () => {
    const series = new CandleSeries(MINUTE);
    series.apply(candle(3, 103));
    series.apply(candle(4, 104, false));
    series.load([candle(1, 101), candle(2, 102), candle(3, 103)]);
    expect(minutes(series)).toEqual([1, 2, 3, 4]);
    expect(series.closedMillis, "the forming one is not closed").toBe(3 * MINUTE);
  });

  test("a closed candle replaces the forming one and is never replaced by one", () => {
    const series = new CandleSeries(MINUTE);
    series.apply(candle(1, 101, false));
    series.apply(candle(1, 105));
    series.apply(candle(1, 99, false));
    expect(series.candles).toEqual([candle(1, 105)]);
  });

  test("a forming candle older than the newest is dropped, a closed one is put in place", () => {
    const series = new CandleSeries(MINUTE);
    series.load([candle(1, 101), candle(4, 104)]);
    series.apply(candle(2, 102, false));
    expect(minutes(series)).toEqual([1, 4]);
    series.apply(candle(3, 103));
    expect(minutes(series)).toEqual([1, 3, 4]);
  });

  test("no more candles are kept than the bound and a quarter", () => {
    const series = new CandleSeries(MINUTE);
    for (let minute = 1; minute <= SERIES_CANDLES_MAX * 3; minute += 1) {
      series.apply(candle(minute, 100));
      expect(series.candles.length).toBeLessThanOrEqual(SERIES_CANDLES_MAX * 1.25);
    }
    expect(series.last?.openMillis).toBe(SERIES_CANDLES_MAX * 3 * MINUTE);
  });
});

describe("trades", () => {
  test("move close, high and low of the forming candle and leave its volume", () => {
    const series = new CandleSeries(MINUTE);
    series.apply(candle(1, 100, false));
    series.trade(110, MINUTE + 5);
    series.trade(90, MINUTE + 6);
    series.trade(95, 2 * MINUTE - 1);
    expect(series.last).toMatchObject({ openTicks: 100, highTicks: 110, lowTicks: 90 });
    expect(series.last).toMatchObject({ closeTicks: 95, volumeLots: 7, closed: false });
  });

  test("of the next period open the next candle", () => {
    const series = new CandleSeries(MINUTE);
    series.apply(candle(1, 100));
    series.trade(101, 2 * MINUTE);
    expect(minutes(series)).toEqual([1, 2]);
    expect(series.last).toMatchObject({ openTicks: 101, closeTicks: 101, closed: false });
  });

  test("that come late change nothing", () => {
    const series = new CandleSeries(MINUTE);
    series.apply(candle(1, 100));
    series.apply(candle(2, 100, false));
    series.trade(500, MINUTE + 1);
    expect(series.candles).toEqual([candle(1, 100), candle(2, 100, false)]);
  });

  test("before the history draw nothing", () => {
    const series = new CandleSeries(MINUTE);
    series.trade(100, MINUTE);
    expect(series.candles).toEqual([]);
  });
});

test("asks to redraw from the first changed candle, and everything only when it must", () => {
  const series = new CandleSeries(MINUTE);
  expect(series.takeRedraw(), "a new series").toBe(REDRAW_ALL);
  expect(series.takeRedraw()).toBe(REDRAW_NONE);
  series.load([candle(1, 101), candle(2, 102)]);
  expect(series.takeRedraw(), "history").toBe(REDRAW_ALL);
  series.apply(candle(3, 103, false));
  series.apply(candle(3, 104));
  series.trade(105, 4 * MINUTE);
  expect(series.takeRedraw(), "from the one that closed").toBe(2);
  series.trade(106, 4 * MINUTE + 1);
  expect(series.takeRedraw()).toBe(3);
  series.load([candle(0, 100)]);
  expect(series.takeRedraw(), "inserted before the others").toBe(REDRAW_ALL);
});
