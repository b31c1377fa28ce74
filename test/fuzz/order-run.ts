// One compared run of core and twin over a list of inputs, and the search for the shortest list
// that still shows a difference.
//
// A stream makes its inputs while looking at the twin, so a failing run cannot be made shorter from
// its seed; its inputs can. They are kept as they were given, and left out in ever smaller pieces
// (delta debugging, Zeller and Hildebrandt 2002) as long as the two still differ.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ORDERS_CLOSED_MAX } from "../../asm/layout.ts";
import { Kind } from "../../asm/vocab.ts";
import type { OrderCore } from "../asm/order-core.ts";
import type { OrderTwin, Row } from "../reference/order-twin.ts";
import { Expected, text, writeRow } from "./order-bytes.ts";
import { makePair } from "./order-stream.ts";

/** One input: its time since the clock base, its kind, its fields. */
export interface Input {
  nowNanos: number;
  kind: Kind;
  row: Row;
}

/** What one input gave, the same from both. */
export interface Answer {
  /** What Timers before the input, and at its time after it, did. */
  expired: Row[];
  outs: Row[];
  /** The first difference, undefined when there is none. */
  wrong: string | undefined;
}

/** A core and its twin that get the same inputs. */
export type Pair = (seed: number) => [OrderCore, OrderTwin];

const TRIALS_MAX = 2_000;
const SHRINK_MILLIS_MAX = 40_000;
const expected = new Expected();

/** A run of a pair of its own. */
export class OrderRun {
  readonly core: OrderCore;
  readonly twin: OrderTwin;

  constructor(seed: number, pair: Pair = makePair) {
    [this.core, this.twin] = pair(seed);
  }

  /** True before the core uses the slot of a closed order again, which its twin does not. */
  isOver(): boolean {
    return this.twin.slots > ORDERS_CLOSED_MAX - 1_024;
  }

  /** Gives an input to both and compares every byte; then money, which must be conserved. */
  apply({ kind, row, nowNanos }: Input): Answer {
    const { core, twin } = this;
    core.nowNanos = nowNanos;
    try {
      core.apply(kind, row, writeRow);
    } catch (error) {
      // A broken assertion is a difference as any other, and is made as short.
      return { expired: [], outs: [], wrong: String(error) };
    }
    const expired = twin.expire(nowNanos);
    const outs = twin.apply(kind, row, nowNanos);
    // Parents that were filled, or begin at once, have their turn at the very time of the input.
    const after = twin.expire(nowNanos);
    expected.write([...expired, ...outs, ...after], nowNanos);
    let wrong: string | undefined;
    try {
      wrong = expected.difference(core);
    } catch (error) {
      wrong = String(error);
    }
    const hasMoney = outs.at(-1)?.["kind"] === Kind.BalanceChanged;
    const off = wrong === undefined && hasMoney ? core.money() || core.money(2) : 0n;
    if (off !== 0n) wrong = `money is off by ${off}`;
    const parts = wrong === undefined && hasMoney ? twin.money.partsWrong() : "";
    if (parts !== "") wrong = parts;
    return { expired: [...expired, ...after], outs, wrong };
  }
}

/** Number of the first input in which the two differ, -1 when they never do, and its assertion. */
function firstWrong(seed: number, inputs: Input[], pair: Pair): [number, string] {
  const run = new OrderRun(seed, pair);
  for (const [at, input] of inputs.entries()) {
    const { wrong } = run.apply(input);
    if (wrong !== undefined) return [at, wrong.includes("assertion") ? wrong : ""];
  }
  return [-1, ""];
}

/**
 * The shortest list found: no single input of it can be left out. `inputs` must fail; at most
 * TRIALS_MAX runs are tried, in SHRINK_MILLIS_MAX, so a long list of a subtle fault, or of one that
 * takes its time, may stay longer than it must be.
 */
export function shrink(seed: number, inputs: Input[], pair: Pair = makePair): Input[] {
  const [end, assertion] = firstWrong(seed, inputs, pair);
  let kept = inputs.slice(0, end + 1);
  if (kept.length === 0) throw new Error("these inputs show no difference");
  let trials = 0;
  const endMillis = performance.now() + SHRINK_MILLIS_MAX;
  const isMore = (): boolean => trials < TRIALS_MAX && performance.now() < endMillis;
  for (let piece = kept.length >> 1; piece >= 1 && isMore();) {
    let isShorter = false;
    for (let from = 0; from < kept.length && isMore();) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + piece)];
      trials++;
      const [wrong, other] = firstWrong(seed, fewer, pair);
      // What shows another fault than the one that was found is no shorter list of it.
      if (wrong < 0 || other !== assertion) from += piece;
      else {
        kept = fewer.slice(0, wrong + 1);
        isShorter = true;
      }
    }
    if (piece > 1) piece >>= 1;
    else if (!isShorter) break;
  }
  return kept;
}

/** Writes a failing list where it can be run again; returns the file. */
export function writeFailure(folder: string, seed: number, inputs: Input[]): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `order-seed-${seed}.json`);
  const lines = inputs.map((input) =>
    JSON.stringify({ ...input, kindName: Kind[input.kind] }, (_key, value: unknown) =>
      typeof value === "bigint" ? { bigint: String(value) } : value,
    ),
  );
  writeFileSync(file, `{"seed":${seed},"inputs":[\n${lines.join(",\n")}\n]}\n`);
  return file;
}

/** Reads what `writeFailure` wrote. */
export function readFailure(file: string): { seed: number; inputs: Input[] } {
  return JSON.parse(readFileSync(file, "utf8"), (_key, value: unknown) => {
    const isWide = typeof value === "object" && value !== null && "bigint" in value;
    return isWide ? BigInt(String(value.bigint)) : value;
  }) as { seed: number; inputs: Input[] };
}

/** The inputs as text, one a line. */
export function inputsText(inputs: Input[]): string {
  return inputs
    .map(({ nowNanos, kind, row }) => `${nowNanos} ${Kind[kind]} ${text(row)}`)
    .join("\n");
}
