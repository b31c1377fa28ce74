// CRC-32 against its published check value and against zlib.
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { SCRATCH } from "../../../asm/layout.ts";
import { seeded } from "../../reference/random.ts";
import { Kernels } from "../kernels.ts";

const core = await Kernels.create();

function sum(bytes: Uint8Array, offset = 0): number {
  core.u8.set(bytes, SCRATCH + offset);
  return core.number("crc32")(SCRATCH + offset, bytes.length) >>> 0;
}

test("has the check value of its catalog", () => {
  expect(sum(Buffer.from("123456789"))).toBe(0xcbf43926);
  expect(sum(new Uint8Array(0))).toBe(0);
});

test("equals zlib for every length, offset and byte", () => {
  const random = seeded(1);
  for (let bytes = 1; bytes < 600; bytes++) {
    const text = Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
    expect(sum(text, bytes % 9), `${bytes} bytes`).toBe(crc32(text));
  }
});
