// Orders of a book with a price band: nothing a market order does trades outside of it.
//
// The band lies around the mark, or around the spec's reference price (SpecFlag.BandStatic), as it
// is when the order begins to trade. Orders whose limit is outside are refused before they get here
// (PriceOutsideBand). A market order, also one that a trigger released, trades up to the band and
// what is left is canceled. Under SpecFlag.VolatilityHalt every order is held to it, and a trade
// that would leave the band halts the instrument instead; the book may cross then, so only an
// auction ends the halt.
//
// tidy: tested by test/asm/orders/band.test.ts
import { l3Best, NO_RANK } from "../books/ladder";
import { ORDER_ROW_PRICE, ORDER_ROW_SIDE, ORDER_ROW_TYPE } from "../layout";
import { GUARD_VOLATILITY, TRD_BAND_BPS, TRD_GUARD } from "../positions/traded";
import { bandReach, bandReferenceTicks } from "../risk/band";
import { InstrumentPhase, OrderType, Refusal, Side } from "../vocab";
import { restingSide } from "./close";
import { couldFillTo, crossingRank, matchTo } from "./match";
import { phaseMove } from "./phase";
import { orderAt } from "./pool";

/** Worst rank of the other side the order may trade with by its own limit. */
function limitRank(slot: u32): i64 {
  const order = orderAt(slot);
  const side = <i32>load<u8>(order, ORDER_ROW_SIDE);
  const type = <i32>load<u8>(order, ORDER_ROW_TYPE);
  return crossingRank(side, type, load<i64>(order, ORDER_ROW_PRICE));
}

/** True when the band holds this order's trades; with a reference there is a band. */
function isHeld(slot: u32, traded: usize): bool {
  const isMarket = load<u8>(orderAt(slot), ORDER_ROW_TYPE) == OrderType.Market;
  const isAll = ((<i32>load<u8>(traded, TRD_GUARD)) & GUARD_VOLATILITY) != 0;
  return (isMarket || isAll) && bandReferenceTicks(traded) > 0;
}

/** Rank of the other side at the band's far end for the order: the worst price it may pay. */
function bandRank(slot: u32, traded: usize, isFar: bool): i64 {
  const reference = bandReferenceTicks(traded);
  const reach = bandReach(reference, load<u32>(traded, TRD_BAND_BPS));
  const isBuy = load<u8>(orderAt(slot), ORDER_ROW_SIDE) == Side.Buy;
  const isUpper = isBuy == isFar;
  const price = isUpper ? reference + reach : reference - reach;
  return isBuy ? -price : price;
}

/** The other side of the book the order trades with. */
function otherBook(slot: u32, traded: usize): usize {
  const isBuy = load<u8>(orderAt(slot), ORDER_ROW_SIDE) == Side.Buy;
  return restingSide(traded, isBuy ? Side.Sell : Side.Buy);
}

/** As `matchInternal`, inside the band; false when the order is closed after. */
export function matchBanded(slot: u32, traded: usize): bool {
  const limit = limitRank(slot);
  if (!isHeld(slot, traded)) return matchTo(slot, traded, limit);
  const worst = bandRank(slot, traded, true);
  const resting = otherBook(slot, traded);
  // Who is better than the near end is outside too; nobody behind may trade before him.
  if (l3Best(resting) <= bandRank(slot, traded, false)) {
    if (!matchTo(slot, traded, max(limit, worst))) return false;
  }
  const isVolatile = ((<i32>load<u8>(traded, TRD_GUARD)) & GUARD_VOLATILITY) != 0;
  if (isVolatile && l3Best(resting) != NO_RANK && l3Best(resting) >= limit) {
    phaseMove(traded, InstrumentPhase.Halted, Refusal.PriceOutsideBand);
  }
  return true;
}

/** As `couldFillWhole`, inside the band. */
export function couldFillBanded(slot: u32, traded: usize): bool {
  const limit = limitRank(slot);
  if (!isHeld(slot, traded)) return couldFillTo(slot, traded, limit);
  if (l3Best(otherBook(slot, traded)) > bandRank(slot, traded, false)) return false;
  return couldFillTo(slot, traded, max(limit, bandRank(slot, traded, true)));
}
