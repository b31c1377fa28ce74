// Self-trade prevention that decrements: two orders of one account lose the same lots, no trade is
// printed, and what reaches zero is canceled.
//
// tidy: tested by test/asm/orders/decrement.test.ts
import { l3Remove } from "../books/ladder";
import {
  ORDER_COLD_LOCK,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
} from "../layout";
import { outEnd } from "../output";
import { positionAt, positionOpen } from "../positions/position";
import { CancelReason, EVENT_LIMIT, Kind, Liquidity } from "../vocab";
import { cashKeep } from "./cash";
import { cancelLoose } from "./close";
import { eventBegin } from "./event";
import { lotsOf, sliceCut, sliceReturn } from "./iceberg";
import { orderAt, orderColdAt } from "./pool";
import { stateIsOpen } from "./state";
import { topTouch } from "./top";

/**
 * Takes the lots two orders have in common off both, of an iceberg from what is hidden first, and
 * returns the leaves of the incoming one, which is closed when they are 0. The resting one keeps
 * its place.
 */
export function selfDecrement(slot: u32, maker: u32, traded: usize, resting: usize): i64 {
  const order = orderAt(slot);
  const makerOrder = orderAt(maker);
  const makerLots = lotsOf(maker);
  const leaves = load<i64>(order, ORDER_ROW_LEAVES);
  const lots = min(makerLots, leaves);
  topTouch(traded);
  if (lots == makerLots) {
    l3Remove(resting, maker);
    sliceReturn(maker);
    store<i64>(makerOrder, 0, ORDER_ROW_LEAVES);
  } else sliceCut(maker, resting, lots);
  store<i64>(order, leaves - lots, ORDER_ROW_LEAVES);
  report(maker, lots, Liquidity.Maker);
  report(slot, lots, Liquidity.Taker);
  if (lots == makerLots) cancelLoose(maker, CancelReason.SelfTrade);
  // The resting one may have been the other leg of this one, which has ended with it then.
  const isOpen = stateIsOpen(load<u8>(order, ORDER_ROW_STATE));
  if (isOpen && lots == leaves) cancelLoose(slot, CancelReason.SelfTrade);
  return isOpen ? leaves - lots : 0;
}

/** Gives the open lots back and says how many were taken off, and on which side of the meeting. */
function report(slot: u32, lots: i64, liquidity: i32): void {
  const order = orderAt(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), -lots);
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) != 0) cashKeep(slot);
  const out = eventBegin(Kind.OrderDecremented, slot, 0, liquidity);
  store<i64>(out, lots, EVENT_LIMIT);
  outEnd(out);
}
