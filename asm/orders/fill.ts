// One side of a fill: order, position, money, and the records that tell of it.
//
// tidy: tested by test/fuzz/order.test.ts
import { accountAt } from "../accounts/account";
import { balanceBook } from "../accounts/balance";
import { feeMinor, feeRate } from "../accounts/fees";
import { volumeCount } from "../accounts/tiers";
import {
  O_FEES_ASSET,
  O_FEES_TIERED,
  O_FEE_MINOR,
  O_FILL_ID,
  O_WIDE,
  ORDER_COLD_SESSION,
  ORDER_COLD_TAG,
  ORDER_COLD_TERMS,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_FILLED,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_ROW_STATE,
  ORDER_ROW_STRATEGY,
} from "../layout";
import { addProduct128 } from "../math/wide";
import { outBegin, outEnd } from "../output";
import { inverseValue, isCash, isInverse, valueMinor } from "../positions/kind";
import {
  positionAt,
  positionFill,
  positionOpen,
  positionWrite,
  POS_BALANCE,
  POS_FEES,
  POS_LOTS,
  POS_REDUCERS,
  POS_SIDE,
} from "../positions/position";
import { subFill } from "../positions/sub-account";
import {
  TRD_EXECUTION,
  TRD_SETTLEMENT,
  TRD_STREET_FLOW,
  TRD_STREET_LOTS,
} from "../positions/traded";
import { executionNote } from "../risk/repeats";
import {
  FILL_CELLS,
  FILL_EXECUTION,
  FILL_FEE_CURRENCY,
  FILL_FEE_MINOR,
  FILL_FILLED_LOTS,
  FILL_ID,
  FILL_LEAVES_LOTS,
  FILL_LIQUIDITY,
  FILL_ORDER_ID,
  FILL_POSITION_LOTS,
  FILL_POSITION_SIDE,
  FILL_PRICE_TICKS,
  FILL_QTY_LOTS,
  FILL_REALIZED_MINOR,
  FILL_SESSION,
  FILL_SETTLEMENT,
  FILL_SIDE,
  FILL_STATE,
  FILL_TAG,
  Kind,
  Liquidity,
  OrderState,
  Side,
} from "../vocab";
import { cashFill } from "./cash";
import { writeOwner } from "./event";
import { feeAsset, feeAssetBook } from "./fee-asset";
import { lotsOf } from "./iceberg";
import { parentFill } from "./parent-child";
import { orderAt, orderColdAt, orderId, orderLeave } from "./pool";
import { reduceFollow } from "./reduce";
import { stateIsOpen, stateMove } from "./state";

/**
 * Fills `qtyLots` of an order at `priceTicks` and reports it; a completely filled order is closed
 * (it must be out of its book by then). Returns the leaves, 0 when the fill has ended the order.
 */
export function orderFill(
  slot: u32,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  liquidity: i32,
): i64 {
  const order = orderAt(slot);
  const leaves = load<i64>(order, ORDER_ROW_LEAVES) - qtyLots;
  assert(qtyLots > 0 && leaves >= 0, "a fill is within the leaves");
  store<i64>(order, leaves, ORDER_ROW_LEAVES);
  store<i64>(order, load<i64>(order, ORDER_ROW_FILLED) + qtyLots, ORDER_ROW_FILLED);
  stateMove(order, leaves == 0 ? OrderState.Filled : OrderState.PartlyFilled);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  positionOpen(position, side, -qtyLots);
  const realized = positionFill(position, traded, side, priceTicks, qtyLots, O_WIDE);
  const account = accountAt(load<u32>(order, ORDER_ROW_ACCOUNT));
  let fee = feeOf(account, traded, priceTicks, qtyLots, liquidity);
  const asset = load<u8>(O_FEES_ASSET) == 0 ? 0 : feeAsset(slot, qtyLots, liquidity, fee);
  const due = asset == 0 ? fee : 0;
  let taken = due;
  if (isCash(traded)) taken = cashFill(slot, traded, priceTicks, qtyLots, realized, due);
  else balanceBook(load<u32>(position, POS_BALANCE), realized, due);
  if (asset != 0) feeAssetBook(slot, asset);
  else fee = taken;
  store<i64>(position, load<i64>(position, POS_FEES) + fee, POS_FEES);
  fillWrite(slot, traded, priceTicks, qtyLots, liquidity, taken, realized, asset);
  positionWrite(Kind.PositionChanged, position);
  if (load<u8>(orderColdAt(slot), ORDER_COLD_TERMS) != 0) {
    parentFill(slot, priceTicks, qtyLots, fee);
  }
  const strategy = <u32>load<u16>(order, ORDER_ROW_STRATEGY);
  if (strategy != 0) {
    subFill(position, traded, strategy, side, priceTicks, qtyLots, realized, fee);
    executionNote(order, position, traded);
  }
  if (leaves == 0) orderLeave(slot);
  if (load<u32>(position, POS_REDUCERS) == 0) return leaves;
  reduceFollow(position);
  // What went with the position may have been the other leg of this order's pair.
  return stateIsOpen(load<u8>(order, ORDER_ROW_STATE)) ? leaves : 0;
}

/** Fee of a fill by the account's schedule, in the settlement currency; counts its volume. */
// @ts-ignore: decorator
@inline
export function feeOf(
  account: usize,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  liquidity: i32,
): i64 {
  if (load<u8>(O_FEES_TIERED) != 0) {
    const value = valueMinor(traded, priceTicks, qtyLots, false);
    volumeCount(account, value, load<u16>(traded, TRD_SETTLEMENT));
  }
  const rate = feeRate(account, liquidity == Liquidity.Maker);
  if (rate == 0) return 0;
  const notional = valueMinor(traded, priceTicks, qtyLots, rate > 0);
  assert(notional >= 0, "the notional of a fill was checked with its order");
  return feeMinor(notional, rate);
}

/** The street takes the other side of a fill outside: on paper or at a venue. */
export function streetBook(traded: usize, side: i32, priceTicks: i64, qtyLots: i64): void {
  const signed = side == Side.Buy ? qtyLots : -qtyLots;
  store<i64>(traded, load<i64>(traded, TRD_STREET_LOTS) - signed, TRD_STREET_LOTS);
  if (isInverse(traded)) {
    const value = inverseValue(traded, priceTicks, qtyLots);
    addProduct128(traded + TRD_STREET_FLOW, value, side == Side.Buy ? -1 : 1);
  } else addProduct128(traded + TRD_STREET_FLOW, priceTicks, signed);
}

function fillWrite(
  slot: u32,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  liquidity: i32,
  fee: i64,
  realized: i64,
  asset: u32,
): void {
  const order = orderAt(slot);
  const cold = orderColdAt(slot);
  const id = load<u64>(O_FILL_ID) + 1;
  store<u64>(O_FILL_ID, id);
  const out = outBegin(Kind.Fill, FILL_CELLS, load<u32>(order, ORDER_ROW_INSTRUMENT));
  writeOwner(out, order);
  store<u64>(out, orderId(slot), FILL_ORDER_ID);
  store<u32>(out, load<u32>(cold, ORDER_COLD_SESSION), FILL_SESSION);
  store<u8>(out, load<u8>(order, ORDER_ROW_SIDE), FILL_SIDE);
  store<u8>(out, <u8>liquidity, FILL_LIQUIDITY);
  store<u8>(out, load<u8>(order, ORDER_ROW_STATE), FILL_STATE);
  store<u8>(out, load<u8>(traded, TRD_EXECUTION), FILL_EXECUTION);
  store<i64>(out, priceTicks, FILL_PRICE_TICKS);
  store<i64>(out, qtyLots, FILL_QTY_LOTS);
  store<i64>(out, lotsOf(slot), FILL_LEAVES_LOTS);
  store<i64>(out, load<i64>(order, ORDER_ROW_FILLED), FILL_FILLED_LOTS);
  store<i64>(out, fee, FILL_FEE_MINOR);
  store<u64>(out, id, FILL_ID);
  store<i64>(out, realized, FILL_REALIZED_MINOR);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  store<i64>(out, load<i64>(position, POS_LOTS), FILL_POSITION_LOTS);
  store<u8>(out, load<u8>(position, POS_SIDE), FILL_POSITION_SIDE);
  store<u64>(out, load<u64>(cold, ORDER_COLD_TAG), FILL_TAG);
  store<u16>(out, load<u16>(traded, TRD_SETTLEMENT), FILL_FEE_CURRENCY);
  store<u16>(out, load<u16>(traded, TRD_SETTLEMENT), FILL_SETTLEMENT);
  if (asset != 0) {
    store<u16>(out, <u16>asset, FILL_FEE_CURRENCY);
    store<i64>(out, load<i64>(O_FEE_MINOR), FILL_FEE_MINOR);
  }
  outEnd(out);
}
