// backup run, backup verify, backup restore: a copy of the journal elsewhere, and the way back.
//
// Only journal and snapshots are copied: keys, tokens and configuration are not.
//
// tidy: tested by test/src/cli/backup-command.test.ts
import { join } from "node:path";
import type { Command } from "commander";

import { loadBuild } from "../core/build.ts";
import { createHasher } from "../core/hasher.ts";
import { AlphaError } from "../errors.ts";
import { backupJournal, type BackupReport } from "../journal/backup.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import { restoreBackup, verifyBackup, type BackupContent } from "../journal/restore.ts";
import { verifyDeep } from "../oms/deep-verify.ts";
import { Timeline } from "../oms/timeline.ts";
import { sequenceBar } from "./journal-place.ts";
import { configOf, withConfigOptions } from "./main.ts";
import { ProgressBar } from "./progress.ts";

interface BackupFlags extends Record<string, unknown> {
  json?: boolean;
  deep?: boolean;
  into?: string;
}

export function addBackupCommand(root: Command): void {
  const backup = root.command("backup").description("copy the journal elsewhere, and back");
  const run = backup
    .command("run")
    .description("copy what is new, read it back; beside a running engine or without one")
    .argument("[dir]", "folder of the backup (default: backupDir of the configuration)")
    .option("--json", "for machines");
  withConfigOptions(run, ["dataDir", "backupDir"]).action(runBackup);
  backup
    .command("verify")
    .description("read a backup back: every hash and chain; exit 1 at damage")
    .argument("<dir>", "folder of the backup")
    .option("--deep", "also replay it and print the state hashes at its last sequence")
    .option("--json", "for machines")
    .action(runVerify);
  backup
    .command("restore")
    .description("make the journal of a data folder from a backup; overwrites nothing")
    .argument("<dir>", "folder of the backup")
    .requiredOption("--into <dataDir>", "data folder that has no journal yet")
    .option("--json", "for machines")
    .action(runRestore);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function runBackup(dir: string | undefined, flags: BackupFlags): void {
  const { dataDir, backupDir } = configOf(flags);
  const to = dir ?? backupDir;
  if (to === "none") {
    const remedy = "name a folder: npx alphapulse backup run DIR, or set backupDir";
    throw new AlphaError("CONFIG_INVALID", "no folder for the backup is configured", remedy);
  }
  const report = withBar("backup", flags, (onProgress) =>
    backupJournal({ ...read(), from: join(dataDir, "journal"), to, onProgress }),
  );
  if (flags.json === true) return say(JSON.stringify(report, null, 2));
  say(reportText(report));
}

function runVerify(dir: string, flags: BackupFlags): void {
  const content = withBar("verify", flags, (onProgress) =>
    verifyBackup({ ...read(), dir, onProgress }),
  );
  const deep = flags.deep === true ? content.streams.map((one) => replay(dir, one, flags)) : [];
  if (flags.json === true) return say(JSON.stringify({ ...content, deep }, null, 2));
  say(contentText(content));
  for (const { stream, market, order } of deep) {
    say(`state      stream ${stream}: market ${market}, order ${order}`);
  }
  say("whole      every file is as it was written");
}

function runRestore(dir: string, flags: BackupFlags): void {
  const dataDir = flags.into as string;
  const report = withBar("restore", flags, (onProgress) =>
    restoreBackup({ ...read(), dir, into: join(dataDir, "journal"), onProgress }),
  );
  if (flags.json === true) return say(JSON.stringify(report, null, 2));
  say(contentText(report));
  say(`restored   ${report.into}, read back and whole`);
  say(`next       npx alphapulse start --data-dir ${dataDir}`);
  say("           what came after the last sequence is lost: compare orders with the venues");
  say("           keys are not part of a backup: clients get new ones at that start");
}

function read(): { disk: typeof NODE_DISK; hash: (bytes: Uint8Array) => bigint } {
  return { disk: NODE_DISK, hash: createHasher(loadBuild()) };
}

function withBar<T>(
  label: string,
  flags: BackupFlags,
  act: (onProgress: (done: number, total: number, path: string) => void) => T,
): T {
  const bar = new ProgressBar(label, flags.json !== true);
  try {
    return act((done, total, path) => bar.show(done / Math.max(1, total), path));
  } finally {
    bar.end();
  }
}

function replay(
  dir: string,
  { stream, firstSequence, lastSequence, hole }: BackupContent["streams"][number],
  flags: BackupFlags,
): { stream: number; market: string; order: string } {
  if (hole !== "") {
    const what = `stream ${stream} of ${dir} has a hole: ${hole}`;
    throw new AlphaError(
      "BACKUP_HOLE",
      what,
      "restore it, then: npx alphapulse journal verify --deep",
    );
  }
  const bar = sequenceBar("replay", firstSequence, lastSequence, flags.json !== true);
  try {
    const { market, order } = verifyDeep(
      new Timeline({ dir, stream, build: loadBuild() }),
      bar.show,
    );
    return { stream, market, order };
  } finally {
    bar.end();
  }
}

/** A report in lines: what was copied, where each stream ends, what was passed by. */
export function reportText(report: BackupReport): string {
  const { dir, copiedFiles, copiedBytes, bytes, millis, streams, skipped } = report;
  return [
    `backup     ${dir}, ${megabytes(bytes)}`,
    `copied     ${copiedFiles} files, ${megabytes(copiedBytes)} in ${(millis / 1000).toFixed(1)} s`,
    ...streams.map((one) => `stream ${one.stream}   up to sequence ${one.lastSequence}`),
    ...skipped.map((one) => `skipped    ${one}`),
  ].join("\n");
}

function contentText({ dir, createdAtUtc, bytes, streams }: BackupContent): string {
  return [
    `backup     ${dir} of ${createdAtUtc}, ${megabytes(bytes)}`,
    ...streams.map((one) => {
      const hole = one.hole === "" ? "" : `; older files are of no use, ${one.hole}`;
      const files = `${one.segments} segments, ${one.snapshots} snapshots`;
      const range = `sequence ${one.firstSequence} to ${one.lastSequence}`;
      return `stream ${one.stream}   ${range}, ${files}${hole}`;
    }),
  ].join("\n");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
