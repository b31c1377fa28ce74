import { expect, test } from "vitest";
import { ClockSkew } from "../../../src/dashboard/clock-skew.ts";

test("the youngest record of ten seconds decides, less half a round trip", () => {
  const skew = new ClockSkew();
  expect(skew.skewMillis(2)).toBeUndefined();
  // The engine's clock is 100 ms ahead; records take from 1 to 40 ms.
  for (let at = 0; at < 100; at += 1) skew.push(at * 50 + 100, at * 50 + 1 + (at % 40));
  expect(skew.skewMillis(2)).toBe(100);
});

test("forgets an old extreme, so a clock that was set is noticed", () => {
  const skew = new ClockSkew();
  skew.push(5_000, 0);
  for (let second = 1; second <= 10; second += 1) skew.push(second * 1000, second * 1000 + 3);
  expect(skew.skewMillis(0)).toBe(-3);
});
