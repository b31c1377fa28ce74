// The core against its twin on random input: every byte of every record, and money after each.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Coverage } from "./order-coverage.ts";
import { QUEUE_SOME } from "./order-queue.ts";
import { ROUTED_SOME } from "./order-routed.ts";
import { OrderRun, readFailure } from "./order-run.ts";
import { INPUTS_PER_SEED } from "./order-seed.ts";
import { fuzzSeed } from "./order-suite.ts";

const KEPT = join(import.meta.dirname, "kept");
/** A million inputs in every suite. */
const SEED_COUNT = 250;
const SEEDS = Array.from({ length: SEED_COUNT }, (_, index) => index + 1);
/** Everything in the list is reached at least so often, so that no counter is luck. */
const REACHED_LEAST = 5;
const EXTRA_SEEDS_MAX = 250;
/** Share of such inputs in the extra seeds. */
const RARE_SHARE = 0.04;

const coverage = new Coverage();

test.each(SEEDS)("the core says what its twin says, and money is conserved, seed %i", (seed) => {
  fuzzSeed(seed, INPUTS_PER_SEED, coverage);
});

test("the inputs reached every supported type, TIF, rule, switch, limit and refusal", (context) => {
  context.skip(coverage.inputs < SEED_COUNT * INPUTS_PER_SEED, "not every seed was run");
  // What is rare by itself needs a few more seeds, with more of what leads there.
  let seed = SEED_COUNT;
  while (coverage.missing(REACHED_LEAST).length > 0 && seed < SEED_COUNT + EXTRA_SEEDS_MAX) {
    fuzzSeed(++seed, INPUTS_PER_SEED, coverage, QUEUE_SOME, ROUTED_SOME, RARE_SHARE);
  }
  expect(coverage.missing(REACHED_LEAST), "reached too seldom").toEqual([]);
  expect(coverage.inputs).toBeGreaterThanOrEqual(1_000_000);
}, 480_000);

test.runIf(process.env["ALPHAPULSE_DEEP"] === "1")(
  "a hundred million inputs, or the seeds of ALPHAPULSE_SEEDS, in a process a core",
  async () => {
    const command = join(import.meta.dirname, "../../scripts/run.mjs");
    const run = spawn(process.execPath, [command, "fuzz"], { stdio: "inherit" });
    const code = await new Promise((done) => run.on("close", done));
    expect(code, "what it printed last says what differs").toBe(0);
  },
  24 * 3_600_000,
);

const kept = existsSync(KEPT) ? readdirSync(KEPT) : [];
test.each(kept)("what failed once does not fail again: %s", (name) => {
  const { seed, inputs } = readFailure(join(KEPT, name));
  const run = new OrderRun(seed);
  for (const input of inputs) expect(run.apply(input).wrong).toBeUndefined();
});
