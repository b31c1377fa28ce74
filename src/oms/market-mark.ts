// How far the order loop has got with the records of a market worker.
//
// A market record is known by the worker's input it came of, its cause, and by its place among what
// that input gave. Inputs have the same number in every build, so the mark also holds when another
// core makes other records of the same ticks: what was seen is not sent again, and what was not
// seen is not taken for seen because numbers were used up.
//
// tidy: tested by test/src/oms/tick-cap.test.ts
import { BLOCK_HEADER_BYTES, REC_CAUSE, REC_KIND } from "../../asm/vocab.ts";
import type { Disk } from "../journal/disk.ts";
import { segmentIndexOf, streamFolder, type HashBytes } from "../journal/format.ts";
import { segmentPaths, type Block } from "../journal/scan.ts";
import { JournalTailReader } from "../journal/tail.ts";
import { recordBytes } from "../protocol.ts";

/** First byte of the kinds that a market worker makes. */
const DERIVED_BLOCK = 0x04;

/** Blocks read at once; only bounds the generator. */
const BLOCKS_PER_TAKE = 4096;

/** The last of a run of market records: its cause, and how many of that cause there were. */
export interface MarketMark {
  sequence: number;
  records: number;
}

export const NOTHING_SEEN: MarketMark = { sequence: 0, records: 0 };

/** True when `mark` is behind `seen`: a record that was not seen yet. */
export function isAhead(mark: MarketMark, seen: MarketMark): boolean {
  if (mark.sequence !== seen.sequence) return mark.sequence > seen.sequence;
  return mark.records > seen.records;
}

/** Follows a run of market records; nothing is allocated. */
export class MarketMarker implements MarketMark {
  sequence = 0;
  records = 0;
  /** Causes that were met, as long as it matters: 2 are more than one. */
  causes = 0;

  /** Goes on behind a mark. */
  begin({ sequence, records }: MarketMark): void {
    this.sequence = sequence;
    this.records = records;
  }

  /** Takes note of the next market record. */
  note(cause: number): void {
    if (cause === this.sequence) {
      this.records += 1;
      return;
    }
    this.sequence = cause;
    this.records = 1;
    this.causes += 1;
  }

  /** Takes note of the market records among those in bytes [from, to). */
  collect(view: DataView, from: number, to: number): void {
    for (let at = from; at < to; at += recordBytes(view, at)) {
      if (view.getUint16(at + REC_KIND, true) >> 8 !== DERIVED_BLOCK) continue;
      const high = view.getUint32(at + REC_CAUSE + 4, true) * 0x1_0000_0000;
      this.note(high + view.getUint32(at + REC_CAUSE, true));
    }
  }
}

/**
 * What of the market worker's records is in the order journal below `dir`, durable when this
 * returns. Reads the newest segment, and older ones only while it cannot tell.
 */
export function marketSeen(disk: Disk, dir: string, hash: HashBytes): MarketMark {
  const folder = streamFolder(dir, 0);
  let seen = NOTHING_SEEN;
  for (const path of segmentPaths(disk, folder, 0).reverse()) {
    const from = segmentIndexOf(path.slice(path.lastIndexOf("/") + 1));
    const reader = new JournalTailReader({ disk, folder, hash }, from);
    try {
      const marker = markerOf(reader);
      if (marker.causes > 0) reader.sync();
      seen = { sequence: marker.sequence, records: marker.records };
      // The first cause may have begun in the segment before.
      if (marker.causes > 1) return seen;
    } finally {
      reader.close();
    }
  }
  return seen;
}

function markerOf(reader: JournalTailReader): MarketMarker {
  const marker = new MarketMarker();
  for (let blocks = 1; blocks > 0;) {
    blocks = 0;
    for (const { bytes } of reader.take(BLOCKS_PER_TAKE)) {
      marker.collect(viewOf(bytes), BLOCK_HEADER_BYTES, bytes.length);
      blocks += 1;
    }
  }
  return marker;
}

function viewOf(bytes: Block["bytes"]): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
