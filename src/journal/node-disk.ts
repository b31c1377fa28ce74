// The real disk: Node's file operations behind the interface. Only what runs in Node imports it.
//
// tidy: tested by test/src/journal/journal.test.ts
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statfsSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";

import type { Disk } from "./disk.ts";

/** The real one. */
export const NODE_DISK: Disk = {
  open: (path, flags) => openSync(path, flags),
  close: (fd) => closeSync(fd),
  size: (fd) => fstatSync(fd).size,
  read: (fd, into, at, bytes, position) => readSync(fd, into, at, bytes, position),
  write: (fd, from, at, bytes, position) => writeSync(fd, from, at, bytes, position),
  truncate: (fd, bytes) => ftruncateSync(fd, bytes),
  sync: (fd) => fdatasyncSync(fd),
  syncFolder,
  list: (path) => readdirSync(path),
  free,
  makeFolder,
  rename: (from, to) => renameSync(from, to),
  remove: (path) => unlinkSync(path),
  link: (from, to) => linkSync(from, to),
  readText: (path) => readFileSync(path, "utf8"),
  writeText: (path, text) => writeFileSync(path, text),
};

function makeFolder(path: string): void {
  const first = mkdirSync(resolve(path), { recursive: true });
  if (first === undefined) return;
  const above = dirname(first);
  for (let made = resolve(path); made !== above; made = dirname(made)) syncFolder(dirname(made));
}

function syncFolder(path: string): void {
  // Windows cannot open a folder; there the file system keeps names in its own log.
  if (process.platform === "win32") return;
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function free(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
