// The way out: headers, numbers, and event hashes that say what happened and not where.
import { beforeEach, expect, test } from "vitest";
import {
  H_CAUSE,
  H_FLAGS,
  H_MARKET_EVENT_HASH,
  H_ORDER_EVENT_HASH,
  H_TS_ENGINE,
  RING_OUT,
} from "../../asm/layout.ts";
import { Flag, Kind, Role } from "../../asm/vocab.ts";
import { Ring } from "../../src/rings/ring.ts";
import { decode } from "../../src/protocol.ts";
import { Kernels } from "./kernels.ts";

let core: Kernels;
let out: Ring;

async function make(): Promise<void> {
  core = await Kernels.create();
  core.number("init")(Role.Both, 0);
  out = new Ring(core.buffer, RING_OUT);
  core.view.setBigInt64(H_TS_ENGINE, 77n, true);
}

beforeEach(make);

function emit(kind: Kind, cells: number, payload: bigint, instrument = 5): void {
  const at = core.number("outBegin")(kind, cells, instrument);
  core.view.setBigUint64(at + cells * 64 - 8, payload, true);
  core.number("outEnd")(at);
}

function hash(at: number): bigint {
  core.number("outFinish")();
  return core.view.getBigUint64(at, true);
}

test("a record carries time, cause, inherited flags and its role's own number", () => {
  core.view.setBigUint64(H_CAUSE, 42n, true);
  core.view.setUint32(H_FLAGS, Flag.Simulated, true);
  emit(Kind.TradePrint, 1, 0n);
  const at = core.number("outBegin")(Kind.OrderAccepted, 2, 6);
  core.number("outFlag")(at, Flag.Untrusted);
  core.number("outEnd")(at);
  emit(Kind.TopOfBook, 2, 0n);
  expect(out.next(), "nothing is shown before the batch ends").toBe(-1);
  core.number("outFinish")();
  const records = [];
  for (let from = out.next(); from >= 0; from = out.next()) {
    records.push(decode(out.view, from));
    out.skip(out.cellsAt(from));
  }
  expect(records.map((one) => [one.kind, one.sequence])).toEqual([
    [Kind.TradePrint, 1n],
    [Kind.OrderAccepted, 1n],
    [Kind.TopOfBook, 2n],
  ]);
  for (const one of records) expect([one.cause, one.tsEngineNanos]).toEqual([42n, 77n]);
  expect(records.map((one) => one.flags & ~Flag.CellsMask)).toEqual([
    Flag.Simulated,
    Flag.Simulated | Flag.Untrusted,
    Flag.Simulated,
  ]);
  expect(records.map((one) => one.instrument)).toEqual([5, 6, 5]);
});

test("each role has its hash; answers to configuration are in none", () => {
  emit(Kind.ConfigAccepted, 1, 1n);
  emit(Kind.ConfigDenied, 1, 1n);
  expect([hash(H_MARKET_EVENT_HASH), hash(H_ORDER_EVENT_HASH)]).toEqual([0n, 0n]);
  emit(Kind.Fill, 3, 1n);
  const order = hash(H_ORDER_EVENT_HASH);
  expect(order).not.toBe(0n);
  expect(hash(H_MARKET_EVENT_HASH)).toBe(0n);
  emit(Kind.Signal, 2, 1n);
  expect(hash(H_MARKET_EVENT_HASH)).not.toBe(0n);
  expect(hash(H_ORDER_EVENT_HASH)).toBe(order);
});

test("the hash sees kind, instrument, time, payload and order, not the cause", async () => {
  const runs: [string, () => void][] = [
    ["plain", () => emit(Kind.Fill, 3, 1n)],
    ["another payload", () => emit(Kind.Fill, 3, 2n)],
    ["another instrument", () => emit(Kind.Fill, 3, 1n, 6)],
    ["another kind", () => emit(Kind.PositionChanged, 3, 1n)],
    ["another time", () => (core.view.setBigInt64(H_TS_ENGINE, 78n, true), emit(Kind.Fill, 3, 1n))],
    ["two", () => (emit(Kind.Fill, 3, 1n), emit(Kind.Fill, 3, 2n))],
    ["two, in the other order", () => (emit(Kind.Fill, 3, 2n), emit(Kind.Fill, 3, 1n))],
  ];
  const seen = new Map<bigint, string>();
  for (const [name, act] of runs) {
    await make();
    act();
    const value = hash(H_ORDER_EVENT_HASH);
    expect(seen.get(value), name).toBeUndefined();
    seen.set(value, name);
  }
  await make();
  core.view.setBigUint64(H_CAUSE, 9n, true);
  emit(Kind.ConfigAccepted, 1, 3n);
  emit(Kind.Fill, 3, 1n);
  expect(seen.get(hash(H_ORDER_EVENT_HASH)), "cause and number are not in it").toBe("plain");
});

test("the hash does not depend on where batches end, nor on a Pad between records", () => {
  emit(Kind.Fill, 3, 1n);
  emit(Kind.Fill, 3, 2n);
  const once = hash(H_ORDER_EVENT_HASH);
  core.view.setBigUint64(H_ORDER_EVENT_HASH, 0n, true);
  const cells = out.capacityCells;
  for (const word of [0, 12, 20, 128, 136, 140])
    core.view.setUint32(RING_OUT + word, cells - 4, true);
  emit(Kind.Fill, 3, 1n);
  core.number("outFinish")();
  emit(Kind.Fill, 3, 2n);
  expect(hash(H_ORDER_EVENT_HASH)).toBe(once);
});

test("asserts rather than lose an output", () => {
  expect(() => {
    for (let i = 0; i < 200_000; i++) emit(Kind.Fill, 3, 1n);
  }).toThrow(/room for every output/);
});

test.each([
  ["an order event", Kind.OrderAccepted, H_ORDER_EVENT_HASH],
  ["an answer to a query", Kind.PositionState, H_ORDER_EVENT_HASH],
  ["market output", Kind.TopOfBook, H_MARKET_EVENT_HASH],
] as const)("every payload word of %s moves its role's hash", async (_what, kind, hashAt) => {
  for (const cells of [1, 2, 3, 4]) {
    const seen = new Set<bigint>();
    for (let word = 0; word <= cells * 8 - 4; word++) {
      await make();
      const at = core.number("outBegin")(kind, cells, 5);
      // The last one changes nothing: the hash of the bare record.
      if (word < cells * 8 - 4) core.view.setBigUint64(at + 32 + word * 8, 1n, true);
      core.number("outEnd")(at);
      seen.add(hash(hashAt));
    }
    expect(seen.size, `${cells} cells`).toBe(cells * 8 - 3);
  }
});
