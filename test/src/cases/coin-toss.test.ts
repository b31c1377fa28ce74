// The cases of CoinTossX: files read as that project reads them,
// and all shared ones through the core.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { runCoinToss } from "../../../scripts/conformance/coin-toss.ts";
import { isCaseFolder, readMasters, runOrder } from "../../../src/cases/coin-toss.ts";
import { readCommandFile } from "../../../src/cases/command-file.ts";
import type { Outcome } from "../../../src/cases/outcome.ts";
import { sharedPath } from "../../../src/core/paths.ts";

const LIST = "TestNumber,Description,InitialState,AggressingOrder,ExpectedState,Stock,Trades\r\n";
const ORDERS = "Side,OrderID,Type,MES,Time,Size,Price,StopPrice,TimeInForce,ExpireTime\r\n";
const TRADES = "TradeId,Price,Quantity\r\n";

let root = "";
let count = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "alphapulse-coin-toss-"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Parts {
  rule?: string;
  init?: string;
  input?: string;
  output?: string;
  trades?: string;
}

/** A folder with one case in it; parts are rows, and a part left out is an empty file. */
function folderOf({
  rule = "Limit",
  init = "",
  input = "",
  output = "",
  trades = "",
}: Parts): string {
  const folder = join(root, String((count += 1)));
  mkdirSync(folder);
  const names = ["Init", "Input", "OUTPUT", "Stock", "Trades"].map((part) => `Test1_${part}.csv`);
  writeFileSync(join(folder, `${rule}OrderMaster.csv`), `${LIST}1,a, b,${names.join(",")}`);
  writeFileSync(join(folder, "Test1_Init.csv"), ORDERS + init);
  writeFileSync(join(folder, "Test1_Input.csv"), ORDERS + input);
  writeFileSync(join(folder, "Test1_output.csv"), ORDERS + output);
  writeFileSync(join(folder, "Test1_Stock.csv"), "StockCode,MRS,TickSize\r\n1,1,1");
  writeFileSync(join(folder, "Test1_Trades.csv"), TRADES + trades);
  return folder;
}

const outcome = (parts: Parts): Outcome | undefined => runCoinToss(folderOf(parts))[0];
const SELL = "O,1,2,,08:00,10,100";
const BUY = "B,2,2,,09:00,4,100";
const MET = { init: SELL, input: BUY, output: "O,1,2,,08:00,6,100", trades: "1,100,4" };

test("a case passes, and each wrong part of it fails", () => {
  expect(outcome(MET)).toMatchObject({
    state: "passed",
    id: expect.stringMatching(/\/1 a, b$/) as unknown,
  });
  const wrongTrades = outcome({ ...MET, trades: "1,100,3\r\n2,100,1" });
  expect(wrongTrades).toMatchObject({ state: "failed", actual: { trades: [[100, 4]] } });
  expect(outcome({ ...MET, trades: "1,101,4" })).toMatchObject({ state: "failed" });
  const marketRests = outcome({ input: "B,1,1,,08:00,5,", output: "B,1,1,,08:00,5," });
  expect(marketRests).toMatchObject({ state: "failed", actual: { open: [] } });
});

test("cancels and replaces are known by the name of the list", () => {
  const cancels = { rule: "Cancel", init: `${SELL}\r\n${BUY.replace("100", "90")}` };
  const left = { output: "O,1,2,,08:00,10,100" };
  expect(outcome({ ...cancels, input: "B,2,2,,,,90", ...left })).toMatchObject({ state: "passed" });
  const replaces = { rule: "Replace", init: `${SELL}\r\n${BUY}` };
  // Order 1 has 4 lots filled; a replace says what shall be open, and 9 is more than the 6 left.
  const grown = { ...replaces, input: "O,1,2,,08:00,9,105", output: "O,1,2,,08:00,9,105" };
  expect(outcome({ ...grown, trades: "1,100,4" })).toMatchObject({ state: "passed" });
});

test("what is no rule of ours is unsupported, with the rule", () => {
  const say = (reason: string): object => ({
    state: "unsupported",
    reason: expect.stringContaining(reason) as unknown,
  });
  expect(outcome({ input: "B,1,5,500,08:00,5,100" })).toMatchObject(say("hidden orders, behind"));
  expect(outcome({ input: "B,1,2,3,08:00,5,100" })).toMatchObject(say("minimum execution sizes"));
  const crossed = { rule: "Cancel", init: `${SELL}\r\n${BUY}`, input: "B,2,2,,,,100" };
  const asks = { output: "O,1,2,,08:00,10,100" };
  expect(outcome({ ...crossed, ...asks })).toMatchObject(say("our book is never crossed"));
});

test("files that contradict themselves are named, and not counted against the engine", () => {
  const say = (reason: string): object => ({ state: "unsupported", reason });
  const why = "its own files disagree: ";
  expect(outcome({ ...MET, output: "B,1,2,,08:00,6,100" })).toMatchObject(
    say(`${why}order 1 changes its side`),
  );
  expect(outcome({ ...MET, output: "O,1,2,,08:00,6,101" })).toMatchObject(
    say(`${why}order 1 changes its price unasked`),
  );
  expect(outcome({ ...MET, output: "O,7,2,,08:00,6,100" })).toMatchObject(
    say(`${why}order 7 stays open and was never entered`),
  );
  expect(outcome({ ...MET, output: "" })).toMatchObject(
    say(`${why}10 lots to be sold, 4 traded, 0 left`),
  );
});

test("rows are read with their types, and a bad one is named by file and line", () => {
  const folder = folderOf({ init: "BO,1,4,,10:00,5,100,,6,2015-12-01 10:00:00" });
  expect(isCaseFolder(folder)).toBe(true);
  const [one] = readMasters(folder);
  expect(one?.init).toEqual([
    {
      ...{ id: "1", side: "S", type: 4, mes: 0, qty: 5, px: 100, stop: 100, tif: 6 },
      expires: "2015-12-01 10:00:00",
    },
  ]);
  expect(runOrder(one!).commands).toMatchObject([
    { stop: 100, tif: "GTD", expires: 1_448_964_000 },
  ]);
  for (const row of ["B,1,9,,,5,100", "B,,2,,,5,100", "B,1,2,,,x,100", "B,1,2"]) {
    expect(() => readMasters(folderOf({ input: row })), row).toThrow(/Test1_Input\.csv:2: /);
  }
});

test("any file of a case is that case, and an id that comes again is another order", () => {
  const folder = folderOf({ init: SELL, input: "O,1,2,,09:00,5,101" });
  const [one] = readCommandFile(join(folder, "Test1_Trades.csv"));
  expect(one?.commands.map(({ id }) => id)).toEqual(["1", "1#2"]);
});

const SHARED = sharedPath("data", "matching-engine-cases");

describe.skipIf(!existsSync(SHARED))("shared cases of CoinTossX", () => {
  const outcomes = existsSync(SHARED) ? runCoinToss(SHARED) : [];

  test.each(outcomes.filter(({ state }) => state !== "unsupported").map((one) => [one.id, one]))(
    "%s",
    (_id, one) => {
      expect((one as { state: string }).state, JSON.stringify(one)).toBe("passed");
    },
  );

  test("all limit, market, cancel and replace cases of plain orders run", () => {
    const run = outcomes.filter(({ state }) => state === "passed");
    expect(run.length).toBeGreaterThanOrEqual(44);
    expect(outcomes.filter(({ reason }) => reason === "").length, "each has its reason").toBe(0);
  });
});

test.runIf(!existsSync(SHARED))("shared cases of CoinTossX are absent: nothing to check", () => {
  console.log(`${SHARED} is not there; the cases of CoinTossX were skipped`);
  expect(existsSync(SHARED)).toBe(false);
});
