// The shared matching cases through the shipped core: events of every step, and the final book.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { type MatchingCase, runMatching } from "../../../src/cases/matching.ts";
import { sharedPath } from "../../../src/core/paths.ts";

const PATH = sharedPath("oracles", "matching_cases.json");
/** Cases that ran when this was written; none may become unsupported again. */
const RUN_LEAST = 58;

const cases = existsSync(PATH)
  ? (JSON.parse(readFileSync(PATH, "utf8")) as { expected: MatchingCase[] }).expected
  : [];

if (cases.length === 0) console.log(`skipped, matching cases: ${PATH} is not there`);

describe.skipIf(cases.length === 0)("shared matching cases", () => {
  const outcomes = runMatching(cases);
  const ran = outcomes.filter((one) => one.state !== "unsupported");

  test.each(ran.map((one) => [one.id, one] as const))("%s", (_id, one) => {
    expect(one.actual, one.id).toEqual(one.expected);
    expect(one.state).toBe("passed");
  });

  test(`at least ${RUN_LEAST} cases run`, () => {
    const reasons = outcomes.flatMap((one) => one.reason ?? []);
    console.log(`matching cases: ${ran.length} run, unsupported: ${reasons.join(", ")}`);
    expect(ran.length).toBeGreaterThanOrEqual(RUN_LEAST);
  });
});
