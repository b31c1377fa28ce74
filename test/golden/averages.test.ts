// Averages against the vectors of other libraries.
import { describe, expect, test } from "vitest";
import { AVERAGES_NAMES } from "../../src/indicators/names-averages.ts";
import { callsOf, check, hasVectors, leanCall, rowOf } from "./foreign.ts";

const INPUTS: Record<string, readonly string[]> = {
  vwma: ["close", "volume"],
  avgprice: ["open", "high", "low", "close"],
  medprice: ["high", "low"],
  typprice: ["high", "low", "close"],
  wcprice: ["high", "low", "close"],
};

const LEAN: [string, string, Record<string, number>, string, number][] = [
  ["spy_with_indicators.txt", "SimpleMovingAverage", { period: 14 }, "SMA14", 0.006],
  ["spy_ema.csv", "ExponentialMovingAverage", { period: 14 }, "EMA14", 1e-6],
  ["spx_lwma.csv", "LinearWeightedMovingAverage", { period: 6 }, "LWMA", 0.006],
  ["spy_dema.txt", "DoubleExponentialMovingAverage", { period: 5 }, "DEMA_5", 1e-6],
  ["spy_trima.txt", "TriangularMovingAverage", { period: 5 }, "TRIMA_5", 1e-6],
  ["spy_trima.txt", "TriangularMovingAverage", { period: 6 }, "TRIMA_6", 1e-6],
  ["spy_with_rma.csv", "RelativeMovingAverage", { period: 5 }, "RMA5", 1e-6],
  ["frama.txt.gz", "FractalAdaptiveMovingAverage", { period: 16 }, "Filt", 0.006],
  ["spy_midpoint.txt", "MidPoint", { period: 5 }, "MIDPOINT_5", 1e-6],
  [
    ...(["spy_with_vwap.txt", "VolumeWeightedAveragePriceIndicator", { period: 50 }] as const),
    ...(["Moving VWAP 50", 1e-3] as const),
  ],
];

describe.skipIf(!hasVectors)("averages of other libraries", () => {
  const calls = hasVectors ? callsOf(AVERAGES_NAMES, (fn) => INPUTS[fn] ?? ["close"]) : [];
  test("are all in the files", () => expect(calls.length).toBeGreaterThanOrEqual(60));
  test.each(calls)("%s", (_, row, call) => {
    expect(check(row, call)).toBeGreaterThan(0);
  });
  test.each(LEAN)("lean %s %s", (file, fn, options, column, abs) => {
    const call = leanCall(file, fn, options, { [column]: fn }, abs);
    expect(check(rowOf(AVERAGES_NAMES, call)!, call)).toBeGreaterThan(3);
  });
});
