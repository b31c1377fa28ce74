// Orders sent twice: the same side, price and quantity in one instrument within a window.
//
// The last DUPLICATES_KEPT orders of a position are remembered, newest first, while a limit asks.
// An order that only its instructions refuse (post-only) has been seen too.
//
// tidy: tested by test/asm/risk/exposure.test.ts
import { nowNanos } from "../clock";
import { O_LIMIT_VALUE, POSITION_ROWS, RECENT_ROWS } from "../layout";
import { Refusal } from "../vocab";

/** Orders of a position that are remembered. */
export const DUPLICATES_KEPT: i32 = 4;
const RECENT_BYTES: i32 = 32;
const RECENT_NANOS: i32 = 0; // i64
const RECENT_PRICE: i32 = 8; // i64, ticks, 0 = at market
const RECENT_QTY: i32 = 16; // i64, lots
const RECENT_SIDE: i32 = 24; // u8, 0 = no order yet

/** Remembers the order, or refuses it as one that is remembered. */
export function duplicateRefusal(
  position: usize,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  millis: u32,
): i32 {
  const first = position + (RECENT_ROWS - POSITION_ROWS);
  const now = nowNanos();
  const window = <i64>millis * 1000000;
  for (let index = 0; index < DUPLICATES_KEPT; index++) {
    const row = first + index * RECENT_BYTES;
    if (load<u8>(row, RECENT_SIDE) != side || load<i64>(row, RECENT_PRICE) != priceTicks) continue;
    if (load<i64>(row, RECENT_QTY) != qtyLots) continue;
    if (now - load<i64>(row, RECENT_NANOS) >= window) continue;
    store<i64>(O_LIMIT_VALUE, millis);
    return Refusal.DuplicateOrder;
  }
  memory.copy(first + RECENT_BYTES, first, (DUPLICATES_KEPT - 1) * RECENT_BYTES);
  store<i64>(first, now, RECENT_NANOS);
  store<i64>(first, priceTicks, RECENT_PRICE);
  store<i64>(first, qtyLots, RECENT_QTY);
  store<u8>(first, <u8>side, RECENT_SIDE);
  return Refusal.None;
}
