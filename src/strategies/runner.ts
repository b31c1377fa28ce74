// One running strategy: its context, its orders on their way out, its own positions.
//
// The runner writes commands into the core's command ring and nothing else; the host calls the
// strategy's callbacks and decides when it is over. Its state follows from the engine's outputs
// alone, so that replaying a journal's outputs brings it to the same order numbers and positions.
import {
  AMEND_CELLS,
  AMEND_FIELDS,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AmendField,
  CANCEL_CELLS,
  Flag,
  Kind,
  MASS_CELLS,
  MASS_SCOPE,
  NEW_CELLS,
  NEW_FLAGS,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_SIDE,
  NEW_TAG,
  NEW_TIF,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  ORDER_TENANT,
  OrderType,
  REC_CAUSE,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  Scope,
  Side,
  TimeInForce,
} from "../../asm/vocab.ts";
import type { Core } from "../core/core.ts";
import { PositionBook, type StrategyPast } from "../strategy-past.ts";
import { AlphaError } from "../errors.ts";
import { writeI64 } from "../protocol.ts";
import type { StrategyInstrument } from "./instrument.ts";
import type {
  OrderNumber,
  OrderRequest,
  OwnPosition,
  SidedRequest,
  Strategy,
  StrategyContext,
} from "./strategy.ts";
import { ORDER_NUMBER_MAX, readMillis } from "./views.ts";

/** The core's ring of commands, of which the host's thread is the producer. */
export type CommandRing = Core["command"];

/** Newest lines kept of each strategy, and the length at which a line is cut. */
export const LOG_LINES_MAX = 256;
export const LOG_CHARACTERS_MAX = 200;

const WINDOW_MILLIS = 1000;
/** Before the first record there is no time and no cause. */
const NOTHING = new DataView(new ArrayBuffer(64));

/** What one strategy runs under. */
export interface RunnerSetup {
  name: string;
  /** u16 > 0, unique in the engine: the upper 16 bits of its client order ids. */
  strategyId: number;
  account: number;
  tenant: number;
  instruments: readonly StrategyInstrument[];
  /** Commands (new, cancel, amend) a second of engine time. */
  commandsPerSecondMax: number;
}

export type RunnerState = "made" | "running" | "stopped" | "faulted";

/** The context of one strategy and the state the host keeps for it. */
export class Runner implements StrategyContext {
  readonly setup: RunnerSetup;
  readonly log_: string[] = [];
  state: RunnerState = "made";
  strategy: Strategy = {};
  /** Number of the newest order; recovery raises it. */
  lastNumber = 0;
  commands = 0;
  fills = 0;
  logLines = 0;
  onLine: ((line: string) => void) | undefined;
  private view: DataView = NOTHING;
  private at = 0;
  /** Journal number of the input the strategy answers to, in two halves: no bigint a callback. */
  private causeLow = 0;
  private causeHigh = 0;
  private readonly ring: CommandRing;
  private readonly books = new Map<number, PositionBook>();
  private windowStartMillis = -Infinity;
  private windowCommands = 0;

  constructor(setup: RunnerSetup, ring: CommandRing) {
    this.setup = setup;
    this.ring = ring;
    for (const instrument of setup.instruments) this.books.set(instrument.id, new PositionBook());
  }

  get name(): string {
    return this.setup.name;
  }

  get strategyId(): number {
    return this.setup.strategyId;
  }

  get instruments(): readonly StrategyInstrument[] {
    return this.setup.instruments;
  }

  get nowMillis(): number {
    return readMillis(this.view, this.at + REC_TS_ENGINE);
  }

  get nowNanos(): bigint {
    return this.view.getBigInt64(this.at + REC_TS_ENGINE, true);
  }

  /**
   * Points at the record a callback is about; its time is now, and commands name its input as
   * their cause. `isInput`: the record is one itself (a derived record of another worker).
   */
  point(view: DataView, at: number, isInput: boolean): void {
    this.view = view;
    this.at = at;
    const causeAt = at + (isInput ? REC_SEQUENCE : REC_CAUSE);
    this.causeLow = view.getUint32(causeAt, true);
    this.causeHigh = view.getUint32(causeAt + 4, true);
  }

  /** What follows answers to no record: a start, a stop, a fault. The time stays. */
  pointAway(): void {
    this.causeLow = 0;
    this.causeHigh = 0;
  }

  /** Goes on behind what the strategy had done in an earlier life of the engine. */
  resume(past: StrategyPast): void {
    this.lastNumber = Math.max(this.lastNumber, past.lastNumber);
    this.fills = past.fills;
    for (const { instrument, lots, entryTicks } of past.books) {
      const book = this.books.get(instrument);
      if (book === undefined) continue;
      book.lots = lots;
      book.entryTicks = entryTicks;
    }
  }

  // --------------------------------------------------------------------------- commands

  order(request: OrderRequest): OrderNumber {
    this.checkRequest(request);
    const isLimit = request.priceTicks !== undefined;
    const type = request.type ?? (isLimit ? OrderType.Limit : OrderType.Market);
    const tif = request.tif ?? (isLimit ? TimeInForce.Gtc : TimeInForce.Ioc);
    const number = this.lastNumber + 1;
    const at = this.begin(Kind.OrderNew, NEW_CELLS, request.instrument.id, number);
    const view = this.ring.view;
    writeI64(view, at + NEW_PRICE_TICKS, request.priceTicks ?? 0);
    writeI64(view, at + NEW_QTY_LOTS, request.qtyLots);
    view.setUint8(at + NEW_TYPE, type);
    view.setUint8(at + NEW_SIDE, request.side);
    view.setUint8(at + NEW_TIF, tif);
    view.setUint8(at + NEW_FLAGS, request.flags ?? 0);
    writeI64(view, at + NEW_TAG, request.tag ?? 0);
    this.lastNumber = number;
    this.ring.commit();
    return number;
  }

  buy(request: SidedRequest): OrderNumber {
    return this.order({ ...request, side: Side.Buy });
  }

  sell(request: SidedRequest): OrderNumber {
    return this.order({ ...request, side: Side.Sell });
  }

  cancel(instrument: StrategyInstrument, order: OrderNumber): void {
    this.begin(Kind.OrderCancel, CANCEL_CELLS, instrument.id, order);
    this.ring.commit();
  }

  amend(
    instrument: StrategyInstrument,
    order: OrderNumber,
    change: { priceTicks?: number; qtyLots?: number },
  ): void {
    checkWhole("priceTicks", change.priceTicks ?? 1);
    checkWhole("qtyLots", change.qtyLots ?? 1);
    const at = this.begin(Kind.OrderAmend, AMEND_CELLS, instrument.id, order);
    const hasPrice = change.priceTicks !== undefined ? AmendField.Price : 0;
    const hasQty = change.qtyLots !== undefined ? AmendField.Qty : 0;
    this.ring.view.setUint8(at + AMEND_FIELDS, hasPrice | hasQty);
    writeI64(this.ring.view, at + AMEND_PRICE_TICKS, change.priceTicks ?? 0);
    writeI64(this.ring.view, at + AMEND_QTY_LOTS, change.qtyLots ?? 0);
    this.ring.commit();
  }

  /**
   * Cancels every open order of the strategy; not counted by the rate guard. False when the
   * ring has no room now: the host asks again, because a cancel must not be lost.
   */
  cancelAll(): boolean {
    const at = this.take(Kind.MassCancel, MASS_CELLS, 0, 0);
    if (at < 0) return false;
    this.ring.view.setUint8(at + MASS_SCOPE, Scope.Strategy);
    this.ring.commit();
    return true;
  }

  private checkRequest(request: OrderRequest): void {
    if (!this.books.has(request.instrument.id)) {
      throw new AlphaError(
        "ORDER_SHAPE",
        `strategy "${this.name}" is not configured for "${request.instrument.symbol}"`,
        "add the instrument to the strategy's configuration",
      );
    }
    if (request.side !== Side.Buy && request.side !== Side.Sell) throw shape("side", request.side);
    checkWhole("qtyLots", request.qtyLots);
    if (request.qtyLots <= 0) throw shape("qtyLots", request.qtyLots);
    if (request.priceTicks !== undefined) checkWhole("priceTicks", request.priceTicks);
  }

  /** A command that counts toward the rate. */
  private begin(kind: Kind, cells: number, instrument: number, number: OrderNumber): number {
    if (!Number.isInteger(number) || number <= 0 || number > ORDER_NUMBER_MAX) {
      throw shape("order number", number);
    }
    this.checkRate();
    return this.reserve(kind, cells, instrument, number);
  }

  private checkRate(): void {
    const nowMillis = this.nowMillis;
    if (nowMillis - this.windowStartMillis >= WINDOW_MILLIS) {
      this.windowStartMillis = nowMillis;
      this.windowCommands = 0;
    }
    const max = this.setup.commandsPerSecondMax;
    if (this.windowCommands >= max) {
      throw new AlphaError(
        "ORDER_RATE",
        `strategy "${this.name}" sent more than ${max} commands in a second`,
        "look for a loop between its callbacks and its orders, or raise the limit",
      );
    }
    this.windowCommands += 1;
  }

  private reserve(kind: Kind, cells: number, instrument: number, number: OrderNumber): number {
    const at = this.take(kind, cells, instrument, number);
    if (at >= 0) return at;
    const what = `no room for a command of strategy "${this.name}"`;
    throw new AlphaError("COMMANDS_FULL", what, "send fewer orders in one turn");
  }

  /** Room in the ring with the fields every command has; -1 when there is none. */
  private take(kind: Kind, cells: number, instrument: number, number: OrderNumber): number {
    const at = this.ring.reserve(cells);
    if (at < 0) return -1;
    const view = this.ring.view;
    view.setUint16(at + REC_KIND, kind, true);
    view.setUint16(at + REC_FLAGS, (cells - 1) & Flag.CellsMask, true);
    view.setUint32(at + REC_INSTRUMENT, instrument, true);
    view.setUint32(at + REC_CAUSE, this.causeLow, true);
    view.setUint32(at + REC_CAUSE + 4, this.causeHigh, true);
    view.setUint32(at + ORDER_ACCOUNT, this.setup.account, true);
    view.setUint16(at + ORDER_STRATEGY, this.setup.strategyId, true);
    view.setUint16(at + ORDER_TENANT, this.setup.tenant, true);
    if (number > 0) {
      view.setUint32(at + ORDER_CLIENT_ID, number >>> 0, true);
      view.setUint16(at + ORDER_CLIENT_ID + 4, Math.floor(number / 0x1_0000_0000), true);
      view.setUint16(at + ORDER_CLIENT_ID + 6, this.setup.strategyId, true);
    }
    this.commands += 1;
    return at;
  }

  // --------------------------------------------------------------------------- own state

  position(instrument: StrategyInstrument): OwnPosition {
    return this.book(instrument.id);
  }

  /** The book of an instrument; throws for one the strategy was not given. */
  book(instrument: number): PositionBook {
    const book = this.books.get(instrument);
    if (book === undefined) throw shape("instrument", instrument);
    return book;
  }

  /** Instruments on which lots are open, for the report of a stopped strategy. */
  openInstruments(): StrategyInstrument[] {
    return this.instruments.filter((one) => this.books.get(one.id)?.lots !== 0);
  }

  log(line: string): void {
    const cut = String(line).slice(0, LOG_CHARACTERS_MAX);
    this.logLines += 1;
    this.log_.push(cut);
    if (this.log_.length > LOG_LINES_MAX) this.log_.shift();
    this.onLine?.(cut);
  }
}

function checkWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw shape(name, value);
}

function shape(name: string, value: unknown): AlphaError {
  return new AlphaError(
    "ORDER_SHAPE",
    `an order's ${name} cannot be ${String(value)}`,
    "use whole ticks and lots, and orders of this strategy",
  );
}
