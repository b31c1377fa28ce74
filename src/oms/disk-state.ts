// Tells the core when the journal's disk is full and when it has room again: an input like any
// other, so that a replay refuses the same orders.
//
// tidy: tested by test/acceptance/disk-full.test.ts
import { O_DISK_FULL } from "../../asm/layout.ts";
import { DISK_CELLS, DISK_FULL, Kind, REC_KIND } from "../../asm/vocab.ts";
import type { Core } from "../core/core.ts";

/** What an order core knows of the disk; one per engine. */
export class DiskState {
  private readonly core: Core;
  private readonly onDisk: ((isFull: boolean) => void) | undefined;
  /** What the core was told last, or recovered. */
  private isFull = false;

  constructor(core: Core, onDisk: ((isFull: boolean) => void) | undefined) {
    this.core = core;
    this.onDisk = onDisk;
  }

  /** Takes over what the recovered state says. */
  recovered(): void {
    this.isFull = this.core.view.getUint8(O_DISK_FULL) !== 0;
    if (this.isFull) this.onDisk?.(true);
  }

  /**
   * Sends a DiskSpace record when `isFull` is news (undefined: the journal does not know yet); true
   * when one waits for its turn. A full control ring is asked again by the next call.
   */
  tell(isFull: boolean | undefined): boolean {
    if (isFull === undefined || isFull === this.isFull) return false;
    const { control, view } = this.core;
    const at = control.reserve(DISK_CELLS);
    if (at < 0) return false;
    view.setUint16(at + REC_KIND, Kind.DiskSpace, true);
    view.setUint8(at + DISK_FULL, isFull ? 1 : 0);
    control.commit();
    control.publish();
    this.isFull = isFull;
    this.onDisk?.(isFull);
    return true;
  }
}
