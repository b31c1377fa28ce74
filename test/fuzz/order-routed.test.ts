// Orders at venues against their twin: streams that are mostly about them.
import { expect, test } from "vitest";
import { Coverage } from "./order-coverage.ts";
import { QUEUE_SOME } from "./order-queue.ts";
import { ROUTED_MOST } from "./order-routed.ts";
import { routedWanted } from "./order-routed-coverage.ts";
import { fuzzSeed } from "./order-suite.ts";

const INPUTS_PER_SEED = 4_000;
const SEEDS = Array.from({ length: 30 }, (_, index) => 701 + index);
const REACHED_LEAST = 10;

const coverage = new Coverage();

test.each(SEEDS)("venues: the core says what its twin says, seed %i", (seed) => {
  fuzzSeed(seed, INPUTS_PER_SEED, coverage, QUEUE_SOME, ROUTED_MOST);
});

test("the inputs reached each report in each state, and every way an order ends", (context) => {
  context.skip(coverage.inputs < SEEDS.length * INPUTS_PER_SEED, "not every seed was run");
  expect(coverage.missing(REACHED_LEAST, routedWanted(true)), "reached too seldom").toEqual([]);
});
