// What a slice holds, noted while it is gone through once: events for the time line, candles, and
// the equity of each account. Everything has a bound.
//
// tidy: tested by test/src/incident/walk.test.ts
import {
  BLOCK_HEADER_BYTES,
  CANDLE_TIMEFRAME,
  Kind,
  REC_INSTRUMENT,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
} from "../../asm/vocab.ts";
import type { Core } from "../core/core.ts";
import type { Block } from "../journal/scan.ts";
import type { Configured } from "../oms/recovery.ts";
import { decode, recordBytes } from "../protocol.ts";
import type { BalanceRecord, DecodedRecord } from "../protocol.ts";

/** Events listed; those that follow are counted. */
export const EVENTS_MAX = 100_000;
/** Closed candles of an instrument and timeframe; then the older half goes. */
export const CANDLES_MAX = 8_192;
/** Points of the equity curves; when there are more, every second goes. */
export const SAMPLES_MAX = 512;
const SAMPLE_EVERY = 200;

/** What the time line marks. */
export type EventGroup = "fill" | "denied" | "risk" | "gap" | "engine";

const GROUPS = new Map<number, EventGroup>([
  [Kind.Fill, "fill"],
  [Kind.FillCorrection, "fill"],
  [Kind.OrderDenied, "denied"],
  [Kind.OrderRejected, "denied"],
  [Kind.AmendDenied, "denied"],
  [Kind.CancelDenied, "denied"],
  [Kind.ConfigDenied, "denied"],
  [Kind.TradingStateChanged, "risk"],
  [Kind.RiskEvent, "risk"],
  [Kind.MarginCall, "risk"],
  [Kind.LiquidationStarted, "risk"],
  [Kind.OrderInDoubt, "risk"],
  [Kind.VenueFault, "risk"],
  [Kind.KillSwitch, "risk"],
  [Kind.FeedGap, "gap"],
  [Kind.FeedStatus, "gap"],
  [Kind.BookTrust, "gap"],
  [Kind.EngineStart, "engine"],
  [Kind.EngineStop, "engine"],
  [Kind.ClockBase, "engine"],
  [Kind.SkipRecord, "engine"],
  [Kind.EpochChange, "engine"],
  [Kind.Checkpoint, "engine"],
]);

/** An event: the input it is or comes from, and its record. */
export interface WalkEvent {
  sequence: number;
  millis: number;
  group: EventGroup;
  record: Uint8Array;
}

/** Equity of the accounts at one moment, in minor units by "account/currency". */
export interface WalkSample {
  sequence: number;
  millis: number;
  equityMinor: Record<string, number>;
}

interface SeenCandle {
  sequence: number;
  record: Uint8Array;
}

/** Notes of one walk. */
export class WalkIndex {
  readonly events: WalkEvent[] = [];
  /** Events that were not listed. */
  left = 0;
  samples: WalkSample[] = [];
  readonly configured: Configured;
  private readonly candles = new Map<string, SeenCandle[]>();
  private sampleEvery = SAMPLE_EVERY;
  private sampleNext = 0;

  constructor(configured: Configured) {
    this.configured = configured;
  }

  /** Inputs of a block that are events themselves. */
  inputs(block: Uint8Array): void {
    const view = viewOf(block);
    for (let at: number = BLOCK_HEADER_BYTES; at < block.length;) {
      const end = at + recordBytes(view, at);
      const group = GROUPS.get(view.getUint16(at + REC_KIND, true));
      if (group !== undefined) {
        const sequence = Number(view.getBigUint64(at + REC_SEQUENCE, true));
        this.event(sequence, group, block.slice(at, end));
      }
      at = end;
    }
  }

  /** Whether an output of a kind is noted. */
  wants(kind: number): boolean {
    if (kind === Kind.CandleClosed) return true;
    if (!GROUPS.has(kind)) return false;
    if (this.events.length < EVENTS_MAX) return true;
    this.left += 1;
    return false;
  }

  /** An output, or a market record that came in; `sequence` is that of the input. */
  output(record: Uint8Array, sequence: number): void {
    const kind = viewOf(record).getUint16(REC_KIND, true);
    if (kind === Kind.CandleClosed) this.candle(record, sequence);
    const group = GROUPS.get(kind);
    if (group !== undefined) this.event(sequence, group, record);
  }

  /** A record from before the slice. */
  past(record: Uint8Array): void {
    const kind = viewOf(record).getUint16(REC_KIND, true);
    if (kind === Kind.CandleClosed) this.candle(record.slice(), 0);
  }

  /** A block was applied. */
  block({ header }: Block, core: Core, balances: () => BalanceRecord[]): void {
    const { sequence } = core;
    if (sequence < this.sampleNext) return;
    this.sampleNext = sequence + this.sampleEvery;
    this.sample(sequence, header.tsLastNanos, balances());
    if (this.samples.length <= SAMPLES_MAX) return;
    this.samples = this.samples.filter((_, at) => at % 2 === 0);
    this.sampleEvery *= 2;
  }

  /** The last moment of the slice. */
  finish(sequence: number, tsNanos: bigint, balances: BalanceRecord[]): void {
    if (this.samples.at(-1)?.sequence !== sequence) this.sample(sequence, tsNanos, balances);
  }

  /** A sequence that is known to lie before a time. */
  before(tsNanos: bigint): number {
    const millis = millisOf(tsNanos);
    return this.samples.findLast((one) => one.millis < millis)?.sequence ?? 0;
  }

  /** Candles that were closed at a sequence, newest last, at most so many. */
  candlesAt(
    sequence: number,
    instrument: number,
    timeframe: number,
    most: number,
  ): DecodedRecord[] {
    const seen = this.candles.get(`${instrument}/${timeframe}`) ?? [];
    let end = seen.length;
    while (end > 0 && seen[end - 1]!.sequence > sequence) end -= 1;
    return seen.slice(Math.max(0, end - most), end).map(({ record }) => decode(viewOf(record), 0));
  }

  /** The newest events of a group at a sequence, newest first. */
  eventsAt(sequence: number, group: EventGroup, most: number): DecodedRecord[] {
    const found: DecodedRecord[] = [];
    for (let at = this.events.length - 1; at >= 0 && found.length < most; at -= 1) {
      const event = this.events[at]!;
      if (event.sequence <= sequence && event.group === group) {
        found.push(decode(viewOf(event.record), 0));
      }
    }
    return found;
  }

  private event(sequence: number, group: EventGroup, record: Uint8Array): void {
    if (this.events.length >= EVENTS_MAX) {
      this.left += 1;
      return;
    }
    const millis = millisOf(viewOf(record).getBigInt64(REC_TS_ENGINE, true));
    this.events.push({ sequence, millis, group, record });
  }

  private candle(record: Uint8Array, sequence: number): void {
    const view = viewOf(record);
    const timeframe = view.getUint8(CANDLE_TIMEFRAME);
    const key = `${view.getUint32(REC_INSTRUMENT, true)}/${timeframe}`;
    const seen = this.candles.get(key) ?? [];
    if (seen.length >= CANDLES_MAX) seen.splice(0, CANDLES_MAX / 2);
    seen.push({ sequence, record });
    this.candles.set(key, seen);
  }

  private sample(sequence: number, tsNanos: bigint, balances: BalanceRecord[]): void {
    const equityMinor: Record<string, number> = {};
    for (const { account, currency, equityMinor: minor } of balances) {
      equityMinor[`${account}/${currency}`] = minor;
    }
    this.samples.push({ sequence, millis: millisOf(tsNanos), equityMinor });
  }
}

function millisOf(nanos: bigint): number {
  return Number(nanos / 1000n) / 1000;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
