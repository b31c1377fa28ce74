// A journal of 2,000 records cut behind every byte, and with a bit of every byte turned.
//
// What is read must be the blocks before the damage and nothing else. A scan begins at the last
// block before the place, as a start from a snapshot does: what lies before is not touched, and
// reading it 256,000 times would take an hour. One place in 500 is read from the first byte on.
// That so many blocks give the state they gave before is what test/sim/cut.test.ts checks.
import { beforeAll, describe, expect, test } from "vitest";
import { AlphaError } from "../../../src/errors.ts";
import { segmentIndexOf, type HashBytes } from "../../../src/journal/format.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { scanBlocks, type ScanStart } from "../../../src/journal/scan.ts";
import { seeded } from "../../reference/random.ts";
import { BUILD, compileHash, MemoryDisk, Sealer } from "./fixture.ts";

const isDeep = process.env["ALPHAPULSE_DEEP"] === "1";
const RECORDS = isDeep ? 16_000 : 2_000;
/** Deep: a million of each; the double flips and swapped sectors beside. */
const PLACES_LEAST = isDeep ? 1_000_000 : 128_000;
/** Small segments: a scan loads one whole. */
const SEGMENT_BYTES = 8_192;
const TEST_MILLIS_MAX = isDeep ? 3_600_000 : 300_000;
const WHOLE_EVERY = 500;
const SECTOR_BYTES = 512;

interface Place {
  path: string;
  start: ScanStart;
  bytes: number;
}

interface Made {
  disk: MemoryDisk;
  /** Segments in order, as they were written. */
  files: [string, Uint8Array][];
  blocks: Place[];
}

let hash: HashBytes;
let made: Made;
beforeAll(async () => {
  hash = compileHash();
  made = await journal();
});

async function journal(): Promise<Made> {
  const disk = new MemoryDisk();
  const sealer = new Sealer(hash);
  const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: SEGMENT_BYTES, disk };
  const opened = Journal.open(options).journal;
  while (sealer.sequence < RECORDS) {
    const { bytes, firstSequence, records } = sealer.seal(1 + (sealer.index % 16));
    opened.append(bytes, 0, bytes.length, firstSequence, records);
  }
  await opened.close();
  const blocks = [...scanBlocks({ disk, folder: "/j/0", stream: 0, hash })].map((block) => {
    const { header, path, offset, bytes } = block;
    const { index, firstSequence: sequence, prevHash } = header;
    const segment = segmentIndexOf(path.slice(path.lastIndexOf("/") + 1));
    return {
      path,
      bytes: bytes.length,
      start: { segment, offset, chain: { index, sequence, prevHash } },
    };
  });
  expect(blocks.length).toBe(sealer.index);
  const files = [...disk.files].filter(([path]) => path.includes("segment-")).sort();
  return { disk, files, blocks };
}

interface Found {
  /** Index of the block that would follow, -1 when the journal was refused. */
  next: number;
  tornBytes: number;
}

/** Reads from block `from` on; every block must be the one that was written there. */
function read(from: number): Found {
  const { disk, blocks } = made;
  const start = from === 0 ? undefined : blocks[from]!.start;
  const scan = scanBlocks({ disk, folder: "/j/0", stream: 0, hash, start });
  try {
    let step = scan.next();
    for (let index = from; step.done !== true; step = scan.next(), index += 1) {
      const { header, offset, path } = step.value;
      const wanted = blocks[index]!;
      const isIt = header.hash === (blocks[index + 1]?.start.chain.prevHash ?? header.hash);
      if (!isIt || path !== wanted.path || offset !== wanted.start.offset) {
        throw new Error(`another block than ${index}`);
      }
    }
    return { next: step.value.chain.index, tornBytes: step.value.tornBytes };
  } catch (error) {
    if (error instanceof AlphaError && error.code === "JOURNAL_CORRUPT") {
      return { next: -1, tornBytes: 0 };
    }
    throw error;
  }
}

/** Where to begin for damage in block `block`: the one before, now and then the first of all. */
function beginning(block: number, at: number): number {
  return at % WHOLE_EVERY === 0 ? 0 : Math.max(0, block - 1);
}

/** Calls `look` for every byte of every block, with its file and its block. */
function everyByte(look: (file: number, at: number, block: number) => void): number {
  const { files, blocks } = made;
  let places = 0;
  blocks.forEach(({ path, start, bytes }, block) => {
    const file = files.findIndex(([name]) => name === path);
    for (let at = start.offset; at < start.offset + bytes; at += 1) {
      look(file, at, block);
      places += 1;
    }
  });
  return places;
}

describe("every byte of a journal", () => {
  test(
    "may be the first that is missing: all blocks before it are there, the rest is torn",
    () => {
      const { disk, files, blocks } = made;
      const cuts = everyByte((file, at, block) => {
        // As a crash leaves it: no later segment had begun.
        disk.files.clear();
        for (const [path, bytes] of files.slice(0, file)) disk.files.set(path, bytes);
        disk.files.set(files[file]![0], files[file]![1].subarray(0, at));
        const { next, tornBytes } = read(beginning(block, at));
        const isRight = next === block && tornBytes > 0 === at > blocks[block]!.start.offset;
        if (!isRight) expect.fail(`cut at ${at} in block ${block}: ${next}, torn ${tornBytes}`);
      });
      for (const [path, bytes] of files) disk.files.set(path, bytes);
      expect(cuts).toBeGreaterThanOrEqual(PLACES_LEAST);
    },
    TEST_MILLIS_MAX,
  );

  test(
    "may be wrong: refused in the middle, cut in the last block, never taken",
    () => {
      const { files, blocks } = made;
      const last = blocks.length - 1;
      const flips = everyByte((file, at, block) => {
        const bytes = files[file]![1];
        const mask = 1 << ((at * 5) & 7);
        bytes[at]! ^= mask;
        const { next, tornBytes } = read(beginning(block, at));
        bytes[at]! ^= mask;
        const isRight = block < last ? next === -1 : next === last && tornBytes > 0;
        if (!isRight) expect.fail(`byte ${at} in block ${block}: ${next}, torn ${tornBytes}`);
      });
      expect(flips).toBeGreaterThanOrEqual(PLACES_LEAST);
    },
    TEST_MILLIS_MAX,
  );

  test("may be one of two, or one of two sectors that changed places: never taken", () => {
    const { files } = made;
    const random = seeded(4);
    const pick = (most: number): number => Math.floor(random() * most);
    for (let trial = 0; trial < (isDeep ? 20_000 : 600); trial += 1) {
      // Not the last segment: what only its end lacks is cut, as the tests above say.
      const bytes = files[pick(files.length - 1)]![1];
      const before = bytes.slice();
      const [one, other] = [pick(bytes.length), pick(bytes.length)];
      if (trial % 2 === 0) {
        bytes[one]! ^= 1 << pick(8);
        bytes[other]! ^= 1 << pick(8);
      } else swap(bytes, one, other);
      const isSame = Buffer.compare(before, bytes) === 0;
      const { next } = read(0);
      bytes.set(before);
      if (!isSame && next !== -1) expect.fail(`trial ${trial}: read up to block ${next}`);
    }
  });
});

function swap(bytes: Uint8Array, from: number, to: number): void {
  const sectors = Math.floor(bytes.length / SECTOR_BYTES);
  const sectorOf = (at: number): number =>
    Math.min(sectors - 1, Math.floor(at / SECTOR_BYTES)) * SECTOR_BYTES;
  const [a, b] = [sectorOf(from), sectorOf(to)];
  const sector = bytes.slice(a, a + SECTOR_BYTES);
  bytes.copyWithin(a, b, b + SECTOR_BYTES);
  bytes.set(sector, b);
}
