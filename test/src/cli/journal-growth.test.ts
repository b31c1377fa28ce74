// Growth of a journal from its own segments, and the hours until its disk is full.
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Kind, Role, SCHEMA_VERSION } from "../../../asm/vocab.ts";
import { capLines } from "../../../src/cli/disk-space.ts";
import { growthOf, hoursUntilFull } from "../../../src/cli/journal-growth.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core } from "../../../src/core/core.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import { encodeSegmentHeader, segmentName } from "../../../src/journal/format.ts";
import { put, record } from "../../asm/spine-core.ts";

const build = loadBuild();
const hash = createHasher(build);
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-growth-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A segment file of 1 MB that was begun at a minute of the day. */
function segment(stream: number, firstBlockIndex: number, minute: number): void {
  const header = encodeSegmentHeader(
    {
      ...{ schema: SCHEMA_VERSION, stream, firstBlockIndex, firstSequence: 1 + firstBlockIndex },
      ...{ prevHash: 0n, build: build.id, createdEpochNanos: BigInt(minute) * 60_000_000_000n },
    },
    hash,
  );
  mkdirSync(join(dir, String(stream)), { recursive: true });
  const bytes = new Uint8Array(1_000_000);
  bytes.set(header);
  writeFileSync(join(dir, String(stream), segmentName(firstBlockIndex)), bytes);
}

test("the fastest of the last segments counts, and a night without ticks does not", () => {
  [0, 30, 40, 900].forEach((minute, at) => segment(1, at * 10, minute));
  segment(0, 0, 0);
  expect(growthOf(NODE_DISK, dir)).toEqual([
    { stream: 0, bytes: 1_000_000, bytesPerHour: undefined },
    { stream: 1, bytes: 4_000_000, bytesPerHour: 6_000_000 },
  ]);
});

test("a first segment is measured from when it was begun, not from an unset clock", () => {
  const created = 1_790_000_000_000_000_000n;
  const folder = join(dir, "0");
  const writer = { dir, stream: 0, build: build.id, hash, segmentBytes: 1 << 20 };
  const { journal } = Journal.open(writer);
  const core = Core.create(build, { roles: Role.Both });
  // Two minutes behind the beginning; the record before is of 1970.
  const times = [0n, created + 120_000_000_000n];
  for (const [at, baseNanos] of times.entries()) {
    put(core.control, record(Kind.ClockBase, { baseNanos }));
    core.run(0, 1);
    const bytes = core.seal();
    journal.append(core.u8, core.blockAt, bytes, at + 1, 1);
  }
  put(core.control, record(Kind.StateQuery, { account: 1 }));
  core.run(0, 1);
  const last = core.seal();
  journal.append(core.u8, core.blockAt, last, 3, 1);
  const header = encodeSegmentHeader(
    {
      ...{ schema: SCHEMA_VERSION, stream: 0, firstBlockIndex: 0, firstSequence: 1 },
      ...{ prevHash: 0n, build: build.id, createdEpochNanos: created },
    },
    hash,
  );
  const path = join(folder, segmentName(0));
  const fd = openSync(path, "r+");
  writeSync(fd, header, 0, header.length, 0);
  closeSync(fd);
  const [growth] = growthOf(NODE_DISK, dir);
  // Two blocks of 192 bytes before the last one, in two minutes.
  expect(growth!.bytesPerHour).toBe(384 * 30);
});

test("ticks stop growing at their cap, orders do not", () => {
  const growths = [
    { stream: 0, bytes: 500, bytesPerHour: 10 },
    { stream: 1, bytes: 400, bytesPerHour: 100 },
  ];
  expect(hoursUntilFull(growths, 1_100, 0), "without a cap").toBe(10);
  expect(hoursUntilFull(growths, 1_100, 2_000), "the disk is full first").toBe(10);
  // Six hours until the cap cost 660 bytes; the rest is for orders alone.
  expect(hoursUntilFull(growths, 1_100, 1_000)).toBe(6 + 440 / 10);
  expect(hoursUntilFull(growths, 1_100, 300), "above the cap already").toBe(110);
  expect(hoursUntilFull(growths.slice(1), 1_100, 1_000), "only capped ticks").toBe(Infinity);
  expect(hoursUntilFull([], 0, 0)).toBe(Infinity);
});

test("the log names each file the cap removed, and says why when it removed none", () => {
  const removed = [{ path: "data/journal/1/segment-1.apj", bytes: 5_000_000 }];
  const left = { bytes: 9_000_000, bytesMax: 8_000_000, problem: "a start needs what is left" };
  expect(capLines(1, { ...left, removed })).toEqual([
    "removed data/journal/1/segment-1.apj, 5 MB: ticks above tickSegmentsMaxBytes",
  ]);
  expect(capLines(1, { ...left, removed: [] })).toEqual([
    "ticks of stream 1 stay at 9 MB where tickSegmentsMaxBytes is 8 MB: a start needs what is left",
  ]);
  expect(capLines(1, { ...left, removed: [], problem: "" })).toEqual([]);
});
