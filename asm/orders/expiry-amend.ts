// An OrderAmend that moves the time a good-till-date order ends, and nothing else.
//
// The order keeps its place: its price and lots are what others wait behind. Like an amend that
// only lowers the quantity it asks no limit, and passes no switch. Price, quantity and stop may be
// named as they are, as clients do that send an order whole; changing them too is another amend.
//
// tidy: tested by test/asm/orders/expiry.test.ts
import { accountAt } from "../accounts/account";
import { nowNanos } from "../clock";
import {
  O_EXPIRIES,
  ORDER_COLD_TAG,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_FILLED,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_PRICE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TIF,
  ORDER_ROW_TYPE,
  ORDER_TERMS_EXPIRY,
  ORDER_TERMS_STOP,
} from "../layout";
import { tradedAt } from "../positions/traded";
import { switchState } from "../risk/switch";
import { strategyFind } from "../strategies/strategy";
import {
  AMEND_EXPIRES_NANOS,
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_STOP_TICKS,
  AMEND_TAG,
  AmendField,
  Kind,
  OrderState,
  Refusal,
  TimeInForce,
  TradingMode,
} from "../vocab";
import { denyAmend, orderEvent } from "./event";
import { deadlinePublish } from "./expiry";
import { lotsOf } from "./iceberg";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";
import { isTrailing } from "./trail";
import { treeAdd, treeKey, treeRemove } from "./tree";

const NAMED: i32 = AmendField.Price | AmendField.Qty | AmendField.Stop;

/** Takes an OrderAmend that names an expiry; the order is open and the account's own. */
export function expiryAmend(rec: usize, slot: u32): void {
  const refusal = amendRefusal(rec, slot);
  if (refusal != Refusal.None) return denyAmend(rec, slot, refusal);
  treeRemove(O_EXPIRIES, ORDER_TERMS_EXPIRY, slot);
  treeAdd(O_EXPIRIES, ORDER_TERMS_EXPIRY, slot, load<i64>(rec, AMEND_EXPIRES_NANOS));
  deadlinePublish();
  const tag = load<u64>(rec, AMEND_TAG);
  if (tag != 0) store<u64>(orderColdAt(slot), tag, ORDER_COLD_TAG);
  orderEvent(Kind.OrderAmended, slot, 0, 1);
}

function amendRefusal(rec: usize, slot: u32): i32 {
  const order = orderAt(slot);
  const fields = <i32>load<u8>(rec, AMEND_FIELDS) & ~AmendField.Expires;
  if (changesMore(rec, slot, fields)) return Refusal.FlagUnsupported;
  if (load<u8>(order, ORDER_ROW_TIF) != TimeInForce.Gtd) return Refusal.ExpiryInvalid;
  const expires = load<i64>(rec, AMEND_EXPIRES_NANOS);
  if (expires <= nowNanos()) return Refusal.ExpiryInvalid;
  if (expires == treeKey(slot, ORDER_TERMS_EXPIRY)) return Refusal.AmendNothing;
  const owner = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  const strategy = strategyFind(load<u16>(order, ORDER_ROW_STRATEGY));
  const state = switchState(owner, strategy, tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT)));
  return state > TradingMode.Liquidating ? state : Refusal.None;
}

/** True when a field beside the expiry is not what it is already, or cannot be named here. */
function changesMore(rec: usize, slot: u32, fields: i32): bool {
  const order = orderAt(slot);
  if ((fields & ~NAMED) != 0 || load<u64>(rec, AMEND_NEW_CLIENT_ID) != 0) return true;
  // Lots of a child come with its release; a trailing order's price and stop are distances.
  const isHeld = load<u8>(order, ORDER_ROW_STATE) == OrderState.Held;
  if (isHeld || isTrailing(load<u8>(order, ORDER_ROW_TYPE))) return fields != 0;
  const lots = lotsOf(slot);
  const total = lots + load<i64>(order, ORDER_ROW_FILLED);
  const isPrice = load<i64>(rec, AMEND_PRICE_TICKS) == load<i64>(order, ORDER_ROW_PRICE);
  if ((fields & AmendField.Price) != 0 && !isPrice) return true;
  if ((fields & AmendField.Qty) != 0 && load<i64>(rec, AMEND_QTY_LOTS) != total) return true;
  if ((fields & AmendField.Stop) == 0) return false;
  return load<i64>(rec, AMEND_STOP_TICKS) != load<i64>(orderTermsAt(slot), ORDER_TERMS_STOP);
}
