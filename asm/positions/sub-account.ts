// Strategy sub-accounts: what of a position, and of its money, belongs to which strategy.
//
// A strategy that trades in a position has a row there, kept as the position is: lots, exact cost,
// realized money with its remainder, by its own average. Nothing is kept for orders without a
// strategy: they are strategy 0, which has the position less the rows, so that every column adds up
// to the position to the minor unit and plain orders pay nothing. What rounding and the account's
// own netting leave is therefore strategy 0's, as is what is adjusted from outside.
//
// tidy: tested by test/asm/positions/sub-account.test.ts
import { accountAt, ACC_ID, ACC_TENANT } from "../accounts/account";
import {
  O_SUBS,
  O_WIDE,
  POSITION_ROWS,
  POSITION_ROW_BYTES,
  SUBS_MAX,
  SUBS_PER_POSITION_MAX,
  SUB_FIRST,
  SUB_ROWS,
  SUB_ROW_BYTES,
} from "../layout";
import { sub128 } from "../math/wide";
import { outBegin, outEnd } from "../output";
import {
  Kind,
  ORDER_ACCOUNT,
  ORDER_STRATEGY,
  ORDER_TENANT,
  Side,
  PART_BOOKED_MINOR,
  PART_CELLS,
  PART_COST_HIGH,
  PART_COST_LOW,
  PART_FEES_MINOR,
  PART_FUNDING_MINOR,
  PART_LOTS,
  PART_MARK_TICKS,
  PART_REALIZED_MINOR,
  PART_SETTLEMENT,
  PART_SIDE,
  PART_TRADED_LOTS,
  PART_UNREALIZED_MINOR,
} from "../vocab";
import { besideOf, BSD_FUNDING } from "./beside";
import { interestMinor, interestValue } from "./interest";
import {
  fillBook,
  POS_ACCOUNT,
  POS_COST,
  POS_FEES,
  POS_INSTRUMENT,
  POS_LOTS,
  POS_REALIZED,
  POS_SIDE,
  POS_TRADED,
  unrealizedMinor,
} from "./position";
import { markTicks, tradedAt, TRD_SETTLEMENT } from "./traded";

// A row begins as a position row does (account to fees, and lots traded), so that the same fill
// books both.
const SUB_BOOKED: i32 = 56; // i64, realized less fees as the account booked them at its fills
const SUB_FUNDING: i32 = 64; // i64, paid by the strategy's own lots
const SUB_STRATEGY: i32 = 88; // u16
const SUB_NEXT: i32 = 92; // u32, next row of the position

// @ts-ignore: decorator
@inline
function subAt(slot: u32): usize {
  return <usize>SUB_ROWS + <usize>slot * SUB_ROW_BYTES;
}

/** Address of a position's first row, newest first. */
// @ts-ignore: decorator
@inline
function firstAt(position: usize): usize {
  return <usize>SUB_FIRST + ((position - <usize>POSITION_ROWS) / POSITION_ROW_BYTES << 2);
}

/** Row of a strategy (by id) in a position; row 0, which stays empty, when it has none. */
function subFind(position: usize, strategy: u32): u32 {
  let slot = load<u32>(firstAt(position));
  while (slot != 0 && load<u16>(subAt(slot), SUB_STRATEGY) != strategy) {
    slot = load<u32>(subAt(slot), SUB_NEXT);
  }
  return slot;
}

/**
 * True when the strategy has a row in the position, made when missing; false when the table, or the
 * position (SUBS_PER_POSITION_MAX), is full.
 */
export function subTake(position: usize, strategy: u32): bool {
  if (subFind(position, strategy) != 0) return true;
  const first = load<u32>(firstAt(position));
  let count = 0;
  for (let slot = first; slot != 0; slot = load<u32>(subAt(slot), SUB_NEXT)) count++;
  const slot = max<u32>(load<u32>(O_SUBS), 1);
  if (count >= SUBS_PER_POSITION_MAX || slot >= <u32>SUBS_MAX) return false;
  store<u32>(O_SUBS, slot + 1);
  const row = subAt(slot);
  store<u32>(row, load<u32>(position, POS_ACCOUNT), POS_ACCOUNT);
  store<u32>(row, load<u32>(position, POS_INSTRUMENT), POS_INSTRUMENT);
  store<u16>(row, <u16>strategy, SUB_STRATEGY);
  store<u32>(row, first, SUB_NEXT);
  store<u32>(firstAt(position), slot);
  return true;
}

/** Lots a strategy (0 = none) holds in a position, whatever their sign. */
export function subHeldLots(position: usize, strategy: u32): i64 {
  if (strategy == 0) return 0;
  const lots = load<i64>(subAt(subFind(position, strategy)), POS_LOTS);
  return lots < 0 ? -lots : lots;
}

/**
 * Books a fill of a strategy's order; `realizedMinor` and `feeMinor` are what the account booked in
 * the settlement currency.
 */
export function subFill(
  position: usize,
  traded: usize,
  strategy: u32,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  realizedMinor: i64,
  feeMinor: i64,
): void {
  const slot = subFind(position, strategy);
  assert(slot != 0, "an order of a strategy has its row");
  const row = subAt(slot);
  fillBook(row, traded, side, priceTicks, qtyLots, O_WIDE, false);
  store<i64>(row, load<i64>(row, POS_FEES) + feeMinor, POS_FEES);
  store<i64>(row, load<i64>(row, SUB_BOOKED) + realizedMinor - feeMinor, SUB_BOOKED);
}

/**
 * Books what a venue corrects of a strategy's fill: `wasLots` at `wasTicks` are taken back, and
 * `qtyLots` at `priceTicks` take their place; the rest as the account booked it.
 */
export function subCorrect(
  position: usize,
  traded: usize,
  strategy: u32,
  side: i32,
  wasTicks: i64,
  wasLots: i64,
  priceTicks: i64,
  qtyLots: i64,
  realizedMinor: i64,
  feeMinor: i64,
): void {
  const row = subAt(subFind(position, strategy));
  const tradedLots = load<i64>(row, POS_TRADED) - wasLots + qtyLots;
  const back = side == Side.Buy ? Side.Sell : Side.Buy;
  fillBook(row, traded, back, wasTicks, wasLots, O_WIDE, false);
  if (qtyLots > 0) fillBook(row, traded, side, priceTicks, qtyLots, O_WIDE, false);
  store<i64>(row, tradedLots, POS_TRADED);
  store<i64>(row, load<i64>(row, POS_FEES) + feeMinor, POS_FEES);
  store<i64>(row, load<i64>(row, SUB_BOOKED) + realizedMinor - feeMinor, SUB_BOOKED);
}

/**
 * Books what each strategy's own lots pay at a funding, as if they were alone in the account; the
 * rest of what the account pays is strategy 0's. Visits at most SUBS_MAX rows an instrument.
 */
export function subsFund(position: usize, traded: usize, ticks: i64, rate: i64): void {
  let slot = load<u32>(firstAt(position));
  while (slot != 0) {
    const row = subAt(slot);
    slot = load<u32>(row, SUB_NEXT);
    const lots = load<i64>(row, POS_LOTS);
    if (lots == 0) continue;
    const paid = interestMinor(lots, interestValue(traded, lots, ticks, rate), rate);
    store<i64>(row, load<i64>(row, SUB_FUNDING) + paid, SUB_FUNDING);
  }
}

/** Pays out the strategies of a position at its settlement; the account's own lots trade once. */
export function subsSettle(position: usize, traded: usize, ticks: i64): void {
  let slot = load<u32>(firstAt(position));
  while (slot != 0) {
    const row = subAt(slot);
    slot = load<u32>(row, SUB_NEXT);
    const lots = load<i64>(row, POS_LOTS);
    if (lots == 0) continue;
    const tradedLots = load<i64>(row, POS_TRADED);
    const qty = lots < 0 ? -lots : lots;
    fillBook(row, traded, lots > 0 ? Side.Sell : Side.Buy, ticks, qty, O_WIDE, false);
    store<i64>(row, tradedLots, POS_TRADED);
  }
}

/**
 * Writes what each strategy has of a position, strategy 0 first; nothing for a position no strategy
 * traded in. Rows from `most` on are counted, not written. Returns `rows` and its own.
 */
export function subsQuery(position: usize, rows: u32, most: u32): u32 {
  const first = load<u32>(firstAt(position));
  if (first == 0) return rows;
  if (rows < most) restWrite(position, first);
  rows++;
  for (let slot = first; slot != 0; rows++) {
    const row = subAt(slot);
    if (rows < most) stateWrite(position, row);
    slot = load<u32>(row, SUB_NEXT);
  }
  return rows;
}

function stateBegin(position: usize, strategy: u32): usize {
  const instrument = load<u32>(position, POS_INSTRUMENT);
  const traded = tradedAt(instrument);
  const owner = accountAt(load<u32>(position, POS_ACCOUNT));
  const out = outBegin(Kind.StrategyState, PART_CELLS, instrument);
  store<u32>(out, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, <u16>strategy, ORDER_STRATEGY);
  store<u16>(out, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  store<i64>(out, markTicks(traded), PART_MARK_TICKS);
  store<u8>(out, load<u8>(position, POS_SIDE), PART_SIDE);
  store<u16>(out, load<u16>(traded, TRD_SETTLEMENT), PART_SETTLEMENT);
  return out;
}

function stateWrite(position: usize, row: usize): void {
  const traded = tradedAt(load<u32>(position, POS_INSTRUMENT));
  const out = stateBegin(position, load<u16>(row, SUB_STRATEGY));
  store<i64>(out, load<i64>(row, POS_LOTS), PART_LOTS);
  store<u64>(out, load<u64>(row, POS_COST), PART_COST_LOW);
  store<i64>(out, load<i64>(row, POS_COST + 8), PART_COST_HIGH);
  store<i64>(out, load<i64>(row, POS_REALIZED), PART_REALIZED_MINOR);
  store<i64>(out, load<i64>(row, POS_FEES), PART_FEES_MINOR);
  store<i64>(out, unrealizedMinor(row, traded), PART_UNREALIZED_MINOR);
  store<i64>(out, load<i64>(row, SUB_BOOKED), PART_BOOKED_MINOR);
  store<i64>(out, load<i64>(row, POS_TRADED), PART_TRADED_LOTS);
  store<i64>(out, load<i64>(row, SUB_FUNDING), PART_FUNDING_MINOR);
  outEnd(out);
}

/** Strategy 0: the position less all rows, column by column. */
function restWrite(position: usize, first: u32): void {
  const traded = tradedAt(load<u32>(position, POS_INSTRUMENT));
  let lots = load<i64>(position, POS_LOTS);
  let realized = load<i64>(position, POS_REALIZED);
  let fees = load<i64>(position, POS_FEES);
  let booked = realized - fees;
  let unrealized = unrealizedMinor(position, traded);
  let tradedLots = load<i64>(position, POS_TRADED);
  let funding = load<i64>(besideOf(position), BSD_FUNDING);
  v128.store(O_WIDE, v128.load(position + POS_COST));
  for (let slot = first; slot != 0; ) {
    const row = subAt(slot);
    slot = load<u32>(row, SUB_NEXT);
    lots -= load<i64>(row, POS_LOTS);
    realized -= load<i64>(row, POS_REALIZED);
    fees -= load<i64>(row, POS_FEES);
    booked -= load<i64>(row, SUB_BOOKED);
    unrealized -= unrealizedMinor(row, traded);
    tradedLots -= load<i64>(row, POS_TRADED);
    funding -= load<i64>(row, SUB_FUNDING);
    sub128(O_WIDE, load<u64>(row, POS_COST), load<i64>(row, POS_COST + 8));
  }
  const out = stateBegin(position, 0);
  store<i64>(out, lots, PART_LOTS);
  store<u64>(out, load<u64>(O_WIDE), PART_COST_LOW);
  store<i64>(out, load<i64>(O_WIDE, 8), PART_COST_HIGH);
  store<i64>(out, realized, PART_REALIZED_MINOR);
  store<i64>(out, fees, PART_FEES_MINOR);
  store<i64>(out, unrealized, PART_UNREALIZED_MINOR);
  store<i64>(out, booked, PART_BOOKED_MINOR);
  store<i64>(out, tradedLots, PART_TRADED_LOTS);
  store<i64>(out, funding, PART_FUNDING_MINOR);
  outEnd(out);
}
