// The core's side of a ring, alone and against the host's side of the same ring.
import { beforeEach, expect, test } from "vitest";
import { SCRATCH } from "../../../asm/layout.ts";
import {
  Kind,
  RING_DATA,
  RING_HEAD,
  RING_HEAD_SEEN,
  RING_NEXT,
  RING_OVERRUN,
  RING_READ,
  RING_TAIL,
  RING_TAIL_SEEN,
} from "../../../asm/vocab.ts";
import { Ring } from "../../../src/rings/ring.ts";
import { Kernels } from "../kernels.ts";

const AT = SCRATCH;
const CELLS = 16;
let core: Kernels;
let host: Ring;

beforeEach(async () => {
  core = await Kernels.create();
  core.number("ringInit")(AT, CELLS, AT + 192);
  host = new Ring(core.buffer, AT);
});

function setIndexes(start: number): void {
  for (const word of [RING_HEAD, RING_NEXT, RING_TAIL_SEEN, RING_TAIL, RING_READ, RING_HEAD_SEEN]) {
    core.view.setUint32(AT + word, start, true);
  }
}

function coreWrite(cells: number, value: number): boolean {
  const at = core.number("ringReserve")(AT, cells);
  if (at === 0) return false;
  core.view.setUint16(at, Kind.Trade, true);
  core.view.setUint16(at + 2, cells - 1, true);
  core.view.setUint32(at + 32, value, true);
  core.number("ringCommit")(AT);
  return true;
}

function hostWrite(cells: number, value: number): boolean {
  const at = host.reserve(cells);
  if (at < 0) return false;
  core.view.setUint16(at, Kind.Trade, true);
  core.view.setUint16(at + 2, cells - 1, true);
  core.view.setUint32(at + 32, value, true);
  host.commit();
  return true;
}

function coreRead(): number | undefined {
  const at = core.number("ringNext")(AT);
  if (at === 0) return undefined;
  core.number("ringSkip")(AT, core.number("recordCells")(at));
  return core.view.getUint32(at + 32, true);
}

function hostRead(): number | undefined {
  const at = host.next();
  if (at < 0) return undefined;
  host.skip(host.cellsAt(at));
  return core.view.getUint32(at + 32, true);
}

const STARTS = [0, 2 ** 31 - 7, 2 ** 32 - 7];

test.each(STARTS)("core and host take turns on both sides, in order, from index %i", (start) => {
  setIndexes(start);
  let next = 0;
  let readBy = 0;
  const readOne = (): void => {
    expect((readBy++ & 1) === 0 ? coreRead() : hostRead()).toBe(next++);
  };
  for (let value = 0; value < 4_000; value++) {
    const cells = 1 + ((value * 5 + (value >> 4)) & 3);
    const write = value % 3 === 0 ? hostWrite : coreWrite;
    while (!write(cells, value)) {
      core.number("ringPublish")(AT);
      readOne();
      core.number("ringRelease")(AT);
    }
  }
  host.publish();
  while (next < 4_000) readOne();
  host.release();
  expect(core.number("ringRoom")(AT)).toBe(CELLS);
});

test("a full ring refuses, counts, and keeps what it holds", () => {
  for (let value = 0; value < CELLS; value++) expect(coreWrite(1, value)).toBe(true);
  expect(coreWrite(1, 99)).toBe(false);
  expect(coreWrite(4, 99)).toBe(false);
  expect(core.view.getUint32(AT + RING_OVERRUN, true)).toBe(2);
  core.number("ringPublish")(AT);
  for (let value = 0; value < CELLS; value++) expect(coreRead()).toBe(value);
  expect(coreRead()).toBeUndefined();
});

test("rewind takes back what was committed since the mark and was not published", () => {
  coreWrite(2, 1);
  const mark = core.number("ringMark")(AT);
  coreWrite(3, 2);
  coreWrite(1, 3);
  core.number("ringRewind")(AT, mark);
  coreWrite(1, 4);
  core.number("ringPublish")(AT);
  expect([hostRead(), hostRead(), hostRead()]).toEqual([1, 4, undefined]);
});

test("a record behind a pad begins at the first cell, zeroed, and the pad fills the end", () => {
  setIndexes(CELLS - 3);
  core.u8.fill(0xff, AT + RING_DATA, AT + RING_DATA + CELLS * 64);
  const at = core.number("ringReserve")(AT, 4);
  expect(at).toBe(AT + RING_DATA);
  expect(core.u8.slice(at, at + 256).every((byte) => byte === 0)).toBe(true);
  const hole = AT + RING_DATA + (CELLS - 3) * 64;
  expect(core.view.getUint16(hole, true)).toBe(Kind.Pad);
  expect(core.number("recordCells")(hole)).toBe(3);
  expect(core.u8.slice(hole + 4, hole + 192).every((byte) => byte === 0)).toBe(true);
});

test("copyCells and zeroCells touch whole cells and nothing beside them", () => {
  const from = AT + 65_536;
  for (let i = 0; i < 320; i++) core.u8[from + i] = i & 0xff;
  core.u8.fill(0xee, AT + 70_000 - 48, AT + 71_000);
  const to = AT + 70_016;
  core.number("copyCells")(to, from, 4);
  expect(core.u8.slice(to, to + 256)).toEqual(core.u8.slice(from, from + 256));
  expect(core.u8[to - 1]).toBe(0xee);
  expect(core.u8[to + 256]).toBe(0xee);
  core.number("zeroCells")(to, 2);
  expect(core.u8.slice(to, to + 128).every((byte) => byte === 0)).toBe(true);
  expect(core.u8[to + 128]).toBe(core.u8[from + 128]);
});

test("refuses a capacity that is no power of two or too small for the longest record", () => {
  expect(() => core.number("ringInit")(AT, 24, AT)).toThrow(/power of two/);
  expect(() => core.number("ringInit")(AT, 4, AT)).toThrow(/longest record/);
  expect(() => core.number("ringInit")(AT, 0, AT)).toThrow(/longest record/);
});
