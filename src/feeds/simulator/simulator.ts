// The simulated market: a private core where the agents' orders meet, and its public side.
//
// The same core.wasm that the engine runs, with the order role only: matching is the real one. Each
// step moves the hidden state, lets the agents write commands, runs the core and turns what
// anybody could see into feed records (BookPrint to Trade, BookTop to Quote). An instrument's quote
// is sent at the end of the step, or before its next trade, so that every trade meets the quote it
// hit. A step begins only when the ring has room for all it may cause: trades are never dropped,
// the market waits instead.
//
// tidy: tested by test/sim/simulator.test.ts
import {
  CELL_SHIFT,
  Execution,
  FILL_QTY_LOTS,
  FILL_SIDE,
  Flag,
  Kind,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  QUOTE_CELLS,
  QUOTE_UPDATE_ID,
  QUOTE_VENUE,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_PAYLOAD,
  REC_TS_ENGINE,
  RECORD_BYTES_MAX,
  Role,
  SelfTrade,
  TRADE_AGGRESSOR,
  TRADE_CELLS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_VENUE,
} from "../../../asm/vocab.ts";
import { Core, type CoreBuild } from "../../core/core.ts";
import { AlphaError } from "../../errors.ts";
import { encode, readI64, writeI64 } from "../../protocol.ts";
import { Ring, ringBytes } from "../../rings/ring.ts";
import { type SimulatorConfig, STEP_MILLIS } from "./config.ts";
import { Desk, SLOTS } from "./desk.ts";
import { TAKERS_STEP_MAX } from "./flow.ts";
import {
  SIMULATOR_CURRENCY_FIRST,
  SIMULATOR_VENUE,
  simulatedCurrencies,
  simulatedSpecs,
} from "./instruments.ts";
import { Latent } from "./latent.ts";
import { Makers, MAKERS, NoiseOrders } from "./makers.ts";
import { ACCOUNTS, Takers } from "./takers.ts";

/** Commands of one instrument in one step that may trade. */
const TAKES_MAX = MAKERS + 1 + TAKERS_STEP_MAX;
/**
 * Room that a step asks of the ring, per instrument: each resting order ends at most once, each
 * taker may leave one in part, and a quote goes before every taker and at the end. A quarter more
 * for tops that a self-trade cancel shows in between; `open` proves that it was enough.
 */
const STEP_CELLS_PER_INSTRUMENT = Math.ceil(
  1.25 * ((SLOTS + TAKES_MAX) * TRADE_CELLS + (TAKES_MAX + 1) * QUOTE_CELLS),
);
/** A ring of its own holds so many steps that nobody has read. */
const STANDALONE_STEPS = 8;
const HOUSE = 2;
const BATCH_RECORDS_MAX = 4096;
/** Words of a quote's prices and lots. */
const TOP_WORDS = 8;
const STEP_NANOS = BigInt(STEP_MILLIS) * 1_000_000n;

/** Cells a ring must have for a market of so many instruments. */
export function simulatorRingCells(instruments: number): number {
  let cells = 64;
  while (cells < instruments * STEP_CELLS_PER_INSTRUMENT + 4) cells *= 2;
  return cells;
}

/** A market in this thread, driven step by step. */
export class Simulator {
  readonly config: SimulatorConfig;
  /** The truth behind the prices; nothing that the engine may read. */
  readonly latent: Latent;
  readonly desk: Desk;
  /** Steps made. */
  steps = 0;
  trades = 0;
  quotes = 0;
  /** Quotes that a later one of the same step replaced. */
  quotesConflated = 0;
  /** Steps that did not begin because the ring was full. */
  stepsRefused = 0;
  private readonly core: Core;
  private readonly sink: Ring;
  private readonly makers: Makers;
  private readonly noise: NoiseOrders;
  private readonly takers: Takers;
  /** Waiting quote of each instrument. */
  private readonly top: Int32Array;
  private readonly topIsWaiting: Uint8Array;
  private readonly tradeId: Float64Array;
  private readonly updateId: Float64Array;
  private readonly sinkWords: Int32Array;
  private readonly stepCells: number;
  private readonly onOutputs: (from: number, to: number) => void;

  /**
   * Opens the market; `sink` is the ring that the engine reads, this thread its only producer.
   * Throws SIMULATOR_RING when the ring cannot hold one step.
   */
  constructor(
    build: CoreBuild,
    config: SimulatorConfig,
    buffer: SharedArrayBuffer,
    ringAt: number,
  ) {
    const count = config.instruments.length;
    this.config = config;
    this.sink = new Ring(buffer, ringAt);
    this.stepCells = count * STEP_CELLS_PER_INSTRUMENT;
    if (this.sink.capacityCells < simulatorRingCells(count)) {
      const what = `a ring of ${this.sink.capacityCells} cells for ${count} instruments`;
      throw new AlphaError("SIMULATOR_RING", what, `give ${simulatorRingCells(count)} cells`);
    }
    this.sinkWords = new Int32Array(buffer);
    this.core = Core.create(build, { roles: Role.Order });
    this.desk = new Desk(this.core.command, config.instrumentFirst, count, ACCOUNTS);
    this.latent = new Latent(config);
    this.makers = new Makers(config, this.desk, this.latent);
    this.noise = new NoiseOrders(config, this.desk, this.latent);
    this.takers = new Takers(config, this.desk, this.latent);
    this.top = new Int32Array(count * TOP_WORDS);
    this.topIsWaiting = new Uint8Array(count);
    this.tradeId = new Float64Array(count).fill(config.firstId);
    this.updateId = new Float64Array(count).fill(config.firstId);
    this.onOutputs = (from, to) => this.takeOutputs(from, to);
    this.configure();
  }

  /** Makes up to `count` steps and returns how many: fewer when the ring became full. */
  simulateSteps(count: number): number {
    for (let done = 0; done < count; done++) {
      if (!this.step()) return done;
    }
    return count;
  }

  /** One step; false, and nothing happens, when the ring has no room for what it may cause. */
  step(): boolean {
    // A record that would wrap leaves up to one cell unused, once in the whole ring.
    if (this.sink.room() < this.stepCells + QUOTE_CELLS) {
      this.stepsRefused++;
      return false;
    }
    this.latent.step();
    this.noise.step();
    this.takers.step();
    for (let index = 0; index < this.topIsWaiting.length; index++) {
      this.makers.step(index);
      this.noise.act(index);
      this.makers.take(index);
      this.takers.act(index);
    }
    this.steps++;
    this.runCore();
    for (let index = 0; index < this.topIsWaiting.length; index++) {
      if (this.topIsWaiting[index] === 1) this.sendQuote(index);
    }
    this.sink.publish();
    this.sink.wake();
    return true;
  }

  // ---------------------------------------------------------------------------- private core

  private configure(): void {
    const config = this.config;
    const ids = {
      instrumentFirst: config.instrumentFirst,
      currencyFirst: SIMULATOR_CURRENCY_FIRST,
    };
    const baseNanos = config.timedFromNanos ?? 0n;
    this.push((view) => encode(view, 0, Kind.ClockBase, { baseNanos }));
    for (const currency of simulatedCurrencies(config.instruments, ids)) {
      this.push((view) => encode(view, 0, Kind.Currency, currency));
    }
    for (let id = 1; id <= ACCOUNTS; id++) {
      const account = { id, currency: ids.currencyFirst, accountFlags: HOUSE };
      const selfTrade = SelfTrade.CancelOldest;
      this.push((view) => encode(view, 0, Kind.Account, { ...account, selfTrade }));
    }
    for (const spec of simulatedSpecs(Execution.Internal, config.instruments, ids)) {
      this.push((view) => encode(view, 0, Kind.InstrumentSpec, spec));
    }
    this.runCore();
    if (this.desk.refusals > 0) {
      const what = `the private core refused ${this.desk.refusals} configuration records`;
      throw new AlphaError(
        "SIMULATOR_CONFIG",
        what,
        "check ticks, lots and ids of the instruments",
      );
    }
  }

  private push(write: (view: DataView) => number): void {
    const words = new Int32Array(RECORD_BYTES_MAX / 4);
    const cells = write(new DataView(words.buffer)) >> CELL_SHIFT;
    this.core.control.push(words, 0, cells);
    this.core.control.publish();
  }

  /** Runs the private core until it has taken every command, and reads what it says. */
  private runCore(): void {
    const core = this.core;
    core.command.publish();
    const sinceBaseNanos = this.steps * STEP_MILLIS * 1e6;
    do {
      core.run(sinceBaseNanos, BATCH_RECORDS_MAX);
      core.discard();
      core.drain(this.onOutputs);
    } while (core.command.waiting() > 0 || core.control.waiting() > 0);
  }

  private takeOutputs(from: number, to: number): void {
    const view = this.core.view;
    for (let at = from; at < to;) {
      switch (view.getUint16(at + REC_KIND, true)) {
        case Kind.BookPrint:
          this.sendTrade(at);
          break;
        case Kind.BookTop:
          this.keepTop(at);
          break;
        case Kind.Fill:
          this.onFill(at);
          break;
        case Kind.OrderCanceled:
        case Kind.OrderExpired:
          this.onEnd(at, false);
          break;
        case Kind.OrderDenied:
        case Kind.OrderRejected:
        case Kind.AmendDenied:
        case Kind.CancelDenied:
        case Kind.ConfigDenied:
          this.onEnd(at, true);
          break;
      }
      at += ((view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask) + 1) << CELL_SHIFT;
    }
  }

  private onFill(at: number): void {
    const view = this.core.view;
    this.desk.onFill(
      view.getUint32(at + ORDER_ACCOUNT, true),
      view.getUint32(at + ORDER_CLIENT_ID, true),
      view.getUint32(at + ORDER_CLIENT_ID + 4, true),
      view.getUint8(at + FILL_SIDE),
      readI64(view, at + FILL_QTY_LOTS),
    );
  }

  private onEnd(at: number, isRefused: boolean): void {
    const view = this.core.view;
    const low = view.getUint32(at + ORDER_CLIENT_ID, true);
    this.desk.onEnd(low, view.getUint32(at + ORDER_CLIENT_ID + 4, true), isRefused);
  }

  // ---------------------------------------------------------------------------- public side

  /** Remembers a changed quote; it is sent when its instrument trades, or when the step ends. */
  private keepTop(at: number): void {
    const index = this.indexOf(at);
    if (this.topIsWaiting[index] === 1) this.quotesConflated++;
    this.topIsWaiting[index] = 1;
    const words = this.core.i32;
    const from = (at + REC_PAYLOAD) >> 2;
    for (let word = 0; word < TOP_WORDS; word++) {
      this.top[index * TOP_WORDS + word] = words[from + word]!;
    }
  }

  private sendQuote(index: number): void {
    this.topIsWaiting[index] = 0;
    const at = this.open(Kind.Quote, QUOTE_CELLS, index);
    const to = (at + REC_PAYLOAD) >> 2;
    for (let word = 0; word < TOP_WORDS; word++) {
      this.sinkWords[to + word] = this.top[index * TOP_WORDS + word]!;
    }
    writeI64(this.sink.view, at + QUOTE_UPDATE_ID, this.updateId[index]!++);
    this.sink.view.setUint16(at + QUOTE_VENUE, SIMULATOR_VENUE, true);
    this.sink.commit();
    this.quotes++;
  }

  private sendTrade(print: number): void {
    const index = this.indexOf(print);
    if (this.topIsWaiting[index] === 1) this.sendQuote(index);
    const at = this.open(Kind.Trade, TRADE_CELLS, index);
    const words = this.core.i32;
    const from = (print + TRADE_PRICE_TICKS) >> 2;
    const to = (at + TRADE_PRICE_TICKS) >> 2;
    for (let word = 0; word < 4; word++) this.sinkWords[to + word] = words[from + word]!;
    writeI64(this.sink.view, at + TRADE_ID, this.tradeId[index]!++);
    const aggressor = this.core.u8[print + TRADE_AGGRESSOR]!;
    this.sink.u8[at + TRADE_AGGRESSOR] = aggressor;
    this.sink.view.setUint16(at + TRADE_VENUE, SIMULATOR_VENUE, true);
    this.sink.commit();
    this.trades++;
  }

  /** Room for a public record with its header written; `step` has made sure that it is there. */
  private open(kind: Kind, cells: number, index: number): number {
    const at = this.sink.reserve(cells);
    if (at < 0) {
      const what = `step ${this.steps} caused more than ${this.stepCells} cells of public records`;
      throw new AlphaError("SIMULATOR_STEP", what, "this is a defect; keep the seed");
    }
    const view = this.sink.view;
    const from = this.config.timedFromNanos;
    const flags = Flag.Simulated | (cells - 1) | (from === undefined ? 0 : Flag.Timed);
    view.setUint16(at + REC_KIND, kind, true);
    view.setUint16(at + REC_FLAGS, flags, true);
    view.setUint32(at + REC_INSTRUMENT, this.config.instrumentFirst + index, true);
    if (from !== undefined) {
      view.setBigInt64(at + REC_TS_ENGINE, from + BigInt(this.steps) * STEP_NANOS, true);
    }
    return at;
  }

  private indexOf(at: number): number {
    return this.core.view.getUint32(at + REC_INSTRUMENT, true) - this.config.instrumentFirst;
  }
}

/** A market with a ring of its own, for tests, benches and research. */
export function standaloneSimulator(
  build: CoreBuild,
  config: SimulatorConfig,
): { simulator: Simulator; ring: Ring } {
  const cells = simulatorRingCells(config.instruments.length) * STANDALONE_STEPS;
  const buffer = new SharedArrayBuffer(ringBytes(cells));
  Ring.create(buffer, 0, cells);
  return { simulator: new Simulator(build, config, buffer, 0), ring: new Ring(buffer, 0) };
}
