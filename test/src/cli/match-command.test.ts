// `alphapulse match` on real files: the table, the document, the book, and what it refuses.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { main } from "../../../src/cli/main.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alphapulse-match-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function match(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  const code = await main(["match", ...argv]);
  vi.restoreAllMocks();
  return { code, out, err };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const COMMANDS = `op,id,acct,side,type,qty,px,tif,display,t
new,b1,A,B,limit,5,100,,,
new,b2,B,B,limit,5,101,,,
new,s1,C,S,limit,7,101,IOC,,
new,s2,C,S,limit,5,105,,,
amend,s2,,,,3,,,,
cancel,nobody,,,,,,,,
`;

test("the table has a line per command and its events beside it", async () => {
  const { code, out, err } = await match(file("a.csv", COMMANDS), "--book");
  expect([code, err]).toEqual([0, ""]);
  const lines = out.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
  expect(lines).toEqual([
    "case file",
    "1  new b1 A: buy 5 limit at 100  ack b1 live",
    "2  new b2 B: buy 5 limit at 101  ack b2 live",
    "3  new s1 C: sell 7 limit at 101 tif IOC  ack s1 live",
    "trade 5 at 101, s1 takes from b2",
    "cancel s1 qty 2 why ioc",
    "4  new s2 C: sell 5 limit at 105  ack s2 live",
    "5  amend s2 3  amended s2 px 105 qty 3 kept true",
    "6  cancel nobody  cancel_reject nobody why unknown_order (208 UnknownOrder)",
    "bids  100  5  b1 5",
    "asks  105  3  s2 3",
    "6 commands, 1 trades, 1 refused",
    "",
  ]);
});

const REPLACES = `op,id,newId,acct,side,type,qty,px
new,b1,,A,B,limit,5,100
new,b2,,B,B,limit,5,100
replace,b1,b3,,,,9,
replace,b1,b4,,,,9,
replace,b3,b1,,,,,101
replace,b3,b5,,,,,101
cancel,b5,,,,,,
new,b2,,B,B,limit,5,100
`;

test("a replace ends one order and enters another, or leaves the first as it is", async () => {
  const { out } = await match(file("r.csv", REPLACES), "--book");
  const lines = out.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
  expect(lines).toEqual([
    "case file",
    "1  new b1 A: buy 5 limit at 100  ack b1 live",
    "2  new b2 B: buy 5 limit at 100  ack b2 live",
    "3  replace b1 9 newId b3  cancel b1 qty 5 why replaced",
    "ack b3 live",
    "4  replace b1 9 newId b4  amend_reject b1 why unknown_order (500 OrderNotOpen)",
    "5  replace b3 at 101 newId b1  amend_reject b3 why duplicate_id (319 ClientOrderIdDuplicate)",
    "6  replace b3 at 101 newId b5  cancel b3 qty 9 why replaced",
    "ack b5 live",
    "7  cancel b5  cancel b5 qty 9 why user",
    "8  new b2 B: buy 5 limit at 100  ack b2 live replayed true",
    "bids  100  5  b2 5",
    "asks none",
    "8 commands, 0 trades, 2 refused",
    "",
  ]);
  const missing = await match(file("m.csv", "op,id\nreplace,b1\n"));
  expect(missing.err).toMatch(/replace needs newId/);
});

test("--json is one document of commands, events, book and counts", async () => {
  const { out } = await match(file("b.csv", COMMANDS), "--json", "--book");
  const { cases, counts } = JSON.parse(out) as { cases: Record<string, unknown>[]; counts: object };
  expect(cases).toHaveLength(1);
  const { steps, book } = cases[0] as { steps: { events: unknown[] }[]; book: unknown };
  expect(steps).toHaveLength(6);
  expect(steps[2]?.events[1]).toEqual({ e: "trade", maker: "b2", taker: "s1", px: 101, qty: 5 });
  expect(book).toEqual({ bids: [[100, [["b1", 5]]]], asks: [[105, [["s2", 3]]]], stops: [] });
  expect(counts).toEqual({ commands: 6, trades: 1, refused: 1, unsupported: {} });
});

test("each case begins with an empty book, and one can be chosen", async () => {
  const cmd = { op: "new", id: "b1", acct: "A", side: "B", qty: 5, type: "limit", px: 100 };
  const expected = ["one", "two"].map((id) => ({ id, title: `t ${id}`, steps: [{ cmd }] }));
  const path = file("cases.json", JSON.stringify({ expected }));
  const both = await match(path);
  expect(both.out.match(/ack b1 live/g), "the id is free again").toHaveLength(2);
  const one = await match(path, "--case", "two");
  expect(one.out).toContain("case two: t two\n");
  expect(one.out).not.toContain("case one");
});

test("settings of a case that no command can make are said to be left out", async () => {
  const path = file(
    "set.json",
    JSON.stringify({ id: "s", config: { last: 100, luck: 7 }, steps: [] }),
  );
  expect((await match(path)).out).toContain('case s\n  not applied: {"luck":7}\n');
  expect((await match(path, "--json")).out).toContain('"unapplied":{"luck":7}');
});

test("a mistake in the last line prints nothing but the mistake", async () => {
  const path = file("bad.csv", `${COMMANDS}new,b9,A,B,limit,many,100,,,\n`);
  const { code, out, err } = await match(path, "--book");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toBe(
    `MATCH_MALFORMED: ${path}:8: qty is "many", not whole number of lots; in an amend the total ` +
      "with what is filled; correct it; see alphapulse match --help for the formats\n",
  );
  expect((await match(join(folder, "none.csv"))).err).toMatch(/^MATCH_MISSING: .*none\.csv does/);
});

test("the help documents every column", async () => {
  const { out } = await match("--help");
  for (const word of ["postOnly", "whole number of ticks", "Master.csv", '"expected"']) {
    expect(out).toContain(word);
  }
});

test("a long file is printed whole, and its orders keep their names", async () => {
  const rows = Array.from({ length: 5000 }, (_, at) => `new,o${at},A,B,limit,1,${1 + (at % 50)}`);
  const path = file("long.csv", `op,id,acct,side,type,qty,px\n${rows.join("\n")}\n`);
  const { out } = await match(path);
  expect(out.match(/ack o\d+ live/g)).toHaveLength(5000);
  expect(out).toContain("ack o4999 live\n");
  expect(out).toMatch(/\n5000 commands, 0 trades, 0 refused\n$/);
});

test("a book that does not fit one answer is said to be too long, not cut", async () => {
  const rows = Array.from({ length: 50_000 }, (_, at) => `new,o${at},A,B,limit,1,${1 + (at % 50)}`);
  const path = file("book.csv", `op,id,acct,side,type,qty,px\n${rows.join("\n")}\n`);
  const { code, err } = await match(path, "--book");
  expect([code, err.split(":")[0]], err).toEqual([1, "BOOK_TOO_LONG"]);
});
