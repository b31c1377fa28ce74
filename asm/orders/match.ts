// Internal matching: an incoming order against the resting ones, price first, then time.
//
// The trade price is the resting order's. One input causes at most FILLS_PER_COMMAND_MAX steps (a
// step is a fill or a self-trade cancel); what is left of the order then is canceled, so that no
// order can hold the loop or fill the output ring.
//
// tidy: tested by test/fuzz/order.test.ts
import { markMoved } from "../accounts/day";
import { l3After, l3Best, l3First, l3Reduce, l3Remove, NO_RANK } from "../books/ladder";
import { nowNanos } from "../clock";
import {
  FILLS_PER_COMMAND_MAX,
  O_ARMED,
  O_STEPS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_PRICE,
  ORDER_ROW_SELF_TRADE,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_TYPE,
} from "../layout";
import { rangeTraded } from "../positions/range";
import { TRD_LAST_NANOS, TRD_LAST_TICKS } from "../positions/traded";
import { CancelReason, Liquidity, OrderType, SelfTrade, Side } from "../vocab";
import { cancelLoose, cancelResting, restingSide } from "./close";
import { linksOf, tradeSettle } from "./contingency";
import { selfDecrement } from "./decrement";
import { orderFill } from "./fill";
import { hiddenLots, lotsOf, sliceCount, sliceRefresh, sliceReturn } from "./iceberg";
import { orderAt } from "./pool";
import { stateIsOpen } from "./state";
import { isSibling, sweepFinds, sweepForget } from "./sweep";
import { topTouch, tradePrint } from "./top";
import { trailSee } from "./trail";

/** Rank a resting order of the other side must have at least to trade with an order. */
// @ts-ignore: decorator
@inline
export function crossingRank(side: i32, type: i32, priceTicks: i64): i64 {
  if (type == OrderType.Market) return NO_RANK + 1;
  return select<i64>(-priceTicks, priceTicks, side == Side.Buy);
}

/** True when the other side of an internal book holds an order that `rank` would trade with. */
// @ts-ignore: decorator
@inline
export function wouldMatch(traded: usize, side: i32, rank: i64): bool {
  return l3Best(restingSide(traded, otherSide(side))) >= rank;
}

// @ts-ignore: decorator
@inline
function otherSide(side: i32): i32 {
  return select<i32>(Side.Sell, Side.Buy, side == Side.Buy);
}

/** Trades an order with the other side as far as its price goes; false when it is closed after. */
export function matchInternal(slot: u32, traded: usize): bool {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const type = <i32>load<u8>(order, ORDER_ROW_TYPE);
  return matchTo(slot, traded, crossingRank(side, type, load<i64>(order, ORDER_ROW_PRICE)));
}

/** As `matchInternal`, down to resting orders of `rank`. */
// @ts-ignore: decorator
@inline
export function matchTo(slot: u32, traded: usize, rank: i64): bool {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const resting = restingSide(traded, otherSide(side));
  while (l3Best(resting) >= rank) {
    const steps = load<u32>(O_STEPS);
    if (steps >= <u32>FILLS_PER_COMMAND_MAX) {
      cancelLoose(slot, CancelReason.SweepLimit);
      return false;
    }
    store<u32>(O_STEPS, steps + 1);
    const maker = l3First(resting);
    const isSelf =
      load<u32>(orderAt(maker), ORDER_ROW_ACCOUNT) == load<u32>(order, ORDER_ROW_ACCOUNT);
    const rule = <i32>load<u8>(order, ORDER_ROW_SELF_TRADE);
    if (isSelf && rule != SelfTrade.Allow) {
      if (rule == SelfTrade.Decrement) {
        if (selfDecrement(slot, maker, traded, resting) == 0) return false;
        continue;
      }
      if (rule != SelfTrade.CancelNewest) {
        cancelResting(maker, CancelReason.SelfTrade);
        // The resting one may have been the other leg of this one.
        if (!stateIsOpen(load<u8>(order, ORDER_ROW_STATE))) return false;
      }
      if (rule == SelfTrade.CancelOldest) continue;
      cancelLoose(slot, CancelReason.SelfTrade);
      return false;
    }
    if (matchOne(slot, maker, traded, resting) == 0) return false;
  }
  return true;
}

/** One trade; returns the leaves of the incoming order. */
function matchOne(slot: u32, maker: u32, traded: usize, resting: usize): i64 {
  const order = orderAt(slot);
  const makerOrder = orderAt(maker);
  const makerLeaves = load<i64>(makerOrder, ORDER_ROW_LEAVES);
  const qtyLots = min(makerLeaves, load<i64>(order, ORDER_ROW_LEAVES));
  const priceTicks = load<i64>(makerOrder, ORDER_ROW_PRICE);
  store<i64>(traded, priceTicks, TRD_LAST_TICKS);
  store<i64>(traded, nowNanos(), TRD_LAST_NANOS);
  markMoved(traded);
  rangeTraded(traded, priceTicks);
  if (load<u32>(O_ARMED) != 0) trailSee(traded, priceTicks);
  topTouch(traded);
  tradePrint(traded, priceTicks, qtyLots, load<u8>(order, ORDER_ROW_SIDE));
  if (qtyLots == makerLeaves) {
    l3Remove(resting, maker);
    if (hiddenLots(maker) != 0) return matchSlice(slot, maker, traded, resting, qtyLots);
  } else l3Reduce(resting, maker, qtyLots);
  orderFill(maker, traded, priceTicks, qtyLots, Liquidity.Maker);
  const leaves = orderFill(slot, traded, priceTicks, qtyLots, Liquidity.Taker);
  return (linksOf(maker) | linksOf(slot)) == 0 ? leaves : tradeSettle(slot, maker, qtyLots);
}

/** A trade that uses up the slice of an iceberg, which is out of its book by now. */
function matchSlice(slot: u32, maker: u32, traded: usize, resting: usize, qtyLots: i64): i64 {
  const priceTicks = load<i64>(orderAt(maker), ORDER_ROW_PRICE);
  sliceReturn(maker);
  orderFill(maker, traded, priceTicks, qtyLots, Liquidity.Maker);
  const leaves = orderFill(slot, traded, priceTicks, qtyLots, Liquidity.Taker);
  sliceRefresh(maker, resting);
  return (linksOf(maker) | linksOf(slot)) == 0 ? leaves : tradeSettle(slot, maker, qtyLots);
}

/**
 * True when an order could be filled whole at once under its self-trade rule and the step limit.
 * Own orders in the way count as nothing, and under a rule that cancels the newcomer they end it.
 */
export function couldFillWhole(slot: u32, traded: usize): bool {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const type = <i32>load<u8>(order, ORDER_ROW_TYPE);
  return couldFillTo(slot, traded, crossingRank(side, type, load<i64>(order, ORDER_ROW_PRICE)));
}

/** As `couldFillWhole`, by resting orders of at least `rank`. */
export function couldFillTo(slot: u32, traded: usize, rank: i64): bool {
  const resting = restingSide(traded, otherSide(load<u8>(orderAt(slot), ORDER_ROW_SIDE)));
  const could = fillsTo(slot, resting, rank);
  sweepForget(resting, l3First(resting));
  return could;
}

function fillsTo(slot: u32, resting: usize, rank: i64): bool {
  const order = orderAt(slot);
  const rule = <i32>load<u8>(order, ORDER_ROW_SELF_TRADE);
  const sign: i64 = load<u8>(order, ORDER_ROW_SIDE) == Side.Buy ? -1 : 1;
  let wanted = load<i64>(order, ORDER_ROW_LEAVES);
  let maker = l3First(resting);
  for (let step = 0; maker != 0; ) {
    step += sliceCount(maker);
    if (step > FILLS_PER_COMMAND_MAX) return false;
    const at = orderAt(maker);
    if (load<i64>(at, ORDER_ROW_PRICE) * sign < rank) return false;
    const isSelf = load<u32>(at, ORDER_ROW_ACCOUNT) == load<u32>(order, ORDER_ROW_ACCOUNT);
    if (!isSelf || rule == SelfTrade.Allow) {
      const isFound = linksOf(maker) == 0 || sweepFinds(maker);
      if (isFound) wanted -= lotsOf(maker);
      if (isSibling(slot, maker)) return false;
    } else if (rule != SelfTrade.CancelOldest) return false;
    if (wanted <= 0) return true;
    maker = l3After(resting, maker);
  }
  return false;
}
