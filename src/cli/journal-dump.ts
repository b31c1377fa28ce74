// journal dump: the records of a range as lines; journal export: the same range as a file.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import type { Command } from "commander";

import {
  BLOCK_HEADER_BYTES,
  Kind,
  REC_INSTRUMENT,
  REC_KIND,
  REC_SEQUENCE,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { formatNanos } from "../journal/stat.ts";
import type { Timeline } from "../oms/timeline.ts";
import { recordBytes, type DecodedRecord } from "../protocol.ts";
import {
  POINT_HELP,
  rangeOf,
  sequenceBar,
  textAt,
  timelineOf,
  wholeOf,
  withPlace,
  type PlaceFlags,
} from "./journal-place.ts";
import { decodeAny, toJson, type RecordText } from "./record-text.ts";

/** Lines of a dump that nobody bounded. */
const LINES_DEFAULT = 1000;

export interface FilterFlags extends PlaceFlags {
  kind?: string[];
  instrument?: string;
  account?: string;
}

interface DumpFlags extends FilterFlags {
  limit: string;
}

/** Adds the range and what may be left out. */
export function withFilter(command: Command): Command {
  return command
    .option("--from <point>", "first record: a sequence or a time (default: the first there is)")
    .option("--to <point>", "last record: a sequence or a time (default: the last there is)")
    .option("--kind <names...>", "only these kinds: Trade OrderNew VenueFill ...")
    .option("--instrument <id>", "only this instrument: its symbol or number")
    .option("--account <number>", "only records that name this account");
}

export function addDump(journal: Command): void {
  const command = withPlace(
    journal.command("dump").description("the records of a journal as lines, with their fields"),
  );
  withFilter(command)
    .option("--limit <count>", "lines at most, 0 = all", String(LINES_DEFAULT))
    .addHelpText("after", POINT_HELP)
    .action((dir: string | undefined, flags: DumpFlags) => {
      dump(timelineOf(dir, flags), flags);
    });
}

function dump(timeline: Timeline, flags: DumpFlags): void {
  const limit = wholeOf(flags.limit, "--limit") || Infinity;
  const { from, to } = rangeOf(timeline, flags);
  const text = textAt(timeline, from - 1);
  const isJson = flags.json === true;
  let lines = 0;
  let last = 0n;
  let held = "";
  const flush = (): void => {
    process.stdout.write(held);
    held = "";
  };
  for (const record of records(timeline, from, to, text, flags)) {
    if (lines === limit) {
      flush();
      const next = `--from ${record.sequence}, or --limit 0 for all`;
      const more = `${limit} lines shown; go on with ${next}\n`;
      // The lines of --json stay records only.
      (isJson ? process.stderr : process.stdout).write(more);
      return;
    }
    lines += 1;
    last = record.sequence;
    held += `${isJson ? jsonLine(record, text) : text.line(record)}\n`;
    if (held.length > 1 << 16) flush();
  }
  flush();
  if (isJson) return;
  const found = lines === 0 ? "no record found" : `records shown: ${lines}, the last is #${last}`;
  process.stdout.write(`${found}; sequence ${from} to ${to} was read to its end\n`);
}

/** A record as one line of JSON: raw integers, and the time and symbol as text. */
export function jsonLine(record: DecodedRecord, text: RecordText): string {
  const time = formatNanos(String(record.tsEngineNanos));
  return toJson({ ...record, time, symbol: text.symbol(record.instrument) });
}

/** Records of a range that pass the filter; shows a bar where nothing is printed for long. */
export function* records(
  timeline: Timeline,
  from: number,
  to: number,
  text: RecordText,
  flags: FilterFlags,
): Generator<DecodedRecord, void> {
  const kinds = kindsOf(flags.kind);
  const account = flags.account === undefined ? undefined : wholeOf(flags.account, "--account");
  const bar = sequenceBar("journal", from, to, flags.json !== true && !process.stdout.isTTY);
  try {
    for (const { header, bytes } of timeline.blocks(from, to)) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
        const sequence = Number(view.getBigUint64(at + REC_SEQUENCE, true));
        if (sequence < from || sequence > to) continue;
        const kind = view.getUint16(at + REC_KIND, true);
        if (kind >> 8 === 0x02) text.learn(decodeAny(view, at));
        if (kinds !== undefined && !kinds.has(kind)) continue;
        const instrument = instrumentOf(flags.instrument, text);
        if (instrument !== undefined && view.getUint32(at + REC_INSTRUMENT, true) !== instrument)
          continue;
        const record = decodeAny(view, at);
        if (account === undefined || accountOf(record) === account) yield record;
      }
      bar.show(header.firstSequence);
    }
  } finally {
    bar.end();
  }
}

function accountOf(record: DecodedRecord): unknown {
  return record.kind === (Kind.Account as number) ? record["id"] : record["account"];
}

/** Numbers of kinds by name, whatever the case; throws CONFIG_INVALID. */
function kindsOf(names: readonly string[] | undefined): Set<number> | undefined {
  if (names === undefined) return undefined;
  const known = Object.entries(Kind).filter(([, value]) => typeof value === "number");
  const kinds = names
    .flatMap((one) => one.split(","))
    .map((name) => {
      const found = known.find(([one]) => one.toLowerCase() === name.toLowerCase());
      if (found !== undefined) return Number(found[1]);
      const remedy = "kinds are counted by: alphapulse journal stat";
      throw new AlphaError("CONFIG_INVALID", `--kind "${name}" is no kind of record`, remedy);
    });
  return new Set(kinds);
}

/** Number of `--instrument`; undefined when all are wanted, -1 while its spec was not met. */
function instrumentOf(wanted: string | undefined, text: RecordText): number | undefined {
  if (wanted === undefined) return undefined;
  if (/^\d+$/.test(wanted)) return Number(wanted);
  for (const [id, { symbol }] of text.specs) if (symbol === wanted) return id;
  return -1;
}
