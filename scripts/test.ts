// The suite: build, types, lint, tidy, format, then vitest. `npm test`, `npm run test:deep`.
//
// Everything runs even after a failure, because the next person wants the whole list; the last
// line is always `N passed, M failed` (`, K skipped` when tests were), each step counting as one.
// Before it stands what failed, two lines each (`FAILED name` and `  why: first line`), so that the
// end of a long log says it.
// Test files or vitest options as arguments make a quick run of those, without the static steps.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** This file runs as build/scripts/test.js. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface Step {
  name: string;
  args: string[];
}

const BUILD: Step = { name: "build", args: ["scripts/build.mjs"] };
const TYPES: Step = { name: "tsc", args: ["node_modules/typescript/bin/tsc", "--noEmit"] };
const LINT: Step = {
  name: "eslint",
  args: ["node_modules/eslint/bin/eslint.js", ".", "--max-warnings", "0"],
};
const TIDY: Step = { name: "tidy", args: ["scripts/run.mjs", "tidy"] };
const FORMAT: Step = {
  name: "prettier",
  args: [
    ...["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
    ...["--cache", "--cache-location", "build/.prettier-cache"],
  ],
};

/** What vitest's JSON report says, as far as counting needs it. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests?: number;
  testResults: {
    name?: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName?: string; failureMessages?: string[] }[];
  }[];
}

/** Runs the suite and returns the exit code. `--deep` asks for the large counts. */
export async function main(args: string[]): Promise<number> {
  const rest = args.filter((arg) => arg !== "--deep" && arg !== "--");
  if (args.includes("--deep")) process.env["ALPHAPULSE_DEEP"] = "1";
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  await runStep(BUILD, tally, failures);
  if (rest.length === 0) {
    await Promise.all([runStep(TYPES, tally, failures), runStep(LINT, tally, failures)]);
    await runStep(TIDY, tally, failures);
    await runStep(FORMAT, tally, failures);
  }
  await runVitest(rest, tally, failures);
  for (const line of failures) process.stdout.write(`${line}\n`);
  process.stdout.write(`${tallyLine(tally)}\n`);
  return tally.failed === 0 ? 0 : 1;
}

/** The line others parse. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * Counts a report. A file that failed without a failing test (it did not load) counts as one, and
 * so does a run that ended badly although every test passed (an error outside of tests).
 */
export function tallyReport(report: VitestReport, exitCode: number): Tally {
  const unloaded = report.testResults.filter(
    (file) =>
      file.status === "failed" && !file.assertionResults.some((one) => one.status === "failed"),
  ).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}

/** Two lines for each test that failed and each file that did not load: which, and why. */
export function failureLines(report: VitestReport): string[] {
  return report.testResults.flatMap(({ name = "", status, message = "", assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((one) => one.status === "failed");
    if (failed.length === 0 && status === "failed") return failure(file, message);
    return failed.flatMap(({ fullName = "", failureMessages = [] }) =>
      failure(`${file} > ${fullName}`, failureMessages[0] ?? ""),
    );
  });
}

function failure(what: string, output: string): string[] {
  const lines = output.split("\n").map((line) => line.trim());
  const why = lines.find((line) => line !== "") ?? "it says nothing";
  return [`FAILED ${what}`, `  why: ${why}`];
}

async function runStep(step: Step, tally: Tally, failures: string[]): Promise<void> {
  const startMillis = performance.now();
  const { code, output } = await runNode(step.args, false);
  if (code === 0) tally.passed += 1;
  else {
    tally.failed += 1;
    failures.push(...failure(step.name, output));
  }
  process.stdout.write(header(step.name, code, startMillis));
  if (code !== 0) process.stdout.write(`${output.trim()}\n`);
}

async function runVitest(args: string[], tally: Tally, failures: string[]): Promise<void> {
  const startMillis = performance.now();
  const reportPath = join(ROOT, "build", `.vitest-${process.pid}.json`);
  mkdirSync(dirname(reportPath), { recursive: true });
  const { code } = await runNode(
    [
      ...["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json"],
      ...[`--outputFile.json=${reportPath}`, ...args],
    ],
    true,
  );
  let counts: Tally = { passed: 0, failed: 1, skipped: 0 };
  try {
    const report = JSON.parse(readFileSync(reportPath, "utf8")) as VitestReport;
    counts = tallyReport(report, code);
    failures.push(...failureLines(report));
    if (code !== 0 && failures.length === 0) {
      failures.push(...failure("vitest", "an error outside of tests: see Unhandled Errors above"));
    }
  } catch (error) {
    failures.push(...failure("vitest", `it left no report: ${(error as Error).message}`));
  }
  rmSync(reportPath, { force: true });
  tally.passed += counts.passed;
  tally.failed += counts.failed;
  tally.skipped += counts.skipped;
  process.stdout.write(header("vitest", code, startMillis));
}

function header(name: string, code: number, startMillis: number): string {
  const seconds = ((performance.now() - startMillis) / 1000).toFixed(1);
  return `== ${name.padEnd(8)} ${code === 0 ? "passed" : "FAILED"} ${seconds} s\n`;
}

/** Runs Node in the repository; `isLive` shows the output as it comes instead of collecting it. */
function runNode(args: string[], isLive: boolean): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const stdio = isLive ? "inherit" : "pipe";
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", stdio, stdio] });
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code: code ?? 1, output }));
  });
}
