// A simulated venue beside a fork: it gets the requests the core makes now, and its reports take
// the place of those in the journal.
//
// It begins as a venue does after a restart: the link is down, then it comes up and the core asks.
// So it may only begin where no order of the core is open at the venue. Its numbers and its luck
// are not those of the life in the journal, which nobody wrote down; both runs of a fork have the
// same.
//
// tidy: tested by test/src/venues/venue-stand-in.test.ts
import {
  Execution,
  Kind,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  REC_INSTRUMENT,
  REC_KIND,
  RECORD_BYTES_MAX,
  REPORT_VENUE,
  REQUEST_VENUE,
  SpecFlag,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  LINK_VENUE,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { Arrival, Heard, Recast, StandIn } from "../oms/stand-in.ts";
import { decodeBytes, type StateView } from "../oms/state-query.ts";
import type { StateAt } from "../oms/timeline.ts";
import { decode, encode, isRecord, readI64, recordBytes, type FieldsFor } from "../protocol.ts";
import { HABITS, SimulatedVenue, type VenueHabits } from "./simulated-venue.ts";
import type { ReportKind, VenueRequest } from "./venue.ts";

/** Longest time on the way that can be asked for, each way. */
const LATENCY_MILLIS_MAX = 60_000;

/** Time on the way to the venue and back, each; the one of the base line is that of `HABITS`. */
export interface VenueLatency {
  latencyMillisMin: number;
  latencyMillisMax: number;
}

/** The simulated venue with another latency; throws FORK_CHANGE where it cannot be stood in for. */
export function venueRecast(
  view: StateView,
  { latencyMillisMin, latencyMillisMax }: VenueLatency,
  makeDraw: () => () => number,
): Recast {
  if (latencyMillisMin > latencyMillisMax || latencyMillisMax > LATENCY_MILLIS_MAX) {
    const what = `a latency of ${latencyMillisMin} to ${latencyMillisMax} ms is no range`;
    throw cannot(what, `use 0 to ${LATENCY_MILLIS_MAX} ms, the smaller first`);
  }
  const venue = venueOf(view);
  const habits = {
    ...HABITS,
    latencyNanosMin: latencyMillisMin * 1e6,
    latencyNanosMax: latencyMillisMax * 1e6,
  };
  const after = `${latencyMillisMin} to ${latencyMillisMax} ms`;
  const before = `${HABITS.latencyNanosMin / 1e6} to ${HABITS.latencyNanosMax / 1e6} ms`;
  return {
    says: `venue ${venue}: latency ${after} instead of ${before}`,
    baseSays: `venue ${venue} simulated anew with its own latency of ${before}`,
    base: (state) => new VenueStandIn(venue, HABITS, makeDraw(), state),
    fork: (state) => new VenueStandIn(venue, habits, makeDraw(), state),
  };
}

/** The one simulated venue of the routed instruments, with no order open there. */
function venueOf({ specs, accounts }: StateView): number {
  const routed = [...specs.values()].filter(
    (one) => one.execution === (Execution.Routed as number),
  );
  const [first] = routed;
  if (first === undefined) {
    const what = "no instrument of this journal is routed, so there is no venue";
    throw cannot(what, "paper and internal books answer at once: change limits instead");
  }
  const other = routed.find((one) => one.venue !== first.venue);
  if (other !== undefined) {
    throw cannot(`instruments are routed to venues ${first.venue} and ${other.venue}`, "one only");
  }
  const real = routed.find((one) => (one.specFlags & SpecFlag.Simulated) === 0);
  if (real !== undefined) {
    const what = `${real.symbol} trades at a real venue: what it would have said is not known`;
    throw cannot(what, "only a simulated venue can be simulated again");
  }
  const ids = new Set(routed.map((one) => one.instrument));
  const open = accounts.flatMap(({ orders }) => orders).find((one) => ids.has(one.instrument));
  if (open === undefined) return first.venue;
  const what = `order ${open.account}/${open.clientId} is open at the venue at this point`;
  throw cannot(what, "choose a point where no order is: see alphapulse journal at");
}

function cannot(what: string, remedy: string): AlphaError {
  return new AlphaError("FORK_CHANGE", what, remedy);
}

/** See the top of the file. */
export class VenueStandIn implements StandIn {
  private readonly venue: SimulatedVenue;
  private readonly origin: bigint;
  private readonly arrived: Arrival[] = [];

  constructor(
    id: number,
    habits: VenueHabits,
    draw: () => number,
    { core, recollection }: StateAt,
  ) {
    this.origin = core.tsEngineNanos;
    const numbersFrom = Number(this.origin / 1000n);
    this.venue = new SimulatedVenue(id, habits, draw, this.report, numbersFrom);
    const lots = new Map<number, number>();
    for (const bytes of recollection.records()) {
      const one = decodeBytes(bytes);
      if (isRecord(one, Kind.TopOfBook)) this.quote(one.instrument, viewOf(bytes), 0);
      if (!isRecord(one, Kind.PositionChanged)) continue;
      lots.set(one.instrument, (lots.get(one.instrument) ?? 0) + one.lots);
    }
    for (const [instrument, held] of lots) this.venue.positions.set(instrument, held);
    this.report(Kind.VenueStatus, { venue: id, state: 0 });
    this.venue.open();
  }

  owns(record: Uint8Array): boolean {
    const view = viewOf(record);
    const kind = view.getUint16(REC_KIND, true);
    if (kind < Kind.VenueAccepted || kind > Kind.VenueFillCorrected) return false;
    const at = LINKS.has(kind) ? LINK_VENUE : REPORT_VENUE;
    return view.getUint16(at, true) === this.venue.id;
  }

  hear({ view, tsEngineNanos }: Heard, from: number, to: number): void {
    const requests: VenueRequest[] = [];
    this.venue.advance(Number(tsEngineNanos - this.origin));
    for (let at = from; at < to; at += recordBytes(view, at)) {
      const kind = view.getUint16(at + REC_KIND, true);
      const instrument = view.getUint32(at + REC_INSTRUMENT, true);
      if (kind === (Kind.TopOfBook as number)) this.quote(instrument, view, at);
      else if (kind === (Kind.TradePrint as number)) {
        const ticks = readI64(view, at + TRADE_PRICE_TICKS);
        this.venue.trade(instrument, ticks, readI64(view, at + TRADE_QTY_LOTS));
      } else if (kind >= Kind.VenueOrderNew && kind <= Kind.VenueQuery) {
        if (view.getUint16(at + REQUEST_VENUE, true) !== this.venue.id) continue;
        requests.push(decode(view, at) as unknown as VenueRequest);
      }
    }
    for (const request of requests) this.venue.send(request);
  }

  next(tsNanos: bigint): Arrival | undefined {
    const dueNanos = Number(tsNanos - this.origin);
    while (this.arrived.length === 0) {
      const next = this.venue.nextNanos();
      if (next > dueNanos) return undefined;
      this.venue.advance(next);
    }
    return this.arrived.shift();
  }

  private readonly report = <K extends ReportKind>(kind: K, fields: FieldsFor<K>): void => {
    const bytes = new Uint8Array(RECORD_BYTES_MAX);
    const record = bytes.slice(0, encode(new DataView(bytes.buffer), 0, kind, fields));
    this.arrived.push({ record, tsNanos: this.origin + BigInt(Math.floor(this.venue.nowNanos)) });
  };

  private quote(instrument: number, view: DataView, at: number): void {
    const bid = [readI64(view, at + QUOTE_BID_TICKS), readI64(view, at + QUOTE_BID_LOTS)] as const;
    const ask = [readI64(view, at + QUOTE_ASK_TICKS), readI64(view, at + QUOTE_ASK_LOTS)] as const;
    this.venue.quote(instrument, bid, ask);
  }
}

/** Reports about the link, not about an order. */
const LINKS = new Set<number>([
  Kind.VenuePosition,
  Kind.ReconcileBegin,
  Kind.ReconcileEnd,
  Kind.VenueStatus,
]);

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
