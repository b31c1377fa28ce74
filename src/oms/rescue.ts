// The way on when a record stops the core.
//
// A trap leaves the memory half changed, so nothing in it may be believed. What may be: the
// journal, and the open block, whose last record is the one that stopped it. A second core is made
// from the journal as at a start, applies the records before that one, and passes it by; the block
// is written with the record in it, marked Flag.Skipped, so that nothing is lost and every replay
// decides the same. Then its state is put under the running engine, whose rings stay as they are.
//
// A deadline that stops the core cannot be passed by: it would be due again at once.
//
// tidy: tested by test/src/oms/rescue.test.ts
import {
  BLOCK_BODY,
  H_BLOCK_CELLS,
  H_BLOCK_INDEX,
  H_BLOCK_RECORDS,
  H_PREV_HASH,
  RING_OUT,
} from "../../asm/layout.ts";
import {
  BLOCK_HEADER_BYTES,
  CELL_SHIFT,
  Flag,
  Kind,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  RING_HEAD,
  RING_NEXT,
} from "../../asm/vocab.ts";
import type { Clock } from "../clock.ts";
import { Core } from "../core/core.ts";
import { copyState } from "../core/image.ts";
import { AlphaError } from "../errors.ts";
import { recordBytes } from "../protocol.ts";
import { recoverCore, type OpenJournal } from "./open-journal.ts";
import { emptyRecovery } from "./recovery.ts";
import { usableSnapshots } from "./snapshot.ts";

/** The record that was passed by. */
export interface Poison {
  sequence: number;
  kind: string;
  instrument: number;
  /** What the core said. */
  trap: string;
  /** How long the engine stood still. */
  millis: number;
}

/** True for what a record can do to the core, and not what the world does to the engine. */
export function isTrap(fault: unknown): boolean {
  if (fault instanceof WebAssembly.RuntimeError) return true;
  return fault instanceof AlphaError && fault.code === "CORE_DEFECT";
}

/** An engine that is stopped again and again would only stand still: it fails instead. */
export const RESCUES_MAX = 8;
const RESCUES_NANOS = 3600e9;

/** Counts rescues: RESCUES_MAX within an hour of the engine's clock. */
export class RescueLimit {
  count = 0;
  private readonly clock: Clock;
  /** When the last ones were, oldest first. */
  private readonly nanos: number[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** True when one more is allowed, which is counted. */
  mayRescue(): boolean {
    const nowNanos = this.clock.nowNanos();
    while (this.nanos.length > 0 && nowNanos - this.nanos[0]! > RESCUES_NANOS) this.nanos.shift();
    if (this.nanos.length === RESCUES_MAX) return false;
    this.nanos.push(nowNanos);
    this.count += 1;
    return true;
  }
}

/**
 * Brings the core behind the record that stopped it and writes the turn's block. `onOutputs` gets
 * the outputs of the turn, out of the memory of another core. Undefined when there is nothing to
 * pass by: no record was being applied, or a Timer.
 */
export function rescue(
  core: Core,
  kept: OpenJournal,
  onOutputs: (from: Core, start: number, end: number) => void,
): Omit<Poison, "trap" | "millis"> | undefined {
  const { view } = core;
  const records = view.getUint32(H_BLOCK_RECORDS, true);
  if (records === 0) return undefined;
  const cells = view.getUint32(H_BLOCK_CELLS, true);
  const block = new Uint8Array(BLOCK_HEADER_BYTES + (cells << CELL_SHIFT));
  block.set(core.u8.subarray(BLOCK_BODY, BLOCK_BODY + (cells << CELL_SHIFT)), BLOCK_HEADER_BYTES);
  const body = new DataView(block.buffer);
  const at = lastRecord(body);
  const kind = body.getUint16(at + REC_KIND, true);
  if (kind === (Kind.Timer as number)) return undefined;
  body.setUint16(at + REC_FLAGS, body.getUint16(at + REC_FLAGS, true) | Flag.Skipped, true);

  const second = secondCore(core, kept);
  const first = second.sequence + 1;
  const wanted = core.sequence - records + 1;
  if (first !== wanted) {
    throw new AlphaError(
      "RESCUE_GAP",
      `the journal ends at sequence ${first - 1}, the block begins at ${wanted}`,
      "look at the journal with: alphapulse journal verify --deep",
    );
  }
  second.replayBlock(block, (start, end) => onOutputs(second, start, end));
  second.view.setUint32(H_BLOCK_CELLS, cells, true);
  second.view.setUint32(H_BLOCK_RECORDS, records, true);
  const bytes = second.seal();
  kept.journal.append(second.u8, second.blockAt, bytes, first, records);
  copyState(second, core);
  // What the trapped turn had put there was never shown to anybody.
  view.setUint32(RING_OUT + RING_NEXT, view.getUint32(RING_OUT + RING_HEAD, true), true);
  const instrument = body.getUint32(at + REC_INSTRUMENT, true);
  return { sequence: core.sequence, kind: Kind[kind] ?? `0x${kind.toString(16)}`, instrument };
}

/** A core of its own at the journal's end, with the chain of the running one. */
function secondCore(core: Core, kept: OpenJournal): Core {
  const { build, roles } = core;
  const second = Core.create(build, { roles, stream: kept.snapshots.stream });
  const found = usableSnapshots(kept.snapshots, { build, roles });
  const ignore = (): void => undefined;
  recoverCore(second, { ...kept, ...found }, emptyRecovery(), ignore, ignore);
  for (const word of [H_PREV_HASH, H_BLOCK_INDEX]) {
    second.view.setBigUint64(word, core.view.getBigUint64(word, true), true);
  }
  return second;
}

function lastRecord(block: DataView): number {
  let last: number = BLOCK_HEADER_BYTES;
  for (let at = last; at < block.byteLength; at += recordBytes(block, at)) last = at;
  return last;
}
