// Records that stop the core, and the decisions to pass them by.
//
// While the engine runs it decides by itself: the record is journaled with Flag.Skipped and every
// replay passes it (rescue.ts). A record that was journaled without, because another build took
// it, stops the replay; then a person decides, and the decision is a SkipRecord at the journal's
// end, which holds for the record before it. Whoever replays reads the decisions first and marks
// the blocks it reads: from there on a record decided upon is one that was journaled with the flag.
//
// tidy: tested by test/src/oms/decisions.test.ts
import {
  BLOCK_HEADER_BYTES,
  Flag,
  Kind,
  REC_FLAGS,
  REC_KIND,
  REC_PAYLOAD,
  REC_SEQUENCE,
} from "../../asm/vocab.ts";
import type { Block } from "../journal/scan.ts";
import { loneBlocks, type SeekPlace } from "../journal/seek.ts";
import { recordBytes } from "../protocol.ts";

/** The decisions of one journal. */
export class Decisions {
  /** Sequence of the decision, by that of the record it is about. */
  private readonly made = new Map<number, number>();

  /** Takes note of a block that is a decision: a person's SkipRecord stands alone in its block. */
  note({ header, bytes }: Pick<Block, "header" | "bytes">): void {
    if (header.records !== 1) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint16(BLOCK_HEADER_BYTES + REC_KIND, true) !== (Kind.SkipRecord as number)) return;
    const sequence = view.getBigUint64(BLOCK_HEADER_BYTES + REC_PAYLOAD, true);
    this.made.set(Number(sequence), header.firstSequence);
  }

  /** Marks the records of a block, or of a part of one, that are to be passed by. */
  mark(block: Uint8Array): void {
    if (this.made.size === 0) return;
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    for (let at: number = BLOCK_HEADER_BYTES; at < block.length; at += recordBytes(view, at)) {
      if (!this.made.has(Number(view.getBigUint64(at + REC_SEQUENCE, true)))) continue;
      view.setUint16(at + REC_FLAGS, view.getUint16(at + REC_FLAGS, true) | Flag.Skipped, true);
    }
  }

  /** True for what was said between a record and the decision to pass it by: it is so no more. */
  voids(sequence: number): boolean {
    for (const [record, decidedAt] of this.made) {
      if (record < sequence && sequence < decidedAt) return true;
    }
    return false;
  }
}

/** Decisions among the blocks read. */
export function decisionsIn(blocks: Iterable<Block>): Decisions {
  const decisions = new Decisions();
  for (const block of blocks) decisions.note(block);
  return decisions;
}

/** Decisions of a whole journal, found by the headers of its blocks: the rest is not read. */
export function decisionsOf(place: SeekPlace): Decisions {
  return decisionsIn(loneBlocks(place, Kind.SkipRecord));
}
