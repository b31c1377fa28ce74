// Backup of a journal beside a live engine: what is new is copied to another folder, and nothing
// there is ever removed or overwritten by something else than more of the same.
//
// Snapshots go first, then the streams in order: a market worker's journal must not end before what
// the order journal has of it, and one of its snapshots must not be ahead. The ends of all streams
// are looked up before anything large is copied, so that they lie close together. The segment that
// is being written is copied as far as it has whole blocks, made durable at the source before, or
// the copy could hold what a loss of power takes back there.
//
// tidy: tested by test/src/journal/backup.test.ts
import { AlphaError } from "../errors.ts";
import {
  copyBytes,
  damaged,
  PART,
  readBytes,
  removeParts,
  sizeOf,
  walkSegment,
  walkSnapshot,
  type SegmentWalk,
} from "./backup-file.ts";
import {
  otherBackup,
  readManifest,
  writeManifest,
  type BackupManifest,
  type SegmentEntry,
} from "./backup-manifest.ts";
import { codeOf, isNoRoom, type Disk } from "./disk.ts";
import { syncSegment } from "./doubt.ts";
import { segmentIndexOf, streamFolder, type HashBytes } from "./format.ts";
import { lockFolder } from "./lock.ts";
import { segmentPaths } from "./scan.ts";
import { SegmentReader } from "./segment-reader.ts";
import { snapshotPaths } from "./snapshot-file.ts";

/** What to copy where. */
export interface BackupOptions {
  disk: Disk;
  /** Folder of the journal, which holds its streams. */
  from: string;
  /** Folder of the backup; made when it is not there. */
  to: string;
  hash: HashBytes;
  /** Told after each piece: bytes copied, of how many at most, and the file. */
  onProgress?: ((doneBytes: number, totalBytes: number, path: string) => void) | undefined;
}

/** What a backup did; plain data, also the shape of `--json`. */
export interface BackupReport {
  dir: string;
  copiedFiles: number;
  copiedBytes: number;
  /** All that the folder holds now. */
  bytes: number;
  millis: number;
  streams: { stream: number; lastSequence: number }[];
  /** Snapshots that were damaged or gone when they were to be copied. */
  skipped: string[];
}

/** The end of a segment that was looked at. */
interface Wanted {
  stream: number;
  path: string;
  walk: SegmentWalk;
}

/**
 * Brings a backup up to the journal as it is now. Throws BACKUP_BUSY, BACKUP_OTHER, BACKUP_NO_ROOM,
 * BACKUP_DAMAGED, BACKUP_FAILED, JOURNAL_NOT_FOUND, JOURNAL_CORRUPT; what was there stays usable.
 */
export function backupJournal(options: BackupOptions): BackupReport {
  const { disk, from, to } = options;
  const streams = streamNumbers(disk, from);
  try {
    disk.makeFolder(to);
    const release = lockBackup(to, disk);
    try {
      return new BackupRun(options).run(streams);
    } finally {
      release();
    }
  } catch (error) {
    if (error instanceof AlphaError) throw error;
    throw diskFault(to, error);
  }
}

/** Numbers of the streams in a folder; throws JOURNAL_NOT_FOUND. */
export function streamNumbers(disk: Disk, dir: string): number[] {
  let names: string[] = [];
  try {
    names = disk.list(dir).filter((name) => /^\d+$/.test(name));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw diskFault(dir, error);
  }
  if (names.length > 0) return names.map(Number).sort((a, b) => a - b);
  const remedy = "name the folder of a journal or of a backup";
  throw new AlphaError("JOURNAL_NOT_FOUND", `no journal in ${dir}`, remedy);
}

function lockBackup(to: string, disk: Disk): () => void {
  try {
    return lockFolder(to, disk);
  } catch (error) {
    if (!(error instanceof AlphaError)) throw error;
    throw new AlphaError("BACKUP_BUSY", error.message, "wait until that backup is done");
  }
}

/** What a disk refused, in words of a backup. */
export function diskFault(dir: string, error: unknown): AlphaError {
  const what = `${dir}: ${error instanceof Error ? error.message : String(error)}`;
  const [code, remedy] = isNoRoom(error)
    ? ["BACKUP_NO_ROOM", "free space there or name a larger disk; what was copied stays usable"]
    : ["BACKUP_FAILED", "see that the folder is mounted and may be written, then run it again"];
  return new AlphaError(code, what, remedy, error);
}

/** One run; see the top. */
class BackupRun {
  private readonly options: BackupOptions;
  private readonly manifest: BackupManifest;
  private readonly began = performance.now();
  private readonly skipped: string[] = [];
  private files = 0;
  private doneBytes = 0;
  private totalBytes = 0;

  constructor(options: BackupOptions) {
    this.options = options;
    const empty = { createdAtUtc: "", segments: [], snapshots: [] };
    this.manifest = readManifest(options.disk, options.to) ?? empty;
  }

  run(streams: readonly number[]): BackupReport {
    const { disk, to } = this.options;
    for (const stream of streams) {
      disk.makeFolder(streamFolder(to, stream));
      removeParts(disk, streamFolder(to, stream));
      this.copySnapshots(stream);
    }
    const ends = streams.map((stream) => this.endOf(stream));
    for (const end of ends) if (end !== undefined) this.copySegments(end);
    this.manifest.createdAtUtc = new Date().toISOString();
    writeManifest(disk, to, this.manifest);
    const { segments, snapshots } = this.manifest;
    return {
      ...{ dir: to, copiedFiles: this.files, copiedBytes: this.doneBytes },
      bytes: [...segments, ...snapshots].reduce((sum, one) => sum + one.bytes, 0),
      millis: performance.now() - this.began,
      streams: ends.flatMap((end) =>
        end === undefined
          ? []
          : [{ stream: end.stream, lastSequence: end.walk.chain.sequence - 1 }],
      ),
      skipped: this.skipped,
    };
  }

  // ---------------------------------------------------------------------- snapshots

  /** They are shortcuts: one that cannot be copied is told and passed by. */
  private copySnapshots(stream: number): void {
    const { disk, from, to, hash } = this.options;
    for (const path of snapshotPaths(disk, streamFolder(from, stream))) {
      const name = nameOf(path);
      const target = `${streamFolder(to, stream)}/${name}`;
      const isKnown = this.manifest.snapshots.some(
        (one) => one.stream === stream && one.name === name,
      );
      if (isKnown) continue;
      try {
        const bytes = sizeOf(disk, path);
        if (sizeOf(disk, target) >= 0) walkSnapshot(disk, target, hash);
        else this.copy(path, target, bytes, (part) => void walkSnapshot(disk, part, hash));
        const { sequence } = walkSnapshot(disk, target, hash);
        const size = sizeOf(disk, target);
        const sha256 = readBytes(disk, target, size);
        this.manifest.snapshots.push({ stream, name, bytes: size, sha256, sequence });
      } catch (error) {
        // Pruned meanwhile, or damaged at the source; a disk without room is no such thing.
        const isGone = codeOf(error) === "ENOENT";
        const isDamaged = error instanceof AlphaError && error.code === "SNAPSHOT_CORRUPT";
        if (!isGone && !isDamaged) throw error;
        this.skipped.push(`${path}: ${error instanceof Error ? error.message : ""}`);
        removeParts(disk, streamFolder(to, stream));
      }
    }
  }

  // ----------------------------------------------------------------------- segments

  /** The last segment with a header, and its last whole block; undefined for an empty stream. */
  private endOf(stream: number): Wanted | undefined {
    const { disk, from, hash } = this.options;
    const paths = segmentPaths(disk, streamFolder(from, stream), 0);
    for (const [at, path] of paths.reverse().entries()) {
      // The name of the newest comes before its header.
      if (at === 0 && !hasHeader(disk, path, hash)) continue;
      return { stream, path, walk: this.walkGrown(stream, path) };
    }
    return undefined;
  }

  private copySegments(end: Wanted): void {
    const { disk, from } = this.options;
    const { stream } = end;
    const last = segmentIndexOf(nameOf(end.path));
    const paths = segmentPaths(disk, streamFolder(from, stream), 0).filter(
      (path) => segmentIndexOf(nameOf(path)) <= last,
    );
    this.refuseLater(stream, last);
    const wanted = paths.filter((path, at) => !this.hasAll(stream, path, paths[at + 1]));
    this.totalBytes += wanted.reduce((sum, path) => sum + Math.max(0, sizeOf(disk, path)), 0);
    for (const path of wanted) {
      if (path === end.path) this.copySegment(end);
      else this.copySealed(stream, path, paths[paths.indexOf(path) + 1] as string);
    }
  }

  /** True when the copy ends where the next segment begins, with the same hash. */
  private hasAll(stream: number, path: string, next: string | undefined): boolean {
    const entry = this.entryOf(stream, nameOf(path));
    if (entry === undefined || next === undefined) return false;
    const { disk, hash, to } = this.options;
    if (sizeOf(disk, `${streamFolder(to, stream)}/${entry.name}`) < entry.bytes) return false;
    const reader = new SegmentReader(disk, next);
    try {
      const header = reader.header(hash);
      return header?.firstBlockIndex === entry.nextIndex && hex(header.prevHash) === entry.endHash;
    } finally {
      reader.close();
    }
  }

  private copySealed(stream: number, path: string, next: string): void {
    const { disk } = this.options;
    if (sizeOf(disk, path) < 0) {
      this.skipped.push(`${path}: removed by the cap of tick journals before it was copied`);
      return;
    }
    const walk = this.walkGrown(stream, path);
    if (walk.chain.index !== segmentIndexOf(nameOf(next))) {
      const what = `${path} at byte ${walk.bytes}: ${walk.problem || "blocks are missing"}`;
      const remedy = "the journal itself is damaged: run npx alphapulse journal verify";
      throw new AlphaError("JOURNAL_CORRUPT", what, remedy);
    }
    this.copySegment({ stream, path, walk });
  }

  /** Walks a segment of the source, which must go on where the copy ends, and makes it durable. */
  private walkGrown(stream: number, path: string): SegmentWalk {
    const { disk, to, hash } = this.options;
    const entry = this.entryOf(stream, nameOf(path));
    let isSame = entry === undefined || entry.nextIndex === segmentIndexOf(entry.name);
    const walk = walkSegment(disk, path, stream, hash, (block) => {
      if (block.index + 1 === entry?.nextIndex) isSame = hex(block.hash) === entry.endHash;
    });
    const last = (entry?.nextIndex ?? 1) - 1;
    if (!isSame) throw otherBackup(to, `block ${last} of stream ${stream} is another one there`);
    const fd = disk.open(path, "r+");
    try {
      syncSegment(disk, fd, path);
    } finally {
      disk.close(fd);
    }
    return walk;
  }

  private copySegment({ stream, path, walk }: Wanted): void {
    const { disk, to, hash } = this.options;
    const name = nameOf(path);
    const before = this.entryOf(stream, name);
    const target = `${streamFolder(to, stream)}/${name}`;
    if (before?.nextIndex === walk.chain.index && sizeOf(disk, target) >= walk.bytes) return;
    const sha256 = this.copy(path, target, walk.bytes, (part) => {
      const copied = walkSegment(disk, part, stream, hash);
      const isSame =
        copied.bytes === walk.bytes &&
        copied.problem === "" &&
        copied.chain.prevHash === walk.chain.prevHash;
      if (!isSame) throw damaged(`${part} at byte ${copied.bytes}: read back otherwise`);
    });
    const { segments } = this.manifest;
    if (before !== undefined) segments.splice(segments.indexOf(before), 1);
    segments.push({
      ...{ stream, name, bytes: walk.bytes, sha256, nextIndex: walk.chain.index },
      ...{ nextSequence: walk.chain.sequence, endHash: hex(walk.chain.prevHash) },
    });
  }

  /** A copy is known by the list, or by itself when a crash came before the list. */
  private entryOf(stream: number, name: string): SegmentEntry | undefined {
    const { disk, to, hash } = this.options;
    const { segments } = this.manifest;
    const known = segments.find((one) => one.stream === stream && one.name === name);
    const path = `${streamFolder(to, stream)}/${name}`;
    const bytes = sizeOf(disk, path);
    if (bytes < 0 || known?.bytes === bytes) return known;
    const walk = walkSegment(disk, path, stream, hash);
    if (walk.bytes !== bytes) throw damaged(`${path} at byte ${walk.bytes}: ${walk.problem}`);
    const { index: nextIndex, sequence: nextSequence, prevHash } = walk.chain;
    const found = { stream, name, bytes, sha256: readBytes(disk, path, bytes), nextIndex };
    if (known !== undefined) segments.splice(segments.indexOf(known), 1);
    segments.push({ ...found, nextSequence, endHash: hex(prevHash) });
    return segments.at(-1);
  }

  private refuseLater(stream: number, last: number): void {
    const { disk, to } = this.options;
    const names = disk.list(streamFolder(to, stream));
    const later = names.find((name) => segmentIndexOf(name) > last);
    if (later !== undefined)
      throw otherBackup(to, `the journal of stream ${stream} has no ${later}`);
  }

  private copy(from: string, to: string, bytes: number, check: (part: string) => void): string {
    const { disk, onProgress } = this.options;
    const part = to + PART;
    try {
      const sha256 = copyBytes(disk, from, part, bytes, (done) => {
        this.doneBytes += done;
        onProgress?.(this.doneBytes, Math.max(this.totalBytes, this.doneBytes), to);
      });
      check(part);
      disk.rename(part, to);
      disk.syncFolder(to.slice(0, to.lastIndexOf("/")));
      this.files += 1;
      return sha256;
    } catch (error) {
      if (sizeOf(disk, part) >= 0) disk.remove(part);
      throw error;
    }
  }
}

function hasHeader(disk: Disk, path: string, hash: HashBytes): boolean {
  const reader = new SegmentReader(disk, path);
  try {
    return reader.header(hash) !== undefined;
  } finally {
    reader.close();
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function hex(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}
