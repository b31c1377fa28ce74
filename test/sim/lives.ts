// The lives of one engine: it starts, recovers, trades, dies in some way, and starts again.
//
// Engine, journal, recovery and desk are the real ones, in this thread; time, disk and venue are
// the simulation's. The engine is told nothing about its deaths. What a person would do is done
// here: put back a copy of a damaged file, cut where the refusal says, make segments larger.
import { AckLevel, Kind, Role } from "../../asm/vocab.ts";
import type { CoreBuild } from "../../src/core/core.ts";
import { AlphaError } from "../../src/errors.ts";
import { cutsOf } from "../../src/journal/cut.ts";
import type { CommitterStart } from "../../src/journal/syncer.ts";
import { Engine } from "../../src/oms/engine.ts";
import { HABITS, SimulatedVenue } from "../../src/venues/simulated-venue.ts";
import { VenueDesk } from "../../src/venues/venue-desk.ts";
import type { ReportSink, VenueRequest } from "../../src/venues/venue.ts";
import { FaultyDisk, NO_FAULTS, type DiskRates } from "./faulty-disk.ts";
import { HandCommitter, Hands } from "./hands.ts";
import { Market, SETUP, VENUE } from "./market.ts";
import { Draw, type Profile } from "./plan.ts";
import { Violation, Witness } from "./witness.ts";

const DIR = "/data";
const LOCK = `${DIR}/0/lock`;
/** No process has it: above pid_max. */
const DEAD_PID = 4_999_999;
const BOOTS_MAX = 12;

const DISK_FAULTS = ["JOURNAL_WRITE", "JOURNAL_DISK_FULL", "JOURNAL_SYNC_FAILED"];
const SEGMENT_BYTES_ENOUGH = 2 << 20;
/** Blocks one lie of the disk can damage: where a write landed, and where it is missing. */
const DAMAGED_MAX = 2;
const ENDS_MAX = 1000;
/** Turns a clean stop may take. */
const TURNS_MAX = 200;

export type Crash = "kill" | "power" | "restart";

/** How a life ended, and what must be back in the next. */
interface Death {
  why: Crash | "stop" | "";
  /** Sequence that was acknowledged at the level that this death leaves. */
  needed: number;
  /** Last sequence there was, and the order role's state then. */
  last: number;
  hash: bigint | undefined;
}

/** What the lives are made of. */
export interface LivesOptions {
  build: CoreBuild;
  seed: number;
  profile: Profile;
}

export class Lives {
  readonly hands = new Hands();
  readonly disk: FaultyDisk;
  readonly market: Market;
  readonly witness: Witness;
  readonly venue: SimulatedVenue;
  /** What happened, by kind. */
  readonly counts: Record<string, number> = {};
  engine: Engine | undefined;
  private desk: VenueDesk | undefined;
  /** Inputs of the lives that are over. */
  inputs = 0;
  /** Sequence this life began behind. */
  private born = 0;
  committer: HandCommitter | undefined;
  private readonly build: CoreBuild;
  private rates: DiskRates;
  private report: ReportSink | undefined;
  private segmentBytes: number;
  /** Last sequences of the blocks written last. */
  private readonly ends: number[] = [];
  /** What a person copied when the disk was found to lie, until a start is whole. */
  private copies: Map<string, Uint8Array> | undefined;
  /** Changes that failed fdatasyncs had dropped when the last life ended. */
  private dropped = 0;
  /** How the last life ended. */
  private death: Death = { why: "", needed: 0, last: 0, hash: undefined };
  /** Intents at the venue: order id to the sequence of its cause. */
  private readonly sent = new Map<bigint, number>();

  constructor(options: LivesOptions, draw: Draw) {
    const { seed, profile } = options;
    this.build = options.build;
    this.disk = new FaultyDisk(new Draw(seed, -1).next);
    this.rates = { ...NO_FAULTS };
    for (const rate of Object.keys(NO_FAULTS) as (keyof DiskRates)[]) {
      this.rates[rate] = profile[rate];
    }
    this.market = new Market(draw, profile);
    this.witness = new Witness(this.market);
    const habits = new Draw(seed, -2);
    this.segmentBytes = 16_384 * habits.between(1, 16);
    this.witness.wantsDurable = habits.chance(0.5);
    const slowNanos = profile.venueSlow > 0 ? 200e6 * profile.venueSlow : 5e6;
    this.venue = new SimulatedVenue(
      VENUE,
      {
        ...HABITS,
        ...{ latencyNanosMin: 1e5, latencyNanosMax: slowNanos, outageNanos: 3e8 },
        ...{ timeoutMillis: 60, rejectRate: profile.venueReject, lossRate: profile.venueLoss },
        ...{ requestLossRate: profile.venueRequestLoss, duplicateRate: profile.venueDuplicate },
        outageRate: profile.venueOutage,
      },
      new Draw(seed, -3).next,
      (kind, fields) => this.report?.(kind, fields),
    );
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  // ---------------------------------------------------------------------------- lives

  /** Begins a life; false when the disk did not let it, which may be tried again. */
  start(): boolean {
    this.disk.rates = this.rates;
    if (this.disk.isDamaged) this.copies ??= this.disk.backup();
    for (let tries = 0; tries < BOOTS_MAX; tries++) {
      const engine = this.tryStart();
      if (engine === undefined) return false;
      if (engine !== "again") {
        const { tornBytes, cuts } = engine.kept!.tail;
        const isShort = engine.core.sequence < this.death.needed;
        // A damaged last block looks like a torn one: it is cut and reported, by this start and by
        // those that follow one that failed behind the cut, and a person acts.
        if (!isShort || this.copies === undefined || cuts.length === 0) {
          if (tornBytes > 0) this.count("torn tail cut");
          this.copies = undefined;
          this.lookAtCuts();
          this.live(engine);
          return true;
        }
        this.count("damage cut and reported");
        this.requireLast(engine.core.sequence);
        this.bury("kill");
      }
      if (this.copies !== undefined) this.disk.restore(this.copies);
      this.copies = undefined;
    }
    throw new Violation("start", `none in ${BOOTS_MAX} tries after ${this.death.why}`);
  }

  /** A cut may take what is damaged at the end, and never what lies whole behind damage. */
  private requireLast(sequence: number): void {
    const { needed } = this.death;
    const lost = this.ends.filter((end) => end > sequence && end <= needed).length;
    if (lost > DAMAGED_MAX) throw new Violation("cut", `${lost} blocks that were durable`);
  }

  /** Nothing is missed: the person removes what earlier starts have cut. */
  private lookAtCuts(): void {
    const folder = `${DIR}/0`;
    for (const name of cutsOf(this.disk, folder)) this.disk.remove(`${folder}/${name}`);
  }

  /** An engine that has recovered; "again" when a person had to act first. */
  private tryStart(): Engine | "again" | undefined {
    const { build, hands, disk, segmentBytes } = this;
    try {
      const worker = (start: CommitterStart): HandCommitter =>
        (this.committer = new HandCommitter(disk, start));
      const engine = new Engine({
        ...{ build, clock: hands.clock(), roles: Role.Both, spin: true },
        journal: { dir: DIR, stream: 0, segmentBytes, disk, worker },
        onClockBehind: () => this.count("clock behind"),
      });
      this.listen(engine);
      engine.recover();
      return engine;
    } catch (error) {
      this.bury("kill");
      if (this.hasDropped())
        this.death = { ...this.death, why: "power", needed: this.witness.told[2] };
      return this.refused(error);
    }
  }

  /** What a person does about a start that was refused. */
  private refused(error: unknown): "again" | undefined {
    const code = error instanceof AlphaError ? error.code : (error as { code?: string }).code;
    if (code === "JOURNAL_CORRUPT") {
      this.count("corruption refused");
      if (this.disk.isDamaged) return "again";
      const [, path, offset] =
        /^(?:\S+: )?(\S+) at byte (\d+):/.exec((error as Error).message) ?? [];
      if (path === undefined || this.death.why !== "power") throw error;
      this.cutAt(path, Number(offset));
      return "again";
    }
    const isWorld = ["EIO", "ENOSPC", "JOURNAL_WRITE", "JOURNAL_DISK_FULL"].includes(code ?? "");
    if (!isWorld) throw error;
    this.count("start failed by the disk");
    return undefined;
  }

  /** The remedy of the error's text: later segments away, this one cut. */
  private cutAt(path: string, offset: number): void {
    const { disk } = this;
    const name = path.slice(path.lastIndexOf("/") + 1);
    for (const one of disk.list(`${DIR}/0`)) {
      if (one.startsWith("segment-") && one > name) disk.remove(`${DIR}/0/${one}`);
    }
    const fd = disk.open(path, "r+");
    disk.truncate(fd, offset);
    disk.close(fd);
  }

  /** Whoever hears the engine, before it recovers, as in production. */
  private listen(engine: Engine): void {
    this.desk = new VenueDesk({
      ...{ ring: engine.control, schedule: engine.schedule },
      clockNanos: () => this.hands.nowMillis * 1e6,
      venue: (report) => {
        this.report = report;
        return this.guarded();
      },
      market: () => this.venue,
      onFault: (fault) => {
        throw fault as Error;
      },
    });
    engine.addSink(this.witness);
    engine.addSink(this.desk);
    engine.addSink({
      collect: () => undefined,
      flush: (level, sequence) => {
        if (level !== AckLevel.Memory) return;
        this.witness.turned(sequence, engine.core.view);
        while (this.ends.length > 0 && this.ends.at(-1) >= sequence) this.ends.pop();
        this.ends.push(sequence);
        if (this.ends.length > ENDS_MAX) this.ends.shift();
      },
    });
  }

  private live(engine: Engine): void {
    const { witness, death } = this;
    const { core } = engine;
    this.comeBack(engine, death);
    this.engine = engine;
    this.death = { why: "", needed: 0, last: 0, hash: undefined };
    // Only touches memory, which costs more here than the rest of a life.
    core.warm = () => undefined;
    witness.writtenSequence = () => engine.kept!.journal.writtenSequence;
    engine.start();
    if (engine.fault === undefined) engine.configure(SETUP);
    this.desk?.start();
    this.market.reconnect();
  }

  /** What is back must be what was promised, and be the same. */
  private comeBack({ core, recovery }: Engine, { why, needed, last, hash }: Death): void {
    if (recovery.snapshot !== undefined) this.count("started from a snapshot");
    if (recovery.refused.length > 0) this.count("snapshot passed by");
    if (recovery.checkpoints > 0) this.count("checkpoint verified");
    this.born = core.sequence;
    if (why === "") return;
    this.witness.comeBack(core.sequence, core.view, needed, last, why);
    for (const [id, cause] of this.sent) {
      if (cause <= core.sequence) continue;
      throw new Violation("I5", `intent ${id} left and is gone after ${why}`);
    }
    if (hash === undefined || core.sequence !== last) return;
    this.count("I1 state");
    if (core.stateHash(Role.Order) !== hash) throw new Violation("I1", `another state at ${last}`);
  }

  /** The venue behind a guard that knows what may leave. */
  private guarded(): SimulatedVenue {
    const { venue } = this;
    const guard = Object.create(venue) as SimulatedVenue;
    const forward = (name: "advance" | "open" | "close" | "nextNanos"): void => {
      guard[name] = venue[name].bind(venue) as never;
    };
    (["advance", "open", "close", "nextNanos"] as const).forEach(forward);
    guard.send = (request) => this.sendTo(venue, request);
    return guard;
  }

  private sendTo(venue: SimulatedVenue, request: VenueRequest): void {
    const cause = Number(request.cause);
    const written = this.engine?.kept?.journal.writtenSequence ?? 0;
    if (cause > written) throw new Violation("I5", `request of ${cause}, written is ${written}`);
    if (request.kind === Kind.VenueOrderNew) {
      const { orderId } = request;
      const durable = this.witness.told[2];
      if (cause > durable) throw new Violation("I5", `intent of ${cause}, durable is ${durable}`);
      this.witness.request(Number(orderId), cause);
      if (this.sent.has(orderId)) throw new Violation("I5", `intent ${orderId} left twice`);
      this.sent.set(orderId, cause);
      this.count("I5 intent");
    }
    venue.send(request);
  }

  /** The process is gone. */
  private bury(kind: Crash): void {
    const { disk, engine } = this;
    if (engine !== undefined) {
      this.inputs += engine.core.sequence - this.born;
      // A promise that had its answer would still wake it.
      Object.assign(engine, { isRunning: false, turn: () => undefined });
    }
    this.engine = undefined;
    this.committer = undefined;
    this.report = undefined;
    this.hands.forget();
    this.venue.disconnect();
    if (kind === "kill") disk.killProcess();
    else if (kind === "power") disk.losePower();
    else disk.restart();
    if (!disk.list(`${DIR}/0`).includes("lock")) return;
    // The lock names this process, which lives: let it be one that does not.
    const owner = { ...parse(disk.readText(LOCK)), pid: DEAD_PID, started: "0" };
    disk.remove(LOCK);
    disk.writeText(LOCK, JSON.stringify(owner));
  }

  /** The disk behaves from now on as `rates` say. */
  calm(rates: DiskRates): void {
    this.rates = rates;
    this.disk.rates = rates;
  }

  /** The last life is over, and counted. */
  end(): void {
    this.bury("kill");
  }

  /** Ends this life in some way; `start` begins the next. */
  die(kind: Crash): void {
    const { engine, witness, death } = this;
    if (engine?.fault !== undefined) this.blame(engine.fault);
    const isLossy = kind === "power" || death.why === "power" || this.hasDropped();
    const isWhole = engine !== undefined && engine.fault === undefined;
    const last = Math.max(death.last, engine?.core.sequence ?? 0);
    const hash = isWhole ? engine.core.stateHash(Role.Order) : death.hash;
    this.count(kind);
    // Who died while it could not start was promised what the life before was.
    const needed = Math.max(death.needed, witness.told[isLossy ? 2 : 1]);
    this.death = {
      ...{ why: isLossy ? "power" : kind, last, hash },
      needed: isLossy ? witness.told[2] : needed,
    };
    this.bury(kind);
  }

  /** A fault of the disk is the world's; any other is ours. */
  private blame(fault: unknown): void {
    const code = fault instanceof AlphaError ? fault.code : "";
    // A long listing or many timers make a block that needs a larger segment; the error says so.
    if (code === "JOURNAL_BLOCK_SIZE") this.segmentBytes = SEGMENT_BYTES_ENOUGH;
    else if (!DISK_FAULTS.includes(code)) throw fault as Error;
    this.count(`fault ${code}`);
  }

  /** True when a failed fdatasync dropped pages since the last look: as lost as by a lost power. */
  private hasDropped(): boolean {
    const dropped = this.disk.counts.get("dirtyDropped") ?? 0;
    const isMore = dropped > this.dropped;
    this.dropped = dropped;
    return isMore;
  }

  /** Ends this life cleanly: a checkpoint, everything durable, the lock given back. */
  async stop(marketHash?: bigint): Promise<void> {
    const { engine, hands } = this;
    if (engine === undefined) return;
    let isDone = false;
    let failure: unknown;
    engine.stop(marketHash).then(
      () => (isDone = true),
      (error: unknown) => {
        failure = error;
        isDone = true;
      },
    );
    const last = engine.core.sequence;
    const isWhole = engine.fault === undefined;
    for (let turn = 0; turn < TURNS_MAX && !isDone; turn++) {
      hands.pass(0);
      await Promise.resolve();
    }
    if (!isDone) throw new Violation("stop", "it does not end");
    if (failure !== undefined && !(failure as { code?: string }).code) throw failure as Error;
    const hash = isWhole ? engine.core.stateHash(Role.Order) : undefined;
    const isLossy = this.hasDropped();
    const needed = isLossy ? this.witness.told[2] : isWhole ? last : this.witness.told[1];
    this.death = { why: isLossy ? "power" : "stop", needed, last, hash };
    this.count("stop");
    this.bury("kill");
  }
}

function parse(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}
