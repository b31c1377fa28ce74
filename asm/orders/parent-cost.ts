// What a parent's lots are worth: the sums behind its costs, and the difference to a benchmark.
//
// Linear contracts and cash: sums are ticks x lots, a cost is paid price less benchmark. Inverse
// contracts: a lot is worth 1 / price of the base, so sums are of the values of fills by the rule
// of positions/kind.ts, in 1/1024 minor units of the base and each rounded down; a buy at a higher
// price gets less value, so its cost is benchmark less value. The market's average is the one of
// the same sums, so who trades alone has no slippage.
//
// tidy: tested by test/asm/orders/parent-inverse.test.ts
import { addProduct128, mulDiv64, negate128 } from "../math/wide";
import {
  inverseValue,
  isInverse,
  kindAt,
  KND_DEN,
  KND_LOTS_MAX,
  KND_NUM,
} from "../positions/kind";
import { tradedAt, TRD_ID } from "../positions/traded";

/** Adds ticks x lots, or the value of an inverse trade; `times` is 1, or -1 to take it back. */
export function costAdd(
  at: usize,
  instrument: u32,
  priceTicks: i64,
  qtyLots: i64,
  times: i64,
): void {
  const traded = tradedAt(instrument);
  if (!isInverse(traded)) return addProduct128(at, priceTicks, times * qtyLots);
  if (priceTicks <= 0 || qtyLots <= 0) return;
  // Public trades may be of any quantity.
  const most = load<i64>(kindAt(instrument), KND_LOTS_MAX);
  addProduct128(at, inverseValue(traded, priceTicks, min(qtyLots, most)), times);
}

/** Most lots of an inverse parent: their value must fit at half a tick. */
export function inverseLotsMax(traded: usize): i64 {
  return load<i64>(kindAt(load<u32>(traded, TRD_ID)), KND_LOTS_MAX) >> 1;
}

/** Value of lots at a price in half ticks, 1/1024 minor units of the base, rounded down. */
function valueAt(traded: usize, halfTicks: i64, qtyLots: i64): i64 {
  const row = kindAt(load<u32>(traded, TRD_ID));
  const lots = min(qtyLots, inverseLotsMax(traded));
  return mulDiv64(lots << 1, load<i64>(row, KND_NUM), load<i64>(row, KND_DEN)) / halfTicks;
}

/** Writes to `at` what a buy whose fills are worth `costAt` paid against a price, 1/1024 minor. */
export function inverseShortfall(
  at: usize,
  costAt: usize,
  traded: usize,
  halfTicks: i64,
  qtyLots: i64,
): void {
  v128.store(at, v128.load(costAt));
  negate128(at);
  addProduct128(at, valueAt(traded, halfTicks, qtyLots), 1);
}

/** What waiting has cost a buy of open lots, 1/1024 minor units of the base. */
export function inverseWaited(traded: usize, from: i64, to: i64, openLots: i64): i64 {
  return valueAt(traded, from, openLots) - valueAt(traded, to, openLots);
}
