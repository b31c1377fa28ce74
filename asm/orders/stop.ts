// Stops and if-touched orders: they wait for the last trade to reach their price.
//
// A trade at or above triggers buy stops and sell if-touched orders, lowest first; one at or below
// triggers sell stops and buy if-touched orders, highest first; equal prices by arrival. An order
// is released after the aggressor has finished, one at a time, and from then on it is a market or
// limit order like any other: its trades may release the next. What one input may not release
// follows with Timer records of the same time, so no cascade holds the loop and no stop is lost.
//
// tidy: tested by test/asm/orders/stop.test.ts
import { accountAt } from "../accounts/account";
import {
  O_ARMED,
  O_DEFERRED,
  O_HELD_FIRST,
  O_STEPS,
  O_TOPS_FIRST,
  ORDER_COLD_TERMS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TYPE,
  ORDER_TERMS_STOP,
  ORDER_TERMS_TRIGGER,
  TRIGGER_STEPS_MAX,
} from "../layout";
import { isCash } from "../positions/kind";
import { PRICE_TICKS_MAX } from "../positions/notional";
import {
  tradedAt,
  TRD_FALLS,
  TRD_LAST_TICKS,
  TRD_PHASE,
  TRD_RISES,
  TRD_STOP_POLICY,
  TRD_TOP_NEXT,
} from "../positions/traded";
import { switchRefusal } from "../risk/switch";
import { strategyFind } from "../strategies/strategy";
import {
  CancelReason,
  InstrumentPhase,
  Kind,
  NEW_STOP_TICKS,
  NEW_TRIGGER,
  NEW_TYPE,
  OrderState,
  OrderType,
  Refusal,
  Side,
  TriggerSource,
} from "../vocab";
import { cashHold, cashRelease } from "./cash";
import { cancelLoose, cancelResting } from "./close";
import { orderGo } from "./command";
import { linksOf, linkTriggered } from "./contingency";
import { orderEvent } from "./event";
import { deadlinePublish } from "./expiry";
import { heldLeave, heldRelease } from "./held";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";
import { stateMove } from "./state";
import { isTrailing, trailAccept, trailRefusal, trailsFollow, trailUnplace } from "./trail";
import { treeAdd, treeFirst, treeKey, treeRemove } from "./tree";

const STOP_TYPES: u32 =
  (1 << OrderType.Stop) |
  (1 << OrderType.StopLimit) |
  (1 << OrderType.TrailingStop) |
  (1 << OrderType.TrailingStopLimit) |
  (1 << OrderType.LimitIfTouched) |
  (1 << OrderType.MarketIfTouched);
const UNPRICED_TYPES: u32 =
  (1 << OrderType.Market) |
  (1 << OrderType.Stop) |
  (1 << OrderType.TrailingStop) |
  (1 << OrderType.MarketIfTouched);

/** True for a type that waits for a trigger. */
// @ts-ignore: decorator
@inline
export function isArmed(type: i32): bool {
  return ((STOP_TYPES >> type) & 1) != 0;
}

/** True for a type that names a limit price. */
// @ts-ignore: decorator
@inline
export function hasPrice(type: i32): bool {
  return ((UNPRICED_TYPES >> type) & 1) == 0;
}

/** True for a type the core works. */
export function typeIsSupported(type: i32): bool {
  return type == OrderType.Market || type == OrderType.Limit || (type < 32 && isArmed(type));
}

/** True when a trade at or above the stop triggers the order. */
// @ts-ignore: decorator
@inline
function isRising(side: i32, type: i32): bool {
  const isTouched = type == OrderType.LimitIfTouched || type == OrderType.MarketIfTouched;
  return (side == Side.Buy) != isTouched;
}

/** What is wrong with a new order's trigger. */
export function stopRefusal(rec: usize, traded: usize): Refusal {
  if (isTrailing(load<u8>(rec, NEW_TYPE))) return trailRefusal(rec, traded);
  if (load<u8>(rec, NEW_TRIGGER) != TriggerSource.Last) return Refusal.FlagUnsupported;
  return stopPriceRefusal(load<i64>(rec, NEW_STOP_TICKS));
}

/** A stop is no price to trade at: it may lie outside the spec's prices, not outside the core's. */
export function stopPriceRefusal(stopTicks: i64): Refusal {
  return stopTicks <= 0 || stopTicks > PRICE_TICKS_MAX ? Refusal.StopPriceInvalid : Refusal.None;
}

/** Under the strict policy a stop that the last trade has already reached is refused. */
export function throughRefusal(traded: usize, side: i32, type: i32, stopTicks: i64): i32 {
  if (load<u8>(traded, TRD_STOP_POLICY) == 0) return Refusal.None;
  const isThrough = isReached(traded, isRising(side, type), stopTicks);
  return isThrough ? Refusal.StopThroughMarket : Refusal.None;
}

/** Without a last trade nothing is reached. */
// @ts-ignore: decorator
@inline
function isReached(traded: usize, rising: bool, stopTicks: i64): bool {
  const last = load<i64>(traded, TRD_LAST_TICKS);
  return last != 0 && (rising ? last >= stopTicks : last <= stopTicks);
}

/** Accepts and arms a new stop; one the market has already reached is released at once. */
export function stopAccept(rec: usize, slot: u32, traded: usize): void {
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  store<u32>(O_ARMED, load<u32>(O_ARMED) + 1);
  if (isTrailing(load<u8>(rec, NEW_TYPE))) trailAccept(rec, slot, traded);
  else stopPlace(slot, traded, load<i64>(rec, NEW_STOP_TICKS));
  if (isCash(traded)) cashHold(slot);
  orderEvent(Kind.OrderAccepted, slot, 0, 0);
  store<u32>(O_STEPS, 0);
  stopsRelease(traded);
}

// @ts-ignore: decorator
@inline
function rootOf(slot: u32, traded: usize): usize {
  const order = orderAt(slot);
  const rising = isRising(load<u8>(order, ORDER_ROW_SIDE), load<u8>(order, ORDER_ROW_TYPE));
  return traded + (rising ? TRD_RISES : TRD_FALLS);
}

/** Puts an armed order behind all others of its stop price. */
export function stopPlace(slot: u32, traded: usize, stopTicks: i64): void {
  store<i64>(orderTermsAt(slot), stopTicks, ORDER_TERMS_STOP);
  const root = rootOf(slot, traded);
  const key = root == traded + TRD_RISES ? stopTicks : -stopTicks;
  treeAdd(root, ORDER_TERMS_TRIGGER, slot, key);
}

/** Takes an armed order out of its tree. */
export function stopUnplace(slot: u32, traded: usize): void {
  treeRemove(rootOf(slot, traded), ORDER_TERMS_TRIGGER, slot);
}

/** Takes an armed order out for good: it is released, canceled or expired next. */
export function stopDisarm(slot: u32): void {
  const traded = tradedAt(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT));
  stopUnplace(slot, traded);
  if (isTrailing(load<u8>(orderAt(slot), ORDER_ROW_TYPE))) trailUnplace(slot, traded);
  store<u32>(O_ARMED, load<u32>(O_ARMED) - 1);
}

/** Cancels an open order wherever it waits. */
export function cancelOpen(slot: u32, reason: i32): void {
  const state = <i32>load<u8>(orderAt(slot), ORDER_ROW_STATE);
  if (state > OrderState.Armed) return cancelResting(slot, reason);
  if (state == OrderState.Armed) stopDisarm(slot);
  else heldLeave(slot);
  cancelLoose(slot, reason);
}

/** Releases what the trades of this input reached, in every internal book it touched. */
export function stopsOfTouched(): void {
  let id = load<u32>(O_TOPS_FIRST);
  while (id != 0) {
    const traded = tradedAt(id);
    stopsRelease(traded);
    id = load<u32>(traded, TRD_TOP_NEXT);
  }
}

/**
 * Releases held orders whose parents filled, then the instrument's reached orders, one by one, as
 * far as one input may; no reached ones unless it is continuous, and what is released may end that.
 */
export function stopsRelease(traded: usize): void {
  while (load<u8>(O_DEFERRED) == 0) {
    const held = load<u32>(O_HELD_FIRST);
    if (held == 0) {
      if (!trailsFollow(traded)) return defer();
      if (load<u8>(traded, TRD_PHASE) != InstrumentPhase.Continuous) return;
    }
    const slot = held != 0 ? held : nextReached(traded);
    if (slot == 0) return;
    const steps = load<u32>(O_STEPS);
    if (steps >= <u32>TRIGGER_STEPS_MAX) return defer();
    store<u32>(O_STEPS, steps + 1);
    if (held != 0) heldRelease(held);
    else release(slot, traded);
  }
}

/** The order to release next: the first of the rising ones, else of the falling; 0 if none. */
function nextReached(traded: usize): u32 {
  const rise = treeFirst(traded + TRD_RISES, ORDER_TERMS_TRIGGER);
  if (rise != 0 && isReached(traded, true, treeKey(rise, ORDER_TERMS_TRIGGER))) return rise;
  const fall = treeFirst(traded + TRD_FALLS, ORDER_TERMS_TRIGGER);
  if (fall == 0) return 0;
  return isReached(traded, false, -treeKey(fall, ORDER_TERMS_TRIGGER)) ? fall : 0;
}

/** Asks for a Timer of this very time. */
export function defer(): void {
  store<u8>(O_DEFERRED, 1);
  deadlinePublish();
}

/** Makes a reached order a market or limit order and lets it trade; a switch cancels it instead. */
function release(slot: u32, traded: usize): void {
  const order = orderAt(slot);
  stopDisarm(slot);
  const owner = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  const strategy = strategyFind(load<u16>(order, ORDER_ROW_STRATEGY));
  if (switchRefusal(owner, strategy, traded) != Refusal.None) {
    return cancelLoose(slot, CancelReason.KillSwitch);
  }
  const isPriced = hasPrice(<i32>load<u8>(order, ORDER_ROW_TYPE));
  store<u8>(order, <u8>(isPriced ? OrderType.Limit : OrderType.Market), ORDER_ROW_TYPE);
  stateMove(order, OrderState.Live);
  if (isCash(traded) && !cashRelease(slot, traded)) {
    return cancelLoose(slot, CancelReason.BalanceInsufficient);
  }
  orderEvent(Kind.OrderTriggered, slot, 0, 0);
  if (linksOf(slot) != 0) linkTriggered(slot);
  orderGo(slot, traded);
}
