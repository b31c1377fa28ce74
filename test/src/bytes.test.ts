import { describe, expect, test } from "vitest";

import { hexBytes, hexText, isZero, isZeroByWords, keyText } from "../../src/bytes.ts";

describe.each([
  ["memcmp", isZero],
  ["words", isZeroByWords],
])("zeros by %s", (_name, isZero) => {
  test("one byte anywhere, at any alignment and length, is found", () => {
    const buffer = new Uint8Array(128);
    for (let from = 0; from < 9; from++) {
      for (const length of [0, 1, 3, 31, 32, 33, 64, 100]) {
        const bytes = buffer.subarray(from, from + length);
        expect(isZero(bytes)).toBe(true);
        for (let at = 0; at < length; at++) {
          bytes[at] = 128;
          expect(isZero(bytes), `byte ${at} of ${length} from ${from}`).toBe(false);
          bytes[at] = 0;
        }
      }
    }
  });

  test("what lies around the bytes does not count", () => {
    const buffer = new Uint8Array(64).fill(1);
    buffer.fill(0, 5, 50);
    expect(isZero(buffer.subarray(5, 50))).toBe(true);
    expect(isZero(buffer.subarray(4, 50))).toBe(false);
    expect(isZero(buffer.subarray(5, 51))).toBe(false);
  });
});

describe("text", () => {
  test("hexadecimal digits there and back", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(hexText(bytes)).toBe(Buffer.from(bytes).toString("hex"));
    expect(hexBytes(hexText(bytes))).toEqual(bytes);
  });

  test("two keys are equal when their bytes are", () => {
    expect(keyText(Uint8Array.of(1, 255, 0))).toBe("\u0001\u00ff\u0000");
  });
});
