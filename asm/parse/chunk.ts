// Many lines in one call: recorded files are split and parsed here, so that a line costs the host
// nothing. Counters lie in the parse frame as f64, which the host reads without a bigint.
// tidy: tested by test/src/feeds/replay.test.ts
import { PARSE_BYTES_MAX, SCRATCH } from "../layout";
import { Refusal } from "../vocab";
import { ringPublish, ringRoom } from "../rings/ring";
import { binanceMessage } from "./binance";
import { csvIsHeader, csvTrade } from "./csv";
import { timeNanosAt } from "./decimal";
import { emitBeginAt } from "./emit";
import {
  CHUNK,
  CHUNK_EXAMPLES,
  CHUNK_FALLBACK_AT,
  CHUNK_FALLBACK_BYTES,
  CHUNK_LINES,
  CHUNK_NOT_DATA,
  CHUNK_RECORDS,
  CHUNK_REJECTS,
  CHUNK_SKIP,
  EXAMPLE_BYTES,
  EXAMPLES,
  EXAMPLES_MAX,
  F_CURSOR,
} from "./frame";
import { FALLBACK } from "./fields";
import { digitCount, eightDigits } from "./json";
import { quickMessage } from "./quick";

/** Formats of a recorded file. */
export const FORMAT_BINANCE: i32 = 1;
export const FORMAT_CSV: i32 = 2;

/** Cells one message may need at most: 2 x LEVELS_STAGED_MAX levels, 12 a record, and a pad. */
const MESSAGE_CELLS_MAX: u32 = 5472;

/** Forgets counters of a file; the first `skipRecords` records of it will be dropped (resume). */
export function parseReset(skipRecords: f64): void {
  memory.fill(CHUNK, 0, 128);
  store<f64>(CHUNK_SKIP, skipRecords);
}

/**
 * Parses whole lines of the `length` bytes at the start of scratch into `ring`, as recorded data.
 *
 * `format` is FORMAT_BINANCE (receive time, blank, message) or FORMAT_CSV; `unit` as in csvTrade;
 * `isEnd` != 0 takes the last line without a line end too. Returns the bytes used: fewer than
 * `length` when the last line is not whole, the ring is nearly full, ten rejects wait to be read,
 * or a line needs the slow path (CHUNK_FALLBACK_BYTES > 0; that line is already used). The counters
 * run on over calls; CHUNK_EXAMPLES counts those of this call.
 */
export function parseChunk(
  length: i32,
  format: i32,
  venue: i32,
  unit: i32,
  isEnd: i32,
  ring: usize,
): i32 {
  assert(length >= 0 && length <= PARSE_BYTES_MAX, "a chunk fits its region");
  assert(format == FORMAT_BINANCE || format == FORMAT_CSV, "the format is known");
  const begin = <usize>SCRATCH;
  const end = begin + length;
  store<i32>(CHUNK_FALLBACK_BYTES, 0);
  store<i32>(CHUNK_EXAMPLES, 0);
  let p = begin;
  while (p < end) {
    if (load<i32>(CHUNK_FALLBACK_BYTES) != 0) break;
    if (load<i32>(CHUNK_EXAMPLES) >= EXAMPLES_MAX) break;
    if (ringRoom(ring) < MESSAGE_CELLS_MAX) break;
    const next = format == FORMAT_BINANCE ? quickLine(p, end, venue, ring) : 0;
    if (next != 0) {
      p = next;
      continue;
    }
    const lineEnd = findLineEnd(p, end);
    if (lineEnd == end && isEnd == 0) break;
    parseLine(p, lineEnd, format, venue, unit, ring);
    p = lineEnd < end ? lineEnd + 1 : end;
  }
  ringPublish(ring);
  return <i32>(p - begin);
}

/** Address of the next line feed, `end` when there is none. */
function findLineEnd(p: usize, end: usize): usize {
  const feed = i8x16.splat(0x0a);
  while (p < end) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(p), feed));
    if (mask != 0) return min(p + ctz(mask), end);
    p += 16;
  }
  return end;
}

function parseLine(
  p: usize,
  lineEnd: usize,
  format: i32,
  venue: i32,
  unit: i32,
  ring: usize,
): void {
  const number = load<f64>(CHUNK_LINES) + 1;
  store<f64>(CHUNK_LINES, number);
  const end = lineEnd > p && load<u8>(lineEnd - 1) == 0x0d ? lineEnd - 1 : lineEnd;
  const isHeader = format == FORMAT_CSV && number == 1 && csvIsHeader(p, end);
  if (p == end || isHeader) {
    store<f64>(CHUNK_NOT_DATA, load<f64>(CHUNK_NOT_DATA) + 1);
    return;
  }
  const count =
    format == FORMAT_CSV
      ? csvTrade(p, end, venue, unit, <u64>number, ring)
      : parseBinanceLine(p, end, venue, ring);
  if (count > 0) {
    store<f64>(CHUNK_RECORDS, load<f64>(CHUNK_RECORDS) + <f64>count);
    return;
  }
  if (count == -FALLBACK) {
    store<i32>(CHUNK_FALLBACK_AT, <i32>(p - <usize>SCRATCH));
    store<i32>(CHUNK_FALLBACK_BYTES, <i32>(end - p));
    return;
  }
  reject(number, p, end, -count);
}

/**
 * As `parseLine` for a line with a message of the usual form, found together with its line feed.
 * Returns the address of the next line, 0 when it is another and nothing was done.
 */
// @ts-ignore: decorator
@inline
function quickLine(p: usize, end: usize, venue: i32, ring: usize): usize {
  // 19 digits and a blank; a time of 64 bits turns negative.
  const digits = digitCount(load<u64>(p)) + digitCount(load<u64>(p, 8));
  const tail = load<u32>(p, 16) ^ 0x20303030;
  if (digits != 16 || tail >> 24 != 0) return 0;
  if ((((tail + 0x00767676) | tail) & 0x00808080) != 0) return 0;
  const last = (tail & 15) * 100 + ((tail >> 8) & 15) * 10 + (tail >> 16);
  const word = eightDigits(load<u64>(p)) * 100000000 + eightDigits(load<u64>(p, 8));
  const nanos = <i64>(word * 1000 + last);
  if (nanos < 0) return 0;
  emitBeginAt(nanos, 1, venue, ring);
  const count = quickMessage(p + 20, end, true);
  if (count == 0) return 0;
  // Recorded trades are no duplicates and the ring was asked for room.
  assert(count > 0, "a trade of a file is taken");
  store<f64>(CHUNK_LINES, load<f64>(CHUNK_LINES) + 1);
  store<f64>(CHUNK_RECORDS, load<f64>(CHUNK_RECORDS) + 1);
  return load<usize>(F_CURSOR) + 1;
}

/** A line of Binance's collector: receive time in nanoseconds, one blank, the message. */
function parseBinanceLine(p: usize, end: usize, venue: i32, ring: usize): i32 {
  const nanos = timeNanosAt(p, end, 0);
  if (nanos < 0) return <i32>nanos;
  const blank = load<usize>(F_CURSOR);
  if (blank >= end || load<u8>(blank) != 0x20) return -Refusal.JsonMalformed;
  emitBeginAt(nanos, 1, venue, ring);
  return binanceMessage(blank + 1, end);
}

function reject(number: f64, p: usize, end: usize, code: i32): void {
  store<f64>(CHUNK_REJECTS, load<f64>(CHUNK_REJECTS) + 1);
  const index = load<i32>(CHUNK_EXAMPLES);
  const at = EXAMPLES + <usize>index * EXAMPLE_BYTES;
  store<f64>(at, number);
  store<i32>(at, <i32>(p - <usize>SCRATCH), 8);
  store<i32>(at, <i32>(end - p), 12);
  store<i32>(at, code, 16);
  store<i32>(CHUNK_EXAMPLES, index + 1);
}
