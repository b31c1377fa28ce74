// Builds what is stale, and only that: `node scripts/build.mjs [target...]`, or `buildStale()`.
//
// Plain JavaScript on Node's own API, because it runs before anything is built. npm hooks are off
// (.npmrc), so every command calls this first; a call that finds nothing to do must stay below
// 150 ms, and therefore loads neither esbuild nor the AssemblyScript compiler. Staleness is decided
// by content, not by time: a checkout or an editor's save without a change builds nothing.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The repository, unless a test builds a copy elsewhere. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Pages of 64 KiB when asm/layout.ts does not say: 512 MiB. */
const MEMORY_PAGES_DEFAULT = 8192;

/** Longest wait for another process's build, and the poll between looks at it. */
const LOCK_WAIT_MILLIS_MAX = 180_000;
const LOCK_POLL_MILLIS = 40;

/** Compiler problems printed for one target; the rest repeat the first cause. */
const PROBLEMS_MAX = 20;

/** The page of an incident carries its worker as text: opened as a file it can load no other. */
const INCIDENT_WORKER = "src/dashboard/incident-worker.ts";

const STATIC_EXTENSIONS = [".html", ".svg", ".png", ".ico", ".webmanifest", ".woff2", ".txt"];

/** A build that failed: one line per problem, `file:line:column message`. */
export class BuildError extends Error {
  constructor(lines) {
    super(lines.join("\n"));
    this.name = "BuildError";
    this.lines = lines;
  }
}

/** Target names, in the order of building. `core` and `core-debug` compile at the same time. */
export const TARGETS = [
  "core",
  "core-debug",
  "host",
  "client",
  "bench",
  "scripts",
  "dashboard",
  "incident",
];

/**
 * Builds the stale ones of `targets` (all of them when left out) and returns their names.
 *
 * Throws BuildError after every target was tried, so that one broken bench does not hide the rest.
 * A target whose entry files do not exist is skipped. Processes that build at the same time wait
 * for each other; files appear by rename, never half written.
 */
export async function buildStale({ quiet = false, targets = TARGETS, root = ROOT } = {}) {
  const wanted = describeTargets(root).filter((target) => targets.includes(target.name));
  if (staleOf(root, wanted).length === 0) return [];
  const release = await lock(root);
  try {
    const stale = staleOf(root, wanted);
    const results = await Promise.allSettled(stale.map((target) => buildOne(root, target, quiet)));
    const lines = [];
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      if (!(result.reason instanceof BuildError)) throw result.reason;
      lines.push(...result.reason.lines);
    }
    // Both builds of the core report the same problem.
    if (lines.length > 0) throw new BuildError([...new Set(lines)]);
    return stale.map((target) => target.name);
  } finally {
    release();
  }
}

// What there is to build ------------------------------------------------------------------------

function describeTargets(root) {
  const asm = existsSync(join(root, "asm/index.ts"))
    ? filesUnder(root, "asm").filter((path) => path.endsWith(".ts"))
    : [];
  const host = { ...entriesOf(root, "workers", "workers/") };
  addEntry(root, host, "cli", "src/cli/main.ts");
  addEntry(root, host, "index", "src/index.ts");
  const client = {};
  addEntry(root, client, "client", "src/client/index.ts");
  const dashboard = {};
  addEntry(root, dashboard, "dashboard/main", "src/dashboard/main.tsx");
  const statics = filesUnder(root, "src/dashboard").filter((path) =>
    STATIC_EXTENSIONS.some((extension) => path.endsWith(extension)),
  );
  const incident = {};
  addEntry(root, incident, "dashboard/incident", "src/dashboard/incident-main.tsx");
  const targets = [
    { name: "core", kind: "asc", sources: asm, outputs: ["core.wasm"] },
    {
      name: "core-debug",
      kind: "asc",
      sources: asm,
      outputs: ["core.debug.wasm", "core.debug.wasm.map"],
    },
    { name: "host", kind: "esbuild", entries: host, sources: [] },
    { name: "client", kind: "esbuild", entries: client, sources: [] },
    { name: "bench", kind: "esbuild", entries: entriesOf(root, "bench", "bench/"), sources: [] },
    {
      name: "scripts",
      kind: "esbuild",
      entries: entriesOf(root, "scripts", "scripts/"),
      sources: [],
    },
    { name: "dashboard", kind: "esbuild", entries: dashboard, sources: statics },
    { name: "incident", kind: "esbuild", entries: incident, sources: [INCIDENT_WORKER] },
  ];
  return targets.filter((target) =>
    target.kind === "asc" ? target.sources.length > 0 : Object.keys(target.entries).length > 0,
  );
}

function addEntry(root, entries, name, path) {
  if (existsSync(join(root, path))) entries[name] = path;
}

function entriesOf(root, folder, prefix) {
  const entries = {};
  if (!existsSync(join(root, folder))) return entries;
  for (const name of readdirSync(join(root, folder)).sort()) {
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
    entries[prefix + name.slice(0, -3)] = `${folder}/${name}`;
  }
  return entries;
}

/** Paths below `folder`, relative to the root, with forward slashes, sorted. */
function filesUnder(root, folder) {
  const base = join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .map((path) => path.split(sep).join("/"))
    .sort();
}

// What is stale ---------------------------------------------------------------------------------

function staleOf(root, targets) {
  const contents = new Map();
  const tools = toolsHash(root);
  return targets.filter((target) => {
    const record = readStamp(root, target.name);
    if (record === undefined) return true;
    if (!record.outputs.every((path) => existsSync(join(root, "build", path)))) return true;
    return record.hash !== hashOf(root, target, record.inputs, tools, contents);
  });
}

function readStamp(root, name) {
  try {
    return JSON.parse(readFileSync(join(root, "build/.stamp.json"), "utf8"))[name];
  } catch {
    return undefined; // No build yet, or a stamp cut short: both mean "build".
  }
}

function writeStamp(root, name, record) {
  const path = join(root, "build/.stamp.json");
  let stamps = {};
  try {
    stamps = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    stamps = {};
  }
  if (record === undefined) delete stamps[name];
  else stamps[name] = record;
  replaceFile(path, JSON.stringify(stamps, null, 1));
}

/** Bytes that change every target: this program and the locked versions of the compilers. */
function toolsHash(root) {
  const hash = createHash("sha256");
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const path of ["package.json", "package-lock.json", "tsconfig.json"]) {
    if (existsSync(join(root, path))) hash.update(readFileSync(join(root, path)));
  }
  return hash.digest("hex");
}

/** `inputs` are the files the last build read; the target's own sources and entries join them. */
function hashOf(root, target, inputs, tools, contents) {
  const hash = createHash("sha256")
    .update(tools)
    .update(JSON.stringify(target.entries ?? {}));
  for (const path of [...new Set([...inputs, ...target.sources])].sort()) {
    let digest = contents.get(path);
    if (digest === undefined) {
      const at = join(root, path);
      digest = existsSync(at) ? createHash("sha256").update(readFileSync(at)).digest("hex") : "-";
      contents.set(path, digest);
    }
    hash.update(path).update(digest);
  }
  return hash.digest("hex");
}

// Building --------------------------------------------------------------------------------------

async function buildOne(root, target, quiet) {
  const startMillis = performance.now();
  const startWallMillis = Date.now();
  const built = target.kind === "asc" ? await runAsc(root, target) : await runEsbuild(root, target);
  const previous = readStamp(root, target.name);
  for (const path of previous?.outputs ?? []) {
    if (!built.outputs.includes(path)) rmSync(join(root, "build", path), { force: true });
  }
  // A file saved during the build may have been read before or after it: such a build is used once.
  const saved = built.inputs.some((path) => changedAfter(join(root, path), startWallMillis));
  const hash = saved ? "" : hashOf(root, target, built.inputs, toolsHash(root), new Map());
  writeStamp(root, target.name, { hash, inputs: built.inputs, outputs: built.outputs });
  if (!quiet) {
    const seconds = ((performance.now() - startMillis) / 1000).toFixed(2);
    process.stdout.write(`build ${target.name.padEnd(10)} ${seconds} s\n`);
  }
}

function changedAfter(path, wallMillis) {
  return !existsSync(path) || statSync(path).mtimeMs >= wallMillis;
}

async function runAsc(root, target) {
  const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
  if (!existsSync(compiler)) throw missingTool("assemblyscript");
  const pages = String(await memoryPages(root));
  const scratch = join("build", `.asc-${target.name}-${process.pid}`);
  const outFile = `${scratch}/${target.outputs[0]}`.split(sep).join("/");
  const args = ["asm/index.ts", "--outFile", outFile, "--runtime", "stub"];
  args.push("--importMemory", "--sharedMemory", "--zeroFilledMemory", "--memoryBase", "1024");
  args.push("--initialMemory", pages, "--maximumMemory", pages);
  args.push("--enable", "simd", "--enable", "threads");
  // Assertions stay on in both: a defect must stop the engine, not corrupt a position.
  if (target.name === "core") args.push("-O3");
  else args.push("--debug", "--sourceMap");
  mkdirSync(join(root, scratch), { recursive: true });
  try {
    const { code, output } = await runNode(root, [compiler, ...args]);
    if (code !== 0) throw new BuildError(ascProblems(target.name, output));
    for (const path of target.outputs) {
      moveFile(join(root, scratch, path), join(root, "build", path));
    }
  } finally {
    rmSync(join(root, scratch), { recursive: true, force: true });
  }
  return { inputs: target.sources, outputs: target.outputs };
}

function runNode(root, args) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", fail);
    child.on("close", (code) => done({ code, output }));
  });
}

/** Turns asc's drawn reports into one line each. */
export function ascProblems(targetName, output) {
  const lines = [];
  let pending;
  for (const line of stripColors(output).split(/\r?\n/)) {
    const head = /^(?:ERROR|FAILURE|FATAL)\s*(.*)$/.exec(line.trim());
    if (head) {
      if (pending !== undefined) lines.push(`asm ${pending}`);
      pending = head[1];
      continue;
    }
    const place = /─ in (.+)\((\d+),(\d+)\)/.exec(line);
    if (place && pending !== undefined) {
      lines.push(`${place[1]}:${place[2]}:${place[3]} ${pending}`);
      pending = undefined;
    }
  }
  if (pending !== undefined) lines.push(`asm ${pending}`);
  const problems = lines.filter((line) => !/\d+ (?:compile|parse) error\(s\)/.test(line));
  // A fault without a place (the validator's, a crash of asc) is shown as it was printed.
  if (!problems.some((line) => /:\d+:\d+ /.test(line))) {
    problems.push(...output.trim().split(/\r?\n/).slice(0, PROBLEMS_MAX));
  }
  return capped(targetName, problems);
}

function stripColors(text) {
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

/** MEMORY_PAGES as asm/layout.ts computes it, so that the map and the module cannot disagree. */
async function memoryPages(root) {
  const path = join(root, "asm/layout.ts");
  if (!existsSync(path)) return MEMORY_PAGES_DEFAULT;
  const { build } = await loadEsbuild();
  try {
    const result = await build({
      entryPoints: [path],
      absWorkingDir: root,
      bundle: true,
      format: "esm",
      write: false,
      logLevel: "silent",
    });
    const code = Buffer.from(result.outputFiles[0].contents).toString("base64");
    const layout = await import(`data:text/javascript;base64,${code}`);
    const pages = layout.MEMORY_PAGES ?? MEMORY_PAGES_DEFAULT;
    if (Number.isInteger(pages) && pages > 0 && pages <= 65_536) return pages;
    throw new BuildError([`asm/layout.ts MEMORY_PAGES is ${pages}, expected 1 to 65536`]);
  } catch (error) {
    if (error instanceof BuildError) throw error;
    if (error?.errors === undefined) {
      throw new BuildError([`asm/layout.ts does not load on the host: ${error.message}`]);
    }
    throw new BuildError(esbuildProblems("core", error.errors));
  }
}

async function runEsbuild(root, target) {
  const { build } = await loadEsbuild();
  let result;
  let worker;
  try {
    const options = esbuildOptions(root, target.name);
    if (target.name === "incident") {
      worker = await build({ ...options, sourcemap: false, entryPoints: [INCIDENT_WORKER] });
      const code = Buffer.from(worker.outputFiles[0].contents).toString("utf8");
      options.define = { INCIDENT_WORKER_CODE: JSON.stringify(code) };
    }
    result = await build({ ...options, entryPoints: target.entries });
  } catch (error) {
    if (error?.errors === undefined) throw error;
    throw new BuildError(esbuildProblems(target.name, error.errors));
  }
  const inputs = inputsOf(result);
  if (target.name === "incident") inputs.push(...inputsOf(worker));
  const outputs = [];
  for (const file of result.outputFiles) {
    outputs.push(relative(join(root, "build"), file.path).split(sep).join("/"));
    replaceFile(file.path, file.contents);
  }
  for (const path of target.name === "incident" ? [] : target.sources) {
    const output = path.replace(/^src\//, "");
    outputs.push(output);
    replaceFile(join(root, "build", output), readFileSync(join(root, path)));
  }
  return { inputs: [...new Set(inputs)].sort(), outputs };
}

function inputsOf({ metafile }) {
  return Object.keys(metafile.inputs).filter(
    (path) => !path.startsWith("node_modules/") && !path.includes(":"),
  );
}

function esbuildOptions(root, name) {
  const common = {
    absWorkingDir: root,
    outdir: join(root, "build"),
    bundle: true,
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
    sourcemap: true,
    charset: "utf8",
    // Puts the values of offsets and kinds where they are used; a bundle's top level holds them in
    // variables otherwise, which V8 reads again each time (ring push and publish 26 -> 20 ns).
    minifySyntax: true,
  };
  const node = { ...common, platform: "node", target: "node20", packages: "external" };
  if (name === "host") return { ...node, splitting: true, chunkNames: "chunks/[name]-[hash]" };
  if (name === "client") {
    // Runs in Node and in browsers: all inside, except what only Node needs and imports late.
    const external = ["ws", "node:*"];
    const fields = { mainFields: ["module", "main"], conditions: ["import"] };
    return { ...common, platform: "neutral", target: "es2022", external, ...fields };
  }
  if (name !== "dashboard" && name !== "incident") return node;
  return {
    ...common,
    // A classic script: browsers refuse modules to a page that was opened as a file.
    ...(name === "incident" ? { format: "iife" } : {}),
    platform: "browser",
    target: ["chrome109", "firefox115", "safari16.4"],
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "dataurl", ".woff2": "dataurl", ".png": "dataurl" },
  };
}

async function loadEsbuild() {
  try {
    return await import("esbuild");
  } catch {
    throw missingTool("esbuild");
  }
}

function missingTool(name) {
  return new BuildError([`${name} is not installed: run \`npm ci\` in the repository first`]);
}

function esbuildProblems(targetName, errors) {
  const lines = errors.map(({ text, location }) =>
    location ? `${location.file}:${location.line}:${location.column + 1} ${text}` : text,
  );
  return capped(targetName, lines);
}

function capped(targetName, lines) {
  if (lines.length <= PROBLEMS_MAX) return lines;
  const left = lines.length - PROBLEMS_MAX;
  return [...lines.slice(0, PROBLEMS_MAX), `${targetName}: ${left} more problems`];
}

// Files and the lock ----------------------------------------------------------------------------

function replaceFile(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const scratch = `${path}.${process.pid}.part`;
  writeFileSync(scratch, contents);
  moveFile(scratch, path);
}

function moveFile(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    // Windows refuses to replace a file that another process has open; its bytes may change though.
    if (error.code !== "EPERM" && error.code !== "EBUSY" && error.code !== "EACCES") throw error;
    copyFileSync(from, to);
    rmSync(from, { force: true });
  }
}

/** Takes build/.lock and returns the function that gives it back; a dead owner loses it. */
async function lock(root) {
  const path = join(root, "build/.lock");
  mkdirSync(join(root, "build"), { recursive: true });
  const deadlineMillis = performance.now() + LOCK_WAIT_MILLIS_MAX;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (ownerIsGone(path)) rmSync(path, { force: true });
    else if (performance.now() > deadlineMillis) {
      throw new BuildError([`build/.lock is held by another build; delete it if none is running`]);
    } else await new Promise((done) => setTimeout(done, LOCK_POLL_MILLIS));
  }
}

function ownerIsGone(path) {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    // An empty file is an owner between creating and writing; it gets a second to finish.
    if (pid === 0) return Date.now() - statSync(path).mtimeMs > 1000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const args = process.argv.slice(2);
  const unknown = args.filter((name) => !TARGETS.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`unknown target ${unknown.join(", ")}; known: ${TARGETS.join(", ")}\n`);
    process.exit(2);
  }
  try {
    const built = await buildStale(args.length > 0 ? { targets: args } : {});
    if (built.length === 0) process.stdout.write("build: nothing is stale\n");
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
