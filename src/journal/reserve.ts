// The reserve of a journal: space that is kept, so that a full disk is a mode and not the end.
//
// A file of real zeros lies beside the segments. When a write finds no room the hot thread removes
// the file and writes again, and orders are refused from then on (`isFull`); what is left of the
// space is for cancels, reports of venues and the market. The sync thread makes the file, also
// anew, and only where twice its size is free: else it would take the room it gives.
// tidy: tested by test/sim/disk-full.test.ts

import { codeOf, isNoRoom, type Disk } from "./disk.ts";

export const RESERVE_NAME = "reserve.apj";
/** A reserve is made, and a snapshot goes on, where this many reserves are free. */
export const RESERVE_ROOM = 2;

/** The hot thread's side; one per journal. */
export class Reserve {
  readonly path: string;
  /** 0: nothing is kept back. */
  readonly bytes: number;
  /** True without a reserve; undefined until the sync thread has looked for the first time. */
  isFull: boolean | undefined;
  readonly #disk: Disk;

  constructor(disk: Disk, folder: string, bytes: number) {
    this.#disk = disk;
    this.path = `${folder}/${RESERVE_NAME}`;
    this.bytes = bytes;
  }

  /** Runs `act`, again with the reserve's space if there was no room; not for the hot path. */
  spend<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!this.release(error)) throw error;
      return act();
    }
  }

  /** Gives the space back if `error` says that there is none; false when that changed nothing. */
  release(error: unknown): boolean {
    if (this.bytes === 0 || !isNoRoom(error)) return false;
    this.isFull = true;
    return this.#remove() || this.#empty();
  }

  #remove(): boolean {
    try {
      this.#disk.remove(this.path);
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
  }

  /** One that is in the making: its writer sees that it became shorter, and gives it up. */
  #empty(): boolean {
    const disk = this.#disk;
    let fd: number;
    try {
      fd = disk.open(`${this.path}.part`, "r+");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
    try {
      const hadBytes = disk.size(fd) > 0;
      disk.truncate(fd, 0);
      return hadBytes;
    } finally {
      disk.close(fd);
    }
  }
}
