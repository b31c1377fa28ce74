// An order core with one routed market, for the scenarios of venues: commands and reports in,
// requests out, and what the core holds in the end, read from its memory and its answers.
import {
  ORDER_ROWS,
  ORDER_ROW_FILLED,
  ORDER_ROW_LEAVES,
  ORDER_ROW_SHIFT,
  ORDER_ROW_STATE,
  O_ROUTE_DEADLINE,
} from "../../asm/layout.ts";
import {
  CELL_BYTES,
  BALANCE_CASH_MINOR,
  BALANCE_CURRENCY,
  BALANCE_FEES_MINOR,
  BALANCE_LOCKED_MINOR,
  Execution,
  InstrumentKind,
  Kind,
  MarkSource,
  POSITION_COST_HIGH,
  POSITION_COST_LOW,
  POSITION_LOTS,
  POSITION_OPEN_BUY_LOTS,
  POSITION_OPEN_SELL_LOTS,
  POSITION_REALIZED_MINOR,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REQUEST_FILLED_LOTS,
  REQUEST_FLAGS,
  REQUEST_NUMBER,
  REQUEST_ORDER_ID,
  REQUEST_PRICE_TICKS,
  REQUEST_QTY_LOTS,
  REQUEST_SCOPE,
  REQUEST_SIDE,
  REQUEST_TIF,
  REQUEST_TYPE,
  REQUEST_VENUE,
  REQUEST_VENUE_ORDER_ID,
  type OrderState,
} from "../../asm/vocab.ts";
import { decode, layoutOf, recordBytes, type RecordOf } from "../../src/protocol.ts";
import type { Field, Layout } from "../../src/protocol-layout.ts";
import type { VenueRequest } from "../../src/venues/venue.ts";
import { OrderCore, type Fields } from "../asm/order-core.ts";

export const VENUE = 7;
export const ACCOUNT = 1;
/** Two contracts, and one of cash. */
export const INSTRUMENTS = [1, 2, 3];
export const CASH = 3;
/** Currencies: of all contracts and the cash quote, and the cash base. */
export const [QUOTE, BASE] = [1, 2];
/** Ticks of the mark, so that market orders know what they risk. */
export const MARK_TICKS = 1000;

/** A tick x lot is 0.21 of the quote's minor unit, a lot 2100 of the base's. */
const CASH_SPEC = {
  ...{ specKind: InstrumentKind.Spot, base: BASE, lotMantissa: 7, lotExponent: -2 },
  multiplierNum: 3,
};
const TAKER = 500_000;
/** What the account begins with, of both currencies. */
export const START = 1_000_000_000_000n;

/** Value in the quote of lots of the cash instrument, and what a buy of them holds back. */
export function cashValue(ticks: number, lots: number, isUp: boolean): bigint {
  const parts = BigInt(ticks) * BigInt(lots) * 21n;
  return (parts + (isUp ? 99n : 0n)) / 100n;
}
export function cashLock(ticks: number, lots: number): bigint {
  const value = cashValue(ticks, lots, true);
  return value + (value * BigInt(TAKER) + 999_999_999n) / 1_000_000_000n;
}
/** Minor units of the base in lots of the cash instrument. */
export function cashBase(lots: number): bigint {
  return BigInt(lots) * 2_100n;
}

/** What the core holds of the account in one instrument. */
export interface Held {
  lots: number;
  /** Realized - open cost: minus the sum of signed ticks x lots of all fills. */
  flow: bigint;
  realized: bigint;
  /** Cash and fees of the account by currency, over all its instruments, and what is held back. */
  cash: Record<number, bigint>;
  locked: Record<number, bigint>;
  openBuyLots: number;
  openSellLots: number;
}

export class VenueDesk {
  readonly core = OrderCore.create();
  /** Requests of the last inputs, in order. */
  requests: VenueRequest[] = [];
  /** Faults reported by VenueFault. */
  faults: RecordOf<Kind.VenueFault>[] = [];
  onRequest: (request: VenueRequest) => void = (request) => this.requests.push(request);
  private clientId = 0;

  constructor() {
    this.core.send(Kind.Currency, { id: BASE, minorExponent: -4, code: "BTC" });
    for (const id of INSTRUMENTS) {
      this.core.instrument(id, {
        ...(id === CASH ? CASH_SPEC : {}),
        execution: Execution.Routed,
        venue: VENUE,
        markSource: MarkSource.Mid,
        referenceTicks: MARK_TICKS,
      });
      const quote = { bidTicks: MARK_TICKS - 1, bidLots: 50, askTicks: MARK_TICKS, askLots: 50 };
      this.send(Kind.TopOfBook, { instrument: id, ...quote });
    }
    this.core.account(ACCOUNT);
    for (const currency of [QUOTE, BASE]) {
      this.core.send(Kind.CashAdjust, { account: ACCOUNT, currency, amountMinor: START });
    }
    this.core.send(Kind.FeeSchedule, { makerPerBillion: 100_000, takerPerBillion: TAKER });
  }

  get nowNanos(): number {
    return this.core.nowNanos;
  }

  set nowNanos(nanos: number) {
    this.core.nowNanos = nanos;
  }

  /** Puts one record in; requests and faults are taken out. */
  send(kind: Kind, fields: Fields): void {
    this.put(kind, fields);
    this.core.core.run(this.core.nowNanos, 1);
    this.core.core.discard();
    this.take();
  }

  /** As `encode`, without its checks: half the time of a schedule went there. */
  private put(kind: Kind, fields: Fields): void {
    let table = tables.get(kind);
    if (table === undefined) tables.set(kind, (table = layoutOf(kind)!));
    const { core } = this.core;
    const ring = kind >> 8 === 0x05 ? core.command : core.derived;
    const at = ring.reserve(table.cells);
    const { view } = core;
    core.u8.fill(0, at, at + table.cells * CELL_BYTES);
    view.setUint16(at + REC_KIND, kind, true);
    view.setUint16(at + REC_FLAGS, table.cells - 1, true);
    for (const name in fields) {
      const value = fields[name] as number | bigint;
      if (name === "instrument") view.setUint32(at + REC_INSTRUMENT, Number(value), true);
      else putField(view, at, table.fields[name]!, value);
    }
    ring.commit();
    ring.publish();
  }

  /** Lets timers happen that are due. */
  tick(): void {
    this.core.core.run(this.core.nowNanos, 1);
    this.core.core.discard();
    this.take();
  }

  /** When the core misses an answer next, since the clock base; Infinity = never. */
  get deadlineNanos(): number {
    const waits = this.core.core.view.getBigInt64(O_ROUTE_DEADLINE, true) !== 0n;
    return waits ? this.core.core.deadlineSinceBaseNanos() : Infinity;
  }

  private readonly take = (): void => {
    const out: VenueRequest[] = [];
    this.core.core.drain((from, to) => {
      const { view } = this.core.core;
      for (let at = from; at < to; at += recordBytes(view, at)) {
        const kind = view.getUint16(at + REC_KIND, true);
        if (kind >= Kind.VenueOrderNew && kind <= Kind.VenueQuery) {
          out.push(requestAt(view, at));
        } else if (kind === Kind.VenueFault) {
          this.faults.push(decode(view, at) as unknown as RecordOf<Kind.VenueFault>);
        }
      }
    });
    for (const request of out) this.onRequest(request);
  };

  /** Brings the link up with an empty listing; for scenarios without a venue. */
  connect(): void {
    this.send(Kind.VenueStatus, { venue: VENUE, state: 1, timeoutMillis: 100 });
    const listing = this.requests.at(-1)?.number ?? 0n;
    this.send(Kind.ReconcileBegin, { venue: VENUE, listing });
    this.send(Kind.ReconcileEnd, { venue: VENUE, listing });
  }

  nextClientId(): number {
    return ++this.clientId;
  }

  /** State, filled lots and leaves of an order that is still known. */
  order(id: bigint): { state: OrderState; filled: number; leaves: number } {
    const row = ORDER_ROWS + (Number(id & 0xffff_ffffn) << ORDER_ROW_SHIFT);
    const { view } = this.core.core;
    return {
      state: view.getUint8(row + ORDER_ROW_STATE),
      filled: Number(view.getBigInt64(row + ORDER_ROW_FILLED, true)),
      leaves: Number(view.getBigInt64(row + ORDER_ROW_LEAVES, true)),
    };
  }

  /** What the core says it holds, by instrument. */
  held(): Map<number, Held> {
    this.put(Kind.StateQuery, { account: ACCOUNT });
    this.core.core.run(this.core.nowNanos, 1);
    this.core.core.discard();
    const held = new Map<number, Held>();
    const cash: Record<number, bigint> = {};
    const locked: Record<number, bigint> = {};
    this.core.core.drain((from, to) => {
      const { view } = this.core.core;
      for (let at = from; at < to; at += recordBytes(view, at)) {
        const kind = view.getUint16(at + REC_KIND, true);
        if (kind === Kind.AccountState) {
          const currency = view.getUint16(at + BALANCE_CURRENCY, true);
          const fees = view.getBigInt64(at + BALANCE_FEES_MINOR, true);
          cash[currency] = view.getBigInt64(at + BALANCE_CASH_MINOR, true) + fees;
          locked[currency] = view.getBigInt64(at + BALANCE_LOCKED_MINOR, true);
        } else if (kind === Kind.PositionState) {
          held.set(view.getUint32(at + REC_INSTRUMENT, true), {
            ...heldAt(view, at),
            cash,
            locked,
          });
        }
      }
    });
    return held;
  }
}

/** As `decode` (a test compares them), by hand: a third of the time of a schedule went there. */
export function requestAt(view: DataView, at: number): VenueRequest {
  const request = {
    kind: view.getUint16(at + REC_KIND, true),
    instrument: view.getUint32(at + REC_INSTRUMENT, true),
    orderId: view.getBigUint64(at + REQUEST_ORDER_ID, true),
    number: view.getBigUint64(at + REQUEST_NUMBER, true),
    priceTicks: wholeAt(view, at + REQUEST_PRICE_TICKS),
    qtyLots: wholeAt(view, at + REQUEST_QTY_LOTS),
    filledLots: wholeAt(view, at + REQUEST_FILLED_LOTS),
    venueOrderId: view.getBigUint64(at + REQUEST_VENUE_ORDER_ID, true),
    venue: view.getUint16(at + REQUEST_VENUE, true),
    side: view.getUint8(at + REQUEST_SIDE),
    type: view.getUint8(at + REQUEST_TYPE),
    tif: view.getUint8(at + REQUEST_TIF),
    orderFlags: view.getUint8(at + REQUEST_FLAGS),
    scope: view.getUint8(at + REQUEST_SCOPE),
  };
  return request as unknown as VenueRequest;
}

function wholeAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 0x1_0000_0000;
}

const tables = new Map<Kind, Layout>();

function putField(view: DataView, at: number, [offset, type]: Field, value: number | bigint): void {
  if (type === "u8") view.setUint8(at + offset, Number(value));
  else if (type === "u16") view.setUint16(at + offset, Number(value), true);
  else if (type === "u32" || type === "i32") view.setUint32(at + offset, Number(value), true);
  else if (typeof value === "bigint") view.setBigInt64(at + offset, value, true);
  else {
    view.setUint32(at + offset, value >>> 0, true);
    view.setInt32(at + offset + 4, Math.floor(value / 0x1_0000_0000), true);
  }
}

/** One account: the rows of its balances come before those of its positions. */
function heldAt(view: DataView, at: number): Omit<Held, "cash" | "locked"> {
  const realized = view.getBigInt64(at + POSITION_REALIZED_MINOR, true);
  const low = view.getBigUint64(at + POSITION_COST_LOW, true);
  const cost = (view.getBigInt64(at + POSITION_COST_HIGH, true) << 64n) + low;
  return {
    lots: wholeAt(view, at + POSITION_LOTS),
    flow: realized - cost,
    realized,
    openBuyLots: wholeAt(view, at + POSITION_OPEN_BUY_LOTS),
    openSellLots: wholeAt(view, at + POSITION_OPEN_SELL_LOTS),
  };
}
