import { beforeAll, describe, expect, test } from "vitest";
import { BLOCK_HEADER_BYTES, CELL_BYTES } from "../../../asm/vocab.ts";
import { AlphaError } from "../../../src/errors.ts";
import { SEGMENT_HEADER_BYTES, segmentName, type HashBytes } from "../../../src/journal/format.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { scanBlocks, type ScanEnd } from "../../../src/journal/scan.ts";
import { BUILD, compileHash, MemoryDisk, Sealer } from "./fixture.ts";

const FIRST = `/j/0/${segmentName(0)}`;
const isDeep = process.env["ALPHAPULSE_DEEP"] === "1";

let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

/** A closed journal; `ends` are the positions behind each block of its first segment. */
async function journalOf(
  blocks: number,
  segmentBytes = 1 << 20,
  recordsOf: (at: number) => number = (at) => 1 + (at % 4),
): Promise<{ disk: MemoryDisk; ends: number[]; sequences: number[] }> {
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
  const ends: number[] = [];
  const sequences: number[] = [];
  let end = SEGMENT_HEADER_BYTES;
  for (let at = 0; at < blocks; at += 1) {
    const { bytes, firstSequence, records } = sealer.seal(recordsOf(at));
    journal.append(bytes, 0, bytes.length, firstSequence, records);
    end += bytes.length;
    ends.push(end);
    sequences.push(sealer.sequence);
  }
  await journal.close();
  return { disk, ends, sequences };
}

type Scanned = { blocks: number; sequence: number; end: ScanEnd } | { code: string; text: string };

function scan(disk: MemoryDisk): Scanned {
  const blocks = scanBlocks({ disk, folder: "/j/0", stream: 0, hash });
  let count = 0;
  let sequence = 0;
  try {
    let step = blocks.next();
    for (; step.done !== true; step = blocks.next()) {
      const { header, bytes } = step.value;
      count += 1;
      sequence = header.firstSequence + header.records - 1;
      // What is yielded is what was written: the last record names its sequence.
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const last = BLOCK_HEADER_BYTES + (header.records - 1) * CELL_BYTES;
      if (view.getUint32(last + 8, true) !== sequence)
        throw new Error("a wrong record was yielded");
    }
    return { blocks: count, sequence, end: step.value };
  } catch (error) {
    if (!(error instanceof AlphaError)) throw error;
    return { code: error.code, text: error.line() };
  }
}

describe("a journal cut at any byte", () => {
  test("gives exactly the whole blocks before the cut and names the torn bytes", async () => {
    const { disk, ends, sequences } = await journalOf(isDeep ? 400 : 40);
    const whole = disk.files.get(FIRST)!;
    let cuts = 0;
    let reached = 0;
    for (let cut = 0; cut <= whole.length; cut += cut < SEGMENT_HEADER_BYTES ? 7 : 1) {
      disk.files.set(FIRST, whole.slice(0, cut));
      while (reached < ends.length && ends[reached]! <= cut) reached += 1;
      const found = scan(disk);
      if (!("blocks" in found)) expect.fail(`cut ${cut}: ${found.text}`);
      const end = reached === 0 ? SEGMENT_HEADER_BYTES : ends[reached - 1]!;
      const isRight =
        found.blocks === reached &&
        found.end.chain.sequence === (sequences[reached - 1] ?? 0) + 1 &&
        found.end.tornBytes > 0 === (cut < SEGMENT_HEADER_BYTES ? cut > 0 : cut > end);
      if (!isRight)
        expect.fail(`cut ${cut}: ${JSON.stringify(found.end.tornBytes)} ${found.blocks}`);
      cuts += 1;
    }
    expect(reached).toBe(ends.length);
    expect(cuts).toBeGreaterThan(9_000);
  });

  test("or anywhere in one of 200 blocks, zeros behind it, opens and goes on", async () => {
    const { disk, ends, sequences } = await journalOf(200, 1 << 17);
    const whole = disk.files.get(FIRST)!;
    const middle = 123; // Four records, more than what is written over it.
    const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: 1 << 17, disk };
    for (let cut = ends[middle - 1]!; cut < ends[middle]!; cut += 1) {
      const bytes = new Uint8Array(1 << 17);
      bytes.set(whole.subarray(0, cut));
      disk.files.set(FIRST, bytes);
      const { journal, tail } = Journal.open(options);
      expect(tail.sequence).toBe(sequences[middle - 1]);
      expect(tail.tornBytes > 0).toBe(cut > ends[middle - 1]!);
      const sealer = new Sealer(hash);
      sealer.index = tail.blockIndex;
      sealer.sequence = tail.sequence;
      sealer.prevHash = tail.prevHash;
      // Shorter than what was torn: nothing of the torn block may show behind it.
      const next = sealer.seal(1);
      journal.append(next.bytes, 0, next.bytes.length, next.firstSequence, 1);
      // Before the close, which would cut it: as a second crash finds it.
      const after = scan(disk);
      await journal.close();
      expect(after).toMatchObject({ blocks: middle + 1, sequence: tail.sequence + 1 });
      expect("end" in after ? after.end.tornBytes : -1).toBe(0);
    }
  });

  test("in an older segment is refused", async () => {
    const { disk } = await journalOf(200, 8_192);
    const path = [...disk.files.keys()].sort()[1]!;
    const whole = disk.files.get(path)!;
    for (const cut of [0, 10, 4_096, 4_200, whole.length - 64, whole.length - 1]) {
      disk.files.set(path, whole.slice(0, cut));
      const found = scan(disk);
      expect(found, `cut at ${cut}`).toMatchObject({ code: "JOURNAL_CORRUPT" });
    }
    disk.remove(path);
    expect(scan(disk), "a missing segment").toMatchObject({ code: "JOURNAL_CORRUPT" });
  });
});

describe("a journal with one bit flipped", () => {
  test("is never read as whole: middle refused, last block cut, at every byte", async () => {
    const { disk, ends } = await journalOf(isDeep ? 300 : 24);
    const bytes = disk.files.get(FIRST)!;
    const lastStart = ends.at(-2);
    let flips = 0;
    for (let at = 0; at < bytes.length; at += at < SEGMENT_HEADER_BYTES ? 13 : 1) {
      bytes[at]! ^= 1 << ((at * 5) & 7);
      const found = scan(disk);
      const isRefused = "code" in found && found.code === "JOURNAL_CORRUPT";
      const isCut = "end" in found && found.end.tornBytes > 0 && found.blocks === ends.length - 1;
      if (at < lastStart ? !isRefused : !isCut) expect.fail(`byte ${at}: ${JSON.stringify(found)}`);
      bytes[at]! ^= 1 << ((at * 5) & 7);
      flips += 1;
    }
    expect(flips).toBeGreaterThan(6_000);
    expect(scan(disk), "the journal itself is whole").toMatchObject({ blocks: ends.length });
  });

  test("in the space behind the last block is reported as torn", async () => {
    const { disk, ends } = await journalOf(10);
    const bytes = new Uint8Array(1 << 16);
    bytes.set(disk.files.get(FIRST)!);
    disk.files.set(FIRST, bytes);
    expect(scan(disk)).toMatchObject({ blocks: 10, end: { tornBytes: 0 } });
    bytes[60_000] = 1;
    const expected = { blocks: 10, end: { tornBytes: 60_001 - ends[9]! } };
    expect(scan(disk)).toMatchObject(expected);
  });
});

describe("intact blocks that do not belong", () => {
  test("are refused with place, expected and found", async () => {
    const { disk, ends } = await journalOf(10);
    const bytes = disk.files.get(FIRST)!;
    const original = bytes.slice();
    // Block 3 (4 records) repeated over block 7 (4 records): both intact, one misdirected.
    bytes.copyWithin(ends[6]!, ends[2]!, ends[3]);
    const found = scan(disk);
    expect(found).toMatchObject({ code: "JOURNAL_CORRUPT" });
    expect("text" in found && found.text).toContain(
      `${FIRST} at byte ${ends[6]!}: block index: expected 7, found 3`,
    );
    expect("text" in found && found.text).toContain(`truncate -s ${ends[6]!} ${FIRST}`);
    disk.files.set(FIRST, original.slice());
    // The last block again behind the end: an intact block, so not a torn tail.
    const longer = new Uint8Array(original.length + 4096);
    longer.set(original);
    longer.set(original.subarray(ends[8], ends[9]), ends[9]);
    disk.files.set(FIRST, longer);
    expect(scan(disk)).toMatchObject({ code: "JOURNAL_CORRUPT" });
  });

  test("are refused when only the chain of hashes tells: another history", () => {
    const disk = new MemoryDisk();
    const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: 1 << 16, disk };
    const { journal } = Journal.open(options);
    const sealer = new Sealer(hash);
    for (let i = 0; i < 2; i += 1) {
      const { bytes, firstSequence, records } = sealer.seal(1);
      journal.append(bytes, 0, bytes.length, firstSequence, records);
    }
    sealer.prevHash ^= 1n;
    const stranger = sealer.seal(1);
    const at = SEGMENT_HEADER_BYTES + 2 * (BLOCK_HEADER_BYTES + CELL_BYTES);
    disk.files.get(FIRST)!.set(stranger.bytes, at);
    const found = scan(disk);
    expect("text" in found && found.text).toContain(`at byte ${at}: hash of the block before`);
  });

  test("behind a zeroed block are found, however far", async () => {
    const { disk, ends } = await journalOf(2_000, 8 << 20, () => 40);
    const bytes = disk.files.get(FIRST)!;
    bytes.fill(0, ends[2], ends[1_998]);
    const found = scan(disk);
    expect(found).toMatchObject({ code: "JOURNAL_CORRUPT" });
    expect("text" in found && found.text).toContain(`at byte ${ends[2]!}: block magic`);
    bytes.fill(0, ends[1_998]);
    expect(scan(disk), "without the last block it is only shorter").toMatchObject({ blocks: 3 });
  });

  test("of another stream are refused", async () => {
    const { disk } = await journalOf(5);
    const blocks = scanBlocks({ disk, folder: "/j/0", stream: 1, hash });
    expect(() => blocks.next()).toThrow("stream: expected 1, found 0");
  });
});

describe("a crash during a rotation", () => {
  test.each([0, 1, 64, 4_095, 4_096, 8_192])(
    "leaves a next segment of %i bytes without a block, which is dropped or kept empty",
    async (bytes) => {
      const { disk, ends } = await journalOf(30);
      const next = `/j/0/${segmentName(30)}`;
      disk.files.set(next, new Uint8Array(bytes));
      const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: 1 << 20, disk };
      const { journal, tail } = Journal.open(options);
      expect(tail).toMatchObject({ blocks: 30, blockIndex: 30, tornBytes: 0 });
      await journal.close();
      expect(disk.files.has(next)).toBe(false);
      expect(disk.files.get(FIRST)!.length).toBe(ends.at(-1));
    },
  );

  test("is refused when nothing before it is there to go on from", async () => {
    const { disk } = await journalOf(30);
    disk.files.delete(FIRST);
    disk.files.set(`/j/0/${segmentName(30)}`, new Uint8Array(8_192));
    const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: 1 << 20, disk };
    expect(() => Journal.open(options)).toThrow(/segment header/);
  });
});

describe("a journal that grows while it is read", () => {
  test("is read on to where it ends, and never called corrupt", async () => {
    const { disk, ends, sequences } = await journalOf(40);
    const whole = new Uint8Array(3 << 20);
    whole.set(disk.files.get(FIRST)!);
    for (const written of [1, 17, 38]) {
      // The first look at the file is from before the later blocks; so is half of one block.
      const before = whole.slice();
      before.fill(0, ends[written - 1]! + 64);
      const growing = new MemoryDisk();
      growing.files.set(FIRST, before);
      const read = growing.read.bind(growing);
      let reads = 0;
      growing.read = (...args) => {
        reads += 1;
        if (reads === 2) growing.files.set(FIRST, whole);
        return read(...args);
      };
      const found = scan(growing);
      expect(found, `${written} blocks at first`).toMatchObject({
        blocks: 40,
        sequence: sequences.at(-1),
      });
    }
  });
});
