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
  Refusal,
} from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { recordBytes } from "../protocol.ts";
import type { Core } from "../core/core.ts";
import type { Change } from "./fork-change.ts";
import { Difference } from "./fork-difference.ts";
import { Rerun } from "./rerun.ts";
import { viewState, type StateView } from "./state-query.ts";
import { hashesOf, timeText, type StateAt, type Timeline } from "./timeline.ts";

/** What a fork gave. */
export interface ForkReport {
  says: string[];
  /** Sequences of the journal: the last before the change, the last that was taken. */
  at: number;
  to: number;
  atTime: string;
  toTime: string;
  /** State hashes at the end; the base line's are the journal's. */
  base: { market: string; order: string };
  fork: { market: string; order: string };
  difference: Difference;
  /** Both states at the end. */
  baseState: StateView;
  forkState: StateView;
  isOtherBuild: boolean;
}

/** Runs it; throws FORK_BASELINE, FORK_CHANGE, and what replays throw. */
export function runFork(
  timeline: Timeline,
  { at, to, changes }: { at: number; to: number; changes: readonly Change[] },
  onProgress: (sequence: number) => void = () => undefined,
): ForkReport {
  const [journal, base, fork] = [0, 1, 2].map(() => timeline.stateAt(at)) as [
    StateAt,
    StateAt,
    StateAt,
  ];
  const difference = new Difference();
  const baseRun = new Rerun(base.core, (core, from, end) => {
    base.recollection.collect(core.u8, core.view, from, end);
    difference.collect("base", core, from, end);
  });
  let denied: string | undefined;
  const forkRun = new Rerun(fork.core, (core, from, end) => {
    fork.recollection.collect(core.u8, core.view, from, end);
    difference.collect("fork", core, from, end);
    denied ??= deniedIn(core, from, end);
  });
  const atTime = timeText(base.core.tsEngineNanos);
  for (const change of changes) {
    for (const record of change.begin(fork.recovery.configured)) {
      denied = undefined;
      forkRun.inject(record);
      if (denied !== undefined) throw cannot(change, denied);
    }
  }
  difference.begin();
  let reached = at;
  for (const record of inputsOf(timeline, at + 1, Infinity)) {
    const sequence = sequenceOf(record);
    // Timers stand with the input that makes them due, whichever side of it the journal has them.
    if (sequence > to && journal.core.sequence === base.core.sequence) break;
    replayOne(journal.core, record);
    baseRun.take(record);
    forkRun.take(changes.reduce((bytes, change) => change.input(bytes), record));
    difference.compare(sequence);
    reached = sequence;
    onProgress(sequence);
  }
  const hashes = { base: hashesOf(base.core), fork: hashesOf(fork.core) };
  requireBaseLine(hashesOf(journal.core), hashes.base, reached);
  return {
    ...{ says: changes.map(({ says }) => says), at, to: reached, atTime },
    ...{ toTime: timeText(base.core.tsEngineNanos), ...hashes, difference },
    ...{ baseState: viewState(base), forkState: viewState(fork) },
    isOtherBuild: base.isOtherBuild,
  };
}

/** Inputs of the journal in order; each is valid until the next is asked for. */
function* inputsOf(timeline: Timeline, from: number, to: number): Generator<Uint8Array, void> {
  for (const { bytes } of timeline.blocks(from, to)) {
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
function requireBaseLine(
  journal: { market: string; order: string },
  base: { market: string; order: string },
  reached: number,
): void {
  if (journal.market === base.market && journal.order === base.order) return;
  throw new AlphaError(
    "FORK_BASELINE",
    `at sequence ${reached} the inputs alone give market ${base.market}, order ${base.order}; ` +
      `the journal gives market ${journal.market}, order ${journal.order}`,
    "this journal cannot be forked: report it with the journal",
  );
}
