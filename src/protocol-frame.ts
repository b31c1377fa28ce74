// Frames: a binary WebSocket message is one frame, a 32-byte header, then cells or MessagePack.
//
// `frameError` is the only gate for bytes from outside: a total check that allocates nothing and
// reads nothing beyond the given length, so that what follows it may copy records without looking.
//
// tidy: tested by test/fuzz/frame.test.ts
import {
  BOOK_ASKS,
  BOOK_BIDS,
  BOOK_LEVELS_MAX,
  CELL_BYTES,
  CELL_SHIFT,
  Flag,
  FRAME_BYTES,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_LEVEL,
  FRAME_MAGIC,
  FRAME_MAGIC_VALUE,
  FRAME_RECORDS,
  FRAME_SENT_NANOS,
  FRAME_STREAM,
  FRAME_STREAM_SEQUENCE,
  FRAME_TYPE,
  FRAME_VERSION,
  FRAME_VERSION_VALUE,
  FrameType,
  AckLevel,
  BOOK_LEVELS,
  LEVEL_BYTES,
  REC_FLAGS,
  REC_KIND,
  Refusal,
} from "../asm/vocab.ts";
import { LAYOUTS } from "./protocol-layout.ts";

/** Highest kind number that can have a layout, plus one. */
const KINDS_MAX = 0x0800;
const UNKNOWN = 0xff;
/** Cells by kind: 1 to 4 fixed, 0 by its levels, UNKNOWN without a layout. */
const CELLS = cellTable();

/** What a frame's header says. `streamSequence` is the number of the first record, from 1. */
export interface FrameHeader {
  type: FrameType;
  level: AckLevel;
  bytes: number;
  streamSequence: number;
  stream: number;
  records: number;
  /** Sender's clock in nanoseconds since its ClockBase, 0 = unset. */
  sentNanos: number;
}

/**
 * Why a frame of `length` bytes at the start of the view is refused; None when it may be used: the
 * header is ours and agrees with the length, and its records fill the rest exactly, each of a kind
 * with a layout and that layout's cells. Never throws, allocates nothing.
 */
export function frameError(view: DataView, length: number): Refusal {
  if (length > FRAME_BYTES_MAX) return Refusal.OversizeFrame;
  if (length < FRAME_HEADER_BYTES || length > view.byteLength) return Refusal.MalformedFrame;
  if (view.getUint8(FRAME_MAGIC) !== FRAME_MAGIC_VALUE) return Refusal.MalformedFrame;
  if (view.getUint8(FRAME_VERSION) !== FRAME_VERSION_VALUE) return Refusal.MalformedFrame;
  if (view.getUint8(FRAME_LEVEL) > AckLevel.Durable) return Refusal.MalformedFrame;
  if (view.getUint32(FRAME_BYTES, true) !== length) return Refusal.WrongLength;
  const sequence = view.getFloat64(FRAME_STREAM_SEQUENCE, true);
  if (!Number.isSafeInteger(sequence) || sequence < 0) return Refusal.MalformedFrame;
  if (!Number.isFinite(view.getFloat64(FRAME_SENT_NANOS, true))) return Refusal.MalformedFrame;
  const type = view.getUint8(FRAME_TYPE);
  const records = view.getUint32(FRAME_RECORDS, true);
  if (type === FrameType.Control) {
    if (records !== 0) return Refusal.MalformedFrame;
    return length > FRAME_HEADER_BYTES ? Refusal.None : Refusal.WrongLength;
  }
  if (type !== FrameType.Records && type !== FrameType.Snapshot && type !== FrameType.Conflated) {
    return Refusal.MalformedFrame;
  }
  if (records === 0 && type === FrameType.Records) return Refusal.MalformedFrame;
  return recordsError(view, length, records);
}

/** Walks the cells behind the header. */
function recordsError(view: DataView, length: number, records: number): Refusal {
  let at: number = FRAME_HEADER_BYTES;
  let count = 0;
  while (at < length) {
    if (length - at < CELL_BYTES) return Refusal.WrongLength;
    const bytes = ((view.getUint16(at + REC_FLAGS, true) & Flag.CellsMask) + 1) << CELL_SHIFT;
    if (bytes > length - at) return Refusal.WrongLength;
    const kind = view.getUint16(at + REC_KIND, true);
    let cells = kind < KINDS_MAX ? (CELLS[kind] ?? UNKNOWN) : UNKNOWN;
    if (cells === UNKNOWN) return Refusal.UnknownKind;
    if (cells === 0) {
      const levels = view.getUint8(at + BOOK_BIDS) + view.getUint8(at + BOOK_ASKS);
      if (levels > BOOK_LEVELS_MAX) return Refusal.WrongLength;
      cells = (BOOK_LEVELS + levels * LEVEL_BYTES + CELL_BYTES - 1) >> CELL_SHIFT;
    }
    if (cells << CELL_SHIFT !== bytes) return Refusal.WrongLength;
    count += 1;
    at += bytes;
  }
  return count === records ? Refusal.None : Refusal.WrongLength;
}

/** Writes a frame header at the start of the view; `bytes` is the whole frame. */
export function writeFrameHeader(view: DataView, header: FrameHeader): void {
  view.setUint8(FRAME_MAGIC, FRAME_MAGIC_VALUE);
  view.setUint8(FRAME_VERSION, FRAME_VERSION_VALUE);
  view.setUint8(FRAME_TYPE, header.type);
  view.setUint8(FRAME_LEVEL, header.level);
  view.setUint32(FRAME_BYTES, header.bytes, true);
  view.setFloat64(FRAME_STREAM_SEQUENCE, header.streamSequence, true);
  view.setUint32(FRAME_STREAM, header.stream, true);
  view.setUint32(FRAME_RECORDS, header.records, true);
  view.setFloat64(FRAME_SENT_NANOS, header.sentNanos, true);
}

/** The header of a frame that `frameError` has accepted. */
export function readFrameHeader(view: DataView): FrameHeader {
  return {
    type: view.getUint8(FRAME_TYPE),
    level: view.getUint8(FRAME_LEVEL),
    bytes: view.getUint32(FRAME_BYTES, true),
    streamSequence: view.getFloat64(FRAME_STREAM_SEQUENCE, true),
    stream: view.getUint32(FRAME_STREAM, true),
    records: view.getUint32(FRAME_RECORDS, true),
    sentNanos: view.getFloat64(FRAME_SENT_NANOS, true),
  };
}

function cellTable(): Uint8Array {
  const table = new Uint8Array(KINDS_MAX).fill(UNKNOWN);
  for (const [kind, layout] of Object.entries(LAYOUTS)) table[Number(kind)] = layout.cells;
  return table;
}
