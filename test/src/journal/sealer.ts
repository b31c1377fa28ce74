// Sealed blocks without an engine; apart from the fixture, because killed processes load it too.

import {
  BLOCK_BUILD,
  BLOCK_CELLS,
  BLOCK_FIRST_SEQUENCE,
  BLOCK_HASH,
  BLOCK_HEADER_BYTES,
  BLOCK_HEADER_LENGTH,
  BLOCK_INDEX,
  BLOCK_MAGIC,
  BLOCK_MAGIC_VALUE,
  BLOCK_PREV_HASH,
  BLOCK_RECORDS,
  BLOCK_SCHEMA,
  BLOCK_STREAM,
  BLOCK_TS_FIRST,
  BLOCK_TS_LAST,
  CELL_BYTES,
  Kind,
  SCHEMA_VERSION,
} from "../../../asm/vocab.ts";
import type { HashBytes } from "../../../src/journal/format.ts";

export const BUILD = 0x1122334455667788n;

/** Seals blocks one after the other, as asm/block.ts does. */
export class Sealer {
  index = 0;
  sequence = 0;
  prevHash = 0n;
  buildId = BUILD;
  stream = 0;
  readonly hash: HashBytes;

  constructor(hash: HashBytes) {
    this.hash = hash;
  }

  /** A block of one-cell Trade records whose payload names their sequence. */
  seal(records: number): { bytes: Uint8Array; firstSequence: number; records: number } {
    const bytes = new Uint8Array(BLOCK_HEADER_BYTES + records * CELL_BYTES);
    const view = new DataView(bytes.buffer);
    const firstSequence = this.sequence + 1;
    for (let i = 0; i < records; i += 1) {
      const at = BLOCK_HEADER_BYTES + i * CELL_BYTES;
      view.setUint16(at, Kind.Trade, true);
      view.setBigUint64(at + 8, BigInt(firstSequence + i), true);
      // The last byte is not zero, or a cut inside zeros would lose nothing.
      view.setUint8(at + CELL_BYTES - 1, 0x80);
      view.setUint32(at + 40, Math.imul(firstSequence + i, 2654435761), true);
    }
    view.setUint32(BLOCK_MAGIC, BLOCK_MAGIC_VALUE, true);
    view.setUint16(BLOCK_SCHEMA, SCHEMA_VERSION, true);
    view.setUint16(BLOCK_HEADER_LENGTH, BLOCK_HEADER_BYTES, true);
    view.setBigUint64(BLOCK_FIRST_SEQUENCE, BigInt(firstSequence), true);
    view.setUint32(BLOCK_RECORDS, records, true);
    view.setUint32(BLOCK_CELLS, records, true);
    view.setBigInt64(BLOCK_TS_FIRST, 1_790_000_000_000_000_000n + BigInt(firstSequence), true);
    view.setBigInt64(BLOCK_TS_LAST, 1_790_000_000_000_000_000n + BigInt(this.sequence), true);
    view.setBigUint64(BLOCK_PREV_HASH, this.prevHash, true);
    view.setUint32(BLOCK_STREAM, this.stream, true);
    view.setBigUint64(BLOCK_BUILD, this.buildId, true);
    view.setBigUint64(BLOCK_INDEX, BigInt(this.index), true);
    this.prevHash = this.hash(bytes);
    view.setBigUint64(BLOCK_HASH, this.prevHash, true);
    this.index += 1;
    this.sequence += records;
    return { bytes, firstSequence, records };
  }
}
