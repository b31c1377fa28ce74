import { expect, test } from "vitest";

import {
  escapeHtml,
  exactText,
  moneyText,
  percentText,
  signedText,
  spanText,
  timeText,
  withThousands,
} from "../../../src/research/text.ts";

test("html is escaped and control characters are blanks", () => {
  expect(escapeHtml(`<a href="x">'&\u0000`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp; ");
});

test("money has two decimals, four below one, and all of them where exactness is asked", () => {
  expect(moneyText(123_456_789_012, -8)).toBe("1,234.57");
  expect(moneyText(12_345_678, -8)).toBe("0.1235");
  expect(moneyText(0, -8)).toBe("0.00");
  expect([signedText(200_000_000, -8), signedText(-200_000_000, -8)]).toEqual(["+2.00", "-2.00"]);
  expect(exactText(-123_456_789, -8)).toBe("-1.23456789");
});

test("percents keep small values visible", () => {
  expect([percentText(0.1234), percentText(-0.00001234), percentText(1e-8)]).toEqual([
    "12.34 %",
    "-0.0012 %",
    "0.0000010 %",
  ]);
});

test("times are UTC and spans are short", () => {
  expect(timeText(1_723_075_200_010.5)).toBe("2024-08-08 00:00:00.010");
  expect(timeText(0)).toBe("-");
  expect(spanText(12_340)).toBe("12.3 s");
  expect(spanText(245_000)).toBe("4 min 05 s");
  expect(spanText(7_500_000)).toBe("2 h 05 min");
  expect(spanText(3 * 86_400_000 + 3_600_000)).toBe("3 d 1 h");
});

test("thousands are separated in the whole part only", () => {
  expect(withThousands("-1234567.12345")).toBe("-1,234,567.12345");
});
