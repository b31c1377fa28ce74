// The durable half of a journal: group-committed fdatasync, in a thread of its own.
//
// Every block written while one fdatasync ran is covered by the next, so the number of syncs does
// not grow with the load. The first error ends it for good: after a failed fdatasync the kernel may
// have dropped the dirty pages, and a second call would report success over lost data.
//
// It also fills the next segment with zeros in idle moments. Writing into allocated blocks syncs in
// 57 us p50 against 105 us in a sparse file (4 KiB blocks, ext4, 2-core virtual machine).
//
// Before that it makes the reserve (reserve.ts), which is asked for at the start and whenever the
// hot thread has spent it; without room it looks again every second.
//
// What is done (`SyncWork`) is apart from when (`runSyncLoop`): a simulation without threads
// decides when an fdatasync runs and what comes of it.
// tidy: tested by test/src/journal/syncer.test.ts

import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { codeOf, type Disk } from "./disk.ts";
import { syncSegment } from "./doubt.ts";
import { NODE_DISK } from "./node-disk.ts";
import { RESERVE_ROOM } from "./reserve.ts";

/** Shared words, i32: both counters wrap, only equality matters. */
export const REQUEST = 0;
export const DONE = 1;
/** Negated errno of the error that ended the loop; 0 = none. */
export const FAULT = 2;
/** Answer to the reserve asked for last: its number when it is there, negated without room. */
export const RESERVED = 3;
/** Shared numbers, f64, behind the words: last sequence written, last sequence synced. */
export const WRITTEN = 2;
export const SYNCED = 3;
export const CONTROL_BYTES = 64;

const FILL_BYTES = 1 << 20;
/** Milliseconds between two looks for room. */
const RESERVE_LOOK_MILLIS = 1000;
const ZEROS = new Uint8Array(FILL_BYTES);

/** What the thread is started with. */
export interface SyncStart {
  control: SharedArrayBuffer;
  port: MessagePort;
  folder: string;
  path: string;
  /** Tell by message, for a runtime without Atomics.waitAsync. */
  isMessaging: boolean;
}

/** What the hot thread says through the port; each is followed by a bump of REQUEST. */
export type SyncMessage =
  | { act: "rotate"; path: string }
  | { act: "prepare"; path: string; bytes: number }
  | { act: "reserve"; path: string; bytes: number; number: number }
  | { act: "close" };

/** Runs until "close" or the first error of the disk. */
export function runSyncLoop(start: SyncStart): void {
  const words = new Int32Array(start.control);
  try {
    loop(start, words);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).errno;
    Atomics.store(words, FAULT, errno ?? -5);
  }
  tell(start, words);
}

function tell({ port, isMessaging }: SyncStart, words: Int32Array): void {
  Atomics.add(words, DONE, 1);
  Atomics.notify(words, DONE);
  if (isMessaging) port.postMessage(0);
}

function loop(start: SyncStart, words: Int32Array): void {
  const { port, folder, path } = start;
  const numbers = new Float64Array(start.control);
  const work = new SyncWork(NODE_DISK, folder, path, numbers[SYNCED] as number);
  const receive = (): SyncMessage | undefined =>
    receiveMessageOnPort(port)?.message as SyncMessage | undefined;
  let handled = 0;
  let lookedMillis = -Infinity;
  let reserved = 0;
  while (work.isOpen) {
    const seen = Atomics.load(words, REQUEST);
    const isAsked = seen !== handled;
    handled = seen;
    // Read before the messages: a segment that holds a block up to here was announced before.
    if (isAsked && work.serve(numbers[WRITTEN] as number, receive)) {
      numbers[SYNCED] = work.synced;
      tell(start, words);
    }
    if (work.isReserveDue && performance.now() - lookedMillis >= RESERVE_LOOK_MILLIS) {
      lookedMillis = performance.now();
      work.reserve();
    }
    // A reserve does not wait for an idle moment: under load there may be none.
    if (work.isFilling && (!isAsked || work.isReserving)) work.fill();
    if (work.reserved !== reserved) {
      reserved = work.reserved;
      Atomics.store(words, RESERVED, reserved);
      tell(start, words);
    }
    if (isAsked || work.isFilling) continue;
    // Returns at once when REQUEST moved since the load: a wake-up cannot be lost.
    Atomics.wait(words, REQUEST, handled, work.isReserveDue ? RESERVE_LOOK_MILLIS : Infinity);
  }
  work.end();
}

/** The steps of the durable half, for whoever calls them; every error of the disk is the last. */
export class SyncWork {
  /** Last sequence that is durable. */
  synced: number;
  /** False once "close" was taken. */
  isOpen = true;
  /** See RESERVED. */
  reserved = 0;
  readonly #disk: Disk;
  readonly #folder: string;
  #fd: number;
  #path: string;
  #filling: { fd: number; path: string; bytes: number; at: number } | undefined;
  #reserve: { path: string; bytes: number; number: number } | undefined;

  /** Opens the segment that is being written and makes its name durable. */
  constructor(disk: Disk, folder: string, path: string, synced: number) {
    this.synced = synced;
    this.#disk = disk;
    this.#folder = folder;
    this.#fd = disk.open(path, "r+");
    this.#path = path;
    disk.syncFolder(folder);
  }

  /**
   * Takes the messages that wait, then makes everything up to `written` durable; true when `synced`
   * moved. `written` must be read before the messages. Throws what the disk throws: no call after.
   */
  serve(written: number, receive: () => SyncMessage | undefined): boolean {
    for (let message = receive(); message !== undefined; message = receive()) this.#take(message);
    if (written <= this.synced) return false;
    syncSegment(this.#disk, this.#fd, this.#path);
    this.synced = written;
    return true;
  }

  #take(message: SyncMessage): void {
    if (message.act === "close") this.isOpen = false;
    else if (message.act === "rotate") {
      syncSegment(this.#disk, this.#fd, this.#path);
      this.#disk.close(this.#fd);
      this.#fd = this.#disk.open(message.path, "r+");
      this.#path = message.path;
      this.#disk.syncFolder(this.#folder);
    } else if (message.act === "reserve") {
      // What a spare takes now the reserve would not get.
      this.#dropFill();
      this.#reserve = message;
    } else if (!this.isFilling && !this.isReserveDue && !this.#has(message.path)) {
      const { path, bytes } = message;
      const kept = RESERVE_ROOM * (this.#reserve?.bytes ?? 0);
      // Without room for both the next segment begins sparse, and the reserve stays whole.
      if (kept > 0 && this.#disk.free(this.#folder) < bytes + kept) return;
      this.#filling = { fd: -1, path, bytes, at: 0 };
    }
  }

  #has(path: string): boolean {
    return this.#disk.list(this.#folder).includes(path.slice(this.#folder.length + 1));
  }

  /** True while a spare segment or the reserve is in the making. */
  get isFilling(): boolean {
    return this.#filling !== undefined;
  }

  /** True while it is the reserve. */
  get isReserving(): boolean {
    return this.#filling !== undefined && this.#filling.path === this.#reserve?.path;
  }

  /** True while a reserve is asked for that is neither there nor in the making. */
  get isReserveDue(): boolean {
    const reserve = this.#reserve;
    return reserve !== undefined && reserve.number !== this.reserved && !this.isReserving;
  }

  /** Looks whether the reserve is there, and begins to make it where there is room. */
  reserve(): void {
    const wish = this.#reserve;
    if (wish === undefined) return;
    try {
      if (this.#has(wish.path) && !this.#isReserve(wish)) this.#disk.remove(wish.path);
      if (this.#has(wish.path)) this.reserved = wish.number;
      else if (this.#disk.free(this.#folder) < RESERVE_ROOM * wish.bytes) {
        this.reserved = -wish.number;
      } else this.#filling = { fd: -1, path: wish.path, bytes: wish.bytes, at: 0 };
    } catch {
      this.reserved = -wish.number;
    }
  }

  /** True when the file is as long as it is asked for. */
  #isReserve({ path, bytes }: { path: string; bytes: number }): boolean {
    const fd = this.#disk.open(path, "r");
    try {
      return this.#disk.size(fd) === bytes;
    } finally {
      this.#disk.close(fd);
    }
  }

  /** One step of at most 1 MiB, so that a sync waits a few milliseconds at most. */
  fill(): void {
    const filling = this.#filling;
    if (filling === undefined) return;
    const disk = this.#disk;
    try {
      if (filling.fd < 0) filling.fd = disk.open(`${filling.path}.part`, "wx+");
      // The hot thread has taken its space back.
      if (disk.size(filling.fd) < filling.at) throw new Error("cut while it was made");
      const bytes = Math.min(FILL_BYTES, filling.bytes - filling.at);
      filling.at += disk.write(filling.fd, ZEROS, 0, bytes, filling.at);
      disk.sync(filling.fd);
      if (filling.at < filling.bytes) return;
      disk.rename(`${filling.path}.part`, filling.path);
      disk.close(filling.fd);
      if (this.isReserving) this.reserved = this.#reserve?.number ?? 0;
      this.#filling = undefined;
    } catch {
      // No room for a spare is no fault: the rotation makes its own segment or reports the disk.
      if (this.isReserving) this.reserved = -(this.#reserve?.number ?? 0);
      this.#dropFill();
    }
  }

  #dropFill(): void {
    const filling = this.#filling;
    if (filling === undefined) return;
    this.#filling = undefined;
    if (filling.fd >= 0) this.#disk.close(filling.fd);
    try {
      this.#disk.remove(`${filling.path}.part`);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  }

  /** Gives up an unfinished spare and lets go of the segment. */
  end(): void {
    this.#dropFill();
    this.#disk.close(this.#fd);
  }
}
