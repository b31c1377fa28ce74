// A live venue that behaves badly on purpose: one seed, one life.
//
// It accepts, rejects, delays, loses, duplicates and reorders, with parameters the engine never
// sees, and its link breaks. What it holds as true (orders, fills, positions) is kept apart from
// what it says, so a test can compare the engine with the truth. Messages take random times on
// their way in both directions, so later ones overtake; a listing travels as one message. Plain
// logic on purpose: a second reading of what a venue is, not the engine's own matching again.
import {
  CancelReason,
  Kind,
  Liquidity,
  OrderState,
  OrderType,
  QueryScope,
  Refusal,
  ReportFlag,
  Side,
  TimeInForce,
} from "../../asm/vocab.ts";
import type { FieldsFor } from "../protocol.ts";
import type { ReportKind, ReportSink, Venue, VenueMarket, VenueRequest } from "./venue.ts";

/** How the venue behaves; rates are probabilities of one message. */
export interface VenueHabits {
  latencyNanosMin: number;
  latencyNanosMax: number;
  /** Until an answer is missed. */
  timeoutMillis: number;
  rejectRate: number;
  /** A report, and a request, that never arrives. */
  lossRate: number;
  requestLossRate: number;
  duplicateRate: number;
  /** A request after which the link breaks. */
  outageRate: number;
  outageNanos: number;
  /** Lots ahead of a resting order, at most. */
  queueLotsMax: number;
  /** 0 = reports carry no fee and the account's schedule counts. */
  feeMinorPerLot: number;
  /** Currency of that fee: the base, a third asset; 0 = what the instrument settles in. */
  feeCurrency: number;
}

/** A venue as a careful client meets it on a good day. */
export const HABITS: VenueHabits = {
  latencyNanosMin: 1e6,
  latencyNanosMax: 20e6,
  timeoutMillis: 2000,
  rejectRate: 0.01,
  lossRate: 0.001,
  requestLossRate: 0.001,
  duplicateRate: 0.01,
  outageRate: 0.0005,
  outageNanos: 2e9,
  queueLotsMax: 100,
  feeMinorPerLot: 0,
  feeCurrency: 0,
};

/** Fills a listing repeats at most. */
const LISTED_FILLS_MAX = 4096;
/** Ended orders the venue still knows. */
const ORDERS_KNOWN_MAX = 16384;

export interface VenueOrder {
  id: bigint;
  venueOrderId: bigint;
  instrument: number;
  side: number;
  priceTicks: number;
  qtyLots: number;
  filledLots: number;
  state: OrderState;
  /** Lots that were there before it. */
  aheadLots: number;
  /** Number of the last amend that was applied. */
  amended: bigint;
  reason: number;
  fills: FieldsFor<Kind.VenueFill>[];
}

type Report = { [K in ReportKind]: readonly [K, FieldsFor<K>] }[ReportKind];

interface Event {
  at: number;
  number: number;
  run: () => void;
}

/** See the top of the file. `sink` gets the reports; `draw` gives numbers in [0, 1). */
export class SimulatedVenue implements Venue, VenueMarket {
  readonly id: number;
  /** The truth: orders by id, positions by instrument. */
  readonly orders = new Map<bigint, VenueOrder>();
  readonly positions = new Map<number, number>();
  /** Orders that arrived a second time: the engine's fault, if it is not 0. */
  repeated = 0;
  isConnected = false;
  habits: VenueHabits;
  private readonly sink: ReportSink;
  private readonly draw: () => number;
  private readonly working = new Map<bigint, VenueOrder>();
  private readonly quotes = new Map<number, { bid: [number, number]; ask: [number, number] }>();
  private readonly events: Event[] = [];
  private unlisted: FieldsFor<Kind.VenueFill>[] = [];
  nowNanos = 0;
  private numbers: number;
  private session = 0;

  /** Its own numbers (orders, fills) begin behind `numbersFrom`: no two lives may share one. */
  constructor(
    id: number,
    habits: VenueHabits,
    draw: () => number,
    sink: ReportSink,
    numbersFrom = 0,
  ) {
    this.id = id;
    this.numbers = numbersFrom;
    this.habits = habits;
    this.draw = draw;
    this.sink = sink;
  }

  // ---------------------------------------------------------------------------- link

  open(): void {
    this.later(() => this.connect());
  }

  close(): void {
    this.isConnected = false;
    this.session += 1;
    this.events.length = 0;
  }

  /** The link is there; the engine is told. */
  connect(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.session += 1;
    const { timeoutMillis } = this.habits;
    this.sink(Kind.VenueStatus, { venue: this.id, state: 1, timeoutMillis });
  }

  /** The link breaks: what the venue had sent and was not there yet is lost. */
  disconnect(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.session += 1;
    this.sink(Kind.VenueStatus, { venue: this.id, state: 0 });
  }

  send(request: VenueRequest): void {
    if (!this.isConnected || this.chance(this.habits.requestLossRate)) return;
    this.later(() => this.take(request));
    if (!this.chance(this.habits.outageRate)) return;
    this.later(() => this.disconnect());
    this.after(this.habits.outageNanos, () => this.connect());
  }

  // ---------------------------------------------------------------------------- time

  advance(nowNanos: number): void {
    for (;;) {
      const event = this.events[0];
      if (event === undefined || event.at > nowNanos) break;
      this.events.shift();
      this.nowNanos = Math.max(this.nowNanos, event.at);
      event.run();
    }
    this.nowNanos = Math.max(this.nowNanos, nowNanos);
  }

  nextNanos(): number {
    return this.events[0]?.at ?? Infinity;
  }

  private later(run: () => void): void {
    const { latencyNanosMin: min, latencyNanosMax: max } = this.habits;
    this.after(min + Math.floor(this.draw() * (max - min)), run);
  }

  private after(nanos: number, run: () => void): void {
    const event = { at: this.nowNanos + nanos, number: ++this.numbers, run };
    let at = this.events.length;
    while (at > 0 && this.events[at - 1]!.at > event.at) at -= 1;
    this.events.splice(at, 0, event);
  }

  private chance(of: number): boolean {
    return of > 0 && this.draw() < of;
  }

  // ---------------------------------------------------------------------------- reports

  /** Sends a report on its way: it may be lost, come twice, or be overtaken. */
  private say<K extends ReportKind>(kind: K, fields: FieldsFor<K>): void {
    if (!this.isConnected || this.chance(this.habits.lossRate)) return;
    const { session } = this;
    const deliver = (): void => {
      if (this.session === session) this.sink(kind, fields);
    };
    this.later(deliver);
    if (this.chance(this.habits.duplicateRate)) this.later(deliver);
  }

  private about(order: VenueOrder, request = 0n): FieldsFor<Kind.VenueAccepted> {
    return {
      instrument: order.instrument,
      orderId: order.id,
      venueOrderId: order.venueOrderId,
      request,
      venue: this.id,
      side: order.side,
      priceTicks: order.priceTicks,
      qtyLots: order.qtyLots,
      filledLots: order.filledLots,
      reason: order.reason,
    };
  }

  /** What became of an order, as one report. */
  private status(order: VenueOrder, request: bigint): Report {
    const fields = this.about(order, request);
    if (order.state === OrderState.Canceled) return [Kind.VenueCanceled, fields];
    if (order.state === OrderState.Expired) return [Kind.VenueExpired, fields];
    if (order.state === OrderState.Rejected) return [Kind.VenueRejected, fields];
    return [Kind.VenueAccepted, fields];
  }

  // ---------------------------------------------------------------------------- requests

  private take(request: VenueRequest): void {
    if (request.kind === Kind.VenueQuery) return this.query(request);
    const order = this.orders.get(request.orderId);
    if (request.kind === Kind.VenueOrderNew) {
      if (order === undefined) return this.enter(request);
      this.repeated += 1;
      return;
    }
    if (order === undefined || order.state !== OrderState.Live) {
      return this.refuse(request, order);
    }
    if (request.kind === Kind.VenueOrderCancel) {
      if (this.chance(this.habits.rejectRate)) return this.refuse(request, order);
      return this.end(order, OrderState.Canceled, CancelReason.None, request.number);
    }
    this.amend(request, order);
  }

  private refuse(request: VenueRequest, order: VenueOrder | undefined): void {
    const isCancel = request.kind === Kind.VenueOrderCancel;
    const isOpen = order?.state === OrderState.Live;
    const why = order === undefined ? Refusal.UnknownOrder : Refusal.OrderNotOpen;
    this.say(isCancel ? Kind.VenueCancelRejected : Kind.VenueAmendRejected, {
      orderId: request.orderId,
      request: request.number,
      venue: this.id,
      reason: isOpen ? Refusal.VenueRejected : why,
    });
  }

  private enter(request: VenueRequest): void {
    const order: VenueOrder = {
      id: request.orderId,
      venueOrderId: BigInt(++this.numbers),
      instrument: request.instrument,
      side: request.side,
      priceTicks: request.priceTicks,
      qtyLots: request.qtyLots,
      filledLots: 0,
      state: OrderState.Live,
      aheadLots: Math.floor(this.draw() * (this.habits.queueLotsMax + 1)),
      amended: 0n,
      reason: 0,
      fills: [],
    };
    this.orders.set(order.id, order);
    this.forgetOldest();
    if (this.chance(this.habits.rejectRate)) {
      return this.end(order, OrderState.Rejected, Refusal.VenueRejected, request.number);
    }
    this.working.set(order.id, order);
    this.say(Kind.VenueAccepted, this.about(order, request.number));
    const reachable = this.reachable(order, request.type === OrderType.Market);
    if (request.tif !== TimeInForce.Fok || reachable >= order.qtyLots) {
      this.fill(order, this.opposite(order)[0], reachable, Liquidity.Taker);
    }
    if (order.state !== OrderState.Live) return;
    const reason = restReason(request);
    if (reason !== 0) this.end(order, OrderState.Canceled, reason, 0n);
  }

  private forgetOldest(): void {
    if (this.orders.size <= ORDERS_KNOWN_MAX) return;
    for (const [id, order] of this.orders) {
      if (order.state === OrderState.Live) continue;
      this.orders.delete(id);
      return;
    }
  }

  private amend(request: VenueRequest, order: VenueOrder): void {
    const isLate = request.number <= order.amended || request.qtyLots <= order.filledLots;
    if (isLate || this.chance(this.habits.rejectRate)) return this.refuse(request, order);
    const isKept = request.priceTicks === order.priceTicks && request.qtyLots < order.qtyLots;
    order.amended = request.number;
    order.priceTicks = request.priceTicks;
    order.qtyLots = request.qtyLots;
    if (!isKept) order.aheadLots = Math.floor(this.draw() * (this.habits.queueLotsMax + 1));
    this.say(Kind.VenueAmended, this.about(order, request.number));
    this.fill(order, this.opposite(order)[0], this.reachable(order, false), Liquidity.Taker);
  }

  private end(order: VenueOrder, state: OrderState, reason: number, request: bigint): void {
    order.state = state;
    order.reason = reason;
    this.working.delete(order.id);
    const [kind, fields] = this.status(order, request);
    this.say(kind, fields);
  }

  /** The venue ends an order on its own. */
  expire(id: bigint): void {
    const order = this.working.get(id);
    if (order !== undefined) this.end(order, OrderState.Expired, 0, 0n);
  }

  private query(request: VenueRequest): void {
    if (request.scope === QueryScope.Listing) return this.list(request.number);
    if (request.scope === QueryScope.Position) {
      return this.say(Kind.VenuePosition, this.position(request.instrument));
    }
    const order = this.orders.get(request.orderId);
    const { orderId, number } = request;
    if (order === undefined) {
      return this.say(Kind.VenueUnknown, { orderId, request: number, venue: this.id });
    }
    for (const fill of order.fills) this.say(Kind.VenueFill, fill);
    const [kind, fields] = this.status(order, number);
    this.say(kind, fields);
  }

  private position(instrument: number): FieldsFor<Kind.VenuePosition> {
    return { instrument, venue: this.id, lots: this.positions.get(instrument) ?? 0 };
  }

  /** Open orders, fills since the last listing and positions, as one message. */
  private list(listing: bigint): void {
    const reportFlags = ReportFlag.Listed;
    const told = this.unlisted;
    const listed: Report[] = [];
    for (const fill of told) {
      const flags = Number(fill.reportFlags ?? 0) | reportFlags;
      listed.push([Kind.VenueFill, { ...fill, request: listing, reportFlags: flags }]);
    }
    for (const order of this.working.values()) {
      listed.push([Kind.VenueAccepted, { ...this.about(order, listing), reportFlags }]);
    }
    for (const instrument of this.positions.keys()) {
      const fields = { ...this.position(instrument), listing, linkFlags: reportFlags };
      listed.push([Kind.VenuePosition, fields]);
    }
    const head = { venue: this.id, listing };
    if (!this.isConnected || this.chance(this.habits.lossRate)) return;
    const { session } = this;
    this.later(() => {
      if (this.session !== session) return;
      this.sink(Kind.ReconcileBegin, head);
      let whole = true;
      for (const [kind, fields] of listed) {
        if (this.chance(this.habits.lossRate)) whole = false;
        else this.sink(kind, fields);
      }
      if (whole) this.unlisted = this.unlisted.filter((fill) => !told.includes(fill));
      this.sink(Kind.ReconcileEnd, { ...head, records: listed.length });
    });
  }

  // ---------------------------------------------------------------------------- market

  quote(instrument: number, bid: readonly [number, number], ask: readonly [number, number]): void {
    this.quotes.set(instrument, { bid: [...bid], ask: [...ask] });
    for (const order of this.working.values()) {
      if (order.instrument !== instrument) continue;
      this.fill(order, order.priceTicks, this.reachable(order, false), Liquidity.Maker);
    }
  }

  trade(instrument: number, priceTicks: number, qtyLots: number): void {
    let left = qtyLots;
    for (const order of this.working.values()) {
      if (order.instrument !== instrument || left === 0) continue;
      const beyond = (order.priceTicks - priceTicks) * (order.side === Side.Buy ? 1 : -1);
      if (beyond < 0) continue;
      const ahead = beyond > 0 ? 0 : Math.min(order.aheadLots, left);
      order.aheadLots -= ahead;
      const lots = Math.min(left - ahead, order.qtyLots - order.filledLots);
      left -= ahead + lots;
      this.fill(order, order.priceTicks, lots, Liquidity.Maker);
    }
  }

  private opposite(order: VenueOrder): [number, number] {
    const quote = this.quotes.get(order.instrument);
    if (quote === undefined) return [0, 0];
    return order.side === Side.Buy ? quote.ask : quote.bid;
  }

  /** Lots of the opposite best an order may take. */
  private reachable(order: VenueOrder, isMarket: boolean): number {
    const [ticks, lots] = this.opposite(order);
    if (lots === 0) return 0;
    const beyond = (order.priceTicks - ticks) * (order.side === Side.Buy ? 1 : -1);
    return isMarket || beyond >= 0 ? Math.min(lots, order.qtyLots - order.filledLots) : 0;
  }

  private fill(order: VenueOrder, priceTicks: number, qtyLots: number, liquidity: number): void {
    if (qtyLots <= 0) return;
    const { feeMinorPerLot, feeCurrency } = this.habits;
    const quote = this.quotes.get(order.instrument);
    const best = order.side === Side.Buy ? quote?.ask : quote?.bid;
    // What was taken is gone until the quote changes.
    if (best !== undefined && best[0] === priceTicks) best[1] = Math.max(0, best[1] - qtyLots);
    order.filledLots += qtyLots;
    const signed = order.side === Side.Buy ? qtyLots : -qtyLots;
    const before = this.positions.get(order.instrument) ?? 0;
    this.positions.set(order.instrument, before + signed);
    const fields: FieldsFor<Kind.VenueFill> = {
      ...this.about(order),
      fillId: BigInt(++this.numbers),
      priceTicks,
      qtyLots,
      liquidity,
      feeMinor: feeMinorPerLot * qtyLots,
      feeCurrency,
      reportFlags: feeMinorPerLot === 0 ? 0 : ReportFlag.FeeGiven,
    };
    order.fills.push(fields);
    this.unlisted.push(fields);
    if (this.unlisted.length > LISTED_FILLS_MAX) this.unlisted.shift();
    this.say(Kind.VenueFill, fields);
    if (order.filledLots < order.qtyLots) return;
    order.state = OrderState.Filled;
    this.working.delete(order.id);
  }
}

/** Why what is left of a new order does not rest; 0 when it does. */
function restReason(request: VenueRequest): number {
  if (request.type === OrderType.Market) return CancelReason.NoLiquidity;
  if (request.tif === TimeInForce.Ioc) return CancelReason.ImmediateOrCancel;
  return request.tif === TimeInForce.Fok ? CancelReason.FillOrKill : 0;
}
