import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CandleQuality, CandleType, IndicatorKind, Kind, Refusal } from "../../../asm/vocab.ts";
import { sharedPath } from "../../../src/core/paths.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const BASE = 1_723_161_600n * SECOND;

interface Bar {
  open: number;
  high: number;
  low: number;
  close: number;
}

/** The definition, in the unit of the input. */
function smooth(bars: readonly Bar[]): Bar[] {
  const out: Bar[] = [];
  for (const bar of bars) {
    const last = out.at(-1);
    const open = last ? (last.open + last.close) / 2 : (bar.open + bar.close) / 2;
    const close = (bar.open + bar.high + bar.low + bar.close) / 4;
    const [high, low] = [Math.max(bar.high, open, close), Math.min(bar.low, open, close)];
    out.push({ open, high, low, close });
  }
  return out;
}

const pricesOf = (out: Out): Bar => ({
  ...{ open: out.openTicks, high: out.highTicks, low: out.lowTicks, close: out.closeTicks },
});

/** Candles of `source` with their smoothed ones in slot 1. */
function build(source: Fields): MarketCore {
  const core = new MarketCore(module);
  core.spec(1);
  core.apply(Kind.Timeframe, { instrument: 1, slot: 0, ...source }, BASE);
  const fields = { instrument: 1, slot: 1, type: CandleType.HeikinAshi, source: 0 };
  expect(core.apply(Kind.Timeframe, fields, BASE)[0]!.name).toBe("ConfigAccepted");
  return core;
}

/** Feeds bars as history of minutes, prices in ticks; the smoothed candles. */
function smoothed(bars: readonly Bar[]): Bar[] {
  const core = build({ periodMillis: 60_000 });
  return bars.flatMap((bar, i) => {
    const openNanos = BASE + BigInt(i) * MINUTE;
    const prices = { openTicks: bar.open, highTicks: bar.high, lowTicks: bar.low };
    const fields = { instrument: 1, openNanos, ...prices, closeTicks: bar.close };
    const outs = core.apply(Kind.CandleImport, fields, openNanos + MINUTE);
    return ofKind(outs, Kind.CandleClosed)
      .filter((out) => out.timeframe === 1)
      .map(pricesOf);
  });
}

test.each([1, 2, 3])("equals the definition to half a tick, seed %i", (seed) => {
  const random = seeded(seed);
  let price = 0;
  const bars = Array.from({ length: 400 }, () => {
    const four = [0, 1, 2, 3].map(() => (price += Math.floor((random() - 0.5) * 40)));
    return { open: four[0]!, high: Math.max(...four), low: Math.min(...four), close: four[3]! };
  });
  const [got, want] = [smoothed(bars), smooth(bars)];
  expect(got.length).toBe(bars.length);
  got.forEach((bar, i) => {
    for (const key of ["open", "high", "low", "close"] as const) {
      expect(Math.abs(bar[key] - want[i]![key]), `${key} of ${i}`).toBeLessThanOrEqual(0.5);
    }
  });
});

describe("a Heikin-Ashi candle", () => {
  test.each([
    ["minutes", { periodMillis: 60_000 }],
    ["volume candles", { type: CandleType.Volume, threshold: 40 }],
    ["bricks", { type: CandleType.Renko, threshold: 7 }],
  ])("of %s closes behind its source, with its own number and indicators", (_, source) => {
    const core = build(source);
    const ema = { instrument: 1, timeframe: 1, indicatorKind: IndicatorKind.Ema, period: 1 };
    core.apply(Kind.Indicator, ema, BASE);
    const random = seeded(5);
    const outs: Out[] = [];
    let price = 1000;
    for (let i = 0; i < 1500; i++) {
      price += Math.floor((random() - 0.5) * 12);
      const fields = { instrument: 1, priceTicks: price, qtyLots: 1 + (i % 9), aggressor: 1 };
      const now = BASE + BigInt(i) * 2n * SECOND;
      const peek = core.peek("candlePeek", 1, 1);
      const ended = core.timers(now);
      const [first] = ofKind(ended, Kind.CandleClosed).filter((out) => out.timeframe === 1);
      if (first) expect(pricesOf(first), "as it was peeked").toEqual(pricesOf(peek!));
      outs.push(...ended, ...core.apply(Kind.Trade, fields, now));
    }
    const closed = outs.filter((out) => out.name === "CandleClosed");
    const [raw, smoothOnes] = [0, 1].map((slot) => closed.filter((out) => out.timeframe === slot));
    expect(smoothOnes!.length).toBeGreaterThan(40);
    expect(closed.map((out) => out.timeframe)).toEqual(closed.map((_one, i) => i % 2));
    smoothOnes!.forEach((out, i) => {
      const from = raw![i]!;
      expect([out.index, out.type]).toEqual([BigInt(i + 1), CandleType.HeikinAshi]);
      const { openNanos, periodMillis, volumeLots, buyLots, turnover, trades } = from;
      expect(out).toMatchObject({ openNanos, periodMillis, volumeLots, buyLots, turnover, trades });
    });
    const values = outs.filter((out) => out.name === "IndicatorValue").map((out) => out.value1);
    expect(values, "EMA of one candle").toEqual(smoothOnes!.map((out) => out.closeTicks));
  });

  test("marks nothing of its own: quality is the source's", () => {
    const core = build({ periodMillis: 60_000 });
    core.apply(Kind.Trade, { instrument: 1, priceTicks: 5, qtyLots: 1 }, BASE + SECOND);
    core.apply(Kind.FeedGap, { instrument: 1 }, BASE + SECOND);
    const bits = ofKind(core.timers(BASE + MINUTE), Kind.CandleClosed).map((out) => out.quality);
    expect(bits).toEqual(
      Array.from({ length: 2 }, () => CandleQuality.Gap | CandleQuality.Partial),
    );
  });

  test("is not history itself, and is not smoothed again", () => {
    const core = build({ periodMillis: 60_000 });
    const again = { instrument: 1, slot: 2, type: CandleType.HeikinAshi, source: 1 };
    const late = { instrument: 1, timeframe: 1, type: CandleType.HeikinAshi, openNanos: BASE };
    expect(core.apply(Kind.Timeframe, again, BASE)[0]!.reason).toBe(Refusal.ParameterInvalid);
    expect(core.apply(Kind.CandleImport, late, BASE + MINUTE)[0]!.reason).toBe(
      Refusal.ParameterInvalid,
    );
  });
});

const ORACLES = ["ind_series_a", "ind_series_b"].map((name) =>
  sharedPath("oracles", `${name}.json`),
);
const LEAN = sharedPath("data", "indicator-expected-lean", "spy_heikin_ashi.txt");
const isThere = existsSync(LEAN) && ORACLES.every((path) => existsSync(path));
test.runIf(!isThere)("outside vectors are absent: nothing to check", () => {
  console.log(`${LEAN} or ${ORACLES.join(", ")} are not there; their comparison was skipped`);
});

const rows = (path: string): number[][] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").slice(1).map(Number));

/** Ticks fine enough that half of one is below the tolerance. */
function compare(prices: readonly number[][], expected: readonly Bar[], tick: number): void {
  const ticks = (value: number): number => Math.round(value / tick);
  const bars = prices.map(([open, high, low, close]) => ({
    ...{ open: ticks(open!), high: ticks(high!), low: ticks(low!), close: ticks(close!) },
  }));
  const got = smoothed(bars);
  expect(got.length).toBe(expected.length);
  got.forEach((bar, i) => {
    for (const key of ["open", "high", "low", "close"] as const) {
      expect(Math.abs(bar[key] * tick - expected[i]![key]), `${key} of ${i}`).toBeLessThan(1e-7);
    }
  });
}

describe.skipIf(!isThere)("outside vectors", () => {
  test.each(ORACLES)("technicalindicators, %s", (path) => {
    const file = JSON.parse(readFileSync(path, "utf8")) as {
      inputs: { series: string };
      expected: { fn: string; values: Record<keyof Bar, number[]> }[];
    };
    const values = file.expected.find((one) => one.fn === "heikinashi")!.values;
    const expected = values.open.map((open, i) => ({
      ...{ open, high: values.high[i]!, low: values.low[i]!, close: values.close[i]! },
    }));
    compare(rows(sharedPath("oracles", file.inputs.series)), expected, 1e-9);
  });

  test("LEAN, SPY by day", () => {
    const all = rows(LEAN);
    const expected = all.map((row) => ({
      ...{ open: row[5]!, high: row[6]!, low: row[7]!, close: row[8]! },
    }));
    compare(all, expected, 1e-9);
  });
});
