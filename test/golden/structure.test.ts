// Outside numbers: the public rows of a smart-money library over a year of EURUSD candles, as they
// lie in the shared data. Its other outputs look ahead; asm/structure/SMC.md says how ours differ.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { StructureFamily, StructureState } from "../../asm/vocab.ts";
import { joinGaps, mitigatedAt } from "../../scripts/conformance/structure.ts";
import type { Bar, GapRow } from "../../scripts/conformance/structure.ts";
import { DEFAULTS, Machine, MINUTE_NANOS } from "../asm/structure/kernel.ts";

const SHARED = join(dirname(fileURLToPath(import.meta.url)), "../../../shared");
const FOLDER = join(SHARED, "data/smc-eurusd-15m");
const EXPECTED = join(FOLDER, "expected-first-half");
const TICKS = 100_000;

if (!existsSync(FOLDER)) console.warn(`no ${FOLDER}: structure is not checked`);

function table(path: string): (number | null)[][] {
  const raw = readFileSync(path);
  const text = path.endsWith(".gz") ? gunzipSync(raw).toString() : raw.toString();
  const rows = text.trimEnd().split("\n").slice(1);
  return rows.map((row) => row.split(",").map((cell) => (cell === "" ? null : Number(cell))));
}

const bars = (): Bar[] =>
  table(join(FOLDER, "EURUSD_15M.csv.gz")).map(([, open, high, low, close]) => ({
    ...{ open: open!, high: high!, low: low!, close: close! },
  }));

/** Rows of an expected file that tell of a gap, as index, side, top, bottom, mitigated. */
const expected = (name: string): GapRow[] =>
  table(join(EXPECTED, name)).flatMap(([side, top, bottom, mitigated], index): GapRow[] =>
    side === null || side === undefined ? [] : [[index, side, top!, bottom!, mitigated!]],
  );

describe.skipIf(!existsSync(FOLDER))("fair value gaps of EURUSD, 15 minutes", () => {
  const series = bars();
  const machine = new Machine({
    ...{ ...DEFAULTS, families: StructureFamily.FairValueGaps, gapTicks: 0, gapFactor: 0 },
  });
  const rows = new Map<number, GapRow>();
  const evicted = new Set<number>();
  series.forEach((bar, index) => {
    const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map((price) =>
      Math.round(price * TICKS),
    ) as [number, number, number, number];
    const openNanos = index * MINUTE_NANOS;
    const candle = { number: index + 1, open, high, low, close, openNanos };
    for (const told of machine.close(candle, openNanos + MINUTE_NANOS)) {
      const { id, state, side, originIndex, knownIndex } = told;
      if (state === StructureState.Formed) {
        const way = side === 1 ? 1 : -1;
        rows.set(id, [originIndex - 1, way, told.high / TICKS, told.low / TICKS, 0]);
        expect(knownIndex, "the third candle's close tells it").toBe(originIndex + 1);
      } else if (state === StructureState.Touched) rows.get(id)![4] = knownIndex - 1;
      else if (state === StructureState.Evicted) evicted.add(id);
    }
  });
  const ours = [...rows].filter(([, row]) => row[0] < 12_212);

  test("are all public rows, and no others", () => {
    const wanted = expected("fvg_result_data.csv.gz");
    expect(wanted.length).toBeGreaterThan(2000);
    expect(ours.map(([, row]) => row.slice(0, 4))).toEqual(wanted.map((row) => row.slice(0, 4)));
  });

  test("are first touched by the bar the rows name, unless they gave way to younger ones", () => {
    const wanted = expected("fvg_result_data.csv.gz");
    let unfollowed = 0;
    ours.forEach(([id, row], at) => {
      const gaveWay = evicted.has(id) && row[4] === 0;
      unfollowed += gaveWay ? 1 : 0;
      if (!gaveWay) expect(row[4], `gap at ${row[0]}`).toBe(wanted[at]![4]);
      else expect(mitigatedAt(row, series), `gap at ${row[0]}`).toBe(wanted[at]![4]);
    });
    expect(unfollowed / ours.length, "64 are followed at a time").toBeLessThan(0.02);
  });

  test("join to the rows of the joined output", () => {
    const joined = joinGaps(
      ours.map(([, row]) => row),
      series,
    );
    expect(joined).toEqual(expected("fvg_consecutive_result_data.csv"));
  });
});
