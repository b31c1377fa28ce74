import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as layout from "../../asm/layout.ts";
import { readWasm } from "./wasm-reader.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const WASM = join(ROOT, "build/core.wasm");
const isBuilt = existsSync(WASM);

/** A module with one function of the given instructions, and sections before and after the code. */
function moduleOf(code: number[], before: number[] = [], after: number[] = []) {
  const body = [0, ...code, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    ...before,
    ...[10, body.length + 2, 1, body.length, ...body],
    ...after,
  ]);
}

describe("the reader finds a breach that is there", () => {
  const memory = [5, 4, 1, 3, 1, 1];

  test("memory.grow, but not a constant that looks like it", () => {
    const grow = moduleOf([0x41, 1, 0x40, 0, 0x1a], memory);
    expect(WebAssembly.validate(grow), "a true module").toBe(true);
    expect(readWasm(grow).memoryGrow).toBe(1);
    expect(readWasm(moduleOf([0x41, 0xc0, 0x00, 0x1a], memory)).memoryGrow).toBe(0);
  });

  test("memory.atomic.wait32", () => {
    const wait = [0x41, 0, 0x41, 0, 0x42, 0, 0xfe, 1, 2, 0, 0x1a];
    expect(WebAssembly.validate(moduleOf(wait, memory)), "a true module").toBe(true);
    expect(readWasm(moduleOf(wait, memory)).atomicWait).toBe(1);
  });

  test("a mutable global and a start function", () => {
    const sections = [6, 6, 1, 0x7f, 1, 0x41, 0, 0x0b, 8, 1, 0];
    expect(WebAssembly.validate(moduleOf([], sections)), "a true module").toBe(true);
    expect(readWasm(moduleOf([], sections))).toMatchObject({ mutableGlobals: 1, hasStart: true });
  });

  test("the end of the data", () => {
    const data = [11, 9, 1, 0, 0x41, 0x80, 0x08, 0x0b, 2, 7, 7];
    expect(WebAssembly.validate(moduleOf([], memory, data)), "a true module").toBe(true);
    expect(readWasm(moduleOf([], memory, data)).dataEnd).toBe(1026);
  });
});

if (!isBuilt) process.stdout.write("build/core.wasm is not built: its checks are skipped\n");

describe.skipIf(!isBuilt)("build/core.wasm", () => {
  const facts = isBuilt ? readWasm(readFileSync(WASM)) : undefined;

  test("imports its memory and abort, nothing else", () => {
    expect(facts?.imports.filter((name) => !["env.memory", "env.abort"].includes(name))).toEqual(
      [],
    );
    expect(facts?.imports).toContain("env.memory");
  });

  test("keeps all state in the memory", () => {
    expect(facts?.mutableGlobals, "a mutable global is lost by a snapshot").toBe(0);
    expect(facts?.hasStart, "a start function would run again on every restore").toBe(false);
  });

  test("has a shared memory of fixed size", () => {
    const pages = Number(layout.MEMORY_PAGES);
    expect(facts?.memory).toEqual({ pagesMin: pages, pagesMax: pages, isShared: true });
    expect(facts?.memoryGrow, "memory.grow").toBe(0);
  });

  test("neither waits nor uses relaxed SIMD", () => {
    expect(facts?.atomicWait, "memory.atomic.wait is for the host to do").toBe(0);
    expect(facts?.relaxedSimd, "relaxed SIMD differs between machines").toBe(0);
  });

  test("keeps its constants below the state", () => {
    expect(facts?.dataEnd).toBeLessThanOrEqual(Number(layout.DATA_END));
  });
});
