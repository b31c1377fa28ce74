// The wire's words: records as objects at the edges, frames, control messages.
//
// Browser, client, command line and tests read and write records only through this module. It walks
// the tables of protocol-layout.ts and imports nothing of Node. A record on the hot path is copied
// and never decoded; `decode` makes an object and belongs to an edge.
import {
  BOOK_ASKS,
  BOOK_BIDS,
  BOOK_LEVELS,
  BOOK_LEVELS_MAX,
  CELL_BYTES,
  CURVE_BINS_MAX,
  Flag,
  Kind,
  LEVEL_BYTES,
  LEVEL_PRICE_TICKS,
  LEVEL_QTY_LOTS,
  REC_CAUSE,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_KIND,
  REC_SEQUENCE,
  REC_TS_ENGINE,
} from "../asm/vocab.ts";
import { AlphaError } from "./errors.ts";
import { layoutOf } from "./protocol-layout.ts";
import type {
  LAYOUTS,
  Field,
  FieldType,
  InputOf,
  Layout,
  LayoutKind,
  Level,
  RecordHeader,
  RecordOf,
} from "./protocol-layout.ts";

export * from "./protocol-layout.ts";
export * from "./protocol-frame.ts";
export * from "./protocol-control.ts";

/** Any value a decoded field can have. */
export type FieldValue = number | bigint | string | Level[] | number[];
/** Any value a field can be given. */
export type FieldInput = number | bigint | string | readonly Level[] | readonly number[];

/** Header fields `encode` takes beside the payload; cell count bits of `flags` are set by it. */
export interface HeaderInput {
  instrument?: number;
  flags?: number;
  sequence?: number | bigint;
  tsEngineNanos?: number | bigint;
  cause?: number | bigint;
}

/** Fields of any kind, checked when they are written. */
export type RecordFields = Readonly<Record<string, FieldInput | undefined>>;
/** Fields of one kind; what is left out is 0. */
export type FieldsOf<K extends LayoutKind> = HeaderInput & {
  [N in keyof (typeof LAYOUTS)[K]["fields"]]?: (typeof LAYOUTS)[K]["fields"][N] extends Field
    ? InputOf<(typeof LAYOUTS)[K]["fields"][N][1]>
    : never;
};
export type FieldsFor<K extends Kind> = Kind extends K
  ? RecordFields
  : K extends LayoutKind
    ? FieldsOf<K>
    : RecordFields;

/** A decoded record of a kind not known while compiling; narrow it with `isRecord`. */
export type DecodedRecord = RecordHeader & Record<string, FieldValue>;

const HEADER_NAMES = new Set(["instrument", "flags", "sequence", "tsEngineNanos", "cause"]);

/** The word of a kind: "Trade"; "0x0999" for a number nobody has defined. */
export function kindName(kind: number): string {
  return Kind[kind] ?? `0x${kind.toString(16).padStart(4, "0")}`;
}

/** Cells of a record of this kind; 0 when its length varies (book levels) or it has no layout. */
export function recordCells(kind: number): number {
  return layoutOf(kind)?.cells ?? 0;
}

/** Bytes of the record at `at`, from its flags. */
export function recordBytes(view: DataView, at: number): number {
  return ((view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask) + 1) * CELL_BYTES;
}

/** Cells a book record with so many levels has. */
export function bookCells(levels: number): number {
  return Math.ceil((BOOK_LEVELS + levels * LEVEL_BYTES) / CELL_BYTES);
}

/**
 * Writes one record at byte `at` of the view and returns its bytes, 64 to 256; all other bytes of
 * the record become 0. Throws KIND_UNKNOWN, FIELD_UNKNOWN, FIELD_TYPE or FIELD_RANGE and then has
 * written nothing a reader would take for a record: the kind is written last.
 */
export function encode<K extends Kind>(
  view: DataView,
  at: number,
  kind: K,
  fields: FieldsFor<K>,
): number {
  const layout = layoutOf(kind);
  if (layout === undefined) {
    throw new AlphaError(
      "KIND_UNKNOWN",
      `kind ${kindName(kind)} has no layout`,
      "use a known kind",
    );
  }
  const given = fields as RecordFields;
  checkNames(kind, layout, given);
  const cells = layout.cells > 0 ? layout.cells : bookCells(levelCount(given));
  const bytes = cells * CELL_BYTES;
  for (let word = 0; word < bytes; word += 4) view.setUint32(at + word, 0, true);
  for (const name in layout.fields) {
    const value = given[name];
    const field = layout.fields[name];
    if (value === undefined || field === undefined) continue;
    if (field[1] === "levels") writeLevels(view, at, name, value, given);
    else if (field[1] === "weights") writeWeights(view, at + field[0], name, value);
    else writeField(view, at + field[0], field[1], name, value);
  }
  writeField(view, at + REC_INSTRUMENT, "u32", "instrument", given.instrument ?? 0);
  writeField(view, at + REC_SEQUENCE, "id", "sequence", given.sequence ?? 0);
  writeField(view, at + REC_TS_ENGINE, "nanos", "tsEngineNanos", given.tsEngineNanos ?? 0);
  writeField(view, at + REC_CAUSE, "id", "cause", given.cause ?? 0);
  writeField(view, at + REC_FLAGS, "u16", "flags", given.flags ?? 0);
  const flags = (view.getUint16(at + REC_FLAGS, true) & ~Flag.CellsMask) | (cells - 1);
  view.setUint16(at + REC_FLAGS, flags, true);
  view.setUint16(at + REC_KIND, kind, true);
  return bytes;
}

/**
 * The record at byte `at` as an object: header, then the kind's fields; only the header for a kind
 * without a layout. Throws UNIT_RANGE when ticks, lots or minor units do not fit a number exactly.
 */
export function decode(view: DataView, at: number): DecodedRecord {
  const kind = view.getUint16(at + REC_KIND, true);
  const record: Record<string, FieldValue> = {
    kind,
    name: kindName(kind),
    flags: view.getUint16(at + REC_FLAGS, true),
    instrument: view.getUint32(at + REC_INSTRUMENT, true),
    sequence: view.getBigUint64(at + REC_SEQUENCE, true),
    tsEngineNanos: view.getBigInt64(at + REC_TS_ENGINE, true),
    cause: view.getBigUint64(at + REC_CAUSE, true),
  };
  const layout = layoutOf(kind);
  if (layout !== undefined) {
    for (const name in layout.fields) {
      const field = layout.fields[name];
      if (field !== undefined) record[name] = readField(view, at, field);
    }
  }
  return record as DecodedRecord;
}

/** Whether a decoded record is of one of the kinds; gives it that kind's type. */
export function isRecord<K extends LayoutKind>(
  record: RecordHeader,
  ...kinds: readonly K[]
): record is RecordOf<K> {
  return (kinds as readonly number[]).includes(record.kind);
}

/** The i64 at `at` as a number; throws UNIT_RANGE beyond 2^53 - 1. Makes no bigint. */
export function readI64(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  if (high > 0x1fffff || high < -0x200000) {
    const value = view.getBigInt64(at, true);
    throw new AlphaError("UNIT_RANGE", `${value} does not fit 53 bits`, "use a coarser unit");
  }
  return high * 0x1_0000_0000 + view.getUint32(at, true);
}

/** Writes a whole number as i64; the caller has checked that it is safe. Makes no bigint. */
export function writeI64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

function checkNames(kind: number, layout: Layout, given: RecordFields): void {
  for (const name in given) {
    if (Object.hasOwn(layout.fields, name) || HEADER_NAMES.has(name)) continue;
    const names = Object.keys(layout.fields).join(", ");
    throw new AlphaError(
      "FIELD_UNKNOWN",
      `${kindName(kind)} has no field "${name}"`,
      `its fields are ${names || "those of the header"}`,
    );
  }
}

function levelsOf(name: string, value: FieldInput | undefined): readonly Level[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw typeFault(name, value, "a list of {priceTicks, qtyLots}");
  return value as readonly Level[];
}

function levelCount(given: RecordFields): number {
  const count = levelsOf("bids", given.bids).length + levelsOf("asks", given.asks).length;
  if (count <= BOOK_LEVELS_MAX) return count;
  throw new AlphaError(
    "FIELD_RANGE",
    `${count} levels do not fit one record`,
    `send at most ${BOOK_LEVELS_MAX} a record; mark groups with Flag.First and Flag.Last`,
  );
}

function writeLevels(
  view: DataView,
  at: number,
  name: string,
  value: FieldInput,
  given: RecordFields,
): void {
  const levels = levelsOf(name, value);
  const before = name === "asks" ? levelsOf("bids", given.bids).length : 0;
  view.setUint8(at + (name === "asks" ? BOOK_ASKS : BOOK_BIDS), levels.length);
  levels.forEach((level, index) => {
    const place = at + BOOK_LEVELS + (before + index) * LEVEL_BYTES;
    writeField(view, place + LEVEL_PRICE_TICKS, "i64", `${name}.priceTicks`, level.priceTicks);
    writeField(view, place + LEVEL_QTY_LOTS, "i64", `${name}.qtyLots`, level.qtyLots);
  });
}

function writeWeights(view: DataView, place: number, name: string, value: FieldInput): void {
  const isList = Array.isArray(value) && value.length <= CURVE_BINS_MAX;
  if (!isList) throw typeFault(name, value, `a list of at most ${CURVE_BINS_MAX} numbers`);
  (value as readonly number[]).forEach((weight, bin) => {
    writeField(view, place + bin * 4, "u32", `${name}.${bin}`, weight);
  });
}

function readLevels(view: DataView, at: number, offset: number): Level[] {
  // A count beyond the record's room would read the next record: such bytes are cut here.
  const bids = Math.min(view.getUint8(at + BOOK_BIDS), BOOK_LEVELS_MAX);
  const before = offset === BOOK_ASKS ? bids : 0;
  const count = Math.min(view.getUint8(at + offset), BOOK_LEVELS_MAX - before);
  return Array.from({ length: count }, (_, index) => {
    const place = at + BOOK_LEVELS + (before + index) * LEVEL_BYTES;
    const priceTicks = readI64(view, place + LEVEL_PRICE_TICKS);
    return { priceTicks, qtyLots: readI64(view, place + LEVEL_QTY_LOTS) };
  });
}

function readField(view: DataView, at: number, [offset, type]: Field): FieldValue {
  const place = at + offset;
  switch (type) {
    case "u8":
      return view.getUint8(place);
    case "i8":
      return view.getInt8(place);
    case "u16":
      return view.getUint16(place, true);
    case "i32":
      return view.getInt32(place, true);
    case "u32":
      return view.getUint32(place, true);
    case "i64":
      return readI64(view, place);
    case "id":
      return view.getBigUint64(place, true);
    case "nanos":
      return view.getBigInt64(place, true);
    case "f64":
      return view.getFloat64(place, true);
    case "wide":
      return (view.getBigInt64(place + 8, true) << 64n) | view.getBigUint64(place, true);
    case "text16":
      return readText(view, place, 16);
    case "text32":
      return readText(view, place, 32);
    case "levels":
      return readLevels(view, at, offset);
    case "weights":
      return Array.from({ length: CURVE_BINS_MAX }, (_, bin) =>
        view.getUint32(place + bin * 4, true),
      );
  }
}

/** Bits of each integer type; negative when it is signed. */
const BITS: Partial<Record<FieldType, number>> = {
  u8: 8,
  i8: -8,
  u16: 16,
  i32: -32,
  u32: 32,
  i64: -64,
  id: 64,
  nanos: -64,
  wide: -128,
};

function writeField(
  view: DataView,
  place: number,
  type: FieldType,
  name: string,
  value: FieldInput,
): void {
  if (type === "text16" || type === "text32") {
    return writeText(view, place, type === "text16" ? 16 : 32, name, value);
  }
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw typeFault(name, value, "a number or bigint");
  }
  if (type === "f64") {
    if (!Number.isFinite(Number(value))) throw rangeFault(name, value, "a finite number");
    return view.setFloat64(place, Number(value), true);
  }
  const bits = BITS[type] ?? 0;
  checkWhole(name, value, bits);
  if (bits === 8) view.setUint8(place, Number(value));
  else if (bits === -8) view.setInt8(place, Number(value));
  else if (bits === 16) view.setUint16(place, Number(value), true);
  else if (bits === 32) view.setUint32(place, Number(value), true);
  else if (bits === -32) view.setInt32(place, Number(value), true);
  else if (bits === 64) view.setBigUint64(place, BigInt(value), true);
  else if (typeof value === "number") {
    writeI64(view, place, value);
    if (bits === -128) view.setBigInt64(place + 8, value < 0 ? -1n : 0n, true);
  } else {
    view.setBigUint64(place, BigInt.asUintN(64, value), true);
    if (bits === -128) view.setBigInt64(place + 8, value >> 64n, true);
  }
}

function checkWhole(name: string, value: number | bigint, bits: number): void {
  const width = Math.abs(bits);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw rangeFault(name, value, "a whole number below 2^53");
    const low = bits < 0 ? -(2 ** (width - 1)) : 0;
    const high = bits < 0 ? 2 ** (width - 1) - 1 : 2 ** width - 1;
    if (value >= low && value <= high) return;
  } else {
    const one = 1n;
    const low = bits < 0 ? -(one << BigInt(width - 1)) : 0n;
    const high = (one << BigInt(bits < 0 ? width - 1 : width)) - one;
    if (value >= low && value <= high) return;
  }
  throw rangeFault(name, value, `${width} bits${bits < 0 ? ", signed" : ""}`);
}

function writeText(
  view: DataView,
  place: number,
  bytes: number,
  name: string,
  value: FieldInput,
): void {
  if (typeof value !== "string") throw typeFault(name, value, "text");
  if (value.length > bytes) throw rangeFault(name, value, `at most ${bytes} characters`);
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) throw rangeFault(name, value, "printable ASCII");
    view.setUint8(place + index, code);
  }
}

function readText(view: DataView, place: number, bytes: number): string {
  let text = "";
  for (let index = 0; index < bytes; index += 1) {
    const code = view.getUint8(place + index);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}

function typeFault(name: string, value: unknown, want: string): AlphaError {
  return new AlphaError("FIELD_TYPE", `"${name}" is a ${typeof value}`, `give ${want}`);
}

function rangeFault(name: string, value: FieldInput, want: string): AlphaError {
  const shown = typeof value === "object" ? `${value.length} levels` : String(value);
  return new AlphaError("FIELD_RANGE", `"${name}" cannot be ${shown}`, `give ${want}`);
}
