// One engine per journal folder: a lock file that names its owner.
//
// An owner is a process of this boot; a dead one loses the lock without a person's help, because a
// crash must not need one. Taken over by rename, so that of two takers one wins.
// tidy: tested by test/src/journal/journal.test.ts

import { readFileSync } from "node:fs";
import { AlphaError } from "../errors.ts";
import { codeOf, type Disk } from "./disk.ts";

interface Owner {
  pid: number;
  /** Kernel's id of this boot, "" where there is none: pids begin anew after a boot. */
  bootId: string;
  /** The process's start in clock ticks since boot, "": pids are reused within a boot. */
  started: string;
}

const ATTEMPTS_MAX = 8;
let taken = 0;
let self: Owner | undefined;

/** Takes `<folder>/lock` and returns its release; throws JOURNAL_LOCKED with the owner's pid. */
export function lockFolder(folder: string, disk: Disk): () => void {
  const path = `${folder}/lock`;
  const own = JSON.stringify(ownerNow());
  taken += 1;
  const draft = `${folder}/lock-${process.pid}-${taken}`;
  refuseLiving(path, disk);
  try {
    disk.writeText(draft, own);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (tryLink(draft, path, disk)) return () => release(path, own, disk);
      dropDead(path, disk);
    }
  } finally {
    removeDraft(draft, disk);
  }
  throw locked(path, "another engine that is starting");
}

function tryLink(draft: string, path: string, disk: Disk): boolean {
  try {
    disk.link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** A full disk may have refused it. */
function removeDraft(draft: string, disk: Disk): void {
  try {
    disk.remove(draft);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** Throws when the owner lives; returns what the lock says. */
function refuseLiving(path: string, disk: Disk): string | undefined {
  const text = readLock(path, disk);
  if (text === undefined) return undefined;
  const owner = parseOwner(text);
  if (owner !== undefined && isAlive(owner)) throw locked(path, `process ${owner.pid}`);
  return text;
}

/** Removes the lock of a dead owner; throws when the owner lives. */
function dropDead(path: string, disk: Disk): void {
  const text = refuseLiving(path, disk);
  if (text === undefined) return;
  const aside = `${path}-dead-${process.pid}`;
  try {
    disk.rename(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  // Another taker may have put its own lock there since we read: give that one back.
  if (readLock(aside, disk) === text) disk.remove(aside);
  else disk.rename(aside, path);
}

function readLock(path: string, disk: Disk): string | undefined {
  try {
    return disk.readText(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function release(path: string, own: string, disk: Disk): void {
  if (readLock(path, disk) === own) disk.remove(path);
}

function locked(path: string, owner: string): AlphaError {
  const what = `${path} is held by ${owner}`;
  return new AlphaError("JOURNAL_LOCKED", what, "stop that engine, or use another data folder");
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner>;
    const { pid, bootId, started } = owner;
    return typeof pid === "number" && Number.isInteger(pid) && pid > 0
      ? { pid, bootId: String(bootId ?? ""), started: String(started ?? "") }
      : undefined;
  } catch {
    return undefined; // Cut short by a loss of power: its writer is gone.
  }
}

/** This process; nothing of it changes while it lives. */
function ownerNow(): Owner {
  self ??= { pid: process.pid, bootId: bootId(), started: startOf(process.pid) };
  return self;
}

function isAlive(owner: Owner): boolean {
  if (owner.bootId !== ownerNow().bootId) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return owner.started === startOf(owner.pid);
}

function bootId(): string {
  return readKernelText("/proc/sys/kernel/random/boot_id");
}

/** Field 22 of /proc/pid/stat; the name before it may hold spaces and parentheses. */
function startOf(pid: number): string {
  const stat = readKernelText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function readKernelText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return ""; // Not Linux, or the process just ended.
  }
}
