// The two shapes an engine runs in, behind one face: inline (one thread plays both roles) and
// sharded (a market worker in front of the order loop).
import { cpus } from "node:os";

import { PEEK } from "../../asm/layout.ts";
import { Kind, REC_KIND, Role, type Stage } from "../../asm/vocab.ts";
import type { Clock } from "../clock.ts";
import type { CoreBuild } from "../core/core.ts";
import type { Ring } from "../rings/ring.ts";
import type { AlphaError } from "../errors.ts";
import { Engine } from "./engine.ts";
import { FollowerLink } from "./follower-link.ts";
import type { SnapshotReport } from "./follower.ts";
import { MarketLink } from "./market-link.ts";
import { marketSeen, NOTHING_SEEN, type MarketMark } from "./market-mark.ts";
import type { Poison } from "./rescue.ts";
import type { OutputSink } from "./sink.ts";

export type TopologyName = "inline" | "sharded";

/** Sharded from four cores on; below, threads only wait for each other. */
export function chooseTopology(wish: TopologyName | "auto"): TopologyName {
  if (wish !== "auto") return wish;
  return cpus().length >= 4 ? "sharded" : "inline";
}

/** When snapshots are taken, how many are kept, and who hears of them. */
export interface SnapshotOptions {
  /** Inputs after which the next one is due. */
  everyRecords: number;
  keep: number;
  /** Cap of the market workers' segments; the order journal has none. 0 or absent: all are kept. */
  tickSegmentsMaxBytes?: number | undefined;
  onSnapshot: (stream: number, report: SnapshotReport) => void;
  onFault: (fault: AlphaError) => void;
}

export interface TopologyOptions {
  name: TopologyName;
  build: CoreBuild;
  clock: Clock;
  /** Folder of the journals; absent: nothing is kept. */
  journalDir?: string | undefined;
  segmentBytes?: number | undefined;
  /** Space each journal keeps back for a full disk. */
  reserveBytes?: number | undefined;
  /** Snapshots by a follower of each journal; absent: none are taken. */
  snapshots?: SnapshotOptions | undefined;
  spin?: boolean;
  /** Recorded data carries the time; the caller drives the turns. */
  isRecorded?: boolean;
  /** Makes the sinks, which often need the engine's rings; called before recovery. */
  sinks?: (engine: Engine) => readonly OutputSink[];
  /** Sees the sequenced inputs of the order loop's turns. */
  onInputs?: ((view: DataView, from: number, count: number) => void) | undefined;
  onStage?: ((stage: Stage, nanos: number) => void) | undefined;
  onFault?: ((fault: unknown) => void) | undefined;
  /** A record stopped the order core and was passed by. */
  onPoison?: ((poison: Poison) => void) | undefined;
  /** The wall clock went back by this much; engine time does not follow. */
  onClockBehind?: ((nanos: number) => void) | undefined;
  /** The disk of the order journal is full (orders are refused), or has room again. */
  onDisk?: ((isFull: boolean) => void) | undefined;
}

/** Kinds of configuration that the market role reads. */
const MARKET_CONFIG = new Set<number>([
  Kind.Currency,
  Kind.InstrumentSpec,
  Kind.Timeframe,
  Kind.Indicator,
  Kind.StructureConfig,
  Kind.SessionCalendar,
  Kind.ModelConfig,
]);

/** An engine with its market workers, recovered and ready to start. */
export class Topology {
  readonly name: TopologyName;
  readonly engine: Engine;
  readonly market: MarketLink | undefined;
  /** By stream; empty when no snapshots are taken. */
  readonly followers: readonly FollowerLink[];

  private constructor(options: TopologyOptions, engine: Engine, market: MarketLink | undefined) {
    this.name = options.name;
    this.engine = engine;
    this.market = market;
    this.followers = followersOf(options);
  }

  /** Opens journals, replays them, starts the workers; the order loop is not running yet. */
  static async open(options: TopologyOptions): Promise<Topology> {
    const { name, build, clock, journalDir: dir, segmentBytes, reserveBytes } = options;
    const isInline = name === "inline";
    const engine = new Engine({
      build,
      clock,
      roles: isInline ? Role.Both : Role.Order,
      spin: options.spin ?? false,
      isRecorded: options.isRecorded ?? false,
      onInputs: options.onInputs,
      journal: dir === undefined ? undefined : { dir, stream: 0, segmentBytes, reserveBytes },
      onStage: options.onStage,
      onFault: options.onFault,
      onPoison: options.onPoison,
      onClockBehind: options.onClockBehind,
      onDisk: options.onDisk,
    });
    try {
      return await Topology.complete(engine, options);
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  private static async complete(engine: Engine, options: TopologyOptions): Promise<Topology> {
    const { name, clock, journalDir, segmentBytes, reserveBytes } = options;
    for (const sink of options.sinks?.(engine) ?? []) engine.addSink(sink);
    engine.recover();
    if (name === "inline") return new Topology(options, engine, undefined);
    const data = {
      stream: 1,
      origin: clock.origin(),
      isRecorded: options.isRecorded ?? false,
      journalDir,
      segmentBytes,
      reserveBytes,
      seen: seenBy(engine, journalDir),
    };
    const onFault = (fault: unknown): void => options.onFault?.(fault);
    return new Topology(options, engine, await MarketLink.open(engine.core, data, onFault));
  }

  /** The ring for ticks made on this thread. */
  get feed(): Ring {
    return this.market?.feed ?? this.engine.core.feed;
  }

  /** The ring for ticks of a feed worker, with the memory it lies in. */
  get source(): Ring {
    return this.market?.source ?? this.engine.core.source;
  }

  get sourceBuffer(): SharedArrayBuffer {
    return this.market?.buffer ?? this.engine.core.buffer;
  }

  /** Market data inputs applied since the beginning: where a replay goes on. */
  get feedRecords(): number {
    return this.market?.feedRecords ?? this.engine.core.feedRecords;
  }

  /** Sends configuration that the journals do not hold yet to every core that reads it. */
  async configure(records: readonly Uint8Array[]): Promise<void> {
    this.engine.configure(records);
    if (this.market === undefined) return;
    await this.market.configure(records.filter((record) => MARKET_CONFIG.has(kindOf(record))));
  }

  /** Shows the CandleForming record of a slot; not called at all when there is none. */
  readonly peekCandle = (
    instrument: number,
    timeframe: number,
    done: (view: DataView, at: number) => void,
  ): void => {
    if (this.market === undefined) {
      const { exports, view } = this.engine.core;
      const peek = exports["candlePeek"] as (instrument: number, timeframe: number) => number;
      if (peek(instrument, timeframe) !== 0) done(view, PEEK);
      return;
    }
    this.market.peekCandle(instrument, timeframe).then(
      (record) => {
        if (record !== undefined) done(new DataView(record.buffer, record.byteOffset), 0);
      },
      () => undefined, // The worker has ended, which was reported as a fault.
    );
  };

  /** Hash of the state of both roles as text: market, order. */
  async stateHashes(): Promise<{ market: bigint; order: bigint }> {
    const order = this.engine.core.stateHash(Role.Order);
    const market = await (this.market?.stateHash() ?? this.engine.core.stateHash(Role.Market));
    return { market, order };
  }

  /** Last turns, checkpoints, journals closed. */
  async stop(): Promise<void> {
    let marketHash: bigint | undefined;
    await Promise.all(this.followers.map((follower) => follower.stop()));
    try {
      marketHash = await this.market?.stop();
    } finally {
      // Without the worker's hash the checkpoint vouches for the order state alone.
      await this.engine.stop(marketHash);
    }
  }
}

/** What the order journal holds of the market worker's records. */
function seenBy({ kept }: Engine, journalDir: string | undefined): MarketMark {
  if (kept === undefined || journalDir === undefined) return NOTHING_SEEN;
  return marketSeen(kept.snapshots.disk, journalDir, kept.snapshots.hash);
}

/** One follower a journal: the order core's or the inline one's, and the market worker's. */
function followersOf({
  name,
  journalDir,
  reserveBytes,
  snapshots,
}: TopologyOptions): FollowerLink[] {
  if (journalDir === undefined || snapshots === undefined) return [];
  const { everyRecords, keep, tickSegmentsMaxBytes, onSnapshot, onFault } = snapshots;
  const roles = name === "inline" ? [Role.Both] : [Role.Order, Role.Market];
  return roles.map((role, stream) => {
    const own = { dir: journalDir, stream, roles: role };
    const data = { ...own, keep, everyRecords, reserveBytes, tickSegmentsMaxBytes };
    return new FollowerLink(data, (report) => onSnapshot(stream, report), onFault);
  });
}

function kindOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset).getUint16(REC_KIND, true);
}
