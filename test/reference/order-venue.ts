// Venues of the twin: links, listings, positions, and the numbers of requests. Orders at venues are
// in order-routed.ts.
import {
  Kind,
  LinkState,
  QueryScope,
  Refusal,
  ReportFlag,
  ReportIgnored,
  VenueFault,
} from "../../asm/vocab.ts";
import type { Row, TwinOrder } from "./order-twin.ts";

const VENUES_MAX = 63;
const TIMEOUT_MILLIS_MAX = 600_000;

export interface TwinVenue {
  id: number;
  state: LinkState;
  timeoutMillis: number;
  /** Number of the listing asked for last, and how many records of it came. */
  listing: bigint;
  listed: number;
  /** When the listing is missed. */
  due: number;
}

/** What is known of an instrument at its venue. */
export interface TwinPlace {
  venue: number;
  theirs: number;
  /** Signed lots of fills that belong to nobody. */
  orphans: number;
  isReported: boolean;
  isWanted: boolean;
  differs: boolean;
}

export interface VenueHost {
  now: () => number;
  out: (row: Row) => void;
  /** Open orders at the venue, newest first. */
  openAt: (venue: number) => TwinOrder[];
  /** Begins the doubt about an order, as a lost link does. */
  doubt: (order: TwinOrder) => void;
  ask: (order: TwinOrder) => void;
  lotsOf: (instrument: number) => number;
}

export class TwinVenues {
  readonly venues = new Map<number, TwinVenue>();
  readonly places = new Map<number, TwinPlace>();
  /** Reports that changed nothing, by venue (0 = unknown) and why. */
  readonly ignored = new Map<string, number>();
  /** What happened since somebody took the notes, for coverage. */
  notes: string[] = [];
  private readonly host: VenueHost;
  private requests = 0n;

  constructor(host: VenueHost) {
    this.host = host;
  }

  ignore(venue: number, why: ReportIgnored): void {
    const key = `${venue} ${why}`;
    this.ignored.set(key, (this.ignored.get(key) ?? 0) + 1);
    this.notes.push(`ignored ${ReportIgnored[why]}`);
  }

  /** Number of the next request. */
  number(): bigint {
    return ++this.requests;
  }

  /** Number of the last request. */
  last(): bigint {
    return this.requests;
  }

  isUp(instrument: number): boolean {
    const venue = this.venues.get(this.places.get(instrument)!.venue);
    return venue?.state === LinkState.Up;
  }

  nanosOf(venue: number): number {
    return this.venues.get(venue)!.timeoutMillis * 1e6;
  }

  query(venue: number, scope: QueryScope, instrument: number): bigint {
    const number = this.number();
    this.host.out({ kind: Kind.VenueQuery, instrument, number, venue, scope });
    return number;
  }

  fault(fault: VenueFault, venue: number, expected: number, received: number, what: Row): void {
    this.notes.push(`fault ${VenueFault[fault]}`);
    this.host.out({ kind: Kind.VenueFault, ...what, fault, venue, expected, received });
  }

  // Links --------------------------------------------------------------------------------------

  /** Takes a VenueStatus; 0 or why it is refused. */
  status(row: Row): number {
    const [id, state, millis] = [n(row, "venue"), n(row, "state"), n(row, "timeoutMillis")];
    if (state > 1 || millis > TIMEOUT_MILLIS_MAX) return Refusal.ParameterInvalid;
    let venue = this.venues.get(id);
    if (venue === undefined) {
      if (this.venues.size === VENUES_MAX) return Refusal.VenuesFull;
      const none = { timeoutMillis: 5000, listing: 0n, listed: 0, due: Infinity };
      venue = { id, state: LinkState.Down, ...none };
      this.venues.set(id, venue);
    }
    this.notes.push(`link ${LinkState[venue.state]} to ${state === 1 ? "Asked" : "Down"}`);
    if (millis !== 0) venue.timeoutMillis = millis;
    for (const order of this.host.openAt(id)) this.host.doubt(order);
    for (const place of this.places.values()) {
      if (place.venue === id) Object.assign(place, { isReported: false, isWanted: false });
    }
    if (state === 1) this.list(venue);
    else Object.assign(venue, { state: LinkState.Down, due: Infinity });
    return 0;
  }

  /** Asks for everything a venue has of ours. */
  list(venue: TwinVenue): void {
    venue.listing = this.query(venue.id, QueryScope.Listing, 0);
    venue.state = LinkState.Asked;
    venue.listed = 0;
    venue.due = this.host.now() + this.nanosOf(venue.id);
  }

  /** The venue whose listing in this state the record is about. */
  private listingOf(row: Row, state: LinkState): TwinVenue | undefined {
    const venue = this.venues.get(n(row, "venue"));
    const isIt = venue?.state === state && BigInt(row["listing"] ?? 0) === venue.listing;
    if (isIt) return venue;
    this.ignore(venue?.id ?? 0, ReportIgnored.Listing);
    return undefined;
  }

  begin(row: Row): void {
    const venue = this.listingOf(row, LinkState.Asked);
    if (venue === undefined) return;
    venue.state = LinkState.Listing;
    venue.due = this.host.now() + this.nanosOf(venue.id);
    this.notes.push("a listing begins");
  }

  end(row: Row): void {
    const venue = this.listingOf(row, LinkState.Listing);
    if (venue === undefined) return;
    if (n(row, "records") !== venue.listed) {
      this.notes.push("a listing has a hole");
      return this.list(venue);
    }
    this.notes.push("a listing is whole");
    venue.state = LinkState.Up;
    venue.due = Infinity;
    for (const order of this.host.openAt(venue.id)) if (order.route!.isDoubt) this.host.ask(order);
    for (const [instrument, place] of [...this.places].sort(([a], [b]) => a - b)) {
      if (place.venue === venue.id && place.isReported) this.compare(instrument, place);
    }
  }

  /** True for a record of the listing that comes in; it is counted. */
  isListed(row: Row): boolean {
    const venue = this.venues.get(n(row, "venue"))!;
    if (!(n(row, "reportFlags") & ReportFlag.Listed)) return false;
    if (venue.state !== LinkState.Listing) return false;
    return BigInt(row["request"] ?? 0) === venue.listing;
  }

  /** A record of the listing came: the next may take as long again. */
  count(venue: TwinVenue): void {
    venue.listed++;
    venue.due = this.host.now() + this.nanosOf(venue.id);
  }

  // Positions ----------------------------------------------------------------------------------

  position(row: Row): void {
    const instrument = n(row, "instrument");
    const venue = this.venues.get(n(row, "venue"));
    const place = this.places.get(instrument);
    if (venue === undefined || place?.venue !== venue.id) {
      return this.ignore(venue?.id ?? 0, ReportIgnored.Malformed);
    }
    const isListed = (n(row, "linkFlags") & ReportFlag.Listed) !== 0;
    const isIts =
      venue.state === LinkState.Listing && BigInt(row["listing"] ?? 0) === venue.listing;
    if (isListed && !isIts) return this.ignore(venue.id, ReportIgnored.Listing);
    place.theirs = n(row, "lots");
    if (!isListed) return this.compare(instrument, place);
    this.count(venue);
    place.isReported = true;
  }

  private compare(instrument: number, place: TwinPlace): void {
    place.isReported = false;
    const isDoubtful = this.host
      .openAt(place.venue)
      .some((order) => order.instrument === instrument && order.route!.isDoubt);
    if (isDoubtful) {
      this.notes.push("a position waits for doubts");
      place.isWanted = true;
      return;
    }
    const ours = this.host.lotsOf(instrument) + place.orphans;
    const differed = place.differs;
    place.differs = ours !== place.theirs;
    this.notes.push(`positions ${place.differs ? "differ" : differed ? "agree again" : "agree"}`);
    if (!place.differs && !differed) return;
    this.fault(VenueFault.PositionDifference, place.venue, ours, place.theirs, { instrument });
  }

  /** A doubt ended; after the last one of an instrument its position may be asked for. */
  doubtOver(instrument: number): void {
    const place = this.places.get(instrument)!;
    const open = this.host.openAt(place.venue);
    if (open.some((order) => order.instrument === instrument && order.route!.isDoubt)) return;
    if (!place.isWanted) return;
    place.isWanted = false;
    this.notes.push("a position is asked for");
    this.query(place.venue, QueryScope.Position, instrument);
  }
}

export function n(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}
