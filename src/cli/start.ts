// `alphapulse start`: one engine with everything embedded, wired from its configuration.
//
// Order of birth: keys, core and journal (recovered), configuration, gateway, strategy, feed; of
// death: feed, strategy, last turn and checkpoint, gateway. Nothing here is a rule of trading.
//
// tidy: tested by test/acceptance/demo.test.ts
import { join } from "node:path";

import {
  AckLevel,
  Kind,
  REC_KIND,
  REC_INSTRUMENT,
  Right,
  Role,
  Stage,
  TRADE_PRICE_TICKS,
} from "../../asm/vocab.ts";
import { openKeys } from "../access/keys.ts";
import { TokenStore } from "../access/tokens.ts";
import { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { loadBuild } from "../core/build.ts";
import type { CoreBuild } from "../core/core.ts";
import { buildPath } from "../core/paths.ts";
import { AlphaError, describeError } from "../errors.ts";
import { BinanceLive } from "../feeds/binance-live.ts";
import { Venue } from "../feeds/instruments.ts";
import { Parser } from "../feeds/parser.ts";
import { simulatorConfig } from "../feeds/simulator/config.ts";
import {
  SIMULATED_INSTRUMENTS,
  SIMULATOR_VENUE,
  withStartPrices,
} from "../feeds/simulator/instruments.ts";
import { Random } from "../feeds/simulator/random.ts";
import { SimulatorWorker } from "../feeds/simulator/worker-handle.ts";
import type { RecordRing, SocketHandler } from "../gateway/door.ts";
import { Hub } from "../gateway/hub.ts";
import { openGateway, type Gateway } from "../gateway/server.ts";
import { MetricsRegistry, type LatencyHistogram } from "../metrics.ts";
import { collectRuntime, type RuntimeMetrics } from "../metrics-runtime.ts";
import { poisonLine } from "./journal-skip.ts";
import { recoveryLines } from "./recovery-text.ts";
import { chooseTopology, Topology } from "../oms/topology.ts";
import type { SnapshotOptions, TopologyName } from "../oms/topology.ts";
import type { Engine } from "../oms/engine.ts";
import type { OutputSink } from "../oms/sink.ts";
import { recordBytes } from "../protocol.ts";
import { OwnThreadRing } from "../rings/ring.ts";
import { loadStrategy } from "../research/strategy-file.ts";
import { DEMO_PARAMETERS } from "../strategies/breakout.ts";
import { StrategyHost } from "../strategies/host.ts";
import { strategyInstrument } from "../strategies/instrument.ts";
import { HABITS, SimulatedVenue } from "../venues/simulated-venue.ts";
import { VenueDesk } from "../venues/venue-desk.ts";
import { BackupLink, registerBackupMetrics } from "./backup-link.ts";
import { backupLine, capLines, diskLine, midwayLine, snapshotLine } from "./disk-space.ts";
import { registerEngineMetrics } from "./engine-metrics.ts";
import { ACCOUNT, setupOf, type Setup } from "./setup.ts";

/** Sessions one engine serves. */
const CONNECTIONS_MAX = 2000;
/** One frame in so many is timed: a clock costs as much as a small frame. */
const RECV_SAMPLE = 8;
/** Strategy id of the configured in-process strategy. */
const STRATEGY_ID = 1;

const LEVELS = {
  memory: AckLevel.Memory,
  written: AckLevel.Written,
  durable: AckLevel.Durable,
} as const;

/** What the terminal is told. */
export interface StartIo {
  note: (line: string) => void;
  /** The engine cannot go on; the process should end. */
  fault: (error: unknown) => void;
}

/** An engine that runs. */
export interface RunningEngine {
  readonly url: string;
  /** Address of the page with a one-time read token. */
  readonly pageUrl: string;
  readonly gateway: Gateway;
  readonly topology: Topology;
  readonly metrics: MetricsRegistry;
  readonly keysDir: string;
  stop(): Promise<void>;
}

/**
 * Last trade of each instrument while the journal is replayed: where a simulated market goes on.
 */
class LastPrices implements OutputSink {
  readonly ticks = new Map<number, number>();

  collect(): void {
    // Only the replay matters.
  }

  flush(): void {
    // Nothing is sent.
  }

  recovered(_u8: Uint8Array, view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      if (view.getUint16(at + REC_KIND, true) !== Kind.TradePrint) continue;
      const instrument = view.getUint32(at + REC_INSTRUMENT, true);
      this.ticks.set(instrument, Number(view.getBigInt64(at + TRADE_PRICE_TICKS, true)));
    }
  }
}

/** Parts under construction; `stop` takes down what has been made, in reverse. */
class Assembly {
  readonly config: Config;
  readonly io: StartIo;
  readonly build: CoreBuild;
  readonly clock = Clock.system();
  readonly metrics = new MetricsRegistry();
  readonly setup: Setup;
  readonly prices = new LastPrices();
  readonly stages: LatencyHistogram[];
  topology!: Topology;
  hub!: Hub;
  host!: StrategyHost;
  venue: VenueDesk | undefined;
  gateway: Gateway | undefined;
  live: BinanceLive | undefined;
  backup: BackupLink | undefined;
  simulator: SimulatorWorker | undefined;
  runtime: RuntimeMetrics | undefined;
  private isStopping = false;

  constructor(config: Config, io: StartIo) {
    this.config = config;
    this.io = io;
    this.build = loadBuild();
    this.setup = setupOf(config);
    this.stages = STAGE_NAMES.map((stage) =>
      this.metrics.histogram(
        "alphapulse_engine_stage_seconds",
        "Latency by stage of a loop turn.",
        {
          stage,
        },
      ),
    );
  }

  async open(): Promise<RunningEngine> {
    const { config, io } = this;
    const keys = openKeys(config.dataDir, { account: ACCOUNT, tenant: 0 });
    const tokens = new TokenStore(() => Date.now());
    this.topology = await Topology.open({
      name: topologyOf(config),
      build: this.build,
      clock: this.clock,
      journalDir: join(config.dataDir, "journal"),
      segmentBytes: config.journalSegmentBytes,
      reserveBytes: config.journalReserveBytes,
      snapshots: snapshotsOf(config, io),
      spin: config.spin,
      sinks: (engine) => this.makeSinks(engine, keys, tokens),
      onStage: (stage, nanos) => this.stages[stage]!.record(nanos),
      onFault: (error) => io.fault(error),
      onPoison: (poison) => io.note(poisonLine(poison)),
      onDisk: (isFull) => io.note(diskLine(config, isFull)),
      onClockBehind: (nanos) =>
        io.note(`the wall clock went back ${Math.round(nanos / 1e6)} ms; engine time goes on`),
    });
    const { recovery, core } = this.topology.engine;
    for (const line of recoveryLines(recovery)) io.note(line);
    const { midway } = this.topology.market ?? {};
    if (midway !== undefined) io.note(midwayLine(midway));
    registerEngineMetrics(this.metrics, this.topology, this.hub);
    this.runtime = collectRuntime(this.metrics, "main");
    this.topology.engine.start();
    const strategyRecords = await this.addStrategy();
    await this.topology.configure([...this.setup.catalog.records, ...strategyRecords]);
    this.venue?.start();
    this.gateway = await this.openGateway();
    for (const notice of this.gateway.notices) io.note(notice);
    this.host.start();
    this.topology.engine.schedule();
    await this.startFeed(core.feedRecords);
    this.startBackup();
    const token = tokens.issue({ rights: Right.Read, account: ACCOUNT, tenant: 0 }).token;
    return {
      url: this.gateway.url,
      pageUrl: `${this.gateway.url}#token=${token}`,
      gateway: this.gateway,
      topology: this.topology,
      metrics: this.metrics,
      keysDir: keys.folder,
      stop: () => this.stop(),
    };
  }

  private makeSinks(
    engine: Engine,
    keys: ReturnType<typeof openKeys>,
    tokens: TokenStore,
  ): OutputSink[] {
    const own = new OwnThreadRing(engine.feed);
    const feed = (): RecordRing => this.topology.market?.feed ?? own;
    const door = {
      control: new OwnThreadRing(engine.control),
      command: new OwnThreadRing(engine.command),
      get feed() {
        return feed();
      },
      schedule: engine.schedule,
      peekCandle: (
        instrument: number,
        timeframe: number,
        done: (view: DataView, at: number) => void,
      ): void => this.topology.peekCandle(instrument, timeframe, done),
      reference: () => this.setup.catalog.reference,
      clockNanos: engine.clockNanos,
    };
    this.hub = new Hub(door, {
      keys,
      tokens,
      engine: "AlphaPulse",
      build: this.build.sha256.slice(0, 16),
      mode: this.config.mode,
      simulated: this.config.feed === "sim",
      level: LEVELS[this.config.ack],
      run: `${process.pid}-${Date.now().toString(36)}`,
      wallMillis: () => Date.now(),
    });
    this.host = new StrategyHost({
      command: engine.command,
      isDerivedInput: engine.core.roles === Role.Order,
      onFault: (fault) =>
        this.io.note(
          `strategy ${fault.strategy} stopped: ${fault.what}${openText(fault.openPositions)}`,
        ),
    });
    const sinks = [this.hub, this.host, this.prices];
    if (this.config.execution !== "routed") return sinks;
    this.venue = this.makeVenue(engine);
    return [...sinks, this.venue];
  }

  /** The simulated market's orders go to a venue that trades against what the engine sees. */
  private makeVenue(engine: Engine): VenueDesk {
    const random = new Random(this.config.simSeed, SIMULATOR_VENUE);
    let simulated: SimulatedVenue | undefined;
    return new VenueDesk({
      ring: engine.control,
      schedule: engine.schedule,
      clockNanos: engine.clockNanos,
      venue: (report) => {
        // Its numbers go on behind those of any earlier life, which the journal may hold.
        const from = Date.now() * 1000;
        const draw = (): number => random.chance();
        return (simulated = new SimulatedVenue(SIMULATOR_VENUE, HABITS, draw, report, from));
      },
      market: () => simulated,
      onHeld: (instrument, lots) => simulated?.positions.set(instrument, lots),
      onFault: (fault) => this.io.fault(fault),
    });
  }

  /** Makes the configured strategy ready and returns its records. */
  private async addStrategy(): Promise<Uint8Array[]> {
    const name = this.config.strategy;
    if (name === "none") return [];
    const { factory } = await loadStrategy(name, join(this.config.dataDir, "cache"));
    const { reference } = this.setup.catalog;
    for (const { slot, periodMillis } of reference.timeframes) {
      this.host.plan.takeTimeframe(slot, periodMillis);
    }
    for (const fields of this.setup.catalog.indicatorFields) this.host.plan.takeIndicator(fields);
    const currencies = new Map(this.setup.currencies.map((one) => [Number(one.id), one]));
    const instruments = this.setup.specs.map((spec) =>
      strategyInstrument(Number(spec.instrument), spec, currencies),
    );
    const isDemo = name === "breakout" && this.config.feed === "sim";
    const records = this.host.add({
      factory,
      parameters: isDemo ? DEMO_PARAMETERS : {},
      strategyId: STRATEGY_ID,
      account: ACCOUNT,
      instruments,
    });
    const kind = 0;
    reference.strategies.push({
      id: STRATEGY_ID,
      name: factory.name,
      account: ACCOUNT,
      kind,
      running: true,
    });
    return records;
  }

  private openGateway(): Promise<Gateway> {
    const { config, hub } = this;
    return openGateway({
      prefer: config.gateway === "ws" ? "ws" : "uws",
      host: config.host,
      port: config.port,
      hosts: [],
      origins: config.origins,
      connectionsMax: CONNECTIONS_MAX,
      page: {
        folder: buildPath("dashboard"),
        metrics: () => this.metrics.render(),
        unready: () => this.unready(),
      },
      handler: this.measured(hub),
    });
  }

  /** The hub, with the time from a frame's arrival to its place in a ring recorded for a sample. */
  private measured(hub: Hub): SocketHandler {
    let frames = 0;
    return {
      open: (socket, arrival) => hub.open(socket, arrival),
      message: (socket, bytes, isBinary) => {
        frames += 1;
        if (frames % RECV_SAMPLE !== 0) return hub.message(socket, bytes, isBinary);
        const startNanos = this.clock.nowNanos();
        hub.message(socket, bytes, isBinary);
        this.stages[Stage.Recv]!.record(this.clock.nowNanos() - startNanos);
      },
      drain: (socket) => hub.drain(socket),
      closed: (socket) => hub.closed(socket),
    };
  }

  private unready(): string {
    if (this.isStopping) return "the engine is stopping";
    const { fault } = this.topology.engine;
    return fault === undefined ? "" : `the engine has stopped: ${describeError(fault)}`;
  }

  // ------------------------------------------------------------------------- feeds

  private async startFeed(feedRecords: number): Promise<void> {
    if (this.config.feed === "sim") await this.startSimulator();
    if (this.config.feed === "binance") this.startBinance(feedRecords);
  }

  private async startSimulator(): Promise<void> {
    const { config, setup, topology, io } = this;
    const table = SIMULATED_INSTRUMENTS.slice(0, setup.specs.length);
    const starts: Record<string, number> = {};
    for (const spec of setup.specs) {
      const ticks = this.prices.ticks.get(Number(spec.instrument));
      if (ticks !== undefined) starts[String(spec.symbol)] = ticks;
    }
    this.simulator = await SimulatorWorker.start({
      build: this.build,
      config: simulatorConfig({
        seed: config.simSeed,
        instruments: withStartPrices(table, starts),
      }),
      buffer: topology.sourceBuffer,
      ringAt: topology.source.at,
      speed: config.simSpeed,
      onFault: (fault) => io.note(fault.line()),
    });
  }

  private startBinance(feedRecords: number): void {
    if (this.topology.name === "sharded") {
      throw new AlphaError(
        "FEED_TOPOLOGY",
        "the binance feed runs on the thread of the core",
        "set topology to inline, or feed to sim",
      );
    }
    const { config, io, topology, setup } = this;
    const { engine } = topology;
    const parser = new Parser(engine.core, engine.core.feed);
    for (const info of setup.live) parser.register(info);
    if (feedRecords === 0) io.note(`connecting to ${config.binanceStreamUrl}`);
    this.live = new BinanceLive(parser, {
      venue: Venue.BinanceSpot,
      instruments: setup.live,
      nowNanos: engine.clockNanos,
      draw: Math.random,
      onParsed: (nanos) => this.stages[Stage.Parse]!.record(nanos),
      onRecords: engine.schedule,
      streamUrl: config.binanceStreamUrl,
      restUrl: config.binanceRestUrl,
    });
    this.live.start();
  }

  private startBackup(): void {
    const { config, io } = this;
    if (config.backupDir === "none") return;
    const from = join(config.dataDir, "journal");
    const everyMillis = config.backupEverySeconds * 1000;
    this.backup = new BackupLink(
      { from, to: config.backupDir, everyMillis },
      ({ skipped }) => skipped.forEach((one) => io.note(`not in the backup: ${one}`)),
      (fault) => io.note(backupLine(fault)),
    );
    registerBackupMetrics(this.metrics, this.backup);
  }

  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    await this.backup?.stop();
    await this.simulator?.stop();
    this.live?.stop();
    this.host?.stop();
    this.venue?.stop();
    await this.topology?.stop();
    this.hub?.close();
    await this.gateway?.close();
    this.runtime?.close();
  }
}

const STAGE_NAMES = Object.entries(Stage)
  .filter((entry): entry is [string, Stage] => typeof entry[1] === "number")
  .sort((a, b) => a[1] - b[1])
  .map(([name]) => name.toLowerCase());

/** The live feed parses on the core's own thread, so it wants the inline topology. */
function topologyOf(config: Config): TopologyName {
  if (config.topology === "auto" && config.feed === "binance") return "inline";
  return chooseTopology(config.topology);
}

/** A fault of a follower ends the snapshots and nothing else, so it is told and trading goes on. */
function snapshotsOf(config: Config, io: StartIo): SnapshotOptions | undefined {
  if (config.snapshotRecords === 0) return undefined;
  return {
    everyRecords: config.snapshotRecords,
    keep: config.snapshotsKept,
    tickSegmentsMaxBytes: config.tickSegmentsMaxBytes,
    onSnapshot: (stream, { cap }) => {
      // Metrics show the snapshot itself.
      for (const line of cap === undefined ? [] : capLines(stream, cap)) io.note(line);
    },
    onFault: (fault) => io.note(snapshotLine(fault)),
  };
}

function openText(symbols: readonly string[]): string {
  return symbols.length === 0 ? "" : `; open positions without a manager: ${symbols.join(", ")}`;
}

/** Starts an engine; what had been opened is closed again when a later part fails. */
export async function startEngine(config: Config, io: StartIo): Promise<RunningEngine> {
  const assembly = new Assembly(config, io);
  try {
    return await assembly.open();
  } catch (error) {
    await assembly.stop().catch(() => undefined);
    throw error;
  }
}
