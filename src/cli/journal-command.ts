// journal stat, journal verify: what a journal holds and whether it is whole; and the other
// commands of the journal, wired.
//
// tidy: tested by test/src/cli/cli.test.ts
import type { Command } from "commander";

import { loadBuild } from "../core/build.ts";
import { createHasher } from "../core/hasher.ts";
import {
  formatStat,
  journalStat,
  journalVerify,
  type JournalStat,
  type StatOptions,
} from "../journal/stat.ts";
import { verifyDeep, type DeepReport } from "../oms/deep-verify.ts";
import { streamsOf, Timeline } from "../oms/timeline.ts";
import { addAt } from "./journal-at.ts";
import { addDump } from "./journal-dump.ts";
import { addExport } from "./journal-export.ts";
import { addFork } from "./journal-fork.ts";
import { addHash } from "./journal-hash.ts";
import { addSkip } from "./journal-skip.ts";
import { folderOf, sequenceBar, type PlaceFlags } from "./journal-place.ts";
import { withConfigOptions } from "./main.ts";
import { ProgressBar } from "./progress.ts";

interface StatFlags extends PlaceFlags {
  deep?: boolean;
}

export function addJournalCommand(root: Command): void {
  const journal = root.command("journal").description("look into the journal of a data directory");
  addStat(journal, "stat", "segments, records by kind, time range, size", journalStat);
  addStat(
    journal,
    "verify",
    "read every block: checksums, chain, order; exit 1 at damage",
    journalVerify,
  ).option("--deep", "also replay it all against its checkpoints and the snapshots beside it");
  addDump(journal);
  addHash(journal);
  addAt(journal);
  addExport(journal);
  addSkip(journal);
  addFork(journal);
}

function addStat(
  parent: Command,
  name: string,
  about: string,
  read: (options: StatOptions) => JournalStat,
): Command {
  const command = parent
    .command(name)
    .description(about)
    .argument("[dir]", "folder of the journal (default: that of the data directory)")
    .option("--json", "for machines");
  return withConfigOptions(command, ["dataDir"]).action(
    (dir: string | undefined, flags: StatFlags) => {
      const folder = folderOf(dir, flags);
      const streams = streamsOf(folder);
      const isJson = flags.json === true;
      const stats = streams.map((stream) => readStream(name, folder, stream, isJson, read));
      const deep = flags.deep === true ? streams.map((one) => deepOf(folder, one, isJson)) : [];
      if (isJson) {
        const merged = stats.map((stat, at) => ({ ...stat, ...(deep[at] && { deep: deep[at] }) }));
        process.stdout.write(`${JSON.stringify(merged, null, 2)}\n`);
      } else {
        for (const stat of stats) process.stdout.write(`${formatStat(stat)}\n`);
        for (const report of deep) process.stdout.write(`${formatDeep(report)}\n`);
      }
      const isBad = deep.some(({ snapshots }) => snapshots.some(({ problem }) => problem !== ""));
      if (isBad || stats.some((stat) => !stat.isChainWhole)) process.exitCode = 1;
    },
  );
}

function readStream(
  name: string,
  dir: string,
  stream: number,
  isJson: boolean,
  read: (options: StatOptions) => JournalStat,
): JournalStat {
  const hash = createHasher(loadBuild());
  const bar = new ProgressBar(name, !isJson);
  const onProgress = (doneBytes: number, path: string): void =>
    bar.show(0, `${Math.round(doneBytes / 1e6)} MB ${path}`);
  try {
    return read({ dir, stream, hash, onProgress });
  } finally {
    bar.end();
  }
}

function deepOf(dir: string, stream: number, isJson: boolean): DeepReport {
  const timeline = new Timeline({ dir, stream, build: loadBuild() });
  const { firstSequence, lastSequence } = timeline.range;
  const bar = sequenceBar("replay", firstSequence, lastSequence, !isJson);
  try {
    return verifyDeep(timeline, bar.show);
  } finally {
    bar.end();
  }
}

/** The answer of a deep verify: what was replayed, and one line a snapshot. */
function formatDeep(report: DeepReport): string {
  const from = report.begunFrom === "" ? "the first record" : report.begunFrom;
  return [
    `replayed   stream ${report.stream}, ${report.records} records from ${from}`,
    `state      market ${report.market}, order ${report.order}`,
    `checkpoint ${report.checkpoints} compared, all agree`,
    ...report.snapshots.map(({ path, sequence, problem, passedBy }) => {
      if (problem !== "") return `snapshot   BROKEN ${path}: ${problem}; remove it`;
      if (passedBy !== "") return `snapshot   not compared, ${path}: ${passedBy}`;
      return `snapshot   agrees at sequence ${sequence}, ${path}`;
    }),
    ...(report.isOtherBuild ? ["note       another build wrote a part of this journal"] : []),
  ].join("\n");
}
