// journal stat, journal verify: what a journal holds and whether it is whole.
//
// tidy: tested by test/src/cli/cli.test.ts
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

import { loadBuild } from "../core/build.ts";
import { createHasher } from "../core/hasher.ts";
import { AlphaError } from "../errors.ts";
import {
  formatStat,
  journalStat,
  journalVerify,
  type JournalStat,
  type StatOptions,
} from "../journal/stat.ts";
import { configOf, withConfigOptions } from "./main.ts";
import { ProgressBar } from "./progress.ts";

export function addJournalCommand(root: Command): void {
  const journal = root.command("journal").description("look into the journal of a data directory");
  addOne(journal, "stat", "segments, records by kind, time range, size", journalStat);
  addOne(
    journal,
    "verify",
    "read every block: checksums, chain, order; exit 1 at damage",
    journalVerify,
  );
}

function addOne(
  parent: Command,
  name: string,
  about: string,
  read: (options: StatOptions) => JournalStat,
): void {
  const command = parent
    .command(name)
    .description(about)
    .argument("[dir]", "folder of the journal (default: that of the data directory)")
    .option("--json", "for machines");
  withConfigOptions(command, ["dataDir"]).action(
    (dir: string | undefined, flags: Record<string, unknown>) => {
      const folder = dir ?? join(configOf(flags).dataDir, "journal");
      const hash = createHasher(loadBuild());
      const bar = new ProgressBar(name, flags["json"] !== true);
      const stats = streamsOf(folder).map((stream) => {
        const onProgress = (doneBytes: number, path: string): void =>
          bar.show(0, `${Math.round(doneBytes / 1e6)} MB ${path}`);
        return read({ dir: folder, stream, hash, onProgress });
      });
      bar.end();
      if (flags["json"] === true) process.stdout.write(`${JSON.stringify(stats, null, 2)}\n`);
      else for (const stat of stats) process.stdout.write(`${formatStat(stat)}\n`);
      if (stats.some((stat) => !stat.isChainWhole)) process.exitCode = 1;
    },
  );
}

/** Numbers of the streams below a journal folder. */
function streamsOf(folder: string): number[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const streams = names.filter((name) => /^\d+$/.test(name)).map(Number);
  if (streams.length > 0) return streams.sort((a, b) => a - b);
  throw new AlphaError(
    "JOURNAL_NOT_FOUND",
    `no journal in ${folder}`,
    "name its folder, or start an engine first",
  );
}
