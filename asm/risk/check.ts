// The check before every order and amend that may increase what is at risk.
//
// Cheap first, and each limit row asked by itself, so the refusal names the first limit that is
// hit, in a fixed order: messages, quantity, notional, collar, open orders, position, loss. All
// counters are kept up to date by the order path; only the loss limit walks the account's open
// positions, because a mark moves without the account. The limit that was hit is left in
// O_LIMIT_VALUE.
//
// tidy: tested by test/asm/risk/limits.test.ts
import {
  ACC_LIMITS,
  ACC_ORDERS_OPEN,
  ACC_RATE_ACCOUNT,
  ACC_RATE_GLOBAL,
} from "../accounts/account";
import { balanceAt, realizedTodayMinor } from "../accounts/balance";
import { nowNanos } from "../clock";
import { O_GLOBAL_LIMITS, O_LIMIT_VALUE } from "../layout";
import { notionalMinor, notionalScaled } from "../positions/notional";
import {
  accountUnrealizedMinor,
  POS_ACCOUNT,
  POS_BALANCE,
  POS_LIMITS,
  POS_LOTS,
  POS_OPEN_BUY,
  POS_OPEN_SELL,
  POS_ORDERS_OPEN,
  POS_RATE_INSTRUMENT,
  POS_RATE_PAIR,
} from "../positions/position";
import {
  markIsStale,
  markTicks,
  TRD_BAND_BPS,
  TRD_DEN,
  TRD_LIMITS,
  TRD_NOTIONAL_MIN,
  TRD_NUM,
  TRD_PRODUCT_MAX,
  TRD_SETTLEMENT,
} from "../positions/traded";
import { strategyAt, STR_LIMITS, STR_RATE } from "../strategies/strategy";
import { Refusal, Side } from "../vocab";
import { bandReferenceTicks } from "./band";
import {
  limitsAt,
  LIM_COLLAR_BPS,
  LIM_CURRENCY,
  LIM_LOSS,
  LIM_NOTIONAL,
  LIM_ORDERS_OPEN,
  LIM_POSITION,
  LIM_QTY,
  LIM_RATE,
  LIM_WINDOW_MILLIS,
} from "./limits";

const BPS: i64 = 10000;

// @ts-ignore: decorator
@inline
function hit(refusal: Refusal, limit: i64): Refusal {
  store<i64>(O_LIMIT_VALUE, limit);
  return refusal;
}

/** True when |price - reference| is more than `bps` of the reference. */
// @ts-ignore: decorator
@inline
function isOutside(priceTicks: i64, referenceTicks: i64, bps: u32): bool {
  const above = priceTicks - referenceTicks;
  const distance = select<i64>(above, -above, above > 0);
  if (bps >= 1 << 20) return false;
  if (referenceTicks >> 40 == 0 && distance >> 40 == 0) {
    return distance * BPS > referenceTicks * bps;
  }
  return isOutsideWide(distance, referenceTicks, bps);
}

/** Both below 2^53: split so that nothing overflows and nothing is rounded. */
function isOutsideWide(distance: i64, referenceTicks: i64, bps: u32): bool {
  const whole = referenceTicks / BPS;
  const rest = referenceTicks - whole * BPS;
  return distance > whole * <i64>bps + (rest * <i64>bps) / BPS;
}

/**
 * Counts one message against the rate limits; the windows are fixed, each begins with its first
 * message. A message a full window refuses does not count there; one that a later limit refuses
 * has counted. House accounts are not asked. `isGlobalOnly` says that no other scope has limits.
 */
// @ts-ignore: decorator
@inline
export function rateRefusal(
  account: usize,
  strategy: u32,
  position: usize,
  traded: usize,
  isGlobalOnly: bool,
): i32 {
  const global = load<u32>(O_GLOBAL_LIMITS);
  if (global != 0 && isOver(global, account + ACC_RATE_GLOBAL)) return Refusal.RateLimit;
  return isGlobalOnly ? Refusal.None : ratesRefusal(account, strategy, position, traded);
}

function ratesRefusal(account: usize, strategy: u32, position: usize, traded: usize): i32 {
  const own = load<u32>(account, ACC_LIMITS);
  const instrument = load<u32>(traded, TRD_LIMITS);
  const pair = load<u32>(position, POS_LIMITS);
  if (own != 0 && isOver(own, account + ACC_RATE_ACCOUNT)) return Refusal.RateLimit;
  if (instrument != 0 && isOver(instrument, position + POS_RATE_INSTRUMENT)) {
    return Refusal.RateLimit;
  }
  if (pair != 0 && isOver(pair, position + POS_RATE_PAIR)) return Refusal.RateLimit;
  if (strategy == 0) return Refusal.None;
  const row = strategyAt(strategy);
  const limits = load<u32>(row, STR_LIMITS);
  return limits != 0 && isOver(limits, row + STR_RATE) ? Refusal.RateLimit : Refusal.None;
}

/** True when neither account, strategy, instrument nor account x instrument has a limits row. */
// @ts-ignore: decorator
@inline
export function hasGlobalOnly(
  account: usize,
  strategy: u32,
  position: usize,
  traded: usize,
): bool {
  const instrument = load<u32>(traded, TRD_LIMITS) | load<u32>(position, POS_LIMITS);
  const slots = instrument | load<u32>(account, ACC_LIMITS);
  return (strategy == 0 ? slots : slots | load<u32>(strategyAt(strategy), STR_LIMITS)) == 0;
}

/** Counts a message in the window at `at` unless it is full. */
// @ts-ignore: decorator
@inline
function isOver(limits: u32, at: usize): bool {
  const row = limitsAt(limits);
  const most = load<u32>(row, LIM_RATE);
  if (most == 0) return false;
  const now = nowNanos();
  const windowNanos = <i64>load<u32>(row, LIM_WINDOW_MILLIS) * 1000000;
  if (now - load<i64>(at) >= windowNanos) {
    store<i64>(at, now);
    store<u32>(at, 0, 8);
  }
  const count = load<u32>(at, 8);
  if (count >= most) {
    store<i64>(O_LIMIT_VALUE, most);
    return true;
  }
  store<u32>(at, count + 1, 8);
  return false;
}

/**
 * Refusals that hold for everyone: the spec's band, money that does not fit, too small an order.
 * `worstTicks` is the dearest price the order may trade at (0 = unknown), `priceTicks` its limit or
 * what a market order would trade at, `worstLots` the position if every open order and this one
 * filled.
 */
// @ts-ignore: decorator
@inline
export function boundsRefusal(
  traded: usize,
  worstTicks: i64,
  priceTicks: i64,
  qtyLots: i64,
  worstLots: i64,
): i32 {
  if (worstTicks == 0) return Refusal.None;
  // Both below 2^31: the product fits, and its largest value is known. Others are multiplied out.
  const isSmall = (worstTicks | worstLots) >> 31 == 0;
  if (!isSmall || worstTicks * worstLots > load<i64>(traded, TRD_PRODUCT_MAX)) {
    const num = load<i64>(traded, TRD_NUM);
    if (notionalScaled(worstTicks, worstLots, num, load<i64>(traded, TRD_DEN), true) < 0) {
      return Refusal.NotionalOverflow;
    }
  }
  const asked = load<i64>(traded, TRD_NOTIONAL_MIN) | <i64>load<u32>(traded, TRD_BAND_BPS);
  return asked == 0 ? Refusal.None : specRefusal(traded, priceTicks, qtyLots);
}

/** What only some specs ask for: a least notional, a band around the mark. */
function specRefusal(traded: usize, priceTicks: i64, qtyLots: i64): i32 {
  const num = load<i64>(traded, TRD_NUM);
  const den = load<i64>(traded, TRD_DEN);
  const least = load<i64>(traded, TRD_NOTIONAL_MIN);
  if (least > 0 && notionalMinor(priceTicks, qtyLots, num, den, false) < least) {
    return hit(Refusal.NotionalBelowMin, least);
  }
  const band = load<u32>(traded, TRD_BAND_BPS);
  if (band == 0) return Refusal.None;
  const reference = bandReferenceTicks(traded);
  if (reference == 0 || !isOutside(priceTicks, reference, band)) return Refusal.None;
  return hit(Refusal.PriceOutsideBand, band);
}

/**
 * Asks every limit row that applies. `addedLots` are the leaves the order adds to its side (for an
 * amend the difference), `qtyLots` its whole leaves, `priceTicks` as in `boundsRefusal`, `isNew`
 * whether one more order would be open, `isGlobalOnly` as in `rateRefusal`.
 */
// @ts-ignore: decorator
@inline
export function limitsRefusal(
  account: usize,
  strategy: u32,
  position: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  qtyLots: i64,
  addedLots: i64,
  isNew: bool,
  isGlobalOnly: bool,
): i32 {
  // A limit on what does not grow is not asked: compared with nothing it holds.
  const worst = addedLots > 0 ? sideLots(position, side) + addedLots : i64.MIN_VALUE;
  const global = load<u32>(O_GLOBAL_LIMITS);
  if (global != 0) {
    const open = isNew ? load<u32>(account, ACC_ORDERS_OPEN) + 1 : 0;
    const refusal = rowAsk(global, position, traded, priceTicks, qtyLots, open, worst);
    if (refusal != Refusal.None) return refusal;
  }
  if (isGlobalOnly) return Refusal.None;
  return rowsRefusal(account, strategy, position, traded, priceTicks, qtyLots, worst, isNew);
}

/** Lots of the position on the order's side if all open orders of that side filled. */
// @ts-ignore: decorator
@inline
function sideLots(position: usize, side: i32): i64 {
  const lots = load<i64>(position, POS_LOTS);
  const isBuy = side == Side.Buy;
  const open = load<i64>(position + select<i32>(POS_OPEN_BUY, POS_OPEN_SELL, isBuy));
  return select<i64>(lots, -lots, isBuy) + open;
}

/** The rows of all scopes but the global one. */
function rowsRefusal(
  account: usize,
  strategy: u32,
  position: usize,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  worst: i64,
  isNew: bool,
): i32 {
  const openOfAccount = isNew ? load<u32>(account, ACC_ORDERS_OPEN) + 1 : 0;
  const openOfPair = isNew ? load<u32>(position, POS_ORDERS_OPEN) + 1 : 0;
  let refusal: i32 = Refusal.None;
  let slot = load<u32>(account, ACC_LIMITS);
  if (slot != 0) {
    refusal = rowRefusal(slot, position, traded, priceTicks, qtyLots, openOfAccount, worst);
    if (refusal != Refusal.None) return refusal;
  }
  slot = strategy == 0 ? 0 : load<u32>(strategyAt(strategy), STR_LIMITS);
  if (slot != 0) {
    refusal = rowRefusal(slot, position, traded, priceTicks, qtyLots, openOfAccount, worst);
    if (refusal != Refusal.None) return refusal;
  }
  slot = load<u32>(traded, TRD_LIMITS);
  if (slot != 0) {
    refusal = rowRefusal(slot, position, traded, priceTicks, qtyLots, openOfPair, worst);
    if (refusal != Refusal.None) return refusal;
  }
  slot = load<u32>(position, POS_LIMITS);
  if (slot == 0) return Refusal.None;
  return rowRefusal(slot, position, traded, priceTicks, qtyLots, openOfPair, worst);
}

function rowRefusal(
  slot: u32,
  position: usize,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  openOrders: u32,
  worstLots: i64,
): i32 {
  return rowAsk(slot, position, traded, priceTicks, qtyLots, openOrders, worstLots);
}

/** One limits row; `openOrders` and `worstLots` are what they would be with the order. */
// @ts-ignore: decorator
@inline
function rowAsk(
  slot: u32,
  position: usize,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  openOrders: u32,
  worstLots: i64,
): i32 {
  const row = limitsAt(slot);
  const refusal: i32 = orderRefusal(row, traded, priceTicks, qtyLots);
  if (refusal != Refusal.None) return refusal;
  const orders = load<u32>(row, LIM_ORDERS_OPEN);
  if (openOrders > orders) return hit(Refusal.OpenOrdersLimit, orders);
  const most = load<i64>(row, LIM_POSITION);
  if (worstLots > most) return hit(Refusal.PositionLimit, most);
  const loss = load<i64>(row, LIM_LOSS);
  if (loss != 0 && isLossOver(row, position, traded, loss)) return hit(Refusal.LossLimit, loss);
  return Refusal.None;
}

/** The limits of one order by itself: quantity, notional, collar. */
// @ts-ignore: decorator
@inline
function orderRefusal(row: usize, traded: usize, priceTicks: i64, qtyLots: i64): Refusal {
  const qty = load<i64>(row, LIM_QTY);
  if (qtyLots > qty) return hit(Refusal.QtyLimit, qty);
  const notional = load<i64>(row, LIM_NOTIONAL);
  if (notional != 0 && countsMoney(row, traded)) {
    if (priceTicks == 0) return hit(Refusal.PriceUnknown, notional);
    const num = load<i64>(traded, TRD_NUM);
    const money = notionalMinor(priceTicks, qtyLots, num, load<i64>(traded, TRD_DEN), true);
    if (money < 0 || money > notional) return hit(Refusal.NotionalLimit, notional);
  }
  const collar = load<u32>(row, LIM_COLLAR_BPS);
  if (collar == 0) return Refusal.None;
  const reference = markTicks(traded);
  if (reference == 0 || priceTicks == 0) return hit(Refusal.PriceUnknown, collar);
  if (markIsStale(traded)) return hit(Refusal.PriceStale, collar);
  return isOutside(priceTicks, reference, collar) ? hit(Refusal.PriceCollar, collar) : Refusal.None;
}

// @ts-ignore: decorator
@inline
function countsMoney(row: usize, traded: usize): bool {
  const currency = load<u16>(row, LIM_CURRENCY);
  return currency == 0 || currency == load<u16>(traded, TRD_SETTLEMENT);
}

/** True when the day's realized and the present unrealized PnL together lost more than `loss`. */
// @ts-ignore: decorator
@inline
function isLossOver(row: usize, position: usize, traded: usize, loss: i64): bool {
  if (!countsMoney(row, traded)) return false;
  const currency = <u32>load<u16>(traded, TRD_SETTLEMENT);
  const balance = load<u32>(position, POS_BALANCE);
  const realized = balance == 0 ? 0 : realizedTodayMinor(balanceAt(balance));
  const total = realized + accountUnrealizedMinor(load<u32>(position, POS_ACCOUNT), currency);
  return total < -loss;
}
