// Orders as people write them, to record fields: prices and quantities as text or in steps.
//
// tidy: tested by test/src/client/client.test.ts
import {
  AmendField,
  OrderFlag,
  OrderType,
  PositionSide,
  SelfTrade,
  Side,
  TimeInForce,
  TrailUnit,
} from "../../asm/vocab.ts";
import type { Kind } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import type { FieldsOf, InstrumentInfo } from "../protocol.ts";
import { stepsOf } from "../units.ts";

/** Decimal text ("101.25"), or a whole number of ticks or lots. */
export type Amount = string | number;

/** An order. Times in force: GTC for limits, IOC for markets unless given. */
export interface OrderRequest {
  /** Id or symbol. */
  instrument: number | string;
  side: "buy" | "sell";
  type: "market" | "limit" | "stop" | "stopLimit" | "trailingStop";
  qty: Amount;
  /** Limit price. */
  price?: Amount;
  /** Trigger price of stops. */
  stop?: Amount;
  /** Distance of a trailing stop in ticks. */
  trailTicks?: number;
  tif?: "gtc" | "ioc" | "fok" | "day" | "gtd";
  /** Nanoseconds since the epoch, for gtd. */
  expiresNanos?: bigint;
  postOnly?: boolean;
  reduceOnly?: boolean;
  /** The leg; hedging accounts must name it, others must not. */
  positionSide?: "long" | "short";
  selfTrade?: SelfTrade;
  strategy?: number;
  /** Unique per account; drawn when left out. */
  clientId?: bigint;
  /** Comes back in every event of the order. */
  tag?: bigint;
}

/** A change of a resting order; what is left out stays. */
export interface AmendRequest {
  instrument: number | string;
  clientId: bigint;
  price?: Amount;
  /** Total quantity, with what is filled. */
  qty?: Amount;
  stop?: Amount;
}

const TYPES = {
  market: OrderType.Market,
  limit: OrderType.Limit,
  stop: OrderType.Stop,
  stopLimit: OrderType.StopLimit,
  trailingStop: OrderType.TrailingStop,
} as const;
const TIFS = {
  gtc: TimeInForce.Gtc,
  ioc: TimeInForce.Ioc,
  fok: TimeInForce.Fok,
  day: TimeInForce.Day,
  gtd: TimeInForce.Gtd,
} as const;

/** Fields of OrderNew; throws UNIT_STEP or UNIT_MALFORMED for amounts that are no steps. */
export function orderFields(
  request: OrderRequest,
  spec: InstrumentInfo,
  clientId: bigint,
): FieldsOf<Kind.OrderNew> {
  const tif = request.tif ?? (request.type === "market" ? "ioc" : "gtc");
  const postOnly = request.postOnly === true ? OrderFlag.PostOnly : 0;
  const reduceOnly = request.reduceOnly === true ? OrderFlag.ReduceOnly : 0;
  return {
    instrument: spec.id,
    clientId,
    side: request.side === "buy" ? Side.Buy : Side.Sell,
    type: TYPES[request.type],
    tif: TIFS[tif],
    qtyLots: lotsOf(request.qty, spec),
    priceTicks: request.price === undefined ? 0 : ticksOf(request.price, spec),
    stopTicks: request.stop === undefined ? 0 : ticksOf(request.stop, spec),
    trailOffset: request.trailTicks ?? 0,
    trailUnit: request.trailTicks === undefined ? TrailUnit.None : TrailUnit.Ticks,
    expiresNanos: request.expiresNanos ?? 0n,
    orderFlags: postOnly | reduceOnly,
    positionSide: positionSideOf(request.positionSide),
    selfTrade: request.selfTrade ?? SelfTrade.Account,
    strategy: request.strategy ?? 0,
    tag: request.tag ?? 0n,
  };
}

/** Fields of OrderAmend; throws AMEND_NOTHING when nothing changes. */
export function amendFields(
  request: AmendRequest,
  spec: InstrumentInfo,
): FieldsOf<Kind.OrderAmend> {
  const { price, qty, stop, clientId } = request;
  const fields =
    (price === undefined ? 0 : AmendField.Price) |
    (qty === undefined ? 0 : AmendField.Qty) |
    (stop === undefined ? 0 : AmendField.Stop);
  if (fields === 0) {
    throw new AlphaError("AMEND_NOTHING", "an amend without a change", "give price, qty or stop");
  }
  return {
    instrument: spec.id,
    clientId,
    fields,
    priceTicks: price === undefined ? 0 : ticksOf(price, spec),
    qtyLots: qty === undefined ? 0 : lotsOf(qty, spec),
    stopTicks: stop === undefined ? 0 : ticksOf(stop, spec),
  };
}

/** The leg by name; none when left out. */
export function positionSideOf(side: "long" | "short" | undefined): PositionSide {
  if (side === undefined) return PositionSide.None;
  return side === "long" ? PositionSide.Long : PositionSide.Short;
}

/** A price in ticks: text is divided by the instrument's tick, a number is ticks already. */
export function ticksOf(price: Amount, spec: InstrumentInfo): number {
  if (typeof price === "number") return price;
  return stepsOf(price, BigInt(spec.tickMantissa), spec.tickExponent);
}

/** A quantity in lots: text is divided by the instrument's lot, a number is lots already. */
export function lotsOf(qty: Amount, spec: InstrumentInfo): number {
  if (typeof qty === "number") return qty;
  return stepsOf(qty, BigInt(spec.lotMantissa), spec.lotExponent);
}
