// A journal on a real disk that is full: at an append, at a rotation, at the start, and at last.
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loadBuild } from "../../src/core/build.ts";
import { createHasher } from "../../src/core/hasher.ts";
import { buildPath } from "../../src/core/paths.ts";
import type { AlphaError } from "../../src/errors.ts";
import type { HashBytes } from "../../src/journal/format.ts";
import { Journal } from "../../src/journal/journal.ts";
import { BUILD, Sealer } from "../src/journal/fixture.ts";
import { CAN_MOUNT, SmallDisk } from "./small-disk.ts";

const RESERVE_BYTES = 262_144;
const SEGMENT_BYTES = 131_072;

describe.skipIf(!CAN_MOUNT)("a journal on a full disk (tmpfs of 2 MiB; needs root)", () => {
  const worker = pathToFileURL(buildPath("workers", "journal.js"));
  let hash: HashBytes;
  let disk: SmallDisk;
  let sealer: Sealer;

  beforeAll(() => {
    hash = createHasher(loadBuild());
  });
  beforeEach(() => {
    disk = new SmallDisk(2);
    sealer = new Sealer(hash);
  });
  afterEach(() => disk.remove());

  const open = (): ReturnType<typeof Journal.open> => {
    const what = { dir: disk.dir, stream: 0, build: BUILD, hash, worker };
    return Journal.open({ ...what, segmentBytes: SEGMENT_BYTES, reserveBytes: RESERVE_BYTES });
  };
  const reserve = (): string => join(disk.dir, "0", "reserve.apj");

  async function untilFull(journal: Journal, isFull: boolean): Promise<void> {
    const untilMillis = performance.now() + 5000;
    while (journal.isFull !== isFull) {
      if (performance.now() > untilMillis) expect.fail(`isFull stays ${String(journal.isFull)}`);
      await new Promise((next) => setTimeout(next, 5));
    }
  }

  function append(journal: Journal, records = 40): void {
    const { bytes, firstSequence } = sealer.seal(records);
    journal.append(bytes, 0, bytes.length, firstSequence, records);
  }

  /** Appends until the journal ends, and returns the last sequence it took. */
  function appendToTheEnd(journal: Journal): { written: number; fault: AlphaError } {
    for (let written = sealer.sequence; ; written = sealer.sequence) {
      try {
        append(journal);
      } catch (error) {
        return { written, fault: error as AlphaError };
      }
    }
  }

  test("an append without room costs the reserve, and the journal goes on inside it", async () => {
    const { journal } = open();
    await untilFull(journal, false);
    expect(statSync(reserve()).blocks * 512, "real zeros").toBe(RESERVE_BYTES);
    append(journal);
    disk.fill();
    const before = sealer.sequence;
    for (let block = 0; journal.isFull !== true && block < 20; block++) append(journal);
    expect(journal.isFull).toBe(true);
    expect(existsSync(reserve())).toBe(false);
    const { written, fault } = appendToTheEnd(journal);
    expect(fault.code, "the reserve is used up too").toBe("JOURNAL_DISK_FULL");
    expect((written - before) * 64, "bytes that went into the reserve").toBeGreaterThan(
      RESERVE_BYTES * 0.9,
    );
    await journal.close();
    disk.empty();
    const again = open();
    expect(again.tail.sequence, "all that was taken is there").toBe(written);
    await again.journal.close();
  });

  test("a rotation without room costs the reserve, and the new segment is whole", async () => {
    const { journal } = open();
    await untilFull(journal, false);
    const spare = join(disk.dir, "0", "spare.apj");
    const segments = (): number =>
      readdirSync(join(disk.dir, "0")).filter((name) => name.startsWith("segment-")).length;
    // The second segment is a prepared one: a disk that is full now costs it nothing.
    for (const most of [0.85, 1.8]) {
      while (sealer.sequence * 64 < SEGMENT_BYTES * most) append(journal);
      await expect.poll(() => existsSync(spare), { timeout: 5000 }).toBe(true);
    }
    expect(segments()).toBe(2);
    // Without a prepared one for the third it has to make it, and there is no room for that.
    rmSync(spare);
    disk.fill();
    for (let block = 0; segments() === 2 && block < 20; block++) {
      expect(journal.isFull, "until the rotation").toBe(false);
      append(journal);
    }
    expect(segments()).toBe(3);
    expect(journal.isFull).toBe(true);
    append(journal);
    await journal.close();
    const again = open();
    expect(again.tail).toMatchObject({ sequence: sealer.sequence, tornBytes: 0 });
    await again.journal.close();
  });

  test("room that comes back makes the reserve again, for the next full disk", async () => {
    const { journal } = open();
    await untilFull(journal, false);
    for (let round = 0; round < 2; round++) {
      disk.fill();
      for (let block = 0; journal.isFull !== true && block < 20; block++) append(journal);
      expect(journal.isFull, `round ${round}`).toBe(true);
      disk.empty();
      await untilFull(journal, false);
      expect(statSync(reserve()).size).toBe(RESERVE_BYTES);
    }
    await journal.close();
  });

  test("less than two reserves of room make none, or it would take what it gives", async () => {
    const { journal } = open();
    await untilFull(journal, false);
    disk.fill();
    for (let block = 0; journal.isFull !== true && block < 20; block++) append(journal);
    disk.empty();
    disk.fill(2 * RESERVE_BYTES - 8192);
    await new Promise((next) => setTimeout(next, 1300));
    expect(journal.isFull).toBe(true);
    expect(readdirSync(join(disk.dir, "0")).filter((name) => /reserve/.test(name))).toEqual([]);
    await journal.close();
  });

  test("a start on a full disk spends the reserve; without one it says why it cannot", async () => {
    const first = open();
    await untilFull(first.journal, false);
    append(first.journal);
    await first.journal.close();
    disk.fill();
    const { journal, tail } = open();
    expect(tail.sequence).toBe(sealer.sequence);
    expect(journal.isFull, "the lock alone needed the reserve").toBe(true);
    append(journal);
    await journal.close();
    disk.fill();
    let fault: AlphaError | undefined;
    try {
      open();
    } catch (error) {
      fault = error as AlphaError;
    }
    expect(fault?.code).toBe("JOURNAL_DISK_FULL");
    expect(fault?.line()).toContain("free space on this disk, then restart");
    expect(readdirSync(join(disk.dir, "0")).filter((name) => name.startsWith("lock"))).toEqual([]);
    disk.empty();
    const again = open();
    await untilFull(again.journal, false);
    expect(again.tail.sequence).toBe(sealer.sequence);
    await again.journal.close();
  });

  test("a living owner keeps its reserve when a second engine is started by mistake", async () => {
    const { journal } = open();
    await untilFull(journal, false);
    disk.fill();
    let fault: AlphaError | undefined;
    try {
      open();
    } catch (error) {
      fault = error as AlphaError;
    }
    expect(fault?.code).toBe("JOURNAL_LOCKED");
    expect(existsSync(reserve())).toBe(true);
    await journal.close();
  });
});
