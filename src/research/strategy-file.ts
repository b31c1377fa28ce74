// A strategy by name or by file: what `alphapulse backtest STRATEGY` was given.
//
// A TypeScript file is bundled on the fly, so that it may import its own modules and the engine's
// types as "alphapulse/strategy". It runs with the rights of this process: it is the
// user's own code.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import type { build as Build } from "esbuild";

import { projectDir } from "../core/paths.ts";
import { AlphaError } from "../errors.ts";
import { SHIPPED, shippedStrategy } from "../strategies/shipped.ts";
import type { StrategyFactory } from "../strategies/strategy.ts";

/** A strategy ready to be made, and the hash of the file it came from ("" when shipped). */
export interface LoadedStrategy {
  factory: StrategyFactory;
  sha256: string;
  /** Path as given, undefined when shipped. */
  path: string | undefined;
}

const EXTENSIONS = new Set([".ts", ".mts", ".js", ".mjs"]);
/** Compiler problems shown. */
const PROBLEMS_MAX = 10;

/**
 * Finds a shipped strategy by name, else loads a file that exports `strategy`. Throws
 * STRATEGY_UNKNOWN with the names that exist, STRATEGY_FILE and STRATEGY_BUILD.
 */
export async function loadStrategy(nameOrPath: string, cacheDir?: string): Promise<LoadedStrategy> {
  const shipped = shippedStrategy(nameOrPath);
  if (shipped !== undefined) return { factory: shipped, sha256: "", path: undefined };
  const path = resolve(nameOrPath);
  if (!EXTENSIONS.has(extname(path)) || !existsSync(path)) {
    const names = SHIPPED.map((one) => one.name).join(", ");
    const isFile = EXTENSIONS.has(extname(path));
    throw new AlphaError(
      "STRATEGY_UNKNOWN",
      isFile ? `there is no file "${nameOrPath}"` : `there is no strategy "${nameOrPath}"`,
      `shipped: ${names}; or give the path of a .ts or .js file`,
    );
  }
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  const code = await bundle(path, nameOrPath);
  const module = await importCode(code, sha256, nameOrPath, cacheDir);
  return { factory: factoryOf(module, nameOrPath), sha256, path: nameOrPath };
}

/** One ES module with everything the file imports, except what Node brings. */
async function bundle(path: string, shown: string): Promise<string> {
  const { build } = await esbuild();
  try {
    const result = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "silent",
      charset: "utf8",
      nodePaths: [join(projectDir(), "node_modules")],
      alias: { "alphapulse/strategy": join(projectDir(), "src", "strategies", "strategy.ts") },
    });
    return result.outputFiles[0]?.text ?? "";
  } catch (error) {
    const problems = (error as { errors?: Problem[] }).errors;
    if (problems === undefined) throw error;
    const lines = problems.slice(0, PROBLEMS_MAX).map(problemLine).join("; ");
    throw new AlphaError("STRATEGY_BUILD", `"${shown}" does not compile: ${lines}`, "correct it");
  }
}

interface Problem {
  text: string;
  location: { file: string; line: number; column: number } | null;
}

function problemLine({ text, location }: Problem): string {
  return location === null ? text : `line ${location.line}:${location.column + 1} ${text}`;
}

async function esbuild(): Promise<{ build: typeof Build }> {
  try {
    return await import("esbuild");
  } catch (error) {
    const what = "strategy files need esbuild, which is not installed";
    throw new AlphaError("STRATEGY_BUILD", what, "run npm ci with development packages", error);
  }
}

/** Imports through a file, because Node names files in stack traces and not data URLs. */
async function importCode(
  code: string,
  sha256: string,
  shown: string,
  cacheDir: string | undefined,
): Promise<Record<string, unknown>> {
  const isOwn = cacheDir === undefined;
  const folder = isOwn ? mkdtempSync(join(tmpdir(), "alphapulse-")) : join(cacheDir, "strategies");
  if (!isOwn) mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 16);
  const file = join(folder, `${sha256.slice(0, 16)}-${hash}.mjs`);
  writeFileSync(file, code);
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    const what = `"${shown}" threw while it was loaded: ${(error as Error).message}`;
    throw new AlphaError("STRATEGY_FILE", what, "correct the file", error);
  } finally {
    if (isOwn) rmSync(folder, { recursive: true, force: true });
  }
}

function factoryOf(module: Record<string, unknown>, shown: string): StrategyFactory {
  const found = module["strategy"] as Partial<StrategyFactory> | undefined;
  const isFactory =
    typeof found?.name === "string" &&
    /^[a-z0-9][a-z0-9-]{0,31}$/.test(found.name) &&
    typeof found.create === "function" &&
    typeof found.needs === "function" &&
    typeof found.parameters === "object";
  if (isFactory) return found as StrategyFactory;
  throw new AlphaError(
    "STRATEGY_FILE",
    `"${shown}" exports no strategy`,
    'write: export const strategy = defineStrategy({ name: "my-idea", parameters, needs, create })',
  );
}
