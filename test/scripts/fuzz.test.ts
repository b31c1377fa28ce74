// The run of many seeds: what it gives out, what it says, and that its processes answer.
import { expect, test } from "vitest";
import { main, SeedPlan, seedsOf } from "../../scripts/fuzz.ts";

test("seeds are a range or one", () => {
  expect(seedsOf("3..7")).toEqual([3, 7]);
  expect(seedsOf("12")).toEqual([12, 12]);
  for (const text of ["", "0..3", "7..3", "a..b", "1.5..2"]) {
    expect(() => seedsOf(text), text).toThrow("are no seeds");
  }
});

test("a run goes on with the first seed that has no answer", () => {
  const plan = new SeedPlan(5, 8);
  expect([plan.take(), plan.take(), plan.take()]).toEqual([5, 6, 7]);
  plan.answer({ seed: 5 });
  plan.answer({ seed: 7 });
  expect(plan.last).toBe("fuzz: not done; go on with: npm run fuzz -- 6..8");
  plan.answer({ seed: 6 });
  expect(plan.rest).toBe(8);
  plan.answer({ seed: plan.take()! });
  expect(plan.take(), "no seed is left").toBeUndefined();
  expect(plan.last).toBe("fuzz: seeds 5..8 are equal");
});

test("progress is seeds, inputs, rate and the time that is left", () => {
  const plan = new SeedPlan(1, 100);
  for (let seed = 1; seed <= 25; seed++) plan.answer({ seed: plan.take()! });
  expect(plan.progress(50_000)).toBe(
    "fuzz: 25 of 100 seeds, 0.10 million inputs, 2000 a second, 3 minutes left",
  );
});

test("the first failing seed ends the run, also when a later one fails before it", () => {
  const plan = new SeedPlan(1, 100);
  const [first, second, third] = [plan.take()!, plan.take()!, plan.take()!];
  plan.answer({ seed: third, wrong: "later" });
  expect(plan.take(), "no new seed after a failure").toBeUndefined();
  plan.answer({ seed: second, wrong: "sooner" });
  plan.answer({ seed: first });
  expect(plan.failed).toEqual({ seed: 2, wrong: "sooner" });
  expect(plan.last).toBe("fuzz: not done; go on with: npm run fuzz -- 2..100");
});

test("two processes run three seeds", async () => {
  expect(await main(["9001..9003", "--workers", "2"])).toBe(0);
});
