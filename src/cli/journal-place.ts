// What all `journal` commands share: which journal and stream, points and ranges of it.
//
// tidy: tested by test/src/cli/journal-command.test.ts
import { join } from "node:path";
import { Option, type Command } from "commander";

import { loadBuild } from "../core/build.ts";
import { AlphaError } from "../errors.ts";
import type { JournalPoint } from "../journal/seek.ts";
import { streamsOf, Timeline } from "../oms/timeline.ts";
import { configOf, withConfigOptions } from "./main.ts";
import { ProgressBar } from "./progress.ts";
import { RecordText } from "./record-text.ts";
import { decodeBytes } from "../oms/state-query.ts";

export interface PlaceFlags extends Record<string, unknown> {
  json?: boolean;
  stream?: string;
  from?: string;
  to?: string;
}

/** How a point may be written, for help texts. */
export const POINT_HELP = `
A point is a sequence (41234), a time in UTC (2026-11-22T14:03:07.123Z, 2026-11-22), or "end".
The journal is read and never written: a running engine is not disturbed.`;

/** Adds the folder, the stream and `--json`. */
export function withPlace(command: Command): Command {
  command.argument("[dir]", "folder of the journal (default: that of the data directory)");
  return withPlaceOptions(command);
}

/** As `withPlace`, where arguments are taken by something else. */
export function withPlaceOptions(command: Command): Command {
  command.addOption(
    new Option(
      "--stream <number>",
      "core instance: 0 orders or inline, 1.. market workers",
    ).default("0"),
  );
  command.option("--json", "for machines");
  return withConfigOptions(command, ["dataDir"]);
}

/** Folder of the journal a command is about. */
export function folderOf(dir: string | undefined, flags: PlaceFlags): string {
  return dir ?? join(configOf(flags).dataDir, "journal");
}

/** The stream a command is about. */
export function timelineOf(dir: string | undefined, flags: PlaceFlags): Timeline {
  const stream = wholeOf(flags.stream ?? "0", "--stream");
  const folder = folderOf(dir, flags);
  streamsOf(folder);
  return new Timeline({ dir: folder, stream, build: loadBuild() });
}

/** A whole number of a flag; throws CONFIG_INVALID. */
export function wholeOf(text: string, flag: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (value >= 0) return value;
  throw new AlphaError(
    "CONFIG_INVALID",
    `${flag} "${text}" is no whole number`,
    "use 0, 1, 2, ...",
  );
}

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?Z?$/;

/** A sequence, a UTC time or "end"; throws CONFIG_INVALID. */
export function pointOf(text: string, what: string): JournalPoint | "end" {
  if (text === "end") return "end";
  if (/^\d{1,15}$/.test(text)) return { sequence: Number(text) };
  const [, date, minutes = "00:00", seconds = "00", fraction = ""] = TIME.exec(text) ?? [];
  const millis = date === undefined ? NaN : Date.parse(`${date}T${minutes}:${seconds}Z`);
  if (!Number.isNaN(millis)) {
    return { tsNanos: BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, "0")) };
  }
  const remedy = 'use a sequence (41234), a UTC time (2026-11-22T14:03:07.123Z) or "end"';
  throw new AlphaError("CONFIG_INVALID", `${what} "${text}" is no point of a journal`, remedy);
}

/** First and last sequence of `--from` and `--to`; throws JOURNAL_POINT. */
export function rangeOf(timeline: Timeline, flags: PlaceFlags): { from: number; to: number } {
  const { firstSequence, lastSequence } = timeline.range;
  const from = flags.from === undefined ? firstSequence : beginOf(timeline, flags.from);
  const to = flags.to === undefined ? lastSequence : endOf(timeline, flags.to);
  if (from <= to) return { from, to };
  const ends = `--from ${flags.from ?? "the beginning"} and --to ${flags.to ?? "the end"}`;
  const what = `no record lies between ${ends}`;
  const remedy = `the journal holds sequence ${firstSequence} to ${lastSequence}`;
  throw new AlphaError("JOURNAL_POINT", what, remedy);
}

/** The first record at or behind a point. */
function beginOf(timeline: Timeline, text: string): number {
  const point = pointOf(text, "--from");
  if (point === "end") return timeline.range.lastSequence;
  const { firstSequence, lastSequence, tsFirstNanos } = timeline.range;
  if ("sequence" in point) return Math.max(firstSequence, point.sequence);
  if (point.tsNanos <= tsFirstNanos) return firstSequence;
  const before = timeline.sequenceOf({ tsNanos: point.tsNanos - 1n });
  return Math.min(before + 1, lastSequence + 1);
}

/** The last record at or before a point. */
function endOf(timeline: Timeline, text: string): number {
  const point = pointOf(text, "--to");
  if (point === "end") return timeline.range.lastSequence;
  const { lastSequence, tsFirstNanos } = timeline.range;
  if ("sequence" in point) return Math.min(lastSequence, point.sequence);
  return point.tsNanos < tsFirstNanos ? 0 : timeline.sequenceOf(point);
}

/** A bar for work from one sequence to another; `show` takes the sequence reached. */
export function sequenceBar(
  label: string,
  from: number,
  to: number,
  isWanted: boolean,
): { show: (sequence: number) => void; end: () => void } {
  const bar = new ProgressBar(label, isWanted);
  const show = (sequence: number): void =>
    bar.show((sequence - from) / Math.max(1, to - from), `sequence ${sequence}`);
  return { show, end: () => bar.end() };
}

/** A printer that knows what was configured before a sequence. */
export function textAt(timeline: Timeline, sequence: number): RecordText {
  const text = new RecordText();
  for (const bytes of timeline.configuredAt(sequence).records()) text.learn(decodeBytes(bytes));
  return text;
}
