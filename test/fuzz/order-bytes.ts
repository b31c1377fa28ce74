// Records of streams and of the twin as bytes, and the comparison with what the core wrote.
//
// Bytes are compared, not fields: so what a record leaves out is checked to be zero as well, and
// nothing is decoded before the two differ. Sequence and cause are the sequencer's, not the role's.
import {
  CELL_BYTES,
  Flag,
  Kind,
  REC_FLAGS,
  REC_INSTRUMENT,
  REC_PAYLOAD,
  REC_TS_ENGINE,
} from "../../asm/vocab.ts";
import { decode, layoutOf, writeI64, type FieldType } from "../../src/protocol.ts";
import { BASE_NANOS, type OrderCore } from "../asm/order-core.ts";
import type { Row } from "../reference/order-twin.ts";

interface Table {
  cells: number;
  fields: Map<string, readonly [number, FieldType]>;
}

/** Room for the answer to most inputs; one after a long wait may take more. */
const EXPECTED_BYTES = 1 << 20;
const RECORD_BYTES_MAX = 4 * CELL_BYTES;
/** Of a row of the twin, written into the header. */
const HEADER = ["kind", "tsNanos", "replayed"];
const tables = new Map<number, Table>();

function tableOf(kind: number): Table {
  let table = tables.get(kind);
  if (table !== undefined) return table;
  const layout = layoutOf(kind);
  if (layout === undefined) throw new Error(`kind ${kind} has no layout`);
  table = { cells: layout.cells, fields: new Map(Object.entries(layout.fields)) };
  table.fields.set("instrument", [REC_INSTRUMENT, "u32"]);
  tables.set(kind, table);
  return table;
}

/**
 * Writes a row as a record of `kind` at byte `at` and returns its bytes; what it leaves out is 0.
 * As `encode` of src/protocol.ts for whole numbers that fit, and several times as fast: streams
 * and twin give nothing else, and what did not fit would be a difference.
 */
export function writeRow(view: DataView, at: number, kind: number, row: Row): number {
  const { cells, fields } = tableOf(kind);
  const bytes = cells * CELL_BYTES;
  for (let word = 4; word < bytes; word += 4) view.setInt32(at + word, 0, true);
  view.setUint32(at, kind | ((cells - 1) << 16), true);
  for (const name in row) {
    const field = fields.get(name);
    const value = row[name]!;
    if (field !== undefined && value !== 0) writeField(view, at + field[0], field[1], value);
    else if (field === undefined && !HEADER.includes(name))
      throw new Error(`${Kind[kind]} has no field ${name}`);
  }
  return bytes;
}

function writeField(view: DataView, at: number, type: FieldType, value: number | bigint): void {
  if (type === "i64" && typeof value === "number") writeI64(view, at, value);
  else if (type === "u8" || type === "i8") view.setUint8(at, Number(value));
  else if (type === "u16") view.setUint16(at, Number(value), true);
  else if (type === "u32" || type === "i32") view.setUint32(at, Number(value), true);
  else if (type === "f64") view.setFloat64(at, Number(value), true);
  else if (type === "weights") writeWeights(view, at, value as unknown as number[]);
  else if (type === "text32") new Uint8Array(view.buffer).set(Buffer.from(String(value)), at);
  else if (typeof value === "number") {
    writeI64(view, at, value);
    if (type === "wide") view.setBigInt64(at + 8, value < 0 ? -1n : 0n, true);
  } else {
    view.setBigUint64(at, value, true);
    if (type === "wide") view.setBigInt64(at + 8, value >> 64n, true);
  }
}

function writeWeights(view: DataView, at: number, weights: number[]): void {
  weights.forEach((weight, bin) => view.setUint32(at + bin * 4, weight, true));
}

/** The twin's answer to one input, as bytes. */
export class Expected {
  private i32 = new Int32Array(EXPECTED_BYTES >> 2);
  private view = new DataView(this.i32.buffer);
  private bytes = 0;

  /** Encodes the records of an input at `nowNanos`; a row of a Timer names its own time. */
  write(rows: Row[], nowNanos: number): void {
    this.bytes = 0;
    for (const row of rows) {
      const at = this.bytes;
      if (at + RECORD_BYTES_MAX > this.view.byteLength) this.grow();
      this.bytes += writeRow(this.view, at, Number(row["kind"]), row);
      const tsEngine = BASE_NANOS + BigInt(row["tsNanos"] ?? nowNanos);
      this.view.setBigInt64(at + REC_TS_ENGINE, tsEngine, true);
      if (row["replayed"] !== 1) continue;
      const flags = this.view.getUint16(at + REC_FLAGS, true) | Flag.Replayed;
      this.view.setUint16(at + REC_FLAGS, flags, true);
    }
  }

  private grow(): void {
    const before = this.i32;
    this.i32 = new Int32Array(before.length * 2);
    this.i32.set(before);
    this.view = new DataView(this.i32.buffer);
  }

  /** Takes the core's answer; the first difference as text, undefined when there is none. */
  difference(core: OrderCore): string | undefined {
    let place = 0;
    let wrong: string | undefined;
    core.drain((from, to) => {
      wrong ??= this.runDifference(core, from, to, place);
      place += to - from;
    });
    if (wrong !== undefined || place === this.bytes) return wrong;
    return `core wrote ${place} bytes, twin ${this.bytes}; then twin ${this.text(place)}`;
  }

  private runDifference(
    core: OrderCore,
    from: number,
    to: number,
    place: number,
  ): string | undefined {
    const words = core.core.i32;
    let record = from;
    for (let at = from; at < to; at += 4) {
      const cells = ((words[record >> 2]! >> 16) & 3) + 1;
      if (at === record + cells * CELL_BYTES) record = at;
      const offset = at - record;
      const isHeader = offset >= 8 && offset < REC_PAYLOAD;
      if (isHeader && offset !== REC_TS_ENGINE && offset !== REC_TS_ENGINE + 4) continue;
      const expected = place + at - from;
      if (expected < this.bytes && words[at >> 2] === this.i32[expected >> 2]) continue;
      const twin = this.text(place + record - from);
      return `+${offset}\ncore ${text(decode(core.core.view, record))}\ntwin ${twin}`;
    }
    return undefined;
  }

  private text(at: number): string {
    return at < this.bytes ? text(decode(this.view, at)) : "nothing";
  }
}

/** A row or record without its zeros. */
export function text(row: unknown): string {
  return JSON.stringify(row, (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value === 0 ? undefined : value,
  );
}
