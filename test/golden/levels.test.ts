// Outside numbers of levels: worked pivots, Fibonacci and profile, other libraries' swings.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LEVELS_NAMES } from "../../src/indicators/names-levels.ts";
import type { Bar } from "../asm/indicators/kernel.ts";
import { barsOf, expectNear, LEAN, linesFor, ORACLES, tableOf, textOf } from "./vectors.ts";

const TICKS = 10_000;
const NEAR = { abs: 1e-7, rel: 1e-7 };

interface Worked {
  id: string;
  inputs: Record<string, unknown>;
  expected: unknown;
}

const bar = (open: number, high: number, low: number, close: number): Bar => {
  const [o, h, l, c] = [open, high, low, close].map((price) => Math.round(price * TICKS));
  return { open: o!, high: h!, low: l!, close: c!, volume: 1 };
};

function worked<T>(id: string): { inputs: Record<string, unknown>; expected: T } {
  const { expected } = JSON.parse(textOf(join(ORACLES, "ind_derived.json"))) as {
    expected: Worked[];
  };
  return expected.find((one) => one.id === id) as never;
}

describe.skipIf(!existsSync(ORACLES))("worked by hand", () => {
  test("five kinds of pivots", () => {
    const { inputs, expected } = worked<Record<string, Record<string, number>>>("pivot-points");
    const { open, high, low, close } = inputs as Record<string, number>;
    const one = bar(open!, high!, low!, close!);
    let compared = 0;
    for (const [rule, levels] of Object.entries(expected)) {
      const lines = linesFor(`pivots:rule=${rule}`, [one, one], TICKS);
      for (const [level, value] of Object.entries(levels)) {
        expectNear(lines[level.toLowerCase()]![1], value, NEAR, `${rule} ${level}`);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(7 + 7 + 8 + 3 + 3);
  });

  test("Fibonacci levels of a leg up", () => {
    const { inputs, expected } = worked<{
      up_retrace: Record<string, number>;
      extension: Record<string, number>;
    }>("fibonacci");
    const { low, high } = inputs as Record<string, number>;
    const bars = [bar(low!, low!, low!, low!), bar(high!, high!, high!, high!)];
    const lines = linesFor("fibonacci:period=2", bars, TICKS);
    const nameOf = (kind: string, share: string): string => `${kind}${Number(share) * 1000}`;
    for (const [share, value] of Object.entries(expected.up_retrace)) {
      expectNear(lines[nameOf("level", share)]![1], value, NEAR, share);
    }
    for (const [share, value] of Object.entries(expected.extension)) {
      expectNear(lines[nameOf("extension", share)]![1], value, NEAR, share);
    }
    expect(lines["direction"]).toEqual([undefined, 1]);
  });

  test("volume profile with its value area", () => {
    const { inputs, expected } = worked<Record<string, number>>("volume-profile");
    const { series, rows, buckets } = inputs as {
      series: string;
      rows: [number, number];
      buckets: number;
    };
    const bars = barsOf(tableOf(join(ORACLES, series)), TICKS).slice(rows[0], rows[1] + 1);
    const text = `volumeprofile:period=${bars.length},buckets=${buckets},share=0.7`;
    const lines = linesFor(text, bars, TICKS);
    const last = (name: string): number | undefined => lines[name]!.at(-1);
    const { low, bucket, poc_index: point, vah, val } = expected;
    expectNear(last("poc"), low! + (point! + 0.5) * bucket!, NEAR, "point of control");
    expectNear(last("vah"), vah!, NEAR, "upper edge");
    expectNear(last("val"), val!, NEAR, "lower edge");
    const volumes = expected["volumes"] as unknown as number[];
    expectNear(last("volume"), volumes[point!]!, NEAR, "lots of the point of control");
  });
});

describe.skipIf(!existsSync(ORACLES))("swings of trading-signals", () => {
  test.each(["a", "b"])("sampled on series %s", (letter) => {
    const { inputs, expected } = JSON.parse(
      textOf(join(ORACLES, `ind_variants_${letter}.json`)),
    ) as {
      inputs: { series: string };
      expected: {
        lib: string;
        fn: string;
        options: { lookback: number };
        samples: { output: [number, number | null][] };
      }[];
    };
    const bars = barsOf(tableOf(join(ORACLES, inputs.series)), TICKS);
    let compared = 0;
    for (const { lib, fn, options, samples } of expected) {
      const row = LEVELS_NAMES.find((one) => one.fn === fn && lib.startsWith(one.library));
      if (row === undefined) continue;
      const wing = options.lookback;
      const lines = linesFor(`${row.name}:left=${wing},right=${wing}`, bars, TICKS);
      const [price, age] = Object.values(lines);
      for (const [index, value] of samples.output) {
        const at = `${fn} candle ${index}`;
        expect(age![index] === wing, at).toBe(value !== null);
        if (value !== null) expectNear(price![index], value, NEAR, at);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });
});

test.skipIf(!existsSync(LEAN))("Lean's pivot points, high and low", () => {
  const table = tableOf(join(LEAN, "spy_pivot_pnt_hl.txt"));
  const bars = barsOf(table, TICKS);
  const highs = linesFor("swinghigh:left=10,right=10", bars, TICKS)["age"]!;
  const lows = linesFor("swinglow:left=10,right=10", bars, TICKS)["age"]!;
  let events = 0;
  table.forEach((row, i) => {
    const [isHigh, isLow] = [highs[i] === 10, lows[i] === 10];
    // Theirs says 2 where a candle confirms both.
    const event = isHigh && isLow ? 2 : Number(isHigh) - Number(isLow);
    expect(event, `row ${i}`).toBe(Number(row["pphl"]));
    if (isHigh || isLow) events += 1;
  });
  expect(events).toBeGreaterThan(10);
});
