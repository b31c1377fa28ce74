// A fork: the state at a point of the journal, one thing changed, and the rest of the inputs again.
//
// Three cores stand at the point. One replays the journal as it is. One takes the same inputs
// through the sequencer again: it is the base line, and it must end in the journal's own state, or
// the fork is refused. One takes them with the change. What others did stays what it was: nobody
// reacts to the change but the core itself.
//
// tidy: tested by test/src/oms/fork.test.ts
import {
  BLOCK_HEADER_BYTES,
  CONFIG_REASON,
  Kind,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
  Refusal,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { recordBytes } from "../protocol.ts";
import type { Core } from "../core/core.ts";
import type { Change } from "./fork-change.ts";
import { Difference } from "./fork-difference.ts";
import { Rerun, type OnOutputs } from "./rerun.ts";
import type { Recast, StandIn } from "./stand-in.ts";
import { viewState, type StateView } from "./state-query.ts";
import { hashesOf, timeText, type StateAt, type Timeline } from "./timeline.ts";

const DERIVED_BLOCK = 0x04;

/** What a fork gave. */
export interface ForkReport {
  says: string[];
  /** Sequences of the journal: the last before the change, the last that was taken. */
  at: number;
  to: number;
  atTime: string;
  toTime: string;
  /** State hashes at the end. The base line's are the journal's, unless somebody stands in. */
  journal: { market: string; order: string };
  base: { market: string; order: string };
  fork: { market: string; order: string };
  difference: Difference;
  /** Both states at the end. */
  baseState: StateView;
  forkState: StateView;
  isOtherBuild: boolean;
  /** What the base line is when somebody stands in; "" when it is the journal. */
  baseSays: string;
}

/** What is asked of a fork. */
export interface ForkPlan {
  at: number;
  to: number;
  changes: readonly Change[];
  /** Somebody who is there anew in base line and fork, instead of in the journal. */
  recast?: Recast | undefined;
}

/** Runs it; throws FORK_BASELINE, FORK_CHANGE, and what replays throw. */
export function runFork(
  timeline: Timeline,
  plan: ForkPlan,
  onProgress: (sequence: number) => void = () => undefined,
): ForkReport {
  const { at, to, changes, recast } = plan;
  const journal = timeline.stateAt(at);
  const plain = new Lane(timeline.stateAt(at));
  const difference = new Difference();
  const base =
    recast === undefined ? plain : new Lane(timeline.stateAt(at), (state) => recast.base(state));
  const fork = new Lane(timeline.stateAt(at), recast && ((state) => recast.fork(state)));
  const atTime = timeText(plain.core.tsEngineNanos);
  for (const change of changes) fork.begin(change);
  base.tell = (core, from, end) => difference.collect("base", core, from, end);
  fork.tell = (core, from, end) => difference.collect("fork", core, from, end);
  let reached = at;
  for (const record of inputsOf(timeline, at + 1, Infinity)) {
    const sequence = sequenceOf(record);
    // Timers stand with the input that makes them due, whichever side of it the journal has them.
    if (sequence > to && journal.core.sequence === plain.core.sequence) break;
    replayOne(journal.core, record);
    plain.take(record);
    if (base !== plain) base.take(record);
    fork.take(changes.reduce((bytes, change) => change.input(bytes), record));
    difference.compare(sequence);
    reached = sequence;
    onProgress(sequence);
  }
  const hashes = { base: hashesOf(base.core), fork: hashesOf(fork.core) };
  requireBaseLine(journal.core, plain.core, reached);
  const says = changes.map((change) => change.says);
  return {
    ...{ says: recast === undefined ? says : [...says, recast.says], at, to: reached, atTime },
    ...{ baseSays: recast?.baseSays ?? "", journal: hashesOf(journal.core) },
    ...{ toTime: timeText(journal.core.tsEngineNanos), ...hashes, difference },
    ...{ baseState: viewState(base.state), forkState: viewState(fork.state) },
    isOtherBuild: journal.isOtherBuild,
  };
}

/** One run: its core, who hears it, and who stands in for somebody of the journal. */
class Lane {
  readonly state: StateAt;
  tell: OnOutputs | undefined;
  private readonly rerun: Rerun;
  private readonly standIn: StandIn | undefined;
  /** Word of the last refusal of a configuration. */
  private denied: string | undefined;

  constructor(state: StateAt, standIn?: (state: StateAt) => StandIn) {
    this.state = state;
    this.standIn = standIn?.(state);
    this.rerun = new Rerun(state.core, this.onOutputs);
  }

  get core(): Core {
    return this.state.core;
  }

  /** Puts a change into force at the point. */
  begin(change: Change): void {
    for (const record of change.begin(this.state.recovery.configured)) {
      this.denied = undefined;
      this.rerun.takeAt(record, this.core.tsEngineNanos);
      if (this.denied !== undefined) throw cannot(change, this.denied);
    }
  }

  /** Takes an input of the journal, behind what a stand-in has sent by then. */
  take(record: Uint8Array): void {
    const { standIn, rerun } = this;
    const tsNanos = viewOf(record).getBigInt64(REC_TS_ENGINE, true);
    for (;;) {
      const arrival = standIn?.next(tsNanos);
      if (arrival === undefined) break;
      rerun.takeAt(arrival.record, arrival.tsNanos);
    }
    if (standIn?.owns(record) === true) return;
    const view = viewOf(record);
    // Market records come in from a worker, as inputs, and are heard like outputs.
    const isDerived = view.getUint16(REC_KIND, true) >> 8 === DERIVED_BLOCK;
    if (isDerived) standIn?.hear({ u8: record, view, tsEngineNanos: tsNanos }, 0, record.length);
    rerun.take(record);
  }

  private readonly onOutputs = (core: Core, from: number, to: number): void => {
    this.state.recollection.collect(core.u8, core.view, from, to);
    this.standIn?.hear(core, from, to);
    this.tell?.(core, from, to);
    this.denied ??= deniedIn(core, from, to);
  };
}

/** Inputs of the journal in order; each is valid until the next is asked for. */
function* inputsOf(timeline: Timeline, from: number, to: number): Generator<Uint8Array, void> {
  for (const { bytes } of timeline.replayBlocks(from, to)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length;) {
      const end = at + recordBytes(view, at);
      const record = bytes.subarray(at, end);
      if (sequenceOf(record) >= from) yield record;
      at = end;
    }
  }
}

function replayOne(core: Core, record: Uint8Array): void {
  const block = new Uint8Array(BLOCK_HEADER_BYTES + record.length);
  block.set(record, BLOCK_HEADER_BYTES);
  core.replayBlock(block, () => undefined);
}

function viewOf(record: Uint8Array): DataView {
  return new DataView(record.buffer, record.byteOffset, record.byteLength);
}

function sequenceOf(record: Uint8Array): number {
  return Number(viewOf(record).getBigUint64(REC_SEQUENCE, true));
}

/** Word of the refusal of a ConfigDenied among the outputs. */
function deniedIn({ view }: Core, from: number, to: number): string | undefined {
  for (let at = from; at < to; at += recordBytes(view, at)) {
    if (view.getUint16(at + REC_KIND, true) !== Kind.ConfigDenied) continue;
    const reason = view.getUint16(at + CONFIG_REASON, true);
    return Refusal[reason] ?? String(reason);
  }
  return undefined;
}

function cannot({ says }: Change, denied: string): AlphaError {
  const what = `the core refuses "${says}": ${denied}`;
  return new AlphaError("FORK_CHANGE", what, "change a row that can be, within its range");
}

/** Without it a difference would be of the method, not of the change. */
function requireBaseLine(journal: Core, plain: Core, reached: number): void {
  const [want, have] = [hashesOf(journal), hashesOf(plain)];
  const isSame = want.market === have.market && want.order === have.order;
  if (isSame && journal.sequence === plain.sequence) return;
  throw new AlphaError(
    "FORK_BASELINE",
    `at sequence ${reached} the inputs alone give sequence ${plain.sequence}, market ` +
      `${have.market}, order ${have.order}; the journal gives sequence ${journal.sequence}, ` +
      `market ${want.market}, order ${want.order}`,
    "this journal cannot be forked: report it with the journal",
  );
}
