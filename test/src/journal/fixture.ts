// Sealed blocks without an engine, the core's own hash, a disk in memory, and the built worker.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Disk } from "../../../src/journal/disk.ts";
import type { HashBytes } from "../../../src/journal/format.ts";

export { BUILD, Sealer } from "./sealer.ts";

export const ROOT = resolve(import.meta.dirname, "../../..");
/** A folder that is gone after `use`. */
export async function inFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** asm/math/hash.ts compiled alone (a second), so that these tests need no whole core. */
export function compileHash(): HashBytes {
  const folder = mkdtempSync(join(tmpdir(), "hash-"));
  try {
    const out = join(folder, "hash.wasm");
    const args = ["asm/math/hash.ts", "--outFile", out, "--runtime", "stub", "-O3"];
    args.push("--initialMemory", "64", "--memoryBase", "1024", "--noAssert");
    const compiler = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
    execFileSync(process.execPath, [compiler, ...args], { cwd: ROOT });
    const module = new WebAssembly.Module(readFileSync(out));
    const instance = new WebAssembly.Instance(module, { env: { abort: () => undefined } });
    const { memory, xxh64 } = instance.exports as unknown as {
      memory: WebAssembly.Memory;
      xxh64: (at: number, bytes: number, seed: bigint) => bigint;
    };
    const u8 = new Uint8Array(memory.buffer);
    return (bytes) => {
      u8.set(bytes, 4096);
      return BigInt.asUintN(64, xxh64(4096, bytes.length, 0n));
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** workers/journal.ts as a file that Node runs. */
export async function buildWorker(folder: string): Promise<URL> {
  const outfile = join(folder, "journal-worker.mjs");
  const entryPoints = [join(ROOT, "workers/journal.ts")];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node" });
  return pathToFileURL(outfile);
}

export class DiskError extends Error {
  readonly code: string;
  readonly errno: number;

  constructor(code: string, errno: number, what: string) {
    super(`${code}: ${what}`);
    this.code = code;
    this.errno = errno;
  }
}

/** A disk in memory; `failWrite` and `freeBytes` make it fail. */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, Uint8Array>();
  readonly #open = new Map<number, string>();
  #nextFd = 3;
  /** Bytes that fit before ENOSPC. */
  freeBytes = Infinity;
  /** Code thrown by the next write, once. */
  failWrite = "";

  open(path: string, flags: "r" | "r+" | "wx+"): number {
    const exists = this.files.has(path);
    if (flags === "wx+" && exists) throw new DiskError("EEXIST", -17, path);
    if (flags !== "wx+" && !exists) throw new DiskError("ENOENT", -2, path);
    if (!exists) this.files.set(path, new Uint8Array(0));
    this.#open.set(this.#nextFd, path);
    return this.#nextFd++;
  }

  close(fd: number): void {
    this.#path(fd);
    this.#open.delete(fd);
  }

  /** Descriptors that were not closed. */
  get openCount(): number {
    return this.#open.size;
  }

  size(fd: number): number {
    return this.#bytes(fd).length;
  }

  read(fd: number, into: Uint8Array, at: number, bytes: number, position: number): number {
    const part = this.#bytes(fd).subarray(position, position + bytes);
    into.set(part, at);
    return part.length;
  }

  write(fd: number, from: Uint8Array, at: number, bytes: number, position: number): number {
    if (this.failWrite !== "") {
      const code = this.failWrite;
      this.failWrite = "";
      throw new DiskError(code, -5, "write");
    }
    if (this.freeBytes <= 0) throw new DiskError("ENOSPC", -28, "no space left on device, write");
    const taken = Math.min(bytes, this.freeBytes);
    this.freeBytes -= taken;
    if (this.#bytes(fd).length < position + taken) this.truncate(fd, position + taken);
    this.#bytes(fd).set(from.subarray(at, at + taken), position);
    return taken;
  }

  truncate(fd: number, bytes: number): void {
    const before = this.#bytes(fd);
    const after = new Uint8Array(bytes);
    after.set(before.subarray(0, bytes));
    this.files.set(this.#path(fd), after);
  }

  sync(fd: number): void {
    this.#path(fd);
  }

  syncFolder(): void {}

  free(): number {
    return this.freeBytes;
  }

  list(path: string): string[] {
    const prefix = `${path}/`;
    return [...this.files.keys()]
      .filter((one) => one.startsWith(prefix))
      .map((one) => one.slice(prefix.length));
  }

  makeFolder(): void {}

  rename(from: string, to: string): void {
    this.files.set(to, this.#file(from));
    this.files.delete(from);
  }

  remove(path: string): void {
    this.#file(path);
    this.files.delete(path);
  }

  link(from: string, to: string): void {
    if (this.files.has(to)) throw new DiskError("EEXIST", -17, to);
    this.files.set(to, this.#file(from));
  }

  readText(path: string): string {
    return Buffer.from(this.#file(path)).toString();
  }

  writeText(path: string, text: string): void {
    this.files.set(path, new Uint8Array(Buffer.from(text)));
  }

  #path(fd: number): string {
    const path = this.#open.get(fd);
    if (path === undefined) throw new DiskError("EBADF", -9, String(fd));
    return path;
  }

  #bytes(fd: number): Uint8Array {
    return this.files.get(this.#path(fd))!;
  }

  #file(path: string): Uint8Array {
    const file = this.files.get(path);
    if (file === undefined) throw new DiskError("ENOENT", -2, path);
    return file;
  }
}
