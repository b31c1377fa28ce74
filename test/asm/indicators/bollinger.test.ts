import { expect, test } from "vitest";
import { IndicatorKind } from "../../../asm/vocab.ts";
import { indicatorContract } from "../../contract/indicator.ts";
import { bollingerTwin } from "../../reference/indicators.ts";
import { seeded } from "../../reference/random.ts";
import { Kernel } from "./kernel.ts";
import type { Bar } from "./kernel.ts";

indicatorContract("Bollinger 20, 2", {
  settings: { indicatorKind: IndicatorKind.Bollinger, period: 20, factor: 2 },
  firstCandle: 20,
  lines: 3,
  twin: (bars) => bollingerTwin(bars, 20, 2),
  tolerance: 1e-9,
});
indicatorContract("Bollinger 5, 2 up and 1 down", {
  settings: { indicatorKind: IndicatorKind.Bollinger, period: 5, factor: 2, factor2: 1 },
  firstCandle: 5,
  lines: 3,
  twin: (bars) => bollingerTwin(bars, 5, 2, 1),
  tolerance: 1e-9,
});

test("keeps its digits after a million candles of twelve-digit prices", () => {
  const kernel = new Kernel({ indicatorKind: IndicatorKind.Bollinger, period: 20, factor: 2 });
  const random = seeded(11);
  const window: Bar[] = [];
  for (let i = 0; i < 1_000_000; i++) {
    const close = 600_000_000_000 + Math.floor(random() * 100);
    const bar = { open: close, high: close, low: close, close, volume: 1 };
    window.push(bar);
    if (window.length > 20) window.shift();
    const row = kernel.push(bar)?.[1];
    if (i % 99_991 !== 0 || i < 20) continue;
    const width = row! - bollingerTwin(window, 20, 2)[19]![0]!;
    const exact = bollingerTwin(window.map(near), 20, 2)[19]!;
    expect(Math.abs(width / (exact[1]! - exact[0]!) - 1), `candle ${i}`).toBeLessThan(1e-5);
  }
});

/** The same candle near zero, where the exact twin loses nothing. */
function near(bar: Bar): Bar {
  return { ...bar, close: bar.close - 600_000_000_000 };
}
