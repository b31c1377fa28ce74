// Books of recorded venues, rebuilt message by message and compared with what the venue or an
// independent program says the book was. The files lie in ../shared/data and are not ours to copy.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { lobsterMessages, lobsterRows, lobsterRun } from "../../src/cases/lobster.ts";
import { sharedPath } from "../../src/core/paths.ts";

function folder(name: string): string | undefined {
  const path = sharedPath("data", name);
  if (existsSync(path)) return path;
  console.warn(`skipped, recorded books: ${path} is absent`);
  return undefined;
}

/** The only file of a folder whose name has this part, unpacked. */
function read(path: string, part: string): string {
  const name = readdirSync(path).find((one) => one.includes(part))!;
  const bytes = readFileSync(join(path, name));
  return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

const lobster = folder("lobster-aapl-10");

describe.skipIf(lobster === undefined)("LOBSTER", () => {
  test("every row equals the book, but for prices that come into sight", () => {
    const messages = lobsterMessages(read(lobster!, "_message_"));
    const result = lobsterRun(messages, lobsterRows(read(lobster!, "_orderbook_")));
    expect(result.differing).toEqual([]);
    expect(result.trusts, "untrusted before the first snapshot only").toEqual([
      { isTrusted: false, reason: "SequenceGap" },
      { isTrusted: true, reason: "" },
    ]);
    // The data set's own count of rows that follow from the row before and the message alone.
    expect([result.rows, result.closed]).toEqual([999, 680]);
    const executions = messages.slice(1).filter(({ type }) => type === 4 || type === 5);
    expect(result.trades).toBe(executions.length);
  });
});
