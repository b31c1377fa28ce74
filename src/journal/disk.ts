// The few file operations a journal needs, so that a test can stand in for the disk and fail,
// tear or lose any of them. Synchronous: the hot thread's write has no await in it.
// tidy: tested by test/src/journal/journal.test.ts

import { AlphaError } from "../errors.ts";

/** Errors are Node's: with `code` ("ENOSPC") and `errno`. Paths use `/`. */
export interface Disk {
  open(path: string, flags: "r" | "r+" | "wx+"): number;
  close(fd: number): void;
  size(fd: number): number;
  read(fd: number, into: Uint8Array, at: number, bytes: number, position: number): number;
  write(fd: number, from: Uint8Array, at: number, bytes: number, position: number): number;
  truncate(fd: number, bytes: number): void;
  sync(fd: number): void;
  /** Makes a new, renamed or removed name in the folder survive a loss of power. */
  syncFolder(path: string): void;
  list(path: string): string[];
  /** Bytes that a file in this folder could still take; a quota may leave less. */
  free(path: string): number;
  /** Makes the folder and those above it; new names survive a loss of power. */
  makeFolder(path: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Creates `to` as another name of `from`; EEXIST when it is taken. */
  link(from: string, to: string): void;
  readText(path: string): string;
  writeText(path: string, text: string): void;
}

/** True for the errors of a disk, or a quota, without room. */
export function isNoRoom(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** `code` of a Node error ("ENOSPC"), else "". */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Writes all of `bytes`: a short write is followed by the rest; a full disk then says so. */
export function writeAll(
  disk: Disk,
  fd: number,
  u8: Uint8Array,
  at: number,
  bytes: number,
  position: number,
): void {
  let done = disk.write(fd, u8, at, bytes, position);
  while (done < bytes) {
    const more = disk.write(fd, u8, at + done, bytes - done, position + done);
    if (more === 0) throw new Error(`the disk took ${done} of ${bytes} bytes`);
    done += more;
  }
}

/** The fault that ends a journal whose write failed; `sequence` is the last one it holds. */
export function writeFault(error: unknown, path: string, sequence: number): AlphaError {
  const what = `${path}: ${error instanceof Error ? error.message : String(error)}`;
  const isFull = isNoRoom(error);
  return new AlphaError(
    isFull ? "JOURNAL_DISK_FULL" : "JOURNAL_WRITE",
    `${what}; written up to sequence ${sequence}`,
    isFull
      ? "orders are no longer taken: free space on this disk, then restart"
      : "orders are no longer taken: check the disk (dmesg), then restart",
    error,
  );
}
