// Parents as people write them, to record fields: an order that the engine works over time.
//
// tidy: tested by test/src/client/client.test.ts
import { Algorithm, ChildStyle, SelfTrade, Side } from "../../asm/vocab.ts";
import type { Kind } from "../../asm/vocab.ts";
import type { FieldsOf, InstrumentInfo } from "../protocol.ts";
import { lotsOf, positionSideOf, ticksOf, type Amount } from "./orders.ts";

/** An order worked over time. What it did, and what it cost, comes as ParentProgress records. */
export interface ParentRequest {
  /** Id or symbol. */
  instrument: number | string;
  side: "buy" | "sell";
  algorithm: "twap" | "vwap" | "pov" | "shortfall" | "iceberg";
  qty: Amount;
  /** Worst price of a child; an iceberg rests there. */
  limit?: Amount;
  /** Nanoseconds since the epoch; left out: now. */
  startNanos?: bigint;
  /** Nanoseconds since the epoch; only an iceberg has none. */
  endNanos?: bigint;
  /** From slice to slice, at least 1; not for icebergs. */
  intervalMillis?: number;
  /** Children cross the spread; without it they rest at the best price of their side. */
  aggressive?: boolean;
  /** Distance behind the schedule at which a resting child crosses, of the quantity. */
  driftBps?: number;
  childMin?: Amount;
  /** Largest child; what an iceberg shows. */
  childMax?: Amount;
  /** Own share of all that trades, at most 5000; pov only. */
  shareBps?: number;
  /** Almgren and Chriss's parameters in ticks, lots and seconds; shortfall only. */
  shortfall?: { riskAversion: number; volatility: number; impact: number; impactLasting?: number };
  selfTrade?: SelfTrade;
  strategy?: number;
  /** The leg of its children; hedging accounts must name it, others must not. */
  positionSide?: "long" | "short";
  /** Unique per account; drawn when left out. */
  clientId?: bigint;
  tag?: bigint;
}

const ALGORITHMS = {
  twap: Algorithm.Twap,
  vwap: Algorithm.Vwap,
  pov: Algorithm.Pov,
  shortfall: Algorithm.ImplementationShortfall,
  iceberg: Algorithm.Iceberg,
} as const;
const NANOS_PER_MILLI = 1_000_000;

/** Fields of ParentNew; throws UNIT_STEP or UNIT_MALFORMED for amounts that are no steps. */
export function parentFields(
  request: ParentRequest,
  spec: InstrumentInfo,
  clientId: bigint,
): FieldsOf<Kind.ParentNew> {
  const { limit, childMin = 0, childMax = 0, shortfall } = request;
  return {
    instrument: spec.id,
    clientId,
    side: request.side === "buy" ? Side.Buy : Side.Sell,
    algorithm: ALGORITHMS[request.algorithm],
    style: request.aggressive === true ? ChildStyle.Aggressive : ChildStyle.Passive,
    qtyLots: lotsOf(request.qty, spec),
    limitTicks: limit === undefined ? 0 : ticksOf(limit, spec),
    startNanos: request.startNanos ?? 0n,
    endNanos: request.endNanos ?? 0n,
    intervalNanos: (request.intervalMillis ?? 0) * NANOS_PER_MILLI,
    driftBps: request.driftBps ?? 0,
    childMinLots: lotsOf(childMin, spec),
    childMaxLots: lotsOf(childMax, spec),
    shareBps: request.shareBps ?? 0,
    riskAversion: shortfall?.riskAversion ?? 0,
    volatility: shortfall?.volatility ?? 0,
    impact: shortfall?.impact ?? 0,
    impactLasting: shortfall?.impactLasting ?? 0,
    selfTrade: request.selfTrade ?? SelfTrade.Account,
    strategy: request.strategy ?? 0,
    positionSide: positionSideOf(request.positionSide),
    tag: request.tag ?? 0n,
  };
}
