// The journey and the count of allocations at the smallest size: real processes, no timing.
import { beforeAll, describe, expect, test } from "vitest";
import { AckLevel } from "../../asm/vocab.ts";
import { allocations } from "../../bench/allocations.ts";
import { journey, planOf, type Load } from "../../bench/journey.ts";
import { tickTicks } from "../../bench/journey-plan.ts";
import { buildStale } from "../../scripts/build.mjs";

const load = (label: string, level: AckLevel): Load => ({
  ...{ label, level, ratePerSecond: 1000, seconds: 0.4, dropSeconds: 0.1 },
});

beforeAll(async () => {
  await buildStale({ quiet: true, targets: ["core", "host", "bench"] });
});

describe("ticks", () => {
  test("lie beyond every earlier price of their own side", () => {
    for (let n = 2; n < 20_000; n += 997) {
      const out = n % 2 === 0 ? 1 : -1;
      expect((tickTicks(n) - tickTicks(n - 2)) * out).toBeGreaterThanOrEqual(0);
      expect((tickTicks(n) - tickTicks(n - 1)) * out).toBeGreaterThan(0);
      expect((tickTicks(n + 2000) - tickTicks(n)) * out).toBeGreaterThan(0);
    }
  });
});

describe("the journey", () => {
  test("fills every tick, equally at each level and in both topologies", async () => {
    const result = await journey({
      scenes: [
        {
          ...{ topology: "inline", spin: false },
          loads: [load("a", AckLevel.Memory), load("b", AckLevel.Durable)],
        },
        { topology: "sharded", spin: false, loads: [load("c", AckLevel.Written)] },
      ],
      ...{ warmTicks: 2000, floorSamples: 100, isScheduleChecked: false },
    });
    const names = ["a", "b", "c"].flatMap((label) =>
      ["p50", "p99", "p99.9", "max"].map((name) => `${label} ${name}`),
    );
    expect(result.metrics.map(({ metric }) => metric)).toEqual(names);
    for (const { value, floor } of result.metrics) {
      expect(value).toBeGreaterThan(0);
      expect(floor).toBeGreaterThan(0);
    }
    expect(result.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(result.conditions!["floorSamples"]).toBe(200);
  });

  test("names its metrics as the issues do", () => {
    const labels = planOf({ small: false }).scenes.map(({ loads }) => loads.map((l) => l.label));
    expect(labels).toEqual([
      ["memory", "written", "durable"].flatMap((level) => [`10k/s ${level}`, `100k/s ${level}`]),
      ["sharded 10k/s written"],
      ["spin 10k/s written"],
    ]);
    const [small] = planOf({ small: true }).scenes;
    expect(small!.loads.map(({ label }) => label)).toEqual(["10k/s written", "100k/s written"]);
  });
});

describe("allocations", () => {
  test("are none from ring to ring and few for a frame", async () => {
    const plan = { events: 300_000, socketTurns: 100, warmTicks: 6000 };
    const { metrics, hash } = await allocations(plan);
    const value = Object.fromEntries(metrics.map((one) => [one.metric, one.value]));
    expect(value["ring to ring, objects per tick"]).toBeLessThan(0.01);
    expect(value["ring to ring, objects per order"]).toBeLessThan(0.01);
    expect(value["at the socket, objects per frame"]).toBeLessThan(4);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
