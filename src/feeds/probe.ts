// What a recorded file is, from its first bytes: format, venue, instruments and their decimals.
//
// Looking is cheap and wrong only loudly: a later line that does not fit the inferred steps is
// refused and counted, never rounded. A file of neither format is read as a capture, so that the
// user sees its lines refused with reasons instead of one vague error.
import { basename } from "node:path";
import { AlphaError } from "../errors.ts";
import { ByteSource } from "./byte-source.ts";
import {
  inferredInstrument,
  type InstrumentInfo,
  knownInstrument,
  splitName,
  Venue,
} from "./instruments.ts";
import type { FileFormat } from "./parser.ts";

/** Decompressed bytes looked at. */
export const PROBE_BYTES_MAX = 1_048_576;

/** What the user says about a file, where guessing would be wrong. */
export interface ProbeOptions {
  venue?: Venue;
  /** Name of a CSV file's instrument. */
  name?: string;
  /** Digits of a CSV time, as ChunkOptions.timeDigits. */
  timeDigits?: 0 | 10 | 13 | 16 | 19;
  /** Id of the first instrument found; the next ones count on. */
  firstId?: number;
}

/** A recorded file and what is in it. */
export interface ProbedFile {
  path: string;
  format: FileFormat;
  venue: Venue;
  timeDigits: 0 | 10 | 13 | 16 | 19;
  instruments: InstrumentInfo[];
}

interface Seen {
  price: number;
  qty: number;
}

/**
 * Looks at the first megabyte of each file. The same venue and name in two files is one instrument.
 * Throws FEED_FILE_MISSING, FEED_FILE_UNREADABLE.
 */
export async function probeFiles(
  paths: readonly string[],
  options: ProbeOptions = {},
): Promise<ProbedFile[]> {
  if (paths.length === 0) {
    throw new AlphaError("FEED_NO_FILES", "no file was given to replay", "name at least one file");
  }
  const found: InstrumentInfo[] = [];
  const files: ProbedFile[] = [];
  for (const path of paths) files.push(await probeFile(path, options, found));
  return files;
}

async function probeFile(
  path: string,
  options: ProbeOptions,
  found: InstrumentInfo[],
): Promise<ProbedFile> {
  const lines = await firstLines(path);
  const format: FileFormat = lines.some((line) => /^\d{10,19} \{/.test(line))
    ? "binance"
    : lines.some((line) => /^\d{10,19},/.test(line))
      ? "csv"
      : "binance";
  const seen = format === "csv" ? seenInCsv(lines, nameOf(path, options)) : new Map<string, Seen>();
  const guess = format === "csv" ? Venue.File : seenInCapture(lines, seen);
  const venue = options.venue ?? (guess === Venue.None ? venueOfName(path) : guess);
  const instruments = [...seen].map(([name, decimals]) => {
    const known = found.find((one) => one.venue === (venue as number) && one.name === name);
    if (known !== undefined) return known;
    const id = (options.firstId ?? 1) + found.length;
    const info =
      knownInstrument(venue, name, id) ??
      inferredInstrument(venue, name, id, decimals.price, decimals.qty);
    found.push(info);
    return info;
  });
  return { path, format, venue, timeDigits: options.timeDigits ?? 0, instruments };
}

/** Whole lines of the file's beginning; a cut file gives what is there. */
async function firstLines(path: string): Promise<string[]> {
  const source = await ByteSource.open(path);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    while (bytes < PROBE_BYTES_MAX) {
      const part = await source.next();
      if (part === undefined) break;
      parts.push(part);
      bytes += part.length;
    }
  } finally {
    await source.close();
  }
  const text = Buffer.concat(parts).subarray(0, PROBE_BYTES_MAX).toString("latin1");
  const lines = text.split(/\r?\n/);
  const isWhole = bytes < PROBE_BYTES_MAX;
  return isWhole || lines.length === 1 ? lines : lines.slice(0, -1);
}

/** Collects names and decimals; returns the venue the messages' shape speaks for. */
function seenInCapture(lines: string[], seen: Map<string, Seen>): Venue {
  let venue = Venue.None;
  for (const line of lines) {
    const message = messageOf(line);
    const name = message?.["s"] ?? message?.["symbol"];
    if (message === undefined || typeof name !== "string") continue;
    if ("ps" in message) venue = Venue.BinanceCoinm;
    else if (venue !== Venue.BinanceCoinm && ("pu" in message || message["X"] === "MARKET")) {
      venue = Venue.BinanceUsdm;
    } else if (venue === Venue.None && "U" in message) venue = Venue.BinanceSpot;
    else if (venue === Venue.None && "M" in message) venue = Venue.BinanceSpot;
    const decimals = seen.get(name) ?? { price: 0, qty: 0 };
    for (const [price, qty] of pairsOf(message)) {
      decimals.price = Math.max(decimals.price, decimalsOf(price));
      decimals.qty = Math.max(decimals.qty, decimalsOf(qty));
    }
    seen.set(name, decimals);
  }
  return venue;
}

function messageOf(line: string): Record<string, unknown> | undefined {
  try {
    const top: unknown = JSON.parse(line.slice(line.indexOf(" ") + 1));
    if (typeof top !== "object" || top === null) return undefined;
    const data: unknown = (top as Record<string, unknown>)["data"];
    const isObject = typeof data === "object" && data !== null;
    return (isObject ? data : top) as Record<string, unknown>;
  } catch {
    return undefined; // Not a message: the parser refuses the line with a reason and counts it.
  }
}

/** Price and quantity texts of any message that has some. */
function pairsOf(message: Record<string, unknown>): [unknown, unknown][] {
  const pairs: [unknown, unknown][] = [[message["p"], message["q"]]];
  pairs.push([message["b"], message["B"]], [message["a"], message["A"]]);
  for (const name of ["b", "a", "bids", "asks"]) {
    const levels = message[name];
    if (!Array.isArray(levels)) continue;
    for (const level of levels) if (Array.isArray(level)) pairs.push([level[0], level[1]]);
  }
  return pairs;
}

function decimalsOf(text: unknown): number {
  if (typeof text !== "string") return 0;
  return /^\d+\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
}

function seenInCsv(lines: string[], name: string): Map<string, Seen> {
  const decimals = { price: 0, qty: 0 };
  for (const line of lines) {
    const [, price, qty] = line.split(",");
    decimals.price = Math.max(decimals.price, decimalsOf(price));
    decimals.qty = Math.max(decimals.qty, decimalsOf(qty));
  }
  return new Map([[name, decimals]]);
}

/** `ETHUSDT-trades-2024.csv.gz` is of ETHUSDT. */
function nameOf(path: string, options: ProbeOptions): string {
  if (options.name !== undefined) return options.name;
  const word = /^[A-Za-z0-9]+/.exec(basename(path))?.[0] ?? "";
  return splitName(word).base === "UNIT" ? "UNKNOWN" : word.toUpperCase().slice(0, 32);
}

/** Where no message speaks: `usdm-btcusdt_20240808.gz` is of USD-M futures. */
function venueOfName(path: string): Venue {
  const name = basename(path).toLowerCase();
  if (/^(usdm|um)\b|futures/.test(name)) return Venue.BinanceUsdm;
  return /^(coinm|cm)\b/.test(name) ? Venue.BinanceCoinm : Venue.BinanceSpot;
}
