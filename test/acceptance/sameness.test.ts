// One function, two topologies, with orders: what the order loop of a sharded engine took in is
// given to a fresh inline core, and everything that core says must be what the sharded engine said.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BLOCK_HEADER_BYTES, CONFIG_KIND, Kind, REC_SEQUENCE, Role } from "../../asm/vocab.ts";
import { Clock } from "../../src/clock.ts";
import { loadBuild } from "../../src/core/build.ts";
import { Core } from "../../src/core/core.ts";
import { createHasher } from "../../src/core/hasher.ts";
import { NODE_DISK } from "../../src/journal/node-disk.ts";
import { streamFolder } from "../../src/journal/format.ts";
import { scanBlocks } from "../../src/journal/scan.ts";
import type { OutputSink } from "../../src/oms/sink.ts";
import { Topology } from "../../src/oms/topology.ts";
import { decode, recordBytes } from "../../src/protocol.ts";
import { until } from "./engine-process.ts";
import {
  configuration,
  draws,
  FOLLOWER,
  INTERNAL,
  PAPER,
  pushCommands,
  pushTicks,
} from "./traders.ts";

const ROUNDS = 1200;
/** Every so many rounds the test lets both threads run, so that inputs interleave. */
const ROUNDS_BETWEEN_BREAKS = 5;

/** Configuration that only the market role answers, wherever it runs. */
const MARKET_CONFIG: readonly number[] = [Kind.Timeframe, Kind.Indicator, Kind.ModelConfig];

const NOTHING = new Uint8Array(0);

/** What a core said and came to. */
interface Replayed {
  records: Uint8Array[];
  orderHash: bigint;
}

/** Keeps a copy of all outputs of the order role, in order. */
class Tape implements OutputSink {
  readonly records: Uint8Array[] = [];
  collect(u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      const kind = view.getUint16(at, true);
      const isMarket =
        kind === Kind.ConfigAccepted &&
        MARKET_CONFIG.includes(view.getUint16(at + CONFIG_KIND, true));
      if (kind >> 8 < 0x06 || isMarket) continue;
      this.records.push(u8.slice(at, at + recordBytes(view, at)));
    }
  }

  flush(): void {
    // Nothing is sent.
  }
}

function countByKind(records: readonly Uint8Array[]): Map<Kind, number> {
  const counts = new Map<Kind, number>();
  for (const record of records) {
    const kind = viewOf(record).getUint16(0, true) as Kind;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function viewOf(record: Uint8Array): DataView {
  return new DataView(record.buffer, record.byteOffset, record.length);
}

describe("the order loop's inputs of a sharded engine in a fresh inline core", () => {
  const build = loadBuild();
  const live = new Tape();
  let journalDir: string;
  let hashLive: bigint;
  let inputs: Map<Kind, number>;
  let inline: Replayed;
  let orderOnly: Replayed;

  /** Runs the sharded engine over a day in a second and leaves its journal. */
  async function runSharded(): Promise<void> {
    const clock = Clock.system();
    let fault: unknown;
    const topology = await Topology.open({
      name: "sharded",
      build,
      clock,
      journalDir,
      isRecorded: false,
      sinks: () => [live],
      onFault: (error) => (fault ??= error),
    });
    const { engine, feed, market } = topology;
    engine.start();
    await topology.configure(configuration());
    const draw = draws(20_260_101);
    const baseNanos = clock.epochNanos();
    for (let round = 0; round < ROUNDS; round++) {
      pushTicks(feed, draw, baseNanos + BigInt(round) * 25_000_000n);
      feed.publish();
      feed.wake();
      pushCommands(engine.command, draw, round);
      engine.command.publish();
      engine.schedule();
      if (round % ROUNDS_BETWEEN_BREAKS === 0) await new Promise((next) => setTimeout(next, 1));
    }
    const last = (await market?.drained()) ?? 0;
    const isDone = (): boolean => !engine.core.isBusy() && engine.core.derivedSeen >= last;
    await until(() => isDone() || fault !== undefined, 20_000, "the order loop");
    hashLive = engine.core.stateHash(Role.Order);
    await topology.stop();
    expect(fault, "no fault on the way").toBeUndefined();
  }

  /** Gives the journal of the order loop to a core of its own. */
  function replay(roles: Role): Replayed {
    const core = Core.create(build, { roles });
    const tape = new Tape();
    const taken: Uint8Array[] = [];
    const hash = createHasher(build);
    const folder = streamFolder(journalDir, 0);
    for (const block of scanBlocks({ disk: NODE_DISK, folder, stream: 0, hash })) {
      const view = viewOf(block.bytes);
      for (let at = BLOCK_HEADER_BYTES; at < block.bytes.length; at += recordBytes(view, at)) {
        taken.push(block.bytes.slice(at, at + recordBytes(view, at)));
      }
      core.replayBlock(block.bytes, (from, to) => tape.collect(core.u8, core.view, from, to));
    }
    inputs = countByKind(taken);
    return { records: tape.records, orderHash: core.stateHash(Role.Order) };
  }

  beforeAll(async () => {
    journalDir = mkdtempSync(join(tmpdir(), "alphapulse-sameness-"));
    await runSharded();
    orderOnly = replay(Role.Order);
    inline = replay(Role.Both);
  }, 60_000);

  afterAll(() => rmSync(journalDir, { recursive: true, force: true }));

  test("the run holds what it claims: commands among ticks, fills on both, denials", () => {
    expect(inputs.get(Kind.OrderNew)).toBe(ROUNDS * 4);
    expect(inputs.get(Kind.TradePrint)).toBe(ROUNDS);
    expect(inputs.get(Kind.Signal) ?? 0, "signals for the follower").toBeGreaterThan(5);
    expect(inputs.get(Kind.FundingChange) ?? 0, "funding rates").toBeGreaterThan(5);
    expect(inputs.get(Kind.Trade), "no tick reaches the order loop").toBeUndefined();
    const said = countByKind(live.records);
    expect(said.get(Kind.OrderDenied) ?? 0).toBeGreaterThan(10);
    expect(said.get(Kind.OrderCanceled) ?? 0).toBeGreaterThan(10);
    const fills = live.records.filter((one) => viewOf(one).getUint16(0, true) === Kind.Fill);
    const decoded = fills.map((one) => decode(viewOf(one), 0));
    for (const instrument of [PAPER, INTERNAL]) {
      const mine = decoded.filter((one) => one.instrument === instrument);
      expect(mine.length, `fills of instrument ${instrument}`).toBeGreaterThan(50);
    }
    const byFollower = decoded.filter(
      (one) => (one as { strategy?: number }).strategy === FOLLOWER,
    );
    expect(byFollower.length, "fills of the strategy").toBeGreaterThan(0);
  });

  test("a core of the order role says the same records, byte for byte", () => {
    expectSame(orderOnly.records, live.records);
  });

  test("an inline core says the same, though it numbers the market role's answers too", () => {
    expectSame(inline.records.map(unnumbered), live.records.map(unnumbered));
  });

  test("both end in the order state of the sharded engine", () => {
    expect(orderOnly.orderHash).toBe(hashLive);
    expect(inline.orderHash).toBe(hashLive);
    const empty = Core.create(build, { roles: Role.Both }).stateHash(Role.Order);
    expect(hashLive, "the state is not the empty one").not.toBe(empty);
  });
});

/** The record without the number its role gave it. */
function unnumbered(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy.fill(0, REC_SEQUENCE, REC_SEQUENCE + 8);
  return copy;
}

function expectSame(records: readonly Uint8Array[], others: readonly Uint8Array[]): void {
  const differs = others.findIndex((one, at) => Buffer.compare(one, records[at] ?? NOTHING) !== 0);
  const pair = [others[differs], records[differs]].map((one) => one && decode(viewOf(one), 0));
  expect(pair, `first record that differs: ${differs}`).toEqual([undefined, undefined]);
  expect(records.length).toBe(others.length);
}
