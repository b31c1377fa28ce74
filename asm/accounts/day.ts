// The day's PnL of an account in a currency: what it realized today and what is open at the marks.
//
// A loss limit asks for it before every order, and it moves with the mark of each instrument the
// account holds. So a bound is kept instead of a sum: the PnL when it was last added up, plus what
// the account's own fills and bookings did to it, less what marks can have taken from anyone: for
// each move of a mark its size times the largest position an account ever had there (of two legs
// one wins what the other loses, so the larger alone bounds both). While the bound clears the limit
// nobody is added up; when it does not, the positions are walked and the bound begins anew. The
// answer is always that of the walk; bounds are no part of the state hash.
//
// tidy: tested by test/asm/accounts/day.test.ts
import { DAY_NANOS, nowNanos } from "../clock";
import {
  BOUND_ROWS,
  BOUND_ROW_BYTES,
  DRIFT_CURRENCIES,
  DRIFT_ROWS,
  DRIFT_ROW_BYTES,
  O_BOUND_EPOCH,
} from "../layout";
import { isCash, valueMinor } from "../positions/kind";
import { accountUnrealizedMinor, POS_ACCOUNT, POS_BALANCE } from "../positions/position";
import { markTicks, TRD_DEN, TRD_ID, TRD_NUM, TRD_SETTLEMENT } from "../positions/traded";
import { balanceAt, realizedTodayMinor } from "./balance";

const BND_PNL: i32 = 0; // i64, lower bound of the day's PnL when the currency's drift was 0
const BND_UNTIL: i32 = 8; // i64, ns, end of the day it was added up in; 0 = never
const BND_EPOCH: i32 = 16; // u32

const DRI_MARK: i32 = 0; // i64, mark the drift has been told of
const DRI_LOTS: i32 = 8; // i64, most lots an account ever had, long or short

/** Of the values before and after a move, and of what is open at each: one minor unit each. */
const ROUNDING_MINOR: i64 = 4;
/** A currency's drift begins anew above it, and so do all bounds. */
const DRIFT_MAX: i64 = 1 << 60;

// @ts-ignore: decorator
@inline
function boundAt(balance: u32): usize {
  return <usize>BOUND_ROWS + <usize>balance * BOUND_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function driftAt(currency: u32): usize {
  return <usize>DRIFT_CURRENCIES + (<usize>currency << 3);
}

/**
 * True when the day's PnL in the position's settlement currency, minor units, is below
 * `floorMinor`. `position` and `traded` are addresses.
 */
// @ts-ignore: decorator
@inline
export function dayIsBelow(position: usize, traded: usize, floorMinor: i64): bool {
  const balance = load<u32>(position, POS_BALANCE);
  const row = boundAt(balance);
  const drift = load<i64>(driftAt(load<u16>(traded, TRD_SETTLEMENT)));
  // Slot 0 is no balance, and its row is never set.
  const isKnown =
    nowNanos() < load<i64>(row, BND_UNTIL) &&
    load<u32>(row, BND_EPOCH) == load<u32>(O_BOUND_EPOCH);
  if (isKnown && load<i64>(row, BND_PNL) - drift >= floorMinor) return false;
  return dayMinor(position, traded) < floorMinor;
}

/** The day's PnL, added up; the bound begins anew with it. */
function dayMinor(position: usize, traded: usize): i64 {
  const balance = load<u32>(position, POS_BALANCE);
  const currency = <u32>load<u16>(traded, TRD_SETTLEMENT);
  const unrealized = accountUnrealizedMinor(load<u32>(position, POS_ACCOUNT), currency);
  if (balance == 0) return unrealized;
  const pnl = realizedTodayMinor(balanceAt(balance)) + unrealized;
  const row = boundAt(balance);
  store<i64>(row, pnl + load<i64>(driftAt(currency)), BND_PNL);
  store<i64>(row, (nowNanos() / DAY_NANOS + 1) * DAY_NANOS, BND_UNTIL);
  store<u32>(row, load<u32>(O_BOUND_EPOCH), BND_EPOCH);
  return pnl;
}

/** True when the balance (slot) has a bound: whoever moves its day's PnL then says by how much. */
// @ts-ignore: decorator
@inline
export function dayIsBounded(balance: u32): bool {
  return load<i64>(boundAt(balance), BND_UNTIL) != 0;
}

/** The day's PnL of a balance with a bound has moved: realized, or open lots at the same mark. */
// @ts-ignore: decorator
@inline
export function dayMoved(balance: u32, byMinor: i64): void {
  const row = boundAt(balance);
  store<i64>(row, load<i64>(row, BND_PNL) + byMinor, BND_PNL);
}

/** An account now has `lots` of the instrument. */
// @ts-ignore: decorator
@inline
export function lotsSeen(traded: usize, lots: i64): void {
  const row = <usize>DRIFT_ROWS + <usize>load<u32>(traded, TRD_ID) * DRIFT_ROW_BYTES;
  const open = select<i64>(-lots, lots, lots < 0);
  store<i64>(row, max(load<i64>(row, DRI_LOTS), open), DRI_LOTS);
}

/** Whoever wrote what a mark is made of calls it, before anything else happens. */
// @ts-ignore: decorator
@inline
export function markMoved(traded: usize): void {
  const row = <usize>DRIFT_ROWS + <usize>load<u32>(traded, TRD_ID) * DRIFT_ROW_BYTES;
  const mark = markTicks(traded);
  if (mark != load<i64>(row, DRI_MARK)) driftAdd(row, traded, mark);
}

function driftAdd(row: usize, traded: usize, mark: i64): void {
  const before = load<i64>(row, DRI_MARK);
  const lots = load<i64>(row, DRI_LOTS);
  store<i64>(row, mark, DRI_MARK);
  if (lots == 0 || isCash(traded)) return;
  const at = driftAt(load<u16>(traded, TRD_SETTLEMENT));
  // Without a mark nothing open counts, so one that comes or goes is no move.
  const isMove = before > 0 && mark > 0;
  const move = isMove ? moveMinor(traded, before, mark, lots) : -1;
  const drift = load<i64>(at) + move;
  if (move < 0 || drift > DRIFT_MAX) {
    store<i64>(at, 0);
    store<u32>(O_BOUND_EPOCH, load<u32>(O_BOUND_EPOCH) + 1);
  } else store<i64>(at, drift);
}

/** The most a move of the mark can take from `lots` or fewer; -1 beyond counting. */
function moveMinor(traded: usize, before: i64, mark: i64, lots: i64): i64 {
  const move = mark > before ? mark - before : before - mark;
  const num = load<i64>(traded, TRD_NUM);
  // As in positions/position.ts: what most instruments are, without a division.
  const beyond = ((move | lots) >> 20) | (num >> 20) | (load<i64>(traded, TRD_DEN) ^ 1);
  if (beyond == 0) return move * lots * num;
  const high = valueMinor(traded, max(before, mark), lots, true);
  const low = valueMinor(traded, min(before, mark), lots, true);
  if (high < 0 || low < 0) return -1;
  return (high > low ? high - low : low - high) + ROUNDING_MINOR;
}
