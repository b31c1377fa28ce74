import { describe, expect, test } from "vitest";
import {
  BLOCK_BODY,
  MARKET_INSTRUMENTS,
  MARKET_INSTRUMENT_BYTES,
  MI_BOOK,
} from "../../../asm/layout.ts";
import {
  BookRule,
  ExecutionPrint,
  Flag,
  Kind,
  REC_FLAGS,
  Refusal,
  Side,
} from "../../../asm/vocab.ts";
import { encode } from "../../../src/protocol.ts";
import { L3Twin, type TwinOptions, type TwinRefusal } from "../../reference/l3-book.ts";
import { seeded } from "../../reference/random.ts";
import { MarketCore, marketModule, ofKind } from "../market-core.ts";
import type { Fields, Out } from "../market-core.ts";

const module = await marketModule();
const WHOLE = Flag.First | Flag.Last;
const DEEP = process.env["ALPHAPULSE_DEEP"] === "1";

function open(options: Partial<TwinOptions> & { isBare?: boolean } = {}): MarketCore {
  const { ordersMax = 1000, levelsMax = 100, isUnseen = false, isBare = false } = options;
  const core = new MarketCore(module);
  const rule = isUnseen ? BookRule.Unseen : BookRule.None;
  core.spec(1, levelsMax, rule, undefined, { bookOrders: ordersMax });
  if (!isBare) core.apply(Kind.BookSnapshot, { instrument: 1, flags: WHOLE }, 0n);
  return core;
}

interface Message extends Fields {
  id: bigint;
  price?: number;
  lots?: number;
  side?: Side;
}

function send(core: MarketCore, kind: Kind, message: Message): Out[] {
  const { id, price = 0, lots = 0, side = Side.None, ...rest } = message;
  const fields = { instrument: 1, flags: WHOLE, id, priceTicks: price, qtyLots: lots, side };
  return core.apply(kind, { ...fields, ...rest }, 0n);
}

const add = (core: MarketCore, id: bigint, side: Side, price: number, lots: number): Out[] =>
  send(core, Kind.BookOrderAdd, { id, side, price, lots });
const trusts = (outs: Out[]): unknown[] =>
  ofKind(outs, Kind.BookTrust).map(({ state, reason, expected, received }) => [
    state,
    reason,
    expected,
    received,
  ]);
const tops = (outs: Out[]): unknown[] =>
  ofKind(outs, Kind.TopOfBook).map((out) => [out.bidTicks, out.bidLots, out.askTicks, out.askLots]);

function bookAt(core: MarketCore): number {
  return core.view.getUint32(MARKET_INSTRUMENTS + MARKET_INSTRUMENT_BYTES + MI_BOOK, true);
}

/** Levels with their queues, as the twin tells them. */
function levels(core: MarketCore, isAsk: boolean): ReturnType<L3Twin["levels"]> {
  const { view } = core;
  const book = bookAt(core);
  const side = isAsk ? 1 : 0;
  return Array.from({ length: core.call("bookCount", book, side) }, (_, rank) => {
    const at = core.call("bookLevel", book, side, rank);
    const queue: [bigint, number][] = [];
    let row = core.call("queueFirst", book, side, rank);
    for (; row !== 0; row = core.call("queueNext", book, row)) {
      const lots = Number(view.getBigInt64(row + 16, true));
      queue.push([view.getBigUint64(row, true), isAsk ? -lots : lots]);
    }
    const price = Number(view.getBigInt64(at, true));
    return [price, Number(view.getBigInt64(at + 8, true)), queue];
  });
}

const WHY: Record<TwinRefusal, Refusal> = {
  duplicate: Refusal.DuplicateUpdate,
  unknown: Refusal.UnknownOrder,
  lots: Refusal.QtyNotPositive,
  exceeds: Refusal.FillExceedsLeaves,
  levels: Refusal.LevelsFull,
  orders: Refusal.OrdersFull,
};

/** One random message for both; ids are few, so that they come again. */
class Stream {
  readonly core: MarketCore;
  readonly twin: L3Twin;
  private readonly random: () => number;
  private readonly base: number;

  constructor(seed: number) {
    this.random = seeded(seed);
    const ordersMax = 4 + this.below(seed % 3 === 0 ? 20 : 130);
    const levelsMax = 3 + this.below(seed % 5 === 0 ? 6 : 60);
    const options = { ordersMax, levelsMax, isUnseen: seed % 2 === 0 };
    this.core = open(options);
    this.twin = new L3Twin(options);
    // Below nothing, around nothing, and at the far end of the numbers.
    this.base = [1000, 0, -5000, 4_503_599_627_370_000][seed % 4]!;
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }

  /** Sends one message; the refusal the twin gave and what the core said. */
  step(): { refusal: TwinRefusal | undefined; outs: Out[] } {
    const { core, twin } = this;
    // Half of the messages are about orders that rest, so that queues and index are worked hard.
    const resting = this.random() < 0.5 ? twin.orders[this.below(twin.orders.length)] : undefined;
    const strange = BigInt(1 + this.below(300)) << BigInt(8 * this.below(7));
    const id = resting?.id ?? strange;
    const isAsk = resting?.isAsk ?? this.random() < 0.5;
    // The sides never meet: crossing has a test of its own.
    const any = this.base + (isAsk ? 100 : -1) + (isAsk ? 1 : -1) * this.below(40);
    const price = resting !== undefined && this.random() < 0.5 ? resting.price : any;
    const lots = this.random() < 0.05 ? 0 : 1 + this.below(100);
    const message = { id, price, lots, side: isAsk ? Side.Sell : Side.Buy };
    const kind = this.random();
    if (kind < (resting === undefined ? 0.75 : 0.05)) {
      const refusal = twin.add(id, isAsk, price, lots);
      return { refusal, outs: send(core, Kind.BookOrderAdd, message) };
    }
    if (kind < (resting === undefined ? 0.8 : 0.45)) return this.modify(message, isAsk);
    if (kind < 0.95) {
      const isDelete = this.random() < 0.5;
      const order = twin.orders.find((one) => one.id === id);
      const taken = order !== undefined && this.random() < 0.9 ? this.below(order.lots + 1) : lots;
      const refusal =
        isDelete || taken > 0 ? twin.take(id, isAsk, price, taken) : ("lots" as const);
      const kind = isDelete ? Kind.BookOrderDelete : Kind.BookOrderExecute;
      return { refusal, outs: send(core, kind, { ...message, lots: taken }) };
    }
    const level = [{ priceTicks: price, qtyLots: lots }];
    const sides = { bids: isAsk ? [] : level, asks: isAsk ? level : [] };
    const refusal = twin.set(isAsk, price, lots);
    return {
      refusal,
      outs: core.apply(Kind.BookDelta, { instrument: 1, flags: WHOLE, ...sides }, 0n),
    };
  }

  private modify(message: Message, isAsk: boolean): ReturnType<Stream["step"]> {
    const { core, twin } = this;
    const { id, lots = 0 } = message;
    const order = twin.orders.find((one) => one.id === id);
    // The side of an order that is known does not change, so its price stays on its side.
    if (order !== undefined && order.isAsk !== isAsk) message.price = order.price;
    const newId = this.random() < 0.3 ? BigInt(1 + this.below(300)) : 0n;
    const price = message.price!;
    const refusal = twin.modify(id, newId, isAsk, price, lots);
    return { refusal, outs: send(core, Kind.BookOrderModify, { ...message, newId }) };
  }

  /** After trust is lost: both begin anew with what the twin has, some of it without ids. */
  restore(): Out[] {
    const { core, twin } = this;
    const outs = core.apply(Kind.BookSnapshot, { instrument: 1, flags: Flag.First }, 0n);
    for (const { id, isAsk, price, lots } of twin.orders) {
      const side = isAsk ? Side.Sell : Side.Buy;
      if (id !== undefined) outs.push(...send(core, Kind.BookOrderAdd, { id, side, price, lots }));
      else {
        const level = [{ priceTicks: price, qtyLots: lots }];
        const sides = { bids: isAsk ? [] : level, asks: isAsk ? level : [] };
        outs.push(...core.apply(Kind.BookSnapshot, { instrument: 1, flags: 0, ...sides }, 0n));
      }
    }
    outs.push(...core.apply(Kind.BookSnapshot, { instrument: 1, flags: Flag.Last }, 0n));
    return outs;
  }
}

describe("a book by order", () => {
  const seeds = Array.from({ length: DEEP ? 2000 : 20 }, (_, i) => i + 1);
  test.each(seeds)("equals its twin over a random stream, seed %i", (seed) => {
    const stream = new Stream(seed);
    const { core, twin } = stream;
    for (let step = 0; step < 250; step++) {
      const before = structuredClone(twin.orders);
      const { refusal, outs } = stream.step();
      if (refusal === undefined) expect(trusts(outs), `step ${step}`).toEqual([]);
      else {
        expect((trusts(outs)[0] as number[])[1], `step ${step}`).toBe(WHY[refusal]);
        // A level told is forgotten before what takes its place is refused; nothing else changes.
        if (refusal !== "levels" && refusal !== "orders") {
          expect(twin.orders, "the twin refuses whole").toEqual(before);
        }
        expect(trusts(stream.restore()), "a snapshot restores").toEqual([[1, 0, 0n, 0n]]);
      }
      if (step % 7 !== 0) continue;
      expect(levels(core, false), `bids after ${step}`).toEqual(twin.levels(false));
      expect(levels(core, true), `asks after ${step}`).toEqual(twin.levels(true));
    }
  });

  test("keeps the order of arrival: fewer lots stay, any other change goes to the end", () => {
    const core = open();
    for (const id of [1n, 2n, 3n]) add(core, id, Side.Buy, 100, 10);
    const queue = (): unknown => levels(core, false)[0]![2];
    send(core, Kind.BookOrderModify, { id: 1n, price: 100, lots: 4 });
    expect(queue()).toEqual([
      [1n, 4],
      [2n, 10],
      [3n, 10],
    ]);
    send(core, Kind.BookOrderModify, { id: 1n, price: 100, lots: 5 });
    expect(queue(), "more lots").toEqual([
      [2n, 10],
      [3n, 10],
      [1n, 5],
    ]);
    send(core, Kind.BookOrderModify, { id: 2n, newId: 9n, price: 100, lots: 10 });
    expect(queue(), "replaced under another id").toEqual([
      [3n, 10],
      [1n, 5],
      [9n, 10],
    ]);
    send(core, Kind.BookOrderDelete, { id: 1n, lots: 2 });
    expect(queue(), "canceled in part").toEqual([
      [3n, 10],
      [1n, 3],
      [9n, 10],
    ]);
    expect(trusts(send(core, Kind.BookOrderDelete, { id: 2n }))[0]).toEqual([
      ...[0, Refusal.UnknownOrder, 0n, 2n],
    ]);
  });

  test("says the top when a group ends, not within it", () => {
    const core = open();
    const part = { flags: 0, id: 1n, side: Side.Buy, price: 100, lots: 5 };
    expect(send(core, Kind.BookOrderAdd, part)).toEqual([]);
    expect(tops(add(core, 2n, Side.Sell, 102, 7))).toEqual([[100, 5, 102, 7]]);
    expect(tops(add(core, 3n, Side.Buy, 99, 7)), "behind the best").toEqual([]);
  });

  test("is silent until a snapshot comes, then trusted; a clear ends it", () => {
    const core = open({ isBare: true });
    expect(trusts(add(core, 1n, Side.Buy, 100, 5))).toEqual([[0, Refusal.SequenceGap, 0n, 0n]]);
    expect(add(core, 2n, Side.Buy, 100, 5), "said once").toEqual([]);
    core.apply(Kind.BookSnapshot, { instrument: 1, flags: Flag.First }, 0n);
    expect(add(core, 3n, Side.Buy, 100, 5)).toEqual([]);
    const outs = core.apply(Kind.BookSnapshot, { instrument: 1, flags: Flag.Last }, 0n);
    expect([trusts(outs), tops(outs)]).toEqual([[[1, 0, 0n, 0n]], [[100, 5, 0, 0]]]);
    expect(trusts(core.apply(Kind.BookClear, { instrument: 1 }, 0n))).toEqual([[0, 0, 0n, 0n]]);
    expect(add(core, 4n, Side.Buy, 101, 5), "untrusted books take nothing").toEqual([]);
    expect(trusts(core.apply(Kind.FeedGap, { instrument: 1 }, 0n)), "said before").toEqual([]);
  });

  test("that crosses is untrusted until a snapshot", () => {
    const core = open();
    add(core, 1n, Side.Buy, 100, 5);
    expect(trusts(add(core, 2n, Side.Sell, 100, 5))).toEqual([
      [0, Refusal.BookCrossed, 100n, 100n],
    ]);
    expect(send(core, Kind.BookOrderDelete, { id: 2n })).toEqual([]);
  });

  test("where orders rest unseen, is untrusted only while it is crossed", () => {
    const core = open({ isUnseen: true });
    add(core, 1n, Side.Buy, 100, 5);
    const crossed = add(core, 2n, Side.Sell, 99, 3);
    expect(trusts(crossed)).toEqual([[0, Refusal.BookCrossed, 99n, 100n]]);
    expect(tops(crossed), "a crossed top is not published").toEqual([]);
    const execute = { id: 1n, lots: 3, printable: ExecutionPrint.None };
    expect(send(core, Kind.BookOrderExecute, execute), "still crossed").toEqual([]);
    const settled = send(core, Kind.BookOrderDelete, { id: 2n });
    expect([trusts(settled), tops(settled)]).toEqual([[[1, 0, 0n, 0n]], [[100, 2, 0, 0]]]);
  });

  test("holds as many orders and levels as it was given, and not one more", () => {
    const core = open({ ordersMax: 5, levelsMax: 3 });
    for (const id of [1n, 2n, 3n])
      expect(trusts(add(core, id, Side.Buy, Number(id), 1))).toEqual([]);
    expect(trusts(add(core, 4n, Side.Buy, 4, 1))).toEqual([[0, Refusal.LevelsFull, 0n, 4n]]);
    const other = open({ ordersMax: 5, levelsMax: 3 });
    for (let id = 1n; id <= 5n; id++) add(other, id, Side.Buy, 1, 1);
    expect(trusts(add(other, 6n, Side.Buy, 1, 1))).toEqual([[0, Refusal.OrdersFull, 0n, 6n]]);
    expect(levels(other, false)[0]![1], "what is refused changed nothing").toBe(5);
  });

  test("refuses what f64 cannot hold, and orders without a side or an id", () => {
    const most = 4_503_599_627_370_496;
    const reason = (message: Message): unknown => {
      const core = open();
      add(core, 1n, Side.Buy, 5, most);
      return (trusts(send(core, Kind.BookOrderAdd, message))[0] as unknown[])[1];
    };
    const fine = { id: 2n, side: Side.Buy, price: 5, lots: 1 };
    expect(reason(fine)).toBe(Refusal.NumberOverflow);
    expect(reason({ ...fine, price: most + 1 })).toBe(Refusal.NumberOverflow);
    expect(reason({ ...fine, price: -most - 1 })).toBe(Refusal.NumberOverflow);
    expect(reason({ ...fine, side: Side.None })).toBe(Refusal.SideInvalid);
    expect(reason({ ...fine, id: 0n })).toBe(Refusal.UnknownOrder);
  });
});

describe("an execution", () => {
  const executed = { lots: 2, tradeId: 77n };

  test("is a trade at the order's price, against its side, before the top it leaves", () => {
    const core = open();
    add(core, 1n, Side.Sell, 105, 5);
    const print = ExecutionPrint.AtOrder;
    const outs = send(core, Kind.BookOrderExecute, { id: 1n, ...executed, printable: print });
    expect(outs.map(({ kind }) => kind)).toEqual([Kind.TradePrint, Kind.TopOfBook]);
    expect(outs[0]).toMatchObject({ priceTicks: 105, qtyLots: 2, aggressor: Side.Buy, id: 77n });
    expect(tops(outs)).toEqual([[0, 0, 105, 3]]);
  });

  test("may have a price of its own, or be no trade at all", () => {
    const core = open();
    add(core, 1n, Side.Buy, 105, 5);
    const at = { id: 1n, ...executed, price: 107 };
    const outs = send(core, Kind.BookOrderExecute, { ...at, printable: ExecutionPrint.AtPrice });
    expect(outs[0]).toMatchObject({ priceTicks: 107, aggressor: Side.Sell });
    const silent = send(core, Kind.BookOrderExecute, { ...at, printable: ExecutionPrint.None });
    expect(ofKind(silent, Kind.TradePrint)).toEqual([]);
  });

  test("of an order nobody saw is a trade at the price it brings", () => {
    const core = open({ isUnseen: true });
    const bids = [{ priceTicks: 90, qtyLots: 9 }];
    core.apply(Kind.BookDelta, { instrument: 1, flags: WHOLE, bids, asks: [] }, 0n);
    const message = { id: 5n, ...executed, side: Side.Buy, price: 90 };
    const printable = ExecutionPrint.AtOrder;
    const outs = send(core, Kind.BookOrderExecute, { ...message, printable });
    expect(outs[0]).toMatchObject({ kind: Kind.TradePrint, priceTicks: 90, aggressor: Side.Sell });
    expect(levels(core, false)).toEqual([[90, 7, [[0n, 7]]]]);
    const exceeded = send(core, Kind.BookOrderExecute, { ...message, lots: 8 });
    expect(trusts(exceeded)).toEqual([[0, Refusal.FillExceedsLeaves, 0n, 5n]]);
  });
});

test("a record that is cut short is refused", () => {
  const core = open();
  const message = { instrument: 1, id: 1n, side: Side.Buy, priceTicks: 1, qtyLots: 1 };
  encode(core.view, BLOCK_BODY, Kind.BookOrderAdd, { ...message, flags: WHOLE });
  core.view.setUint16(BLOCK_BODY + REC_FLAGS, WHOLE, true);
  core.step(0n);
  expect(core.drain().map(({ kind, reason }) => [kind, reason])).toEqual([
    [Kind.MarketRefusal, Refusal.MalformedFrame],
  ]);
});

test("a record for a book that comes by price is refused, its trade is not", () => {
  const core = new MarketCore(module);
  core.spec(1, 10);
  const message = { id: 1n, side: Side.Buy, price: 5, lots: 2, printable: ExecutionPrint.AtOrder };
  const outs = send(core, Kind.BookOrderExecute, message);
  expect(outs.map(({ kind, reason }) => [kind, reason])).toEqual([
    [Kind.TradePrint, undefined],
    [Kind.MarketRefusal, Refusal.KindNotAllowed],
  ]);
});

test("a book for which the arena has no room is refused, and the instrument has none", () => {
  const core = new MarketCore(module);
  const room = (id: number): Out[] =>
    core.spec(id, 10, BookRule.None, undefined, { bookOrders: 4_000_000_000 });
  // Clamped to the largest book, of which the arena holds two.
  expect([room(1), room(2)].flat()).toEqual([]);
  expect(room(3).map(({ kind, reason }) => [kind, reason])).toEqual([
    [Kind.MarketRefusal, Refusal.ArenaFull],
  ]);
  const message = { instrument: 3, id: 1n, side: Side.Buy, price: 5, lots: 2 };
  expect(send(core, Kind.BookOrderAdd, message)).toEqual([]);
});
