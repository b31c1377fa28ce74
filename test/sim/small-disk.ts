// A small real disk for a test: a tmpfs that is full when a test says so. Needs root on Linux.
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** False where no tmpfs can be mounted: such tests skip, and their names say what they need. */
export const CAN_MOUNT = process.platform === "linux" && process.getuid?.() === 0;

const PAGE_BYTES = 4096;

/** A mounted disk; `remove` it in any case. */
export class SmallDisk {
  readonly dir: string;
  readonly #filler: string;

  constructor(mebibytes: number) {
    this.dir = mkdtempSync(join(tmpdir(), "small-disk-"));
    this.#filler = join(this.dir, "filler");
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", this.dir]);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.dir);
    return bavail * bsize;
  }

  /** Takes all the room there is but `leaveBytes`. */
  fill(leaveBytes = 0): void {
    const fd = openSync(this.#filler, "a");
    const page = Buffer.alloc(PAGE_BYTES, 1);
    try {
      while (this.freeBytes > leaveBytes) writeSync(fd, page);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(fd);
    }
  }

  /** Gives the room back. */
  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  remove(): void {
    execFileSync("umount", ["-l", this.dir]);
    rmSync(this.dir, { recursive: true });
  }
}
