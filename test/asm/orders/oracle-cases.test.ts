// The shared matching cases through the real core: events of every step, and the open orders.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { type MatchingCase, runMatching } from "../../../src/cases/matching.ts";
import { sharedPath } from "../../../src/core/paths.ts";

const PATH = sharedPath("oracles", "matching_cases.json");
const cases = existsSync(PATH)
  ? (JSON.parse(readFileSync(PATH, "utf8")) as { expected: MatchingCase[] }).expected
  : [];
const outcomes = runMatching(cases);
const supported = outcomes.filter(({ state }) => state !== "unsupported");

describe.skipIf(cases.length === 0)("shared matching cases", () => {
  test.each(supported.map((one) => [one.id, one] as const))("%s", (_id, one) => {
    expect(one.actual, one.id).toEqual(one.expected);
    expect(one.state).toBe("passed");
  });

  test("at least the cases of limit, market, IOC, FOK, post-only, amend and cancel run", () => {
    const reasons = new Map<string, number>();
    for (const { reason } of outcomes) {
      if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    console.log(
      `matching cases: ${supported.length} run, unsupported ${JSON.stringify([...reasons])}`,
    );
    expect(supported.length).toBeGreaterThanOrEqual(26);
  });
});

test.runIf(cases.length === 0)("shared matching cases are absent: nothing to check here", () => {
  console.log(`${PATH} is not there; the matching cases were skipped`);
  expect(cases.length).toBe(0);
});
