// The one price of an auction: most volume, then least surplus, then market pressure (all
// candidates leave buys: the highest, sells: the lowest), then nearest to the reference, or lower.
//
// Candidates are the limit prices in the book. Levels are taken as in trading, the shorter side's
// next one as long as it crosses, so the sweep touches what would trade and one level beyond. Let V
// be the volume then: every price between the last level of each side trades V. If one side has
// more than V, its surplus is the least at the end of that range; if both have V exactly, a price
// at which no further level counts leaves nothing, else the next level of one side is the surplus.
// So O(levels that trade); with icebergs, whose hidden lots no level knows, O(orders in them).
//
// tidy: tested by test/asm/orders/auction.test.ts
import { l3First, l3LevelLots, l3NextLevel, l3Rank } from "../books/ladder";
import {
  AUCTION_ROWS,
  AUCTION_ROW_BYTES,
  AUC_BUY_LOTS,
  AUC_FOUND_LOTS,
  AUC_FOUND_PRICE,
  AUC_FOUND_SURPLUS,
  AUC_HIDDEN,
  AUC_REFERENCE,
  AUC_SELL_LOTS,
  O_VISITS,
  ORDER_ROW_NEXT,
  ORDER_ROW_PRICE,
} from "../layout";
import {
  TRD_BUYS,
  TRD_ID,
  TRD_LAST_TICKS,
  TRD_REFERENCE_TICKS,
  TRD_SELLS,
} from "../positions/traded";
import { lotsOf } from "./iceberg";
import { orderAt } from "./pool";

/** Price of a market buy; of a market sell its negative. */
const MARKET: i64 = i64.MAX_VALUE;

/** Address of an instrument's auction row. */
// @ts-ignore: decorator
@inline
export function auctionAt(traded: usize): usize {
  return <usize>AUCTION_ROWS + <usize>load<u32>(traded, TRD_ID) * AUCTION_ROW_BYTES;
}

/** What ties go to: the price given with the auction, the last trade, the spec's; 0 = none. */
export function auctionReference(traded: usize): i64 {
  const given = load<i64>(auctionAt(traded), AUC_REFERENCE);
  if (given != 0) return given;
  const last = load<i64>(traded, TRD_LAST_TICKS);
  return last != 0 ? last : load<i64>(traded, TRD_REFERENCE_TICKS);
}

/**
 * Finds price, lots and surplus (> 0 buys) and leaves them in the row's AUC_FOUND fields; all are 0
 * when nothing trades. False, and nothing found, when that takes more than `visitsMax` looks.
 */
export function priceFind(traded: usize, visitsMax: u32): bool {
  const row = auctionAt(traded);
  const buys: usize = load<u32>(traded, TRD_BUYS);
  const sells: usize = load<u32>(traded, TRD_SELLS);
  const slow = load<i64>(row, AUC_HIDDEN) != 0;
  let demand = load<i64>(row, AUC_BUY_LOTS);
  let supply = load<i64>(row, AUC_SELL_LOTS);
  let high = MARKET;
  let low = -MARKET;
  let buy = l3First(buys);
  let sell = l3First(sells);
  store<u32>(O_VISITS, 0);
  while (load<u32>(O_VISITS) <= visitsMax) {
    if (demand <= supply) {
      // Lots too many lie in the last level of the other side; if there are none, in its next one.
      const meets = demand < supply ? low : sell == 0 ? MARKET : ticksOf(sell);
      if (buy == 0 || ticksOf(buy) < meets) break;
      high = ticksOf(buy);
      demand += levelLots(buys, buy, slow, visitsMax);
      buy = levelAfter(buys, buy, visitsMax);
    } else {
      if (sell == 0 || ticksOf(sell) > high) break;
      low = ticksOf(sell);
      supply += levelLots(sells, sell, slow, visitsMax);
      sell = levelAfter(sells, sell, visitsMax);
    }
  }
  const nextBuy = buy == 0 ? 0 : levelLots(buys, buy, slow, visitsMax);
  const nextSell = sell == 0 ? 0 : levelLots(sells, sell, slow, visitsMax);
  if (load<u32>(O_VISITS) > visitsMax) return false;
  const lots = min(demand, supply);
  if (lots == 0) return found(row, 0, 0, 0);
  if (demand > lots) return buysLeft(traded, lots, demand - lots, high, low, buy, nextBuy);
  if (supply > lots) return sellsLeft(traded, lots, supply - lots, high, low, sell, nextSell);
  return noneLeft(traded, lots, high, low, buy, sell, nextBuy, nextSell);
}

// @ts-ignore: decorator
@inline
function ticksOf(slot: u32): i64 {
  return load<i64>(orderAt(slot), ORDER_ROW_PRICE);
}

/** All lots of the level that begins with `slot`. */
function levelLots(side: usize, slot: u32, slow: bool, visitsMax: u32): i64 {
  store<u32>(O_VISITS, load<u32>(O_VISITS) + 1);
  const known = l3LevelLots(side, slot);
  if (known >= 0 && !slow) return known;
  const rank = l3Rank(side, slot);
  let lots: i64 = 0;
  let at = slot;
  while (at != 0 && l3Rank(side, at) == rank) {
    lots += lotsOf(at);
    at = load<u32>(orderAt(at), ORDER_ROW_NEXT);
    const visits = load<u32>(O_VISITS) + 1;
    store<u32>(O_VISITS, visits);
    if (visits > visitsMax) return lots;
  }
  return lots;
}

/** First order of the level behind the one that begins with `slot`, 0 if it is the last. */
function levelAfter(side: usize, slot: u32, visitsMax: u32): u32 {
  if (l3LevelLots(side, slot) >= 0) return l3NextLevel(side, slot);
  const rank = l3Rank(side, slot);
  let at = slot;
  while (at != 0 && l3Rank(side, at) == rank) {
    at = load<u32>(orderAt(at), ORDER_ROW_NEXT);
    const visits = load<u32>(O_VISITS) + 1;
    store<u32>(O_VISITS, visits);
    if (visits > visitsMax) return 0;
  }
  return at;
}

function found(row: usize, priceTicks: i64, lots: i64, surplus: i64): bool {
  const isNone = priceTicks == 0;
  store<i64>(row, priceTicks, AUC_FOUND_PRICE);
  store<i64>(row, isNone ? 0 : lots, AUC_FOUND_LOTS);
  store<i64>(row, isNone ? 0 : surplus, AUC_FOUND_SURPLUS);
  return true;
}

/** Buys are left at every price: the highest candidate leaves the fewest. */
function buysLeft(
  traded: usize,
  lots: i64,
  surplus: i64,
  high: i64,
  low: i64,
  buy: u32,
  nextLots: i64,
): bool {
  const row = auctionAt(traded);
  if (high != MARKET) return found(row, high, lots, surplus);
  if (buy != 0 && ticksOf(buy) >= low) return found(row, ticksOf(buy), lots, surplus + nextLots);
  const price = low != -MARKET ? low : auctionReference(traded);
  return found(row, price, lots, surplus);
}

/** Sells are left at every price: the lowest candidate leaves the fewest. */
function sellsLeft(
  traded: usize,
  lots: i64,
  surplus: i64,
  high: i64,
  low: i64,
  sell: u32,
  nextLots: i64,
): bool {
  const row = auctionAt(traded);
  if (low != -MARKET) return found(row, low, lots, -surplus);
  if (sell != 0 && ticksOf(sell) <= high) {
    return found(row, ticksOf(sell), lots, -surplus - nextLots);
  }
  const price = high != MARKET ? high : auctionReference(traded);
  return found(row, price, lots, -surplus);
}

/** Both sides have the same lots to trade: what lies next decides. */
function noneLeft(
  traded: usize,
  lots: i64,
  high: i64,
  low: i64,
  buy: u32,
  sell: u32,
  nextBuy: i64,
  nextSell: i64,
): bool {
  const row = auctionAt(traded);
  const below = buy == 0 ? -MARKET : ticksOf(buy);
  const above = sell == 0 ? MARKET : ticksOf(sell);
  const isLow = low > below;
  const isHigh = high < above;
  if (isLow || isHigh) {
    const lower = isLow ? low : high;
    return found(row, nearer(traded, lower, isHigh ? high : low), lots, 0);
  }
  const hasBuy = buy != 0 && below >= low;
  const hasSell = sell != 0 && above <= high;
  if (!hasBuy && !hasSell) return found(row, auctionReference(traded), lots, 0);
  if (hasBuy && (!hasSell || nextBuy < nextSell)) return found(row, below, lots, nextBuy);
  if (hasSell && (!hasBuy || nextSell < nextBuy)) return found(row, above, lots, -nextSell);
  return tie(traded, lots, high, low, buy, sell, nextBuy);
}

/** The same surplus of buys below and of sells above; the ends of the range may share it. */
function tie(
  traded: usize,
  lots: i64,
  high: i64,
  low: i64,
  buy: u32,
  sell: u32,
  surplus: i64,
): bool {
  const below = ticksOf(buy);
  const above = ticksOf(sell);
  const isLow = low != -MARKET && !hasLevel(load<u32>(traded, TRD_BUYS), buy, low);
  const isHigh = high != MARKET && !hasLevel(load<u32>(traded, TRD_SELLS), sell, -high);
  const bought = isLow ? nearer(traded, low, below) : below;
  const sold = isHigh ? nearer(traded, above, high) : above;
  const price = nearer(traded, bought, sold);
  return found(auctionAt(traded), price, lots, price == bought ? surplus : -surplus);
}

/** True when the level behind the one of `slot` is at `rank` or better. */
function hasLevel(side: usize, slot: u32, rank: i64): bool {
  const next = levelAfter(side, slot, u32.MAX_VALUE);
  return next != 0 && l3Rank(side, next) >= rank;
}

/** The nearer of two prices to the reference, the lower when they are as near. */
function nearer(traded: usize, lower: i64, higher: i64): i64 {
  const reference = auctionReference(traded);
  const down = reference > lower ? reference - lower : lower - reference;
  const up = reference > higher ? reference - higher : higher - reference;
  return down <= up ? lower : higher;
}
