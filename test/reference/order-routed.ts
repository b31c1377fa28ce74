// Orders at venues again, slowly: what is asked, what reports change, what happens without any.
//
// An order's state is derived from what is out and what was heard; lots that an amend would add are
// derived from the amend. Nothing is listed twice, so there is nothing to keep in step.
//
// tidy: long because it is one plain state machine, as the twin it belongs to.
import {
  CancelReason,
  Execution,
  Kind,
  LinkState,
  Liquidity,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  ReportFlag,
  ReportIgnored,
  Side,
  TimeInForce,
  VenueFault,
} from "../../asm/vocab.ts";
import { isCash } from "./order-kind.ts";
import type { TwinMoney, TwinPosition } from "./order-money.ts";
import { moveAtVenue } from "./order-routed-cash.ts";
import type { Row, TwinInstrument, TwinOrder } from "./order-twin.ts";
import { n, TwinVenues, type TwinVenue } from "./order-venue.ts";

export interface TwinRoute {
  venue: number;
  venueOrderId: bigint;
  /** The amend that is out. */
  amend?: { number: bigint; price: number; lots: number };
  /** Numbers of the cancel and the query that are out, and of the last amend that was applied. */
  cancel: bigint;
  query: bigint;
  amended: bigint;
  isHeard: boolean;
  isDoubt: boolean;
  /** A cancel is sent when the doubt ends. */
  isWished: boolean;
  isUnheard: boolean;
  /** How the venue ended it, while fills are missing, and the lots it canceled. */
  end?: { state: OrderState; reason: number; canceled: number };
  /** Why it was rejected: the same order again hears it again. */
  rejected?: number;
  unknowns: number;
  tries: number;
  cancelReason: number;
  /** When an answer is missed, and which of several at that time came first. */
  due: number;
  armed: number;
}

export interface RoutedHost {
  money: TwinMoney;
  out: (row: Row) => void;
  event: (kind: Kind, order: TwinOrder, reason: number) => void;
  find: (id: bigint) => TwinOrder | undefined;
  /** Takes an ended order out of the open ones. */
  forget: (order: TwinOrder) => void;
  touch: (account: number, currency: number) => void;
  nextFill: () => number;
  positionRow: (position: TwinPosition) => Row;
  executed: (order: TwinOrder) => Row[];
  /** What a cash order that was just sent, or that has changed at its venue, holds back. */
  /** A fill of a parent's child, or with -1 one taken back; what a done parent then says. */
  filled: (order: TwinOrder, price: number, lots: number, fee: bigint, times: number) => void;
  again: (order: TwinOrder) => void;
  hold: (order: TwinOrder) => void;
  keep: (order: TwinOrder) => void;
}

/** A correction that says nothing of the fee changes none. */
const NO_FEE: Row = { reportFlags: ReportFlag.FeeGiven };
const PLAIN = [OrderType.Limit, OrderType.Market] as number[];
const LATE = [Refusal.OrderNotOpen, Refusal.UnknownOrder] as number[];

/** Lots of an open order, with those an amend would add. */
export function openOf(order: TwinOrder): number {
  return order.leaves + reserved(order);
}

function reserved({ route, filled, leaves }: TwinOrder): number {
  return route?.amend === undefined ? 0 : Math.max(0, route.amend.lots - filled - leaves);
}

export class TwinRouted {
  readonly venues: TwinVenues;
  private readonly host: RoutedHost;
  private readonly fills = new Set<string>();
  /** All orders that were ever sent to a venue, oldest first. */
  readonly sent: TwinOrder[] = [];
  /** Open orders at venues. */
  private readonly open = new Set<TwinOrder>();
  private armings = 0;

  constructor(host: RoutedHost) {
    this.host = host;
    this.venues = new TwinVenues({
      now: () => host.money.nowNanos,
      out: host.out,
      openAt: (venue) => this.openAt(venue),
      doubt: (order) => this.lose(order),
      ask: (order) => this.ask(order),
      lotsOf: (id) => host.money.holders(id).reduce((sum, { lots }) => sum + lots, 0),
    });
  }

  instrument(id: number, venue: number): void {
    const none = { theirs: 0, orphans: 0, isReported: false, isWanted: false, differs: false };
    this.venues.places.set(id, { venue, ...none });
  }

  private openAt(venue: number): TwinOrder[] {
    const open = [...this.open].filter((order) => order.route!.venue === venue);
    return open.sort((a, b) => Number(b.id - a.id));
  }

  // Commands -----------------------------------------------------------------------------------

  /** What a venue is not asked for. */
  shapeRefusal(row: Row, instrument: TwinInstrument): number {
    if (instrument.execution !== Execution.Routed) return 0;
    const [type, tif] = [n(row, "type"), n(row, "tif")];
    if (!PLAIN.includes(type)) return Refusal.OrderTypeUnsupported;
    if (tif > TimeInForce.Fok) return Refusal.TimeInForceUnsupported;
    if (n(row, "contingency") !== 0) return Refusal.ContingencyInvalid;
    const rests = type === OrderType.Limit && tif === TimeInForce.Gtc;
    if (n(row, "orderFlags") & OrderFlag.ReduceOnly && rests) return Refusal.FlagUnsupported;
    return n(row, "displayLots") !== 0 ? Refusal.DisplayInvalid : 0;
  }

  downRefusal(instrument: TwinInstrument): number {
    if (instrument.execution !== Execution.Routed) return 0;
    return this.venues.isUp(instrument.id) ? 0 : Refusal.VenueDown;
  }

  send(order: TwinOrder): void {
    const numbers = { venueOrderId: 0n, cancel: 0n, query: 0n, amended: 0n };
    const flags = { isHeard: false, isDoubt: false, isWished: false, isUnheard: false };
    const counts = { unknowns: 0, tries: 0, cancelReason: 0, due: Infinity, armed: 0 };
    const { venue } = this.venues.places.get(order.instrument)!;
    order.route = { venue, ...numbers, ...flags, ...counts };
    this.open.add(order);
    this.sent.push(order);
    order.state = OrderState.Pending;
    this.host.hold(order);
    this.host.event(Kind.OrderPending, order, 0);
    this.request(Kind.VenueOrderNew, order);
    this.arm(order);
  }

  /** An order is open no more. */
  left(order: TwinOrder): void {
    this.open.delete(order);
  }

  /** True when its cancel is out or wanted: there is nothing to ask again. */
  isLeaving({ route }: TwinOrder): boolean {
    if (route === undefined) return false;
    return route.isDoubt ? route.isWished : route.cancel !== 0n;
  }

  /** At its expiry: true while the venue has orders in the instrument; all are asked to end. */
  isLeft(instrument: number): boolean {
    const venue = this.venues.places.get(instrument)?.venue;
    if (venue === undefined) return false;
    const open = this.openAt(venue).filter((order) => order.instrument === instrument);
    for (const order of open) {
      if (!this.isLeaving(order)) this.cancel(order, CancelReason.InstrumentChange);
    }
    return open.length > 0;
  }

  cancel(order: TwinOrder, reason: number): void {
    const route = order.route!;
    if (route.cancel !== 0n && !route.isDoubt) return;
    route.cancelReason = reason;
    if (!route.isDoubt) return this.sendCancel(order);
    route.isWished = true;
    this.host.event(Kind.OrderPending, order, 0);
  }

  private sendCancel(order: TwinOrder): void {
    const route = order.route!;
    route.isWished = false;
    route.cancel = this.request(Kind.VenueOrderCancel, order);
    this.settle(order);
    this.arm(order);
    this.host.event(Kind.OrderPending, order, 0);
  }

  /** Why an order takes no amend now, whatever it asks for. */
  busyRefusal({ route, state }: TwinOrder): number {
    if (route === undefined) return 0;
    if (state === OrderState.InDoubt) return Refusal.InDoubt;
    const isAtRest = state === OrderState.Live || state === OrderState.PartlyFilled;
    return isAtRest ? 0 : Refusal.RequestPending;
  }

  amend(order: TwinOrder, price: number, lots: number): void {
    const number = this.request(Kind.VenueOrderAmend, order, price, lots);
    order.route!.amend = { number, price, lots };
    this.host.keep(order);
    this.settle(order);
    this.arm(order);
    this.host.event(Kind.OrderPending, order, 0);
  }

  private request(
    kind: Kind,
    order: TwinOrder,
    priceTicks = order.price,
    qtyLots = order.filled + order.leaves,
  ): bigint {
    const number = this.venues.number();
    const { account, strategy, clientId, instrument, side, type, tif, orderFlags } = order;
    const { venue, venueOrderId } = order.route!;
    this.host.out({
      kind,
      ...{ account, strategy, clientId, instrument, orderId: order.id, number },
      ...{ priceTicks, qtyLots, filledLots: order.filled, venueOrderId, venue },
      ...{ side, type, tif, orderFlags },
    });
    return number;
  }

  // State --------------------------------------------------------------------------------------

  private settle(order: TwinOrder): void {
    const { isDoubt, cancel, amend, isHeard } = order.route!;
    if (isDoubt) order.state = OrderState.InDoubt;
    else if (cancel !== 0n) order.state = OrderState.PendingCancel;
    else if (amend !== undefined) order.state = OrderState.PendingAmend;
    else if (!isHeard) order.state = OrderState.Pending;
    else {
      order.state = order.filled > 0 ? OrderState.PartlyFilled : OrderState.Live;
      order.route!.due = Infinity;
    }
  }

  private arm(order: TwinOrder): void {
    const route = order.route!;
    const wait = this.venues.nanosOf(route.venue) * 2 ** Math.min(route.tries, 6);
    route.due = this.host.money.nowNanos + wait;
    route.armed = ++this.armings;
  }

  private ask(order: TwinOrder): void {
    order.route!.query = this.request(Kind.VenueQuery, order);
    this.arm(order);
    order.route!.tries++;
  }

  /** Begins a doubt; false when there was one. */
  private doubt(order: TwinOrder): boolean {
    const route = order.route!;
    if (route.isDoubt) return false;
    route.isDoubt = true;
    if (route.cancel !== 0n) route.isWished = true;
    return true;
  }

  private doubtEnd(order: TwinOrder): void {
    const route = order.route!;
    if (!route.isDoubt) return;
    Object.assign(route, { isDoubt: false, query: 0n, tries: 0 });
    this.venues.doubtOver(order.instrument);
  }

  /** The link changed: nothing that was asked will be answered. */
  private lose(order: TwinOrder): void {
    Object.assign(order.route!, { query: 0n, due: Infinity, tries: 0 });
    if (!this.doubt(order)) return;
    this.settle(order);
    this.host.event(Kind.OrderInDoubt, order, Refusal.VenueDown);
  }

  private end(order: TwinOrder, state: OrderState, reason: number): void {
    this.shut(order, state);
    let kind = Kind.OrderCanceled;
    if (state === OrderState.Filled) kind = Kind.OrderAmended;
    else if (state === OrderState.Rejected) kind = Kind.OrderRejected;
    else if (state === OrderState.Expired) kind = Kind.OrderExpired;
    if (kind === Kind.OrderRejected) order.route!.rejected = reason;
    this.host.event(kind, order, reason);
    this.host.forget(order);
  }

  private shut(order: TwinOrder, state: OrderState): void {
    const route = order.route!;
    order.leaves += route.end?.canceled ?? 0;
    delete route.amend;
    delete route.end;
    Object.assign(route, { cancel: 0n, isWished: false, due: Infinity });
    this.doubtEnd(order);
    route.query = 0n;
    order.state = state;
  }

  // Time ---------------------------------------------------------------------------------------

  /** When an answer is missed next. */
  due(): number {
    let first = Infinity;
    for (const { due } of this.venues.venues.values()) first = Math.min(first, due);
    for (const { route } of this.open) first = Math.min(first, route!.due);
    return first;
  }

  timer(): void {
    const now = this.host.money.nowNanos;
    const due = [...this.open].filter(({ route }) => route!.due <= now);
    due.sort((a, b) => a.route!.due - b.route!.due || a.route!.armed - b.route!.armed);
    for (const order of due) {
      this.venues.notes.push(`no answer in ${OrderState[order.state]}`);
      if (this.doubt(order)) {
        this.settle(order);
        this.host.event(Kind.OrderInDoubt, order, Refusal.VenueTimeout);
      }
      this.ask(order);
    }
    for (const venue of this.venues.venues.values()) {
      if (venue.due > now) continue;
      this.venues.notes.push(`no listing in ${LinkState[venue.state]}`);
      this.venues.list(venue);
    }
  }

  // Reports ------------------------------------------------------------------------------------

  apply(kind: Kind, row: Row): void {
    if (kind === Kind.VenueStatus) {
      const reason = this.venues.status(row);
      const answer = reason === 0 ? Kind.ConfigAccepted : Kind.ConfigDenied;
      return this.host.out({ kind: answer, configKind: kind, reason });
    }
    if (kind === Kind.ReconcileBegin) return this.venues.begin(row);
    if (kind === Kind.ReconcileEnd) return this.venues.end(row);
    if (kind === Kind.VenuePosition) return this.venues.position(row);
    const venue = this.venues.venues.get(n(row, "venue"));
    if (venue === undefined) return this.venues.ignore(0, ReportIgnored.UnknownOrder);
    this.report(kind, row, venue);
  }

  private report(kind: Kind, row: Row, venue: TwinVenue): void {
    const isListed = this.venues.isListed(row);
    if (isListed) this.venues.count(venue);
    const known = this.host.find(big(row, "orderId"));
    const order = known?.route?.venue === venue.id ? known : undefined;
    this.venues.notes.push(`${Kind[kind]} in ${OrderState[order?.state ?? 0]}`);
    if (kind === Kind.VenueFill) return this.fill(row, venue, order);
    if (kind === Kind.VenueFillCorrected) return this.correction(row, venue, order);
    if (order === undefined) {
      if (kind === Kind.VenueAccepted && isListed) {
        this.fault(VenueFault.OrphanOrder, venue, 0, n(row, "qtyLots"), row);
      }
      return this.venues.ignore(venue.id, ReportIgnored.UnknownOrder);
    }
    if (big(row, "venueOrderId") !== 0n) order.route!.venueOrderId = big(row, "venueOrderId");
    if (order.state >= OrderState.Filled) return this.closed(kind, row, venue, order, isListed);
    if (kind === Kind.VenueAccepted) return this.accepted(row, venue, order, isListed);
    if (kind === Kind.VenueAmended) return this.amended(row, venue, order);
    if (kind === Kind.VenueAmendRejected) return this.amendRejected(row, venue, order);
    if (kind === Kind.VenueCancelRejected) return this.cancelRejected(row, venue, order);
    if (kind === Kind.VenueUnknown) return this.unknown(row, venue, order);
    const ends: Partial<Record<Kind, OrderState>> = {
      [Kind.VenueCanceled]: OrderState.Canceled,
      [Kind.VenueExpired]: OrderState.Expired,
      [Kind.VenueRejected]: OrderState.Rejected,
    };
    this.ended(row, venue, order, ends[kind]!);
  }

  private fault(
    fault: VenueFault,
    venue: TwinVenue,
    expected: number,
    received: number,
    row: Row,
    order?: TwinOrder,
  ): void {
    const { orderId = 0, venueOrderId = 0, fillId = 0, priceTicks = 0 } = row;
    const what: Row = { orderId, venueOrderId, fillId, priceTicks, side: row["side"] ?? 0 };
    what["instrument"] = row["instrument"] ?? 0;
    if (order !== undefined) {
      const { account, strategy, clientId, instrument, side } = order;
      Object.assign(what, { account, strategy, clientId, instrument, side });
    }
    this.venues.fault(fault, venue.id, expected, received, what);
  }

  private closed(
    kind: Kind,
    row: Row,
    venue: TwinVenue,
    order: TwinOrder,
    isListed: boolean,
  ): void {
    this.venues.ignore(venue.id, ReportIgnored.Closed);
    if (kind !== Kind.VenueAccepted || !(order.route!.isUnheard || isListed)) return;
    const lots = n(row, "qtyLots");
    if (lots !== 0 && n(row, "filledLots") === lots) return;
    this.fault(VenueFault.UnwantedOrder, venue, order.filled, lots, row, order);
    this.request(Kind.VenueOrderCancel, order);
  }

  private accepted(row: Row, venue: TwinVenue, order: TwinOrder, isListed: boolean): void {
    const route = order.route!;
    const wasHeard = route.isHeard;
    route.isHeard = true;
    const isAnswer = (route.query !== 0n && big(row, "request") === route.query) || isListed;
    if (route.isDoubt && isAnswer) return this.status(row, venue, order);
    if (wasHeard) return this.venues.ignore(venue.id, ReportIgnored.Duplicate);
    this.settle(order);
    this.host.event(Kind.OrderAccepted, order, 0);
  }

  /** The venue says how the order stands: that ends the doubt, unless fills are missing. */
  private status(row: Row, venue: TwinVenue, order: TwinOrder): void {
    const route = order.route!;
    if (n(row, "filledLots") > order.filled || route.end !== undefined) {
      return this.venues.ignore(venue.id, ReportIgnored.Stale);
    }
    const [saidPrice, saidLots] = [n(row, "priceTicks"), n(row, "qtyLots")];
    if (saidPrice < 0 || saidLots < 0) return this.venues.ignore(venue.id, ReportIgnored.Malformed);
    const saidFilled = n(row, "filledLots");
    const isOlder = saidFilled >= 0 && saidFilled < order.filled;
    if (isOlder && saidLots !== 0 && saidLots < order.filled) {
      this.venues.notes.push("an answer older than a fill");
      return this.venues.ignore(venue.id, ReportIgnored.Stale);
    }
    const lots = saidLots !== 0 ? saidLots : order.filled + order.leaves;
    const price = saidPrice !== 0 ? saidPrice : order.price;
    const { amend } = route;
    const isAmended = amend?.price === price && amend.lots === lots;
    if (isAmended) route.amended = amend.number;
    this.doubtEnd(order);
    delete route.amend;
    Object.assign(route, { cancel: 0n, unknowns: 0 });
    this.terms(order, price, lots);
    if (openOf(order) === 0) return this.end(order, OrderState.Filled, 0);
    this.settle(order);
    if (amend === undefined) this.host.event(Kind.OrderAccepted, order, 0);
    else if (isAmended) this.host.event(Kind.OrderAmended, order, 0);
    else this.host.event(Kind.AmendDenied, order, Refusal.VenueTimeout);
    if (route.isWished) this.sendCancel(order);
  }

  /** What the order is at its venue. A market order has no price there either. */
  private terms(order: TwinOrder, price: number, lots: number): void {
    order.leaves = Math.max(0, lots - order.filled);
    if (order.type !== OrderType.Market) order.price = price;
    this.host.keep(order);
  }

  private amended(row: Row, venue: TwinVenue, order: TwinOrder): void {
    const route = order.route!;
    const request = big(row, "request") || (route.amend?.number ?? 0n);
    if (request <= route.amended || route.end !== undefined) {
      return this.venues.ignore(venue.id, ReportIgnored.Stale);
    }
    const [price, lots] = [n(row, "priceTicks"), n(row, "qtyLots")];
    if (price < 0 || lots <= 0 || request > this.venues.last()) {
      return this.venues.ignore(venue.id, ReportIgnored.Malformed);
    }
    route.amended = request;
    route.isHeard = true;
    if (request === route.amend?.number) delete route.amend;
    this.terms(order, price !== 0 ? price : order.price, lots);
    if (openOf(order) === 0) return this.end(order, OrderState.Filled, 0);
    this.settle(order);
    this.host.event(Kind.OrderAmended, order, 0);
  }

  /** True when a report answers the request that is out, or does not say which. */
  private answers(row: Row, out: bigint): boolean {
    return out !== 0n && [0n, out].includes(big(row, "request"));
  }

  private amendRejected(row: Row, venue: TwinVenue, order: TwinOrder): void {
    const route = order.route!;
    if (!this.answers(row, route.amend?.number ?? 0n)) {
      return this.venues.ignore(venue.id, ReportIgnored.Stale);
    }
    delete route.amend;
    this.host.keep(order);
    const isDone = order.leaves === 0;
    const begins = !isDone && LATE.includes(n(row, "reason")) && this.doubt(order);
    if (!isDone) this.settle(order);
    this.host.event(Kind.AmendDenied, order, Refusal.VenueRejected);
    if (isDone) this.end(order, OrderState.Filled, 0);
    else if (begins) this.ask(order);
  }

  private cancelRejected(row: Row, venue: TwinVenue, order: TwinOrder): void {
    const route = order.route!;
    if (!this.answers(row, route.cancel)) {
      return this.venues.ignore(venue.id, ReportIgnored.Stale);
    }
    Object.assign(route, { cancel: 0n, isWished: false });
    const isDoubtful = LATE.includes(n(row, "reason")) || !route.isHeard;
    const begins = isDoubtful && this.doubt(order);
    this.settle(order);
    this.host.event(Kind.CancelDenied, order, Refusal.VenueRejected);
    if (begins) this.ask(order);
  }

  private unknown(row: Row, venue: TwinVenue, order: TwinOrder): void {
    const route = order.route!;
    const isAnswer = route.query !== 0n && big(row, "request") === route.query;
    if (!isAnswer || route.end !== undefined) {
      return this.venues.ignore(venue.id, ReportIgnored.Stale);
    }
    route.query = 0n;
    route.unknowns++;
    if (route.unknowns < 2) return;
    if (!route.isHeard) {
      route.isUnheard = true;
      return this.end(order, OrderState.Rejected, Refusal.VenueTimeout);
    }
    this.fault(VenueFault.OrderForgotten, venue, order.leaves, 0, row, order);
    this.end(order, OrderState.Canceled, CancelReason.Venue);
  }

  private ended(row: Row, venue: TwinVenue, order: TwinOrder, state: OrderState): void {
    const route = order.route!;
    const missing = n(row, "filledLots") - order.filled;
    if (route.end !== undefined) {
      if (missing > 0) return this.venues.ignore(venue.id, ReportIgnored.Duplicate);
      return this.end(order, route.end.state, route.end.reason);
    }
    const isFilled = order.filled > 0 || missing > 0;
    const end = state === OrderState.Rejected && isFilled ? OrderState.Canceled : state;
    let reason = 0;
    if (end === OrderState.Rejected) reason = Refusal.VenueRejected;
    if (end === OrderState.Canceled) {
      const isOurs = route.cancel !== 0n || route.isWished;
      const said = state === OrderState.Canceled ? n(row, "reason") : 0;
      reason = said || (isOurs ? route.cancelReason : CancelReason.Venue);
    }
    if (missing <= 0) return this.end(order, end, reason);
    this.venues.notes.push("an end with missing fills");
    route.end = { state: end, reason, canceled: Math.max(0, openOf(order) - missing) };
    order.leaves = missing;
    delete route.amend;
    this.host.keep(order);
    Object.assign(route, { cancel: 0n, isHeard: true, isWished: false });
    const begins = this.doubt(order);
    this.settle(order);
    if (!begins) return;
    this.arm(order);
    this.host.event(Kind.OrderInDoubt, order, Refusal.InDoubt);
  }

  // Fills --------------------------------------------------------------------------------------

  private fill(row: Row, venue: TwinVenue, order: TwinOrder | undefined): void {
    const [id, qty, price] = [big(row, "fillId"), n(row, "qtyLots"), n(row, "priceTicks")];
    const key = `${venue.id}/${id}`;
    if (this.fills.has(key)) return this.venues.ignore(venue.id, ReportIgnored.Duplicate);
    if (id !== 0n) this.fills.add(key);
    if (id === 0n || qty <= 0 || price <= 0) {
      this.fault(VenueFault.FillOutOfRange, venue, 0, qty, row, order);
      return this.venues.ignore(venue.id, ReportIgnored.Malformed);
    }
    if (order === undefined) return this.orphan(row, venue, qty);
    this.book(row, venue, order, price, qty);
  }

  /** A fill that was wrong: taken back as it was said, booked as it is said now. */
  private correction(row: Row, venue: TwinVenue, order: TwinOrder | undefined): void {
    const [id, qty, was] = [big(row, "fillId"), n(row, "qtyLots"), n(row, "wasQtyLots")];
    if (id !== 0n && this.fills.has(`${venue.id}/${id}`)) {
      return this.venues.ignore(venue.id, ReportIgnored.Duplicate);
    }
    const isKnown = this.fills.has(`${venue.id}/${big(row, "reference")}`);
    if (id === 0n || order === undefined || !isKnown) {
      const why = id === 0n ? ReportIgnored.Malformed : ReportIgnored.UnknownOrder;
      this.fault(VenueFault.CorrectionUnmatched, venue, was, qty, row, order);
      return this.venues.ignore(venue.id, why);
    }
    this.fills.add(`${venue.id}/${id}`);
    const [price, wasPrice] = [n(row, "priceTicks"), n(row, "wasPriceTicks")];
    const isPriced = wasPrice > 0 && price >= 0 && (qty === 0 || price > 0);
    if (was <= 0 || was > order.filled || qty < 0 || !isPriced) {
      this.fault(VenueFault.FillOutOfRange, venue, was, qty, row, order);
      return this.venues.ignore(venue.id, ReportIgnored.Malformed);
    }
    const { money } = this.host;
    const position = money.position(order.account, order.instrument);
    const { traded } = position;
    let realized = money.trade(position, 3 - order.side, wasPrice, was);
    if (qty > 0) realized += money.trade(position, order.side, price, qty);
    position.traded = traded - was + qty;
    order.filled += qty - was;
    const isOpen = order.state < OrderState.Filled;
    const isGiven = (n(row, "reportFlags") & ReportFlag.FeeGiven) !== 0;
    const said = this.feeSaid(isGiven ? row : NO_FEE, venue, order, position, row);
    const [fee, currency, own] = said;
    moveAtVenue(money, this.host.touch, order, wasPrice, was, -1n);
    moveAtVenue(money, this.host.touch, order, price, qty, 1n);
    this.feeBook(order, position, realized, said);
    this.host.filled(order, wasPrice, was, own, -1);
    this.host.filled(order, price, qty, 0n, 1);
    const change = { side: order.side, wasPrice, was, price, qty };
    money.subs.correct(position, order.strategy, change, realized, own);
    // An amend that is out adds what the fill no longer has.
    if (isOpen) this.host.keep(order);
    const begins = isOpen && this.doubt(order);
    if (isOpen) this.settle(order);
    this.venues.notes.push(`a correction, ${qty === 0 ? "busted" : "another"}, open ${isOpen}`);
    const booked = { fee, currency, realized };
    this.fillRow(Kind.FillCorrection, row, order, position, booked, {
      wasPriceTicks: wasPrice,
      wasQtyLots: was,
      correctedId: big(row, "reference"),
    });
    this.host.out({ kind: Kind.PositionChanged, ...this.host.positionRow(position) });
    this.host.again(order);
    if (begins) this.ask(order);
  }

  private orphan(row: Row, venue: TwinVenue, qty: number): void {
    const place = this.venues.places.get(n(row, "instrument"));
    const side = n(row, "side");
    const isKnown = place?.venue === venue.id && (side === Side.Buy || side === Side.Sell);
    if (isKnown) place.orphans += side === Side.Buy ? qty : -qty;
    this.fault(VenueFault.OrphanFill, venue, isKnown ? place.orphans : 0, qty, row);
    this.venues.ignore(venue.id, ReportIgnored.UnknownOrder);
  }

  private book(row: Row, venue: TwinVenue, order: TwinOrder, price: number, qty: number): void {
    const route = order.route!;
    const { money } = this.host;
    const wasOpen = order.state < OrderState.Filled;
    if (big(row, "venueOrderId") !== 0n) route.venueOrderId = big(row, "venueOrderId");
    const taken = Math.min(qty, openOf(order));
    order.leaves -= Math.min(order.leaves, qty);
    order.filled += qty;
    const position = money.position(order.account, order.instrument);
    const realized = money.trade(position, order.side, price, qty);
    const said = this.feeSaid(row, venue, order, position);
    const [fee, currency, own] = said;
    moveAtVenue(money, this.host.touch, order, price, qty, 1n);
    this.feeBook(order, position, realized, said);
    if (wasOpen) this.host.keep(order);
    this.host.filled(order, price, qty, own, 1);
    money.subs.fill(position, order.strategy, order.side, price, qty, realized, own);
    // More than we know of: the venue is asked what the order is there.
    const isOver = wasOpen && taken < qty;
    const isDone = wasOpen && openOf(order) === 0 && (route.end !== undefined || !isOver);
    const end = isDone ? route.end : undefined;
    if (wasOpen) route.isHeard = true;
    const begins = isOver && !isDone && this.doubt(order);
    if (isDone && end === undefined) {
      this.shut(order, OrderState.Filled);
    } else if (wasOpen) this.settle(order);
    this.fillRow(Kind.Fill, row, order, position, { fee, currency, realized });
    if (isDone && end === undefined) this.host.forget(order);
    this.host.out({ kind: Kind.PositionChanged, ...this.host.positionRow(position) });
    for (const out of this.host.executed(order)) this.host.out(out);
    if (!wasOpen) this.fault(VenueFault.LateFill, venue, 0, qty, row, order);
    else if (isOver) this.fault(VenueFault.Overfill, venue, taken, qty, row, order);
    this.host.again(order);
    if (begins) this.ask(order);
    if (end !== undefined) this.end(order, end.state, end.reason);
  }

  /** The fee that is paid, its currency (0 = unknown), and what the position is charged of it. */
  private feeSaid(
    row: Row,
    venue: TwinVenue,
    order: TwinOrder,
    position: TwinPosition,
    said = row,
  ): [bigint, number, bigint] {
    const { money } = this.host;
    const spec = money.spec(order.instrument);
    const { settlement } = spec;
    if ((n(row, "reportFlags") & ReportFlag.FeeGiven) !== 0) {
      const currency = n(row, "feeCurrency") || settlement;
      const fee = BigInt(row["feeMinor"] ?? 0);
      if (currency === settlement) return [fee, currency, fee];
      if (money.currencies.exponents.has(currency)) return [fee, currency, 0n];
      this.fault(VenueFault.FeeCurrencyUnknown, venue, 0, n(row, "feeMinor"), said, order);
      return [0n, 0, 0n];
    }
    const isMaker = n(row, "liquidity") === Liquidity.Maker;
    const [price, qty] = [n(row, "priceTicks"), n(row, "qtyLots")];
    const liquidity = isMaker ? Liquidity.Maker : Liquidity.Taker;
    const fee = money.fee(position, price, qty, liquidity);
    const asset = money.fees.asset(spec, order.account, order.side, qty, liquidity, fee);
    if (asset !== undefined) this.venues.notes.push("a fee of the schedule in another currency");
    return asset === undefined ? [fee, settlement, fee] : [asset[1], asset[0], fee];
  }

  /** Books what was realized, and the fee. */
  private feeBook(
    order: TwinOrder,
    position: TwinPosition,
    realized: bigint,
    [fee, currency, own]: [bigint, number, bigint],
  ): void {
    const { money } = this.host;
    const spec = money.spec(order.instrument);
    const { settlement } = spec;
    if (isCash(spec)) money.gain(money.balance(order.account, settlement), realized);
    money.book(position, isCash(spec) ? 0n : realized, currency === settlement ? fee : 0n);
    this.host.touch(order.account, settlement);
    position.fees += own;
    if (currency === 0 || currency === settlement) return;
    const balance = money.balance(order.account, currency);
    balance.cash -= fee;
    balance.fees += fee;
    money.gain(balance, 0n);
    this.host.touch(order.account, currency);
  }

  private fillRow(
    kind: Kind,
    row: Row,
    order: TwinOrder,
    position: TwinPosition,
    money: { fee: bigint; currency: number; realized: bigint },
    more: Row = {},
  ): void {
    const { account, instrument, strategy, clientId, side, state } = order;
    this.host.out({
      kind,
      ...more,
      ...{ account, instrument, strategy, clientId, orderId: order.id, side, state },
      ...{ liquidity: row["liquidity"] ?? 0, execution: Execution.Routed },
      ...{ priceTicks: n(row, "priceTicks"), qtyLots: n(row, "qtyLots") },
      ...{ leavesLots: order.leaves, filledLots: order.filled, id: this.host.nextFill() },
      ...{ feeMinor: money.fee, feeCurrency: money.currency, realizedMinor: money.realized },
      settlement: this.host.money.spec(instrument).settlement,
      positionLots: position.lots,
      venueId: big(row, "fillId"),
    });
  }
}

function big(row: Row, name: string): bigint {
  return BigInt(row[name] ?? 0);
}
