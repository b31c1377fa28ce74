// Price bands: how far from a reference an order's price, or a market order's trade, may lie.
//
// tidy: tested by test/asm/orders/band.test.ts
import { PRICE_TICKS_MAX } from "../positions/notional";
import { GUARD_STATIC, markTicks, TRD_GUARD, TRD_REFERENCE_TICKS } from "../positions/traded";

const BPS: i64 = 10000;
/** From here on a band holds nothing back, and its product could leave 64 bits. */
const BAND_BPS_MAX: u32 = 1 << 20;

/** The price the band lies around, in ticks: the mark, or the spec's own; 0 = there is no band. */
// @ts-ignore: decorator
@inline
export function bandReferenceTicks(traded: usize): i64 {
  const isStatic = (<i32>load<u8>(traded, TRD_GUARD) & GUARD_STATIC) != 0;
  return isStatic ? load<i64>(traded, TRD_REFERENCE_TICKS) : markTicks(traded);
}

/** Ticks from the reference to the last price inside the band, rounded down. */
export function bandReach(referenceTicks: i64, bps: u32): i64 {
  if (bps >= BAND_BPS_MAX) return PRICE_TICKS_MAX;
  // Split so that nothing overflows and nothing is rounded twice.
  const whole = referenceTicks / BPS;
  const rest = referenceTicks - whole * BPS;
  return whole * <i64>bps + (rest * <i64>bps) / BPS;
}
