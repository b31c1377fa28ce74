// The files of a backup, one at a time: copied under another name, made durable, read back and
// judged by the same hashes as the original, and only then given their name.
//
// tidy: tested by test/src/journal/backup.test.ts
import { createHash } from "node:crypto";

import { AlphaError } from "../errors.ts";
import { codeOf, writeAll, type Disk } from "./disk.ts";
import {
  decodeBlockHeader,
  SEGMENT_HEADER_BYTES,
  segmentIndexOf,
  type BlockHeader,
  type HashBytes,
  type SegmentHeader,
} from "./format.ts";
import type { Chain } from "./scan.ts";
import { SegmentReader } from "./segment-reader.ts";
import { CHUNK_BYTES_MAX, SnapshotReader, type SnapshotFacts } from "./snapshot-file.ts";

/** Ending of a file that is not whole yet; whoever makes backups may remove it. */
export const PART = ".part";
const COPY_BYTES = 1 << 20;

/** The whole blocks at the beginning of a segment file. */
export interface SegmentWalk {
  header: SegmentHeader;
  /** What the next block must continue. */
  chain: Chain;
  /** Bytes of the header and the whole blocks. */
  bytes: number;
  /** Why it ends there: "" at the end of the file or in zeros. */
  problem: string;
}

/** Reads and hashes a segment; throws JOURNAL_CORRUPT when its header or its chain is wrong. */
export function walkSegment(
  disk: Disk,
  path: string,
  stream: number,
  hash: HashBytes,
  onBlock: (header: BlockHeader) => void = () => undefined,
): SegmentWalk {
  const reader = new SegmentReader(disk, path);
  try {
    const header = reader.header(hash);
    if (header?.stream !== stream) throw corrupt(path, 0, "segment header: wrong hash or stream");
    const { firstBlockIndex: index, firstSequence: sequence, prevHash } = header;
    const name = path.slice(path.lastIndexOf("/") + 1).replace(PART, "");
    if (segmentIndexOf(name) !== index)
      throw corrupt(path, 0, "another segment than its name says");
    const chain: Chain = { index, sequence, prevHash };
    let bytes = SEGMENT_HEADER_BYTES;
    let problem = reader.blockProblem(bytes, hash);
    while (problem === "") {
      const block = decodeBlockHeader(reader.view, reader.at(bytes));
      const isNext =
        block.stream === stream &&
        block.index === chain.index &&
        block.firstSequence === chain.sequence &&
        block.prevHash === chain.prevHash;
      if (!isNext) throw corrupt(path, bytes, "a block that does not continue the one before");
      onBlock(block);
      chain.index += 1;
      chain.sequence += block.records;
      chain.prevHash = block.hash;
      bytes += reader.claimAt(bytes)?.bytes ?? 0;
      problem = reader.blockProblem(bytes, hash);
    }
    return { header, chain, bytes, problem: reader.writtenBytesFrom(bytes) === 0 ? "" : problem };
  } finally {
    reader.close();
  }
}

/** Reads all of a snapshot; throws SNAPSHOT_CORRUPT. */
export function walkSnapshot(disk: Disk, path: string, hash: HashBytes): SnapshotFacts {
  const reader = new SnapshotReader(disk, path, hash);
  try {
    const piece = new Uint8Array(CHUNK_BYTES_MAX);
    for (let left = reader.facts.contentBytes; left > 0; left -= piece.length) {
      reader.read(piece.subarray(0, Math.min(left, piece.length)));
    }
    reader.end();
    return reader.facts;
  } finally {
    reader.close();
  }
}

/** Copies the first `bytes` of a file to a new one, durably; returns their sha256. */
export function copyBytes(
  disk: Disk,
  from: string,
  to: string,
  bytes: number,
  onBytes: (bytes: number) => void,
): string {
  const fd = disk.open(to, "wx+");
  try {
    const sha256 = readBytes(disk, from, bytes, (piece, at) => {
      writeAll(disk, fd, piece, 0, piece.length, at);
      onBytes(piece.length);
    });
    disk.sync(fd);
    return sha256;
  } finally {
    disk.close(fd);
  }
}

/** sha256 of the first `bytes` of a file; throws BACKUP_DAMAGED when it is shorter. */
export function readBytes(
  disk: Disk,
  path: string,
  bytes: number,
  onPiece: (piece: Uint8Array, at: number) => void = () => undefined,
): string {
  const window = new Uint8Array(COPY_BYTES);
  const sha256 = createHash("sha256");
  const fd = disk.open(path, "r");
  try {
    for (let at = 0; at < bytes;) {
      const got = disk.read(fd, window, 0, Math.min(window.length, bytes - at), at);
      if (got === 0) throw damaged(`${path} ends at byte ${at}, ${bytes} were written`);
      const piece = window.subarray(0, got);
      sha256.update(piece);
      onPiece(piece, at);
      at += got;
    }
  } finally {
    disk.close(fd);
  }
  return sha256.digest("hex");
}

/** Bytes of a file, or -1 without it. */
export function sizeOf(disk: Disk, path: string): number {
  try {
    const fd = disk.open(path, "r");
    try {
      return disk.size(fd);
    } finally {
      disk.close(fd);
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return -1;
    throw error;
  }
}

/** Removes what an earlier copy left half done. */
export function removeParts(disk: Disk, folder: string): void {
  for (const name of disk.list(folder)) {
    if (name.endsWith(PART)) disk.remove(`${folder}/${name}`);
  }
}

/** A copy that is not what was written. */
export function damaged(what: string): AlphaError {
  const remedy =
    "nothing was changed: take another backup folder, or put back a whole copy of this file";
  return new AlphaError("BACKUP_DAMAGED", what, remedy);
}

function corrupt(path: string, offset: number, problem: string): AlphaError {
  const what = `${path} at byte ${offset}: ${problem}`;
  return new AlphaError("JOURNAL_CORRUPT", what, "run: npx alphapulse journal verify");
}
