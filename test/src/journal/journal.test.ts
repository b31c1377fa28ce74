import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { SCHEMA_VERSION } from "../../../asm/vocab.ts";
import { AlphaError } from "../../../src/errors.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import {
  encodeSegmentHeader,
  segmentIndexOf,
  segmentName,
  type HashBytes,
} from "../../../src/journal/format.ts";
import { Journal, type JournalTail } from "../../../src/journal/journal.ts";
import { blockAt, type Block, type ScanStart } from "../../../src/journal/scan.ts";
import { BUILD, compileHash, inFolder, MemoryDisk, Sealer } from "./fixture.ts";

let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

type Opened = { journal: Journal; tail: JournalTail };

function openAt(dir: string, more: Partial<Parameters<typeof Journal.open>[0]> = {}): Opened {
  return Journal.open({ dir, stream: 0, build: BUILD, hash, segmentBytes: 65_536, ...more });
}

function append(journal: Journal, sealer: Sealer, records: number): void {
  const block = sealer.seal(records);
  journal.append(block.bytes, 0, block.bytes.length, block.firstSequence, block.records);
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof AlphaError) return error.code;
    throw error;
  }
  return "none";
}

function copyOf(block: Block): Block {
  return { ...block, bytes: block.bytes.slice() };
}

/** A scan may begin at this block; the segment's name is in its path. */
function startOf({ header, path, offset }: Block): ScanStart {
  const { index, firstSequence: sequence, prevHash } = header;
  const segment = segmentIndexOf(path.slice(path.lastIndexOf("/") + 1));
  return { segment, offset, chain: { index, sequence, prevHash } };
}

describe("a journal", () => {
  test("gives back every block, byte for byte, over many segments", async () => {
    await inFolder(async (dir) => {
      const sealer = new Sealer(hash);
      const { journal, tail } = openAt(dir);
      expect(tail).toMatchObject({ sequence: 0, blockIndex: 0, prevHash: 0n, tornBytes: 0 });
      const written: Buffer[] = [];
      for (let i = 0; i < 200; i += 1) {
        const block = sealer.seal(1 + ((i * 7) % 40));
        // As the engine does: a view into a larger, shared memory.
        const memory = new Uint8Array(new SharedArrayBuffer(block.bytes.length + 512));
        memory.set(block.bytes, 256);
        journal.append(memory, 256, block.bytes.length, block.firstSequence, block.records);
        written.push(Buffer.from(block.bytes));
      }
      expect(journal.writtenSequence).toBe(sealer.sequence);
      await journal.close();

      const again = openAt(dir);
      expect(again.tail).toEqual({
        ...{ sequence: sealer.sequence, blockIndex: 200, prevHash: sealer.prevHash, blocks: 200 },
        ...{ tornBytes: 0, tornAt: "", cuts: [], otherBuilds: [] },
      });
      const read = [...again.journal.blocks()].map((block) => block.header.index);
      expect(read).toEqual(written.map((_, at) => at));
      let at = 0;
      for (const { bytes } of again.journal.blocks()) {
        expect(Buffer.compare(bytes, written[at++]!)).toBe(0);
      }
      const middle = startOf([...again.journal.blocks()].map(copyOf)[150]!);
      const late = [...again.journal.blocks(middle)].map((block) => block.header.index);
      expect([late[0], late.length]).toEqual([150, 50]);
      const sizes = readdirSync(`${dir}/0`)
        .filter((name) => name.endsWith(".apj"))
        .map((name) => statSync(`${dir}/0/${name}`).size);
      expect(sizes.length, "rotated").toBeGreaterThan(4);
      expect(Math.max(...sizes), "bounded").toBeLessThanOrEqual(65_536);
      append(again.journal, sealer, 3);
      await again.journal.close();
    });
  });

  test("is read back without the zeros behind its last block", async () => {
    await inFolder(async (dir) => {
      const segmentBytes = 64 << 20;
      let readBytes = 0;
      const read: typeof NODE_DISK.read = (...what) => {
        const bytes = NODE_DISK.read(...what);
        readBytes += bytes;
        return bytes;
      };
      const { journal } = openAt(dir, { segmentBytes, disk: { ...NODE_DISK, read } });
      expect([...journal.blocks()], "of an empty journal").toEqual([]);
      append(journal, new Sealer(hash), 5);
      expect([...journal.blocks()].length).toBe(1);
      expect(readBytes, "one window of the scan, not the segment").toBeLessThan(2 << 20);
      await journal.close();
    });
  });

  test("goes on after a reopen in the middle of a segment, whatever its new size", async () => {
    await inFolder(async (dir) => {
      const sealer = new Sealer(hash);
      for (let i = 0; i < 12; i += 1) {
        const { journal, tail } = openAt(dir, { segmentBytes: i % 2 === 0 ? 65_536 : 8_192 });
        expect(tail).toMatchObject({ sequence: sealer.sequence, blockIndex: sealer.index });
        for (let k = 0; k < 5; k += 1) append(journal, sealer, 10);
        await journal.close();
      }
      expect(openAt(dir).tail).toMatchObject({ blocks: 60, sequence: 600, tornBytes: 0 });
    });
  });

  test("reads only what a snapshot does not hold", async () => {
    await inFolder(async (dir) => {
      const sealer = new Sealer(hash);
      const { journal } = openAt(dir, { segmentBytes: 8_192 });
      for (let i = 0; i < 50; i += 1) append(journal, sealer, 10);
      const start = startOf([...journal.blocks()].map(copyOf)[44]!);
      const scan = { disk: NODE_DISK, folder: journal.folder, stream: 0, hash };
      expect(blockAt(scan, start)).toMatchObject({ index: 44 });
      await journal.close();
      const { journal: late, tail } = openAt(dir, { segmentBytes: 8_192, start });
      expect(tail).toMatchObject({ sequence: 500, blockIndex: 50, blocks: 6 });
      append(late, sealer, 10);
      await late.close();
      expect(openAt(dir).tail).toMatchObject({ sequence: 510, blocks: 51 });
    });
  });

  test("knows a start that is not there, damaged, or of another chain", () => {
    const disk = new MemoryDisk();
    const sealer = new Sealer(hash);
    const { journal } = openAt("/j", { disk });
    for (let i = 0; i < 5; i += 1) append(journal, sealer, 3);
    const start = startOf([...journal.blocks()].map(copyOf)[3]!);
    const scan = { disk, folder: "/j/0", stream: 0, hash };
    expect(blockAt(scan, start)!.index).toBe(3);
    expect(blockAt(scan, { ...start, segment: 7 })).toBeUndefined();
    expect(blockAt(scan, { ...start, offset: start.offset + 64 })).toBeUndefined();
    expect(blockAt({ ...scan, stream: 1 }, start)).toBeUndefined();
    const chain = { ...start.chain, prevHash: start.chain.prevHash ^ 1n };
    expect(blockAt(scan, { ...start, chain })).toBeUndefined();
    disk.files.get(`/j/0/${segmentName(0)}`)![start.offset + 200]! ^= 1;
    expect(blockAt(scan, start)).toBeUndefined();
  });

  test("refuses a block that is not the next one: a defect, not a fault", () => {
    const disk = new MemoryDisk();
    const sealer = new Sealer(hash);
    const { journal } = openAt("/j", { disk });
    const first = sealer.seal(2);
    const second = sealer.seal(2);
    expect(() => journal.append(second.bytes, 0, second.bytes.length, 3, 2)).toThrow(
      "journal expects block 0, sequence 1, got block 1, sequence 3",
    );
    expect(() => journal.append(first.bytes, 0, first.bytes.length, 1, 3)).toThrow(/3 records/);
    journal.append(first.bytes, 0, first.bytes.length, 1, 2);
    const other = new Sealer(hash);
    other.index = 1;
    other.sequence = 2;
    other.prevHash = 5n;
    const stranger = other.seal(1);
    expect(() => journal.append(stranger.bytes, 0, stranger.bytes.length, 3, 1)).toThrow(/chain/);
  });

  test("refuses a block larger than a segment, naming the setting", () => {
    const { journal } = openAt("/j", { disk: new MemoryDisk(), segmentBytes: 8_192 });
    const block = new Sealer(hash).seal(100);
    expect(codeOf(() => journal.append(block.bytes, 0, block.bytes.length, 1, 100))).toBe(
      "JOURNAL_BLOCK_SIZE",
    );
  });

  test.each([0, 8_128, 8_193, 2 ** 31])("refuses segments of %i bytes", (segmentBytes) => {
    expect(codeOf(() => openAt("/j", { disk: new MemoryDisk(), segmentBytes }))).toBe(
      "JOURNAL_OPTION",
    );
  });

  test("refuses another schema and allows another build, saying so", async () => {
    const disk = new MemoryDisk();
    const header = {
      ...{ schema: SCHEMA_VERSION + 1, stream: 0, firstBlockIndex: 0, firstSequence: 1 },
      ...{ prevHash: 0n, createdEpochNanos: 0n, build: BUILD },
    };
    disk.files.set(`/j/0/${segmentName(0)}`, encodeSegmentHeader(header, hash));
    expect(codeOf(() => openAt("/j", { disk }))).toBe("JOURNAL_SCHEMA");
    const sealer = new Sealer(hash);
    sealer.buildId = 0xabcn;
    const other = openAt("/k", { disk, build: 0xabcn });
    append(other.journal, sealer, 1);
    await other.journal.close();
    expect(openAt("/k", { disk }).tail.otherBuilds).toEqual(["0000000000000abc"]);
  });
});

describe("a disk that fails", () => {
  test("when full keeps what was written, refuses the rest, serves again with space", async () => {
    const disk = new MemoryDisk();
    const sealer = new Sealer(hash);
    const { journal } = openAt("/j", { disk, segmentBytes: 8_192 });
    disk.freeBytes = 20_000;
    let written = 0;
    let fault = "";
    while (fault === "") {
      const block = sealer.seal(5);
      const { bytes, firstSequence, records } = block;
      const act = (): void => journal.append(bytes, 0, bytes.length, firstSequence, records);
      fault = codeOf(act).replace("none", "");
      if (fault === "") written = sealer.sequence;
      else expect(codeOf(act), "latched").toBe("JOURNAL_DISK_FULL");
    }
    expect(fault).toBe("JOURNAL_DISK_FULL");
    expect(journal.fault?.line()).toContain(`written up to sequence ${written}; orders are no`);
    disk.freeBytes = Infinity;
    await journal.close();
    const again = openAt("/j", { disk });
    expect(again.tail.sequence, "everything acknowledged, nothing else").toBe(written);
    expect(written).toBeGreaterThan(100);
    await again.journal.close();
    expect(disk.openCount, "no descriptor leaks").toBe(0);
  });

  test("with an error of the device is final as well", () => {
    const disk = new MemoryDisk();
    const sealer = new Sealer(hash);
    const { journal } = openAt("/j", { disk });
    append(journal, sealer, 1);
    disk.failWrite = "EIO";
    expect(codeOf(() => append(journal, sealer, 1))).toBe("JOURNAL_WRITE");
    expect(
      codeOf(() => append(journal, sealer, 1)),
      "the disk works, we do not trust it",
    ).toBe("JOURNAL_WRITE");
  });

  test("leaves a partly written block that the next open cuts", () => {
    const disk = new MemoryDisk();
    const sealer = new Sealer(hash);
    const { journal } = openAt("/j", { disk });
    append(journal, sealer, 4);
    disk.freeBytes = 150;
    expect(codeOf(() => append(journal, sealer, 4))).toBe("JOURNAL_DISK_FULL");
    disk.freeBytes = Infinity;
    disk.remove("/j/0/lock"); // As after a crash: nothing closed it.
    const { tail } = openAt("/j", { disk });
    expect(tail).toMatchObject({ sequence: 4, blockIndex: 1 });
    expect(tail.tornBytes).toBeGreaterThan(100);
    expect(tail.tornAt).toBe(`/j/0/${segmentName(0)} at byte ${4096 + 128 + 4 * 64}`);
  });
});

describe("the lock", () => {
  test("keeps a second engine out, naming the process, and is free after close", async () => {
    await inFolder(async (dir) => {
      const { journal } = openAt(dir);
      expect(() => openAt(dir)).toThrow(`held by process ${process.pid}`);
      expect(codeOf(() => openAt(dir))).toBe("JOURNAL_LOCKED");
      const other = openAt(dir, { stream: 1 });
      await other.journal.close();
      await journal.close();
      await openAt(dir).journal.close();
      expect(readdirSync(`${dir}/0`)).toEqual([segmentName(0)]);
    });
  });

  test.each([
    ["of a dead process", { pid: 2 ** 22 + 1, bootId: "", started: "" }, true],
    ["of another boot", { pid: process.pid, bootId: "another", started: "" }, true],
    ["of a process whose number was used again", { pid: process.pid, started: "1" }, true],
    ["cut short", '{"pid":12', false],
    ["empty", "", false],
  ])("%s is taken over", async (_, owner, isBoot) => {
    await inFolder(async (dir) => {
      mkdirSync(`${dir}/0`, { recursive: true });
      const bootId = isBoot ? await currentBoot() : "";
      const text = typeof owner === "string" ? owner : JSON.stringify({ bootId, ...owner });
      writeFileSync(`${dir}/0/lock`, text);
      const { journal } = openAt(dir);
      expect(codeOf(() => openAt(dir))).toBe("JOURNAL_LOCKED");
      await journal.close();
      expect(readdirSync(`${dir}/0`)).toEqual([segmentName(0)]);
    });
  });

  test("is given back when the open fails", async () => {
    const disk = new MemoryDisk();
    disk.failWrite = "EIO";
    expect(codeOf(() => openAt("/j", { disk }))).toBe("JOURNAL_WRITE");
    await openAt("/j", { disk }).journal.close();
    expect(disk.openCount).toBe(0);
  });
});

async function currentBoot(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim();
}
