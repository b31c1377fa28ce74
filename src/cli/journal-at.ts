// journal at: the state behind one record of a journal, in words, as records, or over HTTP.
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
import { portOf, serveState } from "./journal-serve.ts";
import { toJson } from "./record-text.ts";
import { stateLines } from "./state-text.ts";

interface AtFlags extends PlaceFlags {
  serve?: string;
}

const SERVE_HELP = `
--serve answers GET / with what --json prints, /accounts, /positions, /orders and /prices with these
records alone. It is the state of that point: it does not follow the journal.`;

export function addAt(journal: Command): void {
  const command = journal
    .command("at")
    .description("the state at a point: accounts, positions, orders, limits, best prices")
    .argument("<point>", "a sequence, a UTC time or end")
    .argument("[dir]", "folder of the journal (default: that of the data directory)");
  withPlaceOptions(command)
    .option("--serve <port>", "as JSON over HTTP on 127.0.0.1 until Ctrl-C, 0 = a free port")
    .addHelpText("after", `${POINT_HELP}\nThe state is rebuilt from the newest snapshot before it.`)
    .addHelpText("after", SERVE_HELP)
    .action(async (point: string, dir: string | undefined, flags: AtFlags) => {
      const port = flags.serve === undefined ? undefined : portOf(flags.serve);
      const timeline = timelineOf(dir, flags);
      const sequence = timeline.sequenceOf(pointOf(point, "point"));
      const state = reach(timeline, sequence, flags.json !== true);
      const head = headOf(timeline, state);
      const view = viewState(state);
      if (port !== undefined) return await serve(head, view, port, flags.json === true);
      process.stdout.write(flags.json === true ? jsonOf(head, view) : textOf(head, view));
    });
}

/** Serves the state until the process is told to end. */
async function serve(head: Head, view: StateView, port: number, isJson: boolean): Promise<void> {
  const { accounts, tops } = view;
  const documents = new Map([
    ["/", jsonOf(head, view)],
    ["/accounts", list(accounts)],
    ["/positions", list(accounts.flatMap(({ positions }) => positions))],
    ["/orders", list(accounts.flatMap(({ orders }) => orders))],
    ["/prices", list(tops)],
  ]);
  const server = await serveState(documents, port);
  const ended = new Promise<void>((end) => {
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
  });
  const paths = [...documents.keys()];
  const line = `served    ${server.url} until Ctrl-C: ${paths.join(" ")}`;
  const text = isJson
    ? toJson({ ...head, url: server.url, paths })
    : [...headLines(head), line].join("\n");
  process.stdout.write(`${text}\n`);
  await ended;
  await server.close();
}

function list(records: readonly unknown[]): string {
  return `${toJson(records, 2)}\n`;
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
  return `${[...headLines(head), ...stateLines(view)].join("\n")}\n`;
}

function headLines(head: Head): string[] {
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
  return lines;
}
