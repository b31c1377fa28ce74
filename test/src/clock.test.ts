import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { Clock, sleep, WALL_DRIFT_NANOS_MAX } from "../../src/clock.ts";
import { AlphaError } from "../../src/errors.ts";

/** Hands that the test moves. */
function hands(): { monotonic: number; wall: number; clock: () => Clock } {
  const state = { monotonic: 5_000.25, wall: 1_790_000_000_123, clock: () => Clock.of(source) };
  const source = { monotonicMillis: () => state.monotonic, wallMillis: () => state.wall };
  return state;
}

describe("the system clock", () => {
  test("begins at zero on the wall clock's time, to 2 ms", () => {
    const before = Date.now();
    const start = performance.now();
    const clock = Clock.system();
    expect(clock.nowNanos()).toBeGreaterThanOrEqual(0);
    expect(Number(clock.baseEpochNanos / 1_000_000n)).toBeGreaterThanOrEqual(before);
    const now = clock.nowNanos();
    expect(now, "the base is now").toBeLessThanOrEqual((performance.now() - start) * 1e6);
    // Two clocks cannot be read at one instant: a reading that was interrupted is no reading.
    const drifts = Array.from({ length: 100 }, () => Math.abs(clock.wallDriftNanos()));
    expect(Math.min(...drifts), "the grain of Date is 1 ms").toBeLessThan(2e6);
    expect(clock.rebase(), "no jump, no new base").toBe(0);
  });

  test("never goes back and counts in steps below a microsecond", () => {
    const clock = Clock.system();
    let before = clock.nowNanos();
    let stepNanosMin = Infinity;
    let backward = 0;
    for (let i = 0; i < 200_000; i += 1) {
      const now = clock.nowNanos();
      if (now < before) backward += 1;
      if (now > before) stepNanosMin = Math.min(stepNanosMin, now - before);
      before = now;
    }
    expect(backward).toBe(0);
    expect(stepNanosMin).toBeLessThan(1_000);
  });

  test("is the same in another thread", async () => {
    const clock = Clock.system();
    const { baseEpochNanos, baseMonotonicNanos } = clock.origin();
    const source = `
      const { parentPort, workerData } = require("node:worker_threads");
      const nowMillis = performance.now();
      const age = process.hrtime.bigint() - workerData;
      parentPort.postMessage(Number(age));`;
    const before = clock.nowNanos();
    const worker = new Worker(source, { eval: true, workerData: baseMonotonicNanos });
    const seen = await new Promise<number>((done) => worker.once("message", done));
    expect(seen).toBeGreaterThan(before);
    expect(seen).toBeLessThan(clock.nowNanos());
    const twin = Clock.shared({ baseEpochNanos, baseMonotonicNanos });
    const from = clock.nowNanos();
    const between = twin.nowNanos();
    expect(between, "two clocks, one time").toBeGreaterThan(from - 1e6);
    expect(between).toBeLessThan(clock.nowNanos() + 1e6);
    expect(twin.baseEpochNanos).toBe(clock.baseEpochNanos);
  });

  test("refuses an origin of the future with a remedy", () => {
    const baseMonotonicNanos = process.hrtime.bigint() + 10_000_000_000n;
    expect(() => Clock.shared({ baseEpochNanos: 1n, baseMonotonicNanos })).toThrow(AlphaError);
  });
});

describe("a jump of the wall clock", () => {
  test.each([+1, -1])("beyond 100 ms is reported once and moves only the base, sign %i", (sign) => {
    const state = hands();
    const clock = state.clock();
    const base = clock.baseEpochNanos;
    state.monotonic += 1_000;
    state.wall += 1_000 + sign * 3_600_000;
    expect(clock.rebase()).toBeCloseTo(sign * 3_600e9, -4);
    // 256 ns is the grain of f64 at today's epoch.
    const moved = Number(clock.baseEpochNanos - base);
    expect(Math.abs(moved - sign * 3_600e9)).toBeLessThan(1_000);
    expect(clock.nowNanos(), "the running time does not jump").toBe(1_000e6);
    expect(clock.rebase(), "reported once").toBe(0);
  });

  test("of up to 100 ms changes nothing", () => {
    const state = hands();
    const clock = state.clock();
    const base = clock.baseEpochNanos;
    state.wall += WALL_DRIFT_NANOS_MAX / 1e6 - 1;
    expect(clock.rebase()).toBe(0);
    expect(clock.baseEpochNanos).toBe(base);
    expect(clock.epochNanos()).toBe(base);
    state.wall += 2;
    expect(clock.rebase(), "one more step is too much").toBeGreaterThan(WALL_DRIFT_NANOS_MAX);
  });
});

describe("sleep", () => {
  test("ends early when aborted and leaves no listener", async () => {
    const abort = new AbortController();
    const start = performance.now();
    const waits = sleep(10_000, abort.signal);
    abort.abort();
    await waits;
    await sleep(10_000, abort.signal);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
