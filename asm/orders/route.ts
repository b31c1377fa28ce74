// What the core keeps of an order at a venue, and of each venue: rows, lists, deadlines.
//
// A routed order's state is not stored by whoever handles a report; it is what its row says: in
// doubt, else a cancel is out, else an amend, else not yet heard of, else live. `routeSettle` moves
// the order there after every change, so reports may come in any order. The deadline tree uses the
// trigger node of the order's terms: a routed order never waits for a trigger.
//
// tidy: tested by test/asm/orders/routed.test.ts
import { nowNanos } from "../clock";
import {
  INSTRUMENTS_MAX,
  O_ROUTES,
  O_ROUTES_FREE,
  O_ROUTES_OPEN,
  O_ROUTE_DEADLINE,
  O_ROUTE_DEADLINES,
  O_VENUES,
  ORDER_COLD_ROUTE,
  ORDER_COLD_TERMS,
  ORDER_ROW_FILLED,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_NEXT,
  ORDER_ROW_PREV,
  ORDER_ROW_STATE,
  ORDER_TERMS_TRIGGER,
  ROUTED_ROWS,
  ROUTED_ROW_BYTES,
  ROUTES_MAX,
  ROUTES_OPEN_MAX,
  ROUTE_ROWS,
  ROUTE_ROW_BYTES,
  VENUES_MAX,
  VENUE_IGNORED,
  VENUE_ROWS,
  VENUE_ROW_BYTES,
} from "../layout";
import { instrumentAt } from "../reference/instrument";
import { LinkState, OrderState, SPEC_VENUE } from "../vocab";
import { deadlinePublish } from "./expiry";
import { orderAt, orderColdAt } from "./pool";
import { doubtsOver } from "./reconcile";
import { stateMove } from "./state";
import { treeAdd, treeFirst, treeKey, treeRemove } from "./tree";

export const RTE_VENUE_ORDER: i32 = 0; // u64, 0 = unknown
export const RTE_AMEND_TICKS: i32 = 8; // i64, price of the amend that is out
export const RTE_AMEND_LOTS: i32 = 16; // i64, its quantity with what is filled
export const RTE_RESERVED: i32 = 24; // i64, lots it would add, counted as open until answered
export const RTE_AMEND: i32 = 32; // u64, number of the amend that is out, 0 = none
export const RTE_CANCEL: i32 = 40; // u64, of the cancel
export const RTE_QUERY: i32 = 48; // u64, of the query
export const RTE_AMENDED: i32 = 56; // u64, of the last amend that was applied
export const RTE_AMEND_TAG: i32 = 64; // u64
export const RTE_FLAGS: i32 = 72; // u8, bits below
export const RTE_END: i32 = 73; // u8, enum OrderState the venue ended it in while fills are missing
export const RTE_UNKNOWNS: i32 = 74; // u8, times the venue said that it does not know the order
export const RTE_TRIES: i32 = 75; // u8, queries in a row without an end of the doubt
export const RTE_CANCEL_REASON: i32 = 76; // u16, enum CancelReason of a cancel of ours
export const RTE_END_REASON: i32 = 78; // u16
export const RTE_VENUE: i32 = 80; // u32, venue row
export const RTE_NEXT: i32 = 84; // u32, free list
export const RTE_CANCELED: i32 = 88; // i64, lots the venue canceled while fills are missing

/** The venue has confirmed the order, or filled some of it. */
export const ROUTE_HEARD: u32 = 1;
export const ROUTE_DOUBT: u32 = 2;
/** A cancel is wanted as soon as the doubt ends. */
export const ROUTE_WISH: u32 = 4;
/** The order lies in the tree of deadlines. */
export const ROUTE_TIMED: u32 = 8;
/** Ended because the venue did not know it; should it turn up there, it is canceled. */
export const ROUTE_UNHEARD: u32 = 16;

export const VNU_ID: i32 = 0; // u16
export const VNU_STATE: i32 = 2; // u8, enum LinkState
export const VNU_FIRST: i32 = 4; // u32, newest open order
export const VNU_TIMEOUT_MILLIS: i32 = 8; // u32
export const VNU_LISTED: i32 = 12; // u32, records of the listing so far
export const VNU_LISTING: i32 = 16; // u64, number of the listing that was asked for last
export const VNU_DEADLINE: i32 = 24; // i64, when the listing is missed, 0 = none

export const RTI_VENUE_LOTS: i32 = 0; // i64, last position the venue reported
export const RTI_ORPHAN_LOTS: i32 = 8; // i64, signed lots of fills that belong to nobody
export const RTI_DOUBTS: i32 = 16; // u32, orders in doubt
export const RTI_FLAGS: i32 = 20; // u8, bits below
/** A position of the venue waits to be compared. */
export const RTI_REPORTED: u32 = 1;
/** The venue is asked for the position when the last doubt about an order ends. */
export const RTI_WANTED: u32 = 2;
/** The last comparison found a difference. */
export const RTI_DIFFERS: u32 = 4;

const TIMEOUT_MILLIS: u32 = 5000;
/** A query is repeated after 1, 2, 4, ... 64 timeouts. */
const BACKOFF_MAX: u32 = 6;

/** Address of a route row. */
// @ts-ignore: decorator
@inline
export function routeRow(row: u32): usize {
  return <usize>ROUTE_ROWS + <usize>row * ROUTE_ROW_BYTES;
}

/** Address of the route row of an order at a venue. */
// @ts-ignore: decorator
@inline
export function routeOf(slot: u32): usize {
  return routeRow(load<u32>(orderColdAt(slot), ORDER_COLD_ROUTE));
}

/** True when the order is, or was, at a venue. */
export function isRouted(slot: u32): bool {
  return load<u32>(orderColdAt(slot), ORDER_COLD_ROUTE) != 0;
}

/** Address of a venue's row. */
// @ts-ignore: decorator
@inline
export function venueAt(row: u32): usize {
  return <usize>VENUE_ROWS + <usize>row * VENUE_ROW_BYTES;
}

/** Address of what is kept of an instrument that trades at a venue. */
// @ts-ignore: decorator
@inline
export function routedAt(instrument: u32): usize {
  assert(instrument < <u32>INSTRUMENTS_MAX, "the instrument is known");
  return <usize>ROUTED_ROWS + <usize>instrument * ROUTED_ROW_BYTES;
}

/** Row of a venue by id, 0 when no VenueStatus ever came. */
export function venueFind(id: u32): u32 {
  for (let row: u32 = 1; row < load<u32>(O_VENUES); row++) {
    if (load<u16>(venueAt(row), VNU_ID) == id) return row;
  }
  return 0;
}

/** As `venueFind`, made when missing; 0 when VENUES_MAX are known. */
export function venueTake(id: u32): u32 {
  const known = venueFind(id);
  if (known != 0) return known;
  const row = max<u32>(load<u32>(O_VENUES), 1);
  if (row >= <u32>VENUES_MAX) return 0;
  store<u32>(O_VENUES, row + 1);
  store<u16>(venueAt(row), <u16>id, VNU_ID);
  store<u32>(venueAt(row), TIMEOUT_MILLIS, VNU_TIMEOUT_MILLIS);
  return row;
}

/** Row of the venue an instrument trades at, 0 when unknown. */
export function venueOf(instrument: u32): u32 {
  const spec = instrumentAt(instrument);
  return spec == 0 ? 0 : venueFind(load<u16>(spec, SPEC_VENUE));
}

/** Counts a report that changed nothing. */
export function venueIgnore(venue: u32, why: i32): void {
  const at = venueAt(venue) + VENUE_IGNORED + (why << 2);
  store<u32>(at, load<u32>(at) + 1);
}

// Rows of orders -------------------------------------------------------------------------------

/** True when another order may go to a venue. */
export function routeHasRoom(): bool {
  return load<u32>(O_ROUTES_OPEN) < <u32>ROUTES_OPEN_MAX;
}

/** Gives a new order its row and enters it into its venue's list of open orders. */
export function routeTake(slot: u32, venue: u32): usize {
  let row = load<u32>(O_ROUTES_FREE);
  if (row != 0) store<u32>(O_ROUTES_FREE, load<u32>(routeRow(row), RTE_NEXT));
  else {
    row = max<u32>(load<u32>(O_ROUTES), 1);
    assert(row < <u32>ROUTES_MAX, "open and known orders have a route row each");
    store<u32>(O_ROUTES, row + 1);
  }
  const route = routeRow(row);
  store<u32>(route, 0, RTE_NEXT);
  store<u32>(route, venue, RTE_VENUE);
  store<u32>(orderColdAt(slot), row, ORDER_COLD_ROUTE);
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  store<u32>(O_ROUTES_OPEN, load<u32>(O_ROUTES_OPEN) + 1);
  const first = load<u32>(venueAt(venue), VNU_FIRST);
  store<u32>(orderAt(slot), first, ORDER_ROW_NEXT);
  if (first != 0) store<u32>(orderAt(first), slot, ORDER_ROW_PREV);
  store<u32>(venueAt(venue), slot, VNU_FIRST);
  return route;
}

/** Takes an order that ends out of its venue's list, the tree of deadlines and all doubt. */
export function routeLeave(slot: u32, route: usize): void {
  routeDisarm(slot, route);
  routeDoubtEnd(slot, route);
  store<u64>(route, 0, RTE_QUERY);
  const order = orderAt(slot);
  const next = load<u32>(order, ORDER_ROW_NEXT);
  const prev = load<u32>(order, ORDER_ROW_PREV);
  if (prev != 0) store<u32>(orderAt(prev), next, ORDER_ROW_NEXT);
  else store<u32>(venueAt(load<u32>(route, RTE_VENUE)), next, VNU_FIRST);
  if (next != 0) store<u32>(orderAt(next), prev, ORDER_ROW_PREV);
  store<u64>(order, 0, ORDER_ROW_NEXT);
  store<u32>(O_ROUTES_OPEN, load<u32>(O_ROUTES_OPEN) - 1);
}

/** Gives the row of an order that is no longer known back. */
export function routeForget(row: u32): void {
  const route = routeRow(row);
  memory.fill(route, 0, ROUTE_ROW_BYTES);
  store<u32>(route, load<u32>(O_ROUTES_FREE), RTE_NEXT);
  store<u32>(O_ROUTES_FREE, row);
}

// @ts-ignore: decorator
@inline
export function routeHas(route: usize, flag: u32): bool {
  return (<u32>load<u8>(route, RTE_FLAGS) & flag) != 0;
}

// @ts-ignore: decorator
@inline
export function routeSet(route: usize, flag: u32): void {
  store<u8>(route, <u8>(<u32>load<u8>(route, RTE_FLAGS) | flag), RTE_FLAGS);
}

// @ts-ignore: decorator
@inline
export function routeClear(route: usize, flag: u32): void {
  store<u8>(route, <u8>(<u32>load<u8>(route, RTE_FLAGS) & ~flag), RTE_FLAGS);
}

/** Begins the doubt about an order; false when there was one. */
export function routeDoubt(slot: u32, route: usize): bool {
  if (routeHas(route, ROUTE_DOUBT)) return false;
  routeSet(route, ROUTE_DOUBT);
  if (load<u64>(route, RTE_CANCEL) != 0) routeSet(route, ROUTE_WISH);
  const instrument = routedAt(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT));
  store<u32>(instrument, load<u32>(instrument, RTI_DOUBTS) + 1, RTI_DOUBTS);
  return true;
}

/** Ends it. */
export function routeDoubtEnd(slot: u32, route: usize): void {
  if (!routeHas(route, ROUTE_DOUBT)) return;
  routeClear(route, ROUTE_DOUBT);
  store<u64>(route, 0, RTE_QUERY);
  store<u8>(route, 0, RTE_TRIES);
  const instrument = routedAt(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT));
  const doubts = load<u32>(instrument, RTI_DOUBTS) - 1;
  store<u32>(instrument, doubts, RTI_DOUBTS);
  if (doubts != 0) return;
  doubtsOver(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT), load<u32>(route, RTE_VENUE));
}

/** Moves an open order to the state its row says; one with nothing out waits for no answer. */
export function routeSettle(slot: u32, route: usize): void {
  const order = orderAt(slot);
  const state = stateOf(order, route);
  if (state != <i32>load<u8>(order, ORDER_ROW_STATE)) stateMove(order, state);
  if (state == OrderState.Live || state == OrderState.PartlyFilled) routeDisarm(slot, route);
}

function stateOf(order: usize, route: usize): i32 {
  if (routeHas(route, ROUTE_DOUBT)) return OrderState.InDoubt;
  if (load<u64>(route, RTE_CANCEL) != 0) return OrderState.PendingCancel;
  if (load<u64>(route, RTE_AMEND) != 0) return OrderState.PendingAmend;
  if (!routeHas(route, ROUTE_HEARD)) return OrderState.Pending;
  return load<i64>(order, ORDER_ROW_FILLED) > 0 ? OrderState.PartlyFilled : OrderState.Live;
}

// Deadlines ------------------------------------------------------------------------------------

/** Waits for an answer about the order from now on, longer after each query without one. */
export function routeArm(slot: u32, route: usize): void {
  if (routeHas(route, ROUTE_TIMED)) treeRemove(O_ROUTE_DEADLINES, ORDER_TERMS_TRIGGER, slot);
  routeSet(route, ROUTE_TIMED);
  const venue = venueAt(load<u32>(route, RTE_VENUE));
  const tries = min<u32>(load<u8>(route, RTE_TRIES), BACKOFF_MAX);
  const deadline = nowNanos() + (venueTimeout(venue) << <i64>tries);
  treeAdd(O_ROUTE_DEADLINES, ORDER_TERMS_TRIGGER, slot, deadline);
  routesPublish();
}

/** Nanoseconds after which an answer of the venue is missed. */
export function venueTimeout(venue: usize): i64 {
  return <i64>load<u32>(venue, VNU_TIMEOUT_MILLIS) * 1000000;
}

export function routeDisarm(slot: u32, route: usize): void {
  if (!routeHas(route, ROUTE_TIMED)) return;
  routeClear(route, ROUTE_TIMED);
  treeRemove(O_ROUTE_DEADLINES, ORDER_TERMS_TRIGGER, slot);
  routesPublish();
}

/** The order whose answer is missed next, 0 when none is due. */
export function routeDue(): u32 {
  const slot = treeFirst(O_ROUTE_DEADLINES, ORDER_TERMS_TRIGGER);
  return slot != 0 && treeKey(slot, ORDER_TERMS_TRIGGER) <= nowNanos() ? slot : 0;
}

/** Publishes the next time an answer is missed: of an order, or of a listing. */
export function routesPublish(): void {
  const slot = treeFirst(O_ROUTE_DEADLINES, ORDER_TERMS_TRIGGER);
  let deadline = slot == 0 ? 0 : treeKey(slot, ORDER_TERMS_TRIGGER);
  for (let row: u32 = 1; row < load<u32>(O_VENUES); row++) {
    const listing = load<i64>(venueAt(row), VNU_DEADLINE);
    if (listing != 0 && (deadline == 0 || listing < deadline)) deadline = listing;
  }
  if (deadline == load<i64>(O_ROUTE_DEADLINE)) return;
  store<i64>(O_ROUTE_DEADLINE, deadline);
  deadlinePublish();
}

/** True when orders may go to the venue. */
export function venueIsUp(venue: u32): bool {
  return venue != 0 && load<u8>(venueAt(venue), VNU_STATE) == LinkState.Up;
}
