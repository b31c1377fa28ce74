// The walk through a slice: every place is what a replay up to it is, whichever way one came.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Kind, Role } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { imagePage, imagePages } from "../../../src/core/image.ts";
import type { Core } from "../../../src/core/core.ts";
import type { SliceSource } from "../../../src/incident/slice.ts";
import {
  CANDLES_MAX,
  EVENTS_MAX,
  SAMPLES_MAX,
  WalkIndex,
} from "../../../src/incident/walk-index.ts";
import { IMAGES_MAX, Walk } from "../../../src/incident/walk.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import { Timeline } from "../../../src/oms/timeline.ts";
import { viewState, type AccountView } from "../../../src/oms/state-query.ts";
import { Configured } from "../../../src/oms/recovery.ts";
import { encode, type DecodedRecord } from "../../../src/protocol.ts";
import { LIFE_BEGIN_NANOS, liveInline, ROUND_NANOS } from "../../acceptance/traders.ts";

const ROUNDS = 4_000;
const build = loadBuild();
const hash = createHasher(build);
let dir = "";
let hashLive = "";
let walk: Walk;

function source(): SliceSource {
  const place = { disk: NODE_DISK, folder: join(dir, "0"), stream: 0, hash };
  return { ...place, roles: Role.Both, core: build.sha256 };
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-walk-"));
  hashLive = await liveInline(build, dir, ROUNDS);
  walk = new Walk(source(), build);
  for (const sequence of walk.run()) expect(sequence).toBeGreaterThan(0);
}, 60_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The core inside, for what no user of it may see. */
function coreOf(one: Walk): Core {
  return (one as unknown as { core: Core }).core;
}

function imageOf(core: Core): Map<number, string> {
  const pages = [...imagePages(core)];
  return new Map(
    pages.map((page) => [page, Buffer.from(imagePage(core, page)).toString("latin1")]),
  );
}

/** Rows without the number of the question, which is another after each. */
function unnumbered(accounts: readonly AccountView[]): unknown {
  return accounts.map((one) =>
    Object.values(one).map((rows: unknown) => {
      if (!Array.isArray(rows)) return rows;
      return rows.map((row: DecodedRecord) => ({ ...row, sequence: 0n, cause: 0n }));
    }),
  );
}

describe("the walk over a journal", () => {
  test("ends in the engine's state, though it asked the core at hundreds of places", () => {
    expect(walk.index.samples.length).toBeGreaterThan(40);
    expect(walk.end).toMatchObject({ trap: "", checkpoints: 1 });
    walk.go(walk.end.sequence);
    expect(walk.end.stateHash).toBe(hashLive);
  });

  test("a question leaves no byte of the state changed", () => {
    for (const share of [0.1, 0.5, 0.9]) {
      walk.go(Math.round(walk.end.sequence * share));
      const before = imageOf(coreOf(walk));
      expect(walk.view().accounts.length).toBe(2);
      expect(imageOf(coreOf(walk))).toEqual(before);
    }
  });

  test("forwards, back and across: each place has the hash and rows of a replay to it", () => {
    const timeline = new Timeline({ dir, stream: 0, build });
    const last = walk.end.sequence;
    const places = [last, 17, 12_345, 12_344, 12_343, last - 1, 15_000, 9_999, 20_000, 200];
    for (const place of places) {
      walk.go(place);
      expect(walk.sequence).toBe(place);
      const state = timeline.stateAt(place);
      expect(walk.stateHash(), `at ${place}`).toBe(state.core.stateHashText());
      const { accounts } = walk.view();
      expect(unnumbered(accounts), `rows at ${place}`).toEqual(
        unnumbered(viewState(state).accounts),
      );
    }
  }, 60_000);

  test("says the input at the cursor and what the core said to it", () => {
    const { events } = walk.index;
    for (const event of [events.find(({ group }) => group === "fill")!, events.at(-3)]) {
      walk.go(event.sequence);
      const { record, outputs } = walk.view();
      expect(record?.sequence).toBe(BigInt(event.sequence));
      const kind = new DataView(event.record.buffer, event.record.byteOffset).getUint16(0, true);
      expect([record?.kind, ...outputs.map((one) => one.kind)]).toContain(kind);
    }
  });

  test("finds the first input at a time", () => {
    const tsNanos = LIFE_BEGIN_NANOS + 1_000n * ROUND_NANOS;
    const sequence = walk.sequenceAt(tsNanos);
    walk.go(sequence);
    expect(walk.view().tsNanos).toBe(tsNanos);
    walk.go(sequence - 1);
    expect(walk.view().tsNanos).toBeLessThan(tsNanos);
    expect(walk.sequenceAt(LIFE_BEGIN_NANOS * 2n)).toBe(walk.end.sequence);
  });

  test("candles and fills end at the cursor", () => {
    walk.go(15_000);
    const { tsNanos } = walk.view();
    const candles = walk.index.candlesAt(15_000, 1, 0, 100);
    const fills = walk.index.eventsAt(15_000, "fill", 100);
    expect(candles.length).toBeGreaterThan(10);
    expect(fills.length).toBe(100);
    for (const one of [...candles, ...fills]) expect(one.tsEngineNanos <= tsNanos).toBe(true);
    expect(fills.every(({ kind }) => kind === (Kind.Fill as number))).toBe(true);
    expect(walk.forming(1, 0)?.name).toBe("CandleForming");
  });

  test("stays within its bounds of images, however long it walks back", () => {
    const images = (walk as unknown as { images: unknown[] }).images;
    for (let place = walk.end.sequence; place > 5_000; place -= 4_001) walk.go(place);
    expect(images.length).toBeGreaterThan(2);
    expect(images.length).toBeLessThanOrEqual(IMAGES_MAX);
  }, 60_000);
});

test("the index keeps so many events, candles and samples, and says what it left out", () => {
  const index = new WalkIndex(new Configured());
  const record = (kind: Kind.Fill | Kind.CandleClosed): Uint8Array => {
    const bytes = new Uint8Array(256);
    return bytes.subarray(0, encode(new DataView(bytes.buffer), 0, kind, { instrument: 1 }));
  };
  const [fill, candle] = [record(Kind.Fill), record(Kind.CandleClosed)];
  for (let at = 0; at < EVENTS_MAX + 5; at++) index.output(fill, at);
  expect(index.events.length).toBe(EVENTS_MAX);
  expect(index.left).toBe(5);
  for (let at = 0; at < CANDLES_MAX * 2; at++) index.output(candle, at);
  const kept = index.candlesAt(Infinity, 1, 0, CANDLES_MAX * 2);
  expect(kept.length).toBeLessThanOrEqual(CANDLES_MAX);
  expect(kept.length).toBeGreaterThanOrEqual(CANDLES_MAX / 2);
  const header = { tsLastNanos: 5n } as never;
  for (let at = 0; at < SAMPLES_MAX * 4_000; at += 200) {
    index.block({ header } as never, { sequence: at } as never, () => []);
  }
  expect(index.samples.length).toBeLessThanOrEqual(SAMPLES_MAX + 1);
  expect(index.samples.length).toBeGreaterThan(SAMPLES_MAX / 3);
});

test("what runs in the page has nothing of Node in it", () => {
  const code = readFileSync(
    new URL("../../../build/dashboard/incident.js", import.meta.url),
    "utf8",
  );
  expect(code).not.toMatch(/["']node:|\bBuffer\.(from|compare|alloc|concat)\(/);
  expect(code.length).toBeGreaterThan(100_000);
});
