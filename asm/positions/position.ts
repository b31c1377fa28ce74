// Positions: account x instrument with exact cost, netted, or the two legs of a hedging account.
//
// The cost of what is open is a signed 128-bit sum of ticks x lots; averages are derived, never
// stored. Closing takes its share of the cost (rounded toward zero, the rest stays), and what is
// realized becomes money with a carried remainder, so that over the life of a position nothing is
// lost or made by rounding.
import { accountAt, ACC_ID, ACC_POSITIONS_FIRST, ACC_TENANT } from "../accounts/account";
import { dayIsBounded, dayMoved, lotsSeen } from "../accounts/day";
import {
  O_POSITIONS,
  POSITIONS_MAX,
  POSITION_INDEX,
  POSITION_INDEX_ENTRIES,
  POSITION_ROWS,
  POSITION_ROW_BYTES,
  TRADED_ROWS,
  TRADED_ROW_BYTES,
} from "../layout";
import { addProduct128, negate128, productHigh } from "../math/wide";
import { outBegin, outEnd } from "../output";
import {
  Kind,
  ORDER_ACCOUNT,
  ORDER_TENANT,
  POSITION_CELLS,
  POSITION_COST_HIGH,
  POSITION_COST_LOW,
  POSITION_FEES_MINOR,
  POSITION_FUNDING_MINOR,
  POSITION_LOTS,
  POSITION_MARK_SOURCE,
  POSITION_MARK_STALE,
  POSITION_MARK_TICKS,
  POSITION_OPEN_BUY_LOTS,
  POSITION_OPEN_SELL_LOTS,
  POSITION_REALIZED_MINOR,
  POSITION_SETTLEMENT,
  POSITION_SIDE,
  POSITION_TRADED_LOTS,
  POSITION_UNREALIZED_MINOR,
  Side,
} from "../vocab";
import { besideJoin, besideOf, BSD_FUNDING } from "./beside";
import { inverseValue, isCash, isInverse } from "./kind";
import { costShare, scaleCarry, scaleSaturated } from "./notional";
import { markIsStale, markTicks, tradedAt, TRD_DEN, TRD_MARK_SOURCE, TRD_NUM } from "./traded";
import { excursionsWrite, rangeTurn } from "./range";
import { TRD_FUNDED, TRD_SETTLEMENT } from "./traded";

export const POS_ACCOUNT: i32 = 0; // u32, account slot
export const POS_INSTRUMENT: i32 = 4; // u32
export const POS_LOTS: i32 = 8; // i64, signed
export const POS_COST: i32 = 16; // 16 bytes, signed
export const POS_REALIZED: i32 = 32; // i64, minor
export const POS_REMAINDER: i32 = 40; // i64, minor / den not yet realized
export const POS_FEES: i32 = 48; // i64
export const POS_OPEN_BUY: i32 = 56; // i64, leaves of open buys
export const POS_OPEN_SELL: i32 = 64; // i64
export const POS_TRADED: i32 = 72; // i64
export const POS_BALANCE: i32 = 80; // u32, balance slot of the settlement currency
export const POS_NEXT: i32 = 84; // u32, next position of the account
export const POS_LIMITS: i32 = 88; // u32, limits slot of account x instrument
export const POS_ORDERS_OPEN: i32 = 92; // u32
export const POS_RATE_INSTRUMENT: i32 = 96; // i64 window start, u32 messages
export const POS_REDUCERS: i32 = 108; // u32, newest reduce-only order, 0 = none
export const POS_RATE_PAIR: i32 = 112;
export const POS_SIDE: i32 = 124; // u8, enum PositionSide: the leg, 0 = netted

/** Instruments have ids far below: a leg's bits make another key, none the plain one. */
const LEG_SHIFT: u32 = 16;

/** Address of a position row; slot 0 is a flat position that never changes. */
// @ts-ignore: decorator
@inline
export function positionAt(slot: u32): usize {
  return <usize>POSITION_ROWS + <usize>slot * POSITION_ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function entryOf(account: u32, instrument: u32, leg: u32): usize {
  const mask: u32 = POSITION_INDEX_ENTRIES - 1;
  // Account slot and instrument as they lie in the row, so that one comparison asks both.
  const key = <u64>account | (<u64>instrument << 32);
  const low = <u64>(instrument | (leg << LEG_SHIFT));
  const mixed = ((<u64>account << 32) | low) * 0x9e3779b97f4a7c15;
  let index = <u32>(mixed >> 40) & mask;
  while (true) {
    const entry = <usize>POSITION_INDEX + (<usize>index << 2);
    const slot = load<u32>(entry);
    if (slot == 0) return entry;
    const row = positionAt(slot);
    if (load<u64>(row, POS_ACCOUNT) == key && load<u8>(row, POS_SIDE) == leg) return entry;
    index = (index + 1) & mask;
  }
}

/**
 * Slot of a position, 0 when the account never had an order there. `leg` is enum PositionSide, None
 * for the netted position.
 */
export function positionFind(account: u32, instrument: u32, leg: u32): u32 {
  return load<u32>(entryOf(account, instrument, leg));
}

/** As `positionFind`, made (flat) when missing; 0 when the table is full. */
export function positionTake(account: u32, instrument: u32, leg: u32): u32 {
  const entry = entryOf(account, instrument, leg);
  const known = load<u32>(entry);
  if (known != 0) return known;
  const slot = load<u32>(O_POSITIONS);
  if (slot >= <u32>POSITIONS_MAX) return 0;
  store<u32>(O_POSITIONS, slot + 1);
  store<u32>(entry, slot);
  const row = positionAt(slot);
  const owner = accountAt(account);
  store<u32>(row, account, POS_ACCOUNT);
  store<u32>(row, instrument, POS_INSTRUMENT);
  if (leg != 0) legOpen(row, account, instrument, leg);
  store<u32>(row, load<u32>(owner, ACC_POSITIONS_FIRST), POS_NEXT);
  store<u32>(owner, slot, ACC_POSITIONS_FIRST);
  besideJoin(slot, instrument);
  return slot;
}

/** Makes a new row a leg; limits of the pair hang on its netted row and hold for each leg. */
function legOpen(row: usize, account: u32, instrument: u32, leg: u32): void {
  store<u8>(row, <u8>leg, POS_SIDE);
  const pair = positionAt(load<u32>(entryOf(account, instrument, 0)));
  store<u32>(row, load<u32>(pair, POS_LIMITS), POS_LIMITS);
}

/** Adds `lots` (may be negative) to the leaves of the position's open orders of one side. */
// @ts-ignore: decorator
@inline
export function positionOpen(row: usize, side: i32, lots: i64): void {
  const at = row + select<i32>(POS_OPEN_BUY, POS_OPEN_SELL, side == Side.Buy);
  const after = load<i64>(at) + lots;
  assert(after >= 0, "open lots are not negative");
  store<i64>(at, after);
}

/**
 * Books a fill into the position and returns what it realized in settlement minor units, before
 * fees. `scratch` are 16 free bytes.
 */
export function positionFill(
  row: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  scratch: usize,
): i64 {
  const balance = load<u32>(row, POS_BALANCE);
  // Open lots of cash instruments are in no day's PnL.
  const isBounded = dayIsBounded(balance) && !isCash(traded);
  if (isBounded) dayMoved(balance, -unrealizedMinor(row, traded));
  const realized = fillBook(row, traded, side, priceTicks, qtyLots, scratch, true);
  if (isBounded) dayMoved(balance, unrealizedMinor(row, traded));
  lotsSeen(traded, load<i64>(row, POS_LOTS));
  return realized;
}

/**
 * As `positionFill`, of any row that begins as a position does: a strategy's part of one, which has
 * no balance, bounds nothing and (`hasRange` false) keeps no extremes of the mark.
 */
// @ts-ignore: decorator
@inline
export function fillBook(
  row: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  scratch: usize,
  hasRange: bool,
): i64 {
  const lots = load<i64>(row, POS_LOTS);
  const isBuy = side == Side.Buy;
  const signed = isBuy ? qtyLots : -qtyLots;
  store<i64>(row, lots + signed, POS_LOTS);
  store<i64>(row, load<i64>(row, POS_TRADED) + qtyLots, POS_TRADED);
  const open = lots < 0 ? -lots : lots;
  const isClosing = lots != 0 && lots > 0 != isBuy;
  const close = isClosing ? min(open, qtyLots) : 0;
  const opened = isBuy ? qtyLots - close : close - qtyLots;
  if (hasRange && close == open) rangeTurn(row, traded, lots, opened);
  if (isInverse(traded)) {
    return inverseFill(row, traded, lots, close, opened, priceTicks, scratch);
  }
  let realized: i64 = 0;
  if (close > 0) {
    costShare(row + POS_COST, close, open, scratch);
    // realized = proceeds of the close - its share of the cost, both signed as the position
    const proceeds = lots > 0 ? close : -close;
    negate128(scratch);
    addProduct128(scratch, priceTicks, proceeds);
    const num = load<i64>(traded, TRD_NUM);
    realized = scaleCarry(scratch, num, load<i64>(traded, TRD_DEN), row + POS_REMAINDER);
    store<i64>(row, load<i64>(row, POS_REALIZED) + realized, POS_REALIZED);
  }
  if (opened != 0) addProduct128(row + POS_COST, priceTicks, opened);
  return realized;
}

/** As above for inverse contracts; a long one has sold its value in the base: cost is below 0. */
function inverseFill(
  row: usize,
  traded: usize,
  lots: i64,
  close: i64,
  opened: i64,
  priceTicks: i64,
  scratch: usize,
): i64 {
  // One value for the whole fill, as on its other side; what is opened takes the rest of it.
  const isBuy = opened > 0 || (opened == 0 && lots < 0);
  const whole = inverseValue(traded, priceTicks, close + (opened < 0 ? -opened : opened));
  const closed = close == 0 ? 0 : inverseValue(traded, priceTicks, close);
  let realized: i64 = 0;
  if (close > 0) {
    const open = lots < 0 ? -lots : lots;
    costShare(row + POS_COST, close, open, scratch);
    negate128(scratch);
    addProduct128(scratch, closed, lots > 0 ? -1 : 1);
    const num = load<i64>(traded, TRD_NUM);
    realized = scaleCarry(scratch, num, load<i64>(traded, TRD_DEN), row + POS_REMAINDER);
    store<i64>(row, load<i64>(row, POS_REALIZED) + realized, POS_REALIZED);
  }
  if (opened != 0) addProduct128(row + POS_COST, whole - closed, isBuy ? -1 : 1);
  return realized;
}

/** Unrealized PnL at the mark in settlement minor units; 0 while the mark is unknown. */
// @ts-ignore: decorator
@inline
export function unrealizedMinor(row: usize, traded: usize): i64 {
  return unrealizedAt(row, traded, markTicks(traded));
}

/** As `unrealizedMinor`, the mark of the instrument being known. */
// @ts-ignore: decorator
@inline
export function unrealizedAt(row: usize, traded: usize, mark: i64): i64 {
  const lots = load<i64>(row, POS_LOTS);
  if (lots == 0 || mark <= 0) return 0;
  const cost = load<i64>(row, POS_COST);
  const num = load<i64>(traded, TRD_NUM);
  // What a real account has, and a tick x lot worth whole minor units: value and cost below 2^61,
  // their difference below 2^39, its money below 2^59. One branch asks for all of it.
  const gain = mark * lots - cost;
  const beyond =
    ((mark | (lots + (1 << 30))) >> 31) |
    (load<i64>(row, POS_COST + 8) ^ (cost >> 63)) |
    ((cost + (1 << 61)) >> 62) |
    ((gain + (1 << 39)) >> 40) |
    (num >> 20) |
    (load<i64>(traded, TRD_DEN) ^ 1);
  return beyond == 0 ? gain * num : unrealizedWide(row, traded, mark, lots);
}

function unrealizedWide(row: usize, traded: usize, mark: i64, lots: i64): i64 {
  const isInv = isInverse(traded);
  const worth = isInv ? inverseValue(traded, mark, lots < 0 ? -lots : lots) : mark;
  const times = isInv ? (lots < 0 ? 1 : -1) : lots;
  const value = <u64>(worth * times);
  const low = value - load<u64>(row, POS_COST);
  const borrow = <i64>(value < load<u64>(row, POS_COST));
  const high = productHigh(worth, times) - load<i64>(row, POS_COST + 8) - borrow;
  return scaleSaturated(low, high, load<i64>(traded, TRD_NUM), load<i64>(traded, TRD_DEN));
}

/**
 * Sum of unrealized PnL over the account's positions that settle in `currency`. Cash instruments
 * are left out: what they are worth lies in the balance of their base.
 */
// @ts-ignore: decorator
@inline
export function accountUnrealizedMinor(account: u32, currency: u32): i64 {
  let sum: i64 = 0;
  let slot = load<u32>(accountAt(account), ACC_POSITIONS_FIRST);
  while (slot != 0) {
    const row = positionAt(slot);
    slot = load<u32>(row, POS_NEXT);
    if (load<i64>(row, POS_LOTS) == 0) continue;
    // The instrument of a position is known: no need to ask.
    const instrument = <usize>load<u32>(row, POS_INSTRUMENT);
    const traded = <usize>TRADED_ROWS + instrument * TRADED_ROW_BYTES;
    if (load<u16>(traded, TRD_SETTLEMENT) != currency || isCash(traded)) continue;
    sum += unrealizedMinor(row, traded);
  }
  return sum;
}

/** Writes a PositionChanged record. */
export function positionWrite(kind: i32, row: usize): void {
  outEnd(positionBegin(kind, row));
}

/** A PositionChanged or PositionState record, still open. */
export function positionBegin(kind: i32, row: usize): usize {
  const instrument = load<u32>(row, POS_INSTRUMENT);
  const traded = tradedAt(instrument);
  const out = outBegin(kind, POSITION_CELLS, instrument);
  const owner = accountAt(load<u32>(row, POS_ACCOUNT));
  store<u32>(out, load<u32>(owner, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(owner, ACC_TENANT), ORDER_TENANT);
  const lots = load<i64>(row, POS_LOTS);
  store<i64>(out, lots, POSITION_LOTS);
  if (lots == 0 || kind == Kind.PositionState) excursionsWrite(out, row, traded);
  store<u64>(out, load<u64>(row, POS_COST), POSITION_COST_LOW);
  store<i64>(out, load<i64>(row, POS_COST + 8), POSITION_COST_HIGH);
  store<i64>(out, load<i64>(row, POS_REALIZED), POSITION_REALIZED_MINOR);
  store<i64>(out, load<i64>(row, POS_FEES), POSITION_FEES_MINOR);
  store<i64>(out, unrealizedMinor(row, traded), POSITION_UNREALIZED_MINOR);
  store<i64>(out, markTicks(traded), POSITION_MARK_TICKS);
  store<u8>(out, load<u8>(traded, TRD_MARK_SOURCE), POSITION_MARK_SOURCE);
  store<u8>(out, <u8>markIsStale(traded), POSITION_MARK_STALE);
  store<u8>(out, load<u8>(row, POS_SIDE), POSITION_SIDE);
  store<u16>(out, load<u16>(traded, TRD_SETTLEMENT), POSITION_SETTLEMENT);
  store<i64>(out, load<i64>(row, POS_OPEN_BUY), POSITION_OPEN_BUY_LOTS);
  store<i64>(out, load<i64>(row, POS_OPEN_SELL), POSITION_OPEN_SELL_LOTS);
  store<i64>(out, load<i64>(row, POS_TRADED), POSITION_TRADED_LOTS);
  if (load<u8>(traded, TRD_FUNDED) != 0) {
    store<i64>(out, load<i64>(besideOf(row), BSD_FUNDING), POSITION_FUNDING_MINOR);
  }
  return out;
}
