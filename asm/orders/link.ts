// A new order that names another: whether it may, and the links it gets.
//
// Bounds: a pair has two legs, a parent CHILDREN_MAX children, and a child has no children of its
// own. A pair's new leg that names a child becomes a child of the same parent. Other instruments
// are refused, because lots of one mean nothing in another.
//
// tidy: tested by test/asm/orders/contingency.test.ts
import { accountFind } from "../accounts/account";
import {
  CHILDREN_MAX,
  O_STEPS,
  ORDER_COLD_TERMS,
  ORDER_ROW_CLIENT_ID,
  ORDER_ROW_FILLED,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_TYPE,
  ORDER_TERMS_CHILD,
  ORDER_TERMS_CHILD_NEXT,
  ORDER_TERMS_LINK_PARENT,
  ORDER_TERMS_SIBLING,
  ORDER_TERMS_STOP,
} from "../layout";
import { isClosing } from "../positions/leg";
import {
  Contingency,
  Kind,
  NEW_CONTINGENCY,
  NEW_DISPLAY_LOTS,
  NEW_FLAGS,
  NEW_LINKED_CLIENT_ID,
  NEW_POSITION_SIDE,
  NEW_SIDE,
  NEW_STOP_TICKS,
  NEW_TYPE,
  ORDER_ACCOUNT,
  OrderFlag,
  OrderState,
  OrderType,
  REC_INSTRUMENT,
  Refusal,
} from "../vocab";
import {
  LINK_CHILD,
  LINK_OCO,
  LINK_OUO,
  LINK_PARENT,
  LINK_STOP,
  LINK_TARGET,
  linksChange,
  linksOf,
  pairMake,
} from "./contingency";
import { orderEvent } from "./event";
import { heldFeed } from "./held";
import { isIceberg, lotsOf } from "./iceberg";
import { flagsOf, legOf } from "./leg";
import { orderAt, orderByClientId, orderColdAt, orderTermsAt } from "./pool";
import { stateIsOpen } from "./state";

const STOPS: u32 = (1 << OrderType.Stop) | (1 << OrderType.StopLimit);
const TARGETS: u32 =
  (1 << OrderType.Limit) | (1 << OrderType.LimitIfTouched) | (1 << OrderType.MarketIfTouched);

/** The order a new one names, 0 when it is unknown. */
export function linkedOrder(rec: usize): u32 {
  const linked = load<u64>(rec, NEW_LINKED_CLIENT_ID);
  return linked == 0 ? 0 : orderByClientId(accountFind(load<u32>(rec, ORDER_ACCOUNT)), linked);
}

// @ts-ignore: decorator
@inline
function isOpen(slot: u32): bool {
  return stateIsOpen(load<u8>(orderAt(slot), ORDER_ROW_STATE));
}

/** Why a new order may not depend on the one it names. */
export function linkRefusal(rec: usize): Refusal {
  const kind = <i32>load<u8>(rec, NEW_CONTINGENCY);
  if (kind > Contingency.BracketTarget) return Refusal.ContingencyInvalid;
  const other = linkedOrder(rec);
  if (other == 0) return Refusal.LinkedOrderUnknown;
  const order = orderAt(other);
  // A parent algorithm counts what its own children fill.
  const flags = <i32>load<u8>(order, ORDER_ROW_FLAGS);
  if ((flags & OrderFlag.Engine) != 0) return Refusal.ContingencyInvalid;
  if (load<u32>(order, ORDER_ROW_INSTRUMENT) != load<u32>(rec, REC_INSTRUMENT)) {
    return Refusal.ContingencyInvalid;
  }
  const isFilled = load<i64>(order, ORDER_ROW_FILLED) != 0;
  const links = linksOf(other);
  if (kind >= Contingency.Oto) {
    // Its children would live on lots that its position takes from it.
    if ((flags & OrderFlag.ReduceOnly) != 0) return Refusal.ContingencyInvalid;
    if (!isOpen(other) && !isFilled) return Refusal.LinkedOrderUnknown;
    if ((links & LINK_CHILD) != 0) return Refusal.ContingencyInvalid;
    return childRefusal(rec, other);
  }
  if (!isOpen(other)) return Refusal.LinkedOrderUnknown;
  // A market order that waits for an auction is in no level, and could not shrink there.
  const isHeld = load<u8>(order, ORDER_ROW_STATE) == OrderState.Held;
  if (load<u8>(order, ORDER_ROW_TYPE) == OrderType.Market && !isHeld) {
    return Refusal.ContingencyInvalid;
  }
  // The first fill has decided between the two already.
  if (kind == Contingency.Oco && isFilled) return Refusal.ContingencyInvalid;
  if ((links & (LINK_OCO | LINK_OUO)) != 0) return Refusal.ContingencyInvalid;
  if ((links & LINK_CHILD) != 0) {
    const parent = load<u32>(orderTermsAt(other), ORDER_TERMS_LINK_PARENT);
    const refusal = childRefusal(rec, parent);
    if (refusal != Refusal.None) return refusal;
  }
  const isReducing = ((flags | flagsOf(rec)) & OrderFlag.ReduceOnly) != 0;
  return isReducing ? reducingRefusal(rec, other) : Refusal.None;
}

/**
 * Why two legs, one of them reduce-only, may not be a pair. That leg may end in the midst of a fill
 * and take the other with it, which must not be about to trade then: on one side, no fill of one
 * can be of the other's trade; and an iceberg that has used up its slice is in no book.
 */
function reducingRefusal(rec: usize, other: u32): Refusal {
  const isOneSide = load<u8>(rec, NEW_SIDE) == load<u8>(orderAt(other), ORDER_ROW_SIDE);
  const isShown = load<i64>(rec, NEW_DISPLAY_LOTS) == 0 && !isIceberg(other);
  return isOneSide && isShown ? Refusal.None : Refusal.ContingencyInvalid;
}

/** Why a new order may not be a child of `parent`. */
function childRefusal(rec: usize, parent: u32): Refusal {
  // Instructions are asked when an order enters its book, and a child has no one to refuse to;
  // what closes a leg is reduce-only whether it says so or not.
  const leg = <i32>load<u8>(rec, NEW_POSITION_SIDE);
  const own = isClosing(leg, <i32>load<u8>(rec, NEW_SIDE)) ? <i32>OrderFlag.ReduceOnly : 0;
  if ((load<u8>(rec, NEW_FLAGS) & ~own) != 0) return Refusal.FlagUnsupported;
  const type = <i32>load<u8>(rec, NEW_TYPE);
  if (type == OrderType.TrailingStop || type == OrderType.TrailingStopLimit) {
    return Refusal.ContingencyInvalid;
  }
  const kind = <i32>load<u8>(rec, NEW_CONTINGENCY);
  const exit = bracketBit(kind);
  if (exit != 0) {
    const types = exit == LINK_STOP ? STOPS : TARGETS;
    if (((types >> type) & 1) == 0) return Refusal.ContingencyInvalid;
    const side = load<u8>(orderAt(parent), ORDER_ROW_SIDE);
    if (load<u8>(rec, NEW_SIDE) == side) return Refusal.ContingencyInvalid;
    // It closes the leg that its parent opens; as a leg of a pair it hides nothing.
    if (leg != legOf(parent)) return Refusal.ContingencyInvalid;
    if (leg != 0 && load<i64>(rec, NEW_DISPLAY_LOTS) != 0) return Refusal.ContingencyInvalid;
  }
  if ((linksOf(parent) & LINK_PARENT) == 0) return Refusal.None;
  let child = load<u32>(orderTermsAt(parent), ORDER_TERMS_CHILD);
  for (let count = 0; child != 0; ) {
    if (++count >= CHILDREN_MAX) return Refusal.ContingencyInvalid;
    if ((linksOf(child) & exit) != 0) return Refusal.ContingencyInvalid;
    child = load<u32>(orderTermsAt(child), ORDER_TERMS_CHILD_NEXT);
  }
  return Refusal.None;
}

// @ts-ignore: decorator
@inline
function bracketBit(kind: i32): i32 {
  if (kind == Contingency.BracketStop) return LINK_STOP;
  return kind == Contingency.BracketTarget ? LINK_TARGET : 0;
}

/** True when a new order that may be linked has to wait for a parent. */
export function isChild(rec: usize): bool {
  if (<i32>load<u8>(rec, NEW_CONTINGENCY) >= Contingency.Oto) return true;
  return (linksOf(linkedOrder(rec)) & LINK_CHILD) != 0;
}

/** Links a new order; a child is accepted here, held, and true is returned. */
export function linkMake(rec: usize, slot: u32): bool {
  const kind = <i32>load<u8>(rec, NEW_CONTINGENCY);
  const other = linkedOrder(rec);
  const isHeld = isChild(rec);
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  store<u8>(orderColdAt(other), 1, ORDER_COLD_TERMS);
  let parent = other;
  if (kind < Contingency.Oto) {
    parent = isHeld ? load<u32>(orderTermsAt(other), ORDER_TERMS_LINK_PARENT) : 0;
    pairMake(slot, other, kind == Contingency.Oco ? LINK_OCO : LINK_OUO);
  }
  if (!isHeld) return false;
  childAdd(slot, parent, bracketBit(kind));
  store<i64>(orderTermsAt(slot), load<i64>(rec, NEW_STOP_TICKS), ORDER_TERMS_STOP);
  store<u32>(O_STEPS, 0);
  orderEvent(Kind.OrderAccepted, slot, 0, 0);
  heldFeed(slot, filledFor(slot, parent));
  return true;
}

/** Puts a child behind its parent's others; the legs of a bracket find each other here. */
function childAdd(slot: u32, parent: u32, bracket: i32): void {
  store<u32>(orderTermsAt(slot), parent, ORDER_TERMS_LINK_PARENT);
  linksChange(slot, LINK_CHILD | bracket, 0);
  linksChange(parent, LINK_PARENT, 0);
  let link = orderTermsAt(parent) + ORDER_TERMS_CHILD;
  while (load<u32>(link) != 0) {
    const child = load<u32>(link);
    const links = linksOf(child);
    const isPaired = (links & (LINK_OCO | LINK_OUO)) != 0;
    if (bracket != 0 && (links & (LINK_STOP | LINK_TARGET)) != 0 && !isPaired) {
      pairMake(slot, child, LINK_OUO);
    }
    link = orderTermsAt(child) + ORDER_TERMS_CHILD_NEXT;
  }
  store<u32>(link, slot);
}

/** Lots its parent has filled, of an OUO leg no more than the other leg has left of them. */
function filledFor(slot: u32, parent: u32): i64 {
  const lots = load<i64>(orderAt(parent), ORDER_ROW_FILLED);
  const sibling = load<u32>(orderTermsAt(slot), ORDER_TERMS_SIBLING);
  if ((linksOf(slot) & LINK_OUO) == 0) return lots;
  const other = orderAt(sibling);
  if (load<u8>(other, ORDER_ROW_STATE) == OrderState.Held) return lots;
  return min(lots, lotsOf(sibling));
}

/** Client id of the order this one depends on, its parent before its sibling; 0 for none. */
export function linkedClientId(slot: u32): u64 {
  const links = linksOf(slot);
  const isOne = (links & (LINK_CHILD | LINK_OCO | LINK_OUO)) != 0;
  if (!isOne) return 0;
  const at = (links & LINK_CHILD) != 0 ? ORDER_TERMS_LINK_PARENT : ORDER_TERMS_SIBLING;
  return load<u64>(orderAt(load<u32>(orderTermsAt(slot) + at)), ORDER_ROW_CLIENT_ID);
}
