// The file of a snapshot: whole or refused, whatever byte is cut, changed or exchanged.
import { beforeAll, describe, expect, test } from "vitest";
import type { HashBytes } from "../../../src/journal/format.ts";
import {
  CHUNK_BYTES_MAX,
  CHUNK_HEADER_BYTES,
  SNAPSHOT_HEADER_BYTES,
  snapshotIndexOf,
  snapshotName,
  snapshotPaths,
  SnapshotReader,
  writeSnapshot,
  type SnapshotFacts,
} from "../../../src/journal/snapshot-file.ts";
import { compileHash, MemoryDisk } from "./fixture.ts";

let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

const PATH = `/s/0/${snapshotName(17)}`;

function factsOf(contentBytes: number): SnapshotFacts {
  return {
    ...{
      stream: 3,
      roles: 2,
      blockIndex: 17,
      sequence: 2 ** 40 + 5,
      prevHash: 0xfedcba9876543210n,
    },
    last: { segment: 11, offset: 4096, chain: { index: 16, sequence: 2 ** 40, prevHash: 5n } },
    ...{ tsEngineNanos: 1_790_000_000_000_000_001n, createdEpochNanos: 1_790_000_000_000_000_002n },
    ...{ layout: 9, behavior: 8, core: "ab".repeat(32), marketHash: 1n, orderHash: 2n ** 63n },
    ...{ marketOutSequence: 99, market: { sequence: 2 ** 40 + 3, records: 7 } },
    ...{ pages: 1, configBytes: 2, recordBytes: 3, textBytes: 4 },
    contentBytes,
  };
}

function contentOf(bytes: number): Uint8Array {
  const content = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) content[at] = Math.imul(at + 1, 2654435761) >>> 24 || 1;
  return content;
}

function readAll(disk: MemoryDisk): Uint8Array {
  const reader = new SnapshotReader(disk, PATH, hash);
  try {
    const content = new Uint8Array(reader.facts.contentBytes);
    // Uneven pieces, so that borders of chunks fall inside them.
    for (let at = 0; at < content.length; at += 100_003) {
      reader.read(content.subarray(at, at + 100_003));
    }
    reader.end();
    return content;
  } finally {
    reader.close();
  }
}

function written(bytes: number): { disk: MemoryDisk; content: Uint8Array; file: Uint8Array } {
  const disk = new MemoryDisk();
  const content = contentOf(bytes);
  const pieces = [content.subarray(0, 1), content.subarray(1, 70_000), content.subarray(70_000)];
  const size = writeSnapshot(disk, PATH, factsOf(bytes), pieces, hash);
  const file = disk.files.get(PATH)!;
  expect(size).toBe(file.length);
  return { disk, content, file };
}

describe("a whole file", () => {
  test.each([0, 1, CHUNK_BYTES_MAX - 1, CHUNK_BYTES_MAX, 2 * CHUNK_BYTES_MAX + 12_345])(
    "gives back facts and %i bytes",
    (bytes) => {
      const { disk, content } = written(bytes);
      const reader = new SnapshotReader(disk, PATH, hash);
      expect(reader.facts).toEqual(factsOf(bytes));
      expect(() => reader.read(new Uint8Array(bytes + 1))).toThrow(/are left/);
      reader.close();
      expect(Buffer.compare(readAll(disk), content)).toBe(0);
      expect([...disk.files.keys()]).toEqual([PATH]);
      expect(disk.openCount).toBe(0);
    },
  );

  test("replaces what a crash left half written, and is found newest first", () => {
    const disk = new MemoryDisk();
    disk.files.set(`${PATH}.part`, contentOf(50));
    for (const index of [3, 20, 17]) {
      writeSnapshot(disk, `/s/0/${snapshotName(index)}`, factsOf(0), [], hash);
    }
    const names = snapshotPaths(disk, "/s/0").map((path) => snapshotIndexOf(path.slice(5)));
    expect(names).toEqual([20, 17, 3]);
    expect(snapshotIndexOf("snapshot-1.aps")).toBe(-1);
  });

  test("is not there when the disk fails on the way", () => {
    const disk = new MemoryDisk();
    disk.failWrite = "EIO";
    expect(() => writeSnapshot(disk, PATH, factsOf(9), [contentOf(9_000)], hash)).toThrow("EIO");
    expect([disk.files.size, disk.openCount]).toEqual([0, 0]);
  });
});

describe("a damaged file", () => {
  test("is refused when cut anywhere", () => {
    const { disk, file } = written(3_000);
    for (let end = 0; end < file.length; end += 1) {
      disk.files.set(PATH, file.slice(0, end));
      expect(() => readAll(disk), `cut at ${end}`).toThrow(/snapshot-/);
    }
    disk.files.set(PATH, Uint8Array.from([...file, 0]));
    expect(() => readAll(disk)).toThrow(/1 bytes behind the end/);
    expect(disk.openCount).toBe(0);
  });

  test("is refused when a bit of any byte is another", () => {
    const { disk, file } = written(3_000);
    for (let at = 0; at < file.length; at += 1) {
      const bad = file.slice();
      bad[at]! ^= 1 << (at % 8);
      disk.files.set(PATH, bad);
      expect(() => readAll(disk), `byte ${at}`).toThrow(/snapshot-/);
    }
  });

  test("is refused when chunks are exchanged, doubled or of another snapshot", () => {
    const { disk, file } = written(3 * CHUNK_BYTES_MAX);
    const step = CHUNK_HEADER_BYTES + CHUNK_BYTES_MAX;
    const chunk = (from: Uint8Array, n: number): Uint8Array => {
      return from.slice(SNAPSHOT_HEADER_BYTES + n * step, SNAPSHOT_HEADER_BYTES + (n + 1) * step);
    };
    const other = new MemoryDisk();
    const facts = { ...factsOf(3 * CHUNK_BYTES_MAX), sequence: 4 };
    writeSnapshot(other, PATH, facts, [contentOf(3 * CHUNK_BYTES_MAX)], hash);
    const put = (pieces: Uint8Array[]): void => {
      disk.files.set(PATH, Buffer.concat([file.slice(0, SNAPSHOT_HEADER_BYTES), ...pieces]));
    };
    put([chunk(file, 0), chunk(file, 1), chunk(file, 2)]);
    expect(readAll(disk)).toHaveLength(3 * CHUNK_BYTES_MAX);
    for (const pieces of [
      [chunk(file, 1), chunk(file, 0), chunk(file, 2)],
      [chunk(file, 0), chunk(file, 0), chunk(file, 2)],
      [0, 1, 2].map((n) => chunk(other.files.get(PATH)!, n)),
    ]) {
      put(pieces);
      expect(() => readAll(disk)).toThrow(/does not continue/);
    }
  });
});

describe("a disk without room", () => {
  const bytes = 3 * CHUNK_BYTES_MAX;

  test.each([1, 5_000, CHUNK_BYTES_MAX, 2 * CHUNK_BYTES_MAX + 9_000])(
    "full after %i bytes leaves no part and says that it was the room",
    (freeBytes) => {
      const disk = new MemoryDisk();
      disk.freeBytes = freeBytes;
      const write = (): number =>
        writeSnapshot(disk, PATH, factsOf(bytes), [contentOf(bytes)], hash);
      expect(write).toThrow(expect.objectContaining({ code: "SNAPSHOT_NO_ROOM" }));
      expect([...disk.files.keys()]).toEqual([]);
      expect(disk.openCount).toBe(0);
    },
  );

  test("stops while the journal still has the room it wants", () => {
    const disk = new MemoryDisk();
    disk.freeBytes = 8 * CHUNK_BYTES_MAX;
    const content = contentOf(bytes);
    const pieces = Array.from({ length: 96 }, (_, at) =>
      content.subarray(at << 15, (at + 1) << 15),
    );
    const room = 5 * CHUNK_BYTES_MAX;
    expect(() => writeSnapshot(disk, PATH, factsOf(bytes), pieces, hash, room)).toThrow(
      /bytes are free, the journal wants 5242880 of them/,
    );
    expect(disk.freeBytes, "of 8 MiB").toBeGreaterThanOrEqual(room);
    expect([...disk.files.keys()]).toEqual([]);
  });
});
