// A fill at a venue: booked once, in whatever state its order is, because the venue is right.
//
// An order that has ended keeps its end and gets the fill; lots beyond the order's are booked too,
// and as its venue must know of more lots than we do (an amend came late), it is asked before the
// order counts as filled. Both are said by a VenueFault beside the fill. A fill of an order nobody
// here made belongs to no account: it is kept with its instrument, so that the venue's position is
// explained, and reported.
//
// tidy: tested by test/asm/orders/routed.test.ts
import {
  O_FILL_ID,
  O_WIDE,
  ORDER_COLD_SESSION,
  ORDER_COLD_TAG,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_FILLED,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
} from "../layout";
import { productFits } from "../math/wide";
import { outBegin, outEnd } from "../output";
import { isCash, isInverse, valueMinor } from "../positions/kind";
import { PRICE_TICKS_MAX, QTY_LOTS_MAX } from "../positions/notional";
import {
  positionAt,
  positionFill,
  positionOpen,
  positionWrite,
  POS_LOTS,
} from "../positions/position";
import { tradedAt, TRD_PRODUCT_MAX, TRD_SETTLEMENT } from "../positions/traded";
import { subFill, subHeldLots } from "../positions/sub-account";
import { executionNote } from "../risk/repeats";
import {
  Execution,
  FILL_CELLS,
  FILL_EXECUTION,
  FILL_FEE_CURRENCY,
  FILL_FEE_MINOR,
  FILL_FILLED_LOTS,
  FILL_ID,
  FILL_LEAVES_LOTS,
  FILL_LIQUIDITY,
  FILL_ORDER_ID,
  FILL_POSITION_LOTS,
  FILL_PRICE_TICKS,
  FILL_QTY_LOTS,
  FILL_REALIZED_MINOR,
  FILL_SESSION,
  FILL_SETTLEMENT,
  FILL_SIDE,
  FILL_STATE,
  FILL_TAG,
  FILL_VENUE_ID,
  FILL_VENUE_OFFSET_MICROS,
  Kind,
  OrderState,
  REC_INSTRUMENT,
  REPORT_FEE_MINOR,
  REPORT_FILL_ID,
  REPORT_LIQUIDITY,
  REPORT_PRICE_TICKS,
  REPORT_QTY_LOTS,
  REPORT_SIDE,
  REPORT_VENUE_OFFSET_MICROS,
  REPORT_VENUE_ORDER_ID,
  ReportIgnored,
  Side,
  VenueFault,
} from "../vocab";
import { writeOwner } from "./event";
import { streetBook } from "./fill";
import { venueAgain, venueFilled } from "./parent-venue";
import { orderAt, orderColdAt, orderId, orderLeave } from "./pool";
import { faultReport } from "./request";
import {
  routedAt,
  routeDoubt,
  routeOf,
  routeSet,
  routeSettle,
  ROUTE_HEARD,
  RTE_END,
  RTE_END_REASON,
  RTE_RESERVED,
  RTE_VENUE_ORDER,
  RTI_ORPHAN_LOTS,
  venueIgnore,
  venueOf,
} from "./route";
import { routedAsk, routedClose, routedEnd, routedIsDone } from "./routed";
import { routedCashFits, routedKeep } from "./routed-cash";
import { feeCurrency, feeInstead, feeOwn, feePaid, feeSaid, fillMoney } from "./routed-fee";
import { stateIsOpen } from "./state";
import { fillIsKnown, fillNote } from "./venue-fills";

/** Takes a VenueFill; `slot` is its order, 0 when nobody here made it. */
export function venueFill(rec: usize, venue: u32, slot: u32): void {
  const id = load<u64>(rec, REPORT_FILL_ID);
  const qty = load<i64>(rec, REPORT_QTY_LOTS);
  if (id == 0) {
    faultReport(rec, venue, slot, VenueFault.FillOutOfRange, 0, qty);
    return venueIgnore(venue, ReportIgnored.Malformed);
  }
  if (fillIsKnown(venue, id)) return venueIgnore(venue, ReportIgnored.Duplicate);
  fillNote(venue, id);
  if (!fillIsInRange(rec, slot)) {
    faultReport(rec, venue, slot, VenueFault.FillOutOfRange, 0, qty);
    return venueIgnore(venue, ReportIgnored.Malformed);
  }
  if (slot == 0) return orphanKeep(rec, venue);
  fillBook(rec, venue, slot);
}

/** What a book can hold: whole prices and quantities whose money stays in its range. */
function fillIsInRange(rec: usize, slot: u32): bool {
  const price = load<i64>(rec, REPORT_PRICE_TICKS);
  const qty = load<i64>(rec, REPORT_QTY_LOTS);
  if (price <= 0 || price > PRICE_TICKS_MAX || qty <= 0 || qty > QTY_LOTS_MAX) return false;
  const fee = load<i64>(rec, REPORT_FEE_MINOR);
  if (fee > QTY_LOTS_MAX || fee < -QTY_LOTS_MAX) return false;
  return slot == 0 || bookIsInRange(rec, slot, price, qty);
}

/** True when the order, its position and the fee's range hold a booking of `qty` at `price`. */
export function bookIsInRange(rec: usize, slot: u32, price: i64, qty: i64): bool {
  const fee = load<i64>(rec, REPORT_FEE_MINOR);
  if (fee > QTY_LOTS_MAX || fee < -QTY_LOTS_MAX) return false;
  const order = orderAt(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const lots = load<i64>(position, POS_LOTS);
  const own = subHeldLots(position, load<u16>(order, ORDER_ROW_STRATEGY));
  const all = (lots < 0 ? -lots : lots) + own + qty;
  if (all > QTY_LOTS_MAX || !productFits(price, all)) return false;
  if (load<i64>(order, ORDER_ROW_FILLED) + qty > QTY_LOTS_MAX) return false;
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  if (isInverse(traded)) return valueMinor(traded, price, all, true) >= 0;
  if (price * all > load<i64>(traded, TRD_PRODUCT_MAX)) return false;
  return !isCash(traded) || routedCashFits(slot, traded, price, qty);
}

function orphanKeep(rec: usize, venue: u32): void {
  const qty = load<i64>(rec, REPORT_QTY_LOTS);
  const side = <i32>load<u8>(rec, REPORT_SIDE);
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const isSided = side == Side.Buy || side == Side.Sell;
  let lots: i64 = 0;
  if (isSided && tradedAt(instrument) != 0 && venueOf(instrument) == venue) {
    const at = routedAt(instrument) + RTI_ORPHAN_LOTS;
    lots = load<i64>(at) + (side == Side.Buy ? qty : -qty);
    if (lots > QTY_LOTS_MAX || lots < -QTY_LOTS_MAX) {
      faultReport(rec, venue, 0, VenueFault.FillOutOfRange, load<i64>(at), qty);
      return venueIgnore(venue, ReportIgnored.Malformed);
    }
    store<i64>(at, lots);
  }
  faultReport(rec, venue, 0, VenueFault.OrphanFill, lots, qty);
  venueIgnore(venue, ReportIgnored.UnknownOrder);
}

function fillBook(rec: usize, venue: u32, slot: u32): void {
  const order = orderAt(slot);
  const route = routeOf(slot);
  const price = load<i64>(rec, REPORT_PRICE_TICKS);
  const qty = load<i64>(rec, REPORT_QTY_LOTS);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const wasOpen = stateIsOpen(load<u8>(order, ORDER_ROW_STATE));
  const venueOrder = load<u64>(rec, REPORT_VENUE_ORDER_ID);
  if (venueOrder != 0) store<u64>(route, venueOrder, RTE_VENUE_ORDER);
  const taken = lotsTake(order, route, qty);
  store<i64>(order, load<i64>(order, ORDER_ROW_FILLED) + qty, ORDER_ROW_FILLED);
  if (wasOpen) positionOpen(position, side, -taken);
  streetBook(traded, side, price, qty);
  const realized = positionFill(position, traded, side, price, qty, O_WIDE);
  const currency = feeCurrency(rec, venue, slot, traded);
  const fee = feeSaid(rec, slot, traded, currency);
  const asset = feeInstead(rec, slot, fee);
  fillMoney(rec, slot, position, traded, realized, currency, fee, asset);
  if (wasOpen) routedKeep(slot, route);
  const end = <i32>load<u8>(route, RTE_END);
  const isOver = wasOpen && taken < qty;
  const isDone = wasOpen && routedIsDone(slot, route) && (end != 0 || !isOver);
  if (wasOpen) routeSet(route, ROUTE_HEARD);
  const begins = isOver && !isDone && routeDoubt(slot, route);
  if (isDone && end == 0) routedClose(slot, OrderState.Filled);
  else if (wasOpen) routeSettle(slot, route);
  const paid = feePaid(fee, asset);
  outEnd(fillOpen(Kind.Fill, rec, slot, traded, paid, asset != 0 ? asset : currency, realized));
  positionWrite(Kind.PositionChanged, position);
  const own = feeOwn(traded, currency, fee, asset);
  venueFilled(slot, price, qty, own, 1);
  const strategy = <u32>load<u16>(order, ORDER_ROW_STRATEGY);
  if (strategy != 0) {
    subFill(position, traded, strategy, side, price, qty, realized, own);
    executionNote(order, position, traded);
  }
  if (!wasOpen) faultReport(rec, venue, slot, VenueFault.LateFill, 0, qty);
  else if (isOver) faultReport(rec, venue, slot, VenueFault.Overfill, taken, qty);
  venueAgain(slot);
  if (begins) routedAsk(slot, route);
  if (!isDone) return;
  if (end == 0) orderLeave(slot);
  else routedEnd(slot, end, load<u16>(route, RTE_END_REASON));
}

/** Takes a fill's lots from the leaves, then from what an amend would add; returns how many. */
function lotsTake(order: usize, route: usize, qty: i64): i64 {
  const leaves = load<i64>(order, ORDER_ROW_LEAVES);
  const reserved = load<i64>(route, RTE_RESERVED);
  const fromLeaves = min(leaves, qty);
  const fromReserved = min(reserved, qty - fromLeaves);
  store<i64>(order, leaves - fromLeaves, ORDER_ROW_LEAVES);
  store<i64>(route, reserved - fromReserved, RTE_RESERVED);
  return fromLeaves + fromReserved;
}

/** A Fill or FillCorrection of what the report says, still open. */
export function fillOpen(
  kind: i32,
  rec: usize,
  slot: u32,
  traded: usize,
  fee: i64,
  currency: u32,
  realized: i64,
): usize {
  const order = orderAt(slot);
  const cold = orderColdAt(slot);
  const id = load<u64>(O_FILL_ID) + 1;
  store<u64>(O_FILL_ID, id);
  const out = outBegin(kind, FILL_CELLS, load<u32>(order, ORDER_ROW_INSTRUMENT));
  writeOwner(out, order);
  store<u64>(out, orderId(slot), FILL_ORDER_ID);
  store<u32>(out, load<u32>(cold, ORDER_COLD_SESSION), FILL_SESSION);
  store<u8>(out, load<u8>(order, ORDER_ROW_SIDE), FILL_SIDE);
  store<u8>(out, load<u8>(rec, REPORT_LIQUIDITY), FILL_LIQUIDITY);
  store<u8>(out, load<u8>(order, ORDER_ROW_STATE), FILL_STATE);
  store<u8>(out, Execution.Routed, FILL_EXECUTION);
  store<i64>(out, load<i64>(rec, REPORT_PRICE_TICKS), FILL_PRICE_TICKS);
  store<i64>(out, load<i64>(rec, REPORT_QTY_LOTS), FILL_QTY_LOTS);
  store<i64>(out, load<i64>(order, ORDER_ROW_LEAVES), FILL_LEAVES_LOTS);
  store<i64>(out, load<i64>(order, ORDER_ROW_FILLED), FILL_FILLED_LOTS);
  store<i64>(out, fee, FILL_FEE_MINOR);
  store<u64>(out, id, FILL_ID);
  store<i64>(out, realized, FILL_REALIZED_MINOR);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  store<i64>(out, load<i64>(position, POS_LOTS), FILL_POSITION_LOTS);
  store<u64>(out, load<u64>(cold, ORDER_COLD_TAG), FILL_TAG);
  store<u16>(out, <u16>currency, FILL_FEE_CURRENCY);
  store<u16>(out, load<u16>(traded, TRD_SETTLEMENT), FILL_SETTLEMENT);
  store<i32>(out, load<i32>(rec, REPORT_VENUE_OFFSET_MICROS), FILL_VENUE_OFFSET_MICROS);
  store<u64>(out, load<u64>(rec, REPORT_FILL_ID), FILL_VENUE_ID);
  return out;
}
