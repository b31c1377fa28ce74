// Orders of cash instruments: what they hold back of a balance, and what their fills move.
//
// A buy holds back quote: its lots at its worst price, and the dearest fee on that. A sell holds
// back its lots of the base. An unpriced buy is held at the price of the deepest order it would
// reach now, an armed one at its stop; when it is released that is asked again, and a balance that
// does not cover it ends it. A fill takes at most what its lots held back, so rounding never takes
// a balance below what the other orders hold: the house waives the fraction instead. The legs of a
// pair hold back together what they could cost at worst; see cash-pair.ts.
//
// tidy: tested by test/asm/orders/cash.test.ts
import { accountAt, ACCOUNT_HOUSE, ACC_FLAGS } from "../accounts/account";
import {
  balanceBook,
  balanceFind,
  balanceFree,
  balanceGain,
  balanceLend,
  balanceLock,
  balanceMove,
  balanceTake,
} from "../accounts/balance";
import { feeMinor, feeRateDearest } from "../accounts/fees";
import { l3After, l3First } from "../books/ladder";
import {
  FILLS_PER_COMMAND_MAX,
  LOCK_MINOR,
  LOCK_ROWS,
  LOCK_ROW_BYTES,
  O_LIMIT_VALUE,
  ORDER_COLD_LOCK,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_LEAVES,
  ORDER_ROW_POSITION,
  ORDER_ROW_PRICE,
  ORDER_ROW_SELF_TRADE,
  ORDER_ROW_SIDE,
  ORDER_ROW_TYPE,
  ORDER_TERMS_STOP,
} from "../layout";
import { productFits } from "../math/wide";
import { kindAt, KND_BASE, KND_BASE_MINOR, valueMinor } from "../positions/kind";
import { NOTIONAL_MINOR_MAX } from "../positions/notional";
import { positionAt, POS_BALANCE } from "../positions/position";
import {
  tradedAt,
  TRD_ASK_LOTS,
  TRD_ASK_TICKS,
  TRD_EXECUTION,
  TRD_ID,
  TRD_SELLS,
} from "../positions/traded";
import {
  Execution,
  OrderType,
  Refusal,
  SelfTrade,
  Side,
} from "../vocab";
import {
  locksWith,
  lockShare,
  lockWant,
  pairMinor,
  pairPart,
  pairWant,
  partnerOf,
  sharedWith,
} from "./cash-pair";
import { LINK_OCO, linksOf } from "./contingency";
import { lotsOf } from "./iceberg";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";
import { isRouted } from "./route";
import { routedTicks } from "./routed-cash";
import { hasPrice } from "./stop";

export const LCK_TICKS: i32 = 8; // i64, at which price; 0 = a sell, or nothing to reach
export const LCK_RATE: i32 = 16; // i64, parts per billion of the fee, of when the order came

/** Address of what an order holds back. */
// @ts-ignore: decorator
@inline
export function lockAt(slot: u32): usize {
  return <usize>LOCK_ROWS + <usize>slot * LOCK_ROW_BYTES;
}

/** Makes the balance of the base when it is missing; false when the table is full. */
export function cashReady(account: u32, traded: usize): bool {
  return balanceTake(account, load<u16>(kindAt(load<u32>(traded, TRD_ID)), KND_BASE)) != 0;
}

/** Slot of the balance an order of this side takes from. */
export function balanceOf(account: u32, position: usize, traded: usize, side: i32): u32 {
  if (side == Side.Buy) return load<u32>(position, POS_BALANCE);
  return balanceFind(account, load<u16>(kindAt(load<u32>(traded, TRD_ID)), KND_BASE));
}

/** What `lots` hold back at a price and fee rate, -1 when it does not fit. */
export function wantMinor(rate: i64, traded: usize, side: i32, priceTicks: i64, lots: i64): i64 {
  if (lots == 0) return 0;
  if (side == Side.Sell) {
    const minor = load<i64>(kindAt(load<u32>(traded, TRD_ID)), KND_BASE_MINOR);
    return productFits(lots, minor) && lots * minor <= NOTIONAL_MINOR_MAX ? lots * minor : -1;
  }
  if (priceTicks == 0) return 0;
  const value = valueMinor(traded, priceTicks, lots, true);
  if (value < 0) return -1;
  return value + feeMinor(value, rate);
}

/**
 * Refuses a new order the free balance does not cover; `other` is the order it would be a leg of a
 * pair with, 0 for none, `kind` LINK_OCO or LINK_OUO. The free balance is left in O_LIMIT_VALUE.
 * House accounts are not asked.
 */
export function cashRefusal(
  account: u32,
  position: usize,
  traded: usize,
  side: i32,
  priceTicks: i64,
  lots: i64,
  other: u32,
  kind: i32,
): i32 {
  const rate = feeRateDearest(accountAt(account));
  const want = wantMinor(rate, traded, side, priceTicks, lots);
  const partner = other != 0 && locksWith(other, side) ? other : 0;
  if (want < 0 || partner == 0) return coverRefusal(account, position, traded, side, want, 0);
  const all = pairMinor(kind, traded, side, want, priceTicks, rate, lots, partner);
  const held = load<i64>(lockAt(partner), LOCK_MINOR);
  return coverRefusal(account, position, traded, side, all, held);
}

/** Refuses `want` beyond the free balance and what is held back already, -1 for not fitting. */
function coverRefusal(
  account: u32,
  position: usize,
  traded: usize,
  side: i32,
  want: i64,
  heldMinor: i64,
): i32 {
  if (want < 0) return Refusal.NotionalOverflow;
  if ((load<u8>(accountAt(account), ACC_FLAGS) & ACCOUNT_HOUSE) != 0) return Refusal.None;
  const free = balanceFree(balanceOf(account, position, traded, side)) + heldMinor;
  if (want <= free) return Refusal.None;
  store<i64>(O_LIMIT_VALUE, free);
  return Refusal.BalanceInsufficient;
}

/** As `cashRefusal` for what an order would be after an amend, or a child after its release. */
export function cashAmendRefusal(slot: u32, priceTicks: i64, lots: i64): i32 {
  if (!isRouted(slot)) return changeRefusal(slot, priceTicks, lots, sharedWith(slot));
  // Until its venue answers, the order may be what it was or what was asked for.
  const most = max(lots, load<i64>(orderAt(slot), ORDER_ROW_LEAVES));
  return changeRefusal(slot, routedTicks(slot, priceTicks), most, 0);
}

function changeRefusal(slot: u32, priceTicks: i64, lots: i64, partner: u32): i32 {
  const order = orderAt(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const rate = rateOf(slot);
  let want = wantMinor(rate, traded, side, priceTicks, lots);
  let held = load<i64>(lockAt(slot), LOCK_MINOR);
  if (partner != 0) {
    held += load<i64>(lockAt(partner), LOCK_MINOR);
    const kind = linksOf(slot);
    if (want >= 0) want = pairMinor(kind, traded, side, want, priceTicks, rate, lots, partner);
  }
  return coverRefusal(account, position, traded, side, want, held);
}

/** Fee rate of when the order came, or of now when it holds back nothing yet. */
function rateOf(slot: u32): i64 {
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) != 0) return load<i64>(lockAt(slot), LCK_RATE);
  return feeRateDearest(accountAt(load<u32>(orderAt(slot), ORDER_ROW_ACCOUNT)));
}

/** Price of the deepest order a market buy would reach, 0 when it reaches none; outside the ask. */
export function reachTicks(account: u32, traded: usize, qtyLots: i64, rule: i32): i64 {
  if (load<u8>(traded, TRD_EXECUTION) != Execution.Internal) {
    return load<i64>(traded, TRD_ASK_LOTS) == 0 ? 0 : load<i64>(traded, TRD_ASK_TICKS);
  }
  const sells: usize = load<u32>(traded, TRD_SELLS);
  let ticks: i64 = 0;
  let left = qtyLots;
  let maker = l3First(sells);
  for (let step = 0; maker != 0 && left > 0 && step < FILLS_PER_COMMAND_MAX; step++) {
    const order = orderAt(maker);
    const isOwn = load<u32>(order, ORDER_ROW_ACCOUNT) == account && rule != SelfTrade.Allow;
    if (!isOwn) {
      ticks = load<i64>(order, ORDER_ROW_PRICE);
      left -= lotsOf(maker);
    }
    maker = l3After(sells, maker);
  }
  return ticks;
}

/** The price at which an open order is held: its limit, its stop, or what its lots would reach. */
export function heldTicks(slot: u32, traded: usize, lots: i64): i64 {
  const order = orderAt(slot);
  if (load<u8>(order, ORDER_ROW_SIDE) == Side.Sell) return 0;
  if (hasPrice(<i32>load<u8>(order, ORDER_ROW_TYPE))) return load<i64>(order, ORDER_ROW_PRICE);
  if (load<u8>(order, ORDER_ROW_TYPE) != OrderType.Market) {
    return load<i64>(orderTermsAt(slot), ORDER_TERMS_STOP);
  }
  const rule = <i32>load<u8>(order, ORDER_ROW_SELF_TRADE);
  return reachTicks(load<u32>(order, ORDER_ROW_ACCOUNT), traded, lots, rule);
}

/** Holds back for a new order, or anew for one whose lots or price have changed. */
export function cashHold(slot: u32): void {
  const traded = tradedAt(load<u32>(orderAt(slot), ORDER_ROW_INSTRUMENT));
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) == 0) {
    // Rates that are raised later hold nothing more back: nobody asked whether it is there.
    store<i64>(lockAt(slot), rateOf(slot), LCK_RATE);
  }
  store<u8>(orderColdAt(slot), 1, ORDER_COLD_LOCK);
  const lots = load<i64>(orderAt(slot), ORDER_ROW_LEAVES);
  store<i64>(lockAt(slot), heldTicks(slot, traded, lots), LCK_TICKS);
  cashKeep(slot);
}

/** Holds back what the leaves need at the price they are held at, of a pair for both legs. */
export function cashKeep(slot: u32): void {
  const partner = partnerOf(slot);
  if (partner == 0) lockShare(slot, 0, lockWant(slot));
  else lockShare(slot, partner, pairWant(slot, partner, linksOf(slot), lotsOf(partner)));
}

/** As `cashKeep` for what is left once a fill or trigger is settled; returns what was let go. */
function keepSettled(slot: u32): i64 {
  const partner = partnerOf(slot);
  if (partner == 0) return lockShare(slot, 0, lockWant(slot));
  const kind = linksOf(slot);
  const left = (kind & LINK_OCO) != 0 ? 0 : min(lotsOf(partner), lotsOf(slot));
  return lockShare(slot, partner, pairWant(slot, partner, kind, left));
}

/** The trigger of an OCO leg ends the other, and what both held back is its own. */
function triggerRefusal(slot: u32, ticks: i64, lots: i64): i32 {
  const partner = partnerOf(slot);
  if (partner == 0 || (linksOf(slot) & LINK_OCO) == 0) return cashAmendRefusal(slot, ticks, lots);
  const other = lockAt(partner);
  const own = lockAt(slot);
  const shared = load<i64>(other, LOCK_MINOR);
  store<i64>(own, load<i64>(own, LOCK_MINOR) + shared, LOCK_MINOR);
  store<i64>(other, 0, LOCK_MINOR);
  return changeRefusal(slot, ticks, lots, 0);
}

/** A market order from now on: true when the free balance covers what it would reach. */
export function cashRelease(slot: u32, traded: usize): bool {
  const order = orderAt(slot);
  const leaves = load<i64>(order, ORDER_ROW_LEAVES);
  const ticks = heldTicks(slot, traded, leaves);
  const refusal = triggerRefusal(slot, ticks, leaves);
  store<i64>(O_LIMIT_VALUE, 0);
  if (refusal != Refusal.None) return false;
  store<i64>(lockAt(slot), ticks, LCK_TICKS);
  if ((linksOf(slot) & LINK_OCO) != 0) keepSettled(slot);
  else cashKeep(slot);
  return true;
}

/** Counts what an open order holds back as free (-1), or as held again (1); nobody is told. */
export function cashCount(slot: u32, by: i32): void {
  const order = orderAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const balance = balanceOf(account, position, traded, load<u8>(order, ORDER_ROW_SIDE));
  balanceLend(balance, load<i64>(lockAt(slot), LOCK_MINOR) * <i64>by);
}

/** Lets go what a closed order still held back. */
export function cashLeave(slot: u32): void {
  const order = orderAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const balance = balanceOf(account, position, traded, load<u8>(order, ORDER_ROW_SIDE));
  pairPart(slot);
  const row = lockAt(slot);
  balanceLock(balance, -load<i64>(row, LOCK_MINOR));
  store<i64>(row, 0, LOCK_MINOR);
  store<i64>(row, 0, LCK_TICKS);
  store<i64>(row, 0, LCK_RATE);
  store<u8>(orderColdAt(slot), 0, ORDER_COLD_LOCK);
}

/**
 * Moves base and quote for a fill whose order's leaves are already less. Returns the fee taken, in
 * the quote: what a buy held back for these lots is all that they and their fee may cost.
 */
export function cashFill(
  slot: u32,
  traded: usize,
  priceTicks: i64,
  qtyLots: i64,
  realizedMinor: i64,
  feeMinor: i64,
): i64 {
  const order = orderAt(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const isBuy = load<u8>(order, ORDER_ROW_SIDE) == Side.Buy;
  const row = kindAt(load<u32>(traded, TRD_ID));
  const base = balanceFind(account, load<u16>(row, KND_BASE));
  const quote = load<u32>(position, POS_BALANCE);
  const baseMinor = qtyLots * load<i64>(row, KND_BASE_MINOR);
  const value = valueMinor(traded, priceTicks, qtyLots, isBuy);
  const most = keepSettled(slot);
  const paid = isBuy ? min(value, most) : value;
  const fee = min(feeMinor, isBuy ? most - paid : value);
  balanceMove(base, isBuy ? baseMinor : -baseMinor);
  balanceMove(quote, isBuy ? -paid : paid);
  balanceGain(quote, realizedMinor);
  balanceBook(quote, 0, fee);
  return fee;
}
