import { expect, test } from "vitest";
import { Flag, Refusal, Side } from "../../../asm/vocab.ts";
import { inferredInstrument, Venue } from "../../../src/feeds/instruments.ts";
import type { ChunkOptions } from "../../../src/feeds/parser.ts";
import { decode } from "../../../src/protocol.ts";
import { parseCore, takeRecords } from "./parse-core.ts";

const INFO = inferredInstrument(Venue.File, "ABCUSD", 1, 2, 3);

function parse(text: string, options: Partial<ChunkOptions> = {}) {
  const { core, parser } = parseCore([INFO]);
  parser.setDefault(INFO);
  parser.reset();
  const base = {
    format: "csv",
    venue: Venue.File,
    timeDigits: 0,
    isEnd: true,
    place: "f",
  } as const;
  const used = parser.chunk(new TextEncoder().encode(text), { ...base, ...options });
  const records = takeRecords(core.parse).map((one) => decode(new DataView(one.buffer), 0));
  return { used, records, totals: parser.totals, quarantine: parser.quarantine };
}

test("each line is a trade: its time is tsEngine, its number the id", () => {
  const text = "1723161255343,61837.63,0.020,buy\n1723161255344,61837.6,1,sell\n";
  const { records, used } = parse(text);
  expect(used).toBe(text.length);
  expect(records).toMatchObject([
    { priceTicks: 6_183_763, qtyLots: 20, id: 1n, aggressor: Side.Buy, instrument: 1, venue: 4,
      tsEngineNanos: 1723161255343000000n, venueOffsetMicros: 0, flags: Flag.Timed },
    { priceTicks: 6_183_760, qtyLots: 1000, id: 2n, aggressor: Side.Sell },
  ]); // prettier-ignore
});

test("a header is recognized, CRLF and a last line without end are fine", () => {
  const { records, totals } = parse(
    "timestamp,price,qty,side\r\n1723161255,1.00,1,b\r\n1723161256,1,1,s",
  );
  expect(records.map((one) => one.tsEngineNanos)).toEqual([
    1_723_161_255_000_000_000n,
    1_723_161_256_000_000_000n,
  ]);
  expect(totals).toMatchObject({ lines: 3, records: 2, rejects: 0, notData: 1 });
});

test("digits of the time tell s, ms, us and ns", () => {
  const times = ["1723161255", "1723161255000", "1723161255000000", "1723161255000000000"];
  const { records } = parse(times.map((at) => `${at},1,1,buy`).join("\n"));
  expect(new Set(records.map((one) => one.tsEngineNanos))).toEqual(
    new Set([1_723_161_255_000_000_000n]),
  );
  const forced = parse("1723161,1,1,buy", { timeDigits: 10 });
  expect(forced.records[0]?.tsEngineNanos).toBe(1_723_161_000_000_000n);
});

test.each(["buy", "BUY", "Buy", "b", "B", "1"])("%s is an aggressive buyer", (side) => {
  expect(parse(`1723161255,1,1,${side}`).records).toMatchObject([{ aggressor: Side.Buy }]);
});

test.each(["sell", "SELL", "s", "S", "-1"])("%s is an aggressive seller", (side) => {
  expect(parse(`1723161255,1,1,${side}`).records).toMatchObject([{ aggressor: Side.Sell }]);
});

const BAD: [string, string, Refusal][] = [
  ["a quoted field", '"1723161255",1,1,buy', Refusal.CsvMalformed],
  ["a quoted price", '1723161255,"1",1,buy', Refusal.NumberMalformed],
  ["three columns", "1723161255,1,1", Refusal.NumberMalformed],
  ["five columns", "1723161255,1,1,buy,x", Refusal.SideInvalid],
  ["another side", "1723161255,1,1,long", Refusal.SideInvalid],
  ["no side", "1723161255,1,1,", Refusal.SideInvalid],
  ["a time of 12 digits", "172316125500,1,1,buy", Refusal.NumberMalformed],
  ["a date", "2024-08-08,1,1,buy", Refusal.CsvMalformed],
  ["a time beyond 64 bits", "9999999999999999999,1,1,buy", Refusal.NumberOverflow],
  ["a price between ticks", "1723161255,1.005,1,buy", Refusal.PriceNotOnTick],
  ["a quantity between lots", "1723161255,1,0.0001,buy", Refusal.QtyNotOnLot],
  ["a price of zero", "1723161255,0,1,buy", Refusal.PriceNotPositive],
  ["a blank before the price", "1723161255, 1,1,buy", Refusal.NumberMalformed],
];

test.each(BAD)("%s is refused with its line number", (_, line, reason) => {
  const { records, quarantine, totals } = parse(`1723161255,1,1,buy\n${line}\n1723161256,1,1,s\n`);
  expect(records).toHaveLength(2);
  expect(totals.rejects).toBe(1);
  expect(quarantine.examples()).toEqual([{ reason: Refusal[reason], place: "f:2", text: line }]);
});

test("a header after the first line is a refused line", () => {
  expect(parse("1723161255,1,1,buy\ntime,price,qty,side\n").totals.rejects).toBe(1);
});
