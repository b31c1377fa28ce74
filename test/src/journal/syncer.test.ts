import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AlphaError } from "../../../src/errors.ts";
import type { HashBytes } from "../../../src/journal/format.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { SyncWork, type SyncMessage } from "../../../src/journal/sync-loop.ts";
import { Syncer } from "../../../src/journal/syncer.ts";
import { BUILD, buildWorker, compileHash, inFolder, MemoryDisk, Sealer } from "./fixture.ts";

let hash: HashBytes;
let worker: URL;
const folder = mkdtempSync(join(tmpdir(), "syncer-"));
beforeAll(async () => {
  hash = compileHash();
  worker = await buildWorker(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const start = performance.now();
  while (!isTrue()) {
    if (performance.now() - start > 20_000) throw new Error(`never: ${what}`);
    await wait(1);
  }
}

describe.each(["wait-async", "message"] as const)("durable by %s", (wake) => {
  test("follows every write through many rotations, and ends with the last", async () => {
    await inFolder(async (dir) => {
      const told: number[] = [];
      const options = { dir, stream: 0, build: BUILD, hash, worker, wake, segmentBytes: 65_536 };
      const faults: AlphaError[] = [];
      const { journal } = Journal.open({
        ...options,
        onSynced: (sequence) => told.push(sequence),
        onFault: (fault) => faults.push(fault),
      });
      const sealer = new Sealer(hash);
      for (let i = 0; i < 400; i += 1) {
        const { bytes, firstSequence, records } = sealer.seal(1 + (i % 30));
        journal.append(bytes, 0, bytes.length, firstSequence, records);
        journal.requestSync();
        if (i % 50 === 0) await wait(2);
        expect(journal.syncedSequence <= journal.writtenSequence).toBe(true);
      }
      await until(() => journal.syncedSequence === sealer.sequence, "all durable");
      await until(() => told.at(-1) === sealer.sequence, "told so");
      expect(told, "only forward").toEqual([...new Set(told)].sort((a, b) => a - b));
      expect(told.length, "committed in groups").toBeLessThan(400);
      expect(faults).toEqual([]);
      await journal.close();
      const again = Journal.open({ ...options });
      expect(again.tail).toMatchObject({ sequence: sealer.sequence, tornBytes: 0 });
      expect(again.journal.syncedSequence, "durable from the start").toBe(sealer.sequence);
      await again.journal.close();
    });
  });

  test("loses no wake-up: each of 1000 single requests is answered", async () => {
    await inFolder(async (dir) => {
      let heard: () => void = () => undefined;
      const { journal } = Journal.open({
        ...{ dir, stream: 0, build: BUILD, hash, worker, wake, segmentBytes: 1 << 20 },
        onSynced: () => heard(),
      });
      const sealer = new Sealer(hash);
      for (let i = 0; i < 1000; i += 1) {
        const { bytes, firstSequence, records } = sealer.seal(1);
        const answer = new Promise<void>((done) => (heard = done));
        journal.append(bytes, 0, bytes.length, firstSequence, records);
        journal.requestSync();
        const late = wait(10_000, "late", { ref: false });
        const first = await Promise.race([answer, late]);
        if (first === "late") expect.fail(`request ${i} was not answered in 10 s`);
        if (journal.syncedSequence !== i + 1) expect.fail(`told before it was durable: ${i}`);
      }
      await journal.close();
    });
  });

  test("a failing fdatasync is told once and latched", async () => {
    const faults: AlphaError[] = [];
    const synced: number[] = [];
    // A device without storage: fdatasync answers EINVAL.
    const syncer = new Syncer({
      ...{ worker, wake, folder, path: "/dev/null", sequence: 7 },
      onSynced: (sequence) => synced.push(sequence),
      onFault: (fault) => faults.push(fault),
    });
    syncer.request(8);
    await until(() => faults.length > 0, "fault");
    syncer.request(9);
    await wait(30);
    expect(faults.map((fault) => fault.line())).toEqual([
      `JOURNAL_SYNC_FAILED: ${folder}: fdatasync failed with EINVAL; durable up to sequence 7; ` +
        "no further durable acknowledgement is given: check the disk (dmesg, df), then restart",
    ]);
    expect(syncer.syncedSequence).toBe(7);
    expect(synced).toEqual([]);
    await syncer.close();
  });
});

test("a spare segment is made when the current one is half full, and then used", async () => {
  await inFolder(async (dir) => {
    const segmentBytes = 1 << 20;
    const { journal } = Journal.open({ dir, stream: 0, build: BUILD, hash, worker, segmentBytes });
    const sealer = new Sealer(hash);
    const fill = (bytesMin: number): void => {
      for (let done = 0; done < bytesMin;) {
        const { bytes, firstSequence, records } = sealer.seal(500);
        journal.append(bytes, 0, bytes.length, firstSequence, records);
        done += bytes.length;
      }
    };
    const spare = `${dir}/0/spare.apj`;
    fill(300_000);
    await wait(50);
    expect(existsSync(spare), "not before half").toBe(false);
    fill(300_000);
    await until(() => existsSync(spare), "spare made");
    expect(statSync(spare).blocks * 512, "really allocated").toBeGreaterThanOrEqual(segmentBytes);
    fill(500_000);
    expect(existsSync(spare), "taken by the rotation").toBe(false);
    journal.requestSync();
    await until(() => journal.syncedSequence === sealer.sequence, "durable in the new segment");
    await journal.close();
    const names = readdirSync(`${dir}/0`);
    expect(names.filter((name) => !name.startsWith("segment-"))).toEqual([]);
    const { journal: again, tail } = Journal.open({ dir, stream: 0, build: BUILD, hash });
    expect(tail).toMatchObject({ sequence: sealer.sequence, tornBytes: 0 });
    await again.close();
  });
});

test("a worker that dies is a fault, not a silence", async () => {
  const faults: AlphaError[] = [];
  const syncer = new Syncer({
    ...{ worker, folder, path: join(folder, "does-not-exist"), sequence: 3 },
    onSynced: () => undefined,
    onFault: (fault) => faults.push(fault),
  });
  await until(() => faults.length > 0, "fault");
  expect(faults[0]!.line()).toContain("ENOENT");
  await syncer.close();
});

describe("steps taken by hand", () => {
  const path = "/j/0/segment-00000000000000000000.apj";
  const next = "/j/0/segment-00000000000000000009.apj";
  const none = (): undefined => undefined;

  function make(): { disk: MemoryDisk; work: SyncWork; said: string[] } {
    const said: string[] = [];
    const disk = new MemoryDisk();
    disk.writeText(path, "blocks");
    disk.writeText(next, "more");
    disk.sync = (fd) => void said.push(`sync ${fd}`);
    disk.syncFolder = () => void said.push("names");
    return { disk, work: new SyncWork(disk, "/j/0", path, 7), said };
  }

  test("sync what was written, once, and nothing that was durable before", () => {
    const { work, said } = make();
    expect(said, "the segment's own name").toEqual(["names"]);
    expect(work.serve(7, none)).toBe(false);
    expect(work.serve(9, none)).toBe(true);
    expect([work.synced, said]).toEqual([9, ["names", "sync 3"]]);
  });

  test("make the old segment and the new name durable before a block in the new one counts", () => {
    const { work, said } = make();
    const messages: SyncMessage[] = [{ act: "rotate", path: next }];
    expect(work.serve(12, () => messages.shift())).toBe(true);
    expect(said).toEqual(["names", "sync 3", "names", "sync 4"]);
  });

  test("tell nothing durable when the disk fails", () => {
    const { disk, work } = make();
    disk.sync = () => {
      throw new Error("EIO");
    };
    expect(() => work.serve(9, none)).toThrow("EIO");
    expect(work.synced).toBe(7);
  });

  test("fill a spare in steps, and leave nothing of it where there is no room", () => {
    const { disk, work } = make();
    const ask = (): SyncMessage[] => [{ act: "prepare", path: "/j/0/spare.apj", bytes: 3 << 20 }];
    const [first, second] = [ask(), ask()];
    work.serve(7, () => first.shift());
    let steps = 0;
    for (; work.isFilling; steps += 1) work.fill();
    expect([steps, disk.files.get("/j/0/spare.apj")!.length]).toEqual([3, 3 << 20]);
    disk.remove("/j/0/spare.apj");
    disk.freeBytes = 1 << 20;
    work.serve(7, () => second.shift());
    while (work.isFilling) work.fill();
    expect(disk.list("/j/0").filter((name) => name.startsWith("spare"))).toEqual([]);
    work.end();
    expect(disk.openCount).toBe(0);
  });
});
