// Legs: the long and the short position a hedging account holds side by side in one instrument.
//
// Each leg is a position row of its own that only its own side opens and only the other side
// closes. It never crosses zero, so what could still close it adds nothing to its worst case.
//
// tidy: tested by test/asm/orders/leg.test.ts
import { PositionSide, Side } from "../vocab";
import { POS_LOTS, POS_OPEN_BUY, POS_OPEN_SELL, POS_SIDE } from "./position";

// A leg is opened by the side of its number, which the functions below rely on.
if (<i32>PositionSide.Long != <i32>Side.Buy || <i32>PositionSide.Short != <i32>Side.Sell) {
  ERROR("a leg has the number of the side that opens it");
}

/** True when an order of this side closes the leg; never of a netted position (leg 0). */
// @ts-ignore: decorator
@inline
export function isClosing(leg: i32, side: i32): bool {
  return leg != PositionSide.None && leg != side;
}

/** As `isClosing`, of the position row at `position`. */
// @ts-ignore: decorator
@inline
export function closesLeg(position: usize, side: i32): bool {
  return isClosing(<i32>load<u8>(position, POS_SIDE), side);
}

/** Lots of a leg if all orders that open it fill, with `added` more of `side`. */
export function legWorstLots(position: usize, leg: i32, side: i32, added: i64): i64 {
  const lots = load<i64>(position, POS_LOTS);
  const open = load<i64>(position + (leg == PositionSide.Long ? POS_OPEN_BUY : POS_OPEN_SELL));
  return (lots < 0 ? -lots : lots) + open + (side == leg ? added : 0);
}
