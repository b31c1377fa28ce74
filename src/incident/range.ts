// Which inputs an incident is about: so much before and after a sequence or a time.
//
// tidy: tested by test/src/cli/incident-command.test.ts
import { BLOCK_HEADER_BYTES, REC_SEQUENCE, REC_TS_ENGINE } from "../../asm/vocab.ts";
import type { Block } from "../journal/scan.ts";
import { recordBytes } from "../protocol.ts";

/** A place in a journal; undefined: its end. */
export type Around = { sequence: number } | { nanos: bigint } | undefined;

/** How much before and after it. */
export type Span = { records: number } | { nanos: bigint };

/** A record's own sequence and time. */
export interface Place {
  sequence: number;
  nanos: bigint;
}

/** First and last wanted: by sequence where the span counts records, else by time. */
export class Range {
  /** First and last sequence, as far as they are known. */
  fromSequence: number | undefined;
  toSequence: number | undefined;
  readonly #fromNanos: bigint;
  readonly #toNanos: bigint;

  constructor(pivot: Place, span: Span) {
    const isTime = "nanos" in span;
    this.#fromNanos = isTime ? pivot.nanos - span.nanos : 0n;
    this.#toNanos = isTime ? pivot.nanos + span.nanos : 0n;
    if (isTime) return;
    this.fromSequence = Math.max(1, pivot.sequence - span.records);
    this.toSequence = pivot.sequence + span.records;
  }

  /** Whether a state with this place as its last input still lies before the range. */
  isAfter({ sequence, nanos }: Place): boolean {
    return this.fromSequence === undefined ? nanos < this.#fromNanos : sequence < this.fromSequence;
  }

  /** Learns from the next block; false when it lies behind the range. */
  take(block: Block): boolean {
    const { firstSequence, tsFirstNanos, tsLastNanos } = block.header;
    if (this.fromSequence === undefined && tsLastNanos >= this.#fromNanos) {
      this.fromSequence = placeIn(block, (one) => one.nanos >= this.#fromNanos)?.sequence;
    }
    if (this.toSequence !== undefined) return firstSequence <= this.toSequence;
    if (tsFirstNanos > this.#toNanos) {
      this.toSequence = firstSequence - 1;
      return false;
    }
    if (tsLastNanos > this.#toNanos) {
      const behind = placeIn(block, (one) => one.nanos > this.#toNanos);
      if (behind !== undefined) this.toSequence = behind.sequence - 1;
    }
    return true;
  }

  /** Whether an input of a block that was taken is wanted. */
  has(sequence: number): boolean {
    const { fromSequence = Infinity, toSequence = Infinity } = this;
    return sequence >= fromSequence && sequence <= toSequence;
  }
}

/** The first record of a block that is wanted. */
export function placeIn({ bytes }: Block, isWanted: (place: Place) => boolean): Place | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
    const sequence = Number(view.getBigUint64(at + REC_SEQUENCE, true));
    const place = { sequence, nanos: view.getBigInt64(at + REC_TS_ENGINE, true) };
    if (isWanted(place)) return place;
  }
  return undefined;
}
