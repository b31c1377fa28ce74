import { expect, test } from "vitest";
import { IndicatorKind } from "../../../asm/vocab.ts";
import { indicatorContract } from "../../contract/indicator.ts";
import { rsiTwin } from "../../reference/indicators.ts";
import { Kernel } from "./kernel.ts";
import type { Bar } from "./kernel.ts";

indicatorContract("RSI 14", {
  settings: { indicatorKind: IndicatorKind.Rsi, period: 14 },
  firstCandle: 15,
  lines: 1,
  twin: (bars) => rsiTwin(bars, 14),
  tolerance: 1e-12,
});

const flat = (close: number): Bar => ({ open: close, high: close, low: close, close, volume: 1 });

test("is 0 on a series without any change, as in TA-Lib", () => {
  const kernel = new Kernel({ indicatorKind: IndicatorKind.Rsi, period: 14 });
  for (let i = 0; i < 60; i++) kernel.push(flat(100));
  expect(kernel.values()?.[0]).toBe(0);
});

test("is 100 on a rising series and 0 on a falling one", () => {
  const [up, down] = [14, 14].map(
    (period) => new Kernel({ indicatorKind: IndicatorKind.Rsi, period }),
  );
  for (let i = 0; i < 60; i++) {
    up!.push(flat(100 + i));
    down!.push(flat(100 - i));
  }
  expect([up!.values()?.[0], down!.values()?.[0]]).toEqual([100, 0]);
});
