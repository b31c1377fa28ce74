// The journal block of a turn: the header in front of the sequenced cells, checksummed and chained.
//
// Header and cells lie together in memory, so the host writes a turn with one plain write.
import {
  BLOCK,
  BLOCK_BODY,
  H_BLOCK_CELLS,
  H_BLOCK_INDEX,
  H_BLOCK_RECORDS,
  H_BUILD,
  H_EPOCH,
  H_PREV_HASH,
  H_SEQUENCE,
  H_STREAM,
  H_TS_ENGINE,
} from "./layout";
import { xxh64 } from "./math/hash";
import {
  BEHAVIOR_VERSION,
  BLOCK_BEHAVIOR,
  BLOCK_BUILD,
  BLOCK_CELLS,
  BLOCK_EPOCH,
  BLOCK_FIRST_SEQUENCE,
  BLOCK_HASH,
  BLOCK_HEADER_BYTES,
  BLOCK_HEADER_LENGTH,
  BLOCK_INDEX,
  BLOCK_MAGIC,
  BLOCK_MAGIC_VALUE,
  BLOCK_PREV_HASH,
  BLOCK_RECORDS,
  BLOCK_SCHEMA,
  BLOCK_STREAM,
  BLOCK_TS_FIRST,
  BLOCK_TS_LAST,
  CELL_SHIFT,
  REC_TS_ENGINE,
  SCHEMA_VERSION,
} from "./vocab";

/**
 * Finishes the open block and opens the next; returns its bytes at BLOCK, 0 when it has no record.
 * The bytes stay valid until the next `run`.
 */
export function seal(): i32 {
  const records = load<u32>(H_BLOCK_RECORDS);
  if (records == 0) return 0;
  const cells = load<u32>(H_BLOCK_CELLS);
  const bytes = BLOCK_HEADER_BYTES + (cells << CELL_SHIFT);
  memory.fill(BLOCK, 0, BLOCK_HEADER_BYTES);
  store<u32>(BLOCK, BLOCK_MAGIC_VALUE, BLOCK_MAGIC);
  store<u16>(BLOCK, SCHEMA_VERSION, BLOCK_SCHEMA);
  store<u16>(BLOCK, BLOCK_HEADER_BYTES, BLOCK_HEADER_LENGTH);
  store<u64>(BLOCK, load<u64>(H_SEQUENCE) - records + 1, BLOCK_FIRST_SEQUENCE);
  store<u32>(BLOCK, records, BLOCK_RECORDS);
  store<u32>(BLOCK, cells, BLOCK_CELLS);
  store<i64>(BLOCK, load<i64>(BLOCK_BODY, REC_TS_ENGINE), BLOCK_TS_FIRST);
  store<i64>(BLOCK, load<i64>(H_TS_ENGINE), BLOCK_TS_LAST);
  store<u64>(BLOCK, load<u64>(H_PREV_HASH), BLOCK_PREV_HASH);
  store<u64>(BLOCK, load<u64>(H_EPOCH), BLOCK_EPOCH);
  store<u32>(BLOCK, BEHAVIOR_VERSION, BLOCK_BEHAVIOR);
  store<u32>(BLOCK, load<u32>(H_STREAM), BLOCK_STREAM);
  store<u64>(BLOCK, load<u64>(H_BUILD), BLOCK_BUILD);
  store<u64>(BLOCK, load<u64>(H_BLOCK_INDEX), BLOCK_INDEX);
  const hash = xxh64(BLOCK, bytes, 0);
  store<u64>(BLOCK, hash, BLOCK_HASH);
  store<u64>(H_PREV_HASH, hash);
  store<u64>(H_BLOCK_INDEX, load<u64>(H_BLOCK_INDEX) + 1);
  discard();
  return bytes;
}

/** Empties the open block without sealing it: benches and backtests that keep no journal. */
export function discard(): void {
  store<u32>(H_BLOCK_CELLS, 0);
  store<u32>(H_BLOCK_RECORDS, 0);
}
