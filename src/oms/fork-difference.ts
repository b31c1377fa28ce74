// What two runs of nearly the same inputs did differently: records, orders, fills.
//
// Both runs are folded input by input. An order that ended in both with the same result is
// forgotten, so that memory holds what is open and what differs, not the journal.
//
// tidy: tested by test/src/oms/fork.test.ts
import {
  CancelReason,
  Flag,
  Kind,
  OrderState,
  REC_CAUSE,
  REC_FLAGS,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  Refusal,
} from "../../asm/vocab.ts";
import type { Core } from "../core/core.ts";
import { decode, isRecord, recordBytes } from "../protocol.ts";
import type { DecodedRecord, FillRecord, OrderEventRecord } from "../protocol.ts";

/** Orders that differ which are kept whole; more are counted. */
export const ORDERS_MAX = 100_000;

const ORDER_BLOCK = 0x06;

/** What became of an order in one run. */
export interface OrderFate {
  /** As it was asked for: children of a parent may be others in each run. */
  side: number;
  qtyLots: number;
  /** 0 = at market. */
  priceTicks: number;
  /** Word of OrderState. */
  state: string;
  /** Word of the refusal or of the reason of a cancel; "" for none. */
  reason: string;
  /** The limit it met, in the limit's unit; 0 for none. */
  limit: number;
  filledLots: number;
  fills: number;
  /** Sum of price x lots of its fills, in ticks x lots. */
  turnover: bigint;
  feeMinor: number;
}

/** An order that did not do the same in both runs. */
export interface OrderDifference {
  account: number;
  clientId: bigint;
  strategy: number;
  instrument: number;
  base: OrderFate | undefined;
  fork: OrderFate | undefined;
}

export interface FillCount {
  fills: number;
  lots: number;
}

/** First input whose records differ: what each run said, undefined where it said nothing more. */
export interface FirstDifference {
  /** Sequence of the input in the journal. */
  sequence: number;
  base: DecodedRecord | undefined;
  fork: DecodedRecord | undefined;
}

type Side = "base" | "fork";

/** The fold; `collect` both runs of an input, then `compare`. */
export class Difference {
  first: FirstDifference | undefined;
  /** Orders that differ and found no room in the list. */
  uncounted = 0;
  readonly fills = { base: { fills: 0, lots: 0 }, fork: { fills: 0, lots: 0 } };
  /** Orders answered with a refusal, by its word. */
  readonly denied = { base: {} as Record<string, number>, fork: {} as Record<string, number> };
  private readonly open = new Map<string, OrderDifference>();
  private readonly touched = new Set<string>();
  private readonly said = { base: [] as Uint8Array[], fork: [] as Uint8Array[] };

  /** From here on; what the change itself was answered does not count. */
  begin(): void {
    this.said.base.length = 0;
    this.said.fork.length = 0;
  }

  /** Outputs of one run for the present input. */
  collect(side: Side, core: Core, from: number, to: number): void {
    const { view, u8 } = core;
    for (let at = from; at < to; at += recordBytes(view, at)) {
      const kind = view.getUint16(at + REC_KIND, true);
      if (kind === (Kind.Pad as number)) continue;
      if (this.first === undefined) this.said[side].push(u8.slice(at, at + recordBytes(view, at)));
      const isOrder = kind >> 8 === ORDER_BLOCK && kind <= (Kind.Fill as number);
      const isAgain = (view.getUint16(at + REC_FLAGS, true) & Flag.Replayed) !== 0;
      if (isOrder && !isAgain) this.order(side, decode(view, at));
    }
  }

  /** Ends the input; `sequence` is its number in the journal. */
  compare(sequence: number): void {
    if (this.first === undefined) this.findFirst(sequence);
    for (const key of this.touched) this.settle(key);
    this.touched.clear();
  }

  /** Orders that differ, or that only one run has; those still open in both count as they stand. */
  orders(): OrderDifference[] {
    return [...this.open.values()].filter(({ base, fork }) => !isSame(base, fork));
  }

  private findFirst(sequence: number): void {
    const { base, fork } = this.said;
    const most = Math.max(base.length, fork.length);
    for (let at = 0; at < most; at++) {
      const [a, b] = [base[at], fork[at]];
      if (a !== undefined && b !== undefined && isEqual(a, b)) continue;
      this.first = { sequence, base: a && decodeOne(a), fork: b && decodeOne(b) };
      break;
    }
    base.length = 0;
    fork.length = 0;
  }

  private order(side: Side, record: DecodedRecord): void {
    if (isRecord(record, Kind.Fill)) return this.fill(side, record);
    if (!isRecord(record, ...EVENTS)) return;
    if (record.kind === (Kind.OrderDenied as number)) {
      const word = Refusal[record.reason] ?? String(record.reason);
      this.denied[side][word] = (this.denied[side][word] ?? 0) + 1;
      // The order that has this name already is another one.
      if (record.reason === (Refusal.ClientOrderIdDuplicate as number)) return;
    }
    const fate = this.fateOf(side, record, record.leavesLots + record.filledLots);
    fate.state = OrderState[record.state] ?? String(record.state);
    fate.filledLots = record.filledLots;
    const isCanceled = record.kind === (Kind.OrderCanceled as number);
    const words: Record<number, string> = isCanceled ? CancelReason : Refusal;
    fate.reason = record.reason === 0 ? "" : (words[record.reason] ?? String(record.reason));
    if (record.kind === (Kind.OrderDenied as number)) fate.limit = record.limit;
  }

  private fill(side: Side, record: FillRecord): void {
    const { qtyLots, priceTicks, feeMinor } = record;
    const fate = this.fateOf(side, record, record.leavesLots + record.filledLots);
    this.fills[side].fills += 1;
    this.fills[side].lots += qtyLots;
    fate.state = OrderState[record.state] ?? String(record.state);
    fate.filledLots = record.filledLots;
    fate.fills += 1;
    fate.turnover += BigInt(priceTicks) * BigInt(qtyLots);
    fate.feeMinor += feeMinor;
  }

  private fateOf(side: Side, record: FillRecord | OrderEventRecord, qtyLots: number): OrderFate {
    const { account, clientId, strategy, instrument, side: way, priceTicks } = record;
    const key = `${account}/${clientId}`;
    let row = this.open.get(key);
    if (row === undefined) {
      row = { account, clientId, strategy, instrument, base: undefined, fork: undefined };
      this.open.set(key, row);
    }
    this.touched.add(key);
    row[side] ??= {
      ...{ side: way, qtyLots, priceTicks },
      ...{ state: "", reason: "", limit: 0, filledLots: 0, fills: 0 },
      ...{ turnover: 0n, feeMinor: 0 },
    };
    return row[side];
  }

  /** Forgets an order that ended in both runs alike, and the last of too many that did not. */
  private settle(key: string): void {
    const row = this.open.get(key);
    if (row === undefined || !isDone(row.base) || !isDone(row.fork)) return;
    if (isSame(row.base, row.fork)) this.open.delete(key);
    else if (this.open.size > ORDERS_MAX) {
      this.open.delete(key);
      this.uncounted += 1;
    }
  }
}

const EVENTS = [
  Kind.OrderAccepted,
  Kind.OrderDenied,
  Kind.OrderRejected,
  Kind.OrderCanceled,
  Kind.OrderExpired,
  Kind.OrderAmended,
  Kind.OrderTriggered,
  Kind.OrderReduced,
  Kind.OrderPending,
  Kind.OrderReleased,
  Kind.OrderDecremented,
  Kind.OrderInDoubt,
] as const;

const DONE = new Set(["Filled", "Canceled", "Denied", "Rejected", "Expired"]);

function isDone(fate: OrderFate | undefined): boolean {
  return fate !== undefined && DONE.has(fate.state);
}

function isSame(base: OrderFate | undefined, fork: OrderFate | undefined): boolean {
  if (base === undefined || fork === undefined) return base === fork;
  return (Object.keys(base) as (keyof OrderFate)[]).every((name) => base[name] === fork[name]);
}

/** Equal but for the numbers that only count records: sequence and cause. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) {
    if (at === REC_SEQUENCE) at = REC_TS_ENGINE;
    if (at === REC_CAUSE) at += 8;
    if (a[at] !== b[at]) return false;
  }
  return true;
}

function decodeOne(bytes: Uint8Array): DecodedRecord {
  return decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}
