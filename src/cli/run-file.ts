// The run file of a data directory: which process serves it, and where. Written when the engine
// listens, removed when it ends; one left behind by a killed process names a dead pid.
//
// tidy: tested by test/src/cli/cli.test.ts
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

import { AlphaError } from "../errors.ts";

const runFile = z.object({
  // Signals go to this pid: 0 and below would mean whole groups of processes.
  pid: z.number().int().positive(),
  url: z.string(),
  topology: z.string(),
  gateway: z.string(),
  feed: z.string(),
  ack: z.string(),
  startedAtUtc: z.string(),
});

/** What `status` and `stop` need to find the engine. */
export type RunFile = z.infer<typeof runFile>;

function pathOf(dataDir: string): string {
  return join(dataDir, "run.json");
}

/** Writes the run file whole. */
export function writeRunFile(dataDir: string, run: RunFile): void {
  mkdirSync(dataDir, { recursive: true });
  const part = `${pathOf(dataDir)}.part`;
  writeFileSync(part, `${JSON.stringify(run, null, 2)}\n`);
  renameSync(part, pathOf(dataDir));
}

export function removeRunFile(dataDir: string): void {
  rmSync(pathOf(dataDir), { force: true });
}

/** The running engine of this directory; throws NOT_RUNNING when there is none. */
export function readRunFile(dataDir: string): RunFile {
  const path = pathOf(dataDir);
  if (!existsSync(path)) {
    throw new AlphaError("NOT_RUNNING", `no engine runs on ${dataDir}`, "start one: npm start");
  }
  const run = runFile.safeParse(parse(readFileSync(path, "utf8")));
  if (!run.success) {
    throw new AlphaError(
      "RUN_FILE",
      `${path} is damaged`,
      "delete it; the journal is not affected",
    );
  }
  if (isAlive(run.data.pid)) return run.data;
  const what = `the engine of ${dataDir} (pid ${run.data.pid}) ended without saying so`;
  throw new AlphaError("NOT_RUNNING", what, "start it again; it recovers from its journal");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Cut short by a crash; the caller says so.
  }
}

/** True while a process of that id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
