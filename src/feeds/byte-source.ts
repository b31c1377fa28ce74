// The bytes of a recorded file in order, plain or gzip by its magic bytes.
//
// Input is read piece by piece and inflated completely before the next piece: on a cut file, all
// that can be had is delivered first, then the fault. A stream pipeline would throw it away.
// tidy: tested by test/src/feeds/replay.test.ts
import { type FileHandle, open } from "node:fs/promises";
import { createGunzip, type Gunzip } from "node:zlib";
import { AlphaError } from "../errors.ts";

/** File bytes read at once; inflated they are at most a thousand times as many. */
const READ_BYTES_PLAIN = 1_048_576;
const READ_BYTES_GZIP = 131_072;

/** Sequential reader of one file; close it. */
export class ByteSource {
  readonly path: string;
  /** Bytes of the file itself (compressed) read so far. */
  bytesRead = 0;
  /** What ended the bytes early; look at it when `next` returns undefined. */
  fault: AlphaError | undefined;
  readonly #file: FileHandle;
  #gunzip: Gunzip | undefined;
  #closed: Promise<void> = Promise.resolve();
  #parts: Buffer[] = [];
  #isEnd = false;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Throws FEED_FILE_MISSING or FEED_FILE_UNREADABLE. */
  static async open(path: string): Promise<ByteSource> {
    let file: FileHandle;
    try {
      file = await open(path, "r");
    } catch (error) {
      throw openFault(path, error);
    }
    const source = new ByteSource(path, file);
    try {
      const magic = Buffer.alloc(2);
      const { bytesRead } = await file.read(magic, 0, 2, 0);
      if (bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b) source.#openGzip();
    } catch (error) {
      await file.close();
      throw openFault(path, error);
    }
    return source;
  }

  /** The next bytes, undefined at the end or at a fault. */
  async next(): Promise<Buffer | undefined> {
    while (!this.#isEnd) {
      const isGzip = this.#gunzip !== undefined;
      const piece = Buffer.allocUnsafe(isGzip ? READ_BYTES_GZIP : READ_BYTES_PLAIN);
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, this.bytesRead);
      this.bytesRead += bytesRead;
      this.#isEnd = bytesRead === 0;
      const bytes = piece.subarray(0, bytesRead);
      if (!isGzip) return bytesRead === 0 ? undefined : bytes;
      const inflated = await this.#inflate(bytes);
      if (inflated.length > 0) return inflated;
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#gunzip?.destroy();
    await this.#file.close();
  }

  #openGzip(): void {
    const gunzip = createGunzip({ chunkSize: 262_144 });
    gunzip.on("data", (part: Buffer) => this.#parts.push(part));
    gunzip.on("error", (error: NodeJS.ErrnoException) => {
      this.#isEnd = true;
      this.fault = gzipFault(this.path, this.bytesRead, error);
    });
    this.#closed = new Promise((done) => gunzip.on("close", done));
    this.#gunzip = gunzip;
  }

  /** All that `bytes` inflate to; no bytes end the stream. */
  async #inflate(bytes: Buffer): Promise<Buffer> {
    const gunzip = this.#gunzip;
    if (gunzip === undefined || this.fault !== undefined) return Buffer.alloc(0);
    if (bytes.length === 0) {
      gunzip.end();
      await this.#closed;
    } else {
      const written = new Promise<void>((done) => gunzip.write(bytes, () => done()));
      await Promise.race([written, this.#closed]);
    }
    const inflated = Buffer.concat(this.#parts);
    this.#parts = [];
    return inflated;
  }
}

function openFault(path: string, error: unknown): AlphaError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  if (code === "ENOENT") {
    return new AlphaError("FEED_FILE_MISSING", `"${path}" does not exist`, "check the path", error);
  }
  const what = code === "EISDIR" ? "it is a directory" : `the system says ${code}`;
  const remedy = "name a readable file of a capture or of trades";
  return new AlphaError("FEED_FILE_UNREADABLE", `"${path}" cannot be read: ${what}`, remedy, error);
}

function gzipFault(path: string, bytes: number, error: NodeJS.ErrnoException): AlphaError {
  if (error.code === "Z_BUF_ERROR") {
    const what = `"${path}" ends inside its gzip stream after ${bytes} bytes`;
    return new AlphaError("FEED_TRUNCATED", what, "copy or download the file again", error);
  }
  const what = `"${path}" is damaged within its first ${bytes} bytes: ${error.message}`;
  return new AlphaError("FEED_DAMAGED", what, "copy or download the file again", error);
}
