// Two accounts and a strategy of the core on a paper and an internal market: configuration, ticks
// and commands of seeded rounds, of which some must fill and some must be denied.
import {
  AmendField,
  Execution,
  Flag,
  IndicatorKind,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  MarkSource,
  ModelRule,
  OrderType,
  REC_FLAGS,
  REC_TS_ENGINE,
  Scope,
  Side,
  StrategyKind,
  TimeInForce,
} from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { Catalog } from "../../src/core/catalog.ts";
import { hex } from "../../src/core/core.ts";
import { Engine } from "../../src/oms/engine.ts";
import { Topology } from "../../src/oms/topology.ts";
import { encode, recordCells, type RecordFields } from "../../src/protocol.ts";
import { Ring, ringBytes } from "../../src/rings/ring.ts";
import { writeRow } from "../fuzz/order-bytes.ts";
import type { Row } from "../reference/order-twin.ts";
import { Hands } from "../src/oms/hands.ts";

export const PAPER = 1;
export const INTERNAL = 2;
export const TAKER = 11;
export const MAKER = 12;
export const FOLLOWER = 3;
const MODEL = 5;
function spec(instrument: number, execution: Execution): RecordFields {
  return {
    instrument,
    version: 1,
    specKind: InstrumentKind.LinearPerpetual,
    execution,
    base: 1,
    quote: 1,
    settlement: 1,
    tickMantissa: 1,
    tickExponent: -2,
    lotMantissa: 1,
    lotExponent: 0,
    multiplierNum: 1,
    multiplierDen: 1,
    phase: InstrumentPhase.Continuous,
    markSource: MarkSource.Last,
    symbol: `I${instrument}`,
  };
}

/** Market, accounts, a limit that bites, fees, and a strategy of the core that follows signals. */
export function configuration(): Uint8Array[] {
  const catalog = new Catalog();
  const ema = { kind: IndicatorKind.Ema, label: "EMA 3", period: 3 };
  catalog.market(["1s", "1m"], [ema]);
  catalog.currencyWithId(1, "USD", -2);
  catalog.add(Kind.ModelConfig, {
    instrument: 0,
    id: MODEL,
    rule: ModelRule.CrossForming,
    timeframe: 0,
    indicator: 0,
    modelFlags: 1,
  });
  catalog.instrument(spec(PAPER, Execution.Paper));
  catalog.instrument(spec(INTERNAL, Execution.Internal));
  for (const id of [TAKER, MAKER]) {
    catalog.add(Kind.Account, { id, currency: 1 });
    catalog.add(Kind.CashAdjust, { account: id, currency: 1, amountMinor: 10_000_000_000 });
  }
  catalog.add(Kind.RiskLimits, {
    scope: Scope.Account,
    account: TAKER,
    currency: 1,
    qtyLotsMax: 50,
  });
  catalog.add(Kind.FeeSchedule, { makerPerBillion: -10_000, takerPerBillion: 50_000 });
  catalog.add(Kind.Strategy, {
    id: FOLLOWER,
    account: TAKER,
    strategyKind: StrategyKind.SignalFollower,
    strategyFlags: 1,
    model: MODEL,
    qtyLots: 4,
    strategyName: "follower",
  });
  return catalog.records;
}

export function push(ring: Ring, kind: Kind, fields: RecordFields): void {
  const at = ring.reserve(recordCells(kind));
  if (at < 0) throw new Error("ring full");
  encode(ring.view, at, kind as never, fields as never);
  ring.commit();
}

/** As `push` of whole numbers, several times as fast. */
function pushRow(ring: Ring, kind: Kind, row: Row): number {
  const at = ring.reserve(recordCells(kind));
  if (at < 0) throw new Error("ring full");
  writeRow(ring.view, at, kind, row);
  ring.commit();
  return at;
}

/** A tick of the paper market with its own time. */
function pushTick(feed: Ring, kind: Kind, tsNanos: bigint, row: Row): void {
  const at = pushRow(feed, kind, { instrument: PAPER, ...row });
  const { view } = feed;
  view.setUint16(at + REC_FLAGS, view.getUint16(at + REC_FLAGS, true) | Flag.Timed, true);
  view.setBigInt64(at + REC_TS_ENGINE, tsNanos, true);
}

/** Seeded numbers, so that a failure can be had again. */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Ticks of both instruments, a trade now and then through resting limits. */
export function pushTicks(feed: Ring, draw: () => number, tsNanos: bigint): void {
  const bidTicks = 10_000 + Math.floor(draw() * 60) - 30;
  const askTicks = bidTicks + 1 + Math.floor(draw() * 3);
  const lots = (): number => 1 + Math.floor(draw() * 20);
  const quote = { bidTicks, bidLots: lots(), askTicks, askLots: lots() };
  pushTick(feed, Kind.Quote, tsNanos, quote);
  const priceTicks = draw() < 0.5 ? bidTicks - 5 : askTicks + 5;
  const trade = { priceTicks, qtyLots: lots(), aggressor: Side.Buy };
  pushTick(feed, Kind.Trade, tsNanos, trade);
  if (draw() >= 0.05) return;
  pushTick(feed, Kind.MarkPrice, tsNanos, { priceTicks: bidTicks });
  const funding = { value: draw() / 100 - 0.005, nextNanos: tsNanos + 10_000_000n };
  pushTick(feed, Kind.FundingRate, tsNanos, funding);
}

/** Orders, cancels and amends of two accounts on both instruments; some must be denied. */
export function pushCommands(command: Ring, draw: () => number, round: number): void {
  for (const instrument of [PAPER, INTERNAL]) {
    for (const account of [TAKER, MAKER]) {
      const clientId = round + 1;
      pushRow(command, Kind.OrderNew, {
        instrument,
        account,
        clientId: clientId * 10 + instrument,
        side: draw() < 0.5 ? Side.Buy : Side.Sell,
        type: draw() < 0.2 ? OrderType.Market : OrderType.Limit,
        tif: draw() < 0.2 ? TimeInForce.Ioc : TimeInForce.Gtc,
        qtyLots: 1 + Math.floor(draw() * 60),
        priceTicks: 10_000 + Math.floor(draw() * 40) - 20,
        tag: BigInt(round),
      });
      const before = (1 + Math.floor(draw() * clientId)) * 10 + instrument;
      if (draw() < 0.3)
        pushRow(command, Kind.OrderCancel, { instrument, account, clientId: before });
      if (draw() < 0.1) {
        const change = { fields: AmendField.Qty, qtyLots: 1 + Math.floor(draw() * 10) };
        pushRow(command, Kind.OrderAmend, { instrument, account, clientId: before, ...change });
      }
    }
  }
  if (round % 97 === 96) {
    pushRow(command, Kind.MassCancel, { account: MAKER, scope: Scope.Account });
  }
}

/** The first tick's time of a life in recorded time: whole seconds, so that candles are whole. */
export const LIFE_BEGIN_NANOS = 1_790_000_000_000_000_000n;
/** Engine time between two rounds. */
export const ROUND_NANOS = 25_000_000n;

/** An engine that is given rounds. */
export interface Life {
  feed: Ring;
  command: Ring;
  /** Applies what was published. */
  turn: () => Promise<void> | void;
  /** Stops it and returns the state hash it had at the end. */
  end: () => Promise<string>;
}

/** An inline engine in recorded time; its journal lies in `dir`, stream 0. */
export function inlineLife(build: CoreBuild, dir: string): Life {
  const journal = { dir, stream: 0 };
  const clock = new Hands().clock();
  const engine = new Engine({ build, clock, roles: 3, isRecorded: true, journal });
  engine.recover();
  engine.start();
  engine.configure(configuration());
  const { core, feed, command } = engine;
  const turn = (): void => {
    while (core.isBusy()) engine.turn();
  };
  const end = async (): Promise<string> => {
    const hash = core.stateHashText();
    await engine.stop();
    return hash;
  };
  return { feed, command, turn, end };
}

/** Turns of the order loop until it has taken what a turn of the market worker gave. */
const TURNS_MAX = 1000;

/**
 * A sharded engine in recorded time, its market worker in a thread of its own. As in an inline core
 * the commands of a turn come before its ticks; the order loop goes on when the worker has derived
 * all there is from them.
 */
export async function shardedLife(build: CoreBuild, journalDir: string): Promise<Life> {
  const clock = new Hands().clock();
  const what = { name: "sharded", build, clock, journalDir, isRecorded: true } as const;
  const topology = await Topology.open(what);
  const { engine, feed } = topology;
  const { core, command } = engine;
  const market = topology.market!;
  engine.start();
  await topology.configure(configuration());
  const turn = async (): Promise<void> => {
    while (command.waiting() > 0) engine.turn();
    const last = await market.drained();
    for (let turns = 0; core.derivedSeen < last && turns < TURNS_MAX; turns++) engine.turn();
  };
  const end = async (): Promise<string> => {
    const { market: marketHash, order } = await topology.stateHashes();
    await topology.stop();
    return `${hex(marketHash)}-${hex(order)}`;
  };
  return { feed, command, turn, end };
}

/** Room for the records of one turn. */
const TURN_CELLS = 16_384;

/**
 * Gives the same rounds to engines, one after the other in turns of `roundsPerTurn`; `onRound` is
 * called before each round. Returns the engines' state hashes at the end.
 */
export async function live(
  lives: readonly Life[],
  rounds: number,
  onRound: (round: number) => void = () => undefined,
  roundsPerTurn = 1,
): Promise<string[]> {
  const draw = draws(20_260_101);
  const ring = (): Ring => {
    return Ring.create(new SharedArrayBuffer(ringBytes(TURN_CELLS)), 0, TURN_CELLS);
  };
  const [feed, command] = [ring(), ring()];
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    pushTicks(feed, draw, LIFE_BEGIN_NANOS + BigInt(round) * ROUND_NANOS);
    pushCommands(command, draw, round);
    if (round % roundsPerTurn !== 0 && round < rounds - 1) continue;
    pour(
      feed,
      lives.map((one) => one.feed),
    );
    pour(
      command,
      lives.map((one) => one.command),
    );
    for (const one of lives) await one.turn();
  }
  const hashes: string[] = [];
  for (const one of lives) hashes.push(await one.end());
  return hashes;
}

/** Copies all that lies in a ring into others, and shows it there. */
function pour(from: Ring, rings: readonly Ring[]): void {
  from.publish();
  for (let at = from.next(); at >= 0; at = from.next()) {
    const cells = from.cellsAt(at);
    for (const ring of rings) if (!ring.push(from.i32, at, cells)) throw new Error("ring full");
    from.skip(cells);
  }
  from.release();
  for (const ring of rings) ring.publish();
}

/** As `live` with one inline engine, whose journal it leaves in `dir`. */
export async function liveInline(
  build: CoreBuild,
  dir: string,
  rounds: number,
  onRound?: (round: number) => void,
): Promise<string> {
  const [hash = ""] = await live([inlineLife(build, dir)], rounds, onRound);
  return hash;
}
