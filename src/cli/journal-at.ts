// journal at: the state behind one record of a journal, in words or as records.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import type { Command } from "commander";

import { viewState, type StateView } from "../oms/state-query.ts";
import { hashesOf, timeText, type StateAt, type Timeline } from "../oms/timeline.ts";
import {
  POINT_HELP,
  pointOf,
  sequenceBar,
  timelineOf,
  withPlaceOptions,
  type PlaceFlags,
} from "./journal-place.ts";
import { toJson } from "./record-text.ts";
import { stateLines } from "./state-text.ts";

export function addAt(journal: Command): void {
  const command = journal
    .command("at")
    .description("the state at a point: accounts, positions, orders, limits, best prices")
    .argument("<point>", "a sequence, a UTC time or end")
    .argument("[dir]", "folder of the journal (default: that of the data directory)");
  withPlaceOptions(command)
    .addHelpText("after", `${POINT_HELP}\nThe state is rebuilt from the newest snapshot before it.`)
    .action((point: string, dir: string | undefined, flags: PlaceFlags) => {
      const timeline = timelineOf(dir, flags);
      const sequence = timeline.sequenceOf(pointOf(point, "point"));
      const state = reach(timeline, sequence, flags.json !== true);
      const head = headOf(timeline, state);
      const view = viewState(state);
      process.stdout.write(flags.json === true ? jsonOf(head, view) : textOf(head, view));
    });
}

function reach(timeline: Timeline, sequence: number, isShown: boolean): StateAt {
  const bar = sequenceBar("at", timeline.range.firstSequence, sequence, isShown);
  try {
    return timeline.stateAt(sequence, { onBlock: bar.show });
  } finally {
    bar.end();
  }
}

interface Head {
  stream: number;
  sequence: number;
  lastSequence: number;
  time: string;
  hash: { market: string; order: string };
  /** File the replay began from; "" for the first record. */
  snapshot: string;
  replayed: number;
  refused: string[];
  isOtherBuild: boolean;
}

/** Before the core is asked, which changes its state. */
function headOf(timeline: Timeline, { core, recovery, isOtherBuild }: StateAt): Head {
  return {
    ...{ stream: timeline.stream, sequence: core.sequence },
    lastSequence: timeline.range.lastSequence,
    time: timeText(core.tsEngineNanos),
    hash: hashesOf(core),
    snapshot: recovery.snapshot?.path ?? "",
    replayed: recovery.records,
    refused: recovery.refused,
    isOtherBuild,
  };
}

function jsonOf(head: Head, { accounts, tops, specs, currencies }: StateView): string {
  const lists = { instruments: [...specs.values()], currencies: [...currencies.values()] };
  return `${toJson({ ...head, accounts, books: tops, ...lists }, 2)}\n`;
}

function textOf(head: Head, view: StateView): string {
  const from = head.snapshot === "" ? "the first record" : head.snapshot;
  const place = `sequence ${head.sequence} of ${head.lastSequence}`;
  const lines = [
    `state     ${place}, ${head.time}, stream ${head.stream}`,
    `hash      market ${head.hash.market}, order ${head.hash.order}`,
    `rebuilt   from ${from}, ${head.replayed} records replayed`,
    ...head.refused.map((one) => `note      snapshot not used, ${one}`),
  ];
  if (head.isOtherBuild) {
    lines.push(
      "note      another build wrote a part of this journal: see alphapulse upgrade check",
    );
  }
  return `${[...lines, ...stateLines(view)].join("\n")}\n`;
}
