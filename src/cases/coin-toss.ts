// The cases of CoinTossX: a master file lists tests of five CSV files each.
//
// Rows are read as that project's own loader reads them: every side but "B" is an offer, a stop
// price that is missing is the price, a repeated id is another order. What the input file means
// (orders, cancels, replaces, an auction) is said by the name of the master file. Prices are taken
// as ticks. File names differ in case between the list and the disk.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { AlphaError } from "../errors.ts";
import type { CommandCase } from "./command-file.ts";
import type { Command } from "./matching.ts";

/** What the input file of a case does. */
export type InputRule = "orders" | "cancels" | "replaces" | "auction";

/** A row of an order file. */
export interface OrderRow {
  id: string;
  side: "B" | "S";
  /** 1 market, 2 limit, 3 stop, 4 stop limit, 5 hidden limit. */
  type: number;
  /** Smallest quantity a hidden order trades; 0 = none. */
  mes: number;
  qty: number;
  px: number;
  stop: number;
  tif: number;
  expires: string;
}

/** A case as its files say it. */
export interface CoinTossCase {
  id: string;
  title: string;
  rule: InputRule;
  init: OrderRow[];
  input: OrderRow[];
  expected: OrderRow[];
  trades: { px: number; qty: number }[];
  /** Files that the master names and that are not there. */
  missing: string[];
}

const MASTER = /master\.csv$/i;
const CASE = /^test(\d+)_(init|input|output|stock|trades)\.csv$/i;
/** FIX numbers; day and good-till-canceled are the same inside one session. */
const TIFS: Record<number, string> = { 2: "OPEN", 3: "IOC", 4: "FOK", 6: "GTD", 7: "CLOSE" };
const TIF_GOOD_TILL_TIME = 8;

export function isMasterFile(path: string): boolean {
  return MASTER.test(basename(path));
}

/** True for one of a case's five files. */
export function isCaseFile(path: string): boolean {
  return CASE.test(basename(path));
}

/** True for a folder with master files in it or below. */
export function isCaseFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory() && mastersOf(path).length > 0;
}

/** All cases of a master file, or of the master files in a folder and below. */
export function readMasters(path: string): CoinTossCase[] {
  const masters = statSync(path).isDirectory() ? mastersOf(path) : [path];
  if (masters.length > 0) return masters.flatMap((master) => readMaster(master));
  const what = `${path} has no file that ends in Master.csv`;
  throw new AlphaError("MATCH_MISSING", what, "name a file of commands or a folder of cases");
}

/** The case that one of its files belongs to. */
export function caseOfFile(path: string): CoinTossCase {
  const folder = dirname(path);
  const number = CASE.exec(basename(path))?.[1] ?? "";
  const master = readdirSync(folder).find((name) => MASTER.test(name));
  if (master !== undefined) {
    const all = readMaster(join(folder, master));
    const one = all.find(({ id }) => id.endsWith(`/${number}`));
    if (one !== undefined) return one;
  }
  const parts = ["Init", "Input", "Output", "Trades"];
  const found = parts.map((part) => onDisk(folder, `Test${number}_${part}.csv`));
  const names = found.map((one) => (one === undefined ? "" : basename(one)));
  return readCase(folder, `${basename(folder)}/${number}`, "", ruleOf(folder), names);
}

function mastersOf(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return names.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return mastersOf(path);
    return MASTER.test(entry.name) ? [path] : [];
  });
}

function ruleOf(name: string): InputRule {
  const word = basename(name).toLowerCase();
  if (word.includes("cancel")) return "cancels";
  if (word.includes("replace")) return "replaces";
  return word.includes("auction") ? "auction" : "orders";
}

function readMaster(path: string): CoinTossCase[] {
  const folder = dirname(path);
  return rowsOf(path, 3).map(({ cells, line }) => {
    const [number = "", ...rest] = cells;
    // The description is free text and may hold commas; the five names behind it may not.
    const [init = "", input = "", output = "", , trades = ""] = rest.slice(-5);
    const title = rest.slice(0, -5).join(", ");
    if (rest.length < 6) throw fault(path, line, `needs 7 cells and has ${cells.length}`);
    const id = `${basename(folder)}/${number}`;
    return readCase(folder, id, title, ruleOf(path), [init, input, output, trades]);
  });
}

function readCase(
  folder: string,
  id: string,
  title: string,
  rule: InputRule,
  names: readonly string[],
): CoinTossCase {
  const [init, input, expected, trades] = names.map((name) => onDisk(folder, name));
  return {
    ...{ id, title, rule },
    init: orders(init),
    input: orders(input),
    expected: orders(expected),
    trades: trades === undefined ? [] : rowsOf(trades, 3).map((row) => tradeOf(trades, row)),
    missing: names.filter((name) => name !== "" && onDisk(folder, name) === undefined),
  };
}

function onDisk(folder: string, name: string): string | undefined {
  const found = readdirSync(folder).find((one) => one.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : join(folder, found);
}

interface Row {
  cells: string[];
  line: number;
}

/** Rows behind the head line; blank lines are none. */
function rowsOf(path: string, cellsMin: number): Row[] {
  const lines = readFileSync(path, "utf8").split(/\r\n|\r|\n/);
  const rows: Row[] = [];
  for (const [at, text] of lines.entries()) {
    if (at === 0 || text.trim() === "") continue;
    const cells = text.split(",").map((cell) => cell.trim());
    if (cells.length < cellsMin) {
      throw fault(path, at + 1, `needs at least ${cellsMin} cells and has ${cells.length}`);
    }
    rows.push({ cells, line: at + 1 });
  }
  return rows;
}

function orders(path: string | undefined): OrderRow[] {
  return path === undefined ? [] : rowsOf(path, 7).map((row) => orderOf(path, row));
}

function orderOf(path: string, { cells, line }: Row): OrderRow {
  const [side, id = "", type, mes, , qty, price, stop, tif, expires = ""] = cells;
  const whole = (text: string | undefined, name: string): number => {
    if (text === undefined || text === "") return 0;
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    throw fault(path, line, `${name} is "${text}", not a whole number`);
  };
  const px = whole(price, "Price");
  const row: OrderRow = {
    id,
    side: side === "B" ? "B" : "S",
    type: whole(type, "Type"),
    mes: whole(mes, "MES"),
    qty: whole(qty, "Size"),
    px,
    stop: stop === undefined || stop === "" ? px : whole(stop, "StopPrice"),
    tif: whole(tif, "TimeInForce"),
    expires: expires === "0" ? "" : expires,
  };
  if (id === "") throw fault(path, line, "OrderID is missing");
  if (row.type < 1 || row.type > 5) throw fault(path, line, `Type is "${type ?? ""}", not 1 to 5`);
  if (row.expires === "" || !Number.isNaN(secondsOf(row.expires))) return row;
  throw fault(path, line, `ExpireTime is "${row.expires}", not YYYY-MM-DD HH:MM:SS`);
}

function tradeOf(path: string, { cells, line }: Row): { px: number; qty: number } {
  const [px, qty] = [Number(cells[1]), Number(cells[2])];
  if (Number.isSafeInteger(px) && Number.isSafeInteger(qty)) return { px, qty };
  throw fault(path, line, "Price and Quantity must be whole numbers");
}

function fault(path: string, line: number, what: string): AlphaError {
  const remedy = "correct the case; its columns are in the README of the data set";
  return new AlphaError("MATCH_MALFORMED", `${path}:${line}: ${what}`, remedy);
}

// ------------------------------------------------------------------------------- commands

/** The command a new order is. */
export function orderCommand(row: OrderRow, id: string): Command {
  const { side, qty, type } = row;
  const isMarket = type === 1 || type === 3;
  const tif = row.tif === TIF_GOOD_TILL_TIME ? "GTD" : TIFS[row.tif];
  return {
    ...{ op: "new", id, acct: "T1", side, type: isMarket ? "market" : "limit", qty },
    ...(isMarket ? {} : { px: row.px }),
    ...(type === 3 || type === 4 ? { stop: row.stop } : {}),
    ...(type === 5 ? { hidden: true } : {}),
    ...(row.mes > 0 ? { mes: row.mes } : {}),
    ...(tif === undefined ? {} : { tif }),
    ...(row.expires === "" ? {} : { expires: secondsOf(row.expires) }),
  };
}

/** The amend a replace is: `qty` of the row is what shall be open, so what is filled is added. */
export function replaceCommand(row: OrderRow, was: OrderRow | undefined, filled: number): Command {
  const isStop = row.type === 3 || row.type === 4;
  const isExpiryChanged = was !== undefined && row.expires !== was.expires;
  return {
    ...{ op: "amend", id: row.id, acct: "T1", qty: row.qty + filled },
    ...(row.type === 1 || row.type === 3 ? {} : { px: row.px }),
    ...(isStop ? { stop: row.stop } : {}),
    ...(row.mes > 0 ? { mes: row.mes } : {}),
    ...(isExpiryChanged && row.expires !== "" ? { expires: secondsOf(row.expires) } : {}),
  };
}

/** A name for every order; an id that comes again is another order. */
export function namesOf(rows: readonly OrderRow[]): string[] {
  const seen = new Map<string, number>();
  return rows.map(({ id }) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : `${id}#${count}`;
  });
}

function secondsOf(text: string): number {
  return Date.parse(`${text.replace(" ", "T")}Z`) / 1000;
}

/** The commands of a case in a row, for the command line: what is filled is not looked at. */
export function runOrder(one: CoinTossCase): CommandCase {
  const { id, title, rule, init, input } = one;
  const entered = rule === "orders" ? [...init, ...input] : init;
  const names = namesOf(entered);
  const commands = entered.map((row, at) => orderCommand(row, names[at] ?? row.id));
  if (rule === "auction") {
    commands.unshift({ op: "auction", phase: "call" } as unknown as Command);
    commands.push({ op: "auction", phase: "uncross" } as unknown as Command);
  }
  for (const row of rule === "cancels" || rule === "replaces" ? input : []) {
    const was = init.find((before) => before.id === row.id);
    if (rule === "replaces") commands.push(replaceCommand(row, was, 0));
    else commands.push({ op: "cancel", id: row.id, acct: "T1" });
  }
  return { id, title, commands, ...(one.missing.length === 0 ? {} : { missing: one.missing }) };
}
