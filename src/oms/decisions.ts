// Records that stop the core, and the decisions to pass them by.
//
// While the engine runs it decides by itself: the record is journaled with Flag.Skipped and every
// replay passes it (rescue.ts). A record that was journaled without, because another build took
// it, stops the replay; then a person decides, and the decision is a SkipRecord at the journal's
// end, which holds for the record before it. Nobody reads ahead for one that is not needed.
//
// tidy: tested by test/src/oms/rescue.test.ts
import { BLOCK_HEADER_BYTES, BLOCK_RECORDS, Kind, REC_KIND, REC_PAYLOAD } from "../../asm/vocab.ts";
import { PoisonError } from "../core/core.ts";
import { scanBlocks, type Block, type ScanOptions } from "../journal/scan.ts";

/** Notes the decision of a block that is one: a person's SkipRecord stands alone in its block. */
export function noteDecision({ bytes }: Pick<Block, "bytes">, into: Set<number>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(BLOCK_RECORDS, true) !== 1) return;
  if (view.getUint16(BLOCK_HEADER_BYTES + REC_KIND, true) !== (Kind.SkipRecord as number)) return;
  into.add(Number(view.getBigUint64(BLOCK_HEADER_BYTES + REC_PAYLOAD, true)));
}

/** Sequences that were decided to be skipped in the blocks read. */
export function decisionsOf(blocks: Iterable<Block>): Set<number> {
  const skips = new Set<number>();
  for (const block of blocks) noteDecision(block, skips);
  return skips;
}

/**
 * Runs a replay; when a record stops it, once more with the decisions of the whole journal, if
 * there are any. `replay` begins anew each time. Throws what it throws.
 */
export function withDecisions<T>(scan: ScanOptions, replay: (skips: ReadonlySet<number>) => T): T {
  try {
    return replay(new Set());
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    const skips = decisionsOf(scanBlocks({ ...scan, start: undefined }));
    if (skips.size === 0) throw error;
    return replay(skips);
  }
}
