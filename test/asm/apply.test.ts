// The sequencer and the journal block of a turn, on the built core.
import { expect, test } from "vitest";
import {
  BLOCK_CELLS_MAX,
  H_FEED_RECORDS,
  H_ORDER_EVENT_HASH,
  H_MARKET_EVENT_HASH,
  H_TIMERS,
  OUT_CELLS_PER_INPUT_MAX,
} from "../../asm/layout.ts";
import { BLOCK_HEADER_BYTES, Flag, Kind, REC_CAUSE, Role } from "../../asm/vocab.ts";
import { loadBuild } from "../../src/core/build.ts";
import { Core } from "../../src/core/core.ts";
import { decode, recordBytes } from "../../src/protocol.ts";
import { BASE_NANOS, put, record, setupRecords, ticks } from "./spine-core.ts";

const build = loadBuild();

interface Run {
  core: Core;
  /** Sealed blocks as they would be written. */
  blocks: Uint8Array[];
  outputs: Buffer[];
}

function makeRun(roles: Role = Role.Both): Run {
  return { core: Core.create(build, { roles }), blocks: [], outputs: [] };
}

function turn(run: Run, sinceNanos: number, recordsMax: number): number {
  const count = run.core.run(sinceNanos, recordsMax);
  const bytes = run.core.seal();
  if (bytes > 0) run.blocks.push(run.core.u8.slice(run.core.blockAt, run.core.blockAt + bytes));
  run.core.drain((from, to) => {
    for (let at = from; at < to; at += recordBytes(run.core.view, at)) {
      if (run.core.view.getUint16(at, true) === Kind.Pad) continue;
      run.outputs.push(Buffer.from(run.core.u8.slice(at, at + recordBytes(run.core.view, at))));
    }
  });
  return count;
}

function turns(run: Run, sinceNanos: number, recordsMax: number): void {
  while (turn(run, sinceNanos, recordsMax) > 0);
}

/** All sequenced records, whatever the blocks. */
function inputs(run: Run): Buffer {
  return Buffer.concat(run.blocks.map((block) => block.subarray(BLOCK_HEADER_BYTES)));
}

function decoded(run: Run): ReturnType<typeof decode>[] {
  const all = inputs(run);
  const view = new DataView(all.buffer, all.byteOffset, all.length);
  const found = [];
  for (let at = 0; at < all.length; at += recordBytes(view, at)) found.push(decode(view, at));
  return found;
}

function hashes(core: Core): string {
  const events = [H_MARKET_EVENT_HASH, H_ORDER_EVENT_HASH].map((at) =>
    core.view.getBigUint64(at, true),
  );
  return `${core.stateHashText()} ${events.join(" ")}`;
}

function send(core: Core, records: readonly Uint8Array[]): void {
  for (const bytes of records) {
    const kind = bytes[1]!;
    const ring = kind === 3 ? core.feed : kind === 5 ? core.command : core.control;
    if (!put(ring, bytes)) throw new Error("ring full");
  }
}

function play(recordsMax: number, count = 2_000): Run {
  const run = makeRun();
  send(run.core, [...setupRecords(), ...ticks(count)]);
  turns(run, -1, recordsMax);
  return run;
}

test("timers stand at their place whatever the batch size: equal bytes, outputs and hashes", () => {
  const whole = play(4096);
  for (const recordsMax of [1, 7]) {
    const split = play(recordsMax);
    expect(split.blocks.length).toBeGreaterThan(whole.blocks.length);
    expect(inputs(split).equals(inputs(whole)), `${recordsMax} a batch: the same inputs`).toBe(
      true,
    );
    expect(Buffer.concat(split.outputs).equals(Buffer.concat(whole.outputs))).toBe(true);
    expect(hashes(split.core)).toBe(hashes(whole.core));
  }
  expect(Number(whole.core.view.getBigUint64(H_TIMERS, true))).toBeGreaterThan(50);
  const kinds = new Set(whole.outputs.map((bytes) => bytes.readUInt16LE(0)));
  expect([Kind.CandleClosed, Kind.Signal, Kind.Fill].every((kind) => kinds.has(kind))).toBe(true);
}, 30_000);

test("live, across a ClockBase too, each input has the time of the base before", () => {
  const runs = [1, 4096].map((recordsMax) => {
    const run = makeRun();
    const base = (nanos: bigint): Uint8Array => record(Kind.ClockBase, { baseNanos: nanos });
    send(run.core, [base(BASE_NANOS), ...setupRecords(), base(BASE_NANOS + 5_000_000_000n)]);
    const trade = { instrument: 1, priceTicks: 100, qtyLots: 1 };
    send(run.core, [record(Kind.Trade, trade), record(Kind.Trade, trade)]);
    turns(run, 1_000_000, recordsMax);
    return run;
  });
  expect(inputs(runs[0]!).equals(inputs(runs[1]!))).toBe(true);
  expect(decoded(runs[0]!).at(-1).tsEngineNanos).toBe(BASE_NANOS + 5_001_000_000n);
});

test("sequences count by one and time never goes back, even for data that does", () => {
  const run = makeRun();
  const data = ticks(40).map((bytes, index, all) => (index % 4 === 3 ? all[index - 3]! : bytes));
  send(run.core, [...setupRecords(), ...data]);
  turns(run, -1, 4096);
  const records = decoded(run);
  records.forEach((one, index) => {
    expect(one.sequence).toBe(BigInt(index + 1));
    const before = records[index - 1]?.tsEngineNanos ?? 0n;
    expect(one.tsEngineNanos).toBeGreaterThanOrEqual(before);
  });
  expect(Number(run.core.view.getBigUint64(H_FEED_RECORDS, true))).toBe(40);
});

test("in recorded time a timer says that the data gave its time, live it does not", () => {
  const run = play(4096, 200);
  const timers = decoded(run).filter((one) => one.kind === (Kind.Timer as number));
  expect(timers.length).toBeGreaterThan(5);
  for (const timer of timers) {
    expect(timer.flags & Flag.Timed).toBe(Flag.Timed);
    expect(timer.tsEngineNanos).toBe(timer["deadlineNanos"]);
  }
  const closed = run.outputs.filter((bytes) => bytes.readUInt16LE(0) === Kind.CandleClosed);
  expect(closed.every((bytes) => (bytes.readUInt16LE(2) & Flag.Timed) !== 0)).toBe(true);
});

test("live timers fire when the clock says so, without any input", () => {
  const run = makeRun();
  send(run.core, [record(Kind.ClockBase, { baseNanos: BASE_NANOS }), ...setupRecords()]);
  send(run.core, [record(Kind.Trade, { instrument: 1, priceTicks: 100, qtyLots: 1 })]);
  turns(run, 1000, 4096);
  const due = run.core.deadlineSinceBaseNanos();
  expect(due).toBeGreaterThan(0);
  expect(due).toBeLessThanOrEqual(1e9);
  expect(turn(run, due - 1000, 4096)).toBe(0);
  expect(turn(run, due + 1000, 4096)).toBe(1);
  expect(decoded(run).at(-1)).toMatchObject({ kind: Kind.Timer, flags: 0 });
  expect(run.core.deadlineSinceBaseNanos()).toBeGreaterThan(1e300);
});

test("kinds that no role takes are counted and change nothing else", () => {
  const run = makeRun();
  send(run.core, setupRecords());
  turns(run, -1, 4096);
  const before = run.core.stateHashText();
  for (const kind of [0x0000, 0x0110, 0x0601, 0x0701, 0x7777]) {
    const bytes = new Uint8Array(64);
    new DataView(bytes.buffer).setUint16(0, kind, true);
    put(run.core.control, bytes);
  }
  turns(run, -1, 4096);
  expect(run.core.refused).toBe(5);
  expect(run.core.stateHashText()).toBe(before);
  const checkpoint = record(Kind.Checkpoint, {});
  put(run.core.control, checkpoint);
  turns(run, -1, 4096);
  expect(run.core.refused, "what only readers of the journal need is no refusal").toBe(5);
});

test("a role refuses what belongs to the other", () => {
  const market = makeRun(Role.Market);
  const order = makeRun(Role.Order);
  send(market.core, [record(Kind.OrderNew, { account: 1, clientId: 1n })]);
  send(order.core, [record(Kind.Trade, { instrument: 1, priceTicks: 1, qtyLots: 1 })]);
  for (const run of [market, order]) {
    turns(run, -1, 10);
    expect(run.core.refused).toBe(1);
    expect(run.outputs).toHaveLength(0);
  }
});

test("every configuration record is answered once, naming its kind and the reason", () => {
  const run = makeRun();
  const [currency] = setupRecords();
  const other = record(Kind.Currency, { id: 1, minorExponent: -3, code: "USD" });
  send(run.core, [...setupRecords(), currency!, other]);
  turns(run, -1, 4096);
  const answers = run.outputs.map((bytes) => [
    bytes.readUInt16LE(0),
    bytes.readUInt16LE(32),
    bytes.readUInt16LE(34),
  ]);
  const kinds = [...setupRecords(), currency!, other].map((bytes) => bytes[0]! | (bytes[1]! << 8));
  const configs = answers.filter(
    ([kind]) => kind === Kind.ConfigAccepted || kind === Kind.ConfigDenied,
  );
  expect(configs.map(([, kind]) => kind)).toEqual(kinds);
  expect(configs.map(([kind]) => kind === Kind.ConfigDenied)).toEqual(
    kinds.map((_, i) => i === kinds.length - 1),
  );
  expect(configs.at(-1)[2], "conflict").toBe(901);
  const causes = run.outputs.map((bytes) => bytes.readBigUInt64LE(REC_CAUSE));
  expect(causes.every((cause) => cause >= 1n && cause <= BigInt(run.core.sequence))).toBe(true);
});

test("sealed blocks replayed give the same state, outputs and time", () => {
  const run = play(512);
  const copy = Core.create(build, { roles: Role.Both });
  const outputs: Buffer[] = [];
  for (const block of run.blocks) {
    copy.replayBlock(block, (from, to) => {
      for (let at = from; at < to; at += recordBytes(copy.view, at)) {
        if (copy.view.getUint16(at, true) !== Kind.Pad)
          outputs.push(Buffer.from(copy.u8.slice(at, at + recordBytes(copy.view, at))));
      }
    });
  }
  expect(hashes(copy)).toBe(hashes(run.core));
  expect(copy.sequence).toBe(run.core.sequence);
  expect(copy.tsEngineNanos).toBe(run.core.tsEngineNanos);
  expect(copy.feedRecords).toBe(run.core.feedRecords);
  expect(Buffer.concat(outputs).equals(Buffer.concat(run.outputs))).toBe(true);
}, 30_000);

test("a full block stops the sequencer without loss", () => {
  const run = makeRun();
  send(run.core, setupRecords());
  turns(run, -1, 4096);
  const data = ticks(60_000);
  let sent = 0;
  let largest = 0;
  for (let left = data.length; left > 0 || run.core.isBusy();) {
    while (sent < data.length && put(run.core.feed, data[sent]!)) sent += 1;
    left = data.length - sent;
    const count = turn(run, -1, 1_000_000);
    expect(count).toBeGreaterThan(0);
    largest = Math.max(largest, run.blocks.at(-1).length);
  }
  expect(largest).toBeLessThanOrEqual(BLOCK_HEADER_BYTES + BLOCK_CELLS_MAX * 64);
  expect(run.core.feedRecords).toBe(60_000);
  expect(run.core.feed.overrun, "the ring was full too").toBeGreaterThan(0);
}, 30_000);

test("an output ring nobody drains stops the sequencer, and draining lets it go on", () => {
  const core = Core.create(build, { roles: Role.Both });
  send(core, [...setupRecords()]);
  core.run(-1, 4096);
  core.discard();
  const data = ticks(4_000);
  let sent = 0;
  for (let idle = 0; idle < 3;) {
    for (; sent < 1e9 && put(core.feed, data[sent % data.length]!); sent += 1);
    const before = core.feedRecords;
    core.run(-1, 4096);
    core.discard();
    idle = core.feedRecords === before ? idle + 1 : 0;
  }
  expect(core.out.room(), "room for one more input is kept").toBeLessThan(OUT_CELLS_PER_INPUT_MAX);
  expect(core.out.overrun).toBe(0);
  const stuckAt = core.feedRecords;
  core.drain(() => undefined);
  core.run(-1, 10);
  expect(core.feedRecords).toBe(stuckAt + 10);
}, 30_000);
