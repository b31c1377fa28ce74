import { describe, expect, test } from "vitest";
import {
  averageText,
  minorText,
  NO_VALUE,
  percentChange,
  percentText,
  periodText,
  secondsText,
  stepText,
  stepValue,
  timeText,
  withSign,
} from "../../../src/dashboard/format.ts";

const CENT = { mantissa: 1n, exponent: -2 };

describe("prices and quantities", () => {
  test("show the decimals of the step and separate thousands", () => {
    expect(stepText(6_412_350, CENT)).toBe("64,123.50");
    expect(stepText(99, CENT)).toBe("0.99");
    expect(stepText(-123_456_789, CENT)).toBe("-1,234,567.89");
    expect(stepText(3, { mantissa: 25n, exponent: -2 }), "a step of 0.25").toBe("0.75");
    expect(stepText(7, { mantissa: 1n, exponent: 3 }), "a step of 1000").toBe("7,000");
  });

  test("are exact where a floating product is not", () => {
    expect(stepText(9_007_199_254_740_991, { mantissa: 1n, exponent: -8 })).toBe(
      "90,071,992.54740991",
    );
    expect(stepText(1_001, { mantissa: 1n, exponent: -3 })).toBe("1.001");
  });

  test("a step is a number for the chart's axis", () => {
    expect(stepValue(CENT)).toBe(0.01);
    expect(stepValue({ mantissa: 5n, exponent: -1 })).toBe(0.5);
  });
});

describe("an average price", () => {
  test("is the cost over the lots, two decimals below the tick", () => {
    expect(averageText(10_001n, 2, CENT)).toBe("50.0050");
    expect(averageText(100n, 3, CENT)).toBe("0.3333");
    expect(averageText(200n, 3, CENT), "half up, away from zero").toBe("0.6667");
  });

  test("of a short position is positive: cost and lots are both negative", () => {
    expect(averageText(-10_001n, -2, CENT)).toBe("50.0050");
  });

  test("of nothing is no value", () => {
    expect(averageText(0n, 0, CENT)).toBe(NO_VALUE);
  });
});

describe("money", () => {
  test("is cut to the decimals of the page, rounded half away from zero", () => {
    expect(minorText(12_345_678_900, -8, 2)).toBe("123.46");
    expect(minorText(-50_000_0, -8, 2)).toBe("-0.01");
    expect(minorText(-499_999, -8, 2)).toBe("0.00");
    expect(minorText(100_000_000, -2, 2)).toBe("1,000,000.00");
    expect(minorText(5, 0, 2), "a currency without decimals has none").toBe("5");
  });

  test("has a plus only above zero", () => {
    expect(withSign("1.00", 1)).toBe("+1.00");
    expect(withSign("0.00", 0)).toBe("0.00");
    expect(withSign("-1.00", -1)).toBe("-1.00");
  });
});

test("a change in percent is what is shown: rounded, signed, and zero without a sign", () => {
  expect(percentText(percentChange(100, 101))).toBe("+1.00 %");
  expect(percentText(percentChange(200, 199))).toBe("-0.50 %");
  expect(percentText(percentChange(1_000_000, 1_000_001))).toBe("0.00 %");
  expect(percentText(percentChange(1_000_000, 999_999)), "no minus zero").toBe("0.00 %");
  expect(percentChange(0, 5), "no base, no change").toBe(0);
});

test("durations have three figures and the unit that fits", () => {
  expect(secondsText(4.9e-6)).toBe("4.90 µs");
  expect(secondsText(23.42e-6)).toBe("23.4 µs");
  expect(secondsText(0.000312)).toBe("312 µs");
  expect(secondsText(0.00125)).toBe("1.25 ms");
  expect(secondsText(0.9999)).toBe("1.00 s");
  expect(secondsText(NaN)).toBe(NO_VALUE);
});

test("times and periods have their usual names", () => {
  expect(timeText(Date.UTC(2026, 10, 20, 4, 5, 6, 789))).toBe("04:05:06");
  expect([60_000, 900_000, 14_400_000, 86_400_000, 90_000].map(periodText)).toEqual([
    ...["1m", "15m", "4h", "1d", "90s"],
  ]);
});
