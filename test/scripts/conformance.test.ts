// The conformance command on vectors made here: what passes, what fails, what it says and returns.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { main, tallyLine } from "../../scripts/conformance.ts";

const ACK = { e: "ack", id: "b1", state: "live" };
const NEW = { op: "new", id: "b1", acct: "A", side: "B", qty: 5, type: "limit", px: 100 };
const CASE = {
  id: "own1",
  title: "a limit order rests",
  config: {},
  steps: [{ cmd: NEW, events: [ACK] }],
  final: { book: { bids: [[100, [["b1", 5, 5]]]], asks: [] } },
};
const SMA = {
  lib: "by hand",
  fn: "SMA",
  options: { timePeriod: 2 },
  inputs: { close: [1, 2, 4, 8] },
  begIdx: 1,
  values: { output: [1.5, 3, 6] },
};
const DEPTH = {
  id: "binance-spot-sync-ok",
  inputs: {
    lastUpdateId: 10,
    bids: [["99", "1"]],
    asks: [["101", "1"]],
    events: [
      {
        U: 11,
        u: 12,
        b: [["98", "4"]],
        a: [
          ["101", "0"],
          ["103", "2"],
        ],
      },
    ],
  },
  expected: {
    resync: false,
    bids: [
      ["99", "1"],
      ["98", "4"],
    ],
    asks: [["103", "2"]],
  },
};

describe("the conformance command", () => {
  let folder: string;
  let stdout = "";
  let stderr = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "alphapulse-conformance-"));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    stdout = "";
    stderr = "";
    vi.spyOn(process.stdout, "write").mockImplementation(
      (text) => ((stdout += String(text)), true),
    );
    vi.spyOn(process.stderr, "write").mockImplementation(
      (text) => ((stderr += String(text)), true),
    );
  });

  afterEach(() => vi.restoreAllMocks());

  function file(name: string, expected: unknown): string {
    const path = join(folder, name);
    const text = typeof expected === "string" ? expected : JSON.stringify(expected);
    writeFileSync(path, text);
    return path;
  }

  const lastLine = (): string => stdout.trim().split("\n").pop() ?? "";

  test("counts what passes in all three kinds of vectors and returns 0", async () => {
    const code = await main([
      file("matching_cases.json", { expected: [CASE] }),
      file("ind_series_own.json", { inputs: "inline", tolerance: { abs: 1e-9 }, expected: [SMA] }),
      file("feeds.json", { expected: [DEPTH] }),
    ]);
    expect(lastLine(), stdout).toBe("3 passed, 0 failed, 0 unsupported");
    expect(code).toBe(0);
  });

  test("a wrong event, a wrong value and a wrong book fail, with both sides printed", async () => {
    const steps = [{ cmd: NEW, events: [] }];
    const values = { output: [1.5, 3.25, 6] };
    const expected = { ...DEPTH.expected, asks: [["101", "1"]] };
    const code = await main([
      file("matching_cases.json", { expected: [{ ...CASE, steps }] }),
      file("ind_series_own.json", {
        inputs: "inline",
        tolerance: { abs: 1e-9 },
        expected: [
          { ...SMA, values },
          { ...SMA, begIdx: 2 },
        ],
      }),
      file("feeds.json", { expected: [{ ...DEPTH, expected }] }),
    ]);
    expect(lastLine(), stdout).toBe("0 passed, 4 failed, 0 unsupported");
    expect(code).toBe(1);
    expect(stdout).toContain('FAILED own1 a limit order rests, step 1 {"op":"new"');
    expect(stdout).toContain(`expected []\n    actual   [${JSON.stringify(ACK)}]`);
    expect(stdout).toContain('expected {"line":"output","candle":2,"value":3.25}');
    expect(stdout).toContain('actual   {"line":"output","candle":2,"value":3}');
    expect(stdout).toContain('actual   {"begIdx":1}');
    expect(stdout).toContain('"asks":[["103","2"]]');
  });

  test("what cannot run is grouped by its reason and is no failure", async () => {
    const later = { ...CASE, steps: [{ cmd: { ...NEW, tif: "GTX" }, events: [] }] };
    const code = await main([
      file("matching_cases.json", { expected: [later, later, CASE] }),
      file("perf_own.json", { expected: [{}] }),
    ]);
    expect(stdout).toContain("unsupported 2 x time in force GTX");
    expect(stdout).toContain("unsupported 1 x no runner for perf_own.json");
    expect(lastLine()).toBe("1 passed, 0 failed, 3 unsupported");
    expect(code).toBe(0);
  });

  test.each([
    [
      "missing.json",
      undefined,
      /^CONFORMANCE_MISSING: .*missing\.json does not exist; give a file/,
    ],
    [
      "broken.json",
      '{"expected": [',
      /^CONFORMANCE_MALFORMED: .*broken\.json is no JSON: .+; a vector/,
    ],
    [
      "shapeless.json",
      "[1, 2]",
      /^CONFORMANCE_MALFORMED: .*shapeless\.json has no list "expected"; /,
    ],
  ])("%s gives one clear line and a failure", async (name, text, expected) => {
    const path = text === undefined ? join(folder, name) : file(name, text);
    expect(await main([path])).toBe(1);
    expect(stderr).toMatch(expected);
    expect(stderr.trim().split("\n"), "one line, no stack").toHaveLength(1);
    expect(lastLine()).toBe("0 passed, 1 failed, 0 unsupported");
  });

  test("--json prints the outcomes, the last line stays the tally", async () => {
    await main(["--json", file("matching_cases.json", { expected: [CASE] })]);
    const report = JSON.parse(stdout.slice(0, stdout.lastIndexOf("}") + 1)) as {
      counts: Record<string, number>;
      results: { outcomes: { id: string; state: string }[] }[];
    };
    expect(report.counts).toEqual({ passed: 1, failed: 0, unsupported: 0 });
    expect(report.results[0]?.outcomes[0]?.state).toBe("passed");
    expect(lastLine()).toBe("1 passed, 0 failed, 0 unsupported");
  });

  test("without arguments it lists what it can run", async () => {
    expect(await main([])).toBe(0);
    expect(stdout).toContain("binance-raw-collector/");
    expect(stdout).toContain("order matching");
    expect(lastLine()).toBe(tallyLine({ passed: 0, failed: 0, unsupported: 0 }));
  });
});
