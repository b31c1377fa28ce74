// The seeds of a suite as tests: two files share them, so that both cores have something to do.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SeedCase } from "./plan.ts";
import { Coverage, failureOf, report, runCase } from "./seed.ts";

const isDeep = process.env["ALPHAPULSE_DEEP"] === "1";
const SEEDS = isDeep ? 250_000 : 2_000;
const DAY_MILLIS = 86_400_000;
const HOURS = 12;

/** Deep runs go on where that of the day before ended. */
function firstSeed(): number {
  const given = Number(process.env["ALPHAPULSE_SEEDS"]?.split("..")[0]);
  if (Number.isInteger(given) && given > 0) return given;
  return isDeep ? 10_000 + Math.floor(Date.now() / DAY_MILLIS) * SEEDS : 1;
}

/** Cases that failed once; they run first, for ever. */
function keptCases(): SeedCase[] {
  const text = readFileSync(new URL("./seeds.json", import.meta.url), "utf8");
  return JSON.parse(text) as SeedCase[];
}

/** Declares the tests of every second seed, from the first or the second on. */
export function simulationSuite(half: 0 | 1): void {
  test.each(half === 0 ? keptCases() : [])("what failed once holds, case %#", async (one) => {
    expect(await failureOf(one)).toBeUndefined();
  });

  test(
    "any faults, any order: nothing acknowledged is lost, nothing is done twice, all heals",
    async () => {
      const first = firstSeed() + half;
      const coverage = new Coverage();
      const last = first + SEEDS - 1;
      if (isDeep) process.stdout.write(`simulation: every second seed of ${first}..${last}\n`);
      for (let seed = first; seed <= last; seed += 2) {
        try {
          coverage.add(await runCase({ seed }));
        } catch (error) {
          expect.fail(await report({ seed }, String(error)));
        }
      }
      expect(coverage.missing(), coverage.line).toEqual([]);
      expect(coverage.inputs, coverage.line).toBeGreaterThan(coverage.seeds * 2_000);
    },
    HOURS * 3_600_000,
  );
}
