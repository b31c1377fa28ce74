// The cap of a market worker's journal: which of its segments no start can need any more.
//
// A worker begins from the newest snapshot whose market records the order journal has, and makes
// the rest again for the order loop. So a segment may go when it lies before the oldest such
// snapshot that is kept and whole. The order journal is made durable as far as it was read: what a
// loss of power could take back does not count.
//
// tidy: tested by test/src/oms/tick-cap.test.ts
import {
  BLOCK_HEADER_BYTES,
  Flag,
  CELL_SHIFT,
  REC_CAUSE,
  REC_FLAGS,
  REC_KIND,
  Role,
} from "../../asm/vocab.ts";
import type { CoreBuild } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import type { Disk } from "../journal/disk.ts";
import { segmentIndexOf, streamFolder, type HashBytes } from "../journal/format.ts";
import type { Block } from "../journal/scan.ts";
import { segmentPaths } from "../journal/scan.ts";
import { capSegments, segmentSizes, type CapReport } from "../journal/segment-cap.ts";
import { snapshotPaths } from "../journal/snapshot-file.ts";
import { JournalTailReader } from "../journal/tail.ts";
import { usableSnapshots, verifySnapshot, type SnapshotPlace } from "./snapshot.ts";

/** Blocks read at once; only bounds the generator. */
const BLOCKS_PER_TAKE = 4096;

/**
 * Number of the last market record in the order journal below `dir`, durable when this returns; 0
 * without one. Reads the newest segment, and older ones only while there is none.
 */
export function marketRecordsSeen(disk: Disk, dir: string, hash: HashBytes): number {
  const folder = streamFolder(dir, 0);
  for (const path of segmentPaths(disk, folder, 0).reverse()) {
    const from = segmentIndexOf(path.slice(path.lastIndexOf("/") + 1));
    const reader = new JournalTailReader({ disk, folder, hash }, from);
    let seen = 0;
    try {
      for (let blocks = 1; blocks > 0;) {
        blocks = 0;
        for (const block of reader.take(BLOCKS_PER_TAKE)) {
          seen = Math.max(seen, lastMarketRecord(block));
          blocks += 1;
        }
      }
      if (seen === 0) continue;
      reader.sync();
      return seen;
    } finally {
      reader.close();
    }
  }
  return 0;
}

function lastMarketRecord({ bytes }: Block): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let seen = 0;
  for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length;) {
    if (view.getUint16(at + REC_KIND, true) >> 8 === 0x04) {
      seen = Number(view.getBigUint64(at + REC_CAUSE, true));
    }
    at += (1 + (view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask)) << CELL_SHIFT;
  }
  return seen;
}

/**
 * How many of the newest snapshots must stay so that one of them is not ahead of the order
 * journal: without it a journal whose beginning is gone could not be started.
 */
export function snapshotsNeeded(place: SnapshotPlace, build: CoreBuild, seen: number): number {
  const wish = { build, roles: Role.Market, marketOutMax: seen };
  const [newest] = usableSnapshots(place, wish).usable;
  const paths = snapshotPaths(place.disk, place.folder);
  return newest === undefined ? paths.length : paths.indexOf(newest.path) + 1;
}

/** Brings a market worker's journal under its cap as far as a start can do without; see the top. */
export function capTicks(
  place: SnapshotPlace,
  build: CoreBuild,
  seen: number,
  bytesMax: number,
): CapReport {
  const { disk, folder } = place;
  const sizes = segmentSizes(disk, folder);
  const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes <= bytesMax) return { removed: [], bytes, bytesMax, problem: "" };
  const needed = neededSegment(place, build, seen);
  if (needed >= 0) return capSegments(disk, folder, bytesMax, needed);
  const problem = "no snapshot is whole whose market records the order journal has";
  return { removed: [], bytes, bytesMax, problem };
}

/** First block index of the oldest segment that a start may read; -1 when it may be any. */
function neededSegment(place: SnapshotPlace, build: CoreBuild, seen: number): number {
  const { usable } = usableSnapshots(place, { build, roles: Role.Market, marketOutMax: seen });
  const oldest = usable.at(-1);
  if (oldest === undefined || !usable.some(({ path }) => isWhole(place, path))) return -1;
  return oldest.facts.last.segment;
}

function isWhole({ disk, hash }: SnapshotPlace, path: string): boolean {
  try {
    verifySnapshot(disk, path, hash);
    return true;
  } catch (error) {
    // A damaged one leads nowhere; an AlphaError says so, anything else is the disk's.
    if (error instanceof AlphaError) return false;
    throw error;
  }
}
