// Smart-money vectors: bars become trades, trades candles, candles StructureEvent records.
//
// Fair value gaps can be streamed and are compared; joining neighbors and the bar of mitigation of
// a joined gap are made here from the events and bars, as a chart would. Every other output of that
// library looks ahead: asm/structure/SMC.md says how ours differ, so those are counted unsupported.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import {
  CandleType,
  Flag,
  Kind,
  Role,
  Side,
  StructureFamily,
  StructureState,
} from "../../asm/vocab.ts";
import { compared, type Outcome, unsupported } from "../../src/cases/outcome.ts";
import { RecordCore } from "../../src/core/record-core.ts";
import { VECTOR_SPEC } from "./indicator.ts";

/** Prices of the sources have at most five decimals. */
const TICKS = 100_000;
const PERIOD_MILLIS = 1000;
const START_NANOS = 1_704_067_200_000_000_000n;

export interface Bar {
  open: number;
  high: number;
  low: number;
  close: number;
}

/** One gap: bar of its middle candle, 1 or -1, edges, bar that first came into it (0 = none). */
export type GapRow = [index: number, side: number, top: number, bottom: number, mitigated: number];

interface Table {
  columns: string[];
  rows: (number | null)[][];
}

export interface StructureFile {
  inputs: { series: string };
  tolerance: { rel?: number };
  expected: (Record<string, Table> & { params?: { join_consecutive?: boolean } })[];
}

/** Runs every output of a smart-money file. */
export function runStructure(path: string, file: StructureFile): Outcome[] {
  const bars = barsOf(join(dirname(path), file.inputs.series));
  return file.expected.flatMap(({ params = {}, ...outputs }, at) =>
    Object.entries(outputs).map(([name, table]) => {
      const id = `${at} ${name} ${JSON.stringify(params)}`;
      if (name !== "fvg") {
        return unsupported(id, "looks ahead: how ours differs is in asm/structure/SMC.md");
      }
      const rows = gapsOf(bars);
      const actual = params.join_consecutive === true ? joinGaps(rows, bars) : rows;
      const near = actual.map((row, i) => round(row, table.rows[i], file.tolerance.rel ?? 0));
      return compared(id, table.rows, near);
    }),
  );
}

function barsOf(path: string): Bar[] {
  const rows = readFileSync(path, "utf8").trim().split("\n").slice(1);
  return rows.map((row) => {
    const [open, high, low, close] = row.split(",").slice(1, 5).map(Number);
    return { open: open!, high: high!, low: low!, close: close! };
  });
}

/** Numbers within the tolerance take the vector's own form, so that equality can be exact. */
function round(row: GapRow, expected: (number | null)[] | undefined, rel: number): number[] {
  return row.map((value, i) => {
    const wanted = expected?.[i] ?? NaN;
    return Math.abs(value - wanted) <= rel * Math.abs(wanted) ? wanted : value;
  });
}

/** Every gap of the bars, as the core tells them with a gap minimum of nothing. */
function gapsOf(bars: readonly Bar[]): GapRow[] {
  const core = new RecordCore(Role.Market);
  core.send(Kind.Timeframe, { slot: 0, type: CandleType.Time, periodMillis: PERIOD_MILLIS });
  const families = StructureFamily.FairValueGaps;
  core.send(Kind.StructureConfig, { timeframe: 0, families, gapTicks: -1, gapFactor: -1 });
  core.send(Kind.InstrumentSpec, VECTOR_SPEC);
  const gaps = new Map<number, GapRow>();
  const take = (bar: number, price: number, part: number): void => {
    const micros = BigInt(bar * PERIOD_MILLIS * 1000 + part);
    const tsEngineNanos = START_NANOS + micros * 1000n;
    const fields = { priceTicks: Math.round(price * TICKS), qtyLots: 1, aggressor: Side.Buy };
    const trade = { instrument: 1, flags: Flag.Timed, tsEngineNanos, ...fields };
    for (const answer of core.send(Kind.Trade, trade)) {
      if (answer.kind === Kind.StructureEvent) gapEvent(gaps, answer as never, bars);
    }
  };
  bars.forEach(({ open, high, low, close }, bar) => {
    [open, high, low, close].forEach((price, part) => take(bar, price, part));
  });
  take(bars.length, bars.at(-1)?.close ?? 0, 0);
  return [...gaps.values()];
}

interface GapEvent {
  id: number;
  state: StructureState;
  side: Side;
  lowTicks: number;
  highTicks: number;
  originIndex: bigint;
  knownIndex: bigint;
}

/** Follows one gap: where it lies, and the bar that first came into it. */
function gapEvent(gaps: Map<number, GapRow>, event: GapEvent, bars: readonly Bar[]): void {
  const { id, state, side, lowTicks, highTicks, originIndex, knownIndex } = event;
  if (state === StructureState.Formed) {
    const way = side === Side.Buy ? 1 : -1;
    gaps.set(id, [Number(originIndex) - 1, way, highTicks / TICKS, lowTicks / TICKS, 0]);
  }
  const row = gaps.get(id);
  if (row === undefined) return;
  if (state === StructureState.Touched) row[4] = Number(knownIndex) - 1;
  // A gap that gave way to younger ones is not followed any more.
  else if (state === StructureState.Evicted && row[4] === 0) row[4] = mitigatedAt(row, bars);
}

/** First bar from the second after the gap's middle on that comes into it, 0 = none. */
export function mitigatedAt([index, side, top, bottom]: GapRow, bars: readonly Bar[]): number {
  for (let bar = index + 2; bar < bars.length; bar++) {
    const { low, high } = bars[bar]!;
    if (side > 0 ? low <= top : high >= bottom) return bar;
  }
  return 0;
}

/** Neighboring gaps of one side as one, at the place of the last. */
export function joinGaps(rows: readonly GapRow[], bars: readonly Bar[]): GapRow[] {
  const joined: GapRow[] = [];
  for (const row of rows) {
    const before = joined.at(-1);
    if (before === undefined || before[0] + 1 !== row[0] || before[1] !== row[1]) {
      joined.push([...row]);
      continue;
    }
    const [, side, top, bottom] = before;
    joined.pop();
    joined.push([row[0], side, Math.max(top, row[2]), Math.min(bottom, row[3]), 0]);
  }
  return joined.map((row) => [row[0], row[1], row[2], row[3], mitigatedAt(row, bars)]);
}
