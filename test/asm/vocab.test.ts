// The words of the engine: no number twice, no two fields on the same bytes, every record in its
// cells.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as v from "../../asm/vocab.ts";

const TEXT = readFileSync(new URL("../../asm/vocab.ts", import.meta.url), "utf8");
const WIDTH: Record<string, number> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
};
/** Fields that begin an order command: every group below stands behind them. */
const COMMON = "ORDER";

interface Field {
  name: string;
  at: number;
  bytes: number;
}

/** Payload fields by prefix, read with their types from the comments. */
function groups(): Map<string, Field[]> {
  const found = new Map<string, Field[]>();
  const body = TEXT.slice(TEXT.indexOf("payload offsets"), TEXT.indexOf("- rings\n"));
  for (const match of body.matchAll(
    /^export const (\w+?)_(\w+): i32 = (\d+); \/\/ (\w+)(?: bytes)?/gm,
  )) {
    const [, prefix, name, at, type] = match;
    const bytes = WIDTH[type!] ?? (/^\d+$/.test(type!) ? Number(type) : 0);
    if (bytes === 0) continue;
    const key = prefix!;
    found.set(key, [...(found.get(key) ?? []), { name: `${key}_${name}`, at: Number(at), bytes }]);
  }
  return found;
}

test("no enum gives one number two names, and no name is empty", () => {
  let enums = 0;
  for (const [name, value] of Object.entries(v)) {
    if (typeof value !== "object") continue;
    enums += 1;
    const entries = Object.entries(value).filter((entry) => typeof entry[1] === "number");
    const numbers = entries.map((entry) => entry[1] as number);
    expect(new Set(numbers).size, name).toBe(numbers.length);
    expect(entries.length, name).toBeGreaterThan(0);
  }
  expect(enums).toBeGreaterThan(25);
});

test("fields of a record do not overlap, are aligned, and fit its cells", () => {
  const all = groups();
  let checked = 0;
  for (const [prefix, fields] of all) {
    const cells = (v as unknown as Record<string, number | undefined>)[`${prefix}_CELLS`];
    if (cells === undefined && prefix !== COMMON) continue;
    const end = (cells ?? 1) * v.CELL_BYTES;
    const sorted = [...fields].sort((a, b) => a.at - b.at);
    sorted.forEach((field, index) => {
      const next = sorted[index + 1];
      expect(field.at, `${field.name} begins behind the header`).toBeGreaterThanOrEqual(
        v.REC_PAYLOAD,
      );
      expect(field.at + field.bytes, `${field.name} fits`).toBeLessThanOrEqual(end);
      if ([2, 4, 8].includes(field.bytes))
        expect(field.at % field.bytes, `${field.name} is aligned`).toBe(0);
      if (next !== undefined)
        expect(field.at + field.bytes, `${field.name} | ${next.name}`).toBeLessThanOrEqual(next.at);
      checked += 1;
    });
  }
  expect(checked).toBeGreaterThan(200);
});

test("fields of order commands stand behind the fields they share", () => {
  const all = groups();
  const common = all.get(COMMON)!;
  const end = Math.max(...common.map((field) => field.at + field.bytes));
  for (const prefix of ["NEW", "CANCEL", "AMEND", "MASS", "QUERY", "EVENT", "FILL"]) {
    for (const field of all.get(prefix)!) expect(field.at, field.name).toBeGreaterThanOrEqual(end);
  }
});

test("every record has one to four cells, and levels of a book fill the largest exactly", () => {
  for (const [name, cells] of Object.entries(v)) {
    if (!name.endsWith("_CELLS") || name === "BLOCK_CELLS") continue;
    expect(cells, name).toBeGreaterThanOrEqual(1);
    expect(cells, name).toBeLessThanOrEqual(v.RECORD_CELLS_MAX);
  }
  expect(v.BOOK_LEVELS + v.BOOK_LEVELS_MAX * v.LEVEL_BYTES).toBe(v.RECORD_BYTES_MAX);
  expect(1 << v.CELL_SHIFT).toBe(v.CELL_BYTES);
  expect(v.Flag.CellsMask).toBe(v.RECORD_CELLS_MAX - 1);
});

test("flags are single bits beside the cell count, kinds lie in blocks", () => {
  const flags = Object.values(v.Flag).filter(
    (one): one is number => typeof one === "number" && one > 3,
  );
  for (const flag of flags) expect(flag & (flag - 1), `0x${flag.toString(16)}`).toBe(0);
  const kinds = Object.values(v.Kind).filter((one): one is number => typeof one === "number");
  for (const kind of kinds) expect(kind >> 8).toBeLessThanOrEqual(7);
});

test("the two sides of a ring's control block lie 128 bytes apart", () => {
  const producer = [
    v.RING_HEAD,
    v.RING_OVERRUN,
    v.RING_CAPACITY,
    v.RING_NEXT,
    v.RING_PENDING,
    v.RING_TAIL_SEEN,
    v.RING_BELL_AT,
  ];
  const consumer = [v.RING_TAIL, v.RING_READ, v.RING_HEAD_SEEN];
  expect(Math.max(...producer) + 4).toBeLessThanOrEqual(64);
  expect(Math.min(...consumer)).toBe(128);
  const all = [...producer, ...consumer, v.RING_BELL + v.BELL_COUNT, v.RING_BELL + v.BELL_PARKED];
  expect(new Set(all).size).toBe(all.length);
  expect(Math.max(...all) + 4).toBeLessThanOrEqual(v.RING_DATA);
});
