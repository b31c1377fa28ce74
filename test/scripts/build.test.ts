import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ascProblems, buildStale } from "../../scripts/build.mjs";

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

let root = "";

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  // A file saved during the build counts as changed; these were saved before it.
  utimesSync(join(root, path), new Date(2020, 1, 1), new Date(2020, 1, 1));
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "alphapulse-build-"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"), "junction");
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("buildStale", () => {
  beforeEach(() => {
    for (const folder of ["asm", "src", "workers", "build"]) {
      rmSync(join(root, folder), { recursive: true, force: true });
    }
    write("src/index.ts", 'export { one } from "./one.ts";\n');
    write("src/one.ts", "export const one = 1;\n");
    write("workers/core.ts", "export const two = 2;\n");
  });

  const build = () => buildStale({ root, quiet: true });

  test("builds once, then nothing", async () => {
    expect(await build()).toEqual(["host"]);
    expect(existsSync(join(root, "build/workers/core.js"))).toBe(true);
    expect(await build(), "nothing changed").toEqual([]);
  });

  test("sees a changed import, and does not mind a newer time", async () => {
    await build();
    write("src/one.ts", "export const one = 11;\n");
    expect(await build(), "an imported file changed").toEqual(["host"]);
    expect(readFileSync(join(root, "build/index.js"), "utf8")).toContain("11");
    utimesSync(join(root, "src/one.ts"), new Date(), new Date());
    expect(await build(), "only the time changed").toEqual([]);
  });

  test("replaces a lost output and removes one whose source is gone", async () => {
    await build();
    rmSync(join(root, "build/index.js"));
    expect(await build()).toEqual(["host"]);
    rmSync(join(root, "workers/core.ts"));
    expect(await build()).toEqual(["host"]);
    expect(existsSync(join(root, "build/workers/core.js"))).toBe(false);
  });

  test("names file and line of an error, and builds again once it is gone", async () => {
    write("src/one.ts", "export const one = ;\n");
    await expect(build()).rejects.toThrow(/^src\/one\.ts:1:20 /);
    write("src/one.ts", "export const one = 1;\n");
    expect(await build()).toEqual(["host"]);
  });

  test("a failing target does not stop the others", async () => {
    write("src/dashboard/main.tsx", "export const page = ;\n");
    await expect(build()).rejects.toThrow(/^src\/dashboard\/main\.tsx:1/);
    expect(existsSync(join(root, "build/index.js"))).toBe(true);
  });

  test("takes over the lock of a process that is gone", async () => {
    write("build/.lock", "999999999");
    expect(await build()).toEqual(["host"]);
    expect(existsSync(join(root, "build/.lock"))).toBe(false);
  });

  test("compiles the core with the memory of layout.ts", async () => {
    write("asm/layout.ts", "export const MEMORY_PAGES: i32 = 2 * 3;\n");
    write("asm/index.ts", "export function one(at: usize): i32 { return load<i32>(at); }\n");
    const built = await buildStale({ root, quiet: true, targets: ["core"] });
    expect(built).toEqual(["core"]);
    const module = new WebAssembly.Module(readFileSync(join(root, "build/core.wasm")));
    const memory = new WebAssembly.Memory({ initial: 6, maximum: 6, shared: true });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    expect((exports["one"] as (at: number) => number)(8)).toBe(0);
  });
});

describe("ascProblems", () => {
  test("draws one line from the compiler's picture", () => {
    const picture = [
      "ERROR TS2304: Cannot find name 'nope'.",
      "    :",
      " 14 │ return nope + 1",
      "    │        ~~~~",
      "    └─ in asm/index.ts(14,35)",
      "",
      "FAILURE 1 compile error(s)",
    ].join("\n");
    expect(ascProblems("core", picture)).toEqual([
      "asm/index.ts:14:35 TS2304: Cannot find name 'nope'.",
    ]);
  });
});
