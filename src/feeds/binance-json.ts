// The slow path of Binance messages: JSON.parse and bigints, for the few the scanner hands over.
//
// It is also the scanner's twin: a message both read gives the same bytes, and a message the
// scanner refuses is refused here. So it states the rules once more, plainly, and never takes more.
// tidy: tested by test/fuzz/json-scanner.test.ts
import { Kind, Refusal, Side } from "../../asm/vocab.ts";
import type { FeedInstrument, InstrumentMap } from "../normalize/instrument-map.ts";
import {
  type LevelSteps,
  type MessageHead,
  type RecordRing,
  writeBook,
  writeQuote,
  writeTrade,
} from "../normalize/records.ts";

/** Largest count of steps the scanner reads: a further digit must fit 63 bits before it comes. */
const STEPS_MAX = 9223372036854775799n;
const NESTING_MAX = 32;
const LEVELS_MAX = 8192;
const OFFSET_MICROS_MAX = 600_000_000n;

type Fields = Record<string, unknown>;

/** A reason to refuse, carried out of the nested steps; never leaves this module. */
class Refused extends Error {
  readonly code: Refusal;
  constructor(code: Refusal) {
    super(Refusal[code]);
    this.code = code;
  }
}

export interface JsonSource {
  venue: number;
  recvNanos: bigint;
  timed: boolean;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Parses one message and writes its records into `ring` (committed, not published). Returns the
 * records written, or minus a Refusal; a refused message writes nothing.
 */
export function parseBinanceJson(
  bytes: Uint8Array,
  source: JsonSource,
  instruments: InstrumentMap,
  ring: RecordRing,
): number {
  try {
    const message = messageOf(decoder.decode(bytes));
    return convert(message, source, instruments, ring) || -Refusal.RingFull;
  } catch (error) {
    if (error instanceof Refused) return -error.code;
    throw error;
  }
}

function messageOf(text: string): Fields {
  let top: unknown;
  try {
    top = JSON.parse(text);
  } catch {
    throw new Refused(Refusal.JsonMalformed);
  }
  if (!isObject(top) || !isShallow(top, NESTING_MAX)) throw new Refused(Refusal.JsonMalformed);
  return isObject(top["data"]) ? top["data"] : top;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

function convert(m: Fields, source: JsonSource, map: InstrumentMap, ring: RecordRing): number {
  const event = own(m, "e");
  if (event === "trade") return trade(m, "t", source, map, ring);
  if (event === "aggTrade") return trade(m, "a", source, map, ring);
  if (event === "bookTicker") return quote(m, source, map, ring);
  if (event === "depthUpdate") return delta(m, source, map, ring);
  if (event !== undefined) throw new Refused(Refusal.MessageUnknown);
  if (Object.hasOwn(m, "lastUpdateId")) return snapshot(m, source, map, ring);
  const isQuote = ["u", "b", "B", "a", "A"].every((name) => Object.hasOwn(m, name));
  if (!isQuote) throw new Refused(Refusal.MessageUnknown);
  return quote(m, source, map, ring);
}

function own(m: Fields, name: string): unknown {
  return Object.hasOwn(m, name) ? m[name] : undefined;
}

function trade(
  m: Fields,
  idName: string,
  source: JsonSource,
  map: InstrumentMap,
  ring: RecordRing,
): number {
  const instrument = named(own(m, "s"), source.venue, map);
  const id = integer(m, idName);
  const maker = own(m, "m");
  if (typeof maker !== "boolean") throw new Refused(Refusal.MessageUnknown);
  const ticks = ticksOf(own(m, "p"), instrument);
  const lots = lotsOf(own(m, "q"), instrument);
  if (ticks === 0n) throw new Refused(Refusal.PriceNotPositive);
  if (lots === 0n) throw new Refused(Refusal.QtyNotPositive);
  const aggressor = maker ? Side.Sell : Side.Buy;
  return writeTrade(ring, headOf(m, instrument, source), { ticks, lots, id, aggressor });
}

function quote(m: Fields, source: JsonSource, map: InstrumentMap, ring: RecordRing): number {
  const instrument = named(own(m, "s"), source.venue, map);
  const side = (price: string, qty: string): LevelSteps => ({
    ticks: ticksOf(own(m, price), instrument),
    lots: lotsOf(own(m, qty), instrument),
  });
  const updateId = integer(m, "u");
  const fields = { bid: side("b", "B"), ask: side("a", "A"), updateId };
  return writeQuote(ring, headOf(m, instrument, source), fields);
}

function delta(m: Fields, source: JsonSource, map: InstrumentMap, ring: RecordRing): number {
  const instrument = named(own(m, "s"), source.venue, map);
  return writeBook(ring, headOf(m, instrument, source), {
    kind: Kind.BookDelta,
    firstId: integer(m, "U"),
    lastId: integer(m, "u"),
    prevId: Object.hasOwn(m, "pu") ? integer(m, "pu") : 0n,
    bids: levels(own(m, "b"), instrument),
    asks: levels(own(m, "a"), instrument),
  });
}

function snapshot(m: Fields, source: JsonSource, map: InstrumentMap, ring: RecordRing): number {
  const name = own(m, "symbol");
  const instrument = name === undefined ? map.fallback : named(name, source.venue, map);
  if (instrument === undefined) throw new Refused(Refusal.SymbolUnknown);
  const lastId = integer(m, "lastUpdateId");
  return writeBook(ring, headOf(m, instrument, source), {
    kind: Kind.BookSnapshot,
    firstId: lastId,
    lastId,
    prevId: 0n,
    bids: levels(own(m, "bids"), instrument),
    asks: levels(own(m, "asks"), instrument),
  });
}

function named(name: unknown, venue: number, map: InstrumentMap): FeedInstrument {
  if (typeof name !== "string") throw new Refused(Refusal.MessageUnknown);
  const instrument = map.find(venue, name);
  if (instrument === undefined) throw new Refused(Refusal.SymbolUnknown);
  return instrument;
}

function headOf(m: Fields, instrument: FeedInstrument, source: JsonSource): MessageHead {
  const name = Object.hasOwn(m, "T") ? "T" : "E";
  const micros = Object.hasOwn(m, name) ? offset(integer(m, name), source.recvNanos) : 0n;
  return { ...source, instrument: instrument.id, offsetMicros: Number(micros) };
}

function offset(venueMillis: bigint, recvNanos: bigint): bigint {
  const nanos = venueMillis * 1_000_000n - recvNanos;
  const micros = nanos / 1000n + (nanos % 1000n > 0n ? 1n : 0n);
  if (micros > OFFSET_MICROS_MAX || micros < -OFFSET_MICROS_MAX) {
    throw new Refused(Refusal.TimeFarAhead);
  }
  return micros;
}

function integer(m: Fields, name: string): bigint {
  const value = own(m, name);
  if (value === undefined) throw new Refused(Refusal.MessageUnknown);
  if (typeof value !== "number" || value < 0) throw new Refused(Refusal.NumberMalformed);
  if (value > Number.MAX_SAFE_INTEGER) throw new Refused(Refusal.NumberOverflow);
  if (!Number.isInteger(value)) throw new Refused(Refusal.NumberMalformed);
  return BigInt(value);
}

function levels(value: unknown, instrument: FeedInstrument): LevelSteps[] {
  if (!Array.isArray(value)) throw new Refused(Refusal.MessageUnknown);
  if (value.length > LEVELS_MAX) throw new Refused(Refusal.MessageTooLong);
  return value.map((level: unknown) => {
    if (!Array.isArray(level) || level.length < 2) throw new Refused(Refusal.NumberMalformed);
    const ticks = ticksOf(level[0], instrument);
    if (ticks === 0n) throw new Refused(Refusal.PriceNotPositive);
    return { ticks, lots: lotsOf(level[1], instrument) };
  });
}

function ticksOf(text: unknown, one: FeedInstrument): bigint {
  return steps(text, one.tickMantissa, one.tickExponent, Refusal.PriceNotOnTick);
}

function lotsOf(text: unknown, one: FeedInstrument): bigint {
  return steps(text, one.lotMantissa, one.lotExponent, Refusal.QtyNotOnLot);
}

function steps(text: unknown, mantissa: bigint, exponent: number, offStep: Refusal): bigint {
  if (text === undefined) throw new Refused(Refusal.MessageUnknown);
  if (typeof text !== "string") throw new Refused(Refusal.NumberMalformed);
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Refused(Refusal.NumberMalformed);
  const scale = Math.max(0, -exponent);
  const fraction = match[2] ?? "";
  const scaled = BigInt(match[1] + fraction.slice(0, scale).padEnd(scale, "0"));
  if (scaled > STEPS_MAX) throw new Refused(Refusal.NumberOverflow);
  if (/[1-9]/.test(fraction.slice(scale))) throw new Refused(offStep);
  const divisor = mantissa * 10n ** BigInt(Math.max(0, exponent));
  if (divisor > STEPS_MAX) throw new Refused(Refusal.NumberOverflow);
  if (scaled % divisor !== 0n) throw new Refused(offStep);
  return scaled / divisor;
}
