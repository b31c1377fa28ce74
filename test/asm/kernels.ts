// The lowest modules of the core, compiled from their sources with every function exported.
//
// core.wasm exports a handful of calls; tests of products, rings and reference data want all of
// them. The binary lies in build/test under the hash of what went into it, so it is made once.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { MEMORY_PAGES } from "../../asm/layout.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const ENTRY = "kernels-entry.ts";
const MODULES = [
  "math/wide",
  "math/hash",
  "math/exponential",
  "math/trigonometry",
  "math/crc32",
  "rings/ring",
  "reference/reference",
  "reference/currency",
  "reference/instrument",
  "arena",
  "init",
  "output",
  "clock",
  "positions/notional",
  "block",
];

type Call = (...args: (number | bigint)[]) => never;

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
  const out = join(ROOT, "build/test", `kernels-${hash.digest("hex").slice(0, 16)}.wasm`);
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

    throw new Error(`the kernels do not compile:\n${report.toString()}`);
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.${process.pid}`, binary);
  renameSync(`${out}.${process.pid}`, out);
  return binary;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** The compiled kernels. */
export function kernelsModule(): Promise<WebAssembly.Module> {
  compiled ??= compile().then((bytes) => new WebAssembly.Module(bytes as BufferSource));
  return compiled;
}

/** The kernels in a memory of their own, of the core's full size, untouched. */
export class Kernels {
  readonly memory = new WebAssembly.Memory({
    initial: MEMORY_PAGES,
    maximum: MEMORY_PAGES,
    shared: true,
  });
  readonly buffer = this.memory.buffer as unknown as SharedArrayBuffer;
  readonly view = new DataView(this.buffer);
  readonly u8 = new Uint8Array(this.buffer);
  private readonly exports: Record<string, Call>;

  constructor(module: WebAssembly.Module) {
    const abort = (message: number): never => {
      const bytes = this.view.getUint32(message - 4, true);
      const text = Buffer.from(this.u8.slice(message, message + bytes)).toString("utf16le");
      throw new Error(`assertion failed: ${text}`);
    };
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory, abort } });
    this.exports = instance.exports as unknown as Record<string, Call>;
  }

  static async create(): Promise<Kernels> {
    return new Kernels(await kernelsModule());
  }

  /** An export that returns a number, by name. */
  number(name: string): (...args: (number | bigint)[]) => number {
    return this.exports[name] as (...args: (number | bigint)[]) => number;
  }

  /** An export that returns a 64-bit integer, by name. */
  bigint(name: string): (...args: (number | bigint)[]) => bigint {
    return this.exports[name] as unknown as (...args: (number | bigint)[]) => bigint;
  }
}
