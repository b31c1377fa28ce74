// Orders that depend on each other, slowly: references instead of slots, a list as the queue.
import {
  AmendField,
  CancelReason,
  Contingency,
  Kind,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  Side,
  TradingMode,
} from "../../asm/vocab.ts";
import { closes, flagsOf } from "./order-leg.ts";
import { amendStepRefusal, qtyRefusal } from "./order-rules.ts";
import { isTrailing } from "./order-trail.ts";
import type { OrderTwin, Row, TwinOrder } from "./order-twin.ts";

const CHILDREN_MAX = 8;

/** What an order has to do with others. */
export interface TwinFamily {
  /** Contingency.Oco or Ouo while the order is a leg of a pair, else 0. */
  pair: number;
  sibling?: TwinOrder;
  parent?: TwinOrder;
  /** By arrival. */
  children: TwinOrder[];
  /** Contingency.BracketStop or BracketTarget, else 0. */
  bracket: number;
  /** Held: lots to release. Later: lots it may still get. */
  lots: number;
}

export function noFamily(): TwinFamily {
  return { pair: 0, children: [], bracket: 0, lots: 0 };
}

const isOpen = (order: TwinOrder): boolean => order.state < OrderState.Filled;
const has = (type: number, ...types: OrderType[]): boolean => types.includes(type);

export class TwinLinks {
  /** Held orders to release, by arrival. */
  readonly queue: TwinOrder[] = [];
  private readonly twin: OrderTwin;

  constructor(twin: OrderTwin) {
    this.twin = twin;
  }

  /** The order a new one names. */
  named(row: Row): TwinOrder | undefined {
    return this.twin.orders.get(`${row["account"]}/${row["linkedClientId"] ?? 0}`);
  }

  refusal(row: Row): number {
    const kind = Number(row["contingency"] ?? 0);
    const linked = Number(row["linkedClientId"] ?? 0);
    if (kind === 0) return linked === 0 ? 0 : Refusal.LinkedOrderUnknown;
    if (kind > Contingency.BracketTarget) return Refusal.ContingencyInvalid;
    const other = linked === 0 ? undefined : this.named(row);
    if (other === undefined) return Refusal.LinkedOrderUnknown;
    // A parent algorithm counts what its children fill; a reduce-only order has no children.
    const isParent = kind >= Contingency.Oto && other.orderFlags & OrderFlag.ReduceOnly;
    if (other.orderFlags & OrderFlag.Engine || isParent) return Refusal.ContingencyInvalid;
    if (other.instrument !== Number(row["instrument"])) return Refusal.ContingencyInvalid;
    const isDead = !isOpen(other) && (kind < Contingency.Oto || other.filled === 0);
    if (isDead) return Refusal.LinkedOrderUnknown;
    const { parent, pair } = other.family;
    if (kind >= Contingency.Oto) {
      return parent === undefined ? this.childRefusal(row, other) : Refusal.ContingencyInvalid;
    }
    const waitsForAuction = other.type === OrderType.Market && other.state !== OrderState.Held;
    if (waitsForAuction) return Refusal.ContingencyInvalid;
    if (kind === Contingency.Oco && other.filled > 0) return Refusal.ContingencyInvalid;
    if (pair !== 0) return Refusal.ContingencyInvalid;
    const own = parent === undefined ? 0 : this.childRefusal(row, parent);
    if (own !== 0) return own;
    const flags = flagsOf(row) | other.orderFlags;
    const isAlike = other.side === row["side"];
    const isShown = other.display === 0 && Number(row["displayLots"] ?? 0) === 0;
    const isBad = flags & OrderFlag.ReduceOnly && !(isAlike && isShown);
    return isBad ? Refusal.ContingencyInvalid : 0;
  }

  private childRefusal(row: Row, parent: TwinOrder): number {
    // No instructions but the one that closing a leg implies.
    const leg = Number(row["positionSide"] ?? 0);
    const isExit = closes(leg, Number(row["side"] ?? 0));
    const isAsking = Number(row["orderFlags"] ?? 0) & ~(isExit ? OrderFlag.ReduceOnly : 0);
    if (isAsking !== 0) return Refusal.FlagUnsupported;
    const [kind, type] = [Number(row["contingency"]), Number(row["type"])];
    if (isTrailing(type)) return Refusal.ContingencyInvalid;
    const isStop = has(type, OrderType.Stop, OrderType.StopLimit);
    const isTouch = has(type, OrderType.LimitIfTouched, OrderType.MarketIfTouched);
    const isTarget = isTouch || type === OrderType.Limit;
    const isBracket = kind > Contingency.Oto;
    if (kind === Contingency.BracketStop && !isStop) return Refusal.ContingencyInvalid;
    if (kind === Contingency.BracketTarget && !isTarget) return Refusal.ContingencyInvalid;
    if (isBracket && Number(row["side"]) === parent.side) return Refusal.ContingencyInvalid;
    // The exits of a leg are the exits of the order that opens it, and show all they have.
    const isHidden = leg !== 0 && Number(row["displayLots"] ?? 0) !== 0;
    if (isBracket && (leg !== parent.positionSide || isHidden)) return Refusal.ContingencyInvalid;
    const { children } = parent.family;
    const isTwice = isBracket && children.some((child) => child.family.bracket === kind);
    const isFull = children.length >= CHILDREN_MAX;
    return isFull || isTwice ? Refusal.ContingencyInvalid : 0;
  }

  /** True when an order that may be linked waits for a parent. */
  isChild(row: Row): boolean {
    const kind = Number(row["contingency"] ?? 0);
    if (kind === 0) return false;
    return kind >= Contingency.Oto || this.named(row)!.family.parent !== undefined;
  }

  /** Links a new order; true when it is a child and has been accepted. */
  make(row: Row, order: TwinOrder): boolean {
    const kind = Number(row["contingency"] ?? 0);
    if (kind === 0) return false;
    const other = this.named(row)!;
    const isChild = this.isChild(row);
    if (kind < Contingency.Oto) pairUp(order, other, kind);
    if (!isChild) return false;
    const parent = kind < Contingency.Oto ? other.family.parent! : other;
    order.family.parent = parent;
    if (kind > Contingency.Oto) {
      order.family.bracket = kind;
      const leg = parent.family.children.find((child) => {
        return child.family.bracket !== 0 && child.family.pair === 0;
      });
      if (leg !== undefined) pairUp(order, leg, Contingency.Ouo);
    }
    parent.family.children.push(order);
    this.twin.event(Kind.OrderAccepted, order, 0, 0);
    const { pair, sibling } = order.family;
    const isMet = pair === Contingency.Ouo && sibling!.state !== OrderState.Held;
    this.feed(order, isMet ? Math.min(parent.filled, sibling!.leaves) : parent.filled);
    return true;
  }

  /** Notes lots on a held order. */
  private feed(order: TwinOrder, lots: number): void {
    const { family } = order;
    const more = Math.min(lots, order.leaves - family.lots);
    if (more <= 0) return;
    if (family.lots === 0) this.queue.push(order);
    family.lots += more;
  }

  /** After a trade of `lots` by these orders of ours. */
  traded(orders: TwinOrder[], lots: number): void {
    for (const order of orders) if (!isOpen(order)) leaveParent(order);
    for (const order of orders) {
      for (const child of [...order.family.children]) {
        if (child.state === OrderState.Held) this.feed(child, lots);
        else this.grow(child, lots);
      }
    }
    for (const order of orders) {
      const { pair, sibling } = order.family;
      if (sibling === undefined) continue;
      if (pair === Contingency.Oco) {
        const isMet = !isOpen(sibling);
        this.cancelSibling(order, CancelReason.Oco);
        // The two traded with each other, so the fill of the other cancels this one.
        if (isMet && isOpen(order)) this.twin.close(order, CancelReason.Oco);
      } else if (!isOpen(order)) this.cancelSibling(order, CancelReason.Ouo);
      else this.shrink(sibling, order.leaves);
    }
  }

  private grow(child: TwinOrder, parentLots: number): void {
    const fed = Math.min(parentLots, child.family.lots);
    child.family.lots -= fed;
    const lots = Math.min(fed, this.most(child) - child.leaves);
    if (lots <= 0) return;
    if (this.reason(child, lots, child.leaves + lots) !== 0) return;
    child.leaves += lots;
    this.twin.requeue(child);
    this.twin.cash.hold(child);
    this.twin.event(Kind.OrderReleased, child, 0, 1, lots);
  }

  private shrink(leg: TwinOrder, most: number): void {
    const isHeld = leg.state === OrderState.Held;
    const lots = (isHeld ? leg.family.lots : leg.leaves) - most;
    if (!isOpen(leg) || lots <= 0) return;
    if (isHeld) leg.family.lots = most;
    leg.leaves -= lots;
    leg.shown = Math.min(leg.shown, leg.leaves);
    this.twin.cash.keep(leg);
    this.twin.touchBook(leg);
    this.twin.event(Kind.OrderReduced, leg, CancelReason.Ouo, 0, lots);
  }

  private cancelSibling(order: TwinOrder, reason: number): void {
    const sibling = part(order);
    if (sibling !== undefined && isOpen(sibling)) this.twin.close(sibling, reason);
  }

  triggered(order: TwinOrder): void {
    if (order.family.pair === Contingency.Oco) this.cancelSibling(order, CancelReason.Oco);
  }

  /** After a cancel or expiry. */
  ended(order: TwinOrder): void {
    const { family } = order;
    if (this.queue.includes(order)) this.queue.splice(this.queue.indexOf(order), 1);
    leaveParent(order);
    const reason = family.pair === Contingency.Oco ? CancelReason.Oco : CancelReason.Ouo;
    const sibling = part(order);
    if (order.filled === 0) {
      const children = [...family.children];
      for (const child of children) part(child);
      for (const child of children) this.twin.close(child, CancelReason.Parent);
    }
    if (sibling !== undefined && isOpen(sibling)) this.twin.close(sibling, reason);
  }

  /** Releases the first of the queue; false when it is empty. */
  releaseNext(): boolean {
    const order = this.queue.shift();
    if (order === undefined) return false;
    const { family } = order;
    const lots = Math.min(family.lots, this.most(order));
    const reason = lots === 0 ? CancelReason.ReduceOnly : this.reason(order, lots, lots);
    if (reason !== 0) {
      this.twin.close(order, reason);
      return true;
    }
    family.lots = order.leaves - family.lots;
    order.leaves = lots;
    this.twin.start(order, lots);
    return true;
  }

  /** Lots a child may come to: of one that closes a leg, what that holds. */
  private most(order: TwinOrder): number {
    if (!(order.orderFlags & OrderFlag.ReduceOnly)) return Infinity;
    const { lots } = this.twin.positionOf(order);
    return Math.max(0, order.side === Side.Buy ? -lots : lots);
  }

  /** Why lots may not be released, 0 when they may. */
  private reason(order: TwinOrder, lots: number, leaves: number): number {
    const { account, instrument, strategy, side, positionSide } = order;
    const who = { account, instrument, strategy, positionSide };
    const { risk } = this.twin;
    if (risk.blocked(who) !== 0) return CancelReason.KillSwitch;
    const position = this.twin.positionOf(order);
    const isReducing = leaves <= (side === Side.Buy ? -position.lots : position.lots);
    if (!isReducing) {
      if (risk.mode(who) !== TradingMode.Active) return CancelReason.ReduceOnly;
      const price = order.price === 0 ? order.stop : order.price;
      const [refusal] = this.twin.limit(who, side, price, leaves, lots, false, true);
      if (refusal !== 0) return CancelReason.Limit;
    }
    return this.cashReason(order, leaves);
  }

  /** What a child of a cash instrument would hold back, and whether anybody knows that. */
  private cashReason(order: TwinOrder, leaves: number): number {
    const { cash } = this.twin;
    const isBlind = order.type === OrderType.Market && order.side === Side.Buy;
    if (isBlind && cash.isCash(order.instrument) && this.twin.isCall(order.instrument)) {
      return CancelReason.Auction;
    }
    return cash.covers(order, leaves) ? 0 : CancelReason.BalanceInsufficient;
  }

  amend(row: Row, order: TwinOrder): void {
    const [fields, qty] = [Number(row["fields"] ?? 0), Number(row["qtyLots"] ?? 0)];
    const isPriced = order.price !== 0;
    const known = 2 | (isPriced ? 1 : 0) | (order.stop !== 0 ? 4 : 0);
    const price = fields & AmendField.Price ? Number(row["priceTicks"] ?? 0) : order.price;
    const stop = fields & AmendField.Stop ? Number(row["stopTicks"] ?? 0) : order.stop;
    const leaves = fields & AmendField.Qty ? qty : order.leaves;
    const isSame = price === order.price && stop === order.stop;
    let limit = 0;
    let refusal = 0;
    const instrumentOf = this.twin.instruments.get(order.instrument)!;
    const isQty = (fields & AmendField.Qty) !== 0;
    const step = amendStepRefusal(instrumentOf, row, order.type);
    const size = step || (isQty ? qtyRefusal(instrumentOf, leaves) : 0);
    if (fields & ~known) refusal = Refusal.FlagUnsupported;
    else if (fields === 0) refusal = Refusal.AmendNothing;
    else if (size !== 0) refusal = size;
    else if (isPriced && price <= 0) refusal = Refusal.PriceNotPositive;
    else if (order.stop !== 0 && stop <= 0) refusal = Refusal.StopPriceInvalid;
    else if (isSame && leaves === order.leaves) refusal = Refusal.AmendNothing;
    const { account, instrument, strategy, side, positionSide } = order;
    const who = { account, instrument, strategy, positionSide };
    if (refusal === 0) refusal = this.twin.risk.blocked(who);
    const isMore = leaves > order.leaves;
    if (refusal === 0 && isMore && this.twin.risk.isDiskFull) refusal = Refusal.DiskFull;
    if (refusal === 0 && !(isSame && leaves < order.leaves)) {
      const asked = isPriced ? price : stop;
      [refusal, limit] = this.twin.limit(who, side, asked, leaves, 0, false);
    }
    if (refusal !== 0) return this.twin.deny(Kind.AmendDenied, row, refusal, limit, order);
    Object.assign(order, { price, leaves, stop });
    order.family.lots = Math.min(order.family.lots, leaves);
    this.twin.event(Kind.OrderAmended, order, 0, 0);
  }
}

/** Client id of the order this one depends on. */
export function linkedId(order: TwinOrder): number | bigint {
  return (order.family.parent ?? order.family.sibling)?.clientId ?? 0;
}

/** True for parents and children. */
export function isFamily({ family }: TwinOrder): boolean {
  return family.parent !== undefined || family.children.length > 0;
}

/** Parts a pair, if the order has one; returns what joins the two again. */
export function parted(order: TwinOrder): () => void {
  const { pair } = order.family;
  const sibling = part(order);
  return () => {
    if (sibling !== undefined) pairUp(order, sibling, pair);
  };
}

function pairUp(a: TwinOrder, b: TwinOrder, pair: number): void {
  Object.assign(a.family, { pair, sibling: b });
  Object.assign(b.family, { pair, sibling: a });
  for (const leg of [a, b]) leg.lockLots = leg.leaves;
}

/** Parts a pair; returns the other leg. */
function part(order: TwinOrder): TwinOrder | undefined {
  const { sibling } = order.family;
  for (const leg of sibling === undefined ? [] : [order, sibling]) {
    delete leg.family.sibling;
    leg.family.pair = 0;
    leg.lockLots = leg.leaves;
  }
  return sibling;
}

function leaveParent(order: TwinOrder): void {
  const { parent } = order.family;
  if (parent === undefined) return;
  parent.family.children.splice(parent.family.children.indexOf(order), 1);
  delete order.family.parent;
}
