// Outside numbers of statistics: TA-Lib, Tulip and the spreadsheets of Lean.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type LibraryName, STATISTICS_NAMES } from "../../src/indicators/names-statistics.ts";
import {
  barsOf,
  barsOfLine,
  expectNear,
  LEAN,
  linesFor,
  type Options,
  ORACLES,
  tableOf,
  textFor,
  textOf,
  TULIP,
  tulipVectors,
} from "./vectors.ts";

/** Prices of the series have up to four decimals. */
const TICKS = 10_000;
function rowOf(library: LibraryName["library"], fn: string): LibraryName | undefined {
  return STATISTICS_NAMES.find((row) => row.library === library && row.fn === fn);
}

interface Vector {
  lib?: string;
  fn: string;
  options: Options;
  begIdx: number;
  input?: string;
  values?: Record<string, (number | null)[]>;
  points?: [line: string, index: number, value: number][];
  samples?: Record<string, [index: number, value: number | null][]>;
}
interface VectorFile {
  inputs: { series: string };
  tolerance: { abs: number; rel: number };
  expected: Vector[];
}

/** A vector's numbers as (candle, value); every function here has one line. */
function pointsOf({ begIdx, values, points, samples }: Vector): [number, number][] {
  if (points !== undefined) return points.map(([, index, value]) => [begIdx + index, value]);
  const all: Record<string, (number | null | [number, number | null])[]> = samples ?? values ?? {};
  const [line = []] = Object.values(all);
  return line.flatMap((one, i): [number, number][] => {
    const [index, value] = Array.isArray(one) ? one : [begIdx + i, one];
    return value === null ? [] : [[index, value]];
  });
}

function libraryOf({ lib = "TA-Lib" }: Vector): LibraryName["library"] | undefined {
  if (lib.startsWith("TA-Lib")) return "talib";
  return lib.startsWith("tulip") ? "tulip" : undefined;
}

/** What the point file reads of a candle beside the close. */
function readOf({ fn, input }: Vector): Options {
  if (input !== undefined) return { source: input };
  return fn === "CORREL" || fn === "BETA" ? { x: "high", y: "low" } : {};
}

const SERIES = [
  ...["BETA", "CORREL", "LINEARREG", "LINEARREG_INTERCEPT", "LINEARREG_SLOPE", "MAX", "MIN"],
  "TSF",
];
/** Vector files and the functions of ours in them. */
const FILES: readonly [string, string[]][] = [
  ["ind_talib_points.json", ["BETA", "CORREL", "MAX", "MIN"]],
  ["ind_series_a.json", SERIES],
  ["ind_series_b.json", SERIES],
  ["ind_variants_a.json", ["linreg"]],
  ["ind_variants_b.json", ["linreg"]],
];

describe.skipIf(!existsSync(ORACLES))("vectors of other libraries", () => {
  test.each(FILES)("%s", (file, functions) => {
    const { inputs, tolerance, expected } = JSON.parse(textOf(join(ORACLES, file))) as VectorFile;
    const bars = barsOf(tableOf(join(ORACLES, inputs.series)), TICKS);
    const seen = new Set<string>();
    for (const vector of expected) {
      const library = libraryOf(vector);
      const row = library === undefined ? undefined : rowOf(library, vector.fn);
      if (row === undefined) continue;
      const read = vector.points === undefined ? {} : readOf(vector);
      const text = textFor(row, { ...vector.options, ...read }, TICKS);
      const [line = []] = Object.values(linesFor(text, bars, TICKS));
      expect(
        line.findIndex((value) => value !== undefined),
        `${text} begins`,
      ).toBe(vector.begIdx);
      for (const [index, value] of pointsOf(vector)) {
        expectNear(line[index], value, tolerance, `${vector.fn} as ${text}, candle ${index}`);
      }
      seen.add(vector.fn);
    }
    expect([...seen].sort(), "functions checked").toEqual(functions);
  });

  test("Tulip's hand-worked vectors", () => {
    const { expected, tolerance } = JSON.parse(textOf(join(ORACLES, "ind_tulip_atoz.json"))) as {
      expected: (Vector & {
        inputs: Record<string, number[]>;
        outputs: Record<string, number[]>;
      })[];
      tolerance: VectorFile["tolerance"];
    };
    const seen: string[] = [];
    for (const { fn, options, inputs, outputs, begIdx } of expected) {
      const row = rowOf("tulip", fn);
      if (row === undefined) continue;
      const bars = barsOfLine(inputs["real"]!, TICKS);
      const [line = []] = Object.values(linesFor(textFor(row, options, TICKS), bars, TICKS));
      Object.values(outputs)[0]!.forEach((value, i) =>
        expectNear(line[begIdx + i], value, tolerance, `${fn} ${begIdx + i}`),
      );
      seen.push(fn);
    }
    expect(seen).toEqual(["fosc"]);
  });
});

test.skipIf(!existsSync(TULIP))("Tulip's regression file", () => {
  // Prices have two decimals, results three.
  const ticks = 100;
  const seen: string[] = [];
  for (const { fn, options, lines } of tulipVectors()) {
    const row = rowOf("tulip", fn);
    if (row === undefined) continue;
    const [real = [], output = []] = lines;
    const text = textFor(row, { period: options[0]! }, ticks);
    const [line = []] = Object.values(linesFor(text, barsOfLine(real, ticks), ticks));
    const begins = real.length - output.length;
    expect(
      line.findIndex((value) => value !== undefined),
      `${text} begins`,
    ).toBe(begins);
    output.forEach((value, i) =>
      expectNear(line[begins + i], value, { abs: 5.1e-4, rel: 0 }, `${text} ${begins + i}`),
    );
    seen.push(fn);
  }
  expect(seen.sort()).toEqual([
    ...["decay", "edecay", "fosc", "lag", "linreg", "linregintercept", "linregslope", "max"],
    ...["min", "stderr", "sum", "tsf"],
  ]);
});

describe.skipIf(!existsSync(LEAN))("spreadsheets of Lean", () => {
  test.each([
    ["spy_sr.txt", "SharpeRatio", { period: 10 }, "sr_10", 1e-4],
    ["spy_sortino.csv", "SortinoRatio", { period: 15 }, "sortino_rf_0_period_15", 1e-8],
    [
      ...(["spy_sortino.csv", "SortinoRatio", { period: 15, growth: 1.01 }] as const),
      ...(["sortino_rf_0.01_period_15", 1e-8] as const),
    ],
    ["spy_valueatrisk.csv.gz", "ValueAtRisk", { period: 252 }, "var_99", 1e-9],
    ["spy_valueatrisk.csv.gz", "ValueAtRisk", { period: 252, confidence: 95 }, "var_95", 1e-9],
    ["spy_valueatrisk.csv.gz", "ValueAtRisk", { period: 252, confidence: 90 }, "var_90", 1e-9],
    ["spy_ker.txt", "KaufmanEfficiencyRatio", { period: 10 }, "ker", 1e-8],
    ["spy_logr14.txt", "LogReturn", { period: 14 }, "logr14", 1e-7],
    ["spy_tsf.csv.gz", "TimeSeriesForecast", { period: 5 }, "tsf", 1e-6],
    ["spy_max.txt", "Maximum", { period: 5 }, "max_5", 1e-9],
    ["spy_min.txt", "Minimum", { period: 5 }, "min_5", 1e-9],
  ] as const)("%s %s %o", (file, fn, options: Options, column, rel) => {
    const row = rowOf("lean", fn)!;
    const table = tableOf(join(LEAN, file));
    const text = textFor(row, options, TICKS);
    const [line = []] = Object.values(linesFor(text, barsOf(table, TICKS), TICKS));
    let compared = 0;
    table.forEach((cells, i) => {
      const given = cells[column] ?? "";
      if (given === "" || line[i] === undefined) return;
      expectNear(line[i], Number(given), { abs: rel, rel }, `${text} row ${i}`);
      compared += 1;
    });
    expect(compared).toBeGreaterThan(table.length / 2);
  });
});
