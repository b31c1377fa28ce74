// incident export, incident show: what happened, in one file that opens on another machine.
//
// tidy: tested by test/src/cli/incident-command.test.ts
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { Command } from "commander";

import { Role } from "../../asm/vocab.ts";
import type { Config } from "../config.ts";
import { OPTION_KEYS } from "../config.ts";
import { loadBuild } from "../core/build.ts";
import { createHasher } from "../core/hasher.ts";
import { buildPath, projectDir } from "../core/paths.ts";
import { AlphaError, describeError } from "../errors.ts";
import { checkIncident, parseExpectation, readIncidentFile } from "../incident/check.ts";
import { exportIncident, type ExportReport } from "../incident/collect.ts";
import { exportedOptions, OPTIONS_EXPORTED, type Manifest } from "../incident/manifest.ts";
import type { Around, Span } from "../incident/range.ts";
import { formatNanos } from "../journal/stat.ts";
import { configOf, withConfigOptions } from "./main.ts";
import { ProgressBar } from "./progress.ts";
import { readRunFile } from "./run-file.ts";

const SECONDS_DEFAULT = 60;
const MEGABYTES_DEFAULT = 256;
const MEGABYTES_MAX = 1073;
const METRICS_WAIT_MILLIS_MAX = 2000;
/** Lines of metrics that are ours or the runtime's; anything else stays out. */
const METRIC_LINE = /^(?:# (?:HELP|TYPE) )?(?:alphapulse|nodejs|process)_[a-z0-9_]+[ {]/;

interface ExportFlags extends Record<string, unknown> {
  dir?: string;
  stream: string;
  around?: string;
  seconds?: string;
  records?: string;
  maxMb: string;
  note: string;
  asTest?: string;
  expect?: string[];
  json?: boolean;
}

export function addIncidentCommand(root: Command): void {
  const incident = root
    .command("incident")
    .description("put what happened into one file, without secrets, and look into it");
  const command = incident
    .command("export")
    .description(
      "write an incident file: snapshot, journal slice, core.wasm, configuration without " +
        "secrets, metrics of a running engine; the dashboard's /incident.html opens it",
    )
    .argument("[file]", "the file to write (default: incident-TIME.apx)")
    .option("--dir <folder>", "folder of the journal (default: that of the data directory)")
    .option("--stream <number>", "core instance: 0 orders or inline, 1.. market workers", "0")
    .option("--around <place>", "a sequence or a UTC time, as 2026-11-22T02:44:00.5 (default: end)")
    .option("--seconds <count>", `engine time before and after it (default: ${SECONDS_DEFAULT})`)
    .option("--records <count>", "inputs before and after it, instead of seconds")
    .option("--max-mb <count>", "content at most, before it is packed", String(MEGABYTES_DEFAULT))
    .option("--note <text>", "what happened, in your words; it is in the file", "")
    .option("--as-test <folder>", "write the file and a vitest file that replays it into a folder")
    .option(
      "--expect <what...>",
      'what the test asks: outputs (default), hash, replays, "never ...',
    )
    .option("--json", "for machines");
  withConfigOptions(command, ["dataDir"]).action((file: string | undefined, flags: ExportFlags) =>
    exportCommand(file, flags),
  );
  command.addHelpText("after", EXPECT_HELP);
  incident
    .command("show")
    .description("check every byte of an incident file and say what is in it; exit 1 at damage")
    .argument("<file>", "an incident file")
    .option("--json", "for machines")
    .action((file: string, flags: { json?: boolean }) => show(file, flags.json === true));
}

const EXPECT_HELP = `
What a test can ask (--expect, several allowed):
  outputs                      each output of the range is the one recorded, byte for byte
  hash                         the state at the end has the recorded hash
  replays                      nothing beyond a replay to the end
  "never KIND field=value .."  no output of the range is like this: it fails while there is one
  "some KIND field=value .."   at least one is like this: it fails while there is none
A replay that traps or contradicts a checkpoint of the journal fails always.
  alphapulse incident export --around 120345 --as-test test/kept/denied \\
    --expect "never OrderDenied clientId=42"`;

async function exportCommand(file: string | undefined, flags: ExportFlags): Promise<void> {
  const expected = flags.expect ?? ["outputs"];
  for (const one of expected) parseExpectation(one);
  if (flags.asTest === undefined && flags.expect !== undefined) {
    const what = "--expect without --as-test has nothing to write";
    throw new AlphaError("CONFIG_INVALID", what, "name a folder: --as-test test/kept/NAME");
  }
  if (flags.asTest !== undefined && file !== undefined) {
    const what = `--as-test writes ${join(flags.asTest, "incident.apx")} itself`;
    throw new AlphaError("CONFIG_INVALID", what, `leave out "${file}"`);
  }
  if (flags.asTest !== undefined) mkdirSync(flags.asTest, { recursive: true });
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const path =
    flags.asTest === undefined
      ? (file ?? `incident-${time}.apx`)
      : join(flags.asTest, "incident.apx");
  const report = await writeIncident(path, flags);
  const test =
    flags.asTest === undefined ? undefined : await writeTest(flags.asTest, report, expected);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ ...report, ...(test && { test }) }, null, 2)}\n`);
    return;
  }
  for (const line of reportLines(report)) say(line);
  if (test === undefined) return;
  say(`test       ${test.path}`);
  say(test.fails === "" ? "           passes on this build" : `           FAILS: ${test.fails}`);
}

async function writeIncident(path: string, flags: ExportFlags): Promise<ExportReport> {
  const config = configOf(flags);
  const dir = flags.dir ?? join(config.dataDir, "journal");
  const stream = wholeOf("--stream", flags.stream, 0, 63);
  const megabytes = wholeOf("--max-mb", flags.maxMb, 1, MEGABYTES_MAX);
  const build = loadBuild();
  const texts = new Map([["configuration.json", JSON.stringify(exportedOptions(config), null, 2)]]);
  const metrics = flags.dir === undefined ? await metricsOf(config) : "";
  if (metrics !== "") texts.set("metrics.txt", metrics);
  const bar = new ProgressBar("incident", flags.json !== true);
  try {
    return exportIncident({
      ...{ dir, stream, build, texts, path },
      roles: rolesOf(dir, stream),
      coreBytes: readFileSync(buildPath("core.wasm")),
      hash: createHasher(build),
      around: aroundOf(flags.around),
      span: spanOf(flags),
      contentBytesMax: megabytes * 1e6,
      facts: {
        engine: versionOf(),
        node: process.version,
        note: flags.note,
        optionsLeftOut: OPTION_KEYS.filter((key) => !OPTIONS_EXPORTED.includes(key as never)),
      },
      onProgress: (bytes, place) => bar.show(0, `${Math.round(bytes / 1e6)} MB ${place}`),
    });
  } finally {
    bar.end();
  }
}

/** An order loop has market workers beside it; a market worker's stream is above 0. */
function rolesOf(dir: string, stream: number): Role {
  const streams = (existsSync(dir) ? readdirSync(dir) : []).filter((name) => /^\d+$/.test(name));
  if (!streams.includes(String(stream))) {
    throw new AlphaError(
      "JOURNAL_NOT_FOUND",
      `no journal of stream ${stream} in ${dir}`,
      "name its folder with --dir, or start an engine first",
    );
  }
  if (stream > 0) return Role.Market;
  return streams.length > 1 ? Role.Order : Role.Both;
}

function aroundOf(text: string | undefined): Around {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return { sequence: Number(text) };
  const isZoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const time = text.replace(" ", "T");
  const millis = Date.parse(isZoned || !time.includes("T") ? time : `${time}Z`);
  if (!Number.isNaN(millis)) return { nanos: BigInt(millis) * 1_000_000n };
  const what = `--around "${text}" is neither a sequence nor a time`;
  throw new AlphaError("CONFIG_INVALID", what, "use 120345 or 2026-11-22T02:44:00.5");
}

function spanOf({ seconds, records }: ExportFlags): Span {
  if (records !== undefined && seconds !== undefined) {
    throw new AlphaError("CONFIG_INVALID", "--seconds and --records are both given", "use one");
  }
  if (records !== undefined) return { records: wholeOf("--records", records, 1, 1e9) };
  const count = Number(seconds ?? SECONDS_DEFAULT);
  if (count > 0 && count <= 1e7) return { nanos: BigInt(Math.round(count * 1e9)) };
  throw new AlphaError("CONFIG_INVALID", `--seconds "${seconds}" is no time`, "use 0.001 to 1e7");
}

function wholeOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  const what = `${name} is "${text}"`;
  throw new AlphaError("CONFIG_INVALID", what, `use a whole number from ${min} to ${max}`);
}

/** What a running engine of this data directory measures; "" when none runs. */
async function metricsOf(config: Config): Promise<string> {
  try {
    const { url } = readRunFile(config.dataDir);
    const signal = AbortSignal.timeout(METRICS_WAIT_MILLIS_MAX);
    const lines = (await (await fetch(new URL("metrics", url), { signal })).text()).split("\n");
    return lines.filter((line) => METRIC_LINE.test(line)).join("\n");
  } catch {
    return ""; // No engine runs, or it does not answer: the journal is what counts.
  }
}

function versionOf(): string {
  const text = readFileSync(join(projectDir(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

// ------------------------------------------------------------------------------ as a test

/** Writes the test beside the incident, runs what it asks, and says how that went. */
async function writeTest(
  folder: string,
  report: ExportReport,
  expected: readonly string[],
): Promise<{ path: string; fails: string }> {
  const path = join(folder, "incident.test.ts");
  const check = relative(resolve(folder), join(projectDir(), "src/incident/check.ts"));
  const module = check.split(sep).join("/");
  const { fromSequence, toSequence, engine, core, note } = report.manifest;
  const name = `sequences ${fromSequence} to ${toSequence}: ${expected.join(", ")}`;
  const lines = [
    "// Made by `alphapulse incident export --as-test`: a slice of a journal through this core.",
    `// Recorded by engine ${engine}, core ${core.slice(0, 16)}.`,
    ...note.split("\n").flatMap((line) => (line === "" ? [] : [`// ${line}`])),
    'import { fileURLToPath } from "node:url";',
    'import { test } from "vitest";',
    "",
    `import { checkIncident } from ${JSON.stringify(module)};`,
    "",
    `test(${JSON.stringify(name)}, async () => {`,
    '  const path = fileURLToPath(new URL("incident.apx", import.meta.url));',
    `  await checkIncident(path, ${JSON.stringify(expected)});`,
    "}, 120_000);",
    "",
  ];
  writeFileSync(path, lines.join("\n"));
  try {
    await checkIncident(join(folder, "incident.apx"), expected);
    return { path, fails: "" };
  } catch (error) {
    return { path, fails: error instanceof Error ? error.message : describeError(error) };
  }
}

// ------------------------------------------------------------------------------ show

async function show(file: string, isJson: boolean): Promise<void> {
  if (!existsSync(file)) {
    throw new AlphaError("INCIDENT_MISSING", `${file} does not exist`, "name an incident file");
  }
  const bar = new ProgressBar("incident", !isJson);
  const incident = await readIncidentFile(file, (share) => bar.show(share, file));
  bar.end();
  const { manifest, files, bytes } = incident;
  const options = JSON.parse(files.text("configuration.json")) as Record<string, unknown>;
  if (isJson) {
    const all = { file, bytes, manifest, files: files.list(), options };
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  const contentBytes = files.list().reduce((sum, one) => sum + one.keptBytes, 0);
  for (const line of reportLines({ path: file, bytes, contentBytes, manifest })) say(line);
  say("files      bytes kept of length");
  for (const { name, bytes: length, keptBytes } of files.list()) {
    say(`  ${whole(keptBytes).padStart(12)} of ${whole(length).padStart(13)}  ${name}`);
  }
  say("options");
  for (const [key, value] of Object.entries(options)) say(`  ${key} = ${JSON.stringify(value)}`);
  say(`  left out: ${manifest.optionsLeftOut.join(", ")}`);
}

function reportLines({ path, bytes, contentBytes, manifest }: ExportReport): string[] {
  const one: Manifest = manifest;
  const from = one.snapshotSequence === 0 ? "its beginning" : `sequence ${one.snapshotSequence}`;
  return [
    `incident   ${path}, ${megabytes(bytes)} (${megabytes(contentBytes)} unpacked)`,
    ...(one.note === "" ? [] : [`note       ${one.note}`]),
    `written    ${one.createdUtc} by engine ${one.engine} on Node ${one.node}`,
    `range      sequence ${one.fromSequence} to ${one.toSequence}`,
    `time       ${formatNanos(one.fromNanos)} to ${formatNanos(one.lastNanos)}`,
    `replay     ${whole(one.records)} inputs of stream ${one.stream} from ${from}`,
    `core       ${one.core.slice(0, 16)}, journal written by ${one.writtenBy.join(", ")}`,
    one.trap === "" ? `state      ${one.stateHash}` : `TRAP       ${one.trap}`,
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function whole(value: number): string {
  return value.toLocaleString("en-US");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
