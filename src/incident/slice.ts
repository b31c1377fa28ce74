// The journal slice of an incident file as a core that stands before its first block.
//
// tidy: tested by test/src/cli/incident-command.test.ts
import type { Role } from "../../asm/vocab.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import type { ScanOptions, ScanStart } from "../journal/scan.ts";
import { emptyRecovery, type Recovery } from "../oms/recovery.ts";
import { loadNewest, usableSnapshots, type Restored, type SnapshotPlace } from "../oms/snapshot.ts";
import type { Incident } from "./read.ts";

/** A slice of one stream: a snapshot if it does not begin with the journal, and blocks. */
export interface SliceSource extends SnapshotPlace {
  roles: Role;
  /** sha256 of the core whose snapshots are taken. */
  core: string;
}

/** A core at the beginning of a slice. */
export interface Slice {
  core: Core;
  recovery: Recovery;
  restored: Restored | undefined;
  /** Where its blocks are; those before `firstIndex` are in the state. */
  scan: ScanOptions & { start: ScanStart | undefined };
  firstIndex: number;
}

/** The slice of an incident that was read. */
export function sliceOf({ manifest, files, hash }: Incident): SliceSource {
  const { stream, roles, core } = manifest;
  return { disk: files.disk(), folder: String(stream), stream, roles, hash, core };
}

/**
 * Makes a core at the beginning of a slice. A snapshot is taken from the build that wrote the slice
 * though `build` may be another: to see what another build does is what a slice is for. The layout
 * is the same, or the file would not have been read.
 */
export function openSlice(source: SliceSource, build: CoreBuild): Slice {
  const { disk, folder, stream, hash, roles, core: sha256 } = source;
  const core = Core.create(build, { roles, stream });
  const recovery = emptyRecovery();
  const { refused, configured } = recovery;
  const found = usableSnapshots(source, { build: { ...build, sha256 }, roles });
  refused.push(...found.refused);
  const restored = loadNewest(core, found.usable, source, configured, refused);
  if (restored !== undefined) {
    recovery.snapshot = { path: restored.path, sequence: restored.facts.sequence };
  }
  const start = restored?.facts.last;
  const firstIndex = restored?.facts.blockIndex ?? 0;
  return { core, recovery, restored, scan: { disk, folder, stream, hash, start }, firstIndex };
}

/** A slice that does not begin with the journal cannot be replayed without a snapshot. */
export function noSnapshot(firstIndex: number, refused: readonly string[]): AlphaError {
  const why = refused.length === 0 ? "there is none" : refused.join("; ");
  return new AlphaError(
    "INCIDENT_SNAPSHOT",
    `the journal here begins with block ${firstIndex} and no snapshot leads up to it: ${why}`,
    "add the snapshot before it, or the journal's first segments",
  );
}
