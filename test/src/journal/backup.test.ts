// Backups: taken beside an engine at work, read back, restored; and all that can go wrong.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Role } from "../../../asm/vocab.ts";
import { Clock } from "../../../src/clock.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { backupJournal, type BackupReport } from "../../../src/journal/backup.ts";
import type { Disk } from "../../../src/journal/disk.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import { restoreBackup, verifyBackup, type BackupContent } from "../../../src/journal/restore.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { hashesOf, Timeline } from "../../../src/oms/timeline.ts";
import { Topology } from "../../../src/oms/topology.ts";
import { put, setupRecords, ticks } from "../../asm/spine-core.ts";
import { CAN_MOUNT, SmallDisk } from "../../sim/small-disk.ts";
import { Hands } from "../oms/hands.ts";

const build = loadBuild();
const hash = createHasher(build);
const data = ticks(9_000);
let root = "";
let from = "";
let to = "";
let into = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "alphapulse-backup-"));
  from = join(root, "journal");
  to = join(root, "copy");
  into = join(root, "again");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const backup = (disk: Disk = NODE_DISK): BackupReport => backupJournal({ disk, from, to, hash });
const verify = (dir = to): BackupContent => verifyBackup({ disk: NODE_DISK, dir, hash });
const restore = (): BackupContent => restoreBackup({ disk: NODE_DISK, dir: to, into, hash });
const code = (name: string): unknown => expect.objectContaining({ code: name });
const files = (dir: string): string[] =>
  readdirSync(join(dir, "0")).filter((name) => /^s(egment|napshot)-/.test(name));

/** A life of an inline engine in small segments, with a snapshot in the end when asked for. */
async function live(fromTick: number, toTick: number, hasSnapshot = false): Promise<string> {
  const journal = { dir: from, stream: 0, segmentBytes: 1 << 16 };
  const clock = new Hands().clock();
  const engine = new Engine({
    build,
    clock,
    roles: Role.Both,
    isRecorded: true,
    journal,
  });
  engine.recover();
  engine.start();
  engine.configure(setupRecords());
  for (const bytes of data.slice(fromTick, toTick)) {
    if (!put(engine.feed, bytes)) throw new Error("feed ring full");
    if (engine.feed.waiting() > 50) engine.turn();
  }
  while (engine.core.isBusy()) engine.turn();
  const text = engine.core.stateHashText();
  await engine.stop();
  if (!hasSnapshot) return text;
  const follower = new Follower({
    build,
    dir: from,
    stream: 0,
    roles: Role.Both,
    keep: 3,
  });
  while (follower.step(64) > 0);
  follower.snapshot();
  follower.close();
  return text;
}

function stateAt(dir: string, stream: number, sequence: number | "end"): unknown {
  const timeline = new Timeline({ dir, stream, build });
  const { core } = timeline.stateAt(sequence === "end" ? timeline.range.lastSequence : sequence);
  return { sequence: core.sequence, ...hashesOf(core) };
}

test.each(["inline", "sharded"] as const)(
  "an engine whose machine is lost goes on from the backup taken under load, %s",
  async (name) => {
    const open = (journalDir: string, segmentBytes: number): Promise<Topology> =>
      Topology.open({
        ...{
          name,
          build,
          clock: Clock.system(),
          isRecorded: true,
          journalDir,
          segmentBytes,
        },
        snapshots: {
          ...{ everyRecords: 1_500, keep: 3, onSnapshot: () => undefined },
          onFault: (fault) => {
            throw fault;
          },
        },
      });
    const first = await open(from, 1 << 20);
    first.engine.start();
    await first.configure(setupRecords());
    const reports: BackupReport[] = [];
    for (const [at, bytes] of data.entries()) {
      while (!put(first.feed, bytes)) {
        first.feed.wake();
        first.engine.schedule();
        await new Promise((next) => setImmediate(next));
      }
      if (at % 500 === 0) {
        first.feed.wake();
        first.engine.schedule();
        await new Promise((next) => setTimeout(next, 5));
      }
      // Not at a border of a turn, and the market worker works meanwhile.
      if (at === 4_321 || at === 7_321) reports.push(backup());
    }
    await first.market?.drained();
    await first.stop();
    const original = join(root, "original");
    cpSync(from, original, { recursive: true });
    rmSync(from, { recursive: true });

    const { streams } = restore();
    expect(streams.map(({ stream, lastSequence }) => ({ stream, lastSequence }))).toEqual(
      reports[1]!.streams,
    );
    for (const { stream, lastSequence } of streams) {
      expect(lastSequence, "taken in the middle").toBeGreaterThan(1_000);
      const last = new Timeline({ dir: original, stream, build }).range.lastSequence;
      expect(lastSequence).toBeLessThan(last);
      expect(stateAt(into, stream, "end"), `stream ${stream} after the restore`).toEqual(
        stateAt(original, stream, lastSequence),
      );
    }
    const again = await open(into, 1 << 22);
    again.engine.start();
    await again.configure(setupRecords());
    expect(again.feedRecords).toBeGreaterThan(1_000);
    expect(again.engine.fault).toBeUndefined();
    await again.market?.drained();
    await again.stop();
  },
  120_000,
);

test("only what is new is copied, and the restored journal is the same files", async () => {
  await live(0, 2_000, true);
  const first = backup();
  expect(first.copiedFiles).toBe(files(from).length);
  expect(first.copiedFiles).toBeGreaterThan(3);
  expect(backup().copiedFiles, "nothing is new").toBe(0);
  const expected = await live(2_000, 2_400);
  const second = backup();
  expect(second.copiedFiles).toBe(files(from).length - first.copiedFiles + 1);
  expect(second.bytes).toBeGreaterThan(first.bytes);
  restore();
  expect(files(into)).toEqual(files(from));
  rmSync(from, { recursive: true });
  cpSync(into, from, { recursive: true });
  expect(await live(2_400, 2_400), "state after the start").toBe(expected);
  expect(backup().copiedFiles, "the backup goes on with the restored one").toBeLessThan(3);
  expect(() => restore()).toThrow(code("RESTORE_EXISTS"));
}, 60_000);

test("one wrong bit anywhere is found, and nothing is restored from it", async () => {
  await live(0, 1_500, true);
  backup();
  const names = [...files(to).map((name) => join("0", name)), "manifest.json"];
  let flips = 0;
  for (const name of names) {
    const path = join(to, name);
    const whole = readFileSync(path);
    for (const share of [0, 0.02, 0.31, 0.77, 0.999999]) {
      const at = Math.floor(share * whole.length);
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (flips % 8);
      writeFileSync(path, bytes);
      for (const act of [verify, restore]) expect(act, `${name} at ${at}`).toThrow(path);
      expect(existsSync(into)).toBe(false);
      flips += 1;
    }
    writeFileSync(path, whole);
  }
  expect(flips).toBeGreaterThan(20);
  rmSync(join(to, names[1]!));
  expect(() => restore()).toThrow(/is missing/);
}, 60_000);

test("a crash at any moment leaves the last backup, and the next one goes on", async () => {
  await live(0, 600);
  backup();
  const early = verify();
  const kept = `${to}-kept`;
  cpSync(to, kept, { recursive: true });
  await live(600, 1_300, true);
  let steps = 0;
  const dying = (stepsMax: number): Disk => {
    steps = 0;
    const step = (path = ""): void => {
      if (!/\/lock[^/]*$/.test(path) && ++steps > stepsMax) throw new Error("the power is gone");
    };
    return {
      ...NODE_DISK,
      write: (fd, u8, at, bytes, position) => (
        step(),
        NODE_DISK.write(fd, u8, at, bytes, position)
      ),
      sync: (fd) => (step(), NODE_DISK.sync(fd)),
      syncFolder: (path) => (step(), NODE_DISK.syncFolder(path)),
      rename: (a, b) => (step(a), NODE_DISK.rename(a, b)),
      remove: (path) => (step(path), NODE_DISK.remove(path)),
    };
  };
  backup(dying(Infinity));
  const [all, late] = [steps, verify()];
  expect(all).toBeGreaterThan(15);
  for (let crashAt = 0; crashAt < all; crashAt++) {
    rmSync(to, { recursive: true });
    cpSync(kept, to, { recursive: true });
    expect(() => backup(dying(crashAt))).toThrow("the power is gone");
    const { streams } = verify();
    expect(streams[0]!.lastSequence).toBeGreaterThanOrEqual(early.streams[0]!.lastSequence);
    backup();
    expect(verify().streams, `after a crash at step ${crashAt}`).toEqual(late.streams);
    expect(files(to).filter((name) => name.endsWith(".part"))).toEqual([]);
  }
}, 120_000);

test("a copy that reads back otherwise gets no name", async () => {
  await live(0, 300);
  const disk: Disk = {
    ...NODE_DISK,
    write(fd, u8, at, bytes, position) {
      const wrong = Uint8Array.from(u8.subarray(at, at + bytes));
      if (bytes > 5_000) wrong[4_500]! ^= 4;
      return NODE_DISK.write(fd, wrong, 0, bytes, position);
    },
  };
  expect(() => backup(disk)).toThrow(code("BACKUP_DAMAGED"));
  expect(files(to)).toEqual([]);
}, 30_000);

test("the backup of another journal, or of another past, is left alone", async () => {
  await live(0, 900);
  const before = `${from}-before`;
  cpSync(from, before, { recursive: true });
  await live(900, 1_200);
  backup();
  const kept = files(to).map((name) => readFileSync(join(to, "0", name)).toString("base64"));
  rmSync(from, { recursive: true });
  cpSync(before, from, { recursive: true });
  await live(1_000, 1_400);
  expect(() => backup()).toThrow(code("BACKUP_OTHER"));
  // A crash before the first list was written leaves copies that nothing names.
  rmSync(join(to, "manifest.json"));
  expect(() => backup()).toThrow(code("BACKUP_OTHER"));
  rmSync(from, { recursive: true });
  await live(0, 100);
  expect(() => backup()).toThrow(code("BACKUP_OTHER"));
  expect(files(to).map((name) => readFileSync(join(to, "0", name)).toString("base64"))).toEqual(
    kept,
  );
}, 60_000);

test("a journal that lost its newest file is refused", async () => {
  await live(0, 2_000);
  backup();
  const newest = files(from).at(-1);
  rmSync(join(from, "0", newest));
  expect(() => backup()).toThrow(newest);
}, 60_000);

test("a copy that was exchanged for another whole one is found", async () => {
  await live(0, 100);
  backup();
  rmSync(from, { recursive: true });
  await live(10, 200);
  const [name] = files(from);
  cpSync(join(from, "0", name!), join(to, "0", name!));
  expect(() => verify()).toThrow(/sha256/);
}, 30_000);

test("a hole is told, and a restore takes what lies behind it", async () => {
  await live(0, 600);
  backup();
  const known = files(from).length;
  const expected = await live(600, 5_000, true);
  const segments = files(from).filter((name) => name.endsWith(".apj"));
  // As the cap of a tick journal does while no backup runs.
  for (const name of segments.slice(0, known + 2)) rmSync(join(from, "0", name));
  backup();
  expect(verify().streams[0]!.hole).toMatch(/^block \d+ to \d+ are missing$/);
  restore();
  rmSync(from, { recursive: true });
  cpSync(into, from, { recursive: true });
  expect(await live(5_000, 5_000), "from the snapshot").toBe(expected);
}, 60_000);

test.runIf(CAN_MOUNT)(
  "a folder without room is told, the next backup goes on (root)",
  async () => {
    await live(0, 2_000, true);
    const small = new SmallDisk(16);
    try {
      to = join(small.dir, "copy");
      small.fill(300_000);
      expect(() => backup()).toThrow(code("BACKUP_NO_ROOM"));
      small.empty();
      backup();
      expect(verify().streams[0]!.lastSequence).toBeGreaterThan(2_000);
    } finally {
      small.remove();
    }
  },
  60_000,
);

test("two backups into one folder do not meet, and no journal is no backup", async () => {
  await live(0, 100);
  let inner: unknown;
  const disk: Disk = {
    ...NODE_DISK,
    rename(a, b) {
      if (inner === undefined) {
        try {
          backup();
        } catch (error) {
          inner = error;
        }
      }
      NODE_DISK.rename(a, b);
    },
  };
  backup(disk);
  expect(inner).toEqual(code("BACKUP_BUSY"));
  expect(() => verify(join(root, "nothing"))).toThrow(code("BACKUP_NOT_FOUND"));
  rmSync(from, { recursive: true });
  expect(() => backup()).toThrow(code("JOURNAL_NOT_FOUND"));
}, 30_000);
