// What lots pay at a funding: their value at the mark times the rate.
//
// Rounded against whoever holds them twice, value and payment, so that what is left over is never
// made of nothing. The same for a position and for a strategy's part of one.
//
// tidy: tested by test/asm/orders/funding.test.ts
import { mulDiv64 } from "../math/wide";
import { valueMinor } from "./kind";
import { NOTIONAL_MINOR_MAX } from "./notional";

/** Rates are in parts of this. */
export const PER_TRILLION: i64 = 1000000000000;

/** Value of signed `lots` at `ticks`, minor units: up for who pays at this rate, else down. */
export function interestValue(traded: usize, lots: i64, ticks: i64, rate: i64): i64 {
  const isPaying = lots > 0 == rate > 0;
  const value = valueMinor(traded, ticks, lots > 0 ? lots : -lots, isPaying);
  // Orders were checked at other prices; a value no order could have counts as the largest.
  return value < 0 ? NOTIONAL_MINOR_MAX : value;
}

/** What signed `lots` of that value pay, minor units; negative when they are paid. */
export function interestMinor(lots: i64, value: i64, rate: i64): i64 {
  const isPaying = lots > 0 == rate > 0;
  const parts = rate > 0 ? rate : -rate;
  return -mulDiv64(isPaying ? -value : value, parts, PER_TRILLION);
}
