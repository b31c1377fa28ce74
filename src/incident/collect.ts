// Exports an incident: snapshot, journal slice, core.wasm, configuration, and what the core said.
//
// The journal is read twice without its lock: once to find the range, once to write it. While it is
// written it is replayed, because the file must carry what this build made of it: outputs of the
// range and the state hash at the end, so that whoever replays it elsewhere can compare.
//
// tidy: tested by test/src/cli/incident-command.test.ts
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { deflateSync } from "node:zlib";

import { LAYOUT_VERSION, MEMORY_PAGES } from "../../asm/layout.ts";
import { BEHAVIOR_VERSION, Kind, REC_CAUSE, REC_KIND, SCHEMA_VERSION } from "../../asm/vocab.ts";
import type { Role } from "../../asm/vocab.ts";
import { wallEpochNanos } from "../clock.ts";
import { hexText } from "../bytes.ts";
import { Core, type CoreBuild } from "../core/core.ts";
import { AlphaError, describeError } from "../errors.ts";
import { NODE_DISK } from "../journal/node-disk.ts";
import { SEGMENT_HEADER_BYTES, streamFolder, type HashBytes } from "../journal/format.ts";
import { scanBlocks, type Block, type ScanOptions } from "../journal/scan.ts";
import { emptyRecovery, recoverBlock } from "../oms/recovery.ts";
import { loadSnapshot, usableSnapshots, type UsableSnapshot } from "../oms/snapshot.ts";
import { recordBytes } from "../protocol.ts";
import { CORE_NAME, INCIDENT_CHUNK_BYTES_MAX, IncidentWriter } from "./format.ts";
import type { Manifest } from "./manifest.ts";
import { placeIn, Range, type Around, type Place, type Span } from "./range.ts";
import { noSnapshot } from "./slice.ts";

/** What to export. */
export interface ExportOptions {
  /** Folder of the streams. */
  dir: string;
  stream: number;
  roles: Role;
  build: CoreBuild;
  coreBytes: Uint8Array;
  hash: HashBytes;
  around: Around;
  span: Span;
  contentBytesMax: number;
  /** Further files by name; they are written as they are. */
  texts: ReadonlyMap<string, string>;
  facts: Pick<Manifest, "engine" | "node" | "note" | "optionsLeftOut">;
  /** The file that is written. */
  path: string;
  /** Bytes of journal read so far, and where. */
  onProgress: (bytes: number, path: string) => void;
}

/** What was written. */
export interface ExportReport {
  path: string;
  bytes: number;
  contentBytes: number;
  manifest: Manifest;
}

/**
 * Writes an incident file; it appears whole or not at all. Throws INCIDENT_RANGE,
 * INCIDENT_SNAPSHOT, INCIDENT_OVERSIZE, and what the disk and `scanBlocks` throw.
 */
export function exportIncident(options: ExportOptions): ExportReport {
  const { build, dir, stream, roles, hash, path } = options;
  const place = { disk: NODE_DISK, folder: streamFolder(dir, stream), stream, hash };
  const { usable, refused } = usableSnapshots(place, { build, roles });
  const range = new Range(pivotOf(options, place, usable), options.span);
  const snapshot = usable.find(({ facts }) =>
    range.isAfter({ sequence: facts.sequence, nanos: facts.tsEngineNanos }),
  );
  const part = `${path}.part`;
  const fd = openSync(part, "w", 0o600);
  try {
    const sink = { hash, deflate: deflateSync, write: (bytes: Uint8Array) => writeAll(fd, bytes) };
    const writer = new IncidentWriter(sink, wallEpochNanos(), options.contentBytesMax);
    writer.add(CORE_NAME, 0, options.coreBytes);
    for (const [name, text] of options.texts) writer.addText(name, text);
    const collector = new Collector(options, writer, range, snapshot);
    collector.run({ ...place, start: snapshot?.facts.last }, refused);
    const manifest = collector.manifest();
    writer.addText("manifest.json", JSON.stringify(manifest, null, 2));
    writer.end();
    closeSync(fd);
    renameSync(part, path);
    return { path, bytes: writer.bytes, contentBytes: writer.contentBytes, manifest };
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** The record the range lies around; throws INCIDENT_RANGE when the journal has none there. */
function pivotOf(
  { around, onProgress }: ExportOptions,
  place: ScanOptions,
  usable: readonly UsableSnapshot[],
): Place {
  const isThere = (one: Place): boolean => {
    if (around === undefined) return false;
    return "nanos" in around ? one.nanos >= around.nanos : one.sequence >= around.sequence;
  };
  const before = usable.find(
    ({ facts }) => !isThere({ sequence: facts.sequence, nanos: facts.tsEngineNanos }),
  );
  let last: Place | undefined;
  for (const block of scanBlocks({ ...place, start: before?.facts.last })) {
    const { firstSequence, records, tsLastNanos } = block.header;
    onProgress(block.offset, block.path);
    last = { sequence: firstSequence + records - 1, nanos: tsLastNanos };
    if (isThere(last)) return placeIn(block, isThere) ?? last;
  }
  if (last === undefined) {
    const what = `the journal in ${place.folder} holds no record`;
    throw new AlphaError("INCIDENT_RANGE", what, "name the data directory of an engine that ran");
  }
  if (around === undefined) return last;
  const time = new Date(Number(last.nanos / 1_000_000n)).toISOString();
  throw new AlphaError(
    "INCIDENT_RANGE",
    `the journal ends at sequence ${last.sequence}, ${time}, before what --around names`,
    "name a sequence or a UTC time in it; without --around the end is taken",
  );
}

/** Writes blocks and replays them, one after the other. */
class Collector {
  private readonly options: ExportOptions;
  private readonly writer: IncidentWriter;
  private readonly range: Range;
  private readonly snapshot: UsableSnapshot | undefined;
  private readonly core: Core;
  private readonly recovery = emptyRecovery();
  private readonly extent: ExtentWriter;
  private readonly outputs: ExtentWriter;
  private readonly builds = new Set<bigint>();
  private trap = "";
  private records = 0;
  private last: Place = { sequence: 0, nanos: 0n };
  private fromNanos = 0n;

  constructor(
    options: ExportOptions,
    writer: IncidentWriter,
    range: Range,
    snapshot: UsableSnapshot | undefined,
  ) {
    const { build, roles, stream } = options;
    this.options = options;
    this.writer = writer;
    this.range = range;
    this.snapshot = snapshot;
    this.core = Core.create(build, { roles, stream });
    this.extent = new ExtentWriter(writer);
    this.outputs = new ExtentWriter(writer);
  }

  run(scan: ScanOptions, refused: readonly string[]): void {
    const { snapshot, core, recovery, range, options } = this;
    if (snapshot !== undefined) {
      copyFile(this.writer, snapshot.path, nameOf(snapshot.path, options.stream));
      loadSnapshot(core, snapshot, { ...scan }, recovery.configured);
    }
    const firstIndex = snapshot?.facts.blockIndex ?? 0;
    let isFirst = snapshot === undefined;
    let path = "";
    for (const block of scanBlocks(scan)) {
      if (isFirst && block.header.index !== 0) throw noSnapshot(block.header.index, refused);
      isFirst = false;
      const isNew = block.header.index >= firstIndex;
      if (isNew && !range.take(block)) break;
      options.onProgress(block.offset, block.path);
      const name = nameOf(block.path, options.stream);
      if (path !== block.path) {
        path = block.path;
        this.extent.flush();
        this.writer.add(name, 0, headerOf(path));
      }
      this.extent.put(name, block.offset, block.bytes);
      if (isNew) this.replay(block);
    }
    this.extent.flush();
    this.outputs.flush();
  }

  private replay(block: Block): void {
    const { firstSequence, records, tsLastNanos, build } = block.header;
    this.builds.add(build);
    this.records += records;
    this.last = { sequence: firstSequence + records - 1, nanos: tsLastNanos };
    const { fromSequence } = this.range;
    if (fromSequence !== undefined && this.fromNanos === 0n) {
      const from = placeIn(block, ({ sequence }) => sequence >= fromSequence);
      this.fromNanos = from?.nanos ?? 0n;
    }
    if (this.trap !== "") return;
    try {
      recoverBlock(this.core, block.bytes, this.recovery, (from, to) => this.keep(from, to));
    } catch (error) {
      // The file is all the more wanted: it says where the replay ended and goes on without it.
      const why = error instanceof AlphaError ? error.line() : describeError(error).split("\n")[0];
      this.trap = `behind sequence ${this.core.sequence}: ${why}`;
    }
  }

  /** Outputs of the range, one behind the other. */
  private keep(from: number, to: number): void {
    const { view, u8 } = this.core;
    for (let at = from; at < to;) {
      const end = at + recordBytes(view, at);
      const isPad = view.getUint16(at + REC_KIND, true) === (Kind.Pad as number);
      const cause = Number(view.getBigUint64(at + REC_CAUSE, true));
      if (!isPad && this.range.has(cause)) this.outputs.append(OUTPUTS_NAME, u8.subarray(at, end));
      at = end;
    }
  }

  manifest(): Manifest {
    const { options, core, last, range, trap, snapshot, records } = this;
    const { build, stream, roles, facts } = options;
    return {
      ...facts,
      createdUtc: new Date().toISOString(),
      core: build.sha256,
      writtenBy: [...this.builds].map(buildText),
      layout: LAYOUT_VERSION,
      behavior: BEHAVIOR_VERSION,
      schema: SCHEMA_VERSION,
      memoryPages: MEMORY_PAGES,
      ...{ stream, roles, records, trap },
      snapshotSequence: snapshot?.facts.sequence ?? 0,
      fromSequence: range.fromSequence ?? last.sequence,
      toSequence: Math.min(range.toSequence ?? last.sequence, last.sequence),
      lastSequence: last.sequence,
      fromNanos: String(this.fromNanos),
      lastNanos: String(last.nanos),
      stateHash: trap === "" ? core.stateHashText() : "",
    };
  }
}

/** A build as the first digits of its sha256, which a block holds as a number. */
function buildText(build: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, build, true);
  return hexText(bytes);
}

/** File of the outputs of the range, records one behind the other. */
export const OUTPUTS_NAME = "outputs.bin";

/** Joins bytes that follow each other in a file, so that chunks are full. */
class ExtentWriter {
  private readonly writer: IncidentWriter;
  private readonly buffer = new Uint8Array(INCIDENT_CHUNK_BYTES_MAX);
  private name = "";
  private offset = 0;
  private filled = 0;

  constructor(writer: IncidentWriter) {
    this.writer = writer;
  }

  put(name: string, offset: number, bytes: Uint8Array): void {
    const isNext = name === this.name && offset === this.offset + this.filled;
    if (!isNext || this.filled + bytes.length > this.buffer.length) {
      this.flush();
      this.name = name;
      this.offset = offset;
    }
    if (bytes.length > this.buffer.length) {
      this.writer.add(name, offset, bytes);
      this.offset = offset + bytes.length;
      return;
    }
    this.buffer.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  /** Puts bytes behind all that were put before. */
  append(name: string, bytes: Uint8Array): void {
    this.put(name, this.offset + this.filled, bytes);
  }

  flush(): void {
    if (this.filled > 0)
      this.writer.add(this.name, this.offset, this.buffer.subarray(0, this.filled));
    this.offset += this.filled;
    this.filled = 0;
  }
}

function headerOf(path: string): Uint8Array {
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  const fd = NODE_DISK.open(path, "r");
  NODE_DISK.read(fd, header, 0, header.length, 0);
  NODE_DISK.close(fd);
  return header;
}

function copyFile(writer: IncidentWriter, path: string, name: string): void {
  const fd = NODE_DISK.open(path, "r");
  try {
    const buffer = new Uint8Array(INCIDENT_CHUNK_BYTES_MAX);
    for (let at = 0; ;) {
      const bytes = NODE_DISK.read(fd, buffer, 0, buffer.length, at);
      if (bytes === 0) return;
      writer.add(name, at, buffer.subarray(0, bytes));
      at += bytes;
    }
  } finally {
    NODE_DISK.close(fd);
  }
}

/** Its name in the incident: stream and file. */
function nameOf(path: string, stream: number): string {
  return `${stream}/${path.slice(path.lastIndexOf("/") + 1)}`;
}
