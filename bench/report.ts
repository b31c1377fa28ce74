// What every bench shares: the shape of a result, the machine's conditions, the table, the file.
//
// A bench exports `main(options): Promise<BenchResult>` and prints nothing; `npm run bench -- NAME`
// runs it in a fresh process, prints the table and writes bench/results/NAME.json. Numbers without
// their conditions are worthless, so the conditions are gathered here and not by the bench.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Bench } from "tinybench";

/** Above this the machine was busy before we began, and tails are not ours. */
export const LOAD_AVERAGE_QUIET_MAX = 0.5;

/** How many times longer planted work takes. */
export const PLANTED_FACTOR = 4;

/** What the command line asks of a bench. */
export interface BenchOptions {
  /** A few seconds at most: the gate's size. Ratios and the hash must hold at this size too. */
  small: boolean;
}

/** One line of a result. Times get `overFloor`, both get `overPeer`, computed when left out. */
export interface BenchMetric {
  /** Exact name from the table: `rings/push trade, 1 producer, 64 B`. */
  metric: string;
  value: number;
  /** `ns`, `us`, `ms`, `s`, `ns/op`, `bytes`, or a rate ending in `/s`. */
  unit: string;
  /** The least this machine could do, measured in the same run, in the same unit. */
  floor?: number;
  /** value / floor for times, floor / value for rates: 1 is perfect. */
  overFloor?: number;
  /** What the peer reached in the same run, in the same unit. */
  peer?: number;
  peerName?: string;
  /** How many times faster than the peer. */
  overPeer?: number;
  /** The distribution behind `value`, in the same unit, where there is one. */
  p50?: number;
  p90?: number;
  p99?: number;
  p999?: number;
  max?: number;
}

/** What a bench returns. */
export interface BenchResult {
  /** The file's name: bench/NAME.ts. */
  name: string;
  /** Of what was computed, in hex; equal for equal size on every machine. */
  hash: string;
  /** What is inside the measured section and what is left out. */
  scope: string;
  metrics: BenchMetric[];
  /** The bench's own: seed, events, instruments. The machine's are added by `runBench`. */
  conditions?: Record<string, string | number>;
}

/** What lies in bench/results/NAME.json. */
export interface BenchRecord extends BenchResult {
  size: "small" | "full";
  conditions: Record<string, string | number>;
}

/** The one function a bench module exports. */
export type BenchMain = (options: BenchOptions) => Promise<BenchResult>;

/** The repository, from bench/ as well as from build/bench/. */
export function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("no package.json above this file");
    folder = above;
  }
  return folder;
}

/** Machine and moment: cpu, cores, node, kernel, load before, governor, commit. */
export function conditions(): Record<string, string | number> {
  const cpu = cpus();
  const found: Record<string, string | number> = {
    cpu: cpu[0]?.model ?? "unknown",
    cores: cpu.length,
    memoryBytes: totalmem(),
    node: process.version,
    kernel: `${process.platform} ${release()}`,
    loadAverageBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    governor: governor(),
    commit: commit(),
    atUtc: new Date().toISOString(),
  };
  return found;
}

function governor(): string {
  try {
    return readFileSync("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "utf8").trim();
  } catch {
    return "not readable"; // Virtual machines and other systems have none.
  }
}

function commit(): string {
  try {
    const args = ["-C", repositoryRoot(), "describe", "--always", "--dirty"];
    return execFileSync("git", args, { stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return "none"; // Not a clone, or no commit yet.
  }
}

/** Runs one bench in this process and returns its record, ratios completed, hash checked. */
export async function runBench(
  name: string,
  main: BenchMain,
  options: BenchOptions,
): Promise<BenchRecord> {
  const machine = conditions();
  const result = await main(options);
  if (result.name !== name) throw new Error(`bench/${name}.ts calls itself "${result.name}"`);
  for (const metric of result.metrics) completeRatios(metric);
  const size = options.small ? "small" : "full";
  return { ...result, size, conditions: { ...machine, ...result.conditions } };
}

/** Fills overFloor and overPeer; throws on a value that is no number, which is a broken bench. */
export function completeRatios(metric: BenchMetric): void {
  if (!Number.isFinite(metric.value)) throw new Error(`"${metric.metric}" is ${metric.value}`);
  const isRate = metric.unit.endsWith("/s");
  const { value, floor, peer } = metric;
  if (floor !== undefined) metric.overFloor ??= isRate ? floor / value : value / floor;
  if (peer !== undefined) metric.overPeer ??= isRate ? value / peer : peer / value;
}

/** Writes bench/results/NAME.json and returns its path. */
export function writeRecord(record: BenchRecord, root = repositoryRoot()): string {
  const folder = join(root, "bench/results");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${record.name}.json`);
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  return path;
}

const COLUMNS = [
  ...["metric", "value", "unit", "p50", "p90", "p99", "p99.9", "max"],
  ...["floor", "x floor", "peer", "x faster", "than"],
];

/** The record as a table: conditions, then one line per metric, empty columns left out. */
export function formatRecord(record: BenchRecord): string {
  const rows = record.metrics.map((one) => [
    ...[one.metric, formatNumber(one.value), one.unit],
    ...[one.p50, one.p90, one.p99, one.p999, one.max, one.floor].map(formatNumber),
    ...[one.overFloor, one.peer, one.overPeer].map(formatNumber),
    one.peerName ?? "",
  ]);
  const lines = [`bench ${record.name} (${record.size}), hash ${record.hash}`];
  const about = Object.entries(record.conditions).map(([key, value]) => `${key} ${value}`);
  lines.push(...wrap(about.join(", "), 96).map((line) => `  ${line}`));
  lines.push(...wrap(`scope: ${record.scope}`, 96).map((line) => `  ${line}`));
  lines.push(...alignTable(COLUMNS, rows));
  const warning = loadWarning(record.conditions["loadAverageBefore"]);
  if (warning !== "") lines.push(warning);
  return lines.join("\n");
}

/** Text when the machine was busy before the bench began, else "". */
export function loadWarning(loadAverage: string | number | undefined): string {
  const load = Number(loadAverage);
  if (!(load > LOAD_AVERAGE_QUIET_MAX)) return "";
  const limit = LOAD_AVERAGE_QUIET_MAX;
  const quiet = `quiet is <= ${limit}`;
  return `warning: load average was ${load} before the run (${quiet}); tails are not ours`;
}

/** Lines of a table: first column left, numbers right, columns without any content left out. */
export function alignTable(head: string[], rows: string[][]): string[] {
  const used = head.map((_, at) => rows.some((row) => (row[at] ?? "") !== ""));
  const all = [head, ...rows].map((row) => row.filter((_, at) => used[at]));
  const widths = (all[0] ?? []).map((_, at) =>
    Math.max(...all.map((row) => (row[at] ?? "").length)),
  );
  const isText = (all[0] ?? []).map((title) => ["metric", "unit", "than"].includes(title));
  return all.map((row) =>
    row
      .map((cell, at) =>
        isText[at] ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** Four significant digits, thousands separated: 18,230,000; 12.34; 0.0571. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  if (value === 0) return "0";
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = digits > 0 ? value.toFixed(Math.min(digits, 9)) : Math.round(value).toString();
  const [whole = "", fraction] = rounded.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** The value below which a share `p` (0 to 1) of the samples lies; nearest rank, sorts in place. */
export function percentile(samples: Float64Array, p: number): number {
  if (samples.length === 0) return NaN;
  samples.sort();
  return rank(samples, p);
}

function rank(sorted: Float64Array, p: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1));
  return sorted[at] as number;
}

/** p50, p90, p99, p99.9 and max of samples, as a metric's fields; sorts in place. */
export function distribution(
  samples: Float64Array,
): Required<Pick<BenchMetric, "p50" | "p90" | "p99" | "p999" | "max">> {
  if (samples.length === 0) throw new Error("no samples");
  samples.sort();
  return {
    p50: rank(samples, 0.5),
    p90: rank(samples, 0.9),
    p99: rank(samples, 0.99),
    p999: rank(samples, 0.999),
    max: rank(samples, 1),
  };
}

/**
 * Call it with the start (`performance.now()`) at the end of a measured section, inside it: it
 * spins until the section took PLANTED_FACTOR times as long. Does nothing unless planted.
 */
export type Slowdown = (startMillis: number) => void;

/**
 * The slowdown of bench `name`, planted by ALPHAPULSE_SLOWDOWN=name to prove that the gate turns
 * red. Use it in our own work only, never in a floor's or a peer's.
 */
export function plantedSlowdown(name: string): Slowdown {
  if (process.env["ALPHAPULSE_SLOWDOWN"] !== name) return () => undefined;
  return (startMillis) => {
    const elapsedMillis = performance.now() - startMillis;
    const untilMillis = startMillis + elapsedMillis * PLANTED_FACTOR;
    while (performance.now() < untilMillis);
  };
}

/** Nanoseconds per operation. */
export interface MicroResult {
  /** The fastest call: what the code costs when nothing disturbs it. */
  bestNanos: number;
  p50Nanos: number;
}

/** How a micro bench runs. */
export interface MicroOptions {
  /** Measured time; a fifth of it is spent warming up before. */
  minMillis: number;
  /** Operations in one call of `fn`; below some 100 the clock's 40 ns show. */
  opsPerCall: number;
  /** Of our own code, never of a peer's. */
  slowdown?: Slowdown;
}

/** Times `fn` with tinybench. `fn` must keep its result alive (store it outside). */
export async function microBench(
  name: string,
  fn: () => void,
  { minMillis, opsPerCall, slowdown }: MicroOptions,
): Promise<MicroResult> {
  const bench = new Bench({ time: minMillis, warmupTime: minMillis / 5, throws: true });
  const slowed = (): void => {
    const startMillis = performance.now();
    fn();
    slowdown?.(startMillis);
  };
  bench.add(name, slowdown === undefined ? fn : slowed);
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result?.state !== "completed") throw new Error(`"${name}" ended as ${result?.state}`);
  const nanosPerOp = 1e6 / opsPerCall;
  return {
    bestNanos: result.latency.min * nanosPerOp,
    p50Nanos: result.latency.p50 * nanosPerOp,
  };
}
