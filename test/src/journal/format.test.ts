import { beforeAll, describe, expect, test } from "vitest";
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentIndexOf,
  segmentName,
  type HashBytes,
} from "../../../src/journal/format.ts";
import { compileHash } from "./fixture.ts";
import { xxh64 } from "./xxh64.ts";

let hash: HashBytes;
beforeAll(() => {
  hash = compileHash();
});

describe("XXH64", () => {
  // xxHash's own sanity check: its generator's bytes, lengths 0, 1, 4, 14, 222 and two seeds
  // (tests/sanity_test_vectors of the reference implementation); texts: its documentation.
  const PRIME_32 = 2654435761n;
  const PRIME_64 = 11400714785074694797n;
  const sanity = (length: number): Uint8Array => {
    let state = PRIME_32;
    return Uint8Array.from({ length }, () => {
      const byte = Number(state >> 56n);
      state = (state * PRIME_64) & 0xffffffffffffffffn;
      return byte;
    });
  };
  const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

  test.each<[string, Uint8Array, bigint, bigint]>([
    ["empty", sanity(0), 0n, 0xef46db3751d8e999n],
    ["empty, seeded", sanity(0), PRIME_32, 0xac75fda2929b17efn],
    ["1 byte", sanity(1), 0n, 0xe934a84adb052768n],
    ["1 byte, seeded", sanity(1), PRIME_32, 0x5014607643a9b4c3n],
    ["4 bytes", sanity(4), 0n, 0x9136a0dca57457een],
    ["14 bytes", sanity(14), 0n, 0x8282dcc4994e35c8n],
    ["14 bytes, seeded", sanity(14), PRIME_32, 0xc3bd6bf63deb6df0n],
    ["222 bytes", sanity(222), 0n, 0xb641ae8cb691c174n],
    ["222 bytes, seeded", sanity(222), PRIME_32, 0x20cb8ab7ae10c14an],
    ["a", text("a"), 0n, 0xd24ec4f1a98c6e5bn],
    ["abc", text("abc"), 0n, 0x44bc2cf5ad770999n],
  ])("of the published vector %s", (_, bytes, seed, expected) => {
    expect(xxh64(bytes, seed).toString(16)).toBe(expected.toString(16));
    if (seed === 0n) expect(hash(bytes), "the core's code agrees").toBe(expected);
  });

  test("of the core equals the plain twin at every length up to 300", () => {
    for (let length = 0; length <= 300; length += 1) {
      const bytes = sanity(length);
      if (hash(bytes) !== xxh64(bytes)) expect.fail(`length ${length}`);
    }
  });
});

describe("a segment header", () => {
  const header = {
    schema: 1,
    stream: 3,
    firstBlockIndex: 2 ** 40 + 7,
    firstSequence: 2 ** 45 + 9,
    prevHash: 0xfedcba9876543210n,
    createdEpochNanos: 1_790_000_000_123_456_789n,
    build: 0xffeeddccbbaa9988n,
  };

  test("comes back as it went in", () => {
    const bytes = encodeSegmentHeader(header, hash);
    expect(bytes.length).toBe(SEGMENT_HEADER_BYTES);
    expect(decodeSegmentHeader(bytes, hash)).toEqual(header);
  });

  test("with any byte changed is none", () => {
    const bytes = encodeSegmentHeader(header, hash);
    for (let at = 0; at < bytes.length; at += 1) {
      bytes[at]! ^= 1 << (at & 7);
      if (decodeSegmentHeader(bytes, hash) !== undefined) expect.fail(`byte ${at} went unseen`);
      bytes[at]! ^= 1 << (at & 7);
    }
    expect(decodeSegmentHeader(bytes.subarray(0, 4095), hash)).toBeUndefined();
  });
});

test("segment names sort as their indexes and read back", () => {
  const indexes = [0, 9, 10, 99_999, 2 ** 40];
  const names = indexes.map(segmentName);
  expect([...names].sort()).toEqual(names);
  expect(names.map(segmentIndexOf)).toEqual(indexes);
  expect(segmentIndexOf("spare.apj")).toBe(-1);
});
