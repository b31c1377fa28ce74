// Records of the wire for tests of the page: encoded and decoded by the real tables.
import type { Kind } from "../../../asm/vocab.ts";
import type { DecodedRecord, FieldsOf, LayoutKind, RecordOf } from "../../../src/protocol.ts";
import { decode, encode } from "../../../src/protocol.ts";

const view = new DataView(new ArrayBuffer(256));

/** A record of a kind, as the client hands it to the page. */
export function record<K extends Kind & LayoutKind>(kind: K, fields: FieldsOf<K>): RecordOf<K> {
  encode(view, 0, kind as Kind, fields as never);
  return decode(view, 0) as unknown as RecordOf<K>;
}

/** The same as the page's reductions take it. */
export function decoded<K extends Kind & LayoutKind>(kind: K, fields: FieldsOf<K>): DecodedRecord {
  return record(kind, fields);
}
