// Held orders: children that wait for their parent's fills, and their release.
//
// A held order is in no book and no tree, and its lots are not counted as open. What its parent
// filled is noted on it and it joins the queue of those to release, which is served before
// triggered stops: after the aggressor, one at a time, each as a new aggressor of its own.
//
// tidy: tested by test/asm/orders/contingency.test.ts
import { accountAt } from "../accounts/account";
import {
  O_ARMED,
  O_DEFERRED,
  O_HELD_FIRST,
  O_HELD_LAST,
  O_LIMIT_VALUE,
  ORDER_COLD_TAG,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_NEXT,
  ORDER_ROW_POSITION,
  ORDER_ROW_PREV,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TYPE,
  ORDER_TERMS_LINK_LOTS,
  ORDER_TERMS_STOP,
} from "../layout";
import { isCash } from "../positions/kind";
import { positionAt, positionOpen, POS_LOTS } from "../positions/position";
import { GUARD_CALL, tradedAt, TRD_GUARD } from "../positions/traded";
import { releaseRefusal, riskRefusal } from "../risk/check";
import { diskRefusal, switchRefusal, tradingMode } from "../risk/switch";
import { strategyFind } from "../strategies/strategy";
import {
  AMEND_FIELDS,
  AMEND_NEW_CLIENT_ID,
  AMEND_PRICE_TICKS,
  AMEND_QTY_LOTS,
  AMEND_STOP_TICKS,
  AMEND_TAG,
  AmendField,
  CancelReason,
  Kind,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  Side,
  TradingMode,
} from "../vocab";
import { cashAmendRefusal, cashHold, heldTicks } from "./cash";
import { cancelLoose } from "./close";
import { orderGo, priceRefusal, qtyRefusal } from "./command";
import { report } from "./contingency";
import { denyAmend, orderEvent } from "./event";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";
import { reduceEnter, reduceHasRoom, reduceMost } from "./reduce";
import { amendStepRefusal, isStepped } from "./step";
import { stateMove } from "./state";
import { hasPrice, isArmed, stopPlace, stopPriceRefusal, stopsRelease } from "./stop";

/** Notes `lots` its parent filled on a held child and queues it for release. */
export function heldFeed(slot: u32, lots: i64): void {
  const terms = orderTermsAt(slot);
  const noted = load<i64>(terms, ORDER_TERMS_LINK_LOTS);
  const left = load<i64>(orderAt(slot), ORDER_ROW_LEAVES) - noted;
  const more = min(lots, left);
  if (more <= 0) return;
  store<i64>(terms, noted + more, ORDER_TERMS_LINK_LOTS);
  if (noted == 0) queuePush(slot);
}

function queuePush(slot: u32): void {
  const last = load<u32>(O_HELD_LAST);
  store<u32>(orderAt(slot), last, ORDER_ROW_PREV);
  if (last != 0) store<u32>(orderAt(last), slot, ORDER_ROW_NEXT);
  else store<u32>(O_HELD_FIRST, slot);
  store<u32>(O_HELD_LAST, slot);
}

function queueTake(slot: u32): void {
  const order = orderAt(slot);
  const next = load<u32>(order, ORDER_ROW_NEXT);
  const prev = load<u32>(order, ORDER_ROW_PREV);
  if (prev != 0) store<u32>(orderAt(prev), next, ORDER_ROW_NEXT);
  else store<u32>(O_HELD_FIRST, next);
  if (next != 0) store<u32>(orderAt(next), prev, ORDER_ROW_PREV);
  else store<u32>(O_HELD_LAST, prev);
  store<u64>(order, 0, ORDER_ROW_NEXT);
}

/** Makes ready for its end a held order, whose lots were never counted: ends give them back. */
export function heldLeave(slot: u32): void {
  const order = orderAt(slot);
  if (load<i64>(orderTermsAt(slot), ORDER_TERMS_LINK_LOTS) != 0) queueTake(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), load<i64>(order, ORDER_ROW_LEAVES));
}

/** Releases what the trades of this input fed, and the stops that follow from it. */
export function heldOfInput(): void {
  while (load<u32>(O_HELD_FIRST) != 0 && load<u8>(O_DEFERRED) == 0) {
    stopsRelease(tradedAt(load<u32>(orderAt(load<u32>(O_HELD_FIRST)), ORDER_ROW_INSTRUMENT)));
  }
}

/**
 * Releases the first of the queue: it is armed, or trades and rests; a refusal cancels it. What
 * closes a leg gets no more than that holds by now; what it does not get is given up.
 */
export function heldRelease(slot: u32): void {
  const order = orderAt(slot);
  const terms = orderTermsAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const all = load<i64>(order, ORDER_ROW_LEAVES);
  const noted = load<i64>(terms, ORDER_TERMS_LINK_LOTS);
  const lots = min(noted, reduceMost(slot));
  let reason = isReducing(order) ? closeReason(slot, lots) : CancelReason.None;
  if (reason == CancelReason.None) reason = releaseReason(slot, lots, lots);
  if (reason != CancelReason.None) {
    heldLeave(slot);
    return cancelLoose(slot, reason);
  }
  queueTake(slot);
  store<i64>(order, lots, ORDER_ROW_LEAVES);
  store<i64>(terms, all - noted, ORDER_TERMS_LINK_LOTS);
  if (isReducing(order)) reduceEnter(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, load<u8>(order, ORDER_ROW_SIDE), lots);
  const isStop = isArmed(<i32>load<u8>(order, ORDER_ROW_TYPE));
  stateMove(order, isStop ? OrderState.Armed : OrderState.Live);
  if (isCash(traded)) cashHold(slot);
  report(Kind.OrderReleased, slot, 0, 0, lots);
  if (!isStop) return orderGo(slot, traded);
  store<u32>(O_ARMED, load<u32>(O_ARMED) + 1);
  stopPlace(slot, traded, load<i64>(terms, ORDER_TERMS_STOP));
}

// @ts-ignore: decorator
@inline
function isReducing(order: usize): bool {
  return (load<u8>(order, ORDER_ROW_FLAGS) & OrderFlag.ReduceOnly) != 0;
}

/** As `releaseReason` for what closes a leg: a leg that is flat, or has a full list of exits. */
function closeReason(slot: u32, lots: i64): CancelReason {
  if (lots == 0) return CancelReason.ReduceOnly;
  const position = positionAt(load<u32>(orderAt(slot), ORDER_ROW_POSITION));
  return reduceHasRoom(position) ? CancelReason.None : CancelReason.Limit;
}

/**
 * Why `lots` of a child may not be released, as the reason of its cancel: a switch, or a limit on
 * what would then be open (`leaves`, all of it). What only reduces the position is asked of
 * switches and of money that does not fit; no release counts as a message.
 */
export function releaseReason(slot: u32, lots: i64, leaves: i64): CancelReason {
  const order = orderAt(slot);
  const owner = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  const strategy = strategyFind(load<u16>(order, ORDER_ROW_STRATEGY));
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  if (switchRefusal(owner, strategy, traded) != Refusal.None) return CancelReason.KillSwitch;
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const held = load<i64>(position, POS_LOTS);
  const isSmaller = leaves <= (side == Side.Buy ? -held : held);
  if (!isSmaller && tradingMode(owner, strategy, traded) != TradingMode.Active) {
    return CancelReason.ReduceOnly;
  }
  const price = limitOrStop(slot);
  const refusal = releaseRefusal(
    owner, strategy, position, traded, side, price, leaves, lots,
  );
  if (refusal != Refusal.None) return CancelReason.Limit;
  return isCash(traded) ? cashReason(slot, traded, leaves) : CancelReason.None;
}

/** As `releaseReason` for money: of a cash instrument, what a child would hold back from now on. */
function cashReason(slot: u32, traded: usize, leaves: i64): CancelReason {
  const order = orderAt(slot);
  const isBuy = load<u8>(order, ORDER_ROW_SIDE) == Side.Buy;
  const isCall = (<i32>load<u8>(traded, TRD_GUARD) & GUARD_CALL) != 0;
  // Nobody knows what a buy at market costs in an uncross.
  if (isCall && isBuy && load<u8>(order, ORDER_ROW_TYPE) == OrderType.Market) {
    return CancelReason.Auction;
  }
  const refusal = cashAmendRefusal(slot, heldTicks(slot, traded, leaves), leaves);
  store<i64>(O_LIMIT_VALUE, 0);
  return refusal == Refusal.None ? CancelReason.None : CancelReason.BalanceInsufficient;
}

/** The price risk is measured at: the limit, else the stop, 0 for a market order. */
// @ts-ignore: decorator
@inline
function limitOrStop(slot: u32): i64 {
  if (hasPrice(<i32>load<u8>(orderAt(slot), ORDER_ROW_TYPE))) {
    return load<i64>(orderAt(slot), ORDER_ROW_PRICE);
  }
  return load<i64>(orderTermsAt(slot), ORDER_TERMS_STOP);
}

// Amends ---------------------------------------------------------------------------------------

/** Amends a held order: quantity, limit and stop price; it has no place to lose. */
export function heldAmend(rec: usize, slot: u32): void {
  const order = orderAt(slot);
  const terms = orderTermsAt(slot);
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const wasTicks = load<i64>(order, ORDER_ROW_PRICE);
  const wasLots = load<i64>(order, ORDER_ROW_LEAVES);
  const wasStop = load<i64>(terms, ORDER_TERMS_STOP);
  const ticks = fields & AmendField.Price ? load<i64>(rec, AMEND_PRICE_TICKS) : wasTicks;
  const lots = fields & AmendField.Qty ? load<i64>(rec, AMEND_QTY_LOTS) : wasLots;
  const stop = fields & AmendField.Stop ? load<i64>(rec, AMEND_STOP_TICKS) : wasStop;
  let refusal: i32 = shapeRefusal(rec, slot, ticks, lots, stop);
  if (refusal == Refusal.None && ticks == wasTicks && lots == wasLots && stop == wasStop) {
    refusal = Refusal.AmendNothing;
  }
  if (refusal == Refusal.None) refusal = mayAmend(slot, ticks, lots, stop);
  if (refusal != Refusal.None) return denyAmend(rec, slot, refusal);
  store<i64>(order, lots, ORDER_ROW_LEAVES);
  store<i64>(order, ticks, ORDER_ROW_PRICE);
  store<i64>(terms, stop, ORDER_TERMS_STOP);
  const noted = load<i64>(terms, ORDER_TERMS_LINK_LOTS);
  store<i64>(terms, min(noted, lots), ORDER_TERMS_LINK_LOTS);
  const tag = load<u64>(rec, AMEND_TAG);
  if (tag != 0) store<u64>(orderColdAt(slot), tag, ORDER_COLD_TAG);
  orderEvent(Kind.OrderAmended, slot, 0, 0);
}

function shapeRefusal(rec: usize, slot: u32, ticks: i64, lots: i64, stop: i64): Refusal {
  const traded = tradedAt(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT));
  const type = <i32>load<u8>(orderAt(slot), ORDER_ROW_TYPE);
  const fields = <i32>load<u8>(rec, AMEND_FIELDS);
  const prices =
    (hasPrice(type) ? AmendField.Price : 0) | (isArmed(type) ? AmendField.Stop : 0);
  if ((fields & ~(AmendField.Qty | prices)) != 0) return Refusal.FlagUnsupported;
  if (fields == 0) return Refusal.AmendNothing;
  if (load<u64>(rec, AMEND_NEW_CLIENT_ID) != 0) return Refusal.FlagUnsupported;
  if (isStepped(traded)) {
    const step = amendStepRefusal(rec, traded, true);
    if (step != Refusal.None) return step;
  }
  if ((fields & AmendField.Qty) != 0) {
    const qty = qtyRefusal(traded, lots);
    if (qty != Refusal.None) return qty;
  }
  if ((fields & AmendField.Price) != 0) {
    const price = priceRefusal(traded, ticks);
    if (price != Refusal.None) return price;
  }
  return (fields & AmendField.Stop) != 0 ? stopPriceRefusal(stop) : Refusal.None;
}

/** Less is only asked of switches, anything else of the limits of one order too. */
function mayAmend(slot: u32, ticks: i64, lots: i64, stop: i64): i32 {
  const order = orderAt(slot);
  const owner = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  const strategy = strategyFind(load<u16>(order, ORDER_ROW_STRATEGY));
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const blocked: i32 = switchRefusal(owner, strategy, traded);
  if (blocked != Refusal.None) return blocked;
  const isSame =
    ticks == load<i64>(order, ORDER_ROW_PRICE) &&
    stop == load<i64>(orderTermsAt(slot), ORDER_TERMS_STOP);
  const wasLots = load<i64>(order, ORDER_ROW_LEAVES);
  if (isSame && lots < wasLots) return Refusal.None;
  if (lots > wasLots) {
    const disk: i32 = diskRefusal();
    if (disk != Refusal.None) return disk;
  }
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const price = hasPrice(<i32>load<u8>(order, ORDER_ROW_TYPE)) ? ticks : stop;
  return riskRefusal(owner, strategy, position, traded, side, price, lots, 0, false);
}
