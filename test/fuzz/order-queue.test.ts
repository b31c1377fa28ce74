// Queue positions of paper orders against their twin: streams that are mostly about them.
import { expect, test } from "vitest";
import { Coverage, queuesWanted } from "./order-coverage.ts";
import { QUEUE_MOST } from "./order-queue.ts";
import { fuzzSeed } from "./order-suite.ts";

const INPUTS_PER_SEED = 3_000;
const SEEDS = Array.from({ length: 26 }, (_, index) => 501 + index);
const REACHED_LEAST = 20;

const coverage = new Coverage();

test.each(SEEDS)("queues: the core says what its twin says, seed %i", (seed) => {
  fuzzSeed(seed, INPUTS_PER_SEED, coverage, QUEUE_MOST);
});

test("the inputs reached every way a queue moves, often", (context) => {
  context.skip(coverage.inputs < SEEDS.length * INPUTS_PER_SEED, "not every seed was run");
  expect(coverage.missing(REACHED_LEAST, queuesWanted(true)), "reached too seldom").toEqual([]);
});
