// Opens the journal of one core instance and brings its state back.
//
// tidy: tested by test/src/oms/engine.test.ts
import { pathToFileURL } from "node:url";

import type { Core } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import { buildPath } from "../core/paths.ts";
import type { Disk } from "../journal/disk.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import { streamFolder } from "../journal/format.ts";
import { Journal, type JournalOptions, type JournalTail } from "../journal/journal.ts";
import { Decisions, decisionsIn } from "./decisions.ts";
import { beginReplay } from "./midway.ts";
import { recoverBlock, requireFirst, type Recovery } from "./recovery.ts";
import {
  loadNewest,
  usableSnapshots,
  type Restored,
  type SnapshotPlace,
  type SnapshotWish,
  type UsableSnapshot,
} from "./snapshot.ts";

/** Where a core instance keeps its journal. */
export interface JournalPlace {
  dir: string;
  /** Core instance: 0 orders or inline, 1.. market workers. */
  stream: number;
  segmentBytes?: number | undefined;
  /** Kept back for a full disk; left out: nothing, and a full disk is the end. */
  reserveBytes?: number | undefined;
  /** Left out: the real disk, and the sync thread. */
  disk?: Disk;
  worker?: JournalOptions["worker"];
}

/** A journal that stands behind its last block, and what was found. */
export interface OpenJournal {
  journal: Journal;
  tail: JournalTail;
  snapshots: SnapshotPlace;
  /** Snapshots that may be loaded, newest first, and why others may not. */
  usable: UsableSnapshot[];
  refused: string[];
  /** What a person decided about records of the tail. */
  decisions: Decisions;
}

/**
 * Opens, locks and verifies the journal, from the newest snapshot on if there is one; throws what
 * Journal.open throws.
 */
export function openJournal(
  place: JournalPlace,
  wish: SnapshotWish,
  onSynced: (sequence: number) => void,
  onFault: (fault: unknown) => void,
): OpenJournal {
  const { dir, stream, disk = NODE_DISK } = place;
  const { build } = wish;
  const hash = createHasher(build);
  const snapshots = { disk, folder: streamFolder(dir, stream), stream, hash };
  disk.makeFolder(snapshots.folder);
  const found = usableSnapshots(snapshots, wish);
  const decisions = new Decisions();
  const opened = Journal.open({
    dir,
    stream,
    build: build.id,
    hash,
    start: found.usable[0]?.facts.last,
    onBlock: (block) => decisions.note(block),
    disk,
    worker: place.worker ?? pathToFileURL(buildPath("workers", "journal.js")),
    onSynced,
    onFault,
    reserveBytes: place.reserveBytes ?? 0,
    ...(place.segmentBytes === undefined ? {} : { segmentBytes: place.segmentBytes }),
  });
  return { ...opened, snapshots, ...found, decisions };
}

/**
 * Brings an empty core to where the journal ends: the newest whole snapshot, then what follows it.
 * `onRestored` hears of the snapshot before `onOutputs` of the first block replayed.
 */
export function recoverCore(
  core: Core,
  kept: OpenJournal,
  into: Recovery,
  onOutputs: (from: number, to: number) => void,
  onRestored: (restored: Restored) => void,
): void {
  const { journal, tail, snapshots, usable, refused } = kept;
  into.refused.push(...refused);
  into.tail = tail;
  const restored = loadNewest(core, usable, snapshots, into.configured, into.refused);
  if (restored !== undefined) {
    const { path, facts } = restored;
    into.snapshot = { path, sequence: facts.sequence };
    onRestored(restored);
  }
  const from = restored?.facts.blockIndex ?? 0;
  const isAsOpened = restored?.path === usable[0]?.path;
  const blocks = journal.blocks(restored?.facts.last);
  into.decisions = isAsOpened ? kept.decisions : decisionsIn(blocks);
  let isFirst = restored === undefined;
  for (const { header, bytes, path } of journal.blocks(restored?.facts.last)) {
    if (header.index < from) continue;
    if (isFirst) beginReplay(core, snapshots, { header, path }, into);
    isFirst = false;
    recoverBlock(core, bytes, into, onOutputs);
  }
  if (isFirst) requireFirst(tail.blockIndex, snapshots.folder);
  core.setChain(tail.prevHash, BigInt(tail.blockIndex));
}
