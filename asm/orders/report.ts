// Reports of venues about orders: in any order, late, twice, or never.
//
// A report that cannot be right in the order's state is not our defect: it is counted and changes
// nothing. What is always taken: a fill not yet seen, and the end of an order that is open. A doubt
// ends only with an answer to our own question (its number comes back, or the order is listed),
// because any other report may be older than what made us doubt.
//
// tidy: tested by test/asm/orders/routed.test.ts
import {
  O_REQUESTS,
  ORDER_ROW_FILLED,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
} from "../layout";
import { positionAt, positionOpen } from "../positions/position";
import { PRICE_TICKS_MAX, QTY_LOTS_MAX } from "../positions/notional";
import {
  CancelReason,
  Kind,
  LinkState,
  OrderState,
  Refusal,
  REPORT_FILLED_LOTS,
  REPORT_FLAGS,
  REPORT_ORDER_ID,
  REPORT_PRICE_TICKS,
  REPORT_QTY_LOTS,
  REPORT_REASON,
  REPORT_REQUEST,
  REPORT_VENUE,
  REPORT_VENUE_ORDER_ID,
  ReportFlag,
  ReportIgnored,
  VenueFault,
} from "../vocab";
import { venueCorrection } from "./correction";
import { orderEvent } from "./event";
import { orderAt, orderById } from "./pool";
import { listingCount } from "./reconcile";
import { faultReport, requestWrite } from "./request";
import {
  isRouted,
  routeArm,
  routeClear,
  routeDoubt,
  routeDoubtEnd,
  routeHas,
  routeOf,
  routeSet,
  routeSettle,
  ROUTE_DOUBT,
  ROUTE_HEARD,
  ROUTE_UNHEARD,
  ROUTE_WISH,
  RTE_AMEND,
  RTE_AMENDED,
  RTE_AMEND_LOTS,
  RTE_AMEND_TICKS,
  RTE_CANCEL,
  RTE_CANCELED,
  RTE_END,
  RTE_END_REASON,
  RTE_QUERY,
  RTE_RESERVED,
  RTE_UNKNOWNS,
  RTE_VENUE,
  RTE_VENUE_ORDER,
  venueAt,
  venueFind,
  venueIgnore,
  VNU_LISTING,
  VNU_STATE,
} from "./route";
import {
  cancelSend,
  routedAsk,
  routedEnd,
  routedIsDone,
  routedReason,
  routedTag,
  routedTerms,
} from "./routed";
import { routedKeep } from "./routed-cash";
import { venueFill } from "./routed-fill";
import { stateIsOpen } from "./state";

/** Answers that say "unknown" before an order we never heard of counts as never arrived. */
const UNKNOWNS_MIN: u32 = 2;

/** Takes a report about an order, VenueAccepted to VenueUnknown, or about a fill of one. */
export function reportApply(kind: i32, rec: usize): void {
  const venue = venueFind(load<u16>(rec, REPORT_VENUE));
  if (venue == 0) return venueIgnore(0, ReportIgnored.UnknownOrder);
  if (isListed(rec, venue)) listingCount(venue);
  const slot = orderAtVenue(load<u64>(rec, REPORT_ORDER_ID), venue);
  if (kind == Kind.VenueFill) return venueFill(rec, venue, slot);
  if (kind == Kind.VenueFillCorrected) return venueCorrection(rec, venue, slot);
  if (slot == 0) {
    if (kind == Kind.VenueAccepted && isListed(rec, venue)) {
      faultReport(rec, venue, 0, VenueFault.OrphanOrder, 0, load<i64>(rec, REPORT_QTY_LOTS));
    }
    return venueIgnore(venue, ReportIgnored.UnknownOrder);
  }
  const route = routeOf(slot);
  const venueOrder = load<u64>(rec, REPORT_VENUE_ORDER_ID);
  if (venueOrder != 0) store<u64>(route, venueOrder, RTE_VENUE_ORDER);
  if (!stateIsOpen(load<u8>(orderAt(slot), ORDER_ROW_STATE))) {
    return reportClosed(kind, rec, venue, slot, route);
  }
  reportOpen(kind, rec, venue, slot, route);
}

/** True for a record of the listing that is coming in. */
export function isListed(rec: usize, venue: u32): bool {
  if ((<i32>load<u8>(rec, REPORT_FLAGS) & ReportFlag.Listed) == 0) return false;
  const row = venueAt(venue);
  if (load<u8>(row, VNU_STATE) != LinkState.Listing) return false;
  return load<u64>(rec, REPORT_REQUEST) == load<u64>(row, VNU_LISTING);
}

/** Slot of an order that was sent to this venue, 0 when it is none that we know. */
function orderAtVenue(id: u64, venue: u32): u32 {
  const slot = orderById(id);
  if (slot == 0 || !isRouted(slot)) return 0;
  return load<u32>(routeOf(slot), RTE_VENUE) == venue ? slot : 0;
}

function reportOpen(kind: i32, rec: usize, venue: u32, slot: u32, route: usize): void {
  switch (kind) {
    case Kind.VenueAccepted:
      return acceptedApply(rec, venue, slot, route);
    case Kind.VenueAmended:
      return amendedApply(rec, venue, slot, route);
    case Kind.VenueAmendRejected:
      return amendRejectedApply(rec, venue, slot, route);
    case Kind.VenueCancelRejected:
      return cancelRejectedApply(rec, venue, slot, route);
    case Kind.VenueUnknown:
      return unknownApply(rec, venue, slot, route);
    case Kind.VenueCanceled:
      return endApply(rec, venue, slot, route, OrderState.Canceled);
    case Kind.VenueExpired:
      return endApply(rec, venue, slot, route, OrderState.Expired);
    default:
      return endApply(rec, venue, slot, route, OrderState.Rejected);
  }
}

/**
 * A venue that works what has ended here is asked to stop: an order it once did not know, or one
 * that it lists as open.
 */
function reportClosed(kind: i32, rec: usize, venue: u32, slot: u32, route: usize): void {
  venueIgnore(venue, ReportIgnored.Closed);
  if (kind != Kind.VenueAccepted) return;
  if (!routeHas(route, ROUTE_UNHEARD) && !isListed(rec, venue)) return;
  const filled = load<i64>(orderAt(slot), ORDER_ROW_FILLED);
  const lots = load<i64>(rec, REPORT_QTY_LOTS);
  if (lots != 0 && load<i64>(rec, REPORT_FILLED_LOTS) == lots) return;
  faultReport(rec, venue, slot, VenueFault.UnwantedOrder, filled, lots);
  requestWrite(Kind.VenueOrderCancel, slot);
}

/** True when the report answers our question about the order. */
function isAnswer(rec: usize, venue: u32, route: usize): bool {
  const query = load<u64>(route, RTE_QUERY);
  return (query != 0 && load<u64>(rec, REPORT_REQUEST) == query) || isListed(rec, venue);
}

function acceptedApply(rec: usize, venue: u32, slot: u32, route: usize): void {
  const wasHeard = routeHas(route, ROUTE_HEARD);
  routeSet(route, ROUTE_HEARD);
  if (routeHas(route, ROUTE_DOUBT) && isAnswer(rec, venue, route)) {
    return statusApply(rec, venue, slot, route);
  }
  if (wasHeard) return venueIgnore(venue, ReportIgnored.Duplicate);
  routeSettle(slot, route);
  orderEvent(Kind.OrderAccepted, slot, 0, 0);
}

/** The venue's answer: the order is there, with this price, quantity and so much filled. */
function statusApply(rec: usize, venue: u32, slot: u32, route: usize): void {
  const order = orderAt(slot);
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  // Fills are missing: they come, or are asked for again. An end that was said stays.
  if (load<i64>(rec, REPORT_FILLED_LOTS) > filled || load<u8>(route, RTE_END) != 0) {
    return venueIgnore(venue, ReportIgnored.Stale);
  }
  const saidLots = load<i64>(rec, REPORT_QTY_LOTS);
  const saidTicks = load<i64>(rec, REPORT_PRICE_TICKS);
  if (!isSane(saidTicks, saidLots)) return venueIgnore(venue, ReportIgnored.Malformed);
  // Fills went beyond that after it was said, so an amend had passed: the venue is asked again.
  if (saidLots != 0 && saidLots < filled && isOlder(rec, filled)) {
    return venueIgnore(venue, ReportIgnored.Stale);
  }
  const lots = saidLots != 0 ? saidLots : filled + load<i64>(order, ORDER_ROW_LEAVES);
  const ticks = saidTicks != 0 ? saidTicks : load<i64>(order, ORDER_ROW_PRICE);
  const hadAmend = load<u64>(route, RTE_AMEND) != 0;
  const isAmended =
    ticks == load<i64>(route, RTE_AMEND_TICKS) && lots == load<i64>(route, RTE_AMEND_LOTS);
  if (hadAmend && isAmended) {
    routedTag(slot, route);
    // Its own report may still come, and would undo what was amended later.
    store<u64>(route, load<u64>(route, RTE_AMEND), RTE_AMENDED);
  }
  routeDoubtEnd(slot, route);
  store<u64>(route, 0, RTE_CANCEL);
  store<u64>(route, 0, RTE_AMEND);
  store<u8>(route, 0, RTE_UNKNOWNS);
  routedTerms(slot, route, ticks, lots);
  if (routedIsDone(slot, route)) return routedEnd(slot, OrderState.Filled, 0);
  routeSettle(slot, route);
  if (!hadAmend) orderEvent(Kind.OrderAccepted, slot, 0, 0);
  else if (isAmended) orderEvent(Kind.OrderAmended, slot, 0, 0);
  else orderEvent(Kind.AmendDenied, slot, Refusal.VenueTimeout, 0);
  if (routeHas(route, ROUTE_WISH)) cancelSend(slot, route);
}

/** True when fewer lots were filled when the venue said it, if it counts them. */
function isOlder(rec: usize, filled: i64): bool {
  const said = load<i64>(rec, REPORT_FILLED_LOTS);
  return said >= 0 && said < filled;
}

// @ts-ignore: decorator
@inline
function isSane(priceTicks: i64, qtyLots: i64): bool {
  if (priceTicks < 0 || priceTicks > PRICE_TICKS_MAX) return false;
  return qtyLots >= 0 && qtyLots <= QTY_LOTS_MAX;
}

/** Number of the request answered; a venue that cannot say means the one that is out. */
// @ts-ignore: decorator
@inline
function answered(rec: usize, out: u64): u64 {
  const request = load<u64>(rec, REPORT_REQUEST);
  return request != 0 ? request : out;
}

function amendedApply(rec: usize, venue: u32, slot: u32, route: usize): void {
  const order = orderAt(slot);
  const own = load<u64>(route, RTE_AMEND);
  const request = answered(rec, own);
  const isOld = request == 0 || request <= load<u64>(route, RTE_AMENDED);
  if (isOld || load<u8>(route, RTE_END) != 0) return venueIgnore(venue, ReportIgnored.Stale);
  const saidLots = load<i64>(rec, REPORT_QTY_LOTS);
  const saidTicks = load<i64>(rec, REPORT_PRICE_TICKS);
  // A number we never gave would make every later answer an old one.
  const isOurs = request <= load<u64>(O_REQUESTS);
  if (!isSane(saidTicks, saidLots) || saidLots == 0 || !isOurs) {
    return venueIgnore(venue, ReportIgnored.Malformed);
  }
  store<u64>(route, request, RTE_AMENDED);
  routeSet(route, ROUTE_HEARD);
  if (request == own) {
    store<u64>(route, 0, RTE_AMEND);
    routedTag(slot, route);
  }
  const ticks = saidTicks != 0 ? saidTicks : load<i64>(order, ORDER_ROW_PRICE);
  routedTerms(slot, route, ticks, saidLots);
  if (routedIsDone(slot, route)) return routedEnd(slot, OrderState.Filled, 0);
  routeSettle(slot, route);
  orderEvent(Kind.OrderAmended, slot, 0, 0);
}

function amendRejectedApply(rec: usize, venue: u32, slot: u32, route: usize): void {
  const order = orderAt(slot);
  const own = load<u64>(route, RTE_AMEND);
  if (own == 0 || answered(rec, own) != own) return venueIgnore(venue, ReportIgnored.Stale);
  store<u64>(route, 0, RTE_AMEND);
  const lots = load<i64>(order, ORDER_ROW_FILLED) + load<i64>(order, ORDER_ROW_LEAVES);
  routedTerms(slot, route, load<i64>(order, ORDER_ROW_PRICE), lots);
  const isDone = routedIsDone(slot, route);
  const begins = !isDone && isLate(rec) && routeDoubt(slot, route);
  if (!isDone) routeSettle(slot, route);
  orderEvent(Kind.AmendDenied, slot, Refusal.VenueRejected, 0);
  if (isDone) routedEnd(slot, OrderState.Filled, 0);
  else if (begins) routedAsk(slot, route);
}

/** A request that came too late says that an end or fills are on their way, or lost: ask. */
function isLate(rec: usize): bool {
  const reason = <i32>load<u16>(rec, REPORT_REASON);
  return reason == Refusal.OrderNotOpen || reason == Refusal.UnknownOrder;
}

function cancelRejectedApply(rec: usize, venue: u32, slot: u32, route: usize): void {
  const own = load<u64>(route, RTE_CANCEL);
  if (own == 0 || answered(rec, own) != own) return venueIgnore(venue, ReportIgnored.Stale);
  store<u64>(route, 0, RTE_CANCEL);
  routeClear(route, ROUTE_WISH);
  const isDoubt = isLate(rec) || !routeHas(route, ROUTE_HEARD);
  const begins = isDoubt && routeDoubt(slot, route);
  routeSettle(slot, route);
  orderEvent(Kind.CancelDenied, slot, Refusal.VenueRejected, 0);
  if (begins) routedAsk(slot, route);
}

/**
 * An order the venue does not know never got there, when that is said twice and we never heard of
 * it; one that it had confirmed was forgotten. What was filled stays.
 */
function unknownApply(rec: usize, venue: u32, slot: u32, route: usize): void {
  const query = load<u64>(route, RTE_QUERY);
  const isOurs = query != 0 && load<u64>(rec, REPORT_REQUEST) == query;
  if (!isOurs || load<u8>(route, RTE_END) != 0) return venueIgnore(venue, ReportIgnored.Stale);
  store<u64>(route, 0, RTE_QUERY);
  const unknowns = <u32>load<u8>(route, RTE_UNKNOWNS) + 1;
  store<u8>(route, <u8>unknowns, RTE_UNKNOWNS);
  if (unknowns < UNKNOWNS_MIN) return;
  if (!routeHas(route, ROUTE_HEARD)) {
    routeSet(route, ROUTE_UNHEARD);
    return routedEnd(slot, OrderState.Rejected, Refusal.VenueTimeout);
  }
  const leaves = load<i64>(orderAt(slot), ORDER_ROW_LEAVES);
  faultReport(rec, venue, slot, VenueFault.OrderForgotten, leaves, 0);
  routedEnd(slot, OrderState.Canceled, CancelReason.Venue);
}

/**
 * The venue ended the order. If it filled more than we know, what it canceled is given back at once
 * and the order stays in doubt, with the missing lots open, until their fills come.
 */
function endApply(rec: usize, venue: u32, slot: u32, route: usize, state: i32): void {
  const order = orderAt(slot);
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  const missing = min<i64>(load<i64>(rec, REPORT_FILLED_LOTS), QTY_LOTS_MAX) - filled;
  const isFilled = filled > 0 || missing > 0;
  const end = state == OrderState.Rejected && isFilled ? <i32>OrderState.Canceled : state;
  const said = <i32>load<u16>(rec, REPORT_REASON);
  let reason = end == OrderState.Canceled
    ? routedReason(route, state == OrderState.Canceled ? said : 0)
    : end == OrderState.Rejected ? <i32>Refusal.VenueRejected : 0;
  const before = <i32>load<u8>(route, RTE_END);
  if (before != 0 && missing > 0) return venueIgnore(venue, ReportIgnored.Duplicate);
  if (before != 0) reason = <i32>load<u16>(route, RTE_END_REASON);
  if (missing <= 0) return routedEnd(slot, before != 0 ? before : end, reason);
  const open = load<i64>(order, ORDER_ROW_LEAVES) + load<i64>(route, RTE_RESERVED);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), missing - open);
  store<i64>(order, missing, ORDER_ROW_LEAVES);
  store<i64>(route, max<i64>(open - missing, 0), RTE_CANCELED);
  store<i64>(route, 0, RTE_RESERVED);
  store<u64>(route, 0, RTE_AMEND);
  store<u64>(route, 0, RTE_CANCEL);
  routedKeep(slot, route);
  store<u8>(route, <u8>end, RTE_END);
  store<u16>(route, <u16>reason, RTE_END_REASON);
  routeSet(route, ROUTE_HEARD);
  routeClear(route, ROUTE_WISH);
  const begins = routeDoubt(slot, route);
  routeSettle(slot, route);
  if (!begins) return;
  routeArm(slot, route);
  orderEvent(Kind.OrderInDoubt, slot, Refusal.InDoubt, 0);
}
