// Highest and lowest mark since each position was opened: excursions of a position (MAE, MFE).
//
// A position asks for the extremes of the marks since its own opening. Visiting all positions at
// each mark would cost the more the more there are, so an instrument keeps two stacks instead: of
// the lowest marks, each entry says since which opening it is the lowest, from the oldest opening
// and lowest mark up to the newest and highest. A mark below the top takes entries off; any other
// costs one comparison. What opens while the mark is the top's shares its entry. Stacks have
// RANGE_MARKS_MAX entries; a full one is written to the rows of the open positions and begun anew.
//
// Excursions are counted from the average entry, rounded against the position, as it is when they
// are asked for. Prices of the mark's source count, from the one at the opening on; a static
// reference price is no mark here.
//
// tidy: tested by test/asm/positions/range.test.ts
import {
  RANGE_MARKS_MAX,
  RANGE_ROWS,
  RANGE_ROW_BYTES,
} from "../layout";
import { divideUnsigned128, mulDiv64 } from "../math/wide";
import { MarkSource, POSITION_MAE_TICKS, POSITION_MFE_TICKS } from "../vocab";
import {
  besideAt,
  besideOf,
  BSD_HIGH,
  BSD_LOW,
  BSD_MAE,
  BSD_MFE,
  BSD_NEXT,
  BSD_START,
  interestAt,
  INT_FIRST,
} from "./beside";
import { isInverse, kindAt, KND_DEN, KND_NUM } from "./kind";
import { positionAt, POS_COST, POS_LOTS } from "./position";
import { sourceTicks, TRD_HIGH, TRD_ID, TRD_LOW, TRD_MARK_SOURCE } from "./traded";

const RNG_OPENED: i32 = 0; // i64, openings counted so far
const RNG_LOWS: i32 = 8; // u32, entries of the stack of lows, oldest first
const RNG_HIGHS: i32 = 12; // u32
const RNG_LOW: i32 = 64; // entries: i64 opening, i64 ticks
/** Highs are kept negated, so that one set of functions serves both. */
const RNG_HIGH: i32 = 64 + RANGE_MARKS_MAX * 16;
const ENTRY_BYTES: i32 = 16;
const ENTRY_TICKS: i32 = 8;
/** Above every price: no mark has been seen. */
export const NO_MARK: i64 = 1 << 62;

// @ts-ignore: decorator
@inline
function rangeAt(traded: usize): usize {
  return <usize>RANGE_ROWS + <usize>load<u32>(traded, TRD_ID) * RANGE_ROW_BYTES;
}

/** Notes that a trade made the last price; a mark of another source is none of its business. */
// @ts-ignore: decorator
@inline
export function rangeTraded(traded: usize, ticks: i64): void {
  const beyond = (ticks - load<i64>(traded, TRD_LOW)) | (load<i64>(traded, TRD_HIGH) - ticks);
  if (beyond < 0 && load<u8>(traded, TRD_MARK_SOURCE) == MarkSource.Last) rangeMove(traded, ticks);
}

/** Notes that quotes or the mark price of the venue changed. */
// @ts-ignore: decorator
@inline
export function rangeQuoted(traded: usize, source: i32): void {
  if (<i32>load<u8>(traded, TRD_MARK_SOURCE) == source) rangeSee(traded);
}

function rangeSee(traded: usize): void {
  const ticks = sourceTicks(traded);
  if (ticks > 0) rangeMove(traded, ticks);
}

function rangeMove(traded: usize, ticks: i64): void {
  const row = rangeAt(traded);
  if (load<u32>(row, RNG_LOWS) == 0) return;
  stackMove(row + RNG_LOW, row + RNG_LOWS, ticks);
  stackMove(row + RNG_HIGH, row + RNG_HIGHS, -ticks);
  boundsStore(row, traded);
}

/** The tops of both stacks, where a trade finds them. */
function boundsStore(row: usize, traded: usize): void {
  store<i64>(traded, topTicks(row + RNG_LOW, load<u32>(row, RNG_LOWS)), TRD_LOW);
  store<i64>(traded, -topTicks(row + RNG_HIGH, load<u32>(row, RNG_HIGHS)), TRD_HIGH);
}

// @ts-ignore: decorator
@inline
function topTicks(stack: usize, count: u32): i64 {
  return load<i64>(stack + <usize>(count - 1) * ENTRY_BYTES, ENTRY_TICKS);
}

/** A mark takes off what is not below it, but for the oldest of that, which is its own now. */
function stackMove(stack: usize, countAt: usize, ticks: i64): void {
  let count = load<u32>(countAt);
  let at = stack + <usize>(count - 1) * ENTRY_BYTES;
  if (load<i64>(at, ENTRY_TICKS) <= ticks) return;
  while (count > 1 && load<i64>(at - ENTRY_BYTES, ENTRY_TICKS) >= ticks) {
    at -= ENTRY_BYTES;
    count--;
  }
  store<i64>(at, ticks, ENTRY_TICKS);
  store<u32>(countAt, count);
}

/** An opening at the present mark; shares the top where that is the mark. */
function stackOpen(stack: usize, countAt: usize, opening: i64, ticks: i64): void {
  const count = load<u32>(countAt);
  if (count != 0 && topTicks(stack, count) == ticks) return;
  const at = stack + <usize>count * ENTRY_BYTES;
  store<i64>(at, opening);
  store<i64>(at, ticks, ENTRY_TICKS);
  store<u32>(countAt, count + 1);
}

/** The lowest mark since an opening. */
function stackSince(stack: usize, count: u32, opening: i64): i64 {
  let at = stack + <usize>(count - 1) * ENTRY_BYTES;
  while (load<i64>(at) > opening) at -= ENTRY_BYTES;
  return load<i64>(at, ENTRY_TICKS);
}

// @ts-ignore: decorator
@inline
function lowSince(row: usize, beside: usize): i64 {
  const opening = load<i64>(beside, BSD_START);
  const low = stackSince(row + RNG_LOW, load<u32>(row, RNG_LOWS), opening);
  return min(low, load<i64>(beside, BSD_LOW));
}

// @ts-ignore: decorator
@inline
function highSince(row: usize, beside: usize): i64 {
  const opening = load<i64>(beside, BSD_START);
  const high = -stackSince(row + RNG_HIGH, load<u32>(row, RNG_HIGHS), opening);
  return max(high, load<i64>(beside, BSD_HIGH));
}

/** Writes what the stacks say to the open positions, and begins them anew. */
function stacksFold(row: usize, traded: usize): void {
  const opening = load<i64>(row, RNG_OPENED) + 1;
  store<i64>(row, opening, RNG_OPENED);
  let slot = load<u32>(interestAt(load<u32>(traded, TRD_ID)), INT_FIRST);
  while (slot != 0) {
    const beside = besideAt(slot);
    if (load<i64>(positionAt(slot), POS_LOTS) != 0 && load<i64>(beside, BSD_START) != 0) {
      const low = lowSince(row, beside);
      store<i64>(beside, highSince(row, beside), BSD_HIGH);
      store<i64>(beside, low, BSD_LOW);
      store<i64>(beside, opening, BSD_START);
    }
    slot = load<u32>(beside, BSD_NEXT);
  }
  store<u32>(row, 0, RNG_LOWS);
  store<u32>(row, 0, RNG_HIGHS);
  openAt(row, traded, opening);
}

/** An entry, or a share of one, for an opening at the present mark. */
function openAt(row: usize, traded: usize, opening: i64): void {
  const ticks = sourceTicks(traded);
  stackOpen(row + RNG_LOW, row + RNG_LOWS, opening, ticks > 0 ? ticks : NO_MARK);
  stackOpen(row + RNG_HIGH, row + RNG_HIGHS, opening, ticks > 0 ? -ticks : NO_MARK);
  boundsStore(row, traded);
}

/**
 * A fill ends a position of `lots` (0 = there was none), or opens one where `opened` lots are not
 * 0; called before its cost changes.
 */
export function rangeTurn(position: usize, traded: usize, lots: i64, opened: i64): void {
  const beside = besideOf(position);
  const row = rangeAt(traded);
  if (lots != 0) {
    const average = averageTicks(position, traded, lots);
    store<i64>(beside, adverseTicks(row, beside, lots, average), BSD_MAE);
    store<i64>(beside, favorableTicks(row, beside, lots, average), BSD_MFE);
  }
  if (opened == 0) return;
  const isFull =
    load<u32>(row, RNG_LOWS) == <u32>RANGE_MARKS_MAX ||
    load<u32>(row, RNG_HIGHS) == <u32>RANGE_MARKS_MAX;
  // Its own lots are counted already, but it has no extremes to keep.
  store<i64>(beside, 0, BSD_START);
  if (isFull) stacksFold(row, traded);
  const opening = load<i64>(row, RNG_OPENED) + 1;
  store<i64>(row, opening, RNG_OPENED);
  openAt(row, traded, opening);
  store<i64>(beside, opening, BSD_START);
  store<i64>(beside, NO_MARK, BSD_LOW);
  store<i64>(beside, -NO_MARK, BSD_HIGH);
}

/** Average entry in ticks, up for a long position and down for a short one; 0 = of no value. */
function averageTicks(position: usize, traded: usize, lots: i64): i64 {
  const low = load<u64>(position, POS_COST);
  const high = load<i64>(position, POS_COST + 8);
  const isBelow = high < 0;
  const costLow: u64 = isBelow ? 0 - low : low;
  const costHigh: u64 = isBelow ? <u64>~high + <u64>(low == 0) : <u64>high;
  const qty = lots < 0 ? -lots : lots;
  if ((costLow | costHigh) == 0) return 0;
  if (!isInverse(traded)) {
    const down = <i64>divideUnsigned128(costHigh, costLow, <u64>qty);
    const isWhole = <u64>down * <u64>qty == costLow;
    return lots < 0 || isWhole ? down : down + 1;
  }
  // The lots' value at one tick, over what they cost; twice rounded the same way is rounded once.
  const row = kindAt(load<u32>(traded, TRD_ID));
  const num = load<i64>(row, KND_NUM);
  const den = load<i64>(row, KND_DEN);
  const cost = <i64>costLow;
  if (lots < 0) return mulDiv64(qty, num, den) / cost;
  const value = -mulDiv64(-qty, num, den);
  return value / cost + <i64>(value % cost != 0);
}

function adverseTicks(row: usize, beside: usize, lots: i64, average: i64): i64 {
  return lots > 0 ? below(row, beside, average) : above(row, beside, average);
}

function favorableTicks(row: usize, beside: usize, lots: i64, average: i64): i64 {
  return lots > 0 ? above(row, beside, average) : below(row, beside, average);
}

function below(row: usize, beside: usize, average: i64): i64 {
  const ticks = lowSince(row, beside);
  return ticks == NO_MARK || average == 0 ? 0 : max<i64>(average - ticks, 0);
}

function above(row: usize, beside: usize, average: i64): i64 {
  const ticks = highSince(row, beside);
  return ticks == -NO_MARK || average == 0 ? 0 : max<i64>(ticks - average, 0);
}

/** Writes the excursions of a position, or of the one before it where it has no lots. */
export function excursionsWrite(out: usize, position: usize, traded: usize): void {
  const beside = besideOf(position);
  const lots = load<i64>(position, POS_LOTS);
  if (lots == 0) {
    store<i64>(out, load<i64>(beside, BSD_MAE), POSITION_MAE_TICKS);
    return store<i64>(out, load<i64>(beside, BSD_MFE), POSITION_MFE_TICKS);
  }
  const row = rangeAt(traded);
  const average = averageTicks(position, traded, lots);
  store<i64>(out, adverseTicks(row, beside, lots, average), POSITION_MAE_TICKS);
  store<i64>(out, favorableTicks(row, beside, lots, average), POSITION_MFE_TICKS);
}
