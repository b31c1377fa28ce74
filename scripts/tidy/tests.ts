// Every module has a test of its path, every room a README.
//
// `asm/books/level.ts` is tested by `test/books/level.test.ts`, `test/asm/books/level.test.ts` or
// `level-*.test.ts` beside those: the two trees share room names, so both forms are accepted.

import type { Report, Source } from "./source.ts";

/** Wiring and browser pages are covered by acceptance tests, types by the compiler. */
const UNTESTED = /(^|\/)(index|main)\.tsx?$|\.d\.ts$|\.tsx$/;
const HAS_CODE = /^export\s+(abstract\s+|async\s+)?(function|const|class|let|enum)\b/m;

/** Missing tests and missing room documents. */
export function checkTests(sources: Source[], report: Report): void {
  const paths = new Set(sources.map((source) => source.path));
  const tests = [...paths].filter((path) => /^test\/.*\.test\.tsx?$/.test(path));
  for (const source of sources) {
    if (source.isCode && (source.top === "asm" || source.top === "src")) {
      checkModule(source, paths, tests, report);
    }
  }
  checkReadmes(sources, paths, report);
}

function checkModule(source: Source, paths: Set<string>, tests: string[], report: Report): void {
  if (UNTESTED.test(source.path) || !HAS_CODE.test(source.code.join("\n"))) return;
  const said = /\/\/ tidy: tested by (test\/\S+)/.exec(source.text);
  if (said) {
    const path = (said[1] ?? "").replace(/[.,]$/, "");
    if (!paths.has(path)) report(source, 1, "test", `names ${path}, which does not exist`);
    return;
  }
  const module = source.path.replace(/^(asm|src)\//, "").replace(/\.tsx?$/, "");
  const isFound = tests.some((path) => {
    const name = `/${path.replace(/\.test\.tsx?$/, "")}`;
    return name.endsWith(`/${module}`) || name.includes(`/${module}-`);
  });
  if (!isFound) report(source, 1, "test", `no test/${module}.test.ts`);
}

function checkReadmes(sources: Source[], paths: Set<string>, report: Report): void {
  const seen = new Set<string>();
  for (const source of sources) {
    if (source.room === "" || !source.isCode) continue;
    const readme = `${source.top}/${source.room}/README.md`;
    if (seen.has(readme)) continue;
    seen.add(readme);
    if (!paths.has(readme)) report(source, 1, "readme", `${readme} is missing`);
  }
}
