import { resolve } from "node:path";
import { expect, test } from "vitest";
import { failureLines, tallyLine, tallyReport } from "../../scripts/test.ts";

const report = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
};

test("the last line names skipped tests only when there are some", () => {
  expect(tallyLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(tallyLine({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});

test("a file that did not load counts as one failure", () => {
  const testResults = [...report.testResults, { status: "failed", assertionResults: [] }];
  expect(tallyReport({ ...report, testResults }, 1)).toEqual({ passed: 3, failed: 1, skipped: 1 });
});

test("a run that ended badly is never all passed", () => {
  expect(tallyReport(report, 1).failed).toBe(1);
  expect(tallyReport(report, 0).failed).toBe(0);
});

test("says which tests failed and the first line of why, and which files did not load", () => {
  const root = resolve(import.meta.dirname, "../..");
  const stack = "\nAssertionError: expected 1 to be 2\n    at x.ts:3:4";
  const testResults = [
    {
      name: `${root}/test/a.test.ts`,
      status: "failed",
      assertionResults: [
        { status: "passed", fullName: "a room opens", failureMessages: [] },
        { status: "failed", fullName: "a room closes", failureMessages: [stack] },
      ],
    },
    {
      name: `${root}/test/b.test.ts`,
      status: "failed",
      message: "Cannot find module",
      assertionResults: [],
    },
  ];
  expect(failureLines({ ...report, testResults })).toEqual([
    "FAILED test/a.test.ts > a room closes",
    "  why: AssertionError: expected 1 to be 2",
    "FAILED test/b.test.ts",
    "  why: Cannot find module",
  ]);
  expect(failureLines(report)).toEqual([]);
});
