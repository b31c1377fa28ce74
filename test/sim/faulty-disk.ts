// A file system in memory that fails as real ones do, driven by a seed.
//
// A file has two images: what the kernel's cache shows, and what the medium holds. A write changes
// the first and waits; fdatasync moves what waits to the second; a loss of power decides for each
// write that waits, and for each 512-byte sector of it, whether it arrived: writes get lost, torn,
// out of order, and a name is only as sure as the last sync of its folder. The medium lies too:
// a write lands in the wrong place, a bit turns. Such damage is silent until the cache is cold;
// `backup` gives the files as they were meant, as a copy on another disk would.
import type { Disk } from "../../src/journal/disk.ts";

export const SECTOR_BYTES = 512;

/** Probabilities: of one operation, of one waiting write at a loss of power, of one cold start. */
export interface DiskRates {
  /** Of a write that waits while the power goes: none, some sectors, or wrong bytes arrive. */
  lost: number;
  torn: number;
  garbled: number;
  /** That names changed since the last sync of their folder are gone with the power. */
  nameLost: number;
  writeEio: number;
  syncEio: number;
  shortWrite: number;
  shortRead: number;
  /** Of a write that is synced: it lands elsewhere in its file. */
  misdirected: number;
  /** Of a start with a cold cache: a bit of a journal, of a snapshot, has turned. */
  journalRot: number;
  snapshotRot: number;
}

export type DiskFault = keyof DiskRates | "outOfOrder" | "enospc" | "dirtyDropped";

export const NO_FAULTS: DiskRates = {
  ...{ lost: 0, torn: 0, garbled: 0, nameLost: 0, writeEio: 0, syncEio: 0, shortWrite: 0 },
  ...{ shortRead: 0, misdirected: 0, journalRot: 0, snapshotRot: 0 },
};

interface Change {
  at: number;
  /** Undefined: the file was cut or grown to `at`. */
  bytes: Uint8Array | undefined;
}

/** Bytes of one image. */
class Image {
  bytes = new Uint8Array(0);
  size = 0;

  resize(size: number): void {
    if (size > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(size, 4096));
      bytes.set(this.bytes.subarray(0, this.size));
      this.bytes = bytes;
    } else if (size < this.size) this.bytes.fill(0, size, this.size);
    this.size = size;
  }

  apply({ at, bytes }: Change): void {
    if (bytes === undefined) return this.resize(at);
    if (at + bytes.length > this.size) this.resize(at + bytes.length);
    this.bytes.set(bytes, at);
  }

  copy(): Image {
    const copy = new Image();
    copy.bytes = this.bytes.slice(0, this.size);
    copy.size = this.size;
    return copy;
  }
}

class Inode {
  cache = new Image();
  medium = new Image();
  /** What the medium would hold without its lies; undefined while it never lied. */
  intact: Image | undefined;
  readonly waiting: Change[] = [];
  /** Times that writing back has failed; every descriptor hears of each once, as on Linux. */
  failures = 0;

  /** Brings a change to the medium. */
  settle(change: Change): void {
    this.medium.apply(change);
    this.intact?.apply(change);
  }

  /** What is about to become wrong without a sign. */
  betray(): Image {
    this.intact ??= this.medium.copy();
    return this.medium;
  }
}

interface Descriptor {
  inode: Inode;
  /** Failures of the file that were told or lie before it. */
  heard: number;
}

interface Rename {
  path: string;
  inode: Inode | undefined;
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

/** See the top of the file; `draw` gives numbers in [0, 1). */
export class FaultyDisk implements Disk {
  rates: DiskRates = NO_FAULTS;
  /** No byte fits while it is true. */
  isFull = false;
  /** What happened, by kind. */
  readonly counts = new Map<DiskFault, number>();
  private readonly draw: () => number;
  private names = new Map<string, Inode>();
  private sureNames = new Map<string, Inode>();
  /** Changes of names since the last sync of their folder, in order. */
  private renames: Rename[] = [];
  private readonly open_ = new Map<number, Descriptor>();
  private nextFd = 3;

  constructor(draw: () => number) {
    this.draw = draw;
  }

  private happens(fault: keyof DiskRates): boolean {
    const rate = this.rates[fault];
    if (rate === 0 || this.draw() >= rate) return false;
    this.count(fault);
    return true;
  }

  private count(fault: DiskFault): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }

  private below(most: number): number {
    return Math.floor(this.draw() * most);
  }

  // ---------------------------------------------------------------------------- the interface

  open(path: string, flags: "r" | "r+" | "wx+"): number {
    let inode = this.names.get(path);
    if (flags === "wx+") {
      if (inode !== undefined) throw new DiskError("EEXIST", -17, path);
      if (this.isFull) throw this.full(path);
      inode = new Inode();
      this.name(path, inode);
    } else if (inode === undefined) throw new DiskError("ENOENT", -2, path);
    this.open_.set(this.nextFd, { inode, heard: inode.failures });
    return this.nextFd++;
  }

  close(fd: number): void {
    this.inode(fd);
    this.open_.delete(fd);
  }

  size(fd: number): number {
    return this.inode(fd).cache.size;
  }

  read(fd: number, into: Uint8Array, at: number, bytes: number, position: number): number {
    const { cache } = this.inode(fd);
    let some = Math.max(0, Math.min(bytes, cache.size - position));
    if (some > 1 && this.happens("shortRead")) some = 1 + this.below(some - 1);
    into.set(cache.bytes.subarray(position, position + some), at);
    return some;
  }

  write(fd: number, from: Uint8Array, at: number, bytes: number, position: number): number {
    const inode = this.inode(fd);
    if (this.isFull) throw this.full("write");
    const isFailing = this.happens("writeEio");
    let some = bytes;
    if (isFailing) some = this.below(bytes);
    else if (bytes > 1 && this.happens("shortWrite")) some = 1 + this.below(bytes - 1);
    if (some > 0) {
      const change = { at: position, bytes: from.slice(at, at + some) };
      inode.cache.apply(change);
      inode.waiting.push(change);
    }
    if (isFailing) throw new DiskError("EIO", -5, "write");
    return some;
  }

  truncate(fd: number, bytes: number): void {
    const inode = this.inode(fd);
    if (inode.cache.size === bytes) return;
    inode.cache.resize(bytes);
    inode.waiting.push({ at: bytes, bytes: undefined });
  }

  sync(fd: number): void {
    const found = this.descriptor(fd);
    const { inode } = found;
    const { waiting } = inode;
    if (found.heard < inode.failures) {
      found.heard = inode.failures;
      throw new DiskError("EIO", -5, "fdatasync, of an earlier write");
    }
    if (waiting.length > 0 && this.happens("syncEio")) {
      // As Linux: the pages count as clean now. Those that did not arrive are shown until the cache
      // is cold, and no fdatasync writes them.
      for (const change of waiting) {
        if (this.draw() < 0.5) inode.settle(change);
        else this.count("dirtyDropped");
      }
      waiting.length = 0;
      inode.failures += 1;
      found.heard = inode.failures;
      throw new DiskError("EIO", -5, "fdatasync");
    }
    for (const change of waiting) {
      if (change.bytes !== undefined && this.happens("misdirected")) this.misdirect(inode, change);
      else inode.settle(change);
    }
    waiting.length = 0;
  }

  private misdirect(inode: Inode, change: Change): void {
    const medium = inode.betray();
    inode.intact!.apply(change);
    const bytes = change.bytes!;
    const sectors = Math.max(1, Math.floor((medium.size - bytes.length) / SECTOR_BYTES));
    const elsewhere = this.below(sectors) * SECTOR_BYTES;
    const at = elsewhere === change.at ? elsewhere + SECTOR_BYTES : elsewhere;
    medium.apply({ at, bytes });
  }

  syncFolder(path: string): void {
    for (const { path: name, inode } of this.renames) {
      if (folderOf(name) === path) set(this.sureNames, name, inode);
    }
    this.renames = this.renames.filter(({ path: name }) => folderOf(name) !== path);
  }

  list(path: string): string[] {
    const prefix = `${path}/`;
    const names = [...this.names.keys()].filter((one) => one.startsWith(prefix));
    return names.map((one) => one.slice(prefix.length));
  }

  free(): number {
    return this.isFull ? 0 : Number.MAX_SAFE_INTEGER;
  }

  makeFolder(): void {}

  rename(from: string, to: string): void {
    const inode = this.named(from);
    this.name(from, undefined);
    this.name(to, inode);
  }

  remove(path: string): void {
    this.named(path);
    this.name(path, undefined);
  }

  link(from: string, to: string): void {
    if (this.names.has(to)) throw new DiskError("EEXIST", -17, to);
    this.name(to, this.named(from));
  }

  readText(path: string): string {
    const { cache } = this.named(path);
    return Buffer.from(cache.bytes.subarray(0, cache.size)).toString();
  }

  writeText(path: string, text: string): void {
    const inode = new Inode();
    const change = { at: 0, bytes: new Uint8Array(Buffer.from(text)) };
    inode.cache.apply(change);
    inode.waiting.push(change);
    this.name(path, inode);
  }

  private name(path: string, inode: Inode | undefined): void {
    set(this.names, path, inode);
    this.renames.push({ path, inode });
  }

  private named(path: string): Inode {
    const inode = this.names.get(path);
    if (inode === undefined) throw new DiskError("ENOENT", -2, path);
    return inode;
  }

  private inode(fd: number): Inode {
    return this.descriptor(fd).inode;
  }

  private descriptor(fd: number): Descriptor {
    const found = this.open_.get(fd);
    if (found === undefined) throw new DiskError("EBADF", -9, String(fd));
    return found;
  }

  private full(what: string): DiskError {
    this.count("enospc");
    return new DiskError("ENOSPC", -28, `no space left on device, ${what}`);
  }

  // ---------------------------------------------------------------------------- crashes

  /** Descriptors that were not closed. */
  get openCount(): number {
    return this.open_.size;
  }

  /** The process dies: what it wrote stays with the kernel. */
  killProcess(): void {
    this.open_.clear();
  }

  /** The power goes: the medium is what is left, and a cold cache shows it. */
  losePower(): void {
    this.open_.clear();
    for (const inode of new Set(this.names.values())) this.losePages(inode);
    // Changes of names reach the medium in their order, up to some point.
    let kept = this.renames.length;
    if (kept > 0 && this.happens("nameLost")) kept = this.below(kept);
    for (const { path, inode } of this.renames.slice(0, kept)) set(this.sureNames, path, inode);
    this.renames = [];
    this.names = new Map(this.sureNames);
    this.coolDown();
  }

  /** The machine goes down in order: all of it is written; then the medium may have forgotten. */
  restart(): void {
    this.open_.clear();
    for (const inode of new Set(this.names.values())) {
      for (const change of inode.waiting) inode.settle(change);
      inode.waiting.length = 0;
    }
    for (const { path, inode } of this.renames) set(this.sureNames, path, inode);
    this.renames = [];
    this.coolDown();
  }

  private losePages(inode: Inode): void {
    let isLost = false;
    for (const change of inode.waiting) {
      const { bytes } = change;
      if (this.happens("lost")) isLost = true;
      else if (bytes !== undefined && this.happens("torn")) this.tear(inode, change, false);
      else if (bytes !== undefined && this.happens("garbled")) this.tear(inode, change, true);
      else {
        if (isLost && bytes !== undefined) this.count("outOfOrder");
        inode.settle(change);
      }
    }
    inode.waiting.length = 0;
  }

  /** Each sector of a write arrives or not, in any order; a garbled one holds noise. */
  private tear(inode: Inode, { at, bytes }: Change, isGarbled: boolean): void {
    const end = at + bytes!.length;
    for (let from = at; from < end;) {
      const to = Math.min(end, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES);
      const sector = bytes!.slice(from - at, to - at);
      const isWrong = this.draw() < 0.5;
      if (isWrong && isGarbled) for (let i = 0; i < sector.length; i++) sector[i] = this.below(256);
      if (!isWrong || isGarbled) inode.settle({ at: from, bytes: sector });
      from = to;
    }
  }

  /** What is read from now on comes from the medium. */
  private coolDown(): void {
    for (const [path, inode] of this.names) {
      const rot = path.endsWith(".aps") ? "snapshotRot" : "journalRot";
      if (path.endsWith(".apj") || path.endsWith(".aps")) this.rot(inode, rot);
      inode.cache = inode.medium.copy();
    }
  }

  private rot(inode: Inode, fault: "journalRot" | "snapshotRot"): void {
    let used = inode.medium.size;
    while (used > 0 && inode.medium.bytes[used - 1] === 0) used -= 1;
    if (used === 0 || !this.happens(fault)) return;
    const at = this.below(used);
    const { bytes } = inode.betray();
    bytes[at] = bytes[at]! ^ (1 << this.below(8));
  }

  // ---------------------------------------------------------------------------- people

  /** True while the medium holds something wrong without a sign. */
  get isDamaged(): boolean {
    return [...this.names.values()].some((inode) => inode.intact !== undefined);
  }

  /** Copies of all files as they were meant; call it before anything is opened. */
  backup(): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const [path, { intact, medium, waiting }] of this.names) {
      const meant = (intact ?? medium).copy();
      for (const change of waiting) meant.apply(change);
      files.set(path, meant.bytes.subarray(0, meant.size));
    }
    return files;
  }

  /** Puts the copies in the place of all that is there. */
  restore(files: ReadonlyMap<string, Uint8Array>): void {
    this.open_.clear();
    this.names.clear();
    this.renames = [];
    for (const [path, bytes] of files) {
      const inode = new Inode();
      inode.settle({ at: 0, bytes });
      inode.cache = inode.medium.copy();
      this.names.set(path, inode);
    }
    this.sureNames = new Map(this.names);
  }
}

function set(names: Map<string, Inode>, path: string, inode: Inode | undefined): void {
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
