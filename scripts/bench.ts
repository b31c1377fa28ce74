// Benches: `npm run bench -- NAME...|all [--small] [--gate] [--json] [--list]`.
//
// Each bench runs in a process of its own, one after the other, so that what the compiler learned
// from one cannot change the next. The gate compares result hashes and ratios (to a floor or a peer
// measured in the same run) with bench/gates.json, never absolute times: those belong to a machine.
// A ratio that is red is measured again, since a neighbor's burst passes and slow code does not; a
// hash is red at once.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchMetric, BenchRecord } from "../bench/report.ts";

/** This file runs as build/scripts/bench.js. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** A bench that takes longer is stuck; full sizes stay below. */
const BENCH_MILLIS_MAX = 20 * 60_000;

/** Runs of a bench whose ratios are red, the first included. */
export const GATE_TRIES = 3;

/** Units whose values mean the same on every machine. */
const COUNT_UNITS = ["objects", "bytes"];

const USAGE = `npm run bench -- NAME...|all [--small] [--gate] [--json] [--list]
  --small  the gate's size: seconds per bench
  --gate   compare with bench/gates.json, exit 1 when a verdict is red
  --json   print the records as one JSON array instead of tables
  --list   names only`;

/** One condition on one metric: on a ratio, or on the value of a count, never on a time or rate. */
export interface RatioGate {
  metric: string;
  field: "overPeer" | "overFloor" | "value";
  min?: number;
  max?: number;
}

/** bench/gates.json: by bench name. A hash is that of the small size. */
export type Gates = Record<string, { hash?: string; ratios?: RatioGate[] }>;

/** One line of the gate's answer. */
export interface Verdict {
  isGreen: boolean;
  /** A measured ratio, which another run may answer differently. */
  isRatio: boolean;
  text: string;
}

interface Arguments {
  names: string[];
  isSmall: boolean;
  isGate: boolean;
  isJson: boolean;
  isList: boolean;
}

/** Runs benches and returns the exit code: 0, 1 for a failure or a red gate, 2 for wrong usage. */
export async function main(args: string[]): Promise<number> {
  const known = benchNames(ROOT);
  const asked = parseArguments(args, known);
  if (typeof asked === "string") {
    process.stderr.write(`${asked}\n${USAGE}\nbenches: ${known.join(", ") || "none"}\n`);
    return 2;
  }
  if (asked.isList) {
    process.stdout.write(known.map((name) => `${name}\n`).join(""));
    return 0;
  }
  const gates = asked.isGate ? readGates(ROOT) : {};
  const records: BenchRecord[] = [];
  let passed = 0;
  let failed = 0;
  for (const name of asked.names) {
    const { record, isGreen } = await judged(
      () => runChild(name, asked),
      gates[name] ?? {},
      (line) => say(line, asked),
    );
    if (record !== undefined) records.push(record);
    if (isGreen) passed += 1;
    else failed += 1;
  }
  if (asked.isJson) process.stdout.write(`${JSON.stringify(records, null, 2)}\n`);
  say(`${passed} passed, ${failed} failed`, asked);
  return failed === 0 ? 0 : 1;
}

/** Runs a bench and judges it; again, at most GATE_TRIES times, while only ratios are red. */
export async function judged(
  run: () => Promise<BenchRecord | undefined>,
  gate: Gates[string],
  print: (line: string) => void,
): Promise<{ record: BenchRecord | undefined; isGreen: boolean }> {
  for (let tries = 1; ; tries++) {
    const record = await run();
    const verdicts = record === undefined ? [] : judge(record, gate);
    for (const { isGreen, text } of verdicts) print(`${isGreen ? "green" : "RED  "} ${text}`);
    const red = verdicts.filter(({ isGreen }) => !isGreen);
    const isGreen = record !== undefined && red.length === 0;
    const isWorthwhile = red.length > 0 && red.every(({ isRatio }) => isRatio);
    if (isGreen || !isWorthwhile || tries === GATE_TRIES) return { record, isGreen };
    print(`again ${record?.name ?? ""}: try ${tries + 1} of ${GATE_TRIES}`);
  }
}

/** With --json, standard output holds JSON alone and what is for people goes to standard error. */
function say(line: string, { isJson }: Arguments): void {
  (isJson ? process.stderr : process.stdout).write(`${line}\n`);
}

/** Modules of bench/ that export a `main`, by name. */
export function benchNames(root: string): string[] {
  const folder = join(root, "bench");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .filter((name) =>
      /^export (async function|function|const) main\b/m.test(read(join(folder, name))),
    )
    .map((name) => name.slice(0, -3))
    .sort();
}

/** The command line, or what is wrong with it. */
export function parseArguments(args: string[], known: string[]): Arguments | string {
  const flags = args.filter((arg) => arg.startsWith("--") && arg !== "--");
  const wrong = flags.find((flag) => !["--small", "--gate", "--json", "--list"].includes(flag));
  if (wrong !== undefined) return `unknown option ${wrong}`;
  const isList = flags.includes("--list");
  const isGate = flags.includes("--gate");
  let names = [...new Set(args.filter((arg) => !arg.startsWith("--")))];
  // The gate is for everything: CI says `--small --gate` and nothing else.
  if (names.includes("all") || (names.length === 0 && isGate)) names = known;
  else if (names.length === 0 && !isList) return "name a bench, or all";
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) return `there is no bench "${stranger}"`;
  return {
    names,
    isSmall: flags.includes("--small"),
    isGate,
    isJson: flags.includes("--json"),
    isList,
  };
}

/** Checks a record against its gate; a gate that finds nothing to check is red. */
export function judge(record: BenchRecord, gate: Gates[string]): Verdict[] {
  const verdicts: Verdict[] = [];
  if (gate.hash !== undefined && record.size === "small") {
    const isGreen = gate.hash === record.hash;
    const found = isGreen ? "" : `, found ${record.hash}: the result changed`;
    const text = `${record.name}: hash ${gate.hash}${found}`;
    verdicts.push({ isGreen, isRatio: false, text });
  }
  for (const ratio of gate.ratios ?? []) verdicts.push(judgeRatio(record, ratio));
  return verdicts;
}

function judgeRatio(record: BenchRecord, gate: RatioGate): Verdict {
  const found = record.metrics.find(({ metric }) => metric === gate.metric);
  const value = found?.[gate.field];
  const what = `${record.name}: ${gate.metric}, ${gate.field}`;
  if (found === undefined || value === undefined) {
    return { isGreen: false, isRatio: false, text: `${what}: the bench did not measure it` };
  }
  if (gate.field === "value" && !COUNT_UNITS.includes(found.unit)) {
    const text = `${what}: ${found.unit} belong to a machine, gate a ratio`;
    return { isGreen: false, isRatio: false, text };
  }
  const { min = -Infinity, max = Infinity } = gate;
  const isGreen = value >= min && value <= max;
  const bounds = [
    ...(gate.min === undefined ? [] : [`at least ${gate.min}`]),
    ...(gate.max === undefined ? [] : [`at most ${gate.max}`]),
  ].join(", ");
  const text = `${what} ${value.toPrecision(4)} (${bounds}${ofWhat(found, gate)})`;
  return { isGreen, isRatio: true, text };
}

function ofWhat(metric: BenchMetric, { field }: RatioGate): string {
  return field === "overPeer" && metric.peerName !== undefined ? `; ${metric.peerName}` : "";
}

function readGates(root: string): Gates {
  return JSON.parse(read(join(root, "bench/gates.json"))) as Gates;
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}

async function runChild(name: string, asked: Arguments): Promise<BenchRecord | undefined> {
  const result = join(ROOT, "bench/results", `${name}.json`);
  rmSync(result, { force: true });
  const size = asked.isSmall ? "small" : "full";
  const runner = join(ROOT, "build/bench/run.js");
  const output = asked.isJson ? "json" : "table";
  const code = await runNode(["--enable-source-maps", runner, name, size, output]);
  if (code === 0 && existsSync(result)) return JSON.parse(read(result)) as BenchRecord;
  say(`RED   ${name}: the bench ended with ${code}`, asked);
  return undefined;
}

function runNode(args: string[]): Promise<number | string> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      timeout: BENCH_MILLIS_MAX,
      killSignal: "SIGKILL",
    });
    child.on("error", fail);
    child.on("close", (code, signal) => done(code ?? String(signal)));
  });
}
