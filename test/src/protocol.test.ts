// Records, frames and control messages: the tables agree with vocab.ts and with themselves.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as vocab from "../../asm/vocab.ts";
import { AlphaError } from "../../src/errors.ts";
import {
  bookCells,
  controlFrame,
  decode,
  encode,
  errorMessage,
  frameError,
  isRecord,
  kindName,
  LAYOUTS,
  layoutOf,
  loginBytes,
  readClientMessage,
  readI64,
  readServerMessage,
  recordBytes,
  recordCells,
  writeI64,
} from "../../src/protocol.ts";
import type { Field, FieldInput, FieldType, RecordFields } from "../../src/protocol.ts";
import { protocolTables } from "./protocol-tables.ts";

const { Flag, Kind, Refusal } = vocab;
const WIDTHS: Record<FieldType, number> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  id: 8,
  nanos: 8,
  f64: 8,
  wide: 16,
  text16: 16,
  text32: 32,
  levels: 1,
  weights: 192,
};
const EDGES: Record<FieldType, FieldInput[]> = {
  u8: [255],
  i8: [-128, 127],
  u16: [65535],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [2 ** 32 - 1],
  i64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -1],
  id: [2n ** 64n - 1n],
  nanos: [-(2n ** 63n), 2n ** 63n - 1n],
  f64: [-1.5e300, 0.1],
  wide: [-(2n ** 127n), 2n ** 127n - 1n, -1n],
  text16: ["ABCDEFGHIJKLMNOP", "x"],
  text32: ["SIM-BTC", "~".repeat(32)],
  levels: [[{ priceTicks: -5, qtyLots: 7 }]],
  weights: [[2 ** 32 - 1, ...Array.from({ length: 47 }, (_, bin) => bin)]],
};
const kinds = Object.keys(LAYOUTS).map((kind) => [kindName(Number(kind)), Number(kind)] as const);

function fault(act: () => unknown): AlphaError {
  try {
    act();
  } catch (error) {
    if (error instanceof AlphaError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("records", () => {
  const view = new DataView(new ArrayBuffer(512));

  test.each(kinds)("%s: fields lie inside the record, apart, aligned", (_, kind) => {
    const { cells, fields } = layoutOf(kind)!;
    const taken = new Set<number>();
    for (const [name, [offset, type]] of Object.entries<Field>(fields)) {
      const width = WIDTHS[type];
      expect(offset % Math.min(width, 8), name).toBe(0);
      expect(offset, name).toBeGreaterThanOrEqual(vocab.REC_PAYLOAD);
      expect(offset + width, name).toBeLessThanOrEqual((cells || 1) * vocab.CELL_BYTES);
      for (let at = offset; at < offset + width; at += 1) {
        expect(taken.has(at), `byte ${at} of ${name}`).toBe(false);
        taken.add(at);
      }
    }
  });

  test.each(kinds)("%s: every field comes back at the edges of its range", (_, kind) => {
    const { fields } = layoutOf(kind)!;
    for (let round = 0; round < 3; round += 1) {
      const given: Record<string, FieldInput> = {};
      for (const [name, [, type]] of Object.entries<Field>(fields)) {
        given[name] = EDGES[type][round % EDGES[type].length]!;
      }
      new Uint8Array(view.buffer).fill(0xee);
      const header = {
        instrument: 4_000_000_000,
        sequence: 2n ** 60n,
        tsEngineNanos: -1n,
        cause: 9,
      };
      const flags = Flag.First | Flag.Late;
      const bytes = encode(view, 64, kind as vocab.Kind, { ...given, ...header, flags });
      const record = decode(view, 64);
      expect(record).toMatchObject({ ...given, ...header, cause: 9n, kind, name: kindName(kind) });
      expect(record.flags & ~Flag.CellsMask).toBe(flags);
      expect(recordBytes(view, 64)).toBe(bytes);
      expect(view.getUint8(63), "before").toBe(0xee);
      expect(view.getUint8(64 + bytes), "behind").toBe(0xee);
    }
  });

  test("every payload offset of vocab.ts is in a table, under its own name", () => {
    const text = readFileSync(new URL("../../asm/vocab.ts", import.meta.url), "utf8");
    const payload = text.slice(text.indexOf("payload offsets"), text.indexOf("- rings"));
    const offsets = new Map<string, number>();
    for (const [, name, value] of payload.matchAll(/^export const (\w+): i32 = (\d+);/gm)) {
      if (
        !/_CELLS$|_MAX$|_BYTES$|^LEVEL_|^BOOK_LEVELS$/.test(name!) ||
        /_LOTS_MAX$|_MINOR_MAX$|_TICKS_MAX$|^LIMITS_/.test(name!)
      ) {
        if (!name!.endsWith("_CELLS")) offsets.set(name!, Number(value));
      }
    }
    const known = new Set<string>();
    for (const layout of Object.values(LAYOUTS)) {
      for (const [name, [offset]] of Object.entries<Field>(layout.fields)) {
        known.add(`${name}@${offset}`);
      }
    }
    const missing = [...offsets].filter(([name, offset]) => {
      if (name.endsWith("_HIGH") || name === "SPEC_SYMBOL_BYTES") return false;
      const words = name.toLowerCase().replace(/_low$/, "").split("_");
      const spell = (from: number): string =>
        words
          .slice(from)
          .map((word, index) => (index === 0 ? word : word[0]!.toUpperCase() + word.slice(1)))
          .join("");
      const names = [
        spell(1),
        spell(2),
        spell(0),
        `order${spell(1)[0]?.toUpperCase()}${spell(1).slice(1)}`,
      ];
      return !names.some((one) => known.has(`${one}@${offset}`));
    });
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test("a book record is as long as its levels, bids before asks", () => {
    const level = (priceTicks: number): { priceTicks: number; qtyLots: number } => ({
      priceTicks,
      qtyLots: 1,
    });
    for (let bids = 0; bids <= 12; bids += 1) {
      const asks = Math.min(12 - bids, 2);
      const fields = {
        bids: Array.from({ length: bids }, (_, index) => level(100 - index)),
        asks: Array.from({ length: asks }, (_, index) => level(101 + index)),
      };
      const bytes = encode(view, 0, Kind.BookDelta, fields);
      expect(bytes).toBe(bookCells(bids + asks) * 64);
      expect(decode(view, 0)).toMatchObject(fields);
    }
    const many = Array.from({ length: 13 }, () => level(1));
    expect(fault(() => encode(view, 0, Kind.BookDelta, { bids: many })).code).toBe("FIELD_RANGE");
  });

  test.each<[string, vocab.Kind, RecordFields, RegExp]>([
    [
      "FIELD_UNKNOWN",
      Kind.Trade,
      { price: 1 },
      /Trade has no field "price"; its fields are priceTicks/,
    ],
    [
      "FIELD_RANGE",
      Kind.Trade,
      { priceTicks: 1.5 },
      /"priceTicks" cannot be 1.5; give a whole number/,
    ],
    ["FIELD_RANGE", Kind.Trade, { aggressor: 256 }, /"aggressor" cannot be 256; give 8 bits/],
    ["FIELD_RANGE", Kind.Trade, { id: -1n }, /"id" cannot be -1; give 64 bits/],
    ["FIELD_RANGE", Kind.IndicatorValue, { value1: NaN }, /cannot be NaN; give a finite number/],
    ["FIELD_RANGE", Kind.InstrumentSpec, { symbol: "x".repeat(33) }, /at most 32 characters/],
    ["FIELD_RANGE", Kind.InstrumentSpec, { symbol: "Büro" }, /printable ASCII/],
    ["FIELD_TYPE", Kind.Trade, { priceTicks: "1" }, /"priceTicks" is a string; give a number/],
    ["KIND_UNKNOWN", 0x0999 as vocab.Kind, {}, /kind 0x0999 has no layout/],
  ])("%s is told with the name of the field", (code, kind, fields, line) => {
    const error = fault(() => encode(view, 0, kind, fields));
    expect([error.code, line.test(error.line())], error.line()).toEqual([code, true]);
  });

  test("ticks beyond 53 bits are refused when read, not rounded", () => {
    view.setBigInt64(0, 2n ** 53n, true);
    expect(fault(() => readI64(view, 0)).code).toBe("UNIT_RANGE");
    for (const value of [0, -1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53) + 1, -4294967297]) {
      writeI64(view, 0, value);
      expect(view.getBigInt64(0, true)).toBe(BigInt(value));
      expect(readI64(view, 0)).toBe(value);
    }
  });

  test("a decoded record is narrowed by its kind", () => {
    encode(view, 0, Kind.Fill, { qtyLots: 3, trigger: 8n });
    const record = decode(view, 0);
    expect(isRecord(record, Kind.Trade)).toBe(false);
    if (!isRecord(record, Kind.Fill, Kind.OrderAccepted)) throw new Error("is a fill");
    expect(record.clientId).toBe(0n);
    expect(recordCells(Kind.Fill)).toBe(3);
  });
});

describe("control messages", () => {
  test("come back as they were sent, bytes as bytes", () => {
    const signature = new Uint8Array(64).fill(7);
    const message = { type: "login", protocol: 1, keyId: "ab", signature, level: 2 } as const;
    const frame = controlFrame(message);
    expect(frameError(new DataView(frame.buffer), frame.length)).toBe(Refusal.None);
    expect(readClientMessage(frame)).toEqual(message);
    const error = errorMessage(Refusal.RingFull, "what", "remedy", 3);
    expect(readServerMessage(controlFrame(error))).toEqual({ ...error, name: "RingFull" });
  });

  test("a wrong field is named with its place", () => {
    const wrong = { type: "subscribe", request: 1, market: { instrument: -1 } } as const;
    expect(fault(() => readClientMessage(controlFrame(wrong))).line()).toMatch(
      /^CONTROL_INVALID: market\.instrument: /,
    );
    const noise = controlFrame({ type: "ping", request: 1 });
    noise[32] = 0xc1;
    expect(fault(() => readClientMessage(noise)).message).toMatch(/^not MessagePack: /);
  });

  test("a message that fits no frame is refused before it is sent", () => {
    const what = "x".repeat(70_000);
    expect(fault(() => controlFrame(errorMessage(Refusal.None, what, ""))).code).toBe(
      "FRAME_OVERSIZE",
    );
  });

  test("what a key signs differs by host, key and nonce", () => {
    const nonce = new Uint8Array(32);
    const text = (...args: Parameters<typeof loginBytes>): string =>
      Buffer.from(loginBytes(...args)).toString("latin1");
    expect(text(nonce, "127.0.0.1:8080", "k")).toMatch(/^alphapulse\/login\/167\.1\0k\x00127/);
    expect(text(nonce, "a", "kb")).not.toBe(text(nonce, "ab", "k"));
    expect(text(nonce, "Host:1", "k")).toBe(text(nonce, "host:1", "k"));
  });
});

test("the bounded answers say what they did and what they left", () => {
  const view = new DataView(new ArrayBuffer(64));
  for (const kind of [Kind.MassCanceled, Kind.StateQueryEnd] as const) {
    encode(view, 0, kind, { account: 1, clientId: 2, session: 3, left: 70_000, done: 80_000 });
    expect([view.getUint32(52, true), view.getUint32(60, true)], Kind[kind]).toEqual([
      70_000, 80_000,
    ]);
    const record = decode(view, 0);
    expect([record["left"], record["done"], record["session"]]).toEqual([70_000, 80_000, 3]);
  }
});

test("PROTOCOL.md has the tables of this build", async () => {
  const path = fileURLToPath(new URL("../../src/gateway/PROTOCOL.md", import.meta.url));
  const text = readFileSync(path, "utf8");
  const begin = text.indexOf("<!-- tables -->");
  expect(begin, "has the mark").toBeGreaterThan(0);
  const whole = text.slice(0, begin) + protocolTables();
  await expect(whole, "renew: npx vitest run -u test/src/protocol.test.ts").toMatchFileSnapshot(
    path,
  );
});
