// Inline and sharded: one result; and what a market worker does after a crash of the order loop.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { H_ORDER_EVENT_HASH, RING_DERIVED_CELLS } from "../../../asm/layout.ts";
import { Kind } from "../../../asm/vocab.ts";
import { Clock } from "../../../src/clock.ts";
import { loadBuild } from "../../../src/core/build.ts";
import type { OutputSink } from "../../../src/oms/sink.ts";
import { chooseTopology, Topology, type TopologyName } from "../../../src/oms/topology.ts";
import { record, put, setupRecords, ticks } from "../../asm/spine-core.ts";

const build = loadBuild();
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-topology-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

class Kinds implements OutputSink {
  readonly seen = new Set<number>();

  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += 64 * (1 + (view.getUint16(at + 2, true) & 3))) {
      this.seen.add(view.getUint16(at, true));
    }
  }

  flush(): void {
    // Nothing leaves.
  }
}

function open(
  name: TopologyName,
  journalDir?: string,
  sink = new Kinds(),
  faults: unknown[] = [],
): Promise<Topology> {
  const onFault = (fault: unknown): void => void faults.push(fault);
  return Topology.open({
    name,
    build,
    clock: Clock.system(),
    isRecorded: true,
    journalDir,
    segmentBytes: 1 << 22,
    sinks: () => [sink],
    onFault,
  });
}

async function yieldLoop(): Promise<void> {
  await new Promise<void>((next) => setImmediate(next));
}

async function feed(topology: Topology, data: readonly Uint8Array[]): Promise<void> {
  for (const bytes of data) {
    while (!put(topology.feed, bytes)) {
      topology.feed.wake();
      topology.engine.schedule();
      await yieldLoop();
    }
  }
  topology.feed.wake();
  await settle(topology);
}

async function settle(topology: Topology): Promise<void> {
  const { engine, market } = topology;
  const last = (await market?.drained()) ?? 0;
  const untilMillis = performance.now() + 20_000;
  while (engine.core.isBusy() || (market !== undefined && engine.core.derivedSeen < last)) {
    if (performance.now() > untilMillis)
      throw new Error(`order loop stands at ${engine.core.derivedSeen} of ${last}`);
    engine.schedule();
    await yieldLoop();
  }
}

async function hashes(topology: Topology): Promise<string> {
  const { market, order } = await topology.stateHashes();
  return `${market} ${order} ${topology.engine.core.view.getBigUint64(H_ORDER_EVENT_HASH, true)}`;
}

test("the same feed gives the same state and events inline and sharded", async () => {
  const results: string[] = [];
  for (const name of ["inline", "sharded"] as const) {
    const sink = new Kinds();
    const topology = await open(name, undefined, sink);
    topology.engine.start();
    await topology.configure(setupRecords());
    await feed(topology, ticks(3_000));
    results.push(await hashes(topology));
    const kinds = [
      Kind.TradePrint,
      Kind.CandleClosed,
      Kind.Signal,
      Kind.Fill,
      Kind.PositionChanged,
    ];
    for (const kind of kinds) expect(sink.seen.has(kind), `${name}: ${Kind[kind]}`).toBe(true);
    await topology.stop();
  }
  expect(results[1]).toBe(results[0]);
}, 60_000);

test("the market worker sends again all that the order loop missed", async () => {
  const data = ticks(24_000);
  const first = await open("sharded", dir);
  first.engine.start();
  await first.configure(setupRecords());
  await feed(first, data.slice(0, 500));
  const seen = first.engine.core.derivedSeen;
  await first.stop();
  cpSync(join(dir, "0"), join(dir, "kept"), { recursive: true });

  const second = await open("sharded", dir);
  second.engine.start();
  await second.configure(setupRecords());
  expect(second.feedRecords).toBe(500);
  await feed(second, data.slice(500));
  const expected = await hashes(second);
  expect(second.engine.core.derivedSeen - seen).toBeGreaterThan(RING_DERIVED_CELLS);
  await second.stop();

  // The order loop's journal as it was before the second run.
  rmSync(join(dir, "0"), { recursive: true });
  cpSync(join(dir, "kept"), join(dir, "0"), { recursive: true });
  const third = await open("sharded", dir);
  expect(third.engine.core.derivedSeen).toBe(seen);
  third.engine.start();
  await third.configure(setupRecords());
  await settle(third);
  expect(await hashes(third), "the order state is made again").toBe(expected);
  await third.stop();
}, 60_000);

test("a market worker that ended is reported, and the order loop still stops", async () => {
  const faults: unknown[] = [];
  const topology = await open("sharded", dir, new Kinds(), faults);
  topology.engine.start();
  await topology.configure(setupRecords());
  const { worker } = topology.market as unknown as { worker: Worker };
  const asked = topology.market!.stateHash();
  const answer = asked.then(
    () => "hash",
    (error: unknown) => (error as { code: string }).code,
  );
  await worker.terminate();
  expect(["hash", "MARKET_WORKER"]).toContain(await answer);
  await expect(topology.market!.drained()).rejects.toMatchObject({ code: "MARKET_WORKER" });
  await expect(topology.stop()).rejects.toMatchObject({ code: "MARKET_WORKER" });
  const again = await open("inline", dir).catch((error: unknown) => error);
  expect(again, "the order journal was closed and unlocked").toBeInstanceOf(Topology);
  await (again as Topology).stop();
}, 30_000);

test("a recovery that fails gives the journal's lock back", async () => {
  const first = await open("inline", dir);
  first.engine.start();
  put(first.engine.control, record(Kind.Checkpoint, { orderHash: 1n }));
  first.engine.turn();
  await first.stop();
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(open("inline", dir)).rejects.toMatchObject({ code: "RECOVERY_HASH" });
  }
});

test("the wish decides the topology, and the cores when there is none", () => {
  expect(chooseTopology("inline")).toBe("inline");
  expect(chooseTopology("sharded")).toBe("sharded");
  expect(chooseTopology("auto")).toBe(cpus().length >= 4 ? "sharded" : "inline");
});
