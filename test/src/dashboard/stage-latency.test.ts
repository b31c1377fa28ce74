import { describe, expect, test } from "vitest";
import {
  difference,
  maximum,
  parseStages,
  percentile,
  SCRAPES_MAX,
  STAGES,
  StageWindow,
} from "../../../src/dashboard/stage-latency.ts";
import { EDGE_SECONDS, MetricsRegistry } from "../../../src/metrics.ts";

const EDGES = [0.001, 0.01, Infinity];
const buckets = (...counts: number[]) => ({ edges: EDGES, counts });

/** Durations, recorded and rendered by the engine's own registry. */
function engine() {
  const registry = new MetricsRegistry();
  registry.counter("alphapulse_gateway_frames_total", "frames").add(5);
  const core = registry.histogram("alphapulse_core_stage_seconds", "stages", { stage: "core" });
  return { registry, core };
}

describe("percentiles from cumulative buckets", () => {
  test("are interpolated inside the bucket that holds the rank", () => {
    expect(percentile(buckets(100, 100, 100), 0.5)).toBeCloseTo(0.0005, 12);
    expect(percentile(buckets(50, 150, 150), 0.5), "a quarter into 1 to 10 ms").toBeCloseTo(
      0.00325,
      12,
    );
    expect(percentile(buckets(0, 100, 100), 0.99)).toBeCloseTo(0.00991, 12);
  });

  test("above all edges are the highest edge, never a made-up number", () => {
    expect(percentile(buckets(0, 0, 10), 0.5)).toBe(0.01);
    expect(maximum(buckets(0, 0, 10))).toBe(Infinity);
  });

  test("a maximum is the edge of the highest bucket in use", () => {
    expect(maximum(buckets(5, 5, 5))).toBe(0.001);
    expect(maximum(buckets(5, 6, 6))).toBe(0.01);
  });

  test("of nothing are no number", () => {
    expect(percentile(buckets(0, 0, 0), 0.5)).toBeNaN();
    expect(maximum({ edges: [], counts: [] })).toBeNaN();
  });
});

test("reads what the engine's registry writes, and nothing else", () => {
  const { registry, core } = engine();
  for (let at = 0; at < 99; at += 1) core.record(30_000);
  core.record(7_000_000);
  const stages = parseStages(registry.render());
  expect([...stages.keys()]).toEqual(["core"]);
  const read = stages.get("core");
  expect(read?.edges).toEqual([...EDGE_SECONDS, Infinity]);
  expect(read?.counts.at(-1)).toBe(100);
  const p50 = percentile(read ?? buckets(), 0.5);
  expect(p50, "in the bucket of 30 microseconds").toBeGreaterThan(0.0000195);
  expect(p50).toBeLessThanOrEqual(0.0000390625);
  expect(maximum(read ?? buckets())).toBe(0.01);
});

test("series of one stage that differ in another label add up", () => {
  const line = (worker: number, count: number): string =>
    `alphapulse_x_stage_seconds_bucket{worker="${worker}",stage="core",le="0.01"} ${count}\n` +
    `alphapulse_x_stage_seconds_bucket{worker="${worker}",stage="core",le="+Inf"} ${count}`;
  const stages = parseStages(`# HELP x\n${line(1, 3)}\n${line(2, 4)}\nnonsense{`);
  expect(stages.get("core")).toEqual({ edges: [0.01, Infinity], counts: [7, 7] });
});

describe("the last minute", () => {
  test("forgets what came before it", () => {
    const { registry, core } = engine();
    const rows = new StageWindow();
    const coreRow = () => rows.push(registry.render()).find(({ stage }) => stage === "core");
    core.record(7_000_000);
    expect(coreRow(), "the first scrape can only count from the start").toMatchObject({
      ...{ count: 1, sinceStart: true, max: 0.01 },
    });
    for (let at = 0; at < SCRAPES_MAX; at += 1) {
      core.record(15_000);
      coreRow();
    }
    expect(coreRow()).toMatchObject({ sinceStart: false, max: 0.00001953125 });
  });

  test("without a sample shows the whole run and says so", () => {
    const { registry, core } = engine();
    const rows = new StageWindow();
    core.record(15_000);
    rows.push(registry.render());
    const row = rows.push(registry.render()).find(({ stage }) => stage === "core");
    expect(row).toMatchObject({ count: 1, sinceStart: true });
  });

  test("counts anew after the engine was restarted", () => {
    expect(difference(buckets(1, 1, 1), buckets(5, 5, 5))).toEqual(buckets(1, 1, 1));
    expect(difference(buckets(6, 7, 8), buckets(5, 5, 5))).toEqual(buckets(1, 2, 3));
  });

  test("has a row for every stage, also for those without samples", () => {
    const rows = new StageWindow().push("");
    expect(rows.map(({ stage }) => stage)).toEqual([...STAGES]);
    expect(rows.every(({ p99 }) => Number.isNaN(p99))).toBe(true);
  });
});
