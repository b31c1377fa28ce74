// A file of order commands: JSON cases, plain CSV, or a case of CoinTossX.
//
// The whole file is read and checked before anything runs, so that a mistake changes nothing. What
// is wrong is said with file and line; what the core may refuse (a price of 0, a type it does not
// know) is no mistake of the file and goes to the core.
import { existsSync, readFileSync, statSync } from "node:fs";

import { AlphaError } from "../errors.ts";
import { caseOfFile, isCaseFile, isMasterFile, readMasters, runOrder } from "./coin-toss.ts";
import { CASE_SETTINGS, type CaseConfig, type Command } from "./matching.ts";

/** One run of commands through an empty book. */
export interface CommandCase {
  id: string;
  title: string;
  commands: Command[];
  /** Files that the case names and that are not there: it ran without them. */
  missing?: string[];
  /** Settings of the case that no command can make, such as a last price: it ran without them. */
  unapplied?: Record<string, unknown>;
  /** Settings of a case that are applied before its first command. */
  config?: CaseConfig;
}

/** How to write each column of a CSV file, which are also the keys of a JSON command. */
export const COLUMNS = {
  op: "new, cancel, amend, replace, mass, time, pos or auction",
  id: "text, the order's name",
  newId: "text, the name of the order that takes its place (replace)",
  acct: "text, the account's name (default A)",
  side: "B or S",
  type: "limit or market",
  qty: "whole number of lots; in an amend the total with what is filled",
  px: "whole number of ticks",
  tif: "GTC, IOC, FOK, GTD, DAY, OPEN or CLOSE",
  postOnly: "true or false",
  display: "whole number of lots",
  stop: "whole number of ticks",
  trail: "whole number of ticks",
  expires: "whole number of seconds",
  reduceOnly: "true or false",
  stp: "CN, CO, CB or DC",
  oco: "text, name of the pair",
  ouo: "text, name of the pair",
  parent: "text, name of the parent order",
  t: "whole number of seconds",
  phase: "call, indicative or uncross",
  ref: "whole number of ticks",
} as const;

type Column = keyof typeof COLUMNS;

const OPS = ["new", "cancel", "amend", "replace", "mass", "time", "pos", "auction"];
const CHOICES: Partial<Record<Column, readonly string[]>> = {
  op: OPS,
  side: ["B", "S"],
  type: ["limit", "market"],
  tif: ["GTC", "IOC", "FOK", "GTD", "DAY", "OPEN", "CLOSE"],
  stp: ["CN", "CO", "CB", "DC"],
  phase: ["call", "indicative", "uncross"],
};
const NEEDED: Record<string, readonly Column[]> = {
  new: ["id", "side", "type", "qty"],
  cancel: ["id"],
  amend: ["id"],
  replace: ["id", "newId"],
  mass: ["acct"],
  time: ["t"],
  pos: ["acct", "qty"],
  auction: ["phase"],
};
const REMEDY = "correct it; see alphapulse match --help for the formats";

/** Reads and checks a file, or one case of it; throws MATCH_MISSING or MATCH_MALFORMED. */
export function readCommandFile(path: string, only?: string): CommandCase[] {
  if (!existsSync(path)) {
    throw new AlphaError("MATCH_MISSING", `${path} does not exist`, "name a file of commands");
  }
  const cases = readCases(path);
  if (only === undefined) return cases;
  const found = cases.filter(({ id }) => id === only);
  if (found.length > 0) return found;
  const ids = cases.map(({ id }) => id);
  const shown = `${ids.slice(0, 20).join(", ")}${ids.length > 20 ? ", ..." : ""}`;
  throw new AlphaError("MATCH_CASE", `${path} has no case "${only}"`, `it has ${shown}`);
}

function readCases(path: string): CommandCase[] {
  if (statSync(path).isDirectory() || isMasterFile(path)) return readMasters(path).map(runOrder);
  if (isCaseFile(path)) return [runOrder(caseOfFile(path))];
  const text = readFileSync(path, "utf8");
  return /^\s*[[{]/.test(text) ? readJson(path, text) : [readCsv(path, text)];
}

/** The fault of a line; `line` counts from 1. */
export function malformed(path: string, line: number, what: string): AlphaError {
  return new AlphaError("MATCH_MALFORMED", `${path}:${line}: ${what}`, REMEDY);
}

// ----------------------------------------------------------------------------------- JSON

function readJson(path: string, text: string): CommandCase[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const said = (cause as Error).message.split("\n")[0] ?? "";
    throw malformed(path, faultLine(text, said), `no JSON: ${said}`);
  }
  const whole = value as { expected?: unknown; steps?: unknown } | unknown[];
  const list = Array.isArray(whole) ? whole : "steps" in whole ? [whole] : whole.expected;
  if (!Array.isArray(list)) {
    throw malformed(path, 1, 'needs "expected": a list of cases, or one case with "steps"');
  }
  let from = 0;
  return list.map((one: unknown, at) => {
    const { id, title = "", steps, config } = (one ?? {}) as Record<string, unknown>;
    if (typeof id !== "string" || !Array.isArray(steps)) {
      throw malformed(path, lineAt(text, from), `case ${at + 1} needs "id" and a list "steps"`);
    }
    from = Math.max(from, placeOf(text, id, from));
    const line = lineAt(text, from);
    const commands = steps.map((step: unknown, index) => {
      const cmd = (step as { cmd?: unknown } | null)?.cmd;
      return checked(path, line, `case ${id}, step ${index + 1}: `, cmd);
    });
    const settings = Object.entries((config ?? {}) as Record<string, unknown>);
    const isKnown = ([key]: [string, unknown]): boolean => CASE_SETTINGS.includes(key);
    const known = Object.fromEntries(settings.filter(isKnown)) as CaseConfig;
    const unapplied = Object.fromEntries(settings.filter((one) => !isKnown(one)));
    const isPlain = Object.keys(unapplied).length === 0;
    const head = { id, title: String(title), commands, config: known };
    return { ...head, ...(isPlain ? {} : { unapplied }) };
  });
}

/** Where a case's id stands; -1 when it is written with escapes. */
function placeOf(text: string, id: string, from: number): number {
  const literal = JSON.stringify(id).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const place = new RegExp(`"id"\\s*:\\s*${literal}`, "g");
  place.lastIndex = from;
  return place.exec(text)?.index ?? -1;
}

/** Where the parser stopped: it says a position or a line, depending on its version. */
function faultLine(text: string, said: string): number {
  const line = /line (\d+)/.exec(said);
  if (line !== null) return Number(line[1]);
  const position = /position (\d+)/.exec(said);
  return lineAt(text, position === null ? text.length : Number(position[1]));
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** A command with every value of the type its column has. */
function checked(path: string, line: number, place: string, value: unknown): Command {
  const fail = (what: string): AlphaError => malformed(path, line, place + what);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fail('needs an object "cmd"');
  }
  const cmd = value as Record<string, unknown>;
  for (const [name, given] of Object.entries(cmd)) {
    if (!Object.hasOwn(COLUMNS, name)) throw fail(`unknown key "${name}"; known: ${KNOWN}`);
    if (isFit(name as Column, given)) continue;
    throw fail(`${name} is ${JSON.stringify(given)}, not ${COLUMNS[name as Column]}`);
  }
  const op = String(cmd["op"]);
  if (cmd["op"] === undefined) throw fail(`op is missing: ${COLUMNS.op}`);
  const needed = [...(NEEDED[op] ?? [])];
  if (op === "new" && cmd["type"] === "limit") needed.push("px");
  for (const name of needed) {
    if (cmd[name] === undefined) throw fail(`${op} needs ${name}: ${COLUMNS[name]}`);
  }
  return { acct: "A", ...cmd } as Command;
}

const KNOWN = Object.keys(COLUMNS).join(", ");

function isFit(name: Column, value: unknown): boolean {
  const choices = CHOICES[name];
  if (choices !== undefined) return choices.includes(value as string);
  if (COLUMNS[name].startsWith("whole")) return Number.isSafeInteger(value);
  if (COLUMNS[name].startsWith("true")) return typeof value === "boolean";
  return typeof value === "string" && value !== "";
}

// ----------------------------------------------------------------------------------- CSV

function readCsv(path: string, text: string): CommandCase {
  const commands: Command[] = [];
  let columns: Column[] | undefined;
  for (const [at, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const row = raw.trim();
    if (row === "" || row.startsWith("#")) continue;
    const cells = row.split(",").map((cell) => cell.trim());
    if (columns === undefined) columns = headOf(path, at + 1, cells);
    else commands.push(commandOf(path, at + 1, columns, cells));
  }
  if (columns === undefined) throw malformed(path, 1, "an empty file has no commands");
  return { id: "file", title: "", commands };
}

function headOf(path: string, line: number, cells: string[]): Column[] {
  const unknown = cells.find((cell) => !Object.hasOwn(COLUMNS, cell));
  if (unknown !== undefined) {
    throw malformed(path, line, `no column is called "${unknown}"; columns: ${KNOWN}`);
  }
  if (!cells.includes("op")) throw malformed(path, line, 'the first line needs a column "op"');
  const twice = cells.find((cell, at) => cells.indexOf(cell) !== at);
  if (twice !== undefined) throw malformed(path, line, `column "${twice}" is there twice`);
  return cells as Column[];
}

function commandOf(path: string, line: number, columns: Column[], cells: string[]): Command {
  if (cells.length !== columns.length) {
    const what = `${cells.length} cells, but the first line names ${columns.length} columns`;
    throw malformed(path, line, what);
  }
  const cmd: Record<string, unknown> = {};
  for (const [at, name] of columns.entries()) {
    const cell = cells[at] ?? "";
    if (cell !== "") cmd[name] = valueOf(name, cell);
  }
  return checked(path, line, "", cmd);
}

/** A cell as its column's type; what does not fit stays text and is refused by the check. */
function valueOf(name: Column, cell: string): unknown {
  if (COLUMNS[name].startsWith("whole")) return /^[+-]?\d+$/.test(cell) ? Number(cell) : cell;
  if (!COLUMNS[name].startsWith("true")) return cell;
  return cell === "true" || (cell === "false" ? false : cell);
}
