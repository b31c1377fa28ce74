// The cap of a market worker's journal: what goes, what must stay, and the starts afterwards.
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Role } from "../../../asm/vocab.ts";
import { Clock } from "../../../src/clock.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import type { Disk } from "../../../src/journal/disk.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import type { CapReport } from "../../../src/journal/segment-cap.ts";
import { capSegments } from "../../../src/journal/segment-cap.ts";
import { formatStat, journalStat } from "../../../src/journal/stat.ts";
import { verifyDeep } from "../../../src/oms/deep-verify.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { isAhead, marketSeen, NOTHING_SEEN } from "../../../src/oms/market-mark.ts";
import { capTicks } from "../../../src/oms/tick-cap.ts";
import { Timeline } from "../../../src/oms/timeline.ts";
import { Topology, type SnapshotOptions } from "../../../src/oms/topology.ts";
import { put, setupRecords, ticks } from "../../asm/spine-core.ts";

const build = loadBuild();
const hash = createHasher(build);
const data = ticks(9_000);
const CAP_BYTES = 1 << 18;
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-cap-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function open(snapshots?: SnapshotOptions, segmentBytes = 1 << 16): Promise<Topology> {
  const clock = Clock.system();
  const where = { name: "sharded", journalDir: dir, segmentBytes, snapshots } as const;
  const topology = await Topology.open({ build, clock, isRecorded: true, ...where });
  topology.engine.start();
  await topology.configure(setupRecords());
  return topology;
}

async function until(isDone: () => boolean, what: string): Promise<void> {
  const endMillis = performance.now() + 20_000;
  while (!isDone()) {
    if (performance.now() > endMillis) throw new Error(`waited for: ${what}`);
    await new Promise((next) => setTimeout(next, 1));
  }
}

/** Feeds ticks in portions small enough for many blocks, and waits for the order loop. */
async function feed(topology: Topology, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 100) {
    for (const bytes of data.slice(at, Math.min(at + 100, to))) put(topology.feed, bytes);
    topology.feed.wake();
    const last = await topology.market!.drained();
    topology.engine.schedule();
    await until(() => hasSeen(topology, last), "the order loop");
  }
}

/** The order loop has taken all that was made up to an input of the worker. */
function hasSeen({ engine }: Topology, last: number): boolean {
  return !engine.core.isBusy() && engine.core.derivedSeen >= last;
}

async function hashes(topology: Topology): Promise<string> {
  const { market, order } = await topology.stateHashes();
  return `${market} ${order}`;
}

/** A life without snapshots; returns the state hashes in the end. */
async function life(from: number, to: number): Promise<string> {
  const topology = await open();
  await feed(topology, from, to);
  const text = await hashes(topology);
  await topology.stop();
  return text;
}

function segments(stream: number): string[] {
  return readdirSync(join(dir, String(stream))).filter((name) => name.endsWith(".apj"));
}

const firstSegments = (stream: number): string[] =>
  segments(stream).filter((name) => /-0{20}\.apj$/.test(name));

function follow(keep: number, tickSegmentsMaxBytes: number): Follower {
  const roles = Role.Market;
  return new Follower({ build, dir, stream: 1, roles, keep, tickSegmentsMaxBytes });
}

function catchUp(follower: Follower): void {
  while (follower.step(64) > 0);
}

test("a capped tick journal loses its oldest files, starts go on as if it had all", async () => {
  const caps: CapReport[] = [];
  const topology = await open({
    ...{ everyRecords: 1_000, keep: 2, tickSegmentsMaxBytes: CAP_BYTES },
    onSnapshot: (stream, { cap }) => {
      expect(cap === undefined, "the order journal has no cap").toBe(stream === 0);
      if (cap !== undefined) caps.push(cap);
    },
    onFault: (fault) => {
      throw fault;
    },
  });
  for (let at = 0; at < 8_000; at += 2_000) {
    const before = caps.length;
    await feed(topology, at, at + 2_000);
    await until(() => caps.length > before, "a snapshot");
  }
  const live = await hashes(topology);
  await topology.stop();
  expect(caps.some(({ removed }) => removed.length > 0)).toBe(true);
  expect(firstSegments(1), "the beginning is gone").toEqual([]);
  expect(firstSegments(0), "orders are kept").toHaveLength(1);

  const stat = journalStat({ dir, stream: 1, hash });
  expect(stat).toMatchObject({ isChainWhole: true, problem: "" });
  expect(formatStat(stat)).toMatch(/beginning {2}gone: the first \d+ blocks, up to sequence \d+/);
  const timeline = new Timeline({ dir, stream: 1, build });
  expect(verifyDeep(timeline).snapshots.map(({ problem }) => problem)).toEqual(["", ""]);
  expect(() => timeline.stateAt(stat.firstSequence)).toThrow(
    expect.objectContaining({ code: "RECOVERY_GAP" }),
  );

  const again = await open();
  expect(await hashes(again), "the state after the start").toBe(live);
  expect(again.feedRecords).toBe(8_000);
  await feed(again, 8_000, 9_000);
  const capped = await hashes(again);
  await again.stop();
  rmSync(dir, { recursive: true });
  await life(0, 8_000);
  expect(await life(8_000, 9_000), "as with the whole journal").toBe(capped);
}, 120_000);

test("nothing goes that the order journal may still ask for", async () => {
  await life(0, 2_000);
  cpSync(join(dir, "0"), join(dir, "early"), { recursive: true });
  const seenEarly = marketSeen(NODE_DISK, dir, hash);
  const follower = follow(1, 1);
  catchUp(follower);
  const first = follower.snapshot()!;
  expect(first.cap!.removed.length, "all before the snapshot").toBeGreaterThan(0);
  expect(first.cap!.problem).toBe("a start needs what is left");

  const expected = await life(2_000, 6_000);
  expect(isAhead(marketSeen(NODE_DISK, dir, hash), seenEarly)).toBe(true);
  // A loss of power took what the order loop wrote last; its worker's journal was lucky.
  rmSync(join(dir, "0"), { recursive: true });
  cpSync(join(dir, "early"), join(dir, "0"), { recursive: true });
  const before = segments(1);
  catchUp(follower);
  const second = follower.snapshot()!;
  follower.close();
  expect(second.cap!.removed, "the newest snapshot is ahead of the order journal").toEqual([]);
  expect(segments(1)).toEqual(before);
  const snapshots = readdirSync(join(dir, "1")).filter((name) => name.endsWith(".aps"));
  expect(snapshots, "one is kept, and the one the order journal needs").toHaveLength(2);

  // All that was missed comes at once, in blocks larger than those files.
  const third = await open(undefined, 1 << 22);
  const last = await third.market!.drained();
  await until(() => {
    third.engine.schedule();
    return hasSeen(third, last);
  }, "the order loop");
  expect(await hashes(third), "made again from the older snapshot").toBe(expected);
  await third.stop();
}, 120_000);

test("snapshots that are damaged or ahead of the order journal vouch for nothing", async () => {
  await life(0, 3_000);
  const follower = follow(3, 0);
  catchUp(follower);
  const { path } = follower.snapshot()!;
  follower.close();
  const place = { disk: NODE_DISK, folder: join(dir, "1"), stream: 1, hash };
  const { removed } = capTicks(place, build, NOTHING_SEEN, 1);
  expect(removed, "the order journal has nothing").toEqual([]);
  const fd = NODE_DISK.open(path, "r+");
  NODE_DISK.write(fd, new Uint8Array([1, 2, 3]), 0, 3, NODE_DISK.size(fd) - 9);
  NODE_DISK.close(fd);
  const report = capTicks(place, build, marketSeen(NODE_DISK, dir, hash), 1);
  expect(report.removed).toEqual([]);
  expect(report.problem).toMatch(/no snapshot is whole/);
}, 60_000);

test("a crash between two removals leaves a journal that is whole", async () => {
  await life(0, 4_000);
  const folder = join(dir, "1");
  const log: string[] = [];
  let removals = 0;
  const disk: Disk = {
    ...NODE_DISK,
    remove(path) {
      removals += 1;
      if (removals === 3) throw new Error("the power is gone");
      log.push("remove");
      NODE_DISK.remove(path);
    },
    syncFolder(path) {
      log.push("sync");
      NODE_DISK.syncFolder(path);
    },
  };
  const follower = follow(3, 0);
  catchUp(follower);
  follower.snapshot();
  follower.close();
  expect(() => capSegments(disk, folder, 1, Infinity)).toThrow("the power is gone");
  expect(log, "one name at a time").toEqual(["remove", "sync", "remove", "sync"]);
  expect(journalStat({ dir, stream: 1, hash }).isChainWhole).toBe(true);
  const again = await open();
  expect(again.feedRecords).toBe(4_000);
  await again.stop();
}, 60_000);
