// Files a person gave to a browser, as a disk and as what to walk through: one incident file, or
// the files of a stream's folder with the core.wasm that wrote them.
//
// tidy: tested by test/acceptance/incident.test.ts
import { Role } from "../../asm/vocab.ts";
import { compileBuild, type CoreBuild } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import { AlphaError } from "../errors.ts";
import type { Disk } from "../journal/disk.ts";
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentIndexOf } from "../journal/format.ts";
import { snapshotIndexOf, snapshotPaths, SnapshotReader } from "../journal/snapshot-file.ts";
import type { Manifest } from "./manifest.ts";
import { readIncident } from "./read.ts";
import { sliceOf, type SliceSource } from "./slice.ts";

/** A file of the browser's that can be read at once; a worker's FileReaderSync does that. */
export interface BlobFile {
  name: string;
  blob: Blob;
}

/** Reads bytes of a blob now. */
export type ReadBlob = (blob: Blob) => ArrayBuffer;

/** What can be walked through. */
export interface OpenSource {
  source: SliceSource;
  build: CoreBuild;
  /** Of an incident file; files of a folder say nothing of themselves. */
  manifest: Manifest | undefined;
  /** configuration.json and metrics.txt, where they are. */
  texts: Record<string, string>;
  bytes: number;
}

/**
 * Opens what was given. Throws what `readIncident` throws, INCIDENT_FILES when it is neither one
 * incident file nor a journal with its core.
 */
export async function openBlobs(
  given: readonly BlobFile[],
  read: ReadBlob,
  onProgress: (share: number) => void,
): Promise<OpenSource> {
  const isJournal = given.some(({ name }) => segmentIndexOf(name) >= 0);
  if (isJournal) return openJournal(given, read);
  const [only, ...others] = given;
  if (only === undefined || others.length > 0) throw wrongFiles(given);
  const { blob } = only;
  const incident = await readIncident(
    {
      bytes: blob.size,
      read: async (from, bytes) => new Uint8Array(read(blob.slice(from, from + bytes))),
    },
    onProgress,
  );
  const { files, manifest, build, bytes } = incident;
  const texts: Record<string, string> = {};
  for (const name of ["configuration.json", "metrics.txt"]) {
    if (files.has(name)) texts[name] = files.text(name);
  }
  return { source: sliceOf(incident), build, manifest, texts, bytes };
}

async function openJournal(given: readonly BlobFile[], read: ReadBlob): Promise<OpenSource> {
  const core = given.find(({ name }) => name === "core.wasm");
  if (core === undefined) throw wrongFiles(given);
  const build = await compileBuild(new Uint8Array(read(core.blob)));
  const hash = createHasher(build);
  const segment = given
    .filter(({ name }) => segmentIndexOf(name) >= 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))[0]!;
  const head = new Uint8Array(read(segment.blob.slice(0, SEGMENT_HEADER_BYTES)));
  const header = decodeSegmentHeader(head, hash);
  if (header === undefined) {
    const what = `${segment.name} has no segment header that is whole`;
    throw new AlphaError("JOURNAL_CORRUPT", what, "give the file as the engine wrote it");
  }
  const { stream } = header;
  const folder = String(stream);
  const disk = blobDisk(folder, given, read);
  let roles: Role = stream > 0 ? Role.Market : Role.Both;
  for (const path of snapshotPaths(disk, folder)) {
    const reader = new SnapshotReader(disk, path, hash);
    roles = reader.facts.roles;
    reader.close();
  }
  const bytes = given.reduce((sum, { blob }) => sum + blob.size, 0);
  const source = { disk, folder, stream, roles, hash, core: build.sha256 };
  return { source, build, manifest: undefined, texts: {}, bytes };
}

function wrongFiles(given: readonly BlobFile[]): AlphaError {
  const names = given.map(({ name }) => name).join(", ");
  const what = given.length === 0 ? "no file was given" : `${names}: these do not open together`;
  return new AlphaError(
    "INCIDENT_FILES",
    what,
    "give one incident file (.apx), or segment-*.apj with the core.wasm that wrote them, and " +
      "snapshot-*.aps if the journal does not begin there",
  );
}

function blobDisk(folder: string, given: readonly BlobFile[], read: ReadBlob): Disk {
  const known = given.filter(({ name }) => segmentIndexOf(name) >= 0 || snapshotIndexOf(name) >= 0);
  const blobOf = (fd: number): Blob => known[fd]!.blob;
  const refuse = (): never => {
    throw new AlphaError("INCIDENT_READ_ONLY", "a file of the browser is not written", "read it");
  };
  return {
    open: (path) => known.findIndex(({ name }) => `${folder}/${name}` === path),
    close: () => undefined,
    size: (fd) => blobOf(fd).size,
    read: (fd, into, at, bytes, position) => {
      const part = new Uint8Array(read(blobOf(fd).slice(position, position + bytes)));
      into.set(part, at);
      return part.length;
    },
    list: () => known.map(({ name }) => name),
    free: () => 0,
    ...{ readText: refuse, write: refuse, truncate: refuse, sync: refuse, syncFolder: refuse },
    ...{ link: refuse, makeFolder: refuse, rename: refuse, remove: refuse, writeText: refuse },
  };
}
