// Trailing stops: the stop follows the best trade since entry at a distance, only in favor.
//
// A sell follows the highest trade, a buy the lowest. A side of an instrument has a tree keyed by
// the price that moves the stop next, so a trade touches only orders whose stop really moves. A
// sweep trades at many prices: the highest and the lowest since the last look are kept, and the
// stops follow both before anything is released. What one input may not move a Timer does.
// A distance in basis points is rounded up to whole ticks. The limit of a trailing stop-limit is
// the stop plus a signed distance (NEW_PRICE_TICKS) and moves with it, within the spec's prices.
//
// tidy: tested by test/asm/orders/trail.test.ts
import {
  INSTRUMENTS_MAX,
  MORE_ANCHOR,
  MORE_FIRST_STOP,
  MORE_LIMIT_OFFSET,
  MORE_TRAIL,
  O_STEPS,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_TYPE,
  ORDER_TERMS_STOP,
  ORDER_TERMS_TRAIL_OFFSET,
  ORDER_TERMS_TRAIL_UNIT,
  TRAIL_BOOKS,
  TRAIL_BOOK_BYTES,
  TRAIL_BUYS,
  TRAIL_HIGH,
  TRAIL_LOW,
  TRAIL_SELLS,
  TRIGGER_STEPS_MAX,
} from "../layout";
import { PRICE_TICKS_MAX } from "../positions/notional";
import { TRD_ID, TRD_LAST_TICKS, TRD_PRICE_MAX, TRD_PRICE_MIN } from "../positions/traded";
import {
  Kind,
  NEW_PRICE_TICKS,
  NEW_SIDE,
  NEW_STOP_TICKS,
  NEW_TRAIL_OFFSET,
  NEW_TRAIL_UNIT,
  NEW_TRIGGER,
  NEW_TYPE,
  OrderType,
  Refusal,
  Side,
  TrailUnit,
  TriggerSource,
} from "../vocab";
import { orderEvent } from "./event";
import { orderAt, orderMoreAt, orderTermsAt } from "./pool";
import { stopPlace, stopUnplace } from "./stop";
import { treeAdd, treeFirst, treeKey, treeRemove } from "./tree";

const BPS: i64 = 10000;

/** True for a type whose stop follows the trades. */
// @ts-ignore: decorator
@inline
export function isTrailing(type: i32): bool {
  return type == OrderType.TrailingStop || type == OrderType.TrailingStopLimit;
}

// @ts-ignore: decorator
@inline
function bookOf(traded: usize): usize {
  const id = <usize>load<u32>(traded, TRD_ID);
  assert(id < <usize>INSTRUMENTS_MAX, "an instrument has its row");
  return <usize>TRAIL_BOOKS + id * TRAIL_BOOK_BYTES;
}

/** True for a distance an order can trail at: whole ticks, or less than 10000 basis points. */
export function trailIsGood(unit: i32, offset: i64): bool {
  if (unit == TrailUnit.Ticks) return offset > 0 && offset <= PRICE_TICKS_MAX;
  return unit == TrailUnit.Bps && offset > 0 && offset < BPS;
}

/** floor(ticks x factor / 10000) for ticks below 2^53 and a factor below 20000. */
// @ts-ignore: decorator
@inline
function share(ticks: i64, factor: i64): i64 {
  const whole = ticks / BPS;
  return whole * factor + ((ticks - whole * BPS) * factor) / BPS;
}

/** The stop of a side at a distance from the best trade; the distance is rounded up. */
export function trailStop(side: i32, unit: i32, offset: i64, anchorTicks: i64): i64 {
  const isBuy = side == Side.Buy;
  if (unit == TrailUnit.Ticks) return isBuy ? anchorTicks + offset : anchorTicks - offset;
  if (!isBuy) return share(anchorTicks, BPS - offset);
  const isWhole = ((anchorTicks % BPS) * offset) % BPS == 0;
  return share(anchorTicks, BPS + offset) + (isWhole ? 0 : 1);
}

/** Key of an order in its trail tree: the price that moves its stop next, of buys negative. */
function nextKey(side: i32, unit: i32, offset: i64, anchorTicks: i64, stopTicks: i64): i64 {
  // With every tick a buy's best trade falls its stop falls by one at least.
  if (side == Side.Buy) return 1 - anchorTicks;
  if (unit == TrailUnit.Ticks) return anchorTicks + 1;
  // The least price whose share is above the stop: ceil((stop + 1) x 10000 / (10000 - offset)).
  const part = BPS - offset;
  const whole = (stopTicks + 1) / part;
  const rest = (stopTicks + 1) - whole * part;
  return whole * BPS + (rest * BPS + part - 1) / part;
}

/** What is wrong with a new trailing order; it needs a last trade to begin at. */
export function trailRefusal(rec: usize, traded: usize): Refusal {
  if (load<u8>(rec, NEW_TRIGGER) != TriggerSource.Last) return Refusal.FlagUnsupported;
  if (load<i64>(rec, NEW_STOP_TICKS) != 0) return Refusal.StopPriceInvalid;
  if (!trailIsGood(load<u8>(rec, NEW_TRAIL_UNIT), load<i64>(rec, NEW_TRAIL_OFFSET))) {
    return Refusal.TrailInvalid;
  }
  if (load<i64>(traded, TRD_LAST_TICKS) == 0) return Refusal.PriceUnknown;
  const stop = newStop(rec, traded);
  const isGood = stop > 0 && stop <= PRICE_TICKS_MAX;
  return isGood && limitIsGood(load<i64>(rec, NEW_PRICE_TICKS))
    ? Refusal.None
    : Refusal.TrailInvalid;
}

/** A limit's distance from its stop may go either way, within the core's prices. */
export function limitIsGood(offset: i64): bool {
  return offset >= -PRICE_TICKS_MAX && offset <= PRICE_TICKS_MAX;
}

function newStop(rec: usize, traded: usize): i64 {
  const unit = <i32>load<u8>(rec, NEW_TRAIL_UNIT);
  const last = load<i64>(traded, TRD_LAST_TICKS);
  return trailStop(load<u8>(rec, NEW_SIDE), unit, load<i64>(rec, NEW_TRAIL_OFFSET), last);
}

/** The limit a new trailing order begins with; of one without a limit its stop. */
export function trailPrice(rec: usize, traded: usize): i64 {
  const stop = newStop(rec, traded);
  const isPriced = <i32>load<u8>(rec, NEW_TYPE) == OrderType.TrailingStopLimit;
  return isPriced ? stop + load<i64>(rec, NEW_PRICE_TICKS) : stop;
}

/** Arms a new trailing order at its first stop. */
export function trailAccept(rec: usize, slot: u32, traded: usize): void {
  // What traded before this order was there is not its to follow.
  trailsFollow(traded);
  const terms = orderTermsAt(slot);
  store<i64>(terms, load<i64>(rec, NEW_TRAIL_OFFSET), ORDER_TERMS_TRAIL_OFFSET);
  store<u8>(terms, load<u8>(rec, NEW_TRAIL_UNIT), ORDER_TERMS_TRAIL_UNIT);
  store<i64>(orderMoreAt(slot), load<i64>(rec, NEW_PRICE_TICKS), MORE_LIMIT_OFFSET);
  store<i64>(orderMoreAt(slot), newStop(rec, traded), MORE_FIRST_STOP);
  trailPlace(slot, traded, load<i64>(traded, TRD_LAST_TICKS));
  stopPlace(slot, traded, load<i64>(orderTermsAt(slot), ORDER_TERMS_STOP));
}

/** Enters an order with its best trade, and sets the stop and the limit that follow from it. */
export function trailPlace(slot: u32, traded: usize, anchorTicks: i64): void {
  const order = orderAt(slot);
  const terms = orderTermsAt(slot);
  const more = orderMoreAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const unit = <i32>load<u8>(terms, ORDER_TERMS_TRAIL_UNIT);
  const offset = load<i64>(terms, ORDER_TERMS_TRAIL_OFFSET);
  const stop = trailStop(side, unit, offset, anchorTicks);
  store<i64>(more, anchorTicks, MORE_ANCHOR);
  store<i64>(terms, stop, ORDER_TERMS_STOP);
  if (<i32>load<u8>(order, ORDER_ROW_TYPE) == OrderType.TrailingStopLimit) {
    const limit = stop + load<i64>(more, MORE_LIMIT_OFFSET);
    store<i64>(order, withinSpec(traded, limit), ORDER_ROW_PRICE);
  }
  treeAdd(rootOf(slot, traded), MORE_TRAIL, slot, nextKey(side, unit, offset, anchorTicks, stop));
}

/** Takes an armed trailing order out of its trail tree. */
export function trailUnplace(slot: u32, traded: usize): void {
  treeRemove(rootOf(slot, traded), MORE_TRAIL, slot);
}

// @ts-ignore: decorator
@inline
function rootOf(slot: u32, traded: usize): usize {
  const isBuy = load<u8>(orderAt(slot), ORDER_ROW_SIDE) == Side.Buy;
  return bookOf(traded) + (isBuy ? TRAIL_BUYS : TRAIL_SELLS);
}

function withinSpec(traded: usize, priceTicks: i64): i64 {
  const most = load<i64>(traded, TRD_PRICE_MAX);
  const least = max<i64>(load<i64>(traded, TRD_PRICE_MIN), 1);
  return max(min(priceTicks, most == 0 ? PRICE_TICKS_MAX : most), least);
}

/** Notes a trade of the instrument; asked only while some order waits for a trigger. */
export function trailSee(traded: usize, priceTicks: i64): void {
  const book = bookOf(traded);
  if ((load<u32>(book, TRAIL_SELLS) | load<u32>(book, TRAIL_BUYS)) == 0) return;
  const low = load<i64>(book, TRAIL_LOW);
  store<i64>(book, max(load<i64>(book, TRAIL_HIGH), priceTicks), TRAIL_HIGH);
  store<i64>(book, low == 0 ? priceTicks : min(low, priceTicks), TRAIL_LOW);
}

/** Moves the stops that the trades since the last call move; false when a Timer must go on. */
export function trailsFollow(traded: usize): bool {
  const book = bookOf(traded);
  const high = load<i64>(book, TRAIL_HIGH);
  if (high == 0) return true;
  const low = load<i64>(book, TRAIL_LOW);
  while (true) {
    let price = high;
    let slot = firstUpTo(book + TRAIL_SELLS, high);
    if (slot == 0) {
      price = low;
      slot = firstUpTo(book + TRAIL_BUYS, -low);
    }
    if (slot == 0) break;
    const steps = load<u32>(O_STEPS);
    if (steps >= <u32>TRIGGER_STEPS_MAX) return false;
    store<u32>(O_STEPS, steps + 1);
    trailUnplace(slot, traded);
    stopUnplace(slot, traded);
    trailPlace(slot, traded, price);
    stopPlace(slot, traded, load<i64>(orderTermsAt(slot), ORDER_TERMS_STOP));
    orderEvent(Kind.OrderTrailed, slot, 0, 0);
  }
  store<i64>(book, 0, TRAIL_HIGH);
  store<i64>(book, 0, TRAIL_LOW);
  return true;
}

// @ts-ignore: decorator
@inline
function firstUpTo(root: usize, key: i64): u32 {
  const slot = treeFirst(root, MORE_TRAIL);
  return slot != 0 && treeKey(slot, MORE_TRAIL) <= key ? slot : 0;
}
