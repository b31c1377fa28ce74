// Structure against its slow twin, and the law that nothing is rewritten.
import { describe, expect, test } from "vitest";
import { StructureFamily, StructureKind, StructureState } from "../../../asm/vocab.ts";
import { seeded } from "../../reference/random.ts";
import { StructureTwin } from "../../reference/structure.ts";
import type { StructureSettings, Told } from "../../reference/structure.ts";
import { DEFAULTS, Machine, MINUTE_NANOS, randomSeries, stepsOf } from "./kernel.ts";
import type { Traded } from "./kernel.ts";

const IS_DEEP = process.env["ALPHAPULSE_DEEP"] === "1";
const CONFIGURATIONS = IS_DEEP ? 100_000 : 120;
const CUTS = IS_DEEP ? 50_000 : 2000;

const { Swept, Dead, Evicted, Broken } = StructureState;
const { OrderBlock, FairValueGap, LiquidityPool, Level } = StructureKind;
/** Kinds that live on, and states that end a life (a pool's break does, a zone's does not). */
const FOLLOWED: readonly number[] = [OrderBlock, FairValueGap, LiquidityPool, Level];
const ENDS: readonly number[] = [Swept, Dead, Evicted];

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

/** Two windows of each of two sessions, among the first candles. */
function randomWindows(random: () => number, period: number): [number, number][][] {
  return [0, 1].map(() => {
    let at = 1;
    return [0, 1].map((): [number, number] => {
      const from = at + Math.floor(random() * 20 * period);
      at = from + 1 + Math.floor(random() * 20 * period);
      return [from, at];
    });
  });
}

interface Fed {
  close: Machine["close"];
  trade: Machine["trade"];
}

/** Events by candle: those of its trades, then those of its close. `skips` leaves out trades. */
function feed(machine: Fed, series: readonly Traded[], skips = (): boolean => false): Told[][] {
  return series.map(({ candle, endNanos, prices }) => {
    const told = prices.flatMap((price, at) =>
      skips() ? [] : machine.trade(candle.openNanos + at, price),
    );
    return [...told, ...machine.close(candle, endNanos)];
  });
}

describe("structure equals its twin", () => {
  test(`in ${CONFIGURATIONS} random configurations`, () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= CONFIGURATIONS; seed++) {
      const random = seeded(seed);
      const settings = randomSettings(random);
      const scale = seed % 10 === 0 ? 0 : seed % 11 === 0 ? 2 ** 51 : 10_000;
      const period = [1, 60, 360][seed % 3]! * MINUTE_NANOS;
      const series = randomSeries(seed, 40 + Math.floor(random() * 120), scale, period);
      const windows = randomWindows(random, period);
      // A candle whose trades were late says at its close what they would have said.
      const lost = (): (() => boolean) => {
        const draw = seeded(seed + 1);
        return () => seed % 3 === 0 && draw() < 0.3;
      };
      const ours = feed(new Machine(settings, windows), series, lost());
      const theirs = feed(new StructureTwin(settings, windows), series, lost());
      // Deep equality of this much costs more than everything else together.
      const same = JSON.stringify(ours) === JSON.stringify(theirs);
      if (!same) expect(ours, `seed ${seed} ${JSON.stringify(settings)}`).toEqual(theirs);
      for (const { kind, state } of ours.flat()) kinds.add(`${kind} ${state}`);
    }
    expect([...kinds].sort(), "every step of every object was seen").toMatchInlineSnapshot(`
      [
        "1 1",
        "10 1",
        "10 11",
        "10 12",
        "10 3",
        "10 4",
        "10 7",
        "11 1",
        "11 13",
        "12 1",
        "12 2",
        "12 5",
        "12 7",
        "2 1",
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
        "8 1",
        "8 10",
        "8 2",
        "8 5",
        "8 7",
        "8 9",
        "9 1",
        "9 9",
      ]
    `);
  });
});

describe("a full table", () => {
  test("loses its oldest, aloud: blocks, gaps, pools and levels", () => {
    // A staircase: every step dips twice to one low, breaks out with large bodies, and nothing that
    // it leaves behind is met again.
    const settings = {
      ...{ ...DEFAULTS, internal: 1, external: 1, gapTicks: 0, gapFactor: 0, bodyFactor: 0.1 },
      poolFactor: 0.5,
    };
    const step = [0, 60, 50, 10, 40, 30, 10, 22, 34, 80, 120];
    let open = 10_000;
    const series = Array.from({ length: 900 }, (_, at): Traded => {
      const close = 10_000 + 130 * Math.floor(at / 11) + step[at % 11]!;
      const prices = [open, close];
      const [low, high] = [Math.min(...prices), Math.max(...prices)];
      const candle = { number: at + 1, open, high, low, close, openNanos: at * MINUTE_NANOS };
      open = close;
      return { candle, endNanos: (at + 1) * MINUTE_NANOS, prices };
    });
    const ours = feed(new Machine(settings), series);
    expect(JSON.stringify(ours)).toBe(JSON.stringify(feed(new StructureTwin(settings), series)));
    const alive = new Map<number, Set<number>>();
    const evicted = new Set<number>();
    for (const { kind, state, id } of ours.flat()) {
      const ids = alive.get(kind) ?? new Set();
      alive.set(kind, ids);
      if (state === StructureState.Formed) ids.add(id);
      if (ENDS.includes(state) || (kind === LiquidityPool && state === Broken)) ids.delete(id);
      if (state === Evicted) evicted.add(kind);
      // A level is told when its second swing comes, so fewer than 64 of them are known.
      if (FOLLOWED.includes(kind)) expect(ids.size).toBeLessThanOrEqual(64);
    }
    expect([...evicted].sort((a, b) => a - b)).toEqual(FOLLOWED);
  });
});

describe("prefix invariance", () => {
  test.each([1, 2, 3, 4, 5])(`holds in ${CUTS} cuts of series %i`, (seed) => {
    const series = randomSeries(seed, 70);
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
