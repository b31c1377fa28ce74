// The call phase of an internal book: orders are taken and rest, also where they cross.
//
// Limit orders rest in the ladder as always; market orders, which have no price, wait in a list of
// their own, by arrival. Orders AtOpen and AtClose live for one auction only and lie in a tree as
// well, so that the end of the auction finds what is left of them without a walk over the book.
//
// tidy: tested by test/asm/orders/auction.test.ts
import { l3Add, l3Remove } from "../books/ladder";
import {
  AUC_BUY_FIRST,
  AUC_BUY_LAST,
  AUC_BUY_LOTS,
  AUC_NEXT_PHASE,
  AUC_ONLY,
  AUC_SELL_FIRST,
  AUC_SELL_LAST,
  AUC_SELL_LOTS,
  AUC_UNCROSSING,
  ORDER_COLD_TERMS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_NEXT,
  ORDER_ROW_PREV,
  ORDER_ROW_SIDE,
  ORDER_ROW_TYPE,
  ORDER_TERMS_EXPIRY,
} from "../layout";
import { isCash } from "../positions/kind";
import { GUARD_CALL, tradedAt, TRD_GUARD } from "../positions/traded";
import {
  InstrumentPhase,
  NEW_CONTINGENCY,
  NEW_SIDE,
  NEW_TIF,
  NEW_TYPE,
  OrderFlag,
  OrderType,
  Refusal,
  Side,
  TimeInForce,
} from "../vocab";
import { auctionAt } from "./auction-price";
import { restingSide } from "./close";
import { sliceTake } from "./iceberg";
import { flagsOf } from "./leg";
import { orderAt, orderColdAt } from "./pool";
import { isArmed } from "./stop";
import { topTouch } from "./top";
import { treeAdd, treeRemove } from "./tree";

/** True for a time in force that ends with an auction. */
// @ts-ignore: decorator
@inline
export function isAuctionOnly(tif: i32): bool {
  return tif >= TimeInForce.AtOpen;
}

/** The phase an uncross leads to unless it names another. */
export function phaseAfterCall(row: usize): i32 {
  const phase = <i32>load<u8>(row, AUC_NEXT_PHASE);
  return phase == InstrumentPhase.Unknown ? InstrumentPhase.Continuous : phase;
}

/**
 * Why a call does not take a new order, or no other phase this one: nothing trades at once in a
 * call, so IOC, FOK and post-only mean nothing there, nor may a market order that waits there be
 * reduce-only (as one that closes a leg is); AtOpen is for a call that opens the market
 * and AtClose for one that closes it, and a stop waits for a trade, not for an auction.
 */
export function callRefusal(rec: usize, traded: usize): Refusal {
  const tif = <i32>load<u8>(rec, NEW_TIF);
  const isCall = (<i32>load<u8>(traded, TRD_GUARD) & GUARD_CALL) != 0;
  const row = auctionAt(traded);
  if (load<u8>(row, AUC_UNCROSSING) != 0) return Refusal.InstrumentNotContinuous;
  if (isAuctionOnly(tif)) {
    if (!isCall || isArmed(<i32>load<u8>(rec, NEW_TYPE))) return Refusal.TimeInForceUnsupported;
    const opens = phaseAfterCall(row) == InstrumentPhase.Continuous;
    if (opens != (tif == TimeInForce.AtOpen)) return Refusal.TimeInForceUnsupported;
  }
  if (!isCall) return Refusal.None;
  if (tif == TimeInForce.Ioc || tif == TimeInForce.Fok) return Refusal.TimeInForceUnsupported;
  const isMarket = load<u8>(rec, NEW_TYPE) == OrderType.Market;
  // Nobody knows what a buy at market would cost, so nothing could be held back for it.
  const isUnknown = isMarket && isCash(traded) && load<u8>(rec, NEW_SIDE) == Side.Buy;
  if (isUnknown) return Refusal.OrderTypeUnsupported;
  // One leg ends or shrinks the other, and a market order that waits is in no level.
  if (isMarket && load<u8>(rec, NEW_CONTINGENCY) != 0) return Refusal.ContingencyInvalid;
  const unfit = isMarket ? OrderFlag.ReduceOnly : OrderFlag.PostOnly;
  const isUnfit = (flagsOf(rec) & unfit) != 0;
  return isUnfit ? Refusal.FlagUnsupported : Refusal.None;
}

/** Rests an order in a call: nothing is matched. */
export function callRest(slot: u32, traded: usize): void {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  topTouch(traded);
  if (load<u8>(order, ORDER_ROW_TYPE) == OrderType.Market) return waitAdd(slot, traded, side);
  sliceTake(slot);
  l3Add(restingSide(traded, side), slot);
}

/** Takes an open order out of where it rests: its level, or the market orders of a call. */
// @ts-ignore: decorator
@inline
export function restingRemove(slot: u32, traded: usize, side: i32): void {
  if (load<u8>(orderAt(slot), ORDER_ROW_TYPE) == OrderType.Market) waitRemove(slot, traded, side);
  else l3Remove(restingSide(traded, side), slot);
}

function waitAdd(slot: u32, traded: usize, side: i32): void {
  const row = auctionAt(traded);
  const isBuy = side == Side.Buy;
  const lastAt = row + (isBuy ? AUC_BUY_LAST : AUC_SELL_LAST);
  const last = load<u32>(lastAt);
  const order = orderAt(slot);
  store<u32>(order, 0, ORDER_ROW_NEXT);
  store<u32>(order, last, ORDER_ROW_PREV);
  if (last != 0) store<u32>(orderAt(last), slot, ORDER_ROW_NEXT);
  else store<u32>(row + (isBuy ? AUC_BUY_FIRST : AUC_SELL_FIRST), slot);
  store<u32>(lastAt, slot);
  waitCount(traded, side, load<i64>(order, ORDER_ROW_LEAVES));
}

function waitRemove(slot: u32, traded: usize, side: i32): void {
  const row = auctionAt(traded);
  const isBuy = side == Side.Buy;
  const order = orderAt(slot);
  const next = load<u32>(order, ORDER_ROW_NEXT);
  const prev = load<u32>(order, ORDER_ROW_PREV);
  if (prev != 0) store<u32>(orderAt(prev), next, ORDER_ROW_NEXT);
  else store<u32>(row + (isBuy ? AUC_BUY_FIRST : AUC_SELL_FIRST), next);
  if (next != 0) store<u32>(orderAt(next), prev, ORDER_ROW_PREV);
  else store<u32>(row + (isBuy ? AUC_BUY_LAST : AUC_SELL_LAST), prev);
  store<u64>(order, 0, ORDER_ROW_NEXT);
  waitCount(traded, side, -load<i64>(order, ORDER_ROW_LEAVES));
}

/** Counts lots of market orders that wait; also when one of them trades in part. */
export function waitCount(traded: usize, side: i32, lots: i64): void {
  const at = auctionAt(traded) + (side == Side.Buy ? AUC_BUY_LOTS : AUC_SELL_LOTS);
  store<i64>(at, load<i64>(at) + lots);
}

/** Enters a new AtOpen or AtClose order into its auction. */
export function auctionOnlyPlace(slot: u32): void {
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  treeAdd(onlyRoot(slot), ORDER_TERMS_EXPIRY, slot, 0);
}

/** Takes a closed AtOpen or AtClose order out of its auction. */
export function auctionOnlyUnplace(slot: u32): void {
  treeRemove(onlyRoot(slot), ORDER_TERMS_EXPIRY, slot);
}

function onlyRoot(slot: u32): usize {
  return auctionAt(tradedAt(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT))) + AUC_ONLY;
}
