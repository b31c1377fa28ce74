// The journal block: header, checksum, chain.
import { expect, test } from "vitest";
import { H_EPOCH } from "../../asm/layout.ts";
import * as v from "../../asm/vocab.ts";
import { loadBuild } from "../../src/core/build.ts";
import { Core } from "../../src/core/core.ts";
import { xxh64 } from "../src/journal/xxh64.ts";
import { BASE_NANOS, put, record, setupRecords } from "./spine-core.ts";

const build = loadBuild();

function sealed(core: Core): Uint8Array {
  const bytes = core.seal();
  return core.u8.slice(core.blockAt, core.blockAt + bytes);
}

test("a block says what it holds, and its hash covers every byte of it", () => {
  const core = Core.create(build, { roles: v.Role.Both, stream: 4 });
  core.view.setBigUint64(H_EPOCH, 9n, true);
  put(core.control, record(v.Kind.ClockBase, { baseNanos: BASE_NANOS }));
  for (const bytes of setupRecords()) put(core.control, bytes);
  core.run(5_000, 4096);
  const block = sealed(core);
  const view = new DataView(block.buffer);
  expect(view.getUint32(v.BLOCK_MAGIC, true)).toBe(v.BLOCK_MAGIC_VALUE);
  expect(view.getUint16(v.BLOCK_SCHEMA, true)).toBe(v.SCHEMA_VERSION);
  expect(view.getUint16(v.BLOCK_HEADER_LENGTH, true)).toBe(v.BLOCK_HEADER_BYTES);
  expect(view.getBigUint64(v.BLOCK_FIRST_SEQUENCE, true)).toBe(1n);
  expect(view.getUint32(v.BLOCK_RECORDS, true)).toBe(1 + setupRecords().length);
  expect(block.length).toBe(v.BLOCK_HEADER_BYTES + view.getUint32(v.BLOCK_CELLS, true) * 64);
  expect(view.getBigInt64(v.BLOCK_TS_FIRST, true), "before any base").toBe(5_000n);
  expect(view.getBigInt64(v.BLOCK_TS_LAST, true)).toBe(BASE_NANOS + 5_000n);
  expect(view.getBigUint64(v.BLOCK_EPOCH, true)).toBe(9n);
  expect(view.getUint32(v.BLOCK_STREAM, true)).toBe(4);
  expect(view.getBigUint64(v.BLOCK_BUILD, true)).toBe(build.id);
  expect(view.getUint32(v.BLOCK_BEHAVIOR, true)).toBe(v.BEHAVIOR_VERSION);
  expect(block.slice(v.BLOCK_SEAL, v.BLOCK_HEADER_BYTES).every((byte) => byte === 0)).toBe(true);
  const hash = view.getBigUint64(v.BLOCK_HASH, true);
  view.setBigUint64(v.BLOCK_HASH, 0n, true);
  expect(BigInt.asUintN(64, xxh64(block))).toBe(hash);
  block[block.length - 1]! ^= 1;
  expect(BigInt.asUintN(64, xxh64(block)), "the last bit counts").not.toBe(hash);
});

test("blocks are numbered and chained, also behind a recovered one; no input, no block", () => {
  const core = Core.create(build, { roles: v.Role.Both });
  core.setChain(0x1234n, 7n);
  let previous = 0x1234n;
  for (let index = 7n; index < 12n; index += 1n) {
    put(core.control, record(v.Kind.ClockBase, { baseNanos: BASE_NANOS }));
    core.run(1, 10);
    const view = new DataView(sealed(core).buffer);
    expect(view.getBigUint64(v.BLOCK_INDEX, true)).toBe(index);
    expect(view.getBigUint64(v.BLOCK_FIRST_SEQUENCE, true)).toBe(index - 6n);
    expect(view.getBigUint64(v.BLOCK_PREV_HASH, true)).toBe(previous);
    previous = view.getBigUint64(v.BLOCK_HASH, true);
    core.run(1, 10);
    expect(core.seal()).toBe(0);
  }
});

test("a discarded block leaves the chain as it was and its inputs applied", () => {
  const core = Core.create(build, { roles: v.Role.Both });
  for (let turn = 0; turn < 2; turn++) {
    put(core.control, record(v.Kind.ClockBase, { baseNanos: BASE_NANOS }));
    core.run(1, 10);
    if (turn === 0) core.discard();
  }
  const view = new DataView(sealed(core).buffer);
  expect(view.getBigUint64(v.BLOCK_INDEX, true)).toBe(0n);
  expect(view.getBigUint64(v.BLOCK_PREV_HASH, true)).toBe(0n);
  expect(view.getBigUint64(v.BLOCK_FIRST_SEQUENCE, true)).toBe(2n);
});
