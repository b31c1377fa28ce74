// What strategies have done until now, folded from the engine's outputs: order numbers and books.
//
// One fold for all who need it: the host that goes on from a replayed journal, and the follower
// that puts it into a snapshot. Strategies are told apart by the ids in their records, so a past is
// there before its strategy is.
//
// tidy: tested by test/src/strategy-past.test.ts
import {
  FILL_PRICE_TICKS,
  FILL_QTY_LOTS,
  FILL_SIDE,
  Kind,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  REC_INSTRUMENT,
  Side,
} from "../asm/vocab.ts";
import { readI64 } from "./protocol.ts";

/** Lots of one instrument, negative = short, and their average price in ticks (0 when flat). */
export interface OwnBook {
  readonly instrument: number;
  readonly lots: number;
  readonly entryTicks: number;
}

/** One strategy's past. */
export interface StrategyPast {
  readonly strategyId: number;
  readonly account: number;
  /** Number of the newest order; the next one is numbered behind it. */
  readonly lastNumber: number;
  readonly fills: number;
  readonly books: readonly OwnBook[];
}

/** Average-cost book of own fills on one instrument. */
export class PositionBook {
  lots = 0;
  entryTicks = 0;

  /** Folds a fill; the part that turns the position opens at the fill's price. */
  fill(side: Side, priceTicks: number, qtyLots: number): void {
    const signed = side === Side.Buy ? qtyLots : -qtyLots;
    const before = this.lots;
    const after = before + signed;
    if (after === 0) this.entryTicks = 0;
    else if (before === 0 || Math.sign(before) !== Math.sign(after)) this.entryTicks = priceTicks;
    else if (Math.abs(after) > Math.abs(before)) {
      this.entryTicks = (this.entryTicks * before + priceTicks * signed) / after;
    }
    this.lots = after;
  }
}

/** Owner (strategy id) in a client order id: its upper 16 bits. */
export function readOrderOwner(view: DataView, at: number): number {
  return view.getUint16(at + ORDER_CLIENT_ID + 6, true);
}

/** Number in a client order id: its lower 48 bits. */
export function readOrderNumber(view: DataView, at: number): number {
  const low = view.getUint32(at + ORDER_CLIENT_ID, true);
  return low + view.getUint16(at + ORDER_CLIENT_ID + 4, true) * 2 ** 32;
}

interface Growing {
  account: number;
  lastNumber: number;
  fills: number;
  books: Map<number, PositionBook>;
}

/** Pasts of all strategies; as many as the core knows strategies. */
export class StrategyPasts {
  readonly #byId = new Map<number, Growing>();

  /** Folds a record about an order or a fill (OrderAccepted to Fill); others are passed by. */
  note(view: DataView, at: number, kind: number): void {
    if (kind < Kind.OrderAccepted || kind > Kind.Fill) return;
    const strategyId = view.getUint16(at + ORDER_STRATEGY, true);
    if (strategyId === 0) return;
    const past = this.#take(strategyId, view.getUint32(at + ORDER_ACCOUNT, true));
    if (readOrderOwner(view, at) === strategyId) {
      past.lastNumber = Math.max(past.lastNumber, readOrderNumber(view, at));
    }
    if (kind !== Kind.Fill) return;
    const instrument = view.getUint32(at + REC_INSTRUMENT, true);
    const book = past.books.get(instrument) ?? new PositionBook();
    past.books.set(instrument, book);
    past.fills += 1;
    const side = view.getUint8(at + FILL_SIDE) as Side;
    book.fill(side, readI64(view, at + FILL_PRICE_TICKS), readI64(view, at + FILL_QTY_LOTS));
  }

  /** Goes on from pasts of a snapshot. */
  load(pasts: readonly StrategyPast[]): void {
    for (const { strategyId, account, lastNumber, fills, books } of pasts) {
      const past = this.#take(strategyId, account);
      past.lastNumber = lastNumber;
      past.fills = fills;
      for (const { instrument, lots, entryTicks } of books) {
        const book = new PositionBook();
        book.lots = lots;
        book.entryTicks = entryTicks;
        past.books.set(instrument, book);
      }
    }
  }

  /** The past of one strategy, undefined when it never had an order. */
  of(strategyId: number): StrategyPast | undefined {
    const past = this.#byId.get(strategyId);
    if (past === undefined) return undefined;
    const { account, lastNumber, fills } = past;
    const books = [...past.books].map(([instrument, { lots, entryTicks }]) => {
      return { instrument, lots, entryTicks };
    });
    return { strategyId, account, lastNumber, fills, books };
  }

  /** All of them, by id. */
  list(): StrategyPast[] {
    const ids = [...this.#byId.keys()].sort((a, b) => a - b);
    return ids.map((id) => this.of(id)!);
  }

  #take(strategyId: number, account: number): Growing {
    let past = this.#byId.get(strategyId);
    if (past === undefined) {
      past = { account, lastNumber: 0, fills: 0, books: new Map() };
      this.#byId.set(strategyId, past);
    }
    return past;
  }
}
