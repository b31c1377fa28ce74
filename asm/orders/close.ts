// The end of an order that does not fill: out of the book, open lots given back, one record.
//
// tidy: tested by test/fuzz/order.test.ts
import {
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
} from "../layout";
import { positionAt, positionOpen } from "../positions/position";
import { tradedAt, TRD_BUYS, TRD_EXECUTION, TRD_SELLS } from "../positions/traded";
import { Execution, Kind, OrderState, Side } from "../vocab";
import { restingRemove } from "./call";
import { linkEnded, linksOf } from "./contingency";
import { orderEvent } from "./event";
import { sliceReturn } from "./iceberg";
import { orderAt, orderLeave } from "./pool";
import { routedCancel } from "./routed";
import { stateMove } from "./state";
import { topTouch } from "./top";

/**
 * Address of the resting orders of one side of an instrument. The side is a coin toss to the branch
 * predictor, here and wherever a `select` asks for it.
 */
// @ts-ignore: decorator
@inline
export function restingSide(traded: usize, side: i32): usize {
  return load<u32>(traded + select<i32>(TRD_BUYS, TRD_SELLS, side == Side.Buy));
}

/** Cancels an order that rests in a book or waits in a call, or asks its venue to. */
export function cancelResting(slot: u32, reason: i32): void {
  const order = orderAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  if (load<u8>(traded, TRD_EXECUTION) == Execution.Routed) return routedCancel(slot, reason);
  restingRemove(slot, traded, load<u8>(order, ORDER_ROW_SIDE));
  topTouch(traded);
  sliceReturn(slot);
  cancelLoose(slot, reason);
}

/** Cancels an order that is in no book; the record's leaves are the lots that were canceled. */
export function cancelLoose(slot: u32, reason: i32): void {
  const order = orderAt(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), -load<i64>(order, ORDER_ROW_LEAVES));
  stateMove(order, OrderState.Canceled);
  orderEvent(Kind.OrderCanceled, slot, reason, 0);
  orderLeave(slot);
  if (linksOf(slot) != 0) linkEnded(slot);
}
