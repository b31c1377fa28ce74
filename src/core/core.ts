// core.wasm and its memory: views, the few calls of the engine's host API. Runs in browsers too.
//
// One memory has one writer: the thread that made the Core. Other threads may be handed `buffer`
// and touch only ring regions through Ring. The memory has its full size from the start and never
// grows, so views stay valid. Nothing here allocates once the core runs.
import {
  BLOCK,
  BLOCK_BODY,
  BLOCK_CELLS_MAX,
  CLIENT_INDEX,
  CLIENT_INDEX_ENTRIES,
  CLIENT_INDEX_SHIFT,
  H_BLOCK_INDEX,
  H_BUILD,
  H_CLOCK_BASE,
  H_DERIVED_SEEN,
  H_EPOCH,
  H_FEED_RECORDS,
  H_PREV_HASH,
  H_REFUSED,
  H_SEQUENCE,
  H_TS_ENGINE,
  MEMORY_BYTES,
  MEMORY_PAGES,
  ORDER_COLD_ROWS,
  ORDER_COLD_SHIFT,
  ORDER_ROWS,
  ORDER_ROW_SHIFT,
  RING_COMMAND,
  RING_CONTROL,
  RING_DERIVED,
  RING_FEED,
  RING_OUT,
  RING_OUT_CELLS,
  RING_PARSE,
  RING_SOURCE,
  SCRATCH,
} from "../../asm/layout.ts";
import { BLOCK_HEADER_BYTES, CELL_SHIFT, Role } from "../../asm/vocab.ts";
import { hexText } from "../bytes.ts";
import { AlphaError } from "../errors.ts";
import { Ring, type Bell } from "../rings/ring.ts";

/** Orders whose memory is touched before the first one: 6 MiB of lines, and the whole id index. */
const WARM_ORDERS = 65_536;
const PAGE_BYTES = 4096;

/** What core.wasm exports; addresses and counts are numbers, hashes are bigints. */
export interface CoreExports {
  init(roles: number, stream: number): void;
  run(sinceBaseNanos: number, recordsMax: number): number;
  replay(fromCell: number, toCell: number): number;
  seal(): number;
  discard(): void;
  deadlineSinceBase(): number;
  stateHash(role: number): bigint;
  xxh64(at: number, bytes: number, seed: bigint): bigint;
  [name: string]: (...args: never[]) => unknown;
}

/** A compiled core and the identity of its bytes. */
export interface CoreBuild {
  readonly module: WebAssembly.Module;
  /** First 8 bytes of the sha256 of core.wasm, little-endian: BLOCK_BUILD. */
  readonly id: bigint;
  readonly sha256: string;
}

/** Compiles core.wasm from its bytes, in Node or a browser; throws CORE_INVALID. */
export async function compileBuild(bytes: Uint8Array<ArrayBuffer>): Promise<CoreBuild> {
  // Browsers have it in a secure context: https, this machine, or a page opened from a file.
  const { subtle } = globalThis.crypto;
  if (subtle === undefined) {
    throw new AlphaError(
      "CORE_INVALID",
      "the browser does not hash here: the page came over http from another machine",
      "save the page's folder and open it as a file, or use https",
    );
  }
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  const sha256 = hexText(digest);
  try {
    const module = await WebAssembly.compile(bytes);
    return { module, id: new DataView(digest.buffer).getBigUint64(0, true), sha256 };
  } catch (cause) {
    const what = `${bytes.length} bytes with sha256 ${sha256.slice(0, 16)} are no core.wasm`;
    throw new AlphaError("CORE_INVALID", what, "give the core.wasm of the engine's build", cause);
  }
}

export interface CoreOptions {
  roles: Role;
  /** Core instance of this process: 0 orders or inline, 1.. market workers. */
  stream?: number;
}

/** A record of a journal that stops the core; RECOVERY_POISON. */
export class PoisonError extends AlphaError {
  readonly sequence: number;

  constructor(sequence: number, cause: unknown) {
    super(
      "RECOVERY_POISON",
      `record ${sequence} stops this core: ${cause instanceof Error ? cause.message : ""}`,
      `look at it: alphapulse journal dump --from ${sequence} --to ${sequence}; run the build ` +
        `that wrote it, or go on without it: alphapulse journal skip ${sequence}`,
      cause,
    );
    this.sequence = sequence;
  }
}

/** One core instance: its memory, its rings, its calls. */
export class Core {
  readonly build: CoreBuild;
  readonly roles: Role;
  readonly buffer: SharedArrayBuffer;
  readonly view: DataView;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly exports: CoreExports;
  readonly control: Ring;
  readonly command: Ring;
  readonly derived: Ring;
  readonly feed: Ring;
  readonly source: Ring;
  readonly parse: Ring;
  readonly out: Ring;

  private constructor(build: CoreBuild, options: CoreOptions) {
    const memory = new WebAssembly.Memory({
      initial: MEMORY_PAGES,
      maximum: MEMORY_PAGES,
      shared: true,
    });
    this.build = build;
    this.roles = options.roles;
    this.buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.view = new DataView(this.buffer);
    this.u8 = new Uint8Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    const abort = (message: number, file: number, line: number, column: number): never => {
      throw new AlphaError(
        "CORE_DEFECT",
        `assertion "${this.text(message)}" failed at ${this.text(file)}:${line}:${column}`,
        "this is a defect of the engine; keep the journal, it reproduces the failure",
      );
    };
    const instance = new WebAssembly.Instance(build.module, { env: { memory, abort } });
    this.exports = instance.exports as unknown as CoreExports;
    this.exports.init(options.roles, options.stream ?? 0);
    this.view.setBigUint64(H_BUILD, build.id, true);
    this.control = new Ring(this.buffer, RING_CONTROL);
    this.command = new Ring(this.buffer, RING_COMMAND);
    this.derived = new Ring(this.buffer, RING_DERIVED);
    this.feed = new Ring(this.buffer, RING_FEED);
    this.source = new Ring(this.buffer, RING_SOURCE);
    this.parse = new Ring(this.buffer, RING_PARSE);
    this.out = new Ring(this.buffer, RING_OUT);
  }

  /** An empty core with a memory of its own. */
  static create(build: CoreBuild, options: CoreOptions): Core {
    return new Core(build, options);
  }

  /** Text of an AssemblyScript string constant: length in bytes lies 4 bytes before it. */
  private text(at: number): string {
    if (at < 4 || at >= MEMORY_BYTES) return "";
    const bytes = this.view.getUint32(at - 4, true);
    const units = new Uint16Array(bytes >> 1);
    for (let unit = 0; unit < units.length; unit++) {
      units[unit] = this.view.getUint16(at + unit * 2, true);
    }
    return String.fromCharCode(...units);
  }

  // ---------------------------------------------------------------------------- running

  /**
   * Sequences and applies up to `recordsMax` waiting inputs; see asm/apply.ts. Returns the inputs
   * in the open block. A negative clock means that recorded data carries the time.
   */
  run(sinceBaseNanos: number, recordsMax: number): number {
    return this.exports.run(sinceBaseNanos, recordsMax);
  }

  /**
   * Touches the memory of the first orders: the kernel hands out a page when it is first written,
   * and an order that meets such a page waits 5 us for it. Slots are used again, so only a venue
   * with more orders than this at once meets new ones. Once, before the core runs.
   */
  warm(): void {
    this.touch(ORDER_ROWS, WARM_ORDERS << ORDER_ROW_SHIFT);
    this.touch(ORDER_COLD_ROWS, WARM_ORDERS << ORDER_COLD_SHIFT);
    this.touch(CLIENT_INDEX, CLIENT_INDEX_ENTRIES << CLIENT_INDEX_SHIFT);
    this.touch(BLOCK, BLOCK_CELLS_MAX << CELL_SHIFT);
    this.touch(RING_OUT, RING_OUT_CELLS << CELL_SHIFT);
  }

  private touch(from: number, bytes: number): void {
    // A word as it is: another thread may have written it.
    for (let at = from; at < from + bytes; at += PAGE_BYTES) Atomics.or(this.i32, at >> 2, 0);
  }

  /** Seals the open block; its bytes lie at `blockAt` until the next run. 0 = it was empty. */
  seal(): number {
    return this.exports.seal();
  }

  /** Forgets the open block: runs that keep no journal. */
  discard(): void {
    this.exports.discard();
  }

  /** Byte offset of the sealed block: header, then cells. */
  get blockAt(): number {
    return BLOCK;
  }

  /**
   * Applies one sealed block read from a journal and takes over its place in the chain; `onOutputs`
   * is called with runs of output bytes and may ignore them. Throws RECOVERY_POISON when a record
   * stops the core, which is of no use then.
   */
  replayBlock(block: Uint8Array, onOutputs: (from: number, to: number) => void): void {
    this.u8.set(block.subarray(BLOCK_HEADER_BYTES), BLOCK_BODY);
    const cells = (block.length - BLOCK_HEADER_BYTES) >> CELL_SHIFT;
    for (let cell = 0; cell < cells;) {
      cell = this.replayCells(cell, cells);
      this.drain(onOutputs);
    }
  }

  private replayCells(from: number, to: number): number {
    try {
      return this.exports.replay(from, to);
    } catch (cause) {
      throw new PoisonError(this.sequence, cause);
    }
  }

  /** Continues the journal's chain after recovery. */
  setChain(prevHash: bigint, blockIndex: bigint): void {
    this.view.setBigUint64(H_PREV_HASH, prevHash, true);
    this.view.setBigUint64(H_BLOCK_INDEX, blockIndex, true);
  }

  /**
   * Hands over all waiting outputs as contiguous runs of bytes [from, to) of `u8`, then gives the
   * cells back. Returns the bytes handed over. The bytes are valid only during the call; a run may
   * end with a Pad.
   */
  drain(onOutputs: (from: number, to: number) => void): number {
    const out = this.out;
    let total = 0;
    for (let from = out.next(); from >= 0; from = out.next()) {
      const to = out.skipRun();
      onOutputs(from, to);
      total += to - from;
    }
    out.release();
    return total;
  }

  // ---------------------------------------------------------------------------- looking

  /** XXH64 of one role's state; equal in both topologies for equal inputs. Reads the sections. */
  stateHash(role: Role.Market | Role.Order): bigint {
    return BigInt.asUintN(64, this.exports.stateHash(role));
  }

  /** Both hashes as one text: market, order. */
  stateHashText(): string {
    return `${hex(this.stateHash(Role.Market))}-${hex(this.stateHash(Role.Order))}`;
  }

  /** XXH64 of bytes outside the memory, through scratch; at most 2 MiB. */
  hashBytes(bytes: Uint8Array): bigint {
    this.u8.set(bytes, SCRATCH);
    return BigInt.asUintN(64, this.exports.xxh64(SCRATCH, bytes.length, 0n));
  }

  /** Sequence of the last input; exact to 2^53. */
  get sequence(): number {
    return this.count(H_SEQUENCE);
  }

  /** Market data inputs applied since the beginning: where a replay goes on. */
  get feedRecords(): number {
    return this.count(H_FEED_RECORDS);
  }

  /** Inputs of a kind that no role takes. */
  get refused(): number {
    return this.view.getUint32(H_REFUSED, true);
  }

  /** Input of the market worker that the last of its records came of. */
  get derivedSeen(): number {
    return this.count(H_DERIVED_SEEN);
  }

  /** A u64 counter as a number, exact to 2^53 and without a bigint: read once a loop turn. */
  private count(at: number): number {
    return (this.i32[(at + 4) >> 2]! >>> 0) * 0x1_0000_0000 + (this.i32[at >> 2]! >>> 0);
  }

  get tsEngineNanos(): bigint {
    return this.view.getBigInt64(H_TS_ENGINE, true);
  }

  get clockBaseNanos(): bigint {
    return this.view.getBigInt64(H_CLOCK_BASE, true);
  }

  set epoch(value: bigint) {
    this.view.setBigUint64(H_EPOCH, value, true);
  }

  /** Nanoseconds from the clock base to the next deadline; 1.8e308 when there is none. */
  deadlineSinceBaseNanos(): number {
    return this.exports.deadlineSinceBase();
  }

  /** True when an input waits in any ring; bound, for `bell.wait`. */
  readonly isBusy = (): boolean =>
    this.source.waiting() !== 0 ||
    this.feed.waiting() !== 0 ||
    this.command.waiting() !== 0 ||
    this.control.waiting() !== 0 ||
    this.derived.waiting() !== 0;

  /** The bell of all input rings: what the core's thread sleeps on. */
  get bell(): Bell {
    return this.source.bell;
  }
}

/** 16 hexadecimal digits. */
export function hex(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}
