// Sine and cosine against the host's, over the angles indicators turn by.
import { beforeAll, expect, test } from "vitest";
import { seeded } from "../../reference/random.ts";
import { Kernels } from "../kernels.ts";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await Kernels.create();
});

const random = seeded(5);
const angle = (): number => (random() - 0.5) * 10 ** (13 * random() - 7);

test.each<[string, (x: number) => number, () => number]>([
  ["sine", Math.sin, angle],
  ["cosine", Math.cos, angle],
])("%s is good to the last places", (name, like, argument) => {
  let [most, relative] = [0, 0];
  for (let round = 0; round < 100_000; round++) {
    const x = argument();
    const [value, wanted] = [kernels.number(name)(x), like(x)];
    most = Math.max(most, Math.abs(value - wanted));
    relative = Math.max(relative, Math.abs(value - wanted) / Math.abs(wanted));
  }
  expect(most, "distance").toBeLessThan(2 ** -50);
  expect(relative, "relative").toBeLessThan(2 ** -49);
});

test("the edges are exact", () => {
  const call = (name: string, x: number): number => kernels.number(name)(x);
  expect([call("sine", 0), call("cosine", 0)]).toEqual([0, 1]);
});
