// Iceberg orders: a slice rests and is seen, the rest waits behind it.
//
// While the order rests its hot row and its level hold the slice only, so matching and the public
// book know nothing of the rest; out of the book the row holds all leaves again. A slice that is
// used up is refreshed behind everything at its price, and goes on trading in the same input.
//
// tidy: tested by test/asm/orders/iceberg.test.ts
import { l3Add, l3Reduce } from "../books/ladder";
import {
  AUCTION_ROWS,
  AUCTION_ROW_BYTES,
  AUC_HIDDEN,
  ORDER_COLD_TERMS,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_TERMS_DISPLAY,
  ORDER_TERMS_HIDDEN,
} from "../layout";
import { TRD_EXECUTION } from "../positions/traded";
import {
  Execution,
  Kind,
  NEW_DISPLAY_LOTS,
  NEW_QTY_LOTS,
  NEW_TIF,
  NEW_TYPE,
  OrderType,
  Refusal,
  TimeInForce,
} from "../vocab";
import { orderEvent } from "./event";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";

/** Lots are shown in part only by an order that may rest in an internal book. */
export function displayRefusal(rec: usize, traded: usize): Refusal {
  const display = load<i64>(rec, NEW_DISPLAY_LOTS);
  const tif = <i32>load<u8>(rec, NEW_TIF);
  const rests =
    load<u8>(rec, NEW_TYPE) == OrderType.Limit &&
    tif != TimeInForce.Ioc &&
    tif != TimeInForce.Fok &&
    load<u8>(traded, TRD_EXECUTION) == Execution.Internal;
  const isGood = rests && display > 0 && display <= load<i64>(rec, NEW_QTY_LOTS);
  return isGood ? Refusal.None : Refusal.DisplayInvalid;
}

/** Notes how much a new order shows. */
export function icebergMake(rec: usize, slot: u32): void {
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_TERMS);
  store<i64>(orderTermsAt(slot), load<i64>(rec, NEW_DISPLAY_LOTS), ORDER_TERMS_DISPLAY);
}

/** True when only a slice of the order rests. */
export function isIceberg(slot: u32): bool {
  if (load<u8>(orderColdAt(slot), ORDER_COLD_TERMS) == 0) return false;
  return load<i64>(orderTermsAt(slot), ORDER_TERMS_DISPLAY) != 0;
}

/** Lots that do not rest; 0 for other orders. */
// @ts-ignore: decorator
@inline
export function hiddenLots(slot: u32): i64 {
  if (load<u8>(orderColdAt(slot), ORDER_COLD_TERMS) == 0) return 0;
  return load<i64>(orderTermsAt(slot), ORDER_TERMS_HIDDEN);
}

/** All lots an order may still trade. */
// @ts-ignore: decorator
@inline
export function lotsOf(slot: u32): i64 {
  return load<i64>(orderAt(slot), ORDER_ROW_LEAVES) + hiddenLots(slot);
}

/** Sets the lots behind a slice; a book knows their sum, for the volume of its auctions. */
function hiddenStore(slot: u32, lots: i64): void {
  const terms = orderTermsAt(slot);
  const instrument = <usize>load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT);
  const sumAt = <usize>AUCTION_ROWS + instrument * AUCTION_ROW_BYTES + AUC_HIDDEN;
  store<i64>(sumAt, load<i64>(sumAt) + lots - load<i64>(terms, ORDER_TERMS_HIDDEN));
  store<i64>(terms, lots, ORDER_TERMS_HIDDEN);
}

/** Takes the next slice; the order goes into a book next. */
export function sliceTake(slot: u32): void {
  if (!isIceberg(slot)) return;
  const order = orderAt(slot);
  const terms = orderTermsAt(slot);
  const all = load<i64>(order, ORDER_ROW_LEAVES) + load<i64>(terms, ORDER_TERMS_HIDDEN);
  const shown = min(all, load<i64>(terms, ORDER_TERMS_DISPLAY));
  store<i64>(order, shown, ORDER_ROW_LEAVES);
  hiddenStore(slot, all - shown);
}

/** Puts the rest back to the slice; the order is out of its book. */
export function sliceReturn(slot: u32): void {
  const hidden = hiddenLots(slot);
  if (hidden == 0) return;
  const order = orderAt(slot);
  store<i64>(order, load<i64>(order, ORDER_ROW_LEAVES) + hidden, ORDER_ROW_LEAVES);
  hiddenStore(slot, 0);
}

/** Refreshes a slice whose last lots have just traded: behind all others of its price. */
export function sliceRefresh(slot: u32, resting: usize): void {
  sliceTake(slot);
  l3Add(resting, slot);
  orderEvent(Kind.OrderRefreshed, slot, 0, 0);
}

/** Takes `lots` off a resting order that keeps its place: from what is hidden first. */
export function sliceCut(slot: u32, resting: usize, lots: i64): void {
  const order = orderAt(slot);
  const fromHidden = min(lots, hiddenLots(slot));
  if (fromHidden > 0) hiddenStore(slot, hiddenLots(slot) - fromHidden);
  const fromShown = lots - fromHidden;
  store<i64>(order, load<i64>(order, ORDER_ROW_LEAVES) - fromShown, ORDER_ROW_LEAVES);
  l3Reduce(resting, slot, fromShown);
}

/** Trades the order needs at most to be used up, one for each slice. */
export function sliceCount(slot: u32): i32 {
  if (!isIceberg(slot)) return 1;
  const display = load<i64>(orderTermsAt(slot), ORDER_TERMS_DISPLAY);
  const slices = (hiddenLots(slot) + display - 1) / display;
  return 1 + <i32>min<i64>(slices, i32.MAX_VALUE / 2);
}
