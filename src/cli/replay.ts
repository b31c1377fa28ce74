// `alphapulse replay FILE...`: recorded data through the engine, as fast as it goes or paced.
//
// Bytes are parsed on this thread into a ring of the order core's memory. Inline and unpaced, that
// is the core's own feed ring; otherwise records are moved on one by one, when their time has come,
// to the ring of whoever computes candles.
//
// tidy: tested by test/acceptance/replay.test.ts
import { statSync } from "node:fs";

import {
  CELL_SHIFT,
  Flag,
  Kind,
  REC_FLAGS,
  REC_KIND,
  REC_TS_ENGINE,
  Stage,
} from "../../asm/vocab.ts";
import { Clock, sleep } from "../clock.ts";
import { Catalog, INDICATORS } from "../core/catalog.ts";
import { loadBuild } from "../core/build.ts";
import { hex } from "../core/core.ts";
import { currenciesOf, specFields } from "../feeds/instruments.ts";
import { Parser } from "../feeds/parser.ts";
import { probeFiles, type ProbedFile, type ProbeOptions } from "../feeds/probe.ts";
import { instrumentsOf, Replay, type ReplayFileReport } from "../feeds/replay.ts";
import { LatencyHistogram, summarize, type LatencySummary } from "../metrics.ts";
import { Topology, type TopologyName } from "../oms/topology.ts";
import type { Ring } from "../rings/ring.ts";

export interface ReplayOptions {
  files: readonly string[];
  topology: TopologyName;
  timeframes: readonly string[];
  /** Keeps a journal here and goes on where an earlier run of the same files stopped. */
  dataDir?: string | undefined;
  /** Recorded seconds per second; absent: as fast as it goes. */
  speed?: number | undefined;
  probe?: ProbeOptions;
  /** `share` of the bytes, 0 to 1. */
  onProgress?: (share: number, records: number) => void;
}

export interface ReplayReport {
  topology: TopologyName;
  files: ReplayFileReport[];
  instruments: { id: number; symbol: string; venue: number; inferred: boolean }[];
  rejects: Record<string, number>;
  /** Counts and first examples, for a terminal. */
  rejectLines: string[];
  /** Records taken from the files by this run; `resumedAt` were taken before. */
  records: number;
  resumedAt: number;
  trades: number;
  quotes: number;
  /** Book updates and snapshots: groups of records, not records. */
  bookUpdates: number;
  bookSnapshots: number;
  seconds: number;
  recordsPerSecond: number;
  /** Time of the core per loop turn. */
  coreNanos: LatencySummary;
  marketHash: string;
  orderHash: string;
  /** Both, folded into one word. */
  stateHash: string;
}

/** Counts market inputs by kind as the cores take them. */
class Counts {
  trades = 0;
  quotes = 0;
  bookUpdates = 0;
  bookSnapshots = 0;

  /** Looks at one record. */
  add(view: DataView, at: number): void {
    const kind = view.getUint16(at + REC_KIND, true);
    if (kind === Kind.Trade) this.trades += 1;
    else if (kind === Kind.Quote) this.quotes += 1;
    else if ((view.getUint16(at + REC_FLAGS, true) & Flag.Last) !== 0) this.addBook(kind);
  }

  private addBook(kind: number): void {
    if (kind === Kind.BookDelta) this.bookUpdates += 1;
    else if (kind === Kind.BookSnapshot) this.bookSnapshots += 1;
  }

  /** Looks at a turn's inputs, `count` records from byte `from`. */
  readonly addInputs = (view: DataView, from: number, count: number): void => {
    let at = from;
    for (let record = 0; record < count; record++) {
      if (view.getUint16(at + REC_KIND, true) >> 8 === 0x03) this.add(view, at);
      at += (1 + (view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask)) << CELL_SHIFT;
    }
  };
}

/** Moves parsed records to the ring that computes, at the recorded pace when one is asked for. */
class Mover {
  private readonly from: Ring;
  private readonly to: Ring;
  private readonly speed: number;
  private readonly counts: Counts;
  private firstTsNanos = 0n;
  private readonly startMillis = performance.now();

  constructor(from: Ring, to: Ring, speed: number | undefined, counts: Counts) {
    this.from = from;
    this.to = to;
    this.speed = speed ?? Infinity;
    this.counts = counts;
  }

  /** Moves all that waits; yields to the loop while the target is full or the time has not come. */
  async moveAll(): Promise<void> {
    const { from, to } = this;
    for (let at = from.next(); at >= 0; at = from.next()) {
      const waitMillis = this.waitMillis(at);
      if (waitMillis > 1) {
        this.show();
        await sleep(waitMillis);
      }
      const cells = from.cellsAt(at);
      while (!to.push(from.i32, at, cells)) {
        this.show();
        await new Promise<void>((next) => setImmediate(next));
      }
      this.counts.add(from.view, at);
      from.skip(cells);
    }
    this.show();
  }

  private waitMillis(at: number): number {
    if (this.speed === Infinity) return 0;
    const tsNanos = this.from.view.getBigInt64(at + REC_TS_ENGINE, true);
    if (this.firstTsNanos === 0n) this.firstTsNanos = tsNanos;
    const dueMillis = Number(tsNanos - this.firstTsNanos) / 1e6 / this.speed;
    return dueMillis - (performance.now() - this.startMillis);
  }

  private show(): void {
    this.from.release();
    this.to.publish();
    this.to.wake();
  }
}

/** Plays the files through a fresh or recovered engine and reports. */
export async function replayFiles(options: ReplayOptions): Promise<ReplayReport> {
  const files = await probeFiles(options.files, options.probe);
  const counts = new Counts();
  const coreNanos = new LatencyHistogram();
  let fault: unknown;
  const isDirect = options.topology === "inline" && options.speed === undefined;
  const topology = await Topology.open({
    name: options.topology,
    build: loadBuild(),
    clock: Clock.system(),
    journalDir: options.dataDir,
    isRecorded: true,
    onInputs: isDirect ? counts.addInputs : undefined,
    onStage: (stage, nanos) => {
      if (stage === Stage.Core) coreNanos.record(nanos);
    },
    onFault: (error) => {
      fault ??= error;
    },
  });
  const run: Run = { topology, options, files, counts, coreNanos, fault: () => fault };
  try {
    return await play(run);
  } finally {
    await topology.stop();
  }
}

/** What a replay is made of. */
interface Run {
  topology: Topology;
  options: ReplayOptions;
  files: readonly ProbedFile[];
  counts: Counts;
  coreNanos: LatencyHistogram;
  fault: () => unknown;
}

async function play(run: Run): Promise<ReplayReport> {
  const { topology, options, files, counts } = run;
  const { engine } = topology;
  const isDirect = topology.name === "inline" && options.speed === undefined;
  const resumedAt = topology.feedRecords;
  engine.start();
  await topology.configure(catalogOf(files, options.timeframes).records);
  const parser = new Parser(engine.core, isDirect ? engine.core.feed : engine.core.parse);
  const replay = new Replay(parser, files, resumedAt);
  const mover = new Mover(engine.core.parse, topology.feed, options.speed, counts);
  const bytes = options.files.reduce((sum, path) => sum + statSync(path).size, 0);
  const startMillis = performance.now();
  for (let isDone = false; !isDone;) {
    isDone = (await replay.pump()).done;
    if (isDirect) while (engine.core.isBusy() && run.fault() === undefined) engine.turn();
    else await mover.moveAll();
    if (run.fault() !== undefined) throw run.fault();
    options.onProgress?.(replay.bytesRead / bytes, engine.inputs);
  }
  await settle(topology, run.fault);
  const seconds = (performance.now() - startMillis) / 1000;
  return report(run, replay, parser, resumedAt, seconds);
}

/** Waits until the last derived record has gone through the order loop. */
async function settle(topology: Topology, faultOf: () => unknown): Promise<void> {
  const { engine, market } = topology;
  const last = (await market?.drained()) ?? 0;
  while (engine.core.isBusy() || (market !== undefined && engine.core.derivedSeen < last)) {
    if (faultOf() !== undefined) throw faultOf();
    engine.schedule();
    await new Promise<void>((next) => setImmediate(next));
  }
}

function catalogOf(files: readonly ProbedFile[], timeframes: readonly string[]): Catalog {
  const infos = instrumentsOf(files);
  const catalog = new Catalog();
  catalog.market(timeframes, INDICATORS);
  for (const code of currenciesOf(infos)) catalog.currency(code);
  for (const info of infos) catalog.instrument(specFields(info, (code) => catalog.currency(code)));
  return catalog;
}

async function report(
  run: Run,
  replay: Replay,
  parser: Parser,
  resumedAt: number,
  seconds: number,
): Promise<ReplayReport> {
  const { topology, files, counts } = run;
  const hashes = await topology.stateHashes();
  const total = replay.reports.reduce((sum, file) => sum + file.records, 0);
  const records = total - resumedAt;
  return {
    topology: topology.name,
    files: replay.reports,
    instruments: instrumentsOf(files).map((info) => ({
      id: info.id,
      symbol: info.name,
      venue: info.venue,
      inferred: info.isInferred,
    })),
    rejects: parser.quarantine.counts(),
    rejectLines: parser.quarantine.lines(),
    records,
    resumedAt,
    trades: counts.trades,
    quotes: counts.quotes,
    bookUpdates: counts.bookUpdates,
    bookSnapshots: counts.bookSnapshots,
    seconds,
    recordsPerSecond: records / seconds,
    coreNanos: summarize([run.coreNanos]),
    marketHash: hex(hashes.market),
    orderHash: hex(hashes.order),
    stateHash: hex(BigInt.asUintN(64, hashes.market * 31n + hashes.order)),
  };
}
