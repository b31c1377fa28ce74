import { beforeAll, expect, test } from "vitest";
import { AlphaError } from "../../../src/errors.ts";
import { segmentName, type HashBytes } from "../../../src/journal/format.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { formatStat, journalStat, journalVerify } from "../../../src/journal/stat.ts";
import { BUILD, compileHash, MemoryDisk, Sealer } from "./fixture.ts";

let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

async function filled(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const options = { dir: "/j", stream: 0, build: BUILD, hash, segmentBytes: 8_192, disk };
  const { journal } = Journal.open(options);
  const sealer = new Sealer(hash);
  for (let i = 0; i < 40; i += 1) {
    const { bytes, firstSequence, records } = sealer.seal(10);
    journal.append(bytes, 0, bytes.length, firstSequence, records);
  }
  await journal.close();
  return disk;
}

test("counts segments, blocks, records by kind, bytes and time", async () => {
  const disk = await filled();
  const progress: number[] = [];
  const onProgress = (doneBytes: number): number => progress.push(doneBytes);
  const stat = journalStat({ dir: "/j", stream: 0, hash, disk, onProgress });
  expect(stat).toMatchObject({
    ...{ blocks: 40, records: 400, firstSequence: 1, lastSequence: 400 },
    ...{ recordsByKind: { Trade: 400 }, bytes: 40 * (128 + 640), bytesPerRecord: 76.8 },
    ...{ builds: ["1122334455667788"], isChainWhole: true, tornBytes: 0, problem: "" },
    tsFirstNanos: "1790000000000000001",
  });
  expect(stat.segments.length).toBe(8);
  expect(progress.length).toBe(40);
  expect(progress, "progress only grows").toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(stat.segments.reduce((sum, one) => sum + one.bytes, 0));
  const text = formatStat(stat);
  expect(text).toContain("records    400, sequence 1 to 400");
  expect(text).toContain("time       2026-09-21T14:13:20.000000001Z to");
  expect(text).toContain("chain      whole");
  expect(JSON.parse(JSON.stringify(stat)), "the --json shape is plain data").toEqual(stat);
});

test("names the first bad place; verify throws it", async () => {
  const disk = await filled();
  const path = `/j/0/${segmentName(10)}`;
  disk.files.get(path)![5_000]! ^= 4;
  const stat = journalStat({ dir: "/j", stream: 0, hash, disk });
  expect(stat).toMatchObject({ isChainWhole: false, blocks: 11 });
  expect(stat.problem).toContain(`JOURNAL_CORRUPT: ${path} at byte 4864: block hash`);
  expect(formatStat(stat)).toContain("chain      BROKEN");
  expect(() => journalVerify({ dir: "/j", stream: 0, hash, disk })).toThrow(AlphaError);
});

test("refuses a folder without a journal", () => {
  const disk = new MemoryDisk();
  const act = (): unknown => journalStat({ dir: "/nowhere", stream: 0, hash, disk });
  expect(act).toThrow("/nowhere/0 is no journal");
});
