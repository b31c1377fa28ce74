// Who listens to the engine and believes nothing: the invariants, told from records alone.
//
// It keeps what it heard by the sequence of its cause. After a crash it forgets what the journal no
// longer has, which it may only when nobody was told that it would last, and folds the rest again.
import { H_MARKET_EVENT_HASH, H_ORDER_EVENT_HASH } from "../../asm/layout.ts";
import {
  AckLevel,
  EVENT_FILLED_LOTS,
  EVENT_LEAVES_LOTS,
  EVENT_ORDER_ID,
  EVENT_STATE,
  FILL_FILLED_LOTS,
  FILL_LEAVES_LOTS,
  FILL_ORDER_ID,
  FILL_POSITION_LOTS,
  FILL_QTY_LOTS,
  FILL_SIDE,
  FILL_STATE,
  Kind,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  OrderState,
  POSITION_LOTS,
  REC_CAUSE,
  REC_INSTRUMENT,
  REC_KIND,
  Side,
  TRUST_RECEIVED,
  TRUST_STATE,
} from "../../asm/vocab.ts";
import type { OutputSink } from "../../src/oms/sink.ts";
import { readI64, recordBytes } from "../../src/protocol.ts";
import { pairKey, PAPER, ROUTED, type Market } from "./market.ts";

/** Numbers of one line of the log. */
const LINE = 9;
const [CAUSE, KIND, ORDER, LEAVES, FILLED, STATE, LOTS, PLACE, CLIENT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];
const INSTRUMENTS_MAX = 4096;

/** What is known of an order. */
interface Order {
  instrument: number;
  client: number;
  state: number;
  filled: number;
  leaves: number;
  /** Lots that were filled before the order became one of a pair. */
  unpairedLots: number;
}

/** A broken invariant. */
export class Violation extends Error {
  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = "Violation";
  }
}

export class Witness implements OutputSink {
  wantsDurable = false;
  /** Highest sequence told at each level. */
  readonly told: [number, number, number] = [0, 0, 0];
  readonly orders = new Map<number, Order>();
  /** Lots by account and instrument, from fills. */
  readonly positions = new Map<number, number>();
  /** Times each invariant had something to say. */
  readonly asked: Record<string, number> = {};
  /** Sequence that the journal holds; set by whoever knows. */
  writtenSequence: () => number = () => 0;
  private readonly market: Market;
  /** Event hashes behind each turn. */
  private turns = new Map<number, bigint>();
  private log = new Float64Array(4096 * LINE);
  private lines = 0;
  private readonly byClient = new Map<number, number>();

  constructor(market: Market) {
    this.market = market;
  }

  private note(invariant: string): void {
    this.asked[invariant] = (this.asked[invariant] ?? 0) + 1;
  }

  // ---------------------------------------------------------------------------- listening

  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      const kind = view.getUint16(at + REC_KIND, true);
      if (kind < Kind.OrderAccepted) {
        if (kind === Kind.BookTrust) this.trust(view, at);
      } else if (kind <= Kind.OrderInDoubt) this.event(view, at, kind);
      else if (kind === Kind.Fill) this.fill(view, at);
      else if (kind === Kind.PositionChanged) this.position(view, at);
    }
  }

  private line(view: DataView, at: number, kind: number): number {
    if ((this.lines + 1) * LINE > this.log.length) {
      const log = new Float64Array(this.log.length * 2);
      log.set(this.log);
      this.log = log;
    }
    const line = this.lines * LINE;
    const instrument = view.getUint32(at + REC_INSTRUMENT, true);
    const account = view.getUint32(at + ORDER_ACCOUNT, true);
    this.log.fill(0, line, line + LINE);
    this.log[line + CAUSE] = readI64(view, at + REC_CAUSE);
    this.log[line + KIND] = kind;
    this.log[line + PLACE] = account * INSTRUMENTS_MAX + instrument;
    this.lines += 1;
    return line;
  }

  private event(view: DataView, at: number, kind: number): void {
    const id = readI64(view, at + EVENT_ORDER_ID);
    if (id === 0) return;
    const line = this.line(view, at, kind);
    this.log[line + ORDER] = id;
    this.log[line + LEAVES] = readI64(view, at + EVENT_LEAVES_LOTS);
    this.log[line + FILLED] = readI64(view, at + EVENT_FILLED_LOTS);
    this.log[line + STATE] = view.getUint8(at + EVENT_STATE);
    // Ids of strategies inside the core begin with other bits; none of them is in a pair.
    const isOurs = view.getUint32(at + ORDER_CLIENT_ID + 4, true) === 0;
    this.log[line + CLIENT] = isOurs ? view.getUint32(at + ORDER_CLIENT_ID, true) : 0;
    this.fold(line);
  }

  private fill(view: DataView, at: number): void {
    const line = this.line(view, at, Kind.Fill);
    const lots = readI64(view, at + FILL_QTY_LOTS);
    this.log[line + ORDER] = readI64(view, at + FILL_ORDER_ID);
    this.log[line + LEAVES] = readI64(view, at + FILL_LEAVES_LOTS);
    this.log[line + FILLED] = readI64(view, at + FILL_FILLED_LOTS);
    this.log[line + STATE] = view.getUint8(at + FILL_STATE);
    this.log[line + LOTS] = view.getUint8(at + FILL_SIDE) === Side.Buy ? lots : -lots;
    const after = this.fold(line);
    const said = readI64(view, at + FILL_POSITION_LOTS);
    if (after !== said) throw new Violation("I3", `a fill makes ${after} lots, it says ${said}`);
  }

  private position(view: DataView, at: number): void {
    const line = this.line(view, at, Kind.PositionChanged);
    this.log[line + LOTS] = readI64(view, at + POSITION_LOTS);
    this.fold(line);
  }

  private trust(view: DataView, at: number): void {
    if (view.getUint32(at + REC_INSTRUMENT, true) !== PAPER) return;
    if (view.getUint8(at + TRUST_STATE) === 1) return;
    const received = readI64(view, at + TRUST_RECEIVED);
    const gap = this.market.gaps.findIndex((one) => one.received === received);
    if (gap < 0) return;
    this.note("I8 gap");
    this.market.gaps.splice(gap, 1);
  }

  // ---------------------------------------------------------------------------- invariants

  /** Takes one line into the books; returns the lots of its position after it. */
  private fold(line: number): number {
    const { log } = this;
    const place = log[line + PLACE]!;
    if (log[line + KIND] === Kind.PositionChanged) {
      this.note("I3 position");
      const sum = this.positions.get(place) ?? 0;
      if (sum === log[line + LOTS]) return sum;
      throw new Violation("I3", `fills make ${sum} lots of ${place}, told ${log[line + LOTS]}`);
    }
    this.transition(line);
    const lots = (this.positions.get(place) ?? 0) + log[line + LOTS]!;
    this.positions.set(place, lots);
    return lots;
  }

  private transition(line: number): void {
    const { log } = this;
    const [id, kind, state] = [log[line + ORDER]!, log[line + KIND]!, log[line + STATE]!];
    const [filled, leaves] = [log[line + FILLED]!, log[line + LEAVES]!];
    const instrument = log[line + PLACE]! % INSTRUMENTS_MAX;
    const isFill = kind === Kind.Fill;
    let order = this.orders.get(id);
    const say = (what: string): Violation => {
      const was = order === undefined ? "unknown" : OrderState[order.state];
      return new Violation("I4", `order ${id}, ${was}: ${Kind[kind]} ${what}`);
    };
    if (kind === Kind.AmendDenied || kind === Kind.CancelDenied) {
      // The order goes on as it is; who asks about one that is over learns that.
      if (order !== undefined) order.state = state;
      return;
    }
    if (order === undefined) {
      const isFirst =
        kind === Kind.OrderAccepted || kind === Kind.OrderPending || kind === Kind.OrderDenied;
      if (!isFirst) throw say("of an order nobody took");
      const account = Math.floor(log[line + PLACE]! / INSTRUMENTS_MAX);
      const client = pairKey(account, log[line + CLIENT]!);
      order = { instrument, client, state, filled: 0, leaves, unpairedLots: 0 };
      this.orders.set(id, order);
      this.byClient.set(client, id);
      const other = this.siblingOf(order);
      if (other !== undefined) other.unpairedLots = other.filled;
    } else this.note("I4 transition");
    // What a venue says late is booked on an order that had ended: the lots are real.
    const isLate = isFill && instrument === ROUTED;
    if (isOver(order.state) && !isLate) throw say("after its end");
    const done = isFill ? Math.abs(log[line + LOTS]!) : 0;
    if (filled !== order.filled + done && !isLate) {
      throw say(`${filled} filled behind ${order.filled} and ${done}`);
    }
    if (leaves < 0 || filled < order.filled) throw say(`${filled} filled, ${leaves} left`);
    order.filled = filled;
    order.leaves = leaves;
    if (!(isLate && isOver(order.state))) order.state = state;
    if (isFill) this.pair(order, id);
  }

  private siblingOf(order: Order): Order | undefined {
    const sibling = this.market.pairs.get(order.client);
    if (sibling === undefined) return undefined;
    const account = Math.floor(order.client / 2 ** 32);
    return this.orders.get(this.byClient.get(pairKey(account, sibling)) ?? -1);
  }

  /** Of a pair only one leg may fill. */
  private pair(order: Order, id: number): void {
    const other = this.siblingOf(order);
    if (other === undefined) return;
    this.note("I7 pair");
    if (other.filled === other.unpairedLots) return;
    throw new Violation("I7", `order ${id} filled beside its pair, which had filled`);
  }

  /** The core says that an order may leave; it must have been taken before. */
  request(orderId: number, cause: number): void {
    this.note("I6 request");
    if (this.orders.has(orderId)) return;
    throw new Violation("I6", `order ${orderId} leaves at ${cause} and nobody let it`);
  }

  flush(level: AckLevel, sequence: number): void {
    if (level === AckLevel.Durable && sequence > this.writtenSequence()) {
      throw new Violation("I2", `${sequence} is durable before it is written`);
    }
    if (sequence > this.told[level]) this.told[level] = sequence;
  }

  // ---------------------------------------------------------------------------- turns, crashes

  /** Takes note of the event hashes behind the last turn. */
  turned(sequence: number, view: DataView): void {
    this.turns.set(sequence, hashOf(view));
  }

  /** A core came back at `sequence`: it holds what was promised, and what lived then. */
  comeBack(sequence: number, view: DataView, needed: number, last: number, why: string): void {
    this.note(`I2 ${why}`);
    if (sequence < needed) {
      throw new Violation("I2", `${needed} was acknowledged, ${sequence} is back after ${why}`);
    }
    if (sequence > last) throw new Violation("I2", `${sequence} is back of ${last} that ever were`);
    if (sequence > 0) {
      this.note("I1 events");
      const lived = this.turns.get(sequence);
      if (lived === undefined) throw new Violation("I1", `no turn ended at ${sequence}`);
      if (lived !== hashOf(view)) throw new Violation("I1", `other events up to ${sequence}`);
    }
    this.forget(sequence);
  }

  private forget(sequence: number): void {
    for (const turn of this.turns.keys()) if (turn > sequence) this.turns.delete(turn);
    for (const level of [0, 1, 2] as const) this.told[level] = Math.min(this.told[level], sequence);
    let kept = this.lines;
    while (kept > 0 && this.log[(kept - 1) * LINE + CAUSE]! > sequence) kept -= 1;
    if (kept === this.lines) return;
    this.lines = kept;
    this.orders.clear();
    this.byClient.clear();
    this.positions.clear();
    for (let line = 0; line < kept; line++) this.fold(line * LINE);
  }

  /** Lots that all accounts hold in an instrument. */
  held(instrument: number): number {
    let lots = 0;
    for (const [place, one] of this.positions)
      if (place % INSTRUMENTS_MAX === instrument) lots += one;
    return lots;
  }

  /** Orders that wait for a venue's word. */
  *unresolved(): Generator<[number, number], void> {
    for (const [id, { state }] of this.orders) {
      const isWaiting = state === OrderState.InDoubt || state === OrderState.Pending;
      const isAsked = state === OrderState.PendingCancel || state === OrderState.PendingAmend;
      if (isWaiting || isAsked) yield [id, state];
    }
  }
}

function hashOf(view: DataView): bigint {
  const order = view.getBigUint64(H_ORDER_EVENT_HASH, true);
  return (order << 64n) | view.getBigUint64(H_MARKET_EVENT_HASH, true);
}

function isOver(state: number): boolean {
  return state >= OrderState.Filled;
}
