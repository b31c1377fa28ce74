import { expect, test } from "vitest";

import { parseParameters } from "../../../src/strategies/parameters.ts";
import { MarketPlan } from "../../../src/strategies/plan.ts";
import { SHIPPED, shippedStrategy } from "../../../src/strategies/shipped.ts";

test("names are unique, kebab-case and found", () => {
  expect(new Set(SHIPPED.map((one) => one.name)).size).toBe(SHIPPED.length);
  for (const one of SHIPPED) {
    expect(one.name).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
    expect(shippedStrategy(one.name)).toBe(one);
  }
  expect(shippedStrategy("toString")).toBeUndefined();
});

test("every default is inside its range and every need can be configured", () => {
  for (const one of SHIPPED) {
    const values = parseParameters(one.name, one.parameters);
    const needs = one.needs(values);
    const periods = new Set([...needs.timeframes, ...needs.indicators.map((n) => n.periodMillis)]);
    const records = new MarketPlan().records(1, needs);
    expect(records).toHaveLength(periods.size + needs.indicators.length);
  }
});
