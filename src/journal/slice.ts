// A range of a journal as a journal of its own: whole blocks, byte for byte, in new segment files.
//
// Blocks keep their hashes and their chain, so a slice proves itself like the whole does. It begins
// and ends at block borders. What a slice that begins later cannot give is the state before it.
//
// tidy: tested by test/src/journal/seek.test.ts

import { SCHEMA_VERSION } from "../../asm/vocab.ts";
import { wallEpochNanos } from "../clock.ts";
import { AlphaError } from "../errors.ts";
import type { Disk } from "./disk.ts";
import {
  encodeSegmentHeader,
  SEGMENT_BYTES_DEFAULT,
  SEGMENT_HEADER_BYTES,
  segmentName,
  streamFolder,
} from "./format.ts";
import type { Block } from "./scan.ts";
import type { SeekPlace } from "./seek.ts";

/** What a slice holds. */
export interface SliceReport {
  folder: string;
  blocks: number;
  firstSequence: number;
  lastSequence: number;
  bytes: number;
}

/**
 * Writes blocks that follow each other as stream `place.stream` below `dir`, which must not have
 * that stream yet. Throws EXPORT_EXISTS, and what the disk throws.
 */
export function writeSlice(place: SeekPlace, blocks: Iterable<Block>, dir: string): SliceReport {
  const { disk, stream } = place;
  const folder = streamFolder(dir, stream);
  disk.makeFolder(folder);
  if (disk.list(folder).length > 0) {
    const what = `${folder} is not empty`;
    throw new AlphaError("EXPORT_EXISTS", what, "name another folder, or move that one away");
  }
  const report: SliceReport = { folder, blocks: 0, firstSequence: 0, lastSequence: 0, bytes: 0 };
  let file: SliceFile | undefined;
  try {
    for (const block of blocks) {
      if (file?.hasRoom(block) !== true) {
        file?.close();
        file = new SliceFile(place, folder, block);
      }
      file.add(block);
      const { firstSequence, records } = block.header;
      if (report.blocks === 0) report.firstSequence = firstSequence;
      report.blocks += 1;
      report.lastSequence = firstSequence + records - 1;
      report.bytes += block.bytes.length;
    }
  } finally {
    file?.close();
  }
  disk.syncFolder(folder);
  return report;
}

/** One segment of a slice. */
class SliceFile {
  readonly #disk: Disk;
  readonly #fd: number;
  #position = SEGMENT_HEADER_BYTES;

  constructor({ disk, hash, stream }: SeekPlace, folder: string, { header }: Block) {
    this.#disk = disk;
    this.#fd = disk.open(`${folder}/${segmentName(header.index)}`, "wx+");
    const bytes = encodeSegmentHeader(
      {
        ...{ schema: SCHEMA_VERSION, stream, firstBlockIndex: header.index },
        ...{ firstSequence: header.firstSequence, prevHash: header.prevHash },
        ...{ createdEpochNanos: wallEpochNanos(), build: header.build },
      },
      hash,
    );
    this.#write(bytes, 0);
  }

  hasRoom({ bytes }: Block): boolean {
    return this.#position + bytes.length <= SEGMENT_BYTES_DEFAULT;
  }

  add({ bytes }: Block): void {
    this.#write(bytes, this.#position);
    this.#position += bytes.length;
  }

  close(): void {
    this.#disk.sync(this.#fd);
    this.#disk.close(this.#fd);
  }

  #write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length;) {
      const more = this.#disk.write(this.#fd, bytes, done, bytes.length - done, position + done);
      if (more === 0) throw new Error(`the disk took ${done} of ${bytes.length} bytes`);
      done += more;
    }
  }
}
