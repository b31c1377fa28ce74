// An upgrade of the sharded topology: another core over the same ticks, with the journal whole and
// with its beginning gone. The other core is a real one that makes other records of some trades,
// and another number of them.
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { BLOCK_HEADER_BYTES, Kind, REC_CAUSE, REC_KIND, Role } from "../../../asm/vocab.ts";
import { main } from "../../../src/cli/main.ts";
import { midwayLine } from "../../../src/cli/disk-space.ts";
import { Clock } from "../../../src/clock.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core, type CoreBuild } from "../../../src/core/core.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { streamFolder } from "../../../src/journal/format.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import { scanBlocks } from "../../../src/journal/scan.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { MarketLoop } from "../../../src/oms/market-loop.ts";
import {
  isAhead,
  MarketMarker,
  marketSeen,
  type MarketMark,
} from "../../../src/oms/market-mark.ts";
import { openJournal, type OpenJournal } from "../../../src/oms/open-journal.ts";
import { Timeline } from "../../../src/oms/timeline.ts";
import { Topology } from "../../../src/oms/topology.ts";
import { recordBytes } from "../../../src/protocol.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { variantBuild } from "../../asm/variant.ts";

const healthy = loadBuild();
const hash = createHasher(healthy);
const data = ticks(3_000);
const MARKET_KINDS: readonly number[] = [
  ...[Kind.Currency, Kind.InstrumentSpec, Kind.Timeframe, Kind.Indicator, Kind.ModelConfig],
];
let other: CoreBuild;
let dir = "";

beforeAll(async () => {
  // A trade of two lots is printed twice, one of three lots not at all, and one of five is seven
  // ticks dearer in its candle: another number of records, and another state.
  other = await variantBuild(
    [
      "asm/market.ts",
      "  const print = outBegin(Kind.TradePrint, TRADE_CELLS, id);\n",
      `  if (qty == 3) return;
  if (qty == 2) outEnd(outBegin(Kind.TradePrint, TRADE_CELLS, id));
  const print = outBegin(Kind.TradePrint, TRADE_CELLS, id);\n`,
    ],
    [
      "asm/market.ts",
      "id, tsNanos, price, qty, isBuy)",
      "id, tsNanos, price + 7 * i64(qty == 5), qty, isBuy)",
    ],
  );
}, 120_000);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-midway-"));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(dir, { recursive: true, force: true });
});

/** Order loop and market worker on this thread, so that a crash may come between any two steps. */
class Sharded {
  readonly engine: Engine;
  readonly loop: MarketLoop;
  /** What of the worker's records the order loop had seen at the start. */
  readonly seen: MarketMark;
  private readonly kept: OpenJournal;

  private constructor(build: CoreBuild) {
    const clock = Clock.system();
    const journal = { dir, stream: 0, segmentBytes: 1 << 22 };
    this.engine = new Engine({ build, clock, roles: Role.Order, isRecorded: true, journal });
    this.engine.recover();
    this.seen = marketSeen(NODE_DISK, dir, hash);
    const kept = openJournal(
      { dir, stream: 1, segmentBytes: 1 << 15 },
      { build, roles: Role.Market, seen: this.seen },
      () => undefined,
      (fault) => {
        throw fault;
      },
    );
    this.kept = kept;
    const { derived } = this.engine.core;
    this.loop = new MarketLoop({ build, clock, stream: 1, derived, isRecorded: true, kept });
  }

  static async open(build: CoreBuild): Promise<Sharded> {
    const one = new Sharded(build);
    try {
      one.begin();
      return one;
    } catch (error) {
      await one.crash();
      throw error;
    }
  }

  private begin(): void {
    this.loop.recover(this.seen);
    this.engine.start();
    const records = setupRecords();
    this.engine.configure(records);
    this.loop.configure(records.filter((one) => MARKET_KINDS.includes(kindOf(one))));
  }

  get hash(): bigint {
    return this.loop.core.stateHash(Role.Market);
  }

  /** Ticks in portions of ten; the order loop takes what came of them only while `isSeen`. */
  feed(from: number, to: number, isSeen = true): void {
    for (let at = from; at < to; at += 10) {
      for (const bytes of data.slice(at, Math.min(at + 10, to))) put(this.loop.core.feed, bytes);
      while (this.loop.core.isBusy()) this.loop.turn();
      if (isSeen) this.settle();
    }
  }

  settle(): void {
    while (this.engine.core.isBusy()) this.engine.turn();
  }

  /** No last turn, no checkpoint: the journals end where they were written. */
  async crash(): Promise<void> {
    // Its timers would keep the process, its bell would take more turns.
    this.engine["clearTimers"]();
    this.engine["isRunning"] = false;
    await this.engine.kept!.journal.close();
    await this.kept.journal.close();
    this.engine.core.bell.ring();
  }
}

function kindOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(REC_KIND, true);
}

/** A market record as what it says: cause, kind and payload. */
interface Said {
  mark: MarketMark;
  text: string;
}

function* marketRecords(
  view: DataView,
  from: number,
  to: number,
  marker: MarketMarker,
): Generator<Said> {
  for (let at = from; at < to; at += recordBytes(view, at)) {
    if (view.getUint16(at + REC_KIND, true) >> 8 !== 0x04) continue;
    marker.note(Number(view.getBigUint64(at + REC_CAUSE, true)));
    const payload = new Uint8Array(
      view.buffer,
      view.byteOffset + at + 24,
      recordBytes(view, at) - 24,
    );
    const text = `${Kind[view.getUint16(at, true)]} ${Buffer.from(payload).toString("hex")}`;
    yield { mark: { sequence: marker.sequence, records: marker.records }, text };
  }
}

/** Market records among the inputs of the order journal. */
function orderInputs(): string[] {
  const marker = new MarketMarker();
  const found: string[] = [];
  for (const { bytes } of scan(0)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const one of marketRecords(view, BLOCK_HEADER_BYTES, bytes.length, marker)) {
      found.push(one.text);
    }
  }
  return found;
}

function scan(stream: number, folder = streamFolder(dir, stream)): ReturnType<typeof scanBlocks> {
  return scanBlocks({ disk: NODE_DISK, folder, stream, hash });
}

/** A fresh core fed with all blocks of a folder, behind `first` records, and what it said. */
function fresh(
  build: CoreBuild,
  first: readonly Uint8Array[] = [],
  folder = streamFolder(dir, 1),
): { core: Core; said: Said[] } {
  const core = Core.create(build, { roles: Role.Market, stream: 1 });
  const marker = new MarketMarker();
  const said: Said[] = [];
  for (const one of first) {
    const block = new Uint8Array(BLOCK_HEADER_BYTES + one.length);
    block.set(one, BLOCK_HEADER_BYTES);
    core.replayBlock(block, () => undefined);
  }
  for (const { bytes } of scan(1, folder)) {
    core.replayBlock(bytes, (from, to) => {
      said.push(...marketRecords(core.view, from, to, marker));
    });
  }
  return { core, said };
}

/** What the order loop must have got: the first core's as far as it had seen, then the second's. */
function expectedInputs(before: Said[], seen: MarketMark, after: Said[]): string[] {
  const old = before.filter(({ mark }) => !isAhead(mark, seen));
  return [...old, ...after.filter(({ mark }) => isAhead(mark, seen))].map(({ text }) => text);
}

const texts = (said: Said[]): string[] => said.map(({ text }) => text);

test("over an upgrade the order loop gets no market record twice and misses none", async () => {
  const first = await Sharded.open(healthy);
  first.feed(0, 500);
  const settled = marketSeen(NODE_DISK, dir, hash);
  first.feed(500, 540, false);
  // The order loop dies in the middle of what one tick gave.
  const before = fresh(healthy).said;
  const next = before.findIndex(({ mark }) => isAhead(mark, settled));
  const middle = before.findIndex(({ mark }, at) => {
    return at > next + 9 && mark.sequence === before[at + 1]!.mark.sequence;
  });
  first.engine["take"](middle - next + 1);
  await first.crash();
  const seen = marketSeen(NODE_DISK, dir, hash);
  expect(seen).toEqual(before[middle]!.mark);
  expect(texts(before)).not.toEqual(texts(fresh(other).said));

  const second = await Sharded.open(other);
  expect(second.seen).toEqual(seen);
  second.feed(540, 900);
  await second.crash();
  const after = fresh(other).said;
  expect(orderInputs()).toEqual(expectedInputs(before, seen, after));

  // Back again, the state of the first core, and what was seen of the second stays seen.
  const back = await Sharded.open(healthy);
  back.feed(900, 1_000);
  const third = fresh(healthy);
  expect(back.hash).toBe(third.core.stateHash(Role.Market));
  await back.crash();
  const end = marketSeen(NODE_DISK, dir, hash);
  const until = expectedInputs(before, seen, after);
  const rest = third.said.filter(({ mark }) => isAhead(mark, back.seen));
  expect(orderInputs()).toEqual([...until, ...texts(rest)]);
  expect(end).toEqual(third.said.at(-1).mark);
}, 60_000);

/** Copies the segments of the market worker to where none is removed. */
function keep(): void {
  const filter = (name: string): boolean => !/\.(part|aps)|spare|lock/.test(name);
  cpSync(streamFolder(dir, 1), join(dir, "whole"), { recursive: true, filter });
}

/** Configuration in the blocks that were removed, as it was journaled. */
function removedSetup(): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (const { header, bytes } of scan(1, join(dir, "whole"))) {
    if (header.index >= first(1)) break;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
      const one = bytes.slice(at, at + recordBytes(view, at));
      if (MARKET_KINDS.includes(kindOf(one))) records.push(one);
    }
  }
  return records;
}

/** A life of a core whose oldest segments are gone; a copy of all is kept. */
async function cappedLife(build: CoreBuild, count: number): Promise<void> {
  const life = await Sharded.open(build);
  life.feed(0, count / 2);
  const follower = new Follower({
    ...{ build, dir, stream: 1, roles: Role.Market, keep: 2, tickSegmentsMaxBytes: 1 },
  });
  const catchUp = (): void => {
    while (follower.step(64) > 0);
    keep();
    follower.snapshot();
  };
  catchUp();
  life.feed(count / 2, count);
  catchUp();
  follower.close();
  life.feed(count, count + 200);
  await life.crash();
  keep();
  expect(first(1), "the beginning is gone").toBeGreaterThan(0);
}

/** First block of a stream. */
function first(stream: number): number {
  for (const { header } of scan(stream)) return header.index;
  return -1;
}

function follow(build: CoreBuild): Follower {
  const follower = new Follower({
    ...{ build, dir, stream: 1, roles: Role.Market, keep: 2, tickSegmentsMaxBytes: 1 },
  });
  while (follower.step(64) > 0);
  return follower;
}

test("a capped journal under another core begins with the oldest ticks and goes on", async () => {
  await cappedLife(healthy, 1_600);
  const inputs = orderInputs();
  const before = { count: inputs.length, seen: marketSeen(NODE_DISK, dir, hash) };
  const kept = fresh(other, removedSetup());

  const second = await Sharded.open(other);
  const { midway, snapshot } = second.loop.recovery;
  expect(snapshot).toBeUndefined();
  expect(midway).toMatchObject({ configured: MARKET_KINDS.length });
  expect(midwayLine(midway!)).toMatch(/built from 20\d\d-.*Z on \(sequence \d+, .*5 configuration/);
  expect(second.hash, "as a fresh core with the kept ticks").toBe(kept.core.stateHash(Role.Market));
  expect(second.loop.core.feedRecords, "counted from the beginning").toBe(1_800);
  second.feed(1_800, 2_000);
  const expected = fresh(other, removedSetup());
  expect(second.hash).toBe(expected.core.stateHash(Role.Market));
  await second.crash();
  const more = expected.said.filter(({ mark }) => isAhead(mark, before.seen));
  expect(orderInputs().slice(0, before.count), "what was seen stays").toEqual(inputs);
  expect(orderInputs().slice(before.count), "and is not sent again").toEqual(texts(more));

  // Before there is a snapshot a start does the same, then it takes the first one.
  const again = await Sharded.open(other);
  expect(again.loop.recovery.midway).toEqual(midway);
  expect(again.hash).toBe(second.hash);
  const follower = follow(other);
  expect(follower.recovery.midway).toEqual(midway);
  expect(follower.core.stateHash(Role.Market)).toBe(again.hash);
  follower.snapshot();
  again.feed(2_000, 2_100);
  await again.crash();
  follower.close();
  const last = await Sharded.open(other);
  expect(last.loop.recovery.midway, "a snapshot leads up to it").toBeUndefined();
  expect(last.loop.recovery.snapshot).toBeDefined();
  expect(last.hash).toBe(again.hash);
  last.feed(2_100, 2_200);
  await last.crash();
}, 60_000);

test("back to the build before: from its snapshot, or from the oldest ticks", async () => {
  await cappedLife(healthy, 1_600);
  const second = await Sharded.open(other);
  second.feed(1_800, 2_000);
  await second.crash();
  const back = await Sharded.open(healthy);
  expect(back.loop.recovery.snapshot, "of its own").toBeDefined();
  expect(back.loop.recovery.midway).toBeUndefined();
  keep();
  const all = fresh(healthy, [], join(dir, "whole"));
  expect(back.hash, "as if the other had never run").toBe(all.core.stateHash(Role.Market));
  await back.crash();

  const third = await Sharded.open(other);
  const follower = follow(other);
  follower.snapshot();
  third.feed(2_000, 2_300);
  while (follower.step(64) > 0);
  follower.snapshot();
  follower.close();
  await third.crash();
  keep();
  const late = await Sharded.open(healthy);
  expect(late.loop.recovery.refused.join(), "its snapshots are gone by then").toMatch(/of core/);
  expect(late.loop.recovery.midway).toBeDefined();
  expect(late.hash).toBe(fresh(healthy, removedSetup()).core.stateHash(Role.Market));
  await late.crash();
}, 60_000);

test("configured is what came before the kept ticks, and nothing that came later", async () => {
  const life = await Sharded.open(healthy);
  life.feed(0, 800);
  const one = follow(healthy);
  keep();
  one.snapshot();
  life.feed(800, 900);
  const later = record(Kind.Timeframe, { slot: 1, type: 1, periodMillis: 5_000 });
  life.loop.configure([later]);
  life.feed(900, 1_600);
  while (one.step(64) > 0);
  keep();
  one.snapshot();
  one.close();
  await life.crash();
  expect(first(1)).toBeGreaterThan(0);
  const kept = [...scan(1)].flatMap(({ bytes }) => [kindOf(bytes.subarray(BLOCK_HEADER_BYTES))]);
  expect(kept, "it is among the kept blocks").toContain(Kind.Timeframe);

  const second = await Sharded.open(other);
  expect(second.loop.recovery.midway!.configured).toBe(MARKET_KINDS.length);
  expect(second.loop.recovery.configured.holds(later), "known, and not sent again").toBe(true);
  expect(second.hash).toBe(fresh(other, removedSetup()).core.stateHash(Role.Market));
  await second.crash();

  const { source, ...rest } = second.loop.recovery.midway!;
  rmSync(source);
  const again = await Sharded.open(other);
  expect(again.loop.recovery.midway, "a later snapshot knows more").toMatchObject(rest);
  expect(again.loop.recovery.midway!.source).not.toBe(source);
  expect(again.hash).toBe(second.hash);
  await again.crash();
}, 60_000);

test("a checkpoint of the run before is no reason to stop, and it is counted", async () => {
  const life = await Sharded.open(healthy);
  life.feed(0, 800);
  const one = follow(healthy);
  one.snapshot();
  life.feed(800, 1_200);
  put(life.loop.core.control, record(Kind.Checkpoint, { marketHash: life.hash }));
  life.loop.turn();
  life.feed(1_200, 1_300);
  await life.crash();
  one.close();
  const same = await Sharded.open(healthy);
  expect(same.loop.recovery).toMatchObject({ checkpoints: 1, unverified: 0 });
  await same.crash();
  const second = await Sharded.open(other);
  expect(second.loop.recovery).toMatchObject({ checkpoints: 0, unverified: 1 });
  await second.crash();
}, 60_000);

test("an order journal without its beginning is refused", async () => {
  await cappedLife(healthy, 800);
  for (const name of readdirSync(streamFolder(dir, 1))) {
    if (name.endsWith(".aps")) rmSync(join(streamFolder(dir, 1), name));
  }
  const refused = Sharded.open(other);
  await expect(refused, "nobody says what was configured").rejects.toMatchObject({
    code: "RECOVERY_GAP",
  });
  rmSync(dir, { recursive: true });
  const journal = { dir, stream: 0, segmentBytes: 1 << 15 };
  for (const roles of [Role.Both, Role.Order]) {
    const clock = Clock.system();
    const engine = new Engine({ build: healthy, clock, roles, isRecorded: true, journal });
    engine.start();
    engine.configure(setupRecords());
    for (let at = 0; at < 1_500; at += 1) {
      put(engine.command, record(Kind.OrderCancel, { account: 1, clientId: BigInt(at) }));
      if (at % 10 === 9) engine.turn();
    }
    await engine.stop();
    const segments = readdirSync(streamFolder(dir, 0)).filter((name) => name.startsWith("segment"));
    expect(segments.length).toBeGreaterThan(2);
    rmSync(join(streamFolder(dir, 0), segments.sort()[0]!));
    const again = new Engine({ build: other, clock, roles, isRecorded: true, journal });
    let fault: unknown;
    try {
      again.recover();
    } catch (error) {
      fault = error;
    }
    await again.kept!.journal.close();
    expect(fault).toMatchObject({ code: "RECOVERY_GAP" });
    rmSync(dir, { recursive: true });
  }
}, 60_000);

// Once, in a whole suite, it waited for ever; nobody knows yet for what, so it is tried again.
test(
  "a real worker's thread does the same and says so",
  { retry: 2, timeout: 30_000 },
  async () => {
    await cappedLife(other, 1_600);
    const topology = await Topology.open({
      ...{ name: "sharded", build: healthy, clock: Clock.system(), isRecorded: true },
      ...{ journalDir: dir, segmentBytes: 1 << 20 },
    });
    expect(topology.market!.midway).toMatchObject({ configured: MARKET_KINDS.length });
    expect(topology.feedRecords).toBe(1_800);
    const { market } = await topology.stateHashes();
    expect(market).toBe(fresh(healthy, removedSetup()).core.stateHash(Role.Market));
    topology.engine.start();
    await topology.configure(setupRecords());
    await topology.stop();
  },
);

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  process.exitCode = undefined;
  const code = await main(argv);
  return { code, out, err };
}

test("commands on a capped journal answer from a snapshot or say what is missing", async () => {
  await cappedLife(healthy, 1_600);
  const place = [dir, "--stream", "1"];
  const { range } = new Timeline({ dir, stream: 1, build: healthy });
  const { firstSequence, lastSequence } = range;
  const state = fresh(healthy, [], join(dir, "whole")).core;
  const hex = state.stateHash(Role.Market).toString(16).padStart(16, "0");

  expect((await run("journal", "at", "end", ...place)).out).toContain(`market ${hex}`);
  expect((await run("journal", "hash", ...place)).out).toContain(`market ${hex}`);
  const deep = await run("journal", "verify", "--deep", dir);
  expect(deep).toMatchObject({ code: 0 });
  expect(deep.out).toContain(hex);
  const dump = await run("journal", "dump", ...place, "--kind", "Trade", "--limit", "1");
  expect(dump.out, "it knows what was configured before").toMatch(/Trade .*TEST-1/);
  for (const asked of [
    ["at", String(firstSequence)],
    ["hash", "--at", String(firstSequence)],
  ]) {
    const { code, err } = await run("journal", ...asked, ...place);
    expect(code).toBe(1);
    expect(err).toMatch(/RECOVERY_GAP.*begins with block \d+/);
    expect(err).toContain("ask for a later point");
  }
  expect((await run("journal", "at", "1", ...place)).err).toMatch(/JOURNAL_POINT/);
  expect((await run("journal", "hash", "--whole", ...place)).err).toMatch(/RECOVERY_GAP/);

  const file = join(dir, "incident.apx");
  const export_ = ["incident", "export", file, "--dir", dir, "--stream", "1", "--records", "20"];
  expect(await run(...export_)).toMatchObject({ code: 0 });
  expect((await run("incident", "show", file)).code).toBe(0);
  const early = await run(...export_, "--around", String(firstSequence + 30));
  expect(early.err).toMatch(/INCIDENT_SNAPSHOT.*begins with block/);
  expect(lastSequence).toBeGreaterThan(firstSequence);

  const home = join(dir, "home");
  cpSync(streamFolder(dir, 0), join(home, "journal", "0"), { recursive: true });
  cpSync(streamFolder(dir, 1), join(home, "journal", "1"), { recursive: true });
  const old = await run("why", "fill/1", "--data-dir", home);
  expect(old.out).toMatch(/note: #\d+ of the market worker, the tick behind it, is no longer kept/);
  const ids = (await run("why", "fill/999999", "--data-dir", home)).err;
  const newest = await run("why", /order ids \d+ to (\d+)/.exec(ids)![1]!, "--data-dir", home);
  expect(newest.out).toMatch(/#\d+ of market worker 1 .* Trade: /);
  expect(newest.out).not.toContain("no longer kept");
}, 60_000);
