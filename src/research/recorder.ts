// What a backtest keeps of the core's outputs: fills, round trips, and equity over time.
//
// Money comes from the core's own records (realized, fees, cost) and is only added up here,
// exactly; the recorder values open lots at the middle of the quote, or at the last trade where
// there is no quote. A trade is one round trip: from flat to flat, or to the fill that turns the
// position.
import {
  CELL_SHIFT,
  CONFIG_KIND,
  CONFIG_REASON,
  EVENT_REASON,
  FILL_FEE_MINOR,
  FILL_LIQUIDITY,
  FILL_PRICE_TICKS,
  FILL_QTY_LOTS,
  FILL_REALIZED_MINOR,
  FILL_SIDE,
  Flag,
  Kind,
  Liquidity,
  ORDER_ACCOUNT,
  POSITION_COST_HIGH,
  POSITION_COST_LOW,
  POSITION_LOTS,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_TS_ENGINE,
  Refusal,
  TRADE_PRICE_TICKS,
  TRUST_STATE,
} from "../../asm/vocab.ts";
import type { Side } from "../../asm/vocab.ts";
import { kindName, readI64 } from "../protocol.ts";
import type { StrategyInstrument } from "../strategies/instrument.ts";
import { readMillis } from "../strategies/views.ts";

/** Points of a curve; when they are more, every second one goes and the step doubles. */
export const CURVE_POINTS_MAX = 4096;
/** Fills and round trips kept; later ones are counted and summed, not listed. */
export const ROUND_TRIPS_MAX = 100_000;

const STEP_MILLIS_MIN = 1000;
const DAY_MILLIS = 86_400_000;

/** One round trip; prices are averages over its fills. */
export interface RoundTrip {
  instrument: number;
  /** Side of the entry. */
  side: Side;
  /** Lots bought and sold again (or the reverse). */
  qtyLots: number;
  entryMillis: number;
  exitMillis: number;
  entryTicks: number;
  exitTicks: number;
  /** Realized, before fees. */
  grossMinor: number;
  feesMinor: number;
  fills: number;
}

/** Equity over time; all arrays have the same length. */
export interface Curve {
  millis: number[];
  equityMinor: number[];
  /** Middle of the quote by instrument id; 0 while unknown. */
  priceTicks: Map<number, number[]>;
}

/** Numbers of records and orders seen. */
export interface Counts {
  quotes: number;
  trades: number;
  candles: number;
  bookTrustLost: number;
  marketRefusals: number;
  ordersAccepted: number;
  ordersDenied: number;
  ordersCanceled: number;
  fills: number;
  fillsMaker: number;
}

/** One instrument while the backtest runs. */
class Line {
  readonly instrument: StrategyInstrument;
  lots = 0;
  cost = 0n;
  bidTicks = 0;
  askTicks = 0;
  lastTicks = 0;
  firstTicks = 0;
  feesMinor = 0;
  realizedMinor = 0;
  fills = 0;
  heldMillis = 0;
  trip: OpenTrip | undefined;

  constructor(instrument: StrategyInstrument) {
    this.instrument = instrument;
  }

  /** Twice the mark in ticks, so that a middle between two ticks is whole. */
  mark2(): number {
    if (this.bidTicks > 0 && this.askTicks > 0) return this.bidTicks + this.askTicks;
    return this.lastTicks * 2;
  }

  unrealizedMinor(): number {
    const mark2 = this.mark2();
    if (this.lots === 0 || mark2 === 0) return 0;
    const { minorNum, minorDen } = this.instrument;
    const value2 = BigInt(this.lots) * BigInt(mark2) - 2n * this.cost;
    return Number(floorDiv(value2 * minorNum, 2n * minorDen));
  }
}

interface OpenTrip {
  side: Side;
  entryLots: number;
  exitLots: number;
  entryCost: number;
  exitCost: number;
  grossMinor: number;
  feesMinor: number;
  entryMillis: number;
  fills: number;
}

/** Bigint division rounded down, also below zero. */
export function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by !== 0n && value < 0n ? quotient - 1n : quotient;
}

/** Collects one account's outputs; `collect` takes the core's drained runs of records. */
export class Recorder {
  readonly counts: Counts = {
    ...{ quotes: 0, trades: 0, candles: 0, bookTrustLost: 0, marketRefusals: 0 },
    ...{ ordersAccepted: 0, ordersDenied: 0, ordersCanceled: 0, fills: 0, fillsMaker: 0 },
  };
  readonly trips: RoundTrip[] = [];
  tripsDropped = 0;
  readonly denials = new Map<number, number>();
  readonly cancels = new Map<number, number>();
  /** Configuration the core refused: must stay empty. */
  readonly refusedConfiguration: string[] = [];
  readonly curve: Curve = { millis: [], equityMinor: [], priceTicks: new Map() };
  /** Equity at the last sample of each UTC day. */
  readonly daily: { day: number; equityMinor: number }[] = [];
  readonly cashStartMinor: number;
  firstMillis = 0;
  lastMillis = 0;
  peakMinor: number;
  drawdownMinorMax = 0;
  /** Share of the peak, 0 to 1. */
  drawdownMax = 0;
  marketMillis = 0;
  private readonly account: number;
  private readonly lines: (Line | undefined)[] = [];
  private readonly lineList: Line[] = [];
  private stepMillis = STEP_MILLIS_MIN;
  private nextMillis = -Infinity;
  private nextCheckMillis = -Infinity;
  private inMarketSince = 0;

  constructor(account: number, cashStartMinor: number, instruments: readonly StrategyInstrument[]) {
    this.account = account;
    this.cashStartMinor = cashStartMinor;
    this.peakMinor = cashStartMinor;
    for (const instrument of instruments) {
      const line = new Line(instrument);
      this.lines[instrument.id] = line;
      this.lineList.push(line);
      this.curve.priceTicks.set(instrument.id, []);
    }
  }

  /** Takes a run of records; order as the core wrote them. */
  collect(view: DataView, from: number, to: number): void {
    for (let at = from; at < to;) {
      this.record(view, at);
      at += (1 + (view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask)) << CELL_SHIFT;
    }
  }

  private record(view: DataView, at: number): void {
    switch (view.getUint16(at + REC_KIND, true)) {
      case Kind.TopOfBook:
        return this.quote(view, at);
      case Kind.TradePrint:
        return this.print(view, at);
      case Kind.CandleClosed:
        this.counts.candles += 1;
        return;
      case Kind.BookTrust:
        this.counts.bookTrustLost += view.getUint8(at + TRUST_STATE) === 0 ? 1 : 0;
        return;
      case Kind.MarketRefusal:
        this.counts.marketRefusals += 1;
        return;
      case Kind.ConfigDenied:
        return this.configDenied(view, at);
      default:
        if (view.getUint16(at + REC_KIND, true) >> 8 === 0x06) this.own(view, at);
    }
  }

  private configDenied(view: DataView, at: number): void {
    const kind = kindName(view.getUint16(at + CONFIG_KIND, true));
    const reason = view.getUint16(at + CONFIG_REASON, true);
    this.refusedConfiguration.push(`${kind}: ${Refusal[reason] ?? reason}`);
  }

  // --------------------------------------------------------------------------- market

  private quote(view: DataView, at: number): void {
    const line = this.lines[view.getUint32(at + REC_INSTRUMENT, true)];
    if (line === undefined) return;
    this.counts.quotes += 1;
    const hasBid = readI64(view, at + QUOTE_BID_LOTS) > 0;
    const hasAsk = readI64(view, at + QUOTE_ASK_LOTS) > 0;
    line.bidTicks = hasBid ? readI64(view, at + QUOTE_BID_TICKS) : 0;
    line.askTicks = hasAsk ? readI64(view, at + QUOTE_ASK_TICKS) : 0;
    this.tick(line, readMillis(view, at + REC_TS_ENGINE));
  }

  private print(view: DataView, at: number): void {
    const line = this.lines[view.getUint32(at + REC_INSTRUMENT, true)];
    if (line === undefined) return;
    this.counts.trades += 1;
    line.lastTicks = readI64(view, at + TRADE_PRICE_TICKS);
    this.tick(line, readMillis(view, at + REC_TS_ENGINE));
  }

  private tick(line: Line, millis: number): void {
    if (line.firstTicks === 0) line.firstTicks = line.mark2() / 2;
    if (this.firstMillis === 0) this.firstMillis = millis;
    this.lastMillis = millis;
    if (millis >= this.nextCheckMillis) this.sample(millis);
  }

  /** Equity now: cash and what open lots are worth at their marks. */
  equityMinor(): number {
    let sum = this.cashMinor();
    for (const line of this.lineList) sum += line.unrealizedMinor();
    return sum;
  }

  /** Deposit, realized and fees, as the core booked them. */
  cashMinor(): number {
    let sum = this.cashStartMinor;
    for (const line of this.lineList) sum += line.realizedMinor - line.feesMinor;
    return sum;
  }

  /** Drawdown is looked at every second whatever the step of the curve has become. */
  private sample(millis: number): void {
    this.nextCheckMillis = (Math.floor(millis / STEP_MILLIS_MIN) + 1) * STEP_MILLIS_MIN;
    const equityMinor = this.equityMinor();
    this.watch(equityMinor);
    const day = Math.floor(millis / DAY_MILLIS);
    const last = this.daily.at(-1);
    if (last?.day === day) last.equityMinor = equityMinor;
    else this.daily.push({ day, equityMinor });
    if (millis >= this.nextMillis) this.point(millis, equityMinor);
  }

  private watch(equityMinor: number): void {
    this.peakMinor = Math.max(this.peakMinor, equityMinor);
    const drawdownMinor = this.peakMinor - equityMinor;
    this.drawdownMinorMax = Math.max(this.drawdownMinorMax, drawdownMinor);
    if (this.peakMinor > 0) {
      this.drawdownMax = Math.max(this.drawdownMax, drawdownMinor / this.peakMinor);
    }
  }

  private point(millis: number, equityMinor: number): void {
    const curve = this.curve;
    curve.millis.push(millis);
    curve.equityMinor.push(equityMinor);
    for (const line of this.lineList) {
      curve.priceTicks.get(line.instrument.id)!.push(line.mark2() / 2);
    }
    if (curve.millis.length > CURVE_POINTS_MAX) this.thin();
    this.nextMillis = (Math.floor(millis / this.stepMillis) + 1) * this.stepMillis;
  }

  private thin(): void {
    this.stepMillis *= 2;
    const even = (values: number[]): void => {
      let kept = 0;
      for (let index = 0; index < values.length; index += 2) values[kept++] = values[index]!;
      values.length = kept;
    };
    even(this.curve.millis);
    even(this.curve.equityMinor);
    for (const prices of this.curve.priceTicks.values()) even(prices);
  }

  // --------------------------------------------------------------------------- own records

  private own(view: DataView, at: number): void {
    if (view.getUint32(at + ORDER_ACCOUNT, true) !== this.account) return;
    const kind = view.getUint16(at + REC_KIND, true);
    // An order that was sent again is counted once.
    if ((view.getUint16(at + REC_FLAGS, true) & Flag.Replayed) !== 0) return;
    if (kind === Kind.Fill) this.fill(view, at);
    else if (kind === Kind.PositionChanged) this.position(view, at);
    else if (kind === Kind.OrderAccepted) this.counts.ordersAccepted += 1;
    else if (kind === Kind.OrderDenied) {
      this.counts.ordersDenied += 1;
      count(this.denials, view.getUint16(at + EVENT_REASON, true));
    } else if (kind === Kind.OrderCanceled) {
      this.counts.ordersCanceled += 1;
      count(this.cancels, view.getUint16(at + EVENT_REASON, true));
    }
  }

  private position(view: DataView, at: number): void {
    const line = this.lines[view.getUint32(at + REC_INSTRUMENT, true)];
    if (line === undefined) return;
    line.lots = readI64(view, at + POSITION_LOTS);
    const low = view.getBigUint64(at + POSITION_COST_LOW, true);
    line.cost = (view.getBigInt64(at + POSITION_COST_HIGH, true) << 64n) | low;
    this.watch(this.equityMinor());
  }

  private fill(view: DataView, at: number): void {
    const line = this.lines[view.getUint32(at + REC_INSTRUMENT, true)];
    if (line === undefined) return;
    const feeMinor = readI64(view, at + FILL_FEE_MINOR);
    const realizedMinor = readI64(view, at + FILL_REALIZED_MINOR);
    const isMaker = view.getUint8(at + FILL_LIQUIDITY) === Liquidity.Maker;
    this.counts.fills += 1;
    this.counts.fillsMaker += isMaker ? 1 : 0;
    line.fills += 1;
    line.feesMinor += feeMinor;
    line.realizedMinor += realizedMinor;
    this.trade(line, {
      side: view.getUint8(at + FILL_SIDE),
      priceTicks: readI64(view, at + FILL_PRICE_TICKS),
      qtyLots: readI64(view, at + FILL_QTY_LOTS),
      feeMinor,
      realizedMinor,
      millis: readMillis(view, at + REC_TS_ENGINE),
    });
  }

  /** Adds a fill to the open round trip; one that turns the position is split at zero. */
  private trade(line: Line, fill: TripFill): void {
    const trip = line.trip;
    if (trip === undefined) {
      if (this.openTrips() === 0) this.inMarketSince = fill.millis;
      line.trip = openTrip(fill, fill.qtyLots, fill.feeMinor);
      return;
    }
    trip.fills += 1;
    if (trip.side === fill.side) {
      trip.entryLots += fill.qtyLots;
      trip.entryCost += fill.qtyLots * fill.priceTicks;
      trip.feesMinor += fill.feeMinor;
      return;
    }
    const openLots = trip.entryLots - trip.exitLots;
    const closeLots = Math.min(openLots, fill.qtyLots);
    const closeFee = Math.floor((fill.feeMinor * closeLots) / fill.qtyLots);
    trip.exitLots += closeLots;
    trip.exitCost += closeLots * fill.priceTicks;
    trip.grossMinor += fill.realizedMinor;
    trip.feesMinor += closeFee;
    if (closeLots < openLots) return;
    this.closeTrip(line, trip, fill.millis);
    const rest = fill.qtyLots - closeLots;
    if (rest > 0) {
      this.inMarketSince = fill.millis;
      line.trip = openTrip(fill, rest, fill.feeMinor - closeFee);
    }
  }

  private openTrips(): number {
    return this.lineList.reduce((sum, line) => sum + (line.trip === undefined ? 0 : 1), 0);
  }

  private closeTrip(line: Line, trip: OpenTrip, millis: number): void {
    line.trip = undefined;
    line.heldMillis += millis - trip.entryMillis;
    if (this.openTrips() === 0) this.marketMillis += millis - this.inMarketSince;
    if (this.trips.length >= ROUND_TRIPS_MAX) {
      this.tripsDropped += 1;
      return;
    }
    this.trips.push({
      instrument: line.instrument.id,
      side: trip.side,
      qtyLots: trip.entryLots,
      entryMillis: trip.entryMillis,
      exitMillis: millis,
      entryTicks: trip.entryCost / trip.entryLots,
      exitTicks: trip.exitCost / trip.exitLots,
      grossMinor: trip.grossMinor,
      feesMinor: trip.feesMinor,
      fills: trip.fills,
    });
  }

  /** Ends the record: the last sample, and the time in the market of what is still open. */
  finish(): void {
    if (this.lastMillis === 0) return;
    if (this.openTrips() > 0) this.marketMillis += this.lastMillis - this.inMarketSince;
    this.sample(this.lastMillis);
    if (this.curve.millis.at(-1) !== this.lastMillis) {
      this.nextMillis = -Infinity;
      this.point(this.lastMillis, this.equityMinor());
    }
  }

  /** What each instrument came to. */
  summaries(): InstrumentSummary[] {
    return this.lineList.map((line) => ({
      instrument: line.instrument,
      lots: line.lots,
      fills: line.fills,
      trips: this.trips.filter((trip) => trip.instrument === line.instrument.id).length,
      realizedMinor: line.realizedMinor,
      feesMinor: line.feesMinor,
      unrealizedMinor: line.unrealizedMinor(),
      firstTicks: line.firstTicks,
      lastTicks: line.mark2() / 2,
    }));
  }
}

/** One instrument's result. */
export interface InstrumentSummary {
  instrument: StrategyInstrument;
  /** Still open at the end, signed. */
  lots: number;
  fills: number;
  trips: number;
  realizedMinor: number;
  feesMinor: number;
  unrealizedMinor: number;
  firstTicks: number;
  lastTicks: number;
}

interface TripFill {
  side: Side;
  priceTicks: number;
  qtyLots: number;
  feeMinor: number;
  realizedMinor: number;
  millis: number;
}

function openTrip(fill: TripFill, lots: number, feeMinor: number): OpenTrip {
  return {
    side: fill.side,
    entryLots: lots,
    exitLots: 0,
    entryCost: lots * fill.priceTicks,
    exitCost: 0,
    grossMinor: 0,
    feesMinor: feeMinor,
    entryMillis: fill.millis,
    fills: 1,
  };
}

function count(map: Map<number, number>, key: number): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
