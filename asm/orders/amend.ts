// OrderCancel and OrderAmend: changes of a live order by its owner.
//
// An amend that only lowers the quantity keeps the order's place; a higher quantity or another
// price loses it. The order is found by client id, or by the id the core gave, which needs no hash.
//
// tidy: tested by test/asm/trading.test.ts
import { accountAt, accountFind } from "../accounts/account";
import { l3Remove } from "../books/ladder";
import {
  O_LIMIT_VALUE,
  ORDER_COLD_TAG,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_FILLED,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TYPE,
} from "../layout";
import { isCash } from "../positions/kind";
import { positionAt, positionOpen } from "../positions/position";
import { tradedAt, TRD_EXECUTION } from "../positions/traded";
import { riskRefusal } from "../risk/check";
import { moreRefusal, switchState } from "../risk/switch";
import { strategyFind } from "../strategies/strategy";
import {
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_ORDER_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_TAG,
  AmendField,
  CANCEL_ORDER_ID,
  CancelReason,
  Execution,
  Kind,
  ORDER_ACCOUNT,
  ORDER_CLIENT_ID,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  TradingMode,
} from "../vocab";
import { amendPlain } from "./amend-plain";
import { cashAmendRefusal, cashHold } from "./cash";
import { restingSide } from "./close";
import { orderWork, priceRefusal, qtyRefusal, wouldTrade } from "./command";
import { denyAmend, denyCancel, orderEvent } from "./event";
import { expiryAmend } from "./expiry-amend";
import { heldAmend } from "./held";
import { lotsOf, sliceCut, sliceReturn } from "./iceberg";
import { orderAt, orderByClientId, orderById, orderColdAt } from "./pool";
import { exceedsHeld } from "./reduce";
import { routedAmend } from "./routed";
import { amendStepRefusal, isStepped } from "./step";
import { stateIsOpen } from "./state";
import { cancelOpen } from "./stop";
import { stopAmend } from "./stop-amend";
import { topTouch } from "./top";

/** Order a command names, or 0. */
// @ts-ignore: decorator
@inline
export function namedOrder(account: u32, clientId: u64, id: u64): u32 {
  return clientId != 0 ? orderByClientId(account, clientId) : orderById(id);
}

/** Why the account may not touch the order in `slot`. */
// @ts-ignore: decorator
@inline
export function touchRefusal(account: u32, slot: u32): Refusal {
  if (account == 0) return Refusal.UnknownAccount;
  if (slot == 0) return Refusal.UnknownOrder;
  if (load<u32>(orderAt(slot), ORDER_ROW_ACCOUNT) != account) return Refusal.NotOwner;
  const state = <i32>load<u8>(orderAt(slot), ORDER_ROW_STATE);
  if (state == OrderState.PendingCancel) return Refusal.CancelPending;
  return stateIsOpen(state) ? Refusal.None : Refusal.OrderNotOpen;
}

/** Takes an OrderCancel. */
export function orderCancel(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  const clientId = load<u64>(rec, ORDER_CLIENT_ID);
  const slot = namedOrder(account, clientId, load<u64>(rec, CANCEL_ORDER_ID));
  const refusal = touchRefusal(account, slot);
  if (refusal == Refusal.None) return cancelOpen(slot, CancelReason.User);
  denyCancel(rec, refusal == Refusal.NotOwner ? 0 : slot, refusal);
}

/** Takes an OrderAmend: price, quantity (total, with what is filled), or both. */
export function orderAmend(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  const slot = namedOrder(account, load<u64>(rec, ORDER_CLIENT_ID), load<u64>(rec, AMEND_ORDER_ID));
  if (amendPlain(rec, account, slot)) return;
  const touch = touchRefusal(account, slot);
  if (touch != Refusal.None) return denyAmend(rec, touch == Refusal.NotOwner ? 0 : slot, touch);
  const order = orderAt(slot);
  // A child is its parent's: amended, it could fill more than the parent asked for.
  if ((load<u8>(order, ORDER_ROW_FLAGS) & OrderFlag.Engine) != 0) {
    return denyAmend(rec, slot, Refusal.NotOwner);
  }
  if ((load<u8>(rec, AMEND_FIELDS) & AmendField.Expires) != 0) return expiryAmend(rec, slot);
  const state = <i32>load<u8>(order, ORDER_ROW_STATE);
  if (state <= OrderState.Armed) {
    return state == OrderState.Armed ? stopAmend(rec, slot) : heldAmend(rec, slot);
  }
  // A market order that waits for its uncross has no price, and its place is its lots' arrival.
  if (load<u8>(order, ORDER_ROW_TYPE) == OrderType.Market) {
    return denyAmend(rec, slot, Refusal.FlagUnsupported);
  }
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  if (load<u8>(traded, TRD_EXECUTION) == Execution.Routed) {
    return routedAmend(rec, slot, account, traded);
  }
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const wasTicks = load<i64>(order, ORDER_ROW_PRICE);
  const wasLots = lotsOf(slot);
  const filled = load<i64>(order, ORDER_ROW_FILLED);
  const priceTicks = fields & AmendField.Price ? load<i64>(rec, AMEND_PRICE_TICKS) : wasTicks;
  const qtyLots = fields & AmendField.Qty ? load<i64>(rec, AMEND_QTY_LOTS) : wasLots + filled;
  let refusal: i32 = shapeRefusal(rec, traded, priceTicks, qtyLots, filled);
  const leaves = qtyLots - filled;
  if (refusal == Refusal.None && priceTicks == wasTicks && leaves == wasLots) {
    refusal = Refusal.AmendNothing;
  }
  const isKept = priceTicks == wasTicks && leaves < wasLots;
  if (refusal == Refusal.None) {
    refusal = mayAmend(account, slot, order, traded, priceTicks, leaves, wasLots, isKept);
  }
  if (refusal != Refusal.None) return denyAmend(rec, slot, refusal);
  amendApply(rec, slot, traded, priceTicks, leaves, isKept);
}

// @ts-ignore: decorator
@inline
export function shapeRefusal(
  rec: usize,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  filled: i64,
): Refusal {
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  if (fields > (AmendField.Price | AmendField.Qty)) return Refusal.FlagUnsupported;
  if (fields == 0) return Refusal.AmendNothing;
  if (load<u64>(rec, AMEND_NEW_CLIENT_ID) != 0) return Refusal.FlagUnsupported;
  if (isStepped(traded)) {
    const step = amendStepRefusal(rec, traded, true);
    if (step != Refusal.None) return step;
  }
  if ((fields & AmendField.Qty) != 0) {
    const qty = qtyRefusal(traded, qtyLots);
    if (qty != Refusal.None) return qty;
    if (qtyLots <= filled) return Refusal.AmendBelowFilled;
  }
  return (fields & AmendField.Price) != 0 ? priceRefusal(traded, priceTicks) : Refusal.None;
}

/** An amend that only lowers the quantity needs no limits, but no switch lets it pass. */
// @ts-ignore: decorator
@inline
export function mayAmend(
  account: u32,
  slot: u32,
  order: usize,
  traded: usize,
  priceTicks: i64,
  leaves: i64,
  wasLots: i64,
  isKept: bool,
): i32 {
  const owner = accountAt(account);
  const strategy = strategyFind(load<u16>(order, ORDER_ROW_STRATEGY));
  const state = switchState(owner, strategy, traded);
  if (state > TradingMode.Liquidating) return state;
  if (isKept) return Refusal.None;
  if (leaves > wasLots) {
    const more = moreRefusal(state);
    if (more != Refusal.None) return more;
  }
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const added = leaves - wasLots;
  if (added > 0 && exceedsHeld(order, position, leaves)) return Refusal.ReduceOnlyWouldIncrease;
  const risk = riskRefusal(
    owner, strategy, position, traded, side, priceTicks, leaves, added, false,
  );
  if (risk != Refusal.None) return risk;
  if (isCash(traded)) {
    const cash = cashAmendRefusal(slot, priceTicks, leaves);
    if (cash != Refusal.None) return cash;
  }
  const isPostOnly = (<i32>load<u8>(order, ORDER_ROW_FLAGS) & OrderFlag.PostOnly) != 0;
  return isPostOnly && wouldTrade(traded, side, priceTicks)
    ? Refusal.PostOnlyWouldTrade
    : Refusal.None;
}

function amendApply(
  rec: usize,
  slot: u32,
  traded: usize,
  priceTicks: i64,
  leaves: i64,
  isKept: bool,
): void {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const resting = restingSide(traded, side);
  const added = leaves - lotsOf(slot);
  topTouch(traded);
  if (added != 0) positionOpen(positionAt(load<u32>(order, ORDER_ROW_POSITION)), side, added);
  if (isKept) sliceCut(slot, resting, -added);
  else {
    l3Remove(resting, slot);
    sliceReturn(slot);
    store<i64>(order, leaves, ORDER_ROW_LEAVES);
    store<i64>(order, priceTicks, ORDER_ROW_PRICE);
  }
  if (isCash(traded)) cashHold(slot);
  const tag = load<u64>(rec, AMEND_TAG);
  if (tag != 0) store<u64>(orderColdAt(slot), tag, ORDER_COLD_TAG);
  orderEvent(Kind.OrderAmended, slot, 0, isKept ? 1 : 0);
  if (!isKept) orderWork(slot, traded);
}
