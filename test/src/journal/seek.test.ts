// Seeking by headers agrees with reading everything, in whole, torn and damaged journals; a slice
// is a journal.
import { beforeAll, expect, test } from "vitest";
import { BLOCK_CELLS, BLOCK_FIRST_SEQUENCE } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import type { AlphaError } from "../../../src/errors.ts";
import { SEGMENT_HEADER_BYTES, type HashBytes } from "../../../src/journal/format.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { scanBlocks, segmentPaths, type ScanStart } from "../../../src/journal/scan.ts";
import { blocksBetween, journalRange, seekBlock } from "../../../src/journal/seek.ts";
import type { SeekPlace } from "../../../src/journal/seek.ts";
import { writeSlice } from "../../../src/journal/slice.ts";
import { journalVerify } from "../../../src/journal/stat.ts";
import { MemoryDisk, Sealer } from "./fixture.ts";

const BASE_NANOS = 1_790_000_000_000_000_000n;

let hash: HashBytes;
beforeAll(() => {
  hash = createHasher(loadBuild());
});

interface Made {
  disk: MemoryDisk;
  place: SeekPlace;
  /** Header facts of every block, by a full scan. */
  starts: ScanStart[];
  ts: bigint[];
  last: number;
}

async function journalOf(blocks: number, draw: (below: number) => number): Promise<Made> {
  const disk = new MemoryDisk();
  const sealer = new Sealer(hash);
  const open = { dir: "/j", stream: 0, build: 1n, hash, segmentBytes: 1 << 14, disk };
  const { journal } = Journal.open(open);
  for (let at = 0; at < blocks; at += 1) {
    const { bytes, firstSequence, records } = sealer.seal(1 + draw(9));
    journal.append(bytes, 0, bytes.length, firstSequence, records);
  }
  await journal.close();
  const place = { disk, folder: "/j/0", stream: 0, hash };
  const [starts, ts]: [ScanStart[], bigint[]] = [[], []];
  for (const { header, path, offset } of scanBlocks(place)) {
    const segment = Number(/segment-(\d+)/.exec(path)![1]);
    const { index, firstSequence: sequence, prevHash } = header;
    starts.push({ segment, offset, chain: { index, sequence, prevHash } });
    ts.push(header.tsFirstNanos);
  }
  return { disk, place, starts, ts, last: sealer.sequence };
}

function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

test.each([1, 2, 3])(
  "every sequence and time finds the block a scan finds, seed %i",
  async (seed) => {
    const { disk, place, starts, ts, last } = await journalOf(150, random(seed));
    expect(segmentPaths(disk, "/j/0", 0).length, "over several segments").toBeGreaterThan(3);
    for (let sequence = 0; sequence <= last + 3; sequence += 1) {
      const expected = starts.findLast(({ chain }) => chain.sequence <= sequence);
      expect(seekBlock(place, { sequence })).toEqual(expected);
      const tsNanos = BASE_NANOS + BigInt(sequence);
      const byTime = starts.findLast((_, at) => ts[at]! <= tsNanos);
      expect(seekBlock(place, { tsNanos })).toEqual(byTime);
    }
    const { firstSequence, lastSequence } = journalRange(place);
    expect([firstSequence, lastSequence]).toEqual([1, last]);
    expect(disk.openCount, "every file is closed").toBe(0);
  },
);

test("a range gives the blocks that hold it, and no other is read to its end", async () => {
  const { place, starts, last } = await journalOf(60, random(9));
  for (let from = 1; from <= last; from += 7) {
    for (const to of [from, from + 5, from + 60]) {
      const found = [...blocksBetween(place, from, to)].map(({ header }) => header.index);
      const expected = starts
        .map(({ chain }) => chain)
        .filter(({ sequence }, at) => {
          const next = starts[at + 1]?.chain.sequence ?? last + 1;
          return sequence <= to && next > from;
        });
      expect(found).toEqual(expected.map(({ index }) => index));
    }
  }
});

test("what does not continue is left to the scan, which names the place", async () => {
  const { disk, place, starts } = await journalOf(80, random(4));
  const { segment, offset, chain } = starts[40]!;
  const path = segmentPaths(disk, "/j/0", segment)[0]!;
  const view = new DataView(disk.files.get(path)!.buffer);
  // A header that lies about its length leads nowhere: the walk ends with it.
  view.setUint32(offset + BLOCK_CELLS, 3000, true);
  expect(seekBlock(place, { sequence: chain.sequence + 1 })).toEqual(starts[40]);
  const read = (): unknown => [...blocksBetween(place, chain.sequence, chain.sequence + 40)];
  expect(read).toThrow(expect.objectContaining({ code: "JOURNAL_CORRUPT" }));
  expect(read).toThrow(new RegExp(`byte ${offset}`));
  view.setBigUint64(offset + BLOCK_FIRST_SEQUENCE, 1n, true);
  expect(seekBlock(place, { sequence: chain.sequence + 1 }), "a false sequence").toEqual(
    starts[39],
  );
});

test("a torn end is no record, an empty journal says so", async () => {
  const { disk, place, starts } = await journalOf(30, random(5));
  const path = segmentPaths(disk, "/j/0", 0).at(-1);
  const file = disk.files.get(path)!;
  disk.files.set(path, file.slice(0, file.length - 10));
  expect(journalRange(place).lastSequence).toBe(starts.at(-1).chain.sequence - 1);
  for (const one of segmentPaths(disk, "/j/0", 0)) {
    disk.files.set(one, disk.files.get(one)!.slice(0, SEGMENT_HEADER_BYTES));
  }
  let fault: unknown;
  try {
    journalRange(place);
  } catch (error) {
    fault = error;
  }
  expect((fault as AlphaError).code).toBe("JOURNAL_EMPTY");
});

test("a slice is a journal: its chain is whole, its blocks are the same bytes", async () => {
  const { disk, place, starts } = await journalOf(120, random(6));
  const [from, to] = [starts[20]!.chain.sequence, starts[90]!.chain.sequence];
  const report = writeSlice(place, blocksBetween(place, from, to), "/s");
  expect(report.blocks).toBe(71);
  const stat = journalVerify({ dir: "/s", stream: 0, hash, disk });
  expect([stat.isChainWhole, stat.firstSequence, stat.blocks]).toEqual([true, from, 71]);
  const bytesOf = (one: SeekPlace): string[] =>
    [...blocksBetween(one, from, to)].map(({ bytes }) => Buffer.from(bytes).toString("hex"));
  expect(bytesOf({ ...place, folder: "/s/0" })).toEqual(bytesOf(place));
  const again = (): unknown => writeSlice(place, blocksBetween(place, from, to), "/s");
  expect(again).toThrow(expect.objectContaining({ code: "EXPORT_EXISTS" }));
});
