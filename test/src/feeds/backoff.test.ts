import { expect, test } from "vitest";
import { Backoff } from "../../../src/feeds/backoff.ts";

test("the limit doubles up to the maximum and starts again after a reset", () => {
  const backoff = new Backoff(100, 1000, () => 0.5);
  const waits = Array.from({ length: 6 }, () => backoff.nextMillis());
  expect(waits).toEqual([50, 100, 200, 400, 500, 500]);
  backoff.reset();
  expect(backoff.nextMillis()).toBe(50);
});

test("a wait lies anywhere from zero to the limit, and thousands of attempts stay bounded", () => {
  let draw = 0;
  const backoff = new Backoff(1, 30_000, () => draw);
  expect(backoff.nextMillis()).toBe(0);
  draw = 0.999;
  for (let i = 0; i < 5000; i++) backoff.nextMillis();
  expect(backoff.nextMillis()).toBeCloseTo(29_970);
});
