// `npm run fuzz -- [FROM..TO] [--workers N]`: many seeds of the order fuzz, in a process a core.
//
// Every process takes the next seed when it is done with one. The run ends with the first seed in
// which core and twin differ: the process that found it makes the inputs short and writes them to
// build/fuzz/, from where they are moved to test/fuzz/kept/. Whatever way it ends, the last line
// says from which seed on to go on; FROM..TO is also taken from ALPHAPULSE_SEEDS.
import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { projectDir } from "../src/core/paths.ts";
import { INPUTS_PER_SEED, runSeed } from "../test/fuzz/order-seed.ts";

/** A hundred million inputs. */
const SEEDS_DEEP = "1..25000";
const PROGRESS_MILLIS = 10_000;

/** What a process says of a seed. */
interface Answer {
  seed: number;
  wrong?: string;
}

/** First and last seed; throws on anything but `FROM..TO` or a single seed. */
export function seedsOf(text: string): [number, number] {
  const [from, to = from] = text.split("..").map(Number);
  const isGood = Number.isInteger(from) && Number.isInteger(to) && from! >= 1 && to! >= from!;
  if (!isGood) throw new Error(`"${text}" are no seeds: give FROM..TO, as ${SEEDS_DEEP}`);
  return [from!, to!];
}

/** Which seeds are given out, done and wrong. */
export class SeedPlan {
  done = 0;
  /** The lowest seed that failed, and why. */
  failed: Answer | undefined;
  private next: number;
  private readonly running = new Set<number>();
  private readonly from: number;
  private readonly to: number;

  constructor(from: number, to: number) {
    [this.from, this.to, this.next] = [from, to, from];
  }

  /** A seed to run, undefined when there is none or one has failed. */
  take(): number | undefined {
    if (this.failed !== undefined || this.next > this.to) return undefined;
    this.running.add(this.next);
    return this.next++;
  }

  answer(answer: Answer): void {
    this.running.delete(answer.seed);
    this.done++;
    if (answer.wrong === undefined) return;
    if (this.failed === undefined || answer.seed < this.failed.seed) this.failed = answer;
  }

  /** The first seed that is not known to be good; beyond the last one when all are. */
  get rest(): number {
    return Math.min(this.next, this.failed?.seed ?? Infinity, ...this.running);
  }

  /** Seeds done, rate and time left after `millis`. */
  progress(millis: number): string {
    const all = this.to - this.from + 1;
    const inputs = this.done * INPUTS_PER_SEED;
    const perSecond = Math.round(inputs / (millis / 1000));
    const minutes = this.done === 0 ? "?" : Math.ceil((millis * (all / this.done - 1)) / 60_000);
    const count = `${this.done} of ${all} seeds, ${(inputs / 1e6).toFixed(2)} million inputs`;
    return `fuzz: ${count}, ${perSecond} a second, ${minutes} minutes left`;
  }

  /** How to go on, or that all is done. */
  get last(): string {
    if (this.rest > this.to) return `fuzz: seeds ${this.from}..${this.to} are equal`;
    return `fuzz: not done; go on with: npm run fuzz -- ${this.rest}..${this.to}`;
  }
}

/** Runs the command; 0 when core and twin are equal in all seeds. */
export async function main(args: string[]): Promise<number | undefined> {
  if (args.includes("--child")) return serve();
  const at = args.indexOf("--workers");
  const workers = at < 0 ? availableParallelism() : Number(args[at + 1]);
  const named = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  const seeds = named.find((arg) => arg !== "--") ?? process.env["ALPHAPULSE_SEEDS"] ?? SEEDS_DEEP;
  const plan = new SeedPlan(...seedsOf(seeds));
  await runAll(plan, workers);
  if (plan.failed?.wrong !== undefined) process.stdout.write(`${plan.failed.wrong}\n`);
  process.stdout.write(`${plan.last}\n`);
  return plan.last.includes("are equal") ? 0 : 1;
}

/** Runs the plan in as many processes; an interrupt ends it early. */
async function runAll(plan: SeedPlan, workers: number): Promise<void> {
  const startMillis = performance.now();
  const tell = (): void => {
    process.stdout.write(`${plan.progress(performance.now() - startMillis)}\n`);
  };
  const timer = setInterval(tell, PROGRESS_MILLIS);
  const children = Array.from({ length: workers }, () => {
    return fork(join(projectDir(), "scripts/run.mjs"), ["fuzz", "--child"]);
  });
  const stop = (): void => children.forEach((child) => child.kill());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  await Promise.all(children.map((child) => serveChild(child, plan)));
  clearInterval(timer);
  tell();
}

/** Gives a process seeds until there are none left or it ends. */
function serveChild(child: ChildProcess, plan: SeedPlan): Promise<void> {
  const give = (): void => {
    const seed = plan.take();
    if (seed === undefined) child.disconnect();
    else child.send(seed);
  };
  child.on("message", (answer: Answer) => {
    plan.answer(answer);
    give();
  });
  child.on("spawn", give);
  return new Promise((done) => child.on("exit", () => done()));
}

/** A process of the run: a seed comes in, an answer goes out, until nobody is there any more. */
function serve(): undefined {
  process.on("message", (seed: number) => {
    const wrong = runSeed(seed, INPUTS_PER_SEED);
    process.send?.({ seed, ...(wrong === undefined ? {} : { wrong }) });
  });
  return undefined;
}
