// Shape of files: widths, lengths, openings, exports, and the documents beside the code.

import type { Report, Source } from "./source.ts";

const COLUMNS_MAX = 100;
const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 800;
const ROOM_README_LINES_MAX = 60;

const WIDE = /\.(ts|tsx|mjs|js|css|html|yml)$|^\.ci\//;
const OURS = ["asm", "src", "workers", "bench", "test", "scripts"];
/** How a function, a function held by a constant, and a method begin; prettier fixes the spaces. */
const HEADS: RegExp[] = [
  /^\s*(?:export\s+)?(?:async\s+)?function\b/,
  /^\s*(?:export\s+)?const\s+\w+\s*=\s*(?:async\s*)?\([^;]*=>\s*\{$/,
  /^ {2}(?:(?:public|private|protected|static|override|async|get|set)\s+)*#?\w+\([^;=]*\{$/,
];
const CHANGELOG_GROUPS = ["Safety", "Performance", "Features", "Internals"];

/** Everything about one file that needs no other file. */
export function checkShape(source: Source, report: Report): void {
  if (WIDE.test(source.path)) checkWidth(source, report);
  if (source.path === "CHANGELOG.md") checkChangelog(source, report);
  if (source.path === "package.json") checkVersions(source, report);
  if (/^(asm|src)\/[^/]+\/README\.md$/.test(source.path)) {
    const count = source.text.trimEnd().split("\n").length;
    if (count > ROOM_README_LINES_MAX) {
      report(source, count, "readme", `${count} lines, at most ${ROOM_README_LINES_MAX}`);
    }
  }
  if (!source.isCode || !OURS.includes(source.top)) return;
  checkOpening(source, report);
  checkExports(source, report);
  checkLengths(source, report);
  if (source.top === "test") checkTestNames(source, report);
}

function checkWidth(source: Source, report: Report): void {
  source.lines.forEach((line, index) => {
    // An address cannot be broken; a code point is one column.
    if (line.length <= COLUMNS_MAX || line.includes("://")) return;
    const columns = [...line].length;
    if (columns > COLUMNS_MAX) report(source, index + 1, "width", `${columns} columns`);
  });
}

/** A module of the product says first what it owns and why it is made this way. */
function checkOpening(source: Source, report: Report): void {
  if (!["asm", "src", "workers"].includes(source.top)) return;
  if (/^(#!.*\n)?\s*(\/\/|\/\*)/.test(source.text)) return;
  report(source, 1, "opening", "begin with a comment: what it owns and why it is made this way");
}

function checkExports(source: Source, report: Report): void {
  source.code.forEach((line, index) => {
    if (/^export default\b/.test(line)) {
      report(source, index + 1, "default-export", "use a named export");
    }
    if (/^export\b/.test(line) && /[:<,|]\s*any\b|\bany\[\]|\bas any\b/.test(line)) {
      report(source, index + 1, "any", "no `any` across a border: name the shape, or unknown");
    }
  });
}

function checkLengths(source: Source, report: Report): void {
  const count = source.lines.length;
  const hasReason = source.lines.slice(0, 40).some((line) => line.includes("tidy: long because"));
  if (count > FILE_LINES_MAX && !hasReason) {
    report(source, 1, "file-length", `${count} lines without "// tidy: long because ..."`);
  }
  for (const { line, lines } of functionsOf(source)) {
    if (lines <= FUNCTION_LINES_MAX || source.top === "test") continue;
    const near = source.lines.slice(Math.max(0, line - 4), line + 3);
    if (near.some((text) => text.includes("tidy: long because"))) continue;
    report(source, line, "function-length", `${lines} lines; split it, aim below 40`);
  }
}

/** Named functions and methods, from the head to the brace at the head's indentation. */
export function functionsOf(source: Source): { line: number; lines: number }[] {
  const found: { line: number; lines: number }[] = [];
  source.code.forEach((line, index) => {
    if (!HEADS.some((head) => head.test(line))) return;
    const close = `${" ".repeat(indentOf(line))}}`;
    for (let at = index + 1; at < source.code.length; at += 1) {
      const text = source.code[at] ?? "";
      if (text.startsWith(close)) {
        // A call such as describe("...", () => { ... }) closes with `})` and is no function.
        if (!text.startsWith(`${close})`)) found.push({ line: index + 1, lines: at - index + 1 });
        return;
      }
      // A signature over several lines closes with `)` at the head's column; code does not.
      if (text.trim() !== "" && indentOf(text) < indentOf(line)) return;
    }
  });
  return found;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function checkTestNames(source: Source, report: Report): void {
  source.lines.forEach((line, index) => {
    if (/\b(test|it)\b[^"'`]*\(\s*["'`][^"'`]*\bshould\b/.test(line)) {
      report(source, index + 1, "test-name", 'a name is a statement: no "should"');
    }
  });
}

function checkChangelog(source: Source, report: Report): void {
  let groupBefore = -1;
  let releases = 0;
  source.lines.forEach((line, index) => {
    if (/^## /.test(line)) {
      releases += 1;
      groupBefore = -1;
      if (!/^## (Unreleased|\d+\.\d+\.\d+)\b/.test(line)) {
        report(source, index + 1, "changelog", "a release is `## Unreleased` or `## 1.2.3`");
      }
    }
    if (!/^### /.test(line)) return;
    const group = CHANGELOG_GROUPS.indexOf(line.slice(4).trim());
    if (group < 0 || group <= groupBefore) {
      report(source, index + 1, "changelog", `groups, in order: ${CHANGELOG_GROUPS.join(", ")}`);
    }
    groupBefore = Math.max(group, groupBefore);
  });
  if (releases === 0) report(source, 1, "changelog", "has no release heading");
}

/** What was proved with `npm ci` is what everybody gets. */
function checkVersions(source: Source, report: Report): void {
  source.lines.forEach((line, index) => {
    const found = /^\s+"[^"]+":\s*"([~^*]|>=|latest)/.exec(line);
    if (found && !line.includes('"node"')) {
      report(source, index + 1, "version", "dependencies have exact versions");
    }
  });
}
