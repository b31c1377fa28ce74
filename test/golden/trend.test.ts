// Measures of trend against the vectors of other libraries.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TREND_NAMES } from "../../src/indicators/names-trend.ts";
import { type Bar } from "../asm/indicators/kernel.ts";
import { bar, callsOf, check, hasVectors, leanCall, ORACLES, rowOf, TICKS } from "./foreign.ts";

const RANGE = ["high", "low", "close"];
const INPUTS: Record<string, readonly string[]> = { di: RANGE, vhf: ["close"] };

const MOVEMENT = new Set(["adx", "adxr", "dx", "di", "dm"]);

/**
 * Where a candle moved up as far as down, neither counts; prices in binary fractions differ by
 * their rounding, so that the source counted one of them. The high gets a billionth to do the same.
 */
function breakTies(bars: readonly Bar[]): Bar[] {
  return bars.map((one, i) => {
    const before = bars[i - 1] ?? one;
    if (one.high - before.high !== before.low - one.low) return one;
    const up = one.high / TICKS - before.high / TICKS;
    const down = before.low / TICKS - one.low / TICKS;
    return up === down ? one : { ...one, high: one.high + Math.sign(up - down) };
  });
}

type Lean = [string, string, Record<string, number>, Record<string, string>, number];
const LEAN: Lean[] = [
  [
    ...(["dwac_supertrend.txt", "SuperTrend", { period: 10, multiplier: 3 }] as const),
    { Super: "supertrend" },
    1e-6,
  ],
  ["spy_sarext.txt.gz", "ParabolicStopAndReverse", {}, { SAR: "sar" }, 1e-4],
  [
    ...(["spy_sarext.txt.gz", "ParabolicStopAndReverseExtended", {}] as const),
    { SAREXT: "SAREXT" },
    1e-4,
  ],
  ["spy_with_ichimoku.csv", "IchimokuKinkoHyo", {}, { Tenkan: "Tenkan", Kijun: "Kijun" }, 1e-3],
];

describe.skipIf(!hasVectors)("trends of other libraries", () => {
  const calls = hasVectors ? callsOf(TREND_NAMES, (fn) => INPUTS[fn] ?? ["high", "low"]) : [];
  test("are all in the files", () => expect(calls.length).toBeGreaterThanOrEqual(60));
  test.each(calls)("%s", (_, row, call) => {
    const isMovement = MOVEMENT.has(row.name.split(":")[0]!);
    const bars = isMovement ? breakTies(call.bars) : call.bars;
    expect(check(row, { ...call, bars })).toBeGreaterThan(0);
  });
  test.each(LEAN)("lean %s %s", (file, fn, options, lines, abs) => {
    const call = leanCall(file, fn, options, lines, abs);
    expect(check(rowOf(TREND_NAMES, call)!, call)).toBeGreaterThan(20);
  });
  test("lean td_sequential_test_data.csv, which begins with its second candle", () => {
    const call = leanCall("td_sequential_test_data.csv", "TomDemarkSequential", {}, { TDS: "" }, 0);
    const line = call.lines[""]!.slice(1).map(([at, value]) => [at - 1, value] as const);
    const later = { ...call, bars: call.bars.slice(1), lines: { phase: line } };
    expect(check(rowOf(TREND_NAMES, later)!, later)).toBe(21);
  });
  test("Wilder's own example of the parabolic stop", () => {
    const file = readFileSync(join(ORACLES, "ind_psar_wilder.json"), "utf8");
    const { inputs, expected, tolerance } = JSON.parse(file) as {
      inputs: { high: number[]; low: number[]; acceleration: number; maximum: number };
      expected: { begIdx: number; points: [number, number][] };
      tolerance: { abs: number };
    };
    const { high, low, ...options } = inputs;
    const call = {
      ...{ library: "talib", fn: "SAR", options, begIdx: expected.begIdx, rel: 0, ...tolerance },
      bars: high.map((top, i) => bar(top, top, low[i]!, low[i]!)),
      lines: {
        output: expected.points.map(([at, value]) => [expected.begIdx + at, value] as const),
      },
    };
    expect(check(rowOf(TREND_NAMES, call)!, call)).toBe(5);
  });
});
