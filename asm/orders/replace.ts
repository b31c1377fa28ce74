// OrderReplace: an order is canceled and another takes its place at the back, or nothing happens.
//
// The new order is the old one with the named fields changed, a client id of its own and what is
// left to fill. It is written down as an OrderNew and asked everything a new order is, as if
// the old one were gone already; only then is the old one canceled (`Replaced`). Both records and
// all fills have the same cause. A trailing stop begins anew at the last trade.
//
// tidy: tested by test/asm/orders/replace.test.ts
import { accountAt, accountFind, ACC_ORDERS_OPEN } from "../accounts/account";
import {
  MORE_LIMIT_OFFSET,
  O_COMMAND,
  O_LIMIT_VALUE,
  ORDER_COLD_LOCK,
  ORDER_COLD_MODEL,
  ORDER_COLD_TAG,
  ORDER_COLD_TERMS,
  ORDER_ROW_FILLED,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SELF_TRADE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TIF,
  ORDER_ROW_TYPE,
  ORDER_TERMS_DISPLAY,
  ORDER_TERMS_EXPIRY,
  ORDER_TERMS_STOP,
  ORDER_TERMS_TRAIL_OFFSET,
  ORDER_TERMS_TRAIL_UNIT,
} from "../layout";
import { positionAt, positionOpen, POS_ORDERS_OPEN, POS_SIDE } from "../positions/position";
import { tradedAt, TRD_EXECUTION } from "../positions/traded";
import {
  AMEND_DISPLAY_LOTS,
  AMEND_EXPIRES_NANOS,
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_ORDER_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_SESSION,
  AMEND_STOP_TICKS,
  AMEND_TAG,
  AMEND_TRAIL_OFFSET,
  AmendField,
  CancelReason,
  Contingency,
  Execution,
  CELL_SHIFT,
  Kind,
  NEW_CELLS,
  NEW_CONTINGENCY,
  NEW_DISPLAY_LOTS,
  NEW_EXPIRES_NANOS,
  NEW_FLAGS,
  NEW_LINKED_CLIENT_ID,
  NEW_MODEL,
  NEW_POSITION_SIDE,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_SELF_TRADE,
  NEW_SESSION,
  NEW_SIDE,
  NEW_STOP_TICKS,
  NEW_TAG,
  NEW_TIF,
  NEW_TRAIL_OFFSET,
  NEW_TRAIL_UNIT,
  NEW_TYPE,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  ORDER_STRATEGY,
  ORDER_TENANT,
  OrderState,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  TimeInForce,
} from "../vocab";
import { namedOrder, touchRefusal } from "./amend";
import { cashCount } from "./cash";
import { CLIENT_ID_TOP, mayTrade, orderOpen, shapeRefusal, whoRefusal } from "./command";
import {
  LINK_CHILD,
  LINK_OCO,
  LINK_PAIR,
  LINK_PARENT,
  linksOf,
  pairMake,
  pairTake,
} from "./contingency";
import { denyAmend } from "./event";
import { lotsOf } from "./iceberg";
import { linkedClientId } from "./link";
import { parentOf } from "./parent-child";
import {
  orderAt,
  orderByClientId,
  orderColdAt,
  orderHasRoom,
  orderMoreAt,
  orderTermsAt,
} from "./pool";
import { refuseReplace, replaceAnswer, replaceNote } from "./repeat-replace";
import { cancelOpen, hasPrice, isArmed } from "./stop";
import { isTrailing } from "./trail";
import { treeKey } from "./tree";

const FIELDS: i32 =
  AmendField.Price |
  AmendField.Qty |
  AmendField.Stop |
  AmendField.Display |
  AmendField.Trail |
  AmendField.Expires;

const LINK_FAMILY: i32 = LINK_CHILD | LINK_PARENT;

/** Takes an OrderReplace. */
export function orderReplace(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  const slot = namedOrder(account, load<u64>(rec, ORDER_CLIENT_ID), load<u64>(rec, AMEND_ORDER_ID));
  if (replaceAnswer(rec, account, slot)) return;
  const touch = touchRefusal(account, slot);
  if (touch != Refusal.None) return denyAmend(rec, touch == Refusal.NotOwner ? 0 : slot, touch);
  let refusal: i32 = askedRefusal(rec, slot);
  const pair = linksOf(slot) & LINK_PAIR;
  let sibling: u32 = 0;
  if (refusal == Refusal.None) {
    write(rec, slot);
    // The new order names the other leg, which has to be free for that.
    if (pair != 0) sibling = pairTake(slot);
    refusal = newRefusal(slot, account);
  }
  if (refusal != Refusal.None) {
    if (sibling != 0) pairMake(slot, sibling, pair);
    return refuseReplace(rec, account, slot, refusal);
  }
  const order = orderAt(slot);
  const position = load<u32>(order, ORDER_ROW_POSITION);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  cancelOpen(slot, CancelReason.Replaced);
  orderOpen(O_COMMAND, account, position, traded);
  replaceNote(rec, account);
}

/** What is wrong with the request by itself. */
function askedRefusal(rec: usize, slot: u32): Refusal {
  const order = orderAt(slot);
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  if (load<u8>(order, ORDER_ROW_STATE) == OrderState.Held) return Refusal.FlagUnsupported;
  if (parentOf(slot) != 0) return Refusal.AlgorithmUnsupported;
  // At a venue the two steps are not one.
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  if (load<u8>(traded, TRD_EXECUTION) == Execution.Routed) return Refusal.ExecutionUnsupported;
  // Children are sized by what this very order fills.
  if ((linksOf(slot) & LINK_FAMILY) != 0) return Refusal.ContingencyInvalid;
  if ((fields & ~FIELDS) != 0) return Refusal.FlagUnsupported;
  const id = load<u64>(rec, AMEND_NEW_CLIENT_ID);
  if (id == 0 || id >= CLIENT_ID_TOP) return Refusal.ClientOrderIdMissing;
  const isPriced = hasPrice(load<u8>(order, ORDER_ROW_TYPE));
  if ((fields & AmendField.Price) != 0 && !isPriced) return Refusal.FlagUnsupported;
  if ((fields & AmendField.Qty) == 0) return Refusal.None;
  const qty = load<i64>(rec, AMEND_QTY_LOTS);
  if (qty <= 0) return Refusal.QtyNotPositive;
  return qty <= load<i64>(order, ORDER_ROW_FILLED) ? Refusal.AmendBelowFilled : Refusal.None;
}

/** All that a new order is asked, while the old one counts as gone. */
function newRefusal(slot: u32, account: u32): i32 {
  const order = orderAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const isKnown = orderByClientId(account, load<u64>(O_COMMAND, ORDER_CLIENT_ID)) != 0;
  if (isKnown) return Refusal.ClientOrderIdDuplicate;
  let refusal: i32 = whoRefusal(O_COMMAND, account, traded);
  if (refusal == Refusal.None) refusal = shapeRefusal(O_COMMAND, traded);
  if (refusal != Refusal.None) return refusal;
  if (!orderHasRoom()) return Refusal.OrdersFull;
  count(slot, account, -1);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  refusal = mayTrade(O_COMMAND, accountAt(account), position, traded);
  count(slot, account, 1);
  return refusal;
}

/** Takes the order out of what its account and position count and hold back, or puts it back. */
function count(slot: u32, account: u32, by: i32): void {
  const order = orderAt(slot);
  const owner = accountAt(account);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const lots = lotsOf(slot);
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), lots * <i64>by);
  store<u32>(owner, load<u32>(owner, ACC_ORDERS_OPEN) + by, ACC_ORDERS_OPEN);
  store<u32>(position, load<u32>(position, POS_ORDERS_OPEN) + by, POS_ORDERS_OPEN);
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) != 0) cashCount(slot, by);
}

/** Writes the order that is asked for as an OrderNew to O_COMMAND. */
function write(rec: usize, slot: u32): void {
  const out: usize = O_COMMAND;
  const order = orderAt(slot);
  const cold = orderColdAt(slot);
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  const left = lotsOf(slot);
  memory.fill(out, 0, NEW_CELLS << CELL_SHIFT);
  store<u16>(out, Kind.OrderNew, REC_KIND);
  store<u32>(out, load<u32>(order, ORDER_ROW_INSTRUMENT), REC_INSTRUMENT);
  store<u32>(out, load<u32>(rec, ORDER_ACCOUNT), ORDER_ACCOUNT);
  store<u16>(out, load<u16>(order, ORDER_ROW_STRATEGY), ORDER_STRATEGY);
  store<u16>(out, load<u16>(rec, ORDER_TENANT), ORDER_TENANT);
  store<u64>(out, load<u64>(rec, AMEND_NEW_CLIENT_ID), ORDER_CLIENT_ID);
  const price = load<i64>(order, ORDER_ROW_PRICE);
  const asked = fields & AmendField.Price ? load<i64>(rec, AMEND_PRICE_TICKS) : price;
  store<i64>(out, asked, NEW_PRICE_TICKS);
  const qty = fields & AmendField.Qty ? load<i64>(rec, AMEND_QTY_LOTS) - filled : left;
  store<i64>(out, qty, NEW_QTY_LOTS);
  store<u8>(out, load<u8>(order, ORDER_ROW_TYPE), NEW_TYPE);
  store<u8>(out, load<u8>(order, ORDER_ROW_SIDE), NEW_SIDE);
  store<u8>(out, load<u8>(order, ORDER_ROW_TIF), NEW_TIF);
  store<u8>(out, load<u8>(order, ORDER_ROW_FLAGS), NEW_FLAGS);
  store<u8>(out, load<u8>(order, ORDER_ROW_SELF_TRADE), NEW_SELF_TRADE);
  store<u32>(out, load<u32>(rec, AMEND_SESSION), NEW_SESSION);
  store<u16>(out, load<u16>(cold, ORDER_COLD_MODEL), NEW_MODEL);
  const tag = load<u64>(rec, AMEND_TAG);
  store<u64>(out, tag != 0 ? tag : load<u64>(cold, ORDER_COLD_TAG), NEW_TAG);
  if (load<u8>(cold, ORDER_COLD_TERMS) != 0) writeTerms(out, slot, fields, qty);
  const links = linksOf(slot);
  if ((links & LINK_PAIR) != 0) {
    const kind = (links & LINK_OCO) != 0 ? Contingency.Oco : Contingency.Ouo;
    store<u8>(out, <u8>kind, NEW_CONTINGENCY);
    store<u64>(out, linkedClientId(slot), NEW_LINKED_CLIENT_ID);
  }
  if ((fields & AmendField.Stop) != 0) {
    store<i64>(out, load<i64>(rec, AMEND_STOP_TICKS), NEW_STOP_TICKS);
  }
  if ((fields & AmendField.Display) != 0) {
    store<i64>(out, load<i64>(rec, AMEND_DISPLAY_LOTS), NEW_DISPLAY_LOTS);
  }
  if ((fields & AmendField.Trail) != 0) {
    store<i64>(out, load<i64>(rec, AMEND_TRAIL_OFFSET), NEW_TRAIL_OFFSET);
  }
  if ((fields & AmendField.Expires) != 0) {
    store<i64>(out, load<i64>(rec, AMEND_EXPIRES_NANOS), NEW_EXPIRES_NANOS);
  }
}

/** What an order of special terms was made with; a slice is never larger than the order. */
function writeTerms(out: usize, slot: u32, fields: i32, qtyLots: i64): void {
  const terms = orderTermsAt(slot);
  const type = <i32>load<u8>(orderAt(slot), ORDER_ROW_TYPE);
  const position = positionAt(load<u32>(orderAt(slot), ORDER_ROW_POSITION));
  store<u8>(out, load<u8>(position, POS_SIDE), NEW_POSITION_SIDE);
  store<i64>(out, min(load<i64>(terms, ORDER_TERMS_DISPLAY), qtyLots), NEW_DISPLAY_LOTS);
  if (<i32>load<u8>(orderAt(slot), ORDER_ROW_TIF) == TimeInForce.Gtd) {
    store<i64>(out, treeKey(slot, ORDER_TERMS_EXPIRY), NEW_EXPIRES_NANOS);
  }
  if (isTrailing(type)) {
    store<u8>(out, load<u8>(terms, ORDER_TERMS_TRAIL_UNIT), NEW_TRAIL_UNIT);
    store<i64>(out, load<i64>(terms, ORDER_TERMS_TRAIL_OFFSET), NEW_TRAIL_OFFSET);
    const limit = load<i64>(orderMoreAt(slot), MORE_LIMIT_OFFSET);
    if ((fields & AmendField.Price) == 0) store<i64>(out, limit, NEW_PRICE_TICKS);
  } else if (isArmed(type)) {
    store<i64>(out, load<i64>(terms, ORDER_TERMS_STOP), NEW_STOP_TICKS);
  }
}
