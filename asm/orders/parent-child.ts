// Children: what a parent sends into the market, and what comes back from it.
//
// A parent has at most one open child. It is an order like any other: limits, switches and
// self-trade rules hold for it, its fills are the account's, and its client id has the two top bits
// set so that it meets neither a client's nor a strategy's. What is special lies in its terms: the
// row of its parent, which plain orders never read.
//
// tidy: tested by test/asm/orders/parent.test.ts
import { accountAt, ACC_ID } from "../accounts/account";
import { nowNanos } from "../clock";
import {
  O_CHILDREN,
  O_COMMAND,
  O_DENIED,
  O_PARENT,
  ORDER_COLD_TERMS,
  ORDER_ROW_LEAVES,
  ORDER_ROW_PRICE,
  ORDER_ROW_STATE,
  ORDER_TERMS_PARENT,
} from "../layout";
import { addProduct128 } from "../math/wide";
import {
  TRD_ASK_LOTS,
  TRD_ASK_TICKS,
  TRD_BID_LOTS,
  TRD_BID_TICKS,
} from "../positions/traded";
import {
  Algorithm,
  CancelReason,
  CELL_BYTES,
  Kind,
  NEW_ALGORITHM,
  NEW_CELLS,
  NEW_FLAGS,
  NEW_MODEL,
  NEW_POSITION_SIDE,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_SELF_TRADE,
  NEW_SESSION,
  NEW_SIDE,
  NEW_TAG,
  NEW_TIF,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  OrderFlag,
  OrderState,
  OrderType,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  Side,
  TimeInForce,
} from "../vocab";
import { orderSubmit } from "./command";
import { deadlinePublish } from "./expiry";
import {
  parentAt,
  parentDueSet,
  PAR_ACCOUNT,
  PAR_ALGORITHM,
  PAR_CHILD,
  PAR_CHILDREN,
  PAR_COST,
  PAR_DENIALS,
  PAR_END,
  PAR_FEES,
  PAR_FILLED,
  PAR_INSTRUMENT,
  PAR_LIMIT,
  PAR_MODEL,
  PAR_POSITION_SIDE,
  PAR_QTY,
  PAR_REASON,
  PAR_REFUSED,
  PAR_SELF_TRADE,
  PAR_SESSION,
  PAR_SIDE,
  PAR_STRATEGY,
  PAR_TAG,
} from "./parent";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";
import { parentIsRouted, venueAdopt, venueCancel, venueLeft } from "./parent-venue";
import { isRouted } from "./route";
import { cancelOpen } from "./stop";

/** The two top bits of a child's client id. */
const CHILD_ID_TOP: u64 = 3 << 62;
/** Pause after the first denial in a row; each further one doubles it. */
export const RETRY_NANOS: i64 = 250000000;
/** Pause of an iceberg that has no child in the book. */
export const ICEBERG_NANOS: i64 = 1000000000;

/** Parent of an order that has terms; 0 for all others. */
// @ts-ignore: decorator
@inline
export function parentOf(order: u32): u32 {
  return load<u32>(orderTermsAt(order), ORDER_TERMS_PARENT);
}

/** Makes the order that has just been accepted the child of the parent that sent it. */
export function parentAdopt(order: u32): void {
  const parent = load<u32>(O_PARENT);
  const row = parentAt(parent);
  const cold = orderColdAt(order);
  store<u8>(cold, load<u8>(cold, ORDER_COLD_TERMS) | 1, ORDER_COLD_TERMS);
  store<u32>(orderTermsAt(order), parent, ORDER_TERMS_PARENT);
  store<u32>(row, order, PAR_CHILD);
  store<u32>(row, load<u32>(row, PAR_CHILDREN) + 1, PAR_CHILDREN);
  // At a venue it is not accepted yet.
  if (parentIsRouted(row)) venueAdopt(order);
  else store<u32>(row, 0, PAR_REFUSED);
}

/** Counts a fill of an order with terms, if it is a child. */
export function parentFill(order: u32, priceTicks: i64, qtyLots: i64, feeMinor: i64): void {
  const parent = parentOf(order);
  if (parent == 0) return;
  const row = parentAt(parent);
  const filled = load<i64>(row, PAR_FILLED) + qtyLots;
  assert(filled <= load<i64>(row, PAR_QTY), "children fill no more than their parent asked for");
  store<i64>(row, filled, PAR_FILLED);
  addProduct128(row + PAR_COST, priceTicks, qtyLots);
  store<i64>(row, load<i64>(row, PAR_FEES) + feeMinor, PAR_FEES);
}

/**
 * Takes note that an order with terms is closed. A filled parent, and an iceberg whose slice is
 * used up, go on with a Timer of this very time: the book may be in the middle of a match. A slice
 * that was taken out by others comes back after a pause.
 */
export function parentLeft(order: u32): void {
  const parent = parentOf(order);
  if (parent == 0) return;
  if (isRouted(order)) return venueLeft(order, parent);
  const row = parentAt(parent);
  store<u32>(row, 0, PAR_CHILD);
  const isIceberg = load<u8>(row, PAR_ALGORITHM) == Algorithm.Iceberg;
  if (!isIceberg && load<i64>(row, PAR_FILLED) != load<i64>(row, PAR_QTY)) return;
  const isFilled = load<u8>(orderAt(order), ORDER_ROW_STATE) == OrderState.Filled;
  const dueNanos = isFilled ? nowNanos() : nowNanos() + ICEBERG_NANOS;
  parentDueSet(parent, min(dueNanos, load<i64>(row, PAR_END)));
  deadlinePublish();
}

/** Cancels the open child, if there is one. */
export function childCancel(row: usize): void {
  const child = load<u32>(row, PAR_CHILD);
  if (child == 0) return;
  if (isRouted(child)) venueCancel(child);
  else cancelOpen(child, CancelReason.Parent);
}

/**
 * True when the opposite best is within the parent's limit; if not, PAR_REASON says why a child
 * cannot cross the spread.
 */
export function canCross(row: usize, traded: usize): bool {
  const limit = load<i64>(row, PAR_LIMIT);
  const isBuy = <i32>load<u8>(row, PAR_SIDE) == Side.Buy;
  const lots = load<i64>(traded + (isBuy ? TRD_ASK_LOTS : TRD_BID_LOTS));
  if (lots == 0) {
    store<u16>(row, Refusal.PriceUnknown, PAR_REASON);
    return false;
  }
  const ticks = load<i64>(traded + (isBuy ? TRD_ASK_TICKS : TRD_BID_TICKS));
  if (limit == 0 || (isBuy ? ticks <= limit : ticks >= limit)) return true;
  store<u16>(row, Refusal.PriceOutsideBand, PAR_REASON);
  return false;
}

/** Price of a resting child: the best of its own side, no worse than the limit; 0 if unknown. */
export function touchTicks(row: usize, traded: usize): i64 {
  const limit = load<i64>(row, PAR_LIMIT);
  if (load<u8>(row, PAR_ALGORITHM) == Algorithm.Iceberg) return limit;
  const isBuy = <i32>load<u8>(row, PAR_SIDE) == Side.Buy;
  if (load<i64>(traded + (isBuy ? TRD_BID_LOTS : TRD_ASK_LOTS)) == 0) return 0;
  const ticks = load<i64>(traded + (isBuy ? TRD_BID_TICKS : TRD_ASK_TICKS));
  if (limit == 0) return ticks;
  return isBuy ? min(ticks, limit) : max(ticks, limit);
}

/** True when the open child is already what would be sent: it keeps its place. */
export function childIsSame(row: usize, priceTicks: i64, qtyLots: i64): bool {
  const child = load<u32>(row, PAR_CHILD);
  if (child == 0) return false;
  const order = orderAt(child);
  const price = load<i64>(order, ORDER_ROW_PRICE);
  return price == priceTicks && load<i64>(order, ORDER_ROW_LEAVES) == qtyLots;
}

/**
 * Sends a child: resting at `priceTicks`, or crossing at the parent's limit or at market. False
 * when it was denied; PAR_REASON then says why.
 */
export function childSend(parent: u32, isCrossing: bool, priceTicks: i64, qtyLots: i64): bool {
  const row = parentAt(parent);
  assert(load<u32>(row, PAR_CHILD) == 0, "no other child works, or is unknown");
  const left = load<i64>(row, PAR_QTY) - load<i64>(row, PAR_FILLED);
  assert(qtyLots <= left, "a parent sends no more than it asked for");
  const number = load<u64>(O_CHILDREN) + 1;
  store<u64>(O_CHILDREN, number);
  memory.fill(O_COMMAND, 0, NEW_CELLS * CELL_BYTES);
  store<u16>(O_COMMAND, Kind.OrderNew, REC_KIND);
  store<u32>(O_COMMAND, load<u32>(row, PAR_INSTRUMENT), REC_INSTRUMENT);
  store<u32>(O_COMMAND, load<u32>(accountAt(load<u32>(row, PAR_ACCOUNT)), ACC_ID), ORDER_ACCOUNT);
  store<u16>(O_COMMAND, load<u16>(row, PAR_STRATEGY), ORDER_STRATEGY);
  store<u64>(O_COMMAND, CHILD_ID_TOP | number, ORDER_CLIENT_ID);
  store<i64>(O_COMMAND, priceTicks, NEW_PRICE_TICKS);
  store<i64>(O_COMMAND, qtyLots, NEW_QTY_LOTS);
  store<u8>(O_COMMAND, <u8>(priceTicks == 0 ? OrderType.Market : OrderType.Limit), NEW_TYPE);
  store<u8>(O_COMMAND, load<u8>(row, PAR_SIDE), NEW_SIDE);
  store<u8>(O_COMMAND, <u8>(isCrossing ? TimeInForce.Ioc : TimeInForce.Gtc), NEW_TIF);
  store<u8>(O_COMMAND, OrderFlag.Engine, NEW_FLAGS);
  store<u8>(O_COMMAND, load<u8>(row, PAR_SELF_TRADE), NEW_SELF_TRADE);
  store<u8>(O_COMMAND, load<u8>(row, PAR_POSITION_SIDE), NEW_POSITION_SIDE);
  store<u32>(O_COMMAND, load<u32>(row, PAR_SESSION), NEW_SESSION);
  store<u16>(O_COMMAND, load<u16>(row, PAR_MODEL), NEW_MODEL);
  store<u8>(O_COMMAND, load<u8>(row, PAR_ALGORITHM), NEW_ALGORITHM);
  store<u64>(O_COMMAND, load<u64>(row, PAR_TAG), NEW_TAG);
  const before = load<u32>(row, PAR_CHILDREN);
  store<u32>(O_PARENT, parent);
  orderSubmit(O_COMMAND);
  store<u32>(O_PARENT, 0);
  if (load<u32>(row, PAR_CHILDREN) != before) return true;
  store<u32>(row, load<u32>(row, PAR_REFUSED) + 1, PAR_REFUSED);
  store<u32>(row, load<u32>(row, PAR_DENIALS) + 1, PAR_DENIALS);
  store<u16>(row, load<u16>(O_DENIED), PAR_REASON);
  return false;
}
