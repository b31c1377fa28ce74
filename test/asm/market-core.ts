// The market role alone, compiled from its sources with its kernels exported, for its tests.
//
// core.wasm exports a handful of calls; tests of kernels want every function. The entry is made in
// memory, and the binary is kept in build/ under the hash of what went into it, so that one run of
// the suite compiles once. Records go in and out as in production: encoded, one at a time, with the
// timers that are due inserted before each.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import {
  BLOCK_BODY,
  H_CAUSE,
  H_DEADLINE_MARKET,
  H_MARKET_ARENA,
  H_TS_ENGINE,
  MARKET,
  MARKET_END,
  MARKET_TABLES_END,
  MEMORY_PAGES,
  PEEK,
  RING_OUT,
} from "../../asm/layout.ts";
import { BookRule, Execution, InstrumentKind, Kind, Role } from "../../asm/vocab.ts";
import { decode, encode } from "../../src/protocol.ts";
import { Ring } from "../../src/rings/ring.ts";
import type { Out } from "./out.ts";

export type { Out } from "./out.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const ENTRY = "market-entry.ts";
const MODULES = [
  "market",
  "init",
  "arena",
  "books/l2",
  "books/levels",
  "books/orders",
  "candles/candle",
  "candles/deadline",
  "candles/timeframe",
  "indicators/indicator",
  "reference/reference",
  "structure/config",
  "structure/session",
  "structure/structure",
  "math/hash",
];

/** Fields as the wire's words name them; what is left out is 0. */
export type Fields = Record<string, unknown>;
type Exports = Record<string, (...args: never[]) => number>;

/** The role's modules and all they import, by path: nothing else decides what is compiled. */
function sources(): Map<string, string> {
  const found = new Map<string, string>();
  const open = MODULES.map((module) => `asm/${module}.ts`);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    const text = readFileSync(join(ROOT, path), "utf8");
    found.set(path, text);
    for (const match of text.matchAll(/\bfrom "(\.[^"]+)"/g)) {
      open.push(`${posix.join(posix.dirname(path), match[1]!)}.ts`);
    }
  }
  return found;
}

async function compile(): Promise<Uint8Array> {
  const files = sources();
  const entry = MODULES.map((module) => `export * from "./asm/${module}";`).join("\n");
  const hash = createHash("sha256").update(entry);
  for (const [path, text] of [...files].sort()) hash.update(path).update(text);
  const out = join(ROOT, "build/test", `market-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (existsSync(out)) return readFileSync(out);
  let binary: Uint8Array | undefined;
  const args = [ENTRY, "--outFile", "out.wasm", "--runtime", "stub", "--importMemory"];
  args.push("--sharedMemory", "--zeroFilledMemory", "--memoryBase", "1024", "-O2");
  args.push("--initialMemory", String(MEMORY_PAGES), "--maximumMemory", String(MEMORY_PAGES));
  args.push("--enable", "simd", "--enable", "threads");
  const result = await asc.main(args, {
    readFile: (name: string) => (name === ENTRY ? entry : (files.get(name) ?? null)),
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (result.error || binary === undefined) {
    const report: { toString(): string } = result.stderr;
    throw new Error(`the market role does not compile:\n${report.toString()}`);
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.${process.pid}`, binary);
  renameSync(`${out}.${process.pid}`, out);
  return binary;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** The compiled role; compiles once a change. */
export function marketModule(): Promise<WebAssembly.Module> {
  compiled ??= compile().then((bytes) => new WebAssembly.Module(bytes as BufferSource));
  return compiled;
}

/** One market role in a memory of its own. */
export class MarketCore {
  readonly view: DataView;
  readonly u8: Uint8Array;
  readonly exports: Exports;
  private readonly out: Ring;
  private sequence = 0n;

  constructor(module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({
      initial: MEMORY_PAGES,
      maximum: MEMORY_PAGES,
      shared: true,
    });
    const buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.view = new DataView(buffer);
    this.u8 = new Uint8Array(buffer);
    const abort = (message: number): never => {
      throw new Error(`assertion failed: ${this.text(message)}`);
    };
    const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
    this.exports = instance.exports as unknown as Exports;
    this.call("init", Role.Market, 1);
    this.out = new Ring(buffer, RING_OUT);
    encode(this.view, BLOCK_BODY, Kind.Currency, { id: 1, minorExponent: -2, code: "USD" });
    this.call("referenceApply", BLOCK_BODY);
  }

  private text(at: number): string {
    const bytes = this.view.getUint32(at - 4, true);
    return Buffer.from(this.u8.slice(at, at + bytes)).toString("utf16le");
  }

  /** Calls an export of the role. */
  call(name: string, ...args: (number | bigint)[]): number {
    const target = this.exports[name];
    if (target === undefined) throw new Error(`no export ${name}`);
    return (target as unknown as (...all: (number | bigint)[]) => number)(...args);
  }

  /** When the next candle must close; undefined when none is begun. */
  get deadline(): bigint | undefined {
    const at = this.view.getBigInt64(H_DEADLINE_MARKET, true);
    return at === 0x7fffffffffffffffn ? undefined : at;
  }

  /** Applies one record at `tsNanos`, after the timers due by then; returns all outputs. */
  apply(kind: Kind, fields: Fields, tsNanos: bigint): Out[] {
    const outs = this.timers(tsNanos);
    encode(this.view, BLOCK_BODY, kind as Kind.Trade, fields as never);
    this.step(tsNanos);
    return [...outs, ...this.drain()];
  }

  /** Inserts the timers due up to `tsNanos`, as the sequencer does. */
  timers(tsNanos: bigint): Out[] {
    const outs: Out[] = [];
    for (let due = this.deadline; due !== undefined && due <= tsNanos; due = this.deadline) {
      encode(this.view, BLOCK_BODY, Kind.Timer, { deadlineNanos: due, role: Role.Market });
      this.step(due);
      outs.push(...this.drain());
    }
    return outs;
  }

  /** Applies the record that lies in the block buffer; outputs stay in the ring. */
  step(tsNanos: bigint): void {
    this.sequence += 1n;
    const now = this.view.getBigInt64(H_TS_ENGINE, true);
    const ts = tsNanos < now ? now : tsNanos;
    this.view.setBigInt64(H_TS_ENGINE, ts, true);
    this.view.setBigUint64(H_CAUSE, this.sequence, true);
    this.view.setBigInt64(BLOCK_BODY + 16, ts, true);
    this.call("marketApply", BLOCK_BODY);
    this.out.publish();
  }

  /** Takes all outputs. */
  drain(): Out[] {
    const outs: Out[] = [];
    for (let at = this.out.next(); at >= 0; at = this.out.next()) {
      outs.push(decode(this.view, at) as unknown as Out);
      this.out.skip(this.out.cellsAt(at));
    }
    this.out.release();
    return outs;
  }

  /** Takes all outputs unread and returns how many they were. */
  discard(): number {
    let count = 0;
    for (let at = this.out.next(); at >= 0; at = this.out.next()) {
      this.out.skip(this.out.cellsAt(at));
      count += 1;
    }
    this.out.release();
    return count;
  }

  /** Specifies an instrument. */
  spec(
    instrument: number,
    bookLevels = 0,
    bookRule: BookRule = BookRule.None,
    specKind: InstrumentKind = InstrumentKind.Spot,
    more: Fields = {},
  ): Out[] {
    const fields = {
      instrument,
      version: 1,
      specKind,
      execution: Execution.Paper,
      base: 1,
      quote: 1,
      settlement: 1,
      tickMantissa: 1,
      tickExponent: -2,
      lotMantissa: 1,
      multiplierNum: 1,
      multiplierDen: 1,
      symbol: `TEST-${instrument}`,
      bookLevels,
      bookRule,
      ...more,
    };
    encode(this.view, BLOCK_BODY, Kind.InstrumentSpec, fields as never);
    const refusal = this.call("referenceApply", BLOCK_BODY);
    if (refusal !== 0) throw new Error(`spec refused: ${refusal}`);
    this.step(0n);
    return this.drain();
  }

  /** XXH64 of the market's tables and of what its arena has handed out. */
  stateHash(): string {
    const arena = this.view.getUint32(H_MARKET_ARENA, true);
    const hash = this.exports.xxh64 as unknown as (
      at: number,
      bytes: number,
      seed: bigint,
    ) => bigint;
    const tables = hash(MARKET, MARKET_TABLES_END - MARKET, 0n);
    return BigInt.asUintN(64, hash(arena, MARKET_END - arena, tables)).toString(16);
  }

  /** The record a peek wrote, undefined when it said there is none. */
  peek(name: "candlePeek" | "indicatorPeek", ...args: number[]): Out | undefined {
    return this.call(name, ...args) === 1 ? (decode(this.view, PEEK) as unknown as Out) : undefined;
  }
}

/** Outputs of one kind. */
export function ofKind(outs: Out[], kind: Kind): Out[] {
  return outs.filter((one) => one.kind === (kind as number));
}
