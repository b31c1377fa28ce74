// Public books per message: ring pop, sequencing, journal copy, the book, its top.
//
// One instrument each, prices drawn around a middle that stands still, most of them near the touch:
// levels and orders come and go. The floor is the same records through a core that has nothing to
// do with them: ring, sequence and copy remain.
import {
  BOOK_ASKS,
  BOOK_BIDS,
  BOOK_FIRST_ID,
  BOOK_LAST_ID,
  BOOK_LEVELS,
  BOOK_ORDER_CELLS,
  BOOK_ORDER_ID,
  BOOK_ORDER_PRICE_TICKS,
  BOOK_ORDER_QTY_LOTS,
  BOOK_ORDER_SIDE,
  BookRule,
  CELL_BYTES,
  CELL_SHIFT,
  Execution,
  Flag,
  InstrumentKind,
  Kind,
  LEVEL_BYTES,
  LEVEL_PRICE_TICKS,
  LEVEL_QTY_LOTS,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_TS_ENGINE,
  RECORD_BYTES_MAX,
  Role,
  Side,
} from "../asm/vocab.ts";
import { loadBuild } from "../src/core/build.ts";
import { Core } from "../src/core/core.ts";
import { encode } from "../src/protocol.ts";
import { plantedSlowdown, type BenchMain, type BenchMetric, type Slowdown } from "./report.ts";

const MESSAGE_NANOS = 1000n;
const START_NANOS = 1_723_161_600_000_000_000n;
const MIDDLE_TICKS = 100_000;
const BATCH = 4096;
const WARM_MESSAGES = 200_000;
/** Parts of a run, each of some milliseconds; the best one counts. */
const PARTS = 50;
/** Orders that rest, about: a busy instrument of a stock exchange. */
const RESTING = 4000;
const LEVELS_KEPT = 1000;
const ORDERS_MAX = 16_384;
/** A delta is a record with one level. */
const DELTA_CELLS = (BOOK_LEVELS + LEVEL_BYTES + CELL_BYTES - 1) >> CELL_SHIFT;

/** Rates of a book by price and of one order by order. */
export const main: BenchMain = async ({ small }) => {
  const messages = small ? 200_000 : 2_000_000;
  const l2 = measure(messages, Role.Market, (core) => new Deltas(core));
  const l2Floor = measure(messages, Role.Order, (core) => new Deltas(core));
  const l3 = measure(messages, Role.Market, (core) => new Orders(core));
  const l3Floor = measure(messages, Role.Order, (core) => new Orders(core));
  const metrics = [line("L2 deltas", l2, l2Floor), line("L3 messages", l3, l3Floor)];
  return {
    name: "books",
    hash: `${l2.hash}${l3.hash}`,
    scope:
      "Core.run with the market role: feed ring pop, sequence, copy into the block, the book, " +
      "its top as an output with its hash; without filling the feed ring, sealing and draining. " +
      "A delta is one record that sets one level; of L3 messages 47 % are adds, 38 % deletes, " +
      "10 % executions, 5 % changes. Floor: the same records without the book",
    metrics,
    conditions: { seed: 1, messages, tops: l2.tops + l3.tops, resting: RESTING },
  };
};

function line(metric: string, run: Measured, floor: Measured): BenchMetric {
  const rate = ({ messages, seconds }: Measured): number => messages / seconds / 1e6;
  return { metric, value: rate(run), unit: "M/s", floor: rate(floor) };
}

interface Measured {
  messages: number;
  seconds: number;
  tops: number;
  hash: string;
}

function measure(messages: number, roles: Role, open: (core: Core) => Messages): Measured {
  const core = Core.create(loadBuild(), { roles, stream: 1 });
  const feed = open(core);
  if (roles === Role.Market) configure(core, feed);
  const run = new Run(core, feed, roles === Role.Market ? "books" : "none");
  run.take(WARM_MESSAGES);
  const part = messages / PARTS;
  let seconds = Infinity;
  for (let i = 0; i < PARTS; i++) seconds = Math.min(seconds, run.take(part));
  const { tops, trusts } = run;
  if (roles === Role.Market && (tops === 0 || trusts !== 0)) {
    throw new Error(`the book was not measured: ${tops} tops, ${trusts} changes of trust`);
  }
  const hash = core.stateHash(Role.Market).toString(16).padStart(16, "0");
  return { messages: part, seconds, tops, hash };
}

function configure(core: Core, feed: Messages): void {
  const words = new Int32Array(RECORD_BYTES_MAX >> 2);
  const record = new DataView(words.buffer);
  const send = (kind: Kind, fields: Record<string, unknown>): void => {
    const bytes = encode(record, 0, kind as Kind.Trade, fields as never);
    const ring = kind >> 8 === 3 ? core.feed : core.control;
    ring.push(words, 0, bytes >> CELL_SHIFT);
    ring.publish();
    core.run(-1, 16);
    core.discard();
    core.drain(() => undefined);
    if (core.refused > 0) throw new Error(`kind ${kind} was refused`);
  };
  send(Kind.Currency, { id: 1, minorExponent: -2, code: "USD" });
  const money = { base: 1, quote: 1, settlement: 1, multiplierNum: 1, multiplierDen: 1 };
  const steps = { tickMantissa: 1, tickExponent: -2, lotMantissa: 1 };
  const kinds = { specKind: InstrumentKind.Spot, execution: Execution.Paper };
  const spec = { instrument: 1, version: 1, symbol: "B-1", ...money, ...steps, ...kinds };
  send(Kind.InstrumentSpec, { ...spec, bookLevels: LEVELS_KEPT, ...feed.spec });
  const flags = Flag.First | Flag.Last | Flag.Timed;
  send(Kind.BookSnapshot, { instrument: 1, flags, tsEngineNanos: START_NANOS, lastId: 0 });
}

/** Writes messages into the feed ring. */
abstract class Messages {
  abstract readonly spec: Record<string, number>;
  protected readonly core: Core;
  private state = 1;
  private count = 0;

  constructor(core: Core) {
    this.core = core;
  }

  abstract write(): void;

  /** xorshift32. */
  protected random(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }

  /** Ticks from the middle, at least 1: half of them within 8. */
  protected away(): number {
    const share = (this.random() >>> 8) / 0x100_0000;
    return 1 + Math.floor(-12 * Math.log(1 - share * 0.999_999));
  }

  protected begin(kind: Kind, cells: number): number {
    const { view, feed } = this.core;
    const at = feed.reserve(cells);
    this.count += 1;
    view.setUint16(at + REC_KIND, kind, true);
    const flags = (cells - 1) | Flag.First | Flag.Last | Flag.Timed;
    view.setUint16(at + REC_FLAGS, flags, true);
    view.setUint32(at + REC_INSTRUMENT, 1, true);
    const tsNanos = START_NANOS + BigInt(this.count) * MESSAGE_NANOS;
    view.setBigInt64(at + REC_TS_ENGINE, tsNanos, true);
    return at;
  }

  protected get number(): number {
    return this.count;
  }
}

/** Deltas of one level each, as Kraken and Coinbase mostly send them; three in ten remove one. */
class Deltas extends Messages {
  readonly spec = { bookRule: BookRule.PlusOne };

  write(): void {
    const { view, feed } = this.core;
    const at = this.begin(Kind.BookDelta, DELTA_CELLS);
    view.setUint32(at + BOOK_FIRST_ID, this.number, true);
    view.setUint32(at + BOOK_LAST_ID, this.number, true);
    const isAsk = this.random() & 256 ? 1 : 0;
    view.setUint8(at + BOOK_BIDS, 1 - isAsk);
    view.setUint8(at + BOOK_ASKS, isAsk);
    this.level(at + BOOK_LEVELS, MIDDLE_TICKS + (isAsk === 1 ? this.away() : -this.away()));
    feed.commit();
  }

  private level(at: number, priceTicks: number): void {
    const { view } = this.core;
    const random = this.random();
    view.setUint32(at + LEVEL_PRICE_TICKS, priceTicks, true);
    view.setUint32(at + LEVEL_QTY_LOTS, random % 10 < 3 ? 0 : 1 + (random % 500), true);
  }
}

/** Orders that come, trade, change and go; about RESTING of them rest. */
class Orders extends Messages {
  readonly spec = { bookRule: BookRule.None, bookOrders: ORDERS_MAX };
  private readonly ids: number[] = [];
  private readonly sides: Side[] = [];
  private readonly lots: number[] = [];
  private nextId = 1;

  write(): void {
    const random = this.random();
    const part = random % 100;
    const isAdd = this.ids.length < RESTING / 2 || (part < 47 && this.ids.length < RESTING * 2);
    if (isAdd) return this.add();
    const place = (random >>> 8) % this.ids.length;
    if (part < 85) return this.take(Kind.BookOrderDelete, place, 0);
    if (part < 95) return this.take(Kind.BookOrderExecute, place, 1 + ((random >>> 4) % 100));
    this.modify(place);
  }

  private add(): void {
    const side = this.random() & 256 ? Side.Buy : Side.Sell;
    const lots = 1 + (this.random() % 300);
    this.ids.push(this.nextId);
    this.sides.push(side);
    this.lots.push(lots);
    this.send(Kind.BookOrderAdd, this.nextId, side, this.price(side), lots);
    // Ids of one instrument are some of all that the venue gives.
    this.nextId += 1 + (this.random() % 50);
  }

  private take(kind: Kind, place: number, asked: number): void {
    const lots = this.lots[place]!;
    const taken = Math.min(asked, lots);
    this.send(kind, this.ids[place]!, Side.None, 0, taken);
    if (taken !== 0 && taken < lots) {
      this.lots[place] = lots - taken;
      return;
    }
    for (const list of [this.ids, this.sides, this.lots] as number[][]) {
      list[place] = list.at(-1)!;
      list.pop();
    }
  }

  private modify(place: number): void {
    const side = this.sides[place]!;
    const lots = 1 + (this.random() % 300);
    this.lots[place] = lots;
    this.send(Kind.BookOrderModify, this.ids[place]!, side, this.price(side), lots);
  }

  private price(side: Side): number {
    return side === Side.Buy ? MIDDLE_TICKS - this.away() : MIDDLE_TICKS + this.away();
  }

  private send(kind: Kind, id: number, side: Side, priceTicks: number, lots: number): void {
    const { view, feed } = this.core;
    const at = this.begin(kind, BOOK_ORDER_CELLS);
    view.setUint32(at + BOOK_ORDER_ID, id, true);
    view.setUint32(at + BOOK_ORDER_PRICE_TICKS, priceTicks, true);
    view.setUint32(at + BOOK_ORDER_QTY_LOTS, lots, true);
    view.setUint8(at + BOOK_ORDER_SIDE, side);
    feed.commit();
  }
}

/** Lets the core take the messages; times only the taking. */
class Run {
  tops = 0;
  trusts = 0;
  private readonly core: Core;
  private readonly feed: Messages;
  private readonly slowdown: Slowdown;

  constructor(core: Core, feed: Messages, planted: string) {
    this.core = core;
    this.feed = feed;
    this.slowdown = plantedSlowdown(planted);
  }

  /** Applies `messages` messages; seconds spent in `run`. */
  take(messages: number): number {
    let nanos = 0n;
    for (let left = messages; left > 0; left -= BATCH) {
      const count = Math.min(BATCH, left);
      for (let i = 0; i < count; i++) this.feed.write();
      this.core.feed.publish();
      const startMillis = performance.now();
      const from = process.hrtime.bigint();
      this.core.run(-1, count);
      this.slowdown(startMillis);
      nanos += process.hrtime.bigint() - from;
      this.core.discard();
      this.drain();
      if (this.core.feed.waiting() > 0) throw new Error("the core left messages in the ring");
    }
    return Number(nanos) / 1e9;
  }

  private drain(): void {
    const { out, view } = this.core;
    for (let at = out.next(); at >= 0; at = out.next()) {
      const kind: Kind = view.getUint16(at + REC_KIND, true);
      if (kind === Kind.TopOfBook) this.tops += 1;
      if (kind === Kind.BookTrust) this.trusts += 1;
      out.skip(out.cellsAt(at));
    }
    out.release();
  }
}
