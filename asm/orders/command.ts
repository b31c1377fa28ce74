// OrderNew: who, what, whether it may, then into the book or against it.
//
// Every refusal comes before the first change of an order's state, in a fixed order: id, who,
// shape, capacity, switches, risk, instruction. What the core cannot do yet is refused by name.
//
// tidy: tested by test/asm/trading.test.ts
import {
  accountAt,
  accountFind,
  ACCOUNT_CLOSED,
  ACC_FLAGS,
  ACC_SELF_TRADE,
  ACC_TENANT,
} from "../accounts/account";
import { balanceTake } from "../accounts/balance";
import { l3Add } from "../books/ladder";
import {
  O_DENIALS,
  O_LIMIT_VALUE,
  O_PARENT,
  O_STEPS,
  O_WORKING,
  ORDER_COLD_CONTENT,
  ORDER_COLD_MODEL,
  ORDER_COLD_SESSION,
  ORDER_COLD_TAG,
  ORDER_COLD_TERMS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_CLIENT_ID,
  ORDER_ROW_FLAGS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SELF_TRADE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TIF,
  ORDER_ROW_TYPE,
} from "../layout";
import { isCash } from "../positions/kind";
import { PRICE_TICKS_MAX, QTY_LOTS_MAX } from "../positions/notional";
import {
  positionAt,
  positionOpen,
  positionTake,
  POS_ACCOUNT,
  POS_BALANCE,
  POS_LOTS,
  POS_OPEN_BUY,
  POS_OPEN_SELL,
} from "../positions/position";
import { subTake } from "../positions/sub-account";
import {
  GUARD_CALL,
  GUARD_STEP,
  kindIsSupported,
  tradedAt,
  TRD_BUYS,
  TRD_EXECUTION,
  TRD_GUARD,
  TRD_KIND,
  TRD_PRICE_MAX,
  TRD_PRICE_MIN,
  TRD_QTY_MAX,
  TRD_QTY_MIN,
  TRD_QUEUE_MODEL,
  TRD_SETTLEMENT,
  TRD_TENANT,
} from "../positions/traded";
import { riskRefusal } from "../risk/check";
import { entryState } from "../risk/switch";
import { strategyAt, strategyFind, STR_ACCOUNT } from "../strategies/strategy";
import {
  CancelReason,
  Contingency,
  Execution,
  Kind,
  NEW_ALGORITHM,
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
  OrderFlag,
  OrderState,
  OrderType,
  REC_INSTRUMENT,
  Refusal,
  SelfTrade,
  Side,
  TimeInForce,
  TradingMode,
} from "../vocab";
import { couldFillBanded, matchBanded } from "./band";
import { callRefusal, callRest, isAuctionOnly } from "./call";
import { cashHold, cashReady, cashRefusal, reachTicks } from "./cash";
import { cancelLoose, restingSide } from "./close";
import { LINK_OCO, LINK_OUO, linksOf } from "./contingency";
import { denyNew, orderEvent } from "./event";
import { couldFillWhole, crossingRank, matchInternal, wouldMatch } from "./match";
import { expiryPlace, expiryRefusal, isTimed } from "./expiry";
import { displayRefusal, icebergMake, sliceTake } from "./iceberg";
import { flagsOf, legRefusal } from "./leg";
import { isChild, linkedOrder, linkMake, linkRefusal } from "./link";
import { parentAdopt } from "./parent-child";
import { matchPaper, quoteReached, reachableLots } from "./paper";
import {
  orderAt,
  orderByClientId,
  orderColdAt,
  orderEnter,
  orderHasRoom,
  orderTake,
} from "./pool";
import { heldLots, reduceEnter, reduceRefusal } from "./reduce";
import { contentMark, refuseNew, repeatAnswer } from "./repeat";
import { queueJoin } from "./queue";
import { routedNew, routedRefusal, routedShapeRefusal } from "./routed";
import { stateMove } from "./state";
import { isStepped, stepRefusal } from "./step";
import {
  hasPrice,
  isArmed,
  stopAccept,
  stopRefusal,
  throughRefusal,
  typeIsSupported,
} from "./stop";
import { topTouch } from "./top";
import { isTrailing, trailPrice } from "./trail";

/** Client ids from outside have the top bit clear; strategies of the core set it. */
export const CLIENT_ID_TOP: u64 = 1 << 63;
const FLAGS_SUPPORTED: i32 = OrderFlag.PostOnly | OrderFlag.ReduceOnly;

/** Takes an OrderNew from outside. */
export function orderNew(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  if (load<u64>(rec, ORDER_CLIENT_ID) >= CLIENT_ID_TOP) {
    return denyNew(rec, Refusal.ClientOrderIdMissing);
  }
  if (<i32>load<u8>(rec, NEW_FLAGS) > FLAGS_SUPPORTED) return denyNew(rec, Refusal.FlagUnsupported);
  orderSubmit(rec);
}

/** Takes an OrderNew, also one that a strategy of the core made. */
export function orderSubmit(rec: usize): void {
  store<i64>(O_LIMIT_VALUE, 0);
  const account = accountFind(load<u32>(rec, ORDER_ACCOUNT));
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  const owner = accountAt(account);
  const leg = <u32>load<u8>(rec, NEW_POSITION_SIDE);
  // An id that names something is answered before all else, so that the answer stays the same.
  const known = orderByClientId(account, load<u64>(rec, ORDER_CLIENT_ID));
  if ((known != 0 || load<u64>(O_DENIALS) != 0) && repeatAnswer(rec, account, known)) return;
  let refusal: i32 = whoRefusal(rec, account, traded);
  if (refusal == Refusal.None) refusal = legRefusal(owner, leg, traded);
  if (refusal == Refusal.None) refusal = shapeRefusal(rec, traded);
  if (refusal != Refusal.None) return refuseNew(rec, account, refusal);
  if (!orderHasRoom()) return refuseNew(rec, account, Refusal.OrdersFull);
  const isAtVenue = load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
  if (isAtVenue) {
    refusal = routedRefusal(rec);
    if (refusal != Refusal.None) return refuseNew(rec, account, refusal);
  }
  const slot = positionReady(account, traded, load<u32>(rec, REC_INSTRUMENT), leg);
  if (slot == 0) return refuseNew(rec, account, Refusal.PositionsFull);
  const position = positionAt(slot);
  const strategy = <u32>load<u16>(rec, ORDER_STRATEGY);
  if (strategy != 0 && !subTake(position, strategy)) {
    return refuseNew(rec, account, Refusal.SubAccountsFull);
  }
  refusal = mayTrade(rec, owner, position, traded);
  if (refusal != Refusal.None) return refuseNew(rec, account, refusal);
  orderOpen(rec, account, slot, traded);
}

/** Makes the order that nothing was found wrong with, answers and works it. */
// @ts-ignore: decorator
@inline
export function orderOpen(rec: usize, account: u32, positionSlot: u32, traded: usize): void {
  const isAtVenue = load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
  const order = orderMake(rec, account, positionSlot, positionAt(positionSlot), isAtVenue);
  if (load<u8>(rec, NEW_ALGORITHM) != 0) parentAdopt(order);
  if (isAtVenue) return routedNew(order);
  if (isTimed(<i32>load<u8>(rec, NEW_TIF))) expiryPlace(rec, order);
  if (load<i64>(rec, NEW_DISPLAY_LOTS) != 0) icebergMake(rec, order);
  if (load<u8>(rec, NEW_CONTINGENCY) != 0 && linkMake(rec, order)) return;
  if (isArmed(<i32>load<u8>(rec, NEW_TYPE))) return stopAccept(rec, order, traded);
  if (isCash(traded)) cashHold(order);
  orderEvent(Kind.OrderAccepted, order, 0, 0);
  orderWork(order, traded);
}

/** Why the account may not trade the instrument, under its strategy, at all. */
export function whoRefusal(rec: usize, account: u32, traded: usize): Refusal {
  if (account == 0) return Refusal.UnknownAccount;
  const owner = accountAt(account);
  if ((load<u8>(owner, ACC_FLAGS) & ACCOUNT_CLOSED) != 0) return Refusal.AccountClosed;
  if (load<u64>(rec, ORDER_CLIENT_ID) == 0) return Refusal.ClientOrderIdMissing;
  if (traded == 0) return Refusal.UnknownInstrument;
  const tenant = load<u16>(traded, TRD_TENANT);
  if (tenant != 0 && tenant != load<u16>(owner, ACC_TENANT)) return Refusal.UnknownInstrument;
  const strategy = <u32>load<u16>(rec, ORDER_STRATEGY);
  if (strategy == 0) return Refusal.None;
  const known = strategyFind(strategy);
  if (known == 0) return Refusal.UnknownStrategy;
  return load<u32>(strategyAt(known), STR_ACCOUNT) == account ? Refusal.None : Refusal.NotOwner;
}

/** What is wrong with the order by itself, or not supported. */
export function shapeRefusal(rec: usize, traded: usize): Refusal {
  if (!kindIsSupported(load<u8>(traded, TRD_KIND))) return Refusal.InstrumentKindUnsupported;
  if (load<u32>(traded, TRD_BUYS) == 0) {
    const isAtVenue = load<u8>(traded, TRD_EXECUTION) == Execution.Routed;
    const refusal = isAtVenue ? routedShapeRefusal(rec) : Refusal.ArenaFull;
    if (refusal != Refusal.None) return refusal;
  }
  const side = <i32>load<u8>(rec, NEW_SIDE);
  if (side != Side.Buy && side != Side.Sell) return Refusal.SideInvalid;
  const type = <i32>load<u8>(rec, NEW_TYPE);
  if (type != OrderType.Limit && !typeIsSupported(type)) return Refusal.OrderTypeUnsupported;
  const tif = <i32>load<u8>(rec, NEW_TIF);
  // A market order does not rest, so there is nothing to expire.
  const last = type == OrderType.Market ? TimeInForce.Fok : TimeInForce.Day;
  const isKnown = tif <= last || (isAuctionOnly(tif) && tif <= TimeInForce.AtClose);
  if (tif < TimeInForce.Gtc || !isKnown) return Refusal.TimeInForceUnsupported;
  const refusal = extrasRefusal(rec, traded);
  if (refusal != Refusal.None) return refusal;
  const flags = <i32>load<u8>(rec, NEW_FLAGS);
  const isResting = type == OrderType.Limit && !isAtOnce(tif);
  if ((flags & OrderFlag.PostOnly) != 0 && !isResting) return Refusal.FlagUnsupported;
  if (isStepped(traded)) {
    const step = stepRefusal(rec, traded);
    if (step != Refusal.None) return step;
  }
  const qty = qtyRefusal(traded, load<i64>(rec, NEW_QTY_LOTS));
  if (qty != Refusal.None || !hasPrice(type)) return qty;
  const price = isTrailing(type) ? trailPrice(rec, traded) : load<i64>(rec, NEW_PRICE_TICKS);
  return priceRefusal(traded, price);
}

/** True for a time in force that never rests. */
// @ts-ignore: decorator
@inline
function isAtOnce(tif: i32): bool {
  return tif == TimeInForce.Ioc || tif == TimeInForce.Fok;
}

/** Fields of order types that are not supported must be empty. */
function extrasRefusal(rec: usize, traded: usize): Refusal {
  if (isArmed(<i32>load<u8>(rec, NEW_TYPE))) {
    const stop = stopRefusal(rec, traded);
    if (stop != Refusal.None) return stop;
  } else if (load<i64>(rec, NEW_STOP_TICKS) != 0) return Refusal.StopPriceInvalid;
  if ((load<u64>(rec, NEW_TRAIL_OFFSET) | load<u8>(rec, NEW_TRAIL_UNIT)) != 0) {
    if (!isTrailing(load<u8>(rec, NEW_TYPE))) return Refusal.TrailInvalid;
  }
  if (load<i64>(rec, NEW_DISPLAY_LOTS) != 0) {
    const display = displayRefusal(rec, traded);
    if (display != Refusal.None) return display;
  }
  if (isTimed(<i32>load<u8>(rec, NEW_TIF)) || load<i64>(rec, NEW_EXPIRES_NANOS) != 0) {
    const expiry = expiryRefusal(rec);
    if (expiry != Refusal.None) return expiry;
  }
  if (load<u8>(rec, NEW_CONTINGENCY) != 0) {
    const link = linkRefusal(rec);
    if (link != Refusal.None) return link;
  } else if (load<u64>(rec, NEW_LINKED_CLIENT_ID) != 0) return Refusal.LinkedOrderUnknown;
  if (load<u8>(rec, NEW_ALGORITHM) != 0 && load<u32>(O_PARENT) == 0) {
    return Refusal.AlgorithmUnsupported;
  }
  const rule = <i32>load<u8>(rec, NEW_SELF_TRADE);
  return rule > SelfTrade.Decrement ? Refusal.SelfTradeInvalid : Refusal.None;
}

/** Refuses a quantity outside the spec. */
export function qtyRefusal(traded: usize, qtyLots: i64): Refusal {
  if (qtyLots <= 0) return Refusal.QtyNotPositive;
  if (qtyLots < load<i64>(traded, TRD_QTY_MIN)) return Refusal.QtyBelowMin;
  const most = load<i64>(traded, TRD_QTY_MAX);
  return (most != 0 && qtyLots > most) || qtyLots > QTY_LOTS_MAX
    ? Refusal.QtyAboveMax
    : Refusal.None;
}

/** Refuses a limit price outside the spec. */
export function priceRefusal(traded: usize, priceTicks: i64): Refusal {
  if (priceTicks <= 0) return Refusal.PriceNotPositive;
  if (priceTicks < load<i64>(traded, TRD_PRICE_MIN)) return Refusal.PriceOutsideSpec;
  const most = load<i64>(traded, TRD_PRICE_MAX);
  return (most != 0 && priceTicks > most) || priceTicks > PRICE_TICKS_MAX
    ? Refusal.PriceOutsideSpec
    : Refusal.None;
}

/** The position of account x instrument (x leg) with its balance, made when missing; 0 if full. */
export function positionReady(account: u32, traded: usize, instrument: u32, leg: u32): u32 {
  const slot = positionTake(account, instrument, leg);
  if (slot == 0) return 0;
  const position = positionAt(slot);
  if (load<u32>(position, POS_BALANCE) != 0) return slot;
  const balance = balanceTake(account, load<u16>(traded, TRD_SETTLEMENT));
  if (balance == 0) return 0;
  if (isCash(traded) && !cashReady(account, traded)) return 0;
  store<u32>(position, balance, POS_BALANCE);
  return slot;
}

/** Switches, limits and instructions. */
export function mayTrade(rec: usize, owner: usize, position: usize, traded: usize): i32 {
  const strategy = strategyFind(load<u16>(rec, ORDER_STRATEGY));
  const state = entryState(owner, strategy, traded);
  if (state > TradingMode.Liquidating) return state;
  const isCall = (<i32>load<u8>(traded, TRD_GUARD) & GUARD_CALL) != 0;
  if (isCall || isAuctionOnly(<i32>load<u8>(rec, NEW_TIF))) {
    const call = callRefusal(rec, traded);
    if (call != Refusal.None) return call;
  }
  const side = <i32>load<u8>(rec, NEW_SIDE);
  const flags = flagsOf(rec);
  const qty = load<i64>(rec, NEW_QTY_LOTS);
  const reducible = reducibleLots(position, side);
  // A child opens or closes nothing before its release, which asks again.
  const isHeld = load<u8>(rec, NEW_CONTINGENCY) != 0 && isChild(rec);
  if ((flags & OrderFlag.ReduceOnly) != 0 && !isHeld) {
    const reduce = reduceRefusal(position, side);
    if (reduce != Refusal.None) return reduce;
  }
  const added = isHeld ? 0 : qty;
  if (state != TradingMode.Active && added > reducible) return Refusal.ReduceOnlyMode;
  const type = <i32>load<u8>(rec, NEW_TYPE);
  const price = worstPrice(rec, type, traded);
  const risk = riskRefusal(owner, strategy, position, traded, side, price, qty, added, true);
  if (risk != Refusal.None || isHeld) return risk;
  if (isCash(traded)) {
    const isReducing = (flags & OrderFlag.ReduceOnly) != 0;
    const lots = isReducing ? min(qty, heldLots(position, side)) : qty;
    const cash = cashNewRefusal(rec, position, traded, side, price, lots);
    if (cash != Refusal.None) return cash;
  }
  if (isTrailing(type)) return Refusal.None;
  if (isArmed(type)) return throughRefusal(traded, side, type, load<i64>(rec, NEW_STOP_TICKS));
  const isPostOnly = (flags & OrderFlag.PostOnly) != 0;
  return isPostOnly && wouldTrade(traded, side, price) ? Refusal.PostOnlyWouldTrade : Refusal.None;
}

/** Refuses what the balance of a cash instrument's account does not cover. */
function cashNewRefusal(
  rec: usize,
  position: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  lots: i64,
): i32 {
  const account = load<u32>(position, POS_ACCOUNT);
  // The limit of a trailing order may begin below every price; it is then held at the lowest.
  let ticks = priceTicks < 0 ? 1 : priceTicks;
  if (ticks == 0 && side == Side.Buy) {
    const rule = <i32>load<u8>(rec, NEW_SELF_TRADE);
    const own = <i32>load<u8>(accountAt(account), ACC_SELF_TRADE);
    ticks = reachTicks(account, traded, lots, rule == SelfTrade.Account ? own : rule);
    // At a venue it would trade all the same: nobody knows what to hold back.
    if (ticks == 0 && load<u8>(traded, TRD_EXECUTION) == Execution.Routed) {
      return Refusal.PriceUnknown;
    }
  }
  const contingency = <i32>load<u8>(rec, NEW_CONTINGENCY);
  const other = contingency == 0 ? 0 : linkedOrder(rec);
  const kind = contingency == Contingency.Oco ? LINK_OCO : LINK_OUO;
  return cashRefusal(account, position, traded, side, ticks, lots, other, kind);
}

/** The limit, else the stop, else 0: what the limits of a new order are asked with. */
// @ts-ignore: decorator
@inline
function worstPrice(rec: usize, type: i32, traded: usize): i64 {
  if (isTrailing(type)) return trailPrice(rec, traded);
  return hasPrice(type) ? load<i64>(rec, NEW_PRICE_TICKS) : load<i64>(rec, NEW_STOP_TICKS);
}

/** Lots the side may trade without turning or increasing the position, over all open orders. */
// @ts-ignore: decorator
@inline
export function reducibleLots(position: usize, side: i32): i64 {
  const lots = load<i64>(position, POS_LOTS);
  const isBuy = side == Side.Buy;
  const held = select<i64>(-lots, lots, isBuy);
  const open = load<i64>(position + select<i32>(POS_OPEN_BUY, POS_OPEN_SELL, isBuy));
  return max<i64>(held - open, 0);
}

/** True when a limit order at this price would trade at once. */
// @ts-ignore: decorator
@inline
export function wouldTrade(traded: usize, side: i32, priceTicks: i64): bool {
  const execution = <i32>load<u8>(traded, TRD_EXECUTION);
  if (execution != Execution.Internal) {
    // What would trade at a venue only the venue knows.
    if (execution == Execution.Routed) return false;
    return quoteReached(traded, side, OrderType.Limit, priceTicks);
  }
  return wouldMatch(traded, side, crossingRank(side, OrderType.Limit, priceTicks));
}

/** Makes the accepted order: a slot with all its fields, its open lots counted. */
function orderMake(
  rec: usize,
  account: u32,
  positionSlot: u32,
  position: usize,
  isAtVenue: bool,
): u32 {
  const slot = orderTake();
  const order = orderAt(slot);
  const cold = orderColdAt(slot);
  const type = <i32>load<u8>(rec, NEW_TYPE);
  const side = <i32>load<u8>(rec, NEW_SIDE);
  const rule = <i32>load<u8>(rec, NEW_SELF_TRADE);
  const flags = flagsOf(rec);
  let qty = load<i64>(rec, NEW_QTY_LOTS);
  const isHeld = load<u8>(rec, NEW_CONTINGENCY) != 0 && isChild(rec);
  const isReducing = (flags & OrderFlag.ReduceOnly) != 0 && !isHeld;
  if (isReducing) qty = min(qty, heldLots(position, side));
  store<i64>(order, qty, ORDER_ROW_LEAVES);
  store<i64>(order, hasPrice(type) ? load<i64>(rec, NEW_PRICE_TICKS) : 0, ORDER_ROW_PRICE);
  store<u32>(order, account, ORDER_ROW_ACCOUNT);
  store<u32>(order, load<u32>(rec, REC_INSTRUMENT), ORDER_ROW_INSTRUMENT);
  store<u32>(order, positionSlot, ORDER_ROW_POSITION);
  store<u8>(order, <u8>side, ORDER_ROW_SIDE);
  store<u8>(order, <u8>type, ORDER_ROW_TYPE);
  store<u8>(order, load<u8>(rec, NEW_TIF), ORDER_ROW_TIF);
  store<u8>(order, <u8>flags, ORDER_ROW_FLAGS);
  const own = <i32>load<u8>(accountAt(account), ACC_SELF_TRADE);
  store<u8>(order, <u8>(rule == SelfTrade.Account ? own : rule), ORDER_ROW_SELF_TRADE);
  store<u16>(order, load<u16>(rec, ORDER_STRATEGY), ORDER_ROW_STRATEGY);
  store<u64>(order, load<u64>(rec, ORDER_CLIENT_ID), ORDER_ROW_CLIENT_ID);
  store<u32>(cold, load<u32>(rec, NEW_SESSION), ORDER_COLD_SESSION);
  store<u16>(cold, load<u16>(rec, NEW_MODEL), ORDER_COLD_MODEL);
  store<u64>(cold, load<u64>(rec, NEW_TAG), ORDER_COLD_TAG);
  store<u32>(cold, contentMark(rec), ORDER_COLD_CONTENT);
  const working = isAtVenue ? OrderState.Pending : OrderState.Live;
  const waits = isArmed(type) ? OrderState.Armed : working;
  stateMove(order, isHeld ? OrderState.Held : waits);
  orderEnter(slot);
  if (!isHeld) positionOpen(position, side, qty);
  if (isReducing) reduceEnter(slot);
  // The leg is told by records of orders with terms; netted orders have none to tell.
  if (load<u8>(rec, NEW_POSITION_SIDE) != 0) store<u8>(cold, 1, ORDER_COLD_TERMS);
  return slot;
}

/** Trades an open order that is in no book as far as it goes, then rests it or cancels the rest. */
export function orderWork(slot: u32, traded: usize): void {
  store<u32>(O_STEPS, 0);
  orderGo(slot, traded);
}

/** As `orderWork`, with the steps this input has left. */
export function orderGo(slot: u32, traded: usize): void {
  if (linksOf(slot) == 0) return tradeAndRest(slot, traded);
  store<u32>(O_WORKING, slot);
  tradeAndRest(slot, traded);
  store<u32>(O_WORKING, 0);
}

function tradeAndRest(slot: u32, traded: usize): void {
  const guard = <i32>load<u8>(traded, TRD_GUARD) & ~GUARD_STEP;
  if ((guard & GUARD_CALL) != 0) return callRest(slot, traded);
  const order = orderAt(slot);
  const tif = <i32>load<u8>(order, ORDER_ROW_TIF);
  const isPaper = <i32>load<u8>(traded, TRD_EXECUTION) == Execution.Paper;
  if (tif == TimeInForce.Fok && !couldFill(slot, traded, isPaper, guard)) {
    return cancelLoose(slot, CancelReason.FillOrKill);
  }
  const isLeft = isPaper
    ? matchPaper(slot, traded)
    : guard == 0 ? matchInternal(slot, traded) : matchBanded(slot, traded);
  if (!isLeft) return;
  const type = <i32>load<u8>(order, ORDER_ROW_TYPE);
  if (type == OrderType.Market) return cancelLoose(slot, CancelReason.NoLiquidity);
  if (isAtOnce(tif)) return cancelLoose(slot, CancelReason.ImmediateOrCancel);
  sliceTake(slot);
  if (isPaper && load<u8>(traded, TRD_QUEUE_MODEL) != 0) queueJoin(slot, traded);
  l3Add(restingSide(traded, load<u8>(order, ORDER_ROW_SIDE)), slot);
  topTouch(traded);
}

function couldFill(slot: u32, traded: usize, isPaper: bool, guard: i32): bool {
  if (guard != 0) return couldFillBanded(slot, traded);
  if (!isPaper) return couldFillWhole(slot, traded);
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const type = <i32>load<u8>(order, ORDER_ROW_TYPE);
  const lots = reachableLots(traded, side, type, load<i64>(order, ORDER_ROW_PRICE));
  return lots >= load<i64>(order, ORDER_ROW_LEAVES);
}
