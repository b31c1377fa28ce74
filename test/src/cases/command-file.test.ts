// Files of commands: what is read, and how a mistake is named by file and line.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { malformed, readCommandFile } from "../../../src/cases/command-file.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alphapulse-commands-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("CSV columns come in any order; comments, blank lines and blank cells are none", () => {
  const text =
    "# mine\r\nid,op,px,side,qty,type,postOnly\r\n\r\nb1,new,100,B,5,limit,true\nb1,cancel,,,,,\n";
  expect(readCommandFile(file("a.csv", text))).toEqual([
    {
      id: "file",
      title: "",
      commands: [
        {
          op: "new",
          id: "b1",
          acct: "A",
          side: "B",
          qty: 5,
          type: "limit",
          px: 100,
          postOnly: true,
        },
        { op: "cancel", id: "b1", acct: "A" },
      ],
    },
  ]);
});

const NEW = { op: "new", id: "b1", acct: "A", side: "B", qty: 5, type: "limit", px: 100 };
const CASE = { id: "one", title: "rests", steps: [{ cmd: NEW, events: [] }] };

test("JSON is a list of cases or one; a case is chosen by its id", () => {
  const expected = [{ id: "one", title: "rests", commands: [NEW], config: {} }];
  expect(readCommandFile(file("one.json", JSON.stringify(CASE)))).toEqual(expected);
  expect(readCommandFile(file("bare.json", JSON.stringify([CASE])))).toEqual(expected);
  const both = file("two.json", JSON.stringify({ expected: [{ ...CASE, id: "zero" }, CASE] }));
  expect(readCommandFile(both)).toHaveLength(2);
  expect(readCommandFile(both, "one")).toEqual(expected);
  expect(() => readCommandFile(both, "three")).toThrow(/no case "three"/);
});

test("what is missing says so", () => {
  expect(() => readCommandFile(join(folder, "none.csv"))).toThrow(
    expect.objectContaining({ code: "MATCH_MISSING" }),
  );
  expect(() => readCommandFile(folder)).toThrow(/no file that ends in Master\.csv/);
});

const HEAD = "op,id,side,type,qty,px\n";

test.each([
  ["empty.csv", "", 1, /an empty file/],
  ["head.csv", "op,id,size\n", 1, /no column is called "size"; columns: op, id/],
  ["twice.csv", "op,id,id\n", 1, /"id" is there twice/],
  ["nameless.csv", "id,qty\n", 1, /needs a column "op"/],
  ["cells.csv", `${HEAD}\nnew,b1,B\n`, 3, /3 cells, but the first line names 6 columns/],
  ["op.csv", `${HEAD}buy,b1,B,limit,5,100\n`, 2, /op is "buy", not new, cancel/],
  ["qty.csv", `${HEAD}new,b1,B,limit,5.5,100\n`, 2, /qty is "5\.5", not whole number of lots/],
  ["big.csv", `${HEAD}new,b1,B,limit,99999999999999999999,1\n`, 2, /not whole number of lots/],
  ["px.csv", `${HEAD}new,b1,B,limit,5,\n`, 2, /new needs px: whole number of ticks/],
  ["id.csv", `${HEAD}cancel,,,,,\n`, 2, /cancel needs id/],
  ["broken.json", '{\n"expected": [\n}', 3, /no JSON: /],
  ["shape.json", '{"cases": []}', 1, /needs "expected"/],
  ["nothing.json", '{"expected": [7]}', 1, /case 1 needs "id" and a list "steps"/],
  [
    "key.json",
    JSON.stringify({ expected: [CASE, { ...CASE, id: "b", steps: [{ cmd: { x: 1 } }] }] }, null, 1),
    22,
    /case b, step 1: unknown key "x"/,
  ],
  [
    "value.json",
    JSON.stringify({ expected: [{ ...CASE, steps: [{ cmd: { ...NEW, px: "1" } }] }] }),
    1,
    /case one, step 1: px is "1", not whole number of ticks/,
  ],
  ["null.json", JSON.stringify({ ...CASE, steps: [null] }), 1, /needs an object "cmd"/],
])("%s is refused with its line", (name, text, line, what) => {
  const path = file(name, text);
  let said: unknown;
  try {
    readCommandFile(path);
  } catch (error) {
    said = error;
  }
  expect(said).toMatchObject({ code: "MATCH_MALFORMED" });
  const { message } = said as Error;
  expect(message.startsWith(`${path}:${line}: `), message).toBe(true);
  expect(message).toMatch(what);
});

test("a fault has place and remedy", () => {
  expect(malformed("f.csv", 7, "is odd").line()).toBe(
    "MATCH_MALFORMED: f.csv:7: is odd; correct it; see alphapulse match --help for the formats",
  );
});
