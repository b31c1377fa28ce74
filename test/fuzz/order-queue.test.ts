// Queue positions of paper orders against their twin: streams that are mostly about them.
import { expect, test } from "vitest";
import { Kind } from "../../asm/vocab.ts";
import { seeded } from "../reference/random.ts";
import { Expected, text } from "./order-bytes.ts";
import { Coverage, queuesWanted } from "./order-coverage.ts";
import { QUEUE_MOST } from "./order-queue.ts";
import { makePair, OrderStream } from "./order-stream.ts";

const INPUTS_PER_SEED = 3_000;
const SEEDS = Array.from({ length: 10 }, (_, index) => 501 + index);
const REACHED_LEAST = 20;

const coverage = new Coverage();
const expected = new Expected();

test.each(SEEDS)("queues: the core says what its twin says, seed %i", (seed) => {
  const [core, twin] = makePair(seed);
  const stream = new OrderStream(seeded(seed), twin, QUEUE_MOST);
  coverage.begin();
  for (let step = 0; step < INPUTS_PER_SEED; step++) {
    const [kind, row] = stream.next();
    core.nowNanos = stream.nowNanos;
    core.apply(kind, row);
    const expired = twin.expire(stream.nowNanos);
    const outs = twin.apply(kind, row, stream.nowNanos);
    expected.write([...expired, ...outs], stream.nowNanos);
    const wrong = expected.difference(core);
    if (wrong !== undefined) {
      expect.fail(`seed ${seed} step ${step} ${Kind[kind]} ${text(row)}\n${wrong}`);
    }
    coverage.note(kind, row, outs, twin);
  }
  expect(core.money(), "money at the end").toBe(0n);
});

test("the inputs reached every way a queue moves, often", () => {
  expect(coverage.missing(REACHED_LEAST, queuesWanted(true)), "reached too seldom").toEqual([]);
});
