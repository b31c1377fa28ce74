// Loading the core: identity, defects as faults, hashes, draining.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MEMORY_BYTES } from "../../../asm/layout.ts";
import { Kind, Role } from "../../../asm/vocab.ts";
import { loadBuild } from "../../../src/core/build.ts";
import { Core, hex } from "../../../src/core/core.ts";
import { createHasher } from "../../../src/core/hasher.ts";
import { buildPath, projectDir, sharedPath } from "../../../src/core/paths.ts";
import { recordBytes } from "../../../src/protocol.ts";
import { put, setupRecords, ticks } from "../../asm/spine-core.ts";
import { xxh64 } from "../journal/xxh64.ts";

const build = loadBuild();

test("a build is named by the sha256 of its bytes", () => {
  const digest = createHash("sha256")
    .update(readFileSync(buildPath("core.wasm")))
    .digest();
  expect(build.sha256).toBe(digest.toString("hex"));
  expect(build.id).toBe(digest.readBigUInt64LE(0));
});

test("paths are found from the sources", () => {
  expect(existsSync(`${projectDir()}/package.json`)).toBe(true);
  expect(buildPath("a", "b")).toBe(`${projectDir()}/build/a/b`);
  expect(sharedPath("x").startsWith(projectDir())).toBe(false);
});

test("an assertion of the core arrives as CORE_DEFECT with its text and place", () => {
  const core = Core.create(build, { roles: Role.Both });
  expect(() => core.exports.init(1, 0)).toThrow(
    expect.objectContaining({
      code: "CORE_DEFECT",
      message: expect.stringMatching(/"a memory is initialized once" failed at .*init\.ts:\d+:\d+/),
    }),
  );
});

test("the memory has its full size from the start, and two cores share nothing", () => {
  const one = Core.create(build, { roles: Role.Both });
  const two = Core.create(build, { roles: Role.Order, stream: 2 });
  expect(one.buffer.byteLength).toBe(MEMORY_BYTES);
  const before = two.stateHashText();
  for (const bytes of setupRecords()) put(one.control, bytes);
  one.run(-1, 100);
  expect(two.stateHashText()).toBe(before);
  expect(one.stateHashText()).not.toBe(before);
});

test("drain hands over every output once, in order, across the end of the ring", () => {
  const core = Core.create(build, { roles: Role.Both });
  for (const bytes of setupRecords()) put(core.control, bytes);
  let market = 0n;
  let order = 0n;
  let bytes = 0;
  const take = (from: number, to: number): void => {
    bytes += to - from;
    for (let at = from; at < to; at += recordBytes(core.view, at)) {
      const kind = core.view.getUint16(at, true);
      if (kind === Kind.Pad) continue;
      const sequence = core.view.getBigUint64(at + 8, true);
      if (kind >> 8 === 4) expect(sequence).toBe((market += 1n));
      else expect(sequence).toBe((order += 1n));
    }
  };
  const data = ticks(3000);
  let handed = 0;
  for (let round = 0; round < 8; round++) {
    for (const one of data) put(core.feed, one);
    for (let turn = 0; core.isBusy() || turn < 2; turn++) {
      core.run(-1, 500);
      core.discard();
      if (turn % 3 === 2) handed += core.drain(take);
    }
  }
  handed += core.drain(take);
  expect(handed).toBe(bytes);
  expect(market).toBeGreaterThan(20_000n);
  expect(core.drain(take)).toBe(0);
  expect(core.out.room()).toBe(core.out.capacityCells);
});

test("bytes hash alike in a core and in a hasher of its own", () => {
  const core = Core.create(build, { roles: Role.Both });
  const hash = createHasher(build);
  for (const length of [0, 1, 31, 32, 1000, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);
    expect(hash(bytes)).toBe(core.hashBytes(bytes));
    expect(hash(bytes)).toBe(BigInt.asUintN(64, xxh64(bytes)));
  }
  expect(() => hash(new Uint8Array(4 * 1024 * 1024 + 1))).toThrow(RangeError);
});

test("hashes are 16 digits", () => {
  expect(hex(0n)).toBe("0".repeat(16));
  expect(hex(2n ** 64n - 1n)).toBe("f".repeat(16));
});
