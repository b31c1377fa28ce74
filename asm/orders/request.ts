// Requests to venues, and what we say when a venue says more than our books can explain.
//
// A request is an output like any other: the host sends it after the block of its cause is written,
// and never again when the block is replayed. The venue's client order id is made of the order id,
// which no other order of this journal ever has.
//
// tidy: tested by test/asm/orders/routed.test.ts
import {
  O_REQUESTS,
  ORDER_ROW_FILLED,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_TIF,
  ORDER_ROW_TYPE,
} from "../layout";
import { outBegin, outEnd } from "../output";
import { QTY_LOTS_MAX } from "../positions/notional";
import {
  Kind,
  QueryScope,
  REC_INSTRUMENT,
  REPORT_FILL_ID,
  REPORT_ORDER_ID,
  REPORT_PRICE_TICKS,
  REPORT_SIDE,
  REPORT_VENUE_ORDER_ID,
  REQUEST_CELLS,
  REQUEST_FILLED_LOTS,
  REQUEST_FLAGS,
  REQUEST_NUMBER,
  REQUEST_ORDER_ID,
  REQUEST_PRICE_TICKS,
  REQUEST_QTY_LOTS,
  REQUEST_SCOPE,
  REQUEST_SIDE,
  REQUEST_TIF,
  REQUEST_TYPE,
  REQUEST_VENUE,
  REQUEST_VENUE_ORDER_ID,
  FAULT_CELLS,
  FAULT_EXPECTED,
  FAULT_FAULT,
  FAULT_FILL_ID,
  FAULT_ORDER_ID,
  FAULT_PRICE_TICKS,
  FAULT_RECEIVED,
  FAULT_SIDE,
  FAULT_VENUE,
  FAULT_VENUE_ORDER_ID,
  VenueFault,
} from "../vocab";
import { writeOwner } from "./event";
import { orderAt, orderId } from "./pool";
import { routeOf, RTE_VENUE, RTE_VENUE_ORDER, venueAt, VNU_ID } from "./route";

function requestNumber(): u64 {
  const number = load<u64>(O_REQUESTS) + 1;
  store<u64>(O_REQUESTS, number);
  return number;
}

/** Writes a request about an order as it now is; returns its number. */
export function requestWrite(kind: i32, slot: u32): u64 {
  const order = orderAt(slot);
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  const qty = filled + load<i64>(order, ORDER_ROW_LEAVES);
  return requestTerms(kind, slot, load<i64>(order, ORDER_ROW_PRICE), qty);
}

/** As `requestWrite` with the price and total quantity the order shall have. */
export function requestTerms(kind: i32, slot: u32, priceTicks: i64, qtyLots: i64): u64 {
  const order = orderAt(slot);
  const route = routeOf(slot);
  const number = requestNumber();
  const out = outBegin(kind, REQUEST_CELLS, load<u32>(order, ORDER_ROW_INSTRUMENT));
  writeOwner(out, order);
  store<u64>(out, orderId(slot), REQUEST_ORDER_ID);
  store<u64>(out, number, REQUEST_NUMBER);
  store<i64>(out, priceTicks, REQUEST_PRICE_TICKS);
  store<i64>(out, qtyLots, REQUEST_QTY_LOTS);
  store<i64>(out, load<i64>(order, ORDER_ROW_FILLED), REQUEST_FILLED_LOTS);
  store<u64>(out, load<u64>(route, RTE_VENUE_ORDER), REQUEST_VENUE_ORDER_ID);
  store<u16>(out, load<u16>(venueAt(load<u32>(route, RTE_VENUE)), VNU_ID), REQUEST_VENUE);
  store<u8>(out, load<u8>(order, ORDER_ROW_SIDE), REQUEST_SIDE);
  store<u8>(out, load<u8>(order, ORDER_ROW_TYPE), REQUEST_TYPE);
  store<u8>(out, load<u8>(order, ORDER_ROW_TIF), REQUEST_TIF);
  store<u8>(out, load<u8>(order, ORDER_ROW_FLAGS), REQUEST_FLAGS);
  store<u8>(out, QueryScope.Order, REQUEST_SCOPE);
  outEnd(out);
  return number;
}

/** Asks a venue for its open orders, fills and positions, or for one position. */
export function requestQuery(venue: u32, scope: i32, instrument: u32): u64 {
  const number = requestNumber();
  const out = outBegin(Kind.VenueQuery, REQUEST_CELLS, instrument);
  store<u64>(out, number, REQUEST_NUMBER);
  store<u16>(out, load<u16>(venueAt(venue), VNU_ID), REQUEST_VENUE);
  store<u8>(out, <u8>scope, REQUEST_SCOPE);
  outEnd(out);
  return number;
}

/** Reports a fault about the report at `rec`; `slot` is the order when it is known, else 0. */
export function faultReport(
  rec: usize,
  venue: u32,
  slot: u32,
  fault: i32,
  expected: i64,
  received: i64,
): void {
  const out = faultBegin(load<u32>(rec, REC_INSTRUMENT), venue, fault, expected, received);
  store<u64>(out, load<u64>(rec, REPORT_ORDER_ID), FAULT_ORDER_ID);
  store<u64>(out, load<u64>(rec, REPORT_VENUE_ORDER_ID), FAULT_VENUE_ORDER_ID);
  store<u64>(out, load<u64>(rec, REPORT_FILL_ID), FAULT_FILL_ID);
  store<i64>(out, readable(load<i64>(rec, REPORT_PRICE_TICKS)), FAULT_PRICE_TICKS);
  store<u8>(out, load<u8>(rec, REPORT_SIDE), FAULT_SIDE);
  if (slot != 0) {
    writeOwner(out, orderAt(slot));
    store<u32>(out, load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT), REC_INSTRUMENT);
    store<u8>(out, load<u8>(orderAt(slot), ORDER_ROW_SIDE), FAULT_SIDE);
  }
  outEnd(out);
}

/** Reports that the venue's position differs from ours, or agrees again. */
export function faultPosition(instrument: u32, venue: u32, expected: i64, received: i64): void {
  const fault = VenueFault.PositionDifference;
  outEnd(faultBegin(instrument, venue, fault, expected, received));
}

/** A venue may say anything; who reads our records reads doubles. */
function readable(value: i64): i64 {
  return max<i64>(min<i64>(value, QTY_LOTS_MAX), -QTY_LOTS_MAX);
}

function faultBegin(instrument: u32, venue: u32, fault: i32, expected: i64, received: i64): usize {
  const out = outBegin(Kind.VenueFault, FAULT_CELLS, instrument);
  store<i64>(out, readable(expected), FAULT_EXPECTED);
  store<i64>(out, readable(received), FAULT_RECEIVED);
  store<u16>(out, load<u16>(venueAt(venue), VNU_ID), FAULT_VENUE);
  store<u16>(out, <u16>fault, FAULT_FAULT);
  return out;
}
