// Books of recorded venues, rebuilt message by message and compared with what the venue or an
// independent program says the book was. The files lie in ../shared/data and are not ours to copy.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { captureRun } from "../../src/cases/capture.ts";
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

const CAPTURES = [
  { name: "exchange-raw-captures/kraken", part: "KRAKEN.ws.50", books: 5 },
  { name: "exchange-raw-captures/okx", part: "OKX.ws", books: 2 },
];

describe.each(CAPTURES)("$name", ({ name, part, books }) => {
  const path = folder(name);
  const LANDED = [
    { isTrusted: false, reason: "SequenceGap" },
    { isTrusted: true, reason: "" },
  ];

  test.skipIf(path === undefined)("every checksum equals the book's", () => {
    const text = read(path!, part);
    const results = captureRun(text);
    expect(results.length).toBe(books);
    for (const { symbol, trusts, mismatches, checksums } of results) {
      expect(trusts, `${symbol}: untrusted before its snapshot only`).toEqual(LANDED);
      expect([mismatches, checksums > 0], symbol).toEqual([0, true]);
    }
    const sent = text.match(/"c":"|"checksum":/g)!.length;
    expect(results.reduce((sum, { checksums }) => sum + checksums, 0)).toBe(sent);
  });

  test.skipIf(path === undefined)(
    "one digit changed is found, and the book stays untrusted",
    () => {
      const lines = read(path!, part).split("\n");
      const isUpdate = (line: string): boolean =>
        /"action":"update"|^[\d.]+: \[\d+,\{"[ab]":\[\["[\d.]+","0\.0*[1-9]/.test(line);
      const at = lines.findIndex((line) => isUpdate(line) && /"[ab](ids)?":\[\["/.test(line));
      // The first digit of the first price of one side.
      lines[at] = lines[at]!.replace(/("(?:bids|b|asks|a)":\[\[")(\d)/, (_, before, digit) =>
        [before, String((Number(digit) + 1) % 10)].join(""),
      );
      const spoiled = captureRun(lines.join("\n")).filter(({ mismatches }) => mismatches > 0);
      expect(spoiled.length).toBe(1);
      expect(spoiled[0]!.trusts.at(-1)).toEqual({ isTrusted: false, reason: "ChecksumMismatch" });
    },
  );
});
