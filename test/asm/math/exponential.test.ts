// Exponential and logarithm against the host's, over the range a schedule uses and its edges.
import { beforeAll, expect, test } from "vitest";
import { seeded } from "../../reference/random.ts";
import { Kernels } from "../kernels.ts";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await Kernels.create();
});

function call(name: string, x: number): number {
  return kernels.number(name)(x);
}

/** Largest relative error over random arguments. */
function worst(name: string, like: (x: number) => number, argument: () => number): number {
  let most = 0;
  for (let round = 0; round < 100_000; round++) {
    const x = argument();
    const wanted = like(x);
    most = Math.max(most, Math.abs(call(name, x) - wanted) / Math.abs(wanted));
  }
  return most;
}

const random = seeded(3);
const small = (): number => (random() - 0.5) * 10 ** (-8 * random());

test.each<[string, (x: number) => number, () => number]>([
  ["exponential", Math.exp, () => (random() - 0.5) * 1400],
  ["exponential", Math.exp, small],
  ["exponentialMinusOne", Math.expm1, small],
  ["exponentialMinusOne", Math.expm1, () => -random() * 60],
  ["logarithmPlusOne", Math.log1p, () => Math.abs(small()) + 1e-12],
  ["logarithmPlusOne", Math.log1p, () => 10 ** (300 * random())],
  ["logarithm", Math.log, () => 10 ** (600 * random() - 300)],
  ["logarithm", Math.log, () => 1 + small()],
])("%s is good to four units in the last place", (name, like, argument) => {
  expect(worst(name, like, argument)).toBeLessThan(2 ** -50);
});

test("the edges are exact", () => {
  expect([call("exponential", 0), call("exponentialMinusOne", 0)]).toEqual([1, 0]);
  expect(call("logarithmPlusOne", 0)).toBe(0);
  expect([call("exponential", -800), call("exponential", 800)]).toEqual([0, Infinity]);
});
