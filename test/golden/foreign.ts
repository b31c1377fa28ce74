// Reads the vectors of other libraries and runs them through a table of their names.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { entryOf, parseIndicator, unitFactor } from "../../src/indicators/catalog.ts";
import type { ForeignName } from "../../src/indicators/names.ts";
import { type Bar, Kernel } from "../asm/indicators/kernel.ts";

const SHARED = join(dirname(fileURLToPath(import.meta.url)), "../../../shared");
export const ORACLES = join(SHARED, "oracles");
const TULIP = join(SHARED, "data/indicator-expected-tulip/untest.txt");
const LEAN = join(SHARED, "data/indicator-expected-lean");
export const hasVectors = existsSync(ORACLES) && existsSync(TULIP) && existsSync(LEAN);
if (!hasVectors) console.warn(`skipped, vectors of other libraries: ${SHARED} is incomplete`);
/** Sources have up to six decimals; a tick is smaller than any tolerance. */
export const TICKS = 1_000_000_000;

/** One call of a function: what went in, and where its lines begin. */
export interface Call {
  library: string;
  fn: string;
  options: Record<string, number>;
  bars: Bar[];
  begIdx: number;
  /** Candle and value. */
  lines: Record<string, (readonly [candle: number, value: number])[]>;
  abs: number;
  rel: number;
}

export function bar(open: number, high: number, low: number, close: number, volume = 1): Bar {
  const [o, h, l, c] = [open, high, low, close].map((price) => Math.round(price * TICKS));
  return { open: o!, high: h!, low: l!, close: c!, volume: Math.round(volume) };
}

function csvBars(text: string): Bar[] {
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const names = head!.split(",").map((name) => name.trim().toLowerCase());
  return lines.map((line) => {
    const cells = line.split(",");
    const cell = (name: string): number => Number(cells[names.indexOf(name)] ?? Number.NaN);
    const close = cell("close");
    const or = (value: number): number => (Number.isFinite(value) && value !== 0 ? value : close);
    const volume = cell("volume");
    return bar(
      or(cell("open")),
      or(cell("high")),
      or(cell("low")),
      close,
      Number.isFinite(volume) ? volume : 1,
    );
  });
}

interface Json {
  inputs: { series: string };
  expected: Record<string, never>[];
  tolerance: { abs: number; rel: number };
}
const json = (name: string): Json => JSON.parse(readFileSync(join(ORACLES, name), "utf8")) as Json;
const LIBRARY: [string, string][] = [
  ["TA-Lib", "talib"],
  ["tulip", "tulip"],
  ["trading-signals", "trading-signals"],
  ["technicalindicators", "technicalindicators"],
];

/** Whole series, samples and points over the two series of candles. */
export function seriesCalls(name: string): Call[] {
  const { inputs, expected, tolerance } = json(name);
  const bars = csvBars(readFileSync(join(ORACLES, inputs.series), "utf8"));
  return expected.map((vector) => {
    const { lib, fn, options, begIdx, values, samples, points } = vector as unknown as {
      lib?: string;
      fn: string;
      options: Record<string, number>;
      begIdx: number;
      values?: Record<string, (number | null)[]>;
      samples?: Record<string, [number, number][]>;
      points?: [string, number, number][];
    };
    const lines: Call["lines"] = { ...samples };
    for (const [line, row] of Object.entries(values ?? {})) {
      lines[line] = row.flatMap((value, j) =>
        typeof value === "number" ? [[begIdx + j, value] as const] : [],
      );
    }
    for (const [line, at, value] of points ?? []) {
      (lines[line] ??= []).push([begIdx + at, value]);
    }
    const library = LIBRARY.find(([start]) => (lib ?? "TA-Lib").startsWith(start))![1];
    return { library, fn, options, bars, begIdx, lines, ...tolerance };
  });
}

/** Bars of columns with names; what is missing is the close, or the only column. */
function columnBars(columns: Record<string, number[]>): Bar[] {
  const any = Object.values(columns)[0]!;
  const close = columns["close"] ?? columns["real"] ?? columns["low"] ?? any;
  const { open = close, high = close, low = close, volume } = columns;
  return close.map((value, i) => bar(open[i]!, high[i]!, low[i]!, value, volume?.[i]));
}

/** Tulip's vectors worked by hand. */
export function workedCalls(): Call[] {
  const { expected, tolerance } = json("ind_tulip_atoz.json");
  return expected.map((vector) => {
    const { fn, options, inputs, begIdx, outputs } = vector as unknown as {
      fn: string;
      options: Record<string, number>;
      inputs: Record<string, number[]>;
      begIdx: number;
      outputs: Record<string, number[]>;
    };
    const lines = Object.fromEntries(
      Object.entries(outputs).map(([name, row]) => [
        name,
        row.map((value, j) => [begIdx + j, value] as const),
      ]),
    );
    return { library: "tulip", fn, options, bars: columnBars(inputs), begIdx, lines, ...tolerance };
  });
}

/** Tulip's own test file: `inputs` names the columns of each function, options go by place. */
export function tulipCalls(
  inputs: (fn: string) => readonly string[],
  rows: readonly ForeignName[],
): Call[] {
  const blocks = readFileSync(TULIP, "utf8")
    .split(/\n\s*\n/)
    .map((block) => block.split("\n").filter((line) => line !== "" && !line.startsWith("#")))
    .filter((block) => block.length > 1);
  return blocks.flatMap(([head, ...rest]) => {
    const [fn = "", ...options] = head!.trim().split(" ");
    const row = rows.find((one) => one.library === "tulip" && one.fn === fn);
    if (row === undefined) return [];
    const columns = rest.map((line) =>
      line
        .replace(/[{}]/g, "")
        .split(",")
        .filter((cell) => cell !== "")
        .map(Number),
    );
    const names = inputs(fn);
    const bars = columnBars(Object.fromEntries(names.map((name, i) => [name, columns[i]!])));
    const outputs = columns.slice(names.length);
    // A series too short for any value says nothing about where values begin.
    const begIdx = outputs[0]!.length === 0 ? -1 : bars.length - outputs[0]!.length;
    const keys = Object.keys(row.settings ?? {});
    const lineNames = Object.keys(row.lines ?? { [fn]: "" });
    return {
      ...{ library: "tulip", fn, bars, begIdx, abs: 0.00051, rel: 1e-9 },
      options: Object.fromEntries(options.map((value, i) => [keys[i]!.split("|")[0]!, +value])),
      lines: Object.fromEntries(
        outputs.map((line, k) => [lineNames[k]!, line.map((v, j) => [begIdx + j, v] as const)]),
      ),
    };
  });
}

/** One column of a Lean file; the numbers of its settings go by place. */
export function leanCall(
  file: string,
  fn: string,
  options: Record<string, number>,
  lines: Record<string, string>,
  abs: number,
): Call {
  const path = join(LEAN, file);
  const text = file.endsWith(".gz")
    ? gunzipSync(readFileSync(path)).toString("utf8")
    : readFileSync(path, "utf8");
  const [head, ...rest] = text.replace("\uFEFF", "").trim().split(/\r?\n/);
  const names = head!.split(",").map((name) => name.trim());
  const column = (name: string): [number, number][] =>
    rest.flatMap((line, i): [number, number][] => {
      const cell = (line.split(",")[names.indexOf(name)] ?? "").trim();
      return cell === "" || cell === "NaN" ? [] : [[i, Number(cell)]];
    });
  return {
    ...{ library: "lean", fn, options, bars: csvBars(text.replace("\uFEFF", "")), abs, rel: 1e-6 },
    begIdx: -1,
    lines: Object.fromEntries(Object.entries(lines).map(([name, ours]) => [ours, column(name)])),
  };
}

/** The row that answers a call; undefined when it belongs to another table. */
export function rowOf(rows: readonly ForeignName[], call: Call): ForeignName | undefined {
  return rows.find(
    ({ library, fn, when }) =>
      library === call.library &&
      fn === call.fn &&
      Object.entries(when ?? {}).every(([name, value]) => call.options[name] === value),
  );
}

/** Text of our indicator with the options of a call. */
export function textOf(row: ForeignName, options: Record<string, number>): string {
  const chosen = Object.entries(row.settings ?? {}).flatMap(([theirs, ours]) => {
    const value = theirs
      .split("|")
      .map((name) => options[name])
      .find((one) => one !== undefined);
    return value === undefined ? [] : ours.split("+").map((name) => `${name}=${value}`);
  });
  const [name, ...fixed] = row.name.split(":");
  const all = [...fixed, ...chosen].join(",");
  return all === "" ? name! : `${name}:${all}`;
}

/** Runs a call; returns how many values were compared. */
export function check(row: ForeignName, call: Call): number {
  const text = textOf(row, call.options);
  const settings = parseIndicator(text);
  const entry = entryOf(settings.indicatorKind);
  const kernel = new Kernel(settings);
  const values = call.bars.map((one) => kernel.push(one));
  const first = values.findIndex((value) => value !== undefined);
  const what = `${call.library} ${call.fn} ${JSON.stringify(call.options)} as ${text}`;
  if (call.begIdx >= 0) {
    const since = first === call.begIdx ? undefined : first < call.begIdx ? "later" : "earlier";
    expect(since, `${what} begins at ${first}, theirs at ${call.begIdx}`).toBe(row.since);
  }
  let compared = 0;
  for (const [name, line] of Object.entries(call.lines)) {
    const ours = row.lines?.[name] ?? (row.lines === undefined ? entry.lines[0]!.name : name);
    const at = entry.lines.findIndex((one) => one.name === ours);
    expect(at, `${what} has a line ${ours}`).toBeGreaterThanOrEqual(0);
    const unit = unitFactor(entry, at, 1 / TICKS, 1) * (row.scale ?? 1);
    for (const [candle, theirs] of line) {
      if (candle < first || candle < (row.from?.[0] ?? 0)) continue;
      const value = values[candle]![at]! * unit;
      const message = `${what} ${name} candle ${candle}: ${value} against ${theirs}`;
      expect(Math.abs(value - theirs), message).toBeLessThanOrEqual(
        call.abs + call.rel * Math.abs(theirs),
      );
      compared += 1;
    }
  }
  return compared;
}

/** Calls of every file that a table answers. */
export function callsOf(
  rows: readonly ForeignName[],
  inputs: (fn: string) => readonly string[],
): [string, ForeignName, Call][] {
  const files = ["ind_talib_points", "ind_series_a", "ind_series_b", "ind_variants_a"];
  const calls = [
    ...[...files, "ind_variants_b"].flatMap((name) => seriesCalls(`${name}.json`)),
    ...workedCalls(),
    ...tulipCalls(inputs, rows),
  ];
  return calls.flatMap((call, i): [string, ForeignName, Call][] => {
    const row = rowOf(rows, call);
    const options = Object.values(call.options).join(" ");
    const isOurs = row !== undefined && row.unsupported === undefined;
    return !isOurs ? [] : [[`${call.library} ${call.fn} ${options} #${i}`, row, call]];
  });
}
