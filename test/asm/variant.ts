// core.wasm compiled from sources with a few words changed: a core that traps, or that differs.
//
// Not optimized, which takes seconds less. The binary lies in build/test under the hash of what
// went into it, so it is made once.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

import { MEMORY_PAGES } from "../../asm/layout.ts";
import { compileBuild, type CoreBuild } from "../../src/core/core.ts";

const ROOT = join(import.meta.dirname, "../..");
const ENTRY = "asm/index.ts";

/** A file of asm, words in it, and what stands there instead. */
export type Patch = readonly [path: string, from: string, to: string];

/** Where the core of the patched sources lies. */
export async function variantPath(patches: readonly Patch[]): Promise<string> {
  const files = new Map(
    readdirSync(join(ROOT, "asm"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => [`asm/${name}`, readFileSync(join(ROOT, "asm", name), "utf8")]),
  );
  for (const [path, from, to] of patches) {
    const text = files.get(path) ?? "";
    if (text.split(from).length !== 2) throw new Error(`${path} does not say "${from}" once`);
    files.set(path, text.replace(from, to));
  }
  const hash = createHash("sha256");
  for (const [path, text] of [...files].sort()) hash.update(path).update(text);
  const out = join(ROOT, "build/test", `core-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (!existsSync(out)) await compile(files, out);
  return out;
}

/** The compiled core of the patched sources. */
export async function variantBuild(...patches: Patch[]): Promise<CoreBuild> {
  return await compileBuild(readFileSync(await variantPath(patches)));
}

async function compile(files: Map<string, string>, out: string): Promise<void> {
  let binary: Uint8Array | undefined;
  const args = [ENTRY, "--outFile", "out.wasm", "--runtime", "stub", "--importMemory"];
  args.push("--sharedMemory", "--zeroFilledMemory", "--memoryBase", "1024");
  args.push("--initialMemory", String(MEMORY_PAGES), "--maximumMemory", String(MEMORY_PAGES));
  args.push("--enable", "simd", "--enable", "threads");
  const result = await asc.main(args, {
    readFile: (name: string) => files.get(name) ?? null,
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (result.error || binary === undefined) {
    const report: { toString(): string } = result.stderr;
    throw new Error(`the core does not compile:\n${report.toString()}`);
  }
  mkdirSync(join(ROOT, "build/test"), { recursive: true });
  writeFileSync(`${out}.${process.pid}`, binary);
  renameSync(`${out}.${process.pid}`, out);
}
