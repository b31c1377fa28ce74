// `npm run conformance -- FILE...`: outside vectors and data sets against the shipped core.
//
// A vector file is JSON with a list `expected`; a data set is a folder. Whatever has no runner or
// needs what the engine does not have yet is counted as unsupported, grouped by reason, never
// hidden. The last line is always `N passed, M failed, K unsupported`; the exit code is 0 only if M
// is 0.
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { sharedPath } from "../src/core/paths.ts";
import { AlphaError, describeError } from "../src/errors.ts";
import { isCaseFolder, isMasterFile } from "../src/cases/coin-toss.ts";
import { runCoinToss } from "./conformance/coin-toss.ts";
import { DATA_SETS, isDataSet, runDataSet } from "./conformance/data-set.ts";
import { type FeedCase, runFeeds } from "./conformance/feed.ts";
import { type IndicatorFile, runIndicators } from "./conformance/indicator.ts";
import { type MatchingCase, runMatching } from "../src/cases/matching.ts";
import { runStructure, type StructureFile } from "./conformance/structure.ts";
import { type Outcome, unsupported } from "../src/cases/outcome.ts";

/** Failures shown in full; the rest are counted. */
const SHOWN_MAX = 100;

interface VectorFile {
  expected: unknown[];
}

type Runner = (path: string, file: VectorFile) => Outcome[];

const otherLibraries: Runner = (_path, file) =>
  file.expected.map((_, at) =>
    unsupported(String(at), "conventions of other libraries, for reading"),
  );
const indicators: Runner = (path, file) => runIndicators(path, file as unknown as IndicatorFile);

/** What there is a runner for, by file name. */
const RUNNERS: readonly [name: RegExp, about: string, run: Runner][] = [
  [/^ind_variants_.*\.json$/, "samples of other libraries (unsupported by intent)", otherLibraries],
  [/^ind_(series|talib|tulip).*\.json$/, "indicator series and points", indicators],
  [
    /^matching_cases.*\.json$/,
    "order matching",
    (_, file) => runMatching(file.expected as MatchingCase[]),
  ],
  [
    /^smc_.*\.json$/,
    "smart-money structure (what can be streamed)",
    (path, file) => runStructure(path, file as unknown as StructureFile),
  ],
  [/^feeds.*\.json$/, "feed protocols", (_, file) => runFeeds(file.expected as FeedCase[])],
];

/** All outcomes of one argument. */
export interface FileResult {
  path: string;
  outcomes: Outcome[];
  /** Why nothing could be run. */
  fault?: string;
}

/** Runs the command; returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const names = args.filter((arg) => arg !== "--json" && arg !== "--");
  if (names.length === 0) return list();
  const results: FileResult[] = [];
  for (const name of names) {
    const result = await runOne(name);
    results.push(result);
    if (!isJson) print(result);
  }
  const counts = countOf(results);
  if (isJson) process.stdout.write(`${JSON.stringify({ counts, results }, null, 2)}\n`);
  process.stdout.write(`${tallyLine(counts)}\n`);
  return counts.failed === 0 ? 0 : 1;
}

/** Counts over all files; a file that could not be run is one failure. */
export function countOf(results: readonly FileResult[]): Record<Outcome["state"], number> {
  const counts = { passed: 0, failed: 0, unsupported: 0 };
  for (const { outcomes, fault } of results) {
    if (fault !== undefined) counts.failed += 1;
    for (const { state } of outcomes) counts[state] += 1;
  }
  return counts;
}

/** The line others parse. */
export function tallyLine(counts: Record<Outcome["state"], number>): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.unsupported} unsupported`;
}

async function runOne(name: string): Promise<FileResult> {
  try {
    const path = find(name);
    return { path, outcomes: await runPath(path) };
  } catch (error) {
    return { path: name, outcomes: [], fault: describeError(error) };
  }
}

/** A path as given, or a name in the shared vectors or data sets. */
function find(name: string): string {
  const places = [resolve(name), sharedPath("oracles", name), sharedPath("data", name)];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const remedy = "give a file or folder; without arguments the command lists what it can run";
  throw new AlphaError("CONFORMANCE_MISSING", `${name} does not exist`, remedy);
}

async function runPath(path: string): Promise<Outcome[]> {
  if (statSync(path).isDirectory()) {
    if (isDataSet(path)) return runDataSet(path);
    if (isCaseFolder(path)) return runCoinToss(path);
    return [unsupported(basename(path), "no runner for this data set")];
  }
  if (isMasterFile(path)) return runCoinToss(path);
  const file = readVectors(path);
  const runner = RUNNERS.find(([name]) => name.test(basename(path)));
  if (runner !== undefined) return runner[2](path, file);
  return file.expected.map((_, at) => unsupported(String(at), `no runner for ${basename(path)}`));
}

function readVectors(path: string): VectorFile {
  const remedy = 'a vector file is a JSON object with a list "expected", as in ../shared/oracles';
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const what = `${path} is no JSON: ${(cause as Error).message.split("\n")[0]}`;
    throw new AlphaError("CONFORMANCE_MALFORMED", what, remedy, cause);
  }
  const expected = (value as { expected?: unknown } | null)?.expected;
  if (Array.isArray(expected)) return value as VectorFile;
  if (typeof expected === "object" && expected !== null) {
    return { ...(value as object), expected: [expected] };
  }
  throw new AlphaError("CONFORMANCE_MALFORMED", `${path} has no list "expected"`, remedy);
}

function print({ path, outcomes, fault }: FileResult): void {
  if (fault !== undefined) {
    process.stderr.write(`${fault}\n`);
    return;
  }
  process.stdout.write(`${path}\n`);
  const failures = outcomes.filter(({ state }) => state === "failed");
  for (const { id, expected, actual } of failures.slice(0, SHOWN_MAX)) {
    process.stdout.write(`  FAILED ${id}\n    expected ${JSON.stringify(expected)}\n`);
    process.stdout.write(`    actual   ${JSON.stringify(actual)}\n`);
  }
  const hidden = failures.length - SHOWN_MAX;
  if (hidden > 0) process.stdout.write(`  and ${hidden} more failures\n`);
  const reasons = new Map<string, number>();
  for (const { reason } of outcomes) {
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) {
    process.stdout.write(`  unsupported ${count} x ${reason}\n`);
  }
  process.stdout.write(`  ${tallyLine(countOf([{ path, outcomes }]))}\n`);
}

function list(): number {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say("npm run conformance -- FILE... [--json]");
  for (const [name, about] of RUNNERS)
    say(`  ${name.source.replace(/[\^$\\]/g, "").padEnd(34)} ${about}`);
  for (const name of DATA_SETS)
    say(`  ${`${name}/`.padEnd(34)} recorded messages, counted and replayed`);
  say(`  ${"*Master.csv, or a folder of them".padEnd(34)} matching cases of CoinTossX`);
  const folder = sharedPath("oracles");
  say(
    existsSync(folder)
      ? `names are also looked up in ${join("..", "shared")}`
      : "no ../shared here",
  );
  say(tallyLine({ passed: 0, failed: 0, unsupported: 0 }));
  return 0;
}
