// Public market data of Binance, live: one combined stream, book snapshots over REST, and the
// repair of everything that breaks on the way.
//
// Nothing is thrown out of a callback: a bad message is counted and quarantined, a lost connection
// is a record (FeedGap and FeedStatus per instrument) and a retry. While a snapshot is fetched, the
// book messages of its instrument wait here and follow the snapshot, because the snapshot is older
// than they are; the core drops those it already contains.
import { WebSocket } from "ws";
import { Kind, Refusal } from "../../asm/vocab.ts";
import type { FeedInstrument } from "../normalize/instrument-map.ts";
import { writeMark } from "../normalize/records.ts";
import { Backoff } from "./backoff.ts";
import { Venue } from "./instruments.ts";
import type { Parser } from "./parser.ts";

/** Where the venue's servers are and how its streams are named. */
interface VenueAddresses {
  stream: string;
  rest: string;
  depthPath: string;
  trades: "trade" | "aggTrade";
  snapshotLevels: number;
}

// Futures publish single trades only aggregated.
const ADDRESSES: Partial<Record<Venue, VenueAddresses>> = {
  [Venue.BinanceSpot]: {
    stream: "wss://stream.binance.com:9443",
    rest: "https://api.binance.com",
    ...{ depthPath: "/api/v3/depth", trades: "trade", snapshotLevels: 1000 },
  },
  [Venue.BinanceUsdm]: {
    stream: "wss://fstream.binance.com",
    rest: "https://fapi.binance.com",
    ...{ depthPath: "/fapi/v1/depth", trades: "aggTrade", snapshotLevels: 1000 },
  },
  [Venue.BinanceCoinm]: {
    stream: "wss://dstream.binance.com",
    rest: "https://dapi.binance.com",
    ...{ depthPath: "/dapi/v1/depth", trades: "aggTrade", snapshotLevels: 1000 },
  },
};

export interface BinanceLiveOptions {
  venue: Venue.BinanceSpot | Venue.BinanceUsdm | Venue.BinanceCoinm;
  /** Instruments registered with the parser, all of this venue. */
  instruments: readonly FeedInstrument[];
  /** Nanoseconds since the clock base (Clock.nowNanos). */
  nowNanos: () => number;
  /** Numbers in [0, 1) for the jitter of waits. */
  draw: () => number;
  /** Time the parser took for a message, nanoseconds. */
  onParsed?: (nanos: number) => void;
  /** Records were put into the ring: a turn is due. */
  onRecords?: () => void;
  /** Base addresses instead of the venue's own. */
  streamUrl?: string;
  restUrl?: string;
  backoffMillisMin?: number;
  backoffMillisMax?: number;
  /** A connection silent for so long is dropped; a ping is sent after a third of it. */
  silenceMillisMax?: number;
  /** The venue closes after 24 h; we leave earlier, at a moment of our own. */
  lifetimeMillisMax?: number;
  /** Longest wait for a snapshot's answer. */
  snapshotMillisMax?: number;
}

/** Counters since the start, for metrics. */
export interface LiveCounts {
  messages: number;
  records: number;
  connects: number;
  disconnects: number;
  snapshots: number;
  snapshotFailures: number;
  /** Trades a new connection sent again. */
  duplicates: number;
  /** Times more book messages waited for a snapshot than fit: all were dropped, which is a gap. */
  bufferOverflows: number;
  ringFull: number;
}

/** Book messages kept while a snapshot is on its way: a minute of the fastest stream. */
export const BUFFERED_MESSAGES_MAX = 4096;
/** A snapshot of 5000 levels a side has 300 KB; an answer larger than this is not one. */
const SNAPSHOT_BYTES_MAX = 2_097_152;

interface BookSync {
  instrument: FeedInstrument;
  /** Book messages that wait for the snapshot. */
  buffered: { bytes: Uint8Array; recvNanos: number }[];
  state: "waiting" | "fetching" | "live";
  backoff: Backoff;
  timer: NodeJS.Timeout | undefined;
}

/** One venue's live feed into the parser's ring. */
export class BinanceLive {
  readonly counts: LiveCounts = {
    ...{ messages: 0, records: 0, connects: 0, disconnects: 0, snapshots: 0 },
    ...{ snapshotFailures: 0, duplicates: 0, bufferOverflows: 0, ringFull: 0 },
  };
  readonly #parser: Parser;
  readonly #options: BinanceLiveOptions;
  readonly #addresses: VenueAddresses;
  readonly #backoff: Backoff;
  readonly #books = new Map<string, BookSync>();
  readonly #abort = new AbortController();
  #socket: WebSocket | undefined;
  #isRunning = false;
  #retry: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #life: NodeJS.Timeout | undefined;
  #heardMillis = 0;

  constructor(parser: Parser, options: BinanceLiveOptions) {
    this.#parser = parser;
    this.#options = options;
    const own = ADDRESSES[options.venue] as VenueAddresses;
    const stream = (options.streamUrl ?? own.stream).replace(/\/$/, "");
    const rest = (options.restUrl ?? own.rest).replace(/\/$/, "");
    this.#addresses = { ...own, stream, rest };
    this.#backoff = this.#newBackoff();
    for (const instrument of options.instruments) {
      const name = instrument.name.toLowerCase();
      const backoff = this.#newBackoff();
      this.#books.set(name, {
        instrument,
        buffered: [],
        state: "waiting",
        backoff,
        timer: undefined,
      });
    }
  }

  /** Connects, and keeps connected until `stop`. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#connect();
  }

  /** Closes for good; no record is written afterwards. */
  stop(): void {
    this.#isRunning = false;
    this.#abort.abort();
    clearTimeout(this.#retry);
    this.#stopTimers();
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** The stream's address, as it is connected to. */
  get url(): string {
    const streams = [...this.#books.keys()].flatMap((name) => [
      `${name}@${this.#addresses.trades}`,
      `${name}@bookTicker`,
      `${name}@depth@100ms`,
    ]);
    return `${this.#addresses.stream}/stream?streams=${streams.join("/")}`;
  }

  /** Fetches the book again, because the core lost trust in it; nothing while one is fetched. */
  resnapshot(instrumentId: number): void {
    for (const sync of this.#books.values()) {
      if (sync.instrument.id === instrumentId && sync.state === "live") this.#beginSync(sync);
    }
  }

  // ------------------------------------------------------------------------------ connection

  #connect(): void {
    if (!this.#isRunning) return;
    const socket = new WebSocket(this.url, { handshakeTimeout: 10_000, maxPayload: 2_097_152 });
    this.#socket = socket;
    this.#heard();
    socket.on("open", () => this.#opened());
    socket.on("message", (data, isBinary) => {
      if (socket === this.#socket && !isBinary) this.#message(data as Buffer);
    });
    socket.on("ping", () => this.#heard());
    socket.on("pong", () => this.#heard());
    // What happened is told by "close", which follows every error.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (socket === this.#socket) this.#closed();
    });
  }

  #opened(): void {
    this.counts.connects += 1;
    this.#heard();
    this.#mark(Kind.FeedStatus);
    for (const sync of this.#books.values()) this.#beginSync(sync);
    const { silenceMillisMax = 30_000, lifetimeMillisMax = 85_800_000 } = this.#options;
    this.#watch = setInterval(() => this.#checkSilence(silenceMillisMax), silenceMillisMax / 3);
    this.#life = setTimeout(() => this.#socket?.close(1000), lifetimeMillisMax);
  }

  #closed(): void {
    this.#stopTimers();
    this.#socket = undefined;
    if (!this.#isRunning) return;
    this.counts.disconnects += 1;
    this.#mark(Kind.FeedGap);
    this.#mark(Kind.FeedStatus);
    this.#retry = setTimeout(() => this.#connect(), this.#backoff.nextMillis());
  }

  #stopTimers(): void {
    clearInterval(this.#watch);
    clearTimeout(this.#life);
    for (const sync of this.#books.values()) {
      clearTimeout(sync.timer);
      sync.state = "waiting";
      sync.buffered = [];
    }
  }

  #heard(): void {
    this.#heardMillis = this.#options.nowNanos() / 1e6;
  }

  #checkSilence(limitMillis: number): void {
    const silent = this.#options.nowNanos() / 1e6 - this.#heardMillis;
    if (silent > limitMillis) this.#socket?.terminate();
    else if (silent > limitMillis / 3) this.#socket?.ping();
  }

  #mark(kind: Kind.FeedGap | Kind.FeedStatus): void {
    const ring = this.#parser.ring;
    for (const { instrument } of this.#books.values()) {
      if (!writeMark(ring, kind, instrument.id)) this.counts.ringFull += 1;
    }
    ring.publish();
    ring.wake();
  }

  // -------------------------------------------------------------------------------- messages

  #message(bytes: Buffer): void {
    this.counts.messages += 1;
    this.#heard();
    const recvNanos = this.#options.nowNanos();
    const sync = this.#bookOf(bytes);
    if (sync === undefined || sync.state === "live") return this.#parse(bytes, recvNanos);
    if (sync.buffered.length >= BUFFERED_MESSAGES_MAX) {
      this.counts.bufferOverflows += 1;
      sync.buffered = [];
    }
    sync.buffered.push({ bytes: Uint8Array.from(bytes), recvNanos });
    // The snapshot is asked for behind the first delta, so that the two overlap.
    if (sync.state === "waiting") void this.#fetchSnapshot(sync);
  }

  /** Whose book message this is, by the envelope `{"stream":"btcusdt@depth@100ms"`. */
  #bookOf(bytes: Buffer): BookSync | undefined {
    const head = bytes.toString("latin1", 0, Math.min(bytes.length, 96));
    const name = /^\{"stream":"([^"@]+)@depth/.exec(head)?.[1];
    return name === undefined ? undefined : this.#books.get(name);
  }

  #parse(bytes: Uint8Array, recvNanos: number): void {
    const startNanos = this.#options.nowNanos();
    const count = this.#parser.message(bytes, this.#options.venue, recvNanos);
    this.#options.onParsed?.(this.#options.nowNanos() - startNanos);
    if (count > 0) this.#options.onRecords?.();
    if (count > 0) {
      this.counts.records += count;
      // A connection that delivers has earned short waits again.
      this.#backoff.reset();
      this.#parser.ring.wake();
    } else if (count === -Refusal.DuplicateUpdate) this.counts.duplicates += 1;
    else {
      // What was lost the books notice by their ids, and ask for a snapshot.
      if (count === -Refusal.RingFull) this.counts.ringFull += 1;
      const text = () => Buffer.from(bytes.subarray(0, 200)).toString("latin1");
      this.#parser.quarantine.add(-count, `binance ${Venue[this.#options.venue]}`, text);
    }
  }

  // ------------------------------------------------------------------------------- snapshots

  #beginSync(sync: BookSync): void {
    clearTimeout(sync.timer);
    sync.buffered = [];
    sync.state = "waiting";
  }

  async #fetchSnapshot(sync: BookSync): Promise<void> {
    sync.state = "fetching";
    const socket = this.#socket;
    const bytes = await this.#getSnapshot(sync.instrument.name);
    // The connection may have been lost, and another begun, meanwhile.
    if (!this.#isRunning || socket !== this.#socket || sync.state !== "fetching") return;
    const count = bytes === undefined ? 0 : this.#parseSnapshot(sync.instrument, bytes);
    if (count <= 0) {
      this.counts.snapshotFailures += 1;
      sync.timer = setTimeout(() => void this.#fetchSnapshot(sync), sync.backoff.nextMillis());
      return;
    }
    this.counts.snapshots += 1;
    this.counts.records += count;
    sync.backoff.reset();
    sync.state = "live";
    const waiting = sync.buffered;
    sync.buffered = [];
    for (const one of waiting) this.#parse(one.bytes, one.recvNanos);
  }

  /** The answer's bytes; undefined when the venue did not give one. */
  async #getSnapshot(name: string): Promise<Uint8Array | undefined> {
    const { rest, depthPath, snapshotLevels } = this.#addresses;
    const url = `${rest}${depthPath}?symbol=${name}&limit=${snapshotLevels}`;
    const timeout = AbortSignal.timeout(this.#options.snapshotMillisMax ?? 10_000);
    try {
      const signal = AbortSignal.any([this.#abort.signal, timeout]);
      const answer = await fetch(url, { signal });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (answer.ok && bytes.length <= SNAPSHOT_BYTES_MAX) return bytes;
      this.#refuseSnapshot(`HTTP ${answer.status} for ${url}`);
    } catch (error) {
      // A network that fails is normal: counted by the caller, tried again.
      if (this.#isRunning) this.#refuseSnapshot(`${String(error)} for ${url}`);
    }
    return undefined;
  }

  #parseSnapshot(instrument: FeedInstrument, bytes: Uint8Array): number {
    this.#parser.setDefault(instrument);
    const count = this.#parser.message(bytes, this.#options.venue, this.#options.nowNanos());
    if (count <= 0) {
      const text = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
      this.#parser.quarantine.add(-count, `snapshot of ${instrument.name}`, () => text);
    }
    this.#parser.ring.wake();
    return count;
  }

  #refuseSnapshot(text: string): void {
    this.#parser.quarantine.add(Refusal.VenueDown, "snapshot", () => text);
  }

  #newBackoff(): Backoff {
    const { backoffMillisMin = 250, backoffMillisMax = 30_000, draw } = this.#options;
    return new Backoff(backoffMillisMin, backoffMillisMax, draw);
  }
}
