// Which room may import which: the tables of style.md, "Imports beside the leaves".
//
// src names every permitted edge (style.md lists rings beside core for oms, so edges do not chain);
// asm names an order, where a room may import everything that lies further down. Rooms that are in
// no table are reported: a new room begins with a line in style.md.

import { posix } from "node:path";
import type { Report, Source } from "./source.ts";

const ALL = "*";

const SRC: Record<string, string[]> = {
  feeds: ["core", "normalize", "rings"],
  normalize: ["rings"],
  rings: [],
  core: ["rings"],
  /** Names and settings of indicators; data only. */
  indicators: [],
  oms: ["core", "rings", "journal"],
  venues: ["oms"],
  journal: ["rings"],
  store: ["journal"],
  research: ["core", "store", "feeds", "strategies"],
  compliance: ["journal", "store"],
  access: ["store"],
  /** Cases of others and command files through a core of their own. */
  cases: ["core", "indicators"],
  /** Files of candles through a core of their own. */
  compute: ["core", "indicators"],
  gateway: ["access", "rings"],
  platform: ["access", "store", "research", "compliance"],
  ops: [],
  /** What happened, in one file, and the walk through it; the browser's page runs it too. */
  incident: ["core", "journal", "oms"],
  dashboard: ["client", "incident"],
  client: [],
  /** TypeScript strategies see the core's types and nothing of its machinery. */
  strategies: ["type:core"],
  cli: [ALL],
};

const ASM: Record<string, string[]> = {
  // The order role. Its rooms share rows (an order names its account, position and strategy), so
  // they may look at each other; nothing below reaches the market role's rooms.
  strategies: ["orders"],
  orders: ["risk"],
  risk: ["accounts", "strategies"],
  accounts: ["positions", "reference"],
  positions: ["accounts", "books"],
  outcomes: ["positions"],
  models: ["features"],
  features: ["indicators", "structure", "books"],
  /** Closing lies here: it hands the closed candle on to structure. */
  indicators: ["structure"],
  structure: ["candles"],
  books: ["math"],
  candles: ["math"],
  /** Bytes of a venue to records in a ring. */
  parse: ["rings", "reference"],
  /** What both roles agree on: currencies and instruments. */
  reference: ["math"],
  /** The wasm half of the shared rings: records in, records out. */
  rings: ["math"],
  math: [],
};

/** What modules of asm's root (arena, clock, output) may stand on. */
const ASM_BASE = ["math", "rings"];

/** Modules of asm's root that wire, and the two that both compilers read. */
const ASM_WIRING = ["asm/index.ts", "asm/apply.ts", "asm/market.ts", "asm/trading.ts"];
const SHARED = ["asm/vocab.ts", "asm/layout.ts"];

const ENTRIES: RegExp[] = [
  /^asm\/(index|vocab|layout)\.ts$/,
  /^src\/(index\.ts|cli\/main\.ts|client\/index\.ts)$/,
  /^src\/dashboard\/(main|incident-main|incident-worker)\.tsx?$/,
  /^(workers|bench|scripts)\/[^/]+$/,
  /\.test\.tsx?$/,
  /\.d\.ts$/,
  /^[^/]+$/,
];

interface Edge {
  from: Source;
  line: number;
  target: string;
  isType: boolean;
}

/** Directions of all imports, and the modules nobody imports. */
export function checkImports(sources: Source[], report: Report): void {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const edges = sources.filter((source) => source.isCode).flatMap((one) => edgesOf(one, byPath));
  for (const edge of edges) checkEdge(edge, byPath, report);
  checkRooms(sources, report);
  const imported = new Set(edges.map((edge) => edge.target));
  for (const source of sources) {
    if (!source.isCode || imported.has(source.path) || source.top === ".github") continue;
    if (ENTRIES.some((entry) => entry.test(source.path))) continue;
    report(source, 1, "dead-file", "nobody imports this module and it is no entry");
  }
}

function edgesOf(from: Source, byPath: Map<string, Source>): Edge[] {
  const edges: Edge[] = [];
  const pattern =
    /(?:\bfrom|\bimport|\bimport\(|new URL\(|vi\.mock\()\s*["'](\.{1,2}\/[^"']+)["']/g;
  for (const found of from.text.matchAll(pattern)) {
    const target = resolveImport(from.path, found[1] ?? "", byPath);
    if (target === undefined) continue;
    const head = from.text.slice(0, found.index);
    const statement = head.slice(Math.max(head.lastIndexOf(";"), head.lastIndexOf('";')) + 1);
    const isType = /(?:^|\n)\s*(?:import|export)\s+type\b[^;]*$/.test(statement);
    edges.push({ from, line: head.split("\n").length, target, isType });
  }
  return edges;
}

function resolveImport(
  from: string,
  specifier: string,
  byPath: Map<string, Source>,
): string | undefined {
  const base = posix.join(posix.dirname(from), specifier);
  // asm imports carry no extension, src imports do; a built sibling is named .js.
  const candidates = [base, `${base}.ts`, `${base}/index.ts`, base.replace(/\.js$/, ".ts")];
  return candidates.find((candidate) => byPath.has(candidate));
}

function checkEdge(edge: Edge, byPath: Map<string, Source>, report: Report): void {
  const target = byPath.get(edge.target);
  if (target === undefined) return;
  if (edge.from.top === "asm") checkAsmEdge(edge, target, report);
  else if (edge.from.top === "src") checkSrcEdge(edge, target, report);
  else if (edge.from.top === "workers" && !["src", "workers", "asm"].includes(target.top)) {
    refuse(edge, report, "workers wire src and nothing else");
  }
}

function checkSrcEdge(edge: Edge, target: Source, report: Report): void {
  const { from } = edge;
  if (target.top === "asm") {
    if (!SHARED.includes(target.path)) refuse(edge, report, "only vocab and layout are shared");
    return;
  }
  if (target.top !== "src") return refuse(edge, report, "src imports only src and asm's words");
  if (from.path === "src/index.ts" || from.room === target.room) return;
  if (target.path === "src/index.ts") return refuse(edge, report, "index wires; name the room");
  if (target.room === "") return;
  if (from.room === "") return refuse(edge, report, "leaves import only leaves");
  const allowed = SRC[from.room] ?? [];
  if (allowed.includes(ALL) || allowed.includes(target.room)) return;
  if (allowed.includes(`type:${target.room}`)) {
    if (!edge.isType) refuse(edge, report, `${from.room} imports types of ${target.room} only`);
    return;
  }
  const may = allowed.length === 0 ? "leaves only" : `leaves and ${allowed.join(", ")}`;
  refuse(edge, report, `src/${from.room} may import ${may}`);
}

function checkAsmEdge(edge: Edge, target: Source, report: Report): void {
  const { from } = edge;
  if (from.path === "asm/vocab.ts") return refuse(edge, report, "vocab imports nothing");
  if (target.top !== "asm") return refuse(edge, report, "asm imports only asm");
  if (ASM_WIRING.includes(from.path)) return;
  if (ASM_WIRING.includes(target.path))
    return refuse(edge, report, "only index and apply wire the roles");
  if (from.path === "asm/layout.ts" && target.path !== "asm/vocab.ts") {
    return refuse(edge, report, "layout imports vocab only");
  }
  // Other modules of the root serve all rooms, so they stand on the lowest ones only.
  if (target.room === "" || from.room === target.room) return;
  if (from.room === "") {
    if (ASM_BASE.includes(target.room)) return;
    return refuse(edge, report, `asm's root may import ${ASM_BASE.join(" and ")}`);
  }
  if (target.room === "math" || below(from.room).has(target.room)) return;
  refuse(edge, report, `asm/${from.room} may import ${[...below(from.room)].join(", ") || "math"}`);
}

function below(room: string): Set<string> {
  const found = new Set<string>();
  const open = [...(ASM[room] ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(ASM[next] ?? []));
  }
  return found;
}

function checkRooms(sources: Source[], report: Report): void {
  const seen = new Set<string>();
  for (const source of sources) {
    const place = `${source.top}/${source.room}`;
    if (source.room === "" || seen.has(place)) continue;
    seen.add(place);
    const table = source.top === "asm" ? ASM : SRC;
    if (Object.hasOwn(table, source.room)) continue;
    report(source, 1, "room", `${place} is in no table of scripts/tidy/imports.ts; see style.md`);
  }
}

function refuse(edge: Edge, report: Report, why: string): void {
  report(edge.from, edge.line, "import", `${edge.target}: ${why}`);
}
