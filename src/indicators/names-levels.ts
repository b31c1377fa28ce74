// What other libraries call our levels, and where their rules are not ours.
//
// tidy: tested by test/golden/levels.test.ts
import type { LibraryName } from "./names-statistics.ts";

/** Theirs has a value only where a swing was just confirmed: where our age equals `right`. */
export const LEVELS_NAMES: readonly LibraryName[] = [
  {
    ...{ library: "trading-signals", fn: "SwingHigh", name: "swinghigh" },
    ...{ settings: { lookback: "left+right" }, since: "later" },
  },
  {
    ...{ library: "trading-signals", fn: "SwingLow", name: "swinglow" },
    ...{ settings: { lookback: "left+right" }, since: "later" },
  },
  {
    ...{ library: "lean", fn: "PivotPointsHighLow", name: "swinghigh" },
    ...{ settings: { length: "left+right" }, since: "later" },
  },
  {
    ...{ library: "lean", fn: "VolumeProfile", name: "volumeprofile" },
    unsupported: "puts volume at closes rounded to five hundredths, ours into buckets of the range",
  },
];
