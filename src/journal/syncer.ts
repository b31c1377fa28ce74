// The hot thread's side of the durable level: asks for a sync, learns what is durable.
//
// Asking is one store and one notify. The answer comes through Atomics.waitAsync, which wakes the
// event loop without a message object; where a runtime lacks it, through the message port.

import { getSystemErrorName } from "node:util";
import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { AlphaError } from "../errors.ts";
import {
  CONTROL_BYTES,
  DONE,
  FAULT,
  REQUEST,
  RESERVED,
  SYNCED,
  WRITTEN,
  type SyncMessage,
  type SyncStart,
} from "./sync-loop.ts";

/** What a committer begins with. */
export interface CommitterStart {
  folder: string;
  /** Segment that is being written. */
  path: string;
  /** Last sequence that is already durable. */
  sequence: number;
  onSynced: (sequence: number) => void;
  onFault: (fault: AlphaError) => void;
  /** Answer to the last `reserve`, again when it is another: true when the file is there. */
  onReserve?: (isThere: boolean) => void;
}

/** Makes a journal durable: the thread behind `Syncer`, or hands that take each step themselves. */
export interface Committer {
  /** Last durable sequence; after a fault it never moves again. */
  readonly syncedSequence: number;
  /** Asks that everything up to `sequence`, already written, becomes durable. Never blocks. */
  request(sequence: number): void;
  /** Announces the next segment, before any request for one of its blocks. */
  rotate(path: string): void;
  /** Asks for a segment full of zeros at `path`, made in idle moments. */
  prepare(path: string, bytes: number): void;
  /** Asks for a reserve of `bytes` at `path`, looked after until there is room for it. */
  reserve(path: string, bytes: number): void;
  /** Syncs what was requested and ends. */
  close(): Promise<void>;
}

/** How a syncer is opened. */
export interface SyncerOptions extends CommitterStart {
  /** The built workers/journal.ts. */
  worker: URL;
  /** "message" tests the fallback; left out, the better one that exists. */
  wake?: "wait-async" | "message";
}

/** `Atomics.waitAsync` is newer than the language level this project compiles to. */
type WaitAsync = (
  words: Int32Array,
  at: number,
  value: number,
) => { async: boolean; value: Promise<string> | string };

/** The fault that ends the durable level: what went wrong, and up to where it was reached. */
export function syncFault(folder: string, what: string, synced: number, cause?: Error): AlphaError {
  return new AlphaError(
    "JOURNAL_SYNC_FAILED",
    `${folder}: ${what}; durable up to sequence ${synced}`,
    "no further durable acknowledgement is given: check the disk (dmesg, df), then restart",
    cause,
  );
}

/** One journal's worker. */
export class Syncer implements Committer {
  readonly #options: SyncerOptions;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #port: MessagePort;
  readonly #ended: Promise<void>;
  #told: number;
  /** Reserves asked for, and the answer told last. */
  #reserves = 0;
  #reserved = 0;
  #isClosing = false;
  #fault: AlphaError | undefined;

  constructor(options: SyncerOptions) {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    this.#options = options;
    this.#words = new Int32Array(control);
    this.#numbers = new Float64Array(control);
    this.#numbers[WRITTEN] = options.sequence;
    this.#numbers[SYNCED] = options.sequence;
    this.#told = options.sequence;
    const waitAsync = (Atomics as unknown as { waitAsync?: WaitAsync }).waitAsync;
    const isMessaging = options.wake === "message" || waitAsync === undefined;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const { folder, path } = options;
    const workerData: SyncStart = { control, port: port2, folder, path, isMessaging };
    const worker = new Worker(options.worker, { workerData, transferList: [port2] });
    if (isMessaging) port1.on("message", () => this.#heard());
    else this.#arm(waitAsync);
    this.#ended = new Promise((done) => worker.once("exit", () => this.#exited(done)));
    worker.once("error", (error) => this.#fail(`worker died: ${error.message}`, error));
  }

  get syncedSequence(): number {
    return this.#numbers[SYNCED] as number;
  }

  request(sequence: number): void {
    this.#numbers[WRITTEN] = sequence;
    Atomics.add(this.#words, REQUEST, 1);
    Atomics.notify(this.#words, REQUEST);
  }

  rotate(path: string): void {
    this.#send({ act: "rotate", path });
  }

  prepare(path: string, bytes: number): void {
    this.#send({ act: "prepare", path, bytes });
  }

  reserve(path: string, bytes: number): void {
    this.#reserves += 1;
    this.#send({ act: "reserve", path, bytes, number: this.#reserves });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#send({ act: "close" });
    await this.#ended;
  }

  #send(message: SyncMessage): void {
    this.#port.postMessage(message);
    Atomics.add(this.#words, REQUEST, 1);
    Atomics.notify(this.#words, REQUEST);
  }

  #arm(waitAsync: WaitAsync): void {
    const seen = Atomics.load(this.#words, DONE);
    this.#heard();
    if (this.#fault !== undefined) return;
    const waits = waitAsync(this.#words, DONE, seen);
    const again = (): void => {
      if (!this.#isClosing) this.#arm(waitAsync);
    };
    if (waits.async) void (waits.value as Promise<string>).then(again);
    else queueMicrotask(again);
  }

  #heard(): void {
    const errno = Atomics.load(this.#words, FAULT);
    if (errno !== 0) return this.#fail(`fdatasync failed with ${getSystemErrorName(errno)}`);
    const reserved = Atomics.load(this.#words, RESERVED);
    if (reserved !== this.#reserved) {
      this.#reserved = reserved;
      // An answer to an earlier wish says nothing: that reserve is spent.
      if (Math.abs(reserved) === this.#reserves) this.#options.onReserve?.(reserved > 0);
    }
    const sequence = this.syncedSequence;
    if (sequence === this.#told) return;
    this.#told = sequence;
    this.#options.onSynced(sequence);
  }

  #exited(done: () => void): void {
    this.#heard();
    if (!this.#isClosing) this.#fail("worker ended by itself");
    this.#port.close();
    done();
  }

  #fail(what: string, cause?: Error): void {
    if (this.#fault !== undefined) return;
    this.#fault = syncFault(this.#options.folder, what, this.syncedSequence, cause);
    this.#options.onFault(this.#fault);
  }
}
