// Candles to try indicators on: every kind of market that has broken one somewhere.
import { randomBar, seeded } from "../random.ts";
import type { Prices } from "../indicators.ts";

export interface Candle extends Prices {
  open: number;
  endMillis: number;
}

/** The shapes a random series can take. */
export const SHAPES = ["walk", "gaps", "flat", "jumps", "silent", "huge", "tiny"] as const;
export type Shape = (typeof SHAPES)[number];

const MINUTE_MILLIS = 600_000;
/** Takes a walk around 10,000 near the greatest price the market role takes, 2^52. */
const HUGE = 300_000_000_001;

/** `count` candles, ten minutes each; the same seed gives the same ones. */
export function shapedSeries(shape: Shape, seed: number, count: number): Candle[] {
  const random = seeded(seed);
  let close = shape === "tiny" ? 5 : 10_000;
  return Array.from({ length: count }, (_, i) => {
    const endMillis = (i + 1) * MINUTE_MILLIS;
    const flatNow = shape === "flat" && Math.floor(i / 12) % 2 === 1;
    if (flatNow) return { open: close, high: close, low: close, close, volume: 5, endMillis };
    if (shape === "jumps" && random() < 0.1)
      close = Math.max(1, Math.round(close * (0.2 + random() * 3)));
    if (shape === "gaps" && random() < 0.2) close += Math.round((random() - 0.5) * 400);
    const bar = { ...randomBar(random, Math.max(2, close)), endMillis };
    if (shape === "silent" && random() < 0.5) bar.volume = 0;
    close = bar.close;
    if (shape !== "huge") return bar;
    const [open, high, low] = [bar.open * HUGE, bar.high * HUGE, bar.low * HUGE];
    return { ...bar, open, high, low, close: close * HUGE };
  });
}
