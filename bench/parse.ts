// Parsing: lines in the core's memory to committed records in a ring, a thousand different ones.
import { createHash, type Hash } from "node:crypto";
import { H_CLOCK_BASE, PARSE_BYTES_MAX, SCRATCH } from "../asm/layout.ts";
import { CELL_BYTES, Kind, Role } from "../asm/vocab.ts";
import { loadBuild } from "../src/core/build.ts";
import { Core } from "../src/core/core.ts";
import { currenciesOf, knownInstrument, specFields, Venue } from "../src/feeds/instruments.ts";
import { type FileFormat, Parser } from "../src/feeds/parser.ts";
import { encode } from "../src/protocol.ts";
import {
  type BenchMetric,
  type BenchOptions,
  type BenchResult,
  plantedSlowdown,
} from "./report.ts";

const SEED = 7;
const BASE_MILLIS = 1_723_161_255_343;

/** One kind of line: how one is written, and what the peer does with its message. */
interface Case {
  metric: string;
  format: FileFormat;
  line(draw: () => number, index: number): string;
  /** Parses the text and returns the sum of the numbers used, so that nothing is optimized away. */
  peer(text: string): number;
  peerName: string;
}

const price = (draw: () => number) => `${61_000 + (draw() % 2000)}.${100 + (draw() % 900)}`;
const spotPrice = (draw: () => number) => `${price(draw).slice(0, -1)}000000`;
const spotQty = (draw: () => number) => `${draw() % 9}.${10_000 + (draw() % 90_000)}000`;
const level = (draw: () => number) => `["${spotPrice(draw)}","${spotQty(draw)}"]`;
const levels = (draw: () => number) => Array.from({ length: 8 }, () => level(draw)).join(",");
const sumLevels = (rows: [string, string][]) =>
  rows.reduce((sum, row) => sum + Number(row[0]) + Number(row[1]), 0);

const CASES: Case[] = [
  {
    metric: "aggTrade JSON",
    format: "binance",
    line: (draw, index) =>
      `{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":${BASE_MILLIS + (index % 9)},` +
      `"s":"BTCUSDT","a":${3_035_683_259 + index},"p":"${spotPrice(draw)}",` +
      `"q":"${spotQty(draw)}","f":${3_735_683_259 + index},"l":${3_735_683_260 + index},` +
      `"T":${BASE_MILLIS},"m":${draw() % 2 === 0},"M":true}}`,
    peer: (text) => {
      const { data } = JSON.parse(text) as { data: Record<"p" | "q", string> & Numbers };
      return Number(data.p) + Number(data.q) + data.T + data.a + (data.m ? 1 : 2);
    },
    peerName: "JSON.parse + Number",
  },
  {
    metric: "bookTicker JSON",
    format: "binance",
    line: (draw, index) =>
      `{"stream":"btcusdt@bookTicker","data":{"u":${50_093_239_212 + index},"s":"BTCUSDT",` +
      `"b":"${spotPrice(draw)}","B":"${spotQty(draw)}","a":"${spotPrice(draw)}",` +
      `"A":"${spotQty(draw)}"}}`,
    peer: (text) => {
      const { data } = JSON.parse(text) as {
        data: Record<"b" | "B" | "a" | "A", string> & Numbers;
      };
      return Number(data.b) + Number(data.B) + Number(data.a) + Number(data.A) + data.u;
    },
    peerName: "JSON.parse + Number",
  },
  {
    metric: "depthUpdate JSON, 16 levels",
    format: "binance",
    line: (draw, index) =>
      `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${BASE_MILLIS},` +
      `"s":"BTCUSDT","U":${50_093_239_212 + index},"u":${50_093_239_213 + index},` +
      `"b":[${levels(draw)}],"a":[${levels(draw)}]}}`,
    peer: (text) => {
      type Book = Numbers & { b: [string, string][]; a: [string, string][] };
      const { data } = JSON.parse(text) as { data: Book };
      return data.E + data.U + data.u + sumLevels(data.b) + sumLevels(data.a);
    },
    peerName: "JSON.parse + Number",
  },
  {
    metric: "csv trade",
    format: "csv",
    line: (draw, index) =>
      `${BASE_MILLIS + index},${price(draw).slice(0, -1)},${spotQty(draw).slice(0, -3)},` +
      (draw() % 2 === 0 ? "buy" : "sell"),
    peer: (text) => {
      const [at, p, q, side] = text.split(",");
      return Number(at) + Number(p) + Number(q) + (side === "buy" ? 1 : 2);
    },
    peerName: "split + Number",
  },
];

type Numbers = Record<"T" | "a" | "u" | "U" | "E", number> & { m: boolean };

/** Parses every case and compares it with the platform's own parser on the same bytes. */
export async function main(options: BenchOptions): Promise<BenchResult> {
  const { core, parser } = prepare();
  const metrics: BenchMetric[] = [];
  const hash = createHash("sha256");
  for (const one of CASES) {
    const lines = linesOf(one);
    const messages = lines.map((line) => Buffer.from(line));
    const prefix = one.format === "csv" ? "" : `${BASE_MILLIS}000000 `;
    const text = lines.map((line) => `${prefix}${line}\n`).join("");
    const bytes = Buffer.from(text);
    if (bytes.length > PARSE_BYTES_MAX) throw new Error(`${one.metric}: too many bytes`);
    const millis = options.small ? 150 : 1500;
    const value = measureOurs(core, parser, one, bytes, lines.length, millis, hash);
    const peer = measurePeer(one, messages, millis);
    metrics.push({ metric: one.metric, value, unit: "ns", peer, peerName: one.peerName });
  }
  return {
    name: "parse",
    hash: hash.digest("hex").slice(0, 16),
    scope:
      "a line in the core's memory to its records in a ring: line end, receive time (JSON), all " +
      "checks, instrument lookup, cells given back. Not: the copy into the memory. Best of " +
      "passes. The peer makes no record",
    metrics,
    conditions: { seed: SEED, lines: 1024 },
  };
}

function linesOf(one: Case): string[] {
  let state = SEED;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
  return Array.from({ length: 1024 }, (_, index) => one.line(draw, index));
}

function prepare(): { core: Core; parser: Parser } {
  const core = Core.create(loadBuild(), { roles: Role.Market });
  const info = knownInstrument(Venue.BinanceSpot, "BTCUSDT", 1);
  if (info === undefined) throw new Error("the table has BTCUSDT");
  const codes = currenciesOf([info]);
  const scratch = new DataView(new ArrayBuffer(256));
  const words = new Int32Array(scratch.buffer);
  codes.forEach((code, index) => {
    const bytes = encode(scratch, 0, Kind.Currency, { id: index + 1, code, minorExponent: -8 });
    core.control.push(words, 0, bytes / CELL_BYTES);
  });
  const spec = specFields(info, (code) => codes.indexOf(code) + 1);
  const bytes = encode(scratch, 0, Kind.InstrumentSpec, spec);
  core.control.push(words, 0, bytes / CELL_BYTES);
  core.control.publish();
  core.run(-1, 100);
  core.view.setBigInt64(H_CLOCK_BASE, BigInt(BASE_MILLIS) * 1_000_000n, true);
  const parser = new Parser(core, core.parse);
  parser.register(info);
  parser.setDefault(info);
  return { core, parser };
}

/** Best pass in ns a line; the records of one pass go into the hash. */
function measureOurs(
  core: Core,
  parser: Parser,
  one: Case,
  bytes: Uint8Array,
  lines: number,
  millis: number,
  hash: Hash,
): number {
  const slow = plantedSlowdown("parse");
  const parse = core.exports["parseChunk"] as unknown as (...args: number[]) => number;
  const constants = core.exports as unknown as Record<string, { value: number }>;
  const name = one.format === "csv" ? "PARSE_FORMAT_CSV" : "PARSE_FORMAT_BINANCE";
  const format = constants[name]?.value ?? 0;
  parser.reset();
  core.u8.set(bytes, SCRATCH);
  let best = Infinity;
  const stop = performance.now() + millis;
  while (performance.now() < stop) {
    const start = performance.now();
    const used = parse(bytes.length, format, Venue.BinanceSpot, 0, 1, core.parse.at);
    slow(start);
    best = Math.min(best, performance.now() - start);
    if (used !== bytes.length || parser.totals.rejects > 0) {
      throw new Error(`${one.metric}: ${used} of ${bytes.length} bytes, ${parser.totals.rejects}`);
    }
    take(core, () => undefined);
  }
  parser.reset();
  parse(bytes.length, format, Venue.BinanceSpot, 0, 1, core.parse.at);
  take(core, (from, to) => hash.update(core.u8.subarray(from, to)));
  return (best * 1e6) / lines;
}

function take(core: Core, visit: (from: number, to: number) => void): void {
  const ring = core.parse;
  for (let at = ring.next(); at >= 0; at = ring.next()) {
    const cells = ring.cellsAt(at);
    visit(at, at + cells * CELL_BYTES);
    ring.skip(cells);
  }
  ring.release();
}

/** Best pass of the peer over the same messages, bytes to numbers. */
function measurePeer(one: Case, messages: Buffer[], millis: number): number {
  let best = Infinity;
  let sum = 0;
  const stop = performance.now() + millis;
  while (performance.now() < stop) {
    const start = performance.now();
    for (const message of messages) sum += one.peer(message.toString("latin1"));
    best = Math.min(best, performance.now() - start);
  }
  if (!Number.isFinite(sum)) throw new Error(`${one.metric}: the peer read no numbers`);
  return (best * 1e6) / messages.length;
}
