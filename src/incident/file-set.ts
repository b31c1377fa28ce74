// Files in memory, of which only some bytes are there, as a disk that can be read: a slice of a
// journal for `scanBlocks`, and the parts of an incident file. Bytes that were left out read as 0.
//
// tidy: tested by test/src/incident/format.test.ts
import { AlphaError } from "../errors.ts";
import type { Disk } from "../journal/disk.ts";

interface Extent {
  offset: number;
  bytes: Uint8Array;
}

/** Named files and their bytes. */
export class FileSet {
  readonly #files = new Map<string, Extent[]>();

  /** Adds bytes behind those the file has; the bytes are kept, not copied. */
  add(name: string, offset: number, bytes: Uint8Array): void {
    const extents = this.#files.get(name) ?? [];
    const last = extents.at(-1);
    if (last !== undefined && offset < last.offset + last.bytes.length) {
      const what = `${name} has bytes at ${offset} twice`;
      throw new AlphaError("INCIDENT_CORRUPT", what, "export the incident again");
    }
    extents.push({ offset, bytes });
    this.#files.set(name, extents);
  }

  /** Names and lengths, and how many bytes of the length are there. */
  list(): { name: string; bytes: number; keptBytes: number }[] {
    return [...this.#files].map(([name, extents]) => ({
      name,
      bytes: this.size(name),
      keptBytes: extents.reduce((sum, one) => sum + one.bytes.length, 0),
    }));
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  size(name: string): number {
    const last = this.#files.get(name)?.at(-1);
    return last === undefined ? 0 : last.offset + last.bytes.length;
  }

  /** All bytes of a file; throws INCIDENT_CORRUPT when it is not there. */
  all(name: string): Uint8Array<ArrayBuffer> {
    if (!this.has(name)) {
      const what = `the incident file has no ${name}`;
      throw new AlphaError("INCIDENT_CORRUPT", what, "export the incident again");
    }
    const into = new Uint8Array(this.size(name));
    this.read(name, into, 0, into.length, 0);
    return into;
  }

  text(name: string): string {
    return new TextDecoder().decode(this.all(name));
  }

  /** Fills `bytes` of `into` from a position of the file; fewer at its end. */
  read(name: string, into: Uint8Array, at: number, bytes: number, position: number): number {
    const wanted = Math.max(0, Math.min(bytes, this.size(name) - position));
    into.fill(0, at, at + wanted);
    for (const extent of this.#files.get(name) ?? []) {
      const from = Math.max(position, extent.offset);
      const to = Math.min(position + wanted, extent.offset + extent.bytes.length);
      if (from >= to) continue;
      const part = extent.bytes.subarray(from - extent.offset, to - extent.offset);
      into.set(part, at + from - position);
    }
    return wanted;
  }

  /** The files as a disk that nobody can write. */
  disk(): Disk {
    const names = [...this.#files.keys()];
    const nameOf = (fd: number): string => names[fd] ?? "";
    const refuse = (): never => {
      throw new AlphaError("INCIDENT_READ_ONLY", "an incident is not written", "export another");
    };
    return {
      open: (path, flags) => {
        const fd = names.indexOf(path);
        if (fd >= 0 && flags === "r") return fd;
        throw new AlphaError("INCIDENT_READ_ONLY", `cannot open ${path} (${flags})`, "read only");
      },
      close: () => undefined,
      size: (fd) => this.size(nameOf(fd)),
      read: (fd, into, at, bytes, position) => this.read(nameOf(fd), into, at, bytes, position),
      list: (folder) =>
        names
          .filter((name) => name.startsWith(`${folder}/`))
          .map((name) => name.slice(folder.length + 1)),
      free: () => 0,
      readText: (path) => this.text(path),
      ...{ write: refuse, truncate: refuse, sync: refuse, syncFolder: refuse, link: refuse },
      ...{ makeFolder: refuse, rename: refuse, remove: refuse, writeText: refuse },
    };
  }
}
