// What the engine asks of a venue, and what a venue says: one interface for all of them.
//
// An adapter only speaks its venue's language. It keeps no order state that matters, repeats no
// request on its own and invents no report: whatever it is unsure of it says with a VenueStatus
// (down, then up), and the core asks for the rest.
//
// tidy: tested by test/src/venues/simulated-venue.test.ts
import type { Kind } from "../../asm/vocab.ts";
import type { FieldsFor, RecordOf } from "../protocol.ts";

/** Kinds of records that a venue may send. */
export type ReportKind =
  | Kind.VenueAccepted
  | Kind.VenueRejected
  | Kind.VenueFill
  | Kind.VenueCanceled
  | Kind.VenueExpired
  | Kind.VenueAmended
  | Kind.VenueAmendRejected
  | Kind.VenueCancelRejected
  | Kind.VenueUnknown
  | Kind.VenuePosition
  | Kind.ReconcileBegin
  | Kind.ReconcileEnd
  | Kind.VenueStatus
  | Kind.VenueFillCorrected;

/** A request as the core wrote it; the kind says which. */
export type VenueRequest = RecordOf<Kind.VenueOrderNew>;

/** Takes one report; the fields are those of its record. */
export type ReportSink = <K extends ReportKind>(kind: K, fields: FieldsFor<K>) => void;

/** A public quote or trade of the market at the venue. */
export interface VenueMarket {
  quote(instrument: number, bid: readonly [number, number], ask: readonly [number, number]): void;
  trade(instrument: number, priceTicks: number, qtyLots: number): void;
}

/**
 * One venue. Reports leave through the sink it was made with, from `advance` only. Times are
 * nanoseconds since the clock base and never go back.
 */
export interface Venue {
  /** Venue number of SPEC_VENUE and of every report. */
  readonly id: number;
  /** Begins to connect; a VenueStatus says when the link is up. */
  open(): void;
  /** Takes a request that the journal holds. It may get lost, which the core finds out. */
  send(request: VenueRequest): void;
  /** Does what is due up to `nowNanos`. */
  advance(nowNanos: number): void;
  /** When `advance` has something to do next; Infinity = never. */
  nextNanos(): number;
  /** Closes the link; no report leaves after it. */
  close(): void;
}
