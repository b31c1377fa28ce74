// What every indicator promises; a kernel registers in one line.
import { describe, expect, test } from "vitest";
import { Kernel } from "../asm/indicators/kernel.ts";
import type { Bar, Settings } from "../asm/indicators/kernel.ts";
import type { Row } from "../reference/indicators.ts";
import { randomBar, seeded } from "../reference/random.ts";

/** One kernel under contract. */
export interface IndicatorCase {
  settings: Settings;
  /** The candle that brings the first value, counted from 1. */
  firstCandle: number;
  /** Lines in use. */
  lines: number;
  /** The twin's values for a whole series. */
  twin: (bars: Bar[]) => Row[];
  /** Greatest relative distance to the twin; 0 = the same bits. */
  tolerance: number;
}

const SEEDS = [1, 2, 3];

/** A random walk of candles, a minute each, over more than a day. */
export function randomSeries(seed: number, count: number): Bar[] {
  const random = seeded(seed);
  let close = 10_000;
  return Array.from({ length: count }, (_, i) => {
    const bar: Bar = { ...randomBar(random, close), endMillis: (i + 1) * 600_000 };
    close = bar.close;
    return bar;
  });
}

/** Registers the suite of one indicator. */
export function indicatorContract(name: string, one: IndicatorCase): void {
  const series = (seed: number): Bar[] => randomSeries(seed, 400);
  describe(`${name} keeps the contract of indicators`, () => {
    test.each(SEEDS)("has its first value with its first candle, not before, seed %i", (seed) => {
      const kernel = new Kernel(one.settings);
      const rows = series(seed).map((bar) => kernel.push(bar));
      expect(rows.findIndex((row) => row !== undefined) + 1).toBe(one.firstCandle);
      expect(rows.slice(one.firstCandle).every((row) => row !== undefined)).toBe(true);
      expect(rows.flat().every((value) => value === undefined || Number.isFinite(value))).toBe(
        true,
      );
      for (const row of rows)
        expect(row?.slice(one.lines).every((value) => value === 0)).not.toBe(false);
    });
    test.each(SEEDS)("peek tells what push gives and changes nothing, seed %i", (seed) => {
      const kernel = new Kernel(one.settings);
      for (const bar of series(seed)) {
        const before = kernel.copy();
        const seen = kernel.peek(bar);
        expect(Buffer.compare(kernel.copy(), before), "state after a peek").toBe(0);
        expect(kernel.push(bar), "push after peek").toEqual(seen);
      }
    });
    test.each(SEEDS)("goes on from copied bytes as if nothing happened, seed %i", (seed) => {
      const whole = new Kernel(one.settings);
      const bars = series(seed);
      const rows = bars.map((bar) => whole.push(bar));
      const cut = 1 + ((seed * 37) % 60);
      const first = new Kernel(one.settings);
      bars.slice(0, cut).forEach((bar) => first.push(bar));
      const second = new Kernel(one.settings);
      second.restore(first.copy());
      expect(bars.slice(cut).map((bar) => second.push(bar))).toEqual(rows.slice(cut));
    });
    test("never rewrites a value: what comes later does not matter", () => {
      const [left, right] = [new Kernel(one.settings), new Kernel(one.settings)];
      const bars = series(4).slice(0, 120);
      const rows = bars.map((bar) => left.push(bar));
      const other = [...bars.slice(0, 80), ...series(5).slice(80, 120)];
      expect(other.map((bar) => right.push(bar)).slice(0, 80)).toEqual(rows.slice(0, 80));
    });
    test.each(SEEDS)("equals its slow twin, seed %i", (seed) => {
      const kernel = new Kernel(one.settings);
      const bars = series(seed);
      const twin = one.twin(bars);
      bars.forEach((bar, i) => near(kernel.push(bar)?.slice(0, one.lines), twin[i], one, i));
    });
    test("stays finite on a flat series", () => {
      const kernel = new Kernel(one.settings);
      const bar = { open: 100, high: 100, low: 100, close: 100, volume: 5 };
      for (let i = 0; i < 3000; i++) {
        for (const value of kernel.push(bar) ?? []) expect(Number.isFinite(value)).toBe(true);
      }
    });
  });
}

function near(left: Row, right: Row, one: IndicatorCase, i: number): void {
  if (left === undefined || right === undefined) return expect(left, `candle ${i}`).toEqual(right);
  left.forEach((value, line) => {
    const other = right[line]!;
    const scale = Math.max(Math.abs(value), Math.abs(other), 1);
    expect(Math.abs(value - other) / scale, `candle ${i} line ${line}`).toBeLessThanOrEqual(
      one.tolerance,
    );
  });
}
