// Where a replay begins when the journal's first blocks are gone and no snapshot of this build
// leads up to the rest.
//
// Of an order stream: nowhere, money is a sum over all of its past. A market worker holds none:
// books, candles, indicators and signals come of ticks. So its replay begins with an empty core at
// the oldest block there is, and is as warm as what is kept allows. What the removed blocks had
// configured must be in the core before the first kept tick, or that would be refused: it is what a
// snapshot lists, of whatever build, less what stands in the kept blocks before it. Every reader
// begins alike, whichever snapshot it asks, so worker and follower have one state.
//
// tidy: tested by test/src/oms/midway.test.ts
import { H_FEED_RECORDS, HEADER, LAYOUT_VERSION } from "../../asm/layout.ts";
import { BLOCK_HEADER_BYTES, REC_KIND, Role } from "../../asm/vocab.ts";
import type { Core } from "../core/core.ts";
import { AlphaError } from "../errors.ts";
import type { BlockHeader } from "../journal/format.ts";
import { blockAt, scanBlocks, type Block } from "../journal/scan.ts";
import { snapshotPaths } from "../journal/snapshot-file.ts";
import { recordBytes } from "../protocol.ts";
import { Configured, noteConfiguration, requireFirst, type Recovery } from "./recovery.ts";
import { readSnapshot, split, type SnapshotParts, type SnapshotPlace } from "./snapshot.ts";

const FEED_BLOCK = 0x03;

/** The first block a state is made of, when it is not the journal's first. */
export interface Midway {
  /** Segment it is in, its first sequence and engine time. */
  path: string;
  sequence: number;
  tsNanos: bigint;
  /** Records configured before it, and the snapshot that lists them. */
  configured: number;
  source: string;
}

/** What the removed blocks left behind. */
interface Removed {
  configured: Uint8Array[];
  /** Market data inputs in them; 0 when the snapshot's memory has another layout. */
  feedRecords: number;
  source: string;
}

/**
 * Brings an empty core to where the first block of a replay can follow. Throws RECOVERY_GAP when
 * that is not the journal's first, unless the core is a market worker's and a snapshot says what
 * had been configured.
 */
export function beginReplay(
  core: Core,
  place: SnapshotPlace,
  { header, path }: Pick<Block, "header" | "path">,
  into: Recovery,
): void {
  if (header.index === 0) return;
  const removed = core.roles === Role.Market ? removedBefore(place, header) : undefined;
  if (removed === undefined) return requireFirst(header.index, path);
  for (const record of removed.configured) {
    const block = new Uint8Array(BLOCK_HEADER_BYTES + record.length);
    block.set(record, BLOCK_HEADER_BYTES);
    core.replayBlock(block, () => undefined);
    into.configured.note(record);
  }
  core.view.setBigUint64(H_FEED_RECORDS, BigInt(removed.feedRecords), true);
  into.midway = {
    ...{ path, sequence: header.firstSequence, tsNanos: header.tsFirstNanos },
    ...{ configured: removed.configured.length, source: removed.source },
  };
}

/** Configuration records of the blocks before the first one there is, as far as it can be told. */
export function configuredBefore(place: SnapshotPlace, first: BlockHeader): Uint8Array[] {
  return removedBefore(place, first)?.configured ?? [];
}

/** Asks the oldest snapshot that can tell: it has the fewest blocks to be looked at before it. */
function removedBefore(place: SnapshotPlace, first: BlockHeader): Removed | undefined {
  for (const path of snapshotPaths(place.disk, place.folder).reverse()) {
    const parts = partsOf(place, path);
    if (parts === undefined || !isOf(parts, place, first)) continue;
    const kept = keptBefore(place, parts.facts.blockIndex);
    const before = new Configured();
    for (const record of split(parts.config)) before.note(record);
    const configured = [...before.records()].filter((record) => !kept.configured.holds(record));
    const count = Math.max(0, feedRecords(parts) - kept.feedRecords);
    return { configured, feedRecords: count, source: path };
  }
  return undefined;
}

function partsOf({ disk, hash }: SnapshotPlace, path: string): SnapshotParts | undefined {
  try {
    return readSnapshot(disk, path, hash);
  } catch (error) {
    // A damaged one, or one of another schema, tells nothing; anything else is the disk's.
    if (error instanceof AlphaError) return undefined;
    throw error;
  }
}

/** True for a snapshot of this journal that is not older than its first block. */
function isOf({ facts }: SnapshotParts, place: SnapshotPlace, first: BlockHeader): boolean {
  if (facts.stream !== place.stream || facts.roles !== (Role.Market as number)) return false;
  if (facts.blockIndex === first.index) return facts.prevHash === first.prevHash;
  return facts.blockIndex > first.index && blockAt(place, facts.last)?.hash === facts.prevHash;
}

/** Configuration and market data in the blocks from the first one to `blockIndex`. */
function keptBefore(
  place: SnapshotPlace,
  blockIndex: number,
): { configured: Configured; feedRecords: number } {
  const configured = new Configured();
  let count = 0;
  for (const { header, bytes } of scanBlocks(place)) {
    if (header.index >= blockIndex) break;
    noteConfiguration(bytes, configured);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at: number = BLOCK_HEADER_BYTES; at < bytes.length; at += recordBytes(view, at)) {
      if (view.getUint16(at + REC_KIND, true) >> 8 === FEED_BLOCK) count += 1;
    }
  }
  return { configured, feedRecords: count };
}

/** Market data inputs in the state of a snapshot, out of its first page, the header's. */
function feedRecords({ facts, head }: SnapshotParts): number {
  if (facts.layout !== LAYOUT_VERSION) return 0;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return Number(view.getBigUint64(H_FEED_RECORDS - HEADER, true));
}
