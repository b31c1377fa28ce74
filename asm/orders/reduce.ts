// Reduce-only orders: at rest or waiting for a trigger, they never hold more than the position.
//
// Each order by itself is held to the position, so a stop and a target may both cover all of it.
// A position has a list of its reduce-only orders (newest first, at most REDUCERS_MAX); after every
// fill that list is asked, never the account's orders: what exceeds the position shrinks in its
// place, and is canceled when there is nothing left to reduce. Each is a step of the input.
//
// tidy: tested by test/asm/orders/reduce.test.ts
import {
  MORE_FIRST_LOTS,
  MORE_REDUCE_NEXT,
  MORE_REDUCE_PREV,
  O_LIMIT_VALUE,
  O_STEPS,
  ORDER_COLD_LOCK,
  ORDER_COLD_TERMS,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  REDUCERS_MAX,
} from "../layout";
import { outEnd } from "../output";
import { positionAt, positionOpen, POS_LOTS, POS_REDUCERS } from "../positions/position";
import { tradedAt } from "../positions/traded";
import { CancelReason, EVENT_LIMIT, Kind, OrderFlag, OrderState, Refusal, Side } from "../vocab";
import { cashKeep } from "./cash";
import { restingSide } from "./close";
import { linksOf } from "./contingency";
import { eventBegin } from "./event";
import { lotsOf, sliceCut } from "./iceberg";
import { orderAt, orderColdAt, orderMoreAt } from "./pool";
import { cancelOpen } from "./stop";
import { topTouch } from "./top";

/** Lots of the position an order of this side may close, whatever else is open. */
export function heldLots(position: usize, side: i32): i64 {
  const lots = load<i64>(position, POS_LOTS);
  return max<i64>(side == Side.Buy ? -lots : lots, 0);
}

/** True when `lots` of a reduce-only order would be more than the position. */
export function exceedsHeld(order: usize, position: usize, lots: i64): bool {
  if ((load<u8>(order, ORDER_ROW_FLAGS) & OrderFlag.ReduceOnly) == 0) return false;
  return lots > heldLots(position, load<u8>(order, ORDER_ROW_SIDE));
}

/** Why the position takes no (further) reduce-only order of this side. */
export function reduceRefusal(position: usize, side: i32): Refusal {
  if (heldLots(position, side) == 0) return Refusal.ReduceOnlyWouldIncrease;
  if (reduceHasRoom(position)) return Refusal.None;
  store<i64>(O_LIMIT_VALUE, REDUCERS_MAX);
  return Refusal.OpenOrdersLimit;
}

/** True while the position has fewer than REDUCERS_MAX reduce-only orders. */
export function reduceHasRoom(position: usize): bool {
  let count = 0;
  let slot = load<u32>(position, POS_REDUCERS);
  while (slot != 0) {
    slot = load<u32>(orderMoreAt(slot), MORE_REDUCE_NEXT);
    count++;
  }
  return count < REDUCERS_MAX;
}

/** Enters a new reduce-only order into the list of its position. */
export function reduceEnter(slot: u32): void {
  const position = positionAt(load<u32>(orderAt(slot), ORDER_ROW_POSITION));
  const first = load<u32>(position, POS_REDUCERS);
  const more = orderMoreAt(slot);
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  store<i64>(more, load<i64>(orderAt(slot), ORDER_ROW_LEAVES), MORE_FIRST_LOTS);
  store<u32>(more, first, MORE_REDUCE_NEXT);
  if (first != 0) store<u32>(orderMoreAt(first), slot, MORE_REDUCE_PREV);
  store<u32>(position, slot, POS_REDUCERS);
}

/** Lots a child may come to: what its leg holds if it closes one, any number for all others. */
export function reduceMost(slot: u32): i64 {
  const order = orderAt(slot);
  if ((load<u8>(order, ORDER_ROW_FLAGS) & OrderFlag.ReduceOnly) == 0) return i64.MAX_VALUE;
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  return heldLots(position, load<u8>(order, ORDER_ROW_SIDE));
}

/** Takes a closed one out; a child that was never released is in no list. */
export function reduceLeave(slot: u32): void {
  const more = orderMoreAt(slot);
  const next = load<u32>(more, MORE_REDUCE_NEXT);
  const prev = load<u32>(more, MORE_REDUCE_PREV);
  const position = positionAt(load<u32>(orderAt(slot), ORDER_ROW_POSITION));
  if (prev != 0) store<u32>(orderMoreAt(prev), next, MORE_REDUCE_NEXT);
  else if (load<u32>(position, POS_REDUCERS) == slot) store<u32>(position, next, POS_REDUCERS);
  if (next != 0) store<u32>(orderMoreAt(next), prev, MORE_REDUCE_PREV);
  store<u64>(more, 0, MORE_REDUCE_NEXT);
}

/**
 * Holds the position's reduce-only orders to what it is now. An order in the making or being filled
 * falls with its position, so only orders in a book or waiting for a trigger are changed here.
 */
export function reduceFollow(position: usize): void {
  let slot = load<u32>(position, POS_REDUCERS);
  while (slot != 0) {
    let next = load<u32>(orderMoreAt(slot), MORE_REDUCE_NEXT);
    const order = orderAt(slot);
    const held = heldLots(position, load<u8>(order, ORDER_ROW_SIDE));
    const lots = lotsOf(slot);
    if (lots > held) {
      store<u32>(O_STEPS, load<u32>(O_STEPS) + 1);
      if (held != 0) shrink(slot, position, lots - held);
      else {
        const isAlone = linksOf(slot) == 0;
        cancelOpen(slot, CancelReason.ReduceOnly);
        // With it went the other leg of its pair, which may have been the next.
        if (!isAlone) next = load<u32>(position, POS_REDUCERS);
      }
    }
    slot = next;
  }
}

/** Takes `lots` off an order that keeps its place, of an iceberg from what is hidden first. */
function shrink(slot: u32, position: usize, lots: i64): void {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  if (load<u8>(order, ORDER_ROW_STATE) == OrderState.Armed) {
    store<i64>(order, load<i64>(order, ORDER_ROW_LEAVES) - lots, ORDER_ROW_LEAVES);
  } else {
    const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
    sliceCut(slot, restingSide(traded, side), lots);
    topTouch(traded);
  }
  positionOpen(position, side, -lots);
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) != 0) cashKeep(slot);
  const out = eventBegin(Kind.OrderReduced, slot, 0, 0);
  store<i64>(out, lots, EVENT_LIMIT);
  outEnd(out);
}
