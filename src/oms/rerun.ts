// Inputs of a journal through the sequencer once more, for when they are not quite the same.
//
// A replay takes the timers of the journal. Here the core sets its own, because other orders have
// other deadlines; time comes from the journal's records, one input after the other. With the same
// inputs that gives the journal again, timer by timer: a fork proves it of its base line.
//
// tidy: tested by test/src/oms/fork.test.ts
import {
  BLOCK_HEADER_BYTES,
  Flag,
  Kind,
  REC_FLAGS,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
} from "../../asm/vocab.ts";
import type { Core } from "../core/core.ts";

/** First byte of the kinds of commands. */
const COMMAND_BLOCK = 0x05;

/** Outputs of one step, bytes [from, to) of the core's memory. */
export type OnOutputs = (core: Core, from: number, to: number) => void;

/** One core that goes on from where it stands. */
export class Rerun {
  readonly core: Core;
  private readonly onOutputs: OnOutputs;

  constructor(core: Core, onOutputs: OnOutputs) {
    this.core = core;
    this.onOutputs = onOutputs;
  }

  /** Takes an input of the journal; a Timer only lets its time pass. */
  take(record: Uint8Array): void {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const kind = view.getUint16(REC_KIND, true);
    // In recorded time (no clock base was journaled) time is that of the data alone.
    const isLive = this.core.clockBaseNanos !== 0n || kind === (Kind.ClockBase as number);
    const tsNanos = view.getBigInt64(REC_TS_ENGINE, true);
    const sinceNanos = isLive ? Math.max(0, Number(tsNanos - this.core.clockBaseNanos)) : -1;
    const isSkipped = (view.getUint16(REC_FLAGS, true) & Flag.Skipped) !== 0;
    if (isSkipped) return this.pass(record.slice(), kind, sinceNanos);
    if (kind === (Kind.ClockBase as number)) return this.place(record.slice(), sinceNanos);
    if (kind !== (Kind.Timer as number)) this.put(record);
    this.turn(sinceNanos);
  }

  /** What is passed by has its number and its time, and a command its answer. */
  private pass(record: Uint8Array, kind: number, sinceNanos: number): void {
    if (kind >> 8 === COMMAND_BLOCK) return this.place(record, sinceNanos);
    // The sequencer knows no flag: a kind that only readers of a journal look at moves the time.
    const view = new DataView(record.buffer);
    view.setUint16(REC_KIND, Kind.SkipRecord, true);
    view.setUint16(REC_FLAGS, view.getUint16(REC_FLAGS, true) & ~Flag.Skipped, true);
    this.put(record);
    this.turn(sinceNanos);
  }

  /**
   * Applies an input as the next one, at its own time, past the sequencer: a skipped command, which
   * that would take, or a clock base, behind which the same clock is another time.
   */
  private place(record: Uint8Array, sinceNanos: number): void {
    const { core } = this;
    this.turn(sinceNanos);
    const block = new Uint8Array(BLOCK_HEADER_BYTES + record.length);
    block.set(record, BLOCK_HEADER_BYTES);
    const view = new DataView(block.buffer);
    view.setBigUint64(BLOCK_HEADER_BYTES + REC_SEQUENCE, BigInt(core.sequence + 1), true);
    core.replayBlock(block, (from, to) => this.onOutputs(core, from, to));
  }

  /** Takes an input that was not in the journal, at a time. */
  takeAt(record: Uint8Array, tsNanos: bigint): void {
    const copy = record.slice();
    const view = new DataView(copy.buffer);
    view.setBigInt64(REC_TS_ENGINE, tsNanos, true);
    // In recorded time a record brings its own; else it is the clock's.
    const flags = view.getUint16(REC_FLAGS, true);
    const isTimed = this.core.clockBaseNanos === 0n && tsNanos > this.core.tsEngineNanos;
    view.setUint16(REC_FLAGS, isTimed ? flags | Flag.Timed : flags & ~Flag.Timed, true);
    this.take(copy);
  }

  private put(record: Uint8Array): void {
    const { control, u8 } = this.core;
    const at = control.reserve(record.length >> 6);
    if (at < 0) throw new Error("an empty control ring has room");
    u8.set(record, at);
    control.commit();
    control.publish();
  }

  private turn(sinceBaseNanos: number): void {
    const { core, onOutputs } = this;
    for (;;) {
      const count = core.run(sinceBaseNanos, 1);
      core.drain((from, to) => onOutputs(core, from, to));
      core.discard();
      if (count === 0 && !core.isBusy()) return;
    }
  }
}
