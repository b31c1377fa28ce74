// Auctions of internal books: AuctionCall collects orders, AuctionUncross trades them at one price.
//
// In an uncross market orders come first, then price, then time, as in trading; of an iceberg all
// lots count, and slice after slice trades, each behind its level. Nobody chooses whom to meet, so
// self-trade prevention does not apply, and both sides pay as takers. What one input may not trade
// follows with Timers of the same time: the sequencer puts them before every other input, and price
// and lots left stay in the row, so an uncross has one price however long it is. Then the leftovers
// of market orders are canceled, AtOpen and AtClose orders expire, and the next phase begins, in
// which reached stops are released.
//
// tidy: tested by test/asm/orders/auction.test.ts
import { markMoved } from "../accounts/day";
import { l3Best, l3First, l3Reduce } from "../books/ladder";
import { nowNanos } from "../clock";
import {
  AUCTION_STEPS_MAX,
  AUC_BUY_FIRST,
  AUC_FOUND_LOTS,
  AUC_FOUND_PRICE,
  AUC_FOUND_SURPLUS,
  AUC_LEFT,
  AUC_NEXT_PHASE,
  AUC_ONLY,
  AUC_PRICE,
  AUC_REFERENCE,
  AUC_SAID_LOTS,
  AUC_SAID_PRICE,
  AUC_SAID_SURPLUS,
  AUC_SELL_FIRST,
  AUC_UNCROSSING,
  INDICATIVE_VISITS_MAX,
  O_ARMED,
  O_STEPS,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_ROW_STRATEGY,
  ORDER_ROW_TYPE,
  ORDER_TERMS_EXPIRY,
} from "../layout";
import { outBegin, outEnd } from "../output";
import { notionalScaled, PRICE_TICKS_MAX } from "../positions/notional";
import { positionAt, POS_LOTS, POS_OPEN_BUY, POS_OPEN_SELL } from "../positions/position";
import { subHeldLots } from "../positions/sub-account";
import { rangeTraded } from "../positions/range";
import {
  tradedAt,
  TRD_BUYS,
  TRD_DEN,
  TRD_EXECUTION,
  TRD_ID,
  TRD_LAST_NANOS,
  TRD_LAST_TICKS,
  TRD_NUM,
  TRD_PHASE,
} from "../positions/traded";
import { isCallable } from "../positions/kind";
import {
  AUCTION_CELLS,
  AUCTION_PHASE,
  AUCTION_PRICE_TICKS,
  AUCTION_QTY_LOTS,
  AUCTION_REFERENCE_TICKS,
  AUCTION_SIDE,
  AUCTION_SURPLUS_LOTS,
  CancelReason,
  Execution,
  InstrumentPhase,
  Kind,
  Liquidity,
  OrderType,
  REC_INSTRUMENT,
  REC_KIND,
  Refusal,
  Side,
} from "../vocab";
import { auctionAt, auctionReference, priceFind } from "./auction-price";
import { phaseAfterCall, restingRemove, waitCount } from "./call";
import { cancelResting, restingSide } from "./close";
import { linksOf, tradeSettle } from "./contingency";
import { expire } from "./expiry";
import { orderFill } from "./fill";
import { hiddenLots, sliceRefresh, sliceReturn } from "./iceberg";
import { phaseMove } from "./phase";
import { orderAt } from "./pool";
import { defer } from "./stop";
import { topTouch, tradePrint } from "./top";
import { trailSee } from "./trail";
import { treeFirst } from "./tree";

/** Why an AuctionCall or AuctionUncross is not taken. */
export function auctionRefusal(rec: usize): Refusal {
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  if (traded == 0) return Refusal.UnknownInstrument;
  if (load<u8>(traded, TRD_EXECUTION) != Execution.Internal) return Refusal.ExecutionUnsupported;
  if (load<u32>(traded, TRD_BUYS) == 0) return Refusal.ArenaFull;
  if (!isCallable(traded)) return Refusal.InstrumentKindUnsupported;
  const phase = <i32>load<u8>(rec, AUCTION_PHASE);
  const isPhase = phase >= InstrumentPhase.Continuous && phase <= InstrumentPhase.Closed;
  const reference = load<i64>(rec, AUCTION_REFERENCE_TICKS);
  if ((phase != 0 && !isPhase) || reference < 0 || reference > PRICE_TICKS_MAX) {
    return Refusal.ParameterInvalid;
  }
  if (load<u8>(auctionAt(traded), AUC_UNCROSSING) != 0) return Refusal.ConfigConflict;
  if (load<u16>(rec, REC_KIND) == Kind.AuctionCall) return Refusal.None;
  const isCall = load<u8>(traded, TRD_PHASE) == InstrumentPhase.Call;
  return isCall ? Refusal.None : Refusal.ConfigConflict;
}

/** Takes an AuctionCall that was not refused: begins the call, or in one says where it stands. */
export function auctionCall(rec: usize): void {
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  const row = auctionAt(traded);
  const phase = load<u8>(rec, AUCTION_PHASE);
  store<i64>(row, load<i64>(rec, AUCTION_REFERENCE_TICKS), AUC_REFERENCE);
  if (load<u8>(traded, TRD_PHASE) != InstrumentPhase.Call) {
    store<u8>(row, phase, AUC_NEXT_PHASE);
    return phaseMove(traded, InstrumentPhase.Call, 0);
  }
  if (phase != 0) store<u8>(row, phase, AUC_NEXT_PHASE);
  priceFind(traded, u32.MAX_VALUE);
  indicativeSay(traded);
}

/** Says the indicative price of a book in a call, if it is another and near enough to be found. */
export function indicativePublish(traded: usize): void {
  const row = auctionAt(traded);
  if (load<u8>(row, AUC_UNCROSSING) != 0 || !priceFind(traded, INDICATIVE_VISITS_MAX)) return;
  const isSame =
    load<i64>(row, AUC_FOUND_PRICE) == load<i64>(row, AUC_SAID_PRICE) &&
    load<i64>(row, AUC_FOUND_LOTS) == load<i64>(row, AUC_SAID_LOTS) &&
    load<i64>(row, AUC_FOUND_SURPLUS) == load<i64>(row, AUC_SAID_SURPLUS);
  if (!isSame) indicativeSay(traded);
}

function indicativeSay(traded: usize): void {
  const row = auctionAt(traded);
  store<i64>(row, load<i64>(row, AUC_FOUND_PRICE), AUC_SAID_PRICE);
  store<i64>(row, load<i64>(row, AUC_FOUND_LOTS), AUC_SAID_LOTS);
  store<i64>(row, load<i64>(row, AUC_FOUND_SURPLUS), AUC_SAID_SURPLUS);
  foundWrite(Kind.AuctionIndicative, traded);
}

/** What the sweep found, and the phase that follows. */
function foundWrite(kind: i32, traded: usize): void {
  const row = auctionAt(traded);
  const surplus = load<i64>(row, AUC_FOUND_SURPLUS);
  const side = surplus == 0 ? Side.None : surplus > 0 ? Side.Buy : Side.Sell;
  const out = outBegin(kind, AUCTION_CELLS, load<u32>(traded, TRD_ID));
  store<u8>(out, <u8>phaseAfterCall(row), AUCTION_PHASE);
  store<u8>(out, <u8>side, AUCTION_SIDE);
  store<i64>(out, load<i64>(row, AUC_FOUND_PRICE), AUCTION_PRICE_TICKS);
  store<i64>(out, load<i64>(row, AUC_FOUND_LOTS), AUCTION_QTY_LOTS);
  store<i64>(out, surplus < 0 ? -surplus : surplus, AUCTION_SURPLUS_LOTS);
  store<i64>(out, auctionReference(traded), AUCTION_REFERENCE_TICKS);
  outEnd(out);
}

/** Takes an AuctionUncross that was not refused. */
export function auctionUncross(rec: usize): void {
  const traded = tradedAt(load<u32>(rec, REC_INSTRUMENT));
  const row = auctionAt(traded);
  const reference = load<i64>(rec, AUCTION_REFERENCE_TICKS);
  const phase = load<u8>(rec, AUCTION_PHASE);
  if (reference != 0) store<i64>(row, reference, AUC_REFERENCE);
  if (phase != 0) store<u8>(row, phase, AUC_NEXT_PHASE);
  priceFind(traded, u32.MAX_VALUE);
  foundWrite(Kind.AuctionUncrossed, traded);
  store<i64>(row, load<i64>(row, AUC_FOUND_PRICE), AUC_PRICE);
  store<i64>(row, load<i64>(row, AUC_FOUND_LOTS), AUC_LEFT);
  store<u8>(row, 1, AUC_UNCROSSING);
  store<u32>(O_STEPS, 0);
  uncrossGo(traded);
}

/** True while an uncross of the instrument waits for a Timer. */
export function isUncrossing(traded: usize): bool {
  return load<u8>(auctionAt(traded), AUC_UNCROSSING) != 0;
}

/** Trades and ends the auction as far as this input may. */
export function uncrossGo(traded: usize): void {
  const row = auctionAt(traded);
  const price = load<i64>(row, AUC_PRICE);
  topTouch(traded);
  while (load<i64>(row, AUC_LEFT) > 0) {
    if (!stepTake()) return defer();
    const buy = nextOf(traded, Side.Buy, price);
    const sell = nextOf(traded, Side.Sell, -price);
    // Short of what the price promised only if orders too large for their money were canceled.
    if (buy == 0 || sell == 0) break;
    if (!couldBook(buy, traded, price)) cancelResting(buy, CancelReason.Auction);
    else if (!couldBook(sell, traded, price)) cancelResting(sell, CancelReason.Auction);
    else uncrossPair(buy, sell, traded, row, price);
  }
  store<i64>(row, 0, AUC_LEFT);
  while (true) {
    const buy = load<u32>(row, AUC_BUY_FIRST);
    const market = buy != 0 ? buy : load<u32>(row, AUC_SELL_FIRST);
    const slot = market != 0 ? market : treeFirst(row + AUC_ONLY, ORDER_TERMS_EXPIRY);
    if (slot == 0) break;
    if (!stepTake()) return defer();
    if (market != 0) cancelResting(slot, CancelReason.Auction);
    else expire(slot);
  }
  const phase = phaseAfterCall(row);
  store<i64>(row, 0, AUC_PRICE);
  store<i64>(row, 0, AUC_REFERENCE);
  store<u8>(row, 0, AUC_UNCROSSING);
  store<u8>(row, 0, AUC_NEXT_PHASE);
  phaseMove(traded, phase, 0);
}

// @ts-ignore: decorator
@inline
function stepTake(): bool {
  const steps = load<u32>(O_STEPS);
  if (steps >= <u32>AUCTION_STEPS_MAX) return false;
  store<u32>(O_STEPS, steps + 1);
  return true;
}

/** The order of a side that trades next at a price of at least `rank`, 0 if none does. */
function nextOf(traded: usize, side: i32, rank: i64): u32 {
  const row = auctionAt(traded);
  const waiting = load<u32>(row + (side == Side.Buy ? AUC_BUY_FIRST : AUC_SELL_FIRST));
  if (waiting != 0) return waiting;
  const resting = restingSide(traded, side);
  return l3Best(resting) >= rank ? l3First(resting) : 0;
}

/**
 * True when the account's lots at this price stay within what money can count. An order was checked
 * at its own limit, which an uncross price may exceed where it sells or has no limit.
 */
function couldBook(slot: u32, traded: usize, priceTicks: i64): bool {
  const position = positionAt(load<u32>(orderAt(slot), ORDER_ROW_POSITION));
  const lots = load<i64>(position, POS_LOTS);
  const open = load<i64>(position, POS_OPEN_BUY) + load<i64>(position, POS_OPEN_SELL);
  const own = subHeldLots(position, load<u16>(orderAt(slot), ORDER_ROW_STRATEGY));
  const all = (lots < 0 ? -lots : lots) + own + open;
  const num = load<i64>(traded, TRD_NUM);
  return notionalScaled(priceTicks, all, num, load<i64>(traded, TRD_DEN), true) >= 0;
}

function uncrossPair(buy: u32, sell: u32, traded: usize, row: usize, priceTicks: i64): void {
  const bought = load<i64>(orderAt(buy), ORDER_ROW_LEAVES);
  const sold = load<i64>(orderAt(sell), ORDER_ROW_LEAVES);
  const left = load<i64>(row, AUC_LEFT);
  const qtyLots = min(left, min(bought, sold));
  store<i64>(row, left - qtyLots, AUC_LEFT);
  store<i64>(traded, priceTicks, TRD_LAST_TICKS);
  store<i64>(traded, nowNanos(), TRD_LAST_NANOS);
  markMoved(traded);
  rangeTraded(traded, priceTicks);
  if (load<u32>(O_ARMED) != 0) trailSee(traded, priceTicks);
  tradePrint(traded, priceTicks, qtyLots, Side.None);
  restingFill(buy, traded, priceTicks, qtyLots);
  restingFill(sell, traded, priceTicks, qtyLots);
  if ((linksOf(buy) | linksOf(sell)) != 0) tradeSettle(buy, sell, qtyLots);
}

/** Fills lots of what an order shows, where it rests; a used up slice is refreshed. */
function restingFill(slot: u32, traded: usize, priceTicks: i64, qtyLots: i64): void {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const isWhole = qtyLots == load<i64>(order, ORDER_ROW_LEAVES);
  const hidden = hiddenLots(slot);
  if (isWhole) {
    restingRemove(slot, traded, side);
    sliceReturn(slot);
  } else if (load<u8>(order, ORDER_ROW_TYPE) == OrderType.Market) {
    waitCount(traded, side, -qtyLots);
  } else l3Reduce(restingSide(traded, side), slot, qtyLots);
  orderFill(slot, traded, priceTicks, qtyLots, Liquidity.Auction);
  if (isWhole && hidden != 0) sliceRefresh(slot, restingSide(traded, side));
}
