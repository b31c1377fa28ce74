// The core against its twin on random input: every byte of every record, and money after each.
import { expect, test } from "vitest";
import { Kind } from "../../asm/vocab.ts";
import { seeded } from "../reference/random.ts";
import { Expected, text } from "./order-bytes.ts";
import { Coverage } from "./order-coverage.ts";
import { makePair, OrderStream } from "./order-stream.ts";

const INPUTS_PER_SEED = 4_000;
const SEEDS = Array.from({ length: 48 }, (_, index) => index + 1);
/** Everything in the list is reached at least so often, so that no counter is luck. */
const REACHED_LEAST = 5;

const coverage = new Coverage();
const expected = new Expected();

test.each(SEEDS)("the core says what its twin says, and money is conserved, seed %i", (seed) => {
  const [core, twin] = makePair(seed);
  const stream = new OrderStream(seeded(seed), twin);
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
    const hasMoney = outs.at(-1)?.["kind"] === Kind.BalanceChanged;
    const money = hasMoney ? core.money() : 0n;
    if (money !== 0n) expect.fail(`seed ${seed} step ${step}: money is off by ${money}`);
    coverage.expiries(expired);
    coverage.note(kind, row, outs, twin);
  }
  expect(core.money(), "money at the end").toBe(0n);
});

test("the inputs reached every supported type, TIF, rule, switch, limit and refusal", () => {
  expect(coverage.missing(REACHED_LEAST), "reached too seldom").toEqual([]);
  expect(coverage.inputs).toBeGreaterThanOrEqual(100_000);
});
