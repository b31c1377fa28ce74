// Orders that depend on each other: what the fill, the trigger or the end of one does to others.
//
// Two orders are a pair: of an OCO pair the first fill or trigger of one cancels the other, of an
// OUO pair a fill of one shrinks the other to its leaves; the end of one ends the other. A child
// waits for its parent's fills, grows with later ones, and dies with a parent that never filled.
// Pairs are settled after each trade, so that no sweep fills both legs; children are released
// after the aggressor is done (held.ts). All orders of a family are of one account and instrument.
//
// tidy: tested by test/asm/orders/contingency.test.ts
import { l3Add, l3Remove } from "../books/ladder";
import {
  O_STEPS,
  O_WALK,
  O_WORKING,
  ORDER_COLD_LINKS,
  ORDER_COLD_LOCK,
  ORDER_COLD_NEXT,
  ORDER_ROW_FILLED,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_TERMS_CHILD,
  ORDER_TERMS_CHILD_NEXT,
  ORDER_TERMS_LINK_LOTS,
  ORDER_TERMS_LINK_PARENT,
  ORDER_TERMS_SIBLING,
  ORDER_TERMS_STOP,
} from "../layout";
import { outEnd } from "../output";
import { isCash } from "../positions/kind";
import { positionAt, positionOpen } from "../positions/position";
import { tradedAt, TRD_QUEUE_MODEL } from "../positions/traded";
import { CancelReason, EVENT_LIMIT, Kind, OrderState } from "../vocab";
import { cashHold, cashKeep } from "./cash";
import { pairJoin, pairPart } from "./cash-pair";
import { cancelLoose, restingSide } from "./close";
import { eventBegin } from "./event";
import { heldFeed, releaseReason } from "./held";
import { lotsOf, sliceCut, sliceReturn, sliceTake } from "./iceberg";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";
import { queueJoin } from "./queue";
import { reduceMost } from "./reduce";
import { stateIsOpen } from "./state";
import { cancelOpen, stopPlace, stopUnplace } from "./stop";
import { topTouch } from "./top";

// Bits of ORDER_COLD_LINKS.
export const LINK_OCO: i32 = 1;
export const LINK_OUO: i32 = 2;
export const LINK_CHILD: i32 = 4;
export const LINK_PARENT: i32 = 8;
export const LINK_STOP: i32 = 16;
export const LINK_TARGET: i32 = 32;
export const LINK_MET: i32 = 64;
export const LINK_PAIR: i32 = LINK_OCO | LINK_OUO;

/** Bits of what an order depends on and what depends on it; 0 for most. */
// @ts-ignore: decorator
@inline
export function linksOf(slot: u32): i32 {
  return load<u8>(orderColdAt(slot), ORDER_COLD_LINKS);
}

/** Adds and takes bits. */
export function linksChange(slot: u32, add: i32, take: i32): void {
  store<u8>(orderColdAt(slot), <u8>((linksOf(slot) & ~take) | add), ORDER_COLD_LINKS);
}

/** Settles a trade of `lots` between two orders; returns what the incoming one has left. */
export function tradeSettle(slot: u32, maker: u32, lots: i64): i64 {
  childDone(maker);
  childDone(slot);
  childrenFeed(maker, lots);
  childrenFeed(slot, lots);
  pairFilled(maker);
  pairFilled(slot);
  const order = orderAt(slot);
  return stateIsOpen(load<u8>(order, ORDER_ROW_STATE)) ? load<i64>(order, ORDER_ROW_LEAVES) : 0;
}

/** Settles a fill of `lots` that had no other side of ours. */
export function fillSettle(slot: u32, lots: i64): void {
  childDone(slot);
  childrenFeed(slot, lots);
  pairFilled(slot);
}

/** An OCO leg that is triggered cancels the other. */
export function linkTriggered(slot: u32): void {
  if ((linksOf(slot) & LINK_OCO) != 0) cancelLinked(pairTake(slot), CancelReason.Oco);
}

/** Ends what depends on an order that has just been canceled or has expired. */
export function linkEnded(slot: u32): void {
  const links = linksOf(slot);
  const reason = (links & LINK_OCO) != 0 ? CancelReason.Oco : CancelReason.Ouo;
  const sibling = pairTake(slot);
  if ((links & LINK_CHILD) != 0) childLeave(slot);
  const isUnfilled = load<i64>(orderAt(slot), ORDER_ROW_FILLED) == 0;
  if ((links & LINK_PARENT) != 0 && isUnfilled) childrenEnd(slot);
  if (sibling != 0) cancelLinked(sibling, reason);
}

/** The slot of a closed parent is about to be used again: its children stand alone from now on. */
export function linkForget(slot: u32): void {
  if ((linksOf(slot) & LINK_PARENT) == 0) return;
  let child = load<u32>(orderTermsAt(slot), ORDER_TERMS_CHILD);
  while (child != 0) {
    const next = load<u32>(orderTermsAt(child), ORDER_TERMS_CHILD_NEXT);
    childForget(child);
    child = next;
  }
}

/** Passes lots a parent filled on to its children. */
function childrenFeed(slot: u32, lots: i64): void {
  if ((linksOf(slot) & LINK_PARENT) == 0) return;
  let child = load<u32>(orderTermsAt(slot), ORDER_TERMS_CHILD);
  while (child != 0) {
    const next = load<u32>(orderTermsAt(child), ORDER_TERMS_CHILD_NEXT);
    if (load<u8>(orderAt(child), ORDER_ROW_STATE) == OrderState.Held) heldFeed(child, lots);
    else childGrow(child, lots);
    child = next;
  }
}

/**
 * Gives a released child more of its lots, behind all others of its price as an amend would. Lots
 * a switch or limit refuses, or its leg does not hold, are given up; the child keeps what it has.
 */
function childGrow(slot: u32, parentLots: i64): void {
  const order = orderAt(slot);
  const terms = orderTermsAt(slot);
  const left = load<i64>(terms, ORDER_TERMS_LINK_LOTS);
  const fed = min(parentLots, left);
  if (fed == 0) return;
  store<i64>(terms, left - fed, ORDER_TERMS_LINK_LOTS);
  const leaves = lotsOf(slot);
  const lots = min(fed, reduceMost(slot) - leaves);
  if (lots <= 0) return;
  if (releaseReason(slot, lots, leaves + lots) != CancelReason.None) return;
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  positionOpen(positionAt(load<u32>(order, ORDER_ROW_POSITION)), side, lots);
  if (slot == load<u32>(O_WORKING)) store<i64>(order, leaves + lots, ORDER_ROW_LEAVES);
  else if (load<u8>(order, ORDER_ROW_STATE) == OrderState.Armed) {
    store<i64>(order, leaves + lots, ORDER_ROW_LEAVES);
    stopUnplace(slot, traded);
    stopPlace(slot, traded, load<i64>(terms, ORDER_TERMS_STOP));
  } else {
    l3Remove(restingSide(traded, side), slot);
    sliceReturn(slot);
    store<i64>(order, leaves + lots, ORDER_ROW_LEAVES);
    sliceTake(slot);
    if (load<u8>(traded, TRD_QUEUE_MODEL) != 0) queueJoin(slot, traded);
    l3Add(restingSide(traded, side), slot);
    topTouch(traded);
  }
  if (isCash(traded)) cashHold(slot);
  step();
  report(Kind.OrderReleased, slot, 0, 1, lots);
}

/** Writes an order's event with lots as its `limit`. */
export function report(kind: i32, slot: u32, reason: i32, detail: i32, lots: i64): void {
  const out = eventBegin(kind, slot, reason, detail);
  store<i64>(out, lots, EVENT_LIMIT);
  outEnd(out);
}

/** A child that is filled whole leaves its parent, before it is offered more. */
function childDone(slot: u32): void {
  if ((linksOf(slot) & LINK_CHILD) == 0) return;
  if (!stateIsOpen(load<u8>(orderAt(slot), ORDER_ROW_STATE))) childLeave(slot);
}

/** What a fill of one leg does to the other. */
function pairFilled(slot: u32): void {
  const links = linksOf(slot);
  const order = orderAt(slot);
  const isOpen = stateIsOpen(load<u8>(order, ORDER_ROW_STATE));
  if ((links & LINK_OCO) != 0) {
    const sibling = pairTake(slot);
    // Closed by this very trade: the two met, and its fill cancels this one.
    const isMet = !stateIsOpen(load<u8>(orderAt(sibling), ORDER_ROW_STATE));
    cancelLinked(isMet ? slot : sibling, CancelReason.Oco);
  }
  if ((links & LINK_OUO) == 0) return;
  if (!isOpen) return cancelLinked(pairTake(slot), CancelReason.Ouo);
  const leaves = lotsOf(slot);
  legShrink(load<u32>(orderTermsAt(slot), ORDER_TERMS_SIBLING), leaves);
}

/** Takes lots off a leg until it has no more than `most`, at its place. */
function legShrink(slot: u32, most: i64): void {
  const order = orderAt(slot);
  const isHeld = load<u8>(order, ORDER_ROW_STATE) == OrderState.Held;
  const leaves = lotsOf(slot);
  const free = isHeld ? load<i64>(orderTermsAt(slot), ORDER_TERMS_LINK_LOTS) : leaves;
  const lots = free - most;
  if (lots <= 0) return;
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  if (isHeld) store<i64>(orderTermsAt(slot), most, ORDER_TERMS_LINK_LOTS);
  else positionOpen(positionAt(load<u32>(order, ORDER_ROW_POSITION)), side, -lots);
  const isResting = <i32>load<u8>(order, ORDER_ROW_STATE) > OrderState.Armed;
  if (isResting && slot != load<u32>(O_WORKING)) {
    sliceCut(slot, restingSide(traded, side), lots);
    topTouch(traded);
  } else store<i64>(order, load<i64>(order, ORDER_ROW_LEAVES) - lots, ORDER_ROW_LEAVES);
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) != 0) cashKeep(slot);
  step();
  report(Kind.OrderReduced, slot, CancelReason.Ouo, 0, lots);
}

/** Cancels an order because of another; it may be the one that trades just now, or be done. */
function cancelLinked(slot: u32, reason: i32): void {
  if (!stateIsOpen(load<u8>(orderAt(slot), ORDER_ROW_STATE))) return;
  if (slot == load<u32>(O_WALK)) store<u32>(O_WALK, load<u32>(orderColdAt(slot), ORDER_COLD_NEXT));
  step();
  if (slot == load<u32>(O_WORKING)) cancelLoose(slot, reason);
  else cancelOpen(slot, reason);
}

/** What hangs on an order is work of the input like its fills. */
// @ts-ignore: decorator
@inline
function step(): void {
  store<u32>(O_STEPS, load<u32>(O_STEPS) + 1);
}

// Links ----------------------------------------------------------------------------------------

/** Makes two orders a pair; `kind` is LINK_OCO or LINK_OUO. */
export function pairMake(a: u32, b: u32, kind: i32): void {
  store<u32>(orderTermsAt(a), b, ORDER_TERMS_SIBLING);
  store<u32>(orderTermsAt(b), a, ORDER_TERMS_SIBLING);
  linksChange(a, kind, 0);
  linksChange(b, kind, 0);
  pairJoin(a);
}

/** Parts a pair; returns the other leg, 0 when there is none. */
export function pairTake(slot: u32): u32 {
  const sibling = load<u32>(orderTermsAt(slot), ORDER_TERMS_SIBLING);
  if (sibling == 0) return 0;
  pairPart(slot);
  store<u32>(orderTermsAt(slot), 0, ORDER_TERMS_SIBLING);
  store<u32>(orderTermsAt(sibling), 0, ORDER_TERMS_SIBLING);
  linksChange(slot, 0, LINK_PAIR);
  linksChange(sibling, 0, LINK_PAIR);
  return sibling;
}

/** Cancels the children of a parent that ended unfilled, each for itself. */
function childrenEnd(slot: u32): void {
  const terms = orderTermsAt(slot);
  let child = load<u32>(terms, ORDER_TERMS_CHILD);
  while (child != 0) {
    pairTake(child);
    child = load<u32>(orderTermsAt(child), ORDER_TERMS_CHILD_NEXT);
  }
  // Each leaves the list as it ends.
  while (load<u32>(terms, ORDER_TERMS_CHILD) != 0) {
    cancelLinked(load<u32>(terms, ORDER_TERMS_CHILD), CancelReason.Parent);
  }
}

/** Takes a child that has ended out of its parent's list. */
function childLeave(slot: u32): void {
  const parent = load<u32>(orderTermsAt(slot), ORDER_TERMS_LINK_PARENT);
  const next = load<u32>(orderTermsAt(slot), ORDER_TERMS_CHILD_NEXT);
  let link = orderTermsAt(parent) + ORDER_TERMS_CHILD;
  while (load<u32>(link) != slot) {
    assert(load<u32>(link) != 0, "a child is in its parent's list");
    link = orderTermsAt(load<u32>(link)) + ORDER_TERMS_CHILD_NEXT;
  }
  store<u32>(link, next);
  childForget(slot);
  if (load<u32>(orderTermsAt(parent), ORDER_TERMS_CHILD) == 0) linksChange(parent, 0, LINK_PARENT);
}

function childForget(slot: u32): void {
  store<u64>(orderTermsAt(slot), 0, ORDER_TERMS_LINK_PARENT);
  linksChange(slot, 0, LINK_CHILD);
}
