import { expect, test } from "vitest";
import { IndicatorKind } from "../../../asm/vocab.ts";
import { indicatorContract } from "../../contract/indicator.ts";
import { smaTwin } from "../../reference/indicators.ts";
import { seeded } from "../../reference/random.ts";
import { Kernel } from "./kernel.ts";

indicatorContract("SMA 20", {
  settings: { indicatorKind: IndicatorKind.Sma, period: 20 },
  firstCandle: 20,
  lines: 1,
  twin: (bars) => smaTwin(bars, 20),
  tolerance: 0,
});

test("has no drift after a million candles: the mean of the window to the last bit", () => {
  const kernel = new Kernel({ indicatorKind: IndicatorKind.Sma, period: 50 });
  const random = seeded(7);
  const window: number[] = [];
  for (let i = 0; i < 1_000_000; i++) {
    const close = 3_000_000_000_000 + Math.floor(random() * 1_000_000_000_000);
    window.push(close);
    if (window.length > 50) window.shift();
    const bar = { open: close, high: close, low: close, close, volume: 1 };
    const row = kernel.push(bar);
    if (i % 99_991 !== 0 || i < 50) continue;
    const exact = window.reduce((total, value) => total + BigInt(value), 0n);
    expect(row?.[0], `candle ${i}`).toBe(Number(exact) / 50);
  }
});
