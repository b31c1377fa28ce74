import { expect, test } from "vitest";
import {
  BLOCK,
  H_CLOCK_BASE,
  HEADER,
  INSTRUMENTS,
  MARKET,
  REFERENCE,
  RING_PARSE,
  RING_PARSE_CELLS,
  RING_SOURCE,
  SCRATCH,
} from "../../asm/layout.ts";
import { CELL_BYTES, RING_DATA } from "../../asm/vocab.ts";
import { parseBinanceJson } from "../../src/feeds/binance-json.ts";
import { Venue } from "../../src/feeds/instruments.ts";
import type { Core } from "../../src/core/core.ts";
import type { Ring } from "../../src/rings/ring.ts";
import { parseCore, SPOT } from "../asm/parse/parse-core.ts";
import { Draw, mutate } from "./json-mutations.ts";

const BASE_NANOS = 1_723_161_255_000_000_000n;
/** Not a whole microsecond, so that offsets are rounded. */
const RECV_NANOS = 1;
const INPUTS = 1_000_000;
const SEED = 20_240_808;
const ONE_REJECT_OF = 16;

const time = '"E":1723161255343,"T":1723161255342,';
const SEEDS: [Venue, string][] = [
  [
    Venue.BinanceSpot,
    `{"stream":"btcusdt@trade","data":{"e":"trade",${time}"s":"BTCUSDT","t":3735683259,` +
      '"p":"61837.63000000","q":"0.02000000","m":true,"M":true}}',
  ],
  [
    Venue.BinanceSpot,
    `{"e":"aggTrade",${time}"s":"BTCUSDT","a":3035683259,"p":"61837.63","q":"0.02000",` +
      '"f":1,"l":2,"m":false,"M":true}',
  ],
  [
    Venue.BinanceSpot,
    '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1723161255343,"s":"BTCUSDT",' +
      '"a":3035683259,"p":"61837.63000000","q":"0.02000000","f":3735683259,"l":3735683260,' +
      '"T":1723161255342,"m":true,"M":true}}',
  ],
  [
    Venue.BinanceUsdm,
    '{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":42,"p":"61837.60","q":"0.020",' +
      '"T":1723161255342,"m":false}',
  ],
  [
    Venue.BinanceSpot,
    '{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT",' +
      '"b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}',
  ],
  [
    Venue.BinanceUsdm,
    `{"stream":"x","data":{"e":"depthUpdate",${time}"s":"BTCUSDT","U":5,"u":9,"pu":4,` +
      '"b":[["58710.20","0.014"],["61496.50","0.010"]],"a":[["61800.30","3.330"]]}}',
  ],
  [
    Venue.BinanceCoinm,
    '{ "lastUpdateId":1007198635033, "E":1723161257835,\n"T":1723161257823,"symbol":' +
      '"BTCUSD_PERP","pair":"BTCUSD","bids":[["61804.7","35"]],"asks":[["61804.8","8"]]}',
  ],
  [Venue.BinanceSpot, '{"lastUpdateId":7,"bids":[],"asks":[["61804.80","8.00000"]]}'],
  [
    Venue.BinanceSpot,
    `{"e":"trade","x\\u0041":[1,-2.5e3,{"k":null}],${time}"s":"BTCUSDT","t":1,` +
      '"p":"1","q":"1","m":false,"z":"a\\"b"}',
  ],
];

/** Bytes nobody but the ring's producer may change: everything around ring, scratch, reference. */
function guarded(core: Core): Buffer {
  const ringEnd = RING_PARSE + RING_DATA + RING_PARSE_CELLS * CELL_BYTES;
  const piece = (from: number, to: number) => core.u8.subarray(from, to);
  return Buffer.concat([
    piece(HEADER, RING_PARSE),
    piece(ringEnd, RING_SOURCE),
    piece(BLOCK, SCRATCH),
    piece(REFERENCE, INSTRUMENTS + 4096),
    piece(MARKET, MARKET + 65_536),
  ]);
}

/** True when both rings hold the same records; takes them out. */
function takeEqual(a: Ring, b: Ring): boolean {
  for (;;) {
    const left = a.next();
    const right = b.next();
    if (left < 0 || right < 0) {
      a.release();
      b.release();
      return left < 0 && right < 0;
    }
    const cells = a.cellsAt(left);
    for (let i = 0; i < cells * CELL_BYTES; i++) {
      if (a.u8[left + i] !== b.u8[right + i]) return false;
    }
    a.skip(cells);
    b.skip(b.cellsAt(right));
  }
}

test(`the scanner and JSON.parse agree on ${INPUTS} broken messages, seed ${SEED}`, () => {
  const { core, parser } = parseCore();
  core.view.setBigInt64(H_CLOCK_BASE, BASE_NANOS, true);
  parser.setDefault(SPOT);
  const before = guarded(core);
  const parse = core.exports["parseBinance"] as unknown as (...args: number[]) => number;
  const fallback = (core.exports["PARSE_FALLBACK"] as unknown as { value: number }).value;
  const scratch = core.u8.subarray(SCRATCH, SCRATCH + 65_536);
  const draw = new Draw(SEED);
  const seeds = SEEDS.map(([venue, text]) => [venue, Buffer.from(text)] as const);
  const seen = { accepted: 0, refused: 0, slow: 0, slowAccepted: 0 };
  const codes = new Set<number>();
  const twin = (venue: Venue, length: number) => {
    const source = { venue, recvNanos: BASE_NANOS + BigInt(RECV_NANOS), timed: true };
    return parseBinanceJson(scratch.slice(0, length), source, parser.instruments, core.source);
  };
  const explain = (index: number, length: number) =>
    `seed ${SEED}, input ${index}: ${Buffer.from(scratch.slice(0, length)).toString("latin1")}`;
  for (let index = 0; index < INPUTS; index++) {
    const [venue, text] = seeds[index % seeds.length]!;
    const length = mutate(text, scratch, draw);
    const count = parse(length, venue, RECV_NANOS, 1, core.parse.at);
    if (count > 0) {
      seen.accepted++;
      const same = twin(venue, length) === count && (core.source.publish(), true);
      if (!same || !takeEqual(core.parse, core.source)) {
        expect.fail(`the twin reads otherwise: ${explain(index, length)}`);
      }
    } else if (count === -fallback) {
      seen.slow++;
      if (index % 2 === 0) continue;
      if (twin(venue, length) > 0) seen.slowAccepted++;
      core.source.publish();
      for (let at = core.source.next(); at >= 0; at = core.source.next()) {
        core.source.skip(core.source.cellsAt(at));
      }
      core.source.release();
    } else {
      seen.refused++;
      codes.add(-count);
      if (core.parse.waiting() !== 0) expect.fail(`refused, yet wrote: ${explain(index, length)}`);
      if (index % ONE_REJECT_OF === 0 && twin(venue, length) > 0) {
        expect.fail(`refused with ${count}, the twin accepts: ${explain(index, length)}`);
      }
    }
  }
  const after = guarded(core);
  expect(after.equals(before), "only the ring, scratch and the frame changed").toBe(true);
  expect(seen.accepted, "the mutations leave enough messages whole").toBeGreaterThan(INPUTS / 20);
  expect(seen.slowAccepted, "the slow path is reached and takes some").toBeGreaterThan(100);
  expect(codes.size, "many different refusals were reached").toBeGreaterThanOrEqual(8);
}, 180_000);
