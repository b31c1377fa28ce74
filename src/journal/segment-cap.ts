// Removes the oldest segments of a journal that has grown beyond its cap.
//
// Only what the caller says nobody needs any more. Each name is gone for good before the next one
// is touched, so whatever a crash leaves begins later and has no hole.
//
// tidy: tested by test/src/oms/tick-cap.test.ts

import type { Disk } from "./disk.ts";
import { segmentIndexOf } from "./format.ts";
import { segmentPaths } from "./scan.ts";

/** What was removed, and what is left. */
export interface CapReport {
  removed: { path: string; bytes: number }[];
  /** Bytes of the segment files that are left. */
  bytes: number;
  bytesMax: number;
  /** Why more than `bytesMax` is left; "" when it is not. */
  problem: string;
}

/** Sizes of a stream's segment files, oldest first. */
export function segmentSizes(disk: Disk, folder: string): { path: string; bytes: number }[] {
  return segmentPaths(disk, folder, 0).map((path) => {
    const fd = disk.open(path, "r");
    try {
      return { path, bytes: disk.size(fd) };
    } finally {
      disk.close(fd);
    }
  });
}

/**
 * Removes segments before the one that begins with block `neededIndex`, oldest first, until at most
 * `bytesMax` are left. Throws what the disk throws.
 */
export function capSegments(
  disk: Disk,
  folder: string,
  bytesMax: number,
  neededIndex: number,
): CapReport {
  const segments = segmentSizes(disk, folder);
  let bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
  const removed: CapReport["removed"] = [];
  // The newest is the one being written, whatever the caller says.
  for (const one of segments.slice(0, -1)) {
    const index = segmentIndexOf(one.path.slice(one.path.lastIndexOf("/") + 1));
    if (bytes <= bytesMax || index >= neededIndex) break;
    disk.remove(one.path);
    disk.syncFolder(folder);
    removed.push(one);
    bytes -= one.bytes;
  }
  const problem = bytes <= bytesMax ? "" : "a start needs what is left";
  return { removed, bytes, bytesMax, problem };
}
