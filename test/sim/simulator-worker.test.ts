import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { build as bundle } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { loadBuild } from "../../src/core/build.ts";
import { buildPath, projectDir } from "../../src/core/paths.ts";
import { simulatorConfig, STEP_MILLIS } from "../../src/feeds/simulator/config.ts";
import type { SimulatorStatus } from "../../src/feeds/simulator/loop.ts";
import { simulatorRingCells } from "../../src/feeds/simulator/simulator.ts";
import { SimulatorWorker } from "../../src/feeds/simulator/worker-handle.ts";
import { Ring, ringBytes } from "../../src/rings/ring.ts";
import { hashWaiting, publicHash } from "./simulator-run.ts";

// A bundle of its own, so that this suite depends on no other entry of the host build.
const FILE = buildPath("test", "simulator-worker.js");
const build = loadBuild();

beforeAll(async () => {
  await bundle({
    absWorkingDir: projectDir(),
    entryPoints: ["workers/simulator.ts"],
    outfile: FILE,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  });
  expect(existsSync(FILE)).toBe(true);
});

function ringOf(instruments: number): Ring {
  const cells = simulatorRingCells(instruments) * 4;
  return Ring.create(new SharedArrayBuffer(ringBytes(cells)), 0, cells);
}

async function start(ring: Ring, options: Partial<Parameters<typeof SimulatorWorker.start>[0]>) {
  const buffer = ring.view.buffer as SharedArrayBuffer;
  return SimulatorWorker.start({
    build,
    config: simulatorConfig({ seed: 42 }),
    buffer,
    ringAt: ring.at,
    file: FILE,
    ...options,
  });
}

describe("the market in a worker", () => {
  test("publishes the same stream as a run in this thread", async () => {
    const steps = 1500;
    const ring = ringOf(20);
    const worker = await start(ring, { speed: 0, stepsMax: steps });
    const hash = createHash("sha256");
    let isRunning = true;
    const ended = worker.finished(60_000).finally(() => (isRunning = false));
    let records = 0;
    while (isRunning) {
      await delay(1);
      records += hashWaiting(ring, hash);
    }
    const status = await ended;
    records += hashWaiting(ring, hash);
    expect(status.steps).toBe(steps);
    expect(records, "every record arrived").toBe(status.trades + status.quotes);
    expect(status.refusals).toBe(0);
    expect(hash.digest("hex")).toBe(publicHash(build, simulatorConfig({ seed: 42 }), steps));
  });

  test("keeps the time of the clock, pauses, resumes, and changes its speed", async () => {
    const ring = ringOf(20);
    const hash = createHash("sha256");
    const statuses: SimulatorStatus[] = [];
    const ahead: number[] = [];
    const launchedMillis = performance.now();
    let startedMillis = Infinity;
    let nearest = Infinity;
    // The market's first step lies between our order to start and its first report. However late
    // a report is read, it tells of no step that was not due; some report is read soon after.
    const onStatus = (status: SimulatorStatus): void => {
      statuses.push(status);
      const now = performance.now();
      if (status.type === "started") startedMillis = now;
      if (status.speed !== 1 || status.isPaused) return;
      const steps = status.steps + status.stepsSkipped;
      ahead.push(steps - (now - launchedMillis) / STEP_MILLIS);
      if (steps >= 60) nearest = Math.min(nearest, (now - startedMillis) / STEP_MILLIS - steps);
    };
    const worker = await start(ring, { statusMillis: 20, onStatus });
    const drain = setInterval(() => hashWaiting(ring, hash), 10);
    await until(() => nearest < 15);
    expect(
      Math.max(...ahead),
      "steps of 10 ms, made or skipped, before they were due",
    ).toBeLessThan(1);
    worker.pause();
    await until(() => worker.status!.isPaused);
    const paused = worker.status!.steps;
    await delay(200);
    expect(worker.status!.steps, "paused").toBe(paused);
    worker.setSpeed(10);
    worker.resume();
    await until(() => worker.status!.steps > paused + 200);
    expect(worker.status!.speed).toBe(10);
    const last = await worker.stop();
    clearInterval(drain);
    expect(last.type).toBe("stopped");
    expect(statuses[0]!.type).toBe("started");
    expect(statuses.at(-1).type).toBe("stopped");
  });

  test("waits while nobody reads, says so, and still stops at once", async () => {
    const ring = ringOf(20);
    const worker = await start(ring, { speed: 0, statusMillis: 20 });
    await until(() => worker.status!.ringFullWaits > 3);
    const steps = worker.status!.steps;
    await delay(100);
    expect(worker.status!.steps).toBe(steps);
    const last = await worker.stop();
    const records = hashWaiting(ring, createHash("sha256"));
    expect(records, "all that was said to be published lies in the ring").toBe(
      last.trades + last.quotes,
    );
    expect(ring.overrun).toBe(0);
  });

  test("leaves nothing behind, however often it is started and stopped", async () => {
    const handles = (): number => {
      return process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name))
        .length;
    };
    const before = handles();
    const rssBytes: number[] = [];
    for (let round = 0; round < 5; round++) {
      const worker = await start(ringOf(20), {});
      await delay(30);
      expect((await worker.stop()).type).toBe("stopped");
      rssBytes.push(process.memoryUsage().rss);
    }
    await until(() => handles() === before);
    const growth = rssBytes.at(-1) - rssBytes[1]!;
    expect(growth, "resident bytes of three more rounds").toBeLessThan(64e6);
  });

  test("a fault of the worker reaches the one who started it", async () => {
    const ring = Ring.create(new SharedArrayBuffer(ringBytes(64)), 0, 64);
    await expect(start(ring, {})).rejects.toThrow(/ring of 64 cells/);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  const endMillis = performance.now() + 20_000;
  while (!isTrue()) {
    if (performance.now() > endMillis) throw new Error("it did not happen within 20 s");
    await delay(5);
  }
}
