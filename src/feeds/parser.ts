// The host's handle on the parsers inside the core: registers names, hands over bytes, takes the
// few messages that need the slow path, and keeps count of what was refused.
//
// Bytes are copied once, into the core's scratch region; per message the host calls wasm once and
// touches nothing else. Recorded files go in chunks of many lines.
// tidy: tested by test/src/feeds/replay.test.ts
import { H_CLOCK_BASE, PARSE_BYTES_MAX, SCRATCH } from "../../asm/layout.ts";
import { Refusal } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { type FeedInstrument, InstrumentMap } from "../normalize/instrument-map.ts";
import { Quarantine } from "../normalize/quarantine.ts";
import type { RecordRing } from "../normalize/records.ts";
import { parseBinanceJson } from "./binance-json.ts";

interface ParseCalls {
  parseBinance(length: number, venue: number, recv: number, timed: number, ring: number): number;
  parseChunk(
    length: number,
    format: number,
    venue: number,
    unit: number,
    isEnd: number,
    ring: number,
  ): number;
  parseReset(skipRecords: number): void;
  tickerRegister(venue: number, at: number, length: number, instrument: number): number;
  tickerDefault(instrument: number): void;
}

const GLOBALS = [
  "PARSE_FALLBACK",
  "PARSE_FORMAT_BINANCE",
  "PARSE_FORMAT_CSV",
  "CHUNK_EXAMPLES",
  "CHUNK_FALLBACK_AT",
  "CHUNK_FALLBACK_BYTES",
  "CHUNK_LINES",
  "CHUNK_NOT_DATA",
  "CHUNK_RECORDS",
  "CHUNK_REJECTS",
  "CHUNK_SKIP",
  "EXAMPLE_BYTES",
  "EXAMPLES",
] as const;
type Constants = Record<(typeof GLOBALS)[number], number>;

/** What the parser needs of a core: its memory and its exports. */
export interface ParserCore {
  readonly view: DataView;
  readonly u8: Uint8Array;
  readonly exports: object;
}

/** A ring of that core's own memory. */
export type ParserRing = RecordRing & { readonly at: number };

export type FileFormat = "binance" | "csv";

/** Totals of a file since `reset`. */
export interface ChunkTotals {
  lines: number;
  /** Normalized records, those skipped by a resume included. */
  records: number;
  rejects: number;
  /** Header and empty lines. */
  notData: number;
  /** Lines the slow path read. */
  slow: number;
}

/** One core's parsers writing into one of its rings. */
export class Parser {
  readonly instruments = new InstrumentMap();
  readonly quarantine = new Quarantine();
  readonly ring: ParserRing;
  readonly #core: ParserCore;
  readonly #calls: ParseCalls;
  readonly #constants: Constants;
  #slow = 0;
  #slowRecords = 0;

  constructor(core: ParserCore, ring: ParserRing) {
    this.#core = core;
    this.ring = ring;
    this.#calls = core.exports as ParseCalls;
    const exports = core.exports as Record<string, { value: number } | undefined>;
    const entries = GLOBALS.map((name) => [name, exports[name]?.value ?? missing(name)] as const);
    this.#constants = Object.fromEntries(entries) as Constants;
  }

  /** Makes the venue's name known; the instrument's spec must be in the core already. */
  register(instrument: FeedInstrument): void {
    const bytes = new TextEncoder().encode(instrument.name);
    this.#core.u8.set(bytes.subarray(0, PARSE_BYTES_MAX), SCRATCH);
    const { venue, id } = instrument;
    const code = this.#calls.tickerRegister(venue, 0, bytes.length, id);
    if (code !== 0) {
      const reason = Refusal[code] ?? String(code);
      throw new AlphaError(
        "FEED_INSTRUMENT",
        `instrument "${instrument.name}" (id ${id}) was refused: ${reason}`,
        "give a name of 1 to 32 bytes and an id above 0",
      );
    }
    this.instruments.add(instrument);
  }

  /** The instrument of messages that name none, such as REST snapshots of Binance spot. */
  setDefault(instrument: FeedInstrument | undefined): void {
    this.instruments.fallback = instrument;
    this.#calls.tickerDefault(instrument?.id ?? 0);
  }

  /**
   * Parses one live message of Binance received at `recvNanos` since the clock base. Returns the
   * records put into the ring, or minus a Refusal; counts nothing, the caller knows the stream.
   */
  message(bytes: Uint8Array, venue: number, recvNanos: number): number {
    if (bytes.length > PARSE_BYTES_MAX) return -Refusal.MessageTooLong;
    this.#core.u8.set(bytes, SCRATCH);
    const code = this.#calls.parseBinance(bytes.length, venue, recvNanos, 0, this.ring.at);
    if (code !== -this.#constants.PARSE_FALLBACK) return code;
    const base = this.#core.view.getBigInt64(H_CLOCK_BASE, true);
    const source = { venue, recvNanos: base + BigInt(Math.trunc(recvNanos)), timed: false };
    const count = parseBinanceJson(bytes, source, this.instruments, this.ring);
    if (count > 0) this.ring.publish();
    return count;
  }

  /** Begins a file: totals from zero, and the first `skipRecords` records of it dropped. */
  reset(skipRecords = 0): void {
    this.#slow = 0;
    this.#slowRecords = 0;
    this.#calls.parseReset(skipRecords);
  }

  /** Records still to be skipped; a following file goes on with them. */
  get skipLeft(): number {
    return this.#float("CHUNK_SKIP");
  }

  /** What was read since `reset`. */
  get totals(): ChunkTotals {
    return {
      lines: this.#float("CHUNK_LINES"),
      records: this.#float("CHUNK_RECORDS") + this.#slowRecords,
      rejects: this.#float("CHUNK_REJECTS"),
      notData: this.#float("CHUNK_NOT_DATA"),
      slow: this.#slow,
    };
  }

  /**
   * Parses whole lines of `bytes` (at most PARSE_BYTES_MAX are looked at) and returns the bytes
   * used: less than all when the last line is cut, unless `isEnd`, or the ring is nearly full.
   */
  chunk(bytes: Uint8Array, options: ChunkOptions): number {
    const part = bytes.subarray(0, PARSE_BYTES_MAX);
    const isEnd = options.isEnd && part.length === bytes.length;
    this.#core.u8.set(part, SCRATCH);
    const c = this.#constants;
    const format = options.format === "csv" ? c.PARSE_FORMAT_CSV : c.PARSE_FORMAT_BINANCE;
    const { venue, timeDigits } = options;
    const end = isEnd ? 1 : 0;
    const used = this.#calls.parseChunk(part.length, format, venue, timeDigits, end, this.ring.at);
    this.#takeExamples(options.place);
    const slowBytes = this.#core.view.getInt32(c.CHUNK_FALLBACK_BYTES, true);
    if (slowBytes > 0) this.#takeSlow(slowBytes, options);
    return used;
  }

  /** Counts a line that was dropped before it came here, so that numbers stay those of the file. */
  countLine(): void {
    this.#core.view.setFloat64(this.#constants.CHUNK_LINES, this.totals.lines + 1, true);
  }

  #float(name: (typeof GLOBALS)[number]): number {
    return this.#core.view.getFloat64(this.#constants[name], true);
  }

  #takeExamples(place: string): void {
    const { view, u8 } = this.#core;
    const c = this.#constants;
    const count = view.getInt32(c.CHUNK_EXAMPLES, true);
    for (let index = 0; index < count; index++) {
      const at = c.EXAMPLES + index * c.EXAMPLE_BYTES;
      const from = SCRATCH + view.getInt32(at + 8, true);
      const bytes = Math.min(view.getInt32(at + 12, true), 200);
      const text = () => Buffer.from(u8.slice(from, from + bytes)).toString("latin1");
      this.quarantine.add(
        view.getInt32(at + 16, true),
        `${place}:${view.getFloat64(at, true)}`,
        text,
      );
    }
  }

  /** The line the scanner handed over: receive time, blank, message. */
  #takeSlow(bytes: number, options: ChunkOptions): void {
    const { view, u8 } = this.#core;
    const from = SCRATCH + view.getInt32(this.#constants.CHUNK_FALLBACK_AT, true);
    const line = u8.slice(from, from + bytes);
    const blank = line.indexOf(0x20);
    const digits = Buffer.from(line.subarray(0, blank)).toString("latin1");
    const recvNanos = BigInt(digits) * 10n ** BigInt(19 - digits.length);
    const source = { venue: options.venue, recvNanos, timed: true };
    this.#slow += 1;
    const ring = this.skipLeft > 0 ? this.#skippingRing() : this.ring;
    const count = parseBinanceJson(line.subarray(blank + 1), source, this.instruments, ring);
    if (count > 0) {
      this.#slowRecords += count;
      this.ring.publish();
      return;
    }
    const { view: v } = this.#core;
    const rejects = this.#float("CHUNK_REJECTS") + 1;
    v.setFloat64(this.#constants.CHUNK_REJECTS, rejects, true);
    const place = `${options.place}:${this.#float("CHUNK_LINES")}`;
    this.quarantine.add(-count, place, () => Buffer.from(line).toString("latin1"));
  }

  /** The ring while a resume still drops records: a commit that does not happen. */
  #skippingRing(): RecordRing {
    const ring = this.ring;
    const at = this.#constants.CHUNK_SKIP;
    const view = this.#core.view;
    return {
      view: ring.view,
      reserve: (cells) => ring.reserve(cells),
      room: () => ring.room(),
      publish: () => ring.publish(),
      wake: () => ring.wake(),
      commit: () => {
        const left = view.getFloat64(at, true);
        if (left > 0) view.setFloat64(at, left - 1, true);
        else ring.commit();
      },
    };
  }
}

export interface ChunkOptions {
  format: FileFormat;
  venue: number;
  /** Digits of a CSV time: 10 s, 13 ms, 16 us, 19 ns; 0 lets each line's own digits decide. */
  timeDigits: 0 | 10 | 13 | 16 | 19;
  /** The bytes end the file: a last line without a line end is whole. */
  isEnd: boolean;
  /** Named in quarantine examples. */
  place: string;
}

function missing(name: string): never {
  throw new AlphaError(
    "CORE_MISSING",
    `core.wasm does not export ${name}`,
    "build/core.wasm is of another version: run npm run build",
  );
}
