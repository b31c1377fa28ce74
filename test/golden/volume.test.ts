// What volume says, against the vectors of other libraries; VWAP bands against their derivation.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { IndicatorKind } from "../../asm/vocab.ts";
import { VOLUME_NAMES } from "../../src/indicators/names-volume.ts";
import { Kernel } from "../asm/indicators/kernel.ts";
import {
  type Call,
  callsOf,
  check,
  hasVectors,
  leanCall,
  ORACLES,
  rowOf,
  seriesCalls,
  TICKS,
} from "./foreign.ts";

const ALL = ["high", "low", "close", "volume"] as const;
const INPUTS: Record<string, readonly string[]> = {
  ...{ ad: ALL, adosc: ALL, kvo: ALL, mfi: ALL },
  emv: ["high", "low", "volume"],
  marketfi: ["high", "low", "volume"],
  ...{ nvi: ["close", "volume"], obv: ["close", "volume"], pvi: ["close", "volume"] },
  vosc: ["volume"],
  wad: ["high", "low", "close"],
};

const KLINGER = { fastPeriod: 5, slowPeriod: 10 };
const LEAN: [string, string, Record<string, number>, string, number][] = [
  ["spy_emv.txt", "EaseOfMovementValue", { period: 1 }, "EMV", 1e-9],
  ["spy_with_ForceIndex.csv", "ForceIndex", { period: 20 }, "ForceIndex20", 1],
  ["spy_with_kvo.csv", "KlingerVolumeOscillator", KLINGER, "KVO5_10", 1],
  ["spy_mfi.txt", "MoneyFlowIndex", { period: 20 }, "Money Flow Index 20", 1e-4],
  ["spy_with_obv.txt", "OnBalanceVolume", {}, "OBV", 1e3],
  ["spy_ad.txt", "AccumulationDistribution", {}, "AD", 1],
  ["spy_with_sobv.csv", "SmoothedOnBalanceVolume", { period: 20 }, "SOBV20", 1],
];

/** Tulip's Klinger oscillator worked by hand ends before our first value. */
const isLong = ([, , { fn, bars, options }]: [string, unknown, Call]): boolean =>
  fn !== "kvo" || bars.length > Math.max(...Object.values(options));

describe.skipIf(!hasVectors)("volume of other libraries", () => {
  const rows = VOLUME_NAMES.filter(({ unsupported }) => unsupported === undefined);
  const calls = hasVectors ? callsOf(rows, (fn) => INPUTS[fn]!).filter(isLong) : [];
  test("are all in the files", () => expect(calls.length).toBeGreaterThanOrEqual(40));
  test.each(calls)("%s", (_, row, call) => {
    expect(check(row, call)).toBeGreaterThan(0);
  });
  test.each(LEAN)("lean %s %s", (file, fn, options, column, abs) => {
    const call = leanCall(file, fn, options, { [column]: column }, abs);
    expect(check(rowOf(rows, call)!, call)).toBeGreaterThan(20);
  });

  test("lean spy_rdv.txt RelativeDailyVolume", () => {
    const call = leanCall(
      "spy_rdv.txt",
      "RelativeDailyVolume",
      { period: 2 },
      { RDV: "RDV" },
      1e-8,
    );
    const text = readFileSync(join(ORACLES, "../data/indicator-expected-lean/spy_rdv.txt"), "utf8");
    const dates = text.trim().split(/\r?\n/).slice(1);
    const bars = call.bars.map((one, i) => {
      return { ...one, endMillis: Date.parse(dates[i]!.split(",")[0]!) };
    });
    // Until two days are known theirs is 0, ours compares with one.
    const later = call.lines["RDV"]!.filter(([, value]) => value !== 0);
    const lines = { RDV: later };
    expect(check(rowOf(rows, call)!, { ...call, bars, lines })).toBeGreaterThan(400);
  });

  test("VWAP and its deviation over one session", () => {
    interface Derived {
      id: string;
      inputs: { rows: [number, number] };
      expected: { vwap: number[]; stdev: number[] };
    }
    const text = readFileSync(join(ORACLES, "ind_derived.json"), "utf8");
    const { expected } = JSON.parse(text) as { expected: Derived[] };
    const { inputs, expected: wanted } = expected.find(({ id }) => id === "session-vwap-bands")!;
    const { bars } = seriesCalls("ind_series_a.json")[0]!;
    for (const indicatorFlags of [0, 1]) {
      const kernel = new Kernel({
        ...{ indicatorKind: IndicatorKind.VwapBands, indicatorFlags },
        ...{ factor: 1, factor2: 2, factor3: 3 },
      });
      bars.slice(inputs.rows[0], inputs.rows[1] + 1).forEach((bar, i) => {
        const row = kernel.push(bar)!.map((value) => value / TICKS);
        const [average, deviation] = [wanted.vwap[i]!, wanted.stdev[i]!];
        const lines = [0, 1, 2, 3, -1, -2, -3].map((factor) => average + factor * deviation);
        lines.forEach((value, line) => {
          expect(Math.abs(row[line]! - value), `${i} ${line}`).toBeLessThan(1e-8 * average);
        });
      });
      expect(wanted.vwap.length).toBe(inputs.rows[1] - inputs.rows[0] + 1);
    }
  });
});
