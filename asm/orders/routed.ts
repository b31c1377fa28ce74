// Orders of instruments that trade at a venue: what we ask for, and what we do without an answer.
//
// Nothing is sent twice. A request whose answer does not come in time puts its order in doubt, and
// the only thing asked then is what became of it; see report.ts for the answers. A cancel of an
// order in doubt is remembered and sent when the doubt ends.
import {
  O_VENUES,
  ORDER_COLD_TAG,
  ORDER_ROW_FILLED,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_NEXT,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_TYPE,
  ROUTES_PER_TIMER_MAX,
} from "../layout";
import { nowNanos } from "../clock";
import { isCash } from "../positions/kind";
import { positionAt, positionOpen } from "../positions/position";
import { tradedAt } from "../positions/traded";
import {
  AMEND_FIELDS,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_TAG,
  AmendField,
  CancelReason,
  Kind,
  NEW_CONTINGENCY,
  NEW_DISPLAY_LOTS,
  NEW_FLAGS,
  NEW_TIF,
  NEW_TYPE,
  OrderFlag,
  OrderState,
  OrderType,
  REC_INSTRUMENT,
  Refusal,
  TimeInForce,
} from "../vocab";
import { mayAmend, shapeRefusal } from "./amend";
import { cashHold } from "./cash";
import { denyAmend, orderEvent } from "./event";
import { orderAt, orderColdAt, orderLeave } from "./pool";
import { listingAsk } from "./reconcile";
import { requestTerms, requestWrite } from "./request";
import {
  routeArm,
  routeClear,
  routeDoubt,
  routeDue,
  routeHas,
  routeHasRoom,
  routeLeave,
  routeOf,
  routeSet,
  routeSettle,
  routeTake,
  ROUTE_DOUBT,
  ROUTE_WISH,
  RTE_AMEND,
  RTE_AMEND_LOTS,
  RTE_AMEND_TAG,
  RTE_AMEND_TICKS,
  RTE_CANCEL,
  RTE_CANCELED,
  RTE_CANCEL_REASON,
  RTE_END,
  RTE_END_REASON,
  RTE_QUERY,
  RTE_RESERVED,
  RTE_TRIES,
  RTE_VENUE,
  venueAt,
  venueIsUp,
  venueOf,
  VNU_DEADLINE,
  VNU_FIRST,
} from "./route";
import { routedKeep } from "./routed-cash";
import { stateMove } from "./state";

/** What a venue is not asked for: types and times in force that rest with us elsewhere. */
export function routedShapeRefusal(rec: usize): Refusal {
  const type = <i32>load<u8>(rec, NEW_TYPE);
  if (type != OrderType.Limit && type != OrderType.Market) return Refusal.OrderTypeUnsupported;
  if (<i32>load<u8>(rec, NEW_TIF) > TimeInForce.Fok) return Refusal.TimeInForceUnsupported;
  if (load<u8>(rec, NEW_CONTINGENCY) != 0) return Refusal.ContingencyInvalid;
  // One that rests would have to shrink at its venue, a round trip behind the position.
  const isReducing = (load<u8>(rec, NEW_FLAGS) & OrderFlag.ReduceOnly) != 0;
  const rests = type == OrderType.Limit && load<u8>(rec, NEW_TIF) == TimeInForce.Gtc;
  if (isReducing && rests) return Refusal.FlagUnsupported;
  return load<i64>(rec, NEW_DISPLAY_LOTS) != 0 ? Refusal.DisplayInvalid : Refusal.None;
}

/** Why no order may go to the venue of this instrument now. */
export function routedRefusal(rec: usize): Refusal {
  if (!routeHasRoom()) return Refusal.OrdersFull;
  return venueIsUp(venueOf(load<u32>(rec, REC_INSTRUMENT))) ? Refusal.None : Refusal.VenueDown;
}

/** Sends a new order, which was made in state Pending. */
export function routedNew(slot: u32): void {
  const venue = venueOf(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT));
  const route = routeTake(slot, venue);
  if (isCash(tradedAt(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT)))) cashHold(slot);
  orderEvent(Kind.OrderPending, slot, 0, 0);
  requestWrite(Kind.VenueOrderNew, slot);
  routeArm(slot, route);
}

/** Asks for the end of an open order; while it is in doubt, as soon as the doubt ends. */
export function routedCancel(slot: u32, reason: i32): void {
  const route = routeOf(slot);
  if (load<u64>(route, RTE_CANCEL) != 0 && !routeHas(route, ROUTE_DOUBT)) return;
  store<u16>(route, <u16>reason, RTE_CANCEL_REASON);
  if (!routeHas(route, ROUTE_DOUBT)) return cancelSend(slot, route);
  routeSet(route, ROUTE_WISH);
  orderEvent(Kind.OrderPending, slot, 0, 0);
}

/** True when its cancel is out, or is sent as soon as its doubt ends. */
export function routedIsLeaving(slot: u32, state: i32): bool {
  if (state == OrderState.PendingCancel) return true;
  return state == OrderState.InDoubt && routeHas(routeOf(slot), ROUTE_WISH);
}

/**
 * Asks the venue for the end of an instrument's open orders, which have expired; true when it has
 * ended all of them. Only then are positions settled: a fill may still be on its way.
 */
export function routedExpired(instrument: u32): bool {
  const venue = venueOf(instrument);
  if (venue == 0) return true;
  let isLast = true;
  let slot = load<u32>(venueAt(venue), VNU_FIRST);
  while (slot != 0) {
    const order = orderAt(slot);
    if (load<u32>(order, ORDER_ROW_INSTRUMENT) == instrument) {
      isLast = false;
      const state = <i32>load<u8>(order, ORDER_ROW_STATE);
      if (!routedIsLeaving(slot, state)) routedCancel(slot, CancelReason.InstrumentChange);
    }
    slot = load<u32>(order, ORDER_ROW_NEXT);
  }
  return isLast;
}

/** Sends a cancel. */
export function cancelSend(slot: u32, route: usize): void {
  routeClear(route, ROUTE_WISH);
  const number = requestWrite(Kind.VenueOrderCancel, slot);
  store<u64>(route, number, RTE_CANCEL);
  routeSettle(slot, route);
  routeArm(slot, route);
  orderEvent(Kind.OrderPending, slot, 0, 0);
}

/** Asks for another price or quantity; the order keeps what it has until the venue agrees. */
export function routedAmend(rec: usize, slot: u32, account: u32, traded: usize): void {
  const order = orderAt(slot);
  const route = routeOf(slot);
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const wasTicks = load<i64>(order, ORDER_ROW_PRICE);
  const wasLots = load<i64>(order, ORDER_ROW_LEAVES);
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  const price = fields & AmendField.Price ? load<i64>(rec, AMEND_PRICE_TICKS) : wasTicks;
  const qty = fields & AmendField.Qty ? load<i64>(rec, AMEND_QTY_LOTS) : wasLots + filled;
  const refusal = routedAmendRefusal(rec, slot, account, traded, price, qty);
  if (refusal != Refusal.None) return denyAmend(rec, slot, refusal);
  const added = max<i64>(qty - filled - wasLots, 0);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), added);
  store<i64>(route, added, RTE_RESERVED);
  store<i64>(route, price, RTE_AMEND_TICKS);
  store<i64>(route, qty, RTE_AMEND_LOTS);
  store<u64>(route, load<u64>(rec, AMEND_TAG), RTE_AMEND_TAG);
  store<u64>(route, requestTerms(Kind.VenueOrderAmend, slot, price, qty), RTE_AMEND);
  routedKeep(slot, route);
  routeSettle(slot, route);
  routeArm(slot, route);
  orderEvent(Kind.OrderPending, slot, 0, 0);
}

/** One amend at a time, of an order the venue has confirmed, as any amend then. */
function routedAmendRefusal(
  rec: usize,
  slot: u32,
  account: u32,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
): i32 {
  const order = orderAt(slot);
  const state = <i32>load<u8>(order, ORDER_ROW_STATE);
  if (state == OrderState.InDoubt) return Refusal.InDoubt;
  if (state != OrderState.Live && state != OrderState.PartlyFilled) return Refusal.RequestPending;
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  const shape = shapeRefusal(rec, traded, priceTicks, qtyLots, filled);
  if (shape != Refusal.None) return shape;
  const wasLots = load<i64>(order, ORDER_ROW_LEAVES);
  const leaves = qtyLots - filled;
  const isSamePrice = priceTicks == load<i64>(order, ORDER_ROW_PRICE);
  if (isSamePrice && leaves == wasLots) return Refusal.AmendNothing;
  if (!venueIsUp(routedVenue(slot))) return Refusal.VenueDown;
  const isKept = isSamePrice && leaves < wasLots;
  return mayAmend(account, slot, order, traded, priceTicks, leaves, wasLots, isKept);
}

/** Applies the price and the total quantity an open order has at its venue. */
export function routedTerms(slot: u32, route: usize, priceTicks: i64, qtyLots: i64): void {
  const order = orderAt(slot);
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  const was = load<i64>(order, ORDER_ROW_LEAVES) + load<i64>(route, RTE_RESERVED);
  const leaves = max<i64>(qtyLots - filled, 0);
  let reserved: i64 = 0;
  if (load<u64>(route, RTE_AMEND) != 0) {
    reserved = max<i64>(load<i64>(route, RTE_AMEND_LOTS) - filled - leaves, 0);
  }
  store<i64>(order, leaves, ORDER_ROW_LEAVES);
  // A market order has no price, whatever its venue shows.
  const isLimit = <i32>load<u8>(order, ORDER_ROW_TYPE) == OrderType.Limit;
  if (isLimit) store<i64>(order, priceTicks, ORDER_ROW_PRICE);
  store<i64>(route, reserved, RTE_RESERVED);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), leaves + reserved - was);
  routedKeep(slot, route);
}

/** True when neither lots nor an amend that would add some are left. */
// @ts-ignore: decorator
@inline
export function routedIsDone(slot: u32, route: usize): bool {
  return load<i64>(orderAt(slot), ORDER_ROW_LEAVES) + load<i64>(route, RTE_RESERVED) == 0;
}

/** The amend's tag becomes the order's. */
export function routedTag(slot: u32, route: usize): void {
  const tag = load<u64>(route, RTE_AMEND_TAG);
  if (tag != 0) store<u64>(orderColdAt(slot), tag, ORDER_COLD_TAG);
}

/** Ends an open order and says so; Filled is said with OrderAmended (no lots are left). */
export function routedEnd(slot: u32, state: i32, reason: i32): void {
  routedClose(slot, state);
  let kind: i32 = Kind.OrderCanceled;
  if (state == OrderState.Filled) kind = Kind.OrderAmended;
  else if (state == OrderState.Rejected) kind = Kind.OrderRejected;
  else if (state == OrderState.Expired) kind = Kind.OrderExpired;
  // The same order sent again is told the same.
  store<u16>(routeOf(slot), <u16>reason, RTE_END_REASON);
  orderEvent(kind, slot, reason, 0);
  orderLeave(slot);
}

/** Gives open lots back, forgets what was asked, and moves the order to its last state. */
export function routedClose(slot: u32, state: i32): void {
  const order = orderAt(slot);
  const route = routeOf(slot);
  const open = load<i64>(order, ORDER_ROW_LEAVES) + load<i64>(route, RTE_RESERVED);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), -open);
  if (load<u8>(route, RTE_END) != 0) {
    const canceled = load<i64>(route, RTE_CANCELED) + load<i64>(order, ORDER_ROW_LEAVES);
    store<i64>(order, canceled, ORDER_ROW_LEAVES);
  }
  store<i64>(route, 0, RTE_RESERVED);
  store<u64>(route, 0, RTE_AMEND);
  store<u64>(route, 0, RTE_CANCEL);
  store<u8>(route, 0, RTE_END);
  routeClear(route, ROUTE_WISH);
  routeLeave(slot, route);
  stateMove(order, state);
}

// Missed answers -------------------------------------------------------------------------------

/** Looks after answers that did not come: orders, earliest first, then listings. */
export function routedTimer(): void {
  for (let done = 0; done < ROUTES_PER_TIMER_MAX; done++) {
    const slot = routeDue();
    if (slot == 0) break;
    const route = routeOf(slot);
    if (routeDoubt(slot, route)) {
      routeSettle(slot, route);
      orderEvent(Kind.OrderInDoubt, slot, Refusal.VenueTimeout, 0);
    }
    routedAsk(slot, route);
  }
  for (let venue: u32 = 1; venue < load<u32>(O_VENUES); venue++) {
    const deadline = load<i64>(venueAt(venue), VNU_DEADLINE);
    if (deadline != 0 && deadline <= nowNanos()) listingAsk(venue);
  }
}

/** Asks what became of an order in doubt. */
export function routedAsk(slot: u32, route: usize): void {
  store<u64>(route, requestWrite(Kind.VenueQuery, slot), RTE_QUERY);
  routeArm(slot, route);
  const tries = <u32>load<u8>(route, RTE_TRIES);
  if (tries < 255) store<u8>(route, <u8>(tries + 1), RTE_TRIES);
}

/** Why a cancel of ours ended the order, if one did; else what the venue says. */
export function routedReason(route: usize, said: i32): i32 {
  if (said != CancelReason.None) return said;
  const own = <i32>load<u16>(route, RTE_CANCEL_REASON);
  const isOurs = load<u64>(route, RTE_CANCEL) != 0 || routeHas(route, ROUTE_WISH);
  return isOurs ? own : CancelReason.Venue;
}

/** Venue row of an order. */
// @ts-ignore: decorator
@inline
export function routedVenue(slot: u32): u32 {
  return load<u32>(routeOf(slot), RTE_VENUE);
}
