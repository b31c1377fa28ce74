// Price and quantity steps: what is asked for must be a whole multiple of them.
//
// Ticks and lots are the finest unit an instrument ever has; a venue that widens its tick or lot
// changes the step, and everything counted stays as it is. Only what a command names is asked, so
// an order that rests on a price of before stays there until it trades or moves, as at venues.
// Orders of the engine itself (children of parents, liquidations) are not asked: they add up.
//
// tidy: tested by test/asm/orders/step.test.ts
import { GUARD_STEP, TRD_GUARD, TRD_PRICE_STEP, TRD_QTY_STEP } from "../positions/traded";
import {
  AMEND_FIELDS,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AmendField,
  NEW_FLAGS,
  NEW_PRICE_TICKS,
  NEW_QTY_LOTS,
  NEW_TYPE,
  OrderFlag,
  Refusal,
} from "../vocab";
import { hasPrice } from "./stop";
import { isTrailing } from "./trail";

/** True when an instrument has a step. */
// @ts-ignore: decorator
@inline
export function isStepped(traded: usize): bool {
  return (<i32>load<u8>(traded, TRD_GUARD) & GUARD_STEP) != 0;
}

/** Why a new order does not lie on the steps; the limit of a trailing order is a distance. */
export function stepRefusal(rec: usize, traded: usize): Refusal {
  if ((load<u8>(rec, NEW_FLAGS) & OrderFlag.Engine) != 0) return Refusal.None;
  if (isOff(load<i64>(rec, NEW_QTY_LOTS), traded + TRD_QTY_STEP)) return Refusal.QtyNotOnLot;
  const type = <i32>load<u8>(rec, NEW_TYPE);
  const isOffPrice = isOff(load<i64>(rec, NEW_PRICE_TICKS), traded + TRD_PRICE_STEP);
  const isAsked = hasPrice(type) && !isTrailing(type);
  return isAsked && isOffPrice ? Refusal.PriceNotOnTick : Refusal.None;
}

/** Why what an amend names does not lie on the steps; `isPrice` false where a price is none. */
export function amendStepRefusal(rec: usize, traded: usize, isPrice: bool): Refusal {
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const isQty = (fields & AmendField.Qty) != 0;
  if (isQty && isOff(load<i64>(rec, AMEND_QTY_LOTS), traded + TRD_QTY_STEP)) {
    return Refusal.QtyNotOnLot;
  }
  const isAsked = isPrice && (fields & AmendField.Price) != 0;
  const isOffPrice = isOff(load<i64>(rec, AMEND_PRICE_TICKS), traded + TRD_PRICE_STEP);
  return isAsked && isOffPrice ? Refusal.PriceNotOnTick : Refusal.None;
}

/** What is not positive is refused as that. */
function isOff(value: i64, stepAt: usize): bool {
  const step = <i64>load<u32>(stepAt);
  return value > 0 && step > 1 && value % step != 0;
}
