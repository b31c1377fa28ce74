// XXH64 against its published vectors and against a second implementation.
import { beforeAll, expect, test } from "vitest";
import { SCRATCH } from "../../../asm/layout.ts";
import { Kernels } from "../kernels.ts";
import { xxh64 as reference } from "../../src/journal/xxh64.ts";

let core: Kernels;

beforeAll(async () => {
  core = await Kernels.create();
});

function hash(bytes: Uint8Array, seed = 0n, offset = 0): bigint {
  core.u8.set(bytes, SCRATCH + offset);
  return BigInt.asUintN(64, core.bigint("xxh64")(SCRATCH + offset, bytes.length, seed));
}

/** The generator of the specification's own sanity test: xxhash repository, tests/sanity_test.c. */
function sanityBuffer(bytes: number): Uint8Array {
  const buffer = new Uint8Array(bytes);
  let generator = 2654435761n;
  for (let i = 0; i < bytes; i++) {
    buffer[i] = Number(generator >> 56n);
    generator = BigInt.asUintN(64, generator * 11400714785074694797n);
  }
  return buffer;
}

test("agrees with the vectors of the specification, with and without a seed", () => {
  const prime = 2654435761n;
  const vectors: [number, bigint, bigint][] = [
    [0, 0n, 0xef46db3751d8e999n],
    [0, prime, 0xac75fda2929b17efn],
    [1, 0n, 0xe934a84adb052768n],
    [1, prime, 0x5014607643a9b4c3n],
    [14, 0n, 0x8282dcc4994e35c8n],
    [14, prime, 0xc3bd6bf63deb6df0n],
    [222, 0n, 0xb641ae8cb691c174n],
    [222, prime, 0x20cb8ab7ae10c14an],
  ];
  for (const [bytes, seed, expected] of vectors) {
    expect(hash(sanityBuffer(bytes), seed), `${bytes} bytes, seed ${seed}`).toBe(expected);
  }
});

test("agrees with known hashes of short texts", () => {
  expect(hash(Buffer.from("a"))).toBe(0xd24ec4f1a98c6e5bn);
  expect(hash(Buffer.from("abc"))).toBe(0x44bc2cf5ad770999n);
});

test("agrees with a plain implementation for every length to 200, on any alignment", () => {
  const bytes = sanityBuffer(200);
  for (let length = 0; length <= 200; length++) {
    const part = bytes.slice(0, length);
    expect(hash(part, 0n, length % 7), `${length} bytes`).toBe(BigInt.asUintN(64, reference(part)));
  }
});

test("mix64 depends on the value, on the order and on what came before", () => {
  const mix = core.bigint("mix64");
  const ab = mix(mix(0n, 1n), 2n);
  expect(ab).not.toBe(mix(mix(0n, 2n), 1n));
  expect(ab).not.toBe(mix(mix(1n, 1n), 2n));
  const seen = new Set(Array.from({ length: 10_000 }, (_, i) => mix(0n, BigInt(i))));
  expect(seen.size, "no collision among small values").toBe(10_000);
});
