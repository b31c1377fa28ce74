// The generated half of src/gateway/PROTOCOL.md.
import { Flag, Refusal } from "../../asm/vocab.ts";
import { kindName, LAYOUTS } from "../../src/protocol.ts";
import type { Field, Layout } from "../../src/protocol.ts";

const TYPES: Record<string, string> = {
  id: "u64",
  nanos: "i64, nanoseconds since the Unix epoch",
  wide: "i128: u64 low, i64 high",
  text16: "16 bytes ASCII, zero padded",
  text32: "32 bytes ASCII, zero padded",
  levels: "u8 count; levels from byte 64",
  weights: "u32 x 48",
};

/** Everything from the mark to the end of the file. */
export function protocolTables(): string {
  const lines = ["<!-- tables -->", "", "## Records", ""];
  const groups = new Map<Layout, number[]>();
  for (const [kind, layout] of Object.entries(LAYOUTS)) {
    groups.set(layout, [...(groups.get(layout) ?? []), Number(kind)]);
  }
  for (const [layout, kinds] of groups) lines.push(...section(layout, kinds));
  lines.push("## Flags", "", "| bit | name |", "|---|---|");
  for (const [name, bit] of numbers(Flag)) lines.push(`| 0x${bit.toString(16)} | ${name} |`);
  lines.push("", "## Refusals", "", "| number | name |", "|---|---|");
  for (const [name, code] of numbers(Refusal)) lines.push(`| ${code} | ${name} |`);
  return `${lines.join("\n")}\n`;
}

function section(layout: Layout, kinds: number[]): string[] {
  const names = kinds.map((kind) => `${kindName(kind)} 0x${kind.toString(16).padStart(4, "0")}`);
  const length = layout.cells === 0 ? "as many as its levels need" : String(layout.cells);
  const lines = [`### ${names.join(", ")}`, "", `Cells: ${length}.`, ""];
  const fields = Object.entries<Field>(layout.fields);
  if (fields.length === 0) return [...lines, "No payload.", ""];
  lines.push("| byte | field | type |", "|---|---|---|");
  for (const [name, [offset, type]] of fields) {
    lines.push(`| ${offset} | ${name} | ${TYPES[type] ?? type} |`);
  }
  return [...lines, ""];
}

function numbers(words: object): [string, number][] {
  return Object.entries<string | number>(words as Record<string, string | number>).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
}
