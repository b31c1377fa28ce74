// The engine's loop: inputs from the rings into the core, its block to the journal, its outputs to
// those who listen. One thread, run to completion, nothing awaited inside.
//
// A turn sequences and applies what waits, hands the outputs to the sinks, writes one journal
// block, and only then lets acknowledgements leave. Parked by default: a turn runs when a producer
// asks for one, when a bell rings or when the core's next deadline is due. With `spin` turns follow
// each other without sleeping.
import { BLOCK_BODY, RING_COMMAND_CELLS } from "../../asm/layout.ts";
import {
  AckLevel,
  CELL_SHIFT,
  CHECKPOINT_CELLS,
  CHECKPOINT_MARKET_HASH,
  CHECKPOINT_ORDER_HASH,
  CHECKPOINT_SEQUENCE,
  Kind,
  REC_KIND,
  Role,
  Stage,
} from "../../asm/vocab.ts";
import type { Clock } from "../clock.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { AlphaError, describeError } from "../errors.ts";
import type { Ring } from "../rings/ring.ts";
import { ClockBase } from "./clock-base.ts";
import { DiskState } from "./disk-state.ts";
import { derivedRuns, emptyRecovery, type Recovery } from "./recovery.ts";
import { openJournal, recoverCore } from "./open-journal.ts";
import type { JournalPlace, OpenJournal } from "./open-journal.ts";
import type { Restored } from "./snapshot.ts";
import { isTrap, rescue, RescueLimit, type Poison } from "./rescue.ts";
import type { OutputSink } from "./sink.ts";

/** Inputs a turn takes at most, so that a burst cannot hold back acknowledgements for long. */
export const RECORDS_PER_TURN_MAX = 4096;

/** Longest sleep of the bell loop; bounds the delay of a missed wake-up, should one exist. */
const PARK_MILLIS_MAX = 100;

/** Longest time that written blocks wait for an fdatasync nobody asked for. */
const SYNC_IDLE_NANOS = 100e6;

/** Milliseconds between looks at the wall clock. */
const HOUSEKEEPING_MILLIS = 1000;

/** Longest setTimeout; later deadlines are armed again. */
const TIMER_MILLIS_MAX = 60_000;

export interface EngineOptions {
  build: CoreBuild;
  clock: Clock;
  /** Role.Both inline; Role.Order when market workers exist. */
  roles: Role;
  spin?: boolean;
  /** Recorded data carries the time: the clock measures, but never enters the core. */
  isRecorded?: boolean;
  /** Sees the sequenced inputs of each turn, bytes from `from` on, before the sinks. */
  onInputs?: ((view: DataView, from: number, count: number) => void) | undefined;
  /** Absent: nothing is recoverable, every level means memory. */
  journal?: JournalPlace | undefined;
  /** Records one latency in nanoseconds; allocation-free. */
  onStage?: ((stage: Stage, nanos: number) => void) | undefined;
  onFault?: ((fault: unknown) => void) | undefined;
  /** A record stopped the core and was passed by. */
  onPoison?: ((poison: Poison) => void) | undefined;
  /** The wall clock went back by this much; engine time does not follow. Once a step. */
  onClockBehind?: ((nanos: number) => void) | undefined;
  /** The journal's disk is full (orders are refused), or has room again; once a change. */
  onDisk?: ((isFull: boolean) => void) | undefined;
}

/** The one order loop. Make it, add sinks, `recover`, `start`; `stop` ends it cleanly. */
export class Engine {
  readonly core: Core;
  readonly clock: Clock;
  readonly recovery: Recovery = emptyRecovery();
  readonly kept: OpenJournal | undefined;
  turns = 0;
  inputs = 0;
  fault: unknown = undefined;
  readonly rescues: RescueLimit;
  private readonly options: EngineOptions;
  private readonly sinks: OutputSink[] = [];
  private readonly clockBase: ClockBase;
  private readonly disk: DiskState;
  private readonly onStage: (stage: Stage, nanos: number) => void;
  private isRunning = false;
  private isScheduled = false;
  private recvNanos = 0;
  private syncNanos = -Infinity;
  /** Clock of the last turn. */
  private turnNanos = 0;
  private deadlineNanos = Infinity;
  private deadlineTimer: NodeJS.Timeout | undefined;
  private housekeeping: NodeJS.Timeout | undefined;
  private parked: Promise<void> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.options = options;
    this.clock = options.clock;
    const { build, journal, roles } = options;
    this.core = Core.create(build, { roles });
    this.kept =
      journal && openJournal(journal, { build, roles }, this.onSynced, (fault) => this.fail(fault));
    this.onStage = options.onStage ?? ignoreStage;
    this.rescues = new RescueLimit(this.clock);
    this.clockBase = new ClockBase(this.core, this.clock, options.onClockBehind);
    this.disk = new DiskState(this.core, options.onDisk);
  }

  get control(): Ring {
    return this.core.control;
  }

  get command(): Ring {
    return this.core.command;
  }

  get feed(): Ring {
    return this.core.feed;
  }

  /** Nanoseconds since the clock base. */
  readonly clockNanos = (): number => this.clock.nowNanos();

  /** Sinks are called in the order they were added; add them before `recover`. */
  addSink(sink: OutputSink): void {
    this.sinks.push(sink);
  }

  // ------------------------------------------------------------------------- recovery

  /** Brings back what the journal holds, if there is one. Call once, before `start`. */
  recover(): Recovery {
    if (this.kept === undefined) return this.recovery;
    recoverCore(this.core, this.kept, this.recovery, this.onRecovered, this.onRestored);
    this.disk.recovered();
    return this.recovery;
  }

  private readonly onRecovered = (from: number, to: number): void => {
    const { u8, view } = this.core;
    for (const sink of this.sinks) sink.recovered?.(u8, view, from, to);
  };

  private readonly onRestored = ({ records, pasts }: Restored): void => {
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    for (const sink of this.sinks) {
      sink.recovered?.(records, view, 0, records.length);
      sink.restored?.(pasts);
    }
  };

  // ------------------------------------------------------------------------- running

  /** Journals the clock base and begins to take turns. */
  start(): void {
    this.isRunning = true;
    this.core.warm();
    if (this.options.isRecorded !== true) {
      this.clockBase.begin();
    }
    // Also keeps the event loop alive: a promise of waitAsync does not.
    this.housekeeping = setInterval(this.keepHouse, HOUSEKEEPING_MILLIS);
    this.tellDisk();
    this.turn();
    this.parked = this.options.spin === true ? this.spinLoop() : this.bellLoop();
  }

  /** Asks for a turn after the current I/O callbacks; many requests make one turn. */
  readonly schedule = (): void => {
    if (this.isScheduled || !this.isRunning) return;
    this.isScheduled = true;
    this.recvNanos = this.clock.nowNanos();
    setImmediate(this.scheduledTurn);
  };

  private readonly scheduledTurn = (): void => {
    if (this.isRunning) this.turn();
  };

  /**
   * Sleeps on the bell that producers of other threads ring. The turn itself is scheduled and the
   * loop waits for it: a loop of microtasks would starve sockets and timers.
   */
  private async bellLoop(): Promise<void> {
    while (this.isRunning) {
      await this.core.bell.waitAsync(this.core.isBusy, PARK_MILLIS_MAX);
      if (this.core.isBusy()) this.schedule();
      await new Promise<void>((next) => setImmediate(next));
    }
  }

  private async spinLoop(): Promise<void> {
    while (this.isRunning) {
      await new Promise<void>((next) => setImmediate(next));
      if (this.core.isBusy()) {
        if (!this.isScheduled) this.recvNanos = this.clock.nowNanos();
        this.turn();
      }
    }
  }

  /** One turn of the loop; never re-entered, never awaits. */
  turn(): void {
    this.isScheduled = false;
    this.turnNanos = this.clock.nowNanos();
    if (!this.take(RECORDS_PER_TURN_MAX)) return;
    if (this.options.isRecorded !== true) this.armDeadline();
    if (this.core.isBusy()) this.schedule();
  }

  /** Takes up to `recordsMax` inputs at the turn's time; false when the engine has failed. */
  private take(recordsMax: number): boolean {
    if (this.fault !== undefined) return false;
    try {
      const startNanos = this.turnNanos;
      const count = this.runCore(startNanos, recordsMax);
      if (count > 0) this.finishTurn(count, startNanos);
      return true;
    } catch (fault) {
      this.fail(fault);
      return false;
    }
  }

  /** Inputs in the open block; 0 after a rescue too, which has written its block itself. */
  private runCore(startNanos: number, recordsMax: number): number {
    try {
      return this.core.run(this.options.isRecorded === true ? -1 : startNanos, recordsMax);
    } catch (fault) {
      if (this.kept === undefined || !isTrap(fault) || !this.rescues.mayRescue()) throw fault;
      this.rescued(this.kept, fault);
      return 0;
    }
  }

  /** Passes by the record that stopped the core and tells what the turn gave. */
  private rescued(kept: OpenJournal, trap: unknown): void {
    const startNanos = this.clock.nowNanos();
    const poison = rescue(this.core, kept, (from, start, end) => {
      for (const sink of this.sinks) sink.collect(from.u8, from.view, start, end);
    });
    if (poison === undefined) throw trap;
    kept.journal.requestSync();
    const levels = [AckLevel.Memory, AckLevel.Written];
    for (const level of levels) for (const sink of this.sinks) sink.flush(level, poison.sequence);
    this.tellDisk();
    this.recvNanos = 0;
    const millis = (this.clock.nowNanos() - startNanos) / 1e6;
    this.options.onPoison?.({ ...poison, trap: describeError(trap).split("\n")[0] ?? "", millis });
  }

  private finishTurn(count: number, startNanos: number): void {
    const clock = this.clock;
    this.options.onInputs?.(this.core.view, BLOCK_BODY, count);
    this.deliver(count);
    const sequence = this.core.sequence;
    const coreNanos = clock.nowNanos();
    for (const sink of this.sinks) sink.flush(AckLevel.Memory, sequence);
    this.write(sequence, count);
    const journalNanos = clock.nowNanos();
    for (const sink of this.sinks) sink.flush(AckLevel.Written, sequence);
    if (this.kept === undefined) this.onSynced(sequence);
    const sendNanos = clock.nowNanos();
    if (this.recvNanos > 0) this.onStage(Stage.Ring, startNanos - this.recvNanos);
    this.onStage(Stage.Core, coreNanos - startNanos);
    this.onStage(Stage.Journal, journalNanos - coreNanos);
    this.onStage(Stage.Send, sendNanos - journalNanos);
    if (this.recvNanos > 0) this.onStage(Stage.Total, sendNanos - this.recvNanos);
    this.recvNanos = 0;
    this.turns += 1;
    this.inputs += count;
  }

  /**
   * Hands the turn's records to the sinks. Market records that came in from a worker lie in the
   * block (they are inputs here); what this core wrote lies in the output ring.
   */
  private deliver(count: number): void {
    if (this.core.roles === Role.Order) derivedRuns(this.core.view, count, this.onOutputs);
    this.core.drain(this.onOutputs);
  }

  private readonly onOutputs = (from: number, to: number): void => {
    const { u8, view } = this.core;
    for (const sink of this.sinks) sink.collect(u8, view, from, to);
  };

  private write(sequence: number, count: number): void {
    if (this.kept === undefined) return this.core.discard();
    const bytes = this.core.seal();
    this.kept.journal.append(this.core.u8, this.core.blockAt, bytes, sequence - count + 1, count);
    if (this.isSyncDue()) this.kept.journal.requestSync();
    this.tellDisk();
  }

  private tellDisk(): void {
    if (this.fault === undefined && this.disk.tell(this.kept?.journal.isFull)) this.schedule();
  }

  /**
   * At once while somebody waits for the durable level, else every SYNC_IDLE_NANOS: an fdatasync
   * for every turn that nobody waits for would only hold up the next write.
   */
  private isSyncDue(): boolean {
    const nowNanos = this.clock.nowNanos();
    let isDue = nowNanos - this.syncNanos >= SYNC_IDLE_NANOS;
    for (const sink of this.sinks) isDue ||= sink.wantsDurable === true;
    if (isDue) this.syncNanos = nowNanos;
    return isDue;
  }

  private readonly onSynced = (sequence: number): void => {
    for (const sink of this.sinks) sink.flush(AckLevel.Durable, sequence);
  };

  /** Fails closed: no further turn, so nothing is acknowledged that was not kept. */
  private fail(fault: unknown): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.isRunning = false;
    this.clearTimers();
    this.options.onFault?.(fault);
  }

  // ------------------------------------------------------------------------- time

  private armDeadline(): void {
    const deadlineNanos = this.core.deadlineSinceBaseNanos();
    if (deadlineNanos === this.deadlineNanos) return;
    this.deadlineNanos = deadlineNanos;
    clearTimeout(this.deadlineTimer);
    if (deadlineNanos > 1e300) return;
    const millis = (deadlineNanos - this.clock.nowNanos()) / 1e6;
    const waitMillis = Math.min(Math.max(Math.ceil(millis), 0), TIMER_MILLIS_MAX);
    this.deadlineTimer = setTimeout(this.onDeadline, waitMillis);
  }

  private readonly onDeadline = (): void => {
    this.deadlineNanos = Infinity;
    if (this.isRunning) this.turn();
  };

  private readonly keepHouse = (): void => {
    // What the last turn wrote has no later turn to ask for it.
    this.kept?.journal.requestSync();
    this.tellDisk();
    if (this.options.isRecorded === true) return;
    if (this.clockBase.follow()) this.schedule();
  };

  private reserveControl(cells: number): number {
    const at = this.control.reserve(cells);
    if (at >= 0) return at;
    throw new AlphaError("CONTROL_FULL", "the control ring is full", "configure in smaller steps");
  }

  // ------------------------------------------------------------------------- configuration

  /**
   * Sends configuration records (kinds 0x02..) that are not in force yet (see recovery.ts), in
   * order, and returns how many were new. The core answers each with ConfigAccepted or
   * ConfigDenied.
   */
  configure(records: readonly Uint8Array[]): number {
    let sent = 0;
    for (const record of records) {
      if (this.recovery.configured.holds(record)) continue;
      const at = this.reserveControl(record.length >> CELL_SHIFT);
      this.recovery.configured.note(record);
      this.core.u8.set(record, at);
      this.control.commit();
      sent += 1;
    }
    this.control.publish();
    if (this.isRunning) this.turn();
    return sent;
  }

  // ------------------------------------------------------------------------- stopping

  /** Takes the last turn, writes a checkpoint, makes it durable and closes the journal. */
  async stop(marketHash?: bigint): Promise<void> {
    if (this.isRunning) {
      for (let turn = 0; turn < RING_COMMAND_CELLS && this.core.isBusy(); turn++) this.turn();
      if (this.fault === undefined) this.checkpoint(marketHash);
    }
    this.isRunning = false;
    this.clearTimers();
    this.core.bell.ring();
    await this.parked;
    await this.kept?.journal.close();
  }

  /**
   * Alone in its block, or recovery cannot verify it: one record, at the time of the last turn, so
   * that no timer became due since.
   */
  private checkpoint(marketHash: bigint | undefined): void {
    this.pushCheckpoint(marketHash);
    this.take(1);
  }

  private pushCheckpoint(marketHash: bigint | undefined): void {
    const at = this.reserveControl(CHECKPOINT_CELLS);
    const core = this.core;
    const hasMarket = (core.roles & Role.Market) !== 0;
    const market = marketHash ?? (hasMarket ? core.stateHash(Role.Market) : 0n);
    core.view.setUint16(at + REC_KIND, Kind.Checkpoint, true);
    core.view.setBigUint64(at + CHECKPOINT_MARKET_HASH, market, true);
    core.view.setBigUint64(at + CHECKPOINT_ORDER_HASH, core.stateHash(Role.Order), true);
    core.view.setBigUint64(at + CHECKPOINT_SEQUENCE, BigInt(core.sequence), true);
    this.control.commit();
    this.control.publish();
  }

  private clearTimers(): void {
    clearTimeout(this.deadlineTimer);
    clearInterval(this.housekeeping);
  }
}

function ignoreStage(): void {
  // Nobody measures.
}
