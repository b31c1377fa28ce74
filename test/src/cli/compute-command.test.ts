// `alphapulse compute` on real files: the table, the document, the list, and what it refuses.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { main } from "../../../src/cli/main.ts";
import { INDICATOR_CATALOG } from "../../../src/indicators/catalog.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alphapulse-compute-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function compute(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  const code = await main(["compute", ...argv]);
  vi.restoreAllMocks();
  return { code, out, err };
}

const CANDLES = "time,open,high,low,close,volume\n2024-01-01,1,3,1,2,5\n2024-01-02,2,4,2,3,5\n";

function file(name: string, bytes: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("prints a column for each line, empty before its first value", async () => {
  const path = file("a.csv", CANDLES);
  const { code, out, err } = await compute(
    ...[path, "--indicator", "sma:period=2", "--indicator", "aroon:period=1"],
  );
  expect([code, err]).toEqual([0, ""]);
  expect(out.split("\n")).toEqual([
    "time,close,sma:period=2,aroon:period=1.up,aroon:period=1.down,aroon:period=1.oscillator",
    "2024-01-01,2,,,,",
    "2024-01-02,3,2.5,100,0,100",
    "",
  ]);
});

test("a setting with a comma is one column; gzip and JSON", async () => {
  const path = file("a.csv.gz", gzipSync(CANDLES));
  const asked = "dema:period=1,source=high";
  const table = await compute(path, "--indicator", asked);
  expect(table.out.split("\n")[0]).toBe(`time,close,"${asked}"`);
  const { out } = await compute(path, "--indicator", asked, "--json");
  expect(JSON.parse(out)).toEqual({
    columns: ["time", "close", asked],
    rows: [
      ["2024-01-01", 2, 3],
      ["2024-01-02", 3, 4],
    ],
  });
});

test("candles off their periods are numbered, and that is said once", async () => {
  const path = file("b.csv", "time,close\n2024-01-01T14:30,1\n2024-01-02T15:30,2\n");
  const { code, err } = await compute(path, "--indicator", "obv");
  expect([code, err]).toEqual([0, "times do not lie on whole periods: candles are numbered\n"]);
});

test("--list names every indicator with its settings", async () => {
  const { out } = await compute("--list");
  expect(out.trim().split("\n")).toHaveLength(INDICATOR_CATALOG.length);
  expect(out).toContain("macd:fast=12,slow=26,signal=9");
  const { out: json } = await compute("--list", "--json");
  expect(JSON.parse(json)).toHaveLength(INDICATOR_CATALOG.length);
});

test.each([
  ["no file", [], /COMPUTE_ARGUMENTS: no file/],
  ["no indicator", ["a.csv"], /no indicator is named/],
  ["an unknown one", ["a.csv", "--indicator", "rsy"], /there is no indicator "rsy"/],
  ["a file that is not there", ["/nowhere.csv", "--indicator", "rsi"], /cannot be read/],
])("%s is refused", async (_, argv, what) => {
  const { code, out, err } = await compute(...argv);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(what);
});
