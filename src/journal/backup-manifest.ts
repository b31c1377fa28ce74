// What a backup folder should hold: one list with a hash of every file and of itself.
//
// It is written behind the files it names, so a file may be newer and longer than the list says,
// and there may be more; a missing or shorter one is damage.
//
// tidy: tested by test/src/journal/backup.test.ts
import { createHash } from "node:crypto";

import { AlphaError } from "../errors.ts";
import { damaged, PART, removeParts, sizeOf } from "./backup-file.ts";
import { writeAll, type Disk } from "./disk.ts";

export const MANIFEST_NAME = "manifest.json";
const FORMAT = "alphapulse backup 1";

/** A copied segment; the hash is that of its first `bytes`. */
export interface SegmentEntry {
  stream: number;
  name: string;
  bytes: number;
  sha256: string;
  /** Index and first sequence of the block that follows; hash of its last block, hexadecimal. */
  nextIndex: number;
  nextSequence: number;
  endHash: string;
}

/** A copied snapshot. */
export interface SnapshotEntry {
  stream: number;
  name: string;
  bytes: number;
  sha256: string;
  /** Last input in its state. */
  sequence: number;
}

/** The list. */
export interface BackupManifest {
  createdAtUtc: string;
  segments: SegmentEntry[];
  snapshots: SnapshotEntry[];
}

/** The list of a folder, undefined without one; throws BACKUP_DAMAGED. */
export function readManifest(disk: Disk, dir: string): BackupManifest | undefined {
  const path = `${dir}/${MANIFEST_NAME}`;
  if (sizeOf(disk, path) < 0) return undefined;
  try {
    const { sha256, format, ...manifest } = JSON.parse(disk.readText(path)) as BackupManifest & {
      sha256: string;
      format: string;
    };
    if (format === FORMAT && sha256 === hashOf(manifest)) return manifest;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(`${path}: not the list that was written, or of another version`);
}

/** Replaces the list, durably. */
export function writeManifest(disk: Disk, dir: string, manifest: BackupManifest): void {
  const path = `${dir}/${MANIFEST_NAME}`;
  removeParts(disk, dir);
  const text = JSON.stringify({ format: FORMAT, ...manifest, sha256: hashOf(manifest) }, null, 1);
  const bytes = new TextEncoder().encode(text);
  const fd = disk.open(path + PART, "wx+");
  try {
    writeAll(disk, fd, bytes, 0, bytes.length, 0);
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(path + PART, path);
  disk.syncFolder(dir);
}

function hashOf(manifest: BackupManifest): string {
  return createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
}

/** The folder holds the backup of another journal, or of another past of this one. */
export function otherBackup(dir: string, what: string): AlphaError {
  const remedy = "nothing there was changed: name another folder for this journal";
  return new AlphaError("BACKUP_OTHER", `${dir} holds another journal's backup: ${what}`, remedy);
}
