// Relative volume needs many days, more than the random series of all indicators have.
import { expect, test } from "vitest";
import { IndicatorKind } from "../../../asm/vocab.ts";
import { entryOf, initialSettings } from "../../../src/indicators/catalog.ts";
import { TWINS } from "../../reference/indicators/all.ts";
import type { Candle } from "../../reference/indicators/series.ts";
import { seeded } from "../../reference/random.ts";
import { Kernel } from "./kernel.ts";

const HOUR_MILLIS = 3_600_000;

/** Half-hours of a month, of which days and hours are missing. */
function month(seed: number): Candle[] {
  const random = seeded(seed);
  const bars: Candle[] = [];
  for (let day = 0; day < 30; day++) {
    if (random() < 0.3) continue;
    for (let hour = 8.5; hour <= 24; hour += 0.5) {
      if (random() < 0.4) continue;
      const endMillis = (day * 24 + hour) * HOUR_MILLIS;
      const volume = Math.floor(random() * 100);
      bars.push({ open: 100, high: 100, low: 100, close: 100, volume, endMillis });
    }
  }
  return bars;
}

test.each([1, 2, 3, 4])("equals its twin over a month with holes, seed %i", (seed) => {
  const entry = entryOf(IndicatorKind.RelativeVolume);
  const bars = month(seed);
  let above = 0;
  for (const [period, period2] of [
    [1, 1024],
    [2, 200],
    [5, 64],
    [20, 1024],
    [3, 7],
    [1, 1],
  ] as const) {
    const settings = { ...initialSettings(entry), period, period2 };
    const kernel = new Kernel(settings);
    const twin = TWINS[entry.kind]!(bars, settings);
    bars.forEach((bar, i) => {
      expect(kernel.peek(bar)).toEqual(kernel.push(bar));
      const value = kernel.values()![0]!;
      expect(Math.abs(value - twin[i]![0]!), `candle ${i}`).toBeLessThanOrEqual(1e-12 * value);
      if (value > 0) above += 1;
    });
  }
  expect(above, "values that compare with something").toBeGreaterThan(1000);
});
