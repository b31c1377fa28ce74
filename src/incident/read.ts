// Reads an incident file: in Node and, with the same code, in the browser's page.
//
// The first file in it is core.wasm, and only its XXH64 can check the chain; so the chunks of that
// file are held until it is compiled, then checked like all that follow. Nothing of the file is
// believed before its chunk was checked, but for running that function, which can reach nothing.
//
// tidy: tested by test/src/incident/format.test.ts
import { LAYOUT_VERSION, MEMORY_PAGES } from "../../asm/layout.ts";
import { compileBuild, type CoreBuild } from "../core/core.ts";
import { createHasher } from "../core/hasher.ts";
import { AlphaError } from "../errors.ts";
import type { HashBytes } from "../journal/format.ts";
import {
  checkHeader,
  CORE_NAME,
  corrupt,
  decodeChunkHead,
  INCIDENT_BYTES_MAX,
  INCIDENT_CHUNK_HEADER_BYTES,
  INCIDENT_HEADER_BYTES,
  IncidentChain,
  torn,
  type ChunkHead,
} from "./format.ts";
import { FileSet } from "./file-set.ts";
import type { Manifest } from "./manifest.ts";

/** Bytes of an incident file: a Blob in a page, a file in Node. */
export interface IncidentSource {
  bytes: number;
  /** Bytes [from, from + bytes), fewer at the end. */
  read(from: number, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** What an incident file holds. */
export interface Incident {
  manifest: Manifest;
  files: FileSet;
  /** The core in the file, and its hash. */
  build: CoreBuild;
  hash: HashBytes;
  bytes: number;
}

interface Chunk {
  head: ChunkHead;
  bytes: Uint8Array<ArrayBuffer>;
  position: number;
}

/**
 * Reads and checks all of it; `onProgress` hears the share read. Throws INCIDENT_FORMAT,
 * INCIDENT_TORN, INCIDENT_CORRUPT, INCIDENT_OVERSIZE, INCIDENT_LAYOUT.
 */
export async function readIncident(
  source: IncidentSource,
  onProgress: (share: number) => void,
): Promise<Incident> {
  const header = await source.read(0, INCIDENT_HEADER_BYTES);
  checkHeader(header);
  const files = new FileSet();
  const core: Chunk[] = [];
  let checked: { chain: IncidentChain; build: CoreBuild; hash: HashBytes } | undefined;
  for await (const chunk of chunks(source)) {
    if (checked === undefined) {
      if (chunk.head.name === CORE_NAME) {
        core.push(chunk);
        continue;
      }
      checked = await checkCore(header, core, files);
    }
    checked.chain.next(chunk.bytes, chunk.position);
    await takeChunk(files, chunk);
    onProgress((chunk.position + chunk.bytes.length) / source.bytes);
  }
  if (checked === undefined) throw corrupt(INCIDENT_HEADER_BYTES, `no ${CORE_NAME}`);
  const manifest = JSON.parse(files.text("manifest.json")) as Manifest;
  checkLayout(manifest);
  const { build, hash } = checked;
  return { manifest, files, build, hash, bytes: source.bytes };
}

async function checkCore(header: Uint8Array, core: readonly Chunk[], files: FileSet) {
  if (core.length === 0)
    throw corrupt(INCIDENT_HEADER_BYTES, `it does not begin with ${CORE_NAME}`);
  for (const chunk of core) {
    // Before the chain is checked an offset is anybody's: it must not make room for itself.
    const isNext = chunk.head.offset === files.size(CORE_NAME);
    if (!isNext) throw corrupt(chunk.position, `${CORE_NAME} does not go on`);
    await takeChunk(files, chunk);
  }
  let build: CoreBuild;
  try {
    build = await compileBuild(files.all(CORE_NAME));
  } catch (error) {
    if (error instanceof AlphaError && error.code === "CORE_INVALID" && error.cause !== undefined) {
      throw corrupt(INCIDENT_HEADER_BYTES, `${CORE_NAME} does not compile`);
    }
    throw error;
  }
  const hash = createHasher(build);
  const chain = new IncidentChain(hash);
  chain.begin(header);
  for (const chunk of core) chain.next(chunk.bytes, chunk.position);
  return { chain, build, hash };
}

/** All chunks up to the last; throws INCIDENT_TORN when the file ends before it. */
async function* chunks(source: IncidentSource): AsyncGenerator<Chunk> {
  let position = INCIDENT_HEADER_BYTES;
  let contentBytes = 0;
  for (let index = 0; ; index += 1) {
    const head = await source.read(position, INCIDENT_CHUNK_HEADER_BYTES);
    if (head.length < INCIDENT_CHUNK_HEADER_BYTES) throw torn(position + head.length);
    const found = decodeChunkHead(head, index, position);
    const length = INCIDENT_CHUNK_HEADER_BYTES + found.storedBytes;
    const bytes = await source.read(position, length);
    if (bytes.length < length) throw torn(position + bytes.length);
    contentBytes += found.contentBytes;
    if (contentBytes > INCIDENT_BYTES_MAX) {
      const what = `the incident file holds more than ${Math.floor(INCIDENT_BYTES_MAX / 1e6)} MB`;
      throw new AlphaError("INCIDENT_OVERSIZE", what, "export a shorter range");
    }
    yield { head: found, bytes, position };
    position += length;
    if (!found.isLast) continue;
    if (position === source.bytes) return;
    throw corrupt(position, `${source.bytes - position} bytes behind the end`);
  }
}

async function takeChunk(files: FileSet, { head, bytes, position }: Chunk): Promise<void> {
  if (head.isLast) return;
  const stored = bytes.subarray(INCIDENT_CHUNK_HEADER_BYTES);
  const content = head.isDeflated ? await inflate(stored, head.contentBytes, position) : stored;
  if (content.length !== head.contentBytes) throw corrupt(position, "content of another length");
  files.add(head.name, head.offset, content);
}

/** Unpacks at most `bytes`: what a chunk does not say it holds is not made room for. */
async function inflate(
  stored: Uint8Array<ArrayBuffer>,
  bytes: number,
  position: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const into = new Uint8Array(bytes);
  let filled = 0;
  const stream = new Blob([stored]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return into.subarray(0, filled);
      if (filled + value.length > bytes) throw corrupt(position, "more content than it says");
      into.set(value, filled);
      filled += value.length;
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined); // The fault that matters is thrown below.
    throw error instanceof AlphaError ? error : corrupt(position, "content that does not unpack");
  }
}

/** The words of this build must be those of the core in the file. */
function checkLayout({ layout, memoryPages, engine }: Manifest): void {
  if (layout === LAYOUT_VERSION && memoryPages === MEMORY_PAGES) return;
  throw new AlphaError(
    "INCIDENT_LAYOUT",
    `the incident is of engine ${engine}, memory layout ${layout} (${memoryPages} pages); this ` +
      `build reads layout ${LAYOUT_VERSION} (${MEMORY_PAGES} pages)`,
    "open it with the page or the command line of the engine that wrote it",
  );
}
