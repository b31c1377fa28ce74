// OrderAmend of an order that waits for its trigger: stop, limit price and quantity.
//
// As with a resting order, less quantity keeps the place among equal stops and anything else loses
// it; a stop that the market has already reached follows the instrument's policy.
//
// tidy: tested by test/asm/orders/stop.test.ts
import { accountAt } from "../accounts/account";
import {
  O_STEPS,
  ORDER_COLD_TAG,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TYPE,
  ORDER_TERMS_STOP,
} from "../layout";
import { isCash } from "../positions/kind";
import { positionAt, positionOpen } from "../positions/position";
import { tradedAt } from "../positions/traded";
import { riskRefusal } from "../risk/check";
import { moreRefusal, switchState } from "../risk/switch";
import { strategyFind } from "../strategies/strategy";
import {
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_STOP_TICKS,
  AMEND_TAG,
  AmendField,
  Kind,
  Refusal,
  TradingMode,
} from "../vocab";
import { cashAmendRefusal, cashHold } from "./cash";
import { priceRefusal, qtyRefusal } from "./command";
import { denyAmend, orderEvent } from "./event";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";
import { exceedsHeld } from "./reduce";
import { hasPrice, stopPlace, stopPriceRefusal, stopsRelease, stopUnplace } from "./stop";
import { throughRefusal } from "./stop";
import { isTrailing } from "./trail";
import { amendStepRefusal, isStepped } from "./step";
import { trailAmend } from "./trail-amend";

const FIELDS: i32 = AmendField.Price | AmendField.Qty | AmendField.Stop;

/** Amends an armed order of the account that asked. */
export function stopAmend(rec: usize, slot: u32): void {
  const order = orderAt(slot);
  if (isTrailing(load<u8>(order, ORDER_ROW_TYPE))) return trailAmend(rec, slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const wasTicks = load<i64>(order, ORDER_ROW_PRICE);
  const wasLots = load<i64>(order, ORDER_ROW_LEAVES);
  const wasStop = load<i64>(orderTermsAt(slot), ORDER_TERMS_STOP);
  const priceTicks = fields & AmendField.Price ? load<i64>(rec, AMEND_PRICE_TICKS) : wasTicks;
  const lots = fields & AmendField.Qty ? load<i64>(rec, AMEND_QTY_LOTS) : wasLots;
  const stopTicks = fields & AmendField.Stop ? load<i64>(rec, AMEND_STOP_TICKS) : wasStop;
  let refusal: i32 = shapeRefusal(rec, slot, traded, priceTicks, lots, stopTicks);
  const isPlace = priceTicks == wasTicks && stopTicks == wasStop;
  if (refusal == Refusal.None && isPlace && lots == wasLots) refusal = Refusal.AmendNothing;
  const isKept = isPlace && lots < wasLots;
  if (refusal == Refusal.None) {
    refusal = mayAmend(slot, traded, priceTicks, lots, stopTicks, isKept);
  }
  if (refusal != Refusal.None) return denyAmend(rec, slot, refusal);
  amendApply(rec, slot, traded, priceTicks, lots, stopTicks, isKept);
}

function shapeRefusal(
  rec: usize,
  slot: u32,
  traded: usize,
  priceTicks: i64,
  lots: i64,
  stopTicks: i64,
): Refusal {
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  if ((fields & ~FIELDS) != 0) return Refusal.FlagUnsupported;
  if (fields == 0) return Refusal.AmendNothing;
  if (load<u64>(rec, AMEND_NEW_CLIENT_ID) != 0) return Refusal.FlagUnsupported;
  if (isStepped(traded)) {
    const step = amendStepRefusal(rec, traded, hasPrice(load<u8>(orderAt(slot), ORDER_ROW_TYPE)));
    if (step != Refusal.None) return step;
  }
  if ((fields & AmendField.Qty) != 0) {
    const qty = qtyRefusal(traded, lots);
    if (qty != Refusal.None) return qty;
  }
  if ((fields & AmendField.Price) != 0) {
    if (!hasPrice(load<u8>(orderAt(slot), ORDER_ROW_TYPE))) return Refusal.FlagUnsupported;
    const price = priceRefusal(traded, priceTicks);
    if (price != Refusal.None) return price;
  }
  return stopPriceRefusal(stopTicks);
}

/** As for a resting order: less is only asked of switches, the rest of the limits too. */
export function mayAmend(
  slot: u32,
  traded: usize,
  priceTicks: i64,
  lots: i64,
  stopTicks: i64,
  isKept: bool,
): i32 {
  const order = orderAt(slot);
  const owner = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  const strategy = strategyFind(load<u16>(order, ORDER_ROW_STRATEGY));
  const state = switchState(owner, strategy, traded);
  if (state > TradingMode.Liquidating) return state;
  if (isKept) return Refusal.None;
  const added = lots - load<i64>(order, ORDER_ROW_LEAVES);
  if (added > 0) {
    const more = moreRefusal(state);
    if (more != Refusal.None) return more;
  }
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const type = <i32>load<u8>(order, ORDER_ROW_TYPE);
  const worst = hasPrice(type) ? priceTicks : stopTicks;
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  if (added > 0 && exceedsHeld(order, position, lots)) return Refusal.ReduceOnlyWouldIncrease;
  const risk = riskRefusal(owner, strategy, position, traded, side, worst, lots, added, false);
  if (risk != Refusal.None) return risk;
  const cash = isCash(traded) ? cashAmendRefusal(slot, worst, lots) : Refusal.None;
  return cash != Refusal.None ? cash : throughRefusal(traded, side, type, stopTicks);
}

/** Gives an armed order its new terms; one the market has reached is released. */
export function amendApply(
  rec: usize,
  slot: u32,
  traded: usize,
  priceTicks: i64,
  lots: i64,
  stopTicks: i64,
  isKept: bool,
): void {
  const order = orderAt(slot);
  const added = lots - load<i64>(order, ORDER_ROW_LEAVES);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), added);
  store<i64>(order, lots, ORDER_ROW_LEAVES);
  store<i64>(order, priceTicks, ORDER_ROW_PRICE);
  const tag = load<u64>(rec, AMEND_TAG);
  if (tag != 0) store<u64>(orderColdAt(slot), tag, ORDER_COLD_TAG);
  if (!isKept) {
    stopUnplace(slot, traded);
    stopPlace(slot, traded, stopTicks);
  }
  if (isCash(traded)) cashHold(slot);
  orderEvent(Kind.OrderAmended, slot, 0, isKept ? 1 : 0);
  store<u32>(O_STEPS, 0);
  stopsRelease(traded);
}
