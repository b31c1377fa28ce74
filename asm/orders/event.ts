// Records about orders: what the order role says to those who trade.
//
// tidy: tested by test/asm/trading.test.ts
import { O_DENIED, O_LIMIT_VALUE, O_PARENT } from "../layout";
import {
  ORDER_COLD_SESSION,
  ORDER_COLD_TAG,
  ORDER_COLD_TERMS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_CLIENT_ID,
  ORDER_ROW_FILLED,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TIF,
  ORDER_ROW_TYPE,
  ORDER_TERMS_HIDDEN,
  ORDER_TERMS_PARENT,
  ORDER_TERMS_STOP,
} from "../layout";
import { accountAt, ACC_ID, ACC_TENANT } from "../accounts/account";
import { outBegin, outEnd, outOpen } from "../output";
import { positionAt, POS_SIDE } from "../positions/position";
import {
  AMEND_FIELDS,
  AMEND_ORDER_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_SESSION,
  AMEND_TAG,
  CANCEL_ORDER_ID,
  CANCEL_SESSION,
  EVENT_CELLS,
  EVENT_DETAIL,
  EVENT_FILLED_LOTS,
  EVENT_FLAGS,
  EVENT_LEAVES_LOTS,
  EVENT_LIMIT,
  EVENT_LINKED_CLIENT_ID,
  EVENT_ORDER_ID,
  EVENT_POSITION_SIDE,
  EVENT_PRICE_TICKS,
  EVENT_REASON,
  EVENT_SESSION,
  EVENT_SIDE,
  EVENT_STATE,
  EVENT_STOP_TICKS,
  EVENT_TAG,
  EVENT_TIF,
  EVENT_TYPE,
  Kind,
  MASS_SESSION,
  NEW_FLAGS,
  NEW_LINKED_CLIENT_ID,
  NEW_POSITION_SIDE,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_SESSION,
  NEW_SIDE,
  NEW_STOP_TICKS,
  NEW_TAG,
  NEW_TIF,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  ORDER_TENANT,
  OrderState,
  REC_INSTRUMENT,
  REC_KIND,
} from "../vocab";
import { linkedClientId } from "./link";
import { parentAt, PAR_CLIENT_ID } from "./parent";
import { orderAt, orderColdAt, orderId, orderTermsAt } from "./pool";

/** Fields that Fill and the order events share: who and which. */
// @ts-ignore: decorator
@inline
export function writeOwner(out: usize, order: usize): void {
  const account = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  store<u32>(out, load<u32>(account, ACC_ID), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(order, ORDER_ROW_STRATEGY), ORDER_STRATEGY);
  store<u16>(out, load<u16>(account, ACC_TENANT), ORDER_TENANT);
  store<u64>(out, load<u64>(order, ORDER_ROW_CLIENT_ID), ORDER_CLIENT_ID);
}

/**
 * The record of `orderEvent`, still open. Made of whole words: every payload word is written once,
 * and the digest reads them as they were written.
 */
// @ts-ignore: decorator
@inline
export function eventBegin(kind: i32, slot: u32, reason: i32, detail: i32): usize {
  const order = orderAt(slot);
  const cold = orderColdAt(slot);
  const account = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  // State, side, type, time in force, flags, self-trade rule (u8 each), strategy (u16).
  const traits = load<u64>(order, ORDER_ROW_STATE);
  const out = outOpen(kind, EVENT_CELLS, load<u32>(order, ORDER_ROW_INSTRUMENT));
  const owner = <u64>load<u32>(account, ACC_ID) | (<u64>load<u16>(account, ACC_TENANT) << 48);
  store<u64>(out, owner | ((traits >> 48) << 32), ORDER_ACCOUNT);
  store<u64>(out, load<u64>(order, ORDER_ROW_CLIENT_ID), ORDER_CLIENT_ID);
  store<u64>(out, orderId(slot), EVENT_ORDER_ID);
  const session = <u64>load<u32>(cold, ORDER_COLD_SESSION);
  store<u64>(out, session | (<u64>(reason & 0xffff) << 32) | (traits << 48), EVENT_SESSION);
  store<i64>(out, load<i64>(order, ORDER_ROW_PRICE), EVENT_PRICE_TICKS);
  store<i64>(out, load<i64>(order, ORDER_ROW_LEAVES), EVENT_LEAVES_LOTS);
  store<i64>(out, load<i64>(order, ORDER_ROW_FILLED), EVENT_FILLED_LOTS);
  store<i64>(out, 0, EVENT_STOP_TICKS);
  store<u64>(out, ((traits >> 16) & 0xffffff) | (<u64>(detail & 0xff) << 24), EVENT_TYPE);
  store<u64>(out, 0, EVENT_LINKED_CLIENT_ID);
  store<u64>(out, load<u64>(cold, ORDER_COLD_TAG), EVENT_TAG);
  store<i64>(out, 0, EVENT_LIMIT);
  if (load<u8>(cold, ORDER_COLD_TERMS) != 0) writeTerms(out, slot);
  return out;
}

/** Says what became of the order in `slot`; `reason` and `detail` as the kind defines them. */
export function orderEvent(kind: i32, slot: u32, reason: i32, detail: i32): void {
  outEnd(eventBegin(kind, slot, reason, detail));
}

/** An iceberg's leaves are all its lots; what it shows is said when it shows it anew. */
function writeTerms(out: usize, slot: u32): void {
  const terms = orderTermsAt(slot);
  const shown = load<i64>(orderAt(slot), ORDER_ROW_LEAVES);
  store<i64>(out, load<i64>(terms, ORDER_TERMS_STOP), EVENT_STOP_TICKS);
  store<i64>(out, shown + load<i64>(terms, ORDER_TERMS_HIDDEN), EVENT_LEAVES_LOTS);
  const position = positionAt(load<u32>(orderAt(slot), ORDER_ROW_POSITION));
  store<u8>(out, load<u8>(position, POS_SIDE), EVENT_POSITION_SIDE);
  const parent = load<u32>(terms, ORDER_TERMS_PARENT);
  const linked = parent == 0 ? linkedClientId(slot) : load<u64>(parentAt(parent), PAR_CLIENT_ID);
  store<u64>(out, linked, EVENT_LINKED_CLIENT_ID);
  if (load<u16>(out, REC_KIND) == Kind.OrderRefreshed) store<i64>(out, shown, EVENT_LIMIT);
}

/** Refuses an OrderNew; the limit that was hit, if one was, is in O_LIMIT_VALUE. */
export function denyNew(rec: usize, reason: i32): void {
  if (load<u32>(O_PARENT) != 0) store<u16>(O_DENIED, <u16>reason);
  outEnd(denialBegin(rec, reason));
}

/** The record of `denyNew`, still open. */
export function denialBegin(rec: usize, reason: i32): usize {
  const out = deny(Kind.OrderDenied, rec, reason);
  store<u32>(out, load<u32>(rec, NEW_SESSION), EVENT_SESSION);
  store<u8>(out, OrderState.Denied, EVENT_STATE);
  store<u8>(out, load<u8>(rec, NEW_SIDE), EVENT_SIDE);
  store<i64>(out, load<i64>(rec, NEW_PRICE_TICKS), EVENT_PRICE_TICKS);
  store<i64>(out, load<i64>(rec, NEW_QTY_LOTS), EVENT_LEAVES_LOTS);
  store<i64>(out, load<i64>(rec, NEW_STOP_TICKS), EVENT_STOP_TICKS);
  store<u8>(out, load<u8>(rec, NEW_TYPE), EVENT_TYPE);
  store<u8>(out, load<u8>(rec, NEW_TIF), EVENT_TIF);
  store<u8>(out, load<u8>(rec, NEW_FLAGS), EVENT_FLAGS);
  store<u8>(out, load<u8>(rec, NEW_POSITION_SIDE), EVENT_POSITION_SIDE);
  store<u64>(out, load<u64>(rec, NEW_LINKED_CLIENT_ID), EVENT_LINKED_CLIENT_ID);
  store<u64>(out, load<u64>(rec, NEW_TAG), EVENT_TAG);
  return out;
}

/** Refuses an OrderCancel; `slot` is the order when it is known, else 0. */
export function denyCancel(rec: usize, slot: u32, reason: i32): void {
  const out = deny(Kind.CancelDenied, rec, reason);
  store<u32>(out, load<u32>(rec, CANCEL_SESSION), EVENT_SESSION);
  store<u64>(out, load<u64>(rec, CANCEL_ORDER_ID), EVENT_ORDER_ID);
  writeKnown(out, slot);
  outEnd(out);
}

/** Refuses a MassCancel, which names no order. */
export function denyMass(rec: usize, reason: i32): void {
  const out = deny(Kind.CancelDenied, rec, reason);
  store<u32>(out, load<u32>(rec, MASS_SESSION), EVENT_SESSION);
  outEnd(out);
}

/** Refuses an OrderAmend or OrderReplace: what was asked for, and the state the order keeps. */
export function denyAmend(rec: usize, slot: u32, reason: i32): void {
  outEnd(amendDenialBegin(rec, slot, reason));
}

/** The record of `denyAmend`, still open. */
export function amendDenialBegin(rec: usize, slot: u32, reason: i32): usize {
  const out = deny(Kind.AmendDenied, rec, reason);
  store<u32>(out, load<u32>(rec, AMEND_SESSION), EVENT_SESSION);
  store<u64>(out, load<u64>(rec, AMEND_ORDER_ID), EVENT_ORDER_ID);
  store<i64>(out, load<i64>(rec, AMEND_PRICE_TICKS), EVENT_PRICE_TICKS);
  store<i64>(out, load<i64>(rec, AMEND_QTY_LOTS), EVENT_LEAVES_LOTS);
  store<u8>(out, load<u8>(rec, AMEND_FIELDS), EVENT_DETAIL);
  store<u64>(out, load<u64>(rec, AMEND_TAG), EVENT_TAG);
  writeKnown(out, slot);
  return out;
}

/** Opens the refusal of a command: whose, which and why. */
export function deny(kind: i32, rec: usize, reason: i32): usize {
  const out = outBegin(kind, EVENT_CELLS, load<u32>(rec, REC_INSTRUMENT));
  store<u32>(out, load<u32>(rec, ORDER_ACCOUNT), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(rec, ORDER_STRATEGY), ORDER_STRATEGY);
  store<u16>(out, load<u16>(rec, ORDER_TENANT), ORDER_TENANT);
  store<u64>(out, load<u64>(rec, ORDER_CLIENT_ID), ORDER_CLIENT_ID);
  store<u16>(out, <u16>reason, EVENT_REASON);
  store<i64>(out, load<i64>(O_LIMIT_VALUE), EVENT_LIMIT);
  return out;
}

/** What a refused cancel or amend may learn about its own order. */
function writeKnown(out: usize, slot: u32): void {
  if (slot == 0) return;
  const order = orderAt(slot);
  store<u32>(out, load<u32>(order, ORDER_ROW_INSTRUMENT), REC_INSTRUMENT);
  store<u64>(out, load<u64>(order, ORDER_ROW_CLIENT_ID), ORDER_CLIENT_ID);
  store<u64>(out, orderId(slot), EVENT_ORDER_ID);
  store<u8>(out, load<u8>(order, ORDER_ROW_STATE), EVENT_STATE);
  store<u8>(out, load<u8>(order, ORDER_ROW_SIDE), EVENT_SIDE);
  store<i64>(out, load<i64>(order, ORDER_ROW_FILLED), EVENT_FILLED_LOTS);
}
