// The cap of a market worker's journal: which of its segments no start can need any more.
//
// A worker begins from the newest snapshot whose market records the order journal has, and makes
// the rest again for the order loop. So a segment may go when it lies before the oldest such
// snapshot that is kept and whole. The order journal is made durable as far as it was read: what a
// loss of power could take back does not count.
//
// tidy: tested by test/src/oms/tick-cap.test.ts
import { Role } from "../../asm/vocab.ts";
import type { CoreBuild } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import { capSegments, segmentSizes, type CapReport } from "../journal/segment-cap.ts";
import { snapshotPaths } from "../journal/snapshot-file.ts";
import type { MarketMark } from "./market-mark.ts";
import { usableSnapshots, verifySnapshot, type SnapshotPlace } from "./snapshot.ts";

/**
 * How many of the newest snapshots must stay so that one of them is not ahead of the order
 * journal: without it a journal whose beginning is gone could not be started.
 */
export function snapshotsNeeded(place: SnapshotPlace, build: CoreBuild, seen: MarketMark): number {
  const wish = { build, roles: Role.Market, seen };
  const [newest] = usableSnapshots(place, wish).usable;
  const paths = snapshotPaths(place.disk, place.folder);
  return newest === undefined ? paths.length : paths.indexOf(newest.path) + 1;
}

/** Brings a market worker's journal under its cap as far as a start can do without; see the top. */
export function capTicks(
  place: SnapshotPlace,
  build: CoreBuild,
  seen: MarketMark,
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
function neededSegment(place: SnapshotPlace, build: CoreBuild, seen: MarketMark): number {
  const { usable } = usableSnapshots(place, { build, roles: Role.Market, seen });
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
