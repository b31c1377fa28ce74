// upgrade check: does another build answer this journal as this one does?
//
// tidy: tested by test/src/oms/upgrade.test.ts
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

import { compileBuild } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import { compareBuilds, type BuildDifference, type UpgradeReport } from "../oms/upgrade.ts";
import type { Timeline } from "../oms/timeline.ts";
import {
  POINT_HELP,
  pointOf,
  sequenceBar,
  textAt,
  timelineOf,
  withPlace,
  type PlaceFlags,
} from "./journal-place.ts";
import { toJson } from "./record-text.ts";

interface CheckFlags extends PlaceFlags {
  against: string;
}

const HELP = `${POINT_HELP}

The journal is replayed through both builds side by side, from its first record on. The exit code is
0 when every output and both states are equal, 1 at the first difference, which is shown.`;

export function addUpgradeCommand(root: Command): void {
  const upgrade = root.command("upgrade").description("before another build takes over a journal");
  const command = upgrade
    .command("check")
    .description("replay a journal in two builds, show the first event that differs");
  withPlace(command)
    .requiredOption("--against <path>", "the other build: a core.wasm, or a checkout that is built")
    .option("--to <point>", "last record: a sequence or a time (default: the last there is)")
    .addHelpText("after", HELP)
    .action(async (dir: string | undefined, flags: CheckFlags) => {
      const theirs = await otherBuild(flags.against);
      const timeline = timelineOf(dir, flags);
      const to = timeline.sequenceOf(pointOf(flags.to ?? "end", "--to"));
      const bar = sequenceBar("check", timeline.range.firstSequence, to, flags.json !== true);
      let report: UpgradeReport;
      try {
        report = compareBuilds(timeline, theirs, to, bar.show);
      } finally {
        bar.end();
      }
      const said = flags.json === true ? toJson(report, 2) : textOf(report, timeline);
      process.stdout.write(`${said}\n`);
      if (report.difference !== undefined) process.exitCode = 1;
    });
}

/** A core by its file, or that of a checkout; throws CORE_MISSING, CORE_INVALID. */
async function otherBuild(path: string) {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const file = isFolder ? join(path, "build", "core.wasm") : path;
  if (existsSync(file)) return compileBuild(new Uint8Array(readFileSync(file)));
  const remedy = isFolder ? "build that checkout: npm run build" : "name a core.wasm or a checkout";
  throw new AlphaError("CORE_MISSING", `${file} does not exist`, remedy);
}

function textOf(report: UpgradeReport, timeline: Timeline): string {
  const { difference, ourHash, theirHash, records } = report;
  const [ours, theirs] = [report.ours.slice(0, 16), report.theirs.slice(0, 16)];
  const lines = [
    `this build   ${ours}: market ${ourHash.market}, order ${ourHash.order}`,
    `other build  ${theirs}: market ${theirHash.market}, order ${theirHash.order}`,
  ];
  if (difference === undefined) return [...lines, `equal over ${records} records`].join("\n");
  return [...lines, ...differenceLines(difference, timeline)].join("\n");
}

function differenceLines(difference: BuildDifference, timeline: Timeline): string[] {
  const { sequence, input, ours, theirs, ourFault, theirFault, isState } = difference;
  const text = textAt(timeline, sequence);
  const said = (name: string, records: BuildDifference["ours"], fault: string): string[] => [
    ...(records.length === 0 ? [`  ${name}  said nothing`] : []),
    ...records.map((one) => `  ${name}  ${text.line(one)}`),
    ...(fault === "" ? [] : [`  ${name}  stopped: ${fault}`]),
  ];
  const what = isState ? "the states differ behind" : "the first difference is at";
  return [
    `${what} #${sequence}`,
    `  input  ${input === undefined ? "is not in the journal" : text.line(input)}`,
    ...said("this ", ours, ourFault),
    ...said("other", theirs, theirFault),
    ...(isState ? ["  both said the same; what they keep is not"] : []),
  ];
}
