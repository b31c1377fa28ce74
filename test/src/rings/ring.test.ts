// The host's ring: wrap-around, full rings, two threads, and the bell.
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import {
  Kind,
  RING_CAPACITY,
  RING_DATA,
  RING_HEAD,
  RING_HEAD_SEEN,
  RING_NEXT,
  RING_READ,
  RING_TAIL,
  RING_TAIL_SEEN,
} from "../../../asm/vocab.ts";
import { Ring, ringBytes } from "../../../src/rings/ring.ts";
import { Kernels, kernelsModule } from "../../asm/kernels.ts";
import { SCRATCH } from "../../../asm/layout.ts";
import { peerCode, type PeerData } from "./peer.ts";

const RECORDS = 1_000_000;
/** Just below where a signed and an unsigned index overflow. */
const STARTS = [0, 2 ** 31 - 5, 2 ** 32 - 5];

function makeRing(cells: number, start = 0): Ring {
  const ring = Ring.create(new SharedArrayBuffer(ringBytes(cells)), 0, cells);
  setIndexes(ring, start);
  return ring;
}

function setIndexes(ring: Ring, start: number): void {
  const words = [RING_HEAD, RING_NEXT, RING_TAIL_SEEN, RING_TAIL, RING_READ, RING_HEAD_SEEN];
  for (const word of words) ring.view.setUint32(ring.at + word, start, true);
}

function write(ring: Ring, cells: number, value: number): boolean {
  const at = ring.reserve(cells);
  if (at < 0) return false;
  ring.view.setUint16(at, Kind.Trade, true);
  ring.view.setUint16(at + 2, cells - 1, true);
  ring.view.setUint32(at + 32, value, true);
  ring.commit();
  return true;
}

function read(ring: Ring): number | undefined {
  const at = ring.next();
  if (at < 0) return undefined;
  ring.skip(ring.cellsAt(at));
  return ring.view.getUint32(at + 32, true);
}

async function threads(all: PeerData[]): Promise<number> {
  const code = await peerCode();
  const results = all.map(
    (workerData) =>
      new Promise<number>((done, fail) => {
        const worker = new Worker(code, { eval: true, workerData });
        worker.once("message", (message: { slow: number }) => done(message.slow));
        worker.once("error", fail);
      }),
  );
  return (await Promise.all(results)).reduce((sum, slow) => sum + slow, 0);
}

test.each(STARTS)(
  "carries records of every length in order over many wraps from index %i",
  (start) => {
    const ring = makeRing(16, start);
    let read_ = 0;
    for (let value = 0; value < 5_000; value++) {
      const cells = 1 + ((value * 7) & 3);
      while (!write(ring, cells, value)) {
        ring.publish();
        expect(read(ring)).toBe(read_++);
        ring.release();
      }
    }
    ring.publish();
    for (let value = read(ring); value !== undefined; value = read(ring))
      expect(value).toBe(read_++);
    expect(read_).toBe(5_000);
    ring.release();
    expect(ring.room()).toBe(16);
    expect(ring.waiting()).toBe(0);
  },
);

test("a record never wraps: the end is filled with a Pad that the consumer never sees", () => {
  const ring = makeRing(8);
  expect(write(ring, 3, 1) && write(ring, 3, 2)).toBe(true);
  ring.publish();
  expect([read(ring), read(ring)]).toEqual([1, 2]);
  ring.release();
  const at = ring.reserve(4);
  expect(at, "at the beginning of the data").toBe(RING_DATA);
  ring.view.setUint16(at + 2, 3, true);
  ring.view.setUint32(at + 32, 3, true);
  ring.commit();
  const hole = RING_DATA + 6 * 64;
  expect(ring.view.getUint16(hole, true)).toBe(Kind.Pad);
  ring.publish();
  expect(ring.waiting(), "pad and record").toBe(6);
  expect(read(ring)).toBe(3);
  expect(read(ring)).toBeUndefined();
});

test("a full ring refuses, counts, and loses nothing", () => {
  const ring = makeRing(8);
  for (let value = 0; value < 8; value++) expect(write(ring, 1, value)).toBe(true);
  expect(write(ring, 1, 99)).toBe(false);
  expect(write(ring, 2, 99)).toBe(false);
  expect(ring.overrun).toBe(2);
  expect(ring.room()).toBe(0);
  ring.publish();
  expect(read(ring)).toBe(0);
  expect(write(ring, 1, 8), "not before the consumer has released").toBe(false);
  ring.release();
  expect(write(ring, 1, 8)).toBe(true);
  ring.publish();
  const rest: (number | undefined)[] = Array.from({ length: 8 }, () => read(ring));
  expect(rest).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("the longest record finds room in an empty ring at every position", () => {
  for (let start = 0; start < 8; start++) {
    const ring = makeRing(8, start);
    expect(write(ring, 4, start), `position ${start}`).toBe(true);
  }
});

test("what is not published is not seen, what is not committed is forgotten", () => {
  const ring = makeRing(8);
  write(ring, 1, 1);
  expect(read(ring)).toBeUndefined();
  ring.reserve(2);
  ring.publish();
  expect(read(ring)).toBe(1);
  expect(read(ring)).toBeUndefined();
});

test("reserve gives zeroed cells even where old records lay", () => {
  const ring = makeRing(8);
  for (let round = 0; round < 20; round++) {
    const at = ring.reserve(3);
    expect(ring.u8.slice(at, at + 192).every((byte) => byte === 0)).toBe(true);
    ring.u8.fill(0xff, at + 32, at + 192);
    ring.view.setUint16(at, Kind.Trade, true);
    ring.view.setUint16(at + 2, 2, true);
    ring.commit();
    ring.publish();
    ring.next();
    ring.skip(3);
    ring.release();
  }
});

test("push copies whole records of another memory and says when there is no room", () => {
  const from = makeRing(8);
  write(from, 2, 7);
  from.publish();
  const to = makeRing(8, 2 ** 31 - 3);
  const at = from.next();
  for (let i = 0; i < 3; i++) expect(to.push(from.i32, at, 2)).toBe(true);
  expect(to.push(from.i32, at, 2), "a pad took the rest").toBe(false);
  to.publish();
  expect([read(to), read(to), read(to), read(to)]).toEqual([7, 7, 7, undefined]);
});

test("a producer that takes lines over ahead leaves unread records whole", () => {
  const ring = makeRing(64, 2 ** 32 - 40);
  const source = new Int32Array(64);
  let pushed = 0;
  let taken = 0;
  for (let step = 0; step < 5000; step++) {
    const cells = 1 + ((step * 7) & 3);
    source.fill(pushed + 1);
    source[0] = Kind.Trade | ((cells - 1) << 16);
    const isIn = ring.push(source, 0, cells);
    pushed += isIn ? 1 : 0;
    ring.publish();
    // Mostly full: what lies ahead of the producer is unread.
    if (isIn && step % 50 !== 0) continue;
    const at = ring.next();
    const length = ring.cellsAt(at);
    const words = ring.i32.slice((at >> 2) + 1, (at >> 2) + length * 16);
    taken += 1;
    expect(
      words.every((word) => word === taken),
      `record ${taken}`,
    ).toBe(true);
    ring.skip(length);
    ring.release();
  }
  expect(taken).toBeGreaterThan(1000);
});

test("refuses a place where no ring is, and rings too small for the longest record", () => {
  const buffer = new SharedArrayBuffer(ringBytes(8));
  expect(() => new Ring(buffer, 0)).toThrow(/no ring/);
  new DataView(buffer).setUint32(RING_CAPACITY, 12, true);
  expect(() => new Ring(buffer, 0)).toThrow(/no ring/);
  expect(() => Ring.create(buffer, 0, 4)).toThrow(/too small/);
});

test("two threads: a million records of every length arrive whole and in order", async () => {
  const buffer = new SharedArrayBuffer(ringBytes(1024));
  setIndexes(Ring.create(buffer, 0, 1024), 2 ** 32 - 1000);
  const data = { buffer, at: 0, count: RECORDS };
  await threads([
    { ...data, act: "produce" },
    { ...data, act: "consume" },
  ]);
  const ring = new Ring(buffer, 0);
  expect(ring.waiting()).toBe(0);
  expect(ring.room()).toBe(1024);
});

test.each(["host to core", "core to host"])(
  "two threads, %s: a quarter million in order",
  async (way) => {
    const core = new Kernels(await kernelsModule());
    core.number("ringInit")(SCRATCH, 1024, SCRATCH + 192);
    const ring = new Ring(core.buffer, SCRATCH);
    setIndexes(ring, 2 ** 31 - 1000);
    const wasm = { module: await kernelsModule(), memory: core.memory };
    const data = { buffer: core.buffer, at: SCRATCH, count: RECORDS / 4 };
    const isCoreLast = way === "host to core";
    await threads([
      { ...data, act: "produce", ...(isCoreLast ? {} : { wasm }) },
      { ...data, act: "consume", ...(isCoreLast ? { wasm } : {}) },
    ]);
    expect(ring.waiting()).toBe(0);
  },
);

test("the bell loses no wake-up: fifty thousand answers, none after a timeout", async () => {
  const bytes = ringBytes(8);
  const buffer = new SharedArrayBuffer(bytes * 2);
  Ring.create(buffer, 0, 8);
  Ring.create(buffer, bytes, 8);
  const data = { buffer, at: 0, count: 50_000, answerAt: bytes };
  const slow = await threads([
    { ...data, act: "ask" },
    { ...data, act: "echo" },
  ]);
  expect(slow, "sleeps that only a timeout ended").toBe(0);
});

test("waitAsync resolves when the bell rings, and at once when there is work", async () => {
  const ring = makeRing(8);
  const startMillis = performance.now();
  const waited = ring.bell.waitAsync(ring.isBusy, 5000);
  write(ring, 1, 1);
  ring.publish();
  ring.wake();
  await waited;
  await ring.bell.waitAsync(ring.isBusy, 5000);
  expect(performance.now() - startMillis).toBeLessThan(2500);
});
