// OrderAmend of a trailing stop: distance, limit distance and quantity.
//
// The new distance counts, in the order's unit, from the trade that moved the stop last, so the
// stop may go either way. The stop itself is not given, it follows.
//
// tidy: tested by test/asm/orders/trail.test.ts
import {
  MORE_ANCHOR,
  MORE_LIMIT_OFFSET,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_TYPE,
  ORDER_TERMS_STOP,
  ORDER_TERMS_TRAIL_OFFSET,
  ORDER_TERMS_TRAIL_UNIT,
} from "../layout";
import { PRICE_TICKS_MAX } from "../positions/notional";
import { tradedAt } from "../positions/traded";
import {
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_TRAIL_OFFSET,
  AmendField,
  OrderType,
  Refusal,
} from "../vocab";
import { priceRefusal, qtyRefusal } from "./command";
import { denyAmend } from "./event";
import { orderAt, orderMoreAt, orderTermsAt } from "./pool";
import { amendApply, mayAmend } from "./stop-amend";
import { limitIsGood, trailIsGood, trailPlace, trailStop, trailUnplace } from "./trail";
import { amendStepRefusal, isStepped } from "./step";

const FIELDS: i32 = AmendField.Price | AmendField.Qty | AmendField.Trail;

/** Amends an armed trailing order of the account that asked. */
export function trailAmend(rec: usize, slot: u32): void {
  const order = orderAt(slot);
  const terms = orderTermsAt(slot);
  const more = orderMoreAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const wasLots = load<i64>(order, ORDER_ROW_LEAVES);
  const wasOffset = load<i64>(terms, ORDER_TERMS_TRAIL_OFFSET);
  const wasLimit = load<i64>(more, MORE_LIMIT_OFFSET);
  const lots = fields & AmendField.Qty ? load<i64>(rec, AMEND_QTY_LOTS) : wasLots;
  const offset = fields & AmendField.Trail ? load<i64>(rec, AMEND_TRAIL_OFFSET) : wasOffset;
  const limit = fields & AmendField.Price ? load<i64>(rec, AMEND_PRICE_TICKS) : wasLimit;
  const isPlace = offset == wasOffset && limit == wasLimit;
  let stop = load<i64>(terms, ORDER_TERMS_STOP);
  let price = load<i64>(order, ORDER_ROW_PRICE);
  let refusal: i32 = shapeRefusal(rec, slot, traded, lots, offset, limit);
  if (refusal == Refusal.None && isPlace && lots == wasLots) refusal = Refusal.AmendNothing;
  if (refusal == Refusal.None && !isPlace) {
    stop = stopAt(slot, offset);
    const isPriced = <i32>load<u8>(order, ORDER_ROW_TYPE) == OrderType.TrailingStopLimit;
    if (isPriced) price = stop + limit;
    if (stop <= 0 || stop > PRICE_TICKS_MAX) refusal = Refusal.TrailInvalid;
    else if (isPriced) refusal = priceRefusal(traded, price);
  }
  const isKept = isPlace && lots < wasLots;
  if (refusal == Refusal.None) refusal = mayAmend(slot, traded, price, lots, stop, isKept);
  if (refusal != Refusal.None) return denyAmend(rec, slot, refusal);
  if (!isKept) {
    trailUnplace(slot, traded);
    store<i64>(terms, offset, ORDER_TERMS_TRAIL_OFFSET);
    store<i64>(more, limit, MORE_LIMIT_OFFSET);
    trailPlace(slot, traded, load<i64>(more, MORE_ANCHOR));
  }
  amendApply(rec, slot, traded, price, lots, stop, isKept);
}

function stopAt(slot: u32, offset: i64): i64 {
  const unit = <i32>load<u8>(orderTermsAt(slot), ORDER_TERMS_TRAIL_UNIT);
  const anchor = load<i64>(orderMoreAt(slot), MORE_ANCHOR);
  return trailStop(load<u8>(orderAt(slot), ORDER_ROW_SIDE), unit, offset, anchor);
}

function shapeRefusal(
  rec: usize,
  slot: u32,
  traded: usize,
  lots: i64,
  offset: i64,
  limit: i64,
): Refusal {
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  if ((fields & ~FIELDS) != 0) return Refusal.FlagUnsupported;
  if (fields == 0) return Refusal.AmendNothing;
  if (load<u64>(rec, AMEND_NEW_CLIENT_ID) != 0) return Refusal.FlagUnsupported;
  if (isStepped(traded)) {
    const step = amendStepRefusal(rec, traded, false);
    if (step != Refusal.None) return step;
  }
  if ((fields & AmendField.Qty) != 0) {
    const qty = qtyRefusal(traded, lots);
    if (qty != Refusal.None) return qty;
  }
  const isPriced = <i32>load<u8>(orderAt(slot), ORDER_ROW_TYPE) == OrderType.TrailingStopLimit;
  if ((fields & AmendField.Price) != 0 && !isPriced) return Refusal.FlagUnsupported;
  const isGood = trailIsGood(load<u8>(orderTermsAt(slot), ORDER_TERMS_TRAIL_UNIT), offset);
  return isGood && limitIsGood(limit) ? Refusal.None : Refusal.TrailInvalid;
}
