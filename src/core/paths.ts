// Where the built files lie. The host code runs bundled (build/*.js, build/chunks/*.js) and, in
// tests, from its sources; both find the project by walking up to its package.json.
//
// tidy: tested by test/src/core/core.test.ts
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the project's package.json. */
export function projectDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "package.json"))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    dir = parent;
  }
  return dir;
}

/** Absolute path of a file below build/: `buildPath("core.wasm")`. */
export function buildPath(...parts: string[]): string {
  return join(projectDir(), "build", ...parts);
}

/** Shared test data and vectors beside the project; may be absent. */
export function sharedPath(...parts: string[]): string {
  return join(projectDir(), "..", "shared", ...parts);
}
