// Each defense of the engine switched off, one at a time: the simulation must turn red; and the
// table of faults names them all.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Kind, Refusal } from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { brokenCore } from "../asm/broken-core.ts";
import { OrderRun } from "../fuzz/order-run.ts";
import { makePair, OrderStream } from "../fuzz/order-stream.ts";
import { seeded } from "../reference/random.ts";
import {
  buildCoop,
  CANARIES,
  CHECKPOINT,
  CHECKPOINT_CANARIES,
  CORE_CANARY,
  SYSTEM_CANARIES,
  type Coop,
} from "./canaries.ts";
import { FAULTS } from "./plan.ts";

/** The disk of the order fuzz is full every 2,000 inputs, for 24 of them. */
const DISK_INPUTS = 7_100;

/** Looked through for another seed when none of the named ones shows a canary. */
const SEARCH_SEEDS = 2000;
const SEARCH_MILLIS_MAX = 60_000;

let coop: Coop;
beforeAll(async () => {
  coop = await buildCoop([...CANARIES, ...CHECKPOINT_CANARIES]);
});

describe("the simulation turns red when", () => {
  test.each(CANARIES)(
    "$name",
    async ({ name, seeds, shape }) => {
      for (const seed of seeds) {
        const one = { seed, ...shape };
        if ((await coop.failure(name, one)) === undefined) continue;
        expect(await coop.failure("", one), `seed ${seed} with the defense`).toBeUndefined();
        return;
      }
      const endMillis = performance.now() + SEARCH_MILLIS_MAX;
      for (let seed = 1; seed <= SEARCH_SEEDS && performance.now() < endMillis; seed++) {
        const failure = await coop.failure(name, { seed, ...shape });
        if (failure !== undefined) expect.fail(`name seed ${seed} in canaries.ts: ${failure}`);
      }
      expect.fail(`seeds ${seeds.join()} break nothing, and no other was found`);
    },
    SEARCH_MILLIS_MAX * 2,
  );
});

test("a checkpoint is what sees a market that comes back different", async () => {
  const { defect, blind, seeds, shape } = CHECKPOINT;
  const seen: (string | undefined)[] = [];
  const unseen: (string | undefined)[] = [];
  for (const seed of seeds) {
    seen.push(await coop.failure(defect, { seed, ...shape }));
    unseen.push(await coop.failure(blind, { seed, ...shape }));
  }
  expect(seen.filter((one) => one?.startsWith("market state after replay"))).not.toEqual([]);
  expect(unseen, "nothing else sees it").toEqual(seeds.map(() => undefined));
});

test(
  CORE_CANARY,
  async () => {
    const broken = await brokenCore();
    const difference = (build?: CoreBuild): string => {
      const run = new OrderRun(1, (seed) => makePair(seed, build));
      const stream = new OrderStream(seeded(1), run.twin);
      for (let step = 0; step < DISK_INPUTS; step++) {
        const [kind, row] = stream.next();
        const { wrong } = run.apply({ nowNanos: stream.nowNanos, kind, row });
        if (wrong !== undefined) return wrong;
      }
      return "";
    };
    expect(difference(), "with the defense").toBe("");
    expect(difference(broken)).toMatch(
      new RegExp(`core {"kind":${Kind.OrderAccepted}[^]*twin .*"reason":${Refusal.DiskFull}`),
    );
  },
  120_000,
);

test("a canary whose text is gone or there twice is an error", async () => {
  const canary = (text: string): typeof CANARIES => [
    { name: "gone", patches: [["journal/scan.ts", text, "OFF"]], seeds: [] },
  ];
  await expect(buildCoop(canary("no such text"))).rejects.toThrow("does not hold, once");
  await expect(buildCoop(canary("chain.index"))).rejects.toThrow("does not hold, once");
});

describe("the table of faults", () => {
  const lines = readFileSync(join(import.meta.dirname, "FAULTS.md"), "utf8").split("\n");
  const rows = lines
    .filter((line) => /^\| (?!fault|-)/.test(line))
    .map((line) => line.slice(1, -1).split("|"))
    .map(([kinds = "", tests = "", canaries = ""]) => ({ kinds, tests, canaries }));
  const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((one) => one[1]!);
  const names = [...CANARIES, ...SYSTEM_CANARIES, ...CHECKPOINT_CANARIES].map(({ name }) => name);

  test("names every kind of the simulation", () => {
    const named = rows.flatMap(({ kinds }) => quoted(kinds));
    expect(FAULTS.filter((kind) => !named.includes(kind))).toEqual([]);
    expect(named.filter((kind) => !(FAULTS as string[]).includes(kind))).toEqual([]);
  });

  test("names tests that are there", () => {
    for (const { kinds, tests } of rows) {
      const files = quoted(tests);
      expect(files, kinds).not.toEqual([]);
      const gone = files.filter((file) => !existsSync(join(import.meta.dirname, "..", file)));
      expect(gone, kinds).toEqual([]);
    }
  });

  test("names every canary, and no other", () => {
    const all = new Set([...names, CORE_CANARY]);
    const said = rows.flatMap(({ kinds, canaries }) => {
      const parts = canaries.split(";").map((one) => one.trim());
      expect(parts, `${kinds} without a canary says why, or what was tried by hand`).not.toContain(
        "",
      );
      return parts.filter((one) => !/^(by hand|none): /.test(one));
    });
    expect(said.filter((one) => !all.has(one))).toEqual([]);
    expect([...all].filter((one) => !said.includes(one))).toEqual([]);
  });
});
