// A record that stops the core: the engine goes on without it, the journal says so, and every
// replay decides the same. The core is a real one that traps in the middle of certain records.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { AckLevel, Kind, OrderType, Refusal, Role, Side, TimeInForce } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import type { CoreBuild } from "../../../src/core/core.ts";
import type { AlphaError } from "../../../src/errors.ts";
import { decide } from "../../../src/oms/decide.ts";
import { Engine, type EngineOptions } from "../../../src/oms/engine.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { RESCUES_MAX, type Poison } from "../../../src/oms/rescue.ts";
import type { OutputSink } from "../../../src/oms/sink.ts";
import { Timeline } from "../../../src/oms/timeline.ts";
import { decode, recordBytes, type DecodedRecord } from "../../../src/protocol.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { brokenCore, POISON } from "../../asm/broken-core.ts";
import { Hands } from "./hands.ts";

const healthy = loadBuild();
let poisoned: CoreBuild;
let dir = "";

beforeAll(async () => {
  poisoned = await brokenCore();
}, 120_000);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-rescue-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Keeps what was said, decoded, and what levels were reached. */
class Listener implements OutputSink {
  readonly records: DecodedRecord[] = [];
  readonly flushed: [AckLevel, number][] = [];

  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      if (view.getUint16(at, true) !== (Kind.Pad as number)) this.records.push(decode(view, at));
    }
  }

  flush(level: AckLevel, sequence: number): void {
    this.flushed.push([level, sequence]);
  }

  of(kind: Kind): DecodedRecord[] {
    return this.records.filter((one) => one.kind === kind);
  }
}

interface Opened {
  engine: Engine;
  listener: Listener;
  poisons: Poison[];
}

function open(build: CoreBuild, options: Partial<EngineOptions> = {}): Opened {
  const journal = { dir, stream: 0, segmentBytes: 1 << 22 };
  const poisons: Poison[] = [];
  const onPoison = (poison: Poison): void => void poisons.push(poison);
  const base = { build, clock: new Hands().clock(), roles: Role.Both, isRecorded: true, journal };
  const engine = new Engine({ ...base, onPoison, ...options });
  const listener = new Listener();
  engine.addSink(listener);
  return { engine, listener, poisons };
}

function begin(build: CoreBuild, options: Partial<EngineOptions> = {}): Opened {
  const opened = open(build, options);
  opened.engine.recover();
  opened.engine.start();
  opened.engine.configure(setupRecords());
  feed(opened.engine, ticks(300));
  return opened;
}

function feed(engine: Engine, records: readonly Uint8Array[]): void {
  for (const bytes of records) if (!put(engine.feed, bytes)) throw new Error("feed ring full");
  while (engine.core.isBusy() && engine.fault === undefined) engine.turn();
}

function order(clientId: number, tag = 0): Uint8Array {
  return record(Kind.OrderNew, {
    ...{ instrument: 1, account: 1, clientId: BigInt(clientId), side: Side.Buy, qtyLots: 1n },
    ...{ type: OrderType.Limit, tif: TimeInForce.Gtc, priceTicks: 9_000n, tag: BigInt(tag) },
  });
}

function send(engine: Engine, records: readonly Uint8Array[]): void {
  for (const bytes of records) put(engine.command, bytes);
  while (engine.core.isBusy() && engine.fault === undefined) engine.turn();
}

/** Orders 1 to 5 in one turn, of which the third stops the core. */
const FIVE = [order(1), order(2), order(3, POISON), order(4), order(5)];

/** Client ids, but those of the strategy, which are larger. */
const idsOf = (records: readonly DecodedRecord[]): bigint[] =>
  records.map((one) => one["clientId"] as bigint).filter((id) => id < 1_000n);

test("the orders around the one that stopped the core are taken, that one is denied", async () => {
  const { engine, listener, poisons } = begin(poisoned);
  const before = engine.core.sequence;
  send(engine, FIVE);
  expect(engine.fault).toBeUndefined();
  expect(idsOf(listener.of(Kind.OrderAccepted))).toEqual([1n, 2n, 4n, 5n]);
  const [denied, ...others] = listener.of(Kind.OrderDenied);
  expect(others).toEqual([]);
  expect(denied).toMatchObject({ account: 1, clientId: 3n, reason: Refusal.PoisonRecord });
  expect(engine.core.sequence, "every one has its number").toBe(before + 5);
  expect(poisons).toMatchObject([{ sequence: before + 3, kind: "OrderNew", instrument: 1 }]);
  expect(poisons[0]!.trap).toContain("unreachable");
  expect(engine.kept!.journal.writtenSequence).toBe(before + 5);
  expect(listener.flushed).toContainEqual([AckLevel.Written, before + 3]);
  await engine.stop();
});

test("live, replayed, followed and replayed by a healthy core, the state is one", async () => {
  const { engine } = begin(poisoned);
  const follower = new Follower({ build: poisoned, dir, stream: 0, roles: Role.Both, keep: 3 });
  while (follower.step(64) > 0);
  follower.snapshot();
  send(engine, FIVE);
  const poison = record(Kind.Trade, {
    instrument: 1,
    priceTicks: 10_000n,
    qtyLots: BigInt(POISON),
  });
  feed(engine, [poison, ...ticks(600).slice(300)]);
  expect(engine.rescues.count).toBe(2);
  while (follower.step(64) > 0);
  const hash = engine.core.stateHashText();
  expect(follower.core.stateHashText()).toBe(hash);
  follower.close();
  await engine.stop();

  for (const build of [poisoned, healthy]) {
    const again = open(build);
    expect(again.engine.recover().checkpoints, "the clean stop vouches for it").toBe(1);
    expect(again.engine.core.stateHashText()).toBe(hash);
    await again.engine.stop();
  }
});

test("the rescued state is that of an engine which never got the record", async () => {
  const { engine } = begin(poisoned);
  send(engine, FIVE);
  const other = begin(poisoned, { journal: undefined });
  send(other.engine, [order(1), order(2), order(4), order(5)]);
  const rest = (one: Opened["engine"], listener: OutputSink): void => {
    one.addSink(listener);
    put(one.command, record(Kind.StateQuery, { account: 1 }));
    while (one.core.isBusy() && one.fault === undefined) one.turn();
  };
  const [a, b] = [new Listener(), new Listener()];
  rest(engine, a);
  rest(other.engine, b);
  const plain = (list: DecodedRecord[]): unknown[] =>
    list.map(({ sequence: _s, cause: _c, tsEngineNanos: _t, ...fields }) => fields);
  expect(plain(a.records)).toEqual(plain(b.records));
  await engine.stop();
  await other.engine.stop();
});

test("an engine that is stopped again and again fails instead", async () => {
  const faults: unknown[] = [];
  const { engine } = begin(poisoned, { onFault: (fault) => faults.push(fault) });
  for (let at = 0; at < RESCUES_MAX; at++) send(engine, [order(100 + at, POISON)]);
  expect(engine.fault).toBeUndefined();
  const sequence = engine.kept!.journal.writtenSequence;
  send(engine, [order(200, POISON)]);
  expect(faults).toHaveLength(1);
  expect(String(engine.fault)).toContain("unreachable");
  expect(engine.kept!.journal.writtenSequence, "nothing of the turn was kept").toBe(sequence);
  await engine.stop();
}, 60_000);

test("a deadline that stops the core cannot be passed by: the engine fails", async () => {
  const { engine, poisons } = begin(poisoned);
  const unknown = record(Kind.Trade, { instrument: 1, priceTicks: 10_000n, qtyLots: 1n });
  new DataView(unknown.buffer).setUint16(0, 0x7777, true);
  put(engine.control, unknown);
  engine.turn();
  feed(engine, ticks(700).slice(300));
  expect(String(engine.fault)).toContain("unreachable");
  expect(poisons).toEqual([]);
  await engine.stop();
});

test("without a journal there is nothing to come back from: the engine fails", async () => {
  const { engine, poisons } = begin(poisoned, { journal: undefined });
  send(engine, FIVE);
  expect(String(engine.fault)).toContain("unreachable");
  expect(poisons).toEqual([]);
  await engine.stop();
});

test("what another build took and this one does not needs a person's decision", async () => {
  const first = begin(healthy);
  send(first.engine, FIVE);
  const third = first.engine.core.sequence - 2;
  await first.engine.stop();

  const second = open(poisoned);
  expect(() => second.engine.recover()).toThrow(`record ${third} stops this core`);
  await second.engine.stop();
  const timeline = (): Timeline => new Timeline({ dir, stream: 0, build: poisoned });
  const decided = async (sequence: number): Promise<AlphaError | undefined> =>
    await decide(timeline(), dir, sequence).then(
      () => undefined,
      (error: AlphaError) => error,
    );
  expect((await decided(third - 1))?.code, "that one is well").toBe("DECISION_REFUSED");
  expect((await decided(third + 1))?.message).toContain(`record ${third} stops this core before`);
  expect(await decided(third)).toBeUndefined();

  const later = open(poisoned);
  later.engine.recover();
  const denied = later.engine.core.sequence;
  expect(denied, "the checkpoint and the decision are records too").toBe(third + 4);
  later.engine.start();
  send(later.engine, [record(Kind.StateQuery, { account: 1 })]);
  expect(idsOf(later.listener.of(Kind.OrderStateRow)).sort()).toEqual([1n, 2n, 4n, 5n]);
  const hash = later.engine.core.stateHashText();
  await later.engine.stop();
  expect(
    timeline()
      .stateAt(denied + 1)
      .core.stateHashText(),
  ).toBe(hash);
  const follower = new Follower({ build: poisoned, dir, stream: 0, roles: Role.Both, keep: 3 });
  while (follower.step(64) > 0);
  expect(follower.core.sequence).toBeGreaterThan(denied);
  follower.close();
});
