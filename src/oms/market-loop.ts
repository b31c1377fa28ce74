// A market worker's loop (sharded topology): ticks into a core of the market role, its block to a
// journal of its own, what it derived to the order loop.
//
// Its journal is written before anything is forwarded, so after a crash the replay makes again all
// that the order loop may have missed; the order loop says the last one it has seen. It says so by
// the tick and not by a number of ours (market-mark.ts): after an upgrade this core may make other
// records of the same ticks, and those of a tick the order loop has seen are not sent again.
//
// tidy: tested by test/src/oms/topology.test.ts
import { RING_DERIVED_CELLS } from "../../asm/layout.ts";
import { CELL_SHIFT, REC_CAUSE, REC_KIND, Role, Stage } from "../../asm/vocab.ts";
import type { Clock } from "../clock.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import type { Ring } from "../rings/ring.ts";
import { recoverCore, type OpenJournal } from "./open-journal.ts";
import { ClockBase } from "./clock-base.ts";
import { isAhead, MarketMarker, NOTHING_SEEN, type MarketMark } from "./market-mark.ts";
import { emptyRecovery, type Recovery } from "./recovery.ts";

const RECORDS_PER_TURN_MAX = 4096;
const PARK_MILLIS_MAX = 100;
/** Sleep while the order loop's ring is full, and how often before giving up: 60 s. */
const FULL_SLEEP_MILLIS = 0.1;
const FULL_SLEEPS_MAX = 600_000;
/** Time between looks at the wall clock. */
const HOUSEKEEPING_NANOS = 1e9;
/** Records the order loop missed beyond its ring: four rings are more than a crash can leave. */
const BACKLOG_CELLS_MAX = 4 * RING_DERIVED_CELLS;

export interface MarketLoopOptions {
  build: CoreBuild;
  clock: Clock;
  /** Core instance: 1.. */
  stream: number;
  /** The order core's ring that takes derived records. */
  derived: Ring;
  /** Recorded data carries the time; the clock is not read. */
  isRecorded: boolean;
  kept?: OpenJournal | undefined;
  onStage?: ((stage: Stage, nanos: number) => void) | undefined;
}

/** Runs on its own thread; the order loop's thread owns the other end of `derived`. */
export class MarketLoop {
  readonly core: Core;
  readonly recovery: Recovery = emptyRecovery();
  private readonly options: MarketLoopOptions;
  private readonly sleeper = new Int32Array(new SharedArrayBuffer(4));
  private readonly clockBase: ClockBase;
  private isRunning = false;
  private isRecovering = false;
  private houseNanos = 0;
  /** Recovered records that found the ring full: the order loop takes none before it runs. */
  private readonly backlog: Int32Array[] = [];
  private backlogCells = 0;
  /** Market records up to this one are in the order loop's journal. */
  private seen = NOTHING_SEEN;
  /** The last market record made. */
  private readonly made = new MarketMarker();

  constructor(options: MarketLoopOptions) {
    this.options = options;
    this.core = Core.create(options.build, { roles: Role.Market, stream: options.stream });
    this.clockBase = new ClockBase(this.core, options.clock);
  }

  /** Replays the worker's journal and forwards what the order loop has not seen. */
  recover(seen: MarketMark): void {
    if (this.options.kept === undefined) return;
    this.seen = seen;
    this.isRecovering = true;
    // Nobody listens here: what a snapshot recalls is for the sinks of the order loop.
    recoverCore(this.core, this.options.kept, this.recovery, this.forward, () => undefined);
    this.isRecovering = false;
    // A loss of power may have taken the last ticks and left what the order loop made of them.
    // Recorded ones come again under their numbers; live ones are others, which nobody has seen.
    if (!this.options.isRecorded) this.seen = NOTHING_SEEN;
    this.options.derived.publish();
    this.options.derived.wake();
  }

  /** Sleeps and takes turns until `stop`. Throws what the core or the journal throws. */
  async loop(): Promise<void> {
    this.isRunning = true;
    this.forwardBacklog();
    if (!this.options.isRecorded) this.clockBase.begin();
    while (this.isRunning) {
      this.keepHouse();
      const count = this.turn();
      if (count > 0) {
        await new Promise<void>((next) => setImmediate(next));
        continue;
      }
      await this.core.bell.waitAsync(this.core.isBusy, this.parkMillis());
    }
  }

  private keepHouse(): void {
    const nowNanos = this.options.clock.nowNanos();
    if (this.options.isRecorded || nowNanos - this.houseNanos < HOUSEKEEPING_NANOS) return;
    this.houseNanos = nowNanos;
    this.clockBase.follow();
  }

  private parkMillis(): number {
    if (this.options.isRecorded) return PARK_MILLIS_MAX;
    const dueNanos = this.core.deadlineSinceBaseNanos() - this.options.clock.nowNanos();
    return Math.max(0, Math.min(PARK_MILLIS_MAX, dueNanos / 1e6));
  }

  /** Takes what waits once; returns the inputs taken, timers included. */
  turn(): number {
    const { clock, isRecorded, kept, derived, onStage } = this.options;
    const startNanos = clock.nowNanos();
    const count = this.core.run(isRecorded ? -1 : startNanos, RECORDS_PER_TURN_MAX);
    if (count === 0) return 0;
    const coreNanos = clock.nowNanos();
    if (kept === undefined) {
      this.core.discard();
    } else {
      const bytes = this.core.seal();
      const first = this.core.sequence - count + 1;
      kept.journal.append(this.core.u8, this.core.blockAt, bytes, first, count);
      kept.journal.requestSync();
    }
    onStage?.(Stage.Core, coreNanos - startNanos);
    onStage?.(Stage.Journal, clock.nowNanos() - coreNanos);
    this.core.drain(this.forward);
    derived.publish();
    derived.wake();
    return count;
  }

  /** Ends `loop` after the turn that runs. */
  stop(): void {
    this.isRunning = false;
    this.core.bell.ring();
  }

  /** The last input that market records came of: what the order loop will have seen in the end. */
  get madeSequence(): number {
    return this.made.sequence;
  }

  /** Sends configuration this worker's journal does not hold yet. */
  configure(records: readonly Uint8Array[]): void {
    const { control, u8 } = this.core;
    for (const record of records) {
      if (this.recovery.configured.holds(record)) continue;
      const at = control.reserve(record.length >> CELL_SHIFT);
      if (at < 0)
        throw new AlphaError("CONTROL_FULL", "control ring full", "configure less at once");
      this.recovery.configured.note(record);
      u8.set(record, at);
      control.commit();
    }
    control.publish();
    this.turn();
  }

  /** Copies derived records to the order loop; their cause is the input of this worker. */
  private readonly forward = (from: number, to: number): void => {
    const { view, out, i32 } = this.core;
    for (let at = from; at < to;) {
      const cells = out.cellsAt(at);
      if (view.getUint16(at + REC_KIND, true) >> 8 === 0x04) {
        const cause = (at + REC_CAUSE) >> 2;
        this.made.note((i32[cause + 1]! >>> 0) * 0x1_0000_0000 + (i32[cause]! >>> 0));
        if (isAhead(this.made, this.seen)) this.pushDerived(i32, at, cells);
      }
      at += cells << CELL_SHIFT;
    }
  };

  private pushDerived(i32: Int32Array, at: number, cells: number): void {
    const { derived } = this.options;
    if (this.isRecovering) return this.pushRecovered(i32, at, cells);
    for (let sleeps = 0; !derived.push(i32, at, cells); sleeps++) {
      derived.publish();
      derived.wake();
      if (sleeps > FULL_SLEEPS_MAX) {
        throw new AlphaError(
          "DERIVED_STUCK",
          "the order loop has taken nothing for 60 s",
          "look for a fault of the order loop in the log",
        );
      }
      Atomics.wait(this.sleeper, 0, 0, FULL_SLEEP_MILLIS);
    }
  }

  /**
   * The order loop waits for this recovery and takes nothing yet, so a full ring is no reason to
   * wait.
   */
  private pushRecovered(i32: Int32Array, at: number, cells: number): void {
    if (this.backlogCells === 0 && this.options.derived.push(i32, at, cells)) return;
    this.backlogCells += cells;
    if (this.backlogCells > BACKLOG_CELLS_MAX) {
      throw new AlphaError(
        "DERIVED_BACKLOG",
        `the order journal misses more than ${BACKLOG_CELLS_MAX} cells of market records`,
        "the two journals do not belong together: restore both, or move the data directory away",
      );
    }
    this.backlog.push(i32.slice(at >> 2, (at + (cells << CELL_SHIFT)) >> 2));
  }

  private forwardBacklog(): void {
    for (const record of this.backlog) this.pushDerived(record, 0, record.length >> 4);
    this.backlog.length = 0;
    this.backlogCells = 0;
    this.options.derived.publish();
    this.options.derived.wake();
  }
}
