import { describe, expect, test } from "vitest";
import { CATCH_UP_STEPS, Pacer } from "../../../../src/feeds/simulator/pace.ts";

describe("pacing", () => {
  test("does not accumulate drift, however late each wake-up is", () => {
    const pacer = new Pacer(10, 1, 1000);
    let steps = 0;
    let nowMillis = 1000;
    for (let i = 0; i < 5000; i++) {
      nowMillis += 10 + (i % 7) * 0.9;
      steps += pacer.take(nowMillis);
    }
    expect(steps).toBe(Math.floor((nowMillis - 1000) / 10));
    expect(pacer.skipped).toBe(0);
  });

  test("makes up for a short stall, skips the rest of a long one and says how much", () => {
    const pacer = new Pacer(10, 1, 0);
    expect(pacer.take(CATCH_UP_STEPS * 10)).toBe(CATCH_UP_STEPS);
    expect(pacer.skipped).toBe(0);
    expect(pacer.take(CATCH_UP_STEPS * 10 + 5000)).toBe(CATCH_UP_STEPS);
    expect(pacer.skipped).toBe(500 - CATCH_UP_STEPS);
    expect(pacer.take(CATCH_UP_STEPS * 10 + 5000), "nothing is owed any more").toBe(0);
  });

  test("follows its speed, and owes nothing after a restart", () => {
    const pacer = new Pacer(10, 4, 0);
    expect(pacer.take(100)).toBe(40);
    pacer.restart(1, 100_000);
    expect(pacer.take(100_000)).toBe(0);
    expect(pacer.take(100_030)).toBe(3);
    expect(pacer.skipped).toBe(0);
  });

  test("tells the time to the next step", () => {
    const pacer = new Pacer(10, 2, 0);
    expect(pacer.waitMillis(0)).toBe(5);
    expect(pacer.waitMillis(3)).toBe(2);
    expect(pacer.take(5)).toBe(1);
    expect(pacer.waitMillis(5)).toBe(5);
    expect(pacer.waitMillis(50)).toBe(0);
  });
});
