// Measures of volatility against the vectors of other libraries.
import { describe, expect, test } from "vitest";
import { VOLATILITY_NAMES } from "../../src/indicators/names-volatility.ts";
import { callsOf, check, hasVectors, leanCall, rowOf } from "./foreign.ts";

const RANGE = ["high", "low", "close"];
const INPUTS: Record<string, readonly string[]> = {
  atr: RANGE,
  natr: RANGE,
  tr: RANGE,
  cvi: ["high", "low"],
  mass: ["high", "low"],
};

type Lean = [string, string, Record<string, number>, Record<string, string>, number];
const LEAN: Lean[] = [
  [
    ...([
      "spy_acceleration_bands_20_4.txt",
      "AccelerationBands",
      { period: 20, width: 4 },
    ] as const),
    ...([{ MiddleBand: "MiddleBand", UpperBand: "UpperBand", LowerBand: "LowerBand" }] as const),
    1e-3,
  ],
  ["spy_adr.csv", "AverageRange", { period: 20 }, { adr: "adr" }, 1e-3],
  [
    ...(["spy_with_ChandeKrollStop.csv", "ChandeKrollStop"] as const),
    { atrPeriod: 5, atrMult: 2, period: 3 },
    { short_stop: "short_stop", long_stop: "long_stop" },
    1e-6,
  ],
  ["spy_var.txt", "Variance", { period: 10 }, { Var: "var" }, 1e-6],
  ["spy_tr.txt", "TrueRange", {}, { TR: "trange" }, 1e-6],
  ["spy_atr.txt", "AverageTrueRange", { period: 14 }, { "Average True Range 14": "atr" }, 1e-3],
  [
    ...(["spy_with_don50.txt", "DonchianChannel", { period: 50 }] as const),
    {
      "Donchian Channels 50 Mean": "Mean",
      "Donchian Channels 50 Top": "Top",
      "Donchian Channels 50 Bottom": "Bottom",
    },
    1e-6,
  ],
];

describe.skipIf(!hasVectors)("volatility of other libraries", () => {
  const calls = hasVectors ? callsOf(VOLATILITY_NAMES, (fn) => INPUTS[fn] ?? ["close"]) : [];
  test("are all in the files", () => expect(calls.length).toBeGreaterThanOrEqual(40));
  test.each(calls)("%s", (_, row, call) => {
    // A series shorter than the indicator's memory has no value in either library.
    const count = Object.values(call.lines).flat().length;
    expect(check(row, call) > 0).toBe(count > 0);
  });
  test.each(LEAN)("lean %s %s", (file, fn, options, lines, abs) => {
    const call = leanCall(file, fn, options, lines, abs);
    expect(check(rowOf(VOLATILITY_NAMES, call)!, call)).toBeGreaterThan(100);
  });
  test("lean spy_bollinger_bands.txt: %B and width", () => {
    const columns = { "%B": "percentb" };
    const share = leanCall("spy_bollinger_bands.txt", "", { period: 20 }, columns, 1e-4);
    const settings = { period: "period" };
    const own = { library: "lean", fn: "", settings } as const;
    expect(check({ ...own, name: "percentb" }, share)).toBeGreaterThan(100);
    const width = leanCall("spy_bollinger_bands.txt", "", { period: 20 }, { BandWidth: "" }, 2e-4);
    expect(check({ ...own, name: "bandwidth" }, width)).toBeGreaterThan(100);
  });
});
