// Structure against its slow twin, and the law that nothing is rewritten.
import { describe, expect, test } from "vitest";
import { StructureFamily } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { StructureTwin } from "../../reference/structure.ts";
import type { StructureSettings, Told } from "../../reference/structure.ts";
import { DEFAULTS, Machine, MINUTE_NANOS, randomSeries, stepsOf } from "./kernel.ts";
import type { Traded } from "./kernel.ts";

const IS_DEEP = process.env["ALPHAPULSE_DEEP"] === "1";
const CONFIGURATIONS = IS_DEEP ? 100_000 : 200;
const CUTS = IS_DEEP ? 50_000 : 2000;

/** Settings that make objects frequent in a short series. */
function randomSettings(random: () => number): StructureSettings {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return {
    flags: Math.floor(random() * 4),
    families: pick([StructureFamily.All, 1 + Math.floor(random() * StructureFamily.All)]),
    internal: pick([1, 2, 3, 5]),
    external: pick([1, 3, 6, 10, 20]),
    sweep: pick([1, 2, 3, 5]),
    gapTicks: pick([0, 1, 2, 10]),
    gapFactor: pick([0, 0.05, 0.1, 0.5]),
    bodyFactor: pick([0.2, 0.5, 1, 1.5]),
    poolFactor: pick([0.05, 0.1, 0.5, 1]),
    turnFactor: pick([0.5, 1, 1.5, 3]),
  };
}

interface Fed {
  close: Machine["close"];
  trade: Machine["trade"];
}

/** Events by candle: those of its trades, then those of its close. `skips` leaves out trades. */
function feed(machine: Fed, series: readonly Traded[], skips = (): boolean => false): Told[][] {
  return series.map(({ candle, prices }) => {
    const told = prices.flatMap((price, at) =>
      skips() ? [] : machine.trade(candle.openNanos + at, price),
    );
    return [...told, ...machine.close(candle, candle.openNanos + MINUTE_NANOS)];
  });
}

describe("structure equals its twin", () => {
  test(`in ${CONFIGURATIONS} random configurations`, () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= CONFIGURATIONS; seed++) {
      const random = seeded(seed);
      const settings = randomSettings(random);
      const scale = seed % 10 === 0 ? 0 : seed % 11 === 0 ? 2 ** 51 : 10_000;
      const series = randomSeries(seed, 40 + Math.floor(random() * 120), scale);
      // A candle whose trades were late says at its close what they would have said.
      const lost = (): (() => boolean) => {
        const draw = seeded(seed + 1);
        return () => seed % 3 === 0 && draw() < 0.3;
      };
      const ours = feed(new Machine(settings), series, lost());
      const theirs = feed(new StructureTwin(settings), series, lost());
      // Deep equality of this much costs more than everything else together.
      const same = JSON.stringify(ours) === JSON.stringify(theirs);
      if (!same) expect(ours, `seed ${seed} ${JSON.stringify(settings)}`).toEqual(theirs);
      for (const { kind, state } of ours.flat()) kinds.add(`${kind} ${state}`);
    }
    expect([...kinds].sort(), "every step of every object was seen").toMatchInlineSnapshot(`
      [
        "1 1",
        "3 1",
        "4 1",
        "5 1",
        "6 1",
        "6 2",
        "6 3",
        "6 4",
        "6 5",
        "6 6",
        "6 7",
        "7 1",
        "7 2",
        "7 3",
        "7 4",
        "7 5",
        "7 6",
        "7 7",
        "7 8",
      ]
    `);
  });
});

describe("prefix invariance", () => {
  test.each([1, 2, 3, 4, 5])(`holds in ${CUTS} cuts of series %i`, (seed) => {
    const series = randomSeries(seed, 100);
    const settings = { ...DEFAULTS, external: 20, bodyFactor: 0.5 };
    const whole = feed(new Machine(settings), series);
    const steps = stepsOf(series);
    const bytes = new Machine(settings).run(steps);
    expect(whole.flat().length).toBeGreaterThan(50);
    const random = seeded(seed);
    for (let i = 0; i < CUTS; i++) {
      const cut = Math.floor(random() * series.length);
      // The cut lies between two trades of the candle behind the last whole one.
      const { prices } = steps[cut]!;
      const rest = prices.slice(0, Math.floor(random() * (prices.length + 1)));
      const told = new Machine(settings).run(steps.slice(0, cut), rest);
      expect(bytes.subarray(0, told.length).equals(told), `cut in candle ${cut + 1}`).toBe(true);
    }
    for (const told of whole.flat()) {
      expect(told.knownIndex).toBeGreaterThanOrEqual(told.originIndex);
      expect(told.knownNanos).toBeGreaterThan(told.originNanos);
    }
  });
});
