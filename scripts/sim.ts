// `npm run sim -- SEED | FROM..TO | FILE`: simulated seeds, or the cases of a file, in order.
//
// The first that breaks anything is made short, written to build/sim/ and ends the run. Every suite
// runs seeds too (test/sim/simulation-*.test.ts); this is for one that failed, or for more of them.
import { existsSync, readFileSync } from "node:fs";
import type { SeedCase } from "../test/sim/plan.ts";
import { Coverage, report, runCase } from "../test/sim/seed.ts";
import { seedsOf } from "./fuzz.ts";

const USAGE = "usage: npm run sim -- SEED | FROM..TO | FILE.json\n";
const PROGRESS_MILLIS = 10_000;

/** Runs the command; 0 when all held, 1 when one did not, 2 when nothing is named. */
export async function main(args: string[]): Promise<number> {
  const cases = casesOf(args.find((arg) => arg !== "--"));
  if (cases === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const coverage = new Coverage();
  let toldMillis = performance.now();
  for (const one of cases) {
    try {
      coverage.add(await runCase(one));
    } catch (error) {
      process.stdout.write(`${await report(one, String(error))}\n`);
      return 1;
    }
    if (performance.now() - toldMillis < PROGRESS_MILLIS) continue;
    toldMillis = performance.now();
    process.stdout.write(`sim: ${coverage.line}, last seed ${one.seed}\n`);
  }
  const counts = Object.entries(coverage.counts).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [what, count] of counts) process.stdout.write(`${what.padEnd(30)} ${count}\n`);
  process.stdout.write(`sim: ${coverage.line}, all hold\n`);
  return 0;
}

function casesOf(text: string | undefined): Iterable<SeedCase> | undefined {
  if (text === undefined) return undefined;
  if (existsSync(text)) return JSON.parse(readFileSync(text, "utf8")) as SeedCase[];
  try {
    return seeds(...seedsOf(text));
  } catch {
    return undefined;
  }
}

function* seeds(from: number, to: number): Generator<SeedCase> {
  for (let seed = from; seed <= to; seed++) yield { seed };
}
