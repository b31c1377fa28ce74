// What positions have beside their row that no plain fill touches: funding, and a list by
// instrument, so that what befalls an instrument finds its positions without a walk over all.
//
// tidy: tested by test/asm/orders/funding.test.ts
import {
  INTEREST_ROWS,
  INTEREST_ROW_BYTES,
  BESIDE_ROWS,
  BESIDE_ROW_BYTES,
  POSITION_ROWS,
  POSITION_ROW_BYTES,
} from "../layout";

export const BSD_NEXT: i32 = 0; // u32, next position of the instrument, the one made after it
export const BSD_FUNDING: i32 = 8; // i64, minor, > 0 paid
export const BSD_START: i32 = 16; // i64, number of its opening in the instrument
export const BSD_LOW: i32 = 24; // i64, ticks, lowest mark before that
export const BSD_HIGH: i32 = 32; // i64
export const BSD_MAE: i32 = 40; // i64, ticks, of the position that ended last
export const BSD_MFE: i32 = 48; // i64

export const INT_FIRST: i32 = 0; // u32, oldest position of the instrument
export const INT_LAST: i32 = 4; // u32
export const INT_CURSOR: i32 = 8; // u32, next position to pay funding for, 0 = not begun
export const INT_STALE: i32 = 12; // u8, the mark below was stale
export const INT_RATE: i32 = 16; // i64, parts per trillion
export const INT_DUE: i32 = 24; // i64, 0 = no funding is planned
export const INT_TICKS: i32 = 32; // i64, the mark of the funding that is being paid
export const INT_MARK_TICKS: i32 = 40; // i64, from MarkPrice records, 0 = none yet
export const INT_MARK_NANOS: i32 = 48; // i64

/** Address of what a position has beside its row. */
// @ts-ignore: decorator
@inline
export function besideAt(slot: u32): usize {
  return <usize>BESIDE_ROWS + <usize>slot * BESIDE_ROW_BYTES;
}

/** As `besideAt`, of the position with this row. */
// @ts-ignore: decorator
@inline
export function besideOf(row: usize): usize {
  return besideAt(<u32>((row - <usize>POSITION_ROWS) / POSITION_ROW_BYTES));
}

/** Address of what an instrument's positions have in common. */
// @ts-ignore: decorator
@inline
export function interestAt(instrument: u32): usize {
  return <usize>INTEREST_ROWS + <usize>instrument * INTEREST_ROW_BYTES;
}

/** Puts a new position behind the others of its instrument. */
export function besideJoin(slot: u32, instrument: u32): void {
  const row = interestAt(instrument);
  const last = load<u32>(row, INT_LAST);
  if (last == 0) store<u32>(row, slot, INT_FIRST);
  else store<u32>(besideAt(last), slot, BSD_NEXT);
  store<u32>(row, slot, INT_LAST);
}
