// The follower: a core with a memory of its own that reads the journal behind the engine and takes
// the snapshots.
//
// It asks nothing of the hot thread: the blocks are in the kernel's cache as soon as they are
// written, and it reads them from there (journal/tail.ts). So a snapshot is always of the journal
// and never of a memory that moves, and each one proves once more that the journal replays. Before
// a snapshot counts, the blocks it stands on are made durable.
//
// tidy: tested by test/src/oms/follower.test.ts
import type { Role } from "../../asm/vocab.ts";
import { wallEpochNanos } from "../clock.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import type { Disk } from "../journal/disk.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import { streamFolder, segmentIndexOf } from "../journal/format.ts";
import { RESERVE_ROOM } from "../journal/reserve.ts";
import type { Block, ScanStart } from "../journal/scan.ts";
import type { CapReport } from "../journal/segment-cap.ts";
import { JournalTailReader } from "../journal/tail.ts";
import { marketSeen, MarketMarker, NOTHING_SEEN } from "./market-mark.ts";
import { beginReplay } from "./midway.ts";
import { emptyRecovery, recoverBlock, type Recovery } from "./recovery.ts";
import { Recollection } from "./recollection.ts";
import {
  loadNewest,
  pruneSnapshots,
  split,
  takeSnapshot,
  usableSnapshots,
  type SnapshotPlace,
} from "./snapshot.ts";
import { capTicks, snapshotsNeeded } from "./tick-cap.ts";

/** Blocks looked at for decisions before it is asked whether there are more. */
const DECISION_BLOCKS = 4096;

export interface FollowerOptions {
  build: CoreBuild;
  /** Folder of the journals. */
  dir: string;
  stream: number;
  roles: Role;
  /** Snapshots kept; older ones are removed. */
  keep: number;
  /** The journal's (src/journal/reserve.ts): a snapshot leaves room for it. */
  reserveBytes?: number | undefined;
  /** Cap of a market worker's segments: above it the oldest are removed; 0: none are. */
  tickSegmentsMaxBytes?: number | undefined;
  disk?: Disk;
}

/** What a snapshot cost and holds. */
export interface SnapshotReport {
  path: string;
  sequence: number;
  bytes: number;
  millis: number;
  /** What the cap of a tick journal did; absent without a cap, and for other streams. */
  cap?: CapReport;
}

/** One stream's follower; `step` and `snapshot` are called by whoever has the time. */
export class Follower {
  readonly core: Core;
  readonly recovery: Recovery = emptyRecovery();
  private readonly options: FollowerOptions;
  private readonly place: SnapshotPlace;
  private readonly reader: JournalTailReader;
  private readonly recollection = new Recollection();
  private readonly market = new MarketMarker();
  private last: ScanStart | undefined;
  private lastHash = 0n;
  /** Sequence of the newest snapshot. */
  private snapshotSequence = 0;

  /** Begins from the newest snapshot that can be used, else from the journal's first block. */
  constructor(options: FollowerOptions) {
    this.options = options;
    const { build, dir, stream, roles, disk = NODE_DISK } = options;
    const hash = createHasher(build);
    this.core = Core.create(build, { roles, stream });
    this.place = { disk, folder: streamFolder(dir, stream), stream, hash };
    const from = this.load();
    const tail = { disk, folder: this.place.folder, hash };
    this.noteDecisions(new JournalTailReader(tail, from));
    this.reader = new JournalTailReader(tail, from);
  }

  /** Inputs applied since the newest snapshot. */
  get recordsSince(): number {
    return this.core.sequence - this.snapshotSequence;
  }

  /** Applies what the journal has gained, at most `blocksMax` blocks; returns how many it was. */
  step(blocksMax: number): number {
    let blocks = 0;
    for (const block of this.reader.take(blocksMax)) {
      this.apply(block);
      blocks += 1;
    }
    return blocks;
  }

  /** Writes a snapshot of what was applied, unless the newest one is of the same block. */
  snapshot(): SnapshotReport | undefined {
    if (this.last === undefined || this.recordsSince === 0) return undefined;
    const { core, recollection, market, last, lastHash } = this;
    const { configured } = this.recovery;
    const createdEpochNanos = wallEpochNanos();
    this.reader.sync();
    const source = {
      ...{ core, configured, recollection, market, last, prevHash: lastHash, createdEpochNanos },
      roomBytes: RESERVE_ROOM * (this.options.reserveBytes ?? 0),
    };
    const { path, facts, bytes } = takeSnapshot(source, this.place);
    this.snapshotSequence = facts.sequence;
    const cap = this.prune();
    const millis = Number(wallEpochNanos() - createdEpochNanos) / 1e6;
    return { path, sequence: facts.sequence, bytes, millis, ...(cap === undefined ? {} : { cap }) };
  }

  /** Old snapshots go, then the segments of a capped journal that no kept one leads back to. */
  private prune(): CapReport | undefined {
    const { place } = this;
    const { build, dir, keep, stream, tickSegmentsMaxBytes: bytesMax = 0 } = this.options;
    const isCapped = stream > 0 && bytesMax > 0;
    const seen = isCapped ? marketSeen(place.disk, dir, place.hash) : NOTHING_SEEN;
    const needed = isCapped ? snapshotsNeeded(place, build, seen) : 0;
    pruneSnapshots(place.disk, place.folder, Math.max(keep, needed));
    return isCapped ? capTicks(place, build, seen, bytesMax) : undefined;
  }

  close(): void {
    this.reader.close();
  }

  private apply(block: Block): void {
    const { header, bytes, path, offset } = block;
    if (this.last === undefined) beginReplay(this.core, this.place, block, this.recovery);
    recoverBlock(this.core, bytes, this.recovery, this.onOutputs);
    const { index, firstSequence: sequence, prevHash } = header;
    const segment = segmentIndexOf(path.slice(path.lastIndexOf("/") + 1));
    this.last = { segment, offset, chain: { index, sequence, prevHash } };
    this.lastHash = header.hash;
  }

  private readonly onOutputs = (from: number, to: number): void => {
    const { u8, view } = this.core;
    this.recollection.collect(u8, view, from, to);
    this.market.collect(view, from, to);
  };

  /** Decisions are made while no engine runs, so all there are stand in the journal by now. */
  private noteDecisions(reader: JournalTailReader): void {
    for (let blocks = 1; blocks > 0;) {
      blocks = 0;
      for (const block of reader.take(DECISION_BLOCKS)) {
        this.recovery.decisions.note(block);
        blocks += 1;
      }
    }
    reader.close();
  }

  /** Returns the block to go on from. */
  private load(): number {
    const { build, roles } = this.options;
    const { usable, refused } = usableSnapshots(this.place, { build, roles });
    const { configured } = this.recovery;
    const restored = loadNewest(this.core, usable, this.place, configured, refused);
    if (restored === undefined) return 0;
    const { facts, records, pasts } = restored;
    for (const record of split(records)) {
      const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
      this.recollection.collect(record, view, 0, record.length);
    }
    this.recollection.pasts.load(pasts);
    this.market.begin(facts.market);
    this.snapshotSequence = facts.sequence;
    this.last = facts.last;
    this.lastHash = facts.prevHash;
    return facts.blockIndex;
  }
}
