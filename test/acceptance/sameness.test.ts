// One function, two topologies, with orders: what the order loop of a sharded engine took in is
// given to a fresh inline core, and everything that core says must be what the sharded engine said.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  AmendField,
  BLOCK_HEADER_BYTES,
  CONFIG_KIND,
  Execution,
  Flag,
  IndicatorKind,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  MarkSource,
  ModelRule,
  OrderType,
  REC_SEQUENCE,
  Role,
  Scope,
  Side,
  StrategyKind,
  TimeInForce,
} from "../../asm/vocab.ts";
import { Clock } from "../../src/clock.ts";
import { Catalog } from "../../src/core/catalog.ts";
import { Core, loadBuild } from "../../src/core/core.ts";
import { createHasher } from "../../src/core/hasher.ts";
import { NODE_DISK } from "../../src/journal/disk.ts";
import { streamFolder } from "../../src/journal/format.ts";
import { scanBlocks } from "../../src/journal/scan.ts";
import type { OutputSink } from "../../src/oms/sink.ts";
import { Topology } from "../../src/oms/topology.ts";
import { decode, encode, recordBytes, recordCells, type RecordFields } from "../../src/protocol.ts";
import type { Ring } from "../../src/rings/ring.ts";
import { until } from "./engine-process.ts";

const PAPER = 1;
const INTERNAL = 2;
const TAKER = 11;
const MAKER = 12;
const FOLLOWER = 3;
const MODEL = 5;
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

function spec(instrument: number, execution: Execution): RecordFields {
  return {
    instrument,
    version: 1,
    specKind: InstrumentKind.LinearPerpetual,
    execution,
    base: 1,
    quote: 1,
    settlement: 1,
    tickMantissa: 1,
    tickExponent: -2,
    lotMantissa: 1,
    lotExponent: 0,
    multiplierNum: 1,
    multiplierDen: 1,
    phase: InstrumentPhase.Continuous,
    markSource: MarkSource.Last,
    symbol: `I${instrument}`,
  };
}

/** Market, accounts, a limit that bites, fees, and a strategy of the core that follows signals. */
function configuration(): Uint8Array[] {
  const catalog = new Catalog();
  const ema = { kind: IndicatorKind.Ema, label: "EMA 3", period: 3 };
  catalog.market(["1s", "1m"], [ema]);
  catalog.currencyWithId(1, "USD", -2);
  catalog.add(Kind.ModelConfig, {
    instrument: 0,
    id: MODEL,
    rule: ModelRule.CrossForming,
    timeframe: 0,
    indicator: 0,
    modelFlags: 1,
  });
  catalog.instrument(spec(PAPER, Execution.Paper));
  catalog.instrument(spec(INTERNAL, Execution.Internal));
  for (const id of [TAKER, MAKER]) {
    catalog.add(Kind.Account, { id, currency: 1 });
    catalog.add(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 10_000_000_000 });
  }
  catalog.add(Kind.RiskLimits, {
    scope: Scope.Account,
    account: TAKER,
    currency: 1,
    qtyLotsMax: 50,
  });
  catalog.add(Kind.FeeSchedule, { makerPerBillion: -10_000, takerPerBillion: 50_000 });
  catalog.add(Kind.Strategy, {
    id: FOLLOWER,
    account: TAKER,
    strategyKind: StrategyKind.SignalFollower,
    strategyFlags: 1,
    model: MODEL,
    qtyLots: 4,
    strategyName: "follower",
  });
  return catalog.records;
}

function push(ring: Ring, kind: Kind, fields: RecordFields): void {
  const at = ring.reserve(recordCells(kind));
  if (at < 0) throw new Error("ring full");
  encode(ring.view, at, kind as never, fields as never);
  ring.commit();
}

/** Seeded numbers, so that a failure can be had again. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Ticks of both instruments, a trade now and then through resting limits. */
function pushTicks(feed: Ring, draw: () => number, tsNanos: bigint): void {
  const head = { flags: Flag.Timed, tsEngineNanos: tsNanos };
  const bidTicks = 10_000 + Math.floor(draw() * 60) - 30;
  const askTicks = bidTicks + 1 + Math.floor(draw() * 3);
  const lots = (): number => 1 + Math.floor(draw() * 20);
  const quote = { bidTicks, bidLots: lots(), askTicks, askLots: lots() };
  push(feed, Kind.Quote, { ...head, instrument: PAPER, ...quote });
  const priceTicks = draw() < 0.5 ? bidTicks - 5 : askTicks + 5;
  const trade = { priceTicks, qtyLots: lots(), aggressor: Side.Buy };
  push(feed, Kind.Trade, { ...head, instrument: PAPER, ...trade });
  if (draw() >= 0.05) return;
  push(feed, Kind.MarkPrice, { ...head, instrument: PAPER, priceTicks: bidTicks });
  const funding = { value: draw() / 100 - 0.005, nextNanos: tsNanos + 10_000_000n };
  push(feed, Kind.FundingRate, { ...head, instrument: PAPER, ...funding });
}

/** Orders, cancels and amends of two accounts on both instruments; some must be denied. */
function pushCommands(command: Ring, draw: () => number, round: number): void {
  for (const instrument of [PAPER, INTERNAL]) {
    for (const account of [TAKER, MAKER]) {
      const clientId = round + 1;
      push(command, Kind.OrderNew, {
        instrument,
        account,
        clientId: clientId * 10 + instrument,
        side: draw() < 0.5 ? Side.Buy : Side.Sell,
        type: draw() < 0.2 ? OrderType.Market : OrderType.Limit,
        tif: draw() < 0.2 ? TimeInForce.Ioc : TimeInForce.Gtc,
        qtyLots: 1 + Math.floor(draw() * 60),
        priceTicks: 10_000 + Math.floor(draw() * 40) - 20,
        tag: BigInt(round),
      });
      const before = (1 + Math.floor(draw() * clientId)) * 10 + instrument;
      if (draw() < 0.3) push(command, Kind.OrderCancel, { instrument, account, clientId: before });
      if (draw() < 0.1) {
        const change = { fields: AmendField.Qty, qtyLots: 1 + Math.floor(draw() * 10) };
        push(command, Kind.OrderAmend, { instrument, account, clientId: before, ...change });
      }
    }
  }
  if (round % 97 === 96) {
    push(command, Kind.MassCancel, { account: MAKER, scope: Scope.Account });
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
