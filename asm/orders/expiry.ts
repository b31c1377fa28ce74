// GTD and DAY orders: gone when engine time reaches their expiry.
//
// All orders that expire lie in one tree by time, then by arrival. Its first key is the deadline
// the core publishes; the sequencer inserts a Timer before the first input of that time or later,
// so an order never trades at or after its expiry, in replay as in life. A day ends at 00:00 UTC.
//
// tidy: tested by test/asm/orders/expiry.test.ts
import { DAY_NANOS, nowNanos } from "../clock";
import {
  EXPIRIES_PER_TIMER_MAX,
  H_DEADLINE_ORDER,
  O_DEFERRED,
  O_DUE,
  O_EXPIRIES,
  O_LIQUIDATION_DUE,
  O_FUNDING_DUE,
  O_ROUTE_DEADLINE,
  O_STEPS,
  ORDER_COLD_TERMS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_TIF,
  ORDER_TERMS_EXPIRY,
} from "../layout";
import { positionAt, positionOpen } from "../positions/position";
import { tradedAt } from "../positions/traded";
import { Kind, NEW_EXPIRES_NANOS, NEW_TIF, OrderState, Refusal, TimeInForce } from "../vocab";
import { auctionOnlyPlace, auctionOnlyUnplace, isAuctionOnly, restingRemove } from "./call";
import { restingSide } from "./close";
import { linkEnded, linksOf } from "./contingency";
import { orderEvent } from "./event";
import { heldLeave } from "./held";
import { sliceReturn } from "./iceberg";
import { parentDueNanos } from "./parent";
import { orderAt, orderColdAt, orderLeave } from "./pool";
import { stateMove } from "./state";
import { stopDisarm } from "./stop";
import { topTouch } from "./top";
import { treeAdd, treeFirst, treeKey, treeRemove } from "./tree";


/** True for a time in force that ends at a time, or with an auction. */
// @ts-ignore: decorator
@inline
export function isTimed(tif: i32): bool {
  return tif >= TimeInForce.Gtd;
}

/** GTD names a time to come; no other names one. */
export function expiryRefusal(rec: usize): Refusal {
  const expires = load<i64>(rec, NEW_EXPIRES_NANOS);
  const isGtd = <i32>load<u8>(rec, NEW_TIF) == TimeInForce.Gtd;
  const isGood = isGtd ? expires > nowNanos() : expires == 0;
  return isGood ? Refusal.None : Refusal.ExpiryInvalid;
}

/** Enters a new GTD or DAY order into the tree; one of an auction into that auction's. */
export function expiryPlace(rec: usize, slot: u32): void {
  if (isAuctionOnly(<i32>load<u8>(rec, NEW_TIF))) return auctionOnlyPlace(slot);
  const isGtd = <i32>load<u8>(rec, NEW_TIF) == TimeInForce.Gtd;
  const midnight = (nowNanos() / DAY_NANOS + 1) * DAY_NANOS;
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  const expires = isGtd ? load<i64>(rec, NEW_EXPIRES_NANOS) : midnight;
  treeAdd(O_EXPIRIES, ORDER_TERMS_EXPIRY, slot, expires);
  deadlinePublish();
}

/** Takes a closed order out of the tree. */
export function expiryUnplace(slot: u32): void {
  if (isAuctionOnly(<i32>load<u8>(orderAt(slot), ORDER_ROW_TIF))) return auctionOnlyUnplace(slot);
  treeRemove(O_EXPIRIES, ORDER_TERMS_EXPIRY, slot);
  deadlinePublish();
}

/** The next time the order role wants a Timer: at once when triggered orders wait for one. */
export function deadlinePublish(): void {
  const first = treeFirst(O_EXPIRIES, ORDER_TERMS_EXPIRY);
  let deadline = first == 0 ? i64.MAX_VALUE : treeKey(first, ORDER_TERMS_EXPIRY);
  deadline = min(deadline, parentDueNanos());
  if (load<u8>(O_DEFERRED) != 0) deadline = min(deadline, nowNanos());
  if (load<i64>(O_DUE) != 0) deadline = min(deadline, load<i64>(O_DUE));
  if (load<i64>(O_LIQUIDATION_DUE) != 0) deadline = min(deadline, load<i64>(O_LIQUIDATION_DUE));
  if (load<i64>(O_FUNDING_DUE) != 0) deadline = min(deadline, load<i64>(O_FUNDING_DUE));
  const routed = load<i64>(O_ROUTE_DEADLINE);
  if (routed != 0) deadline = min(deadline, routed);
  store<i64>(H_DEADLINE_ORDER, deadline);
}

/** True when an order expires by now. */
export function expiryIsDue(): bool {
  const first = treeFirst(O_EXPIRIES, ORDER_TERMS_EXPIRY);
  return first != 0 && treeKey(first, ORDER_TERMS_EXPIRY) <= nowNanos();
}

/** Expires what is due, earliest first, as many as one Timer may; what ends with them counts. */
export function expiriesApply(): void {
  const before = load<u32>(O_STEPS);
  for (let done: u32 = 1; ; done++) {
    if (done + load<u32>(O_STEPS) - before > <u32>EXPIRIES_PER_TIMER_MAX) return;
    const slot = treeFirst(O_EXPIRIES, ORDER_TERMS_EXPIRY);
    if (slot == 0 || treeKey(slot, ORDER_TERMS_EXPIRY) > nowNanos()) return;
    expire(slot);
  }
}

/** Expires an open order wherever it waits. */
export function expire(slot: u32): void {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const state = <i32>load<u8>(order, ORDER_ROW_STATE);
  if (state == OrderState.Armed) stopDisarm(slot);
  else if (state == OrderState.Held) heldLeave(slot);
  else {
    const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
    restingRemove(slot, traded, side);
    topTouch(traded);
    sliceReturn(slot);
  }
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, side, -load<i64>(order, ORDER_ROW_LEAVES));
  stateMove(order, OrderState.Expired);
  orderEvent(Kind.OrderExpired, slot, 0, 0);
  orderLeave(slot);
  if (linksOf(slot) != 0) linkEnded(slot);
}
