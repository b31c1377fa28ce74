import { expect, test } from "vitest";
import { H_CLOCK_BASE, SCRATCH } from "../../../asm/layout.ts";
import { Refusal } from "../../../asm/vocab.ts";
import { Venue } from "../../../src/feeds/instruments.ts";
import { Draw, mutate } from "../../fuzz/json-mutations.ts";
import { parseCore, takeRecords } from "./parse-core.ts";

// A blank before the message sends it the general way, so each text is read both ways here.

const BASE_NANOS = 1_723_161_255_000_000_000n;
const SEED = 20_260_311;
const INPUTS = 100_000;

/** Texts of the usual form: every shape the quick way takes, with the edges of its counts, and one
 *  (COIN-M, no point in its quantity) that it gives up on late. */
const USUAL: [Venue, string][] = [
  [
    Venue.BinanceSpot,
    '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1723161255343,"s":"BTCUSDT",' +
      '"a":3035683259,"p":"61837.63000000","q":"0.02000000","f":3735683259,"l":3735683260,' +
      '"T":1723161255342,"m":true,"M":true}}',
  ],
  [
    Venue.BinanceSpot,
    '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT",' +
      '"t":999999999999999,"p":"12345678.12","q":"99999999.99999999","T":1723161255342,' +
      '"m":false,"M":false}}',
  ],
  [
    Venue.BinanceUsdm,
    '{"e":"aggTrade","E":1723161255343,"s":"BTCUSDT","a":5,"p":"61837.60","q":"0.020","f":0,' +
      '"l":12345678,"T":1723161255342,"m":true}',
  ],
  [
    Venue.BinanceCoinm,
    '{"e":"aggTrade","E":1723161255343,"s":"BTCUSD_PERP","a":123456789,"p":"61837.6","q":"3",' +
      '"f":1,"l":1,"T":1723161255342,"m":false}',
  ],
  [
    Venue.BinanceSpot,
    '{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT",' +
      '"b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"0.00000000"}}',
  ],
  [
    Venue.BinanceSpot,
    '{"stream":"' +
      "a".repeat(40) +
      '","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT",' +
      '"t":1,"p":"1.5","q":"2.5","T":1723161255343,"m":true}}',
  ],
];

const { core } = parseCore();
core.view.setBigInt64(H_CLOCK_BASE, BASE_NANOS, true);
const call = core.exports as unknown as Record<string, (...args: number[]) => number>;
const at = (name: string) => (core.exports[name] as unknown as { value: number }).value;
const CHUNK_COUNTERS = at("CHUNK_LINES");

/** Code of one message that lies in scratch, and its records. */
function message(bytes: Uint8Array, venue: Venue): [number, string] {
  core.u8.set(bytes, SCRATCH);
  const code = call["parseBinance"]!(bytes.length, venue, 1, 1, core.parse.at);
  return [code, records()];
}

/** Counters of one chunk (lines, records, rejects, not data), its first refusal, its records. */
function chunk(bytes: Uint8Array, venue: Venue): [number[], string] {
  call["parseReset"]!(0);
  core.u8.set(bytes, SCRATCH);
  const used = call["parseChunk"]!(
    bytes.length,
    at("PARSE_FORMAT_BINANCE"),
    venue,
    0,
    0,
    core.parse.at,
  );
  const counts = [0, 8, 16, 48].map((offset) =>
    core.view.getFloat64(CHUNK_COUNTERS + offset, true),
  );
  const isRejected = core.view.getInt32(at("CHUNK_EXAMPLES"), true) > 0;
  const code = isRejected ? core.view.getInt32(at("EXAMPLES") + 16, true) : 0;
  const isSlow = core.view.getInt32(at("CHUNK_FALLBACK_BYTES"), true) > 0;
  return [[bytes.length - used, ...counts, code, isSlow ? 1 : 0], records()];
}

function records(): string {
  return takeRecords(core.parse)
    .map((one) => Buffer.from(one).toString("hex"))
    .join();
}

test("every usual form is taken, and reads the same with a blank before it", () => {
  for (const [venue, text] of USUAL) {
    const quick = message(Buffer.from(text), venue);
    expect(quick[0], text).toBe(1);
    expect(quick, text).toEqual(message(Buffer.from(` ${text}`), venue));
  }
});

test(`broken messages of the usual form read the same both ways, seed ${SEED}`, () => {
  const draw = new Draw(SEED);
  const seeds = USUAL.map(([venue, text]) => [venue, Buffer.from(text)] as const);
  const buffer = Buffer.alloc(65_536);
  let taken = 0;
  for (let index = 0; index < INPUTS; index++) {
    const [venue, text] = seeds[index % seeds.length]!;
    const length = mutate(text, buffer, draw);
    const bytes = buffer.subarray(0, length);
    const quick = message(bytes, venue);
    const general = message(Buffer.concat([Buffer.from(" "), bytes]), venue);
    if (quick[0] !== general[0] || quick[1] !== general[1]) {
      expect.fail(`input ${index}: ${quick[0]}, ${general[0]}: ${bytes.toString("latin1")}`);
    }
    if (quick[0] > 0) taken++;
  }
  expect(taken).toBeGreaterThan(INPUTS / 20);
});

test(`broken lines of a file read the same both ways, seed ${SEED + 1}`, () => {
  const draw = new Draw(SEED + 1);
  const time = `${BASE_NANOS + 1n} `;
  const seeds = USUAL.map(([venue, text]) => [venue, Buffer.from(`${time}${text}\n`)] as const);
  const buffer = Buffer.alloc(65_536);
  let taken = 0;
  for (let index = 0; index < INPUTS; index++) {
    const [venue, text] = seeds[index % seeds.length]!;
    const length = mutate(text, buffer, draw);
    const bytes = Buffer.from(buffer.subarray(0, length));
    // A blank before every brace outside the text's strings: the general way for each line of it.
    const blanked = Buffer.from(
      bytes.toString("latin1").replaceAll(/^(\d+ )\{/gm, "$1 {"),
      "latin1",
    );
    const quick = chunk(bytes, venue);
    const general = chunk(blanked, venue);
    // What is left of a cut line is a byte longer with its blank.
    if (quick[0][0]! > 0 && general[0][0]! > 0) general[0][0] = quick[0][0]!;
    if (quick.toString() !== general.toString()) {
      const [ours, theirs] = [quick[0].join(), general[0].join()];
      expect.fail(`input ${index}: ${ours}; ${theirs}: ${bytes.toString("latin1")}`);
    }
    if (quick[0][2]! > 0) taken++;
  }
  expect(taken).toBeGreaterThan(INPUTS / 20);
});

test("what an earlier message left behind the end is never read as a part of this one", () => {
  const [venue, text] = USUAL[0]!;
  const whole = Buffer.from(text);
  for (let length = 1; length < whole.length; length++) {
    expect(message(whole, venue)[0]).toBe(1);
    expect(message(whole.subarray(0, length), venue)).toEqual([-Refusal.JsonMalformed, ""]);
  }
});
