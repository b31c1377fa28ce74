// What came of one vector: the shape all runners share.
//
// tidy: tested by test/scripts/conformance.test.ts

/** One vector. `expected` and `actual` are there when it failed, `reason` when it cannot run. */
export interface Outcome {
  id: string;
  state: "passed" | "failed" | "unsupported";
  reason?: string;
  expected?: unknown;
  actual?: unknown;
}

export function passed(id: string): Outcome {
  return { id, state: "passed" };
}

export function failed(id: string, expected: unknown, actual: unknown): Outcome {
  return { id, state: "failed", expected, actual };
}

export function unsupported(id: string, reason: string): Outcome {
  return { id, state: "unsupported", reason };
}

/** Passed when both print the same; vectors hold plain JSON. */
export function compared(id: string, expected: unknown, actual: unknown): Outcome {
  const isSame = JSON.stringify(expected) === JSON.stringify(actual);
  return isSame ? passed(id) : failed(id, expected, actual);
}
