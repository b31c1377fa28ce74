// The session's own events: open orders, fills, positions, cash. Reduced from the own stream.
//
// The stream begins with a snapshot (state rows, closed by StateQueryEnd) and goes on with deltas.
// The rows of a snapshot replace everything that can be replaced; fills are kept over a reconnect,
// known ones by their id, because a snapshot holds none.
import { Kind, OrderState, PositionMode, QueryPart } from "../../asm/vocab.ts";
import type {
  BalanceRecord,
  DecodedRecord,
  FillRecord,
  LimitStateRecord,
  OrderEventRecord,
  ParentRecord,
  PartRecord,
  PositionRecord,
} from "../protocol.ts";
import { isRecord } from "../protocol.ts";

/** Fills kept, newest first. */
export const FILLS_MAX = 100;
/** Open orders kept; beyond it the oldest leave the page, never the engine. */
export const ORDERS_MAX = 500;
/** Positions kept: account x instrument x side. */
export const POSITIONS_MAX = 1000;
/** Parts of positions kept of one answer. */
export const PARTS_MAX = 1000;

/** Orders worked over time: open ones kept, as the engine allows an account, and ended ones. */
export const PARENTS_MAX = 64;
export const PARENTS_DONE_MAX = 3;

/** Refusals kept, newest first. */
export const REFUSED_MAX = 20;

/** Kinds that say no. */
const REFUSED_KINDS = [
  ...[Kind.OrderDenied, Kind.OrderRejected, Kind.AmendDenied, Kind.CancelDenied],
] as const;

/** Kinds that carry an order's whole state. */
const ORDER_KINDS = [
  ...[Kind.OrderAccepted, Kind.OrderDenied, Kind.OrderRejected, Kind.OrderCanceled],
  ...[Kind.OrderExpired, Kind.OrderAmended, Kind.OrderTriggered, Kind.OrderTrailed],
  ...[Kind.OrderRefreshed, Kind.OrderReduced, Kind.OrderPending, Kind.OrderReleased],
  ...[Kind.OrderDecremented, Kind.OrderInDoubt, Kind.OrderStateRow],
] as const;

/** Orders, fills, positions and balances of the session's account. */
export class Own {
  readonly orders = new Map<string, OrderEventRecord>();
  readonly positions = new Map<string, PositionRecord>();
  readonly balances = new Map<string, BalanceRecord>();
  /** Orders the engine works over time, while they are open. */
  readonly parents = new Map<string, ParentRecord>();
  /** Those that ended, newest first. */
  parentsDone: ParentRecord[] = [];
  /** What strategies have of positions, as the core told last. */
  parts: PartRecord[] = [];
  /** Those of the answer that is coming in. */
  #partsNext: PartRecord[] = [];
  fills: FillRecord[] = [];
  refused: OrderEventRecord[] = [];
  /** Limits that hold in the instrument asked about last, as the core told them. */
  limits: LimitStateRecord[] = [];
  /** Those of the answer that is coming in. */
  #limitsNext: LimitStateRecord[] = [];
  readonly #fillIds = new Set<string>();

  /** A snapshot begins: what it will state again is forgotten. */
  beginSnapshot(): void {
    this.orders.clear();
    this.parents.clear();
    this.positions.clear();
    this.balances.clear();
  }

  /** Folds a record of the own stream; returns whether the page has something new. */
  apply(record: DecodedRecord): boolean {
    if (isRecord(record, Kind.Fill)) return this.#fill(record);
    if (isRecord(record, Kind.LimitState)) {
      this.#limitsNext.push(record);
      return false;
    }
    if (isRecord(record, Kind.StrategyState)) {
      if (this.#partsNext.length < PARTS_MAX) this.#partsNext.push(record);
      return false;
    }
    if (isRecord(record, Kind.StateQueryEnd)) return this.#queryEnd(record.part);
    if (isRecord(record, Kind.PositionChanged, Kind.PositionState)) {
      const key = `${record.account}/${record.instrument}/${record.side}`;
      return setBounded(this.positions, key, record, POSITIONS_MAX);
    }
    if (isRecord(record, Kind.ParentProgress, Kind.ParentStateRow)) {
      return setBounded(this.parents, orderKey(record), record, PARENTS_MAX);
    }
    if (isRecord(record, Kind.ParentDone)) return this.#parentEnd(record);
    if (isRecord(record, Kind.BalanceChanged, Kind.AccountState)) {
      return setBounded(this.balances, `${record.account}/${record.currency}`, record, 1000);
    }
    const isRefused = isRecord(record, ...REFUSED_KINDS);
    if (isRefused) this.refused = [record, ...this.refused].slice(0, REFUSED_MAX);
    if (isRecord(record, ...ORDER_KINDS)) {
      const key = orderKey(record);
      if (!isOpen(record.state)) return this.orders.delete(key) || isRefused;
      return setBounded(this.orders, key, record, ORDERS_MAX);
    }
    return isRefused;
  }

  #parentEnd(record: ParentRecord): boolean {
    this.parents.delete(orderKey(record));
    const others = this.parentsDone.filter((one) => orderKey(one) !== orderKey(record));
    this.parentsDone = [record, ...others].slice(0, PARENTS_DONE_MAX);
    return true;
  }

  #queryEnd(part: number): boolean {
    if (part === Number(QueryPart.Limits)) {
      this.limits = this.#limitsNext;
      this.#limitsNext = [];
      return true;
    }
    const isSame = this.parts.length + this.#partsNext.length === 0;
    this.parts = this.#partsNext;
    this.#partsNext = [];
    return !isSame;
  }

  #fill(record: FillRecord): boolean {
    const id = `${record.instrument}/${record.id}`;
    if (record.id !== 0n) {
      if (this.#fillIds.has(id)) return false;
      this.#fillIds.add(id);
    }
    this.fills.unshift(record);
    for (const gone of this.fills.splice(FILLS_MAX)) {
      this.#fillIds.delete(`${gone.instrument}/${gone.id}`);
    }
    const key = orderKey(record);
    const order = this.orders.get(key);
    if (order === undefined) return true;
    if (isOpen(record.state)) {
      const { state, leavesLots, filledLots } = record;
      this.orders.set(key, { ...order, state, leavesLots, filledLots });
    } else this.orders.delete(key);
    return true;
  }
}

/** Whether the account keeps a long and a short leg; unknown before its state has come: no. */
export function isHedging(own: Own): boolean {
  for (const { positionMode } of own.balances.values()) {
    if (positionMode === Number(PositionMode.Hedging)) return true;
  }
  return false;
}

/** Whether an order in this state still has something to do. */
export function isOpen(state: OrderState): boolean {
  return state >= OrderState.Held && state <= OrderState.InDoubt;
}

function orderKey(record: { account: number; clientId: bigint; orderId?: bigint }): string {
  return record.clientId === 0n ? `#${record.orderId}` : `${record.account}/${record.clientId}`;
}

/** Sets, and drops the oldest entry when the map has grown beyond its limit. */
function setBounded<V>(map: Map<string, V>, key: string, value: V, max: number): true {
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value as string);
  return true;
}
