import { expect, test } from "vitest";

import { parseParameters, rangeText } from "../../../src/strategies/parameters.ts";

const TABLE = {
  length: {
    type: "number",
    unit: "candles",
    default: 20,
    min: 2,
    max: 500,
    whole: true,
    about: "a window",
  },
  factor: { type: "number", unit: "ATR", default: 1.5, min: 0.1, max: 10, about: "a distance" },
  direction: { type: "choice", choices: ["both", "long"], default: "both", about: "sides" },
} as const;

test("defaults fill what is not given, and texts of numbers are numbers", () => {
  expect(parseParameters("x", TABLE)).toEqual({ length: 20, factor: 1.5, direction: "both" });
  const given = { length: "30", factor: 2, direction: "long" };
  expect(parseParameters("x", TABLE, given)).toEqual({ length: 30, factor: 2, direction: "long" });
});

test("both bounds are allowed, one step beyond is refused with the range", () => {
  expect(parseParameters("x", TABLE, { length: 2 }).length).toBe(2);
  expect(parseParameters("x", TABLE, { length: 500 }).length).toBe(500);
  for (const length of [1, 501, 2.5, "abc", "", Number.NaN, "1e2", null]) {
    try {
      parseParameters("x", TABLE, { length });
      expect.unreachable(`${String(length)} was taken`);
    } catch (error) {
      expect(error).toMatchObject({
        code: "PARAMETER_RANGE",
        remedy: "allowed: whole, 2 to 500 candles; default 20",
      });
    }
  }
});

test("an unknown parameter is refused and the known ones are named", () => {
  expect(() => parseParameters("x", TABLE, { lenght: 3 })).toThrow(/no parameter "lenght"/);
  expect(() => parseParameters("x", TABLE, { ["constructor"]: 1 })).toThrow(
    expect.objectContaining({ remedy: "it has: length, factor, direction" }),
  );
});

test("a long hostile value is cut in the message", () => {
  expect(() => parseParameters("x", TABLE, { direction: "y".repeat(5000) })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{1,140}$/) }),
  );
});

test("values cannot be changed by a strategy", () => {
  const values = parseParameters("x", TABLE) as { -readonly [N in keyof typeof TABLE]: unknown };
  expect(() => (values.length = 3)).toThrow(TypeError);
});

test("ranges are told with their unit", () => {
  expect(rangeText(TABLE.factor)).toBe("0.1 to 10 ATR");
  expect(rangeText(TABLE.direction)).toBe("both, long");
});
