// journal export: records of a range as CSV, JSON lines or a journal of their own.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { Option, type Command } from "commander";

import { AlphaError } from "../errors.ts";
import { formatNanos } from "../journal/stat.ts";
import { writeSlice } from "../journal/slice.ts";
import type { Timeline } from "../oms/timeline.ts";
import { layoutOf, type DecodedRecord, type FieldValue } from "../protocol.ts";
import { jsonLine, records, withFilter, type FilterFlags } from "./journal-dump.ts";
import {
  POINT_HELP,
  rangeOf,
  sequenceBar,
  textAt,
  timelineOf,
  withPlace,
} from "./journal-place.ts";
import { toJson } from "./record-text.ts";

interface ExportFlags extends FilterFlags {
  format: "csv" | "jsonl" | "journal";
  out: string;
}

const HELP = `${POINT_HELP}
  csv      one line a record, a column for every field of the kinds in the range, raw integers
  jsonl    one JSON object a line, as dump --json prints it
  journal  a folder with the range's blocks, byte for byte: stat, verify and dump read it, and a
           slice from the first record on also replays (hash, at, fork)
No secret can be in an export, because none is in a journal: keys, tokens and signatures are checked
at the gateway and never become records; a session is there as a number.`;

const HEAD = ["sequence", "time", "kind", "symbol", "instrument", "flags", "cause"] as const;

export function addExport(journal: Command): void {
  const command = withPlace(
    journal.command("export").description("records of a range as CSV, JSON lines or a journal"),
  );
  const formats = new Option("--format <name>", "what to write").choices([
    "csv",
    "jsonl",
    "journal",
  ]);
  withFilter(command)
    .addOption(formats.default("jsonl"))
    .requiredOption("--out <path>", "file to write, or folder of the new journal; must be new")
    .addHelpText("after", HELP)
    .action((dir: string | undefined, flags: ExportFlags) => {
      const timeline = timelineOf(dir, flags);
      const { from, to } = rangeOf(timeline, flags);
      const said =
        flags.format === "journal"
          ? exportSlice(timeline, from, to, flags)
          : exportText(timeline, from, to, flags);
      const text = `${said.count} written to ${said.path}, sequence ${said.from} to ${said.to}`;
      process.stdout.write(flags.json === true ? `${toJson(said)}\n` : `${text}\n`);
    });
}

interface Exported {
  path: string;
  count: string;
  from: number;
  to: number;
}

function exportSlice(timeline: Timeline, from: number, to: number, flags: ExportFlags): Exported {
  if (flags.kind !== undefined || flags.instrument !== undefined || flags.account !== undefined) {
    const what = "a journal without some of its records has no chain and no meaning";
    throw new AlphaError("CONFIG_INVALID", what, "leave the filters out, or use csv or jsonl");
  }
  const bar = sequenceBar("export", from, to, flags.json !== true);
  const { place } = timeline;
  const blocks = function* () {
    for (const block of timeline.blocks(from, to)) {
      bar.show(block.header.firstSequence);
      yield block;
    }
  };
  const report = writeSlice(place, blocks(), flags.out);
  bar.end();
  const { firstSequence, lastSequence } = report;
  return {
    path: flags.out,
    count: `${report.blocks} blocks`,
    from: firstSequence,
    to: lastSequence,
  };
}

function exportText(timeline: Timeline, from: number, to: number, flags: ExportFlags): Exported {
  if (existsSync(flags.out)) {
    const what = `${flags.out} is there already`;
    throw new AlphaError("EXPORT_EXISTS", what, "name another file, or move that one away");
  }
  const isCsv = flags.format === "csv";
  const columns = isCsv ? columnsOf(timeline, from, to, flags) : [];
  const text = textAt(timeline, from - 1);
  const fd = openSync(flags.out, "wx");
  let count = 0;
  let held = isCsv ? `${[...HEAD, ...columns].join(",")}\n` : "";
  try {
    for (const record of records(timeline, from, to, text, flags)) {
      count += 1;
      const symbol = text.symbol(record.instrument);
      held += `${isCsv ? csvLine(record, symbol, columns) : jsonLine(record, text)}\n`;
      if (held.length < 1 << 16) continue;
      writeSync(fd, held);
      held = "";
    }
    writeSync(fd, held);
  } finally {
    closeSync(fd);
  }
  return { path: flags.out, count: `${count} records`, from, to };
}

/** Fields of the kinds that are there, in the order of first appearance. */
function columnsOf(timeline: Timeline, from: number, to: number, flags: ExportFlags): string[] {
  const kinds = new Set<number>();
  for (const { kind } of records(timeline, from, to, textAt(timeline, from - 1), flags)) {
    kinds.add(kind);
  }
  const names = new Set<string>();
  for (const kind of kinds) {
    for (const name of Object.keys(layoutOf(kind)?.fields ?? {})) names.add(name);
  }
  return [...names];
}

function csvLine(record: DecodedRecord, symbol: string, columns: readonly string[]): string {
  const time = formatNanos(String(record.tsEngineNanos));
  const { sequence, name, instrument, flags, cause } = record;
  const head = [sequence, time, name, symbol, instrument, flags, cause];
  return [...head, ...columns.map((column) => record[column])].map(csvCell).join(",");
}

function csvCell(value: FieldValue | undefined): string {
  if (value === undefined) return "";
  const text = Array.isArray(value) ? toJson(value) : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
