import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ARRAY_FUNCTIONS } from "../../../src/indicators/functions.ts";
import { TULIP, tulipVectors } from "../../golden/vectors.ts";

const run = (name: string, ...inputs: number[][]): number[] =>
  ARRAY_FUNCTIONS[name]!.compute(inputs[0]!, inputs[1] ?? []);

test("a line that comes from the other one crosses it, one that lies on it does not", () => {
  expect(run("crossover", [1, 2, 3, 1], [2, 2, 2, 2])).toEqual([0, 1, 0]);
  expect(run("crossany", [1, 2, 3, 1], [2, 2, 2, 2])).toEqual([0, 1, 1]);
});

test("halves are rounded away from zero", () => {
  expect(run("round", [-2.5, -0.4, 0.5, 2.4])).toEqual([-3, -0, 1, 2]);
});

test.skipIf(!existsSync(TULIP))("Tulip's regression file", () => {
  const seen: string[] = [];
  for (const { fn, lines } of tulipVectors()) {
    const { inputs } = ARRAY_FUNCTIONS[fn] ?? {};
    if (inputs === undefined) continue;
    const output = lines.at(-1);
    const values = run(fn, ...lines.slice(0, inputs));
    expect(values.length, fn).toBe(output.length);
    output.forEach((value, i) => {
      expect(Math.abs(values[i]! - value), `${fn} ${i}: ${values[i]}`).toBeLessThanOrEqual(
        5.1e-4 + Math.abs(value) * 1e-12,
      );
    });
    seen.push(fn);
  }
  expect(seen.sort(), "every function has a record").toEqual(Object.keys(ARRAY_FUNCTIONS).sort());
});
