// `node scripts/run.mjs NAME [args...]` builds what is stale and calls scripts/NAME.ts's `main`.
//
// `main(args)` returns the exit code. `tidy`, `services` and `test` wait for the scripts only: two
// need no build, the third runs the whole of it as its first step, and all must work while the core
// does not compile.

import { existsSync } from "node:fs";
import { buildStale } from "./build.mjs";

const SCRIPTS_ONLY = ["tidy", "test", "services"];

const [name, ...args] = process.argv.slice(2);

if (name === undefined || !existsSync(new URL(`./${name}.ts`, import.meta.url))) {
  process.stderr.write(`run: scripts/${name ?? "NAME"}.ts does not exist\n`);
  process.exit(2);
}
try {
  // With --json, standard output belongs to the result.
  const quiet = args.includes("--json");
  const isEarly = SCRIPTS_ONLY.includes(name);
  await buildStale(isEarly ? { quiet: true, targets: ["scripts"] } : { quiet });
} catch (error) {
  if (error?.name !== "BuildError") throw error;
  process.stderr.write(`${error.message}\n`);
  // Others read the last line of a test run; it must be there even when nothing could start.
  if (name === "test") process.stdout.write("0 passed, 1 failed\n");
  process.exit(1);
}
const { main } = await import(new URL(`../build/scripts/${name}.js`, import.meta.url).href);
const code = await main(args);
if (typeof code === "number") process.exitCode = code;
