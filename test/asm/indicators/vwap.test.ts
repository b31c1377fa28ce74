import { expect, test } from "vitest";
import { IndicatorKind } from "../../../asm/vocab.ts";
import { indicatorContract } from "../../contract/indicator.ts";
import { vwapTwin } from "../../reference/indicators.ts";
import { Kernel } from "./kernel.ts";
import type { Bar } from "./kernel.ts";

indicatorContract("VWAP of the day", {
  settings: { indicatorKind: IndicatorKind.Vwap },
  firstCandle: 1,
  lines: 1,
  twin: (bars) => vwapTwin(bars, false),
  tolerance: 1e-14,
});
indicatorContract("VWAP without end", {
  settings: { indicatorKind: IndicatorKind.Vwap, indicatorFlags: 1 },
  firstCandle: 1,
  lines: 1,
  twin: (bars) => vwapTwin(bars, true),
  tolerance: 1e-14,
});

const bar = (close: number, volume: number, endMillis: number): Bar => ({
  open: close,
  high: close,
  low: close,
  close,
  volume,
  endMillis,
});

test("starts anew with the first candle of a UTC day", () => {
  const kernel = new Kernel({ indicatorKind: IndicatorKind.Vwap });
  const day = 86_400_000;
  expect(kernel.push(bar(100, 1, day - 60_000))?.[0]).toBe(100);
  expect(kernel.push(bar(200, 1, day))?.[0], "the day's last candle").toBe(150);
  expect(kernel.push(bar(300, 1, day + 60_000))?.[0], "the next day's first").toBe(300);
});

test("has no value while the session has no volume", () => {
  const kernel = new Kernel({ indicatorKind: IndicatorKind.Vwap });
  const day = 86_400_000;
  expect(kernel.push(bar(100, 0, day - 60_000))).toBeUndefined();
  expect(kernel.push(bar(100, 3, day))?.[0]).toBe(100);
  expect(kernel.push(bar(100, 0, day + 60_000)), "a new day without trades").toBeUndefined();
});
