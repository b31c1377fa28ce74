// An average whose sort the user chooses.
// tidy: tested by test/asm/indicators/families.test.ts
import { emaFirstStage, emaStage } from "./smooth";
import { sumStage, WEIGHTED_BASE_BYTES, weightedStage } from "./window";

/** Sorts, in the order of the choice `average` (src/indicators/entry.ts). */
export const AVERAGE_EMA: i32 = 0;
export const AVERAGE_SMA: i32 = 1;
export const AVERAGE_WMA: i32 = 2;
/** Exponential, begun with its first input. */
export const AVERAGE_EMA_FIRST: i32 = 3;

/** Bytes of a stage of any sort beside 8 for each step of the period. */
export const AVERAGE_BASE_BYTES: i32 = WEIGHTED_BASE_BYTES;

/** A stage as in window.ts; it means something from input number `period` on. */
export function averageStage(
  s: usize,
  value: f64,
  n: i32,
  period: i32,
  sort: i32,
  keep: bool,
): f64 {
  switch (sort) {
    case AVERAGE_EMA:
      return emaStage(s, value, n, period, keep);
    case AVERAGE_SMA:
      return sumStage(s, value, period, keep) / <f64>period;
    case AVERAGE_WMA: {
      const weights = <f64>period * <f64>(period + 1);
      return (2 * weightedStage(s, value, n, period, keep)) / weights;
    }
    default:
      assert(sort == AVERAGE_EMA_FIRST, "an average has a sort");
      return emaFirstStage(s, value, n, 2 / <f64>(period + 1), keep);
  }
}
