// doctor: what this machine and this configuration are fit for, and what to do where they are not.
//
// tidy: tested by test/src/cli/cli.test.ts
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from "node:fs";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";

import { Role } from "../../asm/vocab.ts";
import type { Config } from "../config.ts";
import { loadBuild } from "../core/build.ts";
import { Core } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import { describeError } from "../errors.ts";
import { loadUws } from "../gateway/uws.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import { journalStat } from "../journal/stat.ts";
import { chooseTopology } from "../oms/topology.ts";
import { isReserveSpent, reserveRemedy } from "./disk-space.ts";
import { growthOf, hoursUntilFull, type Growth } from "./journal-growth.ts";
import { configOf, withConfigOptions } from "./main.ts";

/** One finding: good, worth knowing, or in the way. */
export interface Finding {
  check: string;
  state: "ok" | "note" | "bad";
  what: string;
  remedy: string;
}

const DISK_BYTES_MIN = 2e9;
const HOURS_UNTIL_FULL_MIN = 24;
const MEMORY_BYTES_MIN = 1e9;

export function addDoctorCommand(root: Command): void {
  const command = root
    .command("doctor")
    .description("check machine, build, configuration and journal; exit 1 when something is bad")
    .option("--json", "for machines");
  withConfigOptions(command, [
    "dataDir",
    "port",
    "host",
    "topology",
    "tickSegmentsMaxBytes",
  ]).action(async (flags: Record<string, unknown>) => {
    const findings = await examine(configOf(flags));
    if (flags["json"] === true) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    else for (const one of findings) process.stdout.write(`${line(one)}\n`);
    if (findings.some((one) => one.state === "bad")) process.exitCode = 1;
  });
}

function line({ check, state, what, remedy }: Finding): string {
  const mark = { ok: "ok  ", note: "note", bad: "BAD " }[state];
  return `${mark} ${check.padEnd(12)} ${what}${remedy === "" ? "" : `; ${remedy}`}`;
}

/** Looks at everything; never throws. */
export async function examine(config: Config): Promise<Finding[]> {
  return [
    node(),
    machine(config),
    memory(),
    core(),
    await gateway(),
    await port(config),
    dataDir(config),
    journal(config),
    growth(config),
  ];
}

function finding(check: string, state: Finding["state"], what: string, remedy = ""): Finding {
  return { check, state, what, remedy };
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return finding("node", "ok", process.version);
  return finding("node", "bad", `${process.version} is too old`, "install Node 20.19 or later");
}

function machine(config: Config): Finding {
  const count = cpus().length;
  const load = loadavg()[0] ?? 0;
  const topology = chooseTopology(config.topology);
  const what = `${count} cores, load ${load.toFixed(2)}, ${topology} topology`;
  if (load <= count) return finding("cores", "ok", what);
  return finding("cores", "note", what, "other work competes; latency tails will not be ours");
}

function memory(): Finding {
  const what = `${gigabytes(freemem())} free of ${gigabytes(totalmem())}`;
  if (freemem() >= MEMORY_BYTES_MIN) return finding("memory", "ok", what);
  return finding("memory", "note", what, "an engine with its simulator wants about 1 GB");
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function core(): Finding {
  try {
    const build = loadBuild();
    Core.create(build, { roles: Role.Both });
    return finding("core", "ok", `core.wasm ${build.sha256.slice(0, 16)} starts`);
  } catch (error) {
    return finding("core", "bad", describeError(error), "run: npm run build");
  }
}

async function gateway(): Promise<Finding> {
  try {
    const server = await loadUws();
    if (typeof server !== "string") return finding("gateway", "ok", "uWebSockets.js loads");
    return finding("gateway", "note", server, "the gateway runs on ws, slower");
  } catch (error) {
    return finding("gateway", "bad", describeError(error));
  }
}

function port(config: Config): Promise<Finding> {
  const name = `${config.host}:${config.port}`;
  return new Promise((done) => {
    const server = createServer();
    server.once("error", (error) =>
      done(finding("port", "note", `${name}: ${error.message}`, "the next free port is used")),
    );
    server.listen(config.port, config.host, () => {
      server.close(() => done(finding("port", "ok", `${name} is free`)));
    });
  });
}

function dataDir(config: Config): Finding {
  try {
    mkdirSync(config.dataDir, { recursive: true });
    accessSync(config.dataDir, constants.W_OK);
    const disk = statfsSync(config.dataDir);
    const free = disk.bavail * disk.bsize;
    const what = `${config.dataDir} is writable, ${gigabytes(free)} free`;
    if (free >= DISK_BYTES_MIN) return finding("data", "ok", what);
    return finding("data", "bad", what, "free space, or set dataDir to a larger disk");
  } catch (error) {
    return finding("data", "bad", describeError(error), "set dataDir to a folder you may write");
  }
}

function journal(config: Config): Finding {
  const dir = join(config.dataDir, "journal");
  if (!existsSync(join(dir, "0"))) return finding("journal", "ok", "none yet");
  try {
    const stat = journalStat({ dir, stream: 0, hash: createHasher(loadBuild()) });
    if (!stat.isChainWhole) return finding("journal", "bad", stat.problem);
    if (isReserveSpent(config)) {
      const what = `${stat.records} records, no reserve for a full disk beside them`;
      return finding("journal", "note", what, reserveRemedy(config));
    }
    if (stat.cuts.length > 0) {
      const what = `${stat.cuts.length} files keep what recovery has cut (${stat.cuts.join(", ")})`;
      return finding("journal", "note", what, "look whether orders are missing, then remove them");
    }
    const torn = stat.tornBytes > 0 ? `, ${stat.tornBytes} torn bytes at the end` : "";
    return finding("journal", "ok", `${stat.records} records, ${gigabytes(stat.bytes)}${torn}`);
  } catch (error) {
    return finding("journal", "bad", describeError(error));
  }
}

function growth(config: Config): Finding {
  const dir = join(config.dataDir, "journal");
  if (!existsSync(join(dir, "0"))) return finding("growth", "ok", "no journal yet");
  try {
    const growths = growthOf(NODE_DISK, dir);
    const hours = hoursUntilFull(growths, NODE_DISK.free(dir), config.tickSegmentsMaxBytes);
    const isKnown = growths.some(({ bytesPerHour }) => bytesPerHour !== undefined);
    const when = isKnown ? hoursText(hours) : "too young to tell when the disk is full";
    const what = `${growthText(growths, config)}; ${when}`;
    if (hours >= HOURS_UNTIL_FULL_MIN) return finding("growth", "ok", what);
    const remedy = "free space, move dataDir to a larger disk, or lower tickSegmentsMaxBytes";
    return finding("growth", "note", what, remedy);
  } catch (error) {
    return finding("growth", "bad", describeError(error));
  }
}

function growthText(growths: readonly Growth[], config: Config): string {
  const cap = config.tickSegmentsMaxBytes;
  return growths
    .map(({ stream, bytes, bytesPerHour }) => {
      const kept = stream === 0 ? "all kept" : "ticks";
      const isCapped = stream > 0 && cap > 0;
      const most = isCapped ? `, at most ${gigabytes(cap)} kept` : "";
      const late = isCapped && config.snapshotRecords === 0 ? " once snapshots are taken" : "";
      const rate = bytesPerHour === undefined ? "rate unknown" : `${gigabytes(bytesPerHour)}/hour`;
      return `stream ${stream} (${kept}${most}${late}) ${gigabytes(bytes)}, ${rate}`;
    })
    .join(", ");
}

function hoursText(hours: number): string {
  if (hours === Infinity) return "no end in sight";
  return `disk full in ${hours < 100 ? hours.toFixed(1) : Math.round(hours)} hours`;
}
