// Calls that would make the engine something else than a function of state and event.
//
// In asm nothing may read the world, allocate, or live outside the memory; in the rooms that run
// the engine on the host only src/clock.ts reads a clock, and only a seeded generator draws.

import type { Report, Source } from "./source.ts";

interface Ban {
  pattern: RegExp;
  message: string;
}

const ASM: Ban[] = [
  { pattern: /\bDate\b/, message: "time arrives in the record: use its tsEngineNanos" },
  { pattern: /\bperformance\b/, message: "time arrives in the record: use its tsEngineNanos" },
  { pattern: /\bMath\.random\b/, message: "use the seeded generator of asm/math" },
  { pattern: /\bnew\s+[A-Z]/, message: "no allocator: take a slot of a region of layout.ts" },
  { pattern: /\bmemory\.grow\b/, message: "memory has its full size from the start" },
  { pattern: /\batomic\.wait\b/, message: "park on the host: src/rings waits in JavaScript" },
  { pattern: /\bheap\.\w+|\b__(new|alloc|renew)\b/, message: "no allocator: use a region" },
  { pattern: /\bconsole\b|\btrace\(/, message: "write a record to the output ring" },
  { pattern: /\brelaxed_/, message: "relaxed SIMD is not deterministic; use the exact one" },
  { pattern: /\bthrow\b/, message: "a defect is an assert, a refusal a value of enum Refusal" },
  { pattern: /:\s*(string|String)\b/, message: "no strings in asm: use a code of vocab.ts" },
  {
    pattern: /^(export\s+)?(let|var)\b/,
    message: "a mutable global is lost by a snapshot: put it into a region of layout.ts",
  },
];

const CLOCKLESS = /^src\/(core|oms|strategies)\//;

const HOST: Ban[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)/, message: "take the time from src/clock.ts" },
  { pattern: /\bperformance\.now\b/, message: "take the time from src/clock.ts" },
  { pattern: /\bprocess\.hrtime\b/, message: "take the time from src/clock.ts" },
  { pattern: /\bMath\.random\b/, message: "draw from a seeded generator given as an argument" },
];

/** Bans of one code file. */
export function checkCalls(source: Source, report: Report): void {
  if (!source.isCode) return;
  if (source.top === "asm") {
    forbid(source, ASM, report);
    checkClasses(source, report);
    checkDefaults(source, report);
  }
  if (CLOCKLESS.test(source.path)) forbid(source, HOST, report);
}

function forbid(source: Source, bans: Ban[], report: Report): void {
  source.code.forEach((line, index) => {
    for (const { pattern, message } of bans) {
      const found = pattern.exec(line);
      if (found) report(source, index + 1, "banned-call", `"${found[0].trim()}": ${message}`);
    }
  });
}

/** A class without @unmanaged is an object of the collector's heap. */
function checkClasses(source: Source, report: Report): void {
  source.code.forEach((line, index) => {
    if (!/^\s*(export\s+)?(abstract\s+)?class\b/.test(line)) return;
    const above = source.code.slice(Math.max(0, index - 3), index).join("\n");
    if (/@unmanaged[^;}]*$/.test(above)) return;
    report(source, index + 1, "banned-call", "a class of asm is @unmanaged: a view on a record");
  });
}

/** A default adds a mutable global to the binary and traps when the host calls the export raw. */
function checkDefaults(source: Source, report: Report): void {
  const code = source.code.join("\n");
  for (const found of code.matchAll(/^export function \w+(?:<[^>]*>)?\(([^)]*)\)/gm)) {
    if (!/[^=!<>]=[^=>]/.test(found[1] ?? "")) continue;
    const line = code.slice(0, found.index).split("\n").length;
    report(source, line, "default-parameter", "no default parameter on an export of asm");
  }
}
