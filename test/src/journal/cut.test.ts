// What recovery cuts is kept, told of until somebody has looked, and bounded.
import { beforeAll, expect, test } from "vitest";
import { CUTS_KEPT, cutsOf } from "../../../src/journal/cut.ts";
import { segmentName, type HashBytes } from "../../../src/journal/format.ts";
import { Journal, type JournalTail } from "../../../src/journal/journal.ts";
import { BUILD, compileHash, DiskError, MemoryDisk, Sealer } from "./fixture.ts";

let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

const SEGMENT = `/j/0/${segmentName(0)}`;

/** Opens as after a crash: nothing closed the journal that was open before. */
function open(disk: MemoryDisk): JournalTail {
  if (disk.files.has("/j/0/lock")) disk.remove("/j/0/lock");
  const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: 65_536, disk };
  return Journal.open(options).tail;
}

/** A journal of `blocks` blocks, the last of them damaged after it was written. */
function damaged(blocks: number): { disk: MemoryDisk; at: number; bytes: Uint8Array } {
  const disk = new MemoryDisk();
  const sealer = new Sealer(hash);
  const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: 65_536, disk };
  const { journal } = Journal.open(options);
  let at = 4096;
  let bytes = new Uint8Array(0);
  for (let i = 0; i < blocks; i++) {
    at += bytes.length;
    const block = sealer.seal(3);
    bytes = Uint8Array.from(block.bytes);
    journal.append(bytes, 0, bytes.length, block.firstSequence, block.records);
  }
  bytes[200]! ^= 4;
  disk.files.get(SEGMENT)!.set(bytes, at);
  return { disk, at, bytes };
}

test("a damaged last block is cut, kept byte for byte and told of until it is removed", () => {
  const { disk, at, bytes } = damaged(4);
  const tail = open(disk);
  expect(tail).toMatchObject({ sequence: 9, tornAt: `${SEGMENT} at byte ${at}` });
  const [name] = tail.cuts;
  expect(tail.cuts).toEqual([`cut-${"0".repeat(20)}-${String(at).padStart(20, "0")}.bin`]);
  const kept = Buffer.from(disk.files.get(`/j/0/${name}`)!);
  expect(kept.equals(Buffer.from(bytes.subarray(0, kept.length)))).toBe(true);
  expect(tail.tornBytes).toBe(kept.length);
  expect(open(disk), "again").toMatchObject({ tornBytes: 0, cuts: [name] });
  disk.remove(`/j/0/${name}`);
  expect(open(disk).cuts).toEqual([]);
});

test("a start that fails behind the cut leaves the word to the next", () => {
  const { disk, at } = damaged(4);
  const truncate = disk.truncate.bind(disk);
  disk.truncate = (fd, bytes) => {
    truncate(fd, bytes);
    if (bytes === at) throw new DiskError("EIO", -5, "ftruncate");
  };
  expect(() => open(disk)).toThrow("ftruncate");
  disk.truncate = truncate;
  expect(open(disk)).toMatchObject({ sequence: 9, tornBytes: 0, cuts: [expect.any(String)] });
});

test("a segment that never began is set aside whole", () => {
  const { disk } = damaged(4);
  const noise = new Uint8Array(5000).fill(7);
  disk.files.set(`/j/0/${segmentName(9)}`, noise);
  const { cuts } = open(disk);
  expect(cuts).toHaveLength(2);
  expect(disk.files.get(`/j/0/${cuts[1]}`)).toEqual(noise);
  expect(disk.files.has(`/j/0/${segmentName(9)}`)).toBe(false);
});

test("the same cut takes the place of itself, and of many the oldest goes", () => {
  const { disk } = damaged(2);
  for (let i = 0; i < CUTS_KEPT; i++) {
    disk.files.set(`/j/0/cut-${String(i).padStart(20, "0")}-0.bin`, new Uint8Array(1));
  }
  const before = cutsOf(disk, "/j/0");
  const { cuts } = open(disk);
  expect(cuts).toHaveLength(CUTS_KEPT);
  expect(cuts).not.toContain(before[0]);
});

test("without room for it nothing is cut", () => {
  const { disk, at, bytes } = damaged(4);
  disk.freeBytes = 200;
  const start = (): JournalTail => open(disk);
  expect(start).toThrow(/no space left/);
  const left = disk.files.get(SEGMENT)!.subarray(at, at + bytes.length);
  expect(Buffer.compare(left, bytes), "the block is still there").toBe(0);
  expect(cutsOf(disk, "/j/0"), "no half of a copy").toEqual([]);
  disk.freeBytes = Infinity;
  expect(open(disk).cuts).toHaveLength(1);
});
