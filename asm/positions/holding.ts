// What positions have beside their row that no plain fill touches: funding, and a list by
// instrument, so that what befalls an instrument finds its positions without a walk over all.
//
// tidy: tested by test/asm/orders/funding.test.ts
import {
  HELD_ROWS,
  HELD_ROW_BYTES,
  HOLDING_ROWS,
  HOLDING_ROW_BYTES,
  POSITION_ROWS,
  POSITION_ROW_BYTES,
} from "../layout";

export const HLD_NEXT: i32 = 0; // u32, next position of the instrument, the one made after it
export const HLD_FUNDING: i32 = 8; // i64, minor, > 0 paid

export const HEL_FIRST: i32 = 0; // u32, oldest position of the instrument
export const HEL_LAST: i32 = 4; // u32
export const HEL_CURSOR: i32 = 8; // u32, next position to pay funding for, 0 = not begun
export const HEL_STALE: i32 = 12; // u8, the mark below was stale
export const HEL_RATE: i32 = 16; // i64, parts per trillion
export const HEL_DUE: i32 = 24; // i64, 0 = no funding is planned
export const HEL_TICKS: i32 = 32; // i64, the mark of the funding that is being paid

/** Address of what a position has beside its row. */
// @ts-ignore: decorator
@inline
export function holdingAt(slot: u32): usize {
  return <usize>HOLDING_ROWS + <usize>slot * HOLDING_ROW_BYTES;
}

/** As `holdingAt`, of the position with this row. */
// @ts-ignore: decorator
@inline
export function holdingOf(row: usize): usize {
  return holdingAt(<u32>((row - <usize>POSITION_ROWS) / POSITION_ROW_BYTES));
}

/** Address of what an instrument's positions have in common. */
// @ts-ignore: decorator
@inline
export function heldAt(instrument: u32): usize {
  return <usize>HELD_ROWS + <usize>instrument * HELD_ROW_BYTES;
}

/** Puts a new position behind the others of its instrument. */
export function holdingJoin(slot: u32, instrument: u32): void {
  const row = heldAt(instrument);
  const last = load<u32>(row, HEL_LAST);
  if (last == 0) store<u32>(row, slot, HEL_FIRST);
  else store<u32>(holdingAt(last), slot, HLD_NEXT);
  store<u32>(row, slot, HEL_LAST);
}
