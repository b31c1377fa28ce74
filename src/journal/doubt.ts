// What the kernel shows of a segment may be nowhere else: the mark that says so, and its end.
//
// After a failed fdatasync Linux counts the pages that it could not write as clean. It shows them
// until its cache is cold, and the next fdatasync succeeds over them: a start on the same boot
// would take them for durable, and a loss of power would take them away from under what follows.
// So whoever meets the error leaves a mark, and a start writes what it was shown once more, which
// makes the pages dirty again. The mark need not be durable: what takes it away takes them too.

import { writeAll, type Disk } from "./disk.ts";

/** The mark; its text is the first segment in doubt. */
export const DOUBT_NAME = "doubt";

const STEP_BYTES = 1 << 20;

/**
 * fdatasync of a segment, by any of its descriptors; a failure leaves the mark. Throws what the
 * disk throws, for the mark too: both are final.
 */
export function syncSegment(disk: Disk, fd: number, path: string): void {
  try {
    disk.sync(fd);
  } catch (error) {
    note(disk, path);
    throw error;
  }
}

function note(disk: Disk, path: string): void {
  const slash = path.lastIndexOf("/");
  const folder = path.slice(0, slash);
  const name = path.slice(slash + 1);
  const before = doubtedSegment(disk, folder);
  if (before === "" || name < before) disk.writeText(`${folder}/${DOUBT_NAME}`, name);
}

/** Name of the first segment in doubt; "" when none is. */
export function doubtedSegment(disk: Disk, folder: string): string {
  return disk.list(folder).includes(DOUBT_NAME) ? disk.readText(`${folder}/${DOUBT_NAME}`) : "";
}

/** Writes the first `bytes` of a file again, as they are shown. */
export function writeAgain(disk: Disk, fd: number, bytes: number): void {
  const step = new Uint8Array(Math.min(STEP_BYTES, bytes));
  for (let at = 0; at < bytes;) {
    const got = disk.read(fd, step, 0, Math.min(step.length, bytes - at), at);
    if (got === 0) throw new Error(`the file ends ${bytes - at} bytes before its last block`);
    writeAll(disk, fd, step, 0, got, at);
    at += got;
  }
}

/** Everything is durable: the mark goes. */
export function endDoubt(disk: Disk, folder: string): void {
  if (disk.list(folder).includes(DOUBT_NAME)) disk.remove(`${folder}/${DOUBT_NAME}`);
}
