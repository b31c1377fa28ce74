// Runs strategies beside the engine: the core's outputs in, callbacks, commands out.
//
// It is a sink of the engine's loop. Most records are of no interest to any strategy, so the first
// thing looked at is one byte in a table of kinds, the second one array by instrument. A strategy
// that throws is stopped and reported once; the loop and the other strategies go on.
import {
  FILL_PRICE_TICKS,
  FILL_QTY_LOTS,
  FILL_SIDE,
  Kind,
  ORDER_ACCOUNT,
  ORDER_STRATEGY,
  REC_INSTRUMENT,
  REC_KIND,
  StrategyKind,
  VALUE_SLOT,
  VALUE_TIMEFRAME,
} from "../../asm/vocab.ts";
import { AlphaError, describeError } from "../errors.ts";
import { readI64, recordBytes } from "../protocol.ts";
import {
  readOrderNumber,
  readOrderOwner,
  StrategyPasts,
  type StrategyPast,
} from "../strategy-past.ts";
import type { StrategyInstrument } from "./instrument.ts";
import { parseParameters } from "./parameters.ts";
import { configRecord, MarketPlan } from "./plan.ts";
import { Runner } from "./runner.ts";
import type { CommandRing, RunnerSetup, RunnerState } from "./runner.ts";
import type { ParameterValues, StrategyFactory, StrategyNeeds } from "./strategy.ts";
import {
  CandleView,
  FillView,
  IndicatorView,
  OrderView,
  PositionView,
  QuoteView,
  TradeView,
} from "./views.ts";

/** Commands a second of engine time before a strategy counts as running in a loop. */
export const COMMANDS_PER_SECOND_MAX = 50;
/** With many instruments a second may hold many honest orders: the limit grows by this each. */
export const COMMANDS_PER_INSTRUMENT_MAX = 20;

/** Kinds below this have a byte in the table. */
const KINDS = 0x0700;

/** What a kind is to the host. */
enum Want {
  Nothing = 0,
  Trade = 1,
  Quote = 2,
  Candle = 3,
  Indicator = 4,
  Order = 5,
  Fill = 6,
  Position = 7,
}

/** One strategy to run. */
export interface StrategySetup {
  factory: StrategyFactory;
  /** Given values; defaults fill the rest. */
  parameters?: Readonly<Record<string, unknown>>;
  strategyId: number;
  account: number;
  tenant?: number;
  instruments: readonly StrategyInstrument[];
  /** Instance name when one factory runs twice; the factory's name when left out. */
  name?: string;
  commandsPerSecondMax?: number;
}

/** Why a strategy was stopped; told once. */
export interface StrategyFault {
  strategy: string;
  strategyId: number;
  /** One line: what was thrown. */
  what: string;
  error: unknown;
  /** Symbols with an open position that nobody manages any more. */
  openPositions: string[];
}

export interface StrategyHostOptions {
  command: CommandRing;
  /** Slots others have configured; a fresh plan when left out. */
  plan?: MarketPlan;
  /** Derived records are inputs of the order loop (sharded); inline they are its outputs. */
  isDerivedInput?: boolean;
  onFault?: (fault: StrategyFault) => void;
  onLog?: (strategy: string, line: string) => void;
}

/** How a strategy stands, for pages and reports. */
export interface StrategyStatus {
  name: string;
  strategyId: number;
  state: RunnerState;
  parameters: ParameterValues;
  commands: number;
  fills: number;
  log: readonly string[];
}

interface Slot {
  readonly runner: Runner;
  readonly factory: StrategyFactory;
  readonly parameters: ParameterValues;
  readonly needs: StrategyNeeds;
  readonly byId: Map<number, StrategyInstrument>;
  /** Name of each declared indicator by timeframe slot x 256 + slot. */
  readonly names: Map<number, string>;
}

type Routes = (Slot[] | undefined)[];

/** Runs any number of strategies; an OutputSink of the engine. */
export class StrategyHost {
  readonly plan: MarketPlan;
  private readonly options: StrategyHostOptions;
  private readonly slots: Slot[] = [];
  private readonly byStrategy: (Slot | undefined)[] = [];
  private readonly wants = new Uint8Array(KINDS);
  private readonly routes: Routes[] = [[], [], [], [], []];
  private readonly trade = new TradeView();
  private readonly quote = new QuoteView();
  private readonly candle = new CandleView();
  private readonly indicator = new IndicatorView();
  private readonly order = new OrderView();
  private readonly fill = new FillView();
  private readonly position = new PositionView();
  /** Stopped strategies whose cancel found no room in the ring. */
  private readonly owed: Runner[] = [];
  /** What strategies did before `start`, added by then or not. */
  private readonly pasts = new StrategyPasts();

  constructor(options: StrategyHostOptions) {
    this.options = options;
    this.plan = options.plan ?? new MarketPlan();
    for (let kind = Kind.OrderAccepted; kind <= Kind.OrderInDoubt; kind++) {
      this.wants[kind] = Want.Order;
    }
    this.wants[Kind.Fill] = Want.Fill;
    this.wants[Kind.PositionChanged] = Want.Position;
  }

  // --------------------------------------------------------------------------- setting up

  /**
   * Makes a strategy ready. Returns the configuration records it needs (Strategy, Timeframe,
   * Indicator), to be applied before `start`. Throws what `parseParameters` and the plan throw,
   * STRATEGY_ID for an id that is taken, and what the factory throws.
   */
  add(setup: StrategySetup): Uint8Array[] {
    const { factory, strategyId } = setup;
    if (!(strategyId > 0 && strategyId <= 0xffff) || this.byStrategy[strategyId] !== undefined) {
      const what = `strategy id ${strategyId} is taken or no id`;
      throw new AlphaError("STRATEGY_ID", what, "use a free number from 1 to 65535");
    }
    const parameters = parseParameters(factory.name, factory.parameters, setup.parameters);
    const needs = factory.needs(parameters);
    const runner = new Runner(runnerSetup(setup), this.options.command);
    const name = runner.name;
    const onLog = this.options.onLog;
    if (onLog !== undefined) runner.onLine = (line) => onLog(name, line);
    const byId = new Map(setup.instruments.map((one) => [one.id, one]));
    const names = new Map<number, string>();
    for (const need of needs.indicators) {
      const { timeframe, slot } = this.plan.indicator(need);
      names.set(timeframe * 256 + slot, need.name);
    }
    runner.strategy = factory.create(runner, parameters);
    const made: Slot = { runner, factory, parameters, needs, byId, names };
    this.slots.push(made);
    this.byStrategy[strategyId] = made;
    this.subscribe(made);
    return this.configuration(made);
  }

  private subscribe(slot: Slot): void {
    const strategy = slot.runner.strategy;
    if (strategy.onTrade) this.route(Want.Trade, Kind.TradePrint, slot);
    if (strategy.onQuote) this.route(Want.Quote, Kind.TopOfBook, slot);
    if (strategy.onCandle) this.route(Want.Candle, Kind.CandleClosed, slot);
    if (strategy.onIndicator) this.route(Want.Indicator, Kind.IndicatorValue, slot);
  }

  private route(want: Want, kind: Kind, slot: Slot): void {
    this.wants[kind] = want;
    const routes = this.routes[want]!;
    for (const instrument of slot.byId.keys()) (routes[instrument] ??= []).push(slot);
  }

  private configuration(slot: Slot): Uint8Array[] {
    const { setup } = slot.runner;
    const strategy = configRecord(Kind.Strategy, {
      id: setup.strategyId,
      tenant: setup.tenant,
      account: setup.account,
      strategyKind: StrategyKind.External,
      strategyFlags: 1,
      strategyName: setup.name,
    });
    const market = [...slot.byId.keys()].flatMap((id) => this.plan.records(id, slot.needs));
    return [strategy, ...market];
  }

  /**
   * Calls `onStart` of every strategy, which goes on behind its past; the core is configured by
   * now.
   */
  start(): void {
    for (const slot of this.slots) {
      if (slot.runner.state !== "made") continue;
      const past = this.pasts.of(slot.runner.strategyId);
      if (past?.account === slot.runner.setup.account) slot.runner.resume(past);
      slot.runner.state = "running";
      this.guard(slot, () => slot.runner.strategy.onStart?.());
    }
    this.options.command.publish();
  }

  /** Stops all strategies: `onStop`, then their open orders are canceled. Positions stay. */
  stop(): void {
    for (const slot of this.slots) {
      if (slot.runner.state !== "running") continue;
      slot.runner.pointAway();
      this.guard(slot, () => slot.runner.strategy.onStop?.());
      if (slot.runner.state !== "running") continue;
      slot.runner.state = "stopped";
      this.cancelAll(slot.runner);
    }
    this.options.command.publish();
  }

  status(): StrategyStatus[] {
    return this.slots.map(({ runner, parameters }) => ({
      name: runner.name,
      strategyId: runner.strategyId,
      state: runner.state,
      parameters,
      commands: runner.commands,
      fills: runner.fills,
      log: runner.log_,
    }));
  }

  // --------------------------------------------------------------------------- outputs in

  /** Dispatches a run of records; commands made meanwhile are published once, at the end. */
  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    while (this.owed.length > 0 && this.owed[0]!.cancelAll()) this.owed.shift();
    this.walk(view, from, to);
    this.options.command.publish();
  }

  /** The same records of a journal's replay: order numbers and books follow, nobody is called. */
  recovered(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      this.pasts.note(view, at, view.getUint16(at + REC_KIND, true));
    }
  }

  /** What is not replayed, because a snapshot stands for it. */
  restored(pasts: readonly StrategyPast[]): void {
    this.pasts.load(pasts);
  }

  /** Nothing is held back: commands left with `collect`. */
  flush(): void {
    // An OutputSink has it; commands need no acknowledgement level.
  }

  private walk(view: DataView, from: number, to: number): void {
    const wants = this.wants;
    for (let at = from; at < to;) {
      const kind = view.getUint16(at + REC_KIND, true);
      const want = kind < KINDS ? wants[kind]! : Want.Nothing;
      if (want !== Want.Nothing) {
        if (want >= Want.Order) this.ownRecord(want, view, at);
        else this.marketRecord(want, view, at);
      }
      at += recordBytes(view, at);
    }
  }

  private marketRecord(want: Want, view: DataView, at: number): void {
    const instrument = view.getUint32(at + REC_INSTRUMENT, true);
    const slots = this.routes[want]![instrument];
    if (slots === undefined) return;
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index]!;
      if (slot.runner.state === "running") this.callMarket(slot, want, view, at, instrument);
    }
  }

  private callMarket(slot: Slot, want: Want, view: DataView, at: number, id: number): void {
    const runner = slot.runner;
    const strategy = runner.strategy;
    const instrument = slot.byId.get(id)!;
    runner.point(view, at, this.options.isDerivedInput === true);
    try {
      if (want === Want.Trade) {
        this.trade.point(view, at);
        strategy.onTrade!(instrument, this.trade);
      } else if (want === Want.Quote) {
        this.quote.point(view, at);
        strategy.onQuote!(instrument, this.quote);
      } else if (want === Want.Candle) {
        this.callCandle(slot, instrument, view, at);
      } else {
        const key = view.getUint8(at + VALUE_TIMEFRAME) * 256 + view.getUint8(at + VALUE_SLOT);
        const name = slot.names.get(key);
        if (name === undefined) return;
        this.indicator.point(view, at);
        strategy.onIndicator!(instrument, name, this.indicator);
      }
    } catch (error) {
      this.fail(slot, error);
    }
  }

  /** Only declared timeframes: another strategy's candles are not this one's business. */
  private callCandle(slot: Slot, instrument: StrategyInstrument, view: DataView, at: number): void {
    this.candle.point(view, at);
    const periodMillis = this.candle.periodMillis;
    if (!slot.needs.timeframes.includes(periodMillis)) return;
    slot.runner.strategy.onCandle!(instrument, periodMillis, this.candle);
  }

  /** A record about orders, fills or positions of an account. */
  private ownRecord(want: Want, view: DataView, at: number): void {
    const account = view.getUint32(at + ORDER_ACCOUNT, true);
    if (want === Want.Position) {
      // A position belongs to the account: every strategy that trades on it hears of it.
      for (let index = 0; index < this.slots.length; index++) {
        const slot = this.slots[index]!;
        if (slot.runner.setup.account === account) this.callOwn(slot, want, view, at);
      }
      return;
    }
    const slot = this.byStrategy[view.getUint16(at + ORDER_STRATEGY, true)];
    if (slot === undefined || slot.runner.setup.account !== account) return;
    this.noteOrder(want, slot, view, at);
    this.callOwn(slot, want, view, at);
  }

  private callOwn(slot: Slot, want: Want, view: DataView, at: number): void {
    const runner = slot.runner;
    const instrument = slot.byId.get(view.getUint32(at + REC_INSTRUMENT, true));
    if (runner.state !== "running" || instrument === undefined) return;
    runner.point(view, at, false);
    try {
      if (want === Want.Order) {
        this.order.point(view, at);
        runner.strategy.onOrder?.(instrument, this.order);
      } else if (want === Want.Fill) {
        this.fill.point(view, at);
        runner.strategy.onFill?.(instrument, this.fill);
      } else {
        this.position.point(view, at);
        runner.strategy.onPosition?.(instrument, this.position);
      }
    } catch (error) {
      this.fail(slot, error);
    }
  }

  /** Keeps the own state of a strategy. */
  private noteOrder(want: Want, slot: Slot, view: DataView, at: number): void {
    const runner = slot.runner;
    if (readOrderOwner(view, at) === runner.strategyId) {
      runner.lastNumber = Math.max(runner.lastNumber, readOrderNumber(view, at));
    }
    const instrument = view.getUint32(at + REC_INSTRUMENT, true);
    if (want !== Want.Fill || !slot.byId.has(instrument)) return;
    runner.fills += 1;
    runner
      .book(instrument)
      .fill(
        view.getUint8(at + FILL_SIDE),
        readI64(view, at + FILL_PRICE_TICKS),
        readI64(view, at + FILL_QTY_LOTS),
      );
  }

  // --------------------------------------------------------------------------- faults

  private cancelAll(runner: Runner): void {
    if (!runner.cancelAll()) this.owed.push(runner);
  }

  private guard(slot: Slot, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.fail(slot, error);
    }
  }

  /** The strategy is over: its open orders are canceled, and one report leaves. */
  private fail(slot: Slot, error: unknown): void {
    const { runner } = slot;
    if (runner.state === "faulted") return;
    runner.state = "faulted";
    runner.pointAway();
    this.cancelAll(runner);
    this.options.onFault?.({
      strategy: runner.name,
      strategyId: runner.strategyId,
      what: error instanceof AlphaError ? error.line() : describeError(error),
      error,
      openPositions: runner.openInstruments().map((one) => one.symbol),
    });
  }
}

function runnerSetup(setup: StrategySetup): RunnerSetup {
  return {
    name: setup.name ?? setup.factory.name,
    strategyId: setup.strategyId,
    account: setup.account,
    tenant: setup.tenant ?? 0,
    instruments: setup.instruments,
    commandsPerSecondMax: setup.commandsPerSecondMax ?? commandsMax(setup.instruments.length),
  };
}

function commandsMax(instruments: number): number {
  return Math.max(COMMANDS_PER_SECOND_MAX, instruments * COMMANDS_PER_INSTRUMENT_MAX);
}
