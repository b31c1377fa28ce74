// compute: indicators over a file of candles, as a table or JSON.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Command } from "commander";

import { readCandles, type CandleFile } from "../compute/candle-file.ts";
import { IndicatorRun, type RunRow } from "../compute/indicator-run.ts";
import { AlphaError } from "../errors.ts";
import {
  entryOf,
  INDICATOR_CATALOG,
  type IndicatorEntry,
  parseIndicator,
} from "../indicators/catalog.ts";
import { ProgressBar } from "./progress.ts";

/** Candles between two looks at the progress. */
const CHUNK_CANDLES = 5000;
/** Digits that every value has in common with its twin. */
const DIGITS = 12;

const HELP = `
FILE has candles: a table whose first line names the columns (time, open, high, low, close, volume;
"," ";" or tabs), or a JSON list of such rows; plain or gzip. Only close is needed. Times are ISO
dates or seconds, milli-, micro- or nanoseconds since 1970; candles that do not lie on whole periods
are numbered instead.

  npx alphapulse compute candles.csv --indicator rsi --indicator bbands:period=20,factor=2
  npx alphapulse compute --list`;

interface Flags {
  indicator: string[];
  list?: boolean;
  json?: boolean;
}

export function addComputeCommand(root: Command): void {
  root
    .command("compute [file]")
    .description("indicators over a file of candles, by the core that trades")
    .option(
      "--indicator <name:k=v,...>",
      "what to compute; again for more",
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option("--list", "every indicator with its settings and lines")
    .option("--json", "for machines")
    .addHelpText("after", HELP)
    .action((file: string | undefined, flags: Flags) => {
      if (flags.list === true) return printCatalog(flags.json === true);
      if (file === undefined || flags.indicator.length === 0) {
        const what = file === undefined ? "no file" : "no indicator";
        const remedy = "compute FILE --indicator NAME, or compute --list";
        throw new AlphaError("COMPUTE_ARGUMENTS", `${what} is named`, remedy);
      }
      compute(file, flags.indicator, flags.json === true);
    });
}

function compute(path: string, asked: readonly string[], isJson: boolean): void {
  const settings = asked.map((text) => parseIndicator(text));
  const file = readCandles(path, textOf(path));
  const run = new IndicatorRun(file, settings);
  const columns = settings.flatMap(({ indicatorKind }, i) =>
    entryOf(indicatorKind).lines.map((line, _, all) =>
      all.length === 1 ? asked[i]! : `${asked[i]}.${line.name}`,
    ),
  );
  const widths = settings.map(({ indicatorKind }) => entryOf(indicatorKind).lines.length);
  if (!file.isTimed && file.candles[0]?.time !== "") {
    process.stderr.write("times do not lie on whole periods: candles are numbered\n");
  }
  const print = isJson ? jsonPrinter(columns, widths) : tablePrinter(columns, widths);
  const bar = new ProgressBar("compute", file.candles.length > CHUNK_CANDLES);
  print.begin();
  file.candles.forEach((candle, i) => {
    print.row(candle.time === "" ? String(i) : candle.time, closeOf(file, i), run.push(candle));
    if (i % CHUNK_CANDLES !== CHUNK_CANDLES - 1) return;
    bar.end();
    process.stdout.write(print.take());
    bar.show(i / file.candles.length, `${i} candles`);
  });
  bar.end();
  print.end();
  process.stdout.write(print.take());
}

function textOf(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new AlphaError("CANDLE_FILE", `${path} cannot be read`, "name a file of candles", error);
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isGzip ? gunzipSync(bytes) : bytes).toString();
}

function closeOf(file: CandleFile, i: number): number {
  return rounded(Number(file.candles[i]!.closeTicks) * file.tick);
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

interface Printer {
  begin(): void;
  row(time: string, close: number, row: RunRow): void;
  end(): void;
  /** What was printed since the last call. */
  take(): string;
}

/** Values of a row in the order of the columns; undefined for one that is not ready. */
function cellsOf(row: RunRow, widths: readonly number[]): (number | undefined)[] {
  return widths.flatMap((width, i) =>
    Array.from({ length: width }, (_, line) => {
      const value = row[i]?.[line];
      return value === undefined ? undefined : rounded(value);
    }),
  );
}

function tablePrinter(columns: readonly string[], widths: readonly number[]): Printer {
  let text = "";
  // Settings hold commas; a name with one is quoted.
  const named = columns.map((name) => (name.includes(",") ? `"${name}"` : name));
  return {
    begin: () => (text += `${["time", "close", ...named].join(",")}\n`),
    row: (time, close, row) => {
      const cells = cellsOf(row, widths).map((value) => value ?? "");
      text += `${[time, close, ...cells].join(",")}\n`;
    },
    end: () => undefined,
    take: () => {
      const taken = text;
      text = "";
      return taken;
    },
  };
}

function jsonPrinter(columns: readonly string[], widths: readonly number[]): Printer {
  let text = "";
  let isFirst = true;
  return {
    begin: () =>
      (text += `{"columns": ${JSON.stringify(["time", "close", ...columns])}, "rows": [`),
    row: (time, close, row) => {
      const cells = cellsOf(row, widths).map((value) => value ?? null);
      text += `${isFirst ? "\n" : ",\n"}${JSON.stringify([time, close, ...cells])}`;
      isFirst = false;
    },
    end: () => (text += "\n]}\n"),
    take: () => {
      const taken = text;
      text = "";
      return taken;
    },
  };
}

function printCatalog(isJson: boolean): void {
  if (isJson) {
    const entries = INDICATOR_CATALOG.map(({ first: _first, ...entry }) => entry);
    process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
    return;
  }
  for (const entry of INDICATOR_CATALOG) process.stdout.write(`${catalogLine(entry)}\n`);
}

function catalogLine(entry: IndicatorEntry): string {
  const settings = [
    ...[...(entry.periods ?? []), ...(entry.factors ?? [])].map(
      ({ name, initial }) => `${name}=${initial}`,
    ),
    ...(entry.choices ?? []).map(({ name, values }) => `${name}=${values.join("|")}`),
    ...(entry.sources ?? []).map((_, at) => (at === 0 ? "source" : `source${at + 1}`)),
  ].join(",");
  const lines =
    entry.lines.length === 1 ? "" : ` -> ${entry.lines.map(({ name }) => name).join(" ")}`;
  return `${`${entry.name}:${settings}`.replace(/:$/, "").padEnd(40)} ${entry.title}${lines}`;
}
