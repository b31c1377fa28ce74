// The journal read while it grows: half blocks, rotations, a start in the middle, another chain.
import { beforeAll, expect, test } from "vitest";
import { segmentName, type HashBytes } from "../../../src/journal/format.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { JournalTailReader } from "../../../src/journal/tail.ts";
import { BUILD, compileHash, MemoryDisk, Sealer } from "./fixture.ts";

let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

function world(segmentBytes = 8_192) {
  const disk = new MemoryDisk();
  const sealer = new Sealer(hash);
  const { journal } = Journal.open({
    dir: "/j",
    stream: 0,
    build: BUILD,
    hash,
    segmentBytes,
    disk,
  });
  const append = (records: number): void => {
    const block = sealer.seal(records);
    journal.append(block.bytes, 0, block.bytes.length, block.firstSequence, block.records);
  };
  const reader = (from = 0) => new JournalTailReader({ disk, folder: "/j/0", hash }, from);
  return { disk, sealer, journal, append, reader };
}

const indexes = (reader: JournalTailReader, most = 1000): number[] =>
  [...reader.take(most)].map((block) => block.header.index);

test("every block once, over rotations, as they come", () => {
  const { append, reader, sealer } = world();
  const tail = reader();
  expect(indexes(tail)).toEqual([]);
  const seen: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    for (let i = 0; i < round % 4; i += 1) append(1 + ((round * 7) % 30));
    seen.push(...indexes(tail, 2));
  }
  seen.push(...indexes(tail));
  expect(seen).toEqual(Array.from({ length: sealer.index }, (_, at) => at));
  expect([tail.index, tail.prevHash]).toEqual([sealer.index, sealer.prevHash]);
  expect(indexes(tail)).toEqual([]);
});

test("a reader of what is there already sees the same, also from the middle on", () => {
  const { append, reader, sealer } = world();
  for (let i = 0; i < 60; i += 1) append(10);
  expect(indexes(reader())).toHaveLength(60);
  expect(indexes(reader(37))).toEqual(Array.from({ length: 23 }, (_, at) => 37 + at));
  expect(sealer.index).toBe(60);
});

test("a block that is half there is taken when it is whole", () => {
  const { disk, append, reader } = world(65_536);
  const path = `/j/0/${segmentName(0)}`;
  append(5);
  const tail = reader();
  expect(indexes(tail)).toEqual([0]);
  append(20);
  const whole = disk.files.get(path)!.slice();
  const end = 4096 + 128 + 5 * 64 + 128 + 20 * 64;
  for (const cut of [64, 128, 700, 128 + 20 * 64 - 1]) {
    disk.files.get(path)!.fill(0, end - (128 + 20 * 64) + cut, end);
    expect(indexes(tail), `cut at ${cut}`).toEqual([]);
    disk.files.get(path)!.set(whole);
  }
  expect(indexes(tail)).toEqual([1]);
});

test("a next segment without its header is waited for", () => {
  const { disk, append, reader } = world();
  const tail = reader();
  for (let i = 0; i < 4; i += 1) append(10);
  expect(indexes(tail)).toHaveLength(4);
  const next = `/j/0/${segmentName(4)}`;
  disk.files.set(next, new Uint8Array(100));
  expect(indexes(tail)).toEqual([]);
  disk.files.delete(next);
  for (let i = 0; i < 4; i += 1) append(10);
  expect(indexes(tail)).toEqual([4, 5, 6, 7]);
});

test("a whole block of another chain is corruption", () => {
  const { disk, append, reader } = world(65_536);
  append(5);
  append(5);
  const other = new Sealer(hash);
  other.index = 1;
  other.sequence = 5;
  other.prevHash = 77n;
  const tail = reader();
  disk.files.get(`/j/0/${segmentName(0)}`)!.set(other.seal(5).bytes, 4096 + 128 + 5 * 64);
  expect(() => indexes(tail)).toThrow(/block 1 where 1 follows/);
});

test("what was read is made durable, each segment once more after its last read", () => {
  const { disk, append, reader } = world();
  const synced: string[] = [];
  const open = disk.open.bind(disk);
  disk.open = (path, flags) => {
    if (flags === "r+") synced.push(path.slice(-9));
    return open(path, flags);
  };
  const tail = reader();
  for (let i = 0; i < 9; i += 1) append(10);
  indexes(tail);
  tail.sync();
  expect(synced.length).toBe(2);
  tail.sync();
  expect(synced.length, "the one that grows").toBe(3);
});
