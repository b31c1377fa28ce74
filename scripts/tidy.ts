// Enforces what a program can see of the project's style, in one process and below a second.
//
// Prints `path:line rule: message` per breach and fails on any. An exception carries its reason
// where it is made: `// tidy: RULE because ...` on the line or the one above, `// tidy: long
// because ...` at a long function or file, `// tidy: tested by test/...` where the test has
// another name.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkCalls } from "./tidy/calls.ts";
import { checkImports } from "./tidy/imports.ts";
import { checkShape } from "./tidy/shape.ts";
import { readSource } from "./tidy/source.ts";
import type { FileText, Problem, Source } from "./tidy/source.ts";
import { checkTests } from "./tidy/tests.ts";
import { checkWords } from "./tidy/words.ts";

/** This file runs as build/scripts/tidy.js. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const READ = /\.(ts|tsx|mjs|js|json|md|css|html|yml)$|^\.ci\//;
const SKIP = /^package-lock\.json$|^test\/.*\.json$/;

/** Checks the repository; the exit code is 1 when anything breaks a rule. */
export function main(): number {
  const problems = check(repositoryFiles());
  for (const { path, line, rule, message } of problems) {
    process.stdout.write(`${path}:${line} ${rule}: ${message}\n`);
  }
  process.stdout.write(problems.length === 0 ? "tidy\n" : `${problems.length} problems\n`);
  return problems.length === 0 ? 0 : 1;
}

/** All problems of a set of files, by path and line. Reads nothing but its argument. */
export function check(files: FileText[]): Problem[] {
  const sources = files.map(readSource);
  const problems: Problem[] = [];
  const report = (source: Source, line: number, rule: string, message: string): void => {
    if (!isExcused(source, line, rule)) problems.push({ path: source.path, line, rule, message });
  };
  for (const source of sources) {
    checkShape(source, report);
    checkWords(source, report);
    checkCalls(source, report);
  }
  checkImports(sources, report);
  checkTests(sources, report);
  return problems.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
}

/** A rule about the whole file is reported at line 1 and may be excused anywhere in its opening. */
function isExcused(source: Source, line: number, rule: string): boolean {
  const excuse = `tidy: ${rule} because `;
  const lines = line === 1 ? source.lines.slice(0, 40) : source.lines.slice(line - 2, line);
  return lines.some((text) => text.includes(excuse));
}

function repositoryFiles(): FileText[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const files: FileText[] = [];
  for (const path of new Set(listed.split("\0"))) {
    if (path === "" || SKIP.test(path) || !READ.test(path)) continue;
    try {
      files.push({ path, text: readFileSync(join(ROOT, path), "utf8") });
    } catch (error) {
      // Deleted in the working tree and not yet in the index.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return files;
}
