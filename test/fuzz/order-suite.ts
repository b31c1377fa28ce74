// A seed of the order fuzz as a test.
import { expect } from "vitest";
import type { Coverage } from "./order-coverage.ts";
import { runSeed, type Mix } from "./order-seed.ts";

/** Runs `count` inputs of a stream with the given `mix`; fails with the shortest that differ. */
export function fuzzSeed(seed: number, count: number, coverage: Coverage, ...mix: Mix): void {
  const wrong = runSeed(seed, count, coverage, ...mix);
  if (wrong !== undefined) expect.fail(wrong);
}
