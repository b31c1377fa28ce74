// Random venues: links that come and go, listings with and without holes, reports about orders the
// twin has there, mostly such as a venue could send, sometimes any.
import { VENUE_IGNORED, VENUE_ROWS, VENUE_ROW_BYTES } from "../../asm/layout.ts";
import {
  CancelReason,
  Execution,
  InstrumentKind,
  Kind,
  LinkState,
  OrderState,
  OrderType,
  Refusal,
  ReportFlag,
  TimeInForce,
} from "../../asm/vocab.ts";
import { BASE_NANOS, type OrderCore } from "../asm/order-core.ts";
import { LINEAR } from "../reference/order-kind.ts";
import type { OrderTwin, Row, TwinOrder } from "../reference/order-twin.ts";
import { addRoutedSpot, ROUTED_SPOT } from "./order-routed-cash.ts";
import { RoutedParents } from "./order-routed-parents.ts";
import type { TwinVenue } from "../reference/order-venue.ts";
import { withFields } from "../reference/row.ts";

export const [ROUTED, ROUTED_INVERSE, ROUTED_FUTURE] = [11, 12, 13];
export const ROUTES = [ROUTED, ROUTED_INVERSE, ROUTED_FUTURE, ROUTED_SPOT];
const VENUES = [7, 8];
const UNKNOWN_VENUE = 9;
const HOUR_NANOS = 3_600e9;
const REASONS = [CancelReason.Venue, CancelReason.Disconnect, CancelReason.User];
const WORKING = [OrderState.Live, OrderState.PartlyFilled];

/** How much of a stream is about venues: reports of all inputs, orders of all orders. */
export interface RoutedShare {
  reports: number;
  orders: number;
  /** Parents of what is about venues. */
  parents: number;
}
export const ROUTED_NONE: RoutedShare = { reports: 0, orders: 0, parents: 0 };
export const ROUTED_SOME: RoutedShare = { reports: 0.07, orders: 0.07, parents: 0 };
export const ROUTED_MOST: RoutedShare = { reports: 0.6, orders: 0.95, parents: 0.03 };

/** Gives core and twin instruments at two venues; the future expires during the run. */
export function addRoutes(
  core: OrderCore,
  twin: OrderTwin,
  seed: number,
  staleMillis: number,
): void {
  const rest = { tickExponent: -2, multiplierNum: 3, multiplierDen: 7, staleMillis, base: 2 };
  const expiry = (15 + 40 * (seed % 5)) * HOUR_NANOS;
  const kinds = [
    [ROUTED, 7, InstrumentKind.LinearPerpetual, {}],
    [ROUTED_INVERSE, 7, InstrumentKind.InversePerpetual, { settlement: 2 }],
    [ROUTED_FUTURE, 8, InstrumentKind.Future, { expiryNanos: BASE_NANOS + BigInt(expiry) }],
  ] as const;
  for (const [id, venue, specKind, more] of kinds) {
    core.instrument(id, { ...rest, execution: Execution.Routed, venue, specKind, ...more });
    twin.instrument(id, Execution.Routed, staleMillis);
    twin.routed.instrument(id, venue);
    twin.money.specs.set(id, { ...LINEAR, kind: specKind });
  }
  const value = { inverseNum: 3_000_000n, inverseDen: 7n };
  const kind = InstrumentKind.InversePerpetual;
  twin.money.specs.set(ROUTED_INVERSE, { ...LINEAR, kind, settlement: 2, ...value });
  twin.dues.set(ROUTED_FUTURE, expiry);
  addRoutedSpot(core, twin, rest);
}

/** Reports that the core and the twin have ignored, by venue and why; both must agree. */
export function ignoredReports(core: OrderCore, twin: OrderTwin): [string, string] {
  const { venues, ignored } = twin.routed.venues;
  const rows = [0, ...venues.keys()].flatMap((id, row) => {
    const at = VENUE_ROWS + row * VENUE_ROW_BYTES + VENUE_IGNORED;
    return Array.from({ length: 6 }, (_, why): [number, string] => [
      core.core.view.getUint32(at + why * 4, true),
      `${id} ${why}`,
    ]);
  });
  const said = rows.map(([count, key]) => `${key}: ${count}`);
  const known = rows.map(([, key]) => `${key}: ${ignored.get(key) ?? 0}`);
  return [said.join(", "), known.join(", ")];
}

export class RoutedStream {
  private readonly random: () => number;
  private readonly share: RoutedShare;
  private readonly parents: RoutedParents;
  private readonly twin: OrderTwin;
  private fillIds = 0;
  /** The last fills, whose corrections may come. */
  private readonly booked: [TwinOrder, Row][] = [];
  private last: [Kind, Row] | undefined;

  constructor(random: () => number, twin: OrderTwin, share: RoutedShare) {
    this.random = random;
    this.twin = twin;
    this.share = share;
    this.parents = new RoutedParents(random, twin, ROUTES);
  }

  isNext(): boolean {
    return this.random() < this.share.reports;
  }

  /** How long nothing may happen: answers are missed, but not all inputs are about that. */
  patienceNanos(): number {
    const { venues } = this.twin.routed.venues;
    const timeouts = [...venues.values()].map(({ timeoutMillis }) => timeoutMillis);
    const patience = 300e6 * Math.min(...timeouts);
    if (this.twin.routed.due() !== Infinity) return patience;
    // Orders of the future are asked for from its expiry on.
    const due = this.twin.dues.get(ROUTED_FUTURE);
    const open = [...this.twin.open.values()].flat();
    const isOpen = open.some(({ instrument }) => instrument === ROUTED_FUTURE);
    if (due === undefined || !isOpen) return Infinity;
    return Math.max(0, due - this.twin.money.nowNanos) + patience;
  }

  /** Now and then sends an order to a venue. */
  place(asked: Row): Row {
    if (this.random() >= this.share.orders) return asked;
    // Legs are not kept at venues: mostly an account without.
    const { mode } = this.twin.accounts.get(Number(asked["account"])) ?? { mode: 0 };
    const netted: Row = { account: 1 + this.pick(4), strategy: 0, positionSide: 0 };
    const row = mode !== 0 && this.chance(0.9) ? withFields(asked, netted) : asked;
    const instrument = this.one(ROUTES);
    const isKept = this.chance(0.08);
    if (isKept) return withFields(row, { instrument });
    const type = this.chance(0.1) ? OrderType.Market : OrderType.Limit;
    const tif = this.chance(0.75) ? TimeInForce.Gtc : TimeInForce.Ioc + this.pick(2);
    const isReducing = this.chance(0.06);
    const flags = isReducing ? 2 : Number(row["orderFlags"]) & 1 && tif === TimeInForce.Gtc ? 1 : 0;
    const orderFlags = type === OrderType.Market && flags === 1 ? 0 : flags;
    return withFields(row, {
      stopTicks: 0,
      displayLots: 0,
      trailUnit: 0,
      trailOffset: 0,
      expiresNanos: 0,
      instrument,
      type,
      orderFlags,
      contingency: 0,
      linkedClientId: 0,
      tif: isReducing && tif === TimeInForce.Gtc ? TimeInForce.Ioc : tif,
    });
  }

  /** What a venue says next, or the market there. */
  next(drift: number): [Kind, Row] {
    if (this.share.parents > 0 && this.chance(this.share.parents)) return this.parents.next();
    if (this.chance(0.05)) return this.market(drift);
    if (this.last !== undefined && this.chance(0.06)) return this.last;
    const venues = this.twin.routed.venues.venues;
    const id = this.chance(0.01) ? UNKNOWN_VENUE : this.one(VENUES);
    const venue = venues.get(id);
    if (venue === undefined || this.chance(0.012)) return this.link(id);
    if (this.chance(0.03)) return this.position(venue);
    const isListing = venue.state === LinkState.Listing;
    if (this.chance(isListing ? 0.16 : 0.1)) return this.amend(venue, drift);
    if (this.booked.length > 0 && this.chance(0.04)) return this.correction(drift);
    if (venue.state === LinkState.Down && this.chance(0.5)) return this.link(id, 1);
    const isLinking = venue.state === LinkState.Asked || venue.state === LinkState.Listing;
    if (isLinking && this.chance(0.04)) return this.link(id);
    if (venue.state === LinkState.Asked && this.chance(0.6)) return this.begin(venue);
    if (venue.state === LinkState.Listing && this.chance(0.25)) return this.end(venue);
    if (this.chance(0.01)) return this.chance(0.5) ? this.begin(venue) : this.end(venue);
    this.last = this.report(venue, drift);
    return this.last;
  }

  private pick(most: number): number {
    return Math.floor(this.random() * most);
  }

  private chance(of: number): boolean {
    return this.random() < of;
  }

  private one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!;
  }

  private market(drift: number): [Kind, Row] {
    const priceTicks = drift + this.pick(24) - 12;
    const worked = this.parents.worked();
    const instrument = worked !== undefined && this.chance(0.5) ? worked : this.one(ROUTES);
    const qtyLots = 5 + this.pick(60);
    if (this.chance(0.4)) return [Kind.TradePrint, { instrument, priceTicks, qtyLots }];
    const [bidLots, askLots] = [10, this.chance(0.2) ? 0 : 10];
    const sides = { bidTicks: priceTicks, bidLots, askTicks: priceTicks + 2, askLots };
    return [Kind.TopOfBook, { instrument, ...sides }];
  }

  // Links --------------------------------------------------------------------------------------

  private link(venue: number, state = this.pick(2)): [Kind, Row] {
    if (this.chance(0.02)) return [Kind.VenueStatus, { venue, state: 2 }];
    const millis = this.chance(0.3) ? 1 + this.pick(40) : 300_000 + this.pick(300_000);
    const timeoutMillis = this.chance(0.02) ? 700_000 : millis;
    return [Kind.VenueStatus, { venue, state, timeoutMillis }];
  }

  private listing(venue: TwinVenue): bigint {
    return this.chance(0.05) ? venue.listing + 1n : venue.listing;
  }

  private begin(venue: TwinVenue): [Kind, Row] {
    return [Kind.ReconcileBegin, { venue: venue.id, listing: this.listing(venue) }];
  }

  private end(venue: TwinVenue): [Kind, Row] {
    const records = this.chance(0.08) ? venue.listed + 1 : venue.listed;
    return [Kind.ReconcileEnd, { venue: venue.id, listing: this.listing(venue), records }];
  }

  private position(venue: TwinVenue): [Kind, Row] {
    const instrument = this.chance(0.03) ? this.pick(14) : this.one(ROUTES);
    const { orphans } = this.twin.routed.venues.places.get(instrument) ?? { orphans: 0 };
    const held = this.twin.money.holders(instrument).reduce((sum, { lots }) => sum + lots, 0);
    const lots = held + orphans + (this.chance(0.4) ? this.pick(9) - 4 : 0);
    const isListed = venue.state === LinkState.Listing ? this.chance(0.8) : this.chance(0.05);
    const how = isListed
      ? { linkFlags: ReportFlag.Listed, listing: this.listing(venue) }
      : { linkFlags: 0 };
    return [Kind.VenuePosition, { venue: venue.id, instrument, lots, ...how }];
  }

  /** An amend of an order that takes one now, mostly. */
  private amend(venue: TwinVenue, drift: number): [Kind, Row] {
    const open = [...this.twin.open.values()].flat();
    const own = open.filter(({ route }) => route?.venue === venue.id);
    const working = own.filter(({ state }) => WORKING.includes(state));
    const likely = working.length > 0 ? working : own.length > 0 ? own : open;
    if (likely.length === 0) return this.market(drift);
    const order = this.one(likely);
    const { account, instrument, clientId } = order;
    // Of cash now and then more than the balance covers.
    const many = instrument === ROUTED_SPOT && this.chance(0.3) ? 12 : 1;
    const qtyLots = order.filled + 1 + this.pick(order.leaves + 20) * many;
    const priceTicks = drift + this.pick(20) - 10;
    return [
      Kind.OrderAmend,
      { account, instrument, clientId, fields: 1 + this.pick(3), qtyLots, priceTicks },
    ];
  }

  // Reports ------------------------------------------------------------------------------------

  private report(venue: TwinVenue, drift: number): [Kind, Row] {
    const order = this.subject(venue);
    if (order === undefined) return this.orphan(venue, drift);
    const route = order.route!;
    const kind = this.kind(order);
    const about: Row = {
      instrument: this.chance(0.9) ? order.instrument : 0,
      orderId: order.id,
      venue: this.chance(0.99) ? venue.id : this.one([...VENUES, UNKNOWN_VENUE]),
      venueOrderId: this.chance(0.5) ? 1_000n + order.id : 0n,
    };
    if (kind === Kind.VenueFill)
      return this.noted(order, Object.assign(about, this.fill(order, drift)));
    const isListing = venue.state === LinkState.Listing && this.chance(0.7);
    const listed = isListing ? { request: this.listing(venue), reportFlags: 1 } : {};
    const { amend } = route;
    const own = [amend?.lots ?? 0, order.filled + order.leaves, order.filled + order.leaves];
    const isTrue = this.chance(0.9);
    // As it was before an amend and what has filled since.
    const isOlder = route.isDoubt && order.filled > 1 && this.chance(0.04);
    return [
      kind,
      Object.assign(about, { request: this.request(kind, order) }, listed, {
        reason: this.reason(kind),
        priceTicks: isTrue ? this.one([amend?.price ?? 0, order.price]) : this.pick(2_000) - 20,
        qtyLots: isTrue ? this.one(own) : this.pick(80) - 3,
        filledLots: this.filled(order),
        ...(isOlder ? { qtyLots: order.filled - 1, filledLots: this.pick(order.filled) } : {}),
      }),
    ];
  }

  /** Mostly an open order of the venue, now and then one that has ended or nobody's. */
  private subject(venue: TwinVenue): TwinOrder | undefined {
    if (this.chance(0.02)) return undefined;
    const known = this.twin.routed.sent.filter(({ route }) => route!.venue === venue.id);
    const open = known.filter(({ state }) => state < OrderState.Filled);
    const ended = known.filter(({ state }) => state >= OrderState.Filled);
    // Of the ended the last ones, but rare ends as often as common ones.
    const state = 9 + this.pick(5);
    const rare = ended.filter((order) => order.state === (state as OrderState));
    const list = open.length === 0 || this.chance(0.14) ? (this.chance(0.5) ? rare : ended) : open;
    return list.length === 0 ? undefined : this.one(list.slice(-12));
  }

  private kind(order: TwinOrder): Kind {
    const { amend, cancel, isDoubt } = order.route!;
    const dice = this.random();
    if (dice < 0.2) return Kind.VenueAccepted + this.pick(9);
    if (amend !== undefined && dice < 0.5) {
      return this.chance(0.6) ? Kind.VenueAmended : Kind.VenueAmendRejected;
    }
    if (cancel !== 0n && dice < 0.6) {
      return this.chance(0.5) ? Kind.VenueCanceled : Kind.VenueCancelRejected;
    }
    if (isDoubt && dice < 0.8) return this.chance(0.5) ? Kind.VenueAccepted : Kind.VenueUnknown;
    if (WORKING.includes(order.state)) return dice < 0.9 ? Kind.VenueFill : Kind.VenueExpired;
    return dice < 0.6 ? Kind.VenueAccepted : dice < 0.95 ? Kind.VenueFill : Kind.VenueRejected;
  }

  /** The request it answers: the one that is out, none, an old one, one that was never made. */
  private request(kind: Kind, order: TwinOrder): bigint {
    const { amend, cancel, query } = order.route!;
    const dice = this.random();
    if (dice < 0.12) return 0n;
    if (dice < 0.18) return BigInt(this.pick(Number(this.twin.routed.venues.last()) + 3));
    if (kind === Kind.VenueAmended || kind === Kind.VenueAmendRejected) return amend?.number ?? 0n;
    return kind === Kind.VenueCancelRejected ? cancel : query;
  }

  private reason(kind: Kind): number {
    if (kind === Kind.VenueCanceled) return this.one([0, 0, 0, ...REASONS]);
    return this.one([Refusal.VenueRejected, Refusal.OrderNotOpen, Refusal.UnknownOrder]);
  }

  private filled(order: TwinOrder): number {
    const dice = this.random();
    if (dice < 0.2) return -1;
    if (dice < 0.85) return order.filled;
    return order.filled + 1 + this.pick(order.leaves + 3);
  }

  private fill(order: TwinOrder, drift: number): Row {
    const isOld = this.fillIds > 0 && this.chance(0.06);
    const fillId = isOld ? 1 + this.pick(this.fillIds) : this.chance(0.01) ? 0 : ++this.fillIds;
    const most = Math.max(1, order.leaves);
    const qtyLots = this.chance(0.4) ? most : 1 + this.pick(most + (this.chance(0.05) ? 9 : 0));
    const isGiven = this.chance(0.4);
    const fee = {
      reportFlags: ReportFlag.FeeGiven,
      feeMinor: this.pick(200) - 60,
      feeCurrency: this.one([0, 1, 2, 99]),
    };
    return {
      fillId,
      qtyLots: this.chance(0.01) ? 0 : qtyLots,
      priceTicks: this.chance(0.01) ? 0 : drift + this.pick(20) - 10,
      liquidity: this.pick(3),
      ...(isGiven ? fee : {}),
    };
  }

  /** Keeps a fill for its correction. */
  private noted(order: TwinOrder, row: Row): [Kind, Row] {
    if (this.booked.push([order, row]) > 12) this.booked.shift();
    return [Kind.VenueFill, row];
  }

  /** One of the last fills never was, or was another; now and then what was said of it is wrong. */
  private correction(drift: number): [Kind, Row] {
    const [order, fill] = this.one(this.booked);
    const isBust = this.chance(0.4);
    const open = [...this.twin.open.values()].flat().filter(({ route }) => route !== undefined);
    const live = open.filter(({ state }) => state === OrderState.Live);
    const others = live.length > 0 && this.chance(0.7) ? live : open;
    const about = others.length > 0 && this.chance(0.15) ? this.one(others) : order;
    const { feeCurrency = 0, reportFlags = 0, venue = 0, instrument = 0 } = fill;
    const row: Row = {
      ...{ venue, instrument, reportFlags, feeCurrency, feeMinor: this.pick(60) - 30 },
      orderId: this.chance(0.96) ? about.id : 5n << 33n,
      fillId: this.chance(0.98) ? ++this.fillIds : 0,
      reference: this.chance(0.96) ? fill["fillId"]! : this.fillIds + 99,
      wasPriceTicks: this.chance(0.98) ? fill["priceTicks"]! : 0,
      wasQtyLots: this.chance(0.95) ? fill["qtyLots"]! : this.pick(40),
      priceTicks: isBust ? 0 : drift + this.pick(20) - 10,
      qtyLots: isBust ? 0 : 1 + this.pick(30),
      liquidity: this.pick(3),
    };
    this.last = [Kind.VenueFillCorrected, row];
    return this.last;
  }

  /** About an order nobody here made. */
  private orphan(venue: TwinVenue, drift: number): [Kind, Row] {
    const isFill = this.chance(0.6);
    const isListed = venue.state === LinkState.Listing;
    const listed = isListed ? { request: venue.listing, reportFlags: ReportFlag.Listed } : {};
    const row: Row = {
      instrument: this.chance(0.9) ? this.one(ROUTES) : this.pick(14),
      orderId: 5n << 33n,
      venue: venue.id,
      side: this.pick(3),
      qtyLots: 1 + this.pick(9),
      ...listed,
    };
    if (!isFill) return [Kind.VenueAccepted + (this.chance(0.5) ? 0 : this.pick(9)), row];
    return [Kind.VenueFill, withFields(row, { fillId: ++this.fillIds, priceTicks: drift })];
  }
}
