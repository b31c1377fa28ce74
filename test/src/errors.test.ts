// Faults read as one line.
import { expect, test } from "vitest";
import { AlphaError, describeError } from "../../src/errors.ts";

test("a fault is one line: code, what, remedy; a defect keeps its stack", () => {
  const cause = new Error("below");
  const fault = new AlphaError(
    "FEED_GAP",
    "expected 3, received 5",
    "wait for the snapshot",
    cause,
  );
  expect(describeError(fault)).toBe("FEED_GAP: expected 3, received 5; wait for the snapshot");
  expect(fault.cause).toBe(cause);
  expect(fault).toBeInstanceOf(Error);
  expect(fault.name).toBe("AlphaError");
  expect(describeError(cause)).toMatch(/Error: below\n\s+at /);
  expect(describeError("text")).toBe("text");
  expect("cause" in new AlphaError("A", "b", "c")).toBe(false);
});
