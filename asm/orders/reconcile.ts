// The link to a venue as a state machine: Down, Asked, Listing, Up.
//
// Whatever happened while nobody listened, a link that comes up first asks the venue for its open
// orders, recent fills and positions. Every order of the venue is in doubt from the moment the link
// changes until the listing or an answer about that very order says what it is; new orders are
// denied until the listing is done. Positions are compared, a difference is reported and kept, and
// never corrected by overwriting: only fills change positions.
//
// tidy: tested by test/asm/orders/reconcile.test.ts
import { nowNanos } from "../clock";
import { ORDER_ROW_NEXT, R_INSTRUMENTS } from "../layout";
import { tradedAt, TRD_EXECUTION, TRD_STREET_LOTS } from "../positions/traded";
import {
  Execution,
  Kind,
  LINK_FLAGS,
  LINK_LISTING,
  LINK_LOTS,
  LINK_RECORDS,
  LINK_STATE,
  LINK_TIMEOUT_MILLIS,
  LINK_VENUE,
  LinkState,
  QueryScope,
  REC_INSTRUMENT,
  Refusal,
  ReportFlag,
  ReportIgnored,
} from "../vocab";
import { orderEvent } from "./event";
import { orderAt } from "./pool";
import { faultPosition, requestQuery } from "./request";
import {
  routeDisarm,
  routeDoubt,
  routedAt,
  routeHas,
  routeOf,
  routeSettle,
  ROUTE_DOUBT,
  routesPublish,
  RTE_QUERY,
  RTE_TRIES,
  RTI_DIFFERS,
  RTI_DOUBTS,
  RTI_FLAGS,
  RTI_ORPHAN_LOTS,
  RTI_REPORTED,
  RTI_VENUE_LOTS,
  RTI_WANTED,
  venueAt,
  venueFind,
  venueIgnore,
  venueOf,
  venueTake,
  venueTimeout,
  VNU_DEADLINE,
  VNU_FIRST,
  VNU_LISTED,
  VNU_LISTING,
  VNU_STATE,
  VNU_TIMEOUT_MILLIS,
} from "./route";
import { routedAsk } from "./routed";

const TIMEOUT_MILLIS_MAX: u32 = 600000;

/** Takes a VenueStatus: the link was lost, or is there again. */
export function linkApply(rec: usize): Refusal {
  const millis = load<u32>(rec, LINK_TIMEOUT_MILLIS);
  if (load<u8>(rec, LINK_STATE) > 1 || millis > TIMEOUT_MILLIS_MAX) return Refusal.ParameterInvalid;
  const venue = venueTake(load<u16>(rec, LINK_VENUE));
  if (venue == 0) return Refusal.VenuesFull;
  const row = venueAt(venue);
  if (millis != 0) store<u32>(row, millis, VNU_TIMEOUT_MILLIS);
  doubtAll(venue);
  if (load<u8>(rec, LINK_STATE) == 1) {
    listingAsk(venue);
    return Refusal.None;
  }
  store<u8>(row, LinkState.Down, VNU_STATE);
  store<i64>(row, 0, VNU_DEADLINE);
  routesPublish();
  return Refusal.None;
}

/** From now on nothing is known of the venue's open orders; older questions count not. */
function doubtAll(venue: u32): void {
  let slot = load<u32>(venueAt(venue), VNU_FIRST);
  while (slot != 0) {
    const route = routeOf(slot);
    store<u64>(route, 0, RTE_QUERY);
    store<u8>(route, 0, RTE_TRIES);
    routeDisarm(slot, route);
    if (routeDoubt(slot, route)) {
      routeSettle(slot, route);
      orderEvent(Kind.OrderInDoubt, slot, Refusal.VenueDown, 0);
    }
    slot = load<u32>(orderAt(slot), ORDER_ROW_NEXT);
  }
  for (let id: u32 = 1; id < load<u32>(R_INSTRUMENTS); id++) {
    if (load<u8>(routedAt(id), RTI_FLAGS) != 0 && venueOf(id) == venue) {
      flagClear(routedAt(id), RTI_REPORTED | RTI_WANTED);
    }
  }
}

/** Asks for the listing, again and again until one comes in whole. */
export function listingAsk(venue: u32): void {
  const row = venueAt(venue);
  store<u64>(row, requestQuery(venue, QueryScope.Listing, 0), VNU_LISTING);
  store<u8>(row, LinkState.Asked, VNU_STATE);
  store<u32>(row, 0, VNU_LISTED);
  store<i64>(row, nowNanos() + venueTimeout(row), VNU_DEADLINE);
  routesPublish();
}

/** Takes a ReconcileBegin. */
export function listingBegin(rec: usize): void {
  const venue = venueFind(load<u16>(rec, LINK_VENUE));
  const row = venueAt(venue);
  const isAsked = venue != 0 && load<u8>(row, VNU_STATE) == LinkState.Asked;
  if (!isAsked || load<u64>(rec, LINK_LISTING) != load<u64>(row, VNU_LISTING)) {
    return venueIgnore(venue, ReportIgnored.Listing);
  }
  store<u8>(row, LinkState.Listing, VNU_STATE);
  store<i64>(row, nowNanos() + venueTimeout(row), VNU_DEADLINE);
  routesPublish();
}

/** Counts a record of the listing; as long as some come, it is not missed. */
export function listingCount(venue: u32): void {
  const row = venueAt(venue);
  store<u32>(row, load<u32>(row, VNU_LISTED) + 1, VNU_LISTED);
  store<i64>(row, nowNanos() + venueTimeout(row), VNU_DEADLINE);
  routesPublish();
}

/** Takes a ReconcileEnd: what the listing left in doubt is asked for one by one. */
export function listingEnd(rec: usize): void {
  const venue = venueFind(load<u16>(rec, LINK_VENUE));
  const row = venueAt(venue);
  const isListing = venue != 0 && load<u8>(row, VNU_STATE) == LinkState.Listing;
  if (!isListing || load<u64>(rec, LINK_LISTING) != load<u64>(row, VNU_LISTING)) {
    return venueIgnore(venue, ReportIgnored.Listing);
  }
  if (load<u32>(rec, LINK_RECORDS) != load<u32>(row, VNU_LISTED)) return listingAsk(venue);
  store<u8>(row, LinkState.Up, VNU_STATE);
  store<i64>(row, 0, VNU_DEADLINE);
  routesPublish();
  let slot = load<u32>(row, VNU_FIRST);
  while (slot != 0) {
    const route = routeOf(slot);
    if (routeHas(route, ROUTE_DOUBT)) routedAsk(slot, route);
    slot = load<u32>(orderAt(slot), ORDER_ROW_NEXT);
  }
  for (let id: u32 = 1; id < load<u32>(R_INSTRUMENTS); id++) {
    const isReported = ((<u32>load<u8>(routedAt(id), RTI_FLAGS)) & RTI_REPORTED) != 0;
    if (isReported && venueOf(id) == venue) positionCompare(id, venue);
  }
}

/** Takes a VenuePosition: kept until the listing ends, else compared at once. */
export function positionReport(rec: usize): void {
  const instrument = load<u32>(rec, REC_INSTRUMENT);
  const traded = tradedAt(instrument);
  const venue = venueFind(load<u16>(rec, LINK_VENUE));
  const isRouted = traded != 0 && load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
  if (!isRouted || venue == 0 || venueOf(instrument) != venue) {
    return venueIgnore(venue, ReportIgnored.Malformed);
  }
  const row = venueAt(venue);
  const isListing = load<u8>(row, VNU_STATE) == LinkState.Listing;
  const isFlagged = ((<i32>load<u8>(rec, LINK_FLAGS)) & ReportFlag.Listed) != 0;
  const isOurs = load<u64>(rec, LINK_LISTING) == load<u64>(row, VNU_LISTING);
  if (isFlagged && !(isListing && isOurs)) return venueIgnore(venue, ReportIgnored.Listing);
  store<i64>(routedAt(instrument), load<i64>(rec, LINK_LOTS), RTI_VENUE_LOTS);
  if (!isFlagged) return positionCompare(instrument, venue);
  listingCount(venue);
  flagSet(routedAt(instrument), RTI_REPORTED);
}

/** Orders in doubt explain any difference: the venue is asked anew when the last doubt ends. */
function positionCompare(instrument: u32, venue: u32): void {
  const routed = routedAt(instrument);
  flagClear(routed, RTI_REPORTED);
  if (load<u32>(routed, RTI_DOUBTS) != 0) return flagSet(routed, RTI_WANTED);
  const street = load<i64>(tradedAt(instrument), TRD_STREET_LOTS);
  const ours = load<i64>(routed, RTI_ORPHAN_LOTS) - street;
  const theirs = load<i64>(routed, RTI_VENUE_LOTS);
  const differed = ((<u32>load<u8>(routed, RTI_FLAGS)) & RTI_DIFFERS) != 0;
  if (ours != theirs) flagSet(routed, RTI_DIFFERS);
  else if (differed) flagClear(routed, RTI_DIFFERS);
  else return;
  faultPosition(instrument, venue, ours, theirs);
}

/** The last doubt about an instrument's orders is over. */
export function doubtsOver(instrument: u32, venue: u32): void {
  const routed = routedAt(instrument);
  if (((<u32>load<u8>(routed, RTI_FLAGS)) & RTI_WANTED) == 0) return;
  flagClear(routed, RTI_WANTED);
  requestQuery(venue, QueryScope.Position, instrument);
}

function flagSet(routed: usize, flag: u32): void {
  store<u8>(routed, <u8>((<u32>load<u8>(routed, RTI_FLAGS)) | flag), RTI_FLAGS);
}

function flagClear(routed: usize, flag: u32): void {
  store<u8>(routed, <u8>((<u32>load<u8>(routed, RTI_FLAGS)) & ~flag), RTI_FLAGS);
}
