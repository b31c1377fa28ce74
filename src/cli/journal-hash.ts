// journal hash: the state hashes at a point, or at every so many records, to compare two machines.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import type { Command } from "commander";

import type { Core } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import { hashesOf, timeText, type Timeline } from "../oms/timeline.ts";
import {
  POINT_HELP,
  pointOf,
  sequenceBar,
  timelineOf,
  wholeOf,
  withPlace,
  type PlaceFlags,
} from "./journal-place.ts";

interface HashFlags extends PlaceFlags {
  at: string;
  every?: string;
  whole?: boolean;
}

interface HashLine {
  sequence: number;
  time: string;
  market: string;
  order: string;
}

export function addHash(journal: Command): void {
  withPlace(journal.command("hash").description("state hashes, to compare two machines or builds"))
    .option("--at <point>", "a sequence or a time", "end")
    .option("--every <records>", "also at every multiple of so many records, from the first one on")
    .option("--whole", "replay from the first record, whatever snapshots there are")
    .addHelpText("after", `${POINT_HELP}\nEqual inputs give equal hashes on every machine.`)
    .action((dir: string | undefined, flags: HashFlags) => {
      const timeline = timelineOf(dir, flags);
      const isJson = flags.json === true;
      const lines: HashLine[] = [];
      hashLines(timeline, flags, (line) => {
        lines.push(line);
        if (isJson) return;
        const { sequence, time, market, order } = line;
        process.stdout.write(`${sequence}  ${time}  market ${market}  order ${order}\n`);
      });
      if (isJson) process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`);
    });
}

function hashLines(timeline: Timeline, flags: HashFlags, say: (line: HashLine) => void): void {
  const sequence = timeline.sequenceOf(pointOf(flags.at, "--at"));
  const every = flags.every === undefined ? undefined : wholeOf(flags.every, "--every");
  if (every === 0) {
    throw new AlphaError("CONFIG_INVALID", "--every 0 has no end", "use 1 or more records");
  }
  const bar = sequenceBar("hash", timeline.range.firstSequence, sequence, flags.json !== true);
  let last = 0;
  const tell = (core: Core): void => {
    bar.end();
    last = core.sequence;
    say({ sequence: last, time: timeText(core.tsEngineNanos), ...hashesOf(core) });
  };
  // Two machines have their snapshots at different places: the stops must not depend on them.
  const isWhole = flags.whole === true || every !== undefined;
  try {
    const { core } = timeline.stateAt(sequence, {
      begin: isWhole ? "none" : "newest",
      onBlock: bar.show,
      ...(every === undefined ? {} : { every, onStop: tell }),
    });
    if (last !== core.sequence) tell(core);
  } finally {
    bar.end();
  }
}
