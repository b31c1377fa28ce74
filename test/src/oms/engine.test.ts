// The loop: levels in order, failing closed, a journal that comes back, configuration sent once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AckLevel, Kind, Role, Scope } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { AlphaError } from "../../../src/errors.ts";
import { Engine, type EngineOptions } from "../../../src/oms/engine.ts";
import type { OutputSink } from "../../../src/oms/sink.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "./hands.ts";

const build = loadBuild();
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-engine-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

class Listener implements OutputSink {
  readonly flushed: [AckLevel, number][] = [];
  readonly kinds: number[] = [];
  recoveredBytes = 0;
  /** Called when something is collected. */
  collected = 0;

  collect(_u8: Uint8Array, view: DataView, from: number): void {
    this.collected += 1;
    this.kinds.push(view.getUint16(from, true));
  }

  flush(level: AckLevel, sequence: number): void {
    this.flushed.push([level, sequence]);
  }

  recovered(_u8: Uint8Array, _view: DataView, from: number, to: number): void {
    this.recoveredBytes += to - from;
  }

  levels(sequence: number): AckLevel[] {
    return this.flushed.filter(([, at]) => at >= sequence).map(([level]) => level);
  }
}

function open(options: Partial<EngineOptions> = {}): { engine: Engine; listener: Listener } {
  const journal = { dir, stream: 0, segmentBytes: 1 << 22 };
  const base = { build, clock: new Hands().clock(), roles: Role.Both, isRecorded: true, journal };
  const engine = new Engine({ ...base, ...options });
  const listener = new Listener();
  engine.addSink(listener);
  return { engine, listener };
}

async function until(isTrue: () => boolean): Promise<void> {
  const untilMillis = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > untilMillis) throw new Error("not within 30 s");
    await new Promise((next) => setTimeout(next, 5));
  }
}

function feed(engine: Engine, from: number, to: number): void {
  for (const bytes of ticks(to).slice(from)) {
    if (!put(engine.feed, bytes)) throw new Error("feed ring full");
  }
  while (engine.core.isBusy()) engine.turn();
}

test("a turn reaches Memory, then Written, and Durable when the disk has it", async () => {
  const { engine, listener } = open();
  engine.start();
  engine.configure(setupRecords());
  const sequence = engine.core.sequence;
  expect(listener.levels(sequence)).toEqual([AckLevel.Memory, AckLevel.Written]);
  await until(() => listener.levels(sequence).includes(AckLevel.Durable));
  expect(listener.levels(sequence).slice(0, 3)).toEqual([0, 1, 2]);
  expect(
    listener.flushed.every(([level, at]) => level !== AckLevel.Durable || at <= sequence),
  ).toBe(true);
  await engine.stop();
});

test("what the last turn wrote becomes durable, though no turn follows", async () => {
  const { engine, listener } = open({ isRecorded: false });
  engine.start();
  // The hands stand still: no time in which the next sync would be due.
  engine.configure(setupRecords());
  const { sequence } = engine.core;
  expect(engine.kept!.journal.syncedSequence).toBeLessThan(sequence);
  await until(() => listener.levels(sequence).includes(AckLevel.Durable));
  await engine.stop();
});

test("without a journal every level means memory: all three come, in order", async () => {
  const { engine, listener } = open({ journal: undefined });
  engine.start();
  engine.configure(setupRecords());
  expect(listener.levels(engine.core.sequence)).toEqual([0, 1, 2]);
  await engine.stop();
});

test("fails closed: once the journal refuses, nothing is acknowledged any more", async () => {
  const faults: unknown[] = [];
  const { engine, listener } = open({ onFault: (fault) => faults.push(fault) });
  engine.start();
  engine.configure(setupRecords());
  const before = engine.core.sequence;
  await engine.kept!.journal.close();
  put(engine.feed, ticks(1)[0]!);
  engine.turn();
  expect(faults).toHaveLength(1);
  expect((engine.fault as AlphaError).code).toBe("JOURNAL_CLOSED");
  expect(
    listener.flushed.filter(([level, at]) => at > before && level >= AckLevel.Written),
  ).toEqual([]);
  put(engine.feed, ticks(2)[1]!);
  engine.turn();
  engine.schedule();
  await new Promise((next) => setTimeout(next, 20));
  expect(engine.core.sequence, "no further input is taken").toBe(before + 1);
  expect(faults).toHaveLength(1);
  await engine.stop();
});

test("a stopped engine comes back verified, and is not configured again", async () => {
  const first = open();
  first.engine.start();
  expect(first.engine.configure(setupRecords())).toBe(setupRecords().length);
  expect(first.engine.configure(setupRecords()), "already sent").toBe(0);
  feed(first.engine, 0, 500);
  const hash = first.engine.core.stateHashText();
  await first.engine.stop();

  const second = open();
  const recovery = second.engine.recover();
  expect(recovery.checkpoints).toBe(1);
  expect(recovery.records).toBe(second.engine.core.sequence);
  expect(second.engine.core.stateHashText()).toBe(hash);
  expect(second.listener.recoveredBytes).toBeGreaterThan(0);
  expect(second.listener.collected, "recovered records are not live ones").toBe(0);
  second.engine.start();
  expect(second.engine.configure(setupRecords())).toBe(0);
  feed(second.engine, 500, 1000);
  await second.engine.stop();

  const whole = open({ journal: undefined });
  whole.engine.start();
  whole.engine.configure(setupRecords());
  feed(whole.engine, 0, 1000);
  expect(second.engine.core.stateHashText(), "split by a restart or not").toBe(
    whole.engine.core.stateHashText(),
  );
  await whole.engine.stop();
});

test("a checkpoint with another hash stops the recovery, naming both", async () => {
  const first = open();
  first.engine.start();
  first.engine.configure(setupRecords());
  put(first.engine.control, record(Kind.Checkpoint, { orderHash: 0x1234n }));
  first.engine.turn();
  await first.engine.stop();
  const second = open();
  let fault: unknown;
  try {
    second.engine.recover();
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(AlphaError);
  expect((fault as AlphaError).code).toBe("RECOVERY_HASH");
  expect((fault as AlphaError).message).toMatch(
    /order state .* is [0-9a-f]{16}, .* says 0000000000001234/,
  );
  await second.engine.stop();
});

test("a setting changed and changed back is sent again, cash is given once", async () => {
  const limits = (qtyLotsMax: number): Uint8Array =>
    record(Kind.RiskLimits, { scope: Scope.Account, account: 1, currency: 1, qtyLotsMax });
  const other = record(Kind.RiskLimits, { scope: Scope.Strategy, strategy: 7, qtyLotsMax: 3 });
  const cash = record(Kind.CashAdjust, { account: 1, currency: 1, amountMinor: 5 });
  const sent: number[] = [];
  for (const records of [
    [limits(10), other],
    [limits(20), other],
    [limits(10), other, cash],
  ]) {
    const { engine } = open();
    engine.recover();
    engine.start();
    engine.configure(setupRecords());
    sent.push(engine.configure(records));
    await engine.stop();
  }
  expect(sent).toEqual([2, 1, 1]);
});

test("a clean stop leaves a verifiable checkpoint even with a slow clock", async () => {
  const hands = new Hands();
  const { engine } = open({ clock: hands.clock(), isRecorded: false });
  engine.start();
  engine.configure(setupRecords());
  hands.stepMillis = 400;
  put(engine.feed, record(Kind.Trade, { instrument: 1, priceTicks: 100, qtyLots: 1 }));
  engine.turn();
  expect(engine.core.deadlineSinceBaseNanos(), "a candle waits for its end").toBeLessThan(1e300);
  await engine.stop();
  const again = open();
  expect(again.engine.recover().checkpoints).toBe(1);
  await again.engine.stop();
});

test("many requests for a turn make one", async () => {
  const { engine } = open({ journal: undefined });
  engine.start();
  engine.configure(setupRecords());
  const turns = engine.turns;
  for (const bytes of ticks(10)) {
    put(engine.feed, bytes);
    engine.schedule();
  }
  await until(() => !engine.core.isBusy());
  expect(engine.turns).toBe(turns + 1);
  await engine.stop();
});

test("a producer of another thread wakes the loop by its bell", async () => {
  const { engine } = open({ journal: undefined });
  engine.start();
  engine.configure(setupRecords());
  await new Promise((next) => setTimeout(next, 20));
  put(engine.core.source, ticks(1)[0]!);
  engine.core.source.wake();
  await until(() => engine.core.feedRecords === 1);
  await engine.stop();
});
