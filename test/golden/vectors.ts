// Reads the shared vector files of indicators and runs one of ours over their candles.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { entryNamed, parseIndicator, unitFactor } from "../../src/indicators/catalog.ts";
import type { LibraryName } from "../../src/indicators/names-statistics.ts";
import { type Bar, Kernel } from "../asm/indicators/kernel.ts";

const SHARED = join(dirname(fileURLToPath(import.meta.url)), "../../../shared");
export const ORACLES = join(SHARED, "oracles");
export const TULIP = join(SHARED, "data/indicator-expected-tulip/untest.txt");
export const LEAN = join(SHARED, "data/indicator-expected-lean");

for (const path of [ORACLES, TULIP, LEAN]) {
  if (!existsSync(path)) console.warn(`skipped, golden vectors: ${path} is absent`);
}

export type Options = Readonly<Record<string, number | string>>;

/** A file's text, unpacked. */
export function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").replace(/^\uFEFF/, "");
}

/** Rows of a comma-separated file by its head's names, lower case. */
export function tableOf(path: string): Record<string, string>[] {
  const [head, ...rows] = textOf(path).trim().split(/\r?\n/);
  const names = head!.split(",").map((name) => name.trim().toLowerCase());
  return rows.map((row) =>
    Object.fromEntries(row.split(",").map((cell, i) => [names[i]!, cell.trim()])),
  );
}

/** Candles of rows with open, high, low, close, volume; `ticks` of a price of 1. */
export function barsOf(rows: readonly Record<string, string>[], ticks: number): Bar[] {
  return rows.map((row) => {
    const price = (name: string): number => Math.round(Number(row[name] ?? row["close"]) * ticks);
    return {
      ...{ open: price("open"), high: price("high"), low: price("low"), close: price("close") },
      volume: Math.round(Number(row["volume"] ?? 0)),
    };
  });
}

/** Candles whose prices are all the same number. */
export function barsOfLine(line: readonly number[], ticks: number): Bar[] {
  return line.map((value) => {
    const close = Math.round(value * ticks);
    return { open: close, high: close, low: close, close, volume: 1 };
  });
}

/** The text a user would type for a library's function with these options. */
export function textFor(name: LibraryName, options: Options, ticks: number): string {
  const pairs = Object.entries(options).map(
    ([option, value]) => `${name.settings?.[option] ?? option}=${value}`,
  );
  if (name.priceOfTick !== undefined) pairs.push(`${name.priceOfTick}=${1 / ticks}`);
  if (name.ticksOfOne !== undefined) pairs.push(`${name.ticksOfOne}=${ticks}`);
  const [own = "", fixed] = name.name.split(":");
  const all = fixed === undefined ? pairs : [fixed, ...pairs];
  return all.length === 0 ? own : `${own}:${all.join(",")}`;
}

/** Every line of ours over the candles, in prices, undefined before its first value. */
export function linesFor(
  text: string,
  bars: readonly Bar[],
  ticks: number,
): Record<string, (number | undefined)[]> {
  const settings = parseIndicator(text);
  const entry = entryNamed(text.split(":")[0]!);
  const kernel = new Kernel(settings);
  const rows = bars.map((bar) => kernel.push(bar));
  Kernel.forget();
  return Object.fromEntries(
    entry.lines.map(({ name }, line) => {
      const factor = unitFactor(entry, line, 1 / ticks, 1);
      return [name, rows.map((row) => (row === undefined ? undefined : row[line]! * factor))];
    }),
  );
}

/** Fails unless both are as near as a vector's tolerance says. */
export function expectNear(
  value: number | undefined,
  other: number,
  { abs, rel }: { abs: number; rel: number },
  at: string,
): void {
  expect(value, at).toBeDefined();
  expect(Math.abs(value! - other), `${at}: ${value} against ${other}`).toBeLessThanOrEqual(
    abs + rel * Math.abs(other),
  );
}

/** The tests of Tulip's own file: name, options, inputs and outputs. */
export function tulipVectors(): { fn: string; options: number[]; lines: number[][] }[] {
  const blocks = textOf(TULIP).split(/\r?\n\s*\r?\n/);
  return blocks.flatMap((block) => {
    const [head = "", ...rest] = block.split(/\r?\n/).filter((line) => !line.startsWith("#"));
    const lines = rest.filter((line) => line.startsWith("{"));
    if (lines.length === 0) return [];
    const [fn = "", ...options] = head.trim().split(/\s+/);
    const numbers = lines.map((line) => line.slice(1, -1).split(",").map(Number));
    return [{ fn, options: options.map(Number), lines: numbers }];
  });
}
