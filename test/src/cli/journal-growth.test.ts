// Growth of a journal from its own segments, and the hours until its disk is full.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SCHEMA_VERSION } from "../../../asm/vocab.ts";
import { growthOf, hoursUntilFull } from "../../../src/cli/journal-growth.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import { encodeSegmentHeader, segmentName } from "../../../src/journal/format.ts";

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
