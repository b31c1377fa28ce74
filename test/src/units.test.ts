// Decimal text and steps, exact.
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSteps, parseDecimal, safeNumber, stepsOf } from "../../src/units.ts";

test("decimal text becomes a reduced mantissa and exponent", () => {
  expect(parseDecimal("0.010")).toEqual({ mantissa: 1n, exponent: -2 });
  expect(parseDecimal("-12.50")).toEqual({ mantissa: -125n, exponent: -1 });
  expect(parseDecimal("+1000")).toEqual({ mantissa: 1n, exponent: 3 });
  expect(parseDecimal("0.000")).toEqual({ mantissa: 0n, exponent: 0 });
  expect(parseDecimal("007")).toEqual({ mantissa: 7n, exponent: 0 });
});

test.each(["", "-", ".5", "5.", "1e3", "1,5", "0x10", " 1", "1 ", "1.2.3", "NaN", "--1", "１"])(
  "refuses %j",
  (text) => {
    expect(() => parseDecimal(text)).toThrow(expect.objectContaining({ code: "UNIT_MALFORMED" }));
  },
);

test("steps are exact or refused, never rounded", () => {
  expect(stepsOf("0.3", 1n, -1)).toBe(3);
  expect(stepsOf("1000000.00000001", 1n, -8)).toBe(100_000_000_000_001);
  expect(stepsOf("12.5", 25n, -1)).toBe(5);
  expect(stepsOf("5000", 5n, 2)).toBe(10);
  expect(stepsOf("-0.25", 25n, -2)).toBe(-1);
  expect(() => stepsOf("0.015", 1n, -2)).toThrow(/0.015 is not a multiple of 0.01/);
  expect(() => stepsOf("12.6", 25n, -1)).toThrow(expect.objectContaining({ code: "UNIT_STEP" }));
  expect(() => stepsOf("90071992547409.92", 1n, -2)).toThrow(
    expect.objectContaining({ code: "UNIT_RANGE" }),
  );
  expect(stepsOf("90071992547409.91", 1n, -2)).toBe(Number.MAX_SAFE_INTEGER);
});

test("text of steps comes back as the same steps, for any step", () => {
  const steps = fc.integer({ min: -1e12, max: 1e12 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: -12, max: 6 }),
      (count, mantissa, exponent) => {
        const text = formatSteps(count, BigInt(mantissa), exponent);
        expect(stepsOf(text, BigInt(mantissa), exponent)).toBe(count === 0 ? 0 : count);
        if (exponent < 0) expect(text.split(".")[1]).toHaveLength(-exponent);
      },
    ),
  );
});

test("formats with the step's decimals", () => {
  expect(formatSteps(5, 1n, -2)).toBe("0.05");
  expect(formatSteps(-5, 1n, -2)).toBe("-0.05");
  expect(formatSteps(0, 1n, -2)).toBe("0.00");
  expect(formatSteps(3, 1n, 2)).toBe("300");
  expect(formatSteps(0, 1n, 2)).toBe("0");
  expect(formatSteps(12345678901234567890n, 1n, -8)).toBe("123456789012.34567890");
});

test("a bigint beyond 53 bits is refused, not rounded", () => {
  expect(safeNumber(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => safeNumber(2n ** 53n)).toThrow(expect.objectContaining({ code: "UNIT_RANGE" }));
  expect(() => safeNumber(-(2n ** 53n))).toThrow();
});
