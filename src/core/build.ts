// The built core.wasm of this checkout, compiled.
//
// tidy: tested by test/src/core/core.test.ts
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

import { AlphaError } from "../errors.ts";
import type { CoreBuild } from "./core.ts";
import { buildPath } from "./paths.ts";

/** Compiles build/core.wasm (or the debug build); throws CORE_MISSING when it is not built. */
export function loadBuild(name: "core.wasm" | "core.debug.wasm" = "core.wasm"): CoreBuild {
  const path = buildPath(name);
  if (!existsSync(path)) {
    throw new AlphaError("CORE_MISSING", `${path} does not exist`, "run: npm run build");
  }
  const bytes = readFileSync(path);
  const digest = createHash("sha256").update(bytes).digest();
  return {
    module: new WebAssembly.Module(bytes),
    id: digest.readBigUInt64LE(0),
    sha256: digest.toString("hex"),
  };
}
