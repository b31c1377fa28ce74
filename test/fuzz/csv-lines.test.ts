import { expect, test } from "vitest";
import { SCRATCH } from "../../asm/layout.ts";
import { CELL_BYTES, Side } from "../../asm/vocab.ts";
import { inferredInstrument, Venue } from "../../src/feeds/instruments.ts";
import { writeTrade } from "../../src/normalize/records.ts";
import { parseCore } from "../asm/parse/parse-core.ts";
import { Draw, mutate } from "./json-mutations.ts";

const INPUTS = 200_000;
const SEED = 77;
const INFO = inferredInstrument(Venue.File, "ABCUSD", 1, 2, 3);
const SEEDS = [
  "1723161255343,61837.63,0.020,buy",
  "1723161255,1,10.5,-1",
  "1723161255343123456,1.2,3,S",
];

interface Row {
  nanos: bigint;
  ticks: bigint;
  lots: bigint;
  side: Side;
}

/** The rules once more, with a pattern and bigints; undefined = refused. */
function twin(line: string): Row | undefined {
  const match = /^(\d+),(\d+)(?:\.(\d+))?,(\d+)(?:\.(\d+))?,(buy|sell|b|s|-1|1)$/i.exec(line);
  if (match === null) return undefined;
  const [, at = "", p = "", pf = "", q = "", qf = "", side = ""] = match;
  if (![10, 13, 16, 19].includes(at.length)) return undefined;
  const nanos = BigInt(at) * 10n ** BigInt(19 - at.length);
  const ticks = steps(p, pf, 2);
  const lots = steps(q, qf, 3);
  if (nanos >= 2n ** 63n || ticks === undefined || lots === undefined) return undefined;
  if (ticks === 0n || lots === 0n) return undefined;
  return { nanos, ticks, lots, side: /^(b|1)/i.test(side) ? Side.Buy : Side.Sell };
}

function steps(whole: string, fraction: string, scale: number): bigint | undefined {
  if (/[1-9]/.test(fraction.slice(scale))) return undefined;
  const value = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
  return value > 9223372036854775799n ? undefined : value;
}

test(`the CSV parser agrees with its twin on ${INPUTS} broken lines, seed ${SEED}`, () => {
  const { core, parser } = parseCore([INFO]);
  parser.setDefault(INFO);
  const chunk = core.exports["parseChunk"] as unknown as (...args: number[]) => number;
  const constants = core.exports as unknown as Record<string, { value: number }>;
  const format = constants["PARSE_FORMAT_CSV"]!.value;
  const scratch = core.u8.subarray(SCRATCH, SCRATCH + 65_536);
  const draw = new Draw(SEED);
  const seeds = SEEDS.map((text) => Buffer.from(text));
  let accepted = 0;
  for (let index = 0; index < INPUTS; index++) {
    const length = mutate(seeds[index % seeds.length]!, scratch, draw);
    const line = Buffer.from(scratch.slice(0, length)).toString("latin1");
    // Several lines or an ended one are the chunk's matter, not the line's.
    if (/[\r\n]/.test(line)) continue;
    parser.reset();
    core.view.setFloat64(constants["CHUNK_LINES"]!.value, 1, true);
    const used = chunk(length, format, Venue.File, 0, 1, core.parse.at);
    const row = twin(line);
    const at = core.parse.next();
    const explain = `seed ${SEED}, input ${index}: ${line}`;
    if (used !== length || at >= 0 !== (row !== undefined)) expect.fail(explain);
    if (row === undefined) continue;
    accepted++;
    const head = { instrument: 1, venue: Venue.File, recvNanos: row.nanos, timed: true };
    const { ticks, lots, side } = row;
    const trade = { ticks, lots, id: 2n, aggressor: side };
    writeTrade(core.source, { ...head, offsetMicros: 0 }, trade);
    core.source.publish();
    const other = core.source.next();
    const ours = Buffer.from(core.u8.slice(at, at + CELL_BYTES));
    const theirs = core.u8.slice(other, other + CELL_BYTES);
    if (!ours.equals(theirs)) expect.fail(explain);
    for (const ring of [core.parse, core.source]) {
      ring.skip(1);
      ring.release();
    }
  }
  expect(accepted, "enough lines stay whole").toBeGreaterThan(INPUTS / 20);
});
