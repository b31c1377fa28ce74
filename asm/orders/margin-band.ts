// Who holds an instrument, and the marks between which nothing can happen to their margin.
//
// A position is listed with its instrument while it has lots and its currency has margin; list and
// bands follow whenever the account is asked. What is between its equity and the next line
// is shared out evenly: a position of k may lose a k-th of it. A tick costs at most the lots' worth
// in unrealized PnL and as much again in margin, whose rates are at most one.
//
// tidy: tested by test/asm/orders/margin-call.test.ts
import { accountAt, ACC_POSITIONS_FIRST } from "../accounts/account";
import { balanceAt, BAL_ACCOUNT, BAL_CURRENCY } from "../accounts/balance";
import { HOLD_ROWS, HOLD_ROW_BYTES, O_CALL_POSITIONS } from "../layout";
import { isCash, isInverse, valueMinor } from "../positions/kind";
import { positionAt, POS_INSTRUMENT, POS_LOTS, POS_NEXT } from "../positions/position";
import { markTicks, tradedAt, TRD_SETTLEMENT } from "../positions/traded";
import { marginAt, MRG_FIRST, MRG_HIGH, MRG_LOW } from "../risk/margin";

export const HLD_NEXT: i32 = 0; // u32, position
const HLD_PREV: i32 = 4; // u32
const HLD_LISTED: i32 = 8; // u8
export const HLD_LOW: i32 = 16; // i64, ticks
export const HLD_HIGH: i32 = 24; // i64

/** More than all roundings of a position's value and of its margin in eight tiers can be. */
const ROUNDINGS: i64 = 32;

/** Address of a position's place among the holders of its instrument. */
// @ts-ignore: decorator
@inline
export function holdAt(position: u32): usize {
  return <usize>HOLD_ROWS + <usize>position * HOLD_ROW_BYTES;
}

/**
 * Sets the bands of all positions of a balance's account in its currency, at the present marks:
 * without end when `isFree`, else from `roomMinor`, of which O_CALL_POSITIONS have a share.
 */
export function bandsSet(balance: u32, isFree: bool, roomMinor: i64): void {
  const row = balanceAt(balance);
  const currency = load<u16>(row, BAL_CURRENCY);
  const share = roomMinor / max<i64>(load<u32>(O_CALL_POSITIONS), 1) - ROUNDINGS;
  let slot = load<u32>(accountAt(load<u32>(row, BAL_ACCOUNT)), ACC_POSITIONS_FIRST);
  while (slot != 0) {
    const position = positionAt(slot);
    const traded = tradedAt(load<u32>(position, POS_INSTRUMENT));
    if (load<u16>(traded, TRD_SETTLEMENT) == currency && !isCash(traded)) {
      const at = marginAt(load<u32>(position, POS_INSTRUMENT));
      if (load<i64>(position, POS_LOTS) == 0) unlist(slot, at);
      else bandSet(slot, position, traded, at, isFree, share);
    }
    slot = load<u32>(position, POS_NEXT);
  }
}

function bandSet(
  slot: u32,
  position: usize,
  traded: usize,
  at: usize,
  isFree: bool,
  share: i64,
): void {
  const hold = holdAt(slot);
  const mark = markTicks(traded);
  let low = mark;
  let high = mark;
  // Without a mark nothing is counted, and its first one is a jump; an inverse value is no line.
  if (mark > 0 && isFree) {
    low = 1;
    high = i64.MAX_VALUE;
  } else if (mark > 0 && share > 0 && !isInverse(traded)) {
    const lots = load<i64>(position, POS_LOTS);
    const tick = valueMinor(traded, 1, lots < 0 ? -lots : lots, true);
    const reach = tick < 0 ? 0 : share / (tick << 1);
    low = max(mark - reach, 1);
    high = mark + reach;
  }
  if (load<u8>(hold, HLD_LISTED) == 0) list(slot, at);
  store<i64>(hold, low, HLD_LOW);
  store<i64>(hold, high, HLD_HIGH);
  store<i64>(at, max(load<i64>(at, MRG_LOW), low), MRG_LOW);
  store<i64>(at, min(load<i64>(at, MRG_HIGH), high), MRG_HIGH);
}

function list(slot: u32, at: usize): void {
  const hold = holdAt(slot);
  const first = load<u32>(at, MRG_FIRST);
  if (first == 0) {
    store<i64>(at, 0, MRG_LOW);
    store<i64>(at, i64.MAX_VALUE, MRG_HIGH);
  } else store<u32>(holdAt(first), slot, HLD_PREV);
  store<u32>(hold, first, HLD_NEXT);
  store<u32>(hold, 0, HLD_PREV);
  store<u8>(hold, 1, HLD_LISTED);
  store<u32>(at, slot, MRG_FIRST);
}

function unlist(slot: u32, at: usize): void {
  const hold = holdAt(slot);
  if (load<u8>(hold, HLD_LISTED) == 0) return;
  const next = load<u32>(hold, HLD_NEXT);
  const prev = load<u32>(hold, HLD_PREV);
  if (prev == 0) store<u32>(at, next, MRG_FIRST);
  else store<u32>(holdAt(prev), next, HLD_NEXT);
  if (next != 0) store<u32>(holdAt(next), prev, HLD_PREV);
  memory.fill(hold, 0, HOLD_ROW_BYTES);
}
