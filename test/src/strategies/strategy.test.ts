import { expect, test } from "vitest";

import { clientOrderId, defineStrategy } from "../../../src/strategies/strategy.ts";

test("a definition stays the object that was written", () => {
  const factory = {
    ...{ name: "plain", about: "does nothing", parameters: {} },
    needs: () => ({ timeframes: [], indicators: [] }),
    create: () => ({}),
  };
  expect(defineStrategy(factory)).toBe(factory);
});

test("client order ids of two strategies never meet", () => {
  expect(clientOrderId(1, 2 ** 48 - 1) + 1n).toBe(clientOrderId(2, 0));
});
