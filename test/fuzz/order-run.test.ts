// A planted fault must be found, made short, written, read and shown again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CancelReason, Kind } from "../../asm/vocab.ts";
import { seeded } from "../reference/random.ts";
import { OrderRun, readFailure, shrink, writeFailure, type Input, type Pair } from "./order-run.ts";
import { makePair, OrderStream } from "./order-stream.ts";

/** A twin that forgets to say that a trader's cancel was done. */
const faulty: Pair = (seed) => {
  const [core, twin] = makePair(seed);
  const apply = twin.apply.bind(twin);
  twin.apply = (kind, row, nowNanos) => {
    const outs = apply(kind, row, nowNanos);
    return outs.filter((out) => out["reason"] !== CancelReason.User || kind !== Kind.OrderCancel);
  };
  return [core, twin];
};

function untilWrong(seed: number): Input[] {
  const run = new OrderRun(seed, faulty);
  const stream = new OrderStream(seeded(seed), run.twin);
  const inputs: Input[] = [];
  for (;;) {
    const [kind, row] = stream.next();
    inputs.push({ nowNanos: stream.nowNanos, kind, row });
    if (run.apply(inputs.at(-1)).wrong !== undefined) return inputs;
  }
}

test("a fault shrinks to the order and its cancel, and the file shows it again", () => {
  const inputs = untilWrong(1);
  const short = shrink(1, inputs, faulty);
  expect(inputs.length).toBeGreaterThan(10);
  // An order that is named by its id needs those before it, which took the ids before.
  expect(short.length).toBeLessThanOrEqual(4);
  expect(short.map(({ kind }) => kind).pop()).toBe(Kind.OrderCancel);
  expect(short.slice(0, -1).every(({ kind }) => kind === Kind.OrderNew)).toBe(true);
  const folder = mkdtempSync(join(tmpdir(), "order-fuzz-"));
  const file = writeFailure(folder, 1, short);
  const read = readFailure(file);
  rmSync(folder, { recursive: true });
  expect(read.seed).toBe(1);
  const again = new OrderRun(1, faulty);
  const isWrong = read.inputs.map((input) => again.apply(input).wrong !== undefined);
  expect(isWrong.indexOf(true), "the last input shows it").toBe(short.length - 1);
});

test("inputs that show no difference are refused", () => {
  const input: Input = { nowNanos: 1, kind: Kind.StateQuery, row: { account: 1 } };
  expect(() => shrink(1, [input])).toThrow("no difference");
});
