// What a failed fdatasync left with the kernel alone is written again by the next start.
import { beforeAll, expect, test } from "vitest";
import { syncSegment, DOUBT_NAME, doubtedSegment } from "../../../src/journal/doubt.ts";
import type { HashBytes } from "../../../src/journal/format.ts";
import { Journal, type JournalTail } from "../../../src/journal/journal.ts";
import { FaultyDisk, NO_FAULTS } from "../../sim/faulty-disk.ts";
import { HandCommitter } from "../../sim/hands.ts";
import { BUILD, compileHash, Sealer } from "./fixture.ts";

const FOLDER = "/data/0";
let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

interface Opened {
  journal: Journal;
  tail: JournalTail;
  committer: HandCommitter;
  faults: string[];
}

function openOn(disk: FaultyDisk): Opened {
  const faults: string[] = [];
  let committer: HandCommitter | undefined;
  const opened = Journal.open({
    ...{ dir: "/data", stream: 0, build: BUILD, hash, segmentBytes: 8192, disk },
    worker: (start) => (committer = new HandCommitter(disk, start)),
    onFault: ({ code }) => faults.push(code),
  });
  return { ...opened, committer: committer!, faults };
}

function append(journal: Journal, sealer: Sealer, blocks: number): void {
  for (let block = 0; block < blocks; block++) {
    const { bytes, firstSequence, records } = sealer.seal(9);
    journal.append(bytes, 0, bytes.length, firstSequence, records);
  }
  journal.requestSync();
}

/** The process or the power is gone; the lock names this process, which lives. */
function end(disk: FaultyDisk, how: "killProcess" | "losePower"): void {
  disk[how]();
  if (disk.list(FOLDER).includes("lock")) disk.remove(`${FOLDER}/lock`);
}

/** Draws that let no page arrive of those a failed fdatasync had. */
const nothingArrives = (): number => 0.9;

test("blocks a failed fdatasync left in the cache are durable once they are told", async () => {
  const disk = new FaultyDisk(nothingArrives);
  const sealer = new Sealer(hash);
  const first = openOn(disk);
  append(first.journal, sealer, 2);
  first.committer.step();
  const durable = first.journal.syncedSequence;
  expect(durable).toBe(sealer.sequence);
  disk.rates = { ...NO_FAULTS, syncEio: 1 };
  append(first.journal, sealer, 20);
  first.committer.step();
  expect(first.faults).toEqual(["JOURNAL_SYNC_FAILED"]);
  expect(doubtedSegment(disk, FOLDER)).toBe("segment-00000000000000000000.apj");
  await first.journal.close();
  end(disk, "killProcess");
  disk.rates = NO_FAULTS;

  const second = openOn(disk);
  expect(second.tail.sequence, "the kernel still shows them").toBe(sealer.sequence);
  expect(second.journal.syncedSequence, "told durable").toBe(sealer.sequence);
  expect(disk.list(FOLDER)).not.toContain(DOUBT_NAME);
  append(second.journal, sealer, 1);
  second.committer.step();
  end(disk, "losePower");
  const third = openOn(disk);
  expect(third.tail.sequence, "after a loss of power").toBe(sealer.sequence);
});

test("a start whose fdatasync fails keeps the doubt for the next one", () => {
  const disk = new FaultyDisk(nothingArrives);
  const sealer = new Sealer(hash);
  append(openOn(disk).journal, sealer, 3);
  end(disk, "killProcess");
  disk.rates = { ...NO_FAULTS, syncEio: 1 };
  expect(() => openOn(disk)).toThrow("EIO");
  disk.rates = NO_FAULTS;
  openOn(disk);
  end(disk, "losePower");
  expect(openOn(disk).tail.sequence).toBe(sealer.sequence);
});

test("the first segment in doubt is the one that is named", () => {
  const disk = new FaultyDisk(nothingArrives);
  disk.rates = { ...NO_FAULTS, syncEio: 1 };
  const names = [5, 3, 4].map((index) => `segment-${String(index).padStart(20, "0")}.apj`);
  for (const name of names) {
    const fd = disk.open(`${FOLDER}/${name}`, "wx+");
    disk.write(fd, new Uint8Array(64), 0, 64, 0);
    expect(() => syncSegment(disk, fd, `${FOLDER}/${name}`)).toThrow("EIO");
  }
  expect(doubtedSegment(disk, FOLDER)).toBe(names[1]);
});
