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
  Scope,
  Side,
  StrategyKind,
  TimeInForce,
} from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { Catalog } from "../../src/core/catalog.ts";
import { Engine } from "../../src/oms/engine.ts";
import { encode, recordCells, type RecordFields } from "../../src/protocol.ts";
import type { Ring } from "../../src/rings/ring.ts";
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
  const head = { flags: Flag.Timed, tsEngineNanos: tsNanos };
  const bidTicks = 10_000 + Math.floor(draw() * 60) - 30;
  const askTicks = bidTicks + 1 + Math.floor(draw() * 3);
  const lots = (): number => 1 + Math.floor(draw() * 20);
  const quote = { bidTicks, bidLots: lots(), askTicks, askLots: lots() };
  push(feed, Kind.Quote, { ...head, instrument: PAPER, ...quote });
  const priceTicks = draw() < 0.5 ? bidTicks - 5 : askTicks + 5;
  const trade = { priceTicks, qtyLots: lots(), aggressor: Side.Buy };
  push(feed, Kind.Trade, { ...head, instrument: PAPER, ...trade });
  if (draw() >= 0.05) return;
  push(feed, Kind.MarkPrice, { ...head, instrument: PAPER, priceTicks: bidTicks });
  const funding = { value: draw() / 100 - 0.005, nextNanos: tsNanos + 10_000_000n };
  push(feed, Kind.FundingRate, { ...head, instrument: PAPER, ...funding });
}

/** Orders, cancels and amends of two accounts on both instruments; some must be denied. */
export function pushCommands(command: Ring, draw: () => number, round: number): void {
  for (const instrument of [PAPER, INTERNAL]) {
    for (const account of [TAKER, MAKER]) {
      const clientId = round + 1;
      push(command, Kind.OrderNew, {
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
      if (draw() < 0.3) push(command, Kind.OrderCancel, { instrument, account, clientId: before });
      if (draw() < 0.1) {
        const change = { fields: AmendField.Qty, qtyLots: 1 + Math.floor(draw() * 10) };
        push(command, Kind.OrderAmend, { instrument, account, clientId: before, ...change });
      }
    }
  }
  if (round % 97 === 96) {
    push(command, Kind.MassCancel, { account: MAKER, scope: Scope.Account });
  }
}

/** The first tick's time of a life in recorded time: whole seconds, so that candles are whole. */
export const LIFE_BEGIN_NANOS = 1_790_000_000_000_000_000n;
/** Engine time between two rounds. */
export const ROUND_NANOS = 25_000_000n;

/**
 * Lives an inline engine in recorded time and stops it: its journal lies in `dir`, stream 0.
 * `onRound` is called before each round, and the engine turns after so many. Returns the state hash
 * at the end, as the engine had it.
 */
export async function liveInline(
  build: CoreBuild,
  dir: string,
  rounds: number,
  onRound: (round: number, engine: Engine) => void = () => undefined,
  roundsPerTurn = 1,
): Promise<string> {
  const journal = { dir, stream: 0 };
  const clock = new Hands().clock();
  const engine = new Engine({ build, clock, roles: 3, isRecorded: true, journal });
  engine.recover();
  engine.start();
  engine.configure(configuration());
  const draw = draws(20_260_101);
  for (let round = 0; round < rounds; round++) {
    onRound(round, engine);
    pushTicks(engine.feed, draw, LIFE_BEGIN_NANOS + BigInt(round) * ROUND_NANOS);
    pushCommands(engine.command, draw, round);
    if (round % roundsPerTurn !== 0 && round < rounds - 1) continue;
    engine.feed.publish();
    engine.command.publish();
    while (engine.core.isBusy()) engine.turn();
  }
  const hash = engine.core.stateHashText();
  await engine.stop();
  return hash;
}
