// Paper execution: our orders against a public book they are never part of.
//
// A marketable order takes the opposite best, up to the lots displayed less what we already took
// since that side of the quote last changed: the same lots are not taken twice. A resting limit is
// filled at its price when the opposite best reaches it (with the lots displayed there), or when a
// trade prints through it (with the lots of that trade); a trade AT the limit fills nothing, unless
// the instrument models the queue there (queue.ts). So paper errs on the side of fewer fills.
//
// tidy: tested by test/fuzz/order.test.ts
import { markMoved } from "../accounts/day";
import { l3Best, l3First, l3Reduce, l3Remove } from "../books/ladder";
import { nowNanos } from "../clock";
import {
  FILLS_PER_COMMAND_MAX,
  O_ARMED,
  O_PARENTS_OPEN,
  O_STEPS,
  ORDER_ROW_LEAVES,
  ORDER_ROW_PRICE,
  ORDER_ROW_SIDE,
  ORDER_ROW_TYPE,
} from "../layout";
import { rangeQuoted, rangeTraded } from "../positions/range";
import {
  tradedAt,
  TRD_ASK_LOTS,
  TRD_ASK_TAKEN,
  TRD_ASK_TICKS,
  TRD_BID_LOTS,
  TRD_BID_TAKEN,
  TRD_BID_TICKS,
  TRD_BUYS,
  TRD_EXECUTION,
  TRD_ID,
  TRD_LAST_NANOS,
  TRD_LAST_TICKS,
  TRD_QUEUE_MODEL,
  TRD_QUOTE_NANOS,
  TRD_SELLS,
  TRD_UNTRUSTED,
} from "../positions/traded";
import {
  Execution,
  Flag,
  Liquidity,
  MarkSource,
  OrderType,
  QUOTE_ASK_LOTS,
  QUOTE_ASK_TICKS,
  QUOTE_BID_LOTS,
  QUOTE_BID_TICKS,
  REC_FLAGS,
  REC_INSTRUMENT,
  Side,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRUST_STATE,
} from "../vocab";
import { fillSettle, linksOf } from "./contingency";
import { orderFill, streetBook } from "./fill";
import { orderAt } from "./pool";
import { queueQuote, queueTrade } from "./queue";
import { stopsRelease } from "./stop";
import { trailSee } from "./trail";
import { volumeAdd } from "./volume";

/** Lots of the opposite best that are still there for us; 0 when the price does not reach it. */
// @ts-ignore: decorator
@inline
export function reachableLots(traded: usize, side: i32, type: i32, priceTicks: i64): i64 {
  const isBuy = side == Side.Buy;
  const lots = isBuy ? load<i64>(traded, TRD_ASK_LOTS) : load<i64>(traded, TRD_BID_LOTS);
  const taken = isBuy ? load<i64>(traded, TRD_ASK_TAKEN) : load<i64>(traded, TRD_BID_TAKEN);
  if (lots <= taken || !quoteReached(traded, side, type, priceTicks)) return 0;
  return lots - taken;
}

/** True when there is an opposite best and the price reaches it, taken or not. */
// @ts-ignore: decorator
@inline
export function quoteReached(traded: usize, side: i32, type: i32, priceTicks: i64): bool {
  if (side == Side.Buy) {
    if (load<i64>(traded, TRD_ASK_LOTS) == 0) return false;
    return type == OrderType.Market || priceTicks >= load<i64>(traded, TRD_ASK_TICKS);
  }
  if (load<i64>(traded, TRD_BID_LOTS) == 0) return false;
  return type == OrderType.Market || priceTicks <= load<i64>(traded, TRD_BID_TICKS);
}

/** Takes what the opposite best offers an incoming order; false when it is filled. */
export function matchPaper(slot: u32, traded: usize): bool {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const type = <i32>load<u8>(order, ORDER_ROW_TYPE);
  const lots = reachableLots(traded, side, type, load<i64>(order, ORDER_ROW_PRICE));
  if (lots == 0) return true;
  const qtyLots = min(lots, load<i64>(order, ORDER_ROW_LEAVES));
  const isBuy = side == Side.Buy;
  const takenAt = traded + (isBuy ? TRD_ASK_TAKEN : TRD_BID_TAKEN);
  store<i64>(takenAt, load<i64>(takenAt) + qtyLots);
  const ticks = isBuy ? load<i64>(traded, TRD_ASK_TICKS) : load<i64>(traded, TRD_BID_TICKS);
  streetBook(traded, side, ticks, qtyLots);
  const isLeft = orderFill(slot, traded, ticks, qtyLots, Liquidity.Taker) != 0;
  if (linksOf(slot) != 0) fillSettle(slot, qtyLots);
  return isLeft;
}

/** Takes a TopOfBook record: the quote, and fills of the resting orders it reaches. */
export function quoteApply(rec: usize): void {
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  if (traded == 0 || load<u8>(traded, TRD_EXECUTION) == Execution.Internal) return;
  const bidTicks = load<i64>(rec, QUOTE_BID_TICKS);
  const bidLots = load<i64>(rec, QUOTE_BID_LOTS);
  const askTicks = load<i64>(rec, QUOTE_ASK_TICKS);
  const askLots = load<i64>(rec, QUOTE_ASK_LOTS);
  // Nothing is bought or sold below a price of one tick here: the quote before it goes stale.
  if ((bidTicks <= 0 && bidLots > 0) || (askTicks <= 0 && askLots > 0)) return;
  if (load<u8>(traded, TRD_QUEUE_MODEL) != 0) queueQuote(traded, rec, isBlocked(traded, rec));
  const bidSame =
    bidTicks == load<i64>(traded, TRD_BID_TICKS) && bidLots == load<i64>(traded, TRD_BID_LOTS);
  const askSame =
    askTicks == load<i64>(traded, TRD_ASK_TICKS) && askLots == load<i64>(traded, TRD_ASK_LOTS);
  store<i64>(traded, nowNanos(), TRD_QUOTE_NANOS);
  if (!bidSame) {
    store<i64>(traded, bidTicks, TRD_BID_TICKS);
    store<i64>(traded, bidLots, TRD_BID_LOTS);
    store<i64>(traded, 0, TRD_BID_TAKEN);
  }
  if (!askSame) {
    store<i64>(traded, askTicks, TRD_ASK_TICKS);
    store<i64>(traded, askLots, TRD_ASK_LOTS);
    store<i64>(traded, 0, TRD_ASK_TAKEN);
  }
  markMoved(traded);
  rangeQuoted(traded, MarkSource.Mid);
  if (isBlocked(traded, rec)) return;
  const buys: usize = load<u32>(traded, TRD_BUYS);
  const sells: usize = load<u32>(traded, TRD_SELLS);
  if (askLots > 0) {
    const left = askLots - load<i64>(traded, TRD_ASK_TAKEN);
    store<i64>(traded, askLots - fillResting(traded, buys, askTicks, left), TRD_ASK_TAKEN);
  }
  if (bidLots > 0) {
    const left = bidLots - load<i64>(traded, TRD_BID_TAKEN);
    store<i64>(traded, bidLots - fillResting(traded, sells, -bidTicks, left), TRD_BID_TAKEN);
  }
}

/** Takes a TradePrint record: the last price, and fills of the resting orders it went through. */
export function printApply(rec: usize): void {
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  if (traded == 0 || load<u8>(traded, TRD_EXECUTION) == Execution.Internal) return;
  const priceTicks = load<i64>(rec, TRADE_PRICE_TICKS);
  if (priceTicks <= 0) return;
  store<i64>(traded, priceTicks, TRD_LAST_TICKS);
  store<i64>(traded, nowNanos(), TRD_LAST_NANOS);
  markMoved(traded);
  rangeTraded(traded, priceTicks);
  const lots = load<i64>(rec, TRADE_QTY_LOTS);
  if (load<u32>(O_PARENTS_OPEN) != 0) volumeAdd(load<u32>(traded, TRD_ID), priceTicks, lots);
  if (isBlocked(traded, rec)) return;
  const left = fillResting(traded, load<u32>(traded, TRD_BUYS), priceTicks + 1, lots);
  const rest = fillResting(traded, load<u32>(traded, TRD_SELLS), 1 - priceTicks, left);
  if (load<u8>(traded, TRD_QUEUE_MODEL) != 0) queueTrade(traded, rec, rest);
  if (load<u32>(O_ARMED) == 0) return;
  trailSee(traded, priceTicks);
  stopsRelease(traded);
}

/** Takes a BookTrust record: an untrusted book fills nothing and blocks new orders. */
export function trustApply(rec: usize): void {
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  if (traded == 0 || load<u8>(traded, TRD_EXECUTION) == Execution.Internal) return;
  store<u8>(traded, load<u8>(rec, TRUST_STATE) == 1 ? 0 : 1, TRD_UNTRUSTED);
}

// @ts-ignore: decorator
@inline
function isBlocked(traded: usize, rec: usize): bool {
  if (load<u32>(traded, TRD_BUYS) == 0) return true;
  return load<u8>(traded, TRD_UNTRUSTED) != 0 || (load<u16>(rec, REC_FLAGS) & Flag.Untrusted) != 0;
}

/** Fills resting orders of at least `rank`, best first, with up to `lots`; returns what is left. */
function fillResting(traded: usize, resting: usize, rank: i64, lots: i64): i64 {
  while (lots > 0 && l3Best(resting) >= rank) {
    const steps = load<u32>(O_STEPS);
    if (steps >= <u32>FILLS_PER_COMMAND_MAX) return lots;
    store<u32>(O_STEPS, steps + 1);
    lots -= makerFill(l3First(resting), traded, resting, lots);
  }
  return lots;
}

/** Fills a resting order at its price with up to `lots`; returns how many it took. */
export function makerFill(slot: u32, traded: usize, resting: usize, lots: i64): i64 {
  const order = orderAt(slot);
  const leaves = load<i64>(order, ORDER_ROW_LEAVES);
  const qtyLots = min(lots, leaves);
  const priceTicks = load<i64>(order, ORDER_ROW_PRICE);
  if (qtyLots == leaves) l3Remove(resting, slot);
  else l3Reduce(resting, slot, qtyLots);
  streetBook(traded, load<u8>(order, ORDER_ROW_SIDE), priceTicks, qtyLots);
  orderFill(slot, traded, priceTicks, qtyLots, Liquidity.Maker);
  if (linksOf(slot) != 0) fillSettle(slot, qtyLots);
  return qtyLots;
}
