// The product as a user has it: the launcher in a process of its own, its output, its client.
//
// Nothing here reaches into the engine. A data directory is a temporary folder and also the working
// directory, so no alphapulse.json of the developer's is read, and its environment is left out.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { keyPath } from "../../src/access/keys.ts";
import { type Client, connect, type ConnectOptions } from "../../src/client/index.ts";

/** Folder of package.json. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const LAUNCHER = join(ROOT, "scripts/alphapulse.mjs");
/** Shared data beside the project; may be absent. */
export const SHARED = join(ROOT, "../shared");

/** Longest wait for an address; a loaded machine needs seconds, a fresh clone builds first. */
export const START_MILLIS_MAX = 60_000;

/** What a finished command left. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A process that has been started, and what it has written so far. */
export interface Started {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Finished>;
}

/** A running engine. */
export interface RunningEngine extends Started {
  /** "http://127.0.0.1:PORT/" */
  readonly url: string;
  /** The printed address, with its token. */
  readonly pageUrl: string;
  readonly startMillis: number;
  readonly dataDir: string;
}

const folders: string[] = [];
const children: ChildProcess[] = [];

/** A temporary folder; `cleanUp` removes it. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `alphapulse-${name}-`));
  folders.push(folder);
  return folder;
}

/** Kills what still runs and removes the folders. Call in afterAll. */
export async function cleanUp(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function environment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("ALPHAPULSE_"));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Starts any command of the launcher; under another command (strace) when `under` names one. */
export function launch(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
  under: readonly string[] = [],
): Started {
  const [command, ...rest] = [...under, process.execPath, LAUNCHER, ...args];
  const child = spawn(command!, rest, {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Finished>((done) =>
    child.once("close", (code) => done({ code, stdout, stderr })),
  );
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Runs a command of the launcher to its end. */
export function alphapulse(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Finished> {
  return launch(args, cwd, env).ended;
}

/** Starts an engine on `dataDir` and waits for the address it prints. */
export async function startEngine(
  dataDir: string,
  args: readonly string[] = [],
  under: readonly string[] = [],
): Promise<RunningEngine> {
  const startedAtMillis = performance.now();
  const start = ["start", "--data-dir", dataDir, "--port", "0", ...args];
  const started = launch(start, dataDir, {}, under);
  const address = /^ {2}page +(http\S+)$/m;
  await until(() => {
    if (address.test(started.stdout())) return true;
    if (started.child.exitCode === null) return false;
    throw new Error(`the engine ended:\n${started.stdout()}${started.stderr()}`);
  }, START_MILLIS_MAX);
  const pageUrl = address.exec(started.stdout())?.[1] ?? "";
  const url = new URL(pageUrl).origin + "/";
  const startMillis = performance.now() - startedAtMillis;
  return { ...started, url, pageUrl, startMillis, dataDir };
}

/** Ends an engine by a signal and waits for it. */
export async function endEngine(engine: Started, signal: NodeJS.Signals): Promise<Finished> {
  engine.child.kill(signal);
  return engine.ended;
}

/** Polls until `isDone`; fails after `millisMax` with what it waited for. */
export async function until(
  isDone: () => boolean | Promise<boolean>,
  millisMax: number,
  what = "a condition",
): Promise<void> {
  const untilMillis = performance.now() + millisMax;
  while (!(await isDone())) {
    if (performance.now() > untilMillis) throw new Error(`waited ${millisMax} ms for ${what}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

/** A client with one of the keys the engine made at its first start. */
export function connectAs(
  engine: RunningEngine,
  name: "trader" | "reader" | "feed" | "admin",
  options: ConnectOptions = {},
): Promise<Client> {
  const key = readFileSync(keyPath(engine.dataDir, name), "utf8");
  return connect(engine.url, { key, reconnect: false, ...options });
}

/** The value of a metric by its whole name with labels; NaN when there is no such line. */
export function metricValue(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? NaN : Number(line.slice(name.length + 1));
}

/** True when the shared data set is there; says so when it is not. */
export function hasShared(path: string, test: string): boolean {
  const isThere = existsSync(join(SHARED, path));
  if (!isThere) console.warn(`skipped, ${test}: ../shared/${path} is absent`);
  return isThere;
}
