// Recovery: the journal's blocks through the core again, and what they had configured.
//
// The journal holds inputs only, so recovery is the run itself without its clock and its sockets.
// A Checkpoint that stands alone in its block (a clean stop writes it so) carries the state hashes
// of that moment; replay must agree, or the journal and this build do not belong together.
//
// tidy: tested by test/src/oms/engine.test.ts
import { BLOCK_BODY } from "../../asm/layout.ts";
import {
  BLOCK_HEADER_BYTES,
  BLOCK_RECORDS,
  CASH_ACCOUNT,
  CASH_AMOUNT_MINOR,
  CELL_SHIFT,
  CHECKPOINT_MARKET_HASH,
  CHECKPOINT_ORDER_HASH,
  CONVERSION_FROM,
  CONVERSION_STALE_MILLIS,
  FEES_ACCOUNT,
  FEES_CURRENCY,
  FEES_MAKER_PER_BILLION,
  FEES_VOLUME_FROM_MINOR,
  Flag,
  Kind,
  LIMITS_COLLAR_BPS,
  LIMITS_SCOPE,
  REC_FLAGS,
  REC_KIND,
  REC_PAYLOAD,
  REC_SEQUENCE,
  Role,
} from "../../asm/vocab.ts";
import { keyText } from "../bytes.ts";
import type { Core } from "../core/core.ts";
import { hex } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import type { JournalTail } from "../journal/journal.ts";
import { Decisions } from "./decisions.ts";
import type { Midway } from "./midway.ts";

/** A snapshot a state was made of. */
export interface SnapshotUse {
  path: string;
  /** Last input in it. */
  sequence: number;
}

/** What a recovery found; counts of blocks and records, and the configuration seen. */
export interface Recovery {
  /** The snapshot it began from; undefined when the journal was replayed from its beginning. */
  snapshot: SnapshotUse | undefined;
  /** Snapshots that were not taken, and why: "path: reason". */
  refused: string[];
  /** Set when it began behind the journal's beginning without a snapshot (midway.ts). */
  midway: Midway | undefined;
  blocks: number;
  records: number;
  checkpoints: number;
  /** What the journal's end was like; undefined without a journal. */
  tail: JournalTail | undefined;
  /** Checkpoints of a state with an earlier beginning, which this one cannot be held against. */
  unverified: number;
  /** Records that a person decided to pass by. */
  decisions: Decisions;
  /** Configuration already journaled, so that it is not sent again. */
  readonly configured: Configured;
}

/**
 * Bytes [from, to) that say whose setting a record is, for kinds where the last record holds: a
 * value that was configured before and replaced since must be sent again.
 */
const SETTINGS = new Map<number, readonly (readonly [number, number])[]>([
  [Kind.RiskLimits, [[LIMITS_SCOPE, LIMITS_COLLAR_BPS]]],
  [
    Kind.FeeSchedule,
    [
      [FEES_ACCOUNT, FEES_MAKER_PER_BILLION],
      [FEES_CURRENCY, FEES_VOLUME_FROM_MINOR],
    ],
  ],
  [Kind.ConversionMark, [[CONVERSION_FROM, CONVERSION_STALE_MILLIS]]],
]);

/** Configuration that one journal holds. */
export class Configured {
  /** Records by identity; of cash the first, of settings the last. */
  private readonly facts = new Map<string, Uint8Array>();
  private readonly settings = new Map<string, Uint8Array>();
  private readonly funded = new Map<string, Uint8Array>();

  /** Takes note of a configuration record, sent or recovered; the bytes are copied. */
  note(record: Uint8Array): void {
    const setting = settingOf(record);
    if (setting !== undefined) this.settings.set(setting, record.slice());
    else if (kindOf(record) === Kind.CashAdjust) {
      const key = text(record, CASH_ACCOUNT, CASH_AMOUNT_MINOR);
      if (!this.funded.has(key)) this.funded.set(key, record.slice());
    } else {
      const key = configKey(record);
      if (!this.facts.has(key)) this.facts.set(key, record.slice());
    }
  }

  /** The records that another set must note to hold what this one holds. */
  *records(): Generator<Uint8Array, void> {
    yield* this.facts.values();
    yield* this.settings.values();
    yield* this.funded.values();
  }

  /**
   * True when the record need not be sent: a fact that is there, a setting whose last record says
   * the same, cash of an account that was given cash before (another amount is no second deposit).
   */
  holds(record: Uint8Array): boolean {
    if (kindOf(record) === Kind.CashAdjust) {
      return this.funded.has(text(record, CASH_ACCOUNT, CASH_AMOUNT_MINOR));
    }
    const setting = settingOf(record);
    if (setting === undefined) return this.facts.has(configKey(record));
    const last = this.settings.get(setting);
    return last !== undefined && configKey(last) === configKey(record);
  }
}

function kindOf(record: Uint8Array): number {
  return (record[REC_KIND] ?? 0) | ((record[REC_KIND + 1] ?? 0) << 8);
}

function text(record: Uint8Array, from: number, to: number): string {
  return keyText(record.subarray(from, to));
}

/** Identity of a configuration record: kind, instrument, payload; not its sequence or time. */
function configKey(record: Uint8Array): string {
  return text(record, 0, REC_SEQUENCE) + text(record, REC_PAYLOAD, record.length);
}

function settingOf(record: Uint8Array): string | undefined {
  const ranges = SETTINGS.get(kindOf(record));
  if (ranges === undefined) return undefined;
  return ranges.reduce(
    (key, [from, to]) => key + text(record, from, to),
    text(record, 0, REC_SEQUENCE),
  );
}

export function emptyRecovery(): Recovery {
  const counts = { blocks: 0, records: 0, checkpoints: 0, unverified: 0 };
  const found = { snapshot: undefined, refused: [], midway: undefined, tail: undefined };
  const made = { configured: new Configured(), decisions: new Decisions() };
  return { ...found, ...counts, ...made };
}

/** Market records among the inputs of a block of an order core: outputs of a market worker. */
export function derivedRuns(
  view: DataView,
  count: number,
  deliver: (from: number, to: number) => void,
): void {
  let at = BLOCK_BODY;
  let from = -1;
  for (let record = 0; record < count; record++) {
    const cells = 1 + (view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask);
    if (view.getUint16(at + REC_KIND, true) >> 8 === 0x04) {
      if (from < 0) from = at;
    } else if (from >= 0) {
      deliver(from, at);
      from = -1;
    }
    at += cells << CELL_SHIFT;
  }
  if (from >= 0) deliver(from, at);
}

/** Without a snapshot only the first block of all can follow; throws RECOVERY_GAP. */
export function requireFirst(index: number, path: string): void {
  if (index === 0) return;
  throw new AlphaError(
    "RECOVERY_GAP",
    `the journal begins with block ${index} (${path}) and no snapshot leads up to it`,
    "ask for a later point, let this build run until it has taken a snapshot, use the build of " +
      "its snapshots, restore the segments from a backup, or move the data directory away",
  );
}

/**
 * Applies one block read from the journal and notes what it configured. Marks in its bytes what is
 * passed by.
 */
export function recoverBlock(
  core: Core,
  block: Uint8Array,
  into: Recovery,
  onOutputs: (from: number, to: number) => void,
): void {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const records = view.getUint32(BLOCK_RECORDS, true);
  into.decisions.mark(block);
  if (records === 1 && view.getUint16(BLOCK_HEADER_BYTES + REC_KIND, true) === Kind.Checkpoint) {
    verifyCheckpoint(core, view, into);
  }
  noteConfiguration(block, into.configured);
  core.replayBlock(block, onOutputs);
  // The block's cells still lie where replay read them.
  if (core.roles === Role.Order) derivedRuns(core.view, records, onOutputs);
  into.blocks += 1;
  into.records += records;
}

function verifyCheckpoint(core: Core, view: DataView, into: Recovery): void {
  // It vouches for a state that had a record a person has decided to pass by since.
  const sequence = view.getBigUint64(BLOCK_HEADER_BYTES + REC_SEQUENCE, true);
  if (into.decisions.voids(Number(sequence))) return;
  if (into.midway !== undefined) {
    into.unverified += 1;
    return;
  }
  const at = BLOCK_HEADER_BYTES;
  checkHash(core, Role.Market, view.getBigUint64(at + CHECKPOINT_MARKET_HASH, true));
  checkHash(core, Role.Order, view.getBigUint64(at + CHECKPOINT_ORDER_HASH, true));
  into.checkpoints += 1;
}

function checkHash(core: Core, role: Role.Market | Role.Order, expected: bigint): void {
  if (expected === 0n || (core.roles & role) === 0) return;
  const actual = core.stateHash(role);
  if (actual === expected) return;
  const name = role === Role.Market ? "market" : "order";
  throw new AlphaError(
    "RECOVERY_HASH",
    `${name} state after replay is ${hex(actual)}, the journal says ${hex(expected)}`,
    "start the build that wrote this journal, or move the data directory away to start empty",
  );
}

/** Takes note of the configuration records among the inputs of a block. */
export function noteConfiguration(block: Uint8Array, configured: Configured): void {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  for (let at = BLOCK_HEADER_BYTES; at < block.length;) {
    const cells = 1 + (view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask);
    const end = at + (cells << CELL_SHIFT);
    if (view.getUint16(at + REC_KIND, true) >> 8 === 0x02) {
      configured.note(block.subarray(at, end));
    }
    at = end;
  }
}
