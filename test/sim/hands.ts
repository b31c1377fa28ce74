// Time and threads of a simulation: Node's timers, both clocks and the sync thread, as hands that
// the simulation moves. Nothing in here reads a clock.
//
// While a seed runs, the timers of the process are ours (the engine and the desk ask for them by
// their global names), so production code is what runs, with no option of its own for tests.
import { Clock, type ClockSource } from "../../src/clock.ts";
import type { Disk } from "../../src/journal/disk.ts";
import { SyncWork, type SyncMessage } from "../../src/journal/sync-loop.ts";
import { syncFault, type Committer, type CommitterStart } from "../../src/journal/syncer.ts";

const TIMERS = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
] as const;
/** Timers that may follow each other at one time: more is a loop without end. */
const AT_ONCE_MAX = 100_000;

interface Timer {
  atMillis: number;
  number: number;
  everyMillis: number;
  run: () => void;
}

/** The event loop and the clocks. */
export class Hands implements ClockSource {
  nowMillis = 1000;
  /** What the wall clock is off. */
  wallOffMillis = 1_790_000_000_000;
  isWallFrozen = false;
  private frozenMillis = 0;
  private timers: Timer[] = [];
  private numbers = 0;

  monotonicMillis(): number {
    return this.nowMillis;
  }

  wallMillis(): number {
    return this.isWallFrozen ? this.frozenMillis : this.nowMillis + this.wallOffMillis;
  }

  clock(): Clock {
    return Clock.of(this);
  }

  stepWall(millis: number): void {
    this.wallOffMillis += millis;
  }

  freezeWall(isFrozen: boolean): void {
    this.frozenMillis = this.wallMillis();
    this.isWallFrozen = isFrozen;
  }

  /** The process is gone, and with it what it waited for. */
  forget(): void {
    this.timers = [];
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.timers.length;
  }

  /** Lets time pass, and what is due happen in its order. */
  pass(millis: number): void {
    const end = this.nowMillis + millis;
    for (let done = 0; ; done++) {
      if (done > AT_ONCE_MAX) throw new Error("timers follow each other without end");
      const next = this.next(end);
      if (next === undefined) break;
      this.nowMillis = Math.max(this.nowMillis, next.atMillis);
      if (next.everyMillis === 0) this.remove(next.number);
      else next.atMillis += next.everyMillis;
      next.run();
    }
    this.nowMillis = end;
  }

  private next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.atMillis > end) continue;
      const isSooner =
        first === undefined ||
        timer.atMillis < first.atMillis ||
        (timer.atMillis === first.atMillis && timer.number < first.number);
      if (isSooner) first = timer;
    }
    return first;
  }

  private add(run: () => void, millis: number, everyMillis: number): number {
    const number = ++this.numbers;
    this.timers.push({ atMillis: this.nowMillis + millis, number, everyMillis, run });
    return number;
  }

  private remove(number: unknown): void {
    const at = this.timers.findIndex((timer) => timer.number === number);
    if (at >= 0) this.timers.splice(at, 1);
  }

  /** Runs `use` with the process's timers being these. */
  async own<T>(use: () => Promise<T>): Promise<T> {
    const global = globalThis as unknown as Record<string, unknown>;
    const before = TIMERS.map((name) => global[name]);
    global["setTimeout"] = (run: () => void, millis = 0) => this.add(run, millis, 0);
    global["setInterval"] = (run: () => void, millis = 0) => this.add(run, millis, millis);
    global["setImmediate"] = (run: () => void) => this.add(run, 0, 0);
    global["clearTimeout"] = (number: unknown) => this.remove(number);
    global["clearInterval"] = (number: unknown) => this.remove(number);
    try {
      return await use();
    } finally {
      TIMERS.forEach((name, at) => (global[name] = before[at]));
    }
  }
}

/** The sync thread as steps: the simulation says when it runs. */
export class HandCommitter implements Committer {
  private readonly start: CommitterStart;
  private readonly work: SyncWork | undefined;
  private readonly messages: SyncMessage[] = [];
  private readonly receive = (): SyncMessage | undefined => this.messages.shift();
  private written: number;
  private failure: unknown;
  private isOver = false;
  private reserves = 0;

  constructor(disk: Disk, start: CommitterStart) {
    this.start = start;
    this.written = start.sequence;
    try {
      this.work = new SyncWork(disk, start.folder, start.path, start.sequence);
    } catch (error) {
      this.failure = error;
    }
  }

  get syncedSequence(): number {
    return this.work?.synced ?? this.start.sequence;
  }

  /** Messages that wait for the thread. */
  get waiting(): number {
    return this.messages.length;
  }

  request(sequence: number): void {
    this.written = sequence;
  }

  rotate(path: string): void {
    this.messages.push({ act: "rotate", path });
  }

  prepare(path: string, bytes: number): void {
    this.messages.push({ act: "prepare", path, bytes });
  }

  reserve(path: string, bytes: number): void {
    this.messages.push({ act: "reserve", path, bytes, number: ++this.reserves });
  }

  close(): Promise<void> {
    this.messages.push({ act: "close" });
    this.step();
    return Promise.resolve();
  }

  /** What the thread does when it has the processor: one serve, or one step of a spare segment. */
  step(): void {
    // What a listener throws is no fault of the disk.
    if (!this.isOver && this.hasSynced()) this.start.onSynced(this.syncedSequence);
  }

  private hasSynced(): boolean {
    const { work } = this;
    try {
      if (work === undefined) throw this.failure;
      const isAsked = this.messages.length > 0 || this.written > work.synced;
      if (!isAsked) work.fill();
      const isMore = isAsked && work.serve(this.written, this.receive);
      this.isOver = !work.isOpen;
      if (this.isOver) work.end();
      return isMore;
    } catch (error) {
      this.isOver = true;
      const what = `fdatasync failed with ${String((error as { code?: string }).code ?? error)}`;
      this.start.onFault(syncFault(this.start.folder, what, this.syncedSequence));
      return false;
    }
  }
}
