// One case run, judged and made short; and what all of them together must have reached.
import { mkdirSync, writeFileSync } from "node:fs";
import { buildPath } from "../../src/core/paths.ts";
import { loadBuild } from "../../src/core/build.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { FAULTS, type FaultKind, type SeedCase } from "./plan.ts";
import { STEPS, World, type Outcome } from "./world.ts";

/** Two seeds in so many take snapshots, one even and one odd: each costs as much as ten others. */
const SNAPSHOT_EVERY = 128;
/** In every so many of these the snapshots rot: by chance too few would, and be read again. */
const ROTTING_EVERY = 4;
const ROTTING = { snapshotRot: 1, restart: 0.08 };
const TRIALS_MAX = 400;
const SHRINK_MILLIS_MAX = 30_000;

let build: CoreBuild | undefined;

/** Runs one case; throws what it broke. */
export function runCase(one: SeedCase): Promise<Outcome> {
  build ??= loadBuild();
  const isSnapshotting = one.isSnapshotting ?? one.seed % SNAPSHOT_EVERY < 2;
  const isRotting = isSnapshotting && Math.floor(one.seed / SNAPSHOT_EVERY) % ROTTING_EVERY === 0;
  const rates = { ...(isRotting ? ROTTING : {}), ...one.rates };
  return new World(build, { ...one, rates }, isSnapshotting).run(one);
}

/** What a case breaks, in one line; undefined when it breaks nothing. */
export async function failureOf(one: SeedCase): Promise<string | undefined> {
  try {
    await runCase(one);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
}

/** The kind of a failure: its first word, so that a shorter case shows the same one. */
function kindOf(failure: string | undefined): string | undefined {
  return failure?.split(":")[0];
}

/** Fewer fault kinds, then fewer steps, as long as the same kind of failure is there. */
export async function shrink(one: SeedCase): Promise<SeedCase> {
  const kind = kindOf(await failureOf(one));
  if (kind === undefined) throw new Error(`seed ${one.seed} breaks nothing`);
  const endMillis = performance.now() + SHRINK_MILLIS_MAX;
  let trials = 0;
  const isFailing = async (other: SeedCase): Promise<boolean> => {
    trials += 1;
    return kindOf(await failureOf(other)) === kind;
  };
  const isMore = (): boolean => trials < TRIALS_MAX && performance.now() < endMillis;
  let without: FaultKind[] = [...(one.without ?? [])];
  for (const fault of FAULTS) {
    const fewer = [...without, fault];
    if (isMore() && (await isFailing({ ...one, without: fewer }))) without = fewer;
  }
  let steps = Array.from({ length: STEPS }, (_, step) => step);
  for (let piece = STEPS >> 1; piece >= 1; piece >>= 1) {
    for (let from = 0; from < steps.length && isMore();) {
      const fewer = [...steps.slice(0, from), ...steps.slice(from + piece)];
      if (await isFailing({ ...one, without, steps: runsOf(fewer) })) steps = fewer;
      else from += piece;
    }
  }
  return { ...one, without, steps: runsOf(steps) };
}

/** Runs of numbers that follow each other. */
function runsOf(steps: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === step - 1) last[1] = step;
    else runs.push([step, step]);
  }
  return runs;
}

/** Makes a failing case short and writes it where it can be run again; what to print of it. */
export async function report(one: SeedCase, failure: string): Promise<string> {
  const short = await shrink(one);
  const folder = buildPath("sim");
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/seed-${one.seed}.json`;
  writeFileSync(file, `${JSON.stringify([short])}\n`);
  const faults = FAULTS.filter((fault) => !short.without!.includes(fault));
  return [
    `seed ${one.seed}: ${failure}`,
    `enough for it: faults ${faults.join(", ") || "none"}; steps ${JSON.stringify(short.steps)}`,
    `again: npm run sim -- ${one.seed}    the short one: npm run sim -- ${file}`,
    "mended, its line stays in test/sim/seeds.json",
  ].join("\n");
}

/** What many cases did together. */
export class Coverage {
  seeds = 0;
  inputs = 0;
  readonly counts: Record<string, number> = {};

  add({ inputs, counts }: Outcome): void {
    this.seeds += 1;
    this.inputs += inputs;
    for (const [what, count] of Object.entries(counts)) {
      this.counts[what] = (this.counts[what] ?? 0) + count;
    }
  }

  /** What happened less often than it must in so many cases. */
  missing(): string[] {
    return Object.entries(WANTED)
      .filter(([what, perThousand]) => {
        return (this.counts[what] ?? 0) < (perThousand * this.seeds) / 1000;
      })
      .map(([what, least]) => `${what}: ${this.counts[what] ?? 0}, wanted ${least} per 1000 seeds`);
  }

  get line(): string {
    return `${this.seeds} seeds, ${this.inputs} inputs`;
  }
}

/** Least times per thousand seeds: every fault kind, and every invariant's antecedent. */
const WANTED: Record<string, number> = {
  ...{ lost: 40, torn: 20, garbled: 20, outOfOrder: 20, nameLost: 2, writeEio: 50, syncEio: 50 },
  ...{ dirtyDropped: 50, shortWrite: 500, shortRead: 100, enospc: 200, misdirected: 50 },
  ...{
    journalRot: 10,
    snapshotRot: 2,
    "snapshot passed by": 2,
    kill: 300,
    power: 300,
    restart: 50,
    stop: 50,
  },
  ...{ clockForward: 50, clockBack: 50, clockFreeze: 50, "clock behind": 100, feedGap: 50 },
  ...{ feedDuplicate: 1000, feedLate: 1000, feedGarbage: 500, flood: 10 },
  ...{ "ring full": 10, oco: 1000, "torn tail cut": 50, "corruption refused": 50 },
  ...{ "venueLoss possible": 200, "venueRequestLoss possible": 200, "venueSlow possible": 200 },
  ...{ "venueDuplicate possible": 200, "venueOutage possible": 200, "venueReject possible": 200 },
  ...{
    "slowSync possible": 200,
    "I12 queues": 1000,
    "I3 venue": 300,
    "checkpoint verified": 100,
    "started from a snapshot": 10,
  },
  ...{ "fault JOURNAL_WRITE": 50, "fault JOURNAL_SYNC_FAILED": 30 },
  ...{ "I1 events": 500, "I1 state": 300, "I2 kill": 300, "I2 power": 200, "I2 restart": 50 },
  ...{ "I2 stop": 50, "I3 money": 1000, "I3 position": 10_000, "I4 transition": 10_000 },
  ...{ "I5 intent": 5000, "I6 request": 5000, "I7 pair": 1000, "I8 gap": 10, liveness: 1000 },
};
