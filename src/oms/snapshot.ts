// Snapshots of a core: written by a follower, loaded before the journal's tail is replayed.
//
// A snapshot is only a shortcut through the journal. It is taken when this very core.wasm wrote it,
// when the journal has its last block where the snapshot says, and when all its bytes are as they
// were written; else it is passed by with the reason, and an older one or the whole journal gives
// the same state.
//
// tidy: tested by test/src/oms/follower.test.ts
import { H_MARKET_OUT_SEQUENCE, LAYOUT_VERSION } from "../../asm/layout.ts";
import { BEHAVIOR_VERSION, Role } from "../../asm/vocab.ts";
import type { Core, CoreBuild } from "../core/core.ts";
import {
  IMAGE_PAGE_BYTES,
  imagePage,
  imagePageBytes,
  imagePages,
  isImagePage,
} from "../core/image.ts";
import { AlphaError } from "../errors.ts";
import type { Disk } from "../journal/disk.ts";
import type { HashBytes } from "../journal/format.ts";
import { blockAt, type ScanStart } from "../journal/scan.ts";
import {
  snapshotName,
  snapshotPaths,
  SnapshotReader,
  writeSnapshot,
  type SnapshotFacts,
} from "../journal/snapshot-file.ts";
import { recordBytes } from "../protocol.ts";
import type { StrategyPast } from "../strategy-past.ts";
import { isAhead, type MarketMark } from "./market-mark.ts";
import type { Recollection } from "./recollection.ts";
import type { Configured } from "./recovery.ts";

/** Where the snapshots of one core instance lie: in the folder of its journal. */
export interface SnapshotPlace {
  disk: Disk;
  folder: string;
  stream: number;
  hash: HashBytes;
}

/** A snapshot whose header is right and whose place the journal has. */
export interface UsableSnapshot {
  path: string;
  facts: SnapshotFacts;
}

/** What is asked of a snapshot. */
export interface SnapshotWish {
  build: CoreBuild;
  roles: Role;
  /** Market records the order loop has seen: a market worker may not begin behind them. */
  seen?: MarketMark | undefined;
}

/** Snapshots that may be loaded, newest first, and why the others may not. */
export function usableSnapshots(
  place: SnapshotPlace,
  wish: SnapshotWish,
): { usable: UsableSnapshot[]; refused: string[] } {
  const usable: UsableSnapshot[] = [];
  const refused: string[] = [];
  for (const path of snapshotPaths(place.disk, place.folder)) {
    try {
      const reader = new SnapshotReader(place.disk, path, place.hash);
      reader.close();
      const problem = problemOf(reader.facts, place, wish);
      if (problem === "") usable.push({ path, facts: reader.facts });
      else refused.push(`${path}: ${problem}`);
    } catch (error) {
      refused.push(reasonOf(path, error));
    }
  }
  return { usable, refused };
}

function reasonOf(path: string, error: unknown): string {
  if (error instanceof AlphaError) return error.message;
  return `${path}: ${error instanceof Error ? error.message : String(error)}`;
}

function problemOf(facts: SnapshotFacts, place: SnapshotPlace, wish: SnapshotWish): string {
  const { build, roles, seen } = wish;
  if (facts.core !== build.sha256) {
    return `of core ${facts.core.slice(0, 16)}, this is ${build.sha256.slice(0, 16)}`;
  }
  if (facts.layout !== LAYOUT_VERSION) {
    return `of layout ${facts.layout}, this is ${LAYOUT_VERSION}`;
  }
  if (facts.stream !== place.stream) return `of stream ${facts.stream}, this is ${place.stream}`;
  if (facts.roles !== (roles as number)) return "of a core with other roles";
  if (seen !== undefined && isAhead(facts.market, seen)) {
    const { sequence } = facts.market;
    return `its market records go to input ${sequence}, the order loop has seen ${seen.sequence}`;
  }
  const last = blockAt(place, facts.last);
  if (last === undefined) return "the journal has no whole block where its last one was";
  return last.hash === facts.prevHash ? "" : "the journal's block has another hash";
}

/** What a snapshot holds beside the state. */
export interface Restored {
  path: string;
  facts: SnapshotFacts;
  /** Records for `OutputSink.recovered`, one after the other. */
  records: Uint8Array;
  pasts: StrategyPast[];
}

/**
 * Loads the newest snapshot that is whole into an empty core; undefined when none is. Those passed
 * by are told in `refused`.
 */
export function loadNewest(
  core: Core,
  usable: readonly UsableSnapshot[],
  place: SnapshotPlace,
  configured: Configured,
  refused: string[],
): Restored | undefined {
  for (const snapshot of usable) {
    try {
      return loadSnapshot(core, snapshot, place, configured);
    } catch (error) {
      if (!(error instanceof AlphaError)) throw error;
      refused.push(reasonOf(snapshot.path, error));
    }
  }
  return undefined;
}

/**
 * Loads the state of a snapshot into an empty core and notes its configuration. The file is read
 * twice, first to see that it is whole: a core that was half loaded could not be emptied again.
 * Throws SNAPSHOT_CORRUPT before anything was changed.
 */
export function loadSnapshot(
  core: Core,
  { path }: UsableSnapshot,
  { disk, hash }: SnapshotPlace,
  configured: Configured,
): Restored {
  verifySnapshot(disk, path, hash);
  const reader = new SnapshotReader(disk, path, hash);
  try {
    const { facts } = reader;
    const pages = readPages(reader);
    for (const page of pages) reader.read(imagePage(core, page));
    for (const record of split(readBytes(reader, facts.configBytes))) configured.note(record);
    const records = readBytes(reader, facts.recordBytes);
    const text = new TextDecoder().decode(readBytes(reader, facts.textBytes));
    core.setChain(facts.prevHash, BigInt(facts.blockIndex));
    return { path, facts, records, pasts: JSON.parse(text) as StrategyPast[] };
  } finally {
    reader.close();
  }
}

/** Reads all of a snapshot; throws SNAPSHOT_CORRUPT. */
export function verifySnapshot(disk: Disk, path: string, hash: HashBytes): SnapshotFacts {
  const { facts, pages } = readSnapshot(disk, path, hash);
  requirePages(path, pages);
  return facts;
}

/** What can be told of a snapshot whatever layout its memory had. */
export interface SnapshotParts {
  facts: SnapshotFacts;
  /** Numbers of its pages, and the bytes of the first one, up to IMAGE_PAGE_BYTES. */
  pages: Uint32Array;
  head: Uint8Array;
  /** Configuration records. */
  config: Uint8Array;
}

/** As `verifySnapshot`, with what was read on the way; pages are not looked at. */
export function readSnapshot(disk: Disk, path: string, hash: HashBytes): SnapshotParts {
  const reader = new SnapshotReader(disk, path, hash);
  try {
    const { facts } = reader;
    const pages = readPages(reader);
    const { configBytes, recordBytes, textBytes } = facts;
    let left = facts.contentBytes - pages.length * 4 - configBytes - recordBytes - textBytes;
    const head = readBytes(reader, Math.max(0, Math.min(left, IMAGE_PAGE_BYTES)));
    const page = new Uint8Array(IMAGE_PAGE_BYTES);
    for (left -= head.length; left > 0; left -= page.length) {
      reader.read(page.subarray(0, Math.min(left, page.length)));
    }
    const config = readBytes(reader, configBytes);
    readBytes(reader, recordBytes);
    readBytes(reader, textBytes);
    reader.end();
    return { facts, pages, head, config };
  } finally {
    reader.close();
  }
}

function readPages(reader: SnapshotReader): Uint32Array {
  return new Uint32Array(readBytes(reader, reader.facts.pages * 4).buffer);
}

function requirePages(path: string, pages: Uint32Array): void {
  const wrong = pages.find((page) => !isImagePage(page));
  if (wrong === undefined) return;
  const what = `${path}: page ${wrong} is none of the state's`;
  throw new AlphaError("SNAPSHOT_CORRUPT", what, "remove it: an older one or the journal is used");
}

function readBytes(reader: SnapshotReader, bytes: number): Uint8Array<ArrayBuffer> {
  const into = new Uint8Array(bytes);
  reader.read(into);
  return into;
}

/** Whole records that follow each other. */
export function* split(bytes: Uint8Array): Generator<Uint8Array, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const end = at + recordBytes(view, at);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** What a follower knows when it writes a snapshot. */
export interface SnapshotSource {
  core: Core;
  configured: Configured;
  recollection: Recollection;
  /** The last market record made. */
  market: MarketMark;
  /** The last block in the state, and its hash. */
  last: ScanStart;
  prevHash: bigint;
  createdEpochNanos: bigint;
  /** Left free for the journal; see writeSnapshot. */
  roomBytes: number;
}

/** Writes the snapshot of a core that stands behind a block; returns its path, facts and bytes. */
export function takeSnapshot(
  source: SnapshotSource,
  { disk, folder, stream, hash }: SnapshotPlace,
): { path: string; facts: SnapshotFacts; bytes: number } {
  const { core, configured, recollection, market, last, prevHash, createdEpochNanos } = source;
  const blockIndex = last.chain.index + 1;
  core.setChain(prevHash, BigInt(blockIndex));
  const pages = imagePages(core);
  const config = [...configured.records()];
  const records = [...recollection.records()];
  const text = new TextEncoder().encode(JSON.stringify(recollection.pasts.list()));
  const pageBytes = pages.reduce((sum, page) => sum + imagePageBytes(page), 0);
  const [configBytes, recordBytes] = [lengthOf(config), lengthOf(records)];
  const facts: SnapshotFacts = {
    ...{ stream, roles: core.roles, blockIndex, sequence: core.sequence, prevHash, last },
    ...{ tsEngineNanos: core.tsEngineNanos, createdEpochNanos },
    ...{ layout: LAYOUT_VERSION, behavior: BEHAVIOR_VERSION, core: core.build.sha256 },
    marketHash: (core.roles & Role.Market) === 0 ? 0n : core.stateHash(Role.Market),
    orderHash: (core.roles & Role.Order) === 0 ? 0n : core.stateHash(Role.Order),
    marketOutSequence: Number(core.view.getBigUint64(H_MARKET_OUT_SEQUENCE, true)),
    market: { sequence: market.sequence, records: market.records },
    ...{ pages: pages.length, configBytes, recordBytes, textBytes: text.length },
    contentBytes: pages.length * 4 + pageBytes + configBytes + recordBytes + text.length,
  };
  const content = function* (): Generator<Uint8Array, void> {
    yield new Uint8Array(pages.buffer);
    for (const page of pages) yield imagePage(core, page);
    yield* config;
    yield* records;
    yield text;
  };
  const path = `${folder}/${snapshotName(blockIndex)}`;
  const bytes = writeSnapshot(disk, path, facts, content(), hash, source.roomBytes);
  return { path, facts, bytes };
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Removes all but the newest `keep` snapshots; returns how many went. */
export function pruneSnapshots(disk: Disk, folder: string, keep: number): number {
  const old = snapshotPaths(disk, folder).slice(keep);
  for (const path of old) disk.remove(path);
  return old.length;
}
