// One word per thing: spelling everywhere, trade words in identifiers, names of files.
//
// Only words with few innocent uses are checked. src/feeds, src/venues and src/normalize are exempt
// from the identifier words, because the names of a venue's wire format stay as the venue spells
// them; tests are exempt because they quote those names.

import type { Report, Source } from "./source.ts";

/** This program and its test name the words they forbid. */
const SELF = /^(scripts\/tidy|test\/scripts\/tidy)/;

/** British form to American form; matched as the beginning of a word, in any case. */
const SPELLING: [RegExp, string][] = [
  [/\bcancell(ed|ing|able)/i, "canceled, canceling"],
  [/\bbehaviour/i, "behavior"],
  [/\bcolour/i, "color"],
  [/\bfavour/i, "favor"],
  [/\bhonour/i, "honor"],
  [/\bneighbour/i, "neighbor"],
  [/\blicence/i, "license"],
  [/\bcentre/i, "center"],
  [/\blabell(ed|ing)/i, "labeled, labeling"],
  [/\bmodell(ed|ing)/i, "modeled, modeling"],
  [/\bsignall(ed|ing)/i, "signaled, signaling"],
  [/\b(normal|initial|serial|optim|synchron|recogn)is(e|ed|es|er|ing|ation)\b/i, "-ize"],
  [/\b(organ|minim|maxim|real|util|author)is(e|ed|es|er|ing|ation)\b/i, "-ize"],
  [/\banalys(e|ed|ing)\b/i, "analyze"],
];

/** Words of identifiers that are called something else here, and where they are looked for. */
const WORDS: { words: string[]; say: string; where: RegExp }[] = [
  { words: ["kline", "klines"], say: "candle", where: /^(asm|src|workers)\// },
  { words: ["exchange", "exchanges"], say: "venue", where: /^(asm|src|workers)\// },
  { words: ["pip", "pips"], say: "tick", where: /^(asm|src|workers)\// },
  { words: ["bar", "bars"], say: "candle", where: /^(asm|src\/(?!dashboard|cli)|workers)/ },
  { words: ["deal", "deals"], say: "fill", where: /^(asm|src|workers)\// },
  { words: ["holding", "holdings"], say: "position", where: /^(asm|src|workers)\// },
  { words: ["profit"], say: "PnL, or target of a bracket", where: /^(asm|src|workers)\// },
  { words: ["drawup"], say: "excursion (MAE, MFE)", where: /^(asm|src|workers)\// },
  { words: ["wal"], say: "journal", where: /^(asm|src|workers)\// },
  { words: ["sl"], say: "stop", where: /^(asm|src)\// },
  { words: ["tp"], say: "target", where: /^(asm|src)\// },
  // vocab.ts holds the offsets of text that only edges read; parse and reference meet that text.
  { words: ["symbol", "symbols"], say: "instrument", where: /^asm\/(?!vocab|parse\/|reference\/)/ },
  { words: ["executed"], say: "filled", where: /^(asm|src\/(core|oms))\// },
  { words: ["remaining"], say: "leaves", where: /^(asm\/(orders|books|positions)|src\/oms)\// },
  { words: ["depth"], say: "levels", where: /^asm\/books\// },
];

const SIZE_NAME = /\b(order|bid|ask|trade|quote|fill|position|level)Sizes?\b/;
const WIRE_ROOMS = /^src\/(feeds|venues|normalize)\//;
const GENERIC = ["manager", "helper", "helpers", "misc", "util", "utils", "new", "v2"];
const GENERIC_TOO = ["simple", "final"];
const MACHINE_PATH = /\/home\/\w+\/|\/Users\/\w+\/|\/work\/(main|shared)\b|[A-Z]:\\\\?Users\\/;
const TEXT = /\.(ts|tsx|mjs|js|md|css|html|yml)$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

const BY_WORD = new Map(WORDS.flatMap((rule) => rule.words.map((word) => [word, rule] as const)));

/** Spelling, trade words and unfinished marks of one file, and its name. */
export function checkWords(source: Source, report: Report): void {
  checkName(source, report);
  if (SELF.test(source.path) || !TEXT.test(source.path)) return;
  source.lines.forEach((line, index) => {
    checkLine(source, line, index + 1, report);
  });
  if (!source.isCode || WIRE_ROOMS.test(source.path) || source.top === "test") return;
  source.code.forEach((line, index) => checkIdentifiers(source, line, index + 1, report));
}

function checkLine(source: Source, line: string, at: number, report: Report): void {
  for (const [pattern, say] of SPELLING) {
    const found = pattern.exec(line);
    if (found) report(source, at, "spelling", `"${found[0]}": American spelling, ${say}`);
  }
  const mark = /\b(TODO|FIXME|HACK|XXX)\b/.exec(line);
  if (mark) report(source, at, "unfinished", `${mark[0]}: finish it or open an issue`);
  // A machine's own paths; `/home/` alone is a route a page may have.
  const path = MACHINE_PATH.exec(line);
  if (path) report(source, at, "machine-path", `"${path[0]}": say it relative to the repository`);
}

function checkIdentifiers(source: Source, line: string, at: number, report: Report): void {
  const size = SIZE_NAME.exec(line);
  if (size && /^(asm|src)\//.test(source.path)) {
    report(source, at, "word", `"${size[0]}": a quantity is called qtyLots`);
  }
  for (const [identifier] of line.matchAll(/[A-Za-z_$][\w$]*/g)) {
    for (const word of splitWords(identifier)) {
      const rule = BY_WORD.get(word);
      if (rule === undefined || !rule.where.test(source.path)) continue;
      report(source, at, "word", `"${identifier}": say ${rule.say}, not ${word}`);
    }
  }
}

/** Lower-case words of an identifier: `maxBarSizeHTTP` gives max, bar, size, http. */
export function splitWords(identifier: string): string[] {
  return identifier
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_$]+/)
    .filter((word) => word.length > 0)
    .map((word) => word.toLowerCase());
}

function checkName(source: Source, report: Report): void {
  if (!source.isCode || source.top === "" || source.top.startsWith(".")) return;
  for (const part of source.path.split("/")) {
    if (!KEBAB.test(part)) report(source, 1, "file-name", `"${part}" is not kebab-case`);
    const generic = part
      .split(/[.-]/)
      .find((word) => GENERIC.includes(word) || GENERIC_TOO.includes(word));
    if (generic !== undefined) {
      report(source, 1, "file-name", `"${part}": "${generic}" says nothing; name what it owns`);
    }
  }
}
