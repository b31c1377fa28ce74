// What the two legs of a pair of a cash instrument hold back together: the worst case, once.
//
// Legs of one side take from one balance, and pairs are settled after each trade, before anything
// else can trade. Of an OCO pair only one leg ever fills: it holds back the dearer one. Of an OUO
// pair both may, but a fill leaves the other no more than the first has left, so all that ever
// trades is the larger leg's lots: those the legs have in common at the dearer leg's price, the
// rest at its own. A fill of q lots takes from that sum what it leaves less, which is at least the
// q lots' own cost; so the sum covers every order of fills, by induction. Legs of two sides take
// from two balances and hold back each for itself.
//
// The sum lies in the two rows: the leg that changed last has its own want, the other the rest.
//
// tidy: tested by test/asm/orders/cash-pair.test.ts
import { balanceLend, balanceLock } from "../accounts/balance";
import {
  LOCK_MINOR,
  ORDER_COLD_LOCK,
  ORDER_ROW_ACCOUNT,
  ORDER_ROW_INSTRUMENT,
  ORDER_ROW_POSITION,
  ORDER_ROW_SIDE,
  ORDER_TERMS_SIBLING,
} from "../layout";
import { positionAt } from "../positions/position";
import { tradedAt } from "../positions/traded";
import { balanceOf, LCK_RATE, LCK_TICKS, lockAt, wantMinor } from "./cash";
import { LINK_OCO, LINK_PAIR, linksOf } from "./contingency";
import { lotsOf } from "./iceberg";
import { orderAt, orderColdAt, orderTermsAt } from "./pool";

/** True when an order holds back from the balance a leg of `side` would. */
export function locksWith(slot: u32, side: i32): bool {
  if (load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) == 0) return false;
  return <i32>load<u8>(orderAt(slot), ORDER_ROW_SIDE) == side;
}

/** The other leg of its pair if both hold back from one balance, else 0. */
export function partnerOf(slot: u32): u32 {
  return load<u8>(orderColdAt(slot), ORDER_COLD_LOCK) == 0 ? 0 : sharedWith(slot);
}

/** The other leg of its pair if that holds back what this one would too, else 0. */
export function sharedWith(slot: u32): u32 {
  if ((linksOf(slot) & LINK_PAIR) == 0) return 0;
  const sibling = load<u32>(orderTermsAt(slot), ORDER_TERMS_SIBLING);
  return locksWith(sibling, load<u8>(orderAt(slot), ORDER_ROW_SIDE)) ? sibling : 0;
}

/** What an order holds back for itself. */
export function lockWant(slot: u32): i64 {
  return wantOf(slot, lotsOf(slot));
}

function wantOf(slot: u32, lots: i64): i64 {
  const order = orderAt(slot);
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const row = lockAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const want = wantMinor(load<i64>(row, LCK_RATE), traded, side, load<i64>(row, LCK_TICKS), lots);
  assert(want >= 0, "what an open order holds back was checked");
  return want;
}

/**
 * What a leg of `lots` at a price and fee rate, alone worth `want`, and an open leg hold back
 * together; `kind` has LINK_OCO or not.
 */
export function pairMinor(
  kind: i32,
  traded: usize,
  side: i32,
  want: i64,
  priceTicks: i64,
  rate: i64,
  lots: i64,
  other: u32,
): i64 {
  const otherLots = lotsOf(other);
  if ((kind & LINK_OCO) != 0) return max(want, wantOf(other, otherLots));
  if (lots <= otherLots) {
    return max(want, wantOf(other, lots)) + wantOf(other, otherLots - lots);
  }
  const common = wantMinor(rate, traded, side, priceTicks, otherLots);
  const rest = wantMinor(rate, traded, side, priceTicks, lots - otherLots);
  return max(common, wantOf(other, otherLots)) + rest;
}

/** What two open legs hold back together, the second having `otherLots` left. */
export function pairWant(slot: u32, other: u32, kind: i32, otherLots: i64): i64 {
  const lots = lotsOf(slot);
  if ((kind & LINK_OCO) != 0) return max(wantOf(slot, lots), wantOf(other, otherLots));
  const common = min(lots, otherLots);
  const rest = lots > common ? wantOf(slot, lots - common) : wantOf(other, otherLots - common);
  return max(wantOf(slot, common), wantOf(other, common)) + rest;
}

/** Holds back `total` for an order and its partner, 0 for none; returns what was let go. */
export function lockShare(slot: u32, partner: u32, total: i64): i64 {
  const row = lockAt(slot);
  let before = load<i64>(row, LOCK_MINOR);
  if (partner == 0) store<i64>(row, total, LOCK_MINOR);
  else before += shareOut(slot, partner, total);
  const order = orderAt(slot);
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  balanceLock(balanceOf(account, position, traded, side), total - before);
  return before - total;
}

/** Writes the rows of both; returns what the partner's said. */
function shareOut(slot: u32, partner: u32, total: i64): i64 {
  const other = lockAt(partner);
  const before = load<i64>(other, LOCK_MINOR);
  const own = min(lockWant(slot), total);
  store<i64>(lockAt(slot), own, LOCK_MINOR);
  store<i64>(other, total - own, LOCK_MINOR);
  return before;
}

/** Two legs that are about to part hold back each for itself; nobody is told, one of them ends. */
export function pairPart(slot: u32): void {
  const partner = partnerOf(slot);
  if (partner == 0) return;
  const total = lockWant(slot) + lockWant(partner);
  lend(slot, partner, total);
}

/** Two open legs that are a pair again hold back together. */
export function pairJoin(slot: u32): void {
  const partner = partnerOf(slot);
  if (partner != 0) lend(slot, partner, pairWant(slot, partner, linksOf(slot), lotsOf(partner)));
}

function lend(slot: u32, partner: u32, total: i64): void {
  const before = load<i64>(lockAt(slot), LOCK_MINOR) + shareOut(slot, partner, total);
  const order = orderAt(slot);
  const position = positionAt(load<u32>(order, ORDER_ROW_POSITION));
  const traded = tradedAt(load<u32>(order, ORDER_ROW_INSTRUMENT));
  const account = load<u32>(order, ORDER_ROW_ACCOUNT);
  const balance = balanceOf(account, position, traded, load<u8>(order, ORDER_ROW_SIDE));
  balanceLend(balance, total - before);
}
