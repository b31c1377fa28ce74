#!/usr/bin/env node
// The committed launcher: `npx alphapulse ...` in a fresh clone builds what is stale and runs it.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 20;
const NODE_MINOR_MIN = 19;

const [major, minor] = process.versions.node.split(".").map(Number);

/** Prints one line to a person and stops the command. */
function refuse(line) {
  process.stderr.write(`alphapulse: ${line}\n`);
  process.exit(1);
}

function at(path) {
  return new URL(`../${path}`, import.meta.url);
}

if (major < NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && minor < NODE_MINOR_MIN)) {
  refuse(`needs Node ${NODE_MAJOR_MIN}.${NODE_MINOR_MIN} or newer, this is ${process.version}`);
}
if (!existsSync(at("node_modules"))) {
  refuse(`dependencies are missing: run \`npm ci\` in ${fileURLToPath(at("."))} first`);
}
if (!existsSync(at("src/cli/main.ts")) && !existsSync(at("build/cli.js"))) {
  refuse("src/cli/main.ts does not exist, so there is no command to run");
}
try {
  const { buildStale } = await import("./build.mjs");
  // stdout belongs to the command (`--json` is parsed by others), so the build stays quiet.
  await buildStale({ quiet: true, targets: ["core", "host", "client", "dashboard"] });
} catch (error) {
  if (error?.name !== "BuildError") throw error;
  refuse(`the build failed\n${error.message}`);
}
const { main } = await import(at("build/cli.js").href);
const code = await main(process.argv.slice(2));
if (typeof code === "number") process.exitCode = code;
