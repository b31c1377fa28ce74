// Oscillators of momentum against the vectors of other libraries.
import { describe, expect, test } from "vitest";
import { MOMENTUM_NAMES } from "../../src/indicators/names-momentum.ts";
import { callsOf, check, hasVectors, leanCall, rowOf } from "./foreign.ts";

const INPUTS: Record<string, readonly string[]> = {
  ao: ["high", "low"],
  bop: ["open", "high", "low", "close"],
  cci: ["high", "low", "close"],
  crossany: ["close", "open"],
  crossover: ["close", "open"],
  fisher: ["high", "low"],
  qstick: ["open", "close"],
  stoch: ["high", "low", "close"],
  ultosc: ["high", "low", "close"],
  willr: ["high", "low", "close"],
};

/** File, function, options, its columns, half a unit of its last digit or so. */
type LeanRow = [string, string, Record<string, number>, readonly string[], number];
const CONNORS = { rsiPeriod: 3, rsiPeriodStreak: 2, lookBackPeriod: 100 };
const DERIVATIVE = {
  ...{ rsiPeriod: 14, smoothingRsiPeriod: 5, doubleSmoothingRsiPeriod: 3, signalLinePeriod: 9 },
};
const STRENGTH = { longTermPeriod: 25, shortTermPeriod: 13, signalPeriod: 7 };
const SCHAFF = { cyclePeriod: 10, fastPeriod: 23, slowPeriod: 50 };
const LEAN: LeanRow[] = [
  ["spy_ao.txt", "AwesomeOscillator", { fastPeriod: 5, slowPeriod: 34 }, ["AO"], 1e-9],
  ["spy_aps.txt", "AugenPriceSpike", { period: 20 }, ["APS"], 1e-6],
  ["spy_cmo.txt", "ChandeMomentumOscillator", { period: 5 }, ["CMO_5"], 1e-9],
  ["spy_crsi.csv", "ConnorsRelativeStrengthIndex", CONNORS, ["crsi"], 1e-9],
  ["eurusd60_dem.txt.gz", "DeMarkerIndicator", { period: 14 }, ["DeM"], 1e-9],
  ["spy_do.csv.gz", "DerivativeOscillator", DERIVATIVE, ["DO"], 1e-5],
  ["spy_with_hilbert.csv", "HilbertTransform", { length: 7 }, ["InPhase", "Quadrature"], 1e-7],
  ["spy_with_ibs.csv", "InternalBarStrength", {}, ["IBS"], 1e-9],
  ["spy_pso.csv", "PremierStochasticOscillator", { period: 8, emaPeriod: 5 }, ["pso"], 1e-9],
  ["spy_rocr.txt", "RateOfChangeRatio", { period: 5 }, ["ROCR_5"], 1e-9],
  ["spy_with_roc50.txt", "Momentum", { period: 50 }, ["Rate of Change 50"], 1e-4],
  ["spy_with_rocp50.txt", "RateOfChangePercent", { period: 50 }, ["Rate of Change % 50"], 1e-5],
  ["spy_rvi.txt", "RelativeVigorIndex", { period: 10 }, ["RVI", "RVI_S"], 1e-9],
  ["spy_stc.txt", "SchaffTrendCycle", SCHAFF, ["STC"], 1e-3],
  ["spy_tsi.csv", "TrueStrengthIndex", STRENGTH, ["TSI_25_13", "Signal_7"], 1e-9],
];

describe.skipIf(!hasVectors)("oscillators of momentum of other libraries", () => {
  const rows = MOMENTUM_NAMES.filter(({ unsupported }) => unsupported === undefined);
  const calls = hasVectors ? callsOf(rows, (fn) => INPUTS[fn] ?? ["close"]) : [];
  test("are all in the files", () => expect(calls.length).toBeGreaterThanOrEqual(90));
  // Tulip's awesome oscillator of fifteen candles has no value.
  test.each(calls.filter(([, , { fn }]) => fn !== "ao"))("%s", (_, row, call) => {
    expect(check(row, call)).toBeGreaterThan(0);
  });
  test.each(LEAN)("lean %s %s", (file, fn, options, columns, abs) => {
    const lines = Object.fromEntries(columns.map((column) => [column, column]));
    const call = leanCall(file, fn, options, lines, abs);
    expect(check(rowOf(rows, call)!, call)).toBeGreaterThan(50);
  });
});
