// One seed of the order fuzz: a stream, a compared run, and on failure the shortest inputs that
// show it, written to build/fuzz/; moved to test/fuzz/kept/ they are run again with every suite.
import { join } from "node:path";
import { expect } from "vitest";
import { seeded } from "../reference/random.ts";
import type { Coverage } from "./order-coverage.ts";
import { ignoredReports } from "./order-routed.ts";
import { inputsText, OrderRun, shrink, writeFailure, type Input } from "./order-run.ts";
import { OrderStream } from "./order-stream.ts";

const FAILURES = join(import.meta.dirname, "../../build/fuzz");

/** Runs `count` inputs of a stream with the given `mix` (the stream's last argument). */
export function fuzzSeed(
  seed: number,
  count: number,
  coverage: Coverage,
  ...mix: ConstructorParameters<typeof OrderStream> extends [unknown, unknown, ...infer M] ? M : []
): void {
  const run = new OrderRun(seed);
  const stream = new OrderStream(seeded(seed), run.twin, ...mix);
  const inputs: Input[] = [];
  coverage.begin();
  for (let step = 0; step < count; step++) {
    const [kind, row] = stream.next();
    const input = { nowNanos: stream.nowNanos, kind, row };
    inputs.push(input);
    const { expired, outs, wrong } = run.apply(input);
    if (wrong !== undefined) fail(seed, inputs, wrong);
    coverage.expiries(expired, run.twin);
    coverage.note(kind, row, outs, run.twin);
  }
  expect(run.core.money(), "money at the end").toBe(0n);
  const [core, twin] = ignoredReports(run.core, run.twin);
  expect(core, "ignored reports").toBe(twin);
}

function fail(seed: number, inputs: Input[], wrong: string): never {
  const short = shrink(seed, inputs);
  const file = writeFailure(FAILURES, seed, short);
  const what = `seed ${seed}, input ${inputs.length}: ${wrong}`;
  expect.fail(`${what}\n${short.length} inputs of it show it, ${file}:\n${inputsText(short)}`);
}
