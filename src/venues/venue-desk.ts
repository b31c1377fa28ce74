// Between the core and one venue: requests out after the journal has them, reports in as records.
//
// A request is collected while the turn runs. What may make a position larger, an order or an
// amend, leaves when its block is durable: after a loss of power the journal would give the same
// order id again, and the venue would take another order for a repeat. Cancels and questions leave
// when their block is written, but never before what they are about. What is replayed at a start
// is never sent: the first thing the core hears is that the link is down, so an order
// whose request may not have left is in doubt and asked for. Reports go into the control ring,
// which the core empties before the commands of clients.
import {
  AckLevel,
  Kind,
  ORDER_ACCOUNT,
  POSITION_LOTS,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  REC_INSTRUMENT,
  REC_KIND,
  REQUEST_VENUE,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { OutputSink } from "../oms/sink.ts";
import { decode, encode, recordBytes, recordCells } from "../protocol.ts";
import type { ReportSink, Venue, VenueMarket, VenueRequest } from "./venue.ts";

/** Reports that wait for room in the ring. */
export const REPORTS_WAITING_MAX = 65_536;
/** Requests that wait for the disk. */
export const INTENTS_WAITING_MAX = 65_536;
/** Requests that may make a position larger. */
const SENT_DURABLE: readonly number[] = [Kind.VenueOrderNew, Kind.VenueOrderAmend];
/** Longest setTimeout; later times are armed again. */
const TIMER_MILLIS_MAX = 60_000;

/** A request that leaves when the journal is durable up to a sequence. */
interface Intent {
  request: VenueRequest;
  sequence: number;
}

/** The ring reports go into. */
export interface ReportRing {
  readonly view: DataView;
  reserve(cells: number): number;
  commit(): void;
  publish(): void;
}

export interface VenueDeskOptions {
  ring: ReportRing;
  schedule: () => void;
  clockNanos: () => number;
  /** Makes the venue, which reports through the sink. */
  venue: (report: ReportSink) => Venue;
  /** A venue that trades against the market the engine sees gets its quotes and trades. */
  market?: (venue: Venue) => VenueMarket | undefined;
  /** Lots held by all accounts, from the journal; once an instrument, before the link opens. */
  onHeld?: (instrument: number, lots: number) => void;
  onFault: (fault: unknown) => void;
}

export class VenueDesk implements OutputSink {
  readonly venue: Venue;
  private readonly options: VenueDeskOptions;
  private readonly market: VenueMarket | undefined;
  private readonly requests: VenueRequest[] = [];
  private readonly intents: Intent[] = [];
  private readonly waiting: (() => boolean)[] = [];
  private readonly held = new Map<string, readonly [number, number]>();
  private timer: NodeJS.Timeout | undefined;
  private isOpen = false;

  constructor(options: VenueDeskOptions) {
    this.options = options;
    this.venue = options.venue((kind, fields) => {
      this.put(() => {
        const { ring } = this.options;
        const at = ring.reserve(recordCells(kind));
        if (at < 0) return false;
        encode(ring.view, at, kind, fields);
        ring.commit();
        ring.publish();
        return true;
      });
    });
    this.market = options.market?.(this.venue);
  }

  /** Tells the core that the link is down, whatever the journal says, and begins to connect. */
  start(): void {
    this.isOpen = true;
    // Questions of the time before are void: the core asks anew when the link is up.
    this.requests.length = 0;
    this.intents.length = 0;
    const lots = new Map<number, number>();
    for (const [instrument, held] of this.held.values()) {
      lots.set(instrument, (lots.get(instrument) ?? 0) + held);
    }
    for (const [instrument, held] of lots) this.options.onHeld?.(instrument, held);
    const { ring } = this.options;
    this.put(() => {
      const at = ring.reserve(recordCells(Kind.VenueStatus));
      if (at < 0) return false;
      encode(ring.view, at, Kind.VenueStatus, { venue: this.venue.id, state: 0 });
      ring.commit();
      ring.publish();
      return true;
    });
    this.venue.advance(this.options.clockNanos());
    this.venue.open();
    this.arm();
  }

  stop(): void {
    this.isOpen = false;
    clearTimeout(this.timer);
    this.venue.close();
  }

  // ---------------------------------------------------------------------------- requests

  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      const kind = view.getUint16(at + REC_KIND, true);
      if (kind >= Kind.VenueOrderNew && kind <= Kind.VenueQuery) {
        if (view.getUint16(at + REQUEST_VENUE, true) !== this.venue.id) continue;
        this.requests.push(decode(view, at) as unknown as VenueRequest);
      } else if (kind === Kind.TopOfBook || kind === Kind.TradePrint) this.see(view, at, kind);
    }
  }

  /** While an intent waits the engine asks for an fdatasync at once. */
  get wantsDurable(): boolean {
    return this.requests.length > 0 || this.intents.length > 0;
  }

  flush(level: AckLevel, sequence: number): void {
    if (!this.isOpen) return;
    if (level === AckLevel.Written) this.written(sequence);
    else if (level === AckLevel.Durable && this.intents.length > 0) this.durable(sequence);
  }

  private written(sequence: number): void {
    if (this.requests.length === 0 && this.waiting.length === 0) return;
    this.venue.advance(this.options.clockNanos());
    for (const request of this.requests) {
      if (this.mustBeDurable(request)) this.intents.push({ request, sequence });
      else this.venue.send(request);
    }
    this.requests.length = 0;
    if (this.intents.length > INTENTS_WAITING_MAX) {
      const what = `${this.intents.length} requests to venue ${this.venue.id} wait for the disk`;
      this.options.onFault(new AlphaError("VENUE_INTENTS", what, "check the disk, then restart"));
    }
    this.arm();
  }

  private durable(sequence: number): void {
    const later = this.intents.findIndex((intent) => intent.sequence > sequence);
    const count = later < 0 ? this.intents.length : later;
    if (count === 0) return;
    this.venue.advance(this.options.clockNanos());
    for (const { request } of this.intents.splice(0, count)) this.venue.send(request);
    this.arm();
  }

  /** A request about an order of which something waits must not overtake it. */
  private mustBeDurable({ kind, orderId }: VenueRequest): boolean {
    if (SENT_DURABLE.includes(kind)) return true;
    return this.intents.some(({ request }) => request.orderId === orderId);
  }

  recovered(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      if (view.getUint16(at + REC_KIND, true) !== Kind.PositionChanged) continue;
      const instrument = view.getUint32(at + REC_INSTRUMENT, true);
      const key = `${view.getUint32(at + ORDER_ACCOUNT, true)} ${instrument}`;
      this.held.set(key, [instrument, i64(view, at + POSITION_LOTS)]);
    }
  }

  private see(view: DataView, at: number, kind: number): void {
    if (this.market === undefined) return;
    const instrument = view.getUint32(at + REC_INSTRUMENT, true);
    if (kind === Kind.TradePrint) {
      const [ticks, lots] = [i64(view, at + TRADE_PRICE_TICKS), i64(view, at + TRADE_QTY_LOTS)];
      return this.market.trade(instrument, ticks, lots);
    }
    const bid = [i64(view, at + QUOTE_BID_TICKS), i64(view, at + QUOTE_BID_LOTS)] as const;
    const ask = [i64(view, at + QUOTE_ASK_TICKS), i64(view, at + QUOTE_ASK_LOTS)] as const;
    this.market.quote(instrument, bid, ask);
    this.arm();
  }

  // ---------------------------------------------------------------------------- reports

  /** In order: a report waits behind those that found no room. */
  private put(write: () => boolean): void {
    if (this.waiting.length > 0 || !write()) {
      if (this.waiting.length >= REPORTS_WAITING_MAX) {
        const what = `${REPORTS_WAITING_MAX} reports of venue ${this.venue.id} wait for the core`;
        return this.options.onFault(new AlphaError("VENUE_REPORTS", what, "restart the engine"));
      }
      this.waiting.push(write);
    }
    this.options.schedule();
  }

  private arm(): void {
    if (!this.isOpen) return;
    clearTimeout(this.timer);
    const nanos = this.waiting.length > 0 ? 0 : this.venue.nextNanos();
    if (nanos === Infinity) return;
    const millis = Math.max(Math.ceil((nanos - this.options.clockNanos()) / 1e6), 1);
    this.timer = setTimeout(this.due, Math.min(millis, TIMER_MILLIS_MAX));
  }

  private readonly due = (): void => {
    while (this.waiting[0]?.() === true) this.waiting.shift();
    this.venue.advance(this.options.clockNanos());
    this.options.schedule();
    this.arm();
  };
}

function i64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}
