// Records of the twin as the bytes the core must write, and the comparison of the two.
//
// Bytes are compared, not fields: so what a record leaves out is checked to be zero as well, and
// nothing is decoded before the two differ. Sequence and cause are the sequencer's, not the role's.
import {
  CELL_BYTES,
  Flag,
  Kind,
  REC_INSTRUMENT,
  REC_PAYLOAD,
  REC_TS_ENGINE,
} from "../../asm/vocab.ts";
import { decode, layoutOf, type FieldType } from "../../src/protocol.ts";
import { BASE_NANOS, type OrderCore } from "../asm/order-core.ts";
import type { Row } from "../reference/order-twin.ts";

interface Table {
  cells: number;
  fields: Map<string, readonly [number, FieldType]>;
}

const EXPECTED_BYTES = 1 << 23;
const HEADER = ["kind", "instrument", "tsNanos", "replayed"];
const TWO_32 = 0x1_0000_0000;
const tables = new Map<number, Table>();

function tableOf(kind: number): Table {
  let table = tables.get(kind);
  if (table !== undefined) return table;
  const layout = layoutOf(kind);
  if (layout === undefined) throw new Error(`kind ${kind} has no layout`);
  table = { cells: layout.cells, fields: new Map(Object.entries(layout.fields)) };
  tables.set(kind, table);
  return table;
}

/** The twin's answer to one input, as bytes. */
export class Expected {
  private readonly u8 = new Uint8Array(EXPECTED_BYTES);
  private readonly i32 = new Int32Array(this.u8.buffer);
  private readonly view = new DataView(this.u8.buffer);
  private bytes = 0;

  /** Encodes the records of an input at `nowNanos`; a row of a Timer names its own time. */
  write(rows: Row[], nowNanos: number): void {
    this.u8.fill(0, 0, this.bytes);
    this.bytes = 0;
    for (const row of rows) {
      const kind = Number(row["kind"]);
      const table = tableOf(kind);
      const tsEngine = BASE_NANOS + BigInt(row["tsNanos"] ?? nowNanos);
      const flags = table.cells - 1 + (row["replayed"] === 1 ? Flag.Replayed : 0);
      this.view.setUint32(this.bytes, kind | (flags << 16), true);
      this.view.setUint32(this.bytes + REC_INSTRUMENT, Number(row["instrument"] ?? 0), true);
      this.view.setBigInt64(this.bytes + REC_TS_ENGINE, tsEngine, true);
      for (const name in row) {
        const value = row[name]!;
        if (HEADER.includes(name)) continue;
        const field = table.fields.get(name);
        if (field === undefined) throw new Error(`${Kind[kind]} has no field ${name}`);
        if (value !== 0) this.put(this.bytes + field[0], field[1], value);
      }
      this.bytes += table.cells * CELL_BYTES;
    }
  }

  private put(at: number, type: FieldType, value: number | bigint): void {
    if (type === "u8" || type === "i8") this.u8[at] = Number(value);
    else if (type === "u16") this.view.setUint16(at, Number(value), true);
    else if (type === "u32" || type === "i32") this.view.setUint32(at, Number(value), true);
    else if (typeof value === "number") {
      this.view.setUint32(at, value >>> 0, true);
      this.view.setInt32(at + 4, Math.floor(value / TWO_32), true);
      if (type === "wide") this.view.setBigInt64(at + 8, value < 0 ? -1n : 0n, true);
    } else {
      this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
      if (type === "wide") this.view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true);
    }
  }

  /** Takes the core's answer; the first difference as text, undefined when there is none. */
  difference(core: OrderCore): string | undefined {
    let place = 0;
    let wrong: string | undefined;
    core.core.drain((from, to) => {
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
