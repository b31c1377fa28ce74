import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  alignTable,
  completeRatios,
  conditions,
  distribution,
  formatNumber,
  formatRecord,
  loadWarning,
  microBench,
  percentile,
  PLANTED_FACTOR,
  plantedSlowdown,
  runBench,
  writeRecord,
  type BenchMetric,
  type BenchResult,
  type BenchRecord,
} from "../../bench/report.ts";
import {
  benchNames,
  GATE_TRIES,
  judge,
  judged,
  parseArguments,
  type Gates,
} from "../../scripts/bench.ts";

const RESULT: BenchResult = {
  name: "rings",
  hash: "00ff",
  scope: "ring only",
  metrics: [
    {
      metric: "push trade, 1 producer",
      value: 40,
      unit: "ns",
      floor: 10,
      peer: 120,
      peerName: "r",
    },
    { metric: "records", value: 20e6, unit: "records/s", floor: 40e6, peer: 5e6, p50: 19e6 },
  ],
};

describe("ratios", () => {
  test("are over the floor at least 1 and over the peer larger when faster", async () => {
    const record = await runBench("rings", async () => structuredClone(RESULT), { small: true });
    expect(record.metrics[0]).toMatchObject({ overFloor: 4, overPeer: 3 });
    expect(record.metrics[1]).toMatchObject({ overFloor: 2, overPeer: 4 });
    expect(record.size).toBe("small");
  });

  test("given by the bench are kept, and no number is a broken bench", () => {
    const metric: BenchMetric = { metric: "x", value: 2, unit: "ns", peer: 4, overPeer: 9 };
    completeRatios(metric);
    expect(metric.overPeer).toBe(9);
    expect(() => completeRatios({ metric: "x", value: NaN, unit: "ns" })).toThrow('"x" is NaN');
  });

  test("are not computed for a bench under a wrong name", async () => {
    const run = runBench("other", async () => structuredClone(RESULT), { small: true });
    await expect(run).rejects.toThrow('bench/other.ts calls itself "rings"');
  });
});

describe("the record", () => {
  test("is written as JSON and printed with conditions, columns and scope", async () => {
    const record = await runBench("rings", async () => structuredClone(RESULT), { small: false });
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const path = writeRecord(record, folder);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(record);
    rmSync(folder, { recursive: true });
    const text = formatRecord(record);
    expect(text).toContain("bench rings (full), hash 00ff");
    expect(text).toContain("scope: ring only");
    expect(text).toContain(`node ${process.version}`);
    expect(text).toMatch(/metric +value +unit +p50 +floor +x floor +peer +x faster +than/);
    expect(text, "empty columns are left out").not.toContain("p99.9");
    const machine = conditions();
    expect(machine["cores"]).toBeGreaterThan(0);
    expect(machine["loadAverageBefore"]).toBeTypeOf("number");
  });

  test("warns of a busy machine", () => {
    expect(loadWarning(0.5)).toBe("");
    expect(loadWarning(1.2)).toContain("load average was 1.2");
  });

  test("aligns numbers to the right and text to the left", () => {
    expect(
      alignTable(
        ["metric", "value", "p50"],
        [
          ["a", "1", ""],
          ["long", "10", ""],
        ],
      ),
    ).toEqual(["metric  value", "a           1", "long       10"]);
    const shown = [0, 0.05714, 12.345, 999.96, 18_230_000, -4.5].map(formatNumber);
    expect(shown).toEqual(["0", "0.05714", "12.35", "1,000.0", "18,230,000", "-4.500"]);
  });
});

describe("percentiles", () => {
  test("are nearest ranks", () => {
    const samples = Float64Array.from({ length: 1000 }, (_, i) => 1000 - i);
    expect(percentile(samples, 0)).toBe(1);
    expect(distribution(samples)).toEqual({ p50: 500, p90: 900, p99: 990, p999: 999, max: 1000 });
    expect(percentile(new Float64Array(0), 0.5)).toBeNaN();
    expect(() => distribution(new Float64Array(0))).toThrow("no samples");
  });
});

describe("a planted slowdown", () => {
  afterEach(() => delete process.env["ALPHAPULSE_SLOWDOWN"]);

  test("stretches the named bench's section and no other's", () => {
    process.env["ALPHAPULSE_SLOWDOWN"] = "rings";
    const section = (name: string): number => {
      const slowdown = plantedSlowdown(name);
      const start = performance.now();
      while (performance.now() - start < 5);
      slowdown(start);
      return performance.now() - start;
    };
    expect(section("rings")).toBeGreaterThanOrEqual(5 * PLANTED_FACTOR);
    // A section of ten seconds: if planted, this would spin for thirty more.
    const start = performance.now();
    plantedSlowdown("books")(start - 10_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test("shows in a micro bench", async () => {
    const held = new Float64Array(1);
    const work = (): void => {
      for (let i = 0; i < 20_000; i += 1) held[0] = held[0]! + i;
    };
    const options = { minMillis: 60, opsPerCall: 20_000 };
    const plain = await microBench("rings/x", work, options);
    expect(plain.bestNanos).toBeGreaterThan(0);
    expect(plain.p50Nanos).toBeGreaterThanOrEqual(plain.bestNanos);
    process.env["ALPHAPULSE_SLOWDOWN"] = "rings";
    const slowdown = plantedSlowdown("rings");
    const slow = await microBench("rings/x", work, { ...options, slowdown });
    expect(slow.bestNanos).toBeGreaterThan(plain.bestNanos * 2);
  });
});

describe("the gate", () => {
  const record = { ...RESULT, size: "small" as const, conditions: {} };
  record.metrics.forEach(completeRatios);
  const ratio = (min: number) => ({
    ratios: [{ metric: "push trade, 1 producer", field: "overPeer" as const, min }],
  });

  test("is green within its bounds and red outside, saying both numbers", () => {
    expect(judge(record, ratio(3))).toEqual([
      {
        isGreen: true,
        isRatio: true,
        text: "rings: push trade, 1 producer, overPeer 3.000 (at least 3; r)",
      },
    ]);
    expect(judge(record, ratio(3.1))[0]!.isGreen).toBe(false);
    const max = { metric: "records", field: "overFloor" as const, max: 1.5 };
    expect(judge(record, { ratios: [max] })[0]).toEqual({
      isGreen: false,
      isRatio: true,
      text: "rings: records, overFloor 2.000 (at most 1.5)",
    });
  });

  test("is red when the hash moved or the metric is gone", () => {
    expect(judge(record, { hash: "00ff" })[0]!.isGreen).toBe(true);
    expect(judge(record, { hash: "aa" })[0]!.text).toContain("found 00ff: the result changed");
    expect(judge({ ...record, size: "full" }, { hash: "aa" }), "of the small size").toEqual([]);
    const gone = judge(record, { ratios: [{ metric: "gone", field: "overPeer", min: 0 }] });
    expect(gone[0]).toMatchObject({ isGreen: false });
  });

  test("measures a red ratio again, a red hash and a broken bench not", async () => {
    const lines: string[] = [];
    const found = async (gate: Gates[string], peers: (number | undefined)[]): Promise<unknown> => {
      let runs = 0;
      const run = (): Promise<BenchRecord | undefined> => {
        const overPeer = peers[runs++];
        if (overPeer === undefined) return Promise.resolve(undefined);
        const metrics = [{ metric: "m", value: 1, unit: "ns", overPeer }];
        return Promise.resolve({ ...record, metrics });
      };
      const { isGreen } = await judged(run, gate, (line) => lines.push(line));
      return [isGreen, runs];
    };
    const gate = { ratios: [{ metric: "m", field: "overPeer" as const, min: 2 }] };
    expect(await found(gate, [1, 3]), "a burst passes").toEqual([true, 2]);
    expect(lines).toContain("again rings: try 2 of 3");
    expect(await found(gate, [1, 1, 1, 3]), "slow code does not").toEqual([false, GATE_TRIES]);
    expect(await found({ ...gate, hash: "aa" }, [3, 3])).toEqual([false, 1]);
    expect(await found({ ...gate, hash: "aa" }, [1, 3])).toEqual([false, 1]);
    expect(await found(gate, [undefined, 3])).toEqual([false, 1]);
  });

  test("takes all benches by default; anything else names them", () => {
    const known = ["books", "rings"];
    expect(parseArguments(["--small", "--gate"], known)).toMatchObject({ names: known });
    expect(parseArguments(["rings", "rings"], known)).toMatchObject({ names: ["rings"] });
    expect(parseArguments([], known)).toBe("name a bench, or all");
    expect(parseArguments(["ring"], known)).toBe('there is no bench "ring"');
    expect(parseArguments(["all", "--fast"], known)).toBe("unknown option --fast");
    expect(benchNames(join(import.meta.dirname, "../.."))).not.toContain("report");
  });
});
