import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { backtestCommand, strategyList } from "../../../src/research/command.ts";
import type { BacktestCommandOptions } from "../../../src/research/command.ts";
import { quoteLine, scratchDir, seeded, START_MILLIS, tradeLine, writeLines } from "./capture.ts";

function dataFile(): string {
  const random = seeded(5);
  let mid = 2_000_000;
  const lines = Array.from({ length: 1500 }, (_, index) => {
    mid += Math.round((random() - 0.5) * 500);
    const at = START_MILLIS + index * 40;
    return index % 2 === 0
      ? quoteLine(at, mid - 5, 1e6, mid + 5, 1e6)
      : tradeLine(at, mid, 100, random() < 0.5);
  });
  return writeLines("testusdt.txt", lines);
}

async function run(
  options: Partial<BacktestCommandOptions>,
  isTty = false,
): Promise<{ code: number; out: string; err: string; report: string }> {
  const written = { out: "", err: "" };
  const report = join(scratchDir(), "deep", "report.html");
  const code = await backtestCommand(
    {
      ...{ strategy: "breakout", data: [dataFile()], out: report },
      param: ["timeframeSeconds=1", "channelCandles=5", "atrCandles=4"],
      ...options,
    },
    {
      stdout: (text) => (written.out += text),
      stderr: (text) => (written.err += text),
      ...{ isTty, cacheDir: scratchDir() },
    },
  );
  return { code, ...written, report };
}

test("prints the figures, writes the report and says where it is", async () => {
  const { code, out, err, report } = await run({});
  expect(code).toBe(0);
  expect(out).toContain("net result");
  expect(out).toContain("n/a (needs 30 days)");
  expect(out).toContain(report);
  expect(err, "no progress where nobody looks").toBe("");
  const html = readFileSync(report, "utf8");
  const hash = /state hash\s+(\S+)/.exec(out)?.[1] ?? "";
  expect(html).toContain(hash);
  expect(html).toContain("<td>channelCandles</td><td>5</td>");
});

test("--json prints one object with exact money", async () => {
  const { out } = await run({ json: true, takerBps: "2.5", cash: "5000" });
  const data = JSON.parse(out) as Record<string, string & { name: string; quotes: number }>;
  expect(data["cashStart"]).toBe("5000.00000000");
  expect(data["stateHash"]).toMatch(/^[0-9a-f]{16}-[0-9a-f]{16}$/);
  expect(Number(data["equityEnd"])).toBeCloseTo(5000 + Number(data["net"]), 8);
  expect(data["counts"]?.quotes).toBe(750);
  expect(data["strategy"]?.name).toBe("breakout");
});

test("progress is drawn on a terminal and wiped at the end", async () => {
  const { err } = await run({}, true);
  expect(err).toContain("file 1/1");
  expect(err.endsWith("\r\u001b[K")).toBe(true);
});

test("what the user mistyped is refused before a report is written", async () => {
  const cases: [Partial<BacktestCommandOptions>, string][] = [
    [{ strategy: "brakout" }, "STRATEGY_UNKNOWN"],
    [{ param: ["channelCandles=1"] }, "PARAMETER_RANGE"],
    [{ param: ["channel=9"] }, "PARAMETER_UNKNOWN"],
    [{ param: ["channelCandles"] }, "PARAMETER_SHAPE"],
    [{ takerBps: "ten" }, "BACKTEST_FEE"],
    [{ venue: "nyse" }, "BACKTEST_VENUE"],
    [{ cash: "1e5" }, "UNIT_MALFORMED"],
    [{ data: [] }, "FEED_NO_FILES"],
  ];
  for (const [options, code] of cases) {
    const out = join(scratchDir(), "report.html");
    await expect(run({ ...options, out })).rejects.toMatchObject({ code });
    expect(existsSync(out), code).toBe(false);
  }
});

test("a strategy that throws gives exit code 1 and a report that says so", async () => {
  const source = `
    export const strategy = {
      name: "thrower", about: "throws", parameters: {},
      needs: () => ({ timeframes: [], indicators: [] }),
      create: () => ({ onQuote() { throw new Error("planned"); } }),
    };`;
  const strategy = writeLines("thrower.ts", [source]);
  const { code, out, report } = await run({ strategy, param: [] });
  expect(code).toBe(1);
  expect(out).toContain("planned");
  expect(readFileSync(report, "utf8")).toContain("planned");
});

test("the list for help names every parameter with its range", () => {
  expect(strategyList()).toContain("channelCandles=20  (whole, 2 to 500 candles)");
});
