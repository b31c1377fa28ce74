import { expect, test } from "vitest";
import { initialSettings, entryNamed } from "../../../src/indicators/catalog.ts";
import { randomSeries } from "../../contract/indicator.ts";
import { STATISTICS_TWINS } from "../../reference/indicators/statistics.ts";
import type { Candle } from "../../reference/indicators/series.ts";
import { seeded } from "../../reference/random.ts";
import { type Bar, Kernel } from "./kernel.ts";

/** The greatest price the market role takes. */
const PRICE_MAX = 2 ** 52;

test("the widest profile holds the greatest prices: 1024 candles in 1024 buckets", () => {
  const random = seeded(3);
  const settings = initialSettings(entryNamed("volumeprofile"));
  const kernel = new Kernel({ ...settings, period: 1024, period2: 1024 });
  let row: number[] | undefined;
  for (let i = 0; i < 1100; i++) {
    const close = Math.floor(random() * PRICE_MAX);
    const bar: Bar = { open: close, high: close, low: close, close, volume: 1 };
    if (i > 1000) Object.assign(bar, { high: PRICE_MAX, low: 1 });
    row = kernel.push(bar);
  }
  const [poc, vah, val, volume] = row as [number, number, number, number];
  expect(val).toBeLessThan(poc);
  expect(poc).toBeLessThan(vah);
  expect(vah).toBeLessThanOrEqual(PRICE_MAX);
  expect(volume, "the wide candles lie in one bucket").toBeGreaterThanOrEqual(1);
  Kernel.forget();
});

test.each(["rsidivergence", "macddivergence"])("%s of every kind occurs in a walk", (name) => {
  const settings = initialSettings(entryNamed(name));
  const kernel = new Kernel(settings);
  const seen = new Set<string>();
  for (const bar of randomSeries(11, 3000)) {
    kernel.push(bar)?.forEach((value, line) => {
      if (value !== 0) seen.add(`${line === 0 ? "bullish" : "bearish"} ${value}`);
    });
  }
  expect([...seen].sort()).toEqual(["bearish 1", "bearish 2", "bullish 1", "bullish 2"]);
  Kernel.forget();
});

test.each(["linreg", "linregslope", "correl", "zscore", "sharpe", "hurst", "median"])(
  "%s has no drift after ten thousand candles",
  (name) => {
    const settings = { ...initialSettings(entryNamed(name)), period: 20 };
    const kernel = new Kernel(settings);
    const bars = randomSeries(17, 10_000);
    let row: number[] | undefined;
    for (const bar of bars) row = kernel.push(bar);
    const tail = bars.slice(-40) as Candle[];
    const twin = STATISTICS_TWINS[settings.indicatorKind]!(tail, settings).at(-1)!;
    expect(row?.[0]).toBeCloseTo(twin[0]!, 9);
    Kernel.forget();
  },
);
