// Candlestick patterns against their twin, and against the columns another port of TA-Lib gave for
// SPY, as they lie in the shared data.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CandlePattern, StructureFamily } from "../../../asm/vocab.ts";
import { PATTERN_CANDLES, patternsAt } from "../../reference/patterns.ts";
import { seeded } from "../../reference/random.ts";
import type { Candle } from "../../reference/structure.ts";
import { DEFAULTS, Machine, MINUTE_NANOS } from "./kernel.ts";

const SHARED = join(dirname(fileURLToPath(import.meta.url)), "../../../../shared");
const SPY = join(SHARED, "data/indicator-expected-lean/spy_candle_patterns.txt");
const SETTINGS = { ...DEFAULTS, families: StructureFamily.Patterns };
const SERIES = process.env["ALPHAPULSE_DEEP"] === "1" ? 20_000 : 25;

/** Candles of few ticks, so that ties, dojis and gaps are frequent. */
function randomCandles(seed: number, count: number): Candle[] {
  const random = seeded(seed);
  const some = (most: number): number => Math.floor(random() ** 2 * (most + 1));
  const scale = [4, 12, 60][seed % 3]!;
  let close = 1000;
  return Array.from({ length: count }, (_, at) => {
    const way = random() < 0.5 ? 1 : -1;
    const open = close + (random() < 0.5 ? 0 : Math.round((random() - 0.5) * scale));
    close = open + way * some(scale);
    const high = Math.max(open, close) + (random() < 0.4 ? 0 : some(scale));
    const low = Math.min(open, close) - (random() < 0.4 ? 0 : some(scale));
    return { number: at + 1, open, high, low, close, openNanos: at * MINUTE_NANOS };
  });
}

test(`patterns equal their twin in ${SERIES} random series`, () => {
  let [bulls, bears] = [0, 0];
  for (let seed = 1; seed <= SERIES; seed++) {
    const machine = new Machine(SETTINGS);
    const candles = randomCandles(seed, 400);
    candles.forEach((candle, i) => {
      const ours = machine.patterns(candle, candle.openNanos + MINUTE_NANOS);
      const theirs = i < PATTERN_CANDLES ? { bull: 0, bear: 0 } : patternsAt(candles, i);
      bulls |= ours.bull;
      bears |= ours.bear;
      const isSame = ours.bull === theirs.bull && ours.bear === theirs.bear;
      if (!isSame) expect(ours, `seed ${seed} candle ${i}`).toEqual(theirs);
    });
  }
  const missing = Object.keys(CandlePattern).filter((name) => {
    const bit = CandlePattern[name as keyof typeof CandlePattern];
    return typeof bit === "number" && (((bulls | bears) >>> bit) & 1) === 0;
  });
  expect(missing, "patterns never seen").toEqual([]);
});

describe.skipIf(!existsSync(SPY))("patterns of SPY", () => {
  test("are those of the other port, column by column", () => {
    const [head, ...rows] = readFileSync(SPY, "utf8").trim().split("\n");
    const columns = head!.trim().split(",");
    const names = Object.keys(CandlePattern).filter((name) => Number.isNaN(Number(name)));
    expect(columns).toEqual(expect.arrayContaining(names.map(columnOf)));
    const machine = new Machine(SETTINGS);
    const differing: string[] = [];
    let seen = 0;
    rows.forEach((row, i) => {
      const cells = row.trim().split(",");
      const [open, high, low, close] = cells.slice(1, 5).map((c) => Math.round(Number(c) * 1e4));
      const candle = { number: i + 1, open: open!, high: high!, low: low!, close: close! };
      const openNanos = i * MINUTE_NANOS;
      const { bull, bear } = machine.patterns({ ...candle, openNanos }, openNanos + MINUTE_NANOS);
      for (const [name, bit] of Object.entries(CandlePattern)) {
        if (typeof bit !== "number") continue;
        const cell = cells[columns.indexOf(columnOf(name))];
        if (cell === undefined || cell === "" || i < PATTERN_CANDLES) continue;
        const ours = ((bull >>> bit) & 1) - ((bear >>> bit) & 1);
        seen += Number(cell) === 0 ? 0 : 1;
        if (ours !== Math.sign(Number(cell))) differing.push(`${i} ${name} ${cell} not ${ours}`);
      }
    });
    expect(seen, "values other than 0").toBeGreaterThan(500);
    // Exact ties (a shadow of one or two bodies, a body of the average): in floating point they
    // fall on one side, in whole ticks they are ties.
    expect(differing).toEqual([
      "215 RickshawMan 100 not 0",
      "215 SpinningTop -100 not 0",
      "227 HighWave 100 not 0",
      "433 ShortLine 100 not 0",
    ]);
  });
});

function columnOf(name: string): string {
  return `CDL${name.replace(/^Three/, "3").toUpperCase()}`;
}
