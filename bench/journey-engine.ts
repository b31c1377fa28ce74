// The engine of the journey: topology, hub, gateway and journal wired as `alphapulse start` does.
//
// What is its own is the set-up: one instrument that trades inside (a house account rests deep
// orders on both sides), a model that flips on every tick and a strategy of the core that follows
// it, every limit set and none reached.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  AckLevel,
  CELL_SHIFT,
  Execution,
  FILL_LEAVES_LOTS,
  IndicatorKind,
  InstrumentKind,
  InstrumentPhase,
  Kind,
  MarkSource,
  ModelRule,
  ORDER_ACCOUNT,
  OrderType,
  REC_INSTRUMENT,
  REC_KIND,
  RECORD_BYTES_MAX,
  Right,
  Scope,
  Side,
  StrategyKind,
  TimeInForce,
  TRADE_AGGRESSOR,
  TRADE_CELLS,
  TRADE_ID,
  Stage as StageName,
  STAGE_COUNT,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
} from "../asm/vocab.ts";
import { addKey, keyPath, openKeys } from "../src/access/keys.ts";
import { TokenStore } from "../src/access/tokens.ts";
import { Clock, sleep } from "../src/clock.ts";
import { OPTIONS } from "../src/config.ts";
import { Catalog, INDICATORS } from "../src/core/catalog.ts";
import { loadBuild } from "../src/core/build.ts";
import type { EngineDoor, RecordRing } from "../src/gateway/door.ts";
import { OwnThreadRing } from "../src/rings/ring.ts";
import { Hub } from "../src/gateway/hub.ts";
import { openGateway, type Gateway } from "../src/gateway/server.ts";
import type { Engine } from "../src/oms/engine.ts";
import type { OutputSink } from "../src/oms/sink.ts";
import { Topology } from "../src/oms/topology.ts";
import { LatencyHistogram } from "../src/metrics.ts";
import { encode, recordBytes } from "../src/protocol.ts";
import { answerParent } from "./child.ts";
import { HeapProfile } from "./heap-profile.ts";
import type { EngineRequest } from "./journey-plan.ts";
import {
  INSTRUMENT,
  MAKER,
  MIDDLE_TICKS,
  TAKER,
  tickTicks,
  type EngineProfileAnswer,
  type LagAnswer,
  type OpenAnswer,
} from "./journey-plan.ts";
import { plantedSlowdown, type Slowdown } from "./report.ts";

const CURRENCY = 1;
const MODEL = 1;
/** An EMA that is warm after two closed candles, on the shortest timeframe. */
const LINE_TIMEFRAME = 0;
const LINE_SLOT = 7;
const LINE_PERIOD = 3;
/** Resting orders a side; one alone outlasts every run. */
const LEVELS = 5;
const LEVEL_LOTS = 2 ** 34;
/** Own events kept for a session that waits for its level: a second at the fastest rate. */
const OWN_RECORDS = 1 << 19;
const WARM_BATCH = 64;
const WARM_MILLIS_MAX = 60_000;
const LAG_RESOLUTION_MILLIS = 10;

/** Counts what the warm-up must see; costs nothing afterwards. */
class WarmSink implements OutputSink {
  isOn = true;
  prints = 0;
  signals = 0;
  fills = 0;
  denied = 0;

  collect(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    if (!this.isOn) return;
    for (let at = from; at < to; at += recordBytes(view, at)) {
      const kind = view.getUint16(at + REC_KIND, true) as Kind;
      if (kind === Kind.TradePrint) this.prints += 1;
      else if (kind === Kind.Signal) this.signals += 1;
      else if (kind === Kind.Fill) this.countFill(view, at);
      else if (REFUSALS.has(kind)) this.denied += 1;
    }
  }

  flush(): void {
    // Nothing is sent.
  }

  private countFill(view: DataView, at: number): void {
    if (view.getUint32(at + ORDER_ACCOUNT, true) !== TAKER) return;
    if (view.getBigInt64(at + FILL_LEAVES_LOTS, true) === 0n) this.fills += 1;
  }
}

const REFUSALS = new Set<Kind>([
  Kind.OrderDenied,
  Kind.OrderRejected,
  Kind.OrderCanceled,
  Kind.ConfigDenied,
  Kind.MarketRefusal,
]);

/** Makes a turn longer from the gateway's request for it to the moment its answers may leave. */
class SlowSink implements OutputSink {
  askedMillis = 0;
  private readonly slowdown: Slowdown;

  constructor(slowdown: Slowdown) {
    this.slowdown = slowdown;
  }

  collect(): void {
    // Only the end of the turn matters.
  }

  flush(level: AckLevel): void {
    if (level !== AckLevel.Memory || this.askedMillis === 0) return;
    this.slowdown(this.askedMillis);
    this.askedMillis = 0;
  }
}

/** One running engine. */
class Stage {
  readonly warmSink = new WarmSink();
  readonly slowSink = new SlowSink(plantedSlowdown("journey"));
  readonly lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MILLIS });
  private readonly profile = new HeapProfile();
  private profiledTurns = 0;
  readonly catalog = catalog();
  stages = histograms();
  topology!: Topology;
  hub!: Hub;
  gateway: Gateway | undefined;
  fault: unknown;
  private dir = "";

  async open(request: EngineRequest & { type: "open" }): Promise<OpenAnswer> {
    const { topology: name, spin, dir, warmTicks } = request;
    this.dir = dir;
    const build = loadBuild();
    const keys = addKey(openKeys(dir, { account: TAKER, tenant: 0 }), {
      name: "journey",
      rights: Right.Read | Right.Trade | Right.Feed,
      account: TAKER,
      tenant: 0,
    });
    this.topology = await Topology.open({
      name,
      build,
      clock: Clock.system(),
      journalDir: join(dir, "journal"),
      segmentBytes: OPTIONS.journalSegmentBytes.default,
      spin,
      sinks: (engine) => this.makeSinks(engine, keys),
      onStage: (stage, nanos) => this.stages[stage]!.record(nanos),
      onFault: (fault) => {
        this.fault ??= fault;
      },
    });
    this.topology.engine.start();
    await this.topology.configure(this.catalog.records);
    this.restOrders();
    this.gateway = await openGateway({
      ...{ prefer: "uws", host: "127.0.0.1", port: 0, hosts: [], origins: [], connectionsMax: 8 },
      page: { folder: undefined, metrics: () => "", unready: () => "" },
      handler: this.hub,
    });
    const ticks = await this.warm(warmTicks);
    this.lag.enable();
    const { port } = this.gateway;
    const pem = readFileSync(keyPath(dir, "journey"), "utf8");
    return { port, pem, ticks, signals: this.warmSink.signals };
  }

  private makeSinks(engine: Engine, keys: ReturnType<typeof openKeys>): OutputSink[] {
    const own = new OwnThreadRing(engine.feed);
    const feed = (): RecordRing => this.topology?.market?.feed ?? own;
    const isPlanted = process.env["ALPHAPULSE_SLOWDOWN"] === "journey";
    const door: EngineDoor = {
      control: new OwnThreadRing(engine.control),
      command: new OwnThreadRing(engine.command),
      get feed() {
        return feed();
      },
      schedule: isPlanted ? () => this.scheduleSlow(engine) : engine.schedule,
      peekCandle: (instrument, timeframe, done) =>
        this.topology.peekCandle(instrument, timeframe, done),
      reference: () => this.catalog.reference,
      clockNanos: engine.clockNanos,
    };
    const rules = {
      keys,
      tokens: new TokenStore(() => Date.now()),
      ...{ engine: "AlphaPulse", build: "bench", mode: "paper", simulated: false, run: "journey" },
      wallMillis: () => Date.now(),
    };
    this.hub = new Hub(door, rules, { ownRecords: OWN_RECORDS });
    return [...(isPlanted ? [this.slowSink] : []), this.warmSink, this.hub];
  }

  private scheduleSlow(engine: Engine): void {
    if (this.slowSink.askedMillis === 0) this.slowSink.askedMillis = performance.now();
    engine.schedule();
  }

  /** The house's orders, as commands like anybody's. */
  private restOrders(): void {
    const { engine } = this.topology;
    const words = new Int32Array(RECORD_BYTES_MAX >> 2);
    const view = new DataView(words.buffer);
    for (let level = 1; level <= LEVELS; level++) {
      for (const side of [Side.Buy, Side.Sell]) {
        const priceTicks = side === Side.Buy ? MIDDLE_TICKS - level : MIDDLE_TICKS + level;
        const bytes = encode(view, 0, Kind.OrderNew, {
          ...{ instrument: INSTRUMENT, account: MAKER, clientId: level * 2 + side },
          ...{ type: OrderType.Limit, tif: TimeInForce.Gtc, side, priceTicks, qtyLots: LEVEL_LOTS },
        });
        if (!engine.command.push(words, 0, bytes >> CELL_SHIFT))
          throw new Error("command ring full");
      }
    }
    engine.command.publish();
    engine.schedule();
  }

  /** Ticks until the line is warm and the code compiled; ends on an even number, all answered. */
  private async warm(warmTicks: number): Promise<number> {
    const sink = this.warmSink;
    const endMillis = performance.now() + WARM_MILLIS_MAX;
    let ticks = 0;
    const check = (what: string): void => {
      if (this.fault !== undefined) throw toError(this.fault);
      if (sink.denied > 0) throw new Error(`${sink.denied} refusals while warming up`);
      if (performance.now() > endMillis) {
        const { prints, signals, fills } = sink;
        const seen = `${ticks} ticks, ${prints} prints, ${signals} signals, ${fills} fills`;
        throw new Error(`${what}: ${seen}`);
      }
    };
    while (ticks < warmTicks || sink.signals === 0) {
      check("the model gave no signal");
      // A market worker may be slower than this loop.
      if (this.topology.feed.room() < WARM_BATCH * (TRADE_CELLS + 1)) {
        await sleep(1);
        continue;
      }
      this.pushTicks(ticks, WARM_BATCH);
      ticks += WARM_BATCH;
      if (ticks < warmTicks) await new Promise<void>((next) => setImmediate(next));
      else await sleep(1);
    }
    while (sink.prints < ticks || sink.fills < sink.signals) {
      check("ticks were not answered");
      await sleep(1);
    }
    sink.isOn = false;
    return ticks;
  }

  private pushTicks(from: number, count: number): void {
    const { feed, engine } = this.topology;
    const { view } = feed;
    for (let n = from; n < from + count; n++) {
      const at = feed.reserve(TRADE_CELLS);
      if (at < 0) throw new Error("the feed ring is full while warming up");
      view.setUint16(at + REC_KIND, Kind.Trade, true);
      view.setUint32(at + REC_INSTRUMENT, INSTRUMENT, true);
      view.setUint32(at + TRADE_PRICE_TICKS, tickTicks(n), true);
      view.setUint32(at + TRADE_QTY_LOTS, 1, true);
      view.setUint32(at + TRADE_ID, n + 1, true);
      view.setUint8(at + TRADE_AGGRESSOR, n % 2 === 0 ? Side.Buy : Side.Sell);
      feed.commit();
    }
    feed.publish();
    feed.wake();
    engine.schedule();
  }

  readLag(): LagAnswer {
    const millis = (nanos: number): number => Math.max(0, nanos / 1e6 - LAG_RESOLUTION_MILLIS);
    const answer = {
      p999Millis: millis(this.lag.percentile(99.9)),
      maxMillis: millis(this.lag.max),
      stages: stageText(this.stages),
    };
    this.lag.reset();
    this.stages = histograms();
    if (this.fault !== undefined) throw toError(this.fault);
    return answer;
  }

  async startProfile(): Promise<void> {
    this.profiledTurns = this.topology.engine.turns;
    await this.profile.start();
  }

  async stopProfile(): Promise<EngineProfileAnswer> {
    const found = await this.profile.stop();
    return { ...found, turns: this.topology.engine.turns - this.profiledTurns };
  }

  async close(): Promise<void> {
    this.lag.disable();
    await this.topology?.stop();
    this.hub?.close();
    await this.gateway?.close();
    // The parent does it too, unless it was killed.
    if (this.dir !== "") rmSync(this.dir, { recursive: true, force: true });
  }
}

function histograms(): LatencyHistogram[] {
  return Array.from({ length: STAGE_COUNT }, () => new LatencyHistogram());
}

/** Faults of other threads come as anything. */
function toError(fault: unknown): Error {
  return fault instanceof Error ? fault : new Error(String(fault));
}

/** "core 4.1 us, journal 9.0 us": medians of the stages that were seen. */
function stageText(stages: readonly LatencyHistogram[]): string {
  return stages
    .map((one, stage) => ({ name: StageName[stage] ?? "", ...one.summary() }))
    .filter(({ count }) => count > 0)
    .map(({ name, p50Nanos }) => `${name.toLowerCase()} ${(p50Nanos / 1000).toFixed(1)} us`)
    .join(", ");
}

function catalog(): Catalog {
  const result = new Catalog();
  result.currencyWithId(CURRENCY, "USD", -2);
  result.market(OPTIONS.timeframes.default, INDICATORS);
  result.add(Kind.Indicator, {
    ...{ timeframe: LINE_TIMEFRAME, slot: LINE_SLOT },
    ...{ indicatorKind: IndicatorKind.Ema, period: LINE_PERIOD },
  });
  result.instrument({
    ...{ instrument: INSTRUMENT, version: 1, symbol: "JOURNEY" },
    ...{ specKind: InstrumentKind.LinearPerpetual, execution: Execution.Internal },
    ...{ phase: InstrumentPhase.Continuous, markSource: MarkSource.Mid },
    ...{ base: CURRENCY, quote: CURRENCY, settlement: CURRENCY },
    ...{ tickMantissa: 1, tickExponent: -2, lotMantissa: 1, lotExponent: 0 },
    ...{ multiplierNum: 1, multiplierDen: 1, referenceTicks: MIDDLE_TICKS },
  });
  result.add(Kind.FeeSchedule, { makerPerBillion: 10_000, takerPerBillion: 50_000 });
  result.add(Kind.Account, { id: TAKER, currency: CURRENCY });
  result.add(Kind.Account, { id: MAKER, currency: CURRENCY, accountFlags: 2 });
  for (const account of [TAKER, MAKER]) {
    result.add(Kind.CashAdjust, { account, currency: CURRENCY, amountMinor: 1e14 });
  }
  result.add(Kind.RiskLimits, {
    ...{ scope: Scope.Account, account: TAKER, currency: CURRENCY },
    ...{ qtyLotsMax: 100, notionalMinorMax: 1e12, collarBps: 500, positionLotsMax: 100 },
    ...{ rateMax: 10_000_000, rateWindowMillis: 1000, ordersOpenMax: 1000, lossMinorMax: 1e15 },
  });
  result.add(Kind.ModelConfig, {
    ...{ instrument: INSTRUMENT, id: MODEL, rule: ModelRule.CrossForming, modelFlags: 1 },
    ...{ timeframe: LINE_TIMEFRAME, indicator: LINE_SLOT },
  });
  result.add(Kind.Strategy, {
    ...{ id: 1, account: TAKER, strategyKind: StrategyKind.SignalFollower },
    ...{ strategyFlags: 1, model: MODEL, qtyLots: 1, strategyName: "journey" },
  });
  return result;
}

if (process.send !== undefined) {
  const stage = new Stage();
  answerParent(
    async (request: EngineRequest) => {
      if (request.type === "open") return stage.open(request);
      if (request.type === "lag") return stage.readLag();
      return request.on ? stage.startProfile() : stage.stopProfile();
    },
    () => stage.close(),
  );
}
