// Auctions, phases and price bands of the twin: every candidate price is tried, no sweep is clever.
import {
  CancelReason,
  Execution,
  InstrumentPhase,
  Kind,
  Liquidity,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  Scope,
  Side,
  TimeInForce,
} from "../../asm/vocab.ts";
import { flagsOf } from "./order-leg.ts";
import type { Row, TwinInstrument, TwinOrder } from "./order-twin.ts";

/** What an instrument's auctions and band need. */
export interface TwinAuction {
  /** Market orders that wait in a call, by arrival. */
  waiting: TwinOrder[];
  /** Price ties go to, 0 = the last trade. */
  reference: number;
  /** Phase after the uncross, 0 = continuous. */
  next: number;
  /** Indicative price, lots and surplus said last. */
  said: [number, number, number];
  band: TwinBand;
}

/** A price band; 0 basis points = none. */
export interface TwinBand {
  bps: number;
  /** A trade outside halts; without it the band holds market orders only. */
  isVolatile: boolean;
  /** Around this price and not around the mark; 0 = around the mark. */
  fixed: number;
}

export const NO_BAND: TwinBand = { bps: 0, isVolatile: false, fixed: 0 };

export function newAuction(band: TwinBand): TwinAuction {
  return { waiting: [], reference: 0, next: 0, said: [0, 0, 0], band };
}

/** What the twin's auctions do with its orders. */
export interface AuctionHost {
  phaseOf(id: number): number;
  isCallable(id: number): boolean;
  isCash(id: number): boolean;
  phaseSet(id: number, phase: number): void;
  out(row: Row): void;
  touch(instrument: TwinInstrument): void;
  trade(instrument: TwinInstrument, price: number, qty: number, aggressor: number): void;
  fill(order: TwinOrder, price: number, qty: number, liquidity: number): void;
  refresh(order: TwinOrder): void;
  settle(orders: TwinOrder[], qty: number): void;
  cancel(order: TwinOrder, reason: number): void;
  expire(order: TwinOrder): void;
  openOf(instrument: number): TwinOrder[];
}

export class TwinAuctions {
  private readonly host: AuctionHost;

  constructor(host: AuctionHost) {
    this.host = host;
  }

  isCall(instrument: TwinInstrument): boolean {
    const isInternal = instrument.execution === Execution.Internal;
    return isInternal && this.host.phaseOf(instrument.id) === InstrumentPhase.Call;
  }

  /** Why a call does not take a new order, or no other phase this one. */
  newRefusal(instrument: TwinInstrument, row: Row): number {
    const [tif, type, flags] = [row["tif"], row["type"], flagsOf(row)];
    const isCall = this.isCall(instrument);
    if (tif === TimeInForce.AtOpen || tif === TimeInForce.AtClose) {
      const isPlain = type === OrderType.Market || type === OrderType.Limit;
      const next = instrument.auction.next || InstrumentPhase.Continuous;
      const isMeant =
        tif === TimeInForce.AtOpen
          ? next === InstrumentPhase.Continuous
          : next !== InstrumentPhase.Continuous;
      if (!isCall || !isPlain || !isMeant) return Refusal.TimeInForceUnsupported;
    }
    if (!isCall) return 0;
    if (tif === TimeInForce.Ioc || tif === TimeInForce.Fok) return Refusal.TimeInForceUnsupported;
    const isBuy = row["side"] === Side.Buy;
    if (type === OrderType.Market && isBuy && this.host.isCash(instrument.id)) {
      return Refusal.OrderTypeUnsupported;
    }
    if (type === OrderType.Market && row["contingency"]) return Refusal.ContingencyInvalid;
    if (type === OrderType.Market && flags & OrderFlag.ReduceOnly) return Refusal.FlagUnsupported;
    if (type !== OrderType.Market && flags & OrderFlag.PostOnly) return Refusal.FlagUnsupported;
    return 0;
  }

  /** Why an InstrumentState record may not set a phase. */
  phaseRefusal(instrument: TwinInstrument | undefined, phase: number): number {
    if (instrument === undefined) return Refusal.UnknownInstrument;
    if (phase === 0 || phase > InstrumentPhase.Closed) return Refusal.ParameterInvalid;
    if (instrument.execution !== Execution.Internal) return 0;
    if (phase === InstrumentPhase.Call && !this.host.isCallable(instrument.id)) {
      return Refusal.InstrumentKindUnsupported;
    }
    if (phase !== InstrumentPhase.Continuous) return 0;
    const isBound = this.host.openOf(instrument.id).some((order) => isAuctionOnly(order));
    const waits = isBound || instrument.auction.waiting.length > 0;
    return waits || isCrossed(instrument) ? Refusal.ConfigConflict : 0;
  }

  move(instrument: TwinInstrument, phase: number, reason: number): void {
    if (this.host.phaseOf(instrument.id) === phase) return;
    this.host.phaseSet(instrument.id, phase);
    instrument.auction.said = [0, 0, 0];
    if (instrument.execution === Execution.Internal) this.host.touch(instrument);
    const kind = Kind.TradingStateChanged;
    const scope = Scope.Instrument;
    this.host.out({ kind, instrument: instrument.id, scope, state: phase, reason });
  }

  /** Takes an AuctionCall or AuctionUncross. */
  command(kind: Kind, row: Row, instrument: TwinInstrument | undefined): void {
    const reason = this.refusal(kind, row, instrument);
    this.host.out({
      kind: reason === 0 ? Kind.ConfigAccepted : Kind.ConfigDenied,
      instrument: row["instrument"] ?? 0,
      configKind: kind,
      reason,
    });
    if (reason !== 0) return;
    const { auction } = instrument!;
    const [phase, reference] = [Number(row["phase"] ?? 0), Number(row["referenceTicks"] ?? 0)];
    if (kind === Kind.AuctionUncross) {
      auction.reference = reference || auction.reference;
      auction.next = phase || auction.next;
      return this.uncross(instrument!);
    }
    auction.reference = reference;
    if (!this.isCall(instrument!)) {
      auction.next = phase;
      return this.move(instrument!, InstrumentPhase.Call, 0);
    }
    auction.next = phase || auction.next;
    auction.said = this.find(instrument!);
    this.say(Kind.AuctionIndicative, instrument!, auction.said);
  }

  private refusal(kind: Kind, row: Row, instrument: TwinInstrument | undefined): number {
    if (instrument === undefined) return Refusal.UnknownInstrument;
    if (instrument.execution !== Execution.Internal) return Refusal.ExecutionUnsupported;
    if (!this.host.isCallable(instrument.id)) return Refusal.InstrumentKindUnsupported;
    const phase = Number(row["phase"] ?? 0);
    if (![0, 3, 4, 5].includes(phase)) return Refusal.ParameterInvalid;
    if (Number(row["referenceTicks"] ?? 0) < 0) return Refusal.ParameterInvalid;
    const isGood = kind === Kind.AuctionCall || this.isCall(instrument);
    return isGood ? 0 : Refusal.ConfigConflict;
  }

  /** Says the indicative price of a book that was touched, if it is another. */
  publish(instrument: TwinInstrument): void {
    const now = this.find(instrument);
    if (String(now) === String(instrument.auction.said)) return;
    instrument.auction.said = now;
    this.say(Kind.AuctionIndicative, instrument, now);
  }

  private say(kind: Kind, it: TwinInstrument, found: [number, number, number]): void {
    const [priceTicks, qtyLots, surplus] = found;
    this.host.out({
      kind,
      instrument: it.id,
      phase: it.auction.next || InstrumentPhase.Continuous,
      side: surplus > 0 ? Side.Buy : surplus < 0 ? Side.Sell : 0,
      priceTicks,
      qtyLots,
      surplusLots: Math.abs(surplus),
      referenceTicks: this.reference(it),
    });
  }

  private reference(instrument: TwinInstrument): number {
    return instrument.auction.reference || instrument.last || instrument.auction.band.fixed;
  }

  private find(instrument: TwinInstrument): [number, number, number] {
    const { buys, sells, auction } = instrument;
    const market = (side: number): number =>
      sum(auction.waiting.filter((order) => order.side === side));
    const tried = [...new Set([...buys, ...sells].map((order) => order.price))].map((price) => {
      const demand = market(Side.Buy) + sum(buys.filter((order) => order.price >= price));
      const supply = market(Side.Sell) + sum(sells.filter((order) => order.price <= price));
      return { price, lots: Math.min(demand, supply), surplus: demand - supply };
    });
    const reference = this.reference(instrument);
    if (tried.length === 0 && reference !== 0) {
      const [demand, supply] = [market(Side.Buy), market(Side.Sell)];
      tried.push({ price: reference, lots: Math.min(demand, supply), surplus: demand - supply });
    }
    return choose(tried, reference);
  }

  private uncross(instrument: TwinInstrument): void {
    const { auction } = instrument;
    const [price, lots, surplus] = this.find(instrument);
    this.say(Kind.AuctionUncrossed, instrument, [price, lots, surplus]);
    this.host.touch(instrument);
    const first = (side: number): TwinOrder | undefined => {
      const queue = side === Side.Buy ? instrument.buys : instrument.sells;
      const waiting = auction.waiting.find((order) => order.side === side);
      const best = queue[0];
      const reaches = best !== undefined && (side === Side.Buy) === best.price >= price;
      return waiting ?? (reaches || best?.price === price ? best : undefined);
    };
    for (let left = lots; left > 0;) {
      const [buy, sell] = [first(Side.Buy), first(Side.Sell)];
      // What trades may end the other leg of its pair, whose lots were counted.
      if (buy === undefined || sell === undefined) break;
      const pair = [buy, sell];
      const qty = Math.min(left, ...pair.map((order) => order.shown));
      left -= qty;
      this.host.trade(instrument, price, qty, 0);
      for (const order of pair) {
        this.host.fill(order, price, qty, Liquidity.Auction);
        if (order.leaves > 0 && order.shown === 0) this.host.refresh(order);
      }
      this.host.settle([sell, buy], qty);
    }
    for (const side of [Side.Buy, Side.Sell]) {
      for (const order of auction.waiting.filter((one) => one.side === side)) {
        this.host.cancel(order, CancelReason.Auction);
      }
    }
    const over = this.host.openOf(instrument.id).filter((order) => isAuctionOnly(order));
    // Ids are given in order of arrival.
    for (const order of over.sort((a, b) => Number(a.id - b.id))) {
      // The one before may have ended it.
      if (order.state < OrderState.Filled) this.host.expire(order);
    }
    const next = auction.next || InstrumentPhase.Continuous;
    auction.next = 0;
    auction.reference = 0;
    this.move(instrument, next, 0);
  }
}

/** Most lots, least surplus, pressure, nearest to the reference, lower. */
function choose(
  tried: { price: number; lots: number; surplus: number }[],
  reference: number,
): [number, number, number] {
  const most = Math.max(0, ...tried.map((one) => one.lots));
  if (most === 0) return [0, 0, 0];
  const full = tried.filter((one) => one.lots === most);
  const least = Math.min(...full.map((one) => Math.abs(one.surplus)));
  const even = full.filter((one) => Math.abs(one.surplus) === least);
  even.sort((a, b) => a.price - b.price);
  const near = [...even].sort(
    (a, b) => Math.abs(a.price - reference) - Math.abs(b.price - reference),
  );
  const isUp = even.every((one) => one.surplus > 0);
  const isDown = even.every((one) => one.surplus < 0);
  const best = isUp ? even.at(-1) : isDown ? even[0]! : near[0]!;
  return [best.price, best.lots, best.surplus];
}

/** Lowest and highest price the band lets this order trade at; undefined when nothing holds it. */
export function bandOf(
  { band }: TwinAuction,
  order: TwinOrder,
  mark: number,
): [number, number] | undefined {
  const isHeld = band.bps !== 0 && (band.isVolatile || order.type === OrderType.Market);
  const reference = band.fixed || mark;
  if (!isHeld || reference === 0) return undefined;
  const reach = Math.floor((reference * band.bps) / 10_000);
  return [reference - reach, reference + reach];
}

/** Refuses a price outside the band. */
export function bandRefusal({ band }: TwinAuction, price: number, mark: number): number {
  const reference = band.fixed || mark;
  if (band.bps === 0 || reference === 0 || price === 0) return 0;
  const distance = Math.abs(price - reference);
  const isOutside = distance > Math.floor((reference * band.bps) / 10_000);
  return isOutside ? Refusal.PriceOutsideBand : 0;
}

export function isCrossed({ buys, sells }: TwinInstrument): boolean {
  return buys.length > 0 && sells.length > 0 && buys[0]!.price >= sells[0]!.price;
}

function isAuctionOnly(order: TwinOrder): boolean {
  const isOver = order.state >= OrderState.Filled;
  return !isOver && (order.tif === TimeInForce.AtOpen || order.tif === TimeInForce.AtClose);
}

function sum(orders: TwinOrder[]): number {
  return orders.reduce((lots, order) => lots + order.leaves, 0);
}
