// Records of a book that comes order by order, and the trades they tell of.
//
// Levels are kept beside the orders (orders.ts), so top, levels and trust are those of any book. A
// message that does not fit what the book knows (an id twice, one it never had, more lots than an
// order holds, no room) is not applied and ends trust with its reason: something was missed, and
// only a snapshot tells what. Under BookRule.Unseen ids may be unknown: what they take comes from
// the lots of nobody known at that price, where there are some.
import {
  BookRule,
  BOOK_ORDER_CELLS,
  BOOK_ORDER_ID,
  BOOK_ORDER_NEW_ID,
  BOOK_ORDER_PRICE_TICKS,
  BOOK_ORDER_PRINTABLE,
  BOOK_ORDER_QTY_LOTS,
  BOOK_ORDER_SIDE,
  BOOK_ORDER_TRADE_ID,
  BOOK_ORDER_VENUE,
  BOOK_ORDER_VENUE_OFFSET_MICROS,
  CELL_SHIFT,
  ExecutionPrint,
  Flag,
  Kind,
  REC_FLAGS,
  REC_KIND,
  REC_TS_ENGINE,
  Refusal,
  Side,
  TRADE_AGGRESSOR,
  TRADE_CELLS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_VENUE,
  TRADE_VENUE_OFFSET_MICROS,
} from "../vocab";
import { BookChange, bookHasOrders, bookIsLanding, bookIsTaking, bookLose, bookSettle } from "./l2";
import { B_RULE } from "./levels";
import {
  orderAdd,
  orderModify,
  orderRow,
  orderTake,
  rowIsAsk,
  rowLots,
  rowPrice,
  unseenTake,
} from "./orders";

/** False when a BookOrder record is shorter than its fields. */
// @ts-ignore: decorator
@inline
export function bookOrderIsWhole(rec: usize): bool {
  return (load<u16>(rec, REC_FLAGS) & Flag.CellsMask) + 1 >= BOOK_ORDER_CELLS;
}

/** Applies one BookOrder record to a book that was opened with orders. */
export function bookOrder(at: usize, rec: usize): BookChange {
  if (!bookIsTaking(at)) return BookChange.None;
  const refusal = apply(at, rec);
  if (refusal != Refusal.None) {
    const row = orderRow(at, load<u64>(rec, BOOK_ORDER_ID));
    const had = row == 0 ? 0 : rowLots(row);
    bookLose(at, refusal, <u64>had, load<u64>(rec, BOOK_ORDER_ID));
    return BookChange.Lost;
  }
  const isEnd = (load<u16>(rec, REC_FLAGS) & Flag.Last) != 0;
  return isEnd && !bookIsLanding(at) ? bookSettle(at) : BookChange.None;
}

function apply(at: usize, rec: usize): Refusal {
  const id = load<u64>(rec, BOOK_ORDER_ID);
  const lots = load<i64>(rec, BOOK_ORDER_QTY_LOTS);
  const priceTicks = load<i64>(rec, BOOK_ORDER_PRICE_TICKS);
  const kind = load<u16>(rec, REC_KIND);
  let refusal: Refusal;
  if (kind == Kind.BookOrderAdd) return add(at, id, rec);
  if (kind == Kind.BookOrderModify) {
    refusal = orderModify(at, id, load<u64>(rec, BOOK_ORDER_NEW_ID), priceTicks, lots);
  } else if (kind == Kind.BookOrderExecute && lots <= 0) return Refusal.QtyNotPositive;
  else refusal = orderTake(at, id, lots);
  if (refusal != Refusal.UnknownOrder || load<u8>(at, B_RULE) != BookRule.Unseen) return refusal;
  if (kind != Kind.BookOrderModify) return unseen(at, rec, priceTicks, lots);
  const newId = load<u64>(rec, BOOK_ORDER_NEW_ID);
  return add(at, newId == 0 ? id : newId, rec);
}

function add(at: usize, id: u64, rec: usize): Refusal {
  const side = load<u8>(rec, BOOK_ORDER_SIDE);
  if (side != Side.Buy && side != Side.Sell) return Refusal.SideInvalid;
  const priceTicks = load<i64>(rec, BOOK_ORDER_PRICE_TICKS);
  return orderAdd(at, id, isAskOf(side), priceTicks, load<i64>(rec, BOOK_ORDER_QTY_LOTS));
}

function unseen(at: usize, rec: usize, priceTicks: i64, lots: i64): Refusal {
  const side = load<u8>(rec, BOOK_ORDER_SIDE);
  if (side != Side.Buy && side != Side.Sell) return Refusal.SideInvalid;
  return unseenTake(at, isAskOf(side), priceTicks, lots);
}

// @ts-ignore: decorator
@inline
function isAskOf(side: u8): u32 {
  return side == Side.Sell ? 1 : 0;
}

/**
 * Writes the Trade that an Execute record tells of to `out`, before the record is applied; false
 * when it tells of none, or of an order whose side and price nobody knows.
 */
export function bookOrderTrade(at: usize, rec: usize, out: usize): bool {
  const print = load<u8>(rec, BOOK_ORDER_PRINTABLE);
  if (load<u16>(rec, REC_KIND) != Kind.BookOrderExecute || print == ExecutionPrint.None) {
    return false;
  }
  const isByOrder = at != 0 && bookHasOrders(at);
  const row = isByOrder ? orderRow(at, load<u64>(rec, BOOK_ORDER_ID)) : 0;
  const side = row == 0 ? load<u8>(rec, BOOK_ORDER_SIDE) : <u8>(Side.Buy + rowIsAsk(row));
  if (side != Side.Buy && side != Side.Sell) return false;
  const isOwn = row != 0 && print != ExecutionPrint.AtPrice;
  const priceTicks = isOwn ? rowPrice(row) : load<i64>(rec, BOOK_ORDER_PRICE_TICKS);
  memory.fill(out, 0, <usize>TRADE_CELLS << CELL_SHIFT);
  store<i64>(out, load<i64>(rec, REC_TS_ENGINE), REC_TS_ENGINE);
  store<i64>(out, priceTicks, TRADE_PRICE_TICKS);
  store<i64>(out, load<i64>(rec, BOOK_ORDER_QTY_LOTS), TRADE_QTY_LOTS);
  store<u64>(out, load<u64>(rec, BOOK_ORDER_TRADE_ID), TRADE_ID);
  store<i32>(out, load<i32>(rec, BOOK_ORDER_VENUE_OFFSET_MICROS), TRADE_VENUE_OFFSET_MICROS);
  store<u8>(out, side == Side.Buy ? <u8>Side.Sell : <u8>Side.Buy, TRADE_AGGRESSOR);
  store<u16>(out, load<u16>(rec, BOOK_ORDER_VENUE), TRADE_VENUE);
  return true;
}
