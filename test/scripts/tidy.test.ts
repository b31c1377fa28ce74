import { describe, expect, test } from "vitest";
import { blank } from "../../scripts/tidy/source.ts";
import { splitWords } from "../../scripts/tidy/words.ts";
import { check } from "../../scripts/tidy.ts";

/** Rules that a file breaks, given beside a README and tests so that only its own text counts. */
function rulesOf(path: string, text: string): string[] {
  const readme = { path: path.replace(/[^/]+$/, "README.md"), text: "# room\n" };
  const module = path.replace(/^(asm|src)\//, "").replace(/\.tsx?$/, "");
  const importer = {
    path: `test/${module}.test.ts`,
    text: `import {} from "${"../".repeat(module.split("/").length)}${path}";\n`,
  };
  const files = [{ path, text: `// Owns a thing.\n${text}` }, readme, importer];
  return check(files).map((problem) => problem.rule);
}

describe("blank", () => {
  test("hides comments and strings and keeps every line in place", () => {
    const code = blank('const a = "let"; // new Date()\nconst b = `x ${a + 1} y`;\n');
    expect(code, "same length").toHaveLength(
      'const a = "let"; // new Date()\nconst b = `x ${a + 1} y`;\n'.length,
    );
    expect(code).not.toContain("Date");
    expect(code, "code inside a template stays").toContain("a + 1");
    expect(code).not.toContain(" y`");
  });

  test("does not take a quote inside a regular expression for a string", () => {
    expect(blank("const a = /[\"'`/]/.test(b); let c = 1;")).toContain("let c = 1;");
  });

  test("takes a slash after a value for a division", () => {
    expect(blank("const a = b / c; const d = e / f;")).toContain("const d = e");
  });
});

describe("words", () => {
  test("splits identifiers at every kind of joint", () => {
    expect(splitWords("maxBarSizeHTTPLimit_ms")).toEqual([
      ...["max", "bar", "size", "http", "limit", "ms"],
    ]);
  });

  test.each([
    ["asm/books/level.ts", "export const klineCount: i32 = 1;"],
    ["src/core/view.ts", "export const exchangeIndex = 1;"],
    ["asm/orders/order.ts", "export const remainingLots: i64 = 1;"],
    ["src/oms/loop.ts", "export function f(orderSize: number): void {}"],
  ])("%s refuses %s", (path, text) => {
    expect(rulesOf(path, text)).toEqual(["word"]);
  });

  test("a venue's wire names stay as the venue spells them", () => {
    expect(rulesOf("src/feeds/binance.ts", "export const kline = 1;")).toEqual([]);
  });

  test("spelling is American in comments too", () => {
    expect(rulesOf("src/core/view.ts", "// It was cancelled.")).toEqual(["spelling"]);
  });

  test("unfinished marks and machine paths are refused", () => {
    expect(rulesOf("src/core/view.ts", "// TODO later\n// see /home/me/x")).toEqual([
      ...["unfinished", "machine-path"],
    ]);
  });

  test("file names are kebab-case and say something", () => {
    // Its test carries the same name, so it is reported as well.
    expect(rulesOf("src/core/orderView.ts", "")).toContain("file-name");
    expect(rulesOf("src/core/view-utils.ts", "")).toContain("file-name");
    expect(rulesOf("src/core/view.ts", "")).toEqual([]);
  });
});

describe("imports", () => {
  const rooms = (from: string, statement: string, to: string): string[] =>
    check([
      { path: from, text: `// Owns a thing.\n${statement}\n` },
      { path: to, text: "// Owns a thing.\n" },
      { path: "test/all.test.ts", text: `import {} from "../${from}";\n` },
      ...[from, to].map((path) => ({ path: path.replace(/[^/]+$/, "README.md"), text: "# r\n" })),
    ])
      .filter((problem) => problem.rule !== "readme")
      .map((problem) => problem.rule);

  test.each([
    ["src/oms/a.ts", 'import { b } from "../core/b.ts";', "src/core/b.ts"],
    ["src/oms/a.ts", 'import { b } from "../units.ts";', "src/units.ts"],
    ["src/core/a.ts", 'import { b } from "../../asm/vocab.ts";', "asm/vocab.ts"],
    ["src/strategies/a.ts", 'import type { b } from "../core/b.ts";', "src/core/b.ts"],
    ["src/cli/main.ts", 'import { b } from "../research/b.ts";', "src/research/b.ts"],
    ["asm/strategies/a.ts", 'import { b } from "../books/b";', "asm/books/b.ts"],
    ["asm/indicators/a.ts", 'import { b } from "../math/b";', "asm/math/b.ts"],
  ])("%s may say %s", (from, statement, to) => {
    expect(rooms(from, statement, to).filter((rule) => rule === "import")).toEqual([]);
  });

  test.each([
    ["src/core/a.ts", 'import { b } from "../oms/b.ts";', "src/oms/b.ts"],
    ["src/units.ts", 'import { b } from "./core/b.ts";', "src/core/b.ts"],
    ["src/core/a.ts", 'import { b } from "../../asm/books/b.ts";', "asm/books/b.ts"],
    ["src/strategies/a.ts", 'import { b } from "../core/b.ts";', "src/core/b.ts"],
    ["src/dashboard/a.ts", 'import { b } from "../gateway/b.ts";', "src/gateway/b.ts"],
    ["asm/candles/a.ts", 'import { b } from "../indicators/b";', "asm/indicators/b.ts"],
    ["asm/books/a.ts", 'import { b } from "../orders/b";', "asm/orders/b.ts"],
    ["asm/vocab.ts", 'import { b } from "./layout";', "asm/layout.ts"],
  ])("%s may not say %s", (from, statement, to) => {
    expect(rooms(from, statement, to)).toContain("import");
  });

  test("a module nobody imports is dead", () => {
    const problems = check([
      { path: "src/core/README.md", text: "# core\n" },
      { path: "src/core/view.ts", text: "// Owns a thing.\n" },
    ]);
    expect(problems.map((problem) => problem.rule)).toEqual(["dead-file"]);
  });
});

describe("calls", () => {
  test.each([
    "let count: i32 = 0;",
    "const a = new Order();",
    "memory.grow(1);",
    "const now = Date.now();",
    "class Order {\n  a: i32;\n}",
    "export function f(a: string): void {}",
  ])("asm refuses %s", (text) => {
    expect(rulesOf("asm/math/sum.ts", text)).toEqual(["banned-call"]);
  });

  test("asm takes views on records, locals and named things in strings", () => {
    const text = [
      ...["@unmanaged", "export class View {", "  a: i32;", "}"],
      ...["export function f(a: i32): i32 {", "  let b = a;"],
      ...['  assert(b > 0, "a new Date is not a call");', "  return b;", "}"],
    ].join("\n");
    expect(rulesOf("asm/math/sum.ts", text)).toEqual([]);
  });

  test("an export of asm has no default parameter", () => {
    expect(rulesOf("asm/math/sum.ts", "export function f(a: i32 = 1): i32 {\n}")).toEqual([
      "default-parameter",
    ]);
  });

  test("the engine's path reads no clock of its own", () => {
    expect(rulesOf("src/core/view.ts", "export const a = performance.now();")).toEqual([
      "banned-call",
    ]);
    expect(rulesOf("src/ops/view.ts", "export const a = performance.now();")).toEqual([]);
  });
});

describe("shape", () => {
  const long = `export function f(): void {\n${"  g();\n".repeat(80)}}\n`;

  test("a long function needs a reason", () => {
    expect(rulesOf("src/core/view.ts", long)).toEqual(["function-length"]);
    expect(rulesOf("src/core/view.ts", `// tidy: long because it is a table.\n${long}`)).toEqual(
      [],
    );
  });

  test("lines end at column 100, addresses may pass it", () => {
    expect(rulesOf("src/core/view.ts", `// ${"x".repeat(98)}`)).toEqual(["width"]);
    expect(rulesOf("src/core/view.ts", `// https://${"x".repeat(98)}`)).toEqual([]);
  });

  test("a default export and `any` across a border are refused", () => {
    const text = "export default 1;\nexport function f(a: any): void {}";
    expect(rulesOf("src/core/view.ts", text)).toEqual(["default-export", "any"]);
  });

  test("an exception with a reason is accepted", () => {
    const text = "// tidy: word because FIX spells it so.\nexport const dealIndex = 1;";
    expect(rulesOf("src/core/view.ts", text)).toEqual([]);
  });

  test("a module without a test of its path is reported, one that names its test is not", () => {
    const files = (text: string) => [
      { path: "src/core/view.ts", text: `// Owns.\n${text}export const a = 1;\n` },
      { path: "src/core/README.md", text: "# core\n" },
      { path: "test/other.test.ts", text: 'import { a } from "../src/core/view.ts";\n' },
    ];
    expect(check(files("")).map((one) => one.rule)).toEqual(["test"]);
    expect(check(files("// tidy: tested by test/other.test.ts\n"))).toEqual([]);
    expect(check(files("// tidy: tested by test/gone.test.ts\n"))).toHaveLength(1);
  });

  test("changelog groups have their names and order", () => {
    const changelog = (text: string) =>
      check([{ path: "CHANGELOG.md", text }]).map((one) => `${one.line} ${one.rule}`);
    expect(changelog("# C\n\n## Unreleased\n\n### Safety\n\n### Internals\n")).toEqual([]);
    expect(changelog("# C\n\n## Unreleased\n\n### Internals\n\n### Safety\n")).toEqual([
      "7 changelog",
    ]);
  });

  test("a room without a README is reported", () => {
    const text = "// Owns.\nexport type A = 1;\n";
    const test = { path: "test/a.test.ts", text: 'import "../src/core/a.ts";' };
    expect(check([{ path: "src/core/a.ts", text }, test]).map((one) => one.rule)).toEqual([
      "readme",
    ]);
  });
});
