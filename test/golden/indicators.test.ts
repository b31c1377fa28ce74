// Outside numbers: TA-Lib's own regression table, TA-Lib and Tulip series, Tulip's hand-worked
// vectors and spreadsheets, as they lie in the shared oracles. Prices are scaled to whole ticks.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { IndicatorKind } from "../../asm/vocab.ts";
import { Kernel } from "../asm/indicators/kernel.ts";
import type { Bar, Settings } from "../asm/indicators/kernel.ts";

const SHARED = join(dirname(fileURLToPath(import.meta.url)), "../../../shared");
const ORACLES = join(SHARED, "oracles");
const LEAN = join(SHARED, "data/indicator-expected-lean");
/** Prices of the sources have up to four decimals (Tulip) or fewer. */
const TICKS = 10_000;
const { Sma, Ema, Rsi, Macd, Bollinger, Atr, Vwap } = IndicatorKind;

/** One function of an oracle file: its settings, the candle of its first value, its lines. */
interface Vector {
  lib: string;
  fn: string;
  options: Record<string, number>;
  begIdx: number;
}
interface SeriesVector extends Vector {
  values: Record<string, (number | null)[]>;
}
interface PointVector extends Vector {
  points: [line: string, index: number, value: number][];
}
interface WorkedVector extends Vector {
  inputs: Record<string, number[]>;
  outputs: Record<string, number[]>;
}

function vectorsOf<V extends Vector>(name: string): { inputs: { series: string }; expected: V[] } {
  return JSON.parse(readFileSync(join(ORACLES, name), "utf8")) as never;
}

if (!existsSync(ORACLES)) console.warn(`no ${ORACLES}: indicator vectors are not checked`);

function series(name: string): Bar[] {
  const rows = readFileSync(join(ORACLES, name), "utf8").trim().split("\n").slice(1);
  return rows.map((row) => {
    const [, open, high, low, close, volume] = row.split(",").map(Number);
    return bar(high!, low!, close!, volume, open);
  });
}

function bar(high: number, low: number, close: number, volume = 1, open = close): Bar {
  const [o, h, l, c] = [open, high, low, close].map((price) => Math.round(price * TICKS));
  return { open: o!, high: h!, low: l!, close: c!, volume };
}

/** Settings of a vector and its lines; undefined for what is not ours or of another convention. */
function settingsOf({ fn, options }: Vector): [Settings, string[]] | undefined {
  // A missing option becomes 0, which the core refuses.
  const option = (name: string): number => options[name] ?? 0;
  const period = options["timePeriod"] ?? option("period");
  const periods = {
    period: option("fastPeriod"),
    period2: option("slowPeriod"),
    period3: option("signalPeriod"),
  };
  if (fn === "SMA" || fn === "sma") return [{ indicatorKind: Sma, period }, []];
  if (fn === "EMA") return [{ indicatorKind: Ema, period }, []];
  if (fn === "RSI" || fn === "rsi") return [{ indicatorKind: Rsi, period }, []];
  if (fn === "ATR") return [{ indicatorKind: Atr, period }, []];
  if (fn === "MACD") {
    return [{ indicatorKind: Macd, ...periods }, ["MACD", "MACDSignal", "MACDHist"]];
  }
  if (fn === "bbands") {
    const lines = ["bbands_middle", "bbands_upper", "bbands_lower"];
    return [{ indicatorKind: Bollinger, period, factor: option("stddev") }, lines];
  }
  if (fn === "VWAP") return [{ indicatorKind: Vwap, indicatorFlags: 1 }, []];
  return undefined;
}

/** RSI is a ratio; everything else is in ticks. */
function unitOf(settings: Settings): number {
  return settings.indicatorKind === Rsi ? 1 : TICKS;
}

function lineOf(lines: string[], name: string): number {
  const found = lines.indexOf(name);
  return found < 0 ? 0 : found;
}

function rowsOf(settings: Settings, bars: Bar[]): (number[] | undefined)[] {
  const kernel = new Kernel(settings);
  const unit = unitOf(settings);
  return bars.map((one) => kernel.push(one)?.map((value) => value / unit));
}

function expectNear(
  value: number | undefined,
  other: number,
  abs: number,
  rel: number,
  at: string,
): void {
  expect(value, at).toBeDefined();
  expect(Math.abs(value! - other), `${at}: ${value} against ${other}`).toBeLessThanOrEqual(
    abs + rel * Math.abs(other),
  );
}

for (const folder of [ORACLES, LEAN]) {
  if (!existsSync(folder)) console.warn(`skipped, golden vectors: ${folder} is absent`);
}

describe.skipIf(!existsSync(ORACLES))("vectors of other libraries", () => {
  test("points of TA-Lib's regression table", () => {
    const bars = series("series_a_ref252.csv");
    let points = 0;
    for (const vector of vectorsOf<PointVector>("ind_talib_points.json").expected) {
      const { fn, options, begIdx, points: given } = vector;
      const found = settingsOf(vector);
      if (found === undefined) continue;
      const rows = rowsOf(found[0], bars);
      expect(
        rows.findIndex((row) => row !== undefined),
        `${fn} begins`,
      ).toBe(begIdx);
      for (const [name, index, value] of given) {
        const at = `${fn} ${JSON.stringify(options)} ${name} ${index}`;
        expectNear(rows[begIdx + index]?.[lineOf(found[1], name)], value, 0.011, 0.001, at);
        points += 1;
      }
    }
    expect(points).toBeGreaterThanOrEqual(18);
  });

  test.each(["a", "b"])("whole series %s", (letter) => {
    const vectors = vectorsOf<SeriesVector>(`ind_series_${letter}.json`);
    const bars = series(vectors.inputs.series);
    const seen = new Set<string>();
    for (const vector of vectors.expected) {
      const { lib, fn, begIdx, values } = vector;
      const found = settingsOf(vector);
      if (found === undefined || lib.startsWith("technicalindicators")) continue;
      const rows = rowsOf(found[0], bars);
      expect(
        rows.findIndex((row) => row !== undefined),
        `${fn} begins`,
      ).toBe(begIdx);
      for (const [name, line] of Object.entries(values)) {
        line.forEach((value, j) => {
          // trading-signals leaves out a candle without volume, where the average just stays.
          if (value === null) return;
          const at = `${lib} ${fn} ${name} candle ${begIdx + j}`;
          expectNear(rows[begIdx + j]?.[lineOf(found[1], name)], value, 1e-7, 1e-7, at);
        });
      }
      seen.add(fn);
    }
    expect([...seen].sort()).toEqual(["ATR", "EMA", "MACD", "RSI", "SMA", "VWAP", "bbands"]);
  });

  test("Tulip's hand-worked vectors where the seeds are the same", () => {
    const seen = new Set<string>();
    for (const vector of vectorsOf<WorkedVector>("ind_tulip_atoz.json").expected) {
      const { fn, inputs, begIdx, outputs } = vector;
      const found = settingsOf(vector);
      if (found === undefined) continue;
      const rows = rowsOf(
        found[0],
        inputs["real"]!.map((close) => bar(close, close, close)),
      );
      for (const [name, line] of Object.entries(outputs)) {
        line.forEach((value, j) => {
          const at = `tulip ${fn} ${name} ${begIdx + j}`;
          expectNear(rows[begIdx + j]?.[lineOf(found[1], name)], value, 0.006, 0.001, at);
        });
      }
      seen.add(fn);
    }
    expect([...seen].sort()).toEqual(["bbands", "rsi", "sma"]);
  });
});

describe.skipIf(!existsSync(LEAN))("spreadsheet values over SPY", () => {
  test.each([
    ["spy_with_indicators.txt", { indicatorKind: Sma, period: 14 }, [1], 1e-6],
    [
      "spy_bollinger_bands.txt",
      { indicatorKind: Bollinger, period: 20, factor: 2 },
      [5, 6, 7],
      1e-6,
    ],
    ["spy_ema.csv", { indicatorKind: Ema, period: 14 }, [2], 1e-7],
    ["spy_with_indicators.txt", { indicatorKind: Rsi, period: 14 }, [5], 1e-6],
  ])("%s %o", (file, settings, columns, rel) => {
    const [head, ...rows] = readFileSync(join(LEAN, file), "utf8").trim().split(/\r?\n/);
    const closeAt = head!.split(",").findIndex((name) => name.toLowerCase() === "close");
    const cells = rows.map((row) => row.split(","));
    const bars = cells.map((row) => bar(+row[closeAt]!, +row[closeAt]!, +row[closeAt]!));
    const values = rowsOf(settings, bars);
    let compared = 0;
    cells.forEach((row, i) => {
      columns.forEach((column, line) => {
        const text = row[column] ?? "";
        if (text === "" || text === "NaN") return;
        expectNear(
          values[i]?.[line],
          Number(text),
          0.006,
          rel,
          `${file} row ${i} column ${column}`,
        );
        compared += 1;
      });
    });
    expect(compared).toBeGreaterThan(150);
  });
});
