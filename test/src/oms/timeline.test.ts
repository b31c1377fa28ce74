// Any point of a journal: the state rebuilt there is the one a core had when it stood there.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BLOCK_HEADER_BYTES, Kind, Role, Scope } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core } from "../../../src/core/core.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { NODE_DISK } from "../../../src/journal/node-disk.ts";
import { scanBlocks } from "../../../src/journal/scan.ts";
import { snapshotPaths } from "../../../src/journal/snapshot-file.ts";
import { verifyDeep } from "../../../src/oms/deep-verify.ts";
import { Engine } from "../../../src/oms/engine.ts";
import { Follower } from "../../../src/oms/follower.ts";
import { viewState } from "../../../src/oms/state-query.ts";
import { hashesOf, Timeline } from "../../../src/oms/timeline.ts";
import { decode, isRecord, recordBytes, type FillRecord } from "../../../src/protocol.ts";
import { put, record, setupRecords, ticks } from "../../asm/spine-core.ts";
import { Hands } from "./hands.ts";

const build = loadBuild();
const hash = createHasher(build);
const TICKS = 1500;
let dir = "";
const ASKED = [1, 2, 9, 399, 400, 450, 700, 901];
/** State hashes behind some records, one record replayed after the other, without any snapshot. */
const hashes: string[] = [];
const times: bigint[] = [];
const fills: FillRecord[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "alphapulse-timeline-"));
  const journal = { dir, stream: 0, segmentBytes: 1 << 16 };
  const clock = new Hands().clock();
  const engine = new Engine({ build, clock, roles: Role.Both, isRecorded: true, journal });
  engine.start();
  const limits = { scope: Scope.Account, account: 1, currency: 1, qtyLotsMax: 40 };
  engine.configure([...setupRecords(), record(Kind.RiskLimits, limits)]);
  const follower = new Follower({ build, dir, stream: 0, roles: Role.Both, keep: 9 });
  for (const [at, bytes] of ticks(TICKS).entries()) {
    if (!put(engine.feed, bytes)) throw new Error("feed ring full");
    if (at % 7 === 0) engine.turn();
    if (at % 400 !== 399) continue;
    engine.turn();
    while (follower.step(64) > 0);
    follower.snapshot();
  }
  while (engine.core.isBusy()) engine.turn();
  follower.close();
  await engine.stop();
  replayOneByOne();
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function replayOneByOne(): void {
  const core = Core.create(build, { roles: Role.Both });
  for (const { bytes } of scanBlocks({ disk: NODE_DISK, folder: `${dir}/0`, stream: 0, hash })) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = BLOCK_HEADER_BYTES; at < bytes.length;) {
      const end = at + recordBytes(view, at);
      const alone = new Uint8Array(BLOCK_HEADER_BYTES + end - at);
      alone.set(bytes.subarray(at, end), BLOCK_HEADER_BYTES);
      core.replayBlock(alone, (from, to) => {
        for (let out = from; out < to; out += recordBytes(core.view, out)) {
          const one = decode(core.view, out);
          if (isRecord(one, Kind.Fill)) fills.push(one);
        }
      });
      const isAsked = ASKED.includes(core.sequence) || core.sequence % 100 === 0;
      if (isAsked) hashes[core.sequence] = core.stateHashText();
      times[core.sequence] = core.tsEngineNanos;
      at = end;
    }
  }
  hashes[core.sequence] = core.stateHashText();
}

function timeline(folder = dir): Timeline {
  return new Timeline({ dir: folder, stream: 0, build });
}

describe("a point", () => {
  test("gives the state of that record, from a snapshot or from the beginning", () => {
    const line = timeline();
    const last = hashes.length - 1;
    expect(line.range.lastSequence).toBe(last);
    const asked = [...ASKED, 1300, last];
    const snapshots = new Set<string>();
    for (const sequence of asked) {
      const { core, recovery } = line.stateAt(sequence);
      snapshots.add(recovery.snapshot?.path ?? "");
      expect(core.stateHashText(), `behind ${sequence}`).toBe(hashes[sequence]);
      expect(recovery.snapshot?.sequence ?? 0).toBeLessThanOrEqual(sequence);
    }
    expect(snapshots.size, "several snapshots were begun from").toBeGreaterThan(2);
    const whole = line.stateAt(700, { begin: "none" });
    expect([whole.recovery.snapshot, whole.core.stateHashText()]).toEqual([undefined, hashes[700]]);
  });

  test("of a time is the newest record by then", () => {
    const line = timeline();
    for (let sequence = 1; sequence < times.length; sequence += 97) {
      const expected = times.findLastIndex((one) => one !== undefined && one <= times[sequence]!);
      expect(line.sequenceOf({ tsNanos: times[sequence]! })).toBe(expected);
      expect(line.sequenceOf({ tsNanos: times[expected]! + 1n })).toBe(
        times.findLastIndex((one) => one <= times[expected]! + 1n),
      );
    }
    expect(line.sequenceOf({ tsNanos: times.at(-1) + 1_000_000n })).toBe(times.length - 1);
    const outside = (): unknown => line.sequenceOf({ tsNanos: -5n });
    expect(outside).toThrow(expect.objectContaining({ code: "JOURNAL_POINT" }));
    for (const sequence of [0, times.length]) {
      expect(() => line.sequenceOf({ sequence })).toThrow(/does not hold sequence/);
    }
  });

  test("stops at every so many records, wherever blocks end", () => {
    const stops: [number, string][] = [];
    timeline().stateAt(hashes.length - 1, {
      begin: "none",
      every: 100,
      onStop: (core) => stops.push([core.sequence, core.stateHashText()]),
    });
    const expected = Array.from({ length: Math.floor((hashes.length - 1) / 100) }, (_, at) => [
      (at + 1) * 100,
      hashes[(at + 1) * 100],
    ]);
    expect(stops).toEqual(expected);
  });
});

test("the state in records: position and fees are the sum of the fills until then", () => {
  const line = timeline();
  for (const sequence of [450, 900, hashes.length - 1]) {
    const state = line.stateAt(sequence);
    const before = hashesOf(state.core);
    const view = viewState(state);
    expect(`${before.market}-${before.order}`, "hashed before it is asked").toBe(hashes[sequence]);
    const [account] = view.accounts;
    const done = fills.filter(({ cause }) => cause <= BigInt(sequence));
    const lots = done.reduce(
      (sum, { side, qtyLots }) => sum + (side === 1 ? qtyLots : -qtyLots),
      0,
    );
    expect(done.length).toBeGreaterThan(3);
    expect(account!.positions.map((one) => one.lots)).toEqual([lots]);
    expect(account!.positions[0]!.realizedMinor).toBe(
      done.reduce((sum, one) => sum + one.realizedMinor, 0),
    );
    expect(account!.balances[0]!.currency).toBe(1);
    expect(account!.limits.map(({ limit }) => limit)).toContain(40);
    expect(view.tops.map(({ instrument }) => instrument)).toEqual([1]);
  }
});

describe("a deep verify", () => {
  test("finds checkpoint and snapshots in agreement", () => {
    const report = verifyDeep(timeline());
    expect(report.checkpoints).toBe(1);
    expect(report.snapshots.length).toBe(3);
    expect(report.snapshots.map(({ problem, passedBy }) => problem + passedBy)).toEqual([
      "",
      "",
      "",
    ]);
    expect(`${report.market}-${report.order}`).toBe(hashes.at(-1));
  });

  test.each([
    ["market", 96],
    ["order", 104],
  ])("finds a snapshot whose header says another %s state", (role, at) => {
    const path = snapshotPaths(NODE_DISK, `${dir}/0`)[1]!;
    const before = readFileSync(path);
    const bytes = Buffer.from(before);
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) ^ 1n, at);
    bytes.writeBigUInt64LE(0n, 176);
    bytes.writeBigUInt64LE(hash(bytes.subarray(0, 4096)), 176);
    try {
      writeFileSync(path, bytes);
      const problems = verifyDeep(timeline()).snapshots.map(({ problem }) => problem);
      expect(problems.filter((one) => one !== "")).toEqual([
        expect.stringContaining(`${role} state of the replay is `),
      ]);
    } finally {
      writeFileSync(path, before);
    }
    expect(readdirSync(`${dir}/0`).length).toBeGreaterThan(3);
  });
});
