// Snapshots by a follower, and starts from them: the same state as by the whole journal, or the
// journal is replayed and the reason is told.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Kind, Role } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Clock } from "../../../src/clock.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { Follower, type SnapshotReport } from "../../../src/oms/follower.ts";
import type { OutputSink } from "../../../src/oms/sink.ts";
import { Topology, type TopologyName } from "../../../src/oms/topology.ts";
import type { StrategyPast } from "../../../src/strategy-past.ts";
import { put, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "./hands.ts";

const build = loadBuild();
const data = ticks(6_000);
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-follower-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Counts what it hears by kind. */
class Ears implements OutputSink {
  readonly kinds = new Map<number, number>();
  pasts: readonly StrategyPast[] = [];

  collect(): void {
    // Only the past matters here.
  }

  flush(): void {
    // Nothing leaves.
  }

  recovered(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += (1 + (view.getUint16(at + 2, true) & 3)) << 6) {
      const kind = view.getUint16(at, true);
      this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    }
  }

  restored(pasts: readonly StrategyPast[]): void {
    this.pasts = pasts;
  }
}

function openEngine(): { engine: Engine; ears: Ears } {
  const journal = { dir, stream: 0, segmentBytes: 1 << 17 };
  const clock = new Hands().clock();
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: true, journal });
  const ears = new Ears();
  engine.addSink(ears);
  return { engine, ears };
}

function feed(engine: Engine, from: number, to: number): void {
  for (const bytes of data.slice(from, to)) {
    if (!put(engine.feed, bytes)) throw new Error("feed ring full");
    if (engine.feed.waiting() > 50) engine.turn();
  }
  while (engine.core.isBusy()) engine.turn();
}

function follow(keep = 3): Follower {
  return new Follower({ build, dir, stream: 0, roles: Role.Both, keep });
}

function catchUp(follower: Follower): void {
  while (follower.step(64) > 0);
}

const names = (): string[] =>
  readdirSync(join(dir, "0"))
    .filter((name) => name.endsWith(".aps"))
    .sort();

/** A life of the engine with snapshots at 1000, 2000 and 3000 ticks; 3500 in the end. */
async function lifeWithSnapshots(): Promise<{ hash: string; reports: SnapshotReport[] }> {
  const { engine } = openEngine();
  engine.recover();
  engine.start();
  engine.configure(setupRecords());
  const follower = follow();
  const reports: SnapshotReport[] = [];
  for (const until of [1_000, 2_000, 3_000]) {
    feed(engine, until - 1_000, until);
    catchUp(follower);
    expect(follower.core.stateHashText(), "the follower is where the engine is").toBe(
      engine.core.stateHashText(),
    );
    reports.push(follower.snapshot()!);
  }
  expect(follower.snapshot(), "nothing new").toBeUndefined();
  feed(engine, 3_000, 3_500);
  const hash = engine.core.stateHashText();
  follower.close();
  await engine.stop();
  return { hash, reports };
}

/** Recovers, checks the state, goes on to 4000 ticks; returns what the recovery said. */
async function recoverAnd(hash: string) {
  const { engine, ears } = openEngine();
  try {
    const recovery = engine.recover();
    expect(engine.core.stateHashText()).toBe(hash);
    engine.start();
    expect(engine.configure(setupRecords()), "configured before").toBe(0);
    feed(engine, 3_500, 4_000);
    return { recovery, ears, after: engine.core.stateHashText() };
  } finally {
    await engine.stop();
  }
}

test("a start from the newest snapshot gives state and past of a whole replay", async () => {
  const { hash, reports } = await lifeWithSnapshots();
  expect(names()).toHaveLength(3);
  const kept = `${dir}-kept`;
  cpSync(dir, kept, { recursive: true });
  const quick = await recoverAnd(hash);
  expect(quick.recovery.snapshot).toEqual({
    path: reports[2]!.path,
    sequence: reports[2]!.sequence,
  });
  expect(quick.recovery.refused).toEqual([]);
  rmSync(dir, { recursive: true });
  cpSync(kept, dir, { recursive: true });
  rmSync(kept, { recursive: true });
  for (const name of names()) rmSync(join(dir, "0", name));
  const whole = await recoverAnd(hash);
  expect(whole.recovery.snapshot).toBeUndefined();
  expect(quick.after).toBe(whole.after);
  const tailRecords = whole.recovery.records - reports[2]!.sequence;
  expect(quick.recovery.records).toBe(tailRecords);
  const [few, all] = [quick.ears.kinds, whole.ears.kinds];
  expect(few.get(Kind.CandleClosed), "not more than are kept").toBe(all.get(Kind.CandleClosed));
  for (const kind of [Kind.IndicatorValue, Kind.TradePrint, Kind.PositionChanged]) {
    expect(few.get(kind), Kind[kind]).toBeGreaterThan(0);
    expect(few.get(kind), Kind[kind]).toBeLessThan(all.get(kind)!);
  }
  expect(quick.ears.pasts).toMatchObject([{ strategyId: 7, account: 1 }]);
  expect(whole.ears.pasts).toEqual([]);
}, 60_000);

test("the last ones are kept, and a follower goes on from its own", async () => {
  const { engine } = openEngine();
  engine.start();
  engine.configure(setupRecords());
  let sequence = 0;
  for (let turn = 0; turn < 5; turn += 1) {
    feed(engine, turn * 200, turn * 200 + 200);
    const follower = follow(2);
    expect(follower.core.sequence).toBe(sequence);
    catchUp(follower);
    sequence = follower.snapshot()!.sequence;
    follower.close();
    expect(names().length).toBe(Math.min(turn + 1, 2));
  }
  expect(sequence).toBe(engine.core.sequence);
  await engine.stop();
}, 60_000);

describe("a snapshot that cannot be used", () => {
  function damage(name: string, act: (bytes: Buffer) => Buffer): void {
    const path = join(dir, "0", name);
    writeFileSync(path, act(readFileSync(path)));
  }

  test("damaged ones are passed by for older ones, told, and none is as good as one", async () => {
    const { hash, reports } = await lifeWithSnapshots();
    const [first, second, third] = names();
    damage(third!, (bytes) => bytes.subarray(0, bytes.length - 1));
    damage(second!, (bytes) => {
      bytes[5000]! ^= 1;
      return bytes;
    });
    const kept = `${dir}-kept`;
    cpSync(dir, kept, { recursive: true });
    const older = await recoverAnd(hash);
    expect(older.recovery.snapshot?.sequence).toBe(reports[0]!.sequence);
    expect(older.recovery.refused).toHaveLength(2);
    expect(older.recovery.refused[0]).toContain(third!);
    rmSync(dir, { recursive: true });
    cpSync(kept, dir, { recursive: true });
    rmSync(kept, { recursive: true });
    damage(first!, (bytes) => {
      bytes[20]! ^= 4;
      return bytes;
    });
    const none = await recoverAnd(hash);
    expect(none.recovery.snapshot).toBeUndefined();
    expect(none.recovery.refused).toHaveLength(3);
    expect(none.after).toBe(older.after);
  }, 60_000);

  test("one of another build is refused and the journal replayed", async () => {
    const { hash } = await lifeWithSnapshots();
    const other = { ...build, sha256: `${"0".repeat(63)}1` };
    const journal = { dir, stream: 0, segmentBytes: 1 << 17 };
    const clock = new Hands().clock();
    const base = { clock, roles: Role.Both, isRecorded: true, journal };
    const engine = new Engine({ ...base, build: other });
    const recovery = engine.recover();
    expect(recovery.snapshot).toBeUndefined();
    expect(recovery.refused[0]).toMatch(/of core [0-9a-f]{16}, this is 0{16}/);
    expect(engine.core.stateHashText()).toBe(hash);
    await engine.stop();
  }, 60_000);

  test("one ahead of the journal is refused: the journal is the truth", async () => {
    const { reports } = await lifeWithSnapshots();
    // The last segments are lost, with the block the newest snapshots stand on.
    const segments = readdirSync(join(dir, "0"))
      .filter((name) => name.endsWith(".apj"))
      .sort();
    for (const name of segments.slice(segments.length >> 1)) rmSync(join(dir, "0", name));
    const { engine } = openEngine();
    const recovery = engine.recover();
    const used = recovery.snapshot?.sequence ?? 0;
    expect(used).toBeLessThan(reports[2]!.sequence);
    expect(recovery.refused[0]).toContain("the journal has no whole block where its last one was");
    expect(engine.core.sequence).toBe(engine.kept!.tail.sequence);
    await engine.stop();
  }, 60_000);

  test("a journal whose beginning is gone needs one", async () => {
    const { hash } = await lifeWithSnapshots();
    const segments = readdirSync(join(dir, "0"))
      .filter((name) => name.endsWith(".apj"))
      .sort();
    expect(segments.length).toBeGreaterThan(2);
    rmSync(join(dir, "0", segments[0]!));
    const { after } = await recoverAnd(hash);
    expect(after).not.toBe(hash);
    for (const name of names()) rmSync(join(dir, "0", name));
    const { engine } = openEngine();
    expect(() => engine.recover()).toThrow(/begins with block \d+ .* no snapshot leads up to it/);
    await engine.stop();
    expect(() => catchUp(follow())).toThrow(/no snapshot leads up to it/);
  }, 60_000);
});

test.each(["inline", "sharded"] as const)(
  "threads take them while the engine runs, %s",
  async (name: TopologyName) => {
    const taken: [number, SnapshotReport][] = [];
    const faults: unknown[] = [];
    const open = (): Promise<Topology> =>
      Topology.open({
        ...{ name, build, clock: Clock.system(), isRecorded: true, journalDir: dir },
        segmentBytes: 1 << 21,
        snapshots: {
          ...{ everyRecords: 500, keep: 2 },
          onSnapshot: (stream, report) => taken.push([stream, report]),
          onFault: (fault) => faults.push(fault),
        },
        onFault: (fault) => faults.push(fault),
      });
    const pump = async (topology: Topology, from: number, to: number): Promise<void> => {
      for (const bytes of data.slice(from, to)) {
        while (!put(topology.feed, bytes)) await new Promise((next) => setImmediate(next));
      }
      topology.feed.wake();
      const last = (await topology.market?.drained()) ?? 0;
      while (
        topology.engine.core.isBusy() ||
        (topology.market && topology.engine.core.derivedSeen < last)
      ) {
        topology.engine.schedule();
        await new Promise((next) => setImmediate(next));
      }
    };
    const hashes = async (topology: Topology): Promise<string> => {
      const { market, order } = await topology.stateHashes();
      return `${market} ${order}`;
    };
    const streams = name === "inline" ? [0] : [0, 1];
    const first = await open();
    first.engine.start();
    await first.configure(setupRecords());
    await pump(first, 0, 3_000);
    const untilMillis = performance.now() + 30_000;
    while (!streams.every((stream) => taken.some(([one]) => one === stream))) {
      if (performance.now() > untilMillis)
        throw new Error(`no snapshot within 30 s: ${faults.join()}`);
      await new Promise((next) => setTimeout(next, 20));
    }
    const expected = await hashes(first);
    await first.stop();
    const second = await open();
    const ofOrders = taken.filter(([stream]) => stream === 0).at(-1)[1];
    const { path, sequence } = ofOrders;
    expect(second.engine.recovery.snapshot).toEqual({ path, sequence });
    expect(second.engine.recovery.refused).toEqual([]);
    expect(await hashes(second)).toBe(expected);
    second.engine.start();
    await second.configure(setupRecords());
    await pump(second, 3_000, 3_500);
    const after = await hashes(second);
    await second.stop();
    expect(faults).toEqual([]);

    const whole = await Topology.open({ name, build, clock: Clock.system(), isRecorded: true });
    whole.engine.start();
    await whole.configure(setupRecords());
    await pump(whole, 0, 3_500);
    expect((await hashes(whole)).split(" ")[0], "market").toBe(after.split(" ")[0]);
    await whole.stop();
  },
  90_000,
);
