import { expect, test } from "vitest";
import { H_CLOCK_BASE, PARSE_BYTES_MAX } from "../../../asm/layout.ts";
import { Flag, Kind, Refusal, Side } from "../../../asm/vocab.ts";
import { Venue } from "../../../src/feeds/instruments.ts";
import { decode, type DecodedRecord } from "../../../src/protocol.ts";
import { parseCore, SPOT, takeRecords, USDM } from "./parse-core.ts";

const BASE_NANOS = 1_723_161_255_000_000_000n;
const { core, parser } = parseCore();
core.view.setBigInt64(H_CLOCK_BASE, BASE_NANOS, true);
let tradeId = 1000;

function parse(text: string, venue = Venue.BinanceSpot, recvNanos = 0): number {
  return parser.message(new TextEncoder().encode(text), venue, recvNanos);
}

function taken(): DecodedRecord[] {
  return takeRecords(core.parse).map((one) => decode(new DataView(one.buffer), 0));
}

function trade(fields: Record<string, unknown>): string {
  const all = { e: "trade", E: 1723161255343, s: "BTCUSDT", t: ++tradeId, p: "61837.63000000" };
  return JSON.stringify({ ...all, q: "0.02000000", T: 1723161255342, m: true, ...fields });
}

test("a trade becomes ticks, lots, id, aggressor and the venue's time as an offset", () => {
  expect(parse(`{"stream":"btcusdt@trade","data":${trade({ t: 3735683259 })}}`)).toBe(1);
  expect(taken()).toMatchObject([
    { kind: Kind.Trade, instrument: 1, priceTicks: 6_183_763, qtyLots: 2_000_000, id: 3735683259n,
      aggressor: Side.Sell, venueOffsetMicros: 342_000, venue: 1, flags: 0 },
  ]); // prettier-ignore
  tradeId = 3735683260;
  expect(parse(trade({ m: false }))).toBe(1);
  expect(taken()[0], "m false: the buyer took").toMatchObject({ aggressor: Side.Buy });
});

test("fields come in any order, with white space and unknown fields between them", () => {
  const text =
    `\r\n{ "x" : {"a":[{"q":"}\\"]\\u00e9"}, null, -1.5e+9]} ,"m":true,"q":"0.5" , "p":\t"1.25",` +
    `"longName":true,"t":${++tradeId},"T":1723161255000,"E":1,"s":"BTCUSDT","e":"trade"} \n`;
  expect(parse(text)).toBe(1);
  expect(taken()).toMatchObject([{ priceTicks: 125, qtyLots: 50_000_000, venueOffsetMicros: 0 }]);
});

test("the same name is another instrument with other steps on another venue", () => {
  const quote = '{"u":7,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510"}';
  expect(parse(quote, Venue.BinanceSpot)).toBe(1);
  expect(parse(quote, Venue.BinanceUsdm)).toBe(1);
  expect(taken()).toMatchObject([
    { kind: Kind.Quote, instrument: 1, bidTicks: 6_180_020, bidLots: 250_700_000, updateId: 7n },
    { kind: Kind.Quote, instrument: 2, bidTicks: 618_002, bidLots: 2507, askLots: 2510 },
  ]);
});

test("a book update of 30 levels is one group of records, bids first, ids in each", () => {
  const side = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => [`${from + i}.5`, `${i}.001`]);
  const text = JSON.stringify({
    ...{ e: "depthUpdate", E: 1723161255343, T: 1723161255340, s: "BTCUSDT" },
    ...{ U: 5, u: 9, pu: 4, b: side(100, 14), a: side(200, 16) },
  });
  expect(parse(text, Venue.BinanceUsdm)).toBe(3);
  const group = taken();
  const mask = Flag.First | Flag.Last;
  expect(group.map((one) => one.flags & mask)).toEqual([Flag.First, 0, Flag.Last]);
  const lengths = group.map((one) => [one["bids"], one["asks"]].map((x) => (x as []).length));
  expect(lengths).toEqual([[12, 0], [2, 10], [0, 6]]); // prettier-ignore
  for (const one of group) expect(one).toMatchObject({ firstId: 5n, lastId: 9n, prevId: 4n });
  expect((group[1]!["bids"] as unknown[])[0]).toEqual({ priceTicks: 1125, qtyLots: 12_001 });
});

test("an empty book update is one record, because its ids continue the chain", () => {
  const text = '{"e":"depthUpdate","E":1723161255343,"s":"BTCUSDT","U":5,"u":9,"b":[],"a":[]}';
  expect(parse(text)).toBe(1);
  expect(taken()).toMatchObject([{ firstId: 5n, lastId: 9n, prevId: 0n, bids: [], asks: [] }]);
});

test("levels are read with the right steps when the name comes after them", () => {
  const text = '{"b":[["61737.63","0.5"]],"a":[],"U":5,"u":9,"e":"depthUpdate","s":"BTCUSDT"}';
  expect(parse(text)).toBe(1);
  expect(taken()[0]!["bids"]).toEqual([{ priceTicks: 6_173_763, qtyLots: 50_000_000 }]);
});

test("a REST snapshot takes the default instrument, or none", () => {
  const text = '{"lastUpdateId":77,"bids":[["1.00","2.0"]],"asks":[["1.10","3.0"]]}';
  parser.setDefault(undefined);
  expect(parse(text)).toBe(-Refusal.SymbolUnknown);
  parser.setDefault(SPOT);
  expect(parse(text)).toBe(1);
  expect(taken()).toMatchObject([{ kind: Kind.BookSnapshot, instrument: 1, lastId: 77n }]);
  parser.setDefault(USDM);
  expect(parse(text), "one decimal on the perpetual").toBe(1);
  expect(taken()[0]!["asks"]).toEqual([{ priceTicks: 11, qtyLots: 3000 }]);
});

test("a live trade that came before is a duplicate, per instrument and kind of trade", () => {
  const text = trade({ t: ++tradeId });
  expect(parse(text)).toBe(1);
  expect(parse(text)).toBe(-Refusal.DuplicateUpdate);
  expect(parse(trade({ t: tradeId - 5 }))).toBe(-Refusal.DuplicateUpdate);
  expect(parse(trade({ e: "aggTrade", a: 3 })), "aggregates count by themselves").toBe(1);
  expect(taken()).toHaveLength(2);
});

test("venue time is rounded up to the microsecond, so a candle's first trade stays in it", () => {
  expect(parse(trade({ T: 1723161255000 }), Venue.BinanceSpot, 1)).toBe(1);
  expect(taken()[0]).toMatchObject({ venueOffsetMicros: 0 });
  expect(parse(trade({ T: 1723161255001 }), Venue.BinanceSpot, 1)).toBe(1);
  expect(taken()[0]).toMatchObject({ venueOffsetMicros: 1000 });
});

const REFUSED: [string, string, Refusal][] = [
  ["a price between two ticks", trade({ p: "61837.635" }), Refusal.PriceNotOnTick],
  ["a quantity between two lots", trade({ q: "0.000000001" }), Refusal.QtyNotOnLot],
  ["a price beyond 63 bits", trade({ p: "99999999999999999999" }), Refusal.NumberOverflow],
  ["a negative price", trade({ p: "-1.00" }), Refusal.NumberMalformed],
  ["a price with an exponent", trade({ p: "1e3" }), Refusal.NumberMalformed],
  ["a price without digits before the point", trade({ p: ".5" }), Refusal.NumberMalformed],
  ["a price that is a number", trade({ p: 1.5 }), Refusal.NumberMalformed],
  ["a price of zero", trade({ p: "0.00" }), Refusal.PriceNotPositive],
  ["a quantity of zero", trade({ q: "0.00" }), Refusal.QtyNotPositive],
  ["a missing price", trade({ p: undefined }), Refusal.MessageUnknown],
  ["an id beyond 2^53", trade({ t: 2 ** 60 }), Refusal.NumberOverflow],
  ["another event", trade({ e: "kline" }), Refusal.MessageUnknown],
  ["an answer to a request", '{"result":null,"id":1}', Refusal.MessageUnknown],
  ["an unknown name", trade({ s: "NOPEUSDT" }), Refusal.SymbolUnknown],
  ["a venue clock 11 minutes ahead", trade({ T: 1723161255000 + 660_000 }), Refusal.TimeFarAhead],
  ["a venue clock of microseconds", trade({ T: 1723161255000000 }), Refusal.TimeFarAhead],
  ["no text", "", Refusal.JsonMalformed],
  ["a cut message", trade({}).slice(0, -1), Refusal.JsonMalformed],
  ["two messages", `${trade({})}${trade({})}`, Refusal.JsonMalformed],
  ["a number with a leading zero", trade({}).replace('"t":', '"t":0'), Refusal.JsonMalformed],
  ["a control byte in a name", trade({}).replace("BTC", "B\nC"), Refusal.JsonMalformed],
  ["40 open brackets", `{"x":${"[".repeat(40)}${"]".repeat(40)}}`, Refusal.JsonMalformed],
  ["too many levels", deltaOf(8193), Refusal.MessageTooLong],
];

function deltaOf(levels: number): string {
  const b = Array.from({ length: levels }, (_, i) => [`${i + 1}.00`, "1.0"]);
  return JSON.stringify({ e: "depthUpdate", E: 1723161255343, s: "BTCUSDT", U: 1, u: 2, b, a: [] });
}

test.each(REFUSED)("%s is refused and writes nothing", (_, text, reason) => {
  const code = parse(text);
  expect(Refusal[-code]).toBe(Refusal[reason]);
  expect(core.parse.waiting()).toBe(0);
});

const NOT_JSON = ["01", "-", "1.", ".5", "1e", "+1", "00", "tru", "nul", "[1,]", "[1 2]", '{"k"}']
  .concat(['{"k":}', "{k:1}", '{"k":1,}', '"\\x"', '"\\u00g0"', '"\t"', "[", "]", '"', "NaN", ""])
  .concat(["[1}", '{"k":1]', '{"k":[01]}', "[-01]", "'a'"]);

test.each(NOT_JSON)("an unknown field of value %s makes the message malformed", (value) => {
  expect(() => JSON.parse(`{"a":${value},"b":1}`) as unknown, "JSON.parse agrees").toThrow();
  expect(parse(trade({}).replace("{", `{"longName":${value},`))).toBe(-Refusal.JsonMalformed);
  expect(parse(trade({}).replace("{", `{"Z":${value},`))).toBe(-Refusal.JsonMalformed);
});

test("the slow path reads what the scanner hands over: escapes, exponents, names twice", () => {
  const id = ++tradeId;
  const escaped = trade({ t: id, s: "BTCUSDT" }).replace("BTCUSDT", "BTC\\u0055SDT");
  const exponent = trade({}).replace(/"t":\d+/, `"t":${++tradeId}e0`);
  const twice = trade({}).replace('"q":', '"q":"9.0","q":');
  for (const text of [escaped, exponent, twice]) expect(parse(text)).toBe(1);
  const ids = taken().map((one) => [one["id"], one["instrument"], one["qtyLots"]]);
  expect(ids[0]).toEqual([BigInt(id), 1, 2_000_000]);
  expect(ids.slice(1).map((one) => one[2])).toEqual([2_000_000, 2_000_000]);
});

test("a message longer than the scratch region is refused before it is copied", () => {
  const bytes = new Uint8Array(PARSE_BYTES_MAX + 1).fill(0x20);
  expect(parser.message(bytes, Venue.BinanceSpot, 0)).toBe(-Refusal.MessageTooLong);
});

test("a group that does not fit the ring leaves nothing behind, and the loss is counted", () => {
  const big = deltaOf(8000);
  let groups = 0;
  while (parse(big) > 0) groups++;
  const waiting = core.parse.waiting();
  const overrun = core.parse.overrun;
  expect(parse(big)).toBe(-Refusal.RingFull);
  expect(core.parse.waiting(), "all or nothing").toBe(waiting);
  expect(core.parse.overrun).toBeGreaterThan(overrun);
  const records = takeRecords(core.parse);
  expect(records).toHaveLength(groups * Math.ceil(8000 / 12));
  expect(parse(deltaOf(1)), "and goes on when there is room").toBe(1);
  expect(taken()).toHaveLength(1);
});

test("names of 33 bytes and ids of 0 are refused with a remedy", () => {
  const info = { ...SPOT, name: "X".repeat(33) };
  expect(() => parser.register(info)).toThrow(/WrongLength/);
  expect(() => parser.register({ ...SPOT, id: 0 })).toThrow(/UnknownInstrument/);
});

test("a table of 3000 names finds each of them, in either case", () => {
  const name = (i: number) => `N${(i * 7919).toString(36)}X${i}usdt`;
  for (let i = 0; i < 3000; i++) parser.register({ ...SPOT, name: name(i) });
  for (let i = 0; i < 3000; i += 17) {
    expect(parse(trade({ s: name(i).toUpperCase(), t: ++tradeId }))).toBe(1);
  }
  expect(parse(trade({ s: "N0X3001USDT" }))).toBe(-Refusal.SymbolUnknown);
  takeRecords(core.parse);
});
