// Parents against their twin, among all that the order stream does.
import { expect, test } from "vitest";
import {
  Algorithm,
  CancelReason,
  Kind,
  OrderFlag,
  ParentFlag,
  ParentState,
  Refusal,
} from "../../asm/vocab.ts";
import type { Row } from "../reference/order-twin.ts";
import { ParentStream } from "./order-parent.ts";
import { runStream, type MakeStream } from "./order-seed.ts";
import { INTERNAL, INVERSE, PAPER } from "./order-stream.ts";

const INPUTS_PER_SEED = 3_000;
const SEEDS = Array.from({ length: 48 }, (_, index) => 701 + index);
const REACHED_LEAST = 5;

const seen = new Map<string, number>();
let seedsRun = 0;

function count(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

/** Counts what a record of core and twin says. */
function note(out: Row): void {
  const kind = Number(out["kind"]);
  const { algorithm, instrument, reason, state, progressFlags } = out as Record<string, number>;
  const isEngine = (Number(out["orderFlags"] ?? 0) & OrderFlag.Engine) !== 0;
  if (kind === Kind.ParentDone) {
    count(`${Algorithm[algorithm!]} done ${ParentState[state!]}, instrument ${instrument}`);
    count(`done ${ParentState[state!]} ${Refusal[reason!]}`);
    if (Number(out["shortfall"]) > 0 && Number(out["slippage"]) < 0) count("costs differ in sign");
  }
  if (kind === Kind.ParentProgress) {
    for (const flag of [ParentFlag.Behind, ParentFlag.Breach, ParentFlag.Ahead]) {
      if ((progressFlags! & flag) !== 0) count(`${Algorithm[algorithm!]} ${ParentFlag[flag]}`);
    }
    count(`progress ${Refusal[reason!]}`);
  }
  if (kind === Kind.ParentStateRow) count(`listed ${ParentState[state!]}`);
  if (kind === Kind.OrderCanceled && isEngine) count(`child canceled ${CancelReason[reason!]}`);
  if (kind === Kind.OrderDenied && isEngine) count("child denied");
}

test.each(SEEDS)("parents: the core says what its twin says, seed %i", (seed) => {
  const make: MakeStream = (random, twin) => new ParentStream(random, twin);
  const wrong = runStream(seed, INPUTS_PER_SEED, make, (kind, _row, { expired, outs }) => {
    for (const out of [...outs, ...expired]) note(out);
    if (outs[0]?.["kind"] === Kind.AmendDenied && outs[0]["reason"] === Refusal.NotOwner) {
      count("amend of a child or of another's order");
    }
    const isDenied = kind === Kind.ParentNew && outs[0]?.["kind"] === Kind.OrderDenied;
    if (isDenied) count(`parent denied ${Refusal[Number(outs[0]!["reason"])]}`);
  });
  if (wrong !== undefined) expect.fail(wrong);
  seedsRun++;
});

test("the inputs reached every algorithm, every end and every refusal", (context) => {
  context.skip(seedsRun < SEEDS.length, "not every seed was run");
  const missing = wanted().filter((what) => (seen.get(what) ?? 0) < REACHED_LEAST);
  expect(missing, "reached too seldom").toEqual([]);
});

function wanted(): string[] {
  const all: string[] = ["costs differ in sign", "child denied"];
  for (const algorithm of ["Twap", "Vwap", "Pov", "ImplementationShortfall", "Iceberg"]) {
    for (const instrument of [INTERNAL, PAPER, INVERSE]) {
      for (const state of ["Filled", "Canceled"]) {
        all.push(`${algorithm} done ${state}, instrument ${instrument}`);
      }
      if (algorithm === "Iceberg") continue;
      all.push(`${algorithm} done Expired, instrument ${instrument}`);
    }
    if (algorithm !== "Iceberg") all.push(`${algorithm} Behind`, `${algorithm} Breach`);
  }
  // Ahead of a new curve is luck in a random stream; test/asm/orders/parent.test.ts has it.
  all.push("done Canceled KillSwitchOn", "done Canceled None");
  // One that waits is rarely asked for; test/asm/orders/query.test.ts has it.
  all.push("listed Working");
  for (const why of ["None", "PriceUnknown", "PriceOutsideBand", "TradingHalted", "DiskFull"]) {
    all.push(`progress ${why}`);
  }
  for (const why of ["Parent", "Mass", "User", "SelfTrade", "ImmediateOrCancel", "KillSwitch"]) {
    all.push(`child canceled ${why}`);
  }
  const refusals = ["UnknownAccount", "UnknownInstrument", "UnknownStrategy", "SideInvalid"];
  refusals.push("AlgorithmUnsupported", "QtyNotPositive", "DisplayInvalid", "PriceNotPositive");
  refusals.push("ParameterInvalid", "ExpiryInvalid", "PeriodInvalid", "ClientOrderIdDuplicate");
  refusals.push("KillSwitchOn", "DiskFull");
  return [...all, ...refusals.map((why) => `parent denied ${why}`)];
}
