// What the rules read: a file, its lines, and its code with comments and strings blanked out.
//
// A full parse of every file would cost more than the second this program has; a scanner that keeps
// every character's place is enough, because prettier fixes the layout the rules rely on.

/** One breach, printed as `path:line rule: message`. */
export interface Problem {
  path: string;
  line: number;
  rule: string;
  message: string;
}

/** What a caller hands in; paths are relative to the repository, with forward slashes. */
export interface FileText {
  path: string;
  text: string;
}

/** A file ready for the rules. `code` is `lines` with comments and string contents as spaces. */
export interface Source {
  path: string;
  text: string;
  lines: string[];
  code: string[];
  /** TypeScript, JavaScript or AssemblyScript. */
  isCode: boolean;
  /** First folder: asm, src, workers, bench, test, scripts, or "" for the root. */
  top: string;
  /** Second folder of asm and src, "" for their own files and elsewhere. */
  room: string;
}

export type Report = (source: Source, line: number, rule: string, message: string) => void;

/** Prepares one file. Only code files are scanned. */
export function readSource({ path, text }: FileText): Source {
  const isCode = /\.(ts|tsx|mjs|js)$/.test(path);
  const lines = text.split(/\r?\n/);
  const parts = path.split("/");
  const top = parts.length > 1 ? (parts[0] ?? "") : "";
  const room = (top === "asm" || top === "src") && parts.length > 2 ? (parts[1] ?? "") : "";
  return {
    path,
    text,
    lines,
    code: isCode ? blank(text).split(/\r?\n/) : lines,
    isCode,
    top,
    room,
  };
}

/**
 * Replaces comments, and what is between quotes, by spaces; newlines stay. Code inside a template's
 * `${}` is kept. A slash opens a regular expression where no value can stand before it.
 */
export function blank(text: string): string {
  const out: string[] = [];
  // One entry per open template: braces open inside its current `${}`.
  const templates: number[] = [];
  let at = 0;
  let before = "";
  const copy = (): void => {
    const char = text[at] ?? "";
    out.push(char);
    if (!/\s/.test(char)) before = char;
    at += 1;
  };
  const hide = (end: number): void => {
    out.push(text.slice(at, end).replace(/[^\n\r]/g, " "));
    at = end;
  };
  while (at < text.length) {
    const char = text[at] ?? "";
    const pair = text.slice(at, at + 2);
    const open = templates.length - 1;
    if (pair === "//") hide(endOr(text, text.indexOf("\n", at)));
    else if (pair === "/*") hide(endOr(text, text.indexOf("*/", at + 2), 2));
    else if (char === '"' || char === "'") {
      copy();
      hide(quoteEnd(text, at, char));
      if (at < text.length) copy();
    } else if (char === "`" || (char === "}" && templates[open] === 0)) {
      if (char === "}") templates.pop();
      copy();
      hide(templateEnd(text, at));
      if (text[at] === "$") {
        templates.push(0);
        copy();
      }
      if (at < text.length) copy();
    } else if (char === "/" && !/[\w$)\]}]/.test(before)) {
      copy();
      hide(regexEnd(text, at));
      if (at < text.length) copy();
    } else {
      if (open >= 0 && char === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && char === "}") templates[open] = (templates[open] ?? 0) - 1;
      copy();
    }
  }
  return out.join("");
}

function endOr(text: string, index: number, extra = 0): number {
  return index < 0 ? text.length : index + extra;
}

function quoteEnd(text: string, from: number, quote: string): number {
  let at = from;
  while (at < text.length && text[at] !== quote && text[at] !== "\n") {
    at += text[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, text.length);
}

/** Index of the closing backtick, or of the `$` of the next `${`. */
function templateEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "`" && !(text[at] === "$" && text[at + 1] === "{")) {
    at += text[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, text.length);
}

function regexEnd(text: string, from: number): number {
  let at = from;
  let isClass = false;
  while (at < text.length && text[at] !== "\n" && (isClass || text[at] !== "/")) {
    if (text[at] === "[") isClass = true;
    if (text[at] === "]") isClass = false;
    at += text[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, text.length);
}
