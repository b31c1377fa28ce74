// What recovery cuts from a journal's end is kept beside it.
//
// A block that a crash left half written was acknowledged to nobody; one that lost its bytes
// after it was durable was acknowledged, and both look the same. So the bytes stay, and every
// start tells of them until a person has looked and removed the file. They are durable before the
// journal is cut: a start that fails in between is told of by the next one.
import { type Disk, writeAll } from "./disk.ts";
import { segmentIndexOf } from "./format.ts";

/** Files kept; of more the oldest goes. */
export const CUTS_KEPT = 8;
const COPY_BYTES = 1 << 20;
const NAME = /^cut-\d+-\d+\.bin$/;
const DIGITS = 20;

/** Names of the files with what was cut, oldest place first. */
export function cutsOf(disk: Disk, folder: string): string[] {
  return disk
    .list(folder)
    .filter((name) => NAME.test(name))
    .sort();
}

function cutPath(folder: string, path: string, offset: number): string {
  const segment = segmentIndexOf(path.slice(path.lastIndexOf("/") + 1));
  const number = (value: number): string => String(value).padStart(DIGITS, "0");
  return `${folder}/cut-${number(segment)}-${number(offset)}.bin`;
}

/** Copies `bytes` of the segment at `path` from `offset` on; the caller syncs the folder. */
export function keepTail(
  disk: Disk,
  folder: string,
  path: string,
  offset: number,
  bytes: number,
): void {
  const to = fresh(disk, folder, cutPath(folder, path, offset));
  const from = disk.open(path, "r");
  const copy = disk.open(to, "wx+");
  try {
    const buffer = new Uint8Array(Math.min(bytes, COPY_BYTES));
    for (let at = 0; at < bytes;) {
      const some = disk.read(from, buffer, 0, Math.min(buffer.length, bytes - at), offset + at);
      if (some === 0) throw new Error(`${path} ended while its end was copied`);
      writeAll(disk, copy, buffer, 0, some, at);
      at += some;
    }
    disk.sync(copy);
  } catch (error) {
    disk.remove(to);
    throw error;
  } finally {
    disk.close(copy);
    disk.close(from);
  }
}

/** Sets a whole segment aside that is no part of the journal; the caller syncs the folder. */
export function keepSegment(disk: Disk, folder: string, path: string): void {
  disk.rename(path, fresh(disk, folder, cutPath(folder, path, 0)));
}

/** Makes room for one more name: the same cut again, or the oldest. */
function fresh(disk: Disk, folder: string, path: string): string {
  const cuts = cutsOf(disk, folder).map((name) => `${folder}/${name}`);
  if (cuts.includes(path)) disk.remove(path);
  else if (cuts.length >= CUTS_KEPT) disk.remove(cuts[0]!);
  return path;
}
