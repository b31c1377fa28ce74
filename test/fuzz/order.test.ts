// The core against its twin on random input: every byte of every record, and money after each.
//
// A run that fails is made as short as it can be and written to build/fuzz/; moved to
// test/fuzz/kept/ it is run again with every suite.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seeded } from "../reference/random.ts";
import { Coverage } from "./order-coverage.ts";
import {
  inputsText,
  OrderRun,
  readFailure,
  shrink,
  writeFailure,
  type Input,
} from "./order-run.ts";
import { OrderStream } from "./order-stream.ts";

const FAILURES = join(import.meta.dirname, "../../build/fuzz");
const KEPT = join(import.meta.dirname, "kept");
const INPUTS_PER_SEED = 4_000;
const SEEDS = Array.from({ length: 36 }, (_, index) => index + 1);
/** Everything in the list is reached at least so often, so that no counter is luck. */
const REACHED_LEAST = 5;

const coverage = new Coverage();

test.each(SEEDS)("the core says what its twin says, and money is conserved, seed %i", (seed) => {
  const run = new OrderRun(seed);
  const stream = new OrderStream(seeded(seed), run.twin);
  const inputs: Input[] = [];
  coverage.begin();
  for (let step = 0; step < INPUTS_PER_SEED; step++) {
    const [kind, row] = stream.next();
    const input = { nowNanos: stream.nowNanos, kind, row };
    inputs.push(input);
    const { expired, outs, wrong } = run.apply(input);
    if (wrong !== undefined) fail(seed, inputs, wrong);
    coverage.expiries(expired);
    coverage.note(kind, row, outs, run.twin);
  }
  expect(run.core.money(), "money at the end").toBe(0n);
});

function fail(seed: number, inputs: Input[], wrong: string): never {
  const short = shrink(seed, inputs);
  const file = writeFailure(FAILURES, seed, short);
  const what = `seed ${seed}, input ${inputs.length}: ${wrong}`;
  expect.fail(`${what}\n${short.length} inputs of it show it, ${file}:\n${inputsText(short)}`);
}

test("the inputs reached every supported type, TIF, rule, switch, limit and refusal", () => {
  expect(coverage.missing(REACHED_LEAST), "reached too seldom").toEqual([]);
  expect(coverage.inputs).toBeGreaterThanOrEqual(100_000);
});

const kept = existsSync(KEPT) ? readdirSync(KEPT) : [];
test.each(kept)("what failed once does not fail again: %s", (name) => {
  const { seed, inputs } = readFailure(join(KEPT, name));
  const run = new OrderRun(seed);
  for (const input of inputs) expect(run.apply(input).wrong).toBeUndefined();
});
