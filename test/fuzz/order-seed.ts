// One seed of the order fuzz: a stream, a compared run, and on a difference the shortest inputs
// that show it, written to build/fuzz/; moved to test/fuzz/kept/ they run again with every suite.
//
// Without a test library: the suite runs seeds in a test each (order-suite.ts), `npm run fuzz` runs
// many of them in a process a core (scripts/fuzz.ts).
import type { Kind } from "../../asm/vocab.ts";
import { buildPath } from "../../src/core/paths.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";
import { seeded } from "../reference/random.ts";
import type { Coverage } from "./order-coverage.ts";
import { ignoredReports } from "./order-routed.ts";
import {
  inputsText,
  OrderRun,
  shrink,
  writeFailure,
  type Answer,
  type Input,
} from "./order-run.ts";
import { OrderStream } from "./order-stream.ts";

/** The stream's arguments behind random numbers and twin. */
export type Mix =
  ConstructorParameters<typeof OrderStream> extends [unknown, unknown, ...infer M] ? M : [];

/** Inputs of a seed of the suite and of the deep run. */
export const INPUTS_PER_SEED = 4_000;

/** What makes inputs: one after the other, looking at the twin. */
export interface Stream {
  nowNanos: number;
  next(): [Kind, Row];
}
export type MakeStream = (random: () => number, twin: OrderTwin) => Stream;
/** Is told each input and what both answered. */
export type Note = (kind: Kind, row: Row, answer: Answer, twin: OrderTwin) => void;

/** Runs `count` inputs of a stream with the given `mix`; says what differed, if anything did. */
export function runSeed(
  seed: number,
  count: number,
  coverage?: Coverage,
  ...mix: Mix
): string | undefined {
  coverage?.begin();
  const make: MakeStream = (random, twin) => new OrderStream(random, twin, ...mix);
  return runStream(seed, count, make, (kind, row, { expired, outs }, twin) => {
    coverage?.expiries(expired, twin);
    coverage?.note(kind, row, outs, twin);
  });
}

/** Runs `count` inputs of any stream; says what differed, if anything did. */
export function runStream(
  seed: number,
  count: number,
  make: MakeStream,
  note: Note,
): string | undefined {
  const run = new OrderRun(seed);
  const stream = make(seeded(seed), run.twin);
  for (let step = 0; step < count && !run.isOver(); step++) {
    const [kind, row] = stream.next();
    const answer = run.apply({ nowNanos: stream.nowNanos, kind, row });
    const { wrong } = answer;
    if (wrong !== undefined) return shortest(seed, inputsOf(seed, step + 1, make), wrong);
    note(kind, row, answer, run.twin);
  }
  const off = run.core.money();
  if (off !== 0n) return `seed ${seed}: money is off by ${off} at the end`;
  const [core, twin] = ignoredReports(run.core, run.twin);
  if (core === twin) return undefined;
  return `seed ${seed}: ignored reports differ\ncore ${core}\ntwin ${twin}`;
}

/** The first inputs of a seed: made again, as only a seed that differs asks for them. */
function inputsOf(seed: number, count: number, make: MakeStream): Input[] {
  const run = new OrderRun(seed);
  const stream = make(seeded(seed), run.twin);
  return Array.from({ length: count }, () => {
    const [kind, row] = stream.next();
    const input = { nowNanos: stream.nowNanos, kind, row };
    run.apply(input);
    return input;
  });
}

/** Differences of a process that are made short: a fault that shows in every seed is one. */
const SHORTENED_MAX = 2;
let shortened = 0;

function shortest(seed: number, inputs: Input[], wrong: string): string {
  if (++shortened > SHORTENED_MAX) return `seed ${seed}, input ${inputs.length}: ${wrong}`;
  const short = shrink(seed, inputs);
  const file = writeFailure(buildPath("fuzz"), seed, short);
  const what = `seed ${seed}, input ${inputs.length}: ${wrong}`;
  return `${what}\n${short.length} inputs of it show it, ${file}:\n${inputsText(short)}`;
}
