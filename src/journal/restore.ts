// Reading a backup back: all of it judged, and a journal made of it where none is.
//
// A restore reads everything before it writes anything, writes into a folder of another name, reads
// that back too, and renames it at the end: there is never half a journal under the journal's name.
//
// tidy: tested by test/src/journal/backup.test.ts
import { AlphaError } from "../errors.ts";
import { diskFault, streamNumbers } from "./backup.ts";
import {
  copyBytes,
  damaged,
  PART,
  readBytes,
  sizeOf,
  walkSegment,
  walkSnapshot,
} from "./backup-file.ts";
import { readManifest, type BackupManifest } from "./backup-manifest.ts";
import { codeOf, type Disk } from "./disk.ts";
import { streamFolder, type HashBytes } from "./format.ts";
import { segmentPaths, type Chain } from "./scan.ts";
import { snapshotPaths } from "./snapshot-file.ts";

/** Which backup; `onProgress` is told bytes done, of how many, and the file. */
export interface VerifyOptions {
  disk: Disk;
  dir: string;
  hash: HashBytes;
  onProgress?: ((doneBytes: number, totalBytes: number, path: string) => void) | undefined;
}

/** One stream of a backup that is whole. */
export interface BackupStream {
  stream: number;
  segments: number;
  snapshots: number;
  bytes: number;
  /** Of the part without a hole that ends at the end: what a restore takes. */
  firstSequence: number;
  lastSequence: number;
  /** Earlier blocks that lie behind a hole: "block 12 to 40 are missing"; "" without one. */
  hole: string;
}

/** A backup that is whole; plain data, also the shape of `--json`. */
export interface BackupContent {
  dir: string;
  createdAtUtc: string;
  bytes: number;
  streams: BackupStream[];
}

/** A file that a restore copies, and the bytes of it that count. */
interface Piece {
  stream: number;
  path: string;
  bytes: number;
}

/**
 * Reads every byte of a backup. Throws BACKUP_DAMAGED, JOURNAL_CORRUPT or SNAPSHOT_CORRUPT with the
 * first bad place, BACKUP_NOT_FOUND.
 */
export function verifyBackup(options: VerifyOptions): BackupContent {
  return readAll(options).content;
}

function readAll(options: VerifyOptions): { content: BackupContent; pieces: Piece[] } {
  const { disk, dir } = options;
  const manifest = readManifest(disk, dir);
  if (manifest === undefined) {
    const what = `${dir} holds no backup that was finished`;
    throw new AlphaError("BACKUP_NOT_FOUND", what, "name the folder of a backup");
  }
  refuseMissing(disk, dir, manifest);
  const reading = new Reading(options, manifest);
  const streams = streamNumbers(disk, dir).flatMap((stream) => reading.stream(stream) ?? []);
  const bytes = streams.reduce((sum, one) => sum + one.bytes, 0);
  const content = { dir, createdAtUtc: manifest.createdAtUtc, bytes, streams };
  return { content, pieces: reading.pieces };
}

function refuseMissing(disk: Disk, dir: string, { segments, snapshots }: BackupManifest): void {
  for (const { stream, name, bytes } of [...segments, ...snapshots]) {
    const path = `${streamFolder(dir, stream)}/${name}`;
    const found = sizeOf(disk, path);
    if (found < 0) throw damaged(`${path} is missing`);
    if (found < bytes) throw damaged(`${path} ends at byte ${found}, ${bytes} were written`);
  }
}

/** A walk over the files of a backup. */
class Reading {
  readonly pieces: Piece[] = [];
  private readonly options: VerifyOptions;
  private readonly manifest: BackupManifest;
  private readonly totalBytes: number;
  private doneBytes = 0;

  constructor(options: VerifyOptions, manifest: BackupManifest) {
    this.options = options;
    this.manifest = manifest;
    const all = [...manifest.segments, ...manifest.snapshots];
    this.totalBytes = all.reduce((sum, one) => sum + one.bytes, 0);
  }

  /** Undefined for a stream without a segment. */
  stream(stream: number): BackupStream | undefined {
    const { disk, dir, hash } = this.options;
    const folder = streamFolder(dir, stream);
    const paths = segmentPaths(disk, folder, 0);
    let run: Piece[] = [];
    let [chain, hole, firstSequence]: [Chain | undefined, string, number] = [undefined, "", 0];
    for (const path of paths) {
      const walk = walkSegment(disk, path, stream, hash);
      const bytes = sizeOf(disk, path);
      if (walk.bytes !== bytes) throw damaged(`${path} at byte ${walk.bytes}: ${walk.problem}`);
      this.compare(stream, path, bytes);
      const { firstBlockIndex, prevHash } = walk.header;
      const isNext = chain?.index === firstBlockIndex && chain.prevHash === prevHash;
      if (!isNext) {
        if (chain !== undefined) {
          if (chain.index >= firstBlockIndex)
            throw damaged(`${path} does not follow the one before`);
          hole = `block ${chain.index} to ${firstBlockIndex - 1} are missing`;
        }
        run = [];
        firstSequence = walk.header.firstSequence;
      }
      chain = walk.chain;
      run.push({ stream, path, bytes });
    }
    if (chain === undefined) return undefined;
    const snapshots = snapshotPaths(disk, folder).map((path) => {
      walkSnapshot(disk, path, hash);
      const bytes = sizeOf(disk, path);
      this.compare(stream, path, bytes);
      return { stream, path, bytes };
    });
    this.pieces.push(...run, ...snapshots);
    return {
      ...{ stream, segments: paths.length, snapshots: snapshots.length },
      bytes: [...run, ...snapshots].reduce((sum, one) => sum + one.bytes, 0),
      ...{ firstSequence, lastSequence: chain.sequence - 1, hole },
    };
  }

  private compare(stream: number, path: string, bytes: number): void {
    const { segments, snapshots } = this.manifest;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const entry = [...segments, ...snapshots].find(
      (one) => one.stream === stream && one.name === name,
    );
    this.doneBytes += bytes;
    this.options.onProgress?.(this.doneBytes, Math.max(this.totalBytes, this.doneBytes), path);
    if (entry === undefined) return;
    const found = readBytes(this.options.disk, path, entry.bytes);
    if (found !== entry.sha256) throw damaged(`${path}: sha256 ${found}, written ${entry.sha256}`);
  }
}

/** What a restore did; plain data. */
export interface RestoreReport extends BackupContent {
  /** Folder of the journal that was made. */
  into: string;
}

/**
 * Makes the journal of a backup at `into`, which must not be there or be empty. Throws what
 * `verifyBackup` throws before anything was written, RESTORE_EXISTS, BACKUP_NO_ROOM, BACKUP_FAILED.
 */
export function restoreBackup(options: VerifyOptions & { into: string }): RestoreReport {
  const { disk, into } = options;
  refuseJournal(disk, into);
  const { content, pieces } = readAll(options);
  try {
    const part = into + PART;
    copyAll(options, pieces, part);
    const above = into.slice(0, Math.max(1, into.lastIndexOf("/")));
    disk.rename(part, into);
    disk.syncFolder(above);
  } catch (error) {
    throw error instanceof AlphaError ? error : diskFault(into, error);
  }
  return { ...content, into };
}

function refuseJournal(disk: Disk, into: string): void {
  let names: string[];
  try {
    names = disk.list(into);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw diskFault(into, error);
  }
  if (names.length === 0) return;
  const what = `${into} is not empty: a restore overwrites nothing`;
  throw new AlphaError("RESTORE_EXISTS", what, "name another data folder, or move that one away");
}

/** Files of an earlier try are taken away first: they may be of another backup. */
function copyAll(options: VerifyOptions, pieces: readonly Piece[], part: string): void {
  const { disk, hash, onProgress } = options;
  for (const stream of new Set(pieces.map((one) => one.stream))) {
    const folder = streamFolder(part, stream);
    disk.makeFolder(folder);
    for (const name of disk.list(folder)) disk.remove(`${folder}/${name}`);
  }
  const totalBytes = pieces.reduce((sum, one) => sum + one.bytes, 0);
  let doneBytes = 0;
  for (const { stream, path, bytes } of pieces) {
    const folder = streamFolder(part, stream);
    const target = `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`;
    const sha256 = copyBytes(disk, path, target, bytes, (done) => {
      doneBytes += done;
      onProgress?.(doneBytes, totalBytes, target);
    });
    if (path.endsWith(".aps")) walkSnapshot(disk, target, hash);
    else walkSegment(disk, target, stream, hash);
    if (readBytes(disk, target, bytes) !== sha256) throw damaged(`${target}: read back otherwise`);
    disk.syncFolder(folder);
  }
}
