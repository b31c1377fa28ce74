import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  plantedSlowdown,
  repositoryRoot,
  runBench,
  type BenchMain,
  type BenchRecord,
} from "../../bench/report.ts";
import { benchNames, judge, type Gates } from "../../scripts/bench.ts";

const ROOT = repositoryRoot();
const GATES = JSON.parse(readFileSync(join(ROOT, "bench/gates.json"), "utf8")) as Gates;

describe("bench/gates.json", () => {
  test("has an entry for every bench and for nothing else", () => {
    expect(Object.keys(GATES).sort()).toEqual(benchNames(ROOT));
  });

  test("checks something of every bench", () => {
    for (const [name, { hash, ratios = [] }] of Object.entries(GATES)) {
      expect(hash !== undefined || ratios.length > 0, name).toBe(true);
      for (const { min, max } of ratios) expect(min ?? max, name).toBeTypeOf("number");
    }
  });
});

describe("a planted slowdown", () => {
  afterEach(() => delete process.env["ALPHAPULSE_SLOWDOWN"]);

  const spin = (millis: number): number => {
    const start = performance.now();
    while (performance.now() - start < millis);
    return start;
  };
  const best = (section: () => void): number => {
    const times = Array.from({ length: 25 }, () => {
      const start = performance.now();
      section();
      return performance.now() - start;
    });
    return Math.min(...times);
  };
  /** Three times as fast as its peer; short, so that most sections are not interrupted. */
  const main: BenchMain = async () => {
    const slowdown = plantedSlowdown("tiny");
    const value = best(() => slowdown(spin(1)));
    const peer = best(() => void spin(3));
    const metric = { metric: "spin", value, unit: "ms", peer, peerName: "slow" };
    return { name: "tiny", hash: "00", scope: "spinning", metrics: [metric] };
  };
  const gate = { ratios: [{ metric: "spin", field: "overPeer" as const, min: 1.5 }] };

  test("turns a green gate red", async () => {
    const verdict = async (): Promise<boolean> =>
      judge(await runBench("tiny", main, { small: true }), gate)[0]!.isGreen;
    expect(await verdict(), "without it").toBe(true);
    process.env["ALPHAPULSE_SLOWDOWN"] = "tiny";
    expect(await verdict(), "with it").toBe(false);
  });
});

describe("a gate on a value", () => {
  const record = (unit: string): BenchRecord => ({
    ...{ name: "x", hash: "00", scope: "", size: "small", conditions: {} },
    metrics: [{ metric: "m", value: 2, unit }],
  });
  const gate = (max: number): Gates[string] => ({ ratios: [{ metric: "m", field: "value", max }] });

  test("bounds a count", () => {
    expect(judge(record("objects"), gate(2))[0]!.isGreen).toBe(true);
    expect(judge(record("objects"), gate(1.9))[0]!.isGreen).toBe(false);
  });

  test("is refused for a time, which belongs to a machine", () => {
    const [verdict] = judge(record("us"), gate(1000));
    expect(verdict).toMatchObject({ isGreen: false });
    expect(verdict!.text).toContain("gate a ratio");
  });
});
