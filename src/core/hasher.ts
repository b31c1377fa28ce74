// XXH64 for those who read journals without running an engine: the core's own code on a memory of
// its own, so that there is one implementation.
//
// tidy: tested by test/src/core/core.test.ts
import { MEMORY_PAGES, SCRATCH } from "../../asm/layout.ts";
import { AlphaError } from "../errors.ts";
import type { CoreBuild, CoreExports } from "./core.ts";

/** Bytes one call may hash: a journal block is far below. */
const HASH_BYTES_MAX = 4 * 1024 * 1024;

/** A function that gives the XXH64 (seed 0) of up to 4 MiB. */
export function createHasher(build: CoreBuild): (bytes: Uint8Array) => bigint {
  const memory = new WebAssembly.Memory({
    initial: MEMORY_PAGES,
    maximum: MEMORY_PAGES,
    shared: true,
  });
  const abort = (): never => {
    throw new AlphaError("CORE_DEFECT", "hashing failed an assertion", "report it with the file");
  };
  const instance = new WebAssembly.Instance(build.module, { env: { memory, abort } });
  const core = instance.exports as unknown as CoreExports;
  const u8 = new Uint8Array(memory.buffer);
  return (bytes) => {
    if (bytes.length > HASH_BYTES_MAX) throw new RangeError(`${bytes.length} bytes to hash`);
    u8.set(bytes, SCRATCH);
    return BigInt.asUintN(64, core.xxh64(SCRATCH, bytes.length, 0n));
  };
}
