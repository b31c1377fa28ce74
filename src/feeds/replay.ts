// Recorded files as a feed: opened, inflated, and parsed in large batches inside the core.
//
// The engine's loop pulls: `pump` fills the ring and returns, the engine applies what is there,
// until `done`. Files are played one after another in the order given; they are not merged by time,
// so give the files of one day in the order in which they should arrive.
import { PARSE_BYTES_MAX } from "../../asm/layout.ts";
import { Refusal } from "../../asm/vocab.ts";
import { AlphaError } from "../errors.ts";
import { ByteSource } from "./byte-source.ts";
import type { InstrumentInfo } from "./instruments.ts";
import type { Parser } from "./parser.ts";
import type { ProbedFile } from "./probe.ts";

/** Bytes gathered before a batch is parsed, unless the file ends. */
const BATCH_BYTES = 524_288;

/** What a file gave. */
export interface ReplayFileReport {
  path: string;
  bytesRead: number;
  lines: number;
  records: number;
  rejects: number;
  /** Lines only a full JSON parser could read. */
  slow: number;
}

/** A pull source of records over several files. */
export class Replay {
  readonly reports: ReplayFileReport[] = [];
  readonly #parser: Parser;
  readonly #files: readonly ProbedFile[];
  #index = -1;
  #source: ByteSource | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #isFileEnd = false;
  /** Inside a line that is longer than a message can be. */
  #isDropping = false;
  #longLines = 0;
  #skip: number;

  /**
   * `skipRecords`: normalized records that were taken before (CoreState feedRecords); they are
   * counted over all files, parsed again and not delivered, so a resume needs no index of the file.
   * The instruments of the files must be configured in the core before the first `pump`.
   */
  constructor(parser: Parser, files: readonly ProbedFile[], skipRecords = 0) {
    this.#parser = parser;
    this.#files = files;
    this.#skip = skipRecords;
    for (const info of instrumentsOf(files)) parser.register(info);
  }

  /**
   * Puts records into the ring until it is nearly full or the files end. `records` counts those of
   * this call, skipped ones included; `done` is true when nothing is left.
   *
   * Throws FEED_FILE_MISSING, FEED_FILE_UNREADABLE, FEED_TRUNCATED or FEED_DAMAGED; for the last
   * two every whole line before the fault was delivered, by this call or earlier ones.
   */
  async pump(): Promise<{ records: number; done: boolean }> {
    let records = 0;
    while (this.#source !== undefined || (await this.#openNext())) {
      const before = this.#parser.totals.records;
      const isFull = this.#parsePending();
      records += this.#parser.totals.records - before;
      if (isFull) return { records, done: false };
      if (!this.#isFileEnd) await this.#read();
      else if (this.#pending.length === 0) {
        // The fault comes with a call of its own: these records must be applied first.
        if (this.#source?.fault !== undefined && records > 0) return { records, done: false };
        await this.#closeFile();
      }
    }
    return { records, done: true };
  }

  /** Bytes of the files taken so far, compressed ones as they lie: for a progress bar. */
  get bytesRead(): number {
    const done = this.reports.reduce((sum, file) => sum + file.bytesRead, 0);
    return done + (this.#source?.bytesRead ?? 0);
  }

  /** Ends early. */
  async close(): Promise<void> {
    await this.#source?.close();
    this.#source = undefined;
    this.#index = this.#files.length;
  }

  async #openNext(): Promise<boolean> {
    const file = this.#files[this.#index + 1];
    if (file === undefined) return false;
    this.#source = await ByteSource.open(file.path);
    this.#index += 1;
    this.#isFileEnd = false;
    this.#isDropping = false;
    this.#longLines = 0;
    this.#parser.reset(this.#skip);
    const only = file.instruments.length === 1 ? file.instruments[0] : undefined;
    this.#parser.setDefault(only);
    return true;
  }

  async #closeFile(): Promise<void> {
    const source = this.#source;
    if (source === undefined) return;
    await source.close();
    this.#source = undefined;
    this.#skip = this.#parser.skipLeft;
    const { lines, records, rejects, slow } = this.#parser.totals;
    const all = rejects + this.#longLines;
    const { path, bytesRead, fault } = source;
    this.reports.push({ path, bytesRead, lines, records, rejects: all, slow });
    if (fault === undefined) return;
    const what = `${fault.message}; ${lines} whole lines (${records} records) were delivered`;
    throw new AlphaError(fault.code, what, fault.remedy, fault);
  }

  async #read(): Promise<void> {
    const parts = [this.#pending];
    let bytes = this.#pending.length;
    const goal = bytes + BATCH_BYTES;
    while (bytes < goal && !this.#isFileEnd) {
      const part = await this.#source?.next();
      if (part === undefined) this.#isFileEnd = true;
      else {
        parts.push(part);
        bytes += part.length;
      }
    }
    this.#pending = Buffer.concat(parts);
    if (this.#isDropping) this.#dropLine();
  }

  /** Parses what is there; true when the ring can take no more. */
  #parsePending(): boolean {
    const file = this.#files[this.#index];
    const parser = this.#parser;
    if (file === undefined) return false;
    while (this.#pending.length > 0) {
      // The last line of a cut file may be half a line.
      const isEnd = this.#isFileEnd && this.#source?.fault === undefined;
      const { format, venue, timeDigits, path: place } = file;
      const used = parser.chunk(this.#pending, { format, venue, timeDigits, isEnd, place });
      this.#pending = this.#pending.subarray(used);
      if (used > 0) continue;
      const feed = this.#pending.indexOf(0x0a);
      if (feed >= 0 && feed < PARSE_BYTES_MAX) return true;
      if (isEnd && this.#pending.length < PARSE_BYTES_MAX) return true;
      if (this.#pending.length >= PARSE_BYTES_MAX) this.#rejectLongLine(place);
      else {
        if (this.#isFileEnd) this.#pending = Buffer.alloc(0);
        return false;
      }
    }
    return false;
  }

  #rejectLongLine(place: string): void {
    const text = this.#pending.subarray(0, 200).toString("latin1");
    const line = this.#parser.totals.lines + 1;
    this.#parser.quarantine.add(Refusal.MessageTooLong, `${place}:${line}`, () => text);
    this.#longLines += 1;
    this.#parser.countLine();
    this.#isDropping = true;
    this.#dropLine();
  }

  #dropLine(): void {
    const feed = this.#pending.indexOf(0x0a);
    this.#isDropping = feed < 0;
    this.#pending = feed < 0 ? Buffer.alloc(0) : this.#pending.subarray(feed + 1);
  }
}

/** Instruments of all files, each once. */
export function instrumentsOf(files: readonly ProbedFile[]): InstrumentInfo[] {
  return [
    ...new Map(files.flatMap((file) => file.instruments.map((one) => [one.id, one]))).values(),
  ];
}
